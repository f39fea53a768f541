"""A normal form over the reals: sums of products of atoms, maxima among them.

Every term becomes Σ c · Πᵢ aᵢ^pᵢ with rational c. Atoms are the variables; maxima of sets of such
sums; choices, quotients, places and functions of such sums, by what they are made of. A maximum is
written in one way: what its members have in common is taken out, so that a fold by ReLUs,
ReLU(t − m) + m, is max(t, m) at once, and max(a, b) + max(c, d) is the maximum of the four sums.
exp turns sums into products and log products into sums; a choice by the sign of its own difference
is a maximum. Two terms with one normal form are equal wherever both are defined; with two forms
they may still be, and only a solver knows.
"""

from __future__ import annotations

import math
import time
from collections.abc import Collection, Hashable, Iterable, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from verify.judge.symbols.classes import Vertex

#: A product of atoms: pairs (atom, power), by atom. The empty one is 1.
Monomial = tuple[tuple[int, Fraction], ...]
#: A sum: pairs (monomial, coefficient), in order, no coefficient is 0.
Form = tuple[tuple[Monomial, Fraction], ...]

ONE: Monomial = ()
_ONE: Form = ((ONE, Fraction(1)),)
_MAX = Vertex("max")
#: Maxima of sums of maxima, and products of sums, larger than this are left to the solvers.
LARGEST = 2000
#: Of up to so many sums it is seen which are never the largest.
MOST_COMPARED = 16


class NoNormalFormError(Exception):
    """A term has no normal form here; the message says why."""


