"""The weakest condition under which a refuted module is right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from verify.judge import equivalent

Function = Callable[[torch.Tensor], torch.Tensor]


def padded(value: float) -> Function:
    """Return max-pooling that pads with a number."""
    return lambda x: F.max_pool2d(F.pad(x, (1, 1, 1, 1), value=value), 3, 2)


#: Function, reference, shape, what is found, whether it is exact.
KNOWN: dict[str, tuple[Function, str, tuple[int, ...], str, bool]] = {
    "zero padding": (
        padded(0), "max_pool2d(3, 2, 1)", (1, 1, 6, 6),
        "the largest tap of every border window is ≥ 0", True,
    ),
    "zero padding and a final ReLU": (
        lambda x: F.relu(padded(0)(x)), "max_pool2d(3, 2, 1)", (1, 1, 6, 6),
        "the largest tap of every window is ≥ 0", True,
    ),
    "padding with −1": (
        padded(-1), "max_pool2d(3, 2, 1)", (1, 1, 6, 6),
        "the largest tap of every border window is ≥ −1", True,
    ),
    "padding with 5/2": (
        padded(2.5), "max_pool2d(3, 2, 1)", (1, 2, 5, 5),
        "the largest tap of every border window is ≥ 5/2", True,
    ),
    "average for maximum": (
        lambda x: F.avg_pool2d(x, 2), "max_pool2d(2)", (1, 1, 4, 4),
        "all taps of every window are equal", True,
    ),
    "a clamp behind": (
        lambda x: F.max_pool2d(x, 2).clamp(0, 6), "max_pool2d(2)", (1, 1, 4, 4),
        "the largest tap of every window is from 0 to 6", True,
    ),
    "a clamp in front": (
        lambda x: F.avg_pool2d(x.clamp(-1, 1), 2), "avg_pool2d(2)", (1, 1, 4, 4),
        "every tap of every window is from −1 to 1", False,
    ),
    "a ReLU behind an average": (
        lambda x: F.relu(F.avg_pool2d(x, 2)), "avg_pool2d(2)", (1, 1, 4, 4),
        "the reference's output at every window is ≥ 0", True,
    ),
    "a ReLU before a minimum": (
        lambda x: -F.max_pool2d(-F.relu(x), 2), "min_pool2d(2)", (1, 1, 4, 4),
        "every tap of every window is ≥ 0", True,
    ),
    "whole outputs": (
        lambda x: F.max_pool2d(x, 2).floor(), "max_pool2d(2)", (1, 1, 4, 4),
        "the reference's output at every window is a whole number", True,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_known_answers(name: str) -> None:
    """Each is found, with an input that does not meet it and on which the module is wrong."""
    function, reference, shape, words, exact = KNOWN[name]
    found = equivalent(function, reference, shape)
    assert found.verdict.name == "REFUTED"
    condition = found.condition
    assert condition is not None, found.no_condition
    assert (condition.words, condition.exact) == (words, exact)
    assert condition.runs > 0
    assert str(condition) == f"right {'exactly ' if exact else ''}if {words}"
    again = equivalent(function, reference, shape, why=False)
    assert again.condition is None and again.no_condition == ""


def test_the_input_outside_is_wrong() -> None:
    """Run by hand, the module differs from torch's own pooling there."""
    function, _, shape, _, _ = KNOWN["zero padding"]
    found = equivalent(function, "max_pool2d(3, 2, 1)", shape)
    assert found.condition is not None
    x = found.condition.outside
    assert not torch.equal(function(x), F.max_pool2d(x, 3, 2, 1))
    assert torch.equal(function(x.abs()), F.max_pool2d(x.abs(), 3, 2, 1))


def test_integers_that_wrap_around() -> None:
    """−max(−x) is right where no tap is the smallest number; a difference, in half the range."""
    found = equivalent(lambda x: -F.max_pool2d(-x, 2), "min_pool2d(2)", (1, 1, 2, 4), "int8")
    assert str(found.condition) == "right if every tap of every window is > −128"

    def fold(x: torch.Tensor) -> torch.Tensor:
        return torch.relu(x[..., ::2] - x[..., 1::2]) + x[..., 1::2]

    found = equivalent(fold, "max_pool1d(2)", (1, 1, 4), "int8")
    assert str(found.condition) == "right if every tap of every window is from −64 to 63"


