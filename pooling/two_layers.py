"""The maximum of six numbers as a network of two hidden layers, where a tree takes three.

It is written as a sum of outer maxima, each of two sums that one hidden layer computes: sums of
maxima of two numbers. Apart from the other networks because it is wide, and a list of weights that
a search has found (``benchmarks/two_layers.py``) and no construction that goes on.

>>> network = six()
>>> network.depth, network.widths
(2, (22, 92))
>>> network([3, -1, 4, 1, -5, 9])
[Fraction(9, 1)]
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cache
from itertools import combinations, permutations, product
from typing import NamedTuple

from pooling.networks import Affine, Network

#: A sum of maxima of two: the places of the numbers of each.
Pairs = tuple[tuple[int, int], ...]


class Outer(NamedTuple):
    """A weight times the larger of two sums of maxima of two."""

    weight: Fraction
    left: Pairs
    right: Pairs


#: With numbers a to f at places 0 to 5, eighteen times the weight, and the two sums. Each stands
#: for all that it becomes when a, b, c are exchanged with each other, and d, e, f.
_SIX: tuple[tuple[int, Pairs, Pairs], ...] = (
    (4, ((0, 1),), ((3, 4),)),
    (1, ((0, 1), (2, 3)), ((0, 4), (0, 5))),
    (-1, ((0, 1), (2, 3)), ((0, 4), (1, 5))),
    (-1, ((0, 3), (0, 4)), ((1, 5), (2, 5))),
    (1, ((0, 3), (1, 3)), ((2, 4), (3, 5))),
    (-1, ((0, 3), (1, 4)), ((2, 5), (3, 4))),
)


def outer_maxima() -> tuple[Outer, ...]:
    """Return the outer maxima that add up to the maximum of six numbers.

    >>> terms = outer_maxima()
    >>> len(terms), sum(term.weight * len(term.left) for term in terms)
    (90, Fraction(1, 1))
    """
    return tuple(
        [
            Outer(Fraction(weight, 18), left, right)
            for weight, *sums in _SIX
            for left, right in exchanged(*sums)
        ]
    )


def exchanged(left: Pairs, right: Pairs) -> Iterator[tuple[Pairs, Pairs]]:
    """Yield the two sums with the first three numbers exchanged, and the others, each once."""
    found: dict[frozenset[Pairs], tuple[Pairs, Pairs]] = {}
    for low, high in product(permutations(range(3)), permutations(range(3, 6))):
        to = low + high
        sums = renamed(left, to), renamed(right, to)
        found.setdefault(frozenset(sums), sums)
    yield from found.values()


def renamed(pairs: Pairs, to: Sequence[int]) -> Pairs:
    """Return the sum with the number at place i moved to place ``to[i]``.

    >>> renamed(((0, 1), (0, 2)), to=(2, 1, 0))
    ((0, 2), (1, 2))
    """
    return tuple(sorted([(min(to[i], to[j]), max(to[i], to[j])) for i, j in pairs]))


def six(non_negative: bool = False) -> Network:
    """Return the maximum of six numbers in two hidden layers.

    The claim ``max-of-six-in-two-layers`` proves it. With integer weights it cannot be done (Haase,
    Hertrich, Loho 2023, arXiv 2302.12553); its weights are multiples of 1/18.

    Args:
        non_negative: As in :func:`pooling.networks.tree`: one neuron less.

    Source: that there is such a network is due to Rueß et al. 2026 (arXiv 2607.21651), the weights
    to a search of this project.

    >>> six(non_negative=True)([0, 2, 5, 1, 3, 4])
    [Fraction(5, 1)]
    """
    return _six(non_negative)


@cache
def _six(non_negative: bool) -> Network:
    return two_layers(6, outer_maxima(), non_negative)


def two_layers(taps: int, terms: Sequence[Outer], non_negative: bool = False) -> Network:
    """Return the network that adds up outer maxima of ``taps`` numbers, w·M(f, g) each.

    The first layer gives ReLU(xⱼ − xᵢ) for i < j, ReLU(x₀ − xᵢ), and x₀ by two neurons, or one if
    no input is negative. So xᵢ = x₀ + ReLU(xᵢ − x₀) − ReLU(x₀ − xᵢ), a maximum of two is
    xᵢ + ReLU(xⱼ − xᵢ), and f and g are sums of neurons. The second layer gives ReLU(f − g), as
    M(f, g) = ReLU(f − g) + g, and the sum of all w·g by two neurons.

    >>> pair = Outer(Fraction(1, 2), ((0, 1), (0, 1)), ((2, 3), (2, 3)))
    >>> two_layers(4, [pair])([1, 2, 5, 3])
    [5]
    """
    signs = [1] if non_negative else [1, -1]
    steps = list(combinations(range(taps), 2))
    first = [[(k == j) - (k == i) for k in range(taps)] for i, j in steps]
    first += [[(k == 0) - (k == i) for k in range(taps)] for i in range(1, taps)]
    first += [[sign * (k == 0) for k in range(taps)] for sign in signs]

    def larger(i: int, j: int) -> list[int]:
        """Return the maximum of two numbers, in terms of the neurons of the first layer."""
        up = [int(step in {(0, i), (i, j)}) for step in steps]
        return up + [-int(k == i) for k in range(1, taps)] + signs

    def total(pairs: Pairs) -> list[int]:
        return [sum(entries) for entries in zip(*[larger(i, j) for i, j in pairs], strict=True)]

    sums = [(total(term.left), total(term.right)) for term in terms]
    carried = [Fraction(0)] * len(first)
    for term, (_, right) in zip(terms, sums, strict=True):
        carried = [x + term.weight * y for x, y in zip(carried, right, strict=True)]
    second = [[Fraction(x - y) for x, y in zip(*both, strict=True)] for both in sums]
    second += [carried, [-x for x in carried]]
    last = [*[term.weight for term in terms], Fraction(1), Fraction(-1)]
    return Network((Affine.linear(first), Affine.linear(second), Affine.linear([last])))
