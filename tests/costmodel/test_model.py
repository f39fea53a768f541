from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from math import inf, prod
from typing import Any

import numpy
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.modules import module as hooks
from torch.utils import flop_counter
from torch.utils.flop_counter import FlopCounterMode

import costmodel
import pooling
from costmodel import ModelCost
from costmodel.layers import layer_call


class SPPF(nn.Module):
    """Spatial pyramid pooling as the YOLO detectors do it: one layer applied three times over."""

    def __init__(self, channels: int, kernel_size: int = 5) -> None:
        super().__init__()
        self.reduce = nn.Conv2d(channels, channels // 2, 1, bias=False)
        self.expand = nn.Conv2d(channels * 2, channels, 1, bias=False)
        self.pool = nn.MaxPool2d(kernel_size, stride=1, padding=kernel_size // 2)

    def forward(self, x: Tensor) -> Tensor:
        """Reduce the channels, pool again and again, and bring all results together."""
        parts = [self.reduce(x)]
        for _ in range(3):
            parts.append(self.pool(parts[-1]))
        out: Tensor = self.expand(torch.cat(parts, 1))
        return out


class Calling(nn.Module):
    """A module whose forward is a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *args: Tensor) -> Any:
        """Call the function."""
        return self.function(*args)


@torch.inference_mode()
def pooled_in_inference_mode(x: Tensor) -> Tensor:
    """Return what torch dispatches as it was called, not in its parts."""
    return F.avg_pool2d(F.max_pool2d(F.conv2d(x, torch.ones(4, 3, 3, 3)), 2), 2)


def small() -> nn.Sequential:
    """Return a network that is small enough to be counted on paper."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.MaxPool2d(3, 2, 1),
        nn.Flatten(),
        nn.Linear(64, 10),
    )


def said_by_torch(model: nn.Module, *inputs: Tensor) -> int:
    """Return what torch's counter says of a forward pass on real tensors, with our formulas."""
    formulas = costmodel.torch_formulas()
    with FlopCounterMode(display=False, custom_mapping=formulas) as counter, torch.no_grad():
        model(*inputs)
    count: int = counter.get_total_flops()
    return count


def pooling_rows(cost: ModelCost) -> list[tuple[str, str, int]]:
    """Return where the poolings are, what they are and what they cost."""
    return [(row.module, row.operator, row.flops) for row in cost.rows if row.pooling]


def test_by_hand() -> None:
    """A network small enough to count on paper, every figure of every row."""
    cost = costmodel.of_model(small(), (2, 3, 8, 8))
    convolution, pool, linear = cost.rows
    assert (convolution.module, convolution.module_type) == ("0", "Conv2d")
    assert (convolution.operator, convolution.pooling) == ("convolution", False)
    assert (convolution.input_shape, convolution.output_shape) == ((2, 3, 8, 8), (2, 4, 8, 8))
    macs = 2 * 4 * 64 * 27
    assert (convolution.macs, convolution.flops) == (macs, 2 * macs)
    assert convolution.operations == {"additions": macs, "multiplications": macs}
    assert convolution.bytes_moved == 4 * (2 * 3 * 64 + 4 * 27 + 4 + 2 * 4 * 64)
    # Along an axis of 8: windows at −1, 1, 3 and 5, of which the first has 2 taps.
    comparisons = 2 * 4 * (11 * 11 - 4 * 4)
    assert (pool.module, pool.module_type, pool.operator) == ("3", "MaxPool2d", "max_pool2d")
    assert (pool.pooling, pool.macs, pool.flops) == (True, None, comparisons)
    assert pool.operations == {"comparisons": comparisons}
    assert (pool.input_shape, pool.output_shape) == ((2, 4, 8, 8), (2, 4, 4, 4))
    assert pool.bytes_moved == 4 * (2 * 4 * 64 + 2 * 4 * 16)
    assert (linear.module, linear.operator, linear.macs) == ("5", "addmm", 2 * 64 * 10)
    assert (linear.input_shape, linear.output_shape) == ((2, 64), (2, 10))
    assert linear.bytes_moved == 4 * (2 * 64 + 64 * 10 + 10 + 2 * 10)
    total = 2 * macs + comparisons + 4 * 64 * 10
    assert [row.share for row in cost.rows] == [
        2 * macs / total,
        comparisons / total,
        4 * 64 * 10 / total,
    ]
    assert (cost.model, cost.inputs) == ("Sequential", ((2, 3, 8, 8),))
    # In training batch normalisation counts its batches.
    assert cost.uncounted == {"add_": 1, "native_batch_norm": 1, "relu": 1}


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (small(), (2, 3, 8, 8)),
        (SPPF(8), (1, 8, 20, 21)),
        (nn.Sequential(nn.Conv1d(3, 4, 3), nn.MaxPool1d(3, 2, 1), nn.AvgPool1d(2)), (2, 3, 20)),
        (nn.Sequential(nn.Conv3d(3, 4, 2), nn.MaxPool3d(2, ceil_mode=True)), (1, 3, 6, 7, 8)),
        (nn.Sequential(nn.ConvTranspose2d(3, 4, 3, 2), nn.AdaptiveAvgPool2d(3)), (1, 3, 7, 8)),
        (nn.Conv2d(4, 8, 3, groups=2, dilation=2, padding="same"), (1, 4, 9, 9)),
        (nn.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False), (2, 3, 9, 9)),
        (nn.AdaptiveMaxPool2d((3, None)), (2, 3, 9, 10)),
        (nn.AdaptiveAvgPool1d(1), (2, 3, 20)),
        (nn.AdaptiveAvgPool3d(1), (2, 3, 4, 5, 6)),
        (Calling(lambda x: F.lp_pool2d(x, 2, 3)), (2, 3, 9, 9)),
        (nn.LPPool2d(inf, 3), (2, 3, 9, 9)),
        (nn.FractionalMaxPool2d(2, output_ratio=0.5), (2, 3, 9, 10)),
        (nn.TransformerEncoderLayer(16, 2, dropout=0.0), (5, 2, 16)),
        (nn.Sequential(nn.Linear(3, 4, bias=False), nn.Dropout(), nn.Softmax(-1)), (2, 5, 3)),
        (Calling(lambda x: x.mean((2, 3)) @ x.mean((0, 2, 3))), (2, 3, 4, 5)),
        (Calling(pooled_in_inference_mode), (1, 3, 10, 10)),
    ],
)
@pytest.mark.parametrize("inference_mode", [False, True])
def test_totals_agree_with_torch(
    model: nn.Module, shape: tuple[int, ...], inference_mode: bool
) -> None:
    """The sum is what torch's counter says of the same pass on real tensors."""
    # On a CPU torch counts attention as nothing; its other implementation it knows.
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        expected = said_by_torch(model, torch.zeros(shape))
    assert expected > 0
    with torch.inference_mode(inference_mode):
        assert costmodel.of_model(model, shape).total.flops == expected


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.MaxPool1d(3, 2, 1), (2, 3, 20)),
        (nn.MaxPool2d(3, (2, 1), 1, (1, 2), ceil_mode=True), (2, 3, 9, 9)),
        (nn.MaxPool3d((1, 2, 3), padding=(0, 1, 1)), (2, 3, 7, 8, 9)),
        (nn.AvgPool1d(3, 2, 1), (3, 20)),
        (nn.AvgPool2d(3, 2, 1, divisor_override=2), (3, 9, 9)),
        (nn.AvgPool3d(2, ceil_mode=True), (2, 3, 7, 8, 9)),
        (nn.AdaptiveMaxPool1d(3), (2, 3, 20)),
        (nn.AdaptiveMaxPool3d(4), (2, 7, 8, 9)),
        (nn.AdaptiveAvgPool1d(3), (2, 3, 20)),
        (nn.AdaptiveAvgPool2d(1), (2, 3, 9, 10)),
        (nn.AdaptiveAvgPool2d((7, None)), (2, 3, 9, 10)),
        (nn.AdaptiveAvgPool3d((1, 1, 1)), (2, 3, 7, 8, 9)),
        (nn.MaxPool2d(2, return_indices=True), (2, 3, 9, 9)),
        (nn.LPPool1d(2, 3), (2, 3, 20)),
        (nn.LPPool2d(2, 3), (1, 64, 112, 112)),
        (nn.LPPool2d(inf, 3, 2), (2, 3, 9, 9)),
        (nn.LPPool3d(1.5, 2), (2, 3, 7, 8, 9)),
    ],
)
def test_a_pooling_layer_as_a_model(layer: nn.Module, shape: tuple[int, ...]) -> None:
    """Operator, operations by kind and bytes are those of the layer asked for by itself."""
    cost = costmodel.cost(layer, shape)
    result = costmodel.of_model(layer, shape)
    (row,) = result.rows
    assert row.flops == cost.flops == sum(row.operations.values())
    assert all(getattr(cost, kind) == count for kind, count in row.operations.items())
    assert row.bytes_moved == cost.bytes_moved()
    assert prod(row.output_shape) == cost.outputs
    assert (row.module, row.module_type, row.share) == ("", type(layer).__name__, 1)
    assert row.operator == layer_call(layer)[0]  # type: ignore[index]
    assert row.input_shape == shape
    assert result.pooling_share == 1
    assert result.uncounted == {}


