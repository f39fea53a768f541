"""What is predicted of a layer, check by check; no tool is asked here.

Every prediction is made from shapes and arguments, by the cost model or from the structure that a
rebuilt pooling is known to have, never by reading back what torch said. So the same predictions
judge what is measured now and what was recorded elsewhere.
"""

import re
from collections.abc import Callable, Mapping
from itertools import pairwise
from math import prod
from typing import Any, NamedTuple

import costmodel
from costmodel.cuda_kernels import channels_last_launch
from pooling import adaptive_arguments, pooling_arguments
from pooling.arguments import AdaptiveAxis, Axis
from verify.measure.layers import Layer

PROFILER = "torch.profiler"
COUNTER = "FlopCounterMode"
NCU = "ncu"

#: The operators that torch's profiler has a formula for, as far as rebuilt poolings use them.
CONVOLUTIONS = frozenset({"aten::conv2d"})
PRODUCTS = frozenset({"aten::mm", "aten::bmm", "aten::addmm", "aten::baddbmm"})
ADDITIONS = frozenset({"aten::add"})

#: A plain network on a large window takes minutes on a CPU; more FLOPs than this are not run.
AFFORDABLE = 30_000_000

#: (operator, whether over three axes, layout) → a part of the name of torch's CUDA kernel.
_KERNELS = {
    ("max_pool", False, "contiguous"): "max_pool_forward_nchw",
    ("max_pool", False, "channels_last"): "max_pool_forward_nhwc",
    ("max_pool", True, "contiguous"): "max_pool3d_with_indices_single_out_frame",
    ("avg_pool", False, "contiguous"): "avg_pool2d_out_cuda_frame",
    ("avg_pool", False, "channels_last"): "avg_pool2d_out_cuda_frame_nhwc",
    ("avg_pool", True, "contiguous"): "avg_pool3d_cuda_update_output",
    ("adaptive_avg_pool", False, "contiguous"): "adaptive_average_pool",
    ("adaptive_avg_pool", False, "channels_last"): "adaptive_average_pool_nhwc",
    ("adaptive_avg_pool", True, "contiguous"): "adaptiveaveragepool",
    ("adaptive_max_pool", False, "contiguous"): "adaptivemaxpool",
    ("adaptive_max_pool", True, "contiguous"): "adaptivemaxpool",
}
#: The threads of a block over a plane of the output, along x and y.
_PLANE = (32, 8)


class Prediction(NamedTuple):
    """What is predicted of some layers, and how a count is held against it.

    Attributes:
        about: Which layers it applies to.
        predict: What should be counted, FLOPs unless said otherwise.
        tools: Who is asked.
        agree: Whether a prediction and a count are the same.
        devices: Where it can be made.
    """

    about: Callable[[Layer], bool]
    predict: Callable[[Layer], Any]
    tools: tuple[str, ...]
    agree: Callable[[Any, Any], bool] = lambda predicted, counted: bool(predicted == counted)
    devices: tuple[str, ...] = ("cpu", "cuda")


def average_flops(layer: Layer) -> tuple[int, ...]:
    """Return the FLOPs of the products and of the convolution of an average, in order.

    Twice a multiply-accumulate for every position of every window, padding charged. A ragged axis
    of an adaptive pooling is a product with a matrix first, in full.

    >>> average_flops(Layer("", "avg_pool2d", (1, 1, 4, 4), {"kernel_size": 2}))
    (32,)
    """
    if layer.family == "avg_pool":
        arguments = dict(layer.arguments)
        return (2 * costmodel.flops(layer.operator, layer.shape, **arguments, counting="mac"),)
    pooling = adaptive_arguments(layer.dimensions, layer.shape, layer.arguments["output_size"])
    sizes = list(pooling.input_shape)
    flops = []
    window = 1
    first = len(pooling.leading)
    for place, axis in enumerate(pooling.axes, first):
        if axis.size % axis.outputs:
            flops.append(2 * prod(sizes) * axis.outputs)
            sizes[place] = axis.outputs
        else:
            window *= axis.size // axis.outputs
    if len(flops) < layer.dimensions:
        flops.append(2 * pooling.outputs * window)
    return tuple(flops)


def network_flops(layer: Layer, scheme: str) -> tuple[int, ...]:
    """Return the FLOPs of a maximum as a plain network, convolution by convolution.

    A merge takes three neurons and a value that waits two, so the sizes of all layers follow from
    the number of taps. Each convolution runs on every window, border or not.

    >>> stem = Layer("", "max_pool2d", (1, 1, 4, 4), {"kernel_size": 2})
    >>> network_flops(stem, "tree")  # 4 outputs, matrices of 6 × 4, 3 × 6 and 1 × 3
    (192, 144, 24)
    """
    pooling = pooling_arguments(layer.dimensions, layer.shape, **layer.arguments)
    axes = [axis for axis in pooling.axes if isinstance(axis, Axis)]
    if scheme != "separable":
        return _stack(pooling.outputs, prod(axis.kernel_size for axis in axes), scheme)
    # One axis after the other, the last one first; those to come still have their padding.
    sizes = [_extended(axis) for axis in axes]
    flops: list[int] = []
    for place in reversed(range(len(axes))):
        sizes[place] = axes[place].outputs
        outputs = prod(pooling.leading) * prod(sizes)
        flops += _stack(outputs, axes[place].kernel_size, "fold")
    return tuple(flops)


