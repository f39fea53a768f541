"""With 2, 4, 8 … taps it does not matter whether an average halves before adding or after it.

Halving a float changes its exponent and nothing else, as long as it does not underflow. So adding
two halves rounds exactly as adding the two numbers does, one binade lower: fl(a/2 + b/2) =
fl(a + b)/2. So it is of sums of any number of taps in any order, and of 2^j in the place of 2, by
induction in Coq: for k = 2^j it makes no difference whether the sum is divided by k, multiplied by
1/k, or the taps are multiplied by 1/k first, as a convolution with weights of 1/k does. The only
error is that of the sum, which is none at all if the sum is exact, as for whole numbers up to 2^p.
A sum near overflow is even better taken of halves.

Any other k brings roundings of its own, and the schemes come apart: the torch checks show the first
window where they do.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from proofs.averages.average_schemes_in_torch import SCHEMES
from proofs.claim import MEASURED, PROVED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.systems import FLOAT16, IEEE, NATIVE_FLOATS
from proofs.terms import Term, half, in_range, variables

if TYPE_CHECKING:
    import torch

a, b = variables("a b")
SLOW = "seconds for 11 bits and more; all pairs of float8_e5m2 are exhausted"

#: All that sum in turn: the one that sums as a tree rounds other sums.
IN_TURN = ("sum in turn, then divide", "times the reciprocal", "weights of 1/k")


def lossless(x: Term) -> Term:
    """Say that halving ``x`` loses nothing: that it does not underflow."""
    return half(x) + half(x) == x


def agree(dtype: str, taps: tuple[int, ...], scale: float = 1.0) -> str:
    """Compare the schemes on windows of normal numbers times ``scale``, bit for bit.

    Raises ``CheckFailedError`` at the first number of taps where two of them differ.
    """
    for count in taps:
        numbers = _windows(count, dtype) * scale
        results = {name: SCHEMES[name][0](numbers) for name in IN_TURN}
        for one, other in combinations(IN_TURN, 2):
            differing = results[one] != results[other]
            if bool(differing.any()):
                share = float(differing.double().mean())
                raise CheckFailedError(f"{count} taps: {one} ≠ {other} in {share:.0%} of windows")
    return f"{len(IN_TURN)} schemes on windows of {', '.join(map(str, taps))} taps, bit for bit"


def exact(dtype: str, taps: int) -> str:
    """Average windows of whole numbers whose sum is one of the format, by every scheme.

    Raises ``CheckFailedError`` if one is not the true mean.
    """
    import torch

    largest = int(2 / torch.finfo(getattr(torch, dtype)).eps) // taps
    generator = torch.Generator().manual_seed(0)
    whole = torch.randint(-largest, largest + 1, (500, taps), generator=generator)
    true = whole.double().mean(-1)
    for name, (scheme, _) in SCHEMES.items():
        result = scheme(whole.to(getattr(torch, dtype))).double()
        if not torch.equal(result, true):
            where = int((result != true).nonzero()[0])
            raise CheckFailedError(
                f"{taps} taps, {name}: {float(result[where])}, not {float(true[where])}"
            )
    return f"{len(SCHEMES)} schemes on windows of {taps} whole numbers up to {largest}: exact"


def _windows(taps: int, dtype: str) -> torch.Tensor:
    import torch

    generator = torch.Generator().manual_seed(taps)
    return torch.randn(500, taps, generator=generator, dtype=torch.double).to(getattr(torch, dtype))


def checked(dtype: str, *taps: int, scale: float = 1.0) -> Check:
    """Return the comparison of the schemes."""
    return Check(
        "the schemes agree",
        "torch",
        lambda: agree(dtype, taps, scale),
        MEASURED,
        (dtype,),
        cross_check=True,
    )


def checked_exact(dtype: str, taps: int) -> Check:
    """Return the comparison with the true mean of whole numbers."""
    return Check(
        f"{taps} whole numbers",
        "torch",
        lambda: exact(dtype, taps),
        MEASURED,
        (dtype,),
        cross_check=True,
    )


claim = Claim(
    __name__,
    title="Halving before or after an addition gives the same float; so with 2^j taps dividing, "
    "multiplying by 1/k and weights 1/k agree.",
    holds="no tap underflows, no sum overflows, and the taps are added in the same order",
    why="A power of two moves the exponent and leaves the significand alone.",
    source="Higham, Accuracy and Stability of Numerical Algorithms, section 2.1; IEEE 754",
    generality="all taps of which 1/2^j is a float and whose sum does not overflow, any number of "
    "them in any order; torch is run on windows",
    parts=(
        kernel(
            "ieee_sums_of_shares",
            "averages/halving.v",
            IEEE,
            says="taps over 2^j, any number in any order: the sum over 2^j",
            cross_check=False,
        ),
        Theorem(
            half(a) + half(b) == half(a + b),
            by=(
                kernel(
                    "ieee_sums_of_shares",
                    "averages/halving.v",
                    NATIVE_FLOATS,
                    says="any binary format, ties to even: two taps and j = 1",
                ),
            ),
            where=(lossless(a), lossless(b), in_range(a + b)),
            name="halving and adding",
            systems=IEEE,
            swept=FLOAT16,
            beyond={
                "[zcb]*/*float*": SLOW,
                "cvc5/*binary": "seconds, where Z3 takes a fraction of one",
            },
        ),
        *(checked(dtype, 2, 4, 8, 16, 64) for dtype in NATIVE_FLOATS),
        *(checked_exact(dtype, 16) for dtype in NATIVE_FLOATS),
    ),
    expected=expect(PROVED, IEEE),
    mutants={
        "three taps": checked("float32", 3),
        "nine taps": checked("float16", 9),
        "nine whole numbers": checked_exact("float32", 9),
        "four subnormal numbers": checked("float16", 4, scale=2.0**-24),
        "adding and halving one": Theorem(half(a) + b == half(a + b), systems=("float8_e5m2",)),
    },
)
