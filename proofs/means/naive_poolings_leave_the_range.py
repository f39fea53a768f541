"""Where the printed formulas fail in tensors: their exponentials and powers leave the range first.

A window of t equal taps v has the softmax pooling v, the log-sum-exp pooling v and the 2-norm
√t·|v|, whatever v is. Computed as printed, exp(v) overflows for large v and vanishes for small
ones, and either way the result is NaN or infinite; v² overflows for |v| above the root of the
largest number and is 0 below the root of the smallest. torch's LP pooling is computed so.

Subtracting the largest tap, and dividing by it, gives the same in exact arithmetic and stays in
range in every dtype: that is what the modules of this project do. In the exponentials alone it is
not enough: a 25th of a number near the smallest keeps few of its digits, and rounded weights, which
may add up to more than 1, can make a mean of the largest number infinite. So the softmax pooling
here averages the differences from the largest tap, of which none is above 0.

Every number of the 16-bit formats is tried, in windows of 2 and of 25 taps; of the wider ones all
powers of two, the largest number and 20,000 bit patterns drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from proofs.claim import MEASURED, Check, CheckFailedError, Claim, expect

if TYPE_CHECKING:
    from torch import Tensor

#: The equal taps of the windows that the modules are tried on.
TAPS = (2, 25)

WIDTHS = {"float16": 16, "bfloat16": 16, "float32": 32, "float64": 64}


def finite_numbers(dtype_name: str) -> Tensor:
    """Return the numbers to try, in order: all finite ones of a 16-bit format."""
    import torch

    dtype, width = getattr(torch, dtype_name), WIDTHS[dtype_name]
    integers = getattr(torch, f"int{width}")
    if width == 16:
        numbers = torch.arange(2**16, dtype=torch.int32).to(torch.int16).view(dtype)
    else:
        draw = torch.Generator().manual_seed(0)
        bits = torch.randint(-(2 ** (width - 1)), 2 ** (width - 1) - 1, (20_000,), generator=draw)
        largest = torch.finfo(dtype).max
        powers = 2.0 ** torch.arange(-1074, 1024, dtype=torch.float64)
        telling = torch.cat(
            [powers[powers <= largest].to(dtype), torch.tensor([largest], dtype=dtype)]
        )
        numbers = torch.cat([bits.to(integers).view(dtype), telling, -telling])
    return numbers[numbers.isfinite()].sort().values


def naive_softmax(pairs: Tensor) -> Tensor:
    """Return Σx·exp(x)/Σexp(x) as printed, of pairs along the last axis."""
    weights = pairs.exp()
    result: Tensor = (pairs * weights).sum(-1) / weights.sum(-1)
    return result


def naive_logsumexp(pairs: Tensor) -> Tensor:
    """Return the logarithm of the mean of exp(x) as printed, of pairs along the last axis."""
    result: Tensor = pairs.exp().mean(-1).log()
    return result


def shifted_softmax(windows: Tensor) -> Tensor:
    """Return the mean of the taps themselves, weighted by exponentials of at most 1."""
    result: Tensor = (windows * (windows - windows.amax(-1, keepdim=True)).softmax(-1)).sum(-1)
    return result


def by_module(make: Callable[[int], Any]) -> Callable[[Tensor], Tensor]:
    """Return what a module, made for a number of taps, makes of windows along the last axis."""

    def pool(windows: Tensor) -> Tensor:
        pooled: Tensor = make(windows.shape[-1])(windows.reshape(1, 1, -1))
        return pooled.reshape(-1)

    return pool


def failures(
    pool: Callable[[Tensor], Tensor], numbers: Tensor, norm: bool, slack: float, taps: int = 2
) -> Tensor:
    """Return the numbers v for which pooling taps v is not v, or √taps·|v| for a 2-norm.

    Eight roundings of the result are allowed, and as many of ``slack``.
    """
    import torch

    limits = torch.finfo(numbers.dtype)
    if norm:
        numbers = numbers[numbers.abs().double() <= (1 - 2**-6) * limits.max / taps**0.5]
    exact = numbers.double().abs() * taps**0.5 if norm else numbers.double()
    with torch.no_grad():
        pooled = pool(numbers[:, None].expand(-1, taps)).double()
    within = (pooled - exact).abs() <= 8 * limits.eps * (exact.abs() + slack)
    within |= (pooled - exact).abs() <= limits.smallest_normal * limits.eps
    return numbers[~within]


def compare(dtype_name: str, stable: dict[str, tuple[Any, bool]], naive: Any) -> str:
    """Show that ``stable`` is right for all numbers, and each of ``naive`` wrong for some."""
    numbers = finite_numbers(dtype_name)
    for name, (pool, norm) in stable.items():
        for taps in TAPS:
            wrong = failures(pool, numbers, norm, slack=0, taps=taps)
            if len(wrong):
                raise CheckFailedError(f"{name} of {taps} taps {wrong[-1].item():.4g} is wrong")
    found = []
    for name, (pool, norm) in naive.items():
        # Printed logarithms of numbers near 1 are no closer than a rounding of 1.
        wrong = failures(pool, numbers, norm, slack=0 if norm else 1)
        if not len(wrong):
            raise CheckFailedError(f"{name}: right for all numbers tried")
        above, below = wrong[wrong > 0], wrong[wrong < 0]
        ends = [f"from {above.min().item():.4g} on"] if len(above) and not norm else []
        ends += [f"from {below.max().item():.4g} down"] if len(below) and not norm else []
        if norm:
            sizes = wrong.double().abs()
            ends = [f"up to {sizes[sizes < 1].max():.3g}, from {sizes[sizes > 1].min():.3g} on"]
        found.append(f"{name} fails {', '.join(ends)}")
    return "; ".join(found)


def modules() -> dict[str, tuple[Any, bool]]:
    """Return the modules of this project, and whether they are norms."""
    import pooling

    return {
        "SoftmaxPool1d": (by_module(pooling.SoftmaxPool1d), False),
        "LogSumExpPool1d": (by_module(pooling.LogSumExpPool1d), False),
        "PowerAveragePool1d": (by_module(lambda k: pooling.PowerAveragePool1d(2, k)), True),
    }


def printed() -> dict[str, tuple[Any, bool]]:
    """Return the formulas as printed, and torch's LP pooling."""
    import torch

    return {
        "softmax": (naive_softmax, False),
        "log-sum-exp": (naive_logsumexp, False),
        "torch's LPPool1d": (by_module(lambda k: torch.nn.LPPool1d(2, k)), True),
    }


