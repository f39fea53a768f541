from __future__ import annotations

import math
import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import product

import pytest

from proofs.claim import Obligation
from proofs.evaluate import evaluate
from proofs.systems import SYSTEMS
from proofs.systems.binary import AnyBinaryFormat
from proofs.systems.exact import numeral
from proofs.systems.number_system import UnsupportedError
from proofs.terms import (
    Term,
    exact,
    finite,
    for_all,
    half,
    in_range,
    largest,
    relu,
    select,
    smallest,
    ulp,
    unit_roundoff,
    value,
    variable,
    variables,
    widened,
)
from verify.encodings.smtlib import script
from verify.engines import ENGINES
from verify.engines.engine import Settings
from verify.engines.smt import SmtEngine

a, b = variables("a b")
FORMATS = [AnyBinaryFormat(4, 3), AnyBinaryFormat(4, 3, infinities=False)]
#: What is computed or said of a and b, with one rounding at the most.
TERMS: dict[str, Term] = {
    "sum": a + b,
    "difference": a - b,
    "negative": -a,
    "magnitude": abs(a),
    "maximum": a.maximum(b),
    "minimum": a.minimum(b),
    "relu": relu(a),
    "half": half(a),
    "choice": select(a < b, b, a),
    "less": a < b,
    "at most": a <= b,
    "equal": a == b,
    "not equal": a != b,
    "finite": finite(a),
    "exact sum": exact(a + b),
    "exact difference": exact(a - b),
    "sum in range": in_range(a + b),
    "difference in range": in_range(a - b),
    "values ordered": value(a) <= 2 * value(b),
    "values equal": value(a) == value(b),
    "values not equal": value(a) != value(b),
    "against the ends": (value(a) + value(b) <= largest()) & (smallest() <= value(a)),
    "against u": unit_roundoff() * abs(value(a)) < value(b),
    "value of a result": value(a - b) == value(a) - value(b),
    "chosen value": select(a < b, value(a), value(b)) <= 1,
    "against an ulp": value(b) <= value(b) + ulp(a),
}


def _values(one: AnyBinaryFormat) -> list[float]:
    return [one.one.from_bits(pattern) for pattern in range(1 << one.one.bits)]


def _pairs(one: AnyBinaryFormat, name: str) -> Iterator[tuple[float, float]]:
    top = float(one.one.greatest)
    special = [0.0, math.nan, top, -top]
    special += [math.inf, -math.inf] if one.infinities else []
    yield from product(special, repeat=2)
    source, values = random.Random(name), _values(one)
    yield from ((source.choice(values), source.choice(values)) for _ in range(12))


def _spelled(one: AnyBinaryFormat, name: str, x: float) -> str:
    """Say what a variable is: NaN, or a number, beyond the largest one if it is infinite."""
    beyond = 2 * one.one.greatest
    number = Fraction(0) if math.isnan(x) else beyond if math.isinf(x) else Fraction(abs(x))
    number = -number if x < 0 else number
    flag = name + "_is_nan" if math.isnan(x) else f"(not {name}_is_nan)"
    return f"(assert (and (= {name} {numeral(number, real=True)}) {flag}))\n"


def _pinned(one: AnyBinaryFormat, goal: Term, values: dict[str, float], rounded: float) -> str:
    """Return the script of ``goal`` where everything that is left open is what the format has."""
    text = script(Obligation("", (), goal), one)
    known = {"MAX": one.one.greatest, "u": one.exact_constant("unit_roundoff")}
    known |= {"fl1": Fraction(rounded), "ulp1": one.ulp(values["a"]) or Fraction(0)}
    pins = [_spelled(one, name, x) for name, x in values.items() if f"const {name} " in text]
    pins += [
        f"(assert (= {name} {numeral(x, real=True)}))\n"
        for name, x in known.items()
        if f"const {name} " in text
    ]
    return text.replace("(check-sat)\n", f"{''.join(pins)}(check-sat)\n")


def _rounded(one: AnyBinaryFormat, name: str, x: float, y: float) -> float:
    """Return what the one rounding of a term gives where the exponent has no upper end."""
    numbers = []
    for v in (x, y):
        infinite = math.copysign(float(2 * one.one.greatest), v) if math.isinf(v) else v
        numbers.append(Fraction(0) if math.isnan(v) else Fraction(infinite))
    left, right = numbers
    exact_result = left - right if "difference" in name or "result" in name else left + right
    return float(one.one.unbounded(left / 2 if name == "half" else exact_result))


