"""What torch's LP pooling makes of negative taps: it takes no absolute values.

The p-norm is (Σ|x|ᵖ)^(1/p). torch computes (Σxᵖ)^(1/p). For even p that is the same. For odd p
powers keep their signs: the sum may be smaller than the norm's, 0 for taps that cancel, and where
it is negative the root is NaN, even for a single tap of −1. For a p that is no whole number the
power of any negative tap is NaN already.

With p = 1 there is no root: that is the sum.

So LP pooling with an odd or fractional p belongs after a ReLU. This project's definition follows
torch unless it is asked for absolute values, since a different value under the same name would be
worse than NaN. Its module, which has a name of its own, takes them: it is the p-norm everywhere.
"""

from collections.abc import Callable, Sequence
from itertools import product

from proofs.claim import MEASURED, Check, CheckFailedError, Claim, expect

Taps = Sequence[int]
MOST = 6


def negative_sum(taps: Taps, p: float) -> bool:
    """Say of a whole p whether the sum of powers is negative, of any other whether a tap is.

    The first root of a negative number is that number.
    """
    if p != int(p):
        return min(taps) < 0
    return p != 1 and sum(tap ** int(p) for tap in taps) < 0


def judged(nan_where: Callable[[Taps, float], bool], absolute: Callable[[float], bool]) -> str:
    """Pool all pairs of small integers in torch and compare with what is said of them."""
    import torch

    import pooling

    pairs = list(product(range(-MOST, MOST + 1), repeat=2))
    x = torch.tensor(pairs, dtype=torch.float32).reshape(1, 1, -1)
    count = 0
    for p in (1, 2, 3, 4, 5, 2.5):
        pooled = torch.nn.LPPool1d(p, 2)(x).flatten().tolist()
        ours = pooling.PowerAveragePool1d(p, 2, absolute=False)(x).flatten().tolist()
        norms = pooling.PowerAveragePool1d(p, 2)(x).flatten().tolist()
        for taps, theirs, mine, norm in zip(pairs, pooled, ours, norms, strict=True):
            exact = sum(abs(tap) ** p for tap in taps) ** (1 / p)
            if not abs(norm - exact) <= 1e-5 * (exact + 1):
                raise CheckFailedError(f"p = {p}, taps {taps}: the module gives {norm}")
            if (theirs != theirs) is not nan_where(taps, p) or (mine != mine) != (theirs != theirs):
                raise CheckFailedError(f"p = {p}, taps {taps}: torch {theirs}, module {mine}")
            if theirs != theirs:
                continue
            sizes = [abs(tap) if absolute(p) else tap for tap in taps]
            exact = sum(size**p for size in sizes) ** (1 / p)
            if max(abs(theirs - exact), abs(mine - exact)) > 1e-5 * (abs(exact) + 1):
                raise CheckFailedError(f"p = {p}, taps {taps}: {theirs} and {mine}, not {exact}")
            count += 1
    return f"{6 * len(pairs)} windows, {6 * len(pairs) - count} of them NaN"


def checked(
    nan_where: Callable[[Taps, float], bool] = negative_sum,
    absolute: Callable[[float], bool] = lambda p: p % 2 == 0,
) -> Check:
    """Return the comparison with torch, which can only ever be a measurement."""
    return Check(
        "all pairs of small integers", "torch", lambda: judged(nan_where, absolute),
        MEASURED, ("float32",),
    )  # fmt: skip


claim = Claim(
    __name__,
    title="torch's LP pooling is the p-norm of windows with negative taps for even p only; for "
    "other p > 1 it may be NaN.",
    holds="NaN for odd p > 1 iff the sum of the powers is negative, for fractional p iff a tap is",
    why="It takes no absolute values, and a negative number has no real root.",
    source="torch.nn.functional.lp_pool1d, which multiplies by a sign that is lost in the root",
    generality=f"pairs of integers up to {MOST} in size, p = 1, 2, 2.5, 3, 4, 5, float32",
    parts=(checked(),),
    expected=expect(MEASURED, "float32"),
    mutants={
        "never NaN": checked(nan_where=lambda taps, p: False),
        "NaN for any negative tap": checked(nan_where=lambda taps, p: min(taps) < 0),
        "the p-norm wherever it is a number": checked(absolute=lambda p: True),
    },
)