def checked(dtype_name: str, stable: Any = modules, naive: Any = printed) -> Check:
    """Return the comparison in one dtype."""
    return Check(
        "windows of equal taps",
        "torch",
        lambda: compare(dtype_name, stable(), naive()),
        MEASURED,
        (dtype_name,),
    )


claim = Claim(
    __name__,
    title="In torch, softmax and log-sum-exp pooling of equal taps as printed, and its LP pooling, "
    "fail inside the range; the modules here do not.",
    holds="windows of 2 and, for the modules, 25; every number of float16 and bfloat16, for norms "
    "to 2⁻⁶ below their overflow; samples of float32 and float64",
    why="exp(v) and v² leave the range long before v does; relative to the largest tap nothing "
    "does.",
    source="Blanchard, Higham and Higham, Accurately Computing the Log-Sum-Exp and Softmax "
    "Functions, 2021; torch.nn.functional.lp_pool1d",
    generality="windows of 2 and, for the modules, 25 equal taps: all numbers of float16 and "
    "bfloat16, for the norm those by 2⁻⁶ below its overflow; samples of the wider dtypes",
    parts=tuple(checked(dtype_name) for dtype_name in WIDTHS),
    expected=expect(MEASURED, "float16 bfloat16 float32 float64"),
    mutants={
        "the printed formulas are right": checked("float16", stable=printed),
        "subtracting the largest tap within the exponentials is enough": checked(
            "float32", stable=lambda: {"softmax": (shifted_softmax, False)}
        ),
        "the modules fail as well": checked("float16", naive=modules),
        "torch's LP pooling is right": checked(
            "float32", stable=lambda: {"LPPool1d": printed()["torch's LPPool1d"]}
        ),
    },
)
