from __future__ import annotations

import pytest

from proofs.claim import CheckFailedError
from proofs.means.softmax.exponential_above_tangents import above


def test_the_tangent() -> None:
    """The argument goes through for the tangent at 0."""
    assert above(lambda u: 1 + u) == "exp(u) − 1 − u is convex, and 0 with slope 0 at 0"


def test_other_lines_fail() -> None:
    """One with another value or slope at 0, and a curve above which convexity is not seen."""
    for line in (lambda u: 1 + 2 * u, lambda u: 2 + u, lambda u: 1 + u + u**2):
        with pytest.raises(CheckFailedError):
            above(line)
