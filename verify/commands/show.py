"""``verify show``: one claim's page, with its counterexample; or the page of a pooling."""

from __future__ import annotations

import argparse
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from verify.commands.options import (
    Commands,
    UsageError,
    add_effort,
    add_system,
    console,
    settings,
    suggestion,
)

if TYPE_CHECKING:
    from proofs.claim import Claim
    from verify.poolings import NamedOperator
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
    from verify import poolings

    for option in ("system", "engine"):
        if getattr(options, option):
            raise UsageError(f"--{option} is for a claim, and none is called {options.claim!r}")
    exercises = _exercises()
    exercise = exercises.get(re.sub("[ _]", "-", options.claim.lower()))
    if exercise is not None:
        from verify.commands import answers

        return answers.run(argparse.Namespace(**vars(options), exercise=exercise, json=None))
    found = poolings.named(options.claim)
    for number, pooling in enumerate(found):
        if number:
            print()
        _show_pooling(pooling)
    if found:
        return 0
    words = dict.fromkeys([*known, *costmodel.operators(), *poolings.names(), *exercises])
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

    report = checked(options, {claim.id: claim}, cells=True, mutants=False)
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
        for number, mutant in enumerate(claim.mutants)
        if mutant.name.startswith(AS_SAID)
    ]
    return runner.run(todo, settings(options)).mutants


def _show_pooling(pooling: NamedOperator) -> None:
    """Print what a pooling computes, its modules, its cost, and the claims that are about it."""
    from rich.text import Text

    import pooling as definitions
    from costmodel.registry import entry_of
    from verify.display.claims import print_claims
    from verify.display.layout import page_width

    screen = console()
    operator, layer = pooling.operator, pooling.layer
    title = f"{layer}{operator[-2:]}" if layer else _title(pooling)
    screen.print(Text(f"{title}: {operator}", style="bold"))
    width = page_width(screen)
    described = [
        _head(getattr(definitions, f"{layer}{operator[-2:]}")) if layer else [],
        _definition(pooling),
        [re.sub("^Return the", "The", one) for one in _head(entry_of(operator).counter)],
    ]
    for paragraphs in filter(None, map(list, described)):
        for paragraph in paragraphs:
            screen.print(Text(textwrap.fill(paragraph, width)))
        screen.print()
    for line in (*pooling.layers, *_example(pooling)):
        screen.print(Text(f"  {line}"), soft_wrap=True)
    about = list(_claims_about(pooling))
    if about:
        screen.print()
        print_claims(screen, about)


def _title(pooling: NamedOperator) -> str:
    """Return what the operator is called in a heading."""
    kind = pooling.kind
    if kind is None:
        return "registered"
    return kind.title if pooling.operator in kind.operators else f"{kind.title}, backward"


def _definition(pooling: NamedOperator) -> Iterator[str]:
    """Yield what the pooling computes in a sentence, and what its definition says besides."""
    if pooling.kind is None:
        return
    computes = pooling.kind.computes
    yield f"{computes[0].upper()}{computes[1:]}."
    first, *others = _head(pooling.kind.define)
    if first != f"Return {computes}.":
        yield f"It is {first.removeprefix('Return ')}"
    yield from others


def _head(described: Any) -> Iterator[str]:
    """Yield the paragraphs of a docstring that come before arguments, sources and examples."""
    for paragraph in (inspect.getdoc(described) or "").split("\n\n"):
        if re.match(r"(Args|Returns|Raises|Source|Arguments|>>>)", paragraph):
            return
        yield re.sub(r":\w+:`([^`]*)`|``([^`]*)``", r"\1\2", " ".join(paragraph.split()))


def _example(pooling: NamedOperator) -> tuple[str, str]:
    """Return how to ask for the cost of an example, and its operations in symbols."""
    from costmodel.registry import entry_of
    from verify.display.cost.layer import LayerCost

    operator, given = pooling.operator, pooling.example
    shape = (1, 64, *[112] * entry_of(operator).dimensions)
    options = "".join(f" --{name.replace('_', '-')} {value}" for name, value in given.items())
    return (
        f"python -m verify cost {operator} --input {'x'.join(map(str, shape))}{options}",
        f"{LayerCost(operator, shape, given).formula().text} operations",
    )


def _claims_about(pooling: NamedOperator) -> Iterator[Claim]:
    """Yield the claims whose id, title or first line speaks of a pooling."""
    from proofs import claims
    from verify.poolings import spoken_of

    for claim in claims().values():
        first_line = claim.page.partition("\n")[0]
        if pooling.family in spoken_of(claim.id, f"{claim.title} {first_line}"):
            yield claim
