from __future__ import annotations

from typing import Any

import numpy
import pytest
import sympy

from pooling.checks import check_name, holds, integer, per_axis, refuse


@pytest.mark.parametrize("value", [3, numpy.int8(3), numpy.array(3), sympy.Integer(3)])
def test_single_integers_become_ints(value: Any) -> None:
    """Those of every library, so that their products have no limit."""
    found = integer("stride", None, value)
    assert (found, type(found)) == (3, int)


@pytest.mark.parametrize("dtype", ["int8", "uint8", "int64", "uint64"])
def test_arrays_become_int64(dtype: str) -> None:
    """So that products do not wrap around in a narrow type."""
    found = integer("stride", None, numpy.array([3, 100], dtype=dtype))
    assert found.dtype == numpy.int64
    assert (found * 100).tolist() == [300, 10000]


def test_unsigned_entries_beyond_an_int64_are_refused() -> None:
    """They would become negative; the largest that fits does not."""
    limit = 2**63 - 1
    fits = integer("stride", None, numpy.array([limit], dtype="uint64"))
    assert fits.tolist() == [limit]
    with pytest.raises(OverflowError) as caught:
        integer("shape", 1, numpy.array([1, limit + 9], dtype="uint64"))
    assert str(caught.value) == (
        "shape[1] must be at most 2**63 - 1 in an array, got 9223372036854775816"
    )
    assert integer("stride", None, numpy.array([], dtype="uint64")).dtype == numpy.int64


@pytest.mark.parametrize("value", [True, 2.0, "2", None, numpy.array([1.0]), sympy.Rational(1, 2)])
def test_what_is_no_integer_is_refused(value: Any) -> None:
    """With the place where it stands."""
    with pytest.raises(TypeError) as caught:
        integer("stride", 1, value)
    assert str(caught.value) == (
        f"stride[1] must be an integer, got {value!r} of type {type(value).__name__}"
    )


@pytest.mark.parametrize(
    ("value", "entries"),
    [
        (3, [3, 3]),
        ((3, 5), [3, 5]),
        ([3, 5], [3, 5]),
        ([3], [3, 3]),
        ((numpy.int64(3), 5), [3, 5]),
        ((numpy.int8(3),), [3, 3]),
    ],
)
def test_entries_per_axis(value: Any, entries: list[int]) -> None:
    """One for all axes, or one each; plain ints whatever they were."""
    found = per_axis("kernel_size", value, 2)
    assert list(found) == entries
    assert {*map(type, found)} == {int}


@pytest.mark.parametrize(
    ("value", "error", "message"),
    [
        ((1, 2, 3), ValueError, "kernel_size must have 1 or 2 entries, got 3: (1, 2, 3)"),
        ((), ValueError, "kernel_size must have 1 or 2 entries, got 0: ()"),
        ((1, True), TypeError, "kernel_size[1] must be an integer, got True of type bool"),
    ],
)
def test_entries_that_are_refused(value: Any, error: type[Exception], message: str) -> None:
    """A wrong number of entries, and an entry of the wrong type."""
    with pytest.raises(error) as caught:
        per_axis("kernel_size", value, 2)
    assert str(caught.value) == message


def test_names_are_looked_up() -> None:
    """What is no name at all is told from an unknown one."""
    check_name("counting", "mac", ("exact", "mac"))
    with pytest.raises(ValueError) as unknown:
        check_name("padding_convention", "keras", ("torch", "same"))
    assert str(unknown.value) == "unknown padding_convention 'keras'; conventions: torch, same"
    with pytest.raises(TypeError) as wrong:
        check_name("counting", ["mac"], {"exact": 1, "mac": 2})
    assert str(wrong.value) == "counting must be one of exact, mac, got ['mac'] of type list"


def test_conditions_and_refusals() -> None:
    """A condition on arrays holds if it does for some entry, which the message then shows."""
    n = sympy.Symbol("n", integer=True)
    sizes = numpy.array([4, 0, -1])
    assert [holds(c) for c in (True, False, sizes < 1, sizes < -1)] == [True, False, True, False]
    assert not holds(n < 1) and holds(sympy.Integer(0) < 1)
    with pytest.raises(ValueError, match="got 0, at least 1"):
        refuse("got {0}, at least {1}", sizes < 1, sizes, 1)