class NormalForms:
    """The normal forms of the nodes of one graph, and the atoms that they share.

    Args:
        further: Whether to use two more laws, by which some forms are found equal that are not
            without them, and the other way round. A maximum of values of one rising function is
            the value of a maximum, such as max(eᵃ, eᵇ) = exp(max(a, b)), but one that is written
            by ReLUs is none of those; |k| · |k| is k², but |k| · |k| · |k| may be two things.
    """

    def __init__(self, *, further: bool = False) -> None:
        self.further = further
        self._atoms: dict[Hashable, int] = {}
        self._keys: list[Any] = []
        #: The atoms that are maxima, and their members.
        self._maxima: dict[int, frozenset[Form]] = {}
        #: Those with members that have a number in them.
        self._with_numbers: set[int] = set()
        #: The atoms that are positive wherever they are defined, and those that are not negative.
        self._positives: set[int] = set()
        self._never_negative: set[int] = set()
        #: Sums of content 1 that are known to be positive (1), or not to be negative (0).
        self._signs: dict[Form, int] = {}
        #: Prime numbers, of which there are roots, by atom.
        self._primes: dict[int, int] = {}
        #: |k| of content 1 → k.
        self._absolutes: dict[Form, Form] = {}
        #: The latest sum whose reciprocal was made, how many atoms were positive, and that.
        self._latest: tuple[Form, int, Form] = ((), 0, ())
        #: k² of content 1 → k of content 1.
        self._squares: dict[Form, Form] = {}

    def of(
        self,
        nodes: Sequence[Vertex],
        *,
        never_negative: Collection[int] = (),
        not_zero: Collection[int] = (),
        until: float = math.inf,
    ) -> list[Form | tuple[bool, Hashable] | None]:
        """Return the form of every node: of a truth value a key, ``None`` where there is none.

        Args:
            nodes: The graph.
            never_negative: Variables that are known to be at least 0.
            not_zero: Nodes that are known not to be 0: they are positive, if never negative.
            until: When to stop, on the clock of :func:`time.perf_counter`: the rest has none.
        """
        found: list[Any] = []
        for number, node in enumerate(nodes):
            args = [found[a] for a in node.args]
            try:
                if any(arg is None for arg in args) or time.perf_counter() > until:
                    raise NoNormalFormError("an argument without one")
                form = self._formed(number, node, args)
                if number in never_negative and node.operator == "variable":
                    self._never_negative.add(form[0][0][0][0])
                if number in not_zero and self.sign(form) == 0:
                    self._noted(form, 1)
                found.append(form)
            except NoNormalFormError:
                found.append(None)
        return found

    def formed(self, number: int, node: Vertex, args: list[Any]) -> Any:
        """Return the form of one node, by the forms of its arguments.

        Raises:
            NoNormalFormError: It has none.
        """
        return self._formed(number, node, args)

    # -- atoms -----------------------------------------------------------------------------------

    def key(self, atom: int) -> tuple[Any, ...]:
        """Return what an atom is: its kind, and what it is made of."""
        found: tuple[Any, ...] = self._keys[atom]
        return found

    def free(self, name: Hashable) -> Form:
        """Return the form of an unknown that is no node of the graph."""
        return self._alone(("variable", name))

    @staticmethod
    def added(x: Form, y: Form) -> Form:
        """Return the sum of two forms."""
        return _plus(x, y)

    def is_maximum(self, monomial: Monomial) -> bool:
        """Say whether a product is one maximum and nothing else."""
        return self._is_maximum(monomial)

    def members(self, monomial: Monomial) -> frozenset[Form]:
        """Return the sums whose maximum a product is."""
        return self._maxima[monomial[0][0]]

    def _atom(self, key: Hashable) -> int:
        if key not in self._atoms:
            self._atoms[key] = len(self._keys)
            self._keys.append(key)
        return self._atoms[key]

    def _alone(self, key: Hashable) -> Form:
        return ((((self._atom(key), Fraction(1)),), Fraction(1)),)

    # -- nodes -----------------------------------------------------------------------------------

    def _formed(self, number: int, node: Vertex, args: list[Any]) -> Any:
        if node.operator not in ("max", "min", "pick", "rank") and any(
            isinstance(arg, str) for arg in args
        ):
            raise NoNormalFormError("an infinity")
        match node.operator:
            case "variable":
                return self._alone(("variable", number))
            case "constant":
                return _known(node.value)
            case "linear":
                total: dict[Monomial, Fraction] = {}
                for form, weight in zip(args, node.weights, strict=True):
                    _add_to(total, form, weight)
                return self._noted(_ordered(total), self._sign_of_sum(args, node.weights))
            case "mul":
                found = self._product(args[0], args[1])
                return self._noted(found, self._sign_of_product(args[0], args[1]))
            case "div":
                found = self._product(args[0], self._reciprocal(args[1]))
                return self._noted(found, self._sign_of_product(args[0], args[1]))
            case "max":
                return self._extreme(args, node, largest=True)
            case "min":
                return self._extreme(args, node, largest=False)
            case "lt":
                return self._positive(_minus(args[1], args[0]))
            case "le":
                return _opposite(self._positive(_minus(args[0], args[1])))
            case "eq":
                return self._zero(_minus(args[0], args[1]))
            case "not":
                return _opposite(args[0])
            case "and":
                return _both(args)
            case "or":
                return _opposite(_both([_opposite(arg) for arg in args]))
            case "select":
                return self._choice(args[0], args[1], args[2])
            case "pick":
                return self._pick(args)
            case "rank":
                return self._rank(args, node.data)
            case "floor":
                return self._floor(args[0])
            case "round":
                return self._round(args[0])
            case "exp":
                return self._exp(args[0])
            case "log":
                return self._log(args[0])
            case "sqrt":
                return self._power(args[0], Fraction(1, 2))
            case "power":
                return self._power(args[0], node.data)  # type: ignore[arg-type]
            case "sigmoid":
                return self._sigmoid(args[0])
            case "tanh":
                power = self._exp(times(args[0], Fraction(2)))
                part = self._reciprocal(_plus(power, _ONE))
                if self.further:  # so that it stands in one place
                    return _minus(_ONE, times(part, Fraction(2)))
                return self._product(_minus(power, _ONE), part)
        raise NoNormalFormError(node.operator)

    # -- quotients -------------------------------------------------------------------------------

    def same_numbers(self, x: Any, y: Any) -> bool:
        """Say whether two forms, of numbers and no truth values, are :meth:`same`."""
        if any(form is None or (form and isinstance(form[0], bool | str)) for form in (x, y)):
            return False
        return bool(x == y) or self.same(x, y)

    def same(self, x: Form, y: Form) -> bool:
        """Say whether two sums are equal wherever both are defined, over a common denominator.

        Two quotients of one value may be two sums: Σ xᵢ·wᵢ and x₁ + Σ (xᵢ − x₁)·wᵢ, for weights
        wᵢ = eᵢ · 1/Σe that add up to 1. Their difference times Σe, which is not 0 where 1/Σe is
        defined, is the sum 0. Outer denominators go first, since they are made of inner ones.
        """
        difference = _minus(x, y)
        try:
            while True:
                found = {
                    atom for m, _ in difference for atom, power in m
                    if self._keys[atom][0] == "reciprocal" and power > 0 and power.denominator == 1
                }  # fmt: skip
                if not found:
                    return not difference
                difference = self._without(difference, max(found))
        except NoNormalFormError:
            return False

    def _without(self, form: Form, reciprocal: int) -> Form:
        """Return a sum times the smallest power of a denominator that takes it out of the sum."""
        denominator: Form = self._keys[reciprocal][1]
        powers = [dict(m).get(reciprocal, Fraction(0)) for m, _ in form]
        if any(power.denominator != 1 for power in powers):
            raise NoNormalFormError("a root of a denominator")
        total: dict[Monomial, Fraction] = {}
        for (monomial, coefficient), power in zip(form, powers, strict=True):
            part: Form = ((self._joined(monomial, ((reciprocal, -power),)), coefficient),)
            for _ in range(int(max(powers) - power)):
                if len(part) * len(denominator) > LARGEST:
                    raise NoNormalFormError("a product of too many terms")
                part = self._expanded(part, denominator)
            _add_to(total, part, Fraction(1))
            if len(total) > LARGEST:
                raise NoNormalFormError("a sum of too many terms")
        return _ordered(total)

    def _expanded(self, x: Form, y: Form) -> Form:
        """Return a product of sums as a sum, term by term."""
        total: dict[Monomial, Fraction] = {}
        for (m, a), (n, b) in product(x, y):
            monomial, factor = self._whole(self._joined(m, n))
            total[monomial] = total.get(monomial, Fraction(0)) + a * b * factor
        return _ordered(total)

    # -- signs -----------------------------------------------------------------------------------

    def sign(self, form: Form) -> int | None:
        """Return 1 if a sum is positive wherever it is defined, 0 if it is not negative.

        ``None`` if neither can be seen.
        """
        if not form:
            return 0
        known = self._signs.get(self.primitive(form))
        if known is not None:
            return known
        found = 0
        for monomial, coefficient in form:
            if coefficient < 0:
                return None
            strict = 1
            for atom, power in monomial:
                if atom in self._positives:
                    continue
                if atom not in self._never_negative and power % 2 != 0:
                    return None
                strict = 0
            found = max(found, strict)
        return found

    @staticmethod
    def primitive(form: Form) -> Form:
        """Return a sum divided by its content, the largest positive number that divides it."""
        return times(form, 1 / _content([form])) if form else form

    def _sign_of_sum(self, forms: Sequence[Form], weights: Sequence[Fraction]) -> int | None:
        """Return the sign of a weighted sum whose parts are all not negative, or all positive."""
        signs = [
            self.sign(times(form, weight)) for form, weight in zip(forms, weights, strict=True)
        ]
        known = [sign for sign in signs if sign is not None]
        return max(known, default=0) if len(known) == len(signs) else None

    def _sign_of_product(self, x: Form, y: Form) -> int | None:
        """Return the sign of a product, or of a quotient, of sums whose signs can be seen.

        Two signs that differ make a negative number, of which nothing is noted here.
        """
        if x == y:
            return 1 if 1 in (self.sign(x), self.sign(times(x, Fraction(-1)))) else 0
        for sign in (Fraction(1), Fraction(-1)):
            both = self.sign(times(x, sign)), self.sign(times(y, sign))
            if both[0] is not None and both[1] is not None:
                return min(both[0], both[1])
        return None

    def _noted(self, form: Form, sign: int | None) -> Form:
        if sign is not None and form:
            key = self.primitive(form)
            self._signs[key] = max(sign, self._signs.get(key, sign))
        return form

    # -- maxima ----------------------------------------------------------------------------------

    def _extreme(self, args: list[Form], node: Vertex, *, largest: bool) -> Form:
        sign = Fraction(1 if largest else -1)
        forms = [times(a, sign) for a in args if a is not _ENDLESS[largest]]
        if any(form in _ENDLESS.values() for form in forms):
            raise NoNormalFormError("a maximum of infinities")
        given = forms
        inside = self._inside(forms) if self.further else None
        if inside is not None:
            return times(inside, sign)
        if len(forms) <= MOST_COMPARED and (self._positives or self._never_negative):
            forms = self._undominated(forms)
        if all(self._affine(form) for form in forms):
            result = self._largest_of(set(forms))
        else:
            result = forms[0]
            for form in forms[1:]:
                result = self._maximum(result, form)
        if largest and len(forms) <= MOST_COMPARED:
            signs = [s for s in map(self.sign, given) if s is not None]
            self._noted(result, max(signs, default=None))
            if len(given) == 2 and given[0] and given[0] == times(given[1], Fraction(-1)):
                self._noted(result, 0)
                self._absolutes[self.primitive(result)] = given[0]
        return times(result, sign)

    def _inside(self, forms: list[Form]) -> Form | None:
        """Return the maximum of values of one rising function as its value of a maximum.

        It is Σ + c · max f(aᵢ), of one sum Σ and one number c, or a minimum if c is negative.
        """
        every = list(dict.fromkeys(forms))
        if len(every) < 2:
            return None
        shared = _ordered({m: c for m, c in every[0] if all((m, c) in f for f in every[1:])})
        rests = [_minus(form, shared) for form in every]
        if any(len(rest) != 1 for rest in rests):
            return None
        monomials, coefficients = zip(*(rest[0] for rest in rests), strict=True)
        if len(set(coefficients)) > 1 or ONE in monomials:
            return None
        largest = coefficients[0] > 0
        keys = [[self._keys[atom] for atom, _ in monomial] for monomial in monomials]
        if all(key[0] == "exp" for each in keys for key in each):
            inner = [_ordered({self._keys[a][1]: p for a, p in m}) for m in monomials]
            made = self._exp(self._extreme(inner, _MAX, largest=largest))
        elif all(len(m) == 1 and m[0][1] == 1 for m in monomials):
            found = self._of_largest([key for (key,) in keys], largest=largest)
            if found is None:
                return None
            made = found
        else:
            return None
        return _plus(shared, times(made, coefficients[0]))

    def _of_largest(self, keys: list[Any], *, largest: bool) -> Form | None:
        """Return the largest of atoms that are values of one function, or the smallest."""
        kinds = {(key[0], *key[2:]) for key in keys}
        if len(kinds) > 1 or keys[0][0] not in ("reciprocal", "log", "power"):
            return None
        bases = [key[1] for key in keys]
        falls = keys[0][0] == "reciprocal"
        if falls and any(self.sign(base) != 1 for base in bases):
            return None
        if keys[0][0] == "power" and (keys[0][2] < 0 or keys[0][2].denominator == 1):
            return None
        base = self._extreme(bases, _MAX, largest=largest != falls)
        if falls:
            return self._reciprocal(base)
        return self._log(base) if keys[0][0] == "log" else self._power(base, keys[0][2])

    def _undominated(self, forms: list[Form]) -> list[Form]:
        """Leave out sums that another one is surely never below."""
        kept: list[Form] = []
        for form in dict.fromkeys(forms):
            if any(self.sign(_minus(other, form)) is not None for other in kept):
                continue
            kept = [other for other in kept if self.sign(_minus(form, other)) is None]
            kept.append(form)
        return kept

    def _affine(self, form: Form) -> bool:
        return not any(self._is_maximum(monomial) for monomial, _ in form)

    def _is_maximum(self, monomial: Monomial) -> bool:
        return len(monomial) == 1 and monomial[0][1] == 1 and monomial[0][0] in self._maxima

    def _maximum(self, x: Form, y: Form) -> Form:
        if x == y:
            return x
        ours, theirs = dict(x), dict(y)
        zero = Fraction(0)
        shared = _ordered({
            m: min(ours.get(m, zero), theirs.get(m, zero))
            for m in {*ours, *theirs} if self._is_maximum(m)
        })  # fmt: skip
        one, other = _minus(x, shared), _minus(y, shared)
        for single, rest in ((one, other), (other, one)):
            if self._affine(rest):
                grown = self._grown(single, rest)
                if grown is not None:
                    return _plus(shared, grown)
        return _plus(shared, self._largest_of({*self._members(one), *self._members(other)}))

    def _grown(self, single: Form, rest: Form) -> Form | None:
        """Return the maximum of ``base + c · max(S)`` and a sum, without writing S out.

        ``None`` if the sum would come first in the agreed order, or may differ from a member by a
        number only.
        """
        maxima = [(m, c) for m, c in single if self._is_maximum(m)]
        if len(maxima) != 1:
            return None
        (monomial, factor) = maxima[0]
        base = _minus(single, ((monomial, factor),))
        new = _minus(rest, base)
        members = self._maxima[monomial[0][0]]
        if (
            not new
            or self._leads(new)
            or new[0][0] == ONE
            or (monomial[0][0] in self._with_numbers)
        ):
            return None
        common = _common(_content([new]), factor)
        if common != factor:
            members = frozenset(times(m, factor / common) for m in members)
        atom = self._maximum_atom(members | {times(new, 1 / common)})
        return _plus(base, ((((atom, Fraction(1)),), common),))

    def _members(self, form: Form) -> Iterable[Form]:
        """Return the sums whose maximum a form is; no factor of a maximum is negative."""
        rest = tuple((m, c) for m, c in form if not self._is_maximum(m))
        sets = [(self._maxima[m[0][0]], c) for m, c in form if self._is_maximum(m)]
        if len(sets) > 1 and math.prod(len(s) for s, _ in sets) > LARGEST:
            raise NoNormalFormError("a maximum of too many sums")
        for chosen in product(*([times(s, c) for s in members] for members, c in sets)):
            total = dict(rest)
            for part in chosen:
                _add_to(total, part, Fraction(1))
            yield _ordered(total)

    def _largest_of(self, members: set[Form]) -> Form:
        """Return the maximum of sums, written in the one way that is agreed on.

        The first member in an order that shifting by a sum and scaling leave alone is taken out
        in front, and what is left is divided by its content.
        """
        first: Form | None = None
        for member in members:
            if first is None or self._leads(_minus(member, first)):
                first = member
        assert first is not None
        relative = {_minus(member, first) for member in members}
        # Of members that differ by a number only the largest counts.
        best: dict[Form, Fraction] = {}
        for member in relative:
            number = next((c for m, c in member if m == ONE), Fraction(0))
            rest = tuple((m, c) for m, c in member if m != ONE)
            best[rest] = max(number, best.get(rest, number))
        relative = {_ordered({**dict(rest), ONE: number}) for rest, number in best.items()}
        if len(relative) == 1:
            return _plus(first, relative.pop())
        if () not in relative:  # the first one is beaten by itself and a number
            return self._largest_of({_plus(first, member) for member in relative})
        content = _content([member for member in relative if member])
        atom = self._maximum_atom(frozenset(times(member, 1 / content) for member in relative))
        return _plus(first, ((((atom, Fraction(1)),), content),))

    def _maximum_atom(self, members: frozenset[Form]) -> int:
        atom = self._atom(("max", members))
        if atom not in self._maxima:
            self._maxima[atom] = members
            self._never_negative.add(atom)  # the empty sum is always among its members
            if any(member and member[0][0] == ONE for member in members):
                self._with_numbers.add(atom)
        return atom

    @staticmethod
    def _leads(difference: Form) -> bool:
        """Say whether a sum with this difference to another comes before it."""
        if not difference:
            return False
        _, coefficient = difference[1 if difference[0][0] == ONE and len(difference) > 1 else 0]
        return coefficient > 0

    # -- products --------------------------------------------------------------------------------

    def _product(self, x: Form, y: Form) -> Form:
        for known, other in ((x, y), (y, x)):
            if not known:
                return ()
            if len(known) == 1 and known[0][0] == ONE:
                return times(other, known[0][1])
        if x in _ENDLESS.values() or y in _ENDLESS.values() or len(x) * len(y) > LARGEST:
            raise NoNormalFormError("a product of too many terms")
        if x == y or (self.further and self._absolutes):
            found = self._square(x, y)
            if found is not None:
                return found
        for one, other in ((x, y), (y, x)):
            found = self._cancelled(one, other)
            if found is None:
                found = self._chosen_by_sign(one, other)
            if found is not None:
                return found
        return self._expanded(x, y)

    def _square(self, x: Form, y: Form) -> Form | None:
        """Return a · |k| · b · |k| as a · b · k²; note what any other square is the square of."""
        plain = self.primitive(x)
        k = self._absolutes.get(plain) if self.further else None
        if k is not None and plain == self.primitive(y) != self.primitive(k):
            whole = self._extreme([k, times(k, Fraction(-1))], _MAX, largest=True)
            ratio = x[0][1] * y[0][1] / whole[0][1] ** 2
            return times(self._product(k, k), ratio)
        if x == y and len(x) <= MOST_COMPARED:
            square = self._expanded(plain, plain)
            if square == self.primitive(square):
                self._squares[square] = plain
        return None

    def _cancelled(self, one: Form, other: Form) -> Form | None:
        """Return ``one`` times a sum with 1/``one`` in every product, if ``one`` is positive."""
        if len(one) < 2 or self.sign(one) != 1:
            return None
        content = _content([one]) * (1 if one[0][1] > 0 else -1)
        atom = self._atoms.get(("reciprocal", times(one, 1 / content)))
        if atom is None or any(dict(m).get(atom, Fraction(0)) < 1 for m, _ in other):
            return None
        inverse: Monomial = ((atom, Fraction(-1)),)
        return _ordered({self._joined(m, inverse): c * content for m, c in other})

    def _chosen_by_sign(self, one: Form, other: Form) -> Form | None:
        """Return Σ c · [±k > 0] times a multiple of k, or of |k|, as maxima."""
        keys: list[tuple[Form, Fraction]] = []
        for monomial, coefficient in one:
            if len(monomial) != 1 or monomial[0][1] != 1:
                return None
            key = self._keys[monomial[0][0]]
            if key[0] != "where" or key[1][0] != "positive" or key[2] != ONE:
                return None
            keys.append((key[1][1], coefficient))
        total: dict[Monomial, Fraction] = {}
        plain = self._absolutes.get(self.primitive(other))
        for k, coefficient in keys:
            if plain is not None and k[0][0] == plain[0][0]:
                ratio = abs(plain[0][1] / k[0][1])
                if plain not in (times(k, ratio), times(k, -ratio)):
                    return None
                # |plain| is content · other, and equals ratio · |k|.
                whole = self._extreme([plain, times(plain, Fraction(-1))], _MAX, largest=True)
                ratio *= other[0][1] / whole[0][1]
            else:
                ratio = other[0][1] / k[0][1]
                if other[0][0] != k[0][0] or other != times(k, ratio):
                    return None
            positive = self._extreme([k, ()], _MAX, largest=True)
            _add_to(total, positive, ratio * coefficient)
        return _ordered(total)

    def _whole(self, monomial: Monomial) -> tuple[Monomial, Fraction]:
        """Take whole powers of prime numbers out of a product."""
        if not self._primes:
            return monomial, Fraction(1)
        factor, kept = Fraction(1), []
        for atom, power in monomial:
            if atom in self._primes:
                whole = math.floor(power)
                factor *= Fraction(self._primes[atom]) ** whole
                power -= whole
            if power:
                kept.append((atom, power))
        return tuple(kept), factor

    @staticmethod
    def _joined(m: Monomial, n: Monomial) -> Monomial:
        powers = dict(m)
        for atom, power in n:
            powers[atom] = powers.get(atom, Fraction(0)) + power
        return tuple(sorted((a, p) for a, p in powers.items() if p))

    def _reciprocal(self, form: Form) -> Form:
        if not form:
            raise NoNormalFormError("a division by 0")
        if self._latest[0] is form and self._latest[1] == len(self._positives):
            return self._latest[2]
        common, rest = self._positive_factor(form)
        inverse: Monomial = tuple((a, -p) for a, p in common)
        if len(rest) == 1 and rest[0][0] == ONE:
            return ((inverse, 1 / rest[0][1]),)
        content = _content([rest]) * (1 if rest[0][1] > 0 else -1)
        atom = self._atom(("reciprocal", times(rest, 1 / content)))
        if self.sign(times(rest, 1 / content)) == 1:
            self._positives.add(atom)
        monomial = self._joined(inverse, ((atom, Fraction(1)),))
        found: Form = ((monomial, 1 / content),)
        self._latest = form, len(self._positives), found
        return found

    def _positive_factor(self, form: Form) -> tuple[Monomial, Form]:
        """Take out of a sum what all its products have of positive atoms."""
        least: dict[int, Fraction] = {}
        count: dict[int, int] = {}
        for monomial, _ in form:
            for atom, power in monomial:
                if atom in self._positives:
                    least[atom] = min(power, least.get(atom, power))
                    count[atom] = count.get(atom, 0) + 1
        none = Fraction(0)  # the power of an atom that a product does not have
        powers = {a: p if count[a] == len(form) else min(p, none) for a, p in least.items()}
        common: Monomial = tuple(sorted((a, p) for a, p in powers.items() if p))
        if not common:
            return ONE, form
        inverse: Monomial = tuple((a, -p) for a, p in common)
        return common, _ordered({self._joined(m, inverse): c for m, c in form})

    # -- functions -------------------------------------------------------------------------------

    def _exp(self, form: Form) -> Form:
        """exp(Σ c · m) = Π exp(m)^c, and exp(log a) = a for a positive a."""
        result: Form = _ONE
        for monomial, coefficient in form:
            key = self._keys[monomial[0][0]] if len(monomial) == 1 else None
            if (
                key is not None
                and key[0] == "log"
                and monomial[0][1] == 1
                and self.sign(key[1]) == 1
            ):
                if coefficient.denominator != 1 or abs(coefficient) > 4:
                    result = self._product(result, self._power(key[1], coefficient))
                    continue
                base = key[1] if coefficient > 0 else self._reciprocal(key[1])
                for _ in range(abs(int(coefficient))):
                    result = self._product(result, base)
                continue
            atom = self._atom(("exp", monomial))
            self._positives.add(atom)
            result = self._product(result, ((((atom, coefficient),), Fraction(1)),))
        return result

    def _sigmoid(self, form: Form) -> Form:
        """Return 1 / (1 + exp(−x))."""
        if self.further:
            return _minus(_ONE, self._reciprocal(_plus(_ONE, self._exp(form))))
        return self._reciprocal(_plus(_ONE, self._exp(times(form, Fraction(-1)))))

    def _log(self, form: Form) -> Form:
        """log(Π exp(m)^p · number · r) = Σ p · m + log(number) + log(r)."""
        if not form:
            raise NoNormalFormError("log of 0")
        total: dict[Monomial, Fraction] = {}
        common, rest = self._positive_factor(form)
        others: Monomial = ()
        for atom, power in common:
            key = self._keys[atom]
            if key[0] == "exp":
                _add_to(total, ((key[1], Fraction(1)),), power)
            elif key[0] == "reciprocal":
                _add_to(total, self._log(key[1]), -power)
            elif key[0] == "power":
                _add_to(total, self._log(key[1]), power * key[2])
            else:
                others = self._joined(others, ((atom, power),))
        if others:
            rest = _ordered({self._joined(m, others): c for m, c in rest})
        content = _content([rest])
        for prime, power in _factors(content).items():
            logarithm = self._alone(("log", ((ONE, Fraction(prime)),)))
            self._positives.add(logarithm[0][0][0][0])
            _add_to(total, logarithm, power)
        rest = times(rest, 1 / content)
        if rest != _ONE:
            _add_to(total, self._alone(("log", rest)), Fraction(1))
        return _ordered(total)

    def _power(self, form: Form, exponent: Fraction) -> Form:
        if not form:
            return () if exponent > 0 else self._reciprocal(form)
        common, rest = self._positive_factor(form)
        monomial: Monomial = tuple((a, p * exponent) for a, p in common)
        content = _content([rest])
        factor = Fraction(1)
        for prime, power in _factors(content).items():
            scaled = power * exponent
            whole = math.floor(scaled)
            factor *= Fraction(prime) ** whole
            if scaled != whole:
                atom = self._atom(("prime", prime))
                self._primes[atom] = prime
                self._positives.add(atom)
                monomial = self._joined(monomial, ((atom, scaled - whole),))
        rest = times(rest, 1 / content)
        if exponent == Fraction(1, 2) and rest in self._squares:  # the root of k² is |k|
            k = self._squares[rest]
            magnitude = self._extreme([k, times(k, Fraction(-1))], _MAX, largest=True)
            monomial, more = self._whole(monomial)
            return self._expanded(((monomial, factor * more),), magnitude)
        if rest != _ONE:
            atom = self._atom(("power", rest, exponent))
            if exponent.denominator != 1 or exponent % 2 == 0:  # else it has the sign of its base
                self._never_negative.add(atom)
            if self.sign(rest) == 1:
                self._positives.add(atom)
            monomial = self._joined(monomial, ((atom, Fraction(1)),))
        monomial, more = self._whole(monomial)
        return ((monomial, factor * more),)

    # -- truth values and choices ----------------------------------------------------------------

    def _positive(self, form: Form) -> tuple[bool, Hashable]:
        if form in _ENDLESS.values():
            raise NoNormalFormError("an order of infinities")
        if not form or (len(form) == 1 and form[0][0] == ONE):
            return bool(form) and form[0][1] > 0, ("true",)
        if self.sign(form) == 1 or self.sign(times(form, Fraction(-1))) is not None:
            return self.sign(form) == 1, ("true",)
        return True, ("positive", self.primitive(form))

    def _zero(self, form: Form) -> tuple[bool, Hashable]:
        if not form or (len(form) == 1 and form[0][0] == ONE):
            return not form, ("true",)
        if 1 in (self.sign(form), self.sign(times(form, Fraction(-1)))):
            return False, ("true",)
        content = _content([form]) * (1 if form[0][1] > 0 else -1)
        return True, ("zero", times(form, 1 / content))

    def _choice(self, condition: tuple[bool, Any], then: Form, otherwise: Form) -> Form:
        holds, key = condition
        if not holds:
            then, otherwise = otherwise, then
        if key == ("true",):
            return then
        if any(form and isinstance(form[0], bool) for form in (then, otherwise)):
            raise NoNormalFormError("a choice of truth values")
        if then in _ENDLESS.values() or otherwise in _ENDLESS.values():
            raise NoNormalFormError("a choice of an infinity")
        difference = _minus(then, otherwise)
        if not difference:
            return then
        if key[0] == "positive":
            sign = key[1]
            ratio = difference[0][1] / sign[0][1]
            if difference == times(sign, ratio):
                return _plus(otherwise, times(self._maximum(sign, ()), ratio))
        if key[0] == "zero":
            ratio = difference[0][1] / key[1][0][1]
            if difference == times(key[1], ratio):
                return otherwise
        total = dict(otherwise)
        for monomial, coefficient in difference:
            held = self._under(key, monomial)
            if held is not None:
                _add_to(total, self._alone(("where", key, held)), coefficient)
        return _ordered(total)

    def _under(self, key: Any, monomial: Monomial) -> Monomial | None:
        """Return a product where a condition holds: other choices by it are made, 0 is ``None``."""
        found: Monomial = ()
        for atom, power in monomial:
            inner = self._keys[atom]
            if inner[0] != "where":
                found = self._joined(found, ((atom, power),))
            elif inner[1] == key:
                found = self._joined(found, tuple((a, p * power) for a, p in inner[2]))
            elif inner[1][0] == key[0] == "positive" and inner[1][1] == times(key[1], Fraction(-1)):
                return None
            else:
                found = self._joined(found, ((atom, power),))
        return found

    def _pick(self, args: list[Form]) -> Form:
        half = len(args) // 2
        values, keys = args[:half], args[half:]
        kept = [i for i in range(half) if keys[i] is not _ENDLESS[True]]
        values, keys = [values[i] for i in kept], [keys[i] for i in kept]
        if any(form in _ENDLESS.values() for form in (*values, *keys)):
            raise NoNormalFormError("places of infinities")
        offsets = {_minus(v, k) for v, k in zip(values, keys, strict=True)}
        if len(offsets) == 1:
            largest = self._extreme(keys, Vertex("max"), largest=True)
            return _plus(largest, offsets.pop())
        if len(set(values)) == 1:
            return values[0]
        return self._alone(("pick", tuple(values), tuple(keys)))

    def _rank(self, args: list[Form], order: Any) -> Form:
        half = len(args) // 2
        values, keys = args[:half], args[half:]
        if any(form in _ENDLESS.values() for form in args):
            raise NoNormalFormError("places of infinities")
        if len(set(values)) == 1:
            return values[0]
        extreme = order.rank in (0, half - 1)
        offsets = {_minus(v, k) for v, k in zip(values, keys, strict=True)}
        if extreme and len(offsets) == 1:
            largest = (order.rank == 0) == order.descending
            return _plus(self._extreme(keys, _MAX, largest=largest), offsets.pop())
        return self._alone(("rank", tuple(values), tuple(keys), order))

    # -- steps -----------------------------------------------------------------------------------

    def _floor(self, form: Form) -> Form:
        """floor(x + n) = floor(x) + n for whole n."""
        whole = math.floor(dict(form).get(ONE, Fraction(0)))
        rest = _minus(form, times(_ONE, Fraction(whole)))
        number = () if not whole else times(_ONE, Fraction(whole))
        return number if not rest else _plus(self._alone(("floor", rest)), number)

    def _round(self, form: Form) -> Form:
        """round(−x) = −round(x), to even at halves."""
        if not form:
            return form
        sign = Fraction(1 if form[0][1] > 0 else -1)
        return times(self._alone(("round", times(form, sign))), sign)


