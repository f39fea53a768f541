"""SymPy: proofs by cases, with signed symbols in the place of every sign that matters.

Every order of the variables and zero is one case. In it, each variable is a sum of positive
symbols, or minus one, so max, min, ReLU and | · | of a difference resolve by sign alone, and what
remains is algebra that ``expand`` decides. Nothing is left to a lucky ``simplify``.
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from itertools import combinations
from typing import Any

from proofs.claim import Theorem
from proofs.notation import text
from proofs.operators import operator
from proofs.systems.number_system import NumberSystem
from proofs.terms import Sort, Term, conjunction, subterms
from proofs.verdict import Verdict
from verify.engines.counterexample import confirmed, fails
from verify.engines.engine import Engine, Evidence, Settings

#: What has a value of its own here: exact arithmetic loses nothing and ends nowhere.
_TAKEN = {"variable", "constant", "applied", "value", "widened", "finite", "exact", "in_range"}
#: With four variables there are 541 orders: too many for algebra that takes milliseconds each.
MOST_VARIABLES = 3


class UndecidedError(Exception):
    """A sign that the case does not settle."""


class SymPy(Engine):
    """Case split over the orders of the variables and zero, then exact algebra."""

    name = "sympy"
    distribution = "sympy"
    module = "sympy"
    method = "algebra with signed symbols, one case per order of the variables and 0"

    def takes(self, theorem: Theorem, system: NumberSystem) -> bool:
        """Take theorems of real or unbounded integer arithmetic in few variables."""
        everything = conjunction((*theorem.premises, theorem.conclusion))
        return (
            system.exact
            and len(theorem.variables) <= MOST_VARIABLES
            and all(_is_algebra(node, system) for node in subterms(everything))
        )

    def settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Decide the theorem in every order of its variables and zero."""
        cases = 0
        for order in weak_orders(("0", *theorem.variables)):
            case = _Case(order, integer=system.whole)
            if any(case.excludes(premise) for premise in theorem.premises):
                continue
            cases += 1
            try:
                if case.decide(theorem.conclusion):
                    continue
            except UndecidedError as undecided:
                where = " < ".join(" = ".join(group) for group in order)
                return self.evidence(Verdict.UNKNOWN, f"{undecided} is undecided where {where}")
            point = {name: system.constant(v) for name, v in case.point().items()}
            if not fails(theorem, point, system):
                return self.evidence(Verdict.UNKNOWN, "a case that a premise may exclude is false")
            shown = confirmed(theorem, point, system)
            return self.evidence(Verdict.REFUTED, "false by algebra", counterexample=shown)
        return self.proof(theorem, f"{cases} orders")


def _is_algebra(node: Term, system: NumberSystem) -> bool:
    """Say whether the meaning of a node holds for symbols; whole numbers may have another one."""
    row = operator(node.operator)
    if node.operator in _TAKEN or row.gives is Sort.PROPOSITION or not system.whole:
        return node.operator in _TAKEN or row.algebra
    return row.algebra and row.whole is row.meaning


def weak_orders(items: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], ...]]:
    """Yield every way to rank ``items`` with ties, lowest group first.

    >>> list(weak_orders(("a", "b")))
    [(('a',), ('b',)), (('b',), ('a',)), (('a', 'b'),)]
    """
    if not items:
        yield ()
        return
    for size in range(1, len(items) + 1):
        for lowest in combinations(items, size):
            rest = tuple(item for item in items if item not in lowest)
            for higher in weak_orders(rest):
                yield (lowest, *higher)


@lru_cache(maxsize=1 << 16)
def _sign(expression: Any) -> int | None:
    """Return the sign of an expression in positive symbols, ``None`` if it is not seen.

    Most are polynomials, which :func:`sympy.expand` alone decides; cases have symbols in common.
    """
    import sympy

    for simplified in (sympy.expand, lambda quotient: sympy.expand(sympy.cancel(quotient))):
        difference = simplified(expression)
        if difference.is_zero:
            return 0
        if difference.is_positive:
            return 1
        if difference.is_negative:
            return -1
    return None


