"""The maximum of six numbers takes two hidden layers, where a binary tree takes three.

With M for the maximum and ab for M(a, b), eighteen times M(a, b, c, d, e, f) is a sum of 90 outer
maxima. Each of the six here stands for all that it becomes when a, b, c are exchanged with each
other, and d, e, f:

4·M(ab, de) + M(ab + cd, ae + af) − M(ab + cd, ae + bf) − M(ad + ae, bf + cf)
+ M(ad + bd, ce + df) − M(ad + be, cf + de).

Let the six numbers be in some order. Then ab is a or b, so in every outer maximum M(p, q) both p
and q are linear, and M(p, q) = (p + q)/2 + |p − q|/2. Where p − q has one sign for all numbers in
that order, that is p or q. What is left are multiples of |p − q|: they are collected by p − q, up
to a factor, and those of every one of them add up to 0. The linear part is the largest number. The
sum is the same when a, b, c are exchanged, or d, e, f, so it is enough to see this in the orders
that differ in where a, b, c stand.

The network is this sum. A sum of ReLUs of linear functions is a linear function and multiples of
absolute values, and what its second layer takes in is so the same as p − q, neuron by neuron.

With integer weights three layers are needed: Haase, Hertrich, Loho 2023 (arXiv 2302.12553), cited
and not proved here. That two layers suffice for up to ten numbers is due to Rueß et al. 2026 (arXiv
2607.21651), cited as well; up to eight see ``max-of-eight-in-two-layers``. These weights were found
by ``benchmarks/two_layers.py``.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import accumulate, combinations
from math import gcd

from pooling.networks import Network
from pooling.two_layers import Outer, Pairs, outer_maxima, renamed, six
from proofs.claim import PROVED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.networks.max_of_five_in_two_layers import changed, without
from proofs.terms import relu, variables

TAPS = 6
#: Exchanges of neighbours among a, b, c and among d, e, f; all others are made of these.
EXCHANGES = ((0, 1), (1, 2), (3, 4), (4, 5))

#: The coefficients of a linear function.
Linear = tuple[Fraction, ...]


def same_when_exchanged(terms: Sequence[Outer]) -> None:
    """Check that exchanges of a, b, c and of d, e, f leave the sum as it is."""

    def counted(to: Sequence[int]) -> Counter[tuple[Fraction, frozenset[Pairs]]]:
        return Counter(
            [(w, frozenset([renamed(left, to), renamed(right, to)])) for w, left, right in terms]
        )

    places = range(TAPS)
    for first, second in EXCHANGES:
        swap = {first: second, second: first}
        if counted([swap.get(place, place) for place in places]) != counted(places):
            raise CheckFailedError(f"the sum is another when {first} and {second} are exchanged")


def orders() -> Iterator[list[int]]:
    """Yield one order for each set of places where a, b, c may stand, largest number first."""
    for low in combinations(range(TAPS), 3):
        high = [place for place in range(TAPS) if place not in low]
        ranks = [*low, *high]
        yield sorted(range(TAPS), key=ranks.__getitem__)


def is_largest(terms: Sequence[Outer], order: Sequence[int]) -> None:
    """Check that the sum is the largest number wherever the numbers are in this order.

    Coefficients are by rank: that of the largest number comes first.
    """
    rank = {tap: place for place, tap in enumerate(order)}

    def linear(pairs: Pairs) -> list[int]:
        found = [0] * TAPS
        for i, j in pairs:
            found[min(rank[i], rank[j])] += 1
        return found

    twice = [Fraction(0)] * TAPS
    bends: defaultdict[Linear, Fraction] = defaultdict(Fraction)
    for weight, left, right in terms:
        p, q = linear(left), linear(right)
        difference = tuple([x - y for x, y in zip(p, q, strict=True)])
        # The differences of neighbours are ≥ 0, and these are its coefficients in terms of them.
        *steps, surplus = accumulate(difference)
        if surplus:
            raise CheckFailedError(f"{left} and {right} take unlike numbers of taps")
        if min(steps) < 0 < max(steps):
            direction, size = primitive([Fraction(x) for x in difference])
            bends[direction] += weight * size
            larger = [x + y for x, y in zip(p, q, strict=True)]
        else:
            larger = [2 * x for x in (q if min(steps) < 0 else p)]
        twice = [x + weight * y for x, y in zip(twice, larger, strict=True)]
    left_over = {direction: size for direction, size in bends.items() if size}
    if left_over or twice != [2, *[0] * (TAPS - 1)]:
        raise CheckFailedError(
            f"in the order {tuple(order)} half of {tuple(map(str, twice))} and {len(left_over)} "
            "bends are left, not the largest number"
        )


def primitive(coefficients: Sequence[Fraction]) -> tuple[Linear, Fraction]:
    """Return a linear function up to a factor, and the absolute value of the factor.

    Its coefficients are whole and not all 0.
    """
    size = Fraction(gcd(*[x.numerator for x in coefficients]), 1)
    first = next(x for x in coefficients if x)
    size = size if first > 0 else -size
    return tuple([x / size for x in coefficients]), abs(size)


def identity(terms: Sequence[Outer]) -> str:
    """Prove that the outer maxima add up to the maximum of six.

    Raises ``CheckFailedError`` with the order in which they do not.
    """
    same_when_exchanged(terms)
    count = 0
    for order in orders():
        is_largest(terms, order)
        count += 1
    return f"{len(terms)} outer maxima, in {count} orders that stand for all"


def bent(
    forms: Sequence[tuple[Fraction, Linear]], non_negative: bool = False
) -> tuple[Linear, frozenset[tuple[Linear, Fraction]]]:
    """Return Σ w·(form + |form|) as a linear function and multiples of absolute values.

    What two sums come to is the same function if these are the same. With ``non_negative``, |xᵢ| is
    xᵢ.
    """
    linear = [Fraction(0)] * TAPS
    bends: defaultdict[Linear, Fraction] = defaultdict(Fraction)
    for weight, form in forms:
        if not any(form):
            continue
        direction, size = primitive(form)
        alone = non_negative and sum(map(bool, form)) == 1
        if not alone:
            bends[direction] += weight * size
        summands = [x + size * d if alone else x for x, d in zip(form, direction, strict=True)]
        linear = [x + weight * y for x, y in zip(linear, summands, strict=True)]
    return tuple(linear), frozenset([(d, size) for d, size in bends.items() if size])


def sums_bent(
    sums: Sequence[tuple[Fraction, Pairs]],
) -> tuple[Linear, frozenset[tuple[Linear, Fraction]]]:
    """Return twice a sum of maxima of two in the same form: 2·M(x, y) is x + y + |x − y|."""
    linear = [Fraction(0)] * TAPS
    bends: defaultdict[Linear, Fraction] = defaultdict(Fraction)
    for weight, pairs in sums:
        for i, j in pairs:
            linear[i] += weight
            linear[j] += weight
            first, second = sorted((i, j))
            bends[tuple([Fraction((k == first) - (k == second)) for k in range(TAPS)])] += weight
    return tuple(linear), frozenset([(d, size) for d, size in bends.items() if size])


def computes(network: Network, terms: Sequence[Outer], non_negative: bool = False) -> str:
    """Prove that the network adds up these outer maxima, w·M(p, q) as w·ReLU(p − q) and w·q.

    Raises ``CheckFailedError`` if what a neuron of its second layer takes in is anything else.
    """
    biased = any(any(layer.bias) for layer in network.layers)
    if network.inputs != TAPS or network.depth != 2 or biased:
        raise CheckFailedError("the network does not take six numbers through two layers unbiased")
    first, second, last = network.layers
    found = Counter(
        [
            (weight, bent(list(zip(row, first.weights, strict=True)), non_negative))
            for weight, row in zip(last.weights[0], second.weights, strict=True)
        ]
    )
    one = Fraction(1)
    expected = Counter([(w, sums_bent([(one, p), (-one, q)])) for w, p, q in terms])
    for sign in (one, -one):
        expected[sign, sums_bent([(sign * w, q) for w, _, q in terms])] += 1
    if found != expected:
        raise CheckFailedError(
            f"{(found - expected).total()} of {found.total()} neurons of the second layer are not "
            "those of the sum"
        )
    return f"{network.depth} layers of {network.widths}, neuron by neuron"


def adds_up(terms: Sequence[Outer]) -> Check:
    """Return the proof of the identity."""
    return Check("the identity", "certificate", lambda: identity(terms), PROVED, ("real",))


def is_the_sum(name: str, network: Network, non_negative: bool = False) -> Check:
    """Return the proof that a network is the left side of the identity."""
    return Check(
        name,
        "certificate",
        lambda: computes(network, outer_maxima(), non_negative),
        PROVED,
        ("real",),
    )


p, q = variables("p q")
TERMS = outer_maxima()

claim = Claim(
    __name__,
    title="A ReLU network with two hidden layers computes the maximum of six numbers.",
    why="Ninety maxima of two numbers each, of which either comes out of one hidden layer, add up "
    "to it: all kinks cancel that the maximum lacks.",
    source="that two layers suffice: Rueß et al. 2026 (arXiv 2607.21651); these weights were found "
    "by integer programming for this project",
    generality="all real inputs",
    parts=(
        Theorem(
            2 * p.maximum(q) == p + q + abs(p - q),
            name="a maximum is linear but for one absolute value",
        ),
        Theorem(2 * relu(p) == p + abs(p), name="and so is a ReLU"),
        adds_up(TERMS),
        is_the_sum("the network", six()),
        is_the_sum("the network for inputs ≥ 0", six(non_negative=True), non_negative=True),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "an outer maximum forgotten": adds_up(TERMS[:-1]),
        "a kind of them forgotten": adds_up(
            [term for term in TERMS if term.weight != TERMS[0].weight]
        ),
        "twice the weight of one kind": adds_up(
            [t._replace(weight=(1 + (t.weight > 0)) * t.weight) for t in TERMS]
        ),
        "a weight negated": is_the_sum("", changed(six())),
        "a neuron cut off": is_the_sum("", without(six(), 7)),
        "the network for inputs ≥ 0 on all inputs": is_the_sum("", six(non_negative=True)),
    },
)
