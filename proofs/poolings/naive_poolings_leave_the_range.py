"""Where the printed formulas fail in tensors: their exponentials and powers leave the range first.

A window of two equal taps v has the softmax pooling v, the log-sum-exp pooling v and the 2-norm
√2·|v|, whatever v is. Computed as printed, exp(v) overflows for large v and vanishes for small
ones, and either way the result is NaN or infinite; v² overflows for |v| above the root of the
largest number and is 0 below the root of the smallest. torch's LP pooling is computed so.

Subtracting the largest tap, and dividing by it, gives the same in exact arithmetic and stays in
range in every dtype: that is what the modules of this project do.

Every number of the 16-bit formats is tried; of the wider ones all powers of two and 20,000 bit
patterns drawn at random.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from proofs.claim import Check, CheckFailedError, Claim, Mutant, expect
from proofs.verdict import Verdict

if TYPE_CHECKING:
    from torch import Tensor

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
        powers = powers[powers <= largest].to(dtype)
        numbers = torch.cat([bits.to(integers).view(dtype), powers, -powers])
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


def by_module(make: Callable[[], Any]) -> Callable[[Tensor], Tensor]:
    """Return what a module makes of pairs along the last axis."""

    def pool(pairs: Tensor) -> Tensor:
        pooled: Tensor = make()(pairs.reshape(1, 1, -1))
        return pooled.reshape(-1)

    return pool


def failures(
    pool: Callable[[Tensor], Tensor], numbers: Tensor, factor: float, slack: float
) -> Tensor:
    """Return the numbers v for which pooling (v, v) is not |v|·factor, or v itself for 0.

    Eight roundings of the result are allowed, and as many of ``slack``.
    """
    import torch

    limits = torch.finfo(numbers.dtype)
    if factor:
        numbers = numbers[numbers.abs() <= limits.max / 2]
    exact = numbers.double().abs() * factor if factor else numbers.double()
    with torch.no_grad():
        pooled = pool(torch.stack([numbers, numbers], -1)).double()
    within = (pooled - exact).abs() <= 8 * limits.eps * (exact.abs() + slack)
    within |= (pooled - exact).abs() <= limits.smallest_normal * limits.eps
    return numbers[~within]


def compare(dtype_name: str, stable: dict[str, tuple[Any, float]], naive: Any) -> str:
    """Show that ``stable`` is right for all numbers, and each of ``naive`` wrong for some."""
    numbers = finite_numbers(dtype_name)
    for name, (pool, factor) in stable.items():
        wrong = failures(pool, numbers, factor, slack=0)
        if len(wrong):
            raise CheckFailedError(f"{name} of two taps {wrong[-1].item():.4g} is wrong")
    found = []
    for name, (pool, factor) in naive.items():
        # Printed logarithms of numbers near 1 are no closer than a rounding of 1.
        wrong = failures(pool, numbers, factor, slack=0 if factor else 1)
        if not len(wrong):
            raise CheckFailedError(f"{name}: right for all numbers tried")
        above, below = wrong[wrong > 0], wrong[wrong < 0]
        ends = [f"from {above.min().item():.4g} on"] if len(above) and not factor else []
        ends += [f"from {below.max().item():.4g} down"] if len(below) and not factor else []
        if factor:
            sizes = wrong.double().abs()
            ends = [f"up to {sizes[sizes < 1].max():.3g}, from {sizes[sizes > 1].min():.3g} on"]
        found.append(f"{name} fails {', '.join(ends)}")
    return "; ".join(found)


def modules() -> dict[str, tuple[Any, float]]:
    """Return the modules of this project, with the factor of their result."""
    import pooling

    root = 2.0**0.5
    return {
        "SoftmaxPool1d": (by_module(lambda: pooling.SoftmaxPool1d(2)), 0.0),
        "LogSumExpPool1d": (by_module(lambda: pooling.LogSumExpPool1d(2)), 0.0),
        "PowerAveragePool1d": (by_module(lambda: pooling.PowerAveragePool1d(2, 2)), root),
    }


def printed() -> dict[str, tuple[Any, float]]:
    """Return the formulas as printed, and torch's LP pooling."""
    import torch

    return {
        "softmax": (naive_softmax, 0.0),
        "log-sum-exp": (naive_logsumexp, 0.0),
        "torch's LPPool1d": (by_module(lambda: torch.nn.LPPool1d(2, 2)), 2.0**0.5),
    }


def checked(dtype_name: str, stable: Any = modules, naive: Any = printed) -> Check:
    """Return the comparison in one dtype."""
    exhaustive = WIDTHS[dtype_name] == 16
    return Check(
        "pairs of equal taps",
        "torch",
        lambda: compare(dtype_name, stable(), naive()),
        Verdict.EXHAUSTED if exhaustive else Verdict.TESTED,
        (dtype_name,),
    )


claim = Claim(
    id="naive-poolings-leave-the-range",
    title="Softmax and log-sum-exp pooling as printed, and torch's LP pooling, fail for numbers "
    "well inside the range of every float dtype; the modules here are right for all of them.",
    why="exp(v) and v² leave the range long before v does; relative to the largest tap nothing "
    "does.",
    source="Blanchard, Higham and Higham, Accurately Computing the Log-Sum-Exp and Softmax "
    "Functions, 2021; torch.nn.functional.lp_pool1d",
    generality="windows of two equal taps: all of float16 and bfloat16, samples of the wider "
    "dtypes",
    parts=tuple(checked(dtype_name) for dtype_name in WIDTHS),
    expected=expect(Verdict.EXHAUSTED, "float16 bfloat16")
    | expect(Verdict.TESTED, "float32 float64"),
    mutants=(
        Mutant("the printed formulas are right", checked("float16", stable=printed)),
        Mutant("the modules fail as well", checked("float16", naive=modules)),
        Mutant(
            "torch's LP pooling is right",
            checked("float32", stable=lambda: {"LPPool1d": printed()["torch's LPPool1d"]}),
        ),
    ),
)
