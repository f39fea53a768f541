"""``verify show``: one claim's page, with its counterexample; or the page of a pooling."""

from __future__ import annotations

import argparse
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from verify.commands.options import (
    Commands,
    UsageError,
    add_domain,
    add_effort,
    console,
    settings,
    suggestion,
)

if TYPE_CHECKING:
    from proofs.claim import Claim
    from verify.report import MutantReport

#: How claims speak of a pooling whose operator is called otherwise.
_SPOKEN = {
    "avg": "average",
    "lp": "LP|power average",
    "logsumexp": "log-sum-exp",
    "adaptive_avg": "adaptive",
    "adaptive_max": "adaptive",
    "fractional_max": "fractional",
}

#: What else a pooling is called, and the name of its operator.
_NAMES = {
    "average": "avg",
    "adaptive_average": "adaptive_avg",
    "global_average": "adaptive_avg",
    "global_max": "adaptive_max",
    "log_sum_exp": "logsumexp",
    "power_average": "lp",
}

#: What is given to an operator that needs it, for an example of its cost.
_EXAMPLE = {"kernel_size": 2, "output_size": 7, "norm_type": 2}


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "show", help="one claim's page, with its counterexample; or a pooling's"
    )
    parser.add_argument(
        "claim",
        metavar="CLAIM",
        help="a claim's id, as `list` prints it; a pooling, such as softmax_pool2d or "
        "min-pooling; or exercise-1 to exercise-7",
    )
    add_domain(parser)
    add_effort(parser)


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    import costmodel
    from proofs import claims
    from proofs.answers import EXERCISES

    known = claims()
    if options.claim in known:
        return _show_claim(options, known[options.claim])
    for option in ("domain", "engine"):
        if getattr(options, option):
            raise UsageError(f"--{option} is for a claim, and none is called {options.claim!r}")
    exercises = {f"exercise-{exercise.number}": exercise.number for exercise in EXERCISES}
    if options.claim in exercises:
        from verify.commands import answers

        given = {**vars(options), "exercise": exercises[options.claim], "json": None}
        return answers.run(argparse.Namespace(**given))
    operator = _operator(options.claim)
    if operator is not None:
        _show_operator(operator)
        return 0
    words = dict.fromkeys([*known, *costmodel.operators(), *exercises])
    raise UsageError(f"no claim is called {options.claim!r}{suggestion(options.claim, words)}")


def _operator(name: str) -> str | None:
    """Return the operator that ``name`` is or speaks of, in two dimensions unless it says so.

    >>> _operator("lp_pool1d"), _operator("min-pooling"), _operator("Global average pooling")
    ('lp_pool1d', 'min_pool2d', 'adaptive_avg_pool2d')
    """
    import costmodel

    spelled = re.sub(r"[- ]", "_", name.lower()).removesuffix("ing")
    kind = spelled.removesuffix("_pool")
    for candidate in (spelled, f"{_NAMES.get(kind, kind)}_pool2d"):
        if candidate in costmodel.operators():
            return candidate
    return None


def _show_claim(options: argparse.Namespace, claim: Claim) -> int:
    from verify.commands.checking import checked, exit_code
    from verify.display import print_page

    report = checked(options, {claim.id: claim}, cells=True, mutants=False)
    said = _refuted_sayings(options, claim)
    screen = console()
    print_page(screen, claim, report, _pages().get(claim.id, ""))
    for mutant in said:
        _print_saying(screen, mutant)
    return exit_code(report, options) or int(not all(mutant.ok for mutant in said))


def _refuted_sayings(options: argparse.Namespace, claim: Claim) -> list[MutantReport]:
    """Refute what is said in the place of the claim, unless a part of its page is asked for."""
    from proofs.sayings import AS_SAID
    from verify import runner

    if options.domain or options.engine:
        return []
    todo = [
        runner.Task(claim.id, mutant=number)
        for number, mutant in enumerate(claim.mutants)
        if mutant.name.startswith(AS_SAID)
    ]
    return runner.run(todo, settings(options)).mutants


