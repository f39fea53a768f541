"""Six ways to average on the CPU, each as its dtype rounds it, stay within the proved bound.

Four are written out, tap by tap: the sum in turn or as a tree and divided, multiplied by the
rounded 1/k, or taken of taps that are multiplied first. Two are layers of torch: ``avg_pool1d``,
and a convolution with weights of 1/k. All run on windows of 2 to 49 taps: normal numbers, their
positive part, and 1 followed by numbers just above half of its last place, which lose nearly u with
every addition.

The bound of ``average-error-bound`` is reached to four fifths by the plain loop. A tree is better
than its bound, which knows nothing of trees. In the formats of 16 bits torch's layers are good for
little more than u whatever k is, because they sum in float32 and round once at the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from proofs.claim import MEASURED, Check, CheckFailedError, Claim, expect
from proofs.systems import SYSTEMS

if TYPE_CHECKING:
    import torch

Scheme = Callable[["torch.Tensor"], "torch.Tensor"]


def _in_turn(taps: torch.Tensor) -> torch.Tensor:
    total = taps[..., 0]
    for index in range(1, taps.shape[-1]):
        total = total + taps[..., index]
    return total


def _by_halves(taps: torch.Tensor) -> torch.Tensor:
    count = taps.shape[-1]
    if count == 1:
        return taps[..., 0]
    return _by_halves(taps[..., : count // 2]) + _by_halves(taps[..., count // 2 :])


def _reciprocal(taps: torch.Tensor) -> torch.Tensor:
    return taps.new_tensor(1.0) / taps.shape[-1]


#: Schemes on the last axis of a tensor, with the number of roundings beside those of the sum.
SCHEMES: dict[str, tuple[Scheme, int]] = {
    "sum in turn, then divide": (lambda taps: _in_turn(taps) / taps.shape[-1], 1),
    "sum as a tree, then divide": (lambda taps: _by_halves(taps) / taps.shape[-1], 1),
    "times the reciprocal": (lambda taps: _in_turn(taps) * _reciprocal(taps), 2),
    "weights of 1/k": (lambda taps: _in_turn(taps * _reciprocal(taps)), 2),
    "avg_pool1d of torch": (lambda taps: _pooled(taps), 1),
    "conv1d of torch, weights of 1/k": (lambda taps: _convolved(taps), 2),
}


def _pooled(taps: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.nn.functional.avg_pool1d(taps.unsqueeze(1), taps.shape[-1]).flatten()


def _convolved(taps: torch.Tensor) -> torch.Tensor:
    import torch

    kernel = _reciprocal(taps).expand(1, 1, taps.shape[-1])
    return torch.nn.functional.conv1d(taps.unsqueeze(1), kernel).flatten()


def within(name: str, dtype: str, charge: Callable[[int, int], float]) -> str:
    """Average windows of all kinds by a scheme and hold the errors against a bound.

    ``charge`` gives the factor of mean|x| that k taps and so many roundings more are allowed, in
    units of u. The true mean is taken in float64, whose u is 2^29 times smaller than float32's.
    Raises ``CheckFailedError``.
    """
    scheme, more = SCHEMES[name]
    unit = float(SYSTEMS[dtype].exact_constant("unit_roundoff"))
    worst = 0.0
    for taps in (2, 3, 4, 9, 25, 49):
        for numbers in _windows(taps, dtype):
            exact = numbers.double()
            off = (scheme(numbers).double() - exact.mean(-1)).abs()
            share = off / (unit * exact.abs().mean(-1))
            allowed = charge(taps, more)
            if bool((share > allowed).any()):
                raise CheckFailedError(
                    f"{name}, {taps} taps: {float(share.max()):.2f} u off, {allowed:.2f} u allowed"
                )
            worst = max(worst, float(share.max()) / allowed)
    return f"windows of 2 to 49 taps: at most {worst:.0%} of the bound"


def _windows(taps: int, dtype: str) -> list[torch.Tensor]:
    import torch

    generator = torch.Generator().manual_seed(taps)
    normal = torch.randn(500, taps, generator=generator).to(getattr(torch, dtype))
    rising = torch.ones_like(normal)
    # 1 and then numbers just above half of its last place: each addition loses nearly u.
    above_half = 0.5 + torch.rand(500, taps - 1, generator=generator)
    rising[:, 1:] = (torch.finfo(normal.dtype).eps * above_half).to(normal)
    return [normal, normal.relu() + normal.abs().max() / 64, rising]


def bound(dtype: str) -> Callable[[int, int], float]:
    """Return the proved factor of mean|x|, in units of u."""
    unit = float(SYSTEMS[dtype].exact_constant("unit_roundoff"))
    return lambda taps, more: ((1 + (taps - 1) * unit) * (1 + unit) ** more - 1) / unit


def checked(name: str, dtype: str, charge: Callable[[int, int], float] | None = None) -> Check:
    """Return an attack on one scheme in one dtype."""
    chosen = charge or bound(dtype)
    return Check(name, "torch", lambda: within(name, dtype, chosen), MEASURED, (dtype,))


FORMATS = ("float16", "bfloat16", "float32")

claim = Claim(
    __name__,
    title="In torch six ways to average, in turn or as a tree, dividing or multiplying by 1/k, "
    "keep the proved rounding bound.",
    holds="as run on sampled windows of up to 49 taps, without overflow and underflow",
    why="The bound holds for any order of the additions, and each further rounding is in it.",
    source="average-error-bound; torch, avg_pool1d and conv1d",
    generality="six schemes, windows of 2, 3, 4, 9, 25 and 49 taps without overflow and underflow",
    parts=tuple(checked(name, dtype) for dtype in FORMATS for name in SCHEMES),
    expected=expect(MEASURED, FORMATS),
    mutants={
        "two units, whatever k is": checked(
            "sum in turn, then divide", "float16", lambda taps, more: 2.0
        ),
        "half the bound": checked(
            "sum in turn, then divide", "float32", lambda taps, more: (taps - 1 + more) / 2
        ),
        "half the bound for weights of 1/k": checked(
            "weights of 1/k", "bfloat16", lambda taps, more: (taps - 1 + more) / 2
        ),
    },
)
