r"""Which arithmetic instructions torch's CUDA kernels execute, by opcode and by thread.

Apart from the operations of :mod:`costmodel.counts`, which belong to pooling itself, because these
belong to one implementation: a kernel starts its sum at 0, looks for NaN before it compares, and
divides by several instructions. **This is a prediction.** It was read off the machine code and the
source of the kernels, and holds where a record of hardware counts under ``benchmarks/recorded/``
says so; ``python -m verify profiler --device cuda`` measures.

With T taps and O outputs, for values on which a division takes its fast path (normal ones, such as
those in [1, 2)):

========================== =========== ==========================================================
kernel                     dtype       thread-level instructions
========================== =========== ==========================================================
``max_pool{1,2,3}d``,      float32     FSETP 2·T: one looks for NaN, one compares
``adaptive_max_pool``      bfloat16    the same
\                          float16     the same, and HADD2 2·T, which convert
\                          float64     DSETP 2·T; none for ``max_pool3d``, see below
``avg_pool{1,2,3}d``       float32     FADD T, since a sum starts at 0; FFMA 5·O
``adaptive_avg_pool3d``    bfloat16    the same
\                          float16     the same, and HADD2 T, which convert
\                          float64     DADD T; DFMA 7·O, DMUL O, FFMA O, FSETP 2·O
``adaptive_avg_pool{1,2}`` each        the same with two divisions for each output: by the rows of
\                                      the window, then by its columns
========================== =========== ==========================================================

Loops are clipped to the input, so a tap in the padding costs nothing. One-dimensional poolings run
the two-dimensional kernels. A maximum starts at −∞, and of the two conditions of its ``if``, which
C++ evaluates in turn, the compiler evaluates both for every tap, except in one kernel:
``max_pool3d`` in float64 skips the second where the first holds, so its count depends on the values
and has no model.

Two channels-last kernels compute some windows more than once, and are counted as often: see
:func:`channels_last_launch`. That of adaptive averages, modelled in float32, takes a reciprocal,
FFMA 2 and FADD 1, for every window that a thread comes to, and multiplies by it, FMUL 1, for each
of the thread's channels.

Left out are MUFU, by which divisions begin, since the integer divisions that find an index use it
as well, and everything that loads, stores and finds addresses.

Source: torch, ``aten/src/ATen/native/cuda``: ``DilatedMaxPool2d.cu``, ``DilatedMaxPool3d.cu``,
``AveragePool2d.cu``, ``AveragePool3d.cu``, ``AdaptiveAveragePooling.cu``,
``AdaptiveAveragePooling3d.cu``, ``AdaptiveMaxPooling2d.cu``, ``AdaptiveMaxPooling3d.cu``, and their
machine code for compute capability 9.0 in torch 2.11.0 for CUDA 13.0.
"""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple

from costmodel.counts import Cost
from costmodel.registry import cost
from pooling.arguments import AdaptiveAxis, Axis
from pooling.kinds.adaptive_max_pool import adaptive_arguments
from pooling.kinds.max_pool import pooling_arguments
from pooling.windows import adaptive_window


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
        DSETP: Comparisons in float64.

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
    DSETP: int = 0


class Launch(NamedTuple):
    """The blocks of a grid and the threads of a block, along x, y and z."""

    grid: tuple[int, int, int]
    block: tuple[int, int, int]


def _maximum(dtype: str, taps: int, outputs: int) -> Instructions:
    if dtype == "float64":
        return Instructions(DSETP=2 * taps)
    return Instructions(FSETP=2 * taps, HADD2=2 * taps if dtype == "float16" else 0)


def _mean(dtype: str, taps: int, divisions: int) -> Instructions:
    if dtype == "float64":
        return Instructions(
            DADD=taps, DFMA=7 * divisions, DMUL=divisions, FFMA=divisions, FSETP=2 * divisions
        )
    return Instructions(FADD=taps, FFMA=5 * divisions, HADD2=taps if dtype == "float16" else 0)


def _mean_by_rows_and_columns(dtype: str, taps: int, outputs: int) -> Instructions:
    return _mean(dtype, taps, 2 * outputs)


class _Kernel(NamedTuple):
    executes: Callable[[str, int, int], Instructions]
    dtypes: tuple[str, ...] = ("float32", "bfloat16", "float16", "float64")
    layouts: tuple[str, ...] = ("contiguous",)


_EITHER = ("contiguous", "channels_last")
_PLAIN = _Kernel(_maximum)
_ADAPTIVE_MEAN = _Kernel(_mean_by_rows_and_columns)

