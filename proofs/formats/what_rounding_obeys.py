"""What solvers are told of rounding, put about the elements of each format: eight axioms.

The number system ``binary`` stands for every binary format at once. Its rounding is known by these
axioms alone, so whoever believes what is proved in it believes them. They are the terms of
``proofs/systems/axioms.py``, with a + b for the sum that is rounded and c for any other float.
Coq has each of them for every precision and exponent range, by Flocq's definition of rounding; here
they are attacked as any claim is, and tried at all sums of three small formats.

No float is closer than the rounded one (``closest``); nor is half of a float, for a half that is
no float is subnormal, where sums are exact (``halves_are_no_closer``). A sum errs by at most
u/(1 + u) of itself (``within_u``), and by half an ulp of anything larger (``within_ulps``). Floats
within a factor of two of each other subtract exactly (``cancelling``). Rounding keeps the order
(``ordered``), and the double of a sum rounds to the double (``doubling``). Two floats differ by at
least u of either (``apart``).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import combinations_with_replacement, pairwise, product

from proofs.claim import EXHAUSTED, PROVED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.evaluate import evaluate
from proofs.kernel import kernel
from proofs.systems import FLOAT16, FLOATS, SYSTEMS
from proofs.systems import axioms as told
from proofs.systems.axioms import AXIOMS, Axiom, quantity
from proofs.systems.floats import FloatFormat
from proofs.terms import Term, finite, implies, in_range, ulp, unit_roundoff, value, variables

a, b, c, d = variables("a b c d")
FORMATS = ("binary", "saturating_binary", *FLOATS)
u = unit_roundoff()
x, r, z = value(a) + value(b), value(a + b), value(c)
y, q = value(c) + value(d), value(c + d)

#: What each axiom is about, of elements a to d.
ABOUT: dict[Axiom, tuple[Term, ...]] = {
    told.CLOSEST: (x, r, z),
    told.HALVES: (x, r, z),
    told.RELATIVE: (x, r, u),
    told.CANCELLING: (x, r, value(a), value(b)),
    told.ORDERED: (x, r, y, q),
    told.DOUBLED: (x, r, y, q),
    told.APART: (value(a), z, u),
    told.ULPS: (x, r, z, ulp(c)),
}


TOLD = "it is what solvers are told"
BEYOND = {
    **dict.fromkeys(("yices/binary", "yices/saturating_binary", "bitwuzla"), TOLD),
    **dict.fromkeys(
        ("z3", "cvc5"), "from the definition: seconds or no answer, where Yices has one"
    ),
}
MORE = {"exhaustive": "three variables and more"}


def stated(axiom: Axiom, about: tuple[Term, ...]) -> Theorem:
    """State an axiom of elements whose sums do not overflow."""
    rounded = ((r, a + b), (q, c + d))
    there = tuple(in_range(s) for result, s in rounded if any(one is result for one in about))
    by = kernel(
        axiom.name, "systems/binary_axioms.v", FORMATS,
        says="radix 2, any precision from 2 on, any least exponent, ties to even",
    )  # fmt: skip
    stated = Theorem(
        axiom.states(*about),
        where=there or (finite(a) & finite(c),),
        name=axiom.says,
        by=(by,),
        beyond=BEYOND,
    )
    if len(stated.variables) > 2:
        return replace(stated, beyond=BEYOND | MORE)
    return replace(stated, swept=FLOAT16)


def sums_of(one: FloatFormat) -> dict[Fraction, tuple[Fraction, Fraction]]:
    """Return each sum of two floats of a format, with two floats that it is the sum of."""
    floats = sorted(
        {Fraction(v) for v in map(one.from_bits, range(1 << one.bits)) if one.finite(v)}
    )
    pairs = combinations_with_replacement(floats, 2)
    return {s + t: (s, t) for s, t in pairs}


#: Exponent bits and precision of the formats that are small enough for all sums to be tried.
SMALL = ((2, 2), (2, 3), (3, 2))


def instances(axiom: Axiom, one: FloatFormat) -> Iterator[tuple[Fraction, ...]]:
    """Yield what an axiom is told of, at all sums of a format, rounded as if nothing overflowed."""
    sums = sums_of(one)
    floats = sorted({v for pair in sums.values() for v in pair})
    rounded = {s: one.unbounded(s) for s in sums}
    unit = one.exact_constant("unit_roundoff")
    for s in sums:
        what = (s, rounded[s])
        match axiom:
            case told.CLOSEST | told.HALVES:
                yield from ((*what, v) for v in floats)
            case told.RELATIVE:
                yield (*what, unit)
            case told.ULPS:
                yield from ((*what, v, one.ulp(v) or Fraction(0)) for v in floats)
            case told.DOUBLED:
                yield (*what, 2 * s, one.unbounded(2 * s))
    if axiom is told.ORDERED:
        ordered = sorted(sums)
        yield from ((s, rounded[s], t, rounded[t]) for s, t in pairwise(ordered))
    for s, t in product(floats, repeat=2) if axiom in (told.CANCELLING, told.APART) else ():
        exact = s + t
        yield (s, t, unit) if axiom is told.APART else (exact, one.unbounded(exact), s, t)


def tried(axiom: Axiom, states: Callable[..., Term]) -> str:
    """Try what ``states`` makes of an axiom's numbers at all sums of the small formats.

    Raises ``CheckFailedError`` at the first where it fails.
    """
    count, names = 0, [str(place) for place, _ in enumerate(ABOUT[axiom])]
    term = states(*map(quantity, names))
    for exponent_bits, precision in SMALL:
        for what in instances(axiom, FloatFormat("small", exponent_bits, precision)):
            count += 1
            if not evaluate(term, dict(zip(names, what, strict=True)), SYSTEMS["real"]):
                shown = ", ".join(map(str, what))
                raise CheckFailedError(f"not of {shown}, {precision} bits")
    return f"{count:,} instances in {len(SMALL)} formats"


def checked(axiom: Axiom, states: Callable[..., Term]) -> Check:
    """Return the trial at all sums of the small formats."""
    return Check(
        f"{axiom.says}, tried", "certificate", lambda: tried(axiom, states), EXHAUSTED,
        ("binary",), cross_check=True,
    )  # fmt: skip


CLOSEST, APART, WITHIN_ULPS = told.CLOSEST.states, told.APART.states, told.ULPS.states
#: A neighbour of each axiom that a solver must not be told.
FALSE: dict[str, tuple[Axiom, Callable[..., Term]]] = {
    "closer than any float": (told.CLOSEST, lambda x, r, z: implies(z <= x, r <= x)),
    "nor a third of one": (
        told.HALVES, lambda x, r, z: CLOSEST(3 * x, 3 * r, z)),
    "within half of u": (
        told.RELATIVE, lambda x, r, u: implies(0 <= x, r + u * r / 2 <= x + u * x)),
    "within a factor of three": (
        told.CANCELLING, lambda x, r, s, t: implies((-t <= 3 * s) & (s <= -3 * t), r == x)),
    "rounding is strictly monotone": (told.ORDERED, lambda x, r, y, q: implies(x < y, r < q)),
    "the double of a sum is exact": (
        told.DOUBLED, lambda x, r, y, q: implies(y == 2 * x, q == y)),
    "twice as far apart": (told.APART, lambda s, t, u: APART(s, t, 2 * u)),
    "a quarter of an ulp": (
        told.ULPS, lambda x, r, z, ulp_of_z: WITHIN_ULPS(x, r, z, ulp_of_z / 2)),
}  # fmt: skip

claim = Claim(
    __name__,
    title="The eight axioms of rounding that solvers are told hold in every binary float format.",
    holds="to nearest, ties to even, gradual underflow, two significant bits or more; of sums that "
    "do not overflow",
    why="A format's floats are the multiples of a power of two in each binade, and none is closer "
    "than the one that is chosen.",
    source="IEEE 754-2019; Boldo and Melquiond 2011, Flocq; Sterbenz 1974; Jeannerod and Rump 2018",
    generality="all floats of every precision and exponent range by Coq; all sums of three small "
    "formats; of axioms about two floats all pairs of 16 bits, of others samples, in each format",
    parts=(
        *(stated(axiom, ABOUT[axiom]) for axiom in AXIOMS),
        *(checked(axiom, axiom.states) for axiom in AXIOMS),
    ),
    expected=expect(PROVED, FLOATS, "binary"),
    mutants={name: checked(*neighbour) for name, neighbour in FALSE.items()},
)
