"""``verify sweeps``: what was found by going through all pairs of a 16-bit format, and when."""

from __future__ import annotations

import argparse

from verify.commands.options import INTERNAL, Commands, complain
from verify.commands.output import console, write_json


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "sweeps", help="the record of sweeps of all pairs of a 16-bit format: what each found"
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="make all sweeps again and write the record: minutes of one core",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from proofs.records import RecordError
    from verify.display.progress import progress
    from verify.display.sweeps import print_sweeps
    from verify.sweeps.record import RECORD, made_record, swept_theorems

    try:
        if options.record:
            with progress(len([*swept_theorems()]), counted=True) as advance:
                made = made_record(lambda named: advance(named, 1))
            write_json(str(RECORD), made)
        print_sweeps(console())
    except RecordError as why:
        complain("sweeps", str(why))
        return INTERNAL
    return 0
