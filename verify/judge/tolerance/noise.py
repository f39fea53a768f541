"""Errors that partly cancel: the normal form of a value with an unknown added wherever it rounds.

A network computes its exact function of the input and of the errors of its own roundings, each at
most so large. Its normal form in both, a maximum of sums, says which of them come together: in
m + ReLU(t − m) the error of m counts once, not twice.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from verify.judge.symbols.classes import Vertex
from verify.judge.symbols.normal_form import Form, NoNormalFormError, NormalForms, times
from verify.judge.tolerance.ranges import Ranges
from verify.judge.tolerance.rounding import ZERO

#: Graphs of more nodes, and forms of more members, are bounded node by node only.
MOST_NODES = 400
MOST_MEMBERS = 64


@dataclass(frozen=True)
class Passed:
    """A value v that passes through two ReLUs as weight · (ReLU(v) − ReLU(−v))."""

    weight: Fraction
    relu: int
    opposite: int
    #: The arguments of both.
    value: int
    negated: int


class Noise:
    """The forms of the nodes of one graph with their errors in them."""

    def __init__(self, normal: NormalForms, ranges: Ranges, nodes: Sequence[Vertex]) -> None:
        self.normal = normal
        self.ranges = ranges
        self.wanted = len(nodes) <= MOST_NODES
        #: The largest size of every error, by its atom.
        self.sizes: dict[int, Fraction] = {}
        self.forms: list[Any] = []
        #: How far known numbers may be from what is computed with, wherever they are used.
        self._known: dict[int, Fraction] = {}

    def error(
        self, number: int, node: Vertex, exact: Any, whole: Fraction, own: Fraction | None,
        passed: Sequence[Passed] = (),
    ) -> Fraction:  # fmt: skip
        """Return a bound on the error of a node, at most ``whole``.

        Args:
            number: The node's.
            node: The node, the next one.
            exact: Its normal form, without errors; ``None`` if it has none.
            whole: A bound on its error.
            own: A bound on what it adds to the errors of its arguments itself, where it is their
                sum or their extreme; ``None`` of any other node.
            passed: The values that pass through two ReLUs each, of a sum.
        """
        if not self.wanted:
            return whole
        if node.operator == "constant":
            self.forms.append(exact)
            self._known[number] = whole
            return whole
        form = None if own is None else self._with_errors(number, node, own, passed)
        if form is not None:
            moved = self.ranges.shift(form, self.sizes)
            if moved is not None:
                self.forms.append(form)
                return min(whole, moved)
        base = exact if exact is not None else self.normal.free(("node", number))
        self.forms.append(self._plus(base, ("whole", number), whole))
        return whole

    def skip(self) -> None:
        """Note that the next node is no number."""
        self.forms.append(None)

    def constant(self, form: Any) -> None:
        """Note that the next node is an infinity, which has no error."""
        self.forms.append(form)

    def _with_errors(
        self, number: int, node: Vertex, own: Fraction, passed: Sequence[Passed]
    ) -> Form | None:
        args = [self._used(a, (number, place)) for place, a in enumerate(node.args)]
        if any(arg is None for arg in args):
            return None
        try:
            made: Form = self.normal.formed(number, node, args)
        except NoNormalFormError:
            return None
        for one in passed:
            through = self._through(one)
            if through is not None:
                for arg, weight in ((one.relu, one.weight), (one.opposite, -one.weight)):
                    made = self.normal.added(made, times(self.forms[arg], -weight))
                made = self.normal.added(made, times(through, one.weight))
        members = sum(
            len(self.normal.members(m)) for m, _ in made if self.normal.is_maximum(m)
        )  # fmt: skip
        return None if members > MOST_MEMBERS else self._plus(made, ("own", number), own)

    def _through(self, one: Passed) -> Form | None:
        """Return ReLU(v) − ReLU(−v): v, and something between the errors of both.

        With v + α and −v + β computed it is v + γ, γ between α and −β: half their difference, and
        at most half their sum.
        """
        first, second = (self._used(n, one) for n in (one.value, one.negated))
        if first is None or second is None:
            return None
        apart = self.ranges.shift(self.normal.added(first, second), self.sizes)
        if apart is None:
            return None
        half = Fraction(1, 2)
        middle = self.normal.added(times(first, half), times(second, -half))
        return self._plus(middle, ("passed", one.value, one.negated), apart / 2)

    def _used(self, number: int, where: Hashable) -> Form | None:
        """Return the form of an argument: a known number is rounded anew wherever it is used."""
        form, off = self.forms[number], self._known.get(number, ZERO)
        return form if form is None or not off else self._plus(form, ("known", number, where), off)

    def _plus(self, form: Form, name: Hashable, size: Fraction) -> Form:
        if size == 0:
            return form
        unknown = self.normal.free(name)
        self.sizes[unknown[0][0][0][0]] = size
        return self.normal.added(form, unknown)
