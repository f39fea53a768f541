"""Bitwuzla: the specialist for bit-vectors and IEEE floats, often the only one in time."""

from __future__ import annotations

from verify.engines.engine import Settings
from verify.engines.smt import Answer, SmtEngine


class Bitwuzla(SmtEngine):
    """The Bitwuzla solver. It counts no steps, so only the wall clock can stop it."""

    name = "bitwuzla"
    distribution = "bitwuzla"
    module = "bitwuzla"
    method = "SMT: bit-blasting to SAT"
    turn = 1
    logics = ("QF_BV", "QF_FP")
    # Its released builds refuse every other format as experimental.
    float_formats = ((5, 11), (8, 24), (11, 53))

    def solve(self, text: str, settings: Settings) -> Answer:
        """Decide one script."""
        import bitwuzla

        manager = bitwuzla.TermManager()
        options = bitwuzla.Options()
        options.set(bitwuzla.Option.PRODUCE_MODELS, True)
        options.set(bitwuzla.Option.TIME_LIMIT_PER, max(1, int(settings.timeout * 1000)))
        parser = bitwuzla.Parser(manager, options)
        parser.parse(text.replace("(check-sat)\n", ""), True, False)
        solver = parser.bitwuzla()
        word = str(solver.check_sat()).lower().rsplit(".", 1)[-1]
        if word != "sat":
            return Answer(word, reason="time limit" if word == "unknown" else "")
        return Answer(
            word,
            {str(t.symbol()): str(solver.get_value(t)) for t in parser.get_declared_funs()},
        )
