"""Errors that enter two branches and cancel are counted once."""

from __future__ import annotations

from fractions import Fraction
from unittest import mock

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from tests.verify.judge.tolerance.graphs import Element, bound_of, pattern_of
from verify.judge.tolerance.noise import Noise
from verify.judge.tolerance.rounding import Interval

ONE = Interval(Fraction(-1), Fraction(1))
FLOAT32 = SYSTEMS["float32"]


def twice(a: Element, b: Element) -> Element:
    """Return b in a way in which the error of a + b enters twice, with both signs."""
    total = a + b
    return (total + a) - (total - b)


def largest(*taps: Element) -> Element:
    """Return the largest by layers in which each neuron is a sum of its own."""
    one, minus = Fraction(1), Fraction(-1)
    graph = taps[0].graph
    first, second, *others = taps
    neurons = [(first - second).relu(), second.relu(), (-second).relu()]
    for tap in others:
        values = [
            graph.weighted([*neurons, tap], [minus, minus, one, one]),
            graph.weighted(neurons, [one, one, minus]),
            graph.weighted(neurons, [minus, minus, one]),
        ]
        neurons = [value.relu() for value in values]
    return graph.weighted(neurons, [one, one, minus])


def test_what_cancels() -> None:
    """Without unknowns the bound is larger, for a deep network many times."""
    assert isinstance(FLOAT32, FloatFormat)
    for expression, count, times in ((twice, 2, 1.25), (largest, 6, 4)):
        pattern = pattern_of(expression, count, FLOAT32)
        with mock.patch.object(Noise, "error", lambda *args: args[4]):
            plain = bound_of(pattern, ONE, FLOAT32).error
        assert bound_of(pattern, ONE, FLOAT32).error * Fraction(times) <= plain
