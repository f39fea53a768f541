"""Averages of more than two quantised numbers, as torch's kernels compute them.

Every kernel adds stored integers, so its result depends on their sum and their number alone: a
window of every sum stands for all windows of its size. At each, torch's kernels give the mean of
the stored integers, halves to the even one, whatever the zero point. With an odd number of taps
there are no halves, and then pooling the numbers they stand for, and TFLite's reference, say the
same; with an even number both differ.

``torch.quantize_per_tensor`` rounds in that way too: it adds the zero point and rounds then.
``torch.fake_quantize_per_tensor_affine`` rounds and adds the zero point then, as ONNX's
QuantizeLinear does. So with an odd zero point there are two answers to what the average should be.

Sums are of 32 bits. Of 255 there may be 8,421,504 in a window, and of 2902 × 2902 the average is 0.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from proofs.claim import MEASURED, Check, CheckFailedError, Claim, expect
from proofs.quantised.average_of_pairs_by_back_ends import STORED

if TYPE_CHECKING:
    import torch

#: Taps of a window → its sides.
ODD = {3: (1, 3), 9: (3, 3), 25: (5, 5), 49: (7, 7)}
EVEN = {4: (2, 2), 6: (2, 3), 16: (4, 4), 64: (8, 8)}
#: Number system → a number, sides of an image of nothing else of which the sum is a 32-bit
#: integer and of which it is not, and the average of the latter by kernels of such sums.
WIDE = {"uint8": (255, 2901, 2902, 0), "int8": (-128, 4096, 4097, 127)}

#: (sums, taps, zero point) → rounded means, as stored.
Rounding = Callable[["torch.Tensor", int, int], "torch.Tensor"]


def _to_even(total: torch.Tensor, count: int) -> torch.Tensor:
    """Return quotients of whole numbers, halves to the even one, without a float."""
    below = total.div(count, rounding_mode="floor")
    rest = 2 * (total - below * count)
    return below + ((rest > count) | ((rest == count) & (below % 2 == 1)))


def stored_halves_to_even(total: torch.Tensor, count: int, zero_point: int) -> torch.Tensor:
    """Return the means of stored integers, halves to even."""
    return _to_even(total, count)


def dequantised(total: torch.Tensor, count: int, zero_point: int) -> torch.Tensor:
    """Return the means of what they stand for, halves to even before the zero point is added."""
    return _to_even(total - count * zero_point, count) + zero_point


def away_from_zero(total: torch.Tensor, count: int, zero_point: int) -> torch.Tensor:
    """Return TFLite's: half of the count added, or taken away of a sum below 0, and cut off."""
    half = count // 2
    return (total + half * (2 * (total > 0).long() - 1)).div(count, rounding_mode="trunc")


def windows(system: str, count: int) -> torch.Tensor:
    """Return a window of every sum, the largest numbers first in it.

    >>> windows("uint8", 2)[[0, 1, 255, 256, 510]].tolist()
    [[0, 0], [1, 0], [255, 0], [255, 1], [255, 255]]
    """
    import torch

    ends = torch.iinfo(getattr(torch, system))
    spread = ends.max - ends.min
    above = torch.arange(spread * count + 1)[:, None] - spread * torch.arange(count)
    return above.clamp(0, spread) + ends.min


def _pooled(stored: torch.Tensor, zero_point: int) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield what each of torch's kernels makes of windows, one in each channel."""
    import warnings

    import torch
    from torch.nn import functional

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # quantised tensors are on their way out of torch
        x = torch._make_per_tensor_quantized_tensor(stored, 0.5, zero_point)
        kernel = stored.shape[2:]
        for name, made in (
            ("avg_pool2d", functional.avg_pool2d(x, kernel)),
            ("adaptive_avg_pool2d", functional.adaptive_avg_pool2d(x, 1)),
            ("mean", x.mean((2, 3))),
        ):
            yield name, made.int_repr().flatten().long()


def differing(
    system: str, sizes: dict[int, tuple[int, int]], said: Rounding, odd: bool | None = None
) -> str:
    """Pool a window of every sum of each size in torch, and compare with a rounding.

    Raises ``CheckFailedError`` with the first window on which they differ.
    """
    import torch

    tried = [z for z in STORED[system] if odd is None or z % 2 == odd]
    number = 0
    for count, sides in sizes.items():
        rows = windows(system, count)
        stored = rows.to(getattr(torch, system)).reshape(1, -1, *sides)
        for zero_point in tried:
            wanted = said(rows.sum(1), count, zero_point)
            for name, found in _pooled(stored, zero_point):
                wrong = (found != wanted).nonzero().flatten()
                if len(wrong):
                    first = int(wrong[0])
                    raise CheckFailedError(
                        f"{name}, zero point {zero_point}: {len(wrong):,} of {len(rows):,} "
                        f"windows, the first {rows[first].tolist()}: {int(found[first])}, not "
                        f"{int(wanted[first])}"
                    )
        number += len(rows)
    return f"{number:,} windows of {', '.join(map(str, sizes))}, zero points {_listed(tried)}"


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


