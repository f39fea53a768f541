"""Both sides of a kind of window in a float format."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import product

import pytest

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from verify.judge.conditions.floating import FloatFormulas, float_formulas, passes_nan, same_at_nan
from verify.judge.conditions.formulas import ExactFormulas
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.classes import Pattern, kinds
from verify.judge.symbols.terms import Ids, Terms

Side = Callable[[Algebra, Ids, Ids], Ids]

SIDES: dict[str, Side] = {
    "max": lambda r, a, b: r.maximum(a, b),
    "fold": lambda r, a, b: r.add(r.relu(r.add(a, b, Fraction(-1))), b),
    "sum": lambda r, a, b: r.add(a, b),
    "product": lambda r, a, b: r.multiply(a, b),
    "four times": lambda r, a, b: r.scaled(r.maximum(a, b), Fraction(4)),
    "a quarter": lambda r, a, b: r.divide(r.add(a, b), r.constant(4)),
}


def kind_of(side: Side, name: str = "float16") -> Pattern:
    """Return a kind of two taps: a side, and the maximum of both."""
    algebra = Algebra(Terms(2), SYSTEMS[name])
    x = algebra.terms.variables
    (kind,) = kinds(algebra.terms, side(algebra, x[:1], x[1:]), algebra.maximum(x[:1], x[1:]))
    return kind


def format_of(name: str) -> FloatFormat:
    """Return a float format."""
    system = SYSTEMS[name]
    assert isinstance(system, FloatFormat)
    return system


def test_what_chooses_is_asked_of_the_reals() -> None:
    """A maximum rounds nothing, a difference does."""
    system = format_of("float16")
    assert isinstance(float_formulas(kind_of(SIDES["max"]), system), ExactFormulas)
    assert isinstance(float_formulas(kind_of(SIDES["fold"]), system), FloatFormulas)


#: Up to which whole number nothing rounds: of p = 3 significant bits, largest number 57344.
WHOLE = {"fold": 4, "sum": 4, "product": 2, "four times": 8, "a quarter": 4}


@pytest.mark.parametrize("name", WHOLE)
def test_up_to_the_largest_whole_number_nothing_rounds(name: str) -> None:
    """Every pair up to it gives the exact value, and one beyond it does not, or is not asked."""
    system, side = format_of("float8_e5m2"), SIDES[name]
    about = FloatFormulas(kind_of(side, system.name), system)
    size = about.exactness.largest_whole
    assert size == WHOLE[name]

    def computed(a: int, b: int) -> bool:
        values: list[Fraction] = []
        for number, node in enumerate(about.kind.nodes):
            if number in about.kind.elements:
                values.append(Fraction((a, b)[int(about.kind.elements[number][0])]))
                continue
            args = [values[i] for i in node.args]
            exact = _exact(node.operator, args, node.value)
            if system.rounded(exact) != exact and exact != 0:
                return False
            values.append(exact)
        return True

    def all_up_to(end: int) -> bool:
        return all(computed(a, b) for a, b in product(range(-end, end + 1), repeat=2))

    assert all_up_to(size)
    assert size == 1 << system.precision or not all_up_to(size + 1)


def _exact(operator: str, args: list[Fraction], value: object) -> Fraction:
    match operator:
        case "constant":
            assert isinstance(value, int)
            return Fraction(value)
        case "add":
            return args[0] + args[1]
        case "sub":
            return args[0] - args[1]
        case "mul":
            return args[0] * args[1]
        case "div":
            return args[0] / args[1]
        case "max":
            return max(args)
    raise AssertionError(operator)


@pytest.mark.parametrize(("lose", "same"), [(False, True), (True, False)])
def test_where_an_element_is_nan(lose: bool, same: bool) -> None:
    """A NaN takes its window on both sides, unless a comparison drops it on one."""

    def side(r: Algebra, a: Ids, b: Ids) -> Ids:
        return r.select(r.compare("lt", a, b), b, a) if lose else r.maximum(r.maximum(a, b), a)

    for name in ("float16", "bfloat16"):
        kind = kind_of(side, name)
        assert passes_nan(kind) is same
        assert same_at_nan(float_formulas(kind, format_of(name)), format_of(name), 20_000) is same


def test_a_nan_is_seen_to_pass() -> None:
    """Through sums and merges, unless a comparison may drop it or one side never reads it."""

    def merge(r: Algebra, a: Ids, b: Ids) -> Ids:
        return r.add(r.relu(r.add(b, a, Fraction(-1))), a)

    def one(r: Algebra, a: Ids, b: Ids) -> Ids:
        return r.add(a, a)

    def dropped(r: Algebra, a: Ids, b: Ids) -> Ids:
        return r.add(merge(r, a, b), r.select(r.compare("lt", a, b), b, r.constant(0)))

    assert passes_nan(kind_of(merge, "float64"))
    assert not passes_nan(kind_of(one, "float64"))
    assert passes_nan(kind_of(dropped, "float64"))  # by its first part


@pytest.mark.parametrize(
    ("name", "end", "same"),
    [
        ("float32", Fraction(1, 2**23), True),
        ("float64", Fraction(1, 2**23), False),
        ("float64", Fraction(1, 2**30), False),
        ("float64", Fraction(1, 2**52), True),
    ],
)
def test_a_nan_is_asked_about_in_a_format_that_has_all_between_two_constants(
    name: str, end: Fraction, same: bool
) -> None:
    """A window that loses a NaN where an element is between 1 and the next number never does."""

    def side(r: Algebra, a: Ids, b: Ids) -> Ids:
        over, under = (r.compare("lt", *pair) for pair in (
            (r.constant(1), a), (a, r.constant(1 + end))
        ))  # fmt: skip
        losing = r.select(r.compare("lt", a, b), b, a)
        whole = r.maximum(a, b)
        return r.select(over, r.select(under, losing, whole), whole)

    about = float_formulas(kind_of(side, name), format_of(name))
    assert same_at_nan(about, format_of(name), 20_000) is same
