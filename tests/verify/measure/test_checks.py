from __future__ import annotations

from math import prod
from typing import Any

import pytest
import torch

import costmodel
import pooling
from verify.measure.checks import (
    CHECKS,
    COUNTER,
    NETWORKS,
    PROFILER,
    average_flops,
    backward_flops,
    kernel_name,
    launch,
    launch_agrees,
    merge_additions,
    native_flops,
    network_flops,
    opcodes,
    opcodes_agree,
    prediction,
    tools_for,
)
from verify.measure.layers import LAYERS, Layer
from verify.measure.measuring import rebuilt

BY_NAME = {layer.name: layer for layer in LAYERS}
STEM = BY_NAME["ResNet stem"]


def small(layer: Layer) -> Layer:
    """Return the layer with two channels at most."""
    shape = (*layer.shape[: -layer.dimensions - 1], 2, *layer.shape[-layer.dimensions :])
    return Layer(layer.name, layer.operator, shape, layer.arguments)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["fold", "tree", "separable"])
@pytest.mark.parametrize("name", [n for n, layer in BY_NAME.items() if layer.family == "max_pool"])
def test_networks_are_predicted_from_their_structure(name: str, scheme: str) -> None:
    """Twice the weights times the outputs of every convolution that the real module runs."""
    layer = small(BY_NAME[name])
    module: Any = rebuilt(f"maximum by network, {scheme}", layer)
    seen: list[int] = []
    for part in module.modules():
        if isinstance(getattr(part, "weight", None), torch.Tensor):
            part.register_forward_hook(
                lambda part, _, y: seen.append(2 * part.weight[0].numel() * y.numel())
            )
    module(layer.input("cpu"))
    assert network_flops(layer, scheme) == tuple(seen)


def test_a_network_of_nine_taps() -> None:
    """The layers of the tree have 14, 8, 5 and 3 neurons; those of the fold 17, 15, …, 3."""
    windows = 2 * 200704
    assert network_flops(STEM, "tree") == tuple(
        windows * size for size in (9 * 14, 14 * 8, 8 * 5, 5 * 3, 3)
    )
    assert network_flops(STEM, "fold")[:2] == (windows * 9 * 17, windows * 17 * 15)


def test_averages() -> None:
    """A convolution charges padding, a ragged axis is a whole matrix, a global mean one window."""
    assert average_flops(BY_NAME["Inception-v3 branch"]) == (2 * 192 * 35 * 35 * 9,)
    assert average_flops(BY_NAME["ResNet-50 global"]) == (2 * 2048 * 49,)
    ragged = 2 * 512
    assert average_flops(BY_NAME["VGG-16 on 320 x 320"]) == (ragged * 700, ragged * 490)
    assert average_flops(BY_NAME["adaptive, half ragged"]) == (2 * 6 * 600, 2 * 6 * 10 * 5)


def test_maxima_with_skips_add_as_the_textbook_compares() -> None:
    """One addition of all windows for each merge, together the convention ``"window"``."""
    additions = merge_additions(STEM)
    assert additions == (200704,) * 8
    window = costmodel.flops("max_pool2d", STEM.shape, **STEM.arguments, counting="window")
    assert sum(additions) == window


def test_native_poolings() -> None:
    """Forward, and forward and backward together, are the cost model's."""
    assert native_flops(STEM) == 1584192
    assert backward_flops(STEM) == 1584192 + 200704
    mean = BY_NAME["ResNet-50 global"]
    assert not CHECKS["native and backward, our formulas"].about(mean)
    assert prediction("native, left alone", PROFILER, STEM) == 0


def test_who_can_be_asked() -> None:
    """The profiler knows batched conv2d alone; a plain network folds channels into the batch."""
    both = (PROFILER, COUNTER)
    for name in ("mean along one axis", "mean along three axes", "mean without a batch"):
        assert tools_for("average by convolution", BY_NAME[name]) == (COUNTER,)
    assert tools_for("average by convolution", BY_NAME["DenseNet transition"]) == both
    unbatched = Layer("", "max_pool2d", (2, 9, 9), {"kernel_size": 2})
    assert tools_for(NETWORKS[0], unbatched) == both
    assert tools_for(NETWORKS[0], BY_NAME["maximum along one axis"]) == (COUNTER,)


def test_the_counter_adds_up_what_the_profiler_lists() -> None:
    """The same prediction for both tools, in the form each gives it."""
    listed = prediction(NETWORKS[1], PROFILER, STEM)
    assert isinstance(listed, list)
    assert prediction(NETWORKS[1], COUNTER, STEM) == sum(listed)


