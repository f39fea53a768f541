"""``verify show``: one claim's page, with its counterexample; or the page of a pooling."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from verify.commands.options import (
    Commands,
    UsageError,
    add_effort,
    add_system,
    settings,
    suggestion,
)
from verify.commands.output import console

if TYPE_CHECKING:
    from proofs.claim import Claim
    from verify.run.report import MutantReport


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "show", help="the page of a claim, with its counterexample; of a pooling; of an exercise"
    )
    parser.add_argument(
        "claim",
        metavar="CLAIM",
        help="a claim's id, as `list` prints it; a pooling, such as softmax_pool2d, "
        "GlobalAvgPool2d or min-pooling; or exercise-1 to exercise-7",
    )
    add_system(
        parser, action="append", help="only this number system, such as float32; may be repeated"
    )
    add_effort(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    from proofs import claims

    known = claims()
    if options.claim in known:
        return _show_claim(options, known[options.claim])
    import costmodel
    from verify.display.poolings.names import named, names
    from verify.display.poolings.page import print_pooling

    for option in ("system", "engine"):
        if getattr(options, option):
            raise UsageError(f"--{option} is for a claim, and none is called {options.claim!r}")
    exercises = _exercises()
    exercise = exercises.get(re.sub("[ _]", "-", options.claim.lower()))
    if exercise is not None:
        from verify.commands import answers

        return answers.run(argparse.Namespace(**vars(options), exercise=exercise, json=None))
    found = named(options.claim)
    for number, pooling in enumerate(found):
        if number:
            print()
        print_pooling(console(), pooling)
    if found:
        return 0
    words = dict.fromkeys([*known, *costmodel.operators(), *names(), *exercises])
    raise UsageError(
        f"no claim and no pooling is called {options.claim!r}"
        f"{suggestion(options.claim.lower(), words)}"
    )


def _exercises() -> dict[str, int]:
    """Return the names of exercises, and of parts of them, with the exercise's number."""
    from proofs.answers import EXERCISES

    return {
        f"exercise-{exercise.number}{part}": exercise.number
        for exercise in EXERCISES
        for part in ("", *(f".{number}" for number in range(1, exercise.parts + 1)))
    }


def _show_claim(options: argparse.Namespace, claim: Claim) -> int:
    from verify.commands.checking import checked, exit_code
    from verify.display.claims import print_page, print_saying

    report = checked(options, {claim.id: claim}, cells=True, mutants=False, draws=False)
    said = _refuted_sayings(options, claim)
    screen = console()
    print_page(screen, claim, report, claim.page)
    for mutant in said:
        print_saying(screen, mutant)
    return exit_code(report, options) or int(not all(mutant.ok for mutant in said))


def _refuted_sayings(options: argparse.Namespace, claim: Claim) -> list[MutantReport]:
    """Refute what is said in the place of the claim, unless a part of its page is asked for."""
    from proofs.folklore import AS_SAID
    from verify.run import runner

    if options.system or options.engine:
        return []
    todo = [
        runner.Task(claim.id, mutant=number)
        for number, name in enumerate(claim.mutants)
        if name.startswith(AS_SAID)
    ]
    return runner.run(todo, settings(options, draws=False)).mutants
