"""Encodings that are wrong at a few elements are seen before anything is proved by them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from pooling.arithmetic import maximum
from proofs import operators
from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.systems.integers import BitVectorEncoder
from proofs.terms import exact, half, relu, variables
from proofs.verdict import Verdict
from verify.engines import ENGINES, points, smt
from verify.engines.engine import TOLD_APART, Settings
from verify.engines.smt import Answer, SmtEngine

a, b = variables("a b")
QUICK = Settings(timeout=20, examples=2, thorough=False)
#: Statements that hold in every number system, each with operators of its own.
STATEMENTS = {
    "add": Theorem((a + b) + 0 == a + b),
    "sub": Theorem((a - b) + 0 == a - b),
    "mul": Theorem((a * b) + 0 == a * b),
    "half": Theorem(half(a) + 0 == half(a)),
    "relu": Theorem(relu(a) + 0 == relu(a)),
    "maximum": Theorem(maximum(a, b) + 0 == maximum(a, b)),
    "eq": Theorem(a + b == b + a),
    "neg": Theorem((-a) + 0 == -a),
    "exact": Theorem(exact(a - b), given=(a == b, a <= a, a - b == 0)),
}
MACHINE = ("int8", "int64", "uint8", "saturating_int8", "float8_e5m2", "float16", "float64")


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    """Whatever a test does to an operator, it is read anew, and so it is afterwards."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    TOLD_APART.clear()
    smt.RIGHT_AT_POINTS.clear()
    for known in (points.points, smt._scripts, smt._answered, smt._proved_at_once):
        known.cache_clear()


def solver(system: str) -> SmtEngine:
    """Return one that reads a system."""
    engine = ENGINES["cvc5" if system == "float8_e5m2" else "bitwuzla"]
    assert isinstance(engine, SmtEngine)
    return engine


def settled(name: str, system: str) -> tuple[Verdict, str]:
    """Have a statement settled in the system itself."""
    found = solver(system)._settle(STATEMENTS[name], SYSTEMS[system], QUICK)
    return found.verdict, found.detail


@pytest.mark.parametrize("system", MACHINE)
def test_every_operator_is_encoded_as_it_is_computed(system: str) -> None:
    """Of all that there are, each that can be written, by a solver that reads it."""
    named = [
        *points.ABOUT,
        *(x.name for x in operators.OPERATORS.values() if x.takes and x.gives is not None),
        *("add", "sub", "mul", "half", "neg", "abs", "sign", "relu", "maximum", "minimum"),
    ]
    tried = 0
    for name in dict.fromkeys(named):
        if name in ("not", "and", "or", "implies", "iff", "value", "ulp", "odd_multiple"):
            continue
        if (text := points.points(name, SYSTEMS[system])) is not None:
            assert solver(system).answer(text, QUICK).word == "unsat", name
            tried += 1
    assert tried >= 12


def test_what_is_no_machine_number_has_no_points() -> None:
    """Nor has what no script is written of."""
    for system in ("real", "integer", "rounding", "binary", "wraparound", "float8_e4m3fn"):
        assert points.points("add", SYSTEMS[system]) is None


@pytest.mark.parametrize(
    ("operator", "theory", "wrong", "system"),
    [
        ("add", "floats", "(fp.add RNA {0} {1})", "float32"),
        ("sub", "floats", "(fp.sub RNA {0} {1})", "float16"),
        ("sub", "floats", "(fp.sub RTZ {0} {1})", "float64"),
        ("mul", "floats", "(fp.mul RTZ {0} {1})", "float32"),
        ("half", "floats", "(fp.mul RNA {0} {half})", "float16"),
        ("relu", "floats", "(ite (fp.gt {0} {zero}) {0} {zero})", "float32"),
        ("maximum", "floats", "(ite (fp.geq {0} {1}) {0} {1})", "float32"),
        ("eq", "floats", "(fp.eq {0} {1})", "float16"),
        ("half", "bits", "(bvlshr {0} {one})", "int8"),
        ("relu", "bits", "{0}", "int16"),
        ("neg", "bits", "(bvnot {0})", "int8"),
        ("maximum", "bits", "(ite (bvult {0} {1}) {1} {0})", "int64"),
    ],
)
def test_a_wrong_encoding_is_seen(
    monkeypatch: Any, operator: str, theory: str, wrong: str, system: str
) -> None:
    """Whatever the statement is in which it occurs, and though it holds as encoded, too."""
    row = operators.OPERATORS[operator]
    encoded = replace(row.smt, **{theory: wrong})
    monkeypatch.setitem(operators.OPERATORS, operator, replace(row, smt=encoded))
    verdict, detail = settled(operator, system)
    assert (verdict, detail) == (
        Verdict.ERROR, f"{operator} is encoded wrong at telling elements of {system}"
    )  # fmt: skip
    monkeypatch.undo()
    _forget()
    assert settled(operator, system)[0] is Verdict.PROVED


def test_wrong_predicates_and_ends_are_seen(monkeypatch: Any) -> None:
    """That a difference is exact, and where integers stop."""
    predicate = BitVectorEncoder.predicate
    monkeypatch.setattr(BitVectorEncoder, "predicate", lambda *asked: "true")
    assert settled("exact", "int8")[0] is Verdict.ERROR
    monkeypatch.setattr(BitVectorEncoder, "predicate", predicate)
    _forget()

    def wrapped(encoder: BitVectorEncoder, operator: str, args: Sequence[str]) -> str:
        return operators.OPERATORS[operator].written("bits", args, encoder.words)

    monkeypatch.setattr(BitVectorEncoder, "number", wrapped)
    assert settled("add", "saturating_int8")[0] is Verdict.ERROR
    _forget()
    assert settled("add", "int8")[0] is Verdict.PROVED


def test_a_solver_that_gives_up_settles_nothing(monkeypatch: Any) -> None:
    """What nobody has looked at is not believed; the next solver is asked again."""
    engine = solver("int8")
    monkeypatch.setattr(type(engine), "solve", lambda *asked: Answer("unknown", reason="time"))
    assert settled("add", "int8")[0] is Verdict.UNKNOWN
    assert not smt.RIGHT_AT_POINTS
