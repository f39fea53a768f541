"""``verify all``: check everything, print the matrix."""

import argparse

from verify.commands.options import Commands, add_effort, add_output, add_selection


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "all", help="check every claim in every number system; print the matrix of verdicts"
    )
    add_selection(parser)
    add_effort(parser)
    parser.add_argument(
        "-x",
        dest="stop_early",
        action="store_true",
        help="stop at the first verdict that is not the expected one",
    )
    parser.add_argument(
        "--thorough",
        action="store_true",
        help="ask every engine about every statement; otherwise one after the other until two "
        "have proved it or one has refuted it",
    )
    add_output(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from verify.commands.checking import report_on
    from verify.display.claims import print_run

    # An engine that is asked alone need not be one that refutes mutants.
    return report_on(options, print_run, cells=True, mutants=not options.engine)
