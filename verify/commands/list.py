"""``verify list``: what is claimed, and how it stands."""

import argparse

from verify.commands.options import (
    NOTHING_SELECTED,
    Commands,
    add_selection,
    chosen_claims,
    chosen_systems,
    complain,
)
from verify.commands.output import console


def add(commands: Commands) -> None:
    """Add the command's parser."""
    add_selection(commands.add_parser("list", help="every claim: its statement and its verdicts"))


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from verify.display.claims import print_claims

    systems = chosen_systems(options)
    chosen = [
        c for c in chosen_claims(options).values() if any(c.expects(system) for system in systems)
    ]
    if not chosen:
        complain("list", "nothing is selected")
        return NOTHING_SELECTED
    print_claims(console(), chosen, systems)
    return 0
