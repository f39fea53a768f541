"""The page of a pooling: what it computes, its layers, its cost, and the claims about it."""

import inspect
import re
from collections.abc import Iterator
from typing import Any

from rich.console import Console
from rich.text import Text

import pooling as definitions
from costmodel.registry import entry_of
from proofs import claims
from proofs.claim import Claim
from verify.display.claims import print_claims
from verify.display.cost.layer import LayerCost
from verify.display.layout import print_wrapped
from verify.display.poolings.names import NamedOperator, spoken_of
from verify.names import program


def print_pooling(console: Console, pooling: NamedOperator) -> None:
    """Print what a pooling computes, its modules, its cost, and the claims that are about it."""
    operator, layer = pooling.operator, pooling.layer
    title = f"{layer}{operator[-2:]}" if layer else _title(pooling)
    console.print(Text(f"{title}: {operator}", style="bold"))
    described = [
        _head(getattr(definitions, f"{layer}{operator[-2:]}")) if layer else [],
        _definition(pooling),
        [re.sub("^Return the", "The", one) for one in _head(entry_of(operator).counter)],
    ]
    for paragraphs in filter(None, map(list, described)):
        for paragraph in paragraphs:
            print_wrapped(console, paragraph)
        console.print()
    for line in (*pooling.layers, *_example(pooling)):
        console.print(Text(f"  {line}"), soft_wrap=True)
    about = list(_claims_about(pooling))
    if about:
        console.print()
        print_claims(console, about)


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
    for name in pooling.kind.needs:
        said = " ".join(re.sub(r"``([^`]*)``", r"\1", pooling.kind.described[name]).split())
        yield f"It needs {name} besides its input: {said[0].lower()}{said[1:]}"


def _head(described: Any) -> Iterator[str]:
    """Yield the paragraphs of a docstring that come before arguments, sources and examples."""
    for paragraph in (inspect.getdoc(described) or "").split("\n\n"):
        if re.match(r"(Args|Returns|Raises|Source|Arguments|>>>)", paragraph):
            return
        yield re.sub(r":\w+:`([^`]*)`|``([^`]*)``", r"\1\2", " ".join(paragraph.split()))


def _example(pooling: NamedOperator) -> tuple[str, str]:
    """Return how to ask for the cost of an example, and its operations in symbols."""
    operator, given = pooling.operator, pooling.example
    shape = (1, 64, *[112] * entry_of(operator).dimensions)
    options = "".join(f" --{n.replace('_', '-')} {_spelled(value)}" for n, value in given.items())
    return (
        f"{program()} cost {operator} --input {'x'.join(map(str, shape))}{options}",
        f"{LayerCost(operator, shape, given).formula().text} operations",
    )


def _spelled(value: Any) -> str:
    """Return an argument as `cost` takes it: pairs and boxes by colons, several by crosses."""
    if not isinstance(value, tuple):
        return str(value)
    return "x".join(":".join(map(str, v)) if isinstance(v, tuple) else str(v) for v in value)


def _claims_about(pooling: NamedOperator) -> Iterator[Claim]:
    """Yield the claims whose id, title or first line speaks of a pooling."""
    same = {pooling.family, pooling.kind.same_as if pooling.kind else ""}
    for claim in claims().values():
        first_line = claim.page.partition("\n")[0]
        if same & spoken_of(claim.id, f"{claim.title} {first_line}"):
            yield claim
