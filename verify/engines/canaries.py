"""Canaries: true and false statements that an engine must tell apart before its word counts.

An encoding that contradicts itself, a premise that goes missing, a solver that always says
``unsat`` or an induction without its base would have everything proved. So whoever is asked about
a statement is first asked, once in a process, about statements of the same kind in the same number
system whose truth is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from proofs.claim import Check, CheckFailedError, Theorem
from proofs.systems.number_system import NumberSystem
from proofs.terms import (
    Term,
    conjunction,
    constant,
    fold,
    for_all,
    sequence,
    subterms,
    summation,
    value,
    variables,
)
from proofs.verdict import Verdict

a, b, i, m, first, state, tap = variables("a b i m first state tap")
one, two = constant(1), constant(2)
largest = fold(first, sequence("taps"), state, tap, state.maximum(tap))


@dataclass(frozen=True)
class Canary:
    """Statements of one kind: one that holds, and others that do not."""

    true: Theorem | Check
    false: tuple[Theorem | Check, ...]
    #: What is to be said of the false ones, where there are no values to show.
    otherwise: Verdict = Verdict.REFUTED
    #: Whether the false ones are false only where there are numbers below zero.
    signed: bool = False


def _needing_both(conclusion: Term, *premises: Term) -> Canary:
    """Return a statement that holds, and what is left of it without each of its premises."""
    true = Theorem(conclusion, where=premises[:1], given=premises[1:])
    false = (replace(true, where=()), replace(true, given=()))
    return Canary(true, false, signed=not {"a", "b"} <= {*true.variables})


#: The kind of all that is no formula; every engine has its own statements of it.
OF_CHECKS = "of checks"
#: The statements of each kind; those that come first are taken if the engine takes them.
CANARIES: dict[str, tuple[Canary, ...]] = {
    "of values": (
        _needing_both(a == 0, a <= 0, a >= 0),
        _needing_both(a == b, a <= b, b <= a),
    ),
    "of exact values": (
        _needing_both(value(a) == 0, value(a) <= 0, value(a) >= 0),
        _needing_both(value(a) == value(b), value(a) <= value(b), value(b) <= value(a)),
    ),
    "of products": (_needing_both(a * b >= 0, a >= 0, b >= 0),),
    # Of the false ones each lacks the base alone, or one step alone.
    "of sums": (
        Canary(
            Theorem(summation(i, m, one + one) == m + m),
            (
                Theorem(summation(i, m, one) == m + 1),
                Theorem(summation(i, m, one) == 2 * m),
                Theorem(summation(i, m, one + one) == m + 2 * m),
            ),
        ),
    ),
    "of sums, by induction": (
        Canary(
            Theorem(summation(i, m, one) <= m, by_induction_on=m),
            (
                Theorem(m + 1 <= summation(i, m, one), by_induction_on=m),
                Theorem(summation(i, m, one) <= 0, by_induction_on=m),
            ),
        ),
    ),
    "of folds": (
        Canary(
            Theorem(~(largest < first)),
            (Theorem(~(largest <= first)), Theorem(~(first < largest))),
        ),
    ),
    "for all": (
        Canary(
            Theorem(~for_all((b,), a * b == 1), where=(a >= 0,)),
            (Theorem(~for_all((b,), a * b == 0), where=(a >= 0,)),),
            otherwise=Verdict.UNKNOWN,
        ),
    ),
}


def kinds(part: Theorem | Check, system: NumberSystem) -> Iterator[str]:
    """Yield the kinds of statement that ``part`` is in ``system``."""
    if isinstance(part, Check):
        yield OF_CHECKS
        return
    operators = {node.operator for node in subterms(conjunction((*part.premises, part.conclusion)))}
    yield "of values"
    if operators & {"value", "exact", "in_range"}:
        yield "of exact values"
    if system.exact and "mul" in operators:
        yield "of products"
    if "sum" in operators and part.inductive:
        yield "of sums" if part.by_induction_on is None else "of sums, by induction"
    if "fold" in operators:
        yield "of folds"
    if "forall" in operators:
        yield "for all"


def _fail() -> str:
    raise CheckFailedError("as it should")


def of_checks(engine: str) -> Canary:
    """Return two checks, of which one fails."""
    passes = Check("a check that passes", engine, lambda: "as it should", Verdict.PROVED, ())
    return Canary(passes, (replace(passes, name="a check that fails", run=_fail),))
