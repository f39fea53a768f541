"""Max-pooling after max-pooling, as SPPF pooling does, is one, if the first leaves no gaps.

A maximum depends only on which elements it is taken of, so pools are equal where their windows read
the same elements. Of a window of the second pool, tap j stands for k₁ elements from j·s₁ on. They
cover the k₁ + (k₂ − 1)·s₁ elements from first to last iff neighbouring ones touch, s₁ ≤ k₁,
or if there is only one, k₂ = 1. Else element k₁ is under none of them.

Output by output the cascade is the one pool. How many outputs there are is not part of the claim:
with ceil_mode the two may have different numbers, as for 27 elements under (5, 1) and then (1, 6),
4 and 5.

Stride 1 never leaves gaps: with s₁ = 1 pools of k₁ and k₂ are one of k₁ + k₂ − 1, which is how
three 5 × 5 pools in a row do the work of 5 × 5, 9 × 9 and 13 × 13 side by side. "Same" padding does
not spoil it: where the second pool would read the first outside the image, it reads, from the
element it looks for clipped to its own window, the same inside.
"""

from dataclasses import replace

from pooling.arithmetic import clamp, minimum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, iff, implies, variables

n, k1, s1, k2, s2, j, e, r, u, p1, p2 = variables("n k1 s1 k2 s2 j e r u p1 p2")
SIZES = (k1 >= 1, s1 >= 1, k2 >= 1)
CVC5 = {"cvc5": "nonlinear integer division: cvc5 runs out of steps, Z3 takes milliseconds"}
covering = minimum(e // s1, k2 - 1)
seamless = (s1 <= k1) | (k2 <= 1)


def under(tap: Term) -> Term:
    """Say that the second pool has this tap, and that element e is under it."""
    return (0 <= tap) & (tap < k2) & (tap * s1 <= e) & (e < tap * s1 + k1)


within = (0 <= e) & (e < k1 + (k2 - 1) * s1)

nothing_more = Theorem(
    implies(under(j), within),
    where=SIZES,
    name="every tap reads elements of the one window",
    beyond=CVC5,
)
nothing_less = Theorem(
    implies(within, under(covering)),
    given=(seamless,),
    where=SIZES,
    name="every element of the one window is under a tap",
    beyond=CVC5,
)
gap = Theorem(
    ~((j * s1 <= k1) & (k1 < j * s1 + k1)),
    given=(k1 < s1,),
    where=(k1 >= 1, j >= 0),
    name="else element k₁ is under none",
    beyond={"sympy": "a product of two unknowns, which their order does not place"},
)
strides = Theorem(
    (r * s2 + j) * s1 == r * (s1 * s2) + j * s1, name="where the taps of the second pool begin"
)


def reads(tap: Term) -> Term:
    """Say that the second pool at r has the tap, inside the image, and that e is under it."""
    inside = (0 <= tap) & (tap < n)
    return inside & (abs(tap - r) <= p2) & (abs(e - tap) <= p1)


IMAGE = (0 <= e, e < n, 0 <= r, r < n, p1 >= 0, p2 >= 0)
padded = Theorem(
    iff(reads(clamp(e, r - p2, r + p2)), abs(e - r) <= p1 + p2)
    & implies(reads(u), abs(e - r) <= p1 + p2),
    where=IMAGE,
    name="stride 1 and 'same' padding",
)

claim = Claim(
    __name__,
    title="Max-pooling (k₁, s₁) then (k₂, s₂) is max-pooling (k₁ + (k₂ − 1)·s₁, s₁·s₂) iff s₁ ≤ k₁ "
    "or k₂ = 1.",
    holds="output by output, for kernel sizes k and strides s without padding and dilation, or "
    "stride 1 with 'same' padding; that both have as many outputs is not stated, and with "
    "ceil_mode they may not",
    why="Both read the same elements unless the first pool leaves some out between its windows.",
    source="the SPPF block of YOLOv5, which replaces He et al. 2015 (arXiv 1406.4729) by a cascade",
    generality="all kernels, strides and window positions, undilated, without padding; with 'same' "
    "padding for odd kernels and stride 1 and all image sizes",
    parts=(nothing_more, nothing_less, gap, strides, padded),
    expected=expect(PROVED, "integer"),
    mutants={
        "kernels add up": replace(
            nothing_more, conclusion=implies(under(j), (0 <= e) & (e < k1 + k2 - 1))
        ),
        "kernels multiply": replace(
            nothing_less, conclusion=implies((0 <= e) & (e < k1 * k2), under(covering))
        ),
        "element k₁ is under none whatever the stride": replace(gap, given=()),
        "strides add up": replace(strides, conclusion=(r * s2 + j) * s1 == r * (s1 + s2) + j * s1),
        "a tap outside the image": replace(
            padded, conclusion=iff(reads(e + p1), abs(e - r) <= p1 + p2)
        ),
    },
)