class _Case:
    """One order of the variables and zero, with positive symbols for the gaps."""

    def __init__(self, order: tuple[tuple[str, ...], ...], integer: bool) -> None:
        import sympy

        self.sympy = sympy
        zero = next(i for i, group in enumerate(order) if "0" in group)
        gaps = [
            sympy.Symbol(f"d{i}", positive=True, integer=integer or None)
            for i in range(len(order) - 1)
        ]
        self.expressions: dict[str, Any] = {}
        for i, group in enumerate(order):
            height = sum(gaps[zero:i], sympy.S.Zero) - sum(gaps[i:zero], sympy.S.Zero)
            self.expressions |= dict.fromkeys(group, height)
        self.gaps = gaps

    def point(self) -> dict[str, Fraction]:
        """Return the numbers of this case at which every gap is 1."""
        ones = dict.fromkeys(self.gaps, 1)
        return {
            name: Fraction(int(height.subs(ones)))
            for name, height in self.expressions.items()
            if name != "0"
        }

    def sign(self, expression: Any) -> int:
        """Return the sign that ``expression`` has throughout the case."""
        sign = _sign(expression)
        if sign is None:
            raise UndecidedError
        return sign

    def excludes(self, premise: Term) -> bool:
        """Say whether a premise is false throughout the case; if undecided, prove without it."""
        try:
            return not self.decide(premise)
        except UndecidedError:
            return False

    def decide(self, term: Term) -> bool:
        """Return the truth of a proposition throughout the case."""
        if term.operator == "applied":
            return self.decide(term.args[0])
        if term.operator in _TAKEN:
            return True
        if any(arg.sort is not Sort.PROPOSITION for arg in term.args):
            return bool(self._meaning(term, *map(self.number, term.args)))
        return bool(self._meaning(term, *[_Truth(self, arg) for arg in term.args]))

    def _meaning(self, term: Term, *args: Any) -> Any:
        """Return what an operator means of ``args``; where a sign is undecided, tell the term."""
        meaning = operator(term.operator).meaning
        assert meaning is not None
        try:
            return meaning(*args)
        except UndecidedError as undecided:
            raise (undecided if undecided.args else UndecidedError(text(term))) from None

    def number(self, term: Term) -> _Signed:
        """Return the expression a number or exact value has throughout the case."""
        match term.operator, term.args:
            case "variable", _:
                found = self.expressions[str(term.leaf)]
            case "constant", _:
                found = self.sympy.Rational(term.leaf)
            case (("value" | "applied" | "widened"), (x,)):
                return self.number(x)
            case _:
                found = self._meaning(term, *map(self.number, term.args))
        return found if isinstance(found, _Signed) else _Signed(self, self.sympy.sympify(found))


class _Truth:
    """A proposition that is decided when it is asked for, and not if the other one is enough."""

    def __init__(self, case: _Case, term: Term) -> None:
        self.case, self.term = case, term

    def __bool__(self) -> bool:
        return self.case.decide(self.term)


class _Signed:
    """An expression, compared by the sign that a difference has throughout a case."""

    def __init__(self, case: _Case, expression: Any) -> None:
        self.case, self.expression = case, expression

    def _with(self, operation: Callable[[Any, Any], Any], other: Any) -> _Signed:
        return _Signed(self.case, operation(self.expression, _expression(other)))

    def __add__(self, other: Any) -> _Signed:
        return self._with(python.add, other)

    def __sub__(self, other: Any) -> _Signed:
        return self._with(python.sub, other)

    def __mul__(self, other: Any) -> _Signed:
        return self._with(python.mul, other)

    def __truediv__(self, other: Any) -> _Signed:
        return self._with(python.truediv, other)

    def __neg__(self) -> _Signed:
        return _Signed(self.case, -self.expression)

    def __abs__(self) -> _Signed:
        return -self if self < 0 else self

    def _above(self, other: Any) -> int:
        return self.case.sign(self.expression - _expression(other))

    def __eq__(self, other: object) -> bool:
        return self._above(other) == 0

    def __lt__(self, other: Any) -> bool:
        return self._above(other) < 0

    def __le__(self, other: Any) -> bool:
        return self._above(other) <= 0

    def __gt__(self, other: Any) -> bool:
        return self._above(other) > 0

    def __ge__(self, other: Any) -> bool:
        return self._above(other) >= 0

    __hash__ = object.__hash__


def _expression(x: Any) -> Any:
    return x.expression if isinstance(x, _Signed) else x
