from __future__ import annotations

import math

import numpy
import pytest
import torch

from proofs.claim import CheckFailedError
from proofs.max_and_min._extrema import DEFINITIONS, Definition, Operation, maximum, minimum
from proofs.max_and_min.min_and_max_laws import (
    DECLARED,
    LAWS,
    QUIET,
    VARIABLES,
    ZEROS,
    found,
    row,
    table,
)

BY_NAME = {definition.name: definition for definition in DEFINITIONS}


def test_every_definition_has_a_line() -> None:
    """Nothing is defined and not judged."""
    assert list(DECLARED) == [definition.name for definition in DEFINITIONS]


@pytest.mark.parametrize("name", DECLARED)
def test_declared_is_found(name: str) -> None:
    """The matrix computed is the one declared, and another one is refused."""
    assert found(BY_NAME[name], DECLARED[name]) == DECLARED[name]
    with pytest.raises(CheckFailedError, match="not nothing"):
        found(BY_NAME[name], "nothing")


def test_the_zeros_are_where_they_are_said_to_be() -> None:
    """Their places in the list of values."""
    assert [str(QUIET[place]) for place in ZEROS] == ["-0.0", "0.0"]
    assert set(VARIABLES) == set(LAWS)


def only(larger: Operation, smaller: Operation) -> Definition:
    """Return a definition with one function each."""
    return Definition("mine", "here", (larger,), (smaller,))


def test_a_wrong_operation_is_noticed() -> None:
    """Laws that fail on numbers alone are said to."""
    first = row(only(lambda x, y: x, minimum))
    assert first.broken["commutative"] == ("numbers", "NaN", "±0")
    assert first.broken["associative"] == ()
    swapped = row(only(minimum, maximum))
    assert swapped.broken["distributive"] == () and swapped.zeros == "either"


def test_laws_are_tried_of_the_minimum_too() -> None:
    """A good maximum beside a bad minimum does not pass."""
    beside = row(only(maximum, lambda x, y: x))
    assert beside.broken["commutative"] == ("numbers", "NaN", "±0")


def test_a_result_must_be_one_of_the_values() -> None:
    """A sum is no maximum."""
    with pytest.raises(CheckFailedError, match="neither of them"):
        table(lambda x, y: x + y + 0.25, QUIET)


def test_known_counterexamples() -> None:
    """The examples everybody should have seen, by hand."""
    by_comparison = BY_NAME["a > b ? a : b"].maxima[0]
    nan = math.nan
    assert by_comparison(by_comparison(2.0, nan), 1.0) == 1.0
    assert by_comparison(2.0, by_comparison(nan, 1.0)) == 2.0
    passing_over = BY_NAME["IEEE 754-2019 maximumNumber"]
    larger, smaller = passing_over.maxima[0], passing_over.minima[0]
    assert smaller(1.0, larger(nan, 0.0)) == 0.0
    assert larger(smaller(1.0, nan), smaller(1.0, 0.0)) == 1.0


Table = numpy.ndarray[tuple[int, int], numpy.dtype[numpy.uint8]]


def bits_of(operation: Operation, values: list[float]) -> Table:
    """Return the result for every pair of bit patterns of float8_e5m2, as a bit pattern."""
    results = torch.tensor([[operation(x, y) for y in values] for x in values])
    patterns: Table = results.to(torch.float8_e5m2).view(torch.uint8).numpy()
    return patterns


@pytest.mark.slow
@pytest.mark.parametrize(
    "definition", [one for one in DEFINITIONS if len(one.maxima) == 1], ids=lambda one: one.name
)
def test_nine_values_stand_for_all(definition: Definition) -> None:
    """All 2²⁴ triples of float8_e5m2 break the laws that the nine values break, and no others."""
    values = torch.arange(256, dtype=torch.uint8).view(torch.float8_e5m2).double().tolist()
    nan = numpy.isnan(values)
    zero = numpy.array(values) == 0
    tables = [bits_of(definition.maxima[0], values), bits_of(definition.minima[0], values)]
    broken: dict[str, set[str]] = {"associative": set(), "distributive": set()}
    for larger, smaller in (tables, tables[::-1]):
        for a in range(256):
            sides = {
                "associative": (larger[larger[a]], larger[a][larger]),
                "distributive": (smaller[a][larger], larger[smaller[a]][:, smaller[a]]),
            }
            for law, (left, right) in sides.items():
                differ = (left != right) & ~(nan[left] & nan[right])
                with_nan = nan[a] | nan[:, None] | nan[None, :]
                zeros = zero[left] & zero[right]
                named = {
                    "±0": differ & ~with_nan & zeros,
                    "numbers": differ & ~with_nan & ~zeros,
                    "NaN": differ & with_nan & ~zeros,
                }
                broken[law] |= {name for name, where in named.items() if where.any()}
    quiet = row(Definition(definition.name, "", definition.maxima, definition.minima))
    assert broken == {law: set(quiet.broken[law]) for law in broken}
