"""``verify kernel``: the theorems of Coq, what each says, and the record of their being checked."""

import argparse

from verify.commands.options import INTERNAL, Commands, UsageError, complain
from verify.commands.output import console, write_json


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "kernel", help="theorems checked by a proof kernel: what each says, and what it assumes"
    )
    parser.add_argument(
        "--record",
        action="store_true",
        help="check those anew whose text has changed, see that no false neighbour of them can be "
        "proved, and write the record; needs Coq",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from proofs.kernel import RECORD, read_record
    from proofs.records import RecordError
    from verify.display.kernel import print_theorems
    from verify.engines import ENGINES
    from verify.engines.coq import made_record

    try:
        if options.record:
            if absent := ENGINES["coq"].recorded():
                raise UsageError(absent)
            before = read_record() if RECORD.exists() else None
            write_json(str(RECORD), made_record(before=before))
        print_theorems(console())
    except RecordError as why:
        complain("kernel", str(why))
        return INTERNAL
    return 0
