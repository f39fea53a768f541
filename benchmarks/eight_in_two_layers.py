"""Search for the maximum of eight numbers as a sum of outer maxima, for the claim that has it.

    python -m benchmarks.eight_in_two_layers

needs scipy, the extra ``poolproof[search]``. A kind is all that an outer maximum M(p, q) becomes
when its letters name other numbers; p and q are sums of as many maxima of two numbers, three at
most. The sum of a kind is symmetric, so that in one order of the numbers it
is a linear function and multiples of absolute values, and the weights of the kinds solve linear
equations. A vertex of a linear program says which weights are not 0; in fractions they are solved
for again. What it prints is proved as ``max-of-eight-in-two-layers`` is.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from math import lcm
from typing import Any

import numpy

from proofs.networks import max_of_eight_in_two_layers as claimed
from proofs.networks.max_of_eight_in_two_layers import TAPS, summed

#: The pairs of a sum of maxima of two.
Pairs = tuple[tuple[int, int], ...]

LARGEST_SUM = 3


def main() -> None:
    """Search, and print weight and sums of every kind, and what the weights are over."""
    choice = list(kinds())
    weights = solve(choice)
    if weights is None:
        sys.exit("eight_in_two_layers: there is no such sum")
    denominator = lcm(*[weight.denominator for weight in weights.values()])
    claimed.DENOMINATOR = denominator
    found = [(int(weights[kind] * denominator), *kind) for kind in choice if kind in weights]
    print(claimed.identity(found))
    for kind in found:
        print(kind)
    print(f"over {denominator:,}; those of the claim: {found == list(claimed.KINDS)}")


def kinds() -> Iterator[tuple[str, str]]:
    """Yield outer maxima of sums without a common summand, and hardly any kind twice.

    Their letters are new ones in the order of the alphabet.
    """
    pairs = list(combinations(range(TAPS), 2))
    seen = set()
    for count in range(1, LARGEST_SUM + 1):
        sums = list(combinations_with_replacement(pairs, count))
        firsts: dict[Any, Pairs] = {}
        for left in sums:
            if _in_order(left, 0):
                firsts.setdefault(_signature(left, ()), left)
        for left in firsts.values():
            known = 1 + max(map(max, left))
            for right in sums:
                if _in_order(right, known) and not set(left) & set(right):
                    signature = _signature(left, right)
                    if signature not in seen:
                        seen.add(signature)
                        yield _written(left), _written(right)


def _in_order(pairs: Pairs, known: int) -> bool:
    """Say whether the places from ``known`` on come one after the other."""
    new = list(dict.fromkeys(place for pair in pairs for place in pair if place >= known))
    return new == list(range(known, known + len(new)))


def _signature(left: Pairs, right: Pairs) -> Any:
    """Return what is the same for two outer maxima of one kind, and for few others.

    Places are told apart by the pairs that they are in, and by those that their partners are in.
    """
    marks = {place: 0 for pair in left + right for place in pair}
    for _ in range(4):
        partners: dict[int, list[tuple[int, int]]] = {place: [] for place in marks}
        for side, pairs in enumerate((left, right)):
            for i, j in pairs:
                partners[i].append((side, marks[j]))
                partners[j].append((side, marks[i]))
        marks = {place: hash((marks[place], *sorted(partners[place]))) for place in marks}
    sides = [sorted([sorted((marks[i], marks[j])) for i, j in pairs]) for pairs in (left, right)]
    return str(sorted(sides))


def _written(pairs: Pairs) -> str:
    return "+".join("abcdefgh"[i] + "abcdefgh"[j] for i, j in pairs)


def solve(choice: list[tuple[str, str]]) -> dict[tuple[str, str], Fraction] | None:
    """Return weights with which the kinds add up to the maximum, or ``None`` if there are none."""
    optimize: Any = importlib.import_module("scipy.optimize")
    columns = [dict(enumerate(linear)) | bends for linear, bends in (summed(*k) for k in choice)]
    rows = sorted({key for column in columns for key in column}, key=str)
    exact = [[column.get(key, 0) for column in columns] for key in rows]
    # Twice the largest number, and nothing else.
    target = [2 * (key == 0) for key in rows]
    scale = numpy.abs(numpy.array(exact)).max(axis=0)
    matrix = numpy.array(exact) / scale
    result = optimize.linprog(
        numpy.ones(2 * len(choice)),
        A_eq=numpy.hstack([matrix, -matrix]),
        b_eq=target,
        method="highs-ds",
    )
    if result.x is None:
        return None
    sizes = result.x[: len(choice)] - result.x[len(choice) :]
    taken = [place for place, size in enumerate(sizes) if abs(size) > 1e-9]
    system = [
        [Fraction(row[place]) for place in taken] + [Fraction(value)]
        for row, value in zip(exact, target, strict=True)
    ]
    solution = _solution(system)
    return {choice[place]: weight for place, weight in zip(taken, solution, strict=True)}


def _solution(system: list[list[Fraction]]) -> list[Fraction]:
    """Return the one solution of linear equations, whose right sides come last in the rows."""
    unknowns = len(system[0]) - 1
    for column in range(unknowns):
        place = next(i for i in range(column, len(system)) if system[i][column])
        system[column], system[place] = system[place], system[column]
        pivot = [entry / system[column][column] for entry in system[column]]
        for i, row in enumerate(system):
            if factor := row[column]:
                system[i] = [x - factor * y for x, y in zip(row, pivot, strict=True)]
        system[column] = pivot
    if any(any(row) for row in system[unknowns:]):
        raise ArithmeticError("the vertex is no solution in fractions")
    return [row[-1] for row in system[:unknowns]]


if __name__ == "__main__":
    main()
