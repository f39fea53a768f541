"""Hypothesis: the attack on every proof, with real tensors of the dtype where there is one.

It tries to find what a solver's encoding may have missed: torch's own arithmetic on NaN,
infinities, zeros of both signs, subnormals and extremes. What it does not find is ``TESTED``,
never more.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Sequence
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from proofs.claim import Theorem
from proofs.evaluate import evaluate
from proofs.systems.number_system import NumberSystem
from proofs.terms import conjunction, subterms
from proofs.verdict import Verdict
from verify.engines.counterexample import candidates, confirmed, simplest
from verify.engines.engine import Engine, Evidence, Settings

if TYPE_CHECKING:
    import torch

#: Tuples of telling values tried before any random one: all pairs, NaN and infinities included.
GRID = 4000
#: The same where numbers are exact, and taken tuple by tuple in Python.
GRID_IN_PYTHON = 750
#: The same where folds are taken one by one, in Python.
GRID_OF_FOLDS = 400
#: Rows of one random example at the most.
ROWS = 20


class Hypothesis(Engine):
    """Every tuple of telling values, then random examples, shrunk when one fails."""

    name = "hypothesis"
    distribution = "hypothesis"
    module = "hypothesis"
    method = "property-based attack on torch tensors, or on exact numbers where no dtype exists"
    decides = False

    def takes(self, theorem: Theorem, system: NumberSystem) -> bool:
        """Take everything that can be evaluated."""
        nodes = subterms(conjunction((*theorem.premises, theorem.conclusion)))
        return all(node.operator != "forall" for node in nodes)

    def settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Look for a counterexample in every concrete system that ``system`` stands for."""
        met = tried = 0
        instances = _instances(system)
        most = GRID if system.dtype is not None and not theorem.inductive else GRID_IN_PYTHON
        most = GRID_OF_FOLDS if theorem.sequences else most
        for instance in instances:
            attack = _Attack(theorem, instance)
            found = attack.grid(most // len(instances)) or attack.random(
                settings, share=len(instances)
            )
            met, tried = met + attack.met, tried + attack.tried
            if found is not None:
                shown = confirmed(theorem, found, instance)
                return self.evidence(
                    Verdict.REFUTED, f"after {tried:,} samples", counterexample=shown
                )
        if met == 0:
            return self.evidence(Verdict.UNKNOWN, f"none of {tried:,} samples meets the premises")
        return self.evidence(Verdict.TESTED, f"{met:,} samples, seed {settings.seed}")


@cache
def _instances(system: NumberSystem) -> Sequence[NumberSystem]:
    """Return the same systems each time, so that what is known of them is found again."""
    return system.instances()