def test_indices_are_charged_where_they_are_known() -> None:
    """Of a layer; of a function torch dispatches the same operator whether they are asked for."""
    asked = Calling(lambda x: F.max_pool2d(x, 2, return_indices=True))
    plain = Calling(lambda x: F.max_pool2d(x, 2))
    assert costmodel.of_model(asked, (1, 4, 4)).rows == costmodel.of_model(plain, (1, 4, 4)).rows
    layer = costmodel.of_model(nn.MaxPool2d(2, return_indices=True), (1, 4, 4))
    assert layer.rows[0].bytes_moved == 4 * (16 + 4) + 8 * 4


def test_a_layer_has_the_input_that_its_own_hooks_hand_it() -> None:
    """Which need not be the one that it was called with."""
    layer = nn.MaxPool2d(2)
    layer.register_forward_pre_hook(lambda module, args: (args[0][..., :4, :4],))
    (row,) = costmodel.of_model(layer, (1, 8, 8)).rows
    assert (row.input_shape, row.flops) == ((1, 4, 4), 12)


def test_an_empty_mean_is_none_of_ours() -> None:
    """Torch takes a mean of nothing, which the model refuses: it is listed by its parts."""
    cost = costmodel.of_model(nn.AdaptiveAvgPool3d(1), (1, 0, 2, 2, 2))
    assert (cost.rows, cost.uncounted) == ((), {"mean": 1})


def test_functions_and_repeated_modules() -> None:
    """A module applied three times has three rows; a function goes by its module."""
    inner = Calling(lambda x: F.max_pool2d(x, 2, 2))
    cost = costmodel.of_model(nn.Sequential(SPPF(8), nn.Sequential(inner)), (1, 8, 20, 20))
    once = costmodel.flops("max_pool2d", (1, 4, 20, 20), 5, 1, 2)
    function = costmodel.flops("max_pool2d", (1, 8, 20, 20), 2, 2)
    assert pooling_rows(cost) == [
        ("0.pool", "max_pool2d", once),
        ("0.pool", "max_pool2d", once),
        ("0.pool", "max_pool2d", once),
        ("1.0", "max_pool2d", function),
    ]
    assert cost.total.pooling_flops == 3 * once + function
    assert cost.uncounted == {"cat": 1}


def test_a_module_made_on_the_way() -> None:
    """It goes by the module that makes it."""
    net = nn.Sequential(Calling(lambda x: nn.AvgPool2d(2)(x)))
    (row,) = costmodel.of_model(net, (1, 4, 4)).rows
    assert (row.module, row.module_type, row.operator) == ("0", "Calling", "avg_pool2d")
    assert row.flops == costmodel.flops("avg_pool2d", (1, 4, 4), 2)


def test_only_means_that_pool_are_poolings() -> None:
    """Those of channels as well; the others are listed like any operator without a count."""
    cost = costmodel.of_model(
        Calling(lambda x: (x.mean((2, 3)), x.mean(1), x.mean((1, 2, 3)), x.mean())), (1, 8, 7, 7)
    )
    assert pooling_rows(cost) == [("", "adaptive_avg_pool2d", 8 * 49), ("", "mean", 8 * 49)]
    assert cost.uncounted == {"mean": 2}


