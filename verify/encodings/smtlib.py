"""From a proof obligation to one self-contained SMT-LIB script.

Every SMT solver reads the very text made here, and ``verify export`` writes it to files, so what
was solved can be solved again by anybody with any solver. A script is satisfiable exactly when the
obligation fails.
"""

from __future__ import annotations

from proofs.claim import Obligation
from proofs.notation import text
from proofs.operators import operator as row_of
from proofs.systems.number_system import Encoder, NumberSystem, Script, UnsupportedError
from proofs.terms import Sort, Term, free_variables, subterms


def script(obligation: Obligation, system: NumberSystem, *, goal: bool = True) -> str:
    """Return the script whose models refute ``obligation``.

    With ``goal=False`` its models are instead the values that meet the premises: the check that
    an obligation is not vacuous. Raises ``UnsupportedError`` if the system cannot encode a term.
    """
    if system.logic is None:
        raise UnsupportedError(f"{system.name} has no SMT-LIB encoding")
    terms = (*obligation.premises, *((obligation.goal,) if goal else ()))
    out = Script(_logic(system.logic, terms))
    encoder = system.encoder(out)
    writer = _Writer(encoder, out)
    for name in dict.fromkeys(name for term in terms for name in free_variables(term)):
        writer.free[name] = encoder.variable(name)
    for premise in obligation.premises:
        out.require(writer.write(premise), f"given: {text(premise)}")
    if goal:
        written = writer.write(obligation.goal)
        out.require(f"(not {written})", f"to be refuted: {text(obligation.goal)}")
    encoder.finish()
    return out.render()


def _logic(logic: str, terms: tuple[Term, ...]) -> str:
    nodes = [node for term in terms for node in subterms(term)]
    if any(node.operator == "forall" for node in nodes):
        return "ALL"
    nonlinear = any(
        (places := row_of(node.operator).linear_in) is not None
        and all(node.args[place].operator != "constant" for place in places)
        for node in nodes
    )
    # Arithmetic is declared as plain as it is; the rounding axiom multiplies by u in any case.
    if logic in ("QF_NRA", "QF_NIA") and not nonlinear and "NRA" not in logic:
        return logic.replace("N", "L", 1)
    return logic


class _Writer:
    """Writes terms in one encoder's notation, naming every compound element."""

    def __init__(self, encoder: Encoder, out: Script) -> None:
        self.encoder = encoder
        self.out = out
        self.free: dict[str, str] = {}
        self.bound: set[str] = set()
        self.done: dict[int, str] = {}

    def write(self, term: Term) -> str:
        if id(term) not in self.done:
            self.done[id(term)] = self._write(term)
        return self.done[id(term)]

    def _write(self, term: Term) -> str:
        encoder = self.encoder
        match term.operator, term.args:
            case "variable", _:
                return self.free.get(str(term.leaf), str(term.leaf))
            case "forall", (*bound, body):
                declared = " ".join(f"({x.leaf} {encoder.number_sort})" for x in bound)
                self.bound |= {str(x.leaf) for x in bound}
                return f"(forall ({declared}) {self.write(body)})"
            case (("exact" | "in_range"), (operation,)):
                operands = [self.write(arg) for arg in operation.args]
                return encoder.predicate(term.operator, operation.operator, operands)
            case "applied", (inner,):
                return self.write(inner)
            case "widened", (inner,):
                wide = _Writer(encoder.wider(), self.out)
                wide.bound = self.bound
                for name in free_variables(inner):
                    wide.free[name] = encoder.widened(self.free.get(name, name))
                return encoder.narrowed(wide.write(inner))
            case "finite", (x,):
                return encoder.predicate("finite", "", [self.write(x)])
        args = [self.write(arg) for arg in term.args]
        if term.sort is Sort.PROPOSITION:
            return self._proposition(term, args)
        sort = encoder.number_sort if term.sort is Sort.NUMBER else encoder.exact_sort
        if term.operator == "select":
            written = encoder.select(args)
        elif term.sort is Sort.EXACT:
            written = encoder.exact(term.operator, args, term.leaf)
        elif term.operator == "constant":
            written = encoder.constant(term.leaf)
        else:
            written = encoder.number(term.operator, args)
        if not term.args or not written.startswith("("):
            return written
        if self.bound and self.bound & set(free_variables(term)):
            return written
        return self.out.define(sort, written, text(term))

    def _proposition(self, term: Term, args: list[str]) -> str:
        """Write a connective, or a relation of what the arguments are."""
        if not args or term.args[0].sort is Sort.PROPOSITION:
            return row_of(term.operator).written("truth", args, {})
        about_numbers = term.args[0].sort is Sort.NUMBER
        relation = self.encoder.relation if about_numbers else self.encoder.exact_relation
        return relation(term.operator, args)
