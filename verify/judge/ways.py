"""Whether a module can go a way at all: an input that takes it, or a proof that there is none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy

from proofs.terms import Term
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.engines.smt import SmtEngine
from verify.judge.proving import settle
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.classes import kinds
from verify.judge.watching.reader import Decision

#: Seconds for one way.
SECONDS = 2.0


def input_for(
    decisions: Sequence[Decision],
    algebra: Algebra,
    deadline: float,
    given: Callable[[Term], Iterable[Term]] | None = None,
) -> dict[int, Any] | None:
    """Return the elements of an input with which all truth values are read as they were answered.

    Elements that do not matter are left out; it is to be replayed.

    Args:
        decisions: The truth values that were read on the way.
        algebra: Where their terms are.
        deadline: When to stop, on the clock of :func:`time.perf_counter`.
        given: What holds of every element of the input.

    Raises:
        ImpossibleError: There is no such input; ``None`` is for who does not know.
    """
    held = [
        d.term if d.answer else int(algebra.negation(d.term).reshape(())) for d in decisions
    ]  # fmt: skip
    together = algebra.connected("and", numpy.array([held], numpy.int32)).reshape(1)
    value = algebra.value(int(together[0]))
    if value is not None:
        if not value:
            raise ImpossibleError
        return {}
    false = numpy.array([algebra.constant(False)], numpy.int32)
    (one,) = kinds(algebra.terms, together, false)
    solvers = {name: e for name, e in ENGINES.items() if isinstance(e, SmtEngine)}
    until = min(deadline, time.perf_counter() + SECONDS)
    settled = settle(one, algebra.system, solvers, until, "here", given=given)
    if settled.verdict.settles:
        raise ImpossibleError
    if settled.verdict is not Verdict.REFUTED or settled.model is None:
        return None
    return {
        element: settled.model[node]
        for node, element in one.variables.items()
        if node in settled.model
    }


class ImpossibleError(Exception):
    """No input goes this way."""
