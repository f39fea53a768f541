"""Modules that decide by their input: every way through them, joined to one term for an output.

A truth value that is read out of a tensor is answered as the input has it, and in further runs
otherwise, until each of the ways that the module can go has been gone. Only then do the terms of
its output say all that it does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy

from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.terms import Ids
from verify.judge.watching.observer import Observed
from verify.judge.watching.reader import Decision

#: More ways through a module than this are too many.
MOST_PATHS = 1100

#: From more decisions on it is tried to join the arms of each.
FEW = 3
#: Of more outputs that two ways make it is not looked how alike they are inside.
MANY = 1 << 12

Answers = tuple[bool, ...]
Watch = Callable[[Answers], tuple[Observed, Any]]


@dataclass
class Explored:
    """What a module computes, by all ways through it."""

    #: The terms of the output, ``None`` if they are not known.
    ids: Ids | None
    output: Any = None
    #: Why terms are not known, or do not say all.
    unseen: list[str] = field(default_factory=list)
    drawn: list[str] = field(default_factory=list)
    error: BaseException | None = None
    #: What was read on a way on which it raises, or its output has another shape.
    astray: tuple[Decision, ...] = ()
    #: Where truth values were read, and how many ways there are.
    decided: tuple[str, ...] = ()
    paths: int = 1
    #: What is read on every way, and the terms of the output there.
    ways: tuple[tuple[tuple[Decision, ...], Ids], ...] = ()
    #: In a float system the operators that made terms, by torch's names.
    operators: set[str] = field(default_factory=set)
    #: Whether the arms of decisions were joined, or why they could not be.
    joined: bool = False
    apart: str = ""


def explored(
    watch: Watch,
    algebra: Algebra,
    deadline: float,
    joining: Watch | None = None,
    impossible: Callable[[Sequence[Decision]], bool] = lambda _: False,
) -> Explored:
    """Run a module by every way through it.

    Args:
        watch: Runs it with the first truth values answered as given; returns what was seen and
            the output in ordinary memory.
        joining: The same of code in which both arms of decisions are joined where they can be.
        algebra: Where terms are made.
        deadline: When to stop, on the clock of :func:`time.perf_counter`.
        impossible: Says that no input is read so; asked of ways on which something goes wrong.
    """
    first, output = watch(())
    found = Explored(first.ids, output, first.unseen, first.drawn, first.error)
    found.operators |= first.operators
    if joining is not None and len(first.decisions) > FEW and not first.unseen:
        seen, _ = joining(())
        if seen.error is None and not seen.unseen and seen.ids is not None:
            watch, first, found.joined = joining, seen, True
            found.ids = seen.ids
            found.operators |= seen.operators
        else:
            found.apart = str(seen.error or (seen.unseen or ["no terms"])[0])
    if first.unseen or first.error is not None or not first.decisions or first.ids is None:
        return found
    shape = first.ids.shape
    leaves: dict[Answers, Ids] = {}
    read: list[tuple[Decision, ...]] = []
    questions: dict[Answers, int] = {}
    places: dict[str, None] = {}
    waiting: list[Answers] = []
    seen, asked, gone = first, 0, False
    while True:
        answers = tuple(d.answer for d in seen.decisions)
        for number in range(len(answers)):
            questions[answers[:number]] = seen.decisions[number].term
            places[seen.decisions[number].where.removeprefix(", ")] = None
            if number >= asked:
                waiting.append((*answers[:number], not answers[number]))
        if not gone:
            assert seen.ids is not None
            leaves[answers] = seen.ids
            read.append((*seen.decisions,))
        if not waiting:
            break
        if len(leaves) + len(waiting) > MOST_PATHS or time.perf_counter() > deadline:
            found.unseen.append(
                f"it decides by the values of its input{seen.decisions[0].where}: more than "
                f"{len(leaves)} ways through it"
                + (f" (not joined: {found.apart})" if found.apart else "")
            )
            return found
        forced = waiting.pop()
        seen, _ = watch(forced)
        found.operators |= seen.operators
        asked = len(forced)
        wrong = bool(
            seen.error is not None or seen.unseen or seen.ids is None or seen.ids.shape != shape
        )
        gone = wrong and impossible(seen.decisions)
        if wrong and not gone:
            if not seen.unseen:
                found.astray = (*seen.decisions,)
            why = seen.unseen[0] if seen.unseen else (
                f"it raises {type(seen.error).__name__}" if seen.error is not None
                else "its output has another shape"
            )  # fmt: skip
            found.unseen.append(f"where it decides otherwise{_last(seen)}, {why}")
            return found
        if len(seen.decisions) < asked:
            found.unseen.append("its decisions are not the same in two runs")
            return found
    found.decided, found.paths = tuple(places), len(leaves)
    found.ways = tuple(zip(read, leaves.values(), strict=True))
    found.ids = _joined(leaves, questions, algebra)
    return found


def _last(seen: Observed) -> str:
    return seen.decisions[-1].where if seen.decisions else ""


def _joined(leaves: dict[Answers, Ids], questions: dict[Answers, int], algebra: Algebra) -> Ids:
    """Return the outputs of all ways as choices between them, from the last decisions on."""
    by_length: dict[int, dict[Answers, Ids]] = {}
    for answers, ids in leaves.items():
        by_length.setdefault(len(answers), {})[answers] = ids
    for length in range(max(by_length), 0, -1):
        for answers, ids in list(by_length.get(length, {}).items()):
            if not answers[-1]:
                continue
            before = answers[:-1]
            other = by_length[length].pop((*before, False), None)
            if other is None:  # no input goes there
                by_length.setdefault(length - 1, {})[before] = ids
                continue
            then, otherwise = ids.reshape(-1), other.reshape(-1)
            joined = then.copy()
            places = numpy.flatnonzero(then != otherwise)
            if len(places) > MANY:
                joined[places] = algebra.select(
                    questions[before], then[places], otherwise[places]
                )  # fmt: skip
                places = places[:0]
            for place in places:
                joined[place] = algebra.merged(
                    questions[before], int(then[place]), int(otherwise[place])
                )
            by_length.setdefault(length - 1, {})[before] = joined.reshape(ids.shape)
        for answers, ids in by_length.get(length, {}).items():
            if not answers[-1]:  # nor where its last answer is another one
                by_length.setdefault(length - 1, {})[answers[:-1]] = ids
    return by_length[0][()]
