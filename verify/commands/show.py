"""``verify show``: one claim's page, with its counterexample."""

from __future__ import annotations

import argparse
import inspect
import sys
from typing import TYPE_CHECKING

from verify.commands.options import (
    Commands,
    UsageError,
    add_domain,
    add_effort,
    console,
    suggestion,
)

if TYPE_CHECKING:
    from proofs.claim import Claim


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser("show", help="one claim's page, with its counterexample")
    parser.add_argument("claim", metavar="CLAIM", help="a claim's id, as `list` prints it")
    add_domain(parser)
    add_effort(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from proofs import claims
    from verify.commands.checking import checked, exit_code
    from verify.display import print_page

    known = claims()
    if options.claim not in known:
        raise UsageError(f"no claim is called {options.claim!r}{suggestion(options.claim, known)}")
    claim = known[options.claim]
    report = checked(options, {claim.id: claim}, cells=True, mutants=False)
    print_page(console(), claim, report, _page_of(claim))
    return exit_code(report, options)


def _page_of(claim: Claim) -> str:
    """Return the text of the claim's file: its module's docstring."""
    import pkgutil

    import proofs

    for module in pkgutil.walk_packages(proofs.__path__, "proofs."):
        loaded = sys.modules.get(module.name)
        if getattr(loaded, "claim", None) is claim:
            return inspect.getdoc(loaded) or ""
    return ""