def test_an_lp_pooling_function_is_the_average_within_it() -> None:
    """Its powers and roots are elementwise operations, and named; a layer says what it is."""
    shape = (2, 3, 9, 9)
    cost = costmodel.of_model(Calling(lambda x: F.lp_pool2d(x, 2, 3)), shape)
    within = costmodel.cost("avg_pool2d", shape, 3)
    assert pooling_rows(cost) == [("", "avg_pool2d", within.flops)]
    assert cost.uncounted == {"pow": 2, "sign": 1, "abs": 1, "relu": 1, "mul": 2}
    whole = costmodel.of_model(nn.LPPool2d(2, 3), shape)
    assert pooling_rows(whole) == [("", "lp_pool2d", costmodel.flops("lp_pool2d", shape, 2, 3))]
    assert whole.uncounted == {}


@pytest.mark.parametrize(("scheme", "algorithm"), [("fold", "relu_fold"), ("tree", "relu_fold")])
def test_a_rebuilt_maximum_is_the_network_that_it_runs(scheme: str, algorithm: str) -> None:
    """Where no window overhangs, the operations of the closed form, and nothing left to list."""
    shape = (2, 3, 9, 9)
    cost = costmodel.of_model(pooling.MaxPool2d(3, 2, scheme=scheme), shape)
    (row,) = cost.rows
    formula = costmodel.cost("max_pool2d", shape, 3, 2, algorithm=algorithm)
    assert (row.operator, row.pooling, row.macs) == ("elementwise", True, None)
    assert row.operations == {"comparisons": formula.comparisons, "additions": formula.additions}
    assert row.flops == formula.flops == cost.total.pooling_flops
    assert (row.input_shape, row.output_shape) == (shape, (2, 3, 4, 4))
    # Eight merges of 96 windows: a difference of two, a ReLU of one, a sum of two.
    assert row.bytes_moved == 8 * 96 * 4 * (3 + 2 + 3)
    assert (cost.pooling_share, cost.uncounted) == (1, {})
    assert costmodel.flops(pooling.MaxPool2d(3, 2, scheme=scheme), shape) < formula.flops


def test_the_rows_of_a_rebuilt_pooling_within_a_model() -> None:
    """All of them are pooling, and what is outside stays what it was."""
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.ReLU(),
        pooling.MaxPool2d(2, skips=False),
        pooling.AvgPool2d(2, 2, 1, count_include_pad=False),
        pooling.AdaptiveMaxPool2d(2),
    )
    cost = costmodel.of_model(net, (1, 3, 18, 18))
    rows = [(row.module.partition(".")[0], row.operator, row.pooling) for row in cost.rows]
    assert rows == [
        ("0", "convolution", False),
        *[("2", "convolution", True)] * 4,
        ("2", "elementwise", True),
        ("3", "convolution", True),
        ("3", "elementwise", True),
        ("4", "elementwise", True),
    ]
    assert "relu" in cost.uncounted and cost.uncounted["relu"] == 1
    outside = cost.rows[0].flops
    assert cost.total.pooling_flops == cost.total.flops - outside
    # Windows of two by two in three layers of seven, five and three ReLUs.
    relus = cost.rows[5].operations
    assert relus == {"comparisons": 4 * 64 * (7 + 5 + 3)}