@pytest.mark.parametrize(
    ("name", "kernel"),
    [
        ("ResNet stem", "max_pool_forward_nchw"),
        ("maximum along one axis", "max_pool_forward_nchw"),
        ("maximum, channels last", "max_pool_forward_nhwc"),
        ("mean along one axis", "avg_pool2d_out_cuda_frame"),
        ("mean, channels last", "avg_pool2d_out_cuda_frame_nhwc"),
        ("VGG-16 on 320 x 320", "adaptive_average_pool"),
        ("ResNet-50 global", None),
        ("mean along three axes", "avg_pool3d_cuda_update_output"),
        ("maximum along three axes", "max_pool3d_with_indices_single_out_frame"),
        ("adaptive along three axes", "adaptiveaveragepool"),
        ("adaptive, channels last", "adaptive_average_pool_nhwc"),
        ("ragged maximum", "adaptivemaxpool"),
        ("ragged maximum along three axes", "adaptivemaxpool"),
    ],
)
def test_kernels_by_name(name: str, kernel: str | None) -> None:
    """One axis runs the two-dimensional kernel; a mean that is no pooling is not looked for."""
    assert kernel_name(BY_NAME[name]) == kernel
    assert CHECKS["launch"].about(BY_NAME[name]) == (kernel is not None)


def test_outputs_follow_from_a_launch() -> None:
    """Format sample of torch's names. The grid covers the outputs and has no block to spare."""
    name = "void at::native::(anonymous namespace)::max_pool_forward_nchw<float>(int, float const*)"
    seen = {"kernel": name, "grid": [784, 1, 1], "block": [256, 1, 1]}
    assert launch(STEM) == {"kernel": "max_pool_forward_nchw", "outputs": 784 * 256}
    assert launch_agrees(launch(STEM), seen)
    for change in ({"grid": [785, 1, 1]}, {"grid": [783, 1, 1]}, {"kernel": "max_pool_forward"}):
        assert not launch_agrees(launch(STEM), seen | change)
    channels_last = launch(BY_NAME["maximum, channels last, wide"])
    assert channels_last["grid"] == [1, 2, 56]
    assert launch_agrees(channels_last, channels_last)
    assert not launch_agrees(channels_last, channels_last | {"block": [32, 16, 2]})
    adaptive = launch(BY_NAME["VGG-16 on 320 x 320"])
    seen = {"kernel": "adaptive_average_pool<float>", "grid": [512, 16, 1], "block": [32, 8, 1]}
    assert launch_agrees(adaptive, seen)
    assert not launch_agrees(adaptive, seen | {"grid": [511, 16, 1]})


@pytest.mark.parametrize(
    ("name", "grid", "block"),
    [
        # Frames are blocks along z: four channels of two.
        ("maximum along three axes", [1, 1, 8], [32, 8, 1]),
        ("mean along three axes", [1, 1, 8], [32, 8, 1]),
        # Adaptive pooling has them along x.
        ("adaptive along three axes", [9, 1, 1], [32, 8, 1]),
        ("ragged maximum along three axes", [9, 1, 1], [32, 8, 1]),
        ("ragged maximum", [64, 1, 1], [32, 8, 1]),
        # Two images of 40 channels, four to a thread; 17 windows in parts of at most two.
        ("adaptive, channels last", [2, 1, 5], [32, 16, 2]),
    ],
)
def test_launches_of_other_kernels(name: str, grid: list[int], block: list[int]) -> None:
    """The launches as torch's sources compute them."""
    layer = BY_NAME[name]
    seen = {"kernel": f"void {kernel_name(layer)}<float>(int)", "grid": grid, "block": block}
    assert launch_agrees(launch(layer), seen)
    assert not launch_agrees(launch(layer), seen | {"kernel": "another"})
    other = seen | {"grid": [grid[0] + 1, *grid[1:]]}
    assert not launch_agrees(launch(layer), other)


def test_instructions_have_to_agree_opcode_by_opcode() -> None:
    """One more or one fewer differs; opcodes that the model leaves out may be anything."""
    predicted = opcodes(STEM)
    executed = {name: count for name, count in predicted.items() if count} | {"IMAD": 12, "MUFU": 3}
    assert opcodes_agree(predicted, executed)
    assert not opcodes_agree(predicted, executed | {"FSETP": executed["FSETP"] - 1})
    assert not opcodes_agree(predicted, executed | {"FADD": 1})
    assert not opcodes_agree(predicted, {})
    assert sum(CHECKS["instructions"].about(layer) for layer in LAYERS) >= 12


def test_rebuilt_modules_compute_the_layer() -> None:
    """What is measured is the pooling: every check's module gives torch's result."""
    for name, check in CHECKS.items():
        if not name.startswith(("average", "maximum")):
            continue
        for layer in (BY_NAME["padding and overhang"], BY_NAME["mean with overhang"]):
            if check.about(layer):
                x = layer.input("cpu")
                assert torch.allclose(rebuilt(name, layer)(x), layer.native(x), atol=1e-5)
    assert isinstance(rebuilt("maximum by skips, tree", STEM), pooling.MaxPool2d)
    assert prod(STEM.shape) == 802816
