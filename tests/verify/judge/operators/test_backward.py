"""What autograd executes as terms: each way back held against plain runs."""

from __future__ import annotations

from collections.abc import Callable

import numpy
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from proofs.systems import SYSTEMS
from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.operators import HANDLERS, backward
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.terms import ZERO, Terms
from verify.judge.watching.reader import Reader

Network = Callable[[torch.Tensor], torch.Tensor]
aten = torch.ops.aten
KERNEL = torch.tensor([[[[1.0, -2.0], [0.5, 3.0]]]])


def normalised() -> nn.Module:
    """A batch normalisation with statistics that fractions hold."""
    layer = nn.BatchNorm2d(1, eps=0.0)
    assert layer.running_mean is not None
    assert layer.running_var is not None
    layer.running_mean.fill_(1.0)
    layer.running_var.fill_(4.0)
    return layer.eval()


#: Torch's operator on the way back → a module that goes through it.
WAYS: dict[str, tuple[Network, tuple[int, ...]]] = {
    "unfold_backward": (lambda x: x.unfold(1, 2, 1).amax(-1), (1, 4)),
    "fractional_max_pool2d_backward": (
        lambda x: F.fractional_max_pool2d(x, 2, 2, _random_samples=torch.full((1, 1, 2), 0.3)),
        (1, 1, 4, 4),
    ),
    "fractional_max_pool3d_backward": (
        lambda x: F.fractional_max_pool3d(x, 2, 2, _random_samples=torch.full((1, 1, 3), 0.3)),
        (1, 1, 4, 4, 4),
    ),
    "slice_backward": (lambda x: x[:, 1::2].relu(), (2, 5)),
    "select_backward": (lambda x: x[:, 1].relu(), (2, 3)),
    "diagonal_backward": (lambda x: x.diagonal().relu(), (3, 3)),
    "reflection_pad1d_backward": (lambda x: F.pad(x, (2, 1), mode="reflect").relu(), (1, 4)),
    "reflection_pad2d_backward": (
        lambda x: F.pad(x, (1, 1, 1, 0), mode="reflect").relu(), (1, 3, 3)),
    "reflection_pad3d_backward": (
        lambda x: F.pad(x, (1, 0, 0, 1, 1, 0), mode="reflect").relu(), (1, 2, 2, 2)),
    "replication_pad1d_backward": (lambda x: F.pad(x, (2, 1), mode="replicate").relu(), (1, 3)),
    "replication_pad2d_backward": (
        lambda x: F.pad(x, (1, 1, 1, 0), mode="replicate").relu(), (1, 2, 3)),
    "replication_pad3d_backward": (
        lambda x: F.pad(x, (1, 0, 0, 1, 1, 0), mode="replicate").relu(), (1, 2, 2, 2)),
    "upsample_nearest1d_backward": (lambda x: F.interpolate(x, size=5).relu(), (1, 1, 3)),
    "upsample_nearest2d_backward": (lambda x: F.interpolate(x, scale_factor=2).relu(),
                                    (1, 1, 2, 2)),
    "upsample_nearest3d_backward": (lambda x: F.interpolate(x, size=3).relu(), (1, 1, 2, 2, 2)),
    "max_pool2d_with_indices_backward": (
        lambda x: F.max_pool2d(x, 3, 2, 1, ceil_mode=True), (1, 2, 4, 5)),
    "max_pool3d_with_indices_backward": (lambda x: F.max_pool3d(x, 2, 1), (1, 1, 3, 2, 3)),
    "adaptive_max_pool2d_backward": (lambda x: F.adaptive_max_pool2d(x, (2, 3)), (1, 2, 3, 4)),
    "adaptive_max_pool3d_backward": (lambda x: F.adaptive_max_pool3d(x, 2), (1, 1, 3, 2, 3)),
    "avg_pool2d_backward": (
        lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False).relu(), (1, 2, 5, 4)),
    "avg_pool3d_backward": (
        lambda x: F.avg_pool3d(x, 2, ceil_mode=True, divisor_override=3).relu(), (1, 1, 3, 2, 2)),
    "_adaptive_avg_pool2d_backward": (
        lambda x: F.adaptive_avg_pool2d(x, (2, 3)).relu(), (2, 1, 3, 4)),
    "_adaptive_avg_pool3d_backward": (
        lambda x: F.adaptive_avg_pool3d(x, 2).relu(), (1, 1, 3, 2, 3)),
    "convolution_backward": (
        lambda x: F.conv2d(x, KERNEL, torch.ones(1), stride=2, padding=1).relu(), (1, 1, 4, 5)),
    "convolution_backward, transposed": (
        lambda x: F.conv_transpose2d(x, KERNEL, stride=2, padding=1).relu(), (1, 1, 3, 3)),
    "native_batch_norm_backward": (lambda x: normalised()(x).relu(), (2, 1, 2, 2)),
    "threshold_backward": (lambda x: x.relu(), (3,)),
    "hardtanh_backward": (lambda x: F.hardtanh(x, -1, 2), (3,)),
    "leaky_relu_backward": (lambda x: F.leaky_relu(x, 0.25), (3,)),
    "_prelu_kernel_backward": (lambda x: F.prelu(x, torch.tensor([0.25])), (3,)),
    "sigmoid_backward": (lambda x: x.sigmoid().relu(), (2,)),
    "tanh_backward": (lambda x: x.tanh().relu(), (2,)),
    "softplus_backward": (lambda x: F.softplus(x, 2, 3), (2,)),
    "_softmax_backward_data": (lambda x: x.softmax(-1).relu(), (2, 2)),
    "_log_softmax_backward_data": (lambda x: x.log_softmax(-1).relu(), (2, 2)),
}  # fmt: skip

