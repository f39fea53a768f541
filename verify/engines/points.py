"""Points: what operators come to at telling elements, by which an encoding is known to be right.

A rounding mode, a NaN that compares, an integer that wraps or stops elsewhere: whatever a script
says of an operator of machine numbers has to agree with the number system's own arithmetic where
results round, tie, overflow or are no numbers. A solver is asked about such points once for each
operator.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from itertools import product
from typing import Any

from proofs.claim import Obligation, Theorem
from proofs.evaluate import evaluate
from proofs.operators import OPERATORS
from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import NoElementError, NumberSystem, UnsupportedError
from proofs.terms import (
    Sort,
    Term,
    conjunction,
    constant,
    exact,
    finite,
    in_range,
    operation,
    subterms,
)
from verify.encodings.smtlib import script

#: What asks an operation whether it lost anything.
ABOUT = {"exact": exact, "in_range": in_range}


def operators_of(theorem: Theorem) -> tuple[str, ...]:
    """Return the operators of elements that a theorem is written in."""
    nodes = subterms(conjunction((*theorem.premises, theorem.conclusion)))
    of_elements = (
        node.operator
        for node in nodes
        if node.operator in ABOUT
        or (
            OPERATORS[node.operator].takes
            and node.args
            and all(arg.sort is Sort.NUMBER for arg in node.args)
            and node.sort in (Sort.NUMBER, Sort.PROPOSITION)
        )
    )
    return tuple(dict.fromkeys(of_elements))


@cache
def points(operator: str, system: NumberSystem) -> str | None:
    """Return a script that has a model only if an operator is not encoded as it is computed.

    ``None`` where elements are no machine numbers, or one of them cannot be written.
    """
    elements = telling(system)
    if not elements:
        return None
    places = 2 if operator in ABOUT else len(OPERATORS[operator].takes or ())
    try:
        said = [
            what
            for args in product(elements, repeat=places)
            for term in _terms(operator, args)
            for what in _as_computed(term, system)
        ]
        return script(Obligation("", (), conjunction(tuple(said))), system) if said else None
    except UnsupportedError:
        return None


def telling(system: NumberSystem) -> tuple[Term, ...]:
    """Return elements at which results round, tie, overflow, wrap or are no numbers."""
    if isinstance(system, FloatFormat):
        gap = Fraction(1, 1 << (system.precision - 1))
        tenth = Fraction(system.rounded(Fraction(1, 10)))
        numbers = [Fraction(0), Fraction(1), 1 + gap, gap / 2, 3 * gap / 2, tenth]
        numbers += [-system.greatest, system.tiniest]
        infinity = constant(system.greatest) + constant(system.greatest)
        return (*map(constant, numbers), infinity - infinity)
    low, high = (getattr(system, end, None) for end in ("low", "high"))
    if isinstance(low, int) and isinstance(high, int):
        return tuple(map(constant, dict.fromkeys((0, 1, 3, low, high))))
    return ()


def _terms(operator: str, args: tuple[Term, ...]) -> Iterator[Term]:
    if operator in ABOUT:
        yield from (ABOUT[operator](sum_of) for sum_of in (args[0] + args[1], args[0] - args[1]))
    else:
        yield operation(operator, *args)


def _as_computed(term: Term, system: NumberSystem) -> Iterator[Term]:
    """Yield what is true of a term without variables: its value, or that it has none."""
    try:
        found: Any = evaluate(term, {}, system)
    except (ZeroDivisionError, NoElementError):
        return
    if isinstance(found, bool):
        yield term if found else ~term
    elif isinstance(found, float) and math.isnan(found):
        yield ~(term <= term)
    elif isinstance(found, float) and math.isinf(found):
        yield ~finite(term) & (term > 0 if found > 0 else term < 0)
    else:
        yield term == constant(Fraction(found) if isinstance(found, float) else found)
