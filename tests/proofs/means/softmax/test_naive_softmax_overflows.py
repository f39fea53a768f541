from __future__ import annotations

import math
import re
from fractions import Fraction

import mpmath
import numpy
import pytest
import torch

from proofs.claim import CheckFailedError
from proofs.means.softmax import naive_softmax_overflows
from proofs.means.softmax.naive_softmax_overflows import (
    BITS,
    NAMED,
    THRESHOLDS,
    enclosed_exp,
    in_torch,
    is_below,
    last_before,
    limits,
    naive_softmax_pool,
    next_above,
    two_overflow,
)
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat


@pytest.mark.parametrize("x", [0, Fraction(1, 3), 1, 11, Fraction(887, 10), 710, 746])
def test_the_enclosure_holds_exp(x: Fraction | int) -> None:
    """Mpmath's interval of twice the precision lies inside, and it is narrow."""
    low, high = enclosed_exp(Fraction(x))
    with mpmath.workprec(3 * BITS):
        exp = mpmath.exp(mpmath.mpf(Fraction(x).numerator) / Fraction(x).denominator)
        ends = [mpmath.mpf(end.numerator) / end.denominator for end in (low, high)]
        assert ends[0] <= exp <= ends[1]
    assert high - low < low * Fraction(1, 2 ** (BITS - 24))


@pytest.mark.parametrize("name", NAMED)
def test_two_taps_overflow_before_one(name: str) -> None:
    """At the last float whose exp is finite, and from the first whose exp is half the limit on."""
    system = SYSTEMS[name]
    assert isinstance(system, FloatFormat)
    last = THRESHOLDS[name][0]
    assert two_overflow(name, last).startswith(f"exp({last!r}) does not overflow")
    with pytest.raises(CheckFailedError, match="already"):
        two_overflow(name, next_above(last, system))
    kind = getattr(torch, name)
    first = torch.tensor(math.log(limits(system)[0] / 2), dtype=kind)
    for step in range(-3, 4):
        x = first
        for _ in range(abs(step)):
            x = torch.nextafter(x, torch.tensor(step * math.inf, dtype=kind))
        if x.exp().isinf():
            continue
        if (x.exp() + x.exp()).isinf():
            two_overflow(name, float(x))
        else:
            with pytest.raises(CheckFailedError, match="does not overflow"):
                two_overflow(name, float(x))


def test_the_conditions_say_that_several_fail_earlier() -> None:
    """The thresholds are those of one tap; two of 11.0 and of 8.6 in float16 fail below them."""
    holds = naive_softmax_overflows.claim.holds
    assert "of one tap alone" in holds and "of two equal taps at the float before already" in holds
    for name in NAMED:
        first = next_above(THRESHOLDS[name][0], SYSTEMS[name])  # type: ignore[arg-type]
        said = re.search(rf"([0-9.]+)(?: on)? in {name}\b", holds)
        assert said is not None
        assert first <= float(said[1]) < first + 1e-4
    two = torch.tensor([[11.0, 11.0], [8.6, 8.6]], dtype=torch.float16)
    assert [str(float(pooled)) for pooled in naive_softmax_pool(two)] == ["nan", "inf"]


def test_too_close_to_tell() -> None:
    """A limit inside the enclosure is no verdict."""
    low, high = enclosed_exp(Fraction(1))
    with pytest.raises(CheckFailedError, match=r"exp\(1.0\) is too close"):
        is_below(Fraction(1), (low + high) / 2)
    assert is_below(Fraction(1), Fraction(3)) and not is_below(Fraction(1), Fraction(2))


@pytest.mark.parametrize("name", THRESHOLDS)
def test_thresholds(name: str) -> None:
    """The declared float is the last; the one before and the one behind are refused."""
    system = SYSTEMS[name]
    assert isinstance(system, FloatFormat)
    last, least = THRESHOLDS[name]
    assert "overflows at" in last_before(name, (last, least))
    with pytest.raises(CheckFailedError, match=r"exp overflows at .* already"):
        last_before(name, (next_above(last, system), least))
    with pytest.raises(CheckFailedError, match=r"exp vanishes at .* already"):
        last_before(name, (last, next_above(least, system)))
    with pytest.raises(CheckFailedError, match="only behind"):
        last_before(name, (last - (next_above(last, system) - last), least))


@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
def test_limits_are_numpys(name: str) -> None:
    """Half a last place beyond the largest number, and half of the smallest."""
    kind = numpy.finfo(name)
    over, under = limits(SYSTEMS[name])  # type: ignore[arg-type]
    largest = Fraction(float(kind.max))
    below = Fraction(float(numpy.nextafter(kind.max, kind.dtype.type(0))))
    assert over == largest + (largest - below) / 2
    assert 1 / under == Fraction(float(kind.smallest_subnormal)) / 2


@pytest.mark.parametrize("name", ["float32", "float64"])
def test_next_above_is_numpys(name: str) -> None:
    """The neighbour behind each threshold, and behind a power of two."""
    kind = getattr(numpy, name)
    for x in (*THRESHOLDS[name], 64.0):
        assert next_above(x, SYSTEMS[name]) == float(numpy.nextafter(kind(x), kind(math.inf)))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["float16", "float32", "float64"])
def test_numpy_overflows_there(name: str) -> None:
    """NumPy's exp is finite at the threshold and infinite behind it."""
    kind = getattr(numpy, name)
    last = THRESHOLDS[name][0]
    with numpy.errstate(over="ignore"):
        found = numpy.exp(kind([last, next_above(last, SYSTEMS[name])]))  # type: ignore[arg-type]
    assert numpy.isfinite(found).tolist() == [True, False]


@pytest.mark.parametrize("name", ["float16", "bfloat16", "float32", "float64"])
def test_torch_agrees(name: str) -> None:
    """And says so where it does not."""
    assert "agrees on both sides" in in_torch(name, THRESHOLDS[name])
    with pytest.raises(CheckFailedError, match="torch says"):
        in_torch(name, (THRESHOLDS[name][0] / 2, THRESHOLDS[name][1]))


def test_a_window_that_survives_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were softmax pooling right beyond the thresholds, the claim would be refuted."""
    monkeypatch.setattr(naive_softmax_overflows, "naive_softmax_pool", lambda taps: taps[:, 0])
    with pytest.raises(CheckFailedError, match=r"a window of 88.72283172607422 survives"):
        in_torch("float32", THRESHOLDS["float32"])


def test_the_formula() -> None:
    """On small taps it is softmax pooling; on large ones NaN."""
    taps = torch.tensor([[0.0, 1.0], [90.0, 0.0], [-200.0, -200.0]])
    found = naive_softmax_pool(taps)
    assert found[0] == pytest.approx(math.e / (1 + math.e))
    assert found[1:].isnan().all()