#: What stands for −∞ in a maximum, and for ∞ in a minimum: they are left out.
_ENDLESS: dict[bool, Any] = {True: "−∞", False: "∞"}


def _known(value: Any) -> Any:
    if isinstance(value, bool):
        return value, ("true",)
    if isinstance(value, float):
        if value == -math.inf:
            return _ENDLESS[True]
        if value == math.inf:
            return _ENDLESS[False]
        raise NoNormalFormError("NaN")
    return ((ONE, Fraction(value)),) if value else ()


def _opposite(key: tuple[bool, Hashable]) -> tuple[bool, Hashable]:
    return not key[0], key[1]


def _both(parts: Sequence[tuple[bool, Hashable]]) -> tuple[bool, Hashable]:
    kept = frozenset(part for part in parts if part != (True, ("true",)))
    if (False, ("true",)) in kept or any(_opposite(part) in kept for part in kept):
        return False, ("true",)
    if not kept:
        return True, ("true",)
    return next(iter(kept)) if len(kept) == 1 else (True, ("all", kept))


def _ordered(total: dict[Monomial, Fraction]) -> Form:
    return tuple(sorted((m, c) for m, c in total.items() if c))


def _add_to(total: dict[Monomial, Fraction], form: Form, factor: Fraction) -> None:
    for monomial, coefficient in form:
        total[monomial] = total.get(monomial, Fraction(0)) + coefficient * factor


