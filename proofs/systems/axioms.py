"""What solvers are told of rounding in binary formats: each axiom once, as a term.

The encoding of :mod:`proofs.systems.binary` asserts these of the numbers that occur in an
obligation. The very same terms, put about elements of a format, are the claim
``what-rounding-obeys``, which is attacked like any other, and each is a theorem of Coq of its name.
Apart from the encoder, so that what is believed can be read on one page.

In them x is an exact result and r the same rounded, s, t and z are floats of a format whose
exponent has no upper end. No |·| is written, for solvers split cases on each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from proofs.terms import Sort, Term, implies


@dataclass(frozen=True)
class Axiom:
    """Something that is true of rounding: the theorem of Coq that says it, and the term."""

    name: str
    says: str
    states: Callable[..., Term]


def quantity(name: str) -> Term:
    """Return a variable that stands for a real number."""
    return Term("variable", (), Sort.EXACT, name)


def _closest(x: Term, r: Term, z: Term) -> Term:
    return implies(z <= x, (z <= r) & (r <= 2 * x - z)) & implies(
        x <= z, (r <= z) & (2 * x - z <= r)
    )


def _half_is_no_closer(x: Term, r: Term, z: Term) -> Term:
    return _closest(2 * x, 2 * r, z)


def _relative(x: Term, r: Term, u: Term) -> Term:
    most, rounded = x + 2 * u * x, r + u * r
    return implies(0 <= x, (x <= rounded) & (rounded <= most)) & implies(
        x <= 0, (most <= rounded) & (rounded <= x)
    )


def _cancelling(x: Term, r: Term, s: Term, t: Term) -> Term:
    return implies((-t <= 2 * s) & (s <= -2 * t), r == x)


def _ordered(x: Term, r: Term, y: Term, q: Term) -> Term:
    return implies(x <= y, r <= q)


def _doubled(x: Term, r: Term, y: Term, q: Term) -> Term:
    return implies(y == 2 * x, q == 2 * r)


def _apart(s: Term, t: Term, u: Term) -> Term:
    gap = u * s
    return (s == t) | (t <= s - gap) | (s + gap <= t)


def _half_an_ulp(x: Term, r: Term, z: Term, ulp_of_z: Term) -> Term:
    inside = (-z <= x) & (x <= z)
    return implies(inside, (2 * (r - x) <= ulp_of_z) & (2 * (x - r) <= ulp_of_z))


#: Of every result: no float is closer, that is one which occurs, its negative, its double, 0, and
#: the ends of the range and their halves.
CLOSEST = Axiom("closest", "no float is closer", _closest)
#: Of sums and differences.
HALVES = Axiom("halves_are_no_closer", "nor half of one", _half_is_no_closer)
RELATIVE = Axiom("within_u", "a sum errs by at most u/(1 + u) of it", _relative)
CANCELLING = Axiom("cancelling", "floats within a factor of two subtract exactly", _cancelling)
ORDERED = Axiom("ordered", "rounding keeps the order", _ordered)
DOUBLED = Axiom("doubling", "the double of a sum rounds to its double", _doubled)
#: Of floats.
APART = Axiom("apart", "floats differ by at least u of either", _apart)
#: Of sums and the unit in the last place of a float.
ULPS = Axiom("within_ulps", "a sum errs by at most half an ulp of what is larger", _half_an_ulp)

AXIOMS = (CLOSEST, HALVES, RELATIVE, CANCELLING, ORDERED, DOUBLED, APART, ULPS)
