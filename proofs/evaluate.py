"""The exact interpreter: terms evaluated on plain Python numbers, one assignment at a time.

It is the judge of every counterexample and the brute counter behind every closed form: sums are
added up term by term, folds go tap by tap, and nothing here knows a formula. What each node asks
for is looked up once for a term, since a term is tried on thousands of assignments.
"""

from __future__ import annotations

import operator as python
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, lru_cache, partial
from typing import Any, cast

from proofs.systems.number_system import NumberSystem, UnsupportedError
from proofs.terms import Sort, Term, subterms

Assignment = Mapping[str, Any]
Visit = Callable[[Term], Any]
#: Computes one node, given how to get at the values of others.
Step = Callable[[Visit, Assignment], Any]


def evaluate(term: Term, assignment: Assignment, system: NumberSystem) -> Any:
    """Return the value of ``term``: an element, a ``Fraction`` (or ``None``), or a bool.

    Raises ``ZeroDivisionError`` where a division has no value and ``UnsupportedError`` where the
    system lacks an operator.
    """
    return trace(term, assignment, system)[id(term)]


def trace(term: Term, assignment: Assignment, system: NumberSystem) -> dict[int, Any]:
    """Return the value of every subterm outside sums and folds, by the ``id`` of its node."""
    steps = _steps(term, system)
    values: dict[int, Any] = {}

    def visit(node: Term) -> Any:
        key = id(node)
        if key not in values:
            values[key] = steps[key](visit, assignment)
        return values[key]

    visit(term)
    return values


@lru_cache(maxsize=1024)
def _steps(term: Term, system: NumberSystem) -> dict[int, Step]:
    return {id(node): _step(node, system) for node in subterms(term)}


def _step(node: Term, system: NumberSystem) -> Step:
    """Return what computes ``node`` in ``system``."""
    if node.operator in _SPECIAL:
        return _SPECIAL[node.operator](node, system)
    operator, args, leaf = node.operator, node.args, node.leaf
    if node.sort is Sort.NUMBER:
        if operator == "constant":
            constant = cache(partial(system.constant, cast(Fraction, leaf)))
            return lambda visit, _: constant()
        return lambda visit, _: system.apply(operator, [visit(arg) for arg in args])
    if node.sort is Sort.EXACT:
        return _exact(node, system)
    return _proposition(node, system)


def _variable(node: Term, system: NumberSystem) -> Step:
    name = str(node.leaf)
    return lambda visit, assignment: assignment[name]


def _applied(node: Term, system: NumberSystem) -> Step:
    (inner,) = node.args
    return lambda visit, _: visit(inner)


def _widened(node: Term, system: NumberSystem) -> Step:
    (inner,) = node.args
    return lambda visit, assignment: system.narrowed(evaluate(inner, assignment, system.wider))


def _select(node: Term, system: NumberSystem) -> Step:
    condition, then, otherwise = node.args
    return lambda visit, _: visit(then) if visit(condition) else visit(otherwise)


def _sum(node: Term, system: NumberSystem) -> Step:
    index, count, body = node.args

    def step(visit: Visit, assignment: Assignment) -> Any:
        result = system.constant(0)
        for i in range(int(visit(count))):
            inner = {**assignment, str(index.leaf): system.constant(i)}
            result = system.apply("add", (result, evaluate(body, inner, system)))
        return result

    return step


def _fold(node: Term, system: NumberSystem) -> Step:
    start, over, state, tap, body = node.args

    def step(visit: Visit, assignment: Assignment) -> Any:
        result = visit(start)
        for element in visit(over):
            inner = {**assignment, str(state.leaf): result, str(tap.leaf): element}
            result = evaluate(body, inner, system)
        return result

    return step


