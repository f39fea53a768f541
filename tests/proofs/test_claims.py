"""Every registered claim, attacked on real tensors: what holds must hold, what fails must fail.

Nothing here goes through an engine. The rows come from the public strategies, the judge is torch
where the number system has a dtype and exact Python arithmetic elsewhere, and the closed forms are
counted out term by term.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from proofs import claims
from proofs.claim import Claim, Theorem
from proofs.evaluate import evaluate
from proofs.systems import SYSTEMS, NumberSystem
from proofs.systems.floats import AnyFormat
from proofs.systems.integers import AnyWidth
from proofs.systems.number_system import UnsupportedError
from proofs.terms import subterms
from proofs.verdict import Verdict
from verify.encodings.tensors import TensorInterpreter
from verify.engines.counterexample import simplest, witness
from verify.strategies import rows

Case = tuple[Claim, str, Theorem]


def _cases() -> Iterator[Case]:
    for claim in claims().values():
        for system in claim.expected:
            for part in claim.parts_in(system):
                if isinstance(part, Theorem) and not _quantified(part):
                    yield claim, system, part


def _quantified(theorem: Theorem) -> bool:
    return any(node.operator == "forall" for node in subterms(theorem.conclusion))


def _ids(cases: list[Case]) -> list[str]:
    return [f"{claim.id}-{system}-{theorem.name}" for claim, system, theorem in cases]


ALL = list(_cases())
HELD = [case for case in ALL if case[0].expected[case[1]].affirms]
FAILED = [case for case in ALL if case[0].expected[case[1]] is Verdict.REFUTED]


def _instances(system: NumberSystem) -> list[NumberSystem]:
    """Return the systems that one that stands for many is tried in."""
    if isinstance(system, AnyWidth):
        return [AnyWidth(1), AnyWidth(3), AnyWidth(128)]
    if isinstance(system, AnyFormat):
        return [AnyFormat(1), AnyFormat(4), AnyFormat(4, ties_away=True)]
    return [system]


def _judged(
    theorem: Theorem, system: NumberSystem, drawn: list[tuple[Any, ...]]
) -> list[tuple[bool, bool]]:
    """Return for every row whether it meets the premises, and whether the conclusion holds."""
    names = theorem.variables
    if system.dtype is not None and not theorem.inductive:
        columns = {name: system.tensor([row[k] for row in drawn]) for k, name in enumerate(names)}
        meets, holds = TensorInterpreter(system, columns).judge(theorem)
        return list(zip(meets.tolist(), holds.tolist(), strict=True))
    judged = []
    for row in drawn:
        values = dict(zip(names, row, strict=True))
        met = all(evaluate(premise, values, system) for premise in theorem.premises)
        judged.append((met, met and evaluate(theorem.conclusion, values, system)))
    return judged


@cache
def _drawn(
    system: NumberSystem, columns: int, sequences: tuple[int, ...], examples: int
) -> list[tuple[Any, ...]]:
    """Return the rows of that many examples: theorems of one shape are tried on the same ones."""
    one = system.drawn(sizes=True)
    drawn: list[tuple[Any, ...]] = []

    @seed(0)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],
    )
    @given(rows(one, columns, min_size=8, max_size=40, sequences=sequences))
    def draw(example: list[tuple[Any, ...]]) -> None:
        drawn.extend(example)

    draw()
    return drawn


def _attack(theorem: Theorem, system: NumberSystem, examples: int) -> int:
    """Fail on the first drawn row at which ``theorem`` is false; return how many rows counted.

    Premises that pin their variables are met by a simple witness, which is judged as a row too.
    """
    known = witness(theorem, system)
    first = [] if known is None else [tuple(known[name] for name in theorem.variables)]
    sequences = tuple(theorem.variables.index(name) for name in theorem.sequences)
    drawn = [*first, *_drawn(system, len(theorem.variables), sequences, examples)]
    judged = _judged(theorem, system, drawn)
    if first:
        assert judged[0][0], f"{theorem.statement}: {first[0]} is no witness of its premises"
    wrong = [row for row, (meets, holds) in zip(drawn, judged, strict=True) if meets > holds]
    assert not wrong, f"{theorem.statement} fails in {system.name} at {wrong[0]}"
    return sum(meets for meets, _ in judged)


@pytest.mark.parametrize(("claim", "system", "theorem"), HELD, ids=_ids(HELD))
def test_holds(claim: Claim, system: str, theorem: Theorem) -> None:
    """What is declared to hold holds on drawn tensors, and some of them meet its premises."""
    instances = _instances(SYSTEMS[system])
    assert sum(_attack(theorem, one, 12 // len(instances)) for one in instances) > 0


@pytest.mark.slow
@pytest.mark.parametrize(("claim", "system", "theorem"), HELD, ids=_ids(HELD))
def test_holds_on_many_more(claim: Claim, system: str, theorem: Theorem) -> None:
    """The same on many more tensors, and on fewer where arithmetic is exact, and slow."""
    for one in _instances(SYSTEMS[system]):
        assert _attack(theorem, one, 30 if one.dtype is None else 80) > 0


@pytest.mark.parametrize(("claim", "system", "theorem"), FAILED, ids=_ids(FAILED))
def test_fails(claim: Claim, system: str, theorem: Theorem) -> None:
    """What is declared refuted fails at its simplest counterexample, on tensors where it can."""
    one = SYSTEMS[system]
    found = simplest(theorem, one)
    assert found is not None
    row = tuple(found[name] for name in theorem.variables)
    assert _judged(theorem, one, [row] * 33) == [(True, False)] * 33


@pytest.mark.parametrize("claim", claims().values(), ids=lambda claim: claim.id)
def test_every_cell_is_covered(claim: Claim) -> None:
    """A cell has a theorem that is tried here, or its claim is made of checks alone."""
    tried = {system for one, system, _ in ALL if one is claim}
    assert tried == (set(claim.expected) if claim.theorems else set())


MUTANTS = [
    (claim, mutant.name, mutant.false)
    for claim in claims().values()
    for mutant in claim.mutants
    if isinstance(mutant.false, Theorem)
]


@pytest.mark.parametrize(
    ("claim", "name", "false"), MUTANTS, ids=[f"{claim.id}-{name}" for claim, name, _ in MUTANTS]
)
def test_mutants_fail(claim: Claim, name: str, false: Theorem) -> None:
    """A false neighbour is false where the claim itself holds, or anywhere if it does not."""
    affirmed = [system for system, verdict in claim.expected.items() if verdict.affirms]
    holding = [SYSTEMS[system] for system in affirmed or claim.expected]
    if any(_refuted_simply(false, system) for system in holding):
        return
    with pytest.raises(AssertionError, match=" fails in "):
        for system in holding:
            _attack(false, system, 300)


def _refuted_simply(theorem: Theorem, system: NumberSystem) -> bool:
    try:
        return simplest(theorem, system) is not None
    except UnsupportedError:
        return False
