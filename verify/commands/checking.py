"""Checking claims for a command: the run with its progress bar, its reports, its exit code."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from verify.commands.options import (
    NOTHING_SELECTED,
    chosen_claims,
    chosen_engines,
    chosen_systems,
    complain,
    settings,
)
from verify.commands.output import console, targets, write_json, write_xml

if TYPE_CHECKING:
    from rich.console import Console

    from proofs.claim import Claim
    from verify.run.report import RunReport
    from verify.run.runner import Report


def checked(
    options: argparse.Namespace,
    claims: Mapping[str, Claim],
    *,
    cells: bool,
    mutants: bool,
    draws: bool = True,
) -> RunReport:
    """Check the claims, the mutants or both, with a progress bar.

    With ``draws``, some answers that are stored are asked for again.
    """
    from verify.cores import available_cores
    from verify.display.progress import progress
    from verify.run import runner

    systems = chosen_systems(options)
    engines = chosen_engines(options)
    todo = runner.tasks(
        claims, systems, cells=cells, mutants=mutants, everywhere=not options.system
    )
    with progress(len(todo), counted=True) as advance:

        def tell(found: Report | None) -> None:
            advance(f"{found.claim} · {found.system or 'mutants'}" if found else "", 1)

        return runner.run(
            todo,
            settings(options, draws=draws),
            jobs=options.jobs or available_cores(),
            engines=engines,
            partial=bool(options.engine),
            stop_early=getattr(options, "stop_early", False),
            progress=tell,
        )


def report_on(
    options: argparse.Namespace,
    page: Callable[[Console, RunReport], None],
    *,
    cells: bool,
    mutants: bool,
) -> int:
    """Check the chosen claims, deliver the report to files or as a page; return the exit code."""
    files = targets(options)
    report = checked(options, chosen_claims(options), cells=cells, mutants=mutants)
    code = exit_code(report, options)
    try:
        _deliver(options, report)
    finally:
        # Shown too where a disk had no room for the file.
        if "-" not in files and code != NOTHING_SELECTED:
            page(console(), report)
    return code


def _deliver(options: argparse.Namespace, report: RunReport) -> None:
    """Write the report to the files that the options name."""
    from verify.display.junit import junit
    from verify.display.report import to_dict

    if options.json:
        write_json(options.json, to_dict(report))
    if options.junit:
        write_xml(options.junit, junit(report))


def exit_code(report: RunReport, options: argparse.Namespace) -> int:
    """Return the exit code of a run, saying so if nothing was selected."""
    code = report.exit_code()
    if code == NOTHING_SELECTED:
        complain(options.command, "nothing is selected")
    return code
