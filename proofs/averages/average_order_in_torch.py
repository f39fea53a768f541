"""torch's avg_pool2d adds a window row by row, from the left, and divides the sum once by k.

So its order of summation is the plain loop, and its error the plain bound. Numbers of 16 bits are
summed in float32 and rounded once at the end, which makes the result the true mean, rounded, unless
float32's own error reaches across a tie. It divides, and does not multiply by the rounded 1/k.

adaptive_avg_pool2d is another matter. In a contiguous tensor it divides the sum by the height of
the window and the quotient by its width, two roundings; in a channels_last tensor it divides once.
So in float32 the same numbers give two results, a unit in the last place apart, depending on how
they lie in memory. Their common bound is that of two roundings after the sum
(``average-error-bound``), and neither is the other's reference.

This is what the CPU kernels of this version of torch do; it is found by running them, not promised.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from proofs.claim import MEASURED, Check, CheckFailedError, Claim, expect
from proofs.systems import NATIVE_FLOATS

if TYPE_CHECKING:
    import torch

#: A window of rows, and what it is to be divided by: height, then width, or both at once.
Recipe = Callable[["torch.Tensor", int], "torch.Tensor"]


def in_rows(windows: torch.Tensor, size: int) -> torch.Tensor:
    """Return the sums of windows, row by row from the left, divided by the number of taps."""
    return _in_turn(windows.flatten(-2)) / (size * size)


def in_columns(windows: torch.Tensor, size: int) -> torch.Tensor:
    """Return the same, column by column from the top."""
    return _in_turn(windows.transpose(-1, -2).flatten(-2)) / (size * size)


def divided_twice(windows: torch.Tensor, size: int) -> torch.Tensor:
    """Return the sums, row by row, divided by the height and then by the width."""
    return _in_turn(windows.flatten(-2)) / size / size


def times_reciprocal(windows: torch.Tensor, size: int) -> torch.Tensor:
    """Return the sums, row by row, multiplied by the rounded 1/k."""
    return _in_turn(windows.flatten(-2)) * (windows.new_tensor(1.0) / (size * size))


def _in_turn(taps: torch.Tensor) -> torch.Tensor:
    total = taps[..., 0]
    for index in range(1, taps.shape[-1]):
        total = total + taps[..., index]
    return total


def computes(recipe: Recipe, dtype: str, layer: str = "avg_pool2d", layout: str = "both") -> str:
    """Compare a layer of torch with a recipe, bit for bit, in one memory layout or in both.

    The recipe computes in float32 for formats of 16 bits and is rounded once at the end. Raises
    ``CheckFailedError`` where they differ.
    """
    import torch

    layouts = ("contiguous", "channels_last") if layout == "both" else (layout,)
    kind = getattr(torch, dtype)
    wide = torch.promote_types(kind, torch.float32)
    compared = 0
    for size in (2, 3, 5, 7):
        generator = torch.Generator().manual_seed(size)
        shape = (2, 16, 4 * size, 4 * size)
        x = torch.randn(shape, generator=generator, dtype=torch.double).to(kind)
        windows = x.unfold(-2, size, size).unfold(-2, size, size).to(wide)
        wanted = recipe(windows, size).to(kind)
        for name in layouts:
            form = torch.channels_last if name == "channels_last" else torch.contiguous_format
            argument = 4 if layer.startswith("adaptive") else size
            given = x.contiguous(memory_format=form)
            result = getattr(torch.nn.functional, layer)(given, argument)
            differing = float((result != wanted).double().mean())
            if differing:
                raise CheckFailedError(
                    f"{layer}, {size} × {size}, {name}: {differing:.1%} of the results differ"
                )
            compared += wanted.numel()
    return f"{compared:,} windows, bit for bit ({' and '.join(layouts)})"


def checked(
    name: str, recipe: Recipe, dtype: str, layer: str = "avg_pool2d", layout: str = "both"
) -> Check:
    """Return the comparison of one layer with one recipe."""
    return Check(name, "torch", lambda: computes(recipe, dtype, layer, layout), MEASURED, (dtype,))


ADAPTIVE = "adaptive_avg_pool2d"

claim = Claim(
    __name__,
    title="On the CPU avg_pool2d sums row by row and divides once; adaptive_avg_pool2d divides "
    "twice on contiguous tensors, once on channels_last.",
    holds="in this version of torch; numbers of 16 bits are summed in float32",
    why="Its loops are written that way; 16-bit formats are summed in float32.",
    source="torch, avg_pool2d and adaptive_avg_pool2d on the CPU, found by running them",
    generality="square windows of 2 to 7 that tile the input, normal numbers",
    parts=(
        *(checked("avg_pool2d", in_rows, dtype) for dtype in NATIVE_FLOATS),
        *(
            check
            for dtype in NATIVE_FLOATS
            for check in (
                checked(f"{ADAPTIVE}, contiguous", divided_twice, dtype, ADAPTIVE, "contiguous"),
                checked(f"{ADAPTIVE}, channels_last", in_rows, dtype, ADAPTIVE, "channels_last"),
            )
        ),
    ),
    expected=expect(MEASURED, NATIVE_FLOATS),
    mutants={
        "column by column": checked("", in_columns, "float32"),
        "times the reciprocal": checked("", times_reciprocal, "float32"),
        "adaptive, one division": checked("", in_rows, "float32", ADAPTIVE, "contiguous"),
        "adaptive, channels_last, two divisions": checked(
            "", divided_twice, "float64", ADAPTIVE, "channels_last"
        ),
    },
)
