"""Z3: decides every theory the project uses, quantifiers included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from verify.engines.engine import Settings
from verify.engines.smt import Answer, SmtEngine

if TYPE_CHECKING:
    import z3

#: Z3's own count of steps, so that giving up does not depend on the load of the machine; about
#: twenty seconds of bit-blasting, and several times what any claim needs.
RESOURCE_LIMIT = 100_000_000
#: How many of them a way is given that is several times as fast where it gets there at all.
SHORT_CUT = 800_000
#: Products beside choices: equations are solved and choices made clauses before nlsat begins.
WITHOUT_CHOICES = (
    "simplify", "propagate-values", "solve-eqs", "purify-arith", "elim-term-ite", "solve-eqs",
    "qfnra-nlsat",
)  # fmt: skip
LONGER_CUT = 10 * SHORT_CUT


class Z3(SmtEngine):
    """The Z3 solver."""

    name = "z3"
    distribution = "z3-solver"
    module = "z3"
    method = "SMT: unsatisfiability of the negated statement"
    turn = 2

    def reads(self, text: str) -> bool:
        """Decline float formats that Z3 cannot add in, or only in its own good time.

        It refuses those with fewer significant bits than exponent bits, and its bit-blasting of
        53 bits takes up to minutes where the other solvers take a second.
        """
        formats = re.findall(r"\(_ (?:FloatingPoint|to_fp) (\d+) (\d+)\)", text)
        return super().reads(text) and all(int(e) <= int(p) <= 24 for e, p in formats)

    def solve(self, text: str, settings: Settings) -> Answer:
        """Decide one script."""
        for solver, steps in _ways(text):
            solver.set("rlimit", steps)
            solver.set("timeout", max(1, int(settings.timeout * 1000)))
            solver.from_string(text)
            word = str(solver.check())
            if word != "unknown":
                break
        if word != "sat":
            return Answer(word, reason=solver.reason_unknown() if word == "unknown" else "")
        model = solver.model()
        declared = re.findall(r"\(declare-const (\S+) ", text)
        constants = {str(d.name()): d for d in model.decls()}
        values = {}
        for name in declared:
            if name in constants:
                values[name] = model[constants[name]].sexpr()
        return Answer(word, _completed(values, text))


def _ways(text: str) -> Iterator[tuple[z3.Solver, int]]:
    """Yield the solvers to be tried on a script, each with as many steps as it may take.

    Each has a context of its own, so that no script's steps depend on those before it. Arithmetic
    is for the plain solver: the portfolio gives its tactics seconds by the clock, not steps.
    """
    import z3

    arithmetic = re.match(r"\(set-logic QF_([LN][IR]A)\)", text)
    if arithmetic is None:
        yield z3.Solver(ctx=z3.Context()), RESOURCE_LIMIT
        return
    if arithmetic[1] == "NIA":
        # Sizes and strides seldom need Gröbner bases, and what remainders ask for does.
        without = z3.SimpleSolver(ctx=z3.Context())
        without.set("arith.nl.grobner", False)
        yield without, SHORT_CUT
    if arithmetic[1] == "NRA":
        yield z3.Tactic("qfnra-nlsat", z3.Context()).solver(), SHORT_CUT
        context = z3.Context()
        tactics = [z3.Tactic(name, context) for name in WITHOUT_CHOICES]
        yield z3.Then(*tactics).solver(), LONGER_CUT
    yield z3.SimpleSolver(ctx=z3.Context()), RESOURCE_LIMIT


def _completed(values: dict[str, str], text: str) -> dict[str, str]:
    """Give the constants that a model leaves open the value zero."""
    zeros = {"Int": "0", "Real": "0.0"}
    for name, sort in re.findall(r"\(declare-const (\S+) (.+)\)$", text, re.MULTILINE):
        if name not in values:
            bits = re.match(r"\(_ BitVec (\d+)\)", sort)
            values[name] = f"#b{'0' * int(bits[1])}" if bits else zeros.get(sort, "(_ +zero 0 0)")
    return values
