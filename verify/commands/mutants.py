"""``verify mutants``: which false neighbours of the claims were refuted, and by what."""

from __future__ import annotations

import argparse

from verify.commands.options import (
    NOTHING_SELECTED,
    Commands,
    add_effort,
    add_output,
    add_selection,
    chosen_claims,
    console,
    targets,
)


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "mutants", help="false neighbours of the claims, and which engines refuted them"
    )
    add_selection(parser)
    add_effort(parser)
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from verify.commands.checking import checked, deliver, exit_code

    files = targets(options)
    report = checked(options, chosen_claims(options), cells=False, mutants=True)
    code = exit_code(report, options)
    try:
        deliver(options, report, files)
    finally:
        # Shown too where a disk had no room for the file.
        if "-" not in files and code != NOTHING_SELECTED:
            from verify.display.claims import print_mutants

            print_mutants(console(), report)
    return code