#: A ReLU behind a sum that may be rounded to 0 is judged where nothing rounds.
SUMMED = ("avg_pool3d_backward", "convolution_backward")
WHOLE = "x in [-1000, 1000] and x is integer"


@pytest.mark.slow
@pytest.mark.parametrize("name", WAYS)
def test_runs_of_autograd_are_their_terms(name: str) -> None:
    """A module is trained as it is itself, and every run on every telling input says so."""
    network, shape = WAYS[name]
    seen: set[str] = set()

    class Noting(TorchDispatchMode):  # type: ignore[no-untyped-call]
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):  # type: ignore[no-untyped-def]
            seen.add(str(func.overloadpacket).removeprefix("aten."))
            return func(*args, **(kwargs or {}))

    x = torch.ones(shape, requires_grad=True)
    with Noting():  # type: ignore[no-untyped-call]
        network(x).sum().backward()  # type: ignore[no-untyped-call]
    assert name.partition(",")[0] in seen
    given = WHOLE if name in SUMMED else None
    found = equivalent(network, lambda x: network(x), shape, backward=True, given=given)
    assert found.gradients is not None
    assert found.gradients.verdict is Verdict.PROVED_BOUNDED, found.reason


def test_every_way_back_is_tried() -> None:
    """All that the file interprets stands in the table."""
    here = {
        str(overload.overloadpacket).removeprefix("aten.")
        for overload, handler in HANDLERS.items()
        if handler.__module__ == backward.__name__
    }
    assert {name.rstrip("_") for name in here} == {name.partition(",")[0] for name in WAYS}


def test_gradients_are_added_where_elements_were_taken() -> None:
    """An element taken twice gets both; one taken nowhere gets 0; padding counts for nothing."""
    terms = Terms(3)
    reader = Reader(Algebra(terms, SYSTEMS["real"]), ())
    a, b, c = terms.variables.tolist()
    found = backward.gathered_back(
        reader, numpy.array([a, b, c], numpy.int32), numpy.array([1, 1, -1]), (3,)
    )
    assert found[0] == found[2] == ZERO
    assert terms.block_of(int(found[1])).operator == "linear"


@pytest.mark.parametrize("wrong", [lambda x: x.clamp(min=0), lambda x: x * (x >= 0)])
def test_other_derivatives_at_0_are_told_apart(wrong: Network) -> None:
    """``clamp`` and a mask give the gradient to a 0, where a ReLU does not."""
    found = equivalent(wrong, lambda x: x.relu(), (2,), backward=True)
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert found.counterexample.input.tolist() == [0, 0]