def _plus(x: Form, y: Form) -> Form:
    total = dict(x)
    _add_to(total, y, Fraction(1))
    return _ordered(total)


def _minus(x: Form, y: Form) -> Form:
    total = dict(x)
    _add_to(total, y, Fraction(-1))
    return _ordered(total)


def times(form: Form, factor: Fraction) -> Form:
    """Return a sum times a number."""
    if factor == 1:
        return form
    return tuple((m, c * factor) for m, c in form) if factor else ()


def _common(x: Fraction, y: Fraction) -> Fraction:
    """Return the largest number that divides both."""
    return Fraction(
        math.gcd(x.numerator * y.denominator, y.numerator * x.denominator),
        x.denominator * y.denominator,
    )


def _factors(number: Fraction) -> dict[int, Fraction]:
    """Return the powers of the numbers, primes if they are small, whose product a number is."""
    found: dict[int, Fraction] = {}
    for whole, sign in ((number.numerator, 1), (number.denominator, -1)):
        prime = 2
        while prime * prime <= whole and prime <= LARGEST:
            while whole % prime == 0:
                found[prime] = found.get(prime, Fraction(0)) + sign
                whole //= prime
            prime += 1
        if whole > 1:
            found[whole] = found.get(whole, Fraction(0)) + sign
    return found


def _content(forms: Iterable[Form]) -> Fraction:
    """Return the largest positive number that divides all coefficients."""
    found = Fraction(0)
    for form in forms:
        for _, coefficient in form:
            found = _common(found, abs(coefficient)) if found else abs(coefficient)
    return found
