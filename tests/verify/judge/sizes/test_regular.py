"""Rules along one axis, held against terms at many sizes."""

from __future__ import annotations

from verify.judge.sizes.lengths import Length, Sizes
from verify.judge.sizes.regular import (
    Fixed,
    Open,
    Regular,
    canonical,
    padded,
    regrouped,
    spread,
    uniform,
    windows,
)

SIZES = Sizes({"W": (4, 3), "C": (1, 1)}, {"W": 3, "C": 2})
W = Open("W", 1, SIZES.size("W"), 2, 1)
C = Open("C", 0, SIZES.size("C"))


def test_padding_widens_a_border_and_cutting_narrows_it() -> None:
    """By what is added or taken away at that end."""
    assert (padded(W, 2, 3).length - W.length).known == 5
    around = padded(W, 2, 3)
    assert isinstance(around, Open)
    assert (around.left, around.right) == (4, 4)
    cut = padded(W, -3, -1)
    assert isinstance(cut, Open)
    assert (cut.left, cut.right) == (0, 0)


def test_windows_are_as_far_from_the_ends_as_their_elements() -> None:
    """A window at the right is whole if its last element is as before."""
    every_other = windows(W, 3, 2)
    assert isinstance(every_other, Open)
    assert (str(every_other.length), every_other.left, every_other.right) == ("2·W + 1", 1, 1)
    assert windows(Fixed(9), 3, 2) == Fixed(4)


def test_merged_axes_come_apart_again() -> None:
    """What is joined to an open axis is a part of it, and is taken off where its size says so."""
    tensor = Regular(((C,), (W, Fixed(3))))
    assert canonical((W, Fixed(3))) == (spread(W, 3),)
    whole = regrouped(tensor, [SIZES.size("C") * SIZES.size("W") * 3], SIZES)
    back = regrouped(whole, [SIZES.size("C"), SIZES.size("W"), Length.number(3)], SIZES)
    assert back.axes == ((C,), (W,), (Fixed(3),))


def test_tensors_of_one_number_take_any_shape() -> None:
    """All their elements are alike."""
    ones = uniform([SIZES.size("C"), SIZES.size("W")])
    flat = regrouped(ones, [SIZES.size("C") * SIZES.size("W")], SIZES)
    assert flat.shape == (SIZES.size("C") * SIZES.size("W"),)
