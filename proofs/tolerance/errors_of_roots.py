"""How errors pass through a square root: in proportion, but for what is added near 0.

A root is steep near 0: an error E there becomes √E. But what is rounded on the way to a sum of
squares is a part of that sum, ρ times it, and the root halves such a part. Only what underflow
adds, α, is no part of it, and becomes √α. With s² off from r² by at most ρ·r² + α, s is between
g·r − h and r + (1 − g)·r + h, where g = √(1 − ρ) and h = √α.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, variables

r, s, g, h = variables("r s g h")
ROOTS = (r >= 0, s >= 0, g >= 0, g <= 1, h >= 0)


def rule(name: str, conclusion: Term, given: tuple[Term, ...]) -> Theorem:
    """State something of s, the root that is computed from s², where r is meant."""
    return Theorem(
        conclusion, given=given, where=ROOTS, name=name, systems=("real",),
        beyond={"cvc5": "squares of unknowns: minutes, Z3 takes a fraction of a second"},
    )  # fmt: skip


proportional = rule(
    "an error in proportion", abs(s - r) <= (1 - g) * r + h,
    (abs(s * s - r * r) <= (1 - g * g) * r * r + h * h,),
)  # fmt: skip
plain = rule("any error", abs(s - r) <= h, (abs(s * s - r * r) <= h * h,))
away = rule("away from 0", abs(s - r) * (s + r) <= h * h, (abs(s * s - r * r) <= h * h,))

claim = Claim(
    __name__,
    title="Errors in proportion pass a square root in proportion, others as their root at most.",
    holds="ρ at most 1; before the root itself is rounded",
    why="√((1 − ρ)·r² − α) is at least √(1 − ρ)·r − √α, and √((1 + ρ)·r² + α) no further away.",
    source="Higham, Accuracy and Stability of Numerical Algorithms, section 3.1",
    generality="all values and errors",
    parts=(proportional, plain, away),
    expected=expect(PROVED, "real"),
    mutants={
        "what is added passes as it is": replace(
            proportional, conclusion=abs(s - r) <= (1 - g) * r + h * h
        ),
        "what is added costs nothing": replace(proportional, conclusion=abs(s - r) <= (1 - g) * r),
        "any error is halved": replace(plain, conclusion=2 * abs(s - r) <= h),
        "away from 0 it is divided by twice the root": replace(
            away, conclusion=abs(s - r) * 2 * r <= h * h
        ),
    },
)
