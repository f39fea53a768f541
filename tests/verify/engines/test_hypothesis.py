from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.terms import (
    Term,
    constant,
    finite,
    fold,
    for_all,
    greatest,
    relu,
    select,
    sequence,
    summation,
    variables,
)
from proofs.verdict import Verdict
from verify.engines import hypothesis as module
from verify.engines.engine import Settings

a, b, i, m = variables("a b i m")
ENGINE = module.Hypothesis()
RELU = Theorem(a.maximum(b) == relu(a - b) + b)
ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_holds_is_tested_and_no_more(system: str) -> None:
    """A true thing is TESTED in every system, with the seed that reproduces it."""
    theorem = Theorem(a.maximum(b) == b.maximum(a))
    evidence = ENGINE.examine(theorem, SYSTEMS[system], Settings(seed=7))
    assert evidence.verdict is Verdict.TESTED
    assert evidence.detail.endswith(" samples, seed 7")


@pytest.mark.parametrize("system", [name for name in SYSTEMS if name not in ("real", "integer")])
def test_what_fails_is_found(system: str) -> None:
    """A false thing is refuted in every system, with a replayed counterexample."""
    evidence = ENGINE.examine(RELU, SYSTEMS[system], Settings())
    assert evidence.verdict is Verdict.REFUTED and evidence.counterexample is not None
    assert evidence.counterexample.replay.startswith("fails ")


@pytest.mark.parametrize(
    ("conclusion", "system"),
    [
        (finite(a), "float16"),
        (a <= a, "float8_e5m2"),
        (select(a <= b, b, a) == a.maximum(b), "float32"),
        (a - b == -(b - a), "saturating_int8"),
        (a + b - b == a, "float64"),
        (abs(a) >= constant(0), "int64"),
    ],
    ids=str,
)
def test_special_values_are_tried_first(conclusion: object, system: str) -> None:
    """NaN, infinities and both ends are found without a single random example."""
    theorem = Theorem(conclusion)  # type: ignore[arg-type]
    attack = module._Attack(theorem, SYSTEMS[system])
    assert attack.grid(module.GRID) is not None


@pytest.mark.parametrize("system", ["int16", "float16", "real"])
def test_random_examples_find_what_the_grid_misses(system: str) -> None:
    """What the grid of telling values misses, random examples find."""
    number_system = SYSTEMS[system]
    theorem = Theorem(~((a >= constant(17)) & (a <= constant(45))))
    attack = module._Attack(theorem, number_system)
    assert attack.grid(module.GRID) is None
    found = attack.random("seed 0", 300)
    assert found is not None and 17 <= found["a"] <= 45


@pytest.mark.parametrize(
    ("system", "fails", "found", "smallest"),
    [
        ("int64", (a >= constant(1003)) & (a < constant(2000)), (1_777,), (1_003,)),
        ("float32", (a >= constant(17)) & (a <= constant(45)), (39.625,), (17.0,)),
        ("real", (a > constant(31)) & (b < constant(9)), (Fraction(999, 7), 8), (32, 0)),
        ("integer", (a > constant(10**9)) & (b > a), (10**12, 10**13), (10**9 + 1, 10**9 + 2)),
    ],
)
def test_a_counterexample_is_made_smaller(
    system: str, fails: Term, found: tuple[Any, ...], smallest: tuple[Any, ...]
) -> None:
    """Where no simple value fails, the edge is shown and not what happened to be drawn."""
    attack = module._Attack(Theorem(~fails), SYSTEMS[system])
    assert tuple(attack._smaller(dict(zip("ab", found, strict=False))).values()) == smallest


