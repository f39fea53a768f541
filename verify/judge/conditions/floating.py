"""Both sides of a kind of window in a float format.

Where both only choose among elements, their signs changed or not, no operation rounds. Numbers and
infinities of a format are in an order as the reals are, so what is proved of all reals holds there,
and what is proved of float32 in every format that is part of it, NaN included. Where operations may
round, several solvers are asked about the terms of the project, and where none rounds, about the
reals. Of sums whose order nobody promises there are no terms in a format: these are asked about
where they do not round, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import UnsupportedError
from proofs.terms import Term, conjunction, constant, variable
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.engines.smt import SmtEngine
from verify.judge.conditions.exactness import Exactness
from verify.judge.conditions.formulas import ExactFormulas, Formulas, Values
from verify.judge.conditions.given import plain, whole
from verify.judge.proving import asked, labelled, stated
from verify.judge.symbols.classes import Pattern
from verify.judge.tolerance.rounding import Rounding

if TYPE_CHECKING:
    from verify.judge.conditions.given import Admitted, Given


#: What rounds nothing.
_CHOOSING = {
    "variable", "constant", "max", "min", "neg", "abs", "select", "pick", "lt", "le", "eq",
    "not", "and", "or",
}  # fmt: skip
#: What NaN is asked about in the order of a format.
_WITH_NAN = "float32"


def float_formulas(kind: Pattern, system: FloatFormat, given: Admitted | None = None) -> Formulas:
    """Return both sides of a kind; raise ``UnsupportedError`` for what solvers cannot be asked."""
    if {node.operator for node in kind.nodes} <= _CHOOSING:
        return ExactFormulas(kind, SYSTEMS["real"], None if given is None else given.given)
    return FloatFormulas(kind, system, given)


#: Operators whose result is NaN wherever any of their arguments is.
_PASS_NAN = {"linear", "add", "sub", "mul", "div", "neg", "abs", "max", "min"}


def passes_nan(kind: Pattern) -> bool:
    """Say whether both sides are seen to be NaN wherever any element of a window is.

    No solver is asked: what a comparison may drop is not seen.
    """
    #: For each node the elements that make it NaN, whatever the others are.
    found: list[set[int]] = []
    for number, node in enumerate(kind.nodes):
        passed = set() if number not in kind.elements else {number}
        if node.operator in _PASS_NAN and all(node.weights):
            passed = passed.union(*(found[a] for a in node.args))
        found.append(passed)
    return found[kind.left] == found[kind.right] == set(kind.elements)


def same_at_nan(about: Formulas, system: FloatFormat, milliseconds: int) -> bool:
    """Say whether both sides are proved equal wherever an element that they read is NaN."""
    try:
        if not isinstance(about, FloatFormulas):
            wide = SYSTEMS[_WITH_NAN]
            assert isinstance(wide, FloatFormat)
            # Between two constants of a wider format there may be no number of this one.
            part = system.precision <= wide.precision and system.tiniest >= wide.tiniest
            about = FloatFormulas(about.kind, wide if part else system)
        return about.never_at_nan(milliseconds)
    except UnsupportedError:
        return False


class SummedFormulas(ExactFormulas):
    """Both sides of a kind over the reals, of which it is known where nothing rounds."""

    def __init__(
        self, kind: Pattern, system: FloatFormat, given: Given | None, read: Collection[Fraction]
    ) -> None:
        """Take a kind.

        Args:
            kind: The kind, read over the reals with all that rounds in it.
            system: The format.
            given: What holds of every element.
            read: The fractions that stand for other numbers of the module.
        """
        super().__init__(kind, SYSTEMS["real"], given)
        rounding = Rounding(system)
        self.exactness = Exactness(
            kind, system, least=rounding.normal if rounding.flushes else None,
            held=lambda number: number not in read and rounding.nearest(number) == number,
        )  # fmt: skip


class FloatFormulas(Formulas):
    """Both sides of a kind in a float format: of numbers and infinities, NaN left out."""

    def __init__(self, kind: Pattern, system: FloatFormat, given: Admitted | None = None) -> None:
        self.kind, self.system = kind, system
        statement = stated(kind, system, [None] * len(kind.nodes), None)
        if statement.abstract or statement.where:
            raise UnsupportedError(f"functions in {system.name}")
        self.left, self.right = statement.left, statement.right
        self.of = {n: variable(f"x{n}") for n in kind.elements}
        self.taps = self._read(kind.right) or [*kind.elements]
        self.given = [] if given is None else [
            premise for x in self.of.values() for premise in given.premises(x)
        ]  # fmt: skip

    def number(self, value: int | Fraction) -> Term:
        """Return a number of the format."""
        return constant(plain(Fraction(value)))

    def least(self, a: Term, b: Term) -> Term:
        """Return a ≤ b."""
        return a <= b

    def below(self, a: Term, b: Term) -> Term:
        """Return a < b."""
        return a < b

    def same(self, a: Term, b: Term) -> Term:
        """Return that both are the same number, or both NaN."""
        return a == b

    def whole(self, a: Term) -> Term:
        """Return that a number is whole."""
        return whole(a, self.system)

    def all(self, formulas: Sequence[Term]) -> Term:
        """Return that all hold."""
        return conjunction(tuple(formulas))

    def no(self, formula: Term) -> Term:
        """Return that a formula does not hold."""
        return ~formula

    def _larger(self, a: Term, b: Term) -> Term:
        return a.maximum(b)

    def _smaller(self, a: Term, b: Term) -> Term:
        return a.minimum(b)

    @cached_property
    def exactness(self) -> Exactness:
        """Where nothing rounds."""
        return Exactness(self.kind, self.system)

    @cached_property
    def over_the_reals(self) -> ExactFormulas:
        """Both sides without any rounding."""
        return self.exactness.formulas

    def never_at_nan(self, milliseconds: int) -> bool:
        """Say whether both sides are proved equal wherever an element that they read is NaN."""
        some = ~self.all([x <= x for x in self.of.values()])
        return self._asked([some, self.differ], milliseconds) is False

    def values(self, formulas: Sequence[Term], milliseconds: int) -> Values | Literal[False] | None:
        """Return values of the variables, none of them NaN, at which formulas hold."""
        return self._asked([*formulas, *(x <= x for x in self.of.values())], milliseconds)

    def _asked(self, formulas: Sequence[Term], milliseconds: int) -> Values | Literal[False] | None:
        """Ask the first solver that reads the format."""
        never = ~self.all([*self.given, *formulas])
        theorem = Theorem(labelled(never), bound="one kind of window")
        names = {f"x{node}": node for node in self.of}
        for engine in ENGINES.values():
            if not isinstance(engine, SmtEngine) or engine.missing() is not None:
                continue
            if not engine.supports(theorem, self.system):
                continue
            said, model = asked(engine, theorem, self.system, milliseconds / 1000)
            if said.verdict is Verdict.REFUTED:
                assert model is not None
                values: Values = dict.fromkeys(self.of, 0)
                values.update((names[name], float(value)) for name, value in model.items())
                return values
            return False if said.verdict.settles else None
        raise UnsupportedError(f"conditions in {self.system.name}: no solver here reads them")
