from __future__ import annotations

from fractions import Fraction

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import pooling
from proofs.claim import CheckFailedError
from proofs.windows.adaptive.fractional_windows_are_inside import expected_step, steps_of


@given(
    st.fractions(Fraction(1), Fraction(4), max_denominator=6), st.integers(0, 4), st.integers(1, 9)
)
def test_the_expectation_is_that_of_many_u(alpha: Fraction, window: int, parts: int) -> None:
    """The mean over equally many u in each of the intervals between jumps."""
    count = alpha.numerator * parts  # every jump is a multiple of 1/numerator
    steps = [
        int((window + 1 + u) * alpha) - int((window + u) * alpha)
        for u in (Fraction(2 * j + 1, 2 * count) for j in range(count))
    ]
    assert expected_step(alpha, window) == Fraction(sum(steps), count)


def test_a_wrong_expectation_is_seen() -> None:
    """The check fails on any other number."""
    with pytest.raises(CheckFailedError, match=r"4/3 on average, not 3/2"):
        steps_of(Fraction(3, 2))


@pytest.mark.parametrize("u", [0.0, 0.25, 0.5, 1 - 2.0**-24])
def test_torchs_windows_are_the_definitions(u: float) -> None:
    """At both ends of the random numbers, in float32: no window leaves the input in torch."""
    for size in range(2, 10):
        for kernel in range(1, size):
            for outputs in range(1, size - kernel + 2):
                x = torch.randn(1, 1, size, size, dtype=torch.float64)
                samples = torch.full((1, 1, 2), u, dtype=torch.float64)
                theirs = torch.nn.functional.fractional_max_pool2d(
                    x, kernel, output_size=outputs, _random_samples=samples
                )
                ours = pooling.fractional_max_pool(
                    x.numpy(), (kernel, kernel), samples.numpy(), outputs
                )
                numpy.testing.assert_array_equal(theirs, ours)
