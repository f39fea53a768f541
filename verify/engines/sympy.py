"""SymPy: proofs by cases, with signed symbols in the place of every sign that matters.

Every order of the variables and zero is one case. In it, each variable is a sum of positive
symbols, or minus one, so max, min, ReLU and | · | of a difference resolve by sign alone, and what
remains is algebra that ``expand`` decides. Nothing is left to a lucky ``simplify``.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import Any

from proofs.claim import Theorem
from proofs.notation import text
from proofs.systems.number_system import NumberSystem
from proofs.terms import Sort, Term, conjunction, subterms
from proofs.verdict import Verdict
from verify.engines.counterexample import confirmed, fails
from verify.engines.engine import Engine, Evidence, Settings

_NUMBERS = {"variable", "constant", "add", "sub", "mul", "div", "neg", "abs"}
_NUMBERS |= {"maximum", "minimum", "relu", "half", "value", "applied", "widened"}
_PROPOSITIONS = {"true", "eq", "ne", "lt", "le", "and", "or", "not", "implies", "iff"}
_PROPOSITIONS |= {"finite", "exact", "in_range"}
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
        operators = {node.operator for node in subterms(everything)}
        return (
            system.exact
            and operators <= _NUMBERS | _PROPOSITIONS
            and (not operators & {"half", "div"} or not system.whole)
            and len(theorem.variables) <= MOST_VARIABLES
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

    def sign(self, expression: Any, term: Term) -> int:
        """Return the sign that ``expression`` has throughout the case."""
        difference = self.sympy.expand(self.sympy.cancel(expression))
        if difference.is_zero:
            return 0
        if difference.is_positive:
            return 1
        if difference.is_negative:
            return -1
        raise UndecidedError(text(term))

    def excludes(self, premise: Term) -> bool:
        """Say whether a premise is false throughout the case; if undecided, prove without it."""
        try:
            return not self.decide(premise)
        except UndecidedError:
            return False

    def decide(self, term: Term) -> bool:
        """Return the truth of a proposition throughout the case."""
        match term.operator, term.args:
            case (("true" | "finite" | "exact" | "in_range"), _):
                return True
            case (("eq" | "ne" | "lt" | "le"), (x, y)):
                sign = self.sign(self.number(x) - self.number(y), term)
                return {"eq": sign == 0, "ne": sign != 0, "lt": sign < 0, "le": sign <= 0}[
                    term.operator
                ]
            case "not", (p,):
                return not self.decide(p)
            case "and", (p, q):
                return self.decide(p) and self.decide(q)
            case "or", (p, q):
                return self.decide(p) or self.decide(q)
            case "implies", (p, q):
                return not self.decide(p) or self.decide(q)
            case "iff", (p, q):
                return self.decide(p) == self.decide(q)
        raise UndecidedError(text(term))

    def number(self, term: Term) -> Any:
        """Return the expression a number or exact value has throughout the case."""
        assert term.sort is not Sort.PROPOSITION
        match term.operator, term.args:
            case "variable", _:
                return self.expressions[str(term.leaf)]
            case "constant", _:
                return self.sympy.Rational(term.leaf)
            case (("value" | "applied" | "widened"), (x,)):
                return self.number(x)
            case "add", (x, y):
                return self.number(x) + self.number(y)
            case "sub", (x, y):
                return self.number(x) - self.number(y)
            case "mul", (x, y):
                return self.number(x) * self.number(y)
            case "div", (x, y):
                return self.number(x) / self.number(y)
            case "half", (x,):
                return self.number(x) / 2
            case "neg", (x,):
                return -self.number(x)
            case (("abs" | "relu"), (x,)):
                inner = self.number(x)
                if self.sign(inner, x) >= 0:
                    return inner
                return -inner if term.operator == "abs" else self.sympy.S.Zero
            case (("maximum" | "minimum"), (x, y)):
                left, right = self.number(x), self.number(y)
                left_wins = (self.sign(left - right, term) >= 0) == (term.operator == "maximum")
                return left if left_wins else right
        raise UndecidedError(text(term))