def test_only_the_floats_of_a_rebuilt_pooling_are_counted() -> None:
    """Places are worked out in integers, and belong to no count; each module has its own row."""

    class Shifted(nn.Module):
        rebuilt = True

        def forward(self, x: Tensor) -> Tensor:
            places = torch.arange(4) * 2 + 1
            return torch.div(x - x[..., places // 3], 2).mul_(3)

    cost = costmodel.of_model(nn.Sequential(Shifted(), nn.ReLU(), Shifted()), (3, 4))
    assert [(row.module, row.operations) for row in cost.rows] == [
        (path, {"additions": 12, "divisions": 12, "multiplications": 12}) for path in ("0", "2")
    ]
    assert {name: cost.uncounted[name] for name in ("mul", "add", "relu")} == {
        "mul": 2,
        "add": 2,
        "relu": 1,
    }
    assert cost.rows[0].bytes_moved == cost.rows[1].bytes_moved == 12 * 4 * (3 + 2 + 2)


def test_a_rebuilt_pooling_that_fails_leaves_nothing_behind() -> None:
    """What a model catches is not counted with the next."""
    rebuilt = pooling.MaxPool2d(2)

    def forward(x: Tensor) -> Tensor:
        with pytest.raises(ValueError):
            rebuilt(x[..., :1])
        return torch.relu(x)

    trying = Calling(forward)
    trying.inner = rebuilt
    cost = costmodel.of_model(trying, (1, 4, 4))
    assert (cost.rows, cost.uncounted) == ((), {"relu": 1})


def test_modules_that_say_what_they_are() -> None:
    """Each is one operator in the mode it is in, and what it dispatches is not looked at."""
    net = nn.Sequential(
        nn.MaxPool2d(2),
        pooling.SoftmaxPool2d(2, temperature=2),
        pooling.StochasticPool2d(2, generator=torch.Generator()),
        pooling.PowerAveragePool2d(3, 2, learnable=True),
        pooling.GlobalAvgPool2d(),
    )
    shape = (2, 3, 32, 32)
    cost = costmodel.of_model(net, shape)
    assert [row.operator for row in cost.rows] == [
        "max_pool2d",
        "softmax_pool2d",
        "stochastic_pool2d",
        "lp_pool2d",
        "adaptive_avg_pool2d",
    ]
    assert not cost.uncounted and cost.total.flops == cost.total.pooling_flops
    for row, layer in zip(cost.rows, net, strict=True):
        assert row.flops == costmodel.flops(layer, row.input_shape)
        assert row.bytes_moved == costmodel.bytes_moved(layer, row.input_shape)
    drawn = costmodel.of_model(net.eval(), shape).rows[2].flops
    assert drawn == costmodel.flops("stochastic_pool2d", (2, 3, 8, 8), kernel_size=2)


def test_modules_that_are_no_operator_are_counted_by_their_parts() -> None:
    """A random choice takes both poolings; a subclass that does more is what it dispatches."""

    class Doubled(pooling.GlobalAvgPool2d):
        def forward(self, x: Tensor) -> Tensor:
            return torch.mul(super().forward(x), 2)

    cost = costmodel.of_model(pooling.MixedPool2d(2, draw="window"), (1, 8, 8))
    assert [row.operator for row in cost.rows] == ["max_pool2d", "avg_pool2d"]
    cost = costmodel.of_model(Doubled(), (1, 8, 8))
    assert [row.operator for row in cost.rows] == ["adaptive_avg_pool2d"]
    assert cost.uncounted == {"mul": 1}


def test_attention_is_counted() -> None:
    """As the matrix products of torch's reference implementation, wherever the model is."""
    attention = Calling(lambda x: F.scaled_dot_product_attention(x, x, x))
    cost = costmodel.of_model(attention, (2, 3, 5, 8))
    assert [row.operator for row in cost.rows] == ["bmm", "bmm"]
    assert cost.total.macs == 2 * (2 * 3 * 5 * 5 * 8)


def test_views_are_not_listed() -> None:
    """They compute nothing and move nothing; a copy does move."""
    cost = costmodel.of_model(nn.Linear(3, 4, bias=False), (2, 5, 3))
    assert [row.operator for row in cost.rows] == ["mm"]
    assert cost.uncounted == {}
    views = Calling(lambda x: (x.mT.unsqueeze(0).expand(7, -1, -1)[1:], torch.empty(3), x.split(1)))
    assert costmodel.of_model(views, (2, 3)).uncounted == {}
    # Nor is room for a result, or a number that Python reads.
    room = Calling(lambda x: torch.empty_like(x).resize_(len(x)) if x[0, 0].item() else x)
    assert costmodel.of_model(room, torch.ones(2, 3)).uncounted == {"resize_": 1}
    assert costmodel.of_model(Calling(lambda x: x.mT.contiguous()), (2, 3)).uncounted == {
        "clone": 1
    }


def test_gradients_within_the_forward_pass() -> None:
    """A model that differentiates, as for forces from an energy, has the backward rows too."""

    def forward(x: Tensor) -> Tensor:
        x = x.detach().requires_grad_()
        energy = F.max_pool2d(x, 3, 2, 1).sum()
        (force,) = torch.autograd.grad(energy, x)
        return force

    cost = costmodel.of_model(Calling(forward), (1, 4, 9, 9))
    assert pooling_rows(cost) == [
        (place, operator, costmodel.flops(operator, (1, 4, 9, 9), 3, 2, 1))
        for place, operator in [("", "max_pool2d"), ("", "max_pool2d_backward")]
    ]
    assert cost.rows[1].output_shape == (1, 4, 9, 9)
    assert cost.rows[1].bytes_moved == costmodel.bytes_moved(
        "max_pool2d_backward", (1, 4, 9, 9), 3, 2, 1
    )


def test_random_windows_have_no_bytes() -> None:
    """Which elements they read does not follow from shapes; a sum with them is unknown too."""
    net = nn.Sequential(nn.MaxPool2d(1), nn.FractionalMaxPool2d(2, output_size=3))
    cost = costmodel.of_model(net, (1, 1, 8, 8))
    assert [row.bytes_moved for row in cost.rows] == [512, None]
    assert cost.total.bytes_moved is None
    assert cost.total.flops == 27


def test_what_is_read_twice_counts_once() -> None:
    """An operand given twice, or repeated by expanding it, moves once."""
    square = costmodel.of_model(Calling(lambda x: x @ x), (4, 4))
    assert square.rows[0].bytes_moved == 4 * (16 + 16)
    expanded = costmodel.of_model(Calling(lambda x: torch.bmm(x, x[:1].expand(3, 4, 4))), (3, 4, 4))
    assert expanded.rows[0].bytes_moved == 4 * (48 + 16 + 48)


def test_dtypes() -> None:
    """Shapes follow the parameters; with ``dtype`` the whole model changes, and so do the bytes."""
    single = costmodel.of_model(small(), (2, 3, 8, 8))
    double = costmodel.of_model(small().double(), (2, 3, 8, 8))
    example = torch.zeros(2, 3, 8, 8)
    for dtype in ("float64", torch.float64):
        for given in (example, (2, 3, 8, 8)):
            assert costmodel.of_model(small(), given, dtype=dtype).rows == double.rows
    assert double.total.flops == single.total.flops
    counted = single.total.counted_bytes_moved
    assert counted is not None and double.total.counted_bytes_moved == 2 * counted
    assert costmodel.of_model(nn.MaxPool2d(2), (1, 4, 4)).rows[0].bytes_moved == 4 * 20
    assert costmodel.of_model(nn.MaxPool2d(2), example.half()).rows[0].bytes_moved == 2 * 480


def test_examples_and_several_inputs() -> None:
    """Of an example shape and dtype count; several inputs come as a tuple of either."""
    net = nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 2))
    tokens = torch.zeros(3, 5, dtype=torch.long)
    assert costmodel.of_model(net, tokens).total.macs == 3 * 5 * 4 * 2
    half = costmodel.of_model(net, tokens, dtype="float16")  # whole numbers stay whole
    assert half.rows[0].bytes_moved == 2 * (15 * 4 + 4 * 2 + 2 + 15 * 2)
    product = Calling(torch.matmul)
    several: list[Any] = [((2, 3), (3, 4)), (torch.zeros(2, 3), (3, 4))]
    for inputs in several:
        cost = costmodel.of_model(product, inputs)
        assert (cost.inputs, cost.total.macs) == (((2, 3), (3, 4)), 24)


def test_nothing_is_computed() -> None:
    """What no machine could hold is counted at once, without the weights being there."""
    with torch.device("meta"):
        net = nn.Sequential(nn.Linear(10**6, 10**6), nn.Unflatten(1, (1, 1000, 1000)))
    net.append(nn.MaxPool2d(2))
    cost = costmodel.of_model(net, (10**6, 10**6))
    assert cost.total.macs == 10**18
    assert cost.total.pooling_flops == 3 * 10**6 * 500**2