_KERNELS = {
    "max_pool1d": _PLAIN,
    "max_pool2d": _Kernel(_maximum, layouts=_EITHER),
    "max_pool3d": _Kernel(_maximum, dtypes=("float32", "bfloat16", "float16")),
    "adaptive_max_pool1d": _PLAIN,
    "adaptive_max_pool2d": _PLAIN,
    "adaptive_max_pool3d": _PLAIN,
    "avg_pool1d": _Kernel(_mean),
    "avg_pool2d": _Kernel(_mean, layouts=_EITHER),
    "avg_pool3d": _Kernel(_mean),
    "adaptive_avg_pool1d": _ADAPTIVE_MEAN,
    "adaptive_avg_pool2d": _ADAPTIVE_MEAN._replace(layouts=_EITHER),
    "adaptive_avg_pool3d": _Kernel(_mean),
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
        operator: ``"max_pool2d"``, ``"avg_pool2d"``, ``"adaptive_max_pool2d"``,
            ``"adaptive_avg_pool2d"`` or the same over one or three axes.
        shape: The input shape, in ints.
        args: The operator's arguments, as in :func:`costmodel.cost`, …
        dtype: The dtype of input and output: a name, or a dtype of torch.
        layout: ``"contiguous"``, or ``"channels_last"`` for the two-dimensional kernels of max-,
            average and adaptive average pooling, of the last in float32 alone.
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
        ("layout", layout, kernel.layouts),
    ):
        if value not in known:
            raise ValueError(
                f"{argument} {value!r} of {operator} has no model of instructions; "
                f"there is one for: {', '.join(known)}"
            )
    needs = cost(operator, shape, *args, **kwargs)
    if operator.startswith("adaptive_avg") and _is_mean(needs, operator):
        raise ValueError("output_size 1 has no model of instructions: torch computes it as a mean")
    taps = needs.taps
    if layout == "channels_last" and operator == "adaptive_avg_pool2d":
        if name != "float32":
            raise ValueError(
                f"dtype {name!r} of {operator} has no model of instructions for channels_last; "
                f"there is one for: float32"
            )
        return _channels_last_mean(shape, *args, **kwargs)
    if layout == "channels_last" and operator == "max_pool2d":
        taps = _repeated_taps(shape, *args, **kwargs)
    return kernel.executes(name, taps, needs.outputs)


def channels_last_launch(channels: int, batch: int, height: int, width: int) -> Launch:
    """Return how torch launches two kernels of channels-last tensors, for an output of this size.

    Those of max-pooling and of adaptive average pooling. A thread begins at its own row and column
    of the block's part of the output and covers as many rows and columns as the part has. Beginning
    later it ends later too, so it runs into the part of the next block, where the part is no
    multiple of the threads: at 112 columns with stride 1 some are computed twice, 120 in all.

    Source: torch, ``DilatedMaxPool2d.cu`` and ``AdaptiveAveragePooling.cu``, for devices with 1,024
    threads to a block.

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
    high, wide = _visits(rows.outputs, columns.outputs, channels)
    taps = sum(_taps(rows, row) for row in high) * sum(_taps(columns, column) for column in wide)
    return int(prod(pooling.leading) * taps)


def _channels_last_mean(shape: Sequence[int], *args: Any, **kwargs: Any) -> Instructions:
    """Return what the channels-last kernel of an adaptive average executes in float32."""
    pooling = adaptive_arguments(2, shape, *args, **kwargs)
    rows, columns = (axis for axis in pooling.axes if isinstance(axis, AdaptiveAxis))
    *batch, channels = pooling.leading
    launch = channels_last_launch(channels, 1, rows.outputs, columns.outputs)
    high, wide = _visits(rows.outputs, columns.outputs, channels)
    windows = prod(batch) * len(high) * len(wide)
    # There are never more threads along the channels than there are channels.
    reciprocals = windows * launch.grid[0] * launch.block[0]
    taps = sum(_extent(rows, row) for row in high) * sum(_extent(columns, each) for each in wide)
    return Instructions(
        FADD=prod(pooling.leading) * taps + reciprocals,
        FMUL=windows * channels,
        FFMA=2 * reciprocals,
    )


def _visits(height: int, width: int, channels: int) -> tuple[list[int], list[int]]:
    """Return the rows and columns of the output, each as often as a channel computes it."""
    launch = channels_last_launch(channels, 1, height, width)
    return (
        covered(height, launch.grid[2], launch.block[2]),
        covered(width, launch.grid[1], launch.block[1]),
    )


def _taps(axis: Axis, window: int) -> int:
    """Return the taps of one window along an axis."""
    start = window * axis.stride - axis.padding[0]
    end = start + axis.kernel_size * axis.dilation
    return sum(0 <= place < axis.size for place in range(start, end, axis.dilation))


def _extent(axis: AdaptiveAxis, window: int) -> int:
    """Return the taps of one adaptive window along an axis."""
    start, end = adaptive_window(axis.size, axis.outputs, window)
    return int(end - start)


def _is_mean(needs: Cost, operator: str) -> bool:
    """Say whether an adaptive pooling has one output along every axis."""
    return all(size == 1 for size in needs.output_shape[-int(operator[-2]) :])


def _last_power_of_2(number: int) -> int:
    return 1 << (number.bit_length() - 1)
