"""From a proof obligation about whole numbers to a statement of Coq, to the letter.

A theorem of a ``.v`` file counts for an obligation if it states this very text, so that nobody has
to read both and find that they agree. A quotient is that of ``Z.div``, which rounds down whatever
the signs; by 0 it is 0 there and nothing here, so proofs see first that divisors are positive, and
no theorem counts whose divisors may be 0 (:mod:`proofs.definedness`).
"""

from __future__ import annotations

from proofs.claim import Obligation
from proofs.systems.number_system import UnsupportedError
from proofs.terms import Term, conjunction, free_variables

#: Operators and how Coq writes them.
_WRITTEN = {
    "add": "({0} + {1})",
    "sub": "({0} - {1})",
    "mul": "({0} * {1})",
    "floordiv": "({0} / {1})",
    "neg": "(- {0})",
    "maximum": "(Z.max {0} {1})",
    "minimum": "(Z.min {0} {1})",
    "le": "({0} <= {1})",
    "lt": "({0} < {1})",
    "eq": "({0} = {1})",
    "ne": "({0} <> {1})",
    "not": "(~ {0})",
    "iff": "({0} <-> {1})",
    "implies": "({0} -> {1})",
    "applied": "{0}",
}
_JOINED = {"and": " /\\ ", "or": " \\/ "}


def statement(obligation: Obligation) -> str:
    """Return what Coq has to prove, closed, about ``Z``.

    Raises ``UnsupportedError`` if Coq is told nothing of an operator.
    """
    writer = _Writer()
    premises = [writer.write(premise) for premise in obligation.premises]
    goal = writer.write(obligation.goal)
    names = free_variables(conjunction((*obligation.premises, obligation.goal)))
    of_all = " ".join([*names, *writer.choices])
    given = "".join(f"{premise} -> " for premise in (*premises, *writer.choices.values()))
    return f"forall {of_all} : Z, {given}{goal}" if of_all else f"{given}{goal}"


class _Writer:
    """Writes terms, and gives each choice a name of which it is told what it is."""

    def __init__(self) -> None:
        self.choices: dict[str, str] = {}
        self.done: dict[int, str] = {}

    def write(self, term: Term) -> str:
        if id(term) not in self.done:
            self.done[id(term)] = self._write(term)
        return self.done[id(term)]

    def _write(self, term: Term) -> str:
        operator = term.operator
        if operator == "variable":
            return str(term.leaf)
        if operator == "constant":
            if not isinstance(term.leaf, int):
                # Coq would read 1/2 as a quotient of whole numbers, which is 0.
                raise UnsupportedError(f"{term.leaf} has no entry for Coq: it is no whole number")
            written = str(term.leaf)
            return f"({written})" if written.startswith("-") else written
        args = [self.write(arg) for arg in term.args]
        if operator in _JOINED:
            return f"({_JOINED[operator].join(args)})" if args else "True"
        if operator == "select":
            condition, then, otherwise = args
            name = f"chosen_{len(self.choices) + 1}"
            self.choices[name] = (
                f"(({condition} -> {name} = {then}) /\\ (~ {condition} -> {name} = {otherwise}))"
            )
            return name
        if operator not in _WRITTEN:
            raise UnsupportedError(f"{operator} has no entry for Coq")
        return _WRITTEN[operator].format(*args)