@pytest.mark.parametrize("shape", [(2, 3, 8, 8), (2, 3, 9, 9)])
def test_the_model_stays_as_it_is(shape: tuple[int, ...]) -> None:
    """Parameters, buffers, modes, hooks and the random state, after success and after failure."""
    net = small().append(nn.Dropout())
    net[0].eval()  # and batch normalisation goes on counting its batches
    seen: list[str] = []
    net[3].register_forward_hook(lambda module, args, output: seen.append(output.device.type))
    tensors = {**dict(net.named_parameters()), **dict(net.named_buffers())}
    copies = {name: tensor.clone() for name, tensor in tensors.items()}
    modes = [module.training for module in net.modules()]
    before = len(hooks._global_forward_hooks), len(hooks._global_forward_pre_hooks)
    state = torch.get_rng_state()
    try:
        costmodel.of_model(net, shape, dtype="float16")
    except ValueError:
        assert shape == (2, 3, 9, 9)
    else:
        assert shape == (2, 3, 8, 8)
    after = {**dict(net.named_parameters()), **dict(net.named_buffers())}
    assert all(after[name] is tensor for name, tensor in tensors.items())
    assert all(torch.equal(after[name], copy) for name, copy in copies.items())
    assert all(parameter.requires_grad for parameter in net.parameters())
    assert [module.training for module in net.modules()] == modes
    assert (len(hooks._global_forward_hooks), len(hooks._global_forward_pre_hooks)) == before
    assert torch.equal(torch.get_rng_state(), state)
    assert seen == ["meta"]
    assert len(net[3]._forward_hooks) == 1


def test_constants_outside_the_buffers() -> None:
    """They are moved along, and keep their values where those alone are asked for."""
    weight = torch.ones(3, 4)

    def forward(x: Tensor) -> Tensor:
        scale = torch.tensor(2.0).item()
        return (x @ weight + torch.arange(4)) * scale

    cost = costmodel.of_model(Calling(forward), (2, 3))
    assert cost.total.macs == 24
    assert weight.device.type == "cpu"


def test_formulas_that_users_register(monkeypatch: pytest.MonkeyPatch) -> None:
    """What torch's registry holds counts; what kind of operation it is only its author knows."""

    def formula(shape: tuple[int, ...], *, out_shape: Any = None) -> int:
        return prod(shape)

    formulas = {torch.ops.aten.relu: flop_counter.shape_wrapper(formula)}  # type: ignore[no-untyped-call]
    monkeypatch.setattr(flop_counter, "flop_registry", {**flop_counter.flop_registry, **formulas})
    cost = costmodel.of_model(nn.ReLU(), (2, 3))
    (row,) = cost.rows
    assert (row.operator, row.flops, row.macs, row.operations) == ("relu", 6, None, {})
    assert cost.uncounted == {}


@pytest.mark.parametrize(
    ("model", "given", "error", "message"),
    [
        (3, (1, 2), TypeError, "model must be a torch.nn.Module, got 3"),
        (nn.ReLU, (1, 2), TypeError, f"model must be a torch.nn.Module, got {nn.ReLU!r}"),
        *[
            (
                nn.ReLU(),
                given,
                ValueError,
                "the forward pass on nothing failed in ReLU: "
                f"relu(): argument 'input' (position 1) must be Tensor, not {kind}",
            )
            for given, kind in ((3, "int"), ("1x3", "str"), (None, "NoneType"))
        ],
        (
            nn.ReLU(),
            (1, 2.0),
            ValueError,
            "the forward pass on nothing failed in ReLU: "
            "ReLU.forward() takes 2 positional arguments but 3 were given",
        ),
        (
            nn.ReLU(),
            (1, -2),
            ValueError,
            "the sizes of a shape must be at least 0, got (1, -2)",
        ),
        (
            nn.Sequential(nn.Identity(), nn.LazyLinear(3)),
            (1, 2),
            RuntimeError,
            "'1.weight' gets its shape from the first input: run the model once first",
        ),
        (
            nn.Sequential(nn.Identity(), small()),
            (1, 4, 8, 8),
            ValueError,
            "the forward pass on (1, 4, 8, 8) failed in module '1.0' (Conv2d), "
            "at aten.convolution: Invalid channel dimensions",
        ),
        (
            Calling(lambda x: x + 1 if x.sum() > 0 else x),
            (1, 2),
            RuntimeError,
            "the forward pass on (1, 2) failed in Calling, at aten._local_scalar_dense: "
            "Tensor.item() cannot be called on meta tensors "
            "(counting has shapes alone, no values; on='values' runs on tensors)",
        ),
        (
            nn.Sequential(Calling(lambda x: torch.from_numpy(x.numpy()))),
            (1, 2),
            RuntimeError,
            "the forward pass on (1, 2) failed in module '0' (Calling): can't convert meta "
            "device type tensor to numpy. Use Tensor.cpu() to copy the tensor to host memory "
            "first. (counting has shapes alone, no values; on='values' runs on tensors)",
        ),
        (
            nn.Bilinear(2, 3, 4),
            ((1, 2),),
            ValueError,
            "the forward pass on (1, 2) failed in Bilinear: "
            "Bilinear.forward() missing 1 required positional argument: 'input2'",
        ),
    ],
)
def test_errors(model: Any, given: Any, error: type[Exception], message: str) -> None:
    """To the letter: the module, the operator and what torch says."""
    with pytest.raises(error) as caught:
        costmodel.of_model(model, given)
    assert str(caught.value) == message


def test_operators_without_shapes() -> None:
    """Where values settle the shape of the result, shapes alone are not enough."""
    with pytest.raises(RuntimeError) as caught:
        costmodel.of_model(Calling(torch.nonzero), (1, 2))
    assert str(caught.value).startswith(
        "the forward pass on (1, 2) failed in Calling, at aten.nonzero: "
    )
    assert isinstance(caught.value.__cause__, NotImplementedError)


@pytest.mark.parametrize("dtype", ["int32", "flot32", torch.int8, 7])
def test_wrong_dtypes(dtype: Any) -> None:
    """A pass needs a floating-point dtype."""
    with pytest.raises(ValueError) as caught:
        costmodel.of_model(nn.ReLU(), (1, 2), dtype=dtype)
    assert str(caught.value) == (
        f"dtype must be a floating-point dtype such as 'float16', got {dtype!r}"
    )