def wide(system: str, *, wraps: bool, narrow: bool = True) -> str:
    """Pool an image of one number whole, too large for a sum of 32 bits or not quite.

    Raises ``CheckFailedError`` unless kernels give the number, those of narrow sums what is left.
    """
    import torch

    number, *sides, left = WIDE[system]
    side = sides[wraps]
    image = torch.full((1, 1, side, side), number, dtype=getattr(torch, system))
    found = {name: int(made) for name, made in _pooled(image, 0)}
    lost = left if wraps and narrow else number
    if found != {"avg_pool2d": lost, "adaptive_avg_pool2d": lost, "mean": number}:
        raise CheckFailedError(f"{side} × {side} times {number}: {found}")
    return f"{side} × {side} times {number}: {found}"


def quantising(system: str, *, added_first: bool) -> str:
    """Quantise halves by ``quantize_per_tensor``, which adds the zero point first, or rounds first.

    Raises ``CheckFailedError`` otherwise; ``fake_quantize_per_tensor_affine`` must round first.
    """
    import torch

    ends = torch.iinfo(getattr(torch, system))
    dtype = torch.quint8 if system == "uint8" else torch.qint8
    halves = torch.arange(-8, 9) + 0.5
    for zero_point in range(20, 24):
        first, last = halves.round() + zero_point, (halves + zero_point).round()
        made = torch.quantize_per_tensor(halves, 1.0, zero_point, dtype).int_repr().float()
        fake = torch.fake_quantize_per_tensor_affine(
            halves, 1.0, zero_point, int(ends.min), int(ends.max)
        )
        if not torch.equal(made, last if added_first else first):
            raise CheckFailedError(f"zero point {zero_point}: {made.tolist()}")
        if not torch.equal(fake + zero_point, first):
            raise CheckFailedError(f"fake, zero point {zero_point}: {fake.tolist()}")
    return f"{4 * len(halves)} halves"


def checked(
    name: str,
    system: str,
    sizes: dict[int, tuple[int, int]],
    said: Rounding,
    odd: bool | None = None,
) -> Check:
    """Return the comparison of torch with a rounding."""
    run = lambda: differing(system, sizes, said, odd)  # noqa: E731
    return Check(name, "torch", run, MEASURED, (system,))


def measured(name: str, system: str, run: Callable[[str], str]) -> Check:
    """Return another measurement of torch."""
    return Check(name, "torch", lambda: run(system), MEASURED, (system,))


claim = Claim(
    __name__,
    title="torch's average of quantised numbers is the mean of stored integers, halves to even; "
    "for odd numbers of taps all back-ends agree.",
    holds="one scale and zero point for input and output; sums of 32 bits, but in mean: "
    "2902 × 2902 times 255 gives 0, 4097 × 4097 times −128 gives 127",
    why="There is a half only where an even number divides; a zero point that is odd turns it.",
    source="torch's quantised CPU kernels, found by running them; TFLite's reference kernels, "
    "integer_ops/pooling.h; Jacob et al. 2018",
    generality="a window of every sum of eight sizes, at five or six zero points, in this version "
    "of torch",
    parts=tuple(
        check
        for system in STORED
        for check in (
            checked("stored halves to even", system, ODD | EVEN, stored_halves_to_even),
            checked("as dequantised, even zero points", system, EVEN, dequantised, False),
            checked("as dequantised, odd numbers of taps", system, ODD, dequantised),
            checked("as TFLite's reference, odd numbers of taps", system, ODD, away_from_zero),
            measured(
                "quantize_per_tensor adds, and rounds then",
                system,
                partial(quantising, added_first=True),
            ),
            measured("a sum of 32 bits", system, partial(wide, wraps=False)),
            measured("a sum of 33 bits", system, partial(wide, wraps=True)),
        )
    ),
    expected=expect(MEASURED, "int8 uint8"),
    mutants={
        "as dequantised, odd zero points": checked("", "uint8", EVEN, dequantised, True),
        "as TFLite's reference, unsigned": checked("", "uint8", EVEN, away_from_zero),
        "as TFLite's reference, signed": checked("", "int8", EVEN, away_from_zero),
        "quantize_per_tensor rounds first": measured(
            "", "uint8", partial(quantising, added_first=False)
        ),
        "wide accumulators": measured("", "uint8", partial(wide, wraps=True, narrow=False)),
    },
)
