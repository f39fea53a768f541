"""Search for the maximum of six numbers as a sum of outer maxima, as ``pooling.two_layers`` has it.

    python -m benchmarks.two_layers

needs scipy, the extra ``poolproof[search]``. Tried are all outer maxima M(p, q) of two sums p, q of
two maxima of two numbers each. They come in kinds, by exchanging a, b, c with each other, and
d, e, f. In every order of the numbers a kind is a linear function and multiples of absolute values,
as in the claim ``max-of-six-in-two-layers``: the weights of the kinds solve linear equations, and
integer programming picks those with the fewest outer maxima. What it prints is exact, and proved.
"""

from __future__ import annotations

import importlib
import sys
from collections import defaultdict
from fractions import Fraction
from itertools import accumulate, combinations, combinations_with_replacement
from typing import Any

import numpy

from pooling.two_layers import Outer, Pairs, exchanged
from proofs.networks.max_of_six_in_two_layers import TAPS, identity, orders, primitive

#: All outer maxima that one is when numbers are exchanged.
Kind = list[tuple[Pairs, Pairs]]

SECONDS = 120
#: No weight is tried above this; a smaller bound makes a faster search.
LARGEST_WEIGHT = 1.0
#: No denominator of a weight is larger.
DENOMINATOR = 1000


def main() -> None:
    """Search, and print a line for every kind: its weight, how many they are, and one of them."""
    found = search(kinds())
    if found is None:
        sys.exit(f"two_layers: nothing found in {SECONDS} seconds")
    terms = [Outer(weight, *sums) for weight, kind in found for sums in kind]
    print(identity(terms))
    for weight, kind in found:
        left, right = (" + ".join("abcdef"[i] + "abcdef"[j] for i, j in s) for s in kind[0])
        print(f"{weight!s:>6}  {len(kind):>3}  M({left}, {right})")


def kinds() -> list[Kind]:
    """Return all kinds of outer maxima of two sums without a common summand."""
    sums = list(combinations_with_replacement(combinations(range(TAPS), 2), 2))
    seen: set[frozenset[Pairs]] = set()
    found = []
    for left, right in combinations(sums, 2):
        if set(left) & set(right) or frozenset((left, right)) in seen:
            continue
        kind = list(exchanged(left, right))
        seen |= set(map(frozenset, kind))
        found.append(kind)
    return found


def equations(kind: Kind) -> dict[tuple[int, Any], int]:
    """Return twice the sum of a kind in every order: its linear part by rank, and its bends."""
    found: defaultdict[tuple[int, Any], int] = defaultdict(int)
    for number, order in enumerate(orders()):
        rank = {tap: place for place, tap in enumerate(order)}
        for sums in kind:
            p, q = ([min(rank[i], rank[j]) for i, j in pairs] for pairs in sums)
            steps = list(accumulate([p.count(k) - q.count(k) for k in range(TAPS)]))
            if min(steps) < 0 < max(steps):
                form = [Fraction(p.count(k) - q.count(k)) for k in range(TAPS)]
                direction, size = primitive(form)
                found[number, direction] += int(size)
                larger = p + q
            else:
                larger = 2 * (q if min(steps) < 0 else p)
            for place in larger:
                found[number, place] += 1
    return found


def search(choice: list[Kind]) -> list[tuple[Fraction, Kind]] | None:
    """Return kinds and weights that add up to the maximum, with the fewest outer maxima found."""
    optimize: Any = importlib.import_module("scipy.optimize")
    columns = [equations(kind) for kind in choice]
    rows = sorted({key for column in columns for key in column}, key=repr)
    # The largest number, twice, in every order; everything else cancels.
    system = {tuple([c.get(key, 0) for c in columns] + [2 * (key[1] == 0)]) for key in rows}
    matrix = numpy.array(sorted(system))
    count = len(choice)
    # A weight is the difference of two numbers ≥ 0, which are 0 unless the kind is taken.
    weights = numpy.hstack([matrix[:, :-1], -matrix[:, :-1], 0 * matrix[:, :-1]])
    unit = numpy.eye(count)
    taken = numpy.hstack([unit, unit, -LARGEST_WEIGHT * unit])
    result = optimize.milp(
        numpy.concatenate([numpy.zeros(2 * count), [len(kind) for kind in choice]]),
        constraints=[
            optimize.LinearConstraint(weights, matrix[:, -1], matrix[:, -1]),
            optimize.LinearConstraint(taken, -numpy.inf, 0),
        ],
        integrality=numpy.repeat([0, 0, 1], count),
        bounds=optimize.Bounds(0, numpy.repeat([LARGEST_WEIGHT, LARGEST_WEIGHT, 1], count)),
        options={"time_limit": SECONDS},
    )
    if result.x is None:
        return None
    rounded = [
        Fraction(x - y).limit_denominator(DENOMINATOR)
        for x, y in zip(result.x[:count], result.x[count : 2 * count], strict=True)
    ]
    return [(weight, kind) for weight, kind in zip(rounded, choice, strict=True) if weight]


if __name__ == "__main__":
    main()
