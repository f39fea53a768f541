"""Equality case by case, against the values of both sides."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import pytest

from tests.verify.judge.symbols.test_normal_form import POINTS, value
from verify.judge.symbols.cases import same_by_cases
from verify.judge.symbols.classes import Vertex

TWO = Vertex("variable"), Vertex("variable")
NUMBERS = Vertex("constant", value=0), Vertex("constant", value=1)
ONES = Fraction(1), Fraction(1)


def scaled(numerator: int, instead: int, asked: int) -> list[Vertex]:
    """Return m · Σ |x|/m and Σ |x| as a graph, where m, the largest |x|, may be replaced.

    Args:
        numerator: The node that multiplies: 10 for the scale.
        instead: The node that stands for m where it is replaced, 2 for 0 and 3 for 1.
        asked: The node with which m is compared for that.
    """
    minus = (Fraction(-1),)
    return [
        *TWO, *NUMBERS,
        Vertex("linear", (0,), minus), Vertex("linear", (1,), minus),
        Vertex("max", (0, 4)), Vertex("max", (1, 5)),
        Vertex("max", (6, 7)), Vertex("eq", (8, asked)), Vertex("select", (9, instead, 8)),
        Vertex("div", (6, 10)), Vertex("div", (7, 10)),
        Vertex("linear", (11, 12), ONES), Vertex("mul", (13, numerator)),
        Vertex("linear", (6, 7), ONES),
    ]  # fmt: skip


def test_dividing_by_the_largest_and_multiplying_again() -> None:
    """Where the largest tap is 0 so is every tap; elsewhere it cancels."""
    assert same_by_cases(scaled(10, 3, 2), 14, 15) == 2


@pytest.mark.parametrize(
    ("numerator", "instead", "asked"),
    [(3, 3, 2), (10, 2, 2), (10, 3, 3), (8, 2, 3)],
    ids=["never multiplied", "replaced by 0", "asked for 1", "0 where it is 1"],
)
def test_wrong_twins_are_not_shown(numerator: int, instead: int, asked: int) -> None:
    """One that forgets the scale, and those that divide by 0."""
    nodes = scaled(numerator, instead, asked)
    assert same_by_cases(nodes, 14, 15) is None
    values = [value(nodes, point) for point in POINTS]
    assert any(each[14] != each[15] for each in values)


def test_a_condition_that_is_undefined_somewhere_is_none_to_part_at() -> None:
    """Both ways of a choice by 1/x = 0 come to the same, and at 0 there is no choice."""
    nodes = [
        *TWO, *NUMBERS, Vertex("div", (3, 0)), Vertex("eq", (4, 2)), Vertex("mul", (1, 1)),
        Vertex("mul", (1, 6)), Vertex("select", (5, 6, 7)),
    ]  # fmt: skip
    assert same_by_cases(nodes, 8, 7) is None


def test_signs_of_the_input_are_taken_only_where_they_are_known() -> None:
    """Where a sum is 0 both parts are only if neither is negative."""
    nodes = [
        *TWO, *NUMBERS, Vertex("linear", (0, 1), ONES), Vertex("eq", (4, 2)),
        Vertex("select", (5, 2, 0)),
    ]  # fmt: skip
    assert same_by_cases(nodes, 6, 0, never_negative=frozenset({0, 1})) == 2
    assert same_by_cases(nodes, 6, 0) is None


@pytest.mark.slow
def test_random_graphs() -> None:
    """Whatever is shown equal has the same values, and none in the same places."""
    chosen = random.Random(5)
    shown = parted = 0
    for _ in range(800):
        nodes, truths = scaled(10, 3, 2)[:11], [9]
        for number in range(11, 11 + chosen.randint(3, 7)):
            numeric = [n for n in range(number) if n not in truths]
            a, b = chosen.choice(numeric), chosen.choice(numeric)
            weights = Fraction(chosen.choice((-1, 1, 2))), Fraction(chosen.choice((-1, 1)))
            made = [
                Vertex("linear", (a, b), weights), Vertex("mul", (a, b)), Vertex("mul", (a, a)),
                Vertex("div", (a, b)), Vertex("max", (a, b)), Vertex("eq", (a, 2)),
            ]  # fmt: skip
            if truths:
                made += [Vertex("select", (chosen.choice(truths), a, b))] * 4
            node = chosen.choice(made)
            if node.operator == "eq":
                truths.append(number)
            nodes.append(node)
        numeric = [n for n in range(len(nodes)) if n not in truths]
        every: list[list[Any]] = [value(nodes, point) for point in POINTS]
        for left, right in (chosen.sample(numeric, 2) for _ in range(6)):
            cases = same_by_cases(nodes, left, right)
            if cases is not None:
                shown, parted = shown + 1, parted + (cases > 1)
                assert all(v[left] == v[right] for v in every), (nodes, left, right)
    assert shown > 100
    assert parted > 3
