"""Merging in pairs: a tree of ⌈log₂ n⌉ hidden layers, and how wide each of them is.

A layer takes v values to the maxima of ⌊v/2⌋ pairs, of three neurons each, and passes on by two
neurons what is left over where v is odd. So it has ⌈3v/2⌉ neurons and leaves ⌈v/2⌉ values. Where no
value is negative a pair takes two neurons and what is left over one: v neurons in all.

After k layers ⌈n/2ᵏ⌉ values are left, by induction over k. As ⌈v/2⌉ ≤ m iff v ≤ 2m, that is one
value as soon as n ≤ 2ᵏ, after ⌈log₂ n⌉ layers. All of this is proved for every n.

That ``pooling.networks.tree`` builds this network is read off it weight by weight, for n up to a
bound: it is a layer of pairs in front of the tree for ⌈n/2⌉. So it is the maximum, because a pair
is and maxima may be merged in any order (``max-pool-is-tree``).

With integer weights fewer layers do not suffice: Haase, Hertrich, Loho 2023 (arXiv 2302.12553),
cited and not proved here. With a weight of ½ they do: ``max-of-five-in-two-layers``.
"""

from functools import reduce
from typing import TypeVar

from pooling.networks import Affine, Network, tree
from proofs.claim import PROVED_BOUNDED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.networks.max_of_five_in_two_layers import on_cones
from proofs.systems import EXACT
from proofs.terms import Term, applied, iff, variables

Count = TypeVar("Count", int, Term)

a, b = variables("a b")
n, q, v, m = variables("n q v m")
#: Trees of up to this many numbers are read: those of windows of up to 5 × 5.
LARGEST = 25


def left(values: Count) -> Count:
    """Return how many values a layer leaves: ⌈v/2⌉."""
    return (values + 1) // 2


def width(values: Count) -> Count:
    """Return how many neurons a layer needs for values of any sign: ⌈3v/2⌉."""
    return (3 * values + 1) // 2


def network_of_two(*taps: Term) -> Term:
    """Return what the network of one hidden layer puts out."""
    output: Term = tree(2)(taps)[0]
    return output


def pairs(taps: int, non_negative: bool) -> Network:
    """Return one hidden layer that takes numbers to the maxima of pairs, an odd one to itself."""
    signs = [1] if non_negative else [1, -1]
    carry = Network((Affine.linear([[sign] for sign in signs]), Affine.linear([signs])))
    return reduce(Network.beside, [tree(2, non_negative)] * (taps // 2) + [carry] * (taps % 2))


def trees(layer: int = 2) -> str:
    """Check that every tree is pairs in front of a smaller tree, and as deep and wide as is said.

    Raises ``CheckFailedError`` if one is not. A layer merges ``layer`` values into one.
    """
    for non_negative in (False, True):
        on_cones(tree(2, non_negative), non_negative)
        found = {taps: tree(taps, non_negative) for taps in range(1, LARGEST + 1)}
        for taps in range(2, LARGEST + 1):
            network, smaller = found[taps], found[left(taps)]
            if network != smaller.after(pairs(taps, non_negative)):
                raise CheckFailedError(f"the tree of {taps} is no tree behind pairs")
            first = taps if non_negative else width(taps)
            if network.widths != (first, *smaller.widths):
                raise CheckFailedError(f"the tree of {taps} has layers of {network.widths}")
            if not layer ** (network.depth - 1) < taps <= layer**network.depth:
                raise CheckFailedError(f"the tree of {taps} has {network.depth} layers")
    if tree(1).depth:
        raise CheckFailedError("the maximum of one number needs no layer")
    return f"1 to {LARGEST} numbers, of any sign and ≥ 0; of 9: {tree(9).widths}"


def read(layer: int = 2) -> Check:
    """Return the check of the trees."""
    return Check(
        "the networks",
        "certificate",
        lambda: trees(layer),
        PROVED_BOUNDED,
        EXACT,
        f"up to {LARGEST} numbers",
    )


def arithmetic(name: str, conclusion: Term, domain: tuple[Term, ...] = ()) -> Theorem:
    """State something of whole numbers."""
    return Theorem(conclusion, where=domain, name=name, judged_in="integer")


def rounded_up(quotient: Term, whole: Term, divisor: Term) -> Term:
    """Say that ``quotient`` is ⌈whole/divisor⌉."""
    return (divisor * (quotient - 1) < whole) & (whole <= divisor * quotient)


def halved(values: Term) -> Theorem:
    """Say that from ⌈n/q⌉ values a layer leaves ``values``, if that is ⌈n/2q⌉."""
    return Theorem(
        rounded_up(values, n, 2 * q),
        (rounded_up(v, n, q),),
        where=(q >= 1,),
        name="after k layers there are ⌈n/2ᵏ⌉ values",
        judged_in="integer",
        beyond={"cvc5": "products of unknowns: it gives up, Z3 proves it at once"},
    )


claim = Claim(
    __name__,
    title="Merging n numbers in pairs takes ⌈log₂ n⌉ hidden layers to their maximum, of ⌈3v/2⌉ "
    "neurons where v values are left.",
    holds="v neurons if no number is negative; depth and widths for any n, the networks read up to "
    "25 numbers",
    why="A layer halves the number of values: three neurons for two of them, two or one for what "
    "is left over.",
    source="Arora et al. 2018 (arXiv 1611.01491)",
    generality=f"depth and widths: any n; that the networks are built like this: n ≤ {LARGEST}",
    parts=(
        arithmetic("n values are one after k layers iff n ≤ 2ᵏ", iff(left(v) <= m, v <= 2 * m)),
        halved(left(v)),
        arithmetic("neurons", 3 * (v // 2) + 2 * (v - 2 * (v // 2)) == width(v)),
        arithmetic("neurons for inputs ≥ 0", 2 * (v // 2) + (v - 2 * (v // 2)) == v),
        Theorem(applied(network_of_two, a, b) == a.maximum(b), name="two in one layer"),
        read(),
    ),
    expected=expect(PROVED_BOUNDED, EXACT),
    mutants={
        "a layer leaves ⌊v/2⌋ values": halved(v // 2),
        "three neurons for every pair and no more": arithmetic("", 3 * (v // 2) == width(v)),
        "layers that merge three values": read(layer=3),
    },
)
