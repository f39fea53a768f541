"""``verify doctor``: engines, versions and devices, and what is missing."""

import argparse

from verify.commands.options import Commands
from verify.commands.output import console


def add(commands: Commands) -> None:
    """Add the command's parser."""
    commands.add_parser("doctor", help="engines, versions and devices found here; what is missing")


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from verify.display.claims import print_doctor
    from verify.run.doctor import findings

    rows = findings()
    print_doctor(console(), rows)
    return 0 if not any(state.startswith("missing") for state, _ in rows.values()) else 1
