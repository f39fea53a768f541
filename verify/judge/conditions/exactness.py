"""How large the elements of a kind of window may be that none of its operations rounds or wraps.

Where every result is a whole multiple of a power of two, and small enough to be a number of the
format, nothing rounds, in whatever order sums are taken.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from math import floor, isfinite
from typing import Any

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat, floor_log2
from proofs.systems.integers import WrapAround
from verify.judge.conditions.formulas import ExactFormulas
from verify.judge.symbols.classes import Pattern, Vertex
from verify.judge.symbols.normal_form import NoNormalFormError, NormalForms, times
from verify.judge.symbols.terms import TRUTHS
from verify.judge.tolerance.ranges import Ranges
from verify.judge.tolerance.rounding import Interval


class Exactness:
    """One kind of window in one format, and where nothing rounds."""

    def __init__(
        self, kind: Pattern, system: FloatFormat, *, least: Fraction | None = None,
        held: Callable[[Fraction], bool] = lambda _: True,
    ) -> None:  # fmt: skip
        """Take a kind.

        Args:
            kind: The kind.
            system: The format.
            least: Of what all results are to be multiples, the tiniest number without it.
            held: Whether a known number is computed with as it stands.
        """
        self.kind, self.system = kind, system
        self.least = system.tiniest if least is None else least
        known = [w for node in kind.nodes for w in node.weights]
        known += [
            Fraction(node.value)
            for node in kind.nodes
            if isinstance(node.value, int | Fraction) and not isinstance(node.value, bool)
        ]
        #: Whether all known numbers are.
        self.held = all(map(held, known))

    @cached_property
    def formulas(self) -> ExactFormulas:
        """Both sides without any rounding."""
        return ExactFormulas(self.kind, SYSTEMS["real"])

    @cached_property
    def reach(self) -> Reach:
        """How far its nodes reach."""
        return Reach(self.kind)

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
        if not self.held:
            return False
        reach = self.reach.within(Interval(-element.size, element.size))
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
            if here is None or here.unit < self.least:
                return False
            most = self.system.greatest
            if not here.shifted:
                most = min(here.unit * (1 << self.system.precision), most)
            inside = reach[number]
            if inside is not None and self._is_one_addition(node):
                here = replace(here, size=min(here.size, inside.magnitude))
            if here.size > most:
                return False
            known.append(here)
        return True

    def _is_one_addition(self, node: Vertex) -> bool:
        """Say whether there is nothing on the way to a result but its arguments.

        Sums are added in some order, of which their value alone tells nothing, and what is added
        to a known number may be a convolution with a bias.
        """
        return (
            len(node.args) <= 2
            and all(abs(weight) == 1 for weight in node.weights)
            and all(self.kind.nodes[a].operator != "constant" for a in node.args)
        )


class Reach:
    """The ranges of the nodes of a kind over the reals, those of their normal forms."""

    def __init__(self, kind: Pattern) -> None:
        self.kind = kind
        self._normal = NormalForms()
        self._forms: list[Any] = []
        for number, node in enumerate(kind.nodes):
            args = [self._forms[a] for a in node.args]
            form = None
            if all(arg is not None for arg in args):
                with suppress(NoNormalFormError):
                    form = self._normal.formed(number, *_over_the_reals(node, args))
            self._forms.append(form)

    def within(self, elements: Interval) -> list[Interval | None]:
        """Return the range of every node if all elements are in one; ``None`` if it has none."""
        ranges = Ranges(self._normal, dict.fromkeys(self.kind.elements, elements))
        found: list[Interval | None] = []
        for node, form in zip(self.kind.nodes, self._forms, strict=True):
            is_number = isinstance(form, tuple) and not (form and isinstance(form[0], bool))
            inside = ranges.of(form) if is_number else None
            summed = self._summed(node, found)
            if inside is not None and summed is not None:
                inside = inside.meet(summed)
            found.append(inside)
        return found

    def _summed(self, node: Vertex, found: Sequence[Interval | None]) -> Interval | None:
        """Return the range of a sum by those of its summands, ``None`` of what is none."""
        weights = _WEIGHTS.get(node.operator, node.weights)
        if not weights:
            return None
        total = Interval(Fraction(0), Fraction(0))
        for weight, arg in zip(weights, node.args, strict=True):
            inside = found[arg]
            if inside is None:
                return None
            total += inside.times(weight)
        return total


#: Sums by other names.
_WEIGHTS = {
    "add": (Fraction(1), Fraction(1)), "sub": (Fraction(1), Fraction(-1)), "neg": (Fraction(-1),),
}  # fmt: skip


def _over_the_reals(node: Vertex, args: list[Any]) -> tuple[Vertex, list[Any]]:
    """Return a node by the operators that normal forms know, and the forms of its arguments."""
    if node.operator in _WEIGHTS:
        return Vertex("linear", node.args, _WEIGHTS[node.operator]), args
    if node.operator == "abs" and isinstance(args[0], tuple):
        return Vertex("max", node.args * 2), [args[0], times(args[0], Fraction(-1))]
    return node, args


#: Operators of integers that give what they give over the reals unless that is out of range.
_OF_INTEGERS = {
    "variable", "constant", "linear", "add", "sub", "mul", "neg", "max", "min", "select", "pick",
    "lt", "le", "eq", "not", "and", "or",
}  # fmt: skip


def integers_of(system: WrapAround) -> Interval:
    """Return the range of a format."""
    assert system.bits is not None
    half = 0 if system.name.startswith("uint") else 1 << (system.bits - 1)
    return Interval(Fraction(-half), Fraction((1 << system.bits) - half - 1))


def never_wraps(reach: Reach, elements: Interval, system: WrapAround) -> bool:
    """Say whether both sides compute what they do over the reals if all elements are in a range.

    A sum may wrap around on the way: what counts is that its value is in the format's range.
    """
    ends = integers_of(system)
    for node, inside in zip(reach.kind.nodes, reach.within(elements), strict=True):
        if node.operator not in _OF_INTEGERS or any(w.denominator != 1 for w in node.weights):
            return False
        if node.operator in TRUTHS or isinstance(node.value, bool):
            continue
        if inside is None or inside.low < ends.low or inside.high > ends.high:
            return False
    return True


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
        case "floor" | "round":
            (x,) = args
            whole = _Multiple(0, Fraction(floor(x.size) + 1))
            return x if x.place >= 0 else whole
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
