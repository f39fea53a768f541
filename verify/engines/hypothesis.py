"""Hypothesis: the attack on every proof, with real tensors of the dtype where there is one.

It tries to find what a solver's encoding may have missed: torch's own arithmetic on NaN,
infinities, zeros of both signs, subnormals and extremes. What it does not find is ``TESTED``,
never more.

What is drawn depends on the seed, the statement and the number system alone. Left to itself
Hypothesis also draws constants that it finds in whatever modules happen to be loaded. So it is
given the bytes from which its strategies build their values, by ``fuzz_one_input``. Of every shape
of example there are many for each number system and seed, and the statement decides which of them
it is tried on: one that is built serves in a process whoever else is tried on it.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import random
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from proofs.claim import Theorem
from proofs.evaluate import evaluate
from proofs.notation import text
from proofs.systems.number_system import NumberSystem
from proofs.terms import conjunction, subterms
from proofs.verdict import Verdict
from verify.engines.counterexample import candidates, confirmed, simple_values, simplest
from verify.engines.engine import Draws, Engine, Evidence, Settings, divided_by_0

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
#: How often a counterexample is made smaller at the most.
STEPS = 200
#: Bytes that one example is built from; what would take more is left out.
BYTES = 8192
#: Examples of one shape that statements are tried on some of.
POOL = 32


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
        attacks = []
        instances = _instances(system)
        most = GRID if system.dtype is not None and not theorem.inductive else GRID_IN_PYTHON
        most = GRID_OF_FOLDS if theorem.sequences else most
        for number, instance in enumerate(instances):
            attacks.append(attack := _Attack(theorem, instance))
            seed = f"seed {settings.seed}, {system.name} {number}"
            examples = max(5, settings.examples // len(instances))
            found = attack.grid(most // len(instances)) or attack.random(seed, examples)
            if found is not None:
                shown = confirmed(theorem, found, instance)
                draws = _draws(attacks)
                detail = f"after {draws.samples:,} samples"
                return self.evidence(Verdict.REFUTED, detail, counterexample=shown, draws=draws)
        draws, met = _draws(attacks), sum(attack.met for attack in attacks)
        if met == 0:
            detail = f"none of {draws.samples:,} samples meets the premises"
            return self.evidence(Verdict.UNKNOWN, detail, draws=draws)
        detail = f"{met:,} samples, seed {settings.seed}"
        return self.evidence(Verdict.TESTED, detail, draws=draws)


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
        #: What was tried, and how many rows of it met the premises.
        self.tried: list[_Sample] = []
        self.met = 0

    def grid(self, most: int) -> dict[str, Any] | None:
        """Try the tuples of the most telling values, as many as ``most``.

        Then as many with the simplest sequences, so that more values of the others have a turn.
        """
        columns = candidates(self.theorem, self.system)
        places = [self.theorem.variables.index(name) for name in self.theorem.sequences]
        shorter = tuple(x[:1] if i in places else x for i, x in enumerate(columns))
        grids = (_grid(self.system, each, most) for each in dict.fromkeys((columns, shorter)))
        return next((found for grid in grids if (found := self._try(grid)) is not None), None)

    def random(self, seed: str, examples: int) -> dict[str, Any] | None:
        """Try what Hypothesis draws; return what fails, made smaller."""
        statement = text(conjunction((*self.theorem.premises, self.theorem.conclusion)))
        rows = _drawn(self._shape(), seed, statement, examples)
        found = self._try(_Sample(self.system, rows))
        # Where simple values fail as well, they are what is shown, and nothing need be smaller.
        if found is None or simplest(self.theorem, self.system) is not None:
            return found
        return self._smaller(found)

    def _try(self, sample: _Sample) -> dict[str, Any] | None:
        met, found = self._judge(sample)
        self.tried.append(sample)
        self.met += met
        return found

    def _judge(self, sample: _Sample) -> tuple[int, dict[str, Any] | None]:
        """Return how many rows were seen to meet the premises, and the first that then fails."""
        rows, names = sample.rows, self.theorem.variables
        if self.on_tensors:
            from verify.encodings.tensors import TensorInterpreter

            columns = dict(zip(names, sample.tensors, strict=True))
            meets, conclusion = TensorInterpreter(self.system, columns).judge(self.theorem)
            wrong = (meets & ~conclusion).nonzero()
            failing = dict(zip(names, rows[int(wrong[0])], strict=True)) if len(wrong) else None
            return int(meets.sum()), failing
        met = 0
        for row in rows:
            assignment = dict(zip(names, row, strict=True))
            try:
                if self._meets(assignment):
                    met += 1
                    if not evaluate(self.theorem.conclusion, assignment, self.system):
                        return met, assignment
            except ZeroDivisionError:
                raise ZeroDivisionError(divided_by_0(assignment, self.system)) from None
        return met, None

    def _meets(self, assignment: dict[str, Any]) -> bool:
        return all(evaluate(p, assignment, self.system) for p in self.theorem.premises)

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

    def _smaller(self, found: dict[str, Any]) -> dict[str, Any]:
        """Put simpler values in the place of single ones for as long as the statement fails."""
        telling = simple_values(self.system)
        for _ in range(STEPS):
            trials = (
                {**found, name: value} for name in found for value in _simpler(found[name], telling)
            )
            failing = (trial for trial in trials if self._fails(trial))
            smaller = next(failing, None)
            if smaller is None:
                break
            found = smaller
        return found

    def _fails(self, assignment: dict[str, Any]) -> bool:
        return self._judge(_Sample(self.system, [tuple(assignment.values())]))[1] is not None


def _simpler(x: Any, telling: list[Any]) -> Iterator[Any]:
    """Yield what is simpler than a value: telling values that come before it, or smaller numbers.

    Those of a float have no more digits than it has, so that they are elements of its format too.

    >>> list(_simpler(11.0, [0.0, 1.0]))
    [0.0, 1.0, 3.0, 7.0, 9.0, 10.0, 5.0]
    """
    if isinstance(x, tuple):
        for i, tap in enumerate(x):
            yield (*x[:i], *x[i + 1 :])
            yield from ((*x[:i], simpler, *x[i + 1 :]) for simpler in _simpler(tap, telling))
    elif x in telling:
        yield from telling[: telling.index(x)]
    else:
        yield from telling
        if not isinstance(x, float) or math.isfinite(x):
            yield from _smaller_numbers(x)


def _smaller_numbers(x: Any) -> Iterator[Any]:
    top, bottom = abs(x).as_integer_ratio()
    numbers = [Fraction(top - (1 << j), bottom) for j in reversed(range(top.bit_length()))]
    numbers += [Fraction(top // bottom), Fraction(top // (2 * bottom))]
    for number in dict.fromkeys(numbers):
        fits = not isinstance(x, float) or _digits(number.numerator) <= _digits(top)
        if fits and number < abs(x):
            yield type(x)(-number if x < 0 else number)


def _digits(number: int) -> int:
    """Return how many binary digits a number has, zeros at its end left out."""
    return (number // (number & -number or 1)).bit_length()


def _draws(attacks: list[_Attack]) -> Draws:
    """Return how many rows were tried and the digest of all of them, in their order."""
    samples = [sample for attack in attacks for sample in attack.tried]
    digest = hashlib.sha256(b"".join(sample.digest for sample in samples)).hexdigest()[:16]
    return Draws(sum(len(sample.rows) for sample in samples), digest)


class _Rows(NamedTuple):
    """What the rows of a random example look like."""

    system: NumberSystem
    of_sizes: bool
    columns: int
    #: The columns that hold sequences.
    sequences: tuple[int, ...]


class _Sample:
    """Rows of values, and the tensors that hold them."""

    def __init__(self, system: NumberSystem, rows: list[tuple[Any, ...]]) -> None:
        self.system = system
        self.rows = rows

    @cached_property
    def tensors(self) -> list[torch.Tensor]:
        """One tensor for each column."""
        return [self.system.tensor(column) for column in zip(*self.rows, strict=True)]

    @cached_property
    def digest(self) -> bytes:
        """The SHA-256 of the rows."""
        return hashlib.sha256(repr(self.rows).encode()).digest()


@cache
def _grid(system: NumberSystem, columns: tuple[tuple[Any, ...], ...], most: int) -> _Sample:
    """Return the tuples of the first values of each column, as many as ``most``."""
    per_column = max(map(len, columns), default=0)
    while math.prod(min(per_column, len(values)) for values in columns) > most:
        per_column -= 1
    every = itertools.product(*[values[:per_column] for values in columns])
    return _Sample(system, list(every))


def _drawn(shape: _Rows, seed: str, statement: str, examples: int) -> list[tuple[Any, ...]]:
    """Return the rows of those examples that a statement is tried on."""
    # Seeded with a string, it takes the SHA-512 of it: nothing that varies between processes.
    generator = random.Random(f"{seed}: {statement}")
    chosen = generator.sample(range(max(POOL, examples)), examples)
    return [row for number in chosen for row in _example(shape, seed, number)]


@cache
def _example(shape: _Rows, seed: str, number: int) -> list[tuple[Any, ...]]:
    """Return the rows of one example, which its number and the seed decide."""
    source = random.Random(f"{seed}, {number} of {shape[1:]}").randbytes(BYTES)
    return _drawer(shape)(source)


@cache
def _drawer(shape: _Rows) -> Callable[[bytes], list[tuple[Any, ...]]]:
    """Return what builds the rows of one example from bytes; none if they do not suffice."""
    import hypothesis

    from verify.strategies import rows

    one = shape.system.drawn(sizes=shape.of_sizes)
    built: list[tuple[Any, ...]] = []

    @hypothesis.settings(database=None, deadline=None)
    @hypothesis.given(rows(one, shape.columns, max_size=ROWS, sequences=shape.sequences))
    def build(drawn: list[tuple[Any, ...]]) -> None:
        built.extend(drawn)

    handle: Any = build

    def draw(source: bytes) -> list[tuple[Any, ...]]:
        built.clear()
        handle.hypothesis.fuzz_one_input(source)
        return list(built)

    return draw