def _about(node: Term, system: NumberSystem) -> Step:
    """Say whether an operation is exact, or its true result in range."""
    (operation,) = node.args
    combine = python.add if operation.operator == "add" else python.sub

    def step(visit: Visit, _: Assignment) -> bool:
        x, y = (system.exact_value(visit(arg)) for arg in operation.args)
        if x is None or y is None:
            return False
        true_result = combine(x, y)
        if node.operator == "in_range":
            return system.in_range(true_result)
        return bool(system.exact_value(visit(operation)) == true_result)

    return step


def _for_all(node: Term, system: NumberSystem) -> Step:
    def step(visit: Visit, _: Assignment) -> Any:
        raise UnsupportedError("a quantifier cannot be evaluated")

    return step


#: What is not computed from the values of its arguments alone.
_SPECIAL: dict[str, Callable[[Term, NumberSystem], Step]] = {
    "variable": _variable,
    "applied": _applied,
    "widened": _widened,
    "select": _select,
    "sum": _sum,
    "fold": _fold,
    "exact": _about,
    "in_range": _about,
    "forall": _for_all,
}

_EXACT_OPERATIONS: dict[str, Callable[..., Any]] = {
    "add": python.add,
    "sub": python.sub,
    "mul": python.mul,
    "div": python.truediv,
    "neg": python.neg,
    "abs": abs,
    "maximum": max,
    "minimum": min,
}


def _exact(node: Term, system: NumberSystem) -> Step:
    operator, args = node.operator, node.args
    if operator == "value":
        return lambda visit, _: system.exact_value(visit(args[0]))
    if operator == "ulp":
        return lambda visit, _: system.ulp(visit(args[0]))
    if operator == "constant":
        constant = Fraction(node.leaf)  # type: ignore[arg-type]
        return lambda visit, _: constant
    if operator in ("unit_roundoff", "largest", "smallest"):
        return lambda visit, _: system.exact_constant(operator)
    operation = _known(_EXACT_OPERATIONS, operator, f"exact {operator}")

    def step(visit: Visit, _: Assignment) -> Any:
        values = [visit(arg) for arg in args]
        return None if None in values else operation(*values)

    return step


_RELATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "eq": python.eq,
    "ne": python.ne,
    "lt": python.lt,
    "le": python.le,
}


def _proposition(node: Term, system: NumberSystem) -> Step:
    operator, args = node.operator, node.args
    if operator == "finite":
        return lambda visit, _: system.finite(visit(args[0]))
    if operator not in _RELATIONS:
        connective = _known(_CONNECTIVES, operator, operator)
        return lambda visit, _: connective(*[visit(arg) for arg in args])
    left, right = args
    relation = _RELATIONS[operator]
    if left.sort is Sort.EXACT:

        def of_exact(visit: Visit, _: Assignment) -> bool:
            x, y = visit(left), visit(right)
            return operator == "ne" if x is None or y is None else bool(relation(x, y))

        return of_exact
    if left.sort is not Sort.NUMBER or operator in ("lt", "le"):
        return lambda visit, _: bool(relation(visit(left), visit(right)))
    same = operator == "eq"
    return lambda visit, _: system.equal(visit(left), visit(right)) is same


def _odd_multiple(x: Fraction | None, unit: Fraction | None) -> bool:
    if x is None or not unit:
        return False
    times = x / unit
    return times.denominator == 1 and times.numerator % 2 == 1


#: Every argument has been computed by then: what has no value anywhere is an error everywhere.
_CONNECTIVES: dict[str, Callable[..., bool]] = {
    "true": lambda: True,
    "and": lambda p, q: p and q,
    "or": lambda p, q: p or q,
    "not": lambda p: not p,
    "implies": lambda p, q: not p or q,
    "iff": lambda p, q: bool(p == q),
    "odd_multiple": _odd_multiple,
}


def _known(table: Mapping[str, Callable[..., Any]], operator: str, name: str) -> Callable[..., Any]:
    """Return the entry of a table, or what says that there is none once it is asked for."""

    def missing(*values: Any) -> Any:
        raise UnsupportedError(name)

    return table.get(operator, missing)
