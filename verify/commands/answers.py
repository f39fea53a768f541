"""``verify answers``: the chapter's seven exercises, each with its answer and the evidence."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from verify.commands.options import Commands, UsageError, add_jobs, add_json, settings, whole_number
from verify.commands.output import console, targets, write_json

if TYPE_CHECKING:
    from proofs.answers import Exercise
    from verify.run.report import RunReport


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "answers", help="the chapter's seven exercises, answered, with the evidence"
    )
    parser.add_argument(
        "exercise",
        metavar="N",
        nargs="?",
        type=whole_number,
        help="only this exercise, checked now, with counterexamples to wrong answers",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="check the claims behind all answers now; otherwise their expected verdicts are shown",
    )
    add_json(parser)
    add_jobs(parser)
    # As `show exercise-N` has them for options.
    parser.set_defaults(seed=0, timeout=None)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from proofs.answers import EXERCISES
    from verify.display import answers as display

    files = targets(options)
    known = {exercise.number: exercise for exercise in EXERCISES}
    if options.exercise is not None and options.exercise not in known:
        raise UsageError(f"there is no exercise {options.exercise}; there are 1 to {len(known)}")
    alone = options.exercise is not None
    chosen = [known[options.exercise]] if alone else list(EXERCISES)
    report = _checked(options, chosen) if alone or options.check else None
    if options.json:
        write_json(options.json, display.to_dict(chosen, report))
    if "-" not in files:
        display.print_answers(console(), chosen, report, in_detail=alone)
    return 0 if report is None else report.exit_code()


def _checked(options: argparse.Namespace, exercises: Sequence[Exercise]) -> RunReport:
    """Check the claims behind some answers, and refute the wrong answers beside them."""
    from verify.cores import available_cores
    from verify.run.answers import todo
    from verify.run.runner import run

    return run(
        todo(exercises, sayings=options.exercise is None),
        settings(options),
        jobs=options.jobs or available_cores(),
    )
