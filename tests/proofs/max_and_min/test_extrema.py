from __future__ import annotations

import ctypes
import ctypes.util
import itertools
import math

import pytest

from proofs.max_and_min._extrema import DEFINITIONS, SIGNALLING, Definition

NUMBERS = (-math.inf, -2.0, -1.0, -0.0, 0.0, 1.0, 2.0, math.inf)
DIFFERENT = [(x, y) for x, y in itertools.product(NUMBERS, repeat=2) if x != y]
ZEROS = [(-0.0, 0.0), (0.0, -0.0)]
BY_NAME = {definition.name: definition for definition in DEFINITIONS}


def operations(definition: Definition) -> list[tuple[object, object]]:
    """Return every maximum with every minimum that a definition allows."""
    return list(itertools.product(definition.maxima, definition.minima))


def signs(name: str, x: float, y: float) -> set[float]:
    """Return the signs of all results that a definition allows for two zeros."""
    return {math.copysign(1.0, op(x, y)) for op in BY_NAME[name].maxima}


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda one: one.name)
def test_all_agree_on_different_numbers(definition: Definition) -> None:
    """Of two numbers that differ there is one maximum and one minimum."""
    for larger, smaller in operations(definition):
        for x, y in DIFFERENT:
            assert larger(x, y) == (x if x > y else y)  # type: ignore[operator]
            assert smaller(x, y) == (x if x < y else y)  # type: ignore[operator]


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda one: one.name)
def test_a_result_is_one_of_the_inputs(definition: Definition) -> None:
    """A maximum makes nothing up; of two zeros it is a zero."""
    for x, y in itertools.product((*NUMBERS, math.nan), repeat=2):
        for operation in (*definition.maxima, *definition.minima):
            result = operation(x, y)
            assert result in (x, y) or (math.isnan(result) and (math.isnan(x) or math.isnan(y)))


@pytest.mark.parametrize(
    ("name", "with_nan"),
    [
        ("IEEE 754-2019 maximum", (math.nan, math.nan)),
        ("IEEE 754-2019 maximumNumber", (1.0, 1.0)),
        ("IEEE 754-2008 maxNum", (1.0, 1.0)),
        ("C fmax", (1.0, 1.0)),
        ("SMT-LIB fp.max", (1.0, 1.0)),
        ("a > b ? a : b", (1.0, math.nan)),
        ("Python max", (math.nan, 1.0)),
    ],
)
def test_one_nan(name: str, with_nan: tuple[float, float]) -> None:
    """What comes out of (NaN, 1) and of (1, NaN)."""
    for operation in (*BY_NAME[name].maxima, *BY_NAME[name].minima):
        found = operation(math.nan, 1.0), operation(1.0, math.nan)
        assert [str(x) for x in found] == [str(x) for x in with_nan]


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda one: one.name)
def test_two_nans(definition: Definition) -> None:
    """Nothing else can come of two NaNs."""
    for operation in (*definition.maxima, *definition.minima):
        assert math.isnan(operation(math.nan, math.nan))


def test_zeros() -> None:
    """2019 tells zeros apart, the comparison takes the second, Python the first."""
    for name in ("IEEE 754-2019 maximum", "IEEE 754-2019 maximumNumber"):
        assert all(signs(name, x, y) == {1.0} for x, y in ZEROS)
        assert {math.copysign(1.0, BY_NAME[name].minima[0](x, y)) for x, y in ZEROS} == {-1.0}
    for x, y in ZEROS:
        assert signs("a > b ? a : b", x, y) == {math.copysign(1.0, y)}
        assert signs("Python max", x, y) == {math.copysign(1.0, x)}


@pytest.mark.parametrize("name", ["IEEE 754-2008 maxNum", "C fmax", "SMT-LIB fp.max"])
def test_open_zeros(name: str) -> None:
    """Where a standard leaves the zero open, all four functions are there, for max and for min."""
    for family in (BY_NAME[name].maxima, BY_NAME[name].minima):
        found = {tuple(math.copysign(1.0, op(x, y)) for x, y in ZEROS) for op in family}
        assert found == set(itertools.product((1.0, -1.0), repeat=2))
        assert all(str(op(0.0, 0.0)) == "0.0" and str(op(-0.0, -0.0)) == "-0.0" for op in family)


def test_signalling_nan() -> None:
    """The maxNum of 2008 turns it into NaN, maximumNumber of 2019 passes over it."""
    for operation in BY_NAME["IEEE 754-2008 maxNum"].maxima:
        assert math.isnan(operation(SIGNALLING, 1.0)) and math.isnan(operation(1.0, SIGNALLING))
    (operation,) = BY_NAME["IEEE 754-2019 maximumNumber"].maxima
    assert operation(SIGNALLING, 1.0) == operation(1.0, SIGNALLING) == 1.0


def test_fmax_of_the_c_library() -> None:
    """The C library's own fmax and fmin do what one of C's functions may do, on every pair."""
    library = ctypes.CDLL(ctypes.util.find_library("m") or None)
    for name, family in (("fmax", BY_NAME["C fmax"].maxima), ("fmin", BY_NAME["C fmax"].minima)):
        function = getattr(library, name)
        function.restype, function.argtypes = ctypes.c_double, [ctypes.c_double] * 2
        for x, y in itertools.product((*NUMBERS, math.nan), repeat=2):
            assert str(function(x, y)) in {str(operation(x, y)) for operation in family}


def test_fp_max_of_solvers() -> None:
    """Z3 evaluates fp.max as the definition does, and zeros in one of the ways it allows."""
    import z3

    sort = z3.Float32()
    for x, y in itertools.product((*NUMBERS, math.nan), repeat=2):
        value = z3.simplify(z3.fpMax(z3.FPVal(x, sort), z3.FPVal(y, sort)))
        allowed = [z3.FPVal(op(x, y), sort) for op in BY_NAME["SMT-LIB fp.max"].maxima]
        if x == y == 0 and str(x) != str(y):
            solver = z3.Solver()
            solver.add(z3.Not(z3.Or([value == zero for zero in allowed])))
            assert solver.check() == z3.unsat
        else:
            assert any(z3.is_true(z3.simplify(value == one)) for one in allowed), (x, y)
