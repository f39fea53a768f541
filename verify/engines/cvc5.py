"""cvc5: a second solver with its own arithmetic, bit-vector and floating-point theories."""

from __future__ import annotations

from verify.engines.engine import Settings
from verify.engines.smt import Answer, SmtEngine

#: cvc5's own count of steps, so that giving up does not depend on the load of the machine. A
#: product of 53-bit floats takes 700,000 of them; a million are up to a minute.
RESOURCE_LIMIT = 1_000_000


class Cvc5(SmtEngine):
    """The cvc5 solver."""

    name = "cvc5"
    distribution = "cvc5"
    module = "cvc5"
    method = "SMT: unsatisfiability of the negated statement"
    turn = 3
    overruns = True

    def solve(self, text: str, settings: Settings) -> Answer:
        """Decide one script."""
        import cvc5

        solver = cvc5.Solver()
        solver.setOption("produce-models", "true")
        # Formats other than IEEE's single and double count as experimental there.
        solver.setOption("fp-exp", "true")
        solver.setOption("rlimit-per", str(RESOURCE_LIMIT))
        solver.setOption("tlimit-per", str(max(1, int(settings.timeout * 1000))))
        parser = cvc5.InputParser(solver)
        parser.setStringInput(cvc5.InputLanguage.SMT_LIB_2_6, text, "obligation")
        symbols = parser.getSymbolManager()
        while True:
            command = parser.nextCommand()
            if command.isNull() or command.getCommandName() == "check-sat":
                break
            command.invoke(solver, symbols)
        result = solver.checkSat()
        if result.isUnsat():
            return Answer("unsat")
        if not result.isSat():
            return Answer("unknown", reason=str(result.getUnknownExplanation()))
        return Answer("sat", {str(t): str(solver.getValue(t)) for t in symbols.getDeclaredTerms()})
