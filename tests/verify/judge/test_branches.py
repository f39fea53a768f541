"""Modules that decide by their input as a whole."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy
import pytest
import torch
import torch.nn.functional as F

from proofs.systems import SYSTEMS
from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.branches import Learnt, decisions_of, pairs, steering, thresholds, wide
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.terms import Terms
from verify.judge.watching.paths import Explored
from verify.judge.watching.reader import Decision

POOL = "max_pool2d(3, 2, 1)"
Ask = Callable[[torch.Tensor], torch.Tensor]


def pool(x: torch.Tensor) -> torch.Tensor:
    """Max-pool, right."""
    return F.max_pool2d(x, 3, 2, 1)


def padded(x: torch.Tensor, value: float) -> torch.Tensor:
    """Max-pool of an input that is padded by a number."""
    return F.max_pool2d(F.pad(x, (1, 1, 1, 1), value=value), 3, 2)


def rows_and_columns(x: torch.Tensor) -> torch.Tensor:
    """Max-pool along one axis and then along the other, right."""
    return F.max_pool2d(F.max_pool2d(x, (1, 3), (1, 2), (0, 1)), (3, 1), (2, 1), (1, 0))


def wrong_where(ask: Ask) -> Ask:
    """Return a module that is wrong where an input is so."""
    return lambda x: pool(x) + 1 if ask(x) else pool(x)


WRONG_WHERE: dict[str, Ask] = {
    "a sum is positive": lambda x: x.sum() > 0,
    "a sum is negative": lambda x: x.sum() < 0,
    "a sum is 7": lambda x: x.sum() == 7,
    "all are positive": lambda x: (x > 0).all(),
    "all are negative": lambda x: (x < 0).all(),
    "all are alike": lambda x: (x == x[0, 0, 0, 0]).all(),
    "all are zero": lambda x: ~x.any(),
    "the largest is large": lambda x: x.max() > 1e5,
    "the largest is small": lambda x: x.max() < -31,
    "the largest is one number": lambda x: x.max() == 1234.5,
    "the smallest is zero": lambda x: x.min() == 0,
    "the mean is above a number": lambda x: x.mean() > 0.5,
    "it is flat": lambda x: x.abs().mean() < 1e-3,
}


@pytest.mark.parametrize("name", WRONG_WHERE)
def test_both_sides_of_a_decision_are_tried(name: str) -> None:
    """Wrong on one side only, of many elements together: refuted by a run."""
    found = equivalent(wrong_where(WRONG_WHERE[name]), POOL, (1, 2, 9, 9), why=False)
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.counterexample is not None
    assert bool(WRONG_WHERE[name](found.counterexample.input))


@pytest.mark.slow
@pytest.mark.parametrize("name", WRONG_WHERE)
def test_at_the_size_of_a_real_layer(name: str) -> None:
    """The same of 802,816 elements."""
    found = equivalent(wrong_where(WRONG_WHERE[name]), POOL, (1, 64, 112, 112), why=False)
    assert found.verdict is Verdict.REFUTED, found.reason


RIGHT: dict[str, Ask] = {
    "both ways": lambda x: pool(x) if x.sum() > 0 else rows_and_columns(x),
    "both ways at a mean": lambda x: rows_and_columns(x) if x.mean() > 0.5 else pool(x),
    "zeros beside what is not negative": lambda x: padded(x, 0) if (x >= 0).all() else pool(x),
    "by the smallest": lambda x: pool(x) if x.min() < 0 else padded(x, 0),
    "by an opposite": lambda x: padded(x, -5) if not (x < -5).any() else pool(x),
    "never gone": lambda x: pool(x) * 2 if torch.isnan(x).any() else padded(x, -torch.inf),
}


@pytest.mark.parametrize("name", RIGHT)
@pytest.mark.parametrize("shape", [(1, 2, 9, 9), pytest.param((1, 64, 112, 112),
                                                              marks=pytest.mark.slow)])  # fmt: skip
def test_every_way_is_proved(name: str, shape: tuple[int, ...]) -> None:
    """Also where a way is right only of inputs that go it."""
    found = equivalent(RIGHT[name], POOL, shape)
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


def test_a_way_that_is_wrong_of_what_goes_it() -> None:
    """A mean says nothing of a border; nor do the elements of one image of those of another."""
    by_mean = equivalent(lambda x: padded(x, 0) if x.mean() >= 0 else pool(x), POOL, (1, 2, 9, 9))
    assert by_mean.verdict is Verdict.REFUTED, by_mean.reason
    by_one = equivalent(
        lambda x: padded(x, 0) if (x[0] >= 0).all() else pool(x), POOL, (2, 1, 9, 9)
    )
    assert by_one.verdict is Verdict.REFUTED, by_one.reason


@pytest.mark.slow
def test_where_nobody_can_go_is_said() -> None:
    """An input whose thousands of elements have one product is not found: the line is named."""
    found = equivalent(
        wrong_where(lambda x: (x * x * x - x * x).sum() == 0.7113), POOL, (1, 64, 33, 33), why=False
    )
    assert found.verdict is Verdict.UNKNOWN
    assert "it decides by its input as a whole, line" in found.reason
    assert "of test_branches.py" in found.reason


# -- what decisions say ----------------------------------------------------------------------------


def known(count: int) -> tuple[Terms, Algebra]:
    """Return terms of so many elements."""
    terms = Terms(count)
    return terms, Algebra(terms, SYSTEMS["real"])


def test_what_all_elements_are_is_learnt() -> None:
    """By conjunctions and extremes, strict or not, and what is possible."""
    terms, algebra = known(80)
    x, three = terms.variables, algebra.constant(3)
    each = algebra.compare("ge", x, numpy.full_like(x, three))
    every = algebra.connected("and", each.reshape(1, -1))
    least = algebra.extreme(x.reshape(1, -1), largest=False)
    most = algebra.extreme(x.reshape(1, -1), largest=True)
    asked = {
        "low": (int(every[0]), True),
        "none": (int(every[0]), False),
        "above": (int(algebra.compare("le", least, three)[0]), False),
        "below": (int(algebra.compare("lt", most, three)[0]), True),
        "high": (int(algebra.negation(algebra.compare("lt", three, most))[0]), True),
        "some": (int(algebra.compare("lt", algebra.extreme(x[:79].reshape(1, -1), largest=True),
                                     three)[0]), True),
    }  # fmt: skip
    found = {}
    for name, (term, answer) in asked.items():
        bounds = Learnt(terms)
        bounds.learn(term, answer)
        found[name] = bounds.low, bounds.high
    at, beyond = (Fraction(3), False), (Fraction(3), True)
    assert found == {
        "low": (at, None), "none": (None, None), "above": (beyond, None), "below": (None, beyond),
        "high": (None, at), "some": (None, None),
    }  # fmt: skip
    both = Learnt(terms)
    both.learn(*asked["low"])
    possible = [both.possible]
    both.learn(*asked["below"])
    assert [*possible, both.possible] == [True, False]


def test_pairs_of_ways_that_no_input_goes_are_left_out() -> None:
    """Of two sides that ask the same, two pairs are left; in floats nothing is learnt."""
    terms, algebra = known(80)
    x = terms.variables
    most = algebra.extreme(x.reshape(1, -1), largest=True)
    term = int(algebra.compare("lt", most, algebra.constant(3))[0])
    ways = tuple(((Decision(term, answer, ", here"),), x) for answer in (True, False))
    side = Explored(x, ways=ways)
    assert wide(terms, decisions_of(side, side))
    found = pairs(terms, side, side, real=True)
    assert [(p.given and p.given.high, p.where) for p in found] == [(3, ", here"), (None, ", here")]
    assert [p.given for p in pairs(terms, side, side, real=False)] == [None, None]
    many = Explored(x, ways=ways * 5)
    assert not pairs(terms, many, many, real=True)


def test_inputs_on_all_sides_of_a_number() -> None:
    """Sums, means and extremes below it, at it and above it."""
    terms, algebra = known(100)
    mean = algebra.linear(terms.variables.reshape(1, -1), [Fraction(1, 100)] * 100)
    term = int(algebra.compare("lt", algebra.constant(6), algebra.scaled(mean, Fraction(4)))[0])
    numbers = thresholds(terms, [Decision(term, True, "")])
    assert numbers == [(6.0, 1.5)]
    inputs = list(steering(100, torch.float32, numbers))
    for measure in (torch.mean, torch.amax, torch.amin, torch.sum):
        for number in numbers[0]:
            sides = {float((measure(x.double()) - number).sign()) for x in inputs}
            assert {-1, 1} <= sides, (measure, number)
    assert any(bool((x == 1.5).all()) for x in inputs)
    assert all(x.dtype is torch.int8 for x in steering(4, torch.int8, [(1e3, 1e3)]))
