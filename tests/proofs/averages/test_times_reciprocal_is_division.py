from __future__ import annotations

from typing import Any

import numpy
import pytest

from proofs.averages.times_reciprocal_is_division import (
    claim,
    example,
    first_difference,
    lucky,
)
from proofs.claim import CheckFailedError

#: Windows of pooling layers in use, by their number of taps; the last is a global one.
WINDOWS = (2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 25, 27, 36, 49, 64, 81, 121, 169)


def first_in_numpy(dtype: Any, precision: int, taps: int) -> int | None:
    """Return the smallest significand at which NumPy's division and product differ."""
    sums = numpy.arange(1 << (precision - 1), 1 << precision).astype(dtype)
    k = dtype(taps)
    differ = sums / k != sums * (dtype(1) / k)
    return int(sums[differ.argmax()]) if differ.any() else None


@pytest.mark.parametrize("taps", [2, 3, 7, 9, 16, 25, 49, 100, 200])
def test_float16_in_numpy(taps: int) -> None:
    """The smallest example is NumPy's, in the dtype itself."""
    assert first_difference("float16", taps) == first_in_numpy(numpy.float16, 11, taps)


@pytest.mark.parametrize("taps", [3, 9, 49])
def test_float32_in_numpy(taps: int) -> None:
    """The same in float32, over all 2²³ significands; of nine taps a ninth are wrong."""
    assert first_difference("float32", taps) == first_in_numpy(numpy.float32, 24, taps)
    sums = numpy.arange(1 << 23, 1 << 24, dtype=numpy.float32)
    share = (sums / numpy.float32(9) != sums * numpy.float32(1 / 9)).mean()
    assert share == pytest.approx(1 / 9, abs=1e-4)


def test_windows_in_use() -> None:
    """Each that is no power of two has an example in both formats; powers of two have none."""
    for dtype in ("float32", "float64"):
        assert example(dtype, WINDOWS).startswith("13 windows each")
        assert [k for k in WINDOWS if first_difference(dtype, k, 4096) is None] == [2, 4, 8, 16, 64]
    with pytest.raises(CheckFailedError, match="first 128 sums over 151 are the same"):
        example("bfloat16", [151], most=128)
    with pytest.raises(CheckFailedError, match="1/131072 is no number of float8_e5m2"):
        example("float8_e5m2", [2**17])


def test_the_lucky_ones() -> None:
    """13 in float8_e4m3fn and three in bfloat16; who forgets one is told."""
    assert "lucky are 13" in lucky("float8_e4m3fn", range(2, 17), (13,))
    assert "lucky are 151, 163, 183" in lucky("bfloat16", range(2, 257), (151, 163, 183))
    with pytest.raises(CheckFailedError, match=r"will do for .163,., not for "):
        lucky("bfloat16", range(160, 170), ())


@pytest.mark.slow
def test_the_first_lucky_one_of_float16() -> None:
    """1705 is the only one among the whole numbers up to 2048."""
    assert "lucky are 1705" in lucky("float16", range(2, 2049), (1705,))


def test_there_are_lucky_windows_beyond_those_that_are_tried() -> None:
    """Doubling 13 changes the exponent alone; the claim ends at 16 taps in that format."""
    assert [first_difference("float8_e4m3fn", taps) for taps in (13, 26, 52, 104)] == [None] * 4
    assert "up to 16 in float8_e4m3fn" in claim.holds
