"""A sweep: a program run over blocks of pairs, by whatever workers there are, and added up.

What is found does not depend on how the pairs are cut into blocks nor on who computes them:
counts add up, and of all pairs that answer a question the first in the order of
:class:`~verify.sweeps.elements.Elements` is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import reduce
from itertools import islice
from typing import Any

from verify.cores import available_cores
from verify.sweeps.elements import elements
from verify.sweeps.machine_code import compiled
from verify.sweeps.program import DOUBTFUL, Program

#: A pair, by the places of its two elements.
Place = tuple[int, int]
#: Rows of one block at the most: some hundredths of a second of one core.
ROWS = 512
#: Doubtful pairs of one block that are remembered; each is decided in Python.
REMEMBERED = 200


@dataclass(frozen=True)
class Block:
    """The pairs of rows ``rows[0]`` to ``rows[1] − 1`` with columns, counted in the same way."""

    rows: Place
    columns: Place

    @property
    def pairs(self) -> int:
        """How many they are."""
        return (self.rows[1] - self.rows[0]) * (self.columns[1] - self.columns[0])

    def cut(self, most_rows: int = ROWS) -> list[Block]:
        """Return blocks of rows in their order, small ones first: those often tell enough."""
        start, end = self.rows
        blocks, size = [], 1
        while start < end:
            blocks.append(Block((start, min(start + size, end)), self.columns))
            start, size = start + size, min(2 * size, most_rows)
        return blocks


@dataclass(frozen=True)
class Tally:
    """What was found in some blocks."""

    pairs: int = 0
    #: How many pairs each of a program's propositions holds at, and the first of them.
    counts: dict[str, int] = field(default_factory=dict)
    first: dict[str, Place] = field(default_factory=dict)
    #: The greatest of each key, if it is not 0, and the first pair that attains it.
    greatest: dict[str, tuple[int, Place]] = field(default_factory=dict)
    #: The doubtful pairs, as many as are remembered.
    doubtful: tuple[Place, ...] = ()

    def __add__(self, other: Tally) -> Tally:
        """Return what was found in both."""
        counts, first, greatest = dict(self.counts), dict(self.first), dict(self.greatest)
        for name, count in other.counts.items():
            counts[name] = counts.get(name, 0) + count
        for name, place in other.first.items():
            first[name] = min(first.get(name, place), place)
        for name, (key, place) in other.greatest.items():
            mine = greatest.get(name, (key, place))
            greatest[name] = min(mine, (key, place), key=lambda found: (-found[0], found[1]))
        doubtful = (*self.doubtful, *other.doubtful)
        return Tally(self.pairs + other.pairs, counts, first, greatest, doubtful)


#: Returns what is found in a block. It is sent to workers, so it must be fit for pickling.
Work = Callable[[Block], Tally]


@dataclass(frozen=True)
class Compiled:
    """The work of a program on the elements of its format, as drawn with ``seed`` if sampled."""

    program: Program
    seed: int = 0

    def __call__(self, block: Block) -> Tally:
        """Run the program on a block, and find the places of what it counts."""
        program, kernel = self.program, compiled(self.program)
        values = elements(program.format, self.seed).values
        first_row, (left, right) = block.rows[0], block.columns
        lines = kernel(values[slice(*block.rows)], values[left:right])

        def columns(row: int, index: int, key: int) -> Iterator[int]:
            """Yield the columns of a row that have this key or, for a count, count."""
            one = values[first_row + row : first_row + row + 1]

            def search(start: int, end: int) -> Iterator[int]:
                found = kernel(one, values[start:end])[0, index]
                if found == key if key else found:
                    if end - start == 1:
                        yield start
                    else:
                        middle = (start + end) // 2
                        yield from search(start, middle)
                        yield from search(middle, end)

            return search(left, right)

        counts, first, greatest = {}, {}, {}
        doubtful: tuple[Place, ...] = ()
        for index, name in enumerate(program.results):
            line = lines[:, index]
            row = int(line.argmax()) if name in program.keys else int((line > 0).argmax())
            key = int(line[row]) if name in program.keys else 0
            if name in program.keys:
                if key:
                    place = (first_row + row, next(columns(row, index, key)))
                    greatest[name] = (key, place)
                continue
            counts[name] = int(line.sum())
            if name == DOUBTFUL:
                places = (
                    (first_row + row, column)
                    for row in line.nonzero()[0].tolist()
                    for column in columns(row, index, 0)
                )
                doubtful = tuple(islice(places, REMEMBERED))
            elif counts[name]:
                first[name] = (first_row + row, next(columns(row, index, 0)))
        return Tally(block.pairs, counts, first, greatest, doubtful)


def sweep(
    work: Work,
    blocks: Sequence[Block],
    *,
    executor: Executor | None = None,
    workers: int | None = None,
    until: Callable[[Tally], bool] = lambda tally: False,
    progress: Callable[[int], Any] = lambda pairs: None,
) -> Tally:
    """Return what ``work`` finds in all ``blocks``, or in those up to the first that is enough.

    The blocks go to ``executor``, any of :mod:`concurrent.futures` or like one; without it to as
    many threads as ``workers`` says, by default one per core. Their findings are looked at in the
    order of ``blocks``: ``progress`` is told of the pairs of each, and if ``until`` accepts one,
    the rest is left undone.
    """
    own = executor is None
    pool = ThreadPoolExecutor(workers or available_cores()) if executor is None else executor
    futures: list[Future[Tally]] = []
    try:
        futures += (pool.submit(work, block) for block in blocks)
        tallies = []
        for future in futures:
            tallies.append(future.result())
            progress(tallies[-1].pairs)
            if until(tallies[-1]):
                break
    finally:
        for future in futures:
            future.cancel()
        if own:
            pool.shutdown()
    return reduce(Tally.__add__, tallies, Tally())