def test_errors_that_the_model_handles() -> None:
    """A forward that catches its own error goes on, and a later one is told apart from it."""
    inner = small()

    def forward(x: Tensor) -> Tensor:
        with pytest.raises(RuntimeError):
            inner(x)
        return F.max_pool2d(x, 2)

    trying = Calling(forward)
    trying.inner = inner
    cost = costmodel.of_model(trying, (1, 4, 8, 8))
    assert pooling_rows(cost) == [("", "max_pool2d", 4 * 16 * 3)]
    net = nn.Sequential(trying, Calling(lambda x: 1 // 0))
    try:
        inner(torch.zeros(1, 4, 8, 8))
    except RuntimeError:
        with pytest.raises(ValueError) as caught:
            costmodel.of_model(net, (1, 4, 8, 8))
    assert str(caught.value) == (
        "the forward pass on (1, 4, 8, 8) failed in module '1' (Calling): "
        "integer division or modulo by zero"
    )


def test_torch_is_loaded_when_asked_for() -> None:
    """Not by the package, nor by reading a result."""
    code = (
        "import sys, costmodel\n"
        "costmodel.ModelCost, costmodel.devices()\n"
        "print('torch' in sys.modules)\n"
        "costmodel.of_model\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\nTrue\n"


# Beside other threads, under other transforms, in other wrappings.


def counted_in_threads(models: list[nn.Module], times: int, beside: Callable[[], Any]) -> list[int]:
    """Return the totals that threads count at once, while another one goes on with its own work."""
    found: list[int] = []
    stop = threading.Event()

    def other_work() -> None:
        while not stop.is_set():
            beside()

    def count(model: nn.Module) -> None:
        for _ in range(times):
            found.append(costmodel.of_model(model, (1, 3, 32, 32)).total.flops)

    other = threading.Thread(target=other_work)
    threads = [threading.Thread(target=count, args=(model,)) for model in models]
    for thread in (other, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    other.join()
    return found


def test_threads_that_count_do_not_meet() -> None:
    """Four models in four threads, five times each, beside one that runs the first of them."""
    models: list[nn.Module] = [
        nn.Sequential(nn.Conv2d(3, 4 * n, 3), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1))
        for n in range(1, 5)
    ]
    alone = [costmodel.of_model(model, (1, 3, 32, 32)).total.flops for model in models]
    x = torch.zeros(1, 3, 32, 32)
    ran: list[bool] = []

    def run() -> None:
        ran.append(bool(models[0](x).isfinite().all()))

    found = counted_in_threads(models, 5, run)
    assert sorted(found) == sorted(alone * 5)
    assert ran and all(ran)


def test_one_model_counted_and_run_at_once() -> None:
    """Its weights stay where they are all the while."""
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.MaxPool2d(2))
    x = torch.zeros(1, 3, 32, 32)
    devices: set[str] = set()
    alone = costmodel.of_model(model, (1, 3, 32, 32)).total.flops
    found = counted_in_threads([model] * 3, 5, lambda: devices.add(model(x).device.type))
    assert (found, devices) == ([alone] * 15, {"cpu"})


@pytest.mark.parametrize("shape", [(3, 8, 8), (2, 3, 8, 8)])
@pytest.mark.parametrize("layer", [nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2), pooling.MaxPool2d(2)])
def test_under_vmap(layer: nn.Module, shape: tuple[int, ...]) -> None:
    """All that is mapped over counts, twice over as well."""

    class Mapped(nn.Module):
        def __init__(self, times: int) -> None:
            super().__init__()
            self.layer, self.times = layer, times

        def forward(self, x: Tensor) -> Any:
            mapped: Callable[..., Any] = self.layer
            for _ in range(self.times):
                mapped = torch.func.vmap(mapped)
            return mapped(x)

    once = costmodel.of_model(layer, shape).total
    for times, mapped in ((1, (5,)), (2, (5, 7))):
        total = costmodel.of_model(Mapped(times), (*mapped, *shape)).total
        assert total.flops == total.pooling_flops == prod(mapped) * once.flops


def test_layers_called_by_keyword() -> None:
    """Counted as those that are not."""

    class Named(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pool = nn.LPPool2d(2, 2)

        def forward(self, x: Tensor) -> Any:
            return self.pool(input=x)

    cost = costmodel.of_model(Named(), (1, 3, 8, 8))
    assert pooling_rows(cost) == [
        ("pool", "lp_pool2d", costmodel.flops("lp_pool2d", (1, 3, 8, 8), 2, 2))
    ]
    assert cost.uncounted == {}


def test_what_hooks_do_counts() -> None:
    """It belongs to the module that they hang on, before and after."""
    layer = nn.MaxPool2d(2)
    layer.register_forward_pre_hook(lambda module, args: (F.avg_pool2d(args[0], 2),))
    layer.register_forward_hook(lambda module, args, output: F.relu(output))
    cost = costmodel.of_model(nn.Sequential(layer), (1, 3, 8, 8))
    assert [(row.module, row.operator, row.input_shape) for row in cost.rows] == [
        ("0", "avg_pool2d", (1, 3, 8, 8)),
        ("0", "max_pool2d", (1, 3, 4, 4)),
    ]
    assert [(other.module, other.operator) for other in cost.others] == [("0", "relu")]


@pytest.mark.parametrize("where", ["outside", "inside"])
def test_autocast(where: str) -> None:
    """Rows move the bytes that they move on real values, in the lower dtype."""
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(36, 5),
        nn.Softmax(1),
    )

    class Inside(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, x: Tensor) -> Any:
            with torch.autocast("cpu", torch.bfloat16):
                return self.net(x)

    x = torch.zeros(2, 3, 8, 8)
    plain = costmodel.of_model(net, x)
    model: nn.Module = net if where == "outside" else Inside()
    with torch.autocast("cpu", torch.bfloat16, enabled=where == "outside"):
        on_meta = costmodel.of_model(model, x, on="meta")
        on_values = costmodel.of_model(model, x, on="values")
    moved = [row.bytes_moved for row in on_meta.rows]
    assert moved == [row.bytes_moved for row in on_values.rows]
    assert moved == [(row.bytes_moved or 0) // 2 for row in plain.rows]
    assert on_meta.uncounted == on_values.uncounted == {"_to_copy": 5, "relu": 1, "_softmax": 1}
    assert on_meta.total.flops == plain.total.flops


def wrapped(kind: str) -> Any:
    """Return a small network, as it is deployed."""
    torch.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1)
    ).eval()
    makers: dict[str, Callable[[], Any]] = {
        "plain": lambda: net,
        "compiled": lambda: torch.compile(net),
        "exported": lambda: torch.export.export(net, (torch.zeros(1, 3, 8, 8),)),
        "traced": lambda: torch.fx.symbolic_trace(net),
        "DataParallel": lambda: nn.DataParallel(net),
        "within": lambda: nn.Sequential(nn.DataParallel(net), nn.DataParallel(nn.Identity())),
    }
    if kind == "compiled in place":
        net.compile()
        return net
    return makers[kind]()


