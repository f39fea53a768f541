"""``verify mutants``: which false neighbours of the claims were refuted, and by what."""

import argparse

from verify.commands.options import Commands, add_effort, add_output, add_selection


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
    from verify.commands.checking import report_on
    from verify.display.claims import print_mutants

    return report_on(options, print_mutants, cells=False, mutants=True)
