from __future__ import annotations

import subprocess
import sys
from collections import Counter
from itertools import product
from math import prod
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel
from costmodel.cuda_kernels import channels_last_launch, covered
from pooling import pooling_arguments
from pooling.arguments import Axis

STEM: dict[str, Any] = dict(kernel_size=3, stride=2, padding=1)


def walk(shape: tuple[int, ...], layout: str, **arguments: Any) -> tuple[int, Counter[Any]]:
    """Return the taps that the threads of torch's max-pooling kernels visit, and their windows.

    The loops of ``max_pool_forward_nchw`` and ``max_pool_forward_nhwc``, thread by thread; channels
    and batch are multiplied, since every one of them is done alike.
    """
    pooling = pooling_arguments(2, shape, **arguments)
    rows, columns = (axis for axis in pooling.axes if isinstance(axis, Axis))

    def clipped(axis: Axis, window: int) -> int:
        start = window * axis.stride - axis.padding[0]
        end = min(start + (axis.kernel_size - 1) * axis.dilation + 1, axis.size)
        while start < 0:
            start += axis.dilation
        return len(range(start, end, axis.dilation))

    windows: Counter[Any] = Counter()
    if layout == "contiguous":
        windows.update(product(range(rows.outputs), range(columns.outputs)))
    else:
        channels = pooling.leading[-1]
        (_, grid_y, grid_z), (_, block_y, block_z) = channels_last_launch(
            channels, 1, rows.outputs, columns.outputs
        )
        high, wide = -(-rows.outputs // grid_z), -(-columns.outputs // grid_y)
        for bz, tz, by, ty in product(range(grid_z), range(block_z), range(grid_y), range(block_y)):
            top, left = tz + bz * high, ty + by * wide
            windows.update(
                product(
                    range(top, min(top + high, rows.outputs), block_z),
                    range(left, min(left + wide, columns.outputs), block_y),
                )
            )
    taps = sum(
        times * clipped(rows, row) * clipped(columns, column)
        for (row, column), times in windows.items()
    )
    return taps * prod(pooling.leading), windows


@settings(max_examples=60)
@given(
    data=st.data(),
    channels=st.sampled_from([1, 3, 8, 40]),
    size=st.tuples(st.integers(7, 40), st.integers(7, 40)),
    layout=st.sampled_from(["contiguous", "channels_last"]),
)
def test_a_maximum_is_two_comparisons_for_every_tap_that_a_thread_visits(
    data: Any, channels: int, size: tuple[int, int], layout: str
) -> None:
    """The model equals a walk through the kernel's own loops, windows computed twice included."""
    kernel_size = data.draw(st.integers(1, 4))
    arguments: dict[str, Any] = dict(
        kernel_size=kernel_size,
        stride=data.draw(st.integers(1, 4)),
        padding=data.draw(st.integers(0, kernel_size // 2)),
        dilation=data.draw(st.integers(1, 2 if kernel_size > 3 else 1)),
        ceil_mode=data.draw(st.booleans()),
    )
    shape = (2, channels, *size)
    taps, windows = walk(shape, layout, **arguments)
    assert set(windows) == set(
        product(
            *[range(n) for n in costmodel.cost("max_pool2d", shape, **arguments).output_shape[2:]]
        )
    )
    counted = costmodel.instructions("max_pool2d", shape, **arguments, layout=layout)
    assert counted.FSETP == 2 * taps
    assert sum(counted) == counted.FSETP


@pytest.mark.parametrize(
    ("channels", "size", "factor"), [(64, 112, "1.07"), (8, 17, "1.43"), (64, 17, "1.00")]
)
def test_how_much_of_a_channels_last_maximum_is_computed_twice(
    channels: int, size: int, factor: str
) -> None:
    """Columns 120 for 112; rows 24 for 17 where the channels are few; nothing where parts fit."""
    arguments: dict[str, Any] = dict(kernel_size=3, stride=1, padding=1)
    shape = (1, channels, size, size)
    twice = costmodel.instructions("max_pool2d", shape, **arguments, layout="channels_last")
    once = costmodel.instructions("max_pool2d", shape, **arguments)
    assert f"{twice.FSETP / once.FSETP:.2f}" == factor


@settings(max_examples=25)
@given(
    channels=st.sampled_from([1, 3, 8, 40, 130]),
    size=st.tuples(st.integers(2, 24), st.integers(2, 24)),
    output=st.tuples(st.integers(2, 20), st.integers(1, 20)),
)
def test_a_channels_last_adaptive_mean_is_a_walk_through_its_kernel(
    channels: int, size: tuple[int, int], output: tuple[int, int]
) -> None:
    """Thread by thread as ``adaptive_average_pool_nhwc`` goes, channels included."""
    (high, wide), (rows, columns) = size, output
    (grid_x, grid_y, grid_z), (block_x, block_y, block_z) = channels_last_launch(
        channels, 1, rows, columns
    )
    additions = products = reciprocals = 0
    parts = -(-rows // grid_z), -(-columns // grid_y)
    for bz, tz, by, ty in product(range(grid_z), range(block_z), range(grid_y), range(block_y)):
        top, left = tz + bz * parts[0], ty + by * parts[1]
        for row, column in product(
            range(top, min(top + parts[0], rows), block_z),
            range(left, min(left + parts[1], columns), block_y),
        ):
            window = (-(-(row + 1) * high // rows) - row * high // rows) * (
                -(-(column + 1) * wide // columns) - column * wide // columns
            )
            for first in range(block_x * grid_x):
                mine = len(range(first, channels, block_x * grid_x))
                reciprocals += mine > 0
                additions += window * mine
                products += mine
    counted = costmodel.instructions(
        "adaptive_avg_pool2d", (2, channels, *size), output, layout="channels_last"
    )
    assert counted == costmodel.cuda_kernels.Instructions(
        FADD=2 * (additions + reciprocals), FMUL=2 * products, FFMA=4 * reciprocals
    )


def test_covered_windows_are_all_and_some_twice() -> None:
    """No window is left out; those that two blocks reach are listed twice."""
    assert sorted(set(covered(17, 2, 8))) == list(range(17))
    assert Counter(covered(112, 2, 32)).most_common(1) == [(56, 2)]
    assert covered(4, 1, 2) == [0, 2, 1, 3]


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        ("float32", {"FADD": "T", "FFMA": "5O"}),
        ("bfloat16", {"FADD": "T", "FFMA": "5O"}),
        ("float16", {"FADD": "T", "FFMA": "5O", "HADD2": "T"}),
        ("float64", {"DADD": "T", "DFMA": "7O", "DMUL": "O", "FFMA": "O", "FSETP": "2O"}),
    ],
)
def test_a_mean_adds_every_tap_and_divides_once(dtype: str, expected: dict[str, str]) -> None:
    """T additions, not T − O: the sum starts at 0. The division is by its fast path."""
    cost = costmodel.cost("avg_pool2d", (1, 64, 112, 112), **STEM)
    unit = {"T": cost.taps, "O": cost.outputs}
    unit |= {f"{times}O": times * cost.outputs for times in (2, 5, 7)}
    counted = costmodel.instructions("avg_pool2d", (1, 64, 112, 112), **STEM, dtype=dtype)
    assert {name: count for name, count in counted._asdict().items() if count} == {
        name: unit[word] for name, word in expected.items()
    }


def test_half_precision_maxima_convert_both_operands() -> None:
    """Two conversions for each tap in float16, none in bfloat16; torch's own dtypes are names.

    In float64 the comparisons have another opcode.
    """
    shape = (1, 1, 8, 8)
    half = costmodel.instructions("max_pool2d", shape, 2, dtype=torch.float16)  # type: ignore[arg-type]
    brain = costmodel.instructions("max_pool2d", shape, 2, dtype="bfloat16")
    assert half == brain._replace(HADD2=128)
    assert brain.FSETP == 128
    double = costmodel.instructions("max_pool2d", shape, 2, dtype="float64")
    assert double == costmodel.cuda_kernels.Instructions(DSETP=128)


def test_other_kernels() -> None:
    """One axis runs the two-dimensional kernel, and adaptive means divide twice."""
    assert costmodel.instructions("avg_pool1d", (1, 1, 8), 2) == costmodel.instructions(
        "avg_pool2d", (1, 1, 1, 8), (1, 2)
    )
    adaptive = costmodel.instructions("adaptive_avg_pool2d", (1, 1, 10, 10), 7)
    assert (adaptive.FADD, adaptive.FFMA) == (256, 490)
    for dtype in ("bfloat16", "float16", "float64"):
        twice = costmodel.instructions("adaptive_avg_pool2d", (1, 1, 10, 10), 7, dtype=dtype)
        once = costmodel.instructions(
            "adaptive_avg_pool3d", (1, 1, 1, 10, 10), (1, 7, 7), dtype=dtype
        )
        assert twice.FADD + twice.DADD == once.FADD + once.DADD == 256
        assert (twice.FFMA, twice.DFMA, twice.DMUL, twice.FSETP) == tuple(
            2 * count for count in (once.FFMA, once.DFMA, once.DMUL, once.FSETP)
        )
    mean = costmodel.instructions("avg_pool2d", (1, 3, 8, 8), 2, layout="channels_last")
    assert mean == costmodel.instructions("avg_pool2d", (1, 3, 8, 8), 2)


@settings(max_examples=30)
@given(
    size=st.tuples(st.integers(4, 9), st.integers(4, 9), st.integers(4, 9)),
    kernel_size=st.integers(1, 4),
    stride=st.integers(1, 3),
    ceil_mode=st.booleans(),
    padded=st.booleans(),
)
def test_kernels_over_three_axes_visit_the_taps_that_torch_adds(
    size: tuple[int, int, int], kernel_size: int, stride: int, ceil_mode: bool, padded: bool
) -> None:
    """A sum of ones is the number of taps; each is added once, or compared twice."""
    shape = (2, 3, *size)
    arguments: dict[str, Any] = dict(
        kernel_size=kernel_size,
        stride=stride,
        padding=kernel_size // 2 * padded,
        ceil_mode=ceil_mode,
    )
    ones = torch.ones(shape, dtype=torch.float64)
    sums = torch.nn.functional.avg_pool3d(ones, **arguments, divisor_override=1)
    taps, outputs = int(sums.sum()), sums.numel()
    mean = costmodel.instructions("avg_pool3d", shape, **arguments)
    assert mean == costmodel.cuda_kernels.Instructions(FADD=taps, FFMA=5 * outputs)
    maximum = costmodel.instructions("max_pool3d", shape, **arguments, dtype="float16")
    assert maximum == costmodel.cuda_kernels.Instructions(FSETP=2 * taps, HADD2=2 * taps)


@pytest.mark.parametrize(
    ("dimensions", "size", "output"),
    [(1, (100,), (7,)), (2, (13, 10), (5, 3)), (3, (5, 9, 11), (3, 4, 2)), (2, (3, 4), (5, 6))],
)
def test_adaptive_kernels_visit_the_taps_of_every_window(
    dimensions: int, size: tuple[int, ...], output: tuple[int, ...]
) -> None:
    """Windows by START_IND and END_IND of torch's sources, window by window."""
    taps = 6 * prod(
        sum(-(-(i + 1) * n // m) - i * n // m for i in range(m))
        for n, m in zip(size, output, strict=True)
    )
    shape, outputs = (2, 3, *size), 6 * prod(output)
    maximum = f"adaptive_max_pool{dimensions}d"
    for dtype, opcode in (("float32", "FSETP"), ("bfloat16", "FSETP"), ("float64", "DSETP")):
        counted = costmodel.instructions(maximum, shape, output, dtype=dtype)._asdict()
        assert {name: count for name, count in counted.items() if count} == {opcode: 2 * taps}
    half = costmodel.instructions(maximum, shape, output, dtype="float16")
    assert half == costmodel.cuda_kernels.Instructions(FSETP=2 * taps, HADD2=2 * taps)
    mean = costmodel.instructions(f"adaptive_avg_pool{dimensions}d", shape, output)
    divisions = 1 if dimensions == 3 else 2
    assert mean == costmodel.cuda_kernels.Instructions(FADD=taps, FFMA=5 * divisions * outputs)


@pytest.mark.parametrize(
    ("operator", "arguments", "message"),
    [
        ("lp_pool2d", dict(norm_type=2, kernel_size=2), "operator 'lp_pool2d' has no model of"),
        ("max_pool3d", dict(kernel_size=2, dtype="float64"), "dtype 'float64' of max_pool3d has"),
        ("max_pool2d", dict(kernel_size=2, dtype="float8"), "dtype 'float8' of max_pool2d has no"),
        (
            "avg_pool3d",
            dict(kernel_size=2, layout="channels_last"),
            "layout 'channels_last' of avg_pool3d has no model",
        ),
        ("max_pool2d", dict(kernel_size=2, layout="nhwc"), "layout 'nhwc' of max_pool2d has no"),
        (
            "adaptive_avg_pool2d",
            dict(output_size=3, layout="channels_last", dtype="float16"),
            "dtype 'float16' of adaptive_avg_pool2d has no model of instructions for channels_last",
        ),
        ("adaptive_avg_pool2d", dict(output_size=1), "output_size 1 has no model of instructions"),
        ("adaptive_avg_pool3d", dict(output_size=1), "output_size 1 has no model of instructions"),
        ("max_pool2d", dict(kernel_size=2, padding=2), "padding must be at most 1"),
    ],
)
def test_what_has_no_model_is_refused(operator: str, arguments: Any, message: str) -> None:
    """The message names the argument, the value and what there is a model for."""
    shape = (1, 3, 8, 8, 8) if operator.endswith("3d") else (1, 3, 8, 8)
    with pytest.raises(ValueError, match=message):
        costmodel.instructions(operator, shape, **arguments)


def test_the_model_is_loaded_when_it_is_asked_for() -> None:
    """``import costmodel`` does not load it, and asking for it loads no library."""
    code = (
        "import sys, costmodel; before = 'costmodel.cuda_kernels' in sys.modules\n"
        "costmodel.instructions('avg_pool2d', (1, 1, 8, 8), 2)\n"
        "print(before, sorted({'torch', 'numpy', 'sympy'} & set(sys.modules)))"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert shown == "False []\n"
