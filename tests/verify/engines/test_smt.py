from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest

from proofs.claim import Check, Theorem
from proofs.systems import SYSTEMS
from proofs.systems.number_system import NumberSystem
from proofs.terms import (
    Term,
    constant,
    exact,
    for_all,
    half,
    relu,
    summation,
    unit_roundoff,
    value,
    variables,
)
from proofs.verdict import Verdict
from verify.engines import ENGINES, smt
from verify.engines.engine import Settings
from verify.engines.smt import Answer, SmtEngine

a, b, i, m = variables("a b i m")
RELU = Theorem(a.maximum(b) == relu(a - b) + b)
SOLVERS = [engine for engine in ENGINES.values() if isinstance(engine, SmtEngine)]
TENSORS = ["int8", "int64", "uint8", "saturating_int8", "float16", "float32"]
ARITHMETIC = ["real", "integer", "wraparound", "unsigned_wraparound"]
SYSTEMS_OF = {
    "bitwuzla": TENSORS,
    "cvc5": [*ARITHMETIC, "float8_e5m2", *TENSORS],
    "yices": ["real"],
    "z3": [*ARITHMETIC, *TENSORS],
}

#: An identity that holds whatever the system, and a neighbour that fails in all, per operator.
OPERATORS: dict[str, tuple[Term, Term]] = {
    "add": (a + b == b + a, a + b == a),
    "sub": (a - b == a - b + constant(0), a - b == b - a),
    "mul": (a * b == b * a, a * b == a),
    "neg": (-a == 0 - a, -a == abs(a)),
    "abs": (abs(abs(a)) == abs(a), abs(a) == a.minimum(b)),
    "maximum": (a.maximum(b) == b.maximum(a), a.maximum(b) == a),
    "minimum": (a.minimum(b) == b.minimum(a), a.minimum(b) == b),
    "relu": (relu(a) == a.maximum(0), relu(a) == a.minimum(0)),
    "half": (~(a.maximum(0) < half(a)), half(a) == a),
}


class Scripted(SmtEngine):
    """A solver that answers what it is told, obligation by obligation."""

    name = "scripted"
    distribution = "python"
    module = "fractions"
    method = "told"

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)

    def kinds(self, part: Theorem | Check, system: NumberSystem) -> Iterable[str]:
        """Ask for no canary: what it says is known to be made up."""
        return ()

    def solve(self, text: str, settings: Settings) -> Answer:
        """Answer the next of them."""
        return self.answers.pop(0)


