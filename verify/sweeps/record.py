"""The record of sweeps that take seconds: what each found, when, and of what it is true.

``proofs/sweeps.json`` has an entry for each theorem that names a format in ``swept``. It is found
by what the sweep depends on, and by nothing else: the statement, the program that is compiled from
it, the elements in their order, and the sources that run the program and count. If any of these is
another than it was, there is no such entry.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path

import proofs
from proofs.claim import Claim, Theorem
from proofs.notation import text
from proofs.records import RecordError, read, written_out
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from verify.sweeps.deciding import decide
from verify.sweeps.elements import elements
from verify.sweeps.program import Program, judging

RECORD = Path(proofs.__file__).parent / "sweeps.json"
#: How a record is made anew.
AGAIN = "python -m verify sweeps --record makes it again"

_ROOT = Path(__file__).parents[2]
#: What runs a program and counts. What it leaves in doubt is decided elsewhere, and not recorded.
SOURCES = tuple(f"verify/sweeps/{name}.py" for name in ("deciding", "machine_code", "sweep"))


@dataclass(frozen=True)
class Swept:
    """What a sweep found that no tuple fails: how many there are, and how many the premises met."""

    tuples: int
    met: int
    #: The day on which it was made.
    date: str


def depends_on(theorem: Theorem, program: Program) -> str:
    """Return a SHA-256 of all that the findings of a sweep depend on."""
    facts = [written_out(theorem), program.source, program.format, _elements(program.format)]
    return sha256("\0".join([*facts, _sources()]).encode()).hexdigest()


@cache
def _elements(name: str) -> str:
    """Return a digest of the elements of a format in their order; a NaN is a NaN."""
    import numpy

    values = elements(name).values
    return sha256(numpy.where(numpy.isnan(values), numpy.nan, values).tobytes()).hexdigest()


@cache
def _sources() -> str:
    return sha256(b"\0".join((_ROOT / name).read_bytes() for name in SOURCES)).hexdigest()


def versions() -> str:
    """Return the versions of what compiles programs here and holds the elements."""
    return f"llvmlite {metadata.version('llvmlite')}, NumPy {metadata.version('numpy')}"


def recorded(theorem: Theorem, program: Program, record: Path = RECORD) -> Swept:
    """Return what the record says of a theorem in the format of ``program``.

    Raises ``RecordError`` if it says nothing, or what no sweep without a counterexample finds.
    """
    named = f"{text(theorem.statement)} in {program.format}"
    digest = depends_on(theorem, program)
    try:
        found = [entry for entry in read(record)["sweeps"] if entry["sha256"] == digest]
        if not found:
            why = "no record of a sweep, or what it depends on has changed"
            raise RecordError(f"{named}: {why}: {AGAIN}")
        entry = found[0]
        swept = Swept(entry["tuples"], entry["met"], entry["date"])
        refuted = entry["counterexample"] is not None
    except (KeyError, TypeError) as why:
        raise RecordError(f"{record.name} is damaged: {why!r}: {AGAIN}") from None
    every = len(elements(program.format)) ** len(theorem.variables)
    if refuted or swept.tuples != every or not 0 < swept.met <= every:
        raise RecordError(f"{named}: the record cannot be that of a sweep of all pairs: {AGAIN}")
    return swept


def swept_theorems() -> Iterator[tuple[Claim, Theorem, FloatFormat]]:
    """Yield each theorem with each format whose sweep is on record, and the claim it is of."""
    for claim in proofs.claims().values():
        for theorem in claim.theorems:
            for name in theorem.swept:
                system = SYSTEMS[name]
                assert isinstance(system, FloatFormat)
                yield claim, theorem, system


def made_record(
    progress: Callable[[str], object] = lambda named: None,
    chosen: Collection[str] | None = None,
) -> dict[str, object]:
    """Sweep every theorem that names a format, those of the ``chosen`` claims only, and return it.

    Raises ``RecordError`` if a pair fails or is left in doubt, or none is within the premises.
    """
    entries = []
    for claim, theorem, system in swept_theorems():
        if chosen is not None and claim.id not in chosen:
            continue
        named = f"{claim.id}{f', {theorem.name}' if theorem.name else ''} in {system.name}"
        progress(named)
        program = judging(theorem, system)
        found = decide(program, theorem, system)
        if found.failing is not None or found.doubtful or not found.met:
            raise RecordError(f"{named}: no sweep to be recorded: {found}")
        entries.append(
            {
                "claim": claim.id,
                "part": theorem.name,
                "system": system.name,
                "statement": text(theorem.statement),
                "sha256": depends_on(theorem, program),
                "date": datetime.now(UTC).date().isoformat(),
                "tuples": found.tuples,
                "met": found.met,
                "counterexample": None,
            }
        )
    return {"versions": versions(), "sweeps": entries}
