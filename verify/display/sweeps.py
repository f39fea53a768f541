"""What people see of the record of sweeps."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from proofs.notation import text
from proofs.records import read
from verify.display.layout import print_wrapped
from verify.sweeps.program import judging
from verify.sweeps.record import RECORD, recorded, swept_theorems


def print_sweeps(console: Console) -> None:
    """Print what is on record of each theorem.

    Raises ``RecordError`` if the record does not speak of the theorem as it is.
    """
    tuples = count = 0
    before = ""
    for claim, theorem, system in swept_theorems():
        found = recorded(theorem, judging(theorem, system))
        if claim.id != before:
            console.print(Text(before := claim.id, style="bold"))
        named = f"{system.name}{f', {theorem.name}' if theorem.name else ''}"
        print_wrapped(console, f"{named}: {text(theorem.statement)}", "  ")
        within = f"{found.met:,} of {found.tuples:,} pairs within the premises, none fails"
        print_wrapped(console, f"{within}; swept {found.date}", "    ")
        tuples, count = tuples + found.tuples, count + 1
    console.print()
    told = f"{count} sweeps of {tuples:,} pairs in all, recorded with {read(RECORD)['versions']}"
    print_wrapped(console, told)