@pytest.mark.parametrize("one", FORMATS, ids=lambda s: f"{s.name}-{s.precision}")
@pytest.mark.parametrize("name", TERMS)
def test_as_computed_exactly(name: str, one: AnyBinaryFormat) -> None:
    """With what a format rounds to filled in, solvers know its results, and find each lie."""
    z3 = ENGINES["z3"]
    assert isinstance(z3, SmtEngine)
    term = TERMS[name]
    for x, y in _pairs(one, name):
        found = evaluate(term, {"a": x, "b": y}, one)
        values, rounded = {"a": x, "b": y}, _rounded(one, name, x, y)
        if isinstance(found, bool):
            goal = term if found else ~term
        else:
            goal, values = term == variable("c"), {**values, "c": found}
        text = _pinned(one, goal, values, rounded)
        assert z3.solve(text, Settings()).word == "unsat", (x, y, found)
    lie = _pinned(one, ~goal, values, rounded)
    assert z3.solve(lie, Settings()).word == "sat", (x, y, found)


#: Of which sums, floats and quantities axioms are asserted.
TOLD: dict[str, Term] = {
    "sum": exact(a + b),
    "difference": exact(a - b),
    "sum against u": unit_roundoff() * value(a + b) < value(b),
    "sum against an ulp": value(a + b) < value(b) + ulp(a),
}


@pytest.mark.parametrize("infinities", [True, False])
@pytest.mark.parametrize("name", TOLD)
def test_what_is_asserted_is_so(name: str, infinities: bool) -> None:
    """No axiom is asserted of numbers of which it does not hold in a format."""
    z3 = ENGINES["z3"]
    assert isinstance(z3, SmtEngine)
    one, source = AnyBinaryFormat(3, 2, infinities=infinities), random.Random(name)
    finite_ones = [x for x in _values(one) if math.isfinite(x)]
    for x, y in source.sample([*product(finite_ones, repeat=2)], 100):
        goal = TOLD[name] & ~TOLD[name]
        text = _pinned(one, goal, {"a": x, "b": y}, _rounded(one, name, x, y))
        assert z3.solve(text, Settings()).word == "sat", (x, y)


def test_at_once() -> None:
    """Formats with infinities are judged in one system, those that saturate in another."""
    for name in ("float8_e5m2", "float16", "bfloat16", "float32", "float64"):
        assert SYSTEMS[name].at_once is SYSTEMS["binary"]
    assert SYSTEMS["float8_e4m3fn"].at_once is SYSTEMS["saturating_binary"]
    assert SYSTEMS["binary"].at_once is None
    assert SYSTEMS["int64"].at_once is SYSTEMS["wraparound"]
    assert SYSTEMS["uint8"].at_once is SYSTEMS["unsigned_wraparound"]
    assert SYSTEMS["saturating_int8"].at_once is None


def test_axioms_are_named() -> None:
    """A script says which axioms it asserts."""
    text = script(Obligation("", (), exact(a + b)), SYSTEMS["binary"])
    assert SYSTEMS["binary"].taken_for_granted(text) == (
        "no float is closer",
        "nor half of one",
        "floats within a factor of two subtract exactly",
    )
    assert SYSTEMS["real"].taken_for_granted(text) == ()


@pytest.mark.parametrize(
    ("goal", "logic"),
    [
        (a + b == b + a, "QF_LRA"),
        (value(a) < unit_roundoff(), "QF_NRA"),
        (value(a) * value(b) == value(b) * value(a), "QF_NRA"),
        (2 * value(a) == value(b), "QF_LRA"),
    ],
)
def test_arithmetic_is_declared_as_plain_as_it_is(goal: Term, logic: str) -> None:
    """Linear, unless u or a product of values occurs."""
    assert script(Obligation("", (), goal), SYSTEMS["binary"]).startswith(f"(set-logic {logic})")


@pytest.mark.parametrize(
    ("goal", "message"),
    [
        (a * b == a, "rounded mul"),
        (a == 1, "1 is not a float of every format"),
        (widened(a) == a, "no encoding of a wider number system"),
        (for_all((a,), a <= b), "a quantifier over every binary format"),
    ],
)
def test_what_is_declined(goal: Term, message: str) -> None:
    """Products, constants that small formats lack, wider systems, quantifiers."""
    with pytest.raises(UnsupportedError) as caught:
        script(Obligation("", (), goal), SYSTEMS["binary"])
    assert str(caught.value) == message


def test_instances_are_small_formats() -> None:
    """Several sizes, which saturate if the system does."""
    for name in ("binary", "saturating_binary"):
        sizes = {(one.one.exponent_bits, one.precision) for one in SYSTEMS[name].instances()}  # type: ignore[attr-defined]
        assert len(sizes) == 5
        assert all(
            (math.inf in one.simple_values()) is (name == "binary")
            for one in SYSTEMS[name].instances()
        )
