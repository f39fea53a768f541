"""Conditions as users write them."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain
from typing import Any

import pytest
import torch

from proofs.systems import SYSTEMS
from verify.judge import equivalent
from verify.judge.attack import inputs
from verify.judge.conditions.given import parsed


def extremes(x: torch.Tensor, sign: int) -> torch.Tensor:
    """Return the larger or the smaller of each pair: torch pools no int8."""
    return (torch.maximum if sign > 0 else torch.minimum)(x[..., ::2], x[..., 1::2])


def extremes_below(x: torch.Tensor) -> torch.Tensor:
    """Return the smaller of each pair."""
    return extremes(x, -1)


@pytest.mark.parametrize(
    ("words", "low", "high", "above", "below"),
    [
        ("x >= 0", 0, None, False, False),
        ("x > -1e4", -10000, None, True, False),
        ("0 <= x", 0, None, False, False),
        ("-1/3 < x <= 1", Fraction(-1, 3), 1, True, False),
        ("x in [0, 1)", 0, 1, False, True),
        ("x ∈ (−1, 2]", -1, 2, True, False),
        ("x == 3", 3, 3, False, False),
        ("x ≥ 0 and x ≤ 5 and x < 5", 0, 5, False, True),
    ],
)
def test_bounds_are_read(words: str, low: Any, high: Any, above: bool, below: bool) -> None:
    """Both ends, open or closed, in every spelling."""
    found = parsed(words)
    assert (found.low, found.high, found.above, found.below) == (low, high, above, below)


def test_several_hold_together() -> None:
    """A list of conditions is all of them."""
    found = parsed(["x >= 0", "x is integer", "x finite"])
    assert found.low == 0 and found.whole and found.finite
    assert found.words == "x >= 0 and x is integer and x finite"


@pytest.mark.parametrize(
    "words", ["", "y > 0", "x", "x >", "x > a", "x in [0]", "x is large", "x > 1/0", "x > 1e99999"]
)
def test_what_is_no_condition_is_refused(words: str) -> None:
    """The message says how one reads."""
    with pytest.raises(ValueError, match=r"given must read like x >= 0"):
        parsed(words)


@pytest.mark.parametrize(
    "words",
    ["x > 1 and x < 1", "x in [2, 1]", "0 < x < 1 and x is integer", "x == 1/2 and x is integer"],
)
def test_what_no_number_meets_is_refused(words: str) -> None:
    """An unsatisfiable condition is an error."""
    with pytest.raises(ValueError, match="given must hold of some number"):
        parsed(words)


@pytest.mark.parametrize(
    ("words", "system"), [("x > 300", "int8"), ("x > 1e6 and x finite", "float16"),
                          ("x < 0", "uint8"), ("1 < x < 1.0001", "float16")]
)  # fmt: skip
def test_what_no_number_of_the_system_meets_is_refused(words: str, system: str) -> None:
    """The message names the system."""
    dtype = getattr(torch, SYSTEMS[system].dtype or "")
    with pytest.raises(ValueError, match=f"some number of {system}"):
        parsed(words).within(SYSTEMS[system], dtype)


@pytest.mark.parametrize("system", ["real", "float16", "bfloat16", "float32", "int8", "uint8"])
@pytest.mark.parametrize(
    "words", ["x >= 0", "x > 0", "x in [1/3, 5]", "x is integer and x <= 7", "x finite", "x < 1/3"]
)
def test_every_input_tried_meets_it(words: str, system: str) -> None:
    """Moved inputs are admitted, ends among them, and each is a number that meets the words."""
    known = SYSTEMS[system]
    dtype = getattr(torch, known.dtype or "float32")
    given = parsed(words)
    try:
        admitted = given.within(known, dtype)
    except ValueError:
        return
    tried = list(admitted.inputs(inputs(known, 5, dtype)))
    assert len(tried) > 10
    for x in tried:
        assert admitted.admits(x)
        for value in x.double().tolist():
            if value != value or abs(value) == float("inf"):
                assert not given.finite and not given.whole
                continue
            assert given.low is None or value >= given.low
            assert not given.above or value > (given.low or 0)
            assert given.high is None or value <= given.high
            assert not given.below or value < (given.high or 0)
            assert not given.whole or value == int(value)
    if given.low is not None and not given.whole and system != "real":
        everything = set(chain.from_iterable(x.tolist() for x in tried))
        assert admitted.ends[0].item() in everything


def test_the_verdict_is_about_inputs_that_meet_it() -> None:
    """Zero padding is right after a ReLU, not below 0; the counterexample meets what is given."""

    def zero_padded(x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.max_pool1d(torch.nn.functional.pad(x, (1, 1)), 3, 2)

    reference, shape = "max_pool1d(3, 2, 1)", (1, 1, 6)
    found = equivalent(zero_padded, reference, shape, given="x >= 0")
    assert found.verdict.name == "PROVED_BOUNDED"
    assert "with x >= 0" in found.statement
    assert "given: x >= 0, for every element of the input" in found.footprint
    wrong = equivalent(zero_padded, reference, shape, given="x in [-2, -1]")
    assert wrong.verdict.name == "REFUTED"
    assert wrong.counterexample is not None
    assert bool(((wrong.counterexample.input >= -2) & (wrong.counterexample.input <= -1)).all())


@pytest.mark.parametrize(
    ("function", "reference", "system", "given"),
    [
        (lambda x: -extremes(-x, 1), extremes_below, "int8", "x > -128"),
        (lambda x: torch.relu(x[..., ::2] - x[..., 1::2]) + x[..., 1::2], "max_pool1d(2)", "int8",
         "x in [-64, 63]"),
        (lambda x: torch.nn.functional.max_pool1d(x.clamp(0, 6), 2), "max_pool1d(2)", "float16",
         "x in [0, 6]"),
        (lambda x: torch.nn.functional.max_pool1d(x.floor(), 2), "max_pool1d(2)", "real",
         "x is integer"),
        (lambda x: torch.nn.functional.max_pool1d(x.round() + x.floor(), 2) / 2, "max_pool1d(2)",
         "real", "x is integer and x >= -3"),
    ],
)  # fmt: skip
def test_what_is_right_under_a_condition_is_proved_under_it(
    function: Any, reference: Any, system: str, given: str
) -> None:
    """And refuted without it."""
    assert equivalent(function, reference, (1, 1, 4), system, given=given).verdict.settles
    assert equivalent(function, reference, (1, 1, 4), system).verdict.name == "REFUTED"


def test_a_condition_a_little_too_wide_proves_nothing() -> None:
    """One number more, and it is wrong."""
    found = equivalent(lambda x: -extremes(-x, 1), extremes_below, (1, 1, 4), "int8",
                       given="x >= -128")  # fmt: skip
    assert found.verdict.name == "REFUTED"
    clamped = equivalent(
        lambda x: torch.nn.functional.max_pool1d(x.clamp(0, 6), 2), "max_pool1d(2)", (1, 1, 4),
        given="x in [0, 6.01]",
    )  # fmt: skip
    assert clamped.verdict.name == "REFUTED"


@pytest.mark.parametrize("given", ["x finite", "x >= -60000"])
def test_a_condition_speaks_of_nan_only_where_it_is_given(given: str) -> None:
    """Of inputs that are never NaN nothing is proved there."""

    def difference(x: torch.Tensor) -> torch.Tensor:
        one, other = x[..., ::2], x[..., 1::2]
        return torch.relu(one - other) + other

    found = equivalent(difference, "max_pool1d(2)", (1, 1, 4), "float16", given=given)
    assert found.condition is not None
    assert found.condition.words == (
        "every tap of every window is a whole number, from −1024 to 1024"
    )


def test_two_ways_to_say_which_inputs_are_refused() -> None:
    """A range is a condition already."""
    with pytest.raises(ValueError, match="given and between both say"):
        equivalent(torch.relu, torch.relu, (4,), "float16", given="x >= 0", between=(0, 1))


def test_a_counterexample_is_run_where_zero_does_not_meet_the_condition() -> None:
    """Elements of which a solver says nothing are moved to where the condition holds."""

    def difference(x: torch.Tensor) -> torch.Tensor:
        one, other = x[..., ::2], x[..., 1::2]
        return torch.relu(one - other) + other

    found = equivalent(
        difference, "max_pool1d(kernel_size=2)", (1, 1, 4), "float16", given="x in (0, 1]"
    )
    assert found.verdict.name == "REFUTED"
    assert found.counterexample is not None
    assert bool((found.counterexample.input > 0).all())


def test_ends_among_numbers_that_a_format_does_not_have() -> None:
    """2049 is no float16, and no format has 10⁴⁰⁰."""
    whole = parsed("x >= 2049 and x is integer").within(SYSTEMS["float16"], torch.float16)
    assert whole.ends[0].item() == 2050
    beyond = parsed("x > 1e400").within(SYSTEMS["float16"], torch.float16)
    assert beyond.ends[0].item() == torch.inf
    with pytest.raises(ValueError, match="some number of float16"):
        parsed("x > 1e400 and x is integer").within(SYSTEMS["float16"], torch.float16)
