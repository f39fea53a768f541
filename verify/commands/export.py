"""``verify export``: every solver obligation as a self-contained ``.smt2`` file."""

import argparse
from pathlib import Path

from verify.commands.options import (
    NOTHING_SELECTED,
    Commands,
    UsageError,
    add_selection,
    chosen_claims,
    chosen_systems,
)


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "export", help="write every statement put to a solver as an .smt2 file"
    )
    parser.add_argument(
        "folder", metavar="DIR", type=Path, help="the folder to write to; made if missing"
    )
    add_selection(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from verify.run.export import export

    if options.folder.exists() and not options.folder.is_dir():
        raise UsageError(f"cannot write into {options.folder}: it is a file")
    try:
        written = export(chosen_claims(options).values(), chosen_systems(options), options.folder)
    except OSError as error:
        raise UsageError(f"cannot write into {options.folder}: {error.strerror}") from None
    print(f"{len(written)} obligations in {options.folder}")
    return 0 if written else NOTHING_SELECTED