def _stack(outputs: int, taps: int, scheme: str) -> tuple[int, ...]:
    widths = [taps, *_widths(taps, scheme), 1]
    return tuple(2 * outputs * width * before for before, width in pairwise(widths))


def _widths(taps: int, scheme: str) -> list[int]:
    """Return the neurons of each layer: three for a merge, two for a value that waits."""
    widths = []
    while taps > 1:
        merges = 1 if scheme == "fold" else taps // 2
        widths.append(3 * merges + 2 * (taps - 2 * merges))
        taps -= merges
    return widths


def _extended(axis: Axis) -> int:
    """Return the size of an axis with its padding, as far as the last window reads."""
    before = axis.padding[0]
    last = (axis.outputs - 1) * axis.stride - before + (axis.kernel_size - 1) * axis.dilation
    return int(before + max(axis.size, last + 1))


def merge_additions(layer: Layer) -> tuple[int, ...]:
    """Return the FLOPs of each addition of a maximum with skips: one for each window.

    Together they are the comparisons of the cost model's convention ``"window"``.

    >>> merge_additions(Layer("", "max_pool2d", (1, 1, 4, 4), {"kernel_size": 2}))
    (4, 4, 4)
    """
    window = costmodel.cost(layer.operator, layer.shape, **layer.arguments, counting="window")
    merges = int(window.flops // window.outputs)
    return (int(window.outputs),) * merges


def native_flops(layer: Layer) -> int:
    """Return the exact operations of a pooling: what our formulas teach FlopCounterMode."""
    return int(costmodel.flops(layer.operator, layer.shape, **layer.arguments))


def backward_flops(layer: Layer) -> int:
    """Return the operations of a pooling and of its backward pass together."""
    backward = costmodel.flops(f"{layer.operator}_backward", layer.shape, **layer.arguments)
    return native_flops(layer) + int(backward)


def kernel_name(layer: Layer) -> str | None:
    """Return a part of the name of torch's CUDA kernel, ``None`` where it is not known.

    >>> kernel_name(Layer("", "avg_pool1d", (1, 1, 4), {"kernel_size": 2}))
    'avg_pool2d_out_cuda_frame'
    """
    if _is_mean(layer):
        return None
    return _KERNELS.get((layer.family, layer.dimensions == 3, layer.layout))


def is_kernel(name: str, shown: str) -> bool:
    """Say whether a tool shows the kernel ``name``, with or without what stands around the name.

    >>> [is_kernel("pool", shown) for shown in ("pool", "void a::pool<float>(int)", "pool_nhwc")]
    [True, True, False]
    """
    return re.search(rf"\b{re.escape(name)}(?!\w)", shown) is not None


def launch(layer: Layer) -> dict[str, Any]:
    """Return what the launch of the native kernel has to be.

    ``outputs`` is what a one-dimensional grid has to cover, ``planes`` the blocks along x of
    adaptive pooling, and ``grid`` and ``block`` those of two channels-last kernels, and of maxima
    and averages over three axes.
    """
    expected: dict[str, Any] = {"kernel": kernel_name(layer)}
    result = costmodel.cost(layer.operator, layer.shape, **layer.arguments)
    if layer.dimensions == 3:
        *frames, height, width = result.output_shape
        if layer.family.startswith("adaptive"):
            return expected | {"planes": prod(frames)}
        x, y = _PLANE
        return expected | {
            "grid": [-(-width // x), -(-height // y), prod(frames)],
            "block": [x, y, 1],
        }
    if expected["kernel"] in ("max_pool_forward_nhwc", "adaptive_average_pool_nhwc"):
        *batch, channels, height, width = result.output_shape
        grid, block = channels_last_launch(channels, prod(batch), height, width)
        return expected | {"grid": list(grid), "block": list(block)}
    if layer.family.startswith("adaptive"):
        return expected | {"planes": prod(layer.shape[: -layer.dimensions])}
    return expected | {"outputs": int(result.outputs)}


def launch_agrees(predicted: Mapping[str, Any], counted: Mapping[str, Any]) -> bool:
    """Say whether a launch is the predicted one: its kernel by name, its outputs by its grid.

    >>> seen = {"kernel": "void f<float>(int)", "grid": [4, 1, 1], "block": [256, 1, 1]}
    >>> [launch_agrees({"kernel": "f", "outputs": n}, seen) for n in (768, 769, 1024, 1025)]
    [False, True, True, False]
    """
    grid, block = list(counted["grid"]), list(counted["block"])
    if not is_kernel(predicted["kernel"], counted["kernel"]):
        return False
    if "planes" in predicted:
        return bool(grid[0] == predicted["planes"])
    if "grid" in predicted:
        return bool(grid == predicted["grid"] and block == predicted["block"])
    threads = prod(block)
    # One thread for each output: the last block is needed, and no block is missing.
    return bool(prod(grid) == -(-predicted["outputs"] // threads))


def opcodes(layer: Layer) -> dict[str, int]:
    """Return the instructions of the native kernel by opcode."""
    return costmodel.instructions(
        layer.operator, layer.shape, **layer.arguments, dtype=layer.dtype, layout=layer.layout
    )._asdict()


def opcodes_agree(predicted: Mapping[str, int], counted: Mapping[str, int]) -> bool:
    """Say whether every opcode of the model was executed as often as predicted.

    >>> [opcodes_agree({"FADD": 9, "FMUL": 0}, {"FADD": n, "IMAD": 7}) for n in (9, 10)]
    [True, False]
    """
    return all(counted.get(opcode, 0) == count for opcode, count in predicted.items())


def prediction(check: str, tool: str, layer: Layer) -> Any:
    """Return what ``tool`` should report: torch's counter adds up what the profiler lists."""
    predicted = CHECKS[check].predict(layer)
    if isinstance(predicted, tuple):
        return sum(predicted) if tool == COUNTER else list(predicted)
    return predicted


def _is_mean(layer: Layer) -> bool:
    """Say whether torch computes the layer as a mean: an adaptive average to one output."""
    if layer.family != "adaptive_avg_pool":
        return False
    pooling = adaptive_arguments(layer.dimensions, layer.shape, layer.arguments["output_size"])
    return all(axis.outputs == 1 for axis in pooling.axes if isinstance(axis, AdaptiveAxis))


def _is_maximum(layer: Layer) -> bool:
    return layer.family == "max_pool"


def _is_average(layer: Layer) -> bool:
    return layer.family in ("avg_pool", "adaptive_avg_pool")


def _has_instructions(layer: Layer) -> bool:
    try:
        opcodes(layer)
    except ValueError:
        return False
    return True


def _networked(scheme: str) -> Prediction:
    def about(layer: Layer) -> bool:
        return _is_maximum(layer) and sum(network_flops(layer, scheme)) <= AFFORDABLE

    return Prediction(about, lambda layer: network_flops(layer, scheme), (PROFILER, COUNTER))


_MERGED = Prediction(_is_maximum, merge_additions, (PROFILER,))

#: The name of each check → what it compares. The order is that of the report.
CHECKS: dict[str, Prediction] = {
    "average by convolution": Prediction(_is_average, average_flops, (PROFILER, COUNTER)),
    "maximum by network, fold": _networked("fold"),
    "maximum by network, tree": _networked("tree"),
    "maximum by network, separable": _networked("separable"),
    "maximum by skips, fold": _MERGED,
    "maximum by skips, tree": _MERGED,
    "native, left alone": Prediction(lambda layer: True, lambda layer: 0, (PROFILER, COUNTER)),
    "native, our formulas": Prediction(lambda layer: True, native_flops, (COUNTER,)),
    "native and backward, our formulas": Prediction(
        lambda layer: not _is_mean(layer), backward_flops, (COUNTER,)
    ),
    "launch": Prediction(
        lambda layer: kernel_name(layer) is not None,
        launch,
        (PROFILER,),
        launch_agrees,
        devices=("cuda",),
    ),
    "instructions": Prediction(
        _has_instructions, opcodes, (NCU,), opcodes_agree, devices=("cuda",)
    ),
}


def tools_for(check: str, layer: Layer) -> tuple[str, ...]:
    """Return who can count this: the profiler has a formula for batched ``conv2d`` alone.

    Of rebuilt poolings along one or three axes, and of those without a batch, torch's profiler
    reports 0, so FlopCounterMode is asked alone.

    >>> tools_for("average by convolution", Layer("", "avg_pool1d", (1, 1, 4), {"kernel_size": 2}))
    ('FlopCounterMode',)
    """
    tools = CHECKS[check].tools
    if check in ("average by convolution", *NETWORKS) and not _seen_by_profiler(check, layer):
        return tuple(tool for tool in tools if tool != PROFILER)
    return tools


def _seen_by_profiler(check: str, layer: Layer) -> bool:
    # A plain network folds the channels into the batch, so it always has one.
    return layer.dimensions == 2 and (layer.batched or check in NETWORKS)


#: The checks of plain networks.
NETWORKS = tuple(name for name in CHECKS if name.startswith("maximum by network"))
