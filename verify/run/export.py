"""Every solver obligation as a file that any SMT solver can check again."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterable
from pathlib import Path

from proofs.claim import Claim, Obligation, Theorem
from proofs.notation import text
from proofs.systems import SYSTEMS
from proofs.systems.number_system import NumberSystem, UnsupportedError
from proofs.verdict import Verdict
from verify.encodings.smtlib import script
from verify.engines import ENGINES
from verify.engines.smt import SmtEngine

#: Signs whose loss would make two names one.
_SPELLED = str.maketrans({"→": " to ", "−": " minus ", "<": " less ", ">": " more ", "≠": " not "})

SOLVERS = [engine for engine in ENGINES.values() if isinstance(engine, SmtEngine)]
_MEANS = {
    "sat": "the negation has a model",
    "unsat": "the negation has no model",
    "unknown": "no solver is asked about it here",
}


def export(claims: Iterable[Claim], systems: Iterable[str], folder: Path) -> list[Path]:
    """Write one ``.smt2`` file per obligation into ``folder`` and return their paths.

    Each opens with a comment that says what it is, and states the expected answer as SMT-LIB's own
    ``(set-info :status …)``: ``unsat`` for what holds, ``sat`` for what is refuted, ``unknown`` for
    what no solver of this project is asked about, such as an induction that does not go through:
    samples alone speak for it, or another engine. Names follow from the claim, the system and the
    part alone.

    Raises ``ValueError`` if two obligations would share a file, and ``FileExistsError`` if
    another one is there under a name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chosen = tuple(systems)
    written = []
    for claim in claims:
        for name in chosen:
            if (verdict := claim.expects(name)) is None:
                continue
            parts = [part for part in claim.parts_in(name) if isinstance(part, Theorem)]
            for theorem in parts:
                if theorem.inductive and verdict is Verdict.REFUTED:
                    continue  # whether its base or its step fails is not known
                for obligation in theorem.obligations():
                    system = SYSTEMS[theorem.judged_in or name]
                    content = _content(claim, theorem, obligation, system, verdict)
                    if content is not None:
                        labels = (claim.id, name, theorem.name, obligation.label)
                        path = folder / f"{'__'.join(_slug(x) for x in labels if x)}.smt2"
                        if path in written:
                            raise ValueError(f"two obligations of {claim.id} would be {path.name}")
                        _write(path, content)
                        written.append(path)
    return written


def _write(path: Path, content: str) -> None:
    """Write a file that is not there; one that is there has to say the same."""
    said = content.encode()
    try:
        with path.open("xb") as file:
            file.write(said)
    except FileExistsError:
        if path.read_bytes() != said:
            why = f"{path.name} is there and says something else"
            raise FileExistsError(errno.EEXIST, why) from None


def _content(
    claim: Claim,
    theorem: Theorem,
    obligation: Obligation,
    system: NumberSystem,
    verdict: Verdict,
) -> str | None:
    try:
        body = script(obligation, system)
    except UnsupportedError:
        return None
    status = "sat" if verdict is Verdict.REFUTED else "unsat"
    if not any(engine.supports(theorem, system) for engine in SOLVERS):
        status = "unknown"
    lines = [
        f"; {claim.id} in {system.name} ({system.title})",
        f"; {text(theorem.statement)}",
        *([f"; {obligation.label}"] if obligation.label else []),
        f"; assuming {system.assumes}",
        f"; {status}: {_MEANS[status]}",
        f"(set-info :status {status})",
    ]
    logic, rest = body.split("\n", 1)
    return "\n".join([logic, *lines, rest])


def _slug(words: str) -> str:
    spelled = re.sub(r"(?<!\w)-(?=\d)", " minus ", words).translate(_SPELLED)
    return re.sub(r"[^A-Za-z0-9_]+", "-", spelled).strip("-")