def _print_saying(screen: Any, mutant: MutantReport) -> None:
    from rich.text import Text

    screen.print()
    screen.print(Text(mutant.name, style="bold"), soft_wrap=True)
    verdict = "REFUTED" if mutant.ok else "not refuted"
    line = Text(f"  {verdict}", style="yellow" if mutant.ok else "bold red")
    line.append(f" in {mutant.system} by {', '.join(mutant.killed_by) or 'nothing'}", style="none")
    screen.print(line, soft_wrap=True)
    if mutant.counterexample is not None:
        values = mutant.counterexample.assignment.items()
        met = ", ".join(f"{name} = {value}" for name, value in values)
        screen.print(Text(f"  {mutant.statement}"), soft_wrap=True)
        screen.print(Text(f"  is false at {met}"), soft_wrap=True)


def _pages() -> dict[str, str]:
    """Return the text of every claim's file, its module's docstring, by the claim's id."""
    import pkgutil

    import proofs
    from proofs.claim import Claim

    modules = [sys.modules.get(m.name) for m in pkgutil.walk_packages(proofs.__path__, "proofs.")]
    held = {module: getattr(module, "claim", None) for module in modules}
    return {
        claim.id: inspect.getdoc(module) or ""
        for module, claim in held.items()
        if isinstance(claim, Claim)
    }


def _show_operator(operator: str) -> None:
    """Print what an operator computes, its modules, its cost, and the claims that name it."""
    from rich.text import Text

    import pooling
    from costmodel.registry import formula_of
    from verify.display import print_claims

    screen = console()
    family = re.sub(r"\dd(_backward)?$", "", operator)
    screen.print(Text(operator, style="bold"))
    width = max(40, min(screen.width, 100))
    for described in (getattr(pooling, family, None), formula_of(operator)[0]):
        for paragraph in _head(described):
            screen.print(Text(textwrap.fill(paragraph, width)))
        screen.print()
    for line in (*_modules(operator), *_example(operator)):
        screen.print(Text(f"  {line}"), soft_wrap=True)
    named = list(_claims_about(family))
    if named:
        screen.print()
        print_claims(screen, named)


def _head(described: Any) -> Iterator[str]:
    """Yield the paragraphs of a docstring that come before arguments, sources and examples."""
    for paragraph in (inspect.getdoc(described) or "").split("\n\n") if described else ():
        if re.match(r"(Args|Returns|Raises|Source|Arguments|>>>)", paragraph):
            return
        yield re.sub(r":\w+:`([^`]*)`|``([^`]*)``", r"\1\2", " ".join(paragraph.split()))


def _modules(operator: str) -> Iterator[str]:
    """Yield the modules that apply an operator, torch's before this project's."""
    from torch.nn.modules import pooling as of_torch

    import pooling

    sought = operator.replace("_", "")
    for place, names in (("torch.nn", of_torch.__all__), ("pooling", pooling.__all__)):
        yield from (f"{place}.{name}" for name in names if name.lower() == sought)


def _example(operator: str) -> tuple[str, str]:
    """Return how to ask for the cost of an example, and its operations in symbols."""
    from costmodel.registry import formula_of
    from verify.costs.layer import LayerCost, signature

    shape = (1, 64, *[112] * formula_of(operator)[1])
    given = {name: value for name, value in _EXAMPLE.items() if name in signature(operator)}
    options = "".join(f" --{name.replace('_', '-')} {value}" for name, value in given.items())
    return (
        f"python -m verify cost {operator} --input {'x'.join(map(str, shape))}{options}",
        f"{LayerCost(operator, shape, given).formula().text} operations",
    )


def _claims_about(family: str) -> Iterator[Claim]:
    """Yield the claims that speak of a pooling in their id, their title or their first line."""
    from proofs import claims

    kind = family.removesuffix("_pool")
    spoken = re.compile(
        rf"(?<!fractional )\b({_SPOKEN.get(kind, kind)})[- ](max-)?pool", re.IGNORECASE
    )
    pages = _pages()
    for claim in claims().values():
        first_line = pages.get(claim.id, "").partition("\n")[0]
        if spoken.search(f"{claim.id} {claim.title} {first_line}"):
            yield claim
