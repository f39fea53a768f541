"""Where a statement has a value at all: what must hold lest something be divided by 0.

A quotient by 0 is an error to whoever computes, and some number to solvers and to Coq, to which it
is a number like any other: they prove ``(a // b) * b <= a`` for all b ≥ 0. So beside what a theorem
says stands that none of its divisors is 0 wherever its premises hold.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from fractions import Fraction

from proofs.claim import Obligation, Theorem
from proofs.systems.number_system import NumberSystem
from proofs.terms import Sort, Term, expanded, free_variables, subterms

#: A number that is not exceeded from below, and whether it is not reached either.
Bound = tuple[Fraction, bool]
ZERO: Bound = (Fraction(0), False)


def divisors(theorem: Theorem, system: NumberSystem) -> Iterator[Obligation]:
    """Yield, for each divisor that may be 0, that it is not: by what is known where it divides.

    That is the premises before it, in their order, the condition of a choice it is made in, and the
    range of an index it is summed over. Whose sign these tell at sight is left out, and so are
    floats, which IEEE 754 divides by 0.
    """
    known: tuple[Term, ...] = ()
    for proposition in (*theorem.premises, theorem.conclusion):
        for known_there, divisor in _quotients(proposition, known, system):
            if not _Bounds(known_there, system).apart_from_0(divisor):
                yield Obligation(f"{divisor} is not 0", known_there, divisor != 0)
        known += (proposition,)


def _divides(node: Term, system: NumberSystem) -> bool:
    exact = node.sort is Sort.EXACT or system.exact
    return exact and node.operator in ("div", "floordiv")


def _quotients(
    term: Term, known: tuple[Term, ...], system: NumberSystem
) -> Iterator[tuple[tuple[Term, ...], Term]]:
    """Yield every divisor in ``term`` with what is known where it divides."""
    within: set[int] = set()
    for node in subterms(term):
        if _divides(node, system) or any(id(arg) in within for arg in node.args):
            within.add(id(node))
    left, seen = [(term, known)], set[tuple[int, frozenset[Hashable]]]()
    while left:
        node, known = left.pop()
        place = id(node), frozenset(map(_written, known))
        if id(node) not in within or place in seen:
            continue
        seen.add(place)
        if _divides(node, system):
            yield known, node.args[1]
        match node.operator, node.args:
            case "select", (condition, then, otherwise):
                left.append((condition, known))
                left += [(then, (*known, condition)), (otherwise, (*known, ~condition))]
            case "sum", (index, count, body):
                others = (one for one in known if index.leaf not in free_variables(one))
                left += [(count, known), (body, (*others, index >= 0, index < count))]
            case _, args:
                left += [(arg, known) for arg in args]


class _Bounds:
    """What premises of one relation each say of the least that a term can be."""

    def __init__(self, known: tuple[Term, ...], system: NumberSystem) -> None:
        self.system = system
        self.other_than_0: set[Hashable] = set()
        #: By what is bounded: the terms below it, and whether it exceeds them.
        self.above: dict[Hashable, list[tuple[Term, bool]]] = {}
        self.asked: set[Hashable] = set()
        left = list(known)
        while left:
            node = expanded(left.pop())
            match node.operator, node.args:
                case "and", both:
                    left += both
                case (("le" | "lt") as relation, (below, above)):
                    self._put(below, above, exceeded=relation == "lt")
                case "eq", (x, y) if x.sort is not Sort.PROPOSITION:
                    self._put(x, y, exceeded=False)
                    self._put(y, x, exceeded=False)
                case "ne", (x, y):
                    for one, other in ((x, y), (y, x)):
                        if expanded(other).operator == "constant" and expanded(other).leaf == 0:
                            self.other_than_0.add(_written(one))

    def _put(self, below: Term, above: Term, *, exceeded: bool) -> None:
        self.above.setdefault(_written(above), []).append((below, exceeded))

    def apart_from_0(self, term: Term) -> bool:
        """Say whether a term is seen not to be 0."""
        term = expanded(term)
        if term.operator == "constant":
            return term.leaf != 0
        least = self.least(term)
        return _written(term) in self.other_than_0 or (least is not None and least > ZERO)

    def least(self, term: Term) -> Bound | None:
        """Return the greatest bound that is seen at once, ``None`` if none is."""
        term = expanded(term)
        key = _written(term)
        if key in self.asked:  # what is above itself tells nothing
            return None
        self.asked.add(key)
        found = [self._by_form(term)]
        for below, exceeded in self.above.get(key, ()):
            bound = self.least(below)
            found.append(bound and (bound[0], bound[1] or exceeded))
        self.asked.discard(key)
        return max((bound for bound in found if bound is not None), default=None)

    def _by_form(self, term: Term) -> Bound | None:
        if term.operator == "constant":
            assert isinstance(term.leaf, int | Fraction)
            return Fraction(term.leaf), False
        if term.sort is not Sort.EXACT and not self.system.exact:
            return None
        if term.operator == "value" and self.system.exact:
            return self.least(term.args[0])
        if term.operator not in ("add", "mul", "div", "maximum", "minimum"):
            return None
        x, y = map(self.least, term.args)
        if term.operator == "maximum":
            return max((bound for bound in (x, y) if bound is not None), default=None)
        if x is None or y is None:
            return None
        match term.operator:
            case "minimum":
                return min(x, y)
            case "add":
                return x[0] + y[0], x[1] or y[1]
            case "mul" if min(x, y) >= ZERO:
                return x[0] * y[0], x[0] * y[0] == 0 and min(x, y) > ZERO
            case "div" if x >= ZERO and y > ZERO:
                return Fraction(0), x > ZERO
        return None


def _written(term: Term) -> Hashable:
    """Return a term as something that equals what is written for any term alike."""
    term = expanded(term)
    return term.operator, term.sort, term.leaf, tuple(map(_written, term.args))
