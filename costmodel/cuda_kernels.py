r"""Which arithmetic instructions torch's CUDA kernels execute, by opcode and by thread.

Apart from the operations of :mod:`costmodel.counts`, which belong to pooling itself, because these
belong to one implementation: a kernel starts its sum at 0, looks for NaN before it compares, and
divides by several instructions. **This is a prediction.** It was read off the machine code and the
source of the kernels, and holds where a record of hardware counts under ``benchmarks/recorded/``
says so; ``python -m verify profiler --device cuda`` measures.

With T taps and O outputs, for values on which a division takes its fast path (normal ones, such as
those in [1, 2)):

======================== =========== ==============================================
kernel                   dtype       thread-level instructions
======================== =========== ==============================================
``max_pool{1,2}d``       float32     FSETP 2·T: one looks for NaN, one compares
\                        bfloat16    the same
\                        float16     the same, and HADD2 2·T, which convert
``avg_pool{1,2}d``       float32     FADD T, since a sum starts at 0; FFMA 5·O
\                        bfloat16    the same
\                        float16     the same, and HADD2 T, which convert
\                        float64     DADD T; DFMA 7·O, DMUL O, FFMA O
``adaptive_avg_pool``    float32     FADD T; FFMA 10·O: two divisions for each output
======================== =========== ==============================================

Loops are clipped to the input, so a tap in the padding costs nothing. One-dimensional poolings run
the two-dimensional kernels. Left out are MUFU, by which divisions begin, since the integer
divisions that find an index use it as well, and everything that loads, stores and finds addresses.

Source: torch, ``aten/src/ATen/native/cuda``: ``DilatedMaxPool2d.cu``, ``AveragePool2d.cu``,
``AdaptiveAveragePooling.cu``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple

from costmodel.counts import Cost
from costmodel.registry import cost
from pooling.arguments import Axis, pooling_arguments


class Instructions(NamedTuple):
    """How often all threads together execute each arithmetic opcode, predicates true.

    Attributes:
        FADD: Additions in float32.
        FMUL: Multiplications in float32.
        FFMA: Fused multiply-adds in float32.
        FSETP: Comparisons in float32.
        HADD2: Additions in float16; here they convert to float32.
        DADD: Additions in float64.
        DMUL: Multiplications in float64.
        DFMA: Fused multiply-adds in float64.

    >>> Instructions(FADD=9, FFMA=5)._asdict()["FADD"]
    9
    """

    FADD: int = 0
    FMUL: int = 0
    FFMA: int = 0
    FSETP: int = 0
    HADD2: int = 0
    DADD: int = 0
    DMUL: int = 0
    DFMA: int = 0


class Launch(NamedTuple):
    """The blocks of a grid and the threads of a block, along x, y and z."""

    grid: tuple[int, int, int]
    block: tuple[int, int, int]


def _maximum(dtype: str, taps: int, outputs: int) -> Instructions:
    return Instructions(FSETP=2 * taps, HADD2=2 * taps if dtype == "float16" else 0)


def _mean(dtype: str, taps: int, outputs: int) -> Instructions:
    if dtype == "float64":
        return Instructions(DADD=taps, DFMA=7 * outputs, DMUL=outputs, FFMA=outputs)
    return Instructions(FADD=taps, FFMA=5 * outputs, HADD2=taps if dtype == "float16" else 0)


def _adaptive_mean(dtype: str, taps: int, outputs: int) -> Instructions:
    return Instructions(FADD=taps, FFMA=10 * outputs)


class _Kernel(NamedTuple):
    executes: Callable[[str, int, int], Instructions]
    dtypes: tuple[str, ...]
    layouts: tuple[str, ...]


_MAXIMUM = _Kernel(
    _maximum, ("float32", "bfloat16", "float16"), layouts=("contiguous", "channels_last")
)
_MEAN = _Kernel(
    _mean, ("float32", "bfloat16", "float16", "float64"), layouts=("contiguous", "channels_last")
)
_ADAPTIVE_MEAN = _Kernel(_adaptive_mean, ("float32",), layouts=("contiguous",))

_KERNELS = {
    "max_pool1d": _MAXIMUM,
    "max_pool2d": _MAXIMUM,
    "avg_pool1d": _MEAN,
    "avg_pool2d": _MEAN,
    "adaptive_avg_pool1d": _ADAPTIVE_MEAN,
    "adaptive_avg_pool2d": _ADAPTIVE_MEAN,
}


def instructions(
    operator: str,
    shape: Sequence[int],
    *args: Any,
    dtype: str = "float32",
    layout: str = "contiguous",
    **kwargs: Any,
) -> Instructions:
    """Return the arithmetic instructions that torch's CUDA kernel for ``operator`` executes.

    A prediction, for one forward pass: see the head of this module for the model and its limits.

    Args:
        operator: ``"max_pool2d"``, ``"avg_pool2d"``, ``"adaptive_avg_pool2d"`` or the same over one
            axis.
        shape: The input shape, in ints.
        args: The operator's arguments, as in :func:`costmodel.cost`, …
        dtype: The dtype of input and output: a name, or a dtype of torch.
        layout: ``"contiguous"``, or ``"channels_last"`` for the two-dimensional kernels of max- and
            average pooling. The first of those computes some windows more than once, and they are
            counted as often: see :func:`channels_last_launch`.
        kwargs: … or by name.

    Raises:
        ValueError: An operator, dtype or layout that there is no model for; adaptive pooling to one
            output, which torch computes as a mean; and the errors of :func:`costmodel.cost`.

    >>> stem = dict(kernel_size=3, stride=2, padding=1)
    >>> instructions("max_pool2d", (1, 64, 112, 112), **stem).FSETP  # 2 · 1,784,896 taps
    3569792
    >>> mean = instructions("avg_pool2d", (1, 64, 112, 112), **stem)
    >>> mean.FADD, mean.FFMA  # taps, and 5 · 200,704 outputs
    (1784896, 1003520)
    >>> instructions("lp_pool2d", (1, 64, 112, 112), 2, 3)
    Traceback (most recent call last):
    ...
    ValueError: operator 'lp_pool2d' has no model of instructions; there is one for: max_pool1d, ...
    """
    if operator not in _KERNELS:
        raise ValueError(
            f"operator {operator!r} has no model of instructions; "
            f"there is one for: {', '.join(_KERNELS)}"
        )
    kernel = _KERNELS[operator]
    name = str(dtype).removeprefix("torch.")
    for argument, value, known in (
        ("dtype", name, kernel.dtypes),
        ("layout", layout, kernel.layouts if operator.endswith("2d") else ("contiguous",)),
    ):
        if value not in known:
            raise ValueError(
                f"{argument} {value!r} of {operator} has no model of instructions; "
                f"there is one for: {', '.join(known)}"
            )
    needs = cost(operator, shape, *args, **kwargs)
    if kernel is _ADAPTIVE_MEAN and _is_mean(needs, operator):
        raise ValueError("output_size 1 has no model of instructions: torch computes it as a mean")
    taps = needs.taps
    if kernel is _MAXIMUM and layout == "channels_last":
        taps = _repeated_taps(shape, *args, **kwargs)
    return kernel.executes(name, taps, needs.outputs)


def channels_last_launch(channels: int, batch: int, height: int, width: int) -> Launch:
    """Return how torch launches max-pooling of channels-last tensors, for an output of this size.

    A thread begins at its own row and column of the block's part of the output and covers as many
    rows and columns as the part has. Beginning later it ends later too, so it runs into the part
    of the next block, where the part is no multiple of the threads: at 112 columns with stride 1
    some are computed twice, 120 in all.

    Source: torch, ``DilatedMaxPool2d.cu``, for devices with 1,024 threads to a block.

    >>> channels_last_launch(channels=64, batch=1, height=112, width=112)
    Launch(grid=(1, 2, 56), block=(32, 32, 1))
    """
    most = _last_power_of_2(channels)
    x = min(most, 32)
    y = min(_last_power_of_2(width), 1024 // x)
    z = min(64, _last_power_of_2(height), 1024 // x // y)
    x = min(most, 1024 // y // z)
    groups = -(-channels // (4 * x))
    return Launch((batch * groups, -(-width // (2 * y)), -(-height // (2 * z))), (x, y, z))


def covered(outputs: int, blocks: int, threads: int) -> list[int]:
    """Return the windows that the threads of :func:`channels_last_launch` compute along an axis.

    Each as often as it is computed, in the order of blocks and threads.

    >>> len(covered(outputs=112, blocks=2, threads=32)), len(covered(17, 2, 8))
    (120, 24)
    """
    part = -(-outputs // blocks)
    return [
        window
        for block in range(blocks)
        for first in range(block * part, block * part + threads)
        for window in range(first, min(first + part, outputs), threads)
    ]


def _repeated_taps(shape: Sequence[int], *args: Any, **kwargs: Any) -> int:
    """Return the taps of all windows, those that are computed twice counted twice."""
    kwargs.pop("return_indices", None)
    pooling = pooling_arguments(2, shape, *args[:5], **kwargs)
    rows, columns = (axis for axis in pooling.axes if isinstance(axis, Axis))
    channels = pooling.leading[-1]
    launch = channels_last_launch(channels, 1, rows.outputs, columns.outputs)
    repeated = prod(pooling.leading)
    for axis, blocks, threads in (
        (rows, launch.grid[2], launch.block[2]),
        (columns, launch.grid[1], launch.block[1]),
    ):
        repeated *= sum(_taps(axis, window) for window in covered(axis.outputs, blocks, threads))
    return int(repeated)


def _taps(axis: Axis, window: int) -> int:
    """Return the taps of one window along an axis."""
    start = window * axis.stride - axis.padding[0]
    end = start + axis.kernel_size * axis.dilation
    return sum(0 <= place < axis.size for place in range(start, end, axis.dilation))


def _is_mean(needs: Cost, operator: str) -> bool:
    """Say whether an adaptive pooling has one output along every axis."""
    return all(size == 1 for size in needs.output_shape[-int(operator[-2]) :])


def _last_power_of_2(number: int) -> int:
    return 1 << (number.bit_length() - 1)
