"""Softmax of x − m, m the largest tap: exponentials from 0 to 1, and a denominator of at least 1.

The shift changes nothing in exact arithmetic: both sums are divided by exp(m). In machine numbers
it changes everything. No rounded difference x − m is above 0, and that of the largest tap is 0
itself. exp never falls and exp(0) is 1, so every exponential is from 0 to 1, and one of them is 1.
Very small ones may vanish, which costs nothing beside the 1.

The denominator is then at least 1, in whatever order it is added up: before the 1 arrives the sum
is not negative, with it the sum is at least 1, and rounding never takes a sum of non-negative
numbers below what it was. So 0/0 cannot happen. The exact sum is at most k. A rounded one may be
larger: the sum of 259 ones is 260 in bfloat16, and that of 2051 is 2052 in float16, each rounded
once. Added in turn, up to 2^p taps come to k at most, as a format with p bits has all the whole
numbers on the way; in another order very many may even overflow, as 36,352 ones can in float16.

One trap is left: the order of the division. Σ x·exp(x − m) overflows for two taps near the largest
number, although their mean is an ordinary number. Dividing the weights by their sum first keeps
each product below |m|, and all that can still be lost is a last place at the very end of the range.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from pooling.arithmetic import maximum
from proofs.claim import MEASURED, PROVED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.means.softmax.naive_softmax_overflows import naive_softmax_pool
from proofs.systems import FLOAT16, IEEE, NATIVE_FLOATS
from proofs.terms import Term, constant, finite, fold, implies, select, sequence, variables

if TYPE_CHECKING:
    import torch

x, y, s, t, et, e0, so_far, tap = variables("x y s t et e0 so_far tap")
others = sequence("others")
shifted = Theorem(
    (x - maximum(x, y) <= 0) & (maximum(x, y) - maximum(x, y) == 0),
    where=(finite(x), finite(y)),
    name="no difference is above 0, that of the largest is 0",
    swept=FLOAT16,
    beyond={"cvc5/float[36]*": "1 s, where bitwuzla takes a tenth"},
)
#: et is exp(t) and e0 is exp(0), which is 1.
exponentials = Theorem(
    (0 <= et) & (et <= e0),
    given=(t <= 0, implies(t <= 0, et <= e0), 0 <= et),
    name="every exponential is from 0 to 1",
)


def exponential(term: Term) -> Term:
    """Return what exponentials can be: ``term`` if it is from 0 to 1, else 0."""
    return select((0 <= term) & (term <= e0), term, constant(0))


#: s is the sum when the exponential of the largest tap arrives; others come after it.
denominator = Theorem(
    fold(s + e0, others, so_far, tap, so_far + exponential(tap)) >= e0,
    given=(s >= 0,),
    where=(e0 >= 0,),
    by_induction_on=others,
    name="the denominator is at least the exponential of the largest",
)
at_most_k = Theorem(
    fold(0, others, so_far, tap, so_far + exponential(tap))
    <= fold(0, others, so_far, tap, so_far + e0),
    where=(e0 >= 0,),
    by_induction_on=others,
    name="a sum of real numbers is at most their number",
    judged_in="real",
)


def weights_first(taps: torch.Tensor) -> torch.Tensor:
    """Return Σ x·(exp(x − m)/Σ exp(x − m)) over the last axis."""
    weights = (taps - taps.amax(-1, keepdim=True)).exp()
    return (taps * (weights / weights.sum(-1, keepdim=True))).sum(-1)


def divided_last(taps: torch.Tensor) -> torch.Tensor:
    """Return Σ x·exp(x − m) / Σ exp(x − m) over the last axis."""
    weights = (taps - taps.amax(-1, keepdim=True)).exp()
    return (taps * weights).sum(-1) / weights.sum(-1)


def survives(pool: Callable[[torch.Tensor], torch.Tensor], dtype: str, share: float = 0.5) -> str:
    """Pool windows of extreme taps, up to ``share`` of the largest number; all must be finite.

    Results must also lie between the least and the largest tap, but for a rounding. Raises
    ``CheckFailedError``.
    """
    import torch

    kind = getattr(torch, dtype)
    largest = torch.finfo(kind).max * share
    scales = torch.tensor([1e-3, 1.0, 12.0, 90.0, 800.0, largest / 8, largest], dtype=torch.double)
    generator = torch.Generator().manual_seed(0)
    windows = 0
    for taps in (1, 2, 3, 4, 9, 49):
        unit = torch.rand(200, len(scales), taps, generator=generator, dtype=torch.double) * 2 - 1
        unit[:20] = 1.0
        unit[20:40] = -1.0
        numbers = (unit * scales[:, None]).clamp(-largest, largest).to(kind)
        result = pool(numbers)
        room = torch.finfo(kind).eps * taps * numbers.abs().amax(-1).double()
        inside = (result.double() <= numbers.amax(-1).double() + room) & (
            result.double() >= numbers.amin(-1).double() - room
        )
        if not bool(inside.all()):
            where = numbers[~inside][0].tolist()
            raise CheckFailedError(f"{taps} taps: {float(result[~inside][0])} for {where[:3]} …")
        windows += result.numel()
    return f"{windows:,} windows up to {largest:.3g}: all inside the range of their taps"


def checked(
    dtype: str, pool: Callable[[torch.Tensor], torch.Tensor] = weights_first, share: float = 0.5
) -> Check:
    """Return the attack in one dtype."""
    return Check(
        "extreme windows, in torch",
        "torch",
        lambda: survives(pool, dtype, share),
        MEASURED,
        (dtype,),
        cross_check=True,
    )


claim = Claim(
    __name__,
    title="With the largest tap subtracted first, no exponential in softmax pooling exceeds 1 and "
    "their sum is never 0.",
    holds="finite taps, exp never falling, not negative and 1 at 0; added in turn; a rounded sum "
    "of k may exceed k, as 259 is 260 in bfloat16",
    why="Rounded differences keep their sign, exp(0) is 1, and sums of non-negative numbers do not "
    "fall.",
    source="Blanchard, Higham and Higham 2021, Accurately computing the log-sum-exp and softmax "
    "functions",
    generality="any number of finite taps, exp as any function that never falls, is not negative "
    "and is 1 at 0; the denominator added in turn; that sums are at most k in the reals alone",
    parts=(
        shifted,
        exponentials,
        denominator,
        at_most_k,
        *(checked(dtype) for dtype in NATIVE_FLOATS),
    ),
    expected=expect(PROVED, "real rounding", IEEE),
    mutants={
        "any tap subtracted": Theorem(x - y <= 0, where=(finite(x), finite(y))),
        "more than the exponential of the largest": Theorem(
            fold(s + e0, others, so_far, tap, so_far + exponential(tap)) > e0,
            where=(s >= 0, e0 >= 0),
            by_induction_on=others,
        ),
        "no shift": checked("float32", naive_softmax_pool),
        "divided last": checked("float16", divided_last),
    },
)
