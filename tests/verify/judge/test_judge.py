"""The judge on answers that people give: right ones proved, wrong ones refuted on an input."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F

import verify
from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]


def one_hot(x: torch.Tensor, size: int, row: int, column: int) -> torch.Tensor:
    """Return the depthwise kernel that takes one tap of a square window."""
    weight = torch.zeros(x.shape[1], 1, size, size)
    weight[:, 0, row, column] = 1
    return weight


def fold(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 3, 2, 1 as a fold of ReLUs over taps, padded by replication."""
    padded = F.pad(x, (1, 1, 1, 1), mode="replicate")
    largest: torch.Tensor | None = None
    for row in range(3):
        for column in range(3):
            tap = F.conv2d(padded, one_hot(x, 3, row, column), stride=2, groups=x.shape[1])
            largest = tap if largest is None else F.relu(tap - largest) + largest
    assert largest is not None
    return largest


def taps(x: torch.Tensor) -> list[torch.Tensor]:
    """Return the four taps of every 2 × 2 window."""
    return [x[..., i::2, j::2] for i in range(2) for j in range(2)]


def tree(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 2 as a tree of pairs."""
    a, b, c, d = taps(x)
    left, right = F.relu(a - b) + b, F.relu(c - d) + d
    return F.relu(left - right) + right


def strict(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 2 without skips: every value passes through ReLUs."""
    a, b, c, d = taps(x)
    for tap in (b, c, d):
        a = F.relu(tap - a) + F.relu(a) - F.relu(-a)
    return a


def separable(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 2 by rows and then by columns."""
    rows = torch.maximum(x[..., ::2, :], x[..., 1::2, :])
    return torch.maximum(rows[..., ::2], rows[..., 1::2])


def by_choice(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 2 by comparing."""
    a, b, c, d = taps(x)
    for tap in (b, c, d):
        a = torch.where(tap > a, tap, a)
    return a


def in_place(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 2 written into a tensor of its own, under no_grad."""
    with torch.no_grad():
        result = torch.full((*x.shape[:2], x.shape[2] // 2, x.shape[3] // 2), -math.inf)
        for tap in taps(x):
            result[:] = torch.maximum(result, tap)
    return result


def unfolded(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 2 over unfolded columns."""
    columns = F.unfold(x, 2, stride=2).reshape(*x.shape[:2], 4, -1)
    return columns.max(dim=2).values.reshape(*x.shape[:2], x.shape[2] // 2, -1)


def ninths(x: torch.Tensor) -> torch.Tensor:
    """Average-pool 3, 2, 1 as a depthwise convolution with weights 1/9, which no float is."""
    channels = x.shape[1]
    return F.conv2d(x, torch.full((channels, 1, 3, 3), 1 / 9), stride=2, padding=1, groups=channels)


RIGHT: list[tuple[Network, str, tuple[int, ...]]] = [
    (tree, "max_pool2d(2)", (1, 1, 4, 4)),
    (strict, "max_pool2d(2)", (1, 2, 4, 4)),
    (separable, "max_pool2d(kernel_size=2)", (1, 1, 4, 4)),
    (by_choice, "max_pool2d(2)", (1, 1, 4, 4)),
    (in_place, "max_pool2d(2)", (1, 1, 4, 4)),
    (unfolded, "max_pool2d(2)", (1, 2, 4, 4)),
    (ninths, "avg_pool2d(3, 2, 1)", (1, 2, 5, 5)),
    (lambda x: -F.max_pool1d(-x, 3), "min_pool1d(3)", (1, 1, 7)),
    (lambda x: x.mean((2, 3), keepdim=True), "adaptive_avg_pool2d(1)", (1, 2, 3, 3)),
    (lambda x: x.amax((1, 2), keepdim=True), "adaptive_max_pool2d(1)", (2, 3, 3)),
]


@pytest.mark.parametrize(("network", "reference", "shape"), RIGHT)
def test_right_answers_are_proved(network: Network, reference: str, shape: tuple[int, ...]) -> None:
    """Every correct rebuild is proved for its shape, and says by what."""
    found = equivalent(network, reference, shape)
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    assert found.counterexample is None
    assert found.proved_by


@pytest.mark.parametrize("skips", [True, False])
@pytest.mark.parametrize("scheme", ["fold", "tree", "separable"])
def test_the_rebuilds_of_this_project_are_proved(scheme: str, skips: bool) -> None:
    """Every scheme, with and without skips, over overlapping padded windows."""
    from pooling import MaxPool2d

    layer = MaxPool2d(3, 2, 1, scheme=scheme, skips=skips)
    found = equivalent(layer, "max_pool2d(3, 2, 1)", (1, 1, 5, 5))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


def test_a_fold_of_nine_is_proved_by_normal_form_and_solvers() -> None:
    """A 3 × 3 pool over 1 × 2 × 7 × 7: nine kinds of window, each proved in more than one way."""
    found = verify.equivalent(fold, "max_pool2d(kernel_size=3, stride=2, padding=1)", (1, 2, 7, 7))
    assert found.verdict is Verdict.PROVED_BOUNDED
    assert found.reason.startswith("32 outputs, 9 kinds of window; proved by normal form")
    assert found.proved_by is not None
    assert found.proved_by["normal form"] == 9
    assert {"z3", "cvc5"} & set(found.proved_by)
    assert found.bound == "input shape (1, 2, 7, 7)"
    assert "for every real input of shape (1, 2, 7, 7)" in found.statement


def test_solvers_alone_prove_it_too() -> None:
    """With an engine chosen, no normal form speaks."""
    found = equivalent(tree, "max_pool2d(2)", (1, 1, 4, 4), engines=["cvc5"])
    assert found.verdict is Verdict.PROVED_BOUNDED
    assert found.proved_by == {"cvc5": 1}


def test_modules_against_modules() -> None:
    """The reference may be another module."""
    assert equivalent(tree, separable, (1, 1, 4, 4)).verdict is Verdict.PROVED_BOUNDED
    assert equivalent(tree, ninths, (1, 1, 4, 4)).verdict is Verdict.REFUTED


def popular(x: torch.Tensor) -> torch.Tensor:
    """Fold one-hot convolutions from −∞, with one kernel over all channels: right for one only."""
    result = torch.full((1, 1, 1, 1), -math.inf)
    for row in range(2):
        for column in range(2):
            weight = one_hot(x, 2, row, column)[:1].expand(x.shape[1], x.shape[1], 2, 2)
            result = torch.maximum(result, F.conv2d(x, weight, stride=2))
    return result


def mixing() -> torch.nn.Module:
    """Return an average pooling that adds up the channels."""
    layer = torch.nn.Conv2d(2, 2, 2, stride=2, bias=False)
    torch.nn.init.constant_(layer.weight, 0.25)
    return layer


WRONG: list[tuple[Any, str, tuple[int, ...], str]] = [
    (popular, "max_pool2d(2)", (1, 2, 4, 4), "1 instead of 0 at output"),
    (lambda x: x[..., 1::2, 1::2], "max_pool2d(2)", (1, 2, 4, 4), "-1 instead of 0 at output"),
    (mixing(), "avg_pool2d(2)", (1, 2, 4, 4), "0.25 instead of 0 at output"),
    (lambda x: F.pad(x, (1, 1)).unfold(-1, 3, 2).amax(-1), "max_pool1d(3, 2, 1)", (1, 1, 5),
     "0 instead of -1 at output"),
    (lambda x: F.relu(F.max_pool2d(x, 2)), "max_pool2d(2)", (1, 2, 4, 4), "0 instead of -1"),
    (lambda x: F.max_pool1d(x, 3, 2, 1), "max_pool1d(2, 2)", (1, 1, 6), "at output"),
    (lambda x: F.max_pool2d(x, 2, 1), "max_pool2d(2)", (1, 1, 4, 4),
     "its output has shape (1, 1, 3, 3), not (1, 1, 2, 2)"),
    (lambda x: F.max_pool2d(x, 2).double(), "max_pool2d(2)", (1, 1, 4, 4),
     "its output is float64, not float32"),
    (lambda x: (x, x), "max_pool2d(1)", (1, 1, 4, 4), "it returns a tuple of 2, not a tensor"),
    (lambda x: F.relu(x + math.inf) - math.inf, "max_pool2d(1)", (1, 1, 2, 2), "nan instead of 0"),
]  # fmt: skip


@pytest.mark.parametrize(("network", "reference", "shape", "reason"), WRONG)
def test_wrong_answers_are_refuted(
    network: Any, reference: str, shape: tuple[int, ...], reason: str
) -> None:
    """Every popular mistake is refuted, with a small input on which the module itself was run."""
    found = equivalent(network, reference, shape)
    assert found.verdict is Verdict.REFUTED
    assert reason in found.reason
    shown = found.counterexample
    if "its output" in reason or "returns" in reason:
        assert shown is None
        return
    assert shown is not None
    assert int((shown.input != 0).sum()) <= 6
    again = network(shown.input.float())
    assert torch.equal(again.double().nan_to_num(7), shown.module_output.double().nan_to_num(7))
    assert shown.module_value != shown.reference_value


def test_one_channel_forgives_the_popular_answer() -> None:
    """The fold from −∞ is right for one channel: −∞ never loses a maximum."""
    assert equivalent(popular, "max_pool2d(2)", (1, 1, 2, 2)).verdict is Verdict.PROVED_BOUNDED


@pytest.mark.parametrize(
    ("network", "system", "verdict"),
    [
        (separable, "float16", Verdict.PROVED_BOUNDED),
        (separable, "int8", Verdict.PROVED_BOUNDED),
        (tree, "float16", Verdict.REFUTED),
        (tree, "int8", Verdict.REFUTED),
    ],
)
def test_dtypes(network: Network, system: str, verdict: Verdict) -> None:
    """Maxima hold in every dtype; ReLU(a − b) + b rounds in floats and wraps in integers."""
    found = equivalent(network, "max_pool2d(2)", (1, 1, 2, 2), system)
    assert found.verdict is verdict
    if found.counterexample is not None:
        assert str(found.counterexample.input.dtype) == f"torch.{system}"
        assert found.counterexample.replay == f"run in {system}"


def test_one_hot_convolutions_lose_to_infinity_in_floats() -> None:
    """0 · ∞ is NaN: what a kernel leaves out is not left out in a float dtype."""

    def chosen(x: torch.Tensor) -> torch.Tensor:
        pick = torch.eye(2, dtype=x.dtype).reshape(2, 1, 2)
        return F.conv1d(x, pick, stride=2).amax(1, keepdim=True)

    assert equivalent(chosen, "max_pool1d(2)", (1, 1, 2)).verdict.settles
    found = equivalent(chosen, "max_pool1d(2)", (1, 1, 2), "float16")
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert math.isnan(found.counterexample.module_value)


def test_the_judge_is_found_in_the_package() -> None:
    """``verify`` gives it."""
    assert verify.equivalent is equivalent


def halves(x: torch.Tensor) -> torch.Tensor:
    """Return the halves of the elements, computed in a wider dtype."""
    return (x.double() / 2).to(x.dtype)


CASTS: list[tuple[Network, str, Verdict]] = [
    (lambda x: F.max_pool1d(x.to(x.dtype), 2), "real", Verdict.PROVED_BOUNDED),
    (lambda x: F.max_pool1d(x.float(), 2), "real", Verdict.PROVED_BOUNDED),
    (lambda x: F.max_pool1d(x.double(), 2).float(), "real", Verdict.PROVED_BOUNDED),
    (lambda x: F.avg_pool1d(x.double(), 2).float(), "real", Verdict.REFUTED),
    (lambda x: F.max_pool1d(x.float(), 2).to(x.dtype), "float16", Verdict.PROVED_BOUNDED),
    (lambda x: F.max_pool1d(x.float(), 2).to(x.dtype), "bfloat16", Verdict.PROVED_BOUNDED),
    (lambda x: (-F.max_pool1d(x.double(), 2)).to(x.dtype), "float32", Verdict.REFUTED),
    (lambda x: x.to(x.dtype).amax(-1, keepdim=True), "int8", Verdict.PROVED_BOUNDED),
    (lambda x: x.to(torch.bool).to(x.dtype)[..., :1], "real", Verdict.REFUTED),
]


@pytest.mark.parametrize(("network", "system", "verdict"), CASTS)
def test_changes_of_dtype_that_change_nothing(
    network: Network, system: str, verdict: Verdict
) -> None:
    """A cast to the input's own dtype, or to a wider one and back, is seen through."""
    found = equivalent(network, "max_pool1d(2)", (1, 1, 2), system)
    assert found.verdict is verdict, found.reason
    assert (found.counterexample is None) == (verdict is not Verdict.REFUTED)


def test_arithmetic_in_a_wider_dtype() -> None:
    """It is exact over the reals; in a float dtype it rounds elsewhere, and is not judged."""
    assert equivalent(halves, lambda x: x / 2, (2,)).verdict is Verdict.PROVED_BOUNDED
    found = equivalent(halves, lambda x: x / 2, (2,), "float16")
    assert found.verdict is Verdict.TESTED
    assert "its result is float64, not float16" in found.reason


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("max_pool1d(2)", (1, 1, 4), "float17"), "system 'float17' is not one of real, int8"),
        (("max_pool1d(2)", (1, 0, 4), "real"), "input_shape must be whole numbers from 1 on"),
        (("max_pool2d(2)", (4,), "real"), "must have 2 to 4 axes, got 1"),
        (("avg_pool1d(2)", (1, 1, 4), "float16"), "has no one value in float16"),
        (("max_pool1d(3, padding=2)", (1, 1, 4), "real"), "padding must be at most 1"),
    ],
)
def test_mistakes_in_the_call(arguments: tuple[Any, ...], message: str) -> None:
    """A wrong system, shape or pooling is named."""
    with pytest.raises(ValueError, match=message):
        equivalent(lambda x: x, *arguments)
    with pytest.raises(ValueError, match="engine 'sympy' is not one of"):
        equivalent(lambda x: x, "max_pool1d(1)", (1, 1, 1), engines=["sympy"])


def test_results_that_leave_the_number_system_are_refused() -> None:
    """A sum of int8 is int64 in torch: it wraps at another place, so it is not judged as int8."""

    def summed(x: torch.Tensor) -> torch.Tensor:
        return x.sum(-1, keepdim=True).to(torch.int8)

    found = equivalent(summed, summed, (1, 1, 2), "int8")
    assert found.verdict is Verdict.TESTED
    assert "its result is int64" in found.reason


class Reserved(torch.nn.Module):
    """A module that refuses to be looked at, in its own way."""

    def __getattr__(self, name: str) -> Any:
        """Raise what nobody expects."""
        raise OSError(f"no {name}")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pool."""
        return F.max_pool1d(x, 2)


class SpeechlessError(Exception):
    """An error that has no words."""

    def __str__(self) -> str:
        """Fail at that as well."""
        raise OSError


def raises(error: BaseException) -> Network:
    """Return a module that raises an error."""

    def network(x: torch.Tensor) -> torch.Tensor:
        raise error

    return network


def test_what_modules_raise_is_theirs() -> None:
    """Whatever it is, and whoever asks: no exception of the judge's own, and none of theirs."""
    found = equivalent(Reserved(), "max_pool1d(2)", (1, 1, 4))
    assert "the judge broke" not in found.reason  # whether it is asked depends on what is loaded
    found = equivalent(raises(SpeechlessError()), "max_pool1d(2)", (1, 1, 4))
    assert "SpeechlessError: no message, line" in found.reason
    found = equivalent(raises(BaseExceptionGroup("x", [SystemExit()])), "max_pool1d(2)", (1, 1, 4))
    assert found.reason == "it ends what runs it by a BaseExceptionGroup"