#: In int8: the function, its reference, the condition.
INTEGERS: dict[str, tuple[Function, str, tuple[int, ...], str]] = {
    "a fold of four": (
        lambda x: merged([x[..., i::4] for i in range(4)]), "max_pool1d(4)", (1, 1, 4),
        "right if every tap of every window is from −64 to 63",
    ),
    "a fold from zero": (
        lambda x: merged([x[..., ::2] * 0, x[..., ::2], x[..., 1::2]]), "max_pool1d(2)", (1, 1, 4),
        "right if the largest tap of every window is ≥ 0, and every tap of it is from −64 to 63",
    ),
    "a clamp": (
        lambda x: F.max_pool2d(x.clamp(-1, 5), 2), "max_pool2d(2)", (1, 1, 2, 2),
        "right exactly if the largest tap of every window is from −1 to 5",
    ),
    "padding with −3": (
        lambda x: F.max_pool2d(F.pad(x, (1, 1, 1, 1), value=-3), 3, 2), "max_pool2d(3, 2, 1)",
        (1, 1, 3, 3), "right exactly if the largest tap of every window is ≥ −3",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", INTEGERS)
def test_conditions_of_integers(name: str) -> None:
    """Bounds that a module speaks of, and half the range where differences are taken."""
    function, reference, shape, words = INTEGERS[name]
    found = equivalent(function, reference, shape, "int8")
    assert str(found.condition) == words, found.no_condition


def merged(taps: list[torch.Tensor]) -> torch.Tensor:
    """Return the largest of some taps, one after the other."""
    first, *others = taps
    for tap in others:
        first = torch.relu(tap - first) + first
    return first


def test_truncating_is_right_of_whole_numbers() -> None:
    """Over the reals, and in a format as far as it has all of them."""

    def truncated(x: torch.Tensor) -> torch.Tensor:
        return F.max_pool2d(x.trunc(), 2)

    found = equivalent(truncated, "max_pool2d(2)", (1, 1, 2, 2))
    assert str(found.condition) == "right if every tap of every window is a whole number"
    found = equivalent(truncated, "max_pool2d(2)", (1, 1, 2, 2), "float16")
    assert str(found.condition) == (
        "right if every tap of every window is a whole number, from −2048 to 2048"
    )


def test_an_element_that_the_reference_does_not_read_is_no_tap() -> None:
    """Of a + b − b where a is meant, no bound on a keeps roundings away."""
    found = equivalent(lambda a, b: a + b - b, lambda a, b: a * 1, ((2,), (2,)), "float16")
    assert found.verdict.name == "REFUTED"
    assert found.condition is None


@pytest.mark.parametrize("system", ["float16", "bfloat16", "float32"])
def test_averages_are_right_where_their_sums_are_exact(system: str) -> None:
    """In whatever order they are taken; over the reals for a maximum too if all are equal."""
    end = {"float16": 512, "bfloat16": 64, "float32": 4194304}[system]
    found = equivalent(
        lambda x: F.avg_pool2d(x, 2), lambda x: F.max_pool2d(x, 2), (1, 1, 2, 2), system
    )
    assert str(found.condition) == (
        "right if all taps of every window are equal, and every tap of it is a whole number, "
        f"from −{end} to {end}, or NaN"
    )


def test_of_a_wrong_window_alone() -> None:
    """A module that is wrong in one place is asked about that place."""

    def one_place(x: torch.Tensor) -> torch.Tensor:
        pooled = F.max_pool1d(x, 2)
        return torch.cat([pooled[..., :1], pooled[..., 1:2].relu(), pooled[..., 2:]], -1)

    found = equivalent(one_place, "max_pool1d(2)", (1, 1, 6))
    assert str(found.condition) == (
        "right exactly if the largest tap of the window it gets wrong is ≥ 0"
    )


def test_given_narrows_the_question() -> None:
    """Among inputs that meet what is given, the condition is found beside it."""
    found = equivalent(
        lambda x: F.max_pool1d(x, 2).clamp(0, 6), "max_pool1d(2)", (1, 1, 4), given="x >= 0"
    )
    assert str(found.condition) == "right exactly if every tap of every window is ≤ 6"


#: What is found in float16: the function, its reference, the condition.
FLOATS: dict[str, tuple[Function, str, str]] = {
    "a clamp behind": (
        lambda x: F.max_pool1d(x, 2).clamp(0, 6), "max_pool1d(2)",
        "right exactly if the largest tap of every window is from 0 to 6, or NaN",
    ),
    "a ReLU of a difference": (
        lambda x: torch.relu(x[..., ::2] - x[..., 1::2]) + x[..., 1::2], "max_pool1d(2)",
        "right if every tap of every window is a whole number, from −1024 to 1024, or NaN",
    ),
    "there and back": (
        lambda x: F.max_pool1d(x * 2, 2) / 2, "max_pool1d(2)",
        "right if every tap of every window is from −32752 to 32752, or NaN",
    ),
    "half of a sum with a distance": (
        lambda x: (x[..., ::2] + x[..., 1::2] + (x[..., ::2] - x[..., 1::2]).abs()) / 2,
        "max_pool1d(2)",
        "right if every tap of every window is a whole number, from −1024 to 1024, or NaN",
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", ["float16", "bfloat16", "float64"])
def test_a_fold_from_zero_needs_both(system: str) -> None:
    """It is right over the reals if the largest tap is at least 0, and where nothing rounds."""
    found = equivalent(
        lambda x: merged([x[..., ::2] * 0, x[..., ::2], x[..., 1::2]]), "max_pool1d(2)", (1, 1, 4),
        system,
    )  # fmt: skip
    end = 2 ** {"float16": 10, "bfloat16": 7, "float64": 52}[system]
    assert str(found.condition) == (
        "right if the largest tap of every window is ≥ 0, and every tap of it is a whole number, "
        f"from −{end} to {end}, or NaN"
    )


@pytest.mark.parametrize("name", FLOATS)
def test_conditions_in_a_float_format(name: str) -> None:
    """Roundings and overflows have conditions as well; NaN is asked about apart."""
    function, reference, words = FLOATS[name]
    found = equivalent(function, reference, (1, 1, 4), "float16")
    assert found.verdict.name == "REFUTED"
    assert str(found.condition) == words, found.no_condition
    assert found.condition is not None
    outside = found.condition.outside
    assert not torch.equal(function(outside), F.max_pool1d(outside, 2))


@pytest.mark.parametrize("name", ["float32", "bfloat16", "float64"])
def test_what_rounds_nothing_has_the_condition_of_the_reals(name: str) -> None:
    """Zero padding chooses, and so does its condition; a NaN takes its window on both sides."""
    found = equivalent(padded(0), "max_pool2d(3, 2, 1)", (1, 1, 6, 6), name)
    assert str(found.condition) == (
        "right exactly if the largest tap of every border window is ≥ 0, or NaN"
    )


def test_a_nan_that_is_lost_meets_no_condition() -> None:
    """Where one side drops it, it is not among what is right."""

    def dropped(x: torch.Tensor) -> torch.Tensor:
        a, b = x[..., ::2], x[..., 1::2]
        return torch.where(a > b, a, b).relu()

    found = equivalent(dropped, "max_pool1d(2)", (1, 1, 4), "float32")
    assert str(found.condition) == "right exactly if the largest tap of every window is ≥ 0"


def test_open_sizes_are_asked_at_the_smallest_shape_that_fails() -> None:
    """The condition names the shape it was found at."""
    found = equivalent(padded(0), "max_pool2d(3, 2, 1)", ("N", "C", "H", "W"))
    assert found.verdict.name == "REFUTED"
    assert found.condition is not None
    assert "≥ 0, at 1×1×" in found.condition.words
