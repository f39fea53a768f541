"""The exact interpreter: terms evaluated on plain Python numbers, one assignment at a time.

It is the judge of every counterexample and the brute counter behind every closed form: sums are
added up term by term, folds go tap by tap, and nothing here knows a formula. A term is made into
nested functions once, since it is tried on thousands of assignments.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cache, lru_cache, partial
from typing import Any, cast

from proofs.operators import NoElementError, UnsupportedError
from proofs.operators import operator as row_of
from proofs.systems.number_system import NumberSystem
from proofs.terms import Sort, Term, subterms

Assignment = Mapping[str, Any]
#: What is known of one evaluation: the values of nodes by their ``id``.
Values = dict[int, Any]
#: Computes one node at an assignment.
Step = Callable[[Assignment, Values], Any]
#: Gives what computes a node that comes before.
Steps = Callable[[Term], Step]


def evaluate(term: Term, assignment: Assignment, system: NumberSystem) -> Any:
    """Return the value of ``term``: an element, a ``Fraction`` (or ``None``), or a bool.

    Raises ``ZeroDivisionError`` where a division has no value and ``UnsupportedError`` where the
    system lacks an operator.
    """
    return _compiled(term, system)(assignment, {})


def can_be_said(term: Term, system: NumberSystem) -> bool:
    """Say whether ``system`` has every operator and every constant of ``term``."""
    try:
        for node in subterms(term):
            if node.operator == "widened":
                _ = system.wider
            elif node.sort is Sort.NUMBER and node.operator == "constant":
                system.constant(cast(Fraction, node.leaf))
            elif node.sort is Sort.NUMBER and node.operator not in _SPECIAL:
                system.operation(node.operator)
    except (NoElementError, UnsupportedError):
        return False
    return True


def trace(term: Term, assignment: Assignment, system: NumberSystem) -> Values:
    """Return the value of every subterm outside sums and folds, by the ``id`` of its node."""
    values: Values = {}
    _compiled(term, system, keep_all=True)(assignment, values)
    return values


@lru_cache(maxsize=1024)
def _compiled(term: Term, system: NumberSystem, *, keep_all: bool = False) -> Step:
    """Return what computes ``term``: each node at most once, and only if it is asked for."""
    nodes = list(subterms(term))
    uses = Counter(id(arg) for node in nodes for arg in node.args)
    steps: dict[int, Step] = {}
    for node in nodes:
        step = _step(node, lambda earlier: steps[id(earlier)], system)
        again = node.args and uses[id(node)] > 1
        steps[id(node)] = _kept(id(node), step) if keep_all or again else step
    return steps[id(term)]


def _kept(key: int, step: Step) -> Step:
    def kept(at: Assignment, values: Values) -> Any:
        if key not in values:
            values[key] = step(at, values)
        return values[key]

    return kept


def _step(node: Term, step_of: Steps, system: NumberSystem) -> Step:
    """Return what computes ``node`` in ``system``, given what computes its arguments."""
    if node.operator in _SPECIAL:
        return _SPECIAL[node.operator](node, step_of, system)
    if node.sort is Sort.EXACT:
        return _exact(node, step_of, system)
    if node.sort is not Sort.NUMBER:
        return _proposition(node, step_of, system)
    if node.operator == "constant":
        constant = cache(partial(system.constant, cast(Fraction, node.leaf)))
        return lambda at, values: constant()
    compute = _or_refusal(partial(system.operation, node.operator))
    match [step_of(arg) for arg in node.args]:
        case [x]:
            return lambda at, values: compute(x(at, values))
        case [x, y]:
            return lambda at, values: compute(x(at, values), y(at, values))
        case args:
            return lambda at, values: compute(*[arg(at, values) for arg in args])


def _or_refusal(find: Callable[[], Callable[..., Any]]) -> Callable[..., Any]:
    """Return what ``find`` finds, or what refuses once a value is asked for and not before."""
    try:
        return find()
    except UnsupportedError as refusal:
        reason = str(refusal)

    def refuse(*args: Any) -> Any:
        raise UnsupportedError(reason)

    return refuse


def _meaning(name: str) -> Callable[..., Any]:
    row = row_of(name)
    if row.meaning is None:
        raise row.lacks("exact values")
    return row.meaning


def _variable(node: Term, step_of: Steps, system: NumberSystem) -> Step:
    name = str(node.leaf)
    return lambda at, values: at[name]


def _applied(node: Term, step_of: Steps, system: NumberSystem) -> Step:
    return step_of(node.args[0])


def _widened(node: Term, step_of: Steps, system: NumberSystem) -> Step:
    (inner,) = node.args
    return lambda at, values: system.narrowed(evaluate(inner, at, system.wider))


def _select(node: Term, step_of: Steps, system: NumberSystem) -> Step:
    condition, then, otherwise = map(step_of, node.args)
    return lambda at, values: then(at, values) if condition(at, values) else otherwise(at, values)


def _sum(node: Term, step_of: Steps, system: NumberSystem) -> Step:
    index, count = str(node.args[0].leaf), step_of(node.args[1])
    body, add = _compiled(node.args[2], system), system.operation("add")

    def step(at: Assignment, values: Values) -> Any:
        result = system.constant(0)
        for i in range(int(count(at, values))):
            term = body({**at, index: system.constant(i)}, {})
            result = add(result, term)
        return result

    return step


def _fold(node: Term, step_of: Steps, system: NumberSystem) -> Step:
    start, over = map(step_of, node.args[:2])
    state, tap = (str(variable.leaf) for variable in node.args[2:4])
    body = _compiled(node.args[4], system)

    def step(at: Assignment, values: Values) -> Any:
        result = start(at, values)
        for element in over(at, values):
            result = body({**at, state: result, tap: element}, {})
        return result

    return step


def _about(node: Term, step_of: Steps, system: NumberSystem) -> Step:
    """Say whether an operation is exact, or its true result in range."""
    (operation,) = node.args
    combine = _meaning(operation.operator)
    computed, left, right = map(step_of, (operation, *operation.args))

    def step(at: Assignment, values: Values) -> bool:
        x, y = system.exact_value(left(at, values)), system.exact_value(right(at, values))
        if x is None or y is None:
            return False
        true_result = combine(x, y)
        if node.operator == "in_range":
            return system.in_range(true_result)
        return bool(system.exact_value(computed(at, values)) == true_result)

    return step


def _for_all(node: Term, step_of: Steps, system: NumberSystem) -> Step:
    def step(at: Assignment, values: Values) -> Any:
        raise UnsupportedError("a quantifier cannot be evaluated")

    return step


#: What is not computed from the values of its arguments alone.
_SPECIAL: dict[str, Callable[[Term, Steps, NumberSystem], Step]] = {
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


def _exact(node: Term, step_of: Steps, system: NumberSystem) -> Step:
    operator = node.operator
    if operator in ("value", "ulp"):
        x, said = step_of(node.args[0]), {"value": system.exact_value, "ulp": system.ulp}[operator]
        return lambda at, values: said(x(at, values))
    if operator == "constant":
        constant = Fraction(node.leaf)  # type: ignore[arg-type]
        return lambda at, values: constant
    if operator in ("unit_roundoff", "largest", "smallest"):
        return lambda at, values: system.exact_constant(operator)
    operation = _or_refusal(partial(_meaning, operator))
    args = list(map(step_of, node.args))

    def step(at: Assignment, values: Values) -> Any:
        numbers = [arg(at, values) for arg in args]
        return None if None in numbers else operation(*numbers)

    return step


def _proposition(node: Term, step_of: Steps, system: NumberSystem) -> Step:
    operator, args = node.operator, list(map(step_of, node.args))
    if operator == "finite":
        (x,) = args
        return lambda at, values: system.finite(x(at, values))
    meaning = _or_refusal(partial(_meaning, operator))
    sorts = {arg.sort for arg in node.args}
    if operator not in ("eq", "ne", "lt", "le"):
        # Every argument has been computed by then: what has no value anywhere is an error
        # everywhere.
        if Sort.EXACT in sorts:
            return lambda at, values: _of_defined(meaning, [arg(at, values) for arg in args])
        return lambda at, values: meaning(*[arg(at, values) for arg in args])
    left, right = args
    sort = node.args[0].sort
    if sort is Sort.EXACT:

        def of_exact(at: Assignment, values: Values) -> bool:
            x, y = left(at, values), right(at, values)
            return operator == "ne" if x is None or y is None else bool(meaning(x, y))

        return of_exact
    if sort is not Sort.NUMBER or operator in ("lt", "le"):
        return lambda at, values: bool(meaning(left(at, values), right(at, values)))
    equal, same = system.equal, operator == "eq"
    return lambda at, values: equal(left(at, values), right(at, values)) is same


def _of_defined(meaning: Callable[..., Any], values: Sequence[Any]) -> bool:
    """Ask a relation of exact values, which is false where one of them is undefined."""
    return None not in values and bool(meaning(*values))
