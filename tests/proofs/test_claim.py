from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from proofs import claims
from proofs.claim import Check, Claim, Mark, Obligation, Theorem, expect
from proofs.evaluate import evaluate
from proofs.systems import SYSTEMS
from proofs.terms import (
    Term,
    constant,
    fold,
    greatest,
    iff,
    relu,
    sequence,
    summation,
    variable,
    variables,
)
from proofs.verdict import Verdict

a, b, n, m, s, i, j = variables("a b n m s i j")
x = sequence("x")
INTEGER = SYSTEMS["integer"]
TRUE = Theorem(a.maximum(b) == relu(a - b) + b)
CHECK = Check("looked", "certificate", lambda: "fine", Verdict.TESTED, ("real",))


INDUCTIVE = [
    part
    for claim in claims().values()
    for part in claim.theorems
    if part.inductive
    and not part.cross_check
    and "integer" in ([part.judged_in] if part.judged_in else part.systems or claim.expected)
]


def _shown(obligations: tuple[Obligation, ...]) -> list[tuple[str, list[str], str]]:
    return [(o.label, [repr(p) for p in o.premises], repr(o.goal)) for o in obligations]


def _claim(**changed: Any) -> Claim:
    given: dict[str, Any] = dict(
        module="some_claim",
        title="Something is so.",
        why="Because.",
        source="here",
        parts=(TRUE, CHECK),
        expected=expect(Verdict.PROVED, "real integer"),
        mutants={"one": TRUE, "two": TRUE},
        generality="all",
    )
    return Claim(**{**given, **changed})


def test_a_theorem_without_a_sum_is_one_obligation() -> None:
    """Premises are the domain first, then the assumptions."""
    theorem = Theorem(a <= b, given=(a < b,), where=(n >= 1,))
    assert not theorem.inductive
    assert _shown(theorem.obligations()) == [("", ["1 ≤ n", "a < b"], "a ≤ b")]
    assert theorem.variables == ("n", "a", "b")


