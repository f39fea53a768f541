"""How back-ends round the average of two quantised numbers, over all pairs of stored bytes.

Stored integers q stand for scale·(q − zero point). All back-ends add integers, so they differ where
the sum is odd and the mean lies halfway between two integers:

- torch's CPU kernels (``avg_pool2d``, ``adaptive_avg_pool2d`` and ``mean`` of quantised tensors)
  round the mean of the *stored* integers, halves to the even one, whatever the zero point.
- To pool the dequantised numbers and quantise the result, as ONNX's QuantizeLinear and
  ``fake_quantize_per_tensor_affine`` do, rounds halves to even *before* the zero point is added.
  That is the same exactly if the zero point is even: added to an integer, an odd one turns even
  into odd. Then every odd sum differs, 32,768 of the 65,536 pairs, the first being 0 and 1.
  (``quantize_per_tensor`` adds first: ``averages-by-back-ends``.)
- TFLite's reference adds half of the number of taps and divides, away from 0 on either side: stored
  halves go away from 0, and a quarter of all pairs of unsigned bytes differ from torch.

Maxima need no rounding and agree everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from proofs.claim import MEASURED, Check, CheckFailedError, Claim, expect

if TYPE_CHECKING:
    import torch

#: Number system → the zero points that are tried.
STORED = {"uint8": (0, 1, 3, 127, 128, 255), "int8": (-128, -5, 0, 1, 127)}

#: (first, second, zero point) → the rounded mean of all pairs of stored integers.
Rounding = Callable[["torch.Tensor", "torch.Tensor", int], "torch.Tensor"]


def stored_halves_to_even(a: torch.Tensor, b: torch.Tensor, zero_point: int) -> torch.Tensor:
    """Return the mean of stored integers, halves to even."""
    return ((a + b) / 2).round().long()


def dequantised(a: torch.Tensor, b: torch.Tensor, zero_point: int) -> torch.Tensor:
    """Return the mean of the numbers that they stand for, quantised: halves to even before that."""
    return ((a + b - 2 * zero_point) / 2).round().long() + zero_point


def away_from_zero(a: torch.Tensor, b: torch.Tensor, zero_point: int) -> torch.Tensor:
    """Return TFLite's: half of the count is added, or subtracted of a negative sum, and cut off.

    Source: ``AveragePool`` in tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h.
    """
    total = a + b
    shifted = total + (total > 0).long() - (total <= 0).long()
    return shifted.div(2, rounding_mode="trunc")


def differing(system: str, said: Rounding, zero_points: Callable[[int], bool]) -> str:
    """Pool all pairs in torch, by three operators, and compare with a rounding.

    Raises ``CheckFailedError`` with the first pair on which they differ.
    """
    import warnings

    import torch
    from torch.nn import functional

    kind = torch.uint8 if system == "uint8" else torch.int8
    values = torch.arange(torch.iinfo(kind).min, torch.iinfo(kind).max + 1)
    pairs = torch.cartesian_prod(values, values)
    operators: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "avg_pool2d": lambda x: functional.avg_pool2d(x, (1, 2)),
        "adaptive_avg_pool2d": lambda x: functional.adaptive_avg_pool2d(x, 1),
        "mean": lambda x: x.mean((2, 3)),
    }
    tried = [zero_point for zero_point in STORED[system] if zero_points(zero_point)]
    for zero_point in tried:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # quantised tensors are on their way out of torch
            stored = pairs.to(kind).reshape(1, -1, 1, 2)
            x = torch._make_per_tensor_quantized_tensor(stored, 0.5, zero_point)
            pooled = {name: pool(x).int_repr() for name, pool in operators.items()}
        wanted = said(pairs[:, 0], pairs[:, 1], zero_point)
        for operator, result in pooled.items():
            wrong = result.flatten().long() != wanted
            if wrong.any():
                first = int(wrong.nonzero()[0])
                raise CheckFailedError(
                    f"{operator}, zero point {zero_point}: {int(wrong.sum()):,} of {len(pairs):,} "
                    f"pairs, the first {tuple(pairs[first].tolist())}: "
                    f"{int(result.flatten()[first])}, not {int(wanted[first])}"
                )
    return f"{len(pairs):,} pairs, zero points {', '.join(map(str, tried))}, three operators"


def checked(
    name: str,
    system: str,
    said: Rounding,
    zero_points: Callable[[int], bool] = lambda zero_point: True,
) -> Check:
    """Return the comparison of torch with a rounding, at those of the zero points."""
    return Check(name, "torch", lambda: differing(system, said, zero_points), MEASURED, (system,))


claim = Claim(
    __name__,
    title="torch's average of two quantised numbers rounds stored halves to even: as quantising "
    "their mean does iff the zero point is even.",
    holds="one scale for input and output; TFLite's reference rounds stored halves away from 0 and "
    "agrees with neither",
    why="An odd zero point turns even integers into odd ones, and halves go the other way.",
    source="torch's quantised CPU kernels, found by running them; TFLite's reference kernels, "
    "integer_ops/pooling.h; Jacob et al. 2018",
    generality="all pairs of stored bytes at six or five zero points, in this version of torch",
    parts=tuple(
        check
        for system in STORED
        for check in (
            checked("stored halves to even", system, stored_halves_to_even),
            checked("as dequantised, even zero points", system, dequantised, lambda z: z % 2 == 0),
        )
    ),
    expected=expect(MEASURED, "int8 uint8"),
    mutants={
        "as dequantised, odd zero points": checked("", "uint8", dequantised, lambda z: z % 2 == 1),
        "as TFLite's reference, unsigned": checked("", "uint8", away_from_zero),
        "as TFLite's reference, signed": checked("", "int8", away_from_zero),
    },
)
