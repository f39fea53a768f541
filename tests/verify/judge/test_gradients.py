"""Gradients judged: forms that are trained as max-pooling is, others, and who is not believed."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import pooling
from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.gradients import Gradient, of_reference
from verify.judge.references import named_pooling

Network = Callable[..., Any]
SHAPE = (1, 1, 4, 4)
POOL = "max_pool2d(2)"


def pool(x: torch.Tensor) -> torch.Tensor:
    """Torch's own."""
    return F.max_pool2d(x, 2)


def taps(x: torch.Tensor) -> list[torch.Tensor]:
    """The four taps of every window, in order."""
    return [x[..., ::2, ::2], x[..., ::2, 1::2], x[..., 1::2, ::2], x[..., 1::2, 1::2]]


def windows(x: torch.Tensor) -> torch.Tensor:
    """Every window as a row."""
    return x.unfold(2, 2, 2).unfold(3, 2, 2).flatten(-2)


def fold(x: torch.Tensor) -> torch.Tensor:
    """ReLU(t − m) + m: a tie stays with what came first."""
    first, *others = taps(x)
    for tap in others:
        first = torch.relu(tap - first) + first
    return first


def turned_fold(x: torch.Tensor) -> torch.Tensor:
    """ReLU(m − t) + t: a tie goes to what comes last."""
    first, *others = taps(x)
    for tap in others:
        first = torch.relu(first - tap) + tap
    return first


def by_maximum(x: torch.Tensor) -> torch.Tensor:
    """Halves at every tie."""
    a, b, c, d = taps(x)
    return a.maximum(b).maximum(c.maximum(d))


def assembled(x: torch.Tensor) -> torch.Tensor:
    """A loop that writes each output in place."""
    result = torch.empty(1, 1, 2, 2)
    for i in range(2):
        for j in range(2):
            result[..., i, j] = x[..., 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].flatten(-2).max(-1)[0]
    return result


def decides(x: torch.Tensor) -> torch.Tensor:
    """Two forms that are trained alike, one on either side of a decision."""
    return pool(x) if x[0, 0, 0, 0] > x[0, 0, 0, 1] else fold(x)


def recomputed(x: torch.Tensor) -> torch.Tensor:
    """What is needed on the way back is computed again there."""
    from torch.utils.checkpoint import checkpoint

    found: torch.Tensor = checkpoint(pool, x, use_reentrant=False)
    return found


def at_indices(x: torch.Tensor) -> torch.Tensor:
    """Elements gathered where the largest stand."""
    values, places = F.max_pool2d(x, 2, return_indices=True)
    return x.flatten(2).gather(2, places.flatten(2)).view_as(values)


def columns_first(x: torch.Tensor) -> torch.Tensor:
    """Columns, then rows: the first tap of a column goes before the first of a row."""
    return F.max_pool2d(F.max_pool2d(x, (2, 1)), (1, 2))