def test_induction_is_a_base_and_a_step() -> None:
    """Σ i = m(m − 1)/2, with the step from a count of at least 0."""
    theorem = Theorem(summation(i, m, i) == m * (m - 1) // 2)
    assert theorem.inductive
    assert theorem.variables == ("m",)
    assert _shown(theorem.obligations()) == [
        ("base m = 0", [], "0·(0 − 1) // 2 = 0"),
        ("step m → m + 1", ["0 ≤ m"], "(m + 1)·(m + 1 − 1) // 2 = m·(m − 1) // 2 + m"),
    ]


def test_induction_drops_premises_about_the_count() -> None:
    """A premise that speaks of the count would weaken the induction hypothesis."""
    theorem = Theorem(
        summation(i, m, s * i) == s * m, where=(s >= 1, m >= 0), given=(m <= n, n <= s)
    )
    for obligation in theorem.obligations():
        assert [repr(p) for p in obligation.premises[:2]] == ["1 ≤ s", "n ≤ s"]
    assert [len(o.premises) for o in theorem.obligations()] == [2, 3]


def test_sums_of_one_shape_are_split_by_linearity() -> None:
    """Σ(f + g − h) = F + G − H becomes three inductions, told apart by their labels."""
    theorem = Theorem(summation(i, m, i + s - 1) == m * n + s * m - m)
    assert _shown(theorem.obligations()) == [
        ("term 1 of 3, base m = 0", [], "0·n = 0"),
        ("term 1 of 3, step m → m + 1", ["0 ≤ m"], "(m + 1)·n = m·n + m"),
        ("term 2 of 3, base m = 0", [], "s·0 = 0"),
        ("term 2 of 3, step m → m + 1", ["0 ≤ m"], "s·(m + 1) = s·m + s"),
        ("term 3 of 3, base m = 0", [], "0 = 0"),
        ("term 3 of 3, step m → m + 1", ["0 ≤ m"], "m + 1 = m + 1"),
    ]


def test_sums_of_different_shape_are_not_split() -> None:
    """A sum against a difference stays whole, and so does a product."""
    for conclusion in (summation(i, m, i + s) == m - s, summation(i, m, i * s) == m + s):
        assert len(Theorem(conclusion).obligations()) == 2


@pytest.mark.parametrize(
    "theorem",
    INDUCTIVE,
    ids=lambda theorem: theorem.name,
)
def test_obligations_hold_where_the_theorem_does(theorem: Theorem) -> None:
    """Base and step of the closed forms hold on small numbers, tried one by one."""
    sizes = {
        name: 0
        for o in theorem.obligations()
        for t in (*o.premises, o.goal)
        for name in Theorem(t).variables
    }
    tried = 0
    for seed in range(400):
        values = {name: (seed * (7 + 6 * k) // (k + 1)) % 9 - 1 for k, name in enumerate(sizes)}
        for obligation in theorem.obligations():
            if all(evaluate(p, values, INTEGER) for p in obligation.premises):
                tried += 1
                assert evaluate(obligation.goal, values, INTEGER), (obligation.label, values)
    assert tried > 50


def test_a_count_starts_from_0() -> None:
    """Whatever is proved by induction is stated for counts of at least 0, and for no other."""
    for theorem in (
        Theorem(summation(i, m, i) == m * (m - 1) // 2, where=(s >= 1,), given=(n <= s,)),
        Theorem(m <= s * m, where=(s >= 1,), given=(n <= s,), by_induction_on=m),
    ):
        assert [repr(p) for p in theorem.premises] == ["1 ≤ s", "n ≤ s", "0 ≤ m"]
    assert Theorem(m <= n).premises == ()


def test_induction_on_a_named_variable() -> None:
    """The hypothesis is the whole statement, sums in it are any numbers that meet it."""
    theorem = Theorem(
        summation(i, m, s * i) <= summation(j, m, s * j + n) * s,
        where=(s >= 1,),
        by_induction_on=m,
    )
    assert theorem.inductive
    assert _shown(theorem.obligations()) == [
        ("base m = 0", ["1 ≤ s"], "0 ≤ 0·s"),
        (
            "step m → m + 1",
            ["1 ≤ s", "0 ≤ m", "sum_1 ≤ sum_2·s"],
            "sum_1 + s·m ≤ (sum_2 + (s·m + n))·s",
        ),
    ]


def test_induction_without_a_sum() -> None:
    """P(m) itself is the hypothesis."""
    theorem = Theorem(m <= s * m, where=(s >= 1,), by_induction_on=m)
    assert theorem.inductive
    assert _shown(theorem.obligations()) == [
        ("base m = 0", ["1 ≤ s"], "0 ≤ s·0"),
        ("step m → m + 1", ["1 ≤ s", "0 ≤ m", "m ≤ s·m"], "m + 1 ≤ s·(m + 1)"),
    ]


def test_the_hypothesis_is_as_weak_as_the_premises_that_speak_of_the_count() -> None:
    """Where they fail at m it says nothing; the step may use them at m + 1."""
    theorem = Theorem(
        summation(i, m, i) <= n, where=(s >= 1, m <= s), given=(m < n,), by_induction_on=m
    )
    assert _shown(theorem.obligations()) == [
        ("base m = 0", ["1 ≤ s", "0 ≤ s", "0 < n"], "0 ≤ n"),
        (
            "step m → m + 1",
            ["1 ≤ s", "0 ≤ m", "m ≤ s and m < n ⇒ sum_1 ≤ n", "m + 1 ≤ s", "m + 1 < n"],
            "sum_1 + m ≤ n",
        ),
    ]


def test_induction_over_a_sequence() -> None:
    """No tap leaves the start; one tap more is one step from whatever the fold came to."""
    theorem = Theorem(fold(a, x, m, i, relu(i - m) + m) == greatest(a, x), where=(n >= 1,))
    assert theorem.inductive and theorem.sequences == ("x",)
    assert theorem.variables == ("n", "a", "x")
    assert [repr(p) for p in theorem.premises] == ["1 ≤ n"]
    assert _shown(theorem.obligations()) == [
        ("base x = ()", ["1 ≤ n"], "a = a"),
        (
            "step x → (x, tap_1)",
            ["1 ≤ n", "fold_1 = fold_2"],
            "ReLU(tap_1 − fold_1) + fold_1 = max(fold_2, tap_1)",
        ),
    ]


def test_premises_may_speak_of_a_fold() -> None:
    """The hypothesis is as weak as they are, and the same fold is the same number in both."""
    most = greatest(a, x)
    theorem = Theorem(most <= n, given=(most <= m,), where=(m <= n,))
    assert _shown(theorem.obligations()) == [
        ("base x = ()", ["m ≤ n", "a ≤ m"], "a ≤ n"),
        (
            "step x → (x, tap_1)",
            ["m ≤ n", "fold_1 ≤ m ⇒ fold_1 ≤ n", "max(fold_1, tap_1) ≤ m"],
            "max(fold_1, tap_1) ≤ n",
        ),
    ]


def test_folds_have_names_of_their_own() -> None:
    """Variables of the statement are mistaken neither for a fold nor for a tap."""
    tap, so_far = variable("tap_1"), variable("fold_1")
    step = Theorem(greatest(tap, x) == so_far).obligations()[1]
    assert repr(step.goal) == "max(fold_2, tap_2) = fold_1"


@pytest.mark.parametrize(
    "folded", [greatest(greatest(a, x), x), fold(a, x, m, i, m + greatest(i, x))], ids=str
)
def test_steps_must_not_see_the_sequence(folded: Term) -> None:
    """A fold in a fold over the same taps has no induction of this shape."""
    with pytest.raises(TypeError, match="induction needs terms that do not change with x, not "):
        Theorem(folded == a).obligations()


def test_no_sequence_is_left_to_a_solver() -> None:
    """Folds over another sequence stay; no solver reads them."""
    theorem = Theorem(greatest(a, x) == greatest(a, sequence("y")))
    assert theorem.sequences == ("x", "y")
    assert repr(theorem.obligations()[1].goal) == "max(fold_1, tap_1) = max(a, y…)"


def test_sums_so_far_have_names_of_their_own() -> None:
    """A variable of the statement is not mistaken for a sum."""
    taken = variable("sum_1")
    theorem = Theorem(summation(i, m, taken) <= taken * m, by_induction_on=m)
    step = theorem.obligations()[1]
    assert repr(step.goal) == "sum_2 + sum_1 ≤ sum_1·(m + 1)"


def test_sums_of_another_count_stay() -> None:
    """Only what counts up to the variable takes a step; no solver reads the others."""
    theorem = Theorem(summation(i, m, i) <= summation(j, n, j), by_induction_on=m)
    step = theorem.obligations()[1]
    assert repr(step.goal) == "sum_1 + m ≤ Σ(j < n) j"


@pytest.mark.parametrize(
    "theorem",
    [
        Theorem(summation(i, m, m * i) == n),
        Theorem(summation(i, m, m * i) <= n, by_induction_on=m),
    ],
)
def test_terms_must_not_change_with_the_count(theorem: Theorem) -> None:
    """Σ(i < m) m·i is no sum that one more term continues."""
    with pytest.raises(TypeError) as caught:
        theorem.obligations()
    assert str(caught.value) == "induction needs terms that do not change with m, not Σ(i < m) m·i"


@pytest.mark.parametrize(
    ("conclusion", "shown"),
    [
        (summation(i, m, i) <= n, "Σ(i < m) i ≤ n"),
        (summation(i, m, i) != n, "Σ(i < m) i ≠ n"),
        (n == summation(i, m, i), "n = Σ(i < m) i"),
        (summation(i, m, i) + n == m, "Σ(i < m) i + n = m"),
    ],
)
def test_only_a_sum_that_equals_something_tells_its_induction(conclusion: Term, shown: str) -> None:
    """Any other shape names its variable, and is never taken for an equality."""
    with pytest.raises(TypeError) as caught:
        Theorem(conclusion).obligations()
    assert str(caught.value) == (
        f"by_induction_on must name a variable: {shown} is no sum = closed form"
    )
    assert len(Theorem(conclusion, by_induction_on=m).obligations()) == 2


def test_induction_is_on_a_variable() -> None:
    """An expression cannot be counted up."""
    with pytest.raises(TypeError) as caught:
        Theorem(m <= n, by_induction_on=m + 1).obligations()
    assert str(caught.value) == "induction needs a variable count, not m + 1"


def test_induction_needs_a_variable_count() -> None:
    """A sum up to m + 1 is refused; the claim's author shifts it."""
    with pytest.raises(TypeError) as caught:
        Theorem(summation(i, m + 1, i) == m).obligations()
    assert str(caught.value) == "induction needs a variable count, not m + 1"


@pytest.mark.parametrize(
    ("pattern", "engine", "system", "beyond"),
    [
        ("z3", "z3", "float64", True),
        ("z3", "cvc5", "float64", False),
        ("z3/float64", "z3", "float64", True),
        ("z3/float64", "z3", "float32", False),
        ("z3/float*", "z3", "float32", True),
        ("[!h]*/float64", "bitwuzla", "float64", True),
        ("[!h]*/float64", "hypothesis", "float64", False),
        ("[!h]*/float64", "bitwuzla", "float16", False),
        ("*", "sympy", "real", True),
    ],
)
def test_out_of_reach(pattern: str, engine: str, system: str, beyond: bool) -> None:
    """Patterns name an engine, or an engine in a number system."""
    theorem = replace(TRUE, beyond={pattern: "too slow"})
    assert theorem.out_of_reach(engine, system) is beyond
    assert not TRUE.out_of_reach(engine, system)


def test_the_statement_shows_the_assumptions() -> None:
    """What people read is the conclusion under its assumptions, the domain left out."""
    assert repr(TRUE.statement) == "max(a, b) = ReLU(a − b) + b"
    theorem = replace(TRUE, given=(a <= b, b <= n), where=(n >= 1,))
    assert repr(theorem.statement) == "a ≤ b and b ≤ n ⇒ max(a, b) = ReLU(a − b) + b"
    assert repr(replace(theorem, conclusion=iff(a < b, b > a)).statement) == (
        "a ≤ b and b ≤ n ⇒ (a < b ⇔ a < b)"
    )


def test_parts_in_a_system() -> None:
    """A part without systems is stated everywhere, the others where they say."""
    everywhere, only = TRUE, replace(TRUE, systems=("integer",))
    claim = _claim(parts=(everywhere, only, CHECK))
    assert claim.parts_in("integer") == (everywhere, only)
    assert claim.parts_in("real") == (everywhere, CHECK)
    assert claim.theorems == (everywhere, only)


def test_what_speaks_for_a_system_that_is_like_another() -> None:
    """Formulas about int8 speak for int4 unless the claim names it; a check speaks for neither."""
    of_eight = replace(TRUE, systems=("int8",))
    claim = _claim(parts=(TRUE, of_eight), expected=expect(Verdict.PROVED, "int8"))
    assert claim.expects("int8") is claim.expects("int4") is Verdict.PROVED
    assert claim.parts_in("int4") == (TRUE, of_eight)
    assert claim.expects("int16") is claim.expects("uint4") is None
    ran = replace(CHECK, systems=("int8",))
    assert replace(claim, parts=(TRUE, ran)).expects("int8") is Verdict.PROVED
    assert replace(claim, parts=(TRUE, ran)).expects("int4") is None
    named = replace(claim, expected={**claim.expected, "int4": Verdict.REFUTED})
    assert named.expects("int4") is Verdict.REFUTED and named.parts_in("int4") == (TRUE,)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            dict(expected={"int7": Verdict.PROVED, "float17": Verdict.PROVED}),
            "some-claim: no number system is called float17, int7",
        ),
        (dict(mutants={}), "some-claim: a claim needs two mutants, it has 0"),
        (dict(mutants={"one": TRUE}), "some-claim: a claim needs two mutants, it has 1"),
    ],
)
def test_refuses(changed: dict[str, Any], message: str) -> None:
    """Unknown number systems and claims that cannot fail are refused where they are written."""
    with pytest.raises(ValueError) as caught:
        _claim(**changed)
    assert str(caught.value) == message


def test_expect() -> None:
    """One verdict for each of the systems named."""
    assert expect(Verdict.TESTED, "real  int8\nfloat16") == dict.fromkeys(
        ("real", "int8", "float16"), Verdict.TESTED
    )
    assert expect(Verdict.TESTED, "") == {}


def test_a_constant_count_cannot_be_inducted_on() -> None:
    """A sum of five terms has no induction."""
    with pytest.raises(TypeError) as caught:
        Theorem(summation(i, 5, i) == constant(10)).obligations()
    assert str(caught.value) == "induction needs a variable count, not 5"


def whole(**more: Any) -> Claim:
    """Return a claim of two number systems with a part in both and one in each alone."""
    both, alone = Theorem(n == n, name="both"), Theorem(n <= n, name="alone", systems=("real",))
    twice = [Theorem(n == m, name="twice", systems=(name,)) for name in ("real", "int8")]
    parts = (both, alone, *twice, CHECK, replace(CHECK, name="again", cross_check=True))
    return _claim(parts=parts, expected=expect(Verdict.PROVED, "real int8"), **more)


def test_what_is_stated_elsewhere_only_is_left_out() -> None:
    """Not what has another form of the same name here, and not what only checks again there."""
    claim = whole()
    assert [part.name for part in claim.left_out("int8")] == ["alone", "looked"]
    assert claim.left_out("real") == ()
    # A system that is like another is spoken for by it.
    assert claim.left_out("int4") == claim.left_out("int8")


def test_marks_and_what_is_unstated_belong_to_number_systems() -> None:
    """A mark without any is one of all; a word that is no mark is refused."""
    everywhere, here = Mark("argued", "a step"), Mark("cited", "a theorem", ("int8",))
    claim = whole(marks=(everywhere, here), unstated={"int8": "the rest"})
    assert (claim.marks_in("real"), claim.unstated_in("real")) == ((everywhere,), "")
    assert (claim.marks_in("int4"), claim.unstated_in("int4")) == ((everywhere, here), "the rest")
    with pytest.raises(ValueError) as caught:
        Mark("believed", "a step")
    assert str(caught.value) == "a mark is one of argued, cited, not believed"