class _Attack:
    """The search for one counterexample in one number system."""

    def __init__(self, theorem: Theorem, system: NumberSystem) -> None:
        self.theorem = theorem
        self.system = system
        self.on_tensors = system.dtype is not None and not theorem.inductive
        self.met = self.tried = 0

    def first_failure(self, sample: _Sample) -> dict[str, Any] | None:
        """Return the first row that meets the premises and not the conclusion."""
        rows, names = sample.rows, self.theorem.variables
        self.tried += len(rows)
        if self.on_tensors:
            from verify.encodings.tensors import TensorInterpreter

            columns = dict(zip(names, sample.tensors, strict=True))
            meets, conclusion = TensorInterpreter(self.system, columns).judge(self.theorem)
            self.met += int(meets.sum())
            wrong = (meets & ~conclusion).nonzero()
            return dict(zip(names, rows[int(wrong[0])], strict=True)) if len(wrong) else None
        for row in rows:
            assignment = dict(zip(names, row, strict=True))
            if self._meets(assignment):
                self.met += 1
                if not evaluate(self.theorem.conclusion, assignment, self.system):
                    return assignment
        return None

    def _meets(self, assignment: dict[str, Any]) -> bool:
        return all(evaluate(p, assignment, self.system) for p in self.theorem.premises)

    def grid(self, most: int) -> dict[str, Any] | None:
        """Try the tuples of the most telling values, as many as ``most``."""
        return self.first_failure(_grid(self.system, candidates(self.theorem, self.system), most))

    def random(self, settings: Settings, share: int) -> dict[str, Any] | None:
        """Try what Hypothesis draws; return what fails, shrunk."""
        shape = self._shape()
        seed, examples = settings.seed, max(5, settings.examples // share)
        found = self.first_failure(_drawn(shape, seed, examples))
        # Where simple values fail as well, they are what is shown, and there is nothing to shrink.
        if found is None or simplest(self.theorem, self.system) is not None:
            return found
        return self._shrunk(found, shape, seed, examples)

    def _shape(self) -> _Rows:
        names = self.theorem.variables
        # A sum is added up term by term, so its count has to stay small; and what has a domain
        # speaks of sizes, strides and the like.
        of_sizes = (
            self.system.exact
            and self.system.whole
            and (self.theorem.inductive or self.theorem.where)
        )
        return _Rows(
            self.system,
            of_sizes=bool(of_sizes),
            columns=len(names),
            sequences=tuple(names.index(name) for name in self.theorem.sequences),
        )

    def _shrunk(
        self, found: dict[str, Any], shape: _Rows, seed: int, examples: int
    ) -> dict[str, Any]:
        """Let Hypothesis draw the same again, and look for something smaller that fails."""
        smallest = [found]

        def attack(drawn: list[tuple[Any, ...]]) -> None:
            failure = self.first_failure(_Sample(shape.system, _cut(drawn, shape)))
            if failure is not None:
                smallest.append(failure)
                raise AssertionError("counterexample")

        with contextlib.suppress(AssertionError):
            _with_hypothesis(attack, _wide(shape), seed, examples)
        return smallest[-1]


class _Rows(NamedTuple):
    """What the rows of a random example look like."""

    system: NumberSystem
    of_sizes: bool
    columns: int
    #: The columns that hold sequences.
    sequences: tuple[int, ...]


class _Sample:
    """Rows of values, which theorems of one shape share, and the tensors that hold them."""

    def __init__(self, system: NumberSystem, rows: list[tuple[Any, ...]]) -> None:
        self.system = system
        self.rows = rows

    @cached_property
    def tensors(self) -> list[torch.Tensor]:
        """One tensor for each column."""
        return [self.system.tensor(column) for column in zip(*self.rows, strict=True)]


@cache
def _grid(system: NumberSystem, columns: tuple[tuple[Any, ...], ...], most: int) -> _Sample:
    """Return the tuples of the first values of each column, as many as ``most``."""
    per_column = max(map(len, columns), default=0)
    while math.prod(min(per_column, len(values)) for values in columns) > most:
        per_column -= 1
    every = itertools.product(*[values[:per_column] for values in columns])
    return _Sample(system, list(every))


@cache
def _drawn(shape: _Rows, seed: int, examples: int) -> _Sample:
    """Return the rows of all examples: with one seed they are the same for every theorem."""
    return _Sample(shape.system, _cut(_pool(_wide(shape), seed, examples), shape))


@cache
def _pool(shape: _Rows, seed: int, examples: int) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []
    _with_hypothesis(rows.extend, shape, seed, examples)
    return rows


def _wide(shape: _Rows) -> _Rows:
    """Return the shape that is drawn, of four columns or more: others are the first of its own."""
    return shape._replace(columns=max(4, 1 << (shape.columns - 1).bit_length()))


def _cut(rows: list[tuple[Any, ...]], shape: _Rows) -> list[tuple[Any, ...]]:
    return [row[: shape.columns] for row in rows]


def _with_hypothesis(
    attack: Callable[[list[tuple[Any, ...]]], None], shape: _Rows, seed: int, examples: int
) -> None:
    """Call ``attack`` with random examples, and with smaller ones for as long as it fails."""
    import hypothesis

    from verify.strategies import rows

    one = shape.system.drawn(sizes=shape.of_sizes)

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=examples,
        # Whatever profile is loaded around us, the seed alone decides.
        derandomize=False,
        database=None,
        deadline=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate, hypothesis.Phase.shrink],
    )
    @hypothesis.given(rows(one, shape.columns, max_size=ROWS, sequences=shape.sequences))
    def test(drawn: list[tuple[Any, ...]]) -> None:
        attack(drawn)

    test()
