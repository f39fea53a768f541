"""Quantised averages of back-ends: the page, the two readings, and the windows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pytest
import torch

from benchmarks import quantised
from benchmarks.quantised import BACK_ENDS, Difference, coded


@pytest.fixture(scope="module")
def page() -> str:
    """Return the page as it was written last."""
    return quantised.PAGE.read_text("utf-8")


@pytest.mark.slow
def test_the_page_is_of_today(page: str) -> None:
    """Measured again, every table is what stands there."""
    assert quantised.with_tables(page, quantised.tables()) == page


@pytest.mark.parametrize("rows", [quantised.of_wide, quantised.of_maxima, quantised.of_requantised])
def test_short_tables_are_of_today(page: str, rows: Callable[[], Any]) -> None:
    """What takes a second is measured on every run."""
    assert quantised.written(rows()) in page


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")  # as torch says once
def test_readings_are_those_of_quantisers() -> None:
    """Rounded first as a fake quantisation, added first as a real one, clamped as both."""
    windows = quantised.pairs("uint8")[:2000]
    numbers = (torch.from_numpy(windows.astype("float32")) - 3).mean(1) * 0.5
    real = torch.quantize_per_tensor(numbers, 0.5, 3, torch.quint8).int_repr()
    fake = torch.fake_quantize_per_tensor_affine(numbers, 0.5, 3, 0, 255) / 0.5 + 3
    assert quantised.added_first(windows, coded("uint8", 3)).tolist() == real.tolist()
    assert quantised.rounded_first(windows, coded("uint8", 3)).tolist() == fake.tolist()
    most = numpy.array([[255, 255]], dtype="uint8")
    assert quantised.rounded_first(most, coded("uint8", 0, 1.0, 0.5)).tolist() == [255]


def test_nothing_is_more_than_a_step_off() -> None:
    """But where a sum is too wide."""
    for back_end in BACK_ENDS:
        for dtype, zero_point in (("uint8", 127), ("int8", -5)):
            for windows in (quantised.pairs(dtype), quantised.sums(dtype, 4)):
                coding = coded(dtype, zero_point, quantised.INEXACT)
                found = quantised.difference(
                    windows,
                    back_end.average(windows, coding),
                    quantised.rounded_first(windows, coding),
                )
                assert found.most <= 1, back_end.name


def test_windows_are_all_there() -> None:
    """Every pair, the smallest first; every sum of more."""
    pairs = quantised.pairs("int8")
    assert len({tuple(p) for p in pairs.tolist()}) == len(pairs) == 65_536
    assert pairs[:3].tolist() == [[0, 0], [0, 1], [0, -1]]
    sums = quantised.sums("int8", 9)
    assert set(sums.astype(int).sum(1).tolist()) == set(range(-9 * 128, 9 * 127 + 1))


def test_a_difference_shows_the_first_window() -> None:
    """Zeros at its end are counted."""
    windows = numpy.array([[1, 2, 0, 0], [5, 0, 0, 0], [0, 0, 0, 0]], dtype="uint8")
    found = quantised.difference(windows, numpy.array([1, 2, 0]), numpy.array([1, 4, 0]))
    assert found == Difference(1, 3, 2, "(5 and 3 zeros): 2, not 4")
