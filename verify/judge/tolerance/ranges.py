"""The range of a normal form, and how far noise in it may move it.

A form is a sum of products with maxima among the factors. Its largest value is the largest of its
members', each a sum in which every variable stands once, so that the range of max(t, m) written as
t + ReLU(m − t) is no wider than that of t and m.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product

from verify.judge.symbols.normal_form import Form, Monomial, NormalForms
from verify.judge.tolerance.rounding import ZERO, Interval

#: A form that is the maximum of more sums than this is bounded part by part.
MOST_MEMBERS = 512


class Ranges:
    """Ranges of forms over variables of known ranges."""

    def __init__(self, forms: NormalForms, variables: Mapping[int, Interval]) -> None:
        self.forms = forms
        #: The range of every variable, by its node.
        self.variables = variables
        self._noise: dict[int, Fraction] = {}
        self._atoms: dict[int, Interval | None] = {}

    def of(self, form: Form) -> Interval | None:
        """Return the range of a form, ``None`` if none is known."""
        found: Interval | None = None
        for member in self._members(form):
            inside = self._sum(member)
            if inside is None:
                return None
            found = inside if found is None else Interval(
                max(found.low, inside.low), max(found.high, inside.high)
            )  # fmt: skip
        return found

    def shift(self, form: Form, noise: Mapping[int, Fraction]) -> Fraction | None:
        """Return how far noise may move a form, ``None`` if that is not known.

        Args:
            form: The form of a value with noise added to nodes on the way.
            noise: The largest size of every noise, by its atom.
        """
        found = ZERO
        for member in self._members(form):
            moved = self._moved(member, noise)
            if moved is None:
                return None
            found = max(found, moved)
        return found

    def _moved(self, form: Form, noise: Mapping[int, Fraction]) -> Fraction | None:
        total = ZERO
        for monomial, coefficient in form:
            if len(monomial) == 1 and monomial[0][1] == 1 and monomial[0][0] in noise:
                total += abs(coefficient) * noise[monomial[0][0]]
            elif self.forms.is_maximum(monomial):
                each = [self._moved(member, noise) for member in self.forms.members(monomial)]
                known = [moved for moved in each if moved is not None]
                if len(known) < len(each):
                    return None
                total += abs(coefficient) * max(known)
            elif any(self._noisy(atom, noise) for atom, _ in monomial):
                return None
        return total

    def _noisy(self, atom: int, noise: Mapping[int, Fraction]) -> bool:
        """Say whether an atom may be moved: any but a variable of the input may."""
        return atom in noise or self.forms.key(atom)[0] != "variable"

    def _members(self, form: Form) -> Iterator[Form]:
        """Yield the sums whose maximum a form is, or the form itself where they are too many."""
        sizes = [len(self.forms.members(m)) for m, c in form if c > 0 and self.forms.is_maximum(m)]
        if sizes and math.prod(sizes) <= MOST_MEMBERS:
            yield from expanded(self.forms, form)
        else:
            yield form

    def _sum(self, form: Form) -> Interval | None:
        total = Interval(ZERO, ZERO)
        for monomial, coefficient in form:
            inside = self._product(monomial)
            if inside is None:
                return None
            total = total + inside.times(coefficient)
        return total

    def _product(self, monomial: Monomial) -> Interval | None:
        total = Interval(Fraction(1), Fraction(1))
        for atom, power in monomial:
            inside = self._atom(atom)
            if inside is None or power.denominator != 1 or power < 0:
                return None
            whole = inside
            for _ in range(int(power) - 1):
                whole = whole * inside
            if power % 2 == 0:
                whole = Interval(max(whole.low, ZERO), whole.high)
            total = total * whole
        return total

    def _atom(self, atom: int) -> Interval | None:
        if atom not in self._atoms:
            key = self.forms.key(atom)
            inside: Interval | None = None
            if key[0] == "variable":
                inside = self.variables.get(key[1])
            elif key[0] == "max":
                parts = [self._sum(member) for member in key[1]]
                known = [part for part in parts if part is not None]
                if len(known) == len(parts):
                    inside = Interval(max(p.low for p in known), max(p.high for p in known))
            self._atoms[atom] = inside
        return self._atoms[atom]


def expanded(forms: NormalForms, form: Form) -> Iterator[Form]:
    """Yield the sums whose maximum a form is; maxima with negative factors stay in them."""
    rest = [(m, c) for m, c in form if c < 0 or not forms.is_maximum(m)]
    sets = [(forms.members(m), c) for m, c in form if c > 0 and forms.is_maximum(m)]
    for chosen in product(*(members for members, _ in sets)):
        total = dict(rest)
        for part, (_, factor) in zip(chosen, sets, strict=True):
            for monomial, coefficient in part:
                total[monomial] = total.get(monomial, ZERO) + coefficient * factor
        yield tuple((m, c) for m, c in total.items() if c)
