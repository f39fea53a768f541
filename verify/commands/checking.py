"""Checking claims for a command: the run with its progress bar, its reports, its exit code."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from verify.commands.options import (
    NOTHING_SELECTED,
    chosen_engines,
    chosen_systems,
    settings,
    write,
    write_json,
)

if TYPE_CHECKING:
    from proofs.claim import Claim
    from verify.run.report import RunReport
    from verify.run.runner import Report


def checked(
    options: argparse.Namespace, claims: Mapping[str, Claim], *, cells: bool, mutants: bool
) -> RunReport:
    """Check the claims, the mutants or both, with a progress bar."""
    from verify.cores import available_cores
    from verify.run import runner

    systems = chosen_systems(options)
    engines = chosen_engines(options)
    todo = runner.tasks(claims, systems, cells=cells, mutants=mutants)
    with _progress(len(todo)) as advance:
        return runner.run(
            todo,
            settings(options),
            jobs=options.jobs or available_cores(),
            engines=engines,
            partial=bool(options.engine),
            stop_early=getattr(options, "stop_early", False),
            progress=advance,
        )


@contextlib.contextmanager
def _progress(total: int) -> Iterator[Any]:
    """Show a bar on standard error if it is a terminal, nothing in a pipe."""
    if not sys.stderr.isatty() or total < 2:
        yield lambda finding: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=total)

        def advance(finding: Report) -> None:
            where = getattr(finding, "system", "") or "mutants"
            bar.update(task, advance=1, description=f"{finding.claim} · {where}")

        yield advance


def deliver(options: argparse.Namespace, report: RunReport, targets: Sequence[str]) -> None:
    """Write the report to the files that the options name."""
    if not targets:
        return
    from verify.display.junit import junit

    if options.json:
        write_json(options.json, report.to_dict())
    if options.junit:
        write(options.junit, junit(report))


def exit_code(report: RunReport, options: argparse.Namespace) -> int:
    """Return the exit code of a run, saying so if nothing was selected."""
    code = report.exit_code()
    if code == NOTHING_SELECTED:
        print(f"python -m verify {options.command}: nothing is selected", file=sys.stderr)
    return code
