"""Undilated, with as much padding on either side, a larger stride does not bring more taps.

Fewer windows have fewer positions, but those that are left lose fewer of them in the padding before
the input. With as much padding after it, less than a window of either, what is gained that way was
never found to exceed what is lost: every layer up to a size is counted here. With padding on one
side only, or with dilation, the saying is false (``larger-stride-fewer-taps``).
"""

import math
from itertools import count, product

from pooling.windows import output_size, taps
from proofs.claim import PROVED_BOUNDED, Check, CheckFailedError, Claim, expect

LARGEST, WIDEST = 32, 12


def counted(one_sided: bool = False, dilation: int = 1) -> str:
    """Compare every stride with the next, up to that at which only one window is left."""
    layers = 0
    for size, kernel_size, ceil_mode in product(
        range(1, LARGEST + 1), range(1, WIDEST + 1), (False, True)
    ):
        span = dilation * (kernel_size - 1) + 1
        for before in range(span):
            padding = (before, 0 if one_sided else before)
            windows, fewest = 2 * (span <= size + sum(padding)), math.inf
            for stride in count(1):
                if windows <= 1:
                    break
                windows = output_size(size, kernel_size, stride, padding, dilation, ceil_mode)
                read = taps(size, kernel_size, stride, before, windows, dilation)
                layers += 1
                if read > fewest:
                    raise CheckFailedError(
                        f"size {size}, kernel_size {kernel_size}, padding {padding}, dilation "
                        f"{dilation}, ceil_mode {ceil_mode}: {fewest} taps at stride {stride - 1}, "
                        f"{read} at stride {stride}"
                    )
                fewest = read
    return f"{layers:,} layers"


def tried(name: str, one_sided: bool = False, dilation: int = 1) -> Check:
    """Return the check of all layers up to a size, with padding and dilation as told."""
    return Check(
        name,
        "certificate",
        lambda: counted(one_sided, dilation),
        PROVED_BOUNDED,
        ("integer",),
        bound=f"size ≤ {LARGEST}, kernel_size ≤ {WIDEST}",
    )


claim = Claim(
    __name__,
    title="Without dilation and with equal padding on both sides, increasing the stride never "
    "increases the number of taps.",
    why="The windows that are dropped had more taps than the others gain at the border.",
    source="derived for this project",
    generality=f"input sizes up to {LARGEST}, windows up to {WIDEST}, paddings less than a "
    "window, all strides, without and with ceil_mode",
    parts=(tried("every layer"),),
    expected=expect(PROVED_BOUNDED, "integer"),
    mutants={"padding on one side": tried("", one_sided=True), "dilated": tried("", dilation=3)},
)
