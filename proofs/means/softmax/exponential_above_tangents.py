"""All that the claims of this folder know of the exponential: it lies above its tangent at 0.

f(u) = exp(u) − 1 − u has f(0) = 0 and f′(0) = 0, and f″ = exp is positive; so f is convex, 0 is its
minimum, and exp(u) ≥ 1 + u. Other tangents follow by exp(u + v) = exp(u)·exp(v). In logarithms,
with e = exp(u): e ≥ 1 + log e for every positive e.

Solvers decide no exponentials. Claims that need them give each one a variable and take instances of
this one inequality as their premises.
"""

from collections.abc import Callable
from typing import Any

from proofs.claim import PROVED, Check, CheckFailedError, Claim, expect


def above(line: Callable[[Any], Any]) -> str:
    """Show by SymPy that exp(u) − line(u) is convex with a minimum of 0 at 0."""
    import sympy

    u = sympy.Symbol("u", real=True)
    gap = sympy.exp(u) - line(u)
    slope = sympy.diff(gap, u)
    if gap.subs(u, 0) != 0 or slope.subs(u, 0) != 0:
        raise CheckFailedError(f"{gap} is {gap.subs(u, 0)} at 0, with slope {slope.subs(u, 0)}")
    if not sympy.diff(slope, u).is_positive:
        raise CheckFailedError(f"{gap} is not seen to be convex")
    return "exp(u) − 1 − u is convex, and 0 with slope 0 at 0"


def lies_above(line: Callable[[Any], Any], name: str = "") -> Check:
    """Return the check that the exponential lies above ``line`` and touches it at 0."""
    return Check(name, "sympy", lambda: above(line), PROVED, ("real",))


#: For the claims that rest on it.
tangent = lies_above(lambda u: 1 + u, "exp(u) ≥ 1 + u")

claim = Claim(
    __name__,
    title="The exponential lies above its tangent at 0: exp(u) ≥ 1 + u for every real u.",
    why="Its second derivative is positive.",
    source="Bernoulli's inequality in the limit; a standard fact, here the one premise about "
    "exponentials",
    generality="all real u",
    parts=(tangent,),
    expected=expect(PROVED, "real"),
    mutants={
        "a steeper line": lies_above(lambda u: 1 + 2 * u),
        "a higher line": lies_above(lambda u: 2 + u),
        "the parabola above it": lies_above(lambda u: 1 + u + u**2 / 2 + u**3),
    },
)
