"""A normal form of networks of maxima: sums of maxima of affine functions.

Over the reals every term built from +, −, multiplication by constants, max, min, ReLU and | · | is

    affine + Σ cᵢ · max(Sᵢ),   each Sᵢ a finite set of affine functions.

max(f, g) of two such sums is brought there by taking out what the two have in common, so that
nothing is subtracted inside the maximum, and writing a sum of maxima as the maximum of the sums:
max(a, b) + max(c, d) = max(a + c, a + d, b + c, b + d). A fold by ReLUs, ReLU(t − m) + m, so
collapses to max(t, m) at once. Two terms with one normal form are equal; with two they may still
be, and only a solver knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

from proofs.terms import Term, expanded

#: An affine function: pairs (variable, coefficient) by name, the constant under the empty name.
Affine = tuple[tuple[str, Fraction], ...]
#: The affine functions of one maximum.
Maximum = frozenset[Affine]


#: Sets of affine functions larger than this are left to the solvers.
LARGEST = 2000


class NoNormalFormError(Exception):
    """A term has no normal form here: it is not piecewise linear, or too large."""


@dataclass(frozen=True)
class NormalForm:
    """The function affine + Σ c · max(S) over the ``maxima``, S → c."""

    affine: Affine = ()
    maxima: Mapping[Maximum, Fraction] = field(default_factory=dict)

    def __add__(self, other: NormalForm) -> NormalForm:
        maxima = dict(self.maxima)
        for members, factor in other.maxima.items():
            maxima[members] = maxima.get(members, Fraction(0)) + factor
        return NormalForm(_plus(self.affine, other.affine), _present(maxima))

    def times(self, factor: Fraction) -> NormalForm:
        """Return this function times a number."""
        maxima = {members: factor * c for members, c in self.maxima.items()}
        return NormalForm(_scaled(self.affine, factor), _present(maxima))

    def __neg__(self) -> NormalForm:
        return self.times(Fraction(-1))

    def __sub__(self, other: NormalForm) -> NormalForm:
        return self + -other

    def maximum(self, other: NormalForm) -> NormalForm:
        """Return max(self, other)."""
        zero = Fraction(0)
        common = {
            members: min(self.maxima.get(members, zero), other.maxima.get(members, zero))
            for members in (*self.maxima, *other.maxima)
        }
        shared = NormalForm((), _present(common))
        members = {*(self - shared)._members(), *(other - shared)._members()}
        return shared + _largest_of(members)

    def _members(self) -> Iterable[Affine]:
        """Return the affine functions whose maximum this function is; no factor is negative."""
        count = 1
        for members in self.maxima:
            count *= len(members)
        if count > LARGEST:
            raise NoNormalFormError(f"a maximum of {count} affine functions")
        scaled = [[_scaled(s, c) for s in members] for members, c in self.maxima.items()]
        for chosen in product(*scaled):
            total = self.affine
            for part in chosen:
                total = _plus(total, part)
            yield total


def _largest_of(members: set[Affine]) -> NormalForm:
    """Return the maximum of affine functions, written in the one way that is agreed on.

    The function that is least in a fixed order is taken out in front, and the scale is such that
    the first coefficient of the next one is 1 or −1. Both change alike in functions that differ
    by an affine function or a positive factor.
    """
    if len(members) > LARGEST:
        raise NoNormalFormError(f"a maximum of {len(members)} affine functions")
    least = min(members, key=_Order)
    relative = sorted((_plus(m, _scaled(least, Fraction(-1))) for m in members), key=_Order)
    if len(relative) == 1:
        return NormalForm(least)
    scale = abs(relative[1][0][1])
    canonical = frozenset(_scaled(m, 1 / scale) for m in relative)
    return NormalForm(least, {canonical: scale})


class _Order:
    """The order of affine functions by the first coefficient in which they differ."""

    def __init__(self, affine: Affine) -> None:
        self.affine = dict(affine)

    def __lt__(self, other: _Order) -> bool:
        for name in sorted({*self.affine, *other.affine}):
            mine, theirs = self.affine.get(name, 0), other.affine.get(name, 0)
            if mine != theirs:
                return mine < theirs
        return False


def _plus(x: Affine, y: Affine) -> Affine:
    if not x or not y:
        return x or y
    total = dict(x)
    for name, c in y:
        total[name] = total.get(name, Fraction(0)) + c
    return tuple(sorted((name, c) for name, c in total.items() if c))


def _scaled(x: Affine, factor: Fraction) -> Affine:
    if factor == 1:
        return x
    return tuple((name, factor * c) for name, c in x) if factor else ()


def _present(maxima: Mapping[Maximum, Fraction]) -> dict[Maximum, Fraction]:
    return {members: c for members, c in maxima.items() if c}


def normal_form(term: Term) -> NormalForm:
    """Return the normal form of a term over the reals.

    Raises:
        NoNormalFormError: The term is not piecewise linear, or its normal form too large.

    >>> from proofs.terms import relu, variables
    >>> a, b, c = variables("a b c")
    >>> normal_form(relu(c - (relu(a - b) + b)) + relu(a - b) + b) == normal_form(
    ...     a.maximum(b.maximum(c))
    ... )
    True
    """
    done: dict[Term, NormalForm] = {}

    def visit(node: Term) -> NormalForm:
        if node not in done:
            done[node] = _formed(node, visit)
        return done[node]

    return visit(term)


def _formed(node: Term, visit: Callable[[Term], NormalForm]) -> NormalForm:
    match node.operator, node.args:
        case "variable", _:
            return NormalForm(((str(node.leaf), Fraction(1)),))
        case "constant", _:
            assert isinstance(node.leaf, int | Fraction)
            return NormalForm((("", Fraction(node.leaf)),) if node.leaf else ())
        case "applied", _:
            return visit(expanded(node))
        case "add", (x, y):
            return visit(x) + visit(y)
        case "sub", (x, y):
            return visit(x) - visit(y)
        case "neg", (x,):
            return -visit(x)
        case "mul", (x, y):
            return _product(visit(x), visit(y))
        case "maximum", (x, y):
            return visit(x).maximum(visit(y))
        case "minimum", (x, y):
            return -(-visit(x)).maximum(-visit(y))
        case "relu", (x,):
            return visit(x).maximum(NormalForm())
        case "abs", (x,):
            inner = visit(x)
            return inner.maximum(-inner)
        case "half", (x,):
            return visit(x).times(Fraction(1, 2))
    raise NoNormalFormError(node.operator)


def _product(x: NormalForm, y: NormalForm) -> NormalForm:
    for known, other in ((x, y), (y, x)):
        if not known.maxima and [name for name, _ in known.affine] in ([], [""]):
            return other.times(known.affine[0][1] if known.affine else Fraction(0))
    raise NoNormalFormError("a product of two terms that both depend on the input")


def lattice_form(term: Term) -> Any:
    """Return a term with nested maxima and minima as sets, hashable.

    That max and min are associative, commutative and idempotent is all that is used, and they are
    so in every number system here, rounded, wrapped or with NaN. Terms of the same form are equal.

    >>> from proofs.terms import variables
    >>> a, b, c = variables("a b c")
    >>> lattice_form(a.maximum(b.maximum(c))) == lattice_form((c.maximum(a)).maximum(b.maximum(a)))
    True
    """
    done: dict[Term, Any] = {}

    def visit(node: Term) -> Any:
        if node not in done:
            parts = [visit(arg) for arg in node.args]
            if node.operator in ("maximum", "minimum"):
                members: set[Any] = set()
                for part in parts:
                    members |= part[1] if part[0] == node.operator else {part}
                only = next(iter(members))
                done[node] = (node.operator, frozenset(members)) if len(members) > 1 else only
            else:
                done[node] = (node.operator, node.leaf, *parts)
        return done[node]

    return visit(term)