@pytest.fixture(autouse=True)
def nothing_is_asked_at_points(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether telling elements were looked at before depends on which tests ran before."""
    monkeypatch.setattr(smt, "operators_of", lambda theorem: ())


# The registry looks at subclasses; it has long been built when this file is read.
assert "scripted" not in ENGINES


@pytest.mark.parametrize(
    ("solver", "system"),
    [(solver.name, system) for solver in SOLVERS for system in SYSTEMS_OF[solver.name]],
)
def test_each_solver_alone_knows_each_operator(
    solver: str, system: str, subtests: pytest.Subtests
) -> None:
    """The identity is proved and the neighbour refuted, with a replayed counterexample."""
    engine, number_system = ENGINES[solver], SYSTEMS[system]
    for operator, (identity, neighbour) in OPERATORS.items():
        if operator == "mul" and system.endswith("wraparound"):
            continue
        with subtests.test(operator):
            assert engine.supports(Theorem(identity), number_system)
            proved = engine.examine(Theorem(identity), number_system, Settings())
            assert (proved.verdict, proved.detail.partition("; ")[0]) == (Verdict.PROVED, "unsat")
            refuted = engine.examine(Theorem(neighbour), number_system, Settings())
            assert refuted.verdict is Verdict.REFUTED, refuted.detail
            assert refuted.counterexample is not None
            assert refuted.counterexample.replay.startswith("fails ")


@pytest.mark.parametrize("engine", SOLVERS, ids=lambda engine: engine.name)
def test_declines_what_the_system_cannot_encode(engine: SmtEngine) -> None:
    """A product in a format outside SMT-LIB's theory, an operator without an encoding."""
    assert not engine.supports(Theorem(a * b == b * a), SYSTEMS["float8_e4m3fn"])
    assert not engine.supports(Theorem(a // b == a), SYSTEMS["int8"])


def _said(theorem: Theorem, system: str, *words: str, thorough: bool = False) -> tuple[str, str]:
    """Return what is said after a solver's words about all formats and then about one."""
    smt._proved_at_once.cache_clear()
    answers = (Answer(word, {"a": "#b00000001", "b": "#b00000000"}) for word in words)
    evidence = Scripted(*answers).settle(theorem, SYSTEMS[system], Settings(thorough=thorough))
    return evidence.verdict.name, evidence.detail


ORDERED = replace(RELU, given=(a <= b,))


def test_a_proof_for_all_is_one_for_each() -> None:
    """Of every width or format at once; the axioms are named, and none else is asked."""
    proved, detail = _said(ORDERED, "float8_e4m3fn", "unsat")
    assert proved == "PROVED"
    assert detail.startswith("unsat in saturating_binary, and so here: no float is closer, ")
    assert _said(Theorem(a.maximum(b) == b.maximum(a)), "int8", "unsat") == (
        "PROVED", "unsat in wraparound, and so here"
    )  # fmt: skip


def test_one_script_is_solved_once() -> None:
    """Also for another theorem or system; under another limit it is solved again."""
    solver = Scripted(Answer("unsat"), Answer("sat"))
    assert [solver.answer("(check-sat)", Settings(seed=n)).word for n in range(3)] == 3 * ["unsat"]
    assert solver.answer("(check-sat)", Settings(timeout=1)).word == "sat"
    with pytest.raises(IndexError):
        Scripted().answer("(check-sat)", Settings())


def test_where_it_fails_for_all_the_system_itself_is_asked() -> None:
    """Its own encoding, or simple values where it has none."""
    assert _said(RELU, "int8", "sat", "unsat") == ("PROVED", "unsat")
    assert _said(ORDERED, "float8_e4m3fn", "sat") == ("UNKNOWN", "no proof in saturating_binary")
    refuted = ("REFUTED", "no proof in saturating_binary, replayed")
    assert _said(RELU, "float8_e4m3fn", "unknown") == refuted


def test_both_are_asked_where_the_settings_are_thorough() -> None:
    """And one that contradicts the other is an error."""
    both = ("PROVED", "unsat; unsat in wraparound, and so here")
    assert _said(Theorem(a == a), "int8", "unsat", "unsat", thorough=True) == both
    assert _said(Theorem(a == b), "int8", "unsat", "sat", thorough=True) == (
        "ERROR", "unsat in wraparound, and so here, and yet: sat, replayed"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("theorem", "system", "answers", "verdict", "detail"),
    [
        (RELU, "real", [Answer("unsat")], Verdict.PROVED, "unsat"),
        (replace(RELU, bound="n = 2"), "real", [Answer("unsat")], Verdict.PROVED_BOUNDED,
         "unsat, n = 2"),
        (RELU, "real", [Answer("unknown", reason="tired")], Verdict.UNKNOWN, "gave up: tired"),
        (RELU, "real", [Answer("sat", {"a": "1.0", "b": "0.0"})], Verdict.ERROR,
         "ReplayError: max(a, b) = ReLU(a − b) + b holds at a = 1, b = 0 in real"),
        (RELU, "int8", [Answer("sat"), Answer("sat", {"a": "#x7f", "b": "#xff"})],
         Verdict.REFUTED, "sat, replayed"),
        (RELU, "real", [Answer("sat", {"a": "(root-obj x 1)", "b": "0.0"})], Verdict.UNKNOWN,
         "cannot be replayed: the model value (root-obj x 1) is not rational"),
        (RELU, "real", [Answer("sat", {"a": "1.0"})], Verdict.ERROR, "KeyError: 'b'"),
        (Theorem(for_all((a,), a <= b)), "real", [Answer("sat")], Verdict.UNKNOWN,
         "a model under a quantifier, which cannot be replayed"),
        (Theorem(summation(i, m, 2 * i) == m * (m - 1)), "integer",
         [Answer("unsat"), Answer("unsat")], Verdict.PROVED, "base and step unsat"),
        (Theorem(summation(i, m, 2 * i) == m * (m - 1)), "integer",
         [Answer("unsat"), Answer("unknown", reason="steps")], Verdict.UNKNOWN,
         "gave up at step m → m + 1: steps"),
        (Theorem(summation(i, m, 2 * i) == m * (m - 1), where=(m >= 0,)), "integer",
         [Answer("unsat"), Answer("sat", {"m": "3"})], Verdict.UNKNOWN,
         "no proof (step m → m + 1), no counterexample"),
        (Theorem(summation(i, m, i) == m), "integer", [Answer("sat", {})], Verdict.REFUTED,
         "sat, replayed"),
        (Theorem(a + b == b + a), "rounding", [Answer("sat", {"a": "1.0", "b": "1.0"})],
         Verdict.UNKNOWN, "no proof (the rounding axiom does not decide it), no counterexample"),
    ],
)  # fmt: skip
def test_what_an_answer_amounts_to(
    theorem: Theorem, system: str, answers: list[Answer], verdict: Verdict, detail: str
) -> None:
    """A model counts for nothing until it has been replayed; giving up is never a pass."""
    evidence = Scripted(*answers).examine(theorem, SYSTEMS[system], Settings())
    assert (evidence.verdict, evidence.detail) == (verdict, detail)
    assert (evidence.counterexample is not None) is (verdict is Verdict.REFUTED)


@pytest.mark.parametrize(("word", "said"), [("sat", True), ("unsat", False), ("unknown", None)])
def test_satisfiable(word: str, said: bool | None) -> None:
    """Whether the premises can be met at all, or that nobody knows."""
    assert Scripted(Answer(word)).satisfiable(RELU, SYSTEMS["real"], Settings()) is said


@pytest.mark.parametrize("engine", SOLVERS, ids=lambda engine: engine.name)
def test_premises_that_nothing_meets(engine: SmtEngine) -> None:
    """A vacuous theorem is found out by each solver."""
    int8 = SYSTEMS["int8"]
    assert engine.satisfiable(Theorem(a == b, (a <= b,)), int8, Settings()) is True
    assert engine.satisfiable(Theorem(a == b, (a < b, b < a)), int8, Settings()) is False


@pytest.mark.parametrize(
    "solver", [name for name, systems in SYSTEMS_OF.items() if "saturating_int8" in systems]
)
def test_exactness_and_its_absence(solver: str) -> None:
    """The ReLU form holds where the difference is exact, and fails without that."""
    engine, exactly = ENGINES[solver], replace(RELU, given=(exact(a - b),))
    for system in ("int16", "saturating_int8"):
        assert engine.examine(exactly, SYSTEMS[system], Settings()).verdict is Verdict.PROVED
        evidence = engine.examine(RELU, SYSTEMS[system], Settings())
        assert evidence.verdict is Verdict.REFUTED


def test_every_width_at_once() -> None:
    """A counterexample in a system of every width is replayed at the width it chose."""
    for solver in ("z3", "cvc5"):
        for system in ("wraparound", "unsigned_wraparound"):
            evidence = ENGINES[solver].examine(RELU, SYSTEMS[system], Settings())
            assert evidence.verdict is Verdict.REFUTED and evidence.counterexample is not None
            assert evidence.counterexample.replay == "fails in exact Python arithmetic"


@pytest.mark.parametrize("system", ["uint4", "uint8", "uint16"])
def test_unsigned_integers_are_judged_at_once(system: str) -> None:
    """ReLU(a − b) + b is a without signs, at every width; and 2^w − 1 is no end of every width."""
    quick = Settings(thorough=False)
    first = Theorem(relu(a - b) + b == a)
    evidence = ENGINES["z3"].examine(first, SYSTEMS[system], quick)
    said = "unsat in unsigned_wraparound, and so here"
    assert (evidence.verdict, evidence.detail) == (Verdict.PROVED, said)
    evidence = ENGINES["z3"].examine(Theorem(a <= constant(15)), SYSTEMS[system], quick)
    holds = system == "uint4"
    assert evidence.verdict is (Verdict.PROVED if holds else Verdict.REFUTED)
    assert "unsigned_wraparound" not in evidence.detail


EXACTLY = Theorem(RELU.conclusion, (exact(a - b),))
ARITHMETICIANS = [engine for engine in SOLVERS if engine.name in ("z3", "cvc5")]
on_arithmeticians = pytest.mark.parametrize("engine", ARITHMETICIANS, ids=lambda e: str(e.name))


@on_arithmeticians
@pytest.mark.parametrize("system", ["real", "integer"])
def test_proves(engine: SmtEngine, system: str) -> None:
    """A true thing."""
    evidence = engine.examine(RELU, SYSTEMS[system], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.PROVED, "unsat")


@on_arithmeticians
@pytest.mark.parametrize(
    "system", ["int8", "int64", "uint8", "wraparound", "unsigned_wraparound", "float16"]
)
def test_refutes(engine: SmtEngine, system: str) -> None:
    """A false thing, with a counterexample that was replayed."""
    evidence = engine.examine(RELU, SYSTEMS[system], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.REFUTED, "sat, replayed")
    assert evidence.counterexample is not None and len(evidence.counterexample.assignment) == 2


@on_arithmeticians
def test_gives_up_after_its_steps(engine: SmtEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too few steps are UNKNOWN, however much time there is."""
    monkeypatch.setattr(f"{type(engine).__module__}.RESOURCE_LIMIT", 1000)
    evidence = engine.say(EXACTLY, SYSTEMS["float16"], Settings(timeout=60))
    assert evidence.verdict is Verdict.UNKNOWN
    assert evidence.detail.startswith("gave up: ")


@on_arithmeticians
@pytest.mark.parametrize("timeout", [0.05, 0.0001])
def test_gives_up_when_time_is_out(engine: SmtEngine, timeout: float) -> None:
    """However little time it is; none at all never means no limit."""
    evidence = engine.examine(EXACTLY, SYSTEMS["float16"], Settings(timeout=timeout))
    assert evidence.verdict is Verdict.UNKNOWN


@on_arithmeticians
def test_quantifiers(engine: SmtEngine) -> None:
    """It decides a quantifier inside a statement."""
    no_largest = Theorem(~for_all((a,), a <= b))
    assert engine.examine(no_largest, SYSTEMS["real"], Settings()).verdict is Verdict.PROVED


@on_arithmeticians
def test_what_a_model_leaves_open_is_zero(engine: SmtEngine) -> None:
    """A variable that does not matter gets a value too, of its own sort."""
    for system in ("real", "integer", "int8", "float16"):
        theorem = Theorem((a == constant(1)) & (b == b), where=(a != constant(1),))
        evidence = engine.examine(theorem, SYSTEMS[system], Settings())
        assert evidence.verdict is Verdict.REFUTED, evidence.detail


@on_arithmeticians
def test_an_irrational_model_is_no_counterexample(engine: SmtEngine) -> None:
    """a·a = 2 has no exact replay; that leaves the statement open."""
    evidence = engine.examine(Theorem(a * a != constant(2)), SYSTEMS["real"], Settings())
    assert evidence.verdict is Verdict.UNKNOWN
    assert evidence.detail.endswith("is not rational")


def test_no_number_but_zero_is_a_float_of_every_format() -> None:
    """That a rounded sum is as near as 1 is where 1 is a float, which no axiom says."""
    true_sum = value(a) + value(b)
    as_near = abs(value(a + b) - true_sum) <= abs(true_sum - 1)
    for solver in ("z3", "cvc5"):
        evidence = ENGINES[solver].examine(Theorem(as_near), SYSTEMS["rounding"], Settings())
        assert evidence.verdict is Verdict.UNKNOWN


def test_formats_may_be_of_any_precision() -> None:
    """Half a unit may be a half, in formats of one bit: nothing smaller is taken for granted."""
    small = Theorem((unit_roundoff() * 4 <= 1) | (a < b))
    for solver in ("z3", "cvc5"):
        evidence = ENGINES[solver].examine(small, SYSTEMS["rounding"], Settings())
        assert not evidence.verdict.settles


@pytest.mark.parametrize("solver", ["cvc5", "z3"])
def test_a_divisor_that_is_0_where_nobody_looks_is_an_error(solver: str) -> None:
    """The solver finds where it is 0; where it finds that it never is, it may go on."""
    engine, integer = ENGINES[solver], SYSTEMS["integer"]
    theorem = Theorem((a // (b - 98765)) * (b - 98765) <= a, where=(b > 98000,))
    found = engine.examine(theorem, integer, Settings())
    assert (found.verdict, found.detail) == (Verdict.ERROR, "it divides by 0 at b = 98765")
    beyond = replace(theorem, where=(b > 98765,))
    assert engine.examine(beyond, integer, Settings()).verdict is Verdict.PROVED
    # A root that is no fraction is no input: nobody has seen one.
    irrational = Theorem(a / (b * b - 98765) == a / (b * b - 98765))
    assert engine.examine(irrational, SYSTEMS["real"], Settings()).verdict is Verdict.UNKNOWN


def test_a_model_that_is_none_shows_no_divisor_to_be_0() -> None:
    """A solver that is wrong about a divisor leaves the theorem open, and proves nothing."""
    theorem = Theorem(a // (b - 98765) <= a, where=(b > 98765, a >= 0))
    liar = Scripted(Answer("sat", {"a": "0", "b": "98765"}))
    found = liar.examine(theorem, SYSTEMS["integer"], Settings())
    assert (found.verdict, found.detail) == (
        Verdict.UNKNOWN,
        "nobody has seen that b − 98765 ≠ 0, by which it divides",
    )
    silent = Scripted(Answer("unknown"))
    assert silent.examine(theorem, SYSTEMS["integer"], Settings()).verdict is Verdict.UNKNOWN