@pytest.mark.parametrize(
    "kind",
    ["plain", "compiled", "compiled in place", "exported", "traced", "DataParallel", "within"],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_wrappings(kind: str) -> None:
    """Compiled, exported, traced and parallel ones cost what the network within costs."""
    cost = costmodel.of_model(wrapped(kind), (1, 3, 8, 8))
    plain = costmodel.of_model(wrapped("plain"), (1, 3, 8, 8))
    assert [(row.operator, row.flops) for row in cost.rows] == [
        (row.operator, row.flops) for row in plain.rows
    ]
    if kind in ("compiled", "compiled in place", "DataParallel"):
        assert cost.rows == plain.rows
    if kind == "within":
        assert [row.module for row in cost.rows] == ["0.0", "0.3", "0.4"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore:.*grad.*non-leaf:UserWarning")
def test_scripted_modules() -> None:
    """They are counted by what they dispatch, and keep their weights."""
    net = wrapped("plain")
    scripted = torch.jit.script(net)
    before = [parameter.clone() for parameter in scripted.parameters()]
    cost = costmodel.of_model(scripted, (1, 3, 8, 8))
    assert cost.total.flops == costmodel.of_model(net, (1, 3, 8, 8)).total.flops
    after = list(scripted.parameters())
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))


# Inputs, and what they are run on.


class Taking(nn.Module):
    """A model that notes what its forward was called with."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []

    def forward(self, *args: Any, **kwargs: Any) -> None:
        """Note the arguments, tensors by device and shape."""

        def words(value: Any) -> Any:
            if isinstance(value, Tensor):
                return value.device.type, tuple(value.shape), str(value.dtype).partition(".")[2]
            if isinstance(value, dict):
                return {key: words(part) for key, part in value.items()}
            return type(value)(map(words, value)) if isinstance(value, list | tuple) else value

        seen.append((words(args), words(kwargs)))


seen: list[Any] = []
META = ("meta", (2, 3), "float32")


@pytest.mark.parametrize(
    ("args", "kwargs", "expected"),
    [
        (((2, 3),), {}, ((META,), {})),
        ((torch.zeros(2, 3),), {}, ((META,), {})),
        ((((2, 3), (2, 3)),), {}, ((META, META), {})),
        (((2, 3), (2, 3)), {}, ((META, META), {})),
        ((((2, 3), 0.5, None),), {}, ((META, 0.5, None), {})),
        (((2, 3), 3, None, "x", True), {}, ((META, 3, None, "x", True), {})),
        (([2, 3],), {}, (([2, 3],), {})),
        (([torch.zeros(2, 3), (2, 3)],), {}, (([META, (2, 3)],), {})),
        (({"a": [torch.zeros(2, 3)], "b": (2, 3)},), {}, (({"a": [META], "b": META},), {})),
        ((), {"x": (2, 3), "mask": None}, ((), {"x": META, "mask": None})),
        (((2, 3),), {"kwargs": {"dtype": 3, "on": (2, 3)}}, ((META,), {"dtype": 3, "on": META})),
        ((torch.zeros(2, 3, dtype=torch.long),), {}, ((("meta", (2, 3), "int64"),), {})),
        (((2, 3),), {"dtype": "float16"}, ((("meta", (2, 3), "float16"),), {})),
        (((2, 3),), {"dtype": numpy.float16}, ((("meta", (2, 3), "float16"),), {})),
        (((2, 3),), {"dtype": numpy.dtype("float16")}, ((("meta", (2, 3), "float16"),), {})),
        ((torch.zeros(2, 3),), {"on": "values"}, ((("cpu", (2, 3), "float32"),), {})),
    ],
)
def test_what_a_model_is_called_with(args: Any, kwargs: Any, expected: Any) -> None:
    """Tensors and shapes without values; everything else as it is."""
    seen.clear()
    cost = costmodel.of_model(Taking(), *args, **kwargs)
    assert seen == [expected]
    assert cost.on == kwargs.get("on", "meta")


def test_values_that_decide() -> None:
    """By themselves where tensors were given; shapes have none."""

    def forward(x: Tensor) -> Tensor:
        return F.max_pool2d(x, 2) if x.sum() > 0 else F.avg_pool2d(x, 2)

    ones = costmodel.of_model(Calling(forward), torch.ones(1, 4, 4))
    zeros = costmodel.of_model(Calling(forward), torch.zeros(1, 4, 4))
    assert (ones.on, zeros.on) == ("values", "values")
    assert [row.operator for row in (*ones.rows, *zeros.rows)] == ["max_pool2d", "avg_pool2d"]
    for given, on in (((1, 4, 4), None), (torch.ones(1, 4, 4), "meta")):
        with pytest.raises(
            RuntimeError, match="counting has shapes alone, no values; on='values' runs"
        ):
            costmodel.of_model(Calling(forward), given, on=on)
    assert "run on values" in str(ones)


def test_values_leave_the_model_as_it_is() -> None:
    """Running averages, weights, inputs and the random state."""
    net = nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.Dropout(0.5))
    x = torch.ones(2, 3)
    state = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    random = torch.get_rng_state()
    for step in ("forward", "training"):
        assert costmodel.of_model(net, x, on="values", step=step).on == "values"
    assert all(torch.equal(state[name], tensor) for name, tensor in net.state_dict().items())
    assert torch.equal(random, torch.get_rng_state()) and bool((x == 1).all())
    assert all(parameter.grad is None for parameter in net.parameters())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"on": "cpu"}, "on must be 'meta' or 'values', got 'cpu'"),
        ({"step": "backward"}, "step must be 'forward' or 'training', got 'backward'"),
        ({"on": "values"}, "on='values' needs tensors with values, in the model and as its input"),
        (
            {"optimizer": "Adamm"},
            "optimizer must be the name of a class in torch.optim, got 'Adamm'",
        ),
    ],
)
def test_choices_that_there_are_not(arguments: dict[str, Any], message: str) -> None:
    """To the letter."""
    with pytest.raises(ValueError) as caught:
        costmodel.of_model(nn.ReLU(), (1, 2), **arguments)
    assert str(caught.value) == message


def test_elementwise_counts_complete_a_total() -> None:
    """By stated formulas: the rows that are new are the operators that were listed."""
    net = small().eval().append(nn.Softmax(-1))
    plain = costmodel.of_model(net, (2, 3, 8, 8))
    whole = costmodel.of_model(net, (2, 3, 8, 8), elementwise=True)
    assert whole.others == () and plain.uncounted.keys() == {
        "native_batch_norm",
        "relu",
        "_softmax",
    }
    assert {
        row.operator: row.flops for row in whole.rows if row.kind not in ("product", "pooling")
    } == {
        "native_batch_norm": 512 * 4 + 4 * 2,
        "relu": 512,
        "_softmax": 20 * 5 - 2 * 2,
    }
    assert whole.total.pooling_flops == plain.total.pooling_flops
    assert whole.total.bytes_moved == plain.total.bytes_moved == whole.total.counted_bytes_moved


def test_what_is_not_counted_is_more_than_a_name() -> None:
    """Module, elements and bytes, and two figures for the traffic."""
    cost = costmodel.of_model(small().eval(), (2, 3, 8, 8))
    assert [(o.module, o.module_type, o.operator, o.kind, o.elements) for o in cost.others] == [
        ("1", "BatchNorm2d", "native_batch_norm", "normalisation", 512 + 2 * 4),
        ("2", "ReLU", "relu", "activation", 512),
    ]
    assert cost.others[1].bytes_moved == 2 * 512 * 4
    total = cost.total
    assert total.bytes_moved is not None and total.counted_bytes_moved is not None
    assert total.bytes_moved - total.counted_bytes_moved == sum(o.bytes_moved for o in cost.others)


def test_memory_and_parameters() -> None:
    """The most that is held at once, by hand; tied weights count once."""
    net = nn.Sequential(nn.Linear(10, 100), nn.ReLU(), nn.Linear(100, 5))
    cost = costmodel.of_model(net, (3, 10))
    # At the ReLU: the input, which the caller holds, and two results of 300 elements.
    assert cost.activation_peak_bytes == 4 * (30 + 300 + 300)
    assert (cost.parameters, cost.parameter_bytes) == (1605, 6420)
    tied = nn.Sequential(nn.Linear(4, 4, bias=False), nn.Linear(4, 4, bias=False))
    tied[1].weight = tied[0].weight
    assert costmodel.of_model(tied, (1, 4)).parameters == 16


def test_a_training_step() -> None:
    """Forward, backward at the modules of the forward pass, and the optimiser in one row."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv, self.head = nn.Conv2d(3, 4, 3, padding=1), nn.Linear(4, 2)

        def forward(self, x: Tensor) -> Any:
            return self.head(self.conv(x).mean((2, 3)))

    cost = costmodel.of_model(Net(), (2, 3, 4, 6), step="training", optimizer="SGD")
    found = [(row.phase, row.module, row.operator, row.flops) for row in cost.rows]
    assert found == [
        ("forward", "conv", "convolution", 2 * 2 * 4 * 24 * 27),
        ("forward", "", "adaptive_avg_pool2d", 8 * 24),
        ("forward", "head", "addmm", 2 * 2 * 4 * 2),
        ("backward", "head", "mm", 2 * 2 * 2 * 4),
        ("backward", "head", "mm", 2 * 2 * 2 * 4),
        ("backward", "", "adaptive_avg_pool2d_backward", 8 * 24 + 8),
        ("backward", "conv", "convolution_backward", 2 * 2 * 4 * 24 * 27),
        ("optimizer", "", "optimizer", 2 * 122),
    ]
    momentum = costmodel.of_model(
        Net(),
        (2, 3, 4, 6),
        step="training",
        optimizer=lambda parameters: torch.optim.SGD(parameters, 0.1, momentum=0.9),
    )
    # As in every step but the first: m ← 0.9 m + g, w ← w − 0.1 m.
    assert momentum.rows[-1].operations == {"multiplications": 2 * 122, "additions": 2 * 122}
    forward = costmodel.of_model(Net(), (2, 3, 4, 6))
    assert (cost.activation_peak_bytes or 0) > (forward.activation_peak_bytes or 0)
    with pytest.raises(ValueError, match="no output depends on a parameter"):
        costmodel.of_model(nn.ReLU(), (2, 3), step="training")