#: What is loaded beforehand, and the seed of Python's own hashes.
STATES = {
    "nothing else": ("", "0"),
    "all claims": ("from proofs import claims; claims()", "1"),
    "modules full of constants": ("import torch, numbers_of_ours", "2"),
}
DRAW = """
import json
from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.terms import greatest, sequence, variables
from verify.engines.engine import Settings
from verify.engines.hypothesis import Hypothesis

a, b, n = variables("a b n")
x = sequence("x")
stated = {
    "int64": Theorem(a.maximum(b) == b.maximum(a)),
    "float32": Theorem(a.maximum(b) == b.maximum(a), given=(a < b,)),
    "real": Theorem(greatest(a, x) >= a),
    "integer": Theorem(n * n >= n, where=(n >= 0,)),
    "rounding": Theorem(a.maximum(b) == b.maximum(a)),
}
said = {}
for system, theorem in stated.items():
    found = Hypothesis().examine(theorem, SYSTEMS[system], Settings(seed=5))
    said[system] = (found.detail, found.draws.samples, found.draws.digest)
print(json.dumps(said))
"""


def test_draws_do_not_depend_on_what_is_loaded(tmp_path: Path) -> None:
    """Nothing else, every claim, or a module of constants: the same samples to the digit.

    Left to itself, Hypothesis draws from the constants of loaded modules.
    """
    constants = ", ".join(f"{7**5 + 11 * i}, {i + 0.375}" for i in range(400))
    (tmp_path / "numbers_of_ours.py").write_text(f"NUMBERS = [{constants}]\n", encoding="utf-8")
    path = os.pathsep.join([str(ROOT), str(tmp_path)])
    said = []
    for before, hashes in STATES.values():
        environment = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": hashes}
        ran = subprocess.run(
            [sys.executable, "-c", before + DRAW],
            capture_output=True, text=True, check=True, env=environment,
        )  # fmt: skip
        said.append(json.loads(ran.stdout))
    assert said[0] == said[1] == said[2]
    assert all(samples > 50 for _, samples, _ in said[0].values())


def test_a_seed_and_a_statement_draw_samples_of_their_own() -> None:
    """Samples are repeated by the same seed and statement, in any order, and by no other."""
    true = Theorem(a.maximum(b) == b.maximum(a), (a < b,))
    other = Theorem(a.maximum(b) == b.maximum(a), (a <= b,))
    for system in ("int32", "float16", "rounding"):
        asked = [(true, 3), (other, 3), (true, 4), (other, 3), (true, 3)]
        found = [
            ENGINE.examine(theorem, SYSTEMS[system], Settings(seed=seed)) for theorem, seed in asked
        ]
        digests = [evidence.draws.digest for evidence in found if evidence.draws is not None]
        assert digests[:2] == digests[:2:-1]
        assert len(set(digests)) == 3
        assert found[0].detail == found[4].detail


