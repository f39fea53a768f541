"""Every interpreter reads the rows: one operator tried in all, and one made up for the test."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy
import pytest
import torch

from proofs.claim import Obligation, Theorem
from proofs.evaluate import evaluate
from proofs.notation import latex, text
from proofs.operators import OPERATORS, Grows, Operator, Rounds, Smt, Sort, UnsupportedError
from proofs.systems import EXACT, INTEGERS, SYSTEMS
from proofs.terms import Term, operation, select, sign, value, variables
from proofs.verdict import Verdict
from verify.encodings.exact_arrays import ExactArray
from verify.encodings.smtlib import script
from verify.encodings.tensors import TensorInterpreter
from verify.engines import ENGINES
from verify.engines.engine import Settings

a, b = variables("a b")
QUICK = Settings(timeout=20, examples=5)
#: What −1, 0 and 1 are not elements of, or not of every one that it stands for.
WITHOUT_ONE = {"wraparound", "unsigned_wraparound"}


@pytest.mark.parametrize("name", OPERATORS)
def test_a_row_is_complete(name: str) -> None:
    """It has both notations or neither, and arguments enough for its templates."""
    row = OPERATORS[name]
    assert row.name == name and (row.text is None) is (row.latex is None)
    assert row.takes is None or row.text is not None
    if row.takes is not None:
        places = ["x"] * len(row.takes)
        for template in (row.text or "", row.latex or ""):
            bare = template
            for level in range(11):
                bare = bare.replace(f":{level}}}", "}")
            assert bare.format(*places)
    if row.whole is not None and row.grows is not None:
        assert row.native is not None and row.tensors is not None


def test_building_by_name() -> None:
    """A term of any row with arguments of its sorts; anything else is refused."""
    assert repr(operation("maximum", a, 2)) == "max(a, 2)"
    assert operation("neg", value(a)).sort is Sort.EXACT
    assert operation("lt", a, b).sort is Sort.PROPOSITION
    with pytest.raises(TypeError, match=r"^relu is of 1 arguments, got 2$"):
        operation("relu", a, b)
    with pytest.raises(TypeError, match=r"^sum is not called like this, got 1$"):
        operation("sum", a)
    with pytest.raises(TypeError, match="of sort number where sort proposition is needed"):
        operation("and", a, b)
    with pytest.raises(UnsupportedError, match=r"^no operator is called cube$"):
        operation("cube", a)


# -- sign: one row, in every interpreter -----------------------------------------------------------


def _cases(x: Term) -> Term:
    """Return the sign written out, where 1 is an element."""
    return select(x > 0, 1, select(x < 0, -1, 0))


def test_sign_is_written() -> None:
    """Text and LaTeX."""
    assert text(sign(a - b)) == "sign(a − b)"
    assert latex(sign(a - b)) == r"\operatorname{sign}(a - b)"


@pytest.mark.parametrize("name", [name for name in SYSTEMS if name not in WITHOUT_ONE])
def test_sign_of_elements(name: str) -> None:
    """Every simple value, exactly and in torch; NaN has none."""
    system = SYSTEMS[name]
    values = list(system.simple_values())
    expected = [0 if x != x else (x > 0) - (x < 0) for x in values]
    assert [evaluate(sign(a), {"a": x}, system) for x in values] == expected
    if system.dtype is not None:
        found = TensorInterpreter(system, {"a": system.tensor(values)})(sign(a))
        assert system.elements(found) == expected
        wide = TensorInterpreter(system, {"a": system.tensor(values)})(sign(value(a)))
        known = [x for x, there in zip(expected, wide.defined, strict=True) if there]
        assert wide.numerators[wide.defined].tolist() == known


def test_sign_of_any_width_is_refused() -> None:
    """1 is no element of the smallest width; nobody guesses."""
    for system in map(SYSTEMS.__getitem__, sorted(WITHOUT_ONE)):
        refused = r"^sign has no entry for integers of every width$"
        with pytest.raises(UnsupportedError, match=refused):
            evaluate(sign(a), {"a": 1}, system)
        with pytest.raises(UnsupportedError, match=refused):
            script(Obligation("", (), sign(a) == a), system)
    with pytest.raises(UnsupportedError, match=r"^sign needs one, which there is not$"):
        script(Obligation("", (), sign(a) == a), SYSTEMS["rounding"])


@pytest.mark.parametrize("name", [*EXACT, *INTEGERS[1:], "int4", "uint16", "float16", "float32"])
def test_sign_is_proved(name: str) -> None:
    """Every engine that takes it proves what it is; those that could not, refute a lie."""
    system = SYSTEMS[name]
    signed = evaluate(a < 0, {"a": system.apply("neg", (system.constant(1),))}, system)
    right = Theorem(sign(a) == (_cases(a) if signed else select(a > 0, 1, 0)))
    wrong = Theorem(sign(a) == 0)
    said = {
        (engine.name, theorem is right): engine.examine(theorem, system, QUICK).verdict
        for engine in ENGINES.values()
        for theorem in (right, wrong)
        if engine.supports(theorem, system)
    }
    assert said["z3", True] is said["cvc5", True] is Verdict.PROVED
    assert said["hypothesis", True] is Verdict.TESTED
    assert {word for (_, held), word in said.items() if not held} == {Verdict.REFUTED}
    settled = {word for (name, held), word in said.items() if held and name != "hypothesis"}
    assert settled <= {Verdict.PROVED, Verdict.EXHAUSTED}


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2", "bfloat16"])
def test_sign_in_a_sweep(name: str) -> None:
    """All elements, by a compiled program; of exact signs there is none."""
    system, exhaustive = SYSTEMS[name], ENGINES["exhaustive"]
    right = Theorem(sign(a) == _cases(a))
    assert exhaustive.examine(right, system, QUICK).verdict is Verdict.EXHAUSTED
    wrong = Theorem(sign(a) == sign(abs(a)))
    assert exhaustive.examine(wrong, system, QUICK).verdict is Verdict.REFUTED


@pytest.mark.parametrize("name", EXACT)
def test_sign_by_algebra(name: str) -> None:
    """|a| = a · sign(a), in every order of a and 0."""
    theorem = Theorem(a * sign(a) == abs(a))
    assert ENGINES["sympy"].supports(theorem, SYSTEMS[name])
    found = ENGINES["sympy"].examine(theorem, SYSTEMS[name], QUICK)
    assert found.verdict is Verdict.PROVED
    false = Theorem(sign(a) == 1)
    assert ENGINES["sympy"].examine(false, SYSTEMS[name], QUICK).verdict is Verdict.REFUTED


def test_signs_of_exact_values() -> None:
    """Of the true difference, in a wide bit-vector: it cannot wrap."""
    system = SYSTEMS["int8"]
    theorem = Theorem((sign(value(a) - value(b)) == 1).__and__(a <= b).__invert__())
    assert ENGINES["z3"].examine(theorem, system, QUICK).verdict is Verdict.PROVED
    assert ENGINES["exhaustive"].examine(theorem, system, QUICK).verdict is Verdict.EXHAUSTED


# -- an operator that is made up -------------------------------------------------------------------


def _middle(x: Any, y: Any) -> Any:
    return x if abs(x) <= abs(y) else y


ROW = Operator(
    "nearer", (None, None), None, "nearer({0}, {1})", r"\mathrm{{nearer}}({0}, {1})",
    meaning=_middle, whole=_middle, grows=Grows.NEVER,
    native=_middle, rounds=Rounds.NEVER, algebra=True,
    smt=Smt(linear="(ite (<= (ite (< {0} {zero}) (- {0}) {0}) (ite (< {1} {zero}) (- {1}) {1}))"
        " {0} {1})",
        bits="(ite (bvule (ite ({lt} {0} {zero}) (bvneg {0}) {0})"
        " (ite ({lt} {1} {zero}) (bvneg {1}) {1})) {0} {1})"),
    tensors=lambda x, y: torch.where(x.double().abs() <= y.double().abs(), x, y),
)  # fmt: skip


def test_a_row_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """One row, and it is written, evaluated, solved, exhausted and decided by cases."""
    monkeypatch.setitem(OPERATORS, "nearer", ROW)
    nearer = operation("nearer", a, b)
    assert text(nearer + 1) == "nearer(a, b) + 1"
    assert latex(nearer + 1) == r"\mathrm{nearer}(a, b) + 1"
    for name in (*EXACT, "int8", "float16", "rounding"):
        assert evaluate(nearer, {"a": -3, "b": 2}, SYSTEMS[name]) == 2
    assert evaluate(operation("nearer", value(a), 1), {"a": -3}, SYSTEMS["real"]) == 1
    one_of_two = Theorem((nearer == a) | (nearer == b))
    always_first = Theorem(nearer == a)
    for name, engine in itertools.product((*EXACT, "int8"), ("z3", "cvc5", "hypothesis")):
        proved = ENGINES[engine].examine(one_of_two, SYSTEMS[name], QUICK).verdict
        assert proved is (Verdict.TESTED if engine == "hypothesis" else Verdict.PROVED)
        refuted = ENGINES[engine].examine(always_first, SYSTEMS[name], QUICK).verdict
        assert refuted is Verdict.REFUTED
    least = Theorem(nearer == a.minimum(b), where=(a >= 0, b >= 0))
    assert ENGINES["sympy"].examine(least, SYSTEMS["real"], QUICK).verdict is Verdict.PROVED
    exhausted = ENGINES["exhaustive"].examine(one_of_two, SYSTEMS["int8"], QUICK).verdict
    assert exhausted is Verdict.EXHAUSTED
    with pytest.raises(UnsupportedError, match=r"^nearer has no entry for SMT-LIB's floats$"):
        script(one_of_two.obligations()[0], SYSTEMS["float16"])


def test_a_row_without_an_entry_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever finds nothing for itself says so; engines decline."""
    monkeypatch.setitem(OPERATORS, "empty", Operator("empty", (None,), None))
    term = operation("empty", a)
    with pytest.raises(UnsupportedError, match=r"^empty has no entry for notation$"):
        text(term)
    monkeypatch.setitem(
        OPERATORS, "empty", Operator("empty", (None,), None, "empty({0})", "empty({0})")
    )
    theorem = Theorem(term == a)
    for name, whom in (("real", "real numbers"), ("integer", "integers"), ("float16", "floats"),
                       ("int8", "integers of fixed width"), ("rounding", "floats")):  # fmt: skip
        with pytest.raises(UnsupportedError, match=f"^empty has no entry for {whom}$"):
            evaluate(term, {"a": 1}, SYSTEMS[name])
    for name in (*EXACT, "int8", "float16", "saturating_int8"):
        with pytest.raises(UnsupportedError, match=r"^empty has no entry for SMT-LIB's "):
            script(theorem.obligations()[0], SYSTEMS[name])
        taking = [e for e in ("z3", "cvc5", "bitwuzla", "sympy") if
                  ENGINES[e].supports(theorem, SYSTEMS[name])]  # fmt: skip
        assert taking == []
    with pytest.raises(UnsupportedError, match=r"^rounded empty$"):
        script(theorem.obligations()[0], SYSTEMS["rounding"])
    system = SYSTEMS["int8"]
    with pytest.raises(UnsupportedError, match=r"^empty has no entry for tensors$"):
        TensorInterpreter(system, {"a": system.tensor([1])})(term)
    with pytest.raises(UnsupportedError, match=r"^empty has no entry for arrays of exact numbers$"):
        ExactArray.constant(1).apply("empty")


def test_entry_by_entry() -> None:
    """A function of exact numbers on arrays that broadcast; what is undefined stays so."""
    left = ExactArray.of_floats([0.5, math.nan, -2.0]).reshaped((3, 1))
    right = ExactArray.constant(Fraction(1, 3))
    found = left.mapped(lambda x, y: x * y + 1, right)
    assert found.defined.tolist() == [[True], [False], [True]]
    assert [int(n) * found.scale for n in found.numerators.flat] == [
        Fraction(7, 6), 0, Fraction(1, 3),
    ]  # fmt: skip
    assert found.numerators.dtype == numpy.int64
