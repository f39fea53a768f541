"""From a proof obligation to one self-contained SMT-LIB script.

Every SMT solver reads the very text made here, and ``verify export`` writes it to files, so what
was solved can be solved again by anybody with any solver. A script is satisfiable exactly when the
obligation fails.
"""

from __future__ import annotations

from proofs.claim import Obligation
from proofs.notation import text
from proofs.systems.number_system import Encoder, NumberSystem, Script, UnsupportedError
from proofs.terms import Sort, Term, free_variables, subterms

_CONNECTIVE = {"and": "and", "or": "or", "not": "not", "implies": "=>", "iff": "="}


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
        node.operator in ("mul", "floordiv", "div")
        and (node.operator != "mul" or all(arg.operator != "constant" for arg in node.args))
        and node.args[1].operator != "constant"
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
            case "true", _:
                return "true"
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
        if term.operator in _CONNECTIVE:
            return f"({_CONNECTIVE[term.operator]} {' '.join(args)})"
        if term.operator in ("eq", "ne", "lt", "le"):
            operator = "eq" if term.operator == "ne" else term.operator
            about_numbers = term.args[0].sort is Sort.NUMBER
            relate = encoder.relation if about_numbers else encoder.exact_relation
            written = relate(operator, args[0], args[1])
            return f"(not {written})" if term.operator == "ne" else written
        sort = encoder.number_sort if term.sort is Sort.NUMBER else encoder.exact_sort
        if term.operator == "select":
            written = f"(ite {' '.join(args)})"
        elif term.sort is Sort.NUMBER:
            written = encoder.number(term.operator, args, term.leaf)
        else:
            written = encoder.exact(term.operator, args, term.leaf)
        if not term.args or self.bound & set(free_variables(term)) or not written.startswith("("):
            return written
        return self.out.define(sort, written, text(term))
