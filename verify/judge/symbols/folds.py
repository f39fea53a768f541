"""Graphs of the reals that are maxima, or minima, of the same elements, however they are folded.

ReLU(a − b) + b, ReLU(b − a) + a and (a + b + |a − b|) / 2 are max(a, b), and the same with signs
turned min(a, b). Each node is looked at once and nested extremes are gone through once, from the
end, so that a fold or a tree over 10,000 taps takes no more than its length.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction

from verify.judge.symbols.algebra import PARTIAL
from verify.judge.symbols.classes import Pattern, Vertex

#: Sums of more parts than this are not looked into.
_MOST = 4

#: A sum: atoms and their coefficients, none of which is 0.
_Sum = dict[int, Fraction]


def same_extremes(kind: Pattern) -> bool:
    """Say whether both ends are extremes of the same elements; ``False`` if it is not seen.

    Where some node is not defined everywhere nothing is seen.
    """
    if any(node.operator in PARTIAL for node in kind.nodes):
        return False
    if any(isinstance(node.value, float) for node in kind.nodes):
        return False
    return _Folds().alike(kind)


class _Folds:
    def __init__(self) -> None:
        self._numbers: dict[Hashable, int] = {}
        #: The atoms that are known values.
        self._known: set[int] = set()
        #: The extremes among the atoms: which, and of what two sums.
        self._extremes: dict[int, tuple[str, tuple[_Sum, ...]]] = {}

    def alike(self, kind: Pattern) -> bool:
        """Say whether both ends of a graph are extremes of the same."""
        sums: list[_Sum] = []
        for number, node in enumerate(kind.nodes):
            sums.append(self._read(number, node, [sums[a] for a in node.args]))
        left, right = sums[kind.left], sums[kind.right]
        for operator in ("max", "min"):
            if self._elements(left, operator) == self._elements(right, operator):
                return True
        return False

    def _atom(self, key: Hashable) -> int:
        return self._numbers.setdefault(key, len(self._numbers))

    def _size(self, part: _Sum) -> int:
        """Return of how many atoms a sum is made, numbers not counted."""
        return len(part.keys() - self._known)

    def _read(self, number: int, node: Vertex, args: Sequence[_Sum]) -> _Sum:
        """Return a node as a sum of atoms: of itself, if there is no more to be said."""
        if node.operator == "linear":
            total: _Sum = {}
            for part, weight in zip(args, node.weights, strict=True):
                for atom, coefficient in part.items():
                    total[atom] = total.get(atom, Fraction(0)) + weight * coefficient
            total = {atom: c for atom, c in total.items() if c}
            if len(total) <= _MOST:
                return self._distributed(total)
        if node.operator == "constant" and node.value == 0 and not isinstance(node.value, bool):
            return {}
        if node.operator in ("max", "min"):
            return self._extreme(node.operator, args)
        if node.operator == "constant":
            known = self._atom(repr(node.value))
            self._known.add(known)
            return {known: Fraction(1)}
        own = number if node.operator == "variable" else None
        written = tuple(tuple(sorted(part.items())) for part in args)
        return {self._atom((node.operator, written, node.weights, node.data, own)): Fraction(1)}

    def _extreme(self, operator: str, parts: Sequence[_Sum]) -> _Sum:
        written = frozenset(tuple(sorted(part.items())) for part in parts)
        if len(written) == 1:
            return parts[0]
        atom = self._atom((operator, written))
        self._extremes[atom] = operator, tuple(parts)
        return {atom: Fraction(1)}

    def _distributed(self, total: _Sum) -> _Sum:
        """Return c · max(p, q) + r as max(c · p + r, c · q + r), if something cancels there."""
        for atom, factor in total.items():
            operator, parts = self._extremes.get(atom, ("", ()))
            if len(parts) != 2 or (len(total) == 1 and factor == 1):
                continue
            rest = {a: c for a, c in total.items() if a != atom}
            ends = []
            for part in parts:
                end = dict(rest)
                for a, c in part.items():
                    end[a] = end.get(a, Fraction(0)) + factor * c
                ends.append({a: c for a, c in end.items() if c})
            single = all(list(end.values()) == [1] for end in ends)
            cancels = sum(map(self._size, ends)) < sum(map(self._size, (*parts, rest)))
            if cancels if rest else single:
                other = {"max": "min", "min": "max"}[operator]
                return self._extreme(operator if factor > 0 else other, ends)
        return total

    def _elements(self, end: _Sum, operator: str) -> frozenset[Hashable]:
        """Return what an end is an extreme of; itself, if it is none."""
        found: set[Hashable] = set()
        seen: set[int] = set()
        waiting = [end]
        while waiting:
            part = waiting.pop()
            (atom, *more) = part or (None,)
            if more or atom is None or part[atom] != 1:
                found.add(tuple(sorted(part.items())))
                continue
            if atom in seen:
                continue
            seen.add(atom)
            which, parts = self._extremes.get(atom, ("", ()))
            if which == operator:
                waiting.extend(parts)
            else:
                found.add(atom)
        return frozenset(found)
