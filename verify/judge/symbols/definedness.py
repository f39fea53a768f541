"""Where terms over the reals are defined: division by 0, logarithms and roots of negative numbers.

Equal normal forms are equal wherever both are defined, and solvers give x / 0 some value. A module
that divides by 0 somewhere, or adds a logarithm and takes it off again, is another function than
one that does not. So with each proof goes this one: both sides are defined in the same places.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from fractions import Fraction
from typing import Any

from verify.judge.symbols.algebra import PARTIAL
from verify.judge.symbols.classes import Vertex
from verify.judge.symbols.normal_form import NormalForms, times

#: A requirement: the guards it stands under, and what must not be 0, or be positive, or the like.
Requirement = tuple[frozenset[Hashable], str, Hashable]
#: Nodes with more requirements are left to solvers.
MOST = 400


def needed(node: Vertex) -> str | None:
    """Return what the argument of a partial operator must be; ``None`` if anything will do.

    Of a quotient the argument is the denominator.
    """
    if node.operator == "div":
        return "other than 0"
    if node.operator == "log":
        return "positive"
    if node.operator == "sqrt":
        return "not negative"
    if node.operator == "power":
        exponent: Any = node.data
        if exponent.denominator == 1:
            return "other than 0" if exponent < 0 else None
        return "positive" if exponent < 0 else "not negative"
    return None


class Requirements:
    """What every node of a graph requires to be defined, by the normal forms of its nodes."""

    def __init__(self, nodes: Sequence[Vertex], forms: Sequence[Any], normal: NormalForms) -> None:
        self.nodes = nodes
        self.forms = forms
        self.normal = normal
        #: What is known already of a node: a layer may divide by one sum thousands of times.
        self._sure: dict[tuple[str, int], bool] = {}

    def of(self, *ends: int) -> list[frozenset[Requirement] | None]:
        """Return the requirements of nodes, ``None`` where there are too many."""
        if not any(node.operator in PARTIAL for node in self.nodes):
            return [frozenset()] * len(ends)
        found: list[frozenset[Requirement] | None] = []
        for number, node in enumerate(self.nodes):
            found.append(self._of(number, node, found))
        return [found[end] for end in ends]

    def _of(
        self, number: int, node: Vertex, found: Sequence[frozenset[Requirement] | None]
    ) -> frozenset[Requirement] | None:
        every: set[Requirement] = set()
        for place, arg in enumerate(node.args):
            inner = found[arg]
            if inner is None:
                return None
            guard = None
            if node.operator == "select" and place > 0:
                guard = self._guard(node.args[0], holds=place == 1)
            for guards, what, of in inner:
                if guard is not None and (guards or not _excludes(guard, what, of)):
                    every.add((guards | {guard}, what, of))
                elif guard is None:
                    every.add((guards, what, of))
        required = self.open(node)
        if required is not None:
            every.add((frozenset(), required[0], self._key(required[0], node.args[required[1]])))
        return frozenset(every) if len(every) <= MOST else None

    def open(self, node: Vertex) -> tuple[str, int] | None:
        """Return what a node requires of which of its arguments, unless that is surely so."""
        what = needed(node)
        place = 1 if node.operator == "div" else 0
        if what is None:
            return None
        asked = what, node.args[place]
        if asked not in self._sure:
            self._sure[asked] = self._surely(*asked)
        return None if self._sure[asked] else (what, place)

    def _key(self, what: str, arg: int) -> Hashable:
        form = self.forms[arg]
        if form is None:
            return ("node", arg)
        if what == "other than 0" and form and form[0][1] < 0:
            form = times(form, Fraction(-1))
        return self.normal.primitive(form)

    def _surely(self, what: str, arg: int) -> bool:
        form = self.forms[arg]
        if form is None:
            return False
        signs = self.normal.sign(form), self.normal.sign(times(form, Fraction(-1)))
        if what == "other than 0":
            return 1 in signs
        return signs[0] == 1 if what == "positive" else signs[0] is not None

    def _guard(self, condition: int, *, holds: bool) -> Hashable:
        form = self.forms[condition]
        if form is None:
            return ("node", condition, holds)
        true, key = form
        return (true == holds, key)


def _excludes(guard: Any, what: str, of: Any) -> bool:
    """Say whether a requirement is met wherever a guard holds."""
    if guard[0] == "node" or of[:1] == ("node",):
        return False
    holds, key = guard
    if what == "other than 0" and not holds and key[0] == "zero":
        return bool(key[1] in (of, times(of, Fraction(-1))))
    if not holds or key[0] != "positive":
        return False
    return bool(key[1] == of or (what == "other than 0" and key[1] == times(of, Fraction(-1))))
