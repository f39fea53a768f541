from __future__ import annotations

import math

import pytest
import torch

from proofs.claim import CheckFailedError
from proofs.folklore.average_removes_most_noise import (
    THREE,
    TWO,
    by_quadrature,
    claim,
    integral,
    leaves_more,
    moments,
    stated,
)

DRAWN = 400_000


@pytest.mark.parametrize("taps", [2, 3])
def test_moments_are_those_of_drawn_noise(taps: int) -> None:
    """Mean and variance of drawn maxima are the exact ones, within five standard errors."""
    random = torch.Generator().manual_seed(0)
    drawn = torch.randn(DRAWN, taps, generator=random, dtype=torch.float64).amax(1)
    mean, variance = (float(value) for value in moments(taps))
    assert float(drawn.mean()) == pytest.approx(mean, abs=5 * math.sqrt(variance / DRAWN))
    assert float(drawn.var()) == pytest.approx(variance, abs=5 * variance * math.sqrt(3 / DRAWN))


@pytest.mark.parametrize("signal", [[0.0, 0, 0, 0], [3.0, 0, 0, 0], [1.0, 0.5, 0.5, 0]])
def test_the_average_leaves_less_of_any_signals_noise(signal: list[float]) -> None:
    """With one noise the variance of the maximum is that of the mean and of what is left of it."""
    random = torch.Generator().manual_seed(1)
    noise = torch.randn(DRAWN, 4, generator=random, dtype=torch.float64)
    taps = torch.tensor(signal, dtype=torch.float64) + noise
    mean, largest = taps.mean(1), taps.amax(1)
    assert float(mean.var()) == pytest.approx(1 / 4, rel=0.01)
    apart = float(mean.var() + (largest - mean).var())
    assert float(largest.var()) == pytest.approx(apart, rel=0.01)
    assert float(largest.var()) > float(mean.var())


def test_the_claim_says_what_is_cited_and_for_how_many_taps() -> None:
    """What is not proved here stands beside what is, and so it does in what the answers show."""
    assert "given that uncorrelated jointly normal variables are independent (cited)" in claim.holds
    assert "max-pooling of two or three leaves more" in claim.title
    (mark,) = claim.marks_in("real")
    assert (mark.word, "jointly normal" in mark.what) == ("cited", True)


def test_what_is_stated_is_checked() -> None:
    """The exact line is returned, and another figure is refused with the right one."""
    assert stated(*TWO, 2) == "2 taps: bias 1/sqrt(pi)·σ, variance (1 - 1/pi)·σ²"
    assert stated(*THREE, 3).startswith("3 taps: bias 3/(2*sqrt(pi))·σ")
    with pytest.raises(CheckFailedError) as caught:
        stated("0", TWO[1], 2)
    assert str(caught.value) == "of 2 taps the maximum has the mean 1/sqrt(pi), not 0"


def test_the_maximum_leaves_more() -> None:
    """And the average does not."""
    assert leaves_more("maximum", "average").startswith("of two and of three taps the maximum")
    with pytest.raises(CheckFailedError) as caught:
        leaves_more("average", "maximum")
    assert str(caught.value) == ("of 2 taps the average leaves (1/2)·σ², the maximum (1 - 1/pi)·σ²")


def test_antiderivatives_are_differentiated() -> None:
    """The integral of the density is 1, half of it from 0 on; a wrong sign is refused."""
    assert integral("p", "q") == 1
    assert 2 * integral("p", "q", start="0") == 1
    assert integral("x*p", "-p") == 0
    with pytest.raises(CheckFailedError) as caught:
        integral("x*p", "p")
    assert str(caught.value) == "p is no antiderivative of x*p"


def test_quadrature_agrees_with_what_is_exact_and_published() -> None:
    """Nine taps: 1.4850, as in tables of normal order statistics; a larger share is refused."""
    assert by_quadrature() == (
        "2 to 9 taps: the bias grows to 1.4850·σ, the variance is above σ²/k"
    )
    with pytest.raises(CheckFailedError, match=r"2 taps: bias 0\.5642, variance 0\.6817"):
        by_quadrature(lambda taps: 1.0)