def test_statements_are_tried_on_some_of_the_same_examples(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each on as many as are asked for, all different; what another is tried on is not built again.

    More than there usually are can be asked for as well.
    """
    tried: list[list[int]] = []

    def example(shape: module._Rows, seed: str, number: int) -> list[tuple[Any, ...]]:
        tried[-1].append(number)
        return [(0, 0)]

    monkeypatch.setattr(module, "_example", example)
    for term, examples in ((b <= a, 12), (a <= b, 12), (a < b, 300)):
        tried.append([])
        module._Attack(Theorem(term), SYSTEMS["int32"]).random("seed 0", examples)
        assert len(set(tried[-1])) == len(tried[-1]) == examples
    assert tried[0] != tried[1]
    assert max(tried[0] + tried[1]) < module.POOL


def test_the_pool_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is tried on an example that was built has it without Hypothesis."""
    built: list[bytes] = []
    module._example.cache_clear()

    def draw(source: bytes) -> list[tuple[Any, ...]]:
        built.append(source)
        return [(0, 0)]

    monkeypatch.setattr(module, "_drawer", lambda shape: draw)
    for term in (a <= b, b <= a, a < b):
        module._Attack(Theorem(term), SYSTEMS["int32"]).random("seed 0", module.POOL)
    module._example.cache_clear()
    assert len(built) == len(set(built)) == module.POOL


@pytest.mark.parametrize("system", ["int16", "saturating_int8", "float16", "float8_e5m2"])
def test_behind_an_empty_sequence_every_pair_is_tried(system: str) -> None:
    """Telling values that a grid with sequences has no room for are found without a draw."""
    top, x = max(SYSTEMS[system].simple_values(), key=lambda v: (v == v, v)), sequence("x")
    if top == float("inf"):
        top = 1 + 2 * float(SYSTEMS[system].exact_constant("unit_roundoff"))
    theorem = Theorem(~((greatest(b, x) == 1) & (a == -constant(Fraction(top)))))
    attack = module._Attack(theorem, SYSTEMS[system])
    found = attack.grid(module.GRID_OF_FOLDS)
    assert found is not None and (found["a"], found["b"], found["x"]) == (-top, 1, ())


def test_premises_that_no_sample_meets() -> None:
    """Having tried nothing is UNKNOWN, never a pass."""
    theorem = replace(RELU, given=(a < b, b < a))
    for system in ("int8", "real"):
        evidence = ENGINE.examine(theorem, SYSTEMS[system], Settings())
        assert evidence.verdict is Verdict.UNKNOWN
        assert evidence.detail.startswith("none of ")
        assert evidence.detail.endswith(" samples meets the premises")


def test_sums_are_added_up() -> None:
    """Closed forms are attacked by counting."""
    integer = SYSTEMS["integer"]
    right = Theorem(summation(i, m, 2 * i) == m * (m - 1), where=(m >= 0,))
    wrong = Theorem(summation(i, m, 2 * i) == m * (m + 1), where=(m >= 0,))
    assert ENGINE.examine(right, integer, Settings()).verdict is Verdict.TESTED
    evidence = ENGINE.examine(wrong, integer, Settings())
    assert evidence.verdict is Verdict.REFUTED and evidence.counterexample is not None
    assert evidence.counterexample.assignment == {"m": "1"}


def test_every_instance_of_a_system_is_attacked() -> None:
    """One width or one precision at which a statement fails is enough."""
    small = Theorem(a <= b, given=(a.maximum(b) == relu(a - b) + b, a == b + b))
    assert {x.bound for x in module._instances(SYSTEMS["wraparound"])} >= {1, 2, 128, 2**31}  # type: ignore[attr-defined]
    unsigned = SYSTEMS["unsigned_wraparound"]
    ends = {x.exact_constant("largest") for x in module._instances(unsigned)}
    assert ends >= {1, 3, 255, 2**32 - 1}
    kinds = {(x.precision, x.ties_away) for x in module._instances(SYSTEMS["rounding"])}  # type: ignore[attr-defined]
    assert {(1, False), (1, True), (8, False), (8, True)} <= kinds
    assert list(module._instances(SYSTEMS["int8"])) == [SYSTEMS["int8"]]
    assert ENGINE.examine(small, SYSTEMS["wraparound"], Settings()).verdict is Verdict.REFUTED


def test_takes_what_can_be_evaluated() -> None:
    """Everything but a quantifier."""
    assert ENGINE.supports(RELU, SYSTEMS["float8_e4m3fn"])
    assert ENGINE.supports(Theorem(summation(i, m, i) == m), SYSTEMS["integer"])
    assert not ENGINE.supports(Theorem(for_all((a,), a == b)), SYSTEMS["real"])


def test_sequences_are_drawn() -> None:
    """A fold is tried on any number of taps; what only two taps tell apart is found."""
    x = sequence("x")
    folded = fold(a, x, m, i, relu(i - m) + m)
    held = ENGINE.examine(Theorem(folded == greatest(a, x)), SYSTEMS["real"], Settings())
    assert held.verdict is Verdict.TESTED
    first_two = Theorem(fold(0, x, m, i, i - m) == fold(0, x, m, i, i))
    found = ENGINE.examine(first_two, SYSTEMS["integer"], Settings()).counterexample
    assert found is not None and found.assignment == {"x": "(1, 0)"}


def test_a_division_by_0_is_told_with_its_input() -> None:
    """One that a random sample comes upon too: at -9, which is no telling value."""
    theorem = Theorem(a // (a + 9) == a // (a + 9))
    found = ENGINE.examine(theorem, SYSTEMS["integer"], Settings(examples=200))
    assert (found.verdict, found.detail) == (
        Verdict.ERROR,
        "ZeroDivisionError: it divides by 0 at a = -9",
    )