ALIKE: dict[str, Network] = {
    "native": pool,
    "windows": lambda x: windows(x).max(-1).values,
    "stable sort": lambda x: windows(x).sort(stable=True, descending=True).values[..., 0],
    "rows, then columns": lambda x: F.max_pool2d(F.max_pool2d(x, (1, 2)), (2, 1)),
    "im2col": lambda x: F.unfold(x, 2, stride=2).view(1, 1, 4, 4).max(2)[0].view(1, 1, 2, 2),
    "assembled": assembled,
    "gathered": at_indices,
    "under a checkpoint": recomputed,
    "in a straight line": lambda x: pool(x).detach() + (pool(x) - pool(x).detach()),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", ALIKE)
def test_forms_that_are_trained_as_max_pooling(name: str) -> None:
    """Proved with their gradients, ties included."""
    found = equivalent(ALIKE[name], POOL, SHAPE, backward=True)
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    assert found.gradients is not None
    assert found.gradients.verdict is Verdict.PROVED_BOUNDED
    assert "outputs and gradients" in found.statement
    assert any("runs" in line for line in found.footprint if line.startswith("gradients"))
    assert any("torch's own max_pool2d" in line for line in found.footprint)


WHERE_NOTHING_ROUNDS = "x in [-1000, 1000] and x is integer"
MERGING: dict[str, Network] = {
    "fold": fold,
    "rebuilt": pooling.MaxPool2d(2),
    "rebuilt as a tree": pooling.MaxPool2d(2, scheme="tree"),
    "decides": decides,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", MERGING)
def test_what_merges_rounds_and_ties_are_no_longer_ties(name: str) -> None:
    """Trained as max-pooling where nothing rounds; else a run gives the gradient to another."""
    shape = (1, 1, 2, 4)
    found = equivalent(MERGING[name], POOL, shape, backward=True)
    assert found.verdict is Verdict.NOT_JUDGED, found.reason
    assert found.outputs is not None
    assert found.outputs.proved
    assert f"where nothing rounds, --given '{WHERE_NOTHING_ROUNDS}'" in found.reason
    found = equivalent(MERGING[name], POOL, shape, backward=True, given=WHERE_NOTHING_ROUNDS)
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


#: Form → what it gives in place of 1 where all taps are 0 and the first output is asked about.
OTHERWISE: dict[str, tuple[Network, float]] = {
    "turned fold": (turned_fold, 0),
    "amax": (lambda x: windows(x).amax(-1), 0.25),
    "maximum": (by_maximum, 0.25),
    "sort": (lambda x: windows(x).sort(-1).values[..., -1], 0),
    "three ReLUs": (pooling.MaxPool2d(2, skips=False), 0),
    "the last index": (lambda x: windows(x).flip(-1).max(-1).values, 0),
}


@pytest.mark.parametrize("name", OTHERWISE)
def test_forms_that_are_trained_otherwise_at_ties(name: str) -> None:
    """Outputs are equal; where all is 0, one gradient is not: the smallest input there is."""
    network, gradient = OTHERWISE[name]
    found = equivalent(network, POOL, SHAPE, backward=True)
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.outputs is not None
    assert found.outputs.proved
    shown = found.counterexample
    assert shown is not None
    assert shown.titles == ("input", "gradient of the output")
    x, cotangent = shown.inputs
    assert not x.any()
    assert cotangent.flatten().tolist() == [1, 0, 0, 0]
    assert (shown.module_value, shown.reference_value) == (gradient, 1)
    data = found.to_dict()
    assert data["counterexample"]["gradient_of_output"] == cotangent.tolist()
    assert data["outputs"]["verdict"] == "PROVED_BOUNDED"
    assert data["gradients"]["verdict"] == "REFUTED"


def test_columns_first_needs_three_taps_that_tie_to_show() -> None:
    """It is right wherever the first of a column is the first in order."""
    found = equivalent(columns_first, POOL, SHAPE, backward=True)
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    x = found.counterexample.input
    assert int((x == x.max()).sum()) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["fold", "tree"])
def test_windows_that_overlap_and_padding(scheme: str) -> None:
    """An element of several windows gets the gradient of each."""
    layer = pooling.MaxPool2d(3, 2, 1, scheme=scheme)
    found = equivalent(layer, "max_pool2d(3, 2, 1)", (1, 1, 3, 4), backward=True,
                       given=WHERE_NOTHING_ROUNDS)  # fmt: skip
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


@pytest.mark.parametrize(
    ("layer", "reference"),
    [
        (pooling.AvgPool2d(3, 2, 1), "avg_pool2d(3, 2, 1)"),
        (lambda x: F.conv2d(x, torch.full((1, 1, 2, 2), 0.25), stride=2), "avg_pool2d(2)"),
        (nn.AdaptiveMaxPool2d((2, 3)), "adaptive_max_pool2d((2, 3))"),
        (lambda x: windows(x).exp().mean(-1).log(), "logsumexp_pool2d(2)"),
    ],
    ids=["average", "convolution", "adaptive", "log-sum-exp"],
)
def test_other_poolings(layer: Network, reference: str) -> None:
    """Averages, and what is smooth, have one derivative."""
    found = equivalent(layer, reference, SHAPE, backward=True)
    assert found.verdict is not Verdict.REFUTED, found.reason
    assert found.gradients is not None
    if "avg" in reference or "adaptive" in reference:
        assert found.proved, found.reason


def test_several_inputs_and_another_module() -> None:
    """Gradients of several inputs of one shape are stacked: the first index says whose it is."""
    shapes = [(2,), (2,)]
    found = equivalent(
        lambda a, b: torch.relu(b - a) + a, lambda a, b: torch.where(a < b, b, a), shapes,
        backward=True,
    )  # fmt: skip
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    found = equivalent(
        lambda a, b: torch.relu(a - b) + b, lambda a, b: torch.where(a < b, b, a), shapes,
        backward=True,
    )  # fmt: skip
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert found.counterexample.titles == ("input 1", "input 2", "gradient of the output")
    assert found.counterexample.index == (0, 0)


def test_inputs_of_different_shapes_lie_one_behind_the_other() -> None:
    """Two shapes cannot be stacked."""
    back = Gradient(lambda a, b: a.sum() * b)
    made = back(torch.ones(2), torch.ones(3), torch.ones(3))
    assert made.tolist() == [3, 3, 2, 2, 2]


def test_a_condition_is_on_inputs_and_not_on_gradients() -> None:
    """ReLU(x) = x where x is above 0, with its gradient; at 0 the gradient is another one."""

    def relu(x: torch.Tensor) -> torch.Tensor:
        return x.relu()

    def same(x: torch.Tensor) -> torch.Tensor:
        return x * 1

    found = equivalent(relu, same, (2,), backward=True, given="x > 0")
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    found = equivalent(relu, same, (2,), backward=True, given="x >= 0")
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert found.counterexample.input.tolist() == [0, 0]
    found = equivalent(lambda x: x.floor() * 0 + x, same, (2,), backward=True,
                       given="x is integer")  # fmt: skip
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


def test_outputs_that_differ_are_all_that_is_told() -> None:
    """Nobody asks about the gradients of something else."""
    found = equivalent(lambda x: F.avg_pool2d(x, 2), POOL, SHAPE, backward=True, why=False)
    assert found.verdict is Verdict.REFUTED
    assert found.gradients is None
    assert found.counterexample is not None
    assert found.counterexample.titles == ("input",)


def test_in_a_float_system_it_is_tested() -> None:
    """Places among NaN have no terms; a difference at a tie is found all the same."""
    found = equivalent(pool, POOL, SHAPE, "float32", backward=True)
    assert found.verdict is Verdict.TESTED, found.reason
    found = equivalent(OTHERWISE["amax"][0], POOL, SHAPE, "float32", backward=True)
    assert found.verdict is Verdict.REFUTED


# -- who may not be believed ---------------------------------------------------------------------


class Own(torch.autograd.Function):
    """Max-pooling with a way back of its own."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        """Return the pooled input."""
        ctx.save_for_backward(x)
        return pool(x)

    @staticmethod
    def right(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        """Return the gradient as it should be."""
        (x,) = ctx.saved_tensors
        with torch.enable_grad():
            again = x.detach().requires_grad_()
            found: torch.Tensor = torch.autograd.grad(pool(again), again, grad)[0]
        return found


class Honest(Own):
    """Right."""

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        """Return it."""
        return Own.right(ctx, grad)


class DoubledWhenLarge(Own):
    """Wrong where the input is large, which a decision asks."""

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        """Return it, or twice that."""
        found = Own.right(ctx, grad)
        return found * 2 if bool(ctx.saved_tensors[0].sum() > 12345.678) else found


class DoubledAtOnePlace(Own):
    """Wrong for one gradient of the output in a thousand millions."""

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        """Return it, or twice that."""
        found = Own.right(ctx, grad)
        return torch.where((grad.sum() - 7.77).abs() < 1e-3, found * 2, found)


class ByNumPy(Own):
    """Right, and out of sight."""

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        """Return it."""
        return Own.right(ctx, torch.from_numpy(grad.numpy().copy()))


class ByReading(Own):
    """Wrong where one number is read out."""

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        """Return it, or twice that."""
        return Own.right(ctx, grad) * (2 if grad[0, 0, 0, 0].item() == 3.125 else 1)


class ByChance(Own):
    """Wrong now and then."""

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        """Return it, or twice that."""
        return Own.right(ctx, grad) * (2 if random.random() < 1e-9 else 1)


class ElsewhereInAThread(Own):
    """Right, in a thread that nobody watches."""

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        """Return it."""
        found: list[torch.Tensor] = []
        thread = threading.Thread(target=lambda: found.append(Own.right(ctx, grad)))
        thread.start()
        thread.join()
        return found[0]


def hooked(change: Callable[[torch.Tensor], torch.Tensor]) -> Network:
    """Return max-pooling with a hook on its gradient."""

    def network(x: torch.Tensor) -> torch.Tensor:
        result = pool(x)
        if result.requires_grad:
            result.register_hook(change)  # type: ignore[no-untyped-call]
        return result

    return network


class Layered(nn.Module):
    """A layer with a hook on its way back."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.MaxPool2d(2)
        self.layer.register_full_backward_hook(lambda *given: (given[1][0] * 2,))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the pooled input."""
        return self.layer(x)  # type: ignore[no-any-return]


def stopped(x: torch.Tensor) -> torch.Tensor:
    """No gradient at all."""
    with torch.no_grad():
        return pool(x)


def half_detached(x: torch.Tensor) -> torch.Tensor:
    """Half of it."""
    return (pool(x) + pool(x).detach()) / 2


def repacked(x: torch.Tensor) -> torch.Tensor:
    """Indices that are saved as zeros."""

    def unpacked(kept: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(kept) if kept.dtype is torch.int64 else kept.clone()

    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, unpacked):
        return pool(x)


def with_a_hook_on_its_input(x: torch.Tensor) -> torch.Tensor:
    """Double what the user's own tensor has accumulated."""
    if x.is_leaf and x.requires_grad:
        x.register_post_accumulate_grad_hook(_doubled)  # type: ignore[no-untyped-call]
    return pool(x)


def _doubled(x: torch.Tensor) -> None:
    assert x.grad is not None
    x.grad.mul_(2)


def of_a_leaf(x: torch.Tensor) -> torch.Tensor:
    """Trained otherwise as the first layer."""
    return windows(x).amax(-1) if x.is_leaf and x.requires_grad else pool(x)


def behind(x: torch.Tensor) -> torch.Tensor:
    """Trained only behind one kind of layer."""
    behind_it = type(x.grad_fn).__name__ == "CloneBackward0"
    return pool(x) if behind_it or not x.requires_grad else pool(x).detach()


its_own = torch.library.custom_op("poolproof_tests::gradient", lambda g: g.clone(),
                                  mutates_args=(), schema="(Tensor g) -> Tensor")  # fmt: skip

NEVER_PROVED: dict[str, tuple[Network, Verdict]] = {
    "detached": (lambda x: pool(x.detach()), Verdict.REFUTED),
    "no_grad": (stopped, Verdict.REFUTED),
    "half detached": (half_detached, Verdict.REFUTED),
    "through data": (lambda x: pool(x.data), Verdict.REFUTED),
    "a hook that doubles": (hooked(lambda g: g * 2), Verdict.REFUTED),
    "a hook that doubles what is large": (
        hooked(lambda g: torch.where(g > 1e9, g * 2, g)), Verdict.TESTED),
    "a hook of a layer": (Layered(), Verdict.REFUTED),
    "a hook by an operator of its own": (hooked(its_own), Verdict.TESTED),
    "a hook that gives NaN": (
        hooked(lambda g: torch.where(g == 5.5, g * torch.nan, g)), Verdict.TESTED),
    "saved otherwise": (repacked, Verdict.REFUTED),
    "doubled when large": (DoubledWhenLarge.apply, Verdict.REFUTED),
    "doubled at one place": (DoubledAtOnePlace.apply, Verdict.REFUTED),
    "by NumPy": (ByNumPy.apply, Verdict.TESTED),
    "by reading": (ByReading.apply, Verdict.TESTED),
    "by chance": (ByChance.apply, Verdict.NOT_JUDGED),
    "in a thread": (ElsewhereInAThread.apply, Verdict.TESTED),
    "of a leaf": (of_a_leaf, Verdict.NOT_JUDGED),
    "of a leaf, by backward()": (with_a_hook_on_its_input, Verdict.NOT_JUDGED),
    "behind one layer": (behind, Verdict.NOT_JUDGED),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", NEVER_PROVED)
def test_what_may_not_be_believed_is_never_proved(name: str) -> None:
    """Outputs are right; what the way back does is seen, or it is said that it is not.

    Those that look at what autograd notes are no function of their input, which is said as well.
    """
    network, verdict = NEVER_PROVED[name]
    found = equivalent(network, POOL, SHAPE, backward=True, timeout=120)
    assert found.outputs is not None
    asks = found.outputs.verdict is Verdict.TESTED and "it asks " in found.outputs.reason
    assert asks or found.outputs.verdict is Verdict.PROVED_BOUNDED, found.reason
    assert found.verdict is verdict, found.reason


def test_an_honest_way_back_of_its_own_is_proved() -> None:
    """That it is written in Python is no harm."""
    found = equivalent(Honest.apply, POOL, SHAPE, backward=True)
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


def test_a_derivative_without_a_rule_is_named() -> None:
    """TESTED, with the operator's name."""
    found = equivalent(lambda x: F.gelu(x), lambda x: F.gelu(x) * 1, (2,), backward=True)
    assert found.verdict is Verdict.TESTED
    assert "gelu" in found.reason


# -- what is refused -----------------------------------------------------------------------------


def test_what_has_no_gradients_is_refused() -> None:
    """By name, value and limit."""
    for given, message in (
        ({"system": "int8"}, "backward needs a system with gradients, real or a float, got int8"),
        ({"between": (-1, 1)}, "backward is not judged between bounds: leave out one of them"),
    ):
        with pytest.raises(ValueError, match=message):
            equivalent(pool, POOL, SHAPE, backward=True, **given)
    with pytest.raises(ValueError, match="backward needs an input_shape of numbers"):
        equivalent(pool, POOL, backward=True)
    found = equivalent(lambda x: x.argmax(-1), lambda x: x.argmax(-1), (2, 2), backward=True)
    assert found.verdict is Verdict.NOT_JUDGED
    assert found.reason == "its output is int64, which has no gradients"


def test_references_are_trained_as_torchs_own() -> None:
    """Or as a layer of the project, where torch has none; what torch does not take is refused."""
    assert of_reference(named_pooling("max_pool1d(2)"))[1] == "torch's own max_pool1d"
    assert of_reference(named_pooling("gem_pool2d(2)"))[1] == "pooling.GeMPool2d"
    for written in ("max_pool2d(3, padding_convention='same')", "max_pool2d(3, 2, ((1, 0), 0))"):
        with pytest.raises(ValueError, match=r"torch's max_pool2d takes no such padding"):
            of_reference(named_pooling(written))
