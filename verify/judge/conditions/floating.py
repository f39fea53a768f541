"""Both sides of a kind of window in a float format.

Where both only choose among elements, their signs changed or not, no operation rounds. Numbers and
infinities of a format are in an order as the reals are, so what is proved of all reals holds there,
and what is proved of float32 in every format that is part of it, NaN included. Where operations may
round, several solvers are asked about the terms of the project; and where every result is a whole
multiple of a power of two, and small enough to be a number of the format, none rounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Literal

from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat, floor_log2
from proofs.systems.number_system import UnsupportedError
from proofs.terms import Term, conjunction, constant, variable
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.engines.smt import SmtEngine
from verify.judge.conditions.formulas import ExactFormulas, Formulas, Values
from verify.judge.conditions.given import plain, whole
from verify.judge.proving import asked, labelled, stated
from verify.judge.symbols.classes import Pattern, Vertex

if TYPE_CHECKING:
    from verify.judge.conditions.given import Admitted


#: What rounds nothing.
_CHOOSING = {
    "variable", "constant", "max", "min", "neg", "abs", "select", "pick", "lt", "le", "eq",
    "not", "and", "or",
}  # fmt: skip
#: Milliseconds for how large a result can be.
_SHORT = 200
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
    def over_the_reals(self) -> ExactFormulas:
        """Both sides without any rounding."""
        return ExactFormulas(self.kind, SYSTEMS["real"])

    @cached_property
    def largest_whole(self) -> int:
        """Return up to which size no operation rounds or overflows if all elements are whole.

        0 if that is not known.
        """
        low, high = 0, (1 << self.system.precision) + 1
        while high - low > 1:
            middle = (low + high) // 2
            exact = self._exact(_Multiple(0, Fraction(middle)))
            low, high = (middle, high) if exact else (low, middle)
        return low

    @cached_property
    def widest(self) -> Fraction | None:
        """Return up to which size no operation rounds or overflows, the last number of a binade.

        ``None`` if that is not known. It is where elements are but multiplied by powers of two.
        """
        step = 2 - Fraction(2, 1 << self.system.precision)
        smallest = floor_log2(self.system.tiniest)
        low, high = 0, floor_log2(self.system.greatest) + 1
        while high - low > 1:
            middle = (low + high) // 2
            end = min(step * Fraction(2) ** middle, self.system.greatest)
            exact = self._exact(_Multiple(smallest, end, shifted=True))
            low, high = (middle, high) if exact else (low, middle)
        return min(step * Fraction(2) ** low, self.system.greatest) if low else None

    def _exact(self, element: _Multiple) -> bool:
        """Say whether every operation is exact if all elements are such multiples."""
        known: list[_Multiple] = []
        for number, node in enumerate(self.kind.nodes):
            if node.operator == "div":
                divisor = self.kind.nodes[node.args[1]].value
                if isinstance(divisor, int | Fraction) and divisor:
                    node = Vertex("linear", node.args[:1], (1 / Fraction(divisor),))
            if node.operator == "variable":
                known.append(element)
                continue
            here = _multiple(node, [known[a] for a in node.args])
            if here is None or here.unit < self.system.tiniest:
                return False
            most = self.system.greatest
            if not here.shifted:
                most = min(here.unit * (1 << self.system.precision), most)
            if here.size > most:
                # Sums are added in some order, of which their value alone tells nothing.
                if len(node.args) > 2 or not self._at_most(number, most, element):
                    return False
                here = replace(here, size=most)
            known.append(here)
        return True

    def _at_most(self, number: int, most: Fraction, element: _Multiple) -> bool:
        """Say whether Z3 proves that a node is no larger over the reals."""
        exact = self.over_the_reals
        ends = exact.number(-element.size), exact.number(element.size)
        inside = [
            exact.all([exact.least(ends[0], exact.of[x]), exact.least(exact.of[x], ends[1])])
            for x in self.kind.elements
        ]
        value = exact.of[number]
        within = [exact.least(exact.number(-most), value), exact.least(value, exact.number(most))]
        return exact.values([*inside, exact.no(exact.all(within))], _SHORT) is False

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


@dataclass(frozen=True)
class _Multiple:
    """A whole multiple of 2^place, up to a size.

    Attributes:
        place: The exponent.
        size: The largest magnitude.
        shifted: Whether it is a number of the format times a power of two, which has no more
            significant bits than that number.
    """

    place: int
    size: Fraction
    shifted: bool = False

    @property
    def unit(self) -> Fraction:
        """The power of two."""
        return Fraction(2) ** self.place

    def times(self, factor: Fraction) -> _Multiple | None:
        """Return a multiple by a number; ``None`` if that is no multiple of a power of two."""
        if not factor:
            return _TRUTH
        if factor.denominator & (factor.denominator - 1):
            return None
        odd, place = abs(factor.numerator), 1 - factor.denominator.bit_length()
        place += (odd & -odd).bit_length() - 1
        power = odd & (odd - 1) == 0
        return _Multiple(self.place + place, self.size * abs(factor), self.shifted and power)


#: Zero and one, and what tells them apart.
_TRUTH = _Multiple(0, Fraction(1), shifted=True)


def _multiple(node: Vertex, args: Sequence[_Multiple]) -> _Multiple | None:
    """Return what is known of a result, and of sums on the way, in whatever order it is made."""
    match node.operator:
        case "constant":
            value = node.value
            if isinstance(value, bool) or value is None:
                return _TRUTH
            found = _Multiple(0, Fraction(1)).times(Fraction(value)) if isfinite(value) else None
            return None if found is None else replace(found, shifted=True)
        case "linear":
            parts = [a.times(weight) for a, weight in zip(args, node.weights, strict=True)]
            known = [part for part in parts if part is not None]
            return _sum(known) if len(known) == len(parts) else None
        case "add" | "sub":
            return _sum(args)
        case "mul":
            for one, other in (args, args[::-1]):
                if one.size == one.unit:  # plus or minus a power of two, or zero
                    return other.times(one.size)
            return _Multiple(args[0].place + args[1].place, args[0].size * args[1].size)
        case "lt" | "le" | "eq" | "not" | "and" | "or":
            return _TRUTH
        case "select" | "max" | "min" | "neg" | "abs" | "pick":
            return _Multiple(
                min(a.place for a in args),
                max(a.size for a in args),
                all(a.shifted for a in args),
            )
    return None


def _sum(parts: Sequence[_Multiple]) -> _Multiple:
    if len(parts) == 1:
        return parts[0]
    return _Multiple(min(part.place for part in parts), sum((p.size for p in parts), Fraction(0)))
