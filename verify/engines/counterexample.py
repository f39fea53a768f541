"""Counterexamples: made simple, shown step by step, and replayed on the real thing.

A solver's word that a statement fails counts for nothing until the statement has failed here:
first in the exact interpreter, then, where the number system is a dtype, on torch tensors.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, lru_cache
from inspect import signature
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from proofs.claim import Theorem
from proofs.evaluate import evaluate, trace
from proofs.notation import text
from proofs.systems import SYSTEMS
from proofs.systems.number_system import NumberSystem
from proofs.terms import Sort, Term, conjunction, free_variables, subterms

if TYPE_CHECKING:
    import torch

#: How many assignments of simple values are tried before a solver's own is shown.
ATTEMPTS = 4000
#: How many of them are tried one by one before the others are tried together.
FIRST = 50
#: How many taps a simple sequence has at the most.
LONGEST = 3


@dataclass(frozen=True)
class Counterexample:
    """Values on which a statement is false, with every intermediate value of both sides."""

    assignment: dict[str, str]
    #: Every compound subterm with its value, inner ones first.
    steps: tuple[tuple[str, str], ...]
    #: What happened when the real thing was run on it.
    replay: str
    statement: str = ""
    #: The number system and the values, from which all of this can be made again; empty if not.
    source: str = ""


class ReplayError(Exception):
    """A counterexample did not fail when replayed: some engine is wrong."""


def fails(theorem: Theorem, assignment: Mapping[str, Any], system: NumberSystem) -> bool:
    """Say whether ``theorem`` is false at ``assignment`` by the exact interpreter."""
    return holds(theorem, assignment, system) and not evaluate(
        theorem.conclusion, assignment, system
    )


def holds(theorem: Theorem, assignment: Mapping[str, Any], system: NumberSystem) -> bool:
    """Say whether ``assignment`` meets all premises of ``theorem``."""
    return all(evaluate(premise, assignment, system) for premise in theorem.premises)


@cache
def simple_values(system: NumberSystem, *, sequence: bool = False) -> list[Any]:
    """Return simple values of a number system, simplest first.

    Those of a sequence are tuples of up to three simple values, the short ones of the simplest
    values first.
    """
    return _tuples(system) if sequence else list(system.simple_values())


def _tuples(system: NumberSystem) -> list[tuple[Any, ...]]:
    values = simple_values(system)
    some = values[:LONGEST]
    ranked = [
        (sum(indices) + length, tuple(values[i] for i in indices))
        for length in range(LONGEST + 1)
        for indices in itertools.product(
            range(len(values if length < LONGEST else some)), repeat=length
        )
    ]
    return [chosen for _, chosen in sorted(ranked, key=lambda pair: pair[0])]


@lru_cache(maxsize=1024)
def candidates(theorem: Theorem, system: NumberSystem) -> tuple[tuple[Any, ...], ...]:
    """Return the simple values of each variable, simplest first.

    Where numbers are exact, and every assignment costs Python's time, those are left out that a
    premise about the variable alone rules out: sizes are at least 1.
    """
    columns = {x: simple_values(system, sequence=x in theorem.sequences) for x in theorem.variables}
    for premise in theorem.premises if system.dtype is None else ():
        if len(names := free_variables(premise)) == 1:
            (x,) = names
            columns[x] = [value for value in columns[x] if _met(premise, {x: value}, system)]
    return tuple(map(tuple, columns.values()))


def _met(premise: Term, assignment: Mapping[str, Any], system: NumberSystem) -> bool:
    """Say whether a premise holds, and not that it has no value."""
    try:
        return bool(evaluate(premise, assignment, system))
    except (ZeroDivisionError, ValueError):
        return False


def _simple_assignments(theorem: Theorem, system: NumberSystem) -> Iterator[dict[str, Any]]:
    """Yield assignments of simple values, those of the simplest values first."""
    names, columns = theorem.variables, candidates(theorem, system)
    sizes = tuple(map(len, columns))
    for count, seen in ((FIRST, 0), (ATTEMPTS, FIRST)):  # most who look for one stop soon
        for indices in _places(sizes, count)[seen:]:
            yield {x: column[i] for x, column, i in zip(names, columns, indices, strict=True)}


@cache
def _places(sizes: tuple[int, ...], count: int) -> list[tuple[int, ...]]:
    """Return ``count`` places in columns of these sizes, if there are, small indices first.

    >>> _places((2, 3), 10)
    [(0, 0), (0, 1), (1, 0), (1, 1), (0, 2), (1, 2)]
    """
    if not sizes:
        return [()]
    every = (
        # Every tuple whose most exotic value is the one at ``level``, each tuple once.
        indices
        for level in range(max(sizes))
        for indices in itertools.product(*[range(min(level + 1, size)) for size in sizes])
        if level in indices  # and nothing above it
    )
    return list(itertools.islice(every, count))


def witness(theorem: Theorem, system: NumberSystem) -> dict[str, Any] | None:
    """Return simple values that meet the premises, ``None`` if none were found."""
    for assignment in _simple_assignments(theorem, system):
        try:
            if holds(theorem, assignment, system):
                return dict(assignment)
        except (ZeroDivisionError, ValueError):
            continue
    return None


@lru_cache(maxsize=1024)
def undefined(theorem: Theorem, system: NumberSystem) -> Mapping[str, Any] | None:
    """Return the simplest values at which ``theorem`` divides by 0, ``None`` if none were found."""
    for assignment in _simple_assignments(theorem, system):
        try:
            fails(theorem, assignment, system)
        except ZeroDivisionError:
            return MappingProxyType(assignment)
        except ValueError:
            continue
    return None


@lru_cache(maxsize=1024)
def simplest(theorem: Theorem, system: NumberSystem) -> Mapping[str, Any] | None:
    """Return the simplest counterexample among simple values, ``None`` if there is none."""
    assignments = _simple_assignments(theorem, system)
    if system.dtype is not None and not theorem.inductive:
        # Most are among the first; where they are not, torch finds sooner which to look at.
        first = itertools.islice(assignments, FIRST)
        assignments = itertools.chain(first, _failing_in_torch(theorem, system))
    for assignment in assignments:
        try:
            if fails(theorem, assignment, system):
                return MappingProxyType(assignment)
        except (ZeroDivisionError, ValueError):
            continue
    return None


def _failing_in_torch(theorem: Theorem, system: NumberSystem) -> Iterator[dict[str, Any]]:
    """Yield those assignments after the first at which ``theorem`` is false on tensors."""
    from verify.encodings.tensors import TensorInterpreter

    names, values = theorem.variables, simple_values(system)
    places = _places((len(values),) * len(names), ATTEMPTS)[FIRST:]
    if places:
        columns = dict(zip(names, _simple_tensors(system, len(names)), strict=True))
        meets, conclusion = TensorInterpreter(system, columns).judge(theorem)
        for where in (meets & ~conclusion).nonzero().flatten().tolist():
            yield {x: values[i] for x, i in zip(names, places[where], strict=True)}


@cache
def _simple_tensors(system: NumberSystem, variables: int) -> list[torch.Tensor]:
    """Return the assignments after the first, a tensor for each variable."""
    import torch

    values = system.tensor(simple_values(system))
    places = _places((len(values),) * variables, ATTEMPTS)[FIRST:]
    return [values[column] for column in torch.tensor(places).unbind(1)]


def confirmed(theorem: Theorem, found: Mapping[str, Any], system: NumberSystem) -> Counterexample:
    """Replay ``found``, put the simplest counterexample in its place, and replay that.

    Raises :class:`ReplayError` if either does not fail.
    """
    _replay(theorem, found, system)
    best = simplest(theorem, system) or found
    replay = _replay(theorem, best, system)
    return Counterexample(
        assignment=written(best, system),
        steps=_steps(theorem, best, system),
        replay=replay,
        statement=text(theorem.statement),
        source=_source(best, system),
    )


def revived(theorem: Theorem, source: str, replay: str) -> Counterexample:
    """Return a counterexample from its source, after a look at whether it is one.

    What happened on tensors, ``replay``, is taken as told.

    Raises :class:`ReplayError` if it is none, and ``ValueError`` or ``LookupError`` for a source
    that names no number system or no values of it.
    """
    said = json.loads(source)
    system = SYSTEMS[said["system"]]
    if said["parameters"]:
        system = type(system)(**said["parameters"])
    found = {name: _read(x) for name, x in said["values"].items()}
    if not fails(theorem, found, system):
        raise ReplayError(_holds_at(theorem, found, system))
    return Counterexample(
        assignment=written(found, system),
        steps=_steps(theorem, found, system),
        replay=replay,
        statement=text(theorem.statement),
        source=source,
    )


def _source(found: Mapping[str, Any], system: NumberSystem) -> str:
    """Return values and their system as JSON; nothing if the system is not to be made again."""
    parameters: dict[str, Any] = {}
    if SYSTEMS.get(system.name) is not system:
        if type(SYSTEMS.get(system.name)) is not type(system):
            return ""
        for name in signature(type(system)).parameters:
            parameters[name] = getattr(system, name, None)
        if not all(isinstance(x, int | str) for x in parameters.values()):
            return ""
    values = {name: _write(x) for name, x in found.items()}
    return json.dumps({"system": system.name, "parameters": parameters, "values": values})


def _write(x: Any) -> Any:
    """Return a value as JSON has room for: integers, and strings of fractions and of floats."""
    if isinstance(x, tuple):
        return [_write(tap) for tap in x]
    if isinstance(x, Fraction):
        return str(x)
    return x.hex() if isinstance(x, float) else x


def _read(x: Any) -> Any:
    """Return a value that :func:`_write` wrote.

    >>> values = ((1, Fraction(-1, 3)), Fraction(2), -0.1, 3)
    >>> [_read(_write(x)) == x and type(_read(_write(x))) is type(x) for x in values]
    [True, True, True, True]
    """
    if isinstance(x, list):
        return tuple(map(_read, x))
    if isinstance(x, str):
        return float.fromhex(x) if re.search("[xn]", x) else Fraction(x)
    return x


def written(assignment: Mapping[str, Any], system: NumberSystem) -> dict[str, str]:
    """Write the values of an assignment as people would, a sequence as a tuple.

    >>> from proofs.systems import SYSTEMS
    >>> written({"first": 1, "x": (2, -3)}, SYSTEMS["int8"])
    {'first': '1', 'x': '(2, -3)'}
    """
    return {
        name: f"({', '.join(map(system.show, x))})" if isinstance(x, tuple) else system.show(x)
        for name, x in assignment.items()
    }


def _replay(theorem: Theorem, assignment: Mapping[str, Any], system: NumberSystem) -> str:
    if not fails(theorem, assignment, system):
        raise ReplayError(_holds_at(theorem, assignment, system))
    if system.dtype is None or (theorem.inductive and not theorem.sequences):
        return "fails in exact Python arithmetic"
    from verify.encodings.tensors import TensorInterpreter

    # A tensor longer than any vector register, so that the vectorised loop runs too.
    columns = {
        name: tuple(system.tensor([tap] * 40) for tap in x)
        if isinstance(x, tuple)
        else system.tensor([x] * 40)
        for name, x in assignment.items()
    }
    meets, conclusion = TensorInterpreter(system, columns).judge(theorem)
    if not bool((meets & ~conclusion).all()):
        values = _values(assignment, system)
        raise ReplayError(
            f"{text(theorem.statement)} fails at {values} in exact arithmetic "
            f"but holds on {system.replayed_on}"
        )
    return f"fails on {system.replayed_on}"


def _values(assignment: Mapping[str, Any], system: NumberSystem) -> str:
    return ", ".join(f"{name} = {x}" for name, x in written(assignment, system).items())


def _holds_at(theorem: Theorem, assignment: Mapping[str, Any], system: NumberSystem) -> str:
    values = _values(assignment, system)
    return f"{text(theorem.statement)} holds at {values} in {system.name}"


def _steps(
    theorem: Theorem, assignment: Mapping[str, Any], system: NumberSystem
) -> tuple[tuple[str, str], ...]:
    goal = conjunction((*theorem.given, theorem.conclusion))
    values = trace(goal, assignment, system)
    steps: dict[str, str] = {}
    for node in subterms(goal):
        if not node.args or id(node) not in values:
            continue
        value = values[id(node)]
        if node.sort is Sort.NUMBER:
            steps[text(node)] = system.show(value)
        elif node.sort is Sort.EXACT:
            steps[text(node)] = "undefined" if value is None else str(value)
        elif node.operator in ("exact", "in_range", "finite", "eq", "le", "lt", "ne"):
            steps[text(node)] = str(bool(value)).lower()
    return tuple(steps.items())
