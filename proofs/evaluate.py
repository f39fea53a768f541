"""The exact interpreter: terms evaluated on plain Python numbers, one assignment at a time.

It is the judge of every counterexample and the brute counter behind every closed form: sums are
added up term by term, folds go tap by tap, and nothing here knows a formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from proofs.systems.number_system import NumberSystem, UnsupportedError
from proofs.terms import Sort, Term


def evaluate(term: Term, assignment: Mapping[str, Any], system: NumberSystem) -> Any:
    """Return the value of ``term``: an element, a ``Fraction`` (or ``None``), or a bool.

    Raises ``ZeroDivisionError`` where a division has no value and ``UnsupportedError`` where the
    system lacks an operator.
    """
    return trace(term, assignment, system)[id(term)]


def trace(term: Term, assignment: Mapping[str, Any], system: NumberSystem) -> dict[int, Any]:
    """Return the value of every subterm outside sums and folds, by the ``id`` of its node."""
    values: dict[int, Any] = {}

    def visit(node: Term) -> Any:
        if id(node) not in values:
            values[id(node)] = _compute(node, visit, assignment, system)
        return values[id(node)]

    visit(term)
    return values


def _compute(node: Term, visit: Any, assignment: Mapping[str, Any], system: NumberSystem) -> Any:
    match node.operator, node.args:
        case "variable", _:
            return assignment[str(node.leaf)]
        case "sum", (index, count, body):
            result = system.constant(0)
            for i in range(int(visit(count))):
                inner = {**assignment, str(index.leaf): system.constant(i)}
                result = system.apply("add", (result, evaluate(body, inner, system)))
            return result
        case "fold", (start, over, state, tap, step):
            result = visit(start)
            for element in visit(over):
                inner = {**assignment, str(state.leaf): result, str(tap.leaf): element}
                result = evaluate(step, inner, system)
            return result
        case "applied", (inner,):
            return visit(inner)
        case "select", (condition, then, otherwise):
            return visit(then) if visit(condition) else visit(otherwise)
        case (("exact" | "in_range"), (operation,)):
            return _about(node.operator, operation, visit, system)
        case "forall", _:
            raise UnsupportedError("a quantifier cannot be evaluated")
    args = [visit(arg) for arg in node.args]
    if node.sort is Sort.NUMBER:
        return (
            system.constant(node.leaf)  # type: ignore[arg-type]
            if node.operator == "constant"
            else system.apply(node.operator, args)
        )
    if node.sort is Sort.EXACT:
        return _exact(node, args, system)
    return _proposition(node, args, system)


def _about(operator: str, operation: Term, visit: Any, system: NumberSystem) -> bool:
    x, y = (system.exact_value(visit(arg)) for arg in operation.args)
    if x is None or y is None:
        return False
    true_result = x + y if operation.operator == "add" else x - y
    if operator == "in_range":
        return system.in_range(true_result)
    return system.exact_value(visit(operation)) == true_result


def _exact(node: Term, args: list[Any], system: NumberSystem) -> Any:
    if node.operator == "value":
        return system.exact_value(args[0])
    if node.operator in ("unit_roundoff", "largest", "smallest"):
        return system.exact_constant(node.operator)
    if node.operator == "constant":
        return Fraction(node.leaf)  # type: ignore[arg-type]
    if None in args:
        return None
    match node.operator, args:
        case "add", (x, y):
            return x + y
        case "sub", (x, y):
            return x - y
        case "mul", (x, y):
            return x * y
        case "div", (x, y):
            return x / y
        case "neg", (x,):
            return -x
        case "abs", (x,):
            return abs(x)
        case "maximum", (x, y):
            return max(x, y)
        case "minimum", (x, y):
            return min(x, y)
    raise UnsupportedError(f"exact {node.operator}")


def _proposition(node: Term, args: list[Any], system: NumberSystem) -> Any:
    match node.operator, args:
        case "true", _:
            return True
        case "finite", (x,):
            return system.finite(x)
        case "and", (p, q):
            return p and q
        case "or", (p, q):
            return p or q
        case "not", (p,):
            return not p
        case "implies", (p, q):
            return not p or q
        case "iff", (p, q):
            return bool(p == q)
        case (("eq" | "ne" | "lt" | "le"), (x, y)):
            if node.args[0].sort is Sort.EXACT and (x is None or y is None):
                return node.operator == "ne"
            if node.operator in ("eq", "ne"):
                same = system.equal(x, y) if node.args[0].sort is Sort.NUMBER else x == y
                return same if node.operator == "eq" else not same
            return bool(x < y if node.operator == "lt" else x <= y)
    raise UnsupportedError(node.operator)