@pytest.mark.slow
def test_resnet_50() -> None:
    """One pooling after the stem, one before the classifier, and torch's total on real tensors."""
    transformers = pytest.importorskip("transformers")
    net = transformers.ResNetForImageClassification(transformers.ResNetConfig()).eval()
    cost = costmodel.of_model(net, (1, 3, 224, 224))
    stem, last = (row for row in cost.rows if row.pooling)
    assert (stem.module, stem.operator) == ("resnet.embedder.pooler", "max_pool2d")
    assert stem.operations == {"comparisons": 1_584_192}
    assert (last.module, last.operator) == ("resnet.pooler", "adaptive_avg_pool2d")
    assert last.operations == {"additions": 2048 * 48, "divisions": 2048}
    assert sum(row.operator == "convolution" for row in cost.rows) == 53
    # He et al. 2016 give 3.8 billion for the variant that halves the size one layer earlier.
    assert 3.8e9 < cost.total.macs < 4.2e9
    assert 0.0002 < cost.pooling_share < 0.00021
    assert cost.total.flops == said_by_torch(net, torch.zeros(1, 3, 224, 224))


@pytest.mark.slow
def test_vision_transformer() -> None:
    """There is nothing to pool in it; one convolution, and six matrix products for each layer."""
    transformers = pytest.importorskip("transformers")
    net = transformers.ViTForImageClassification(transformers.ViTConfig(num_hidden_layers=2)).eval()
    cost = costmodel.of_model(net, (1, 3, 224, 224))
    assert (cost.pooling_share, pooling_rows(cost)) == (0, [])
    operators = [row.operator for row in cost.rows]
    assert operators.count("convolution") == 1
    assert operators.count("bmm") == 2 * 2
    assert operators.count("addmm") == 2 * 6 + 1
    with torch.nn.attention.sdpa_kernel(torch.nn.attention.SDPBackend.MATH):
        assert cost.total.flops == said_by_torch(net, torch.zeros(1, 3, 224, 224))
