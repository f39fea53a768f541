from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from proofs import claims
from proofs.claim import Theorem
from proofs.evaluate import evaluate
from proofs.systems import SYSTEMS, NumberSystem
from proofs.terms import (
    Term,
    constant,
    exact,
    finite,
    fold,
    greatest,
    relu,
    sequence,
    summation,
    value,
    variables,
)
from verify.encodings import tensors
from verify.engines.counterexample import (
    FIRST,
    ReplayError,
    candidates,
    confirmed,
    fails,
    holds,
    simple_values,
    simplest,
    witness,
    written,
)

a, b, m, i = variables("a b m i")
x = sequence("x")
TRUE = Theorem(a.maximum(b) == b.maximum(a))
RELU = Theorem(a.maximum(b) == relu(a - b) + b)
#: One claim that is refuted there for each number system.
REFUTED = {
    name: claim.id
    for claim in claims().values()
    for name, verdict in claim.expected.items()
    if verdict.name == "REFUTED"
}


def _wrong(theorem: Theorem, system: NumberSystem, row: tuple[Any, ...]) -> bool:
    values = dict(zip(theorem.variables, row, strict=True))
    met = all(evaluate(p, values, system) for p in theorem.premises)
    return met and not evaluate(theorem.conclusion, values, system)


@pytest.mark.parametrize(("name", "claim"), REFUTED.items())
def test_simplest_is_minimal(name: str, claim: str) -> None:
    """No counterexample has only simpler values, and asking again gives the same one."""
    system = SYSTEMS[name]
    for theorem in claims()[claim].parts_in(name):
        assert isinstance(theorem, Theorem)
        found = simplest(theorem, system)
        assert found is not None and fails(theorem, found, system)
        assert repr(simplest(theorem, system)) == repr(found)
        columns = [
            simple_values(system, sequence=x in theorem.sequences) for x in theorem.variables
        ]
        level = max(
            list(map(repr, column)).index(repr(found[x]))
            for x, column in zip(theorem.variables, columns, strict=True)
        )
        for row in itertools.product(*[column[:level] for column in columns]):
            assert not _wrong(theorem, system, row)


@pytest.mark.parametrize(
    ("theorem", "name", "assignment"),
    [
        (RELU, "uint8", {"a": 0, "b": 1}),
        (RELU, "int8", {"a": -2, "b": 127}),
        (RELU, "saturating_int8", {"a": 127, "b": -1}),
        (RELU, "real", None),
        (TRUE, "float16", None),
        (Theorem(-a == a), "int8", {"a": 1}),
        (Theorem(a != constant(3)), "integer", {"a": 3}),
        (Theorem(a // b == b // a, (b != a,)), "integer", {"b": 1, "a": 2}),
        (Theorem(constant(1) == constant(2)), "real", {}),
    ],
    ids=str,
)
def test_simplest(theorem: Theorem, name: str, assignment: dict[str, Any] | None) -> None:
    """Known simplest counterexamples, in the order in which a system lists its values."""
    assert simplest(theorem, SYSTEMS[name]) == assignment


@pytest.mark.parametrize("name", ["int8", "saturating_int8", "float8_e4m3fn", "float16", "real"])
def test_simplest_far_from_the_first(name: str) -> None:
    """Of two false assignments that only exotic values make, the simpler one is found."""
    system = SYSTEMS[name]
    values = simple_values(system)
    near, far = values[7], values[9]
    x, y = constant(Fraction(near)), constant(Fraction(far))
    theorem = Theorem(((a != y) | (b != x)) & ((a != x) | (b != y)))
    assert simplest(theorem, system) == {"a": near, "b": far}
    assert values.index(far) ** 2 > FIRST, "it lies behind those tried one by one"


def test_candidates_meet_what_is_said_of_one_variable() -> None:
    """Exact numbers that a premise rules out by itself are not tried; those of a dtype are."""
    sized = Theorem(a == b, where=(1 <= a, a <= b), given=(b < 4,))
    integer = SYSTEMS["integer"]
    everything = tuple(simple_values(integer))
    positive = tuple(n for n in everything if n >= 1)
    assert candidates(sized, integer) == (positive, tuple(n for n in everything if n < 4))
    assert candidates(Theorem(a == b), integer) == (everything, everything)
    assert candidates(replace(sized, where=(a < a,)), integer)[0] == ()
    divided = replace(sized, where=(constant(12) // a == 4,))
    assert candidates(divided, integer)[0] == (3,), "12 // 0 has no value"
    pixels = tuple(simple_values(SYSTEMS["int8"]))
    assert candidates(sized, SYSTEMS["int8"]) == (pixels, pixels)
    assert simplest(sized, integer) == {"a": 1, "b": 2}


FOLD = Theorem(fold(a, x, m, i, relu(i - m) + m) == greatest(a, x))


def test_simple_sequences() -> None:
    """Tuples of up to three simple values, each once, the simplest first."""
    taps = simple_values(SYSTEMS["integer"], sequence=True)
    assert simple_values(SYSTEMS["integer"]) == list(SYSTEMS["integer"].simple_values())
    assert taps[:4] == [(), (0,), (1,), (0, 0)]
    assert len(set(taps)) == len(taps) == 1 + 17 + 17**2 + 27
    assert max(map(len, taps)) == 3 and (-16, 16) in taps


def test_a_sequence_is_shown_and_replayed() -> None:
    """A counterexample of several taps is made simple and run on tensors, tap by tap."""
    shown = confirmed(FOLD, {"a": -100, "x": (100, 3)}, SYSTEMS["int8"])
    assert shown.assignment == {"a": "-128", "x": "(0)"}
    assert shown.replay == "fails on torch.int8 tensors"
    assert dict(shown.steps)["max(a, x…)"] == "0"
    assert written({"x": ()}, SYSTEMS["real"]) == {"x": "()"}
    assert witness(replace(FOLD, where=(greatest(a, x) >= 3,)), SYSTEMS["integer"]) is not None


def test_premises_are_kept() -> None:
    """A counterexample meets the premises; one that does not is none."""
    theorem = replace(RELU, given=(exact(a - b),))
    system = SYSTEMS["int8"]
    assert not fails(theorem, {"a": 127, "b": -1}, system)
    assert fails(RELU, {"a": 127, "b": -1}, system)
    assert not holds(theorem, {"a": 127, "b": -1}, system)
    assert simplest(theorem, system) is None


def test_witness() -> None:
    """Simple values that meet all premises, or none."""
    theorem = replace(RELU, given=(a < b, constant(2) <= a), where=(b <= constant(8),))
    assert witness(theorem, SYSTEMS["integer"]) == {"b": 3, "a": 2}
    assert witness(replace(theorem, where=(b <= a,)), SYSTEMS["integer"]) is None
    division = Theorem(a == a, given=(b // a == constant(2),))
    met = witness(division, SYSTEMS["integer"])
    assert met is not None and met["b"] // met["a"] == 2


def test_confirmed_shows_both_sides() -> None:
    """The counterexample has values, every step of both sides, and what was replayed."""
    shown = confirmed(RELU, {"a": 100, "b": -100}, SYSTEMS["int8"])
    assert shown.assignment == {"a": "-2", "b": "127"}
    steps = dict(shown.steps)
    assert list(steps) == [
        "max(a, b)",
        "a − b",
        "ReLU(a − b)",
        "ReLU(a − b) + b",
        "max(a, b) = ReLU(a − b) + b",
    ]
    assert steps["max(a, b) = ReLU(a − b) + b"] == "false"
    assert steps["max(a, b)"] != steps["ReLU(a − b) + b"]
    assert shown.replay == "fails on torch.int8 tensors"
    assert shown.statement == "max(a, b) = ReLU(a − b) + b"


def test_confirmed_shows_assumptions_and_exact_values() -> None:
    """Assumptions are steps too; an exact value that does not exist is called undefined."""
    theorem = Theorem(value(a) - value(b) == value(a - b), given=(finite(a), a == a))
    shown = confirmed(theorem, {"a": 1.0, "b": float("inf")}, SYSTEMS["float16"])
    steps = dict(shown.steps)
    assert steps["finite(a)"] == "true" and steps["a = a"] == "true"
    assert shown.statement == "finite(a) and a = a ⇒ ⟦a⟧ − ⟦b⟧ = ⟦a − b⟧"
    infinite = Theorem(value(a) == 2 * value(a) - value(a))
    shown = confirmed(infinite, {"a": float("inf")}, SYSTEMS["float16"])
    assert shown.assignment == {"a": "inf"}
    assert dict(shown.steps)["⟦a⟧"] == "undefined"


def test_two_terms_that_differ_in_grouping_are_two_steps() -> None:
    """A sum grouped to the left and one grouped to the right are shown apart."""
    shown = confirmed(
        Theorem(a + b + b == a + (b + b)), {"a": 2048.0, "b": 1.0}, SYSTEMS["float16"]
    )
    steps = dict(shown.steps)
    assert steps["a + b + b"] != steps["a + (b + b)"]


@pytest.mark.parametrize(
    ("name", "found"),
    [("real", {"a": Fraction(1), "b": Fraction(2)}), ("int8", {"a": 1, "b": 2}),
     ("float16", {"a": 1.0, "b": 2.0})],
)  # fmt: skip
def test_a_true_statement_is_not_refuted(name: str, found: dict[str, Any]) -> None:
    """A model that does not fail when replayed is an error, whoever found it."""
    with pytest.raises(ReplayError) as caught:
        confirmed(TRUE, found, SYSTEMS[name])
    values = ", ".join(f"{k} = {SYSTEMS[name].show(v)}" for k, v in found.items())
    assert str(caught.value) == f"max(a, b) = max(b, a) holds at {values} in {name}"


def test_values_outside_the_premises_refute_nothing() -> None:
    """A model that breaks a premise is an error too."""
    theorem = replace(RELU, given=(b <= a,))
    with pytest.raises(ReplayError, match="holds at a = -128, b = 1 in int8"):
        confirmed(theorem, {"a": -128, "b": 1}, SYSTEMS["int8"])


def test_torch_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """What fails in exact arithmetic and holds on tensors is an error."""

    class Kinder(tensors.TensorInterpreter):
        def _compute(self, node: Term) -> Any:
            result = super()._compute(node)
            return result | True if node is RELU.conclusion else result

    monkeypatch.setattr(tensors, "TensorInterpreter", Kinder)
    with pytest.raises(ReplayError) as caught:
        confirmed(RELU, {"a": 127, "b": -1}, SYSTEMS["int8"])
    assert str(caught.value) == (
        "max(a, b) = ReLU(a − b) + b fails at a = 127, b = -1 in exact arithmetic "
        "but holds on torch.int8 tensors"
    )


def test_where_no_tensor_exists() -> None:
    """Reals and sums are replayed in exact Python arithmetic, and it says so."""
    shown = confirmed(Theorem(a == -a), {"a": Fraction(5)}, SYSTEMS["real"])
    assert shown.assignment == {"a": "1"} and shown.replay == "fails in exact Python arithmetic"
    false_sum = Theorem(summation(i, m, i) == m)
    shown = confirmed(false_sum, {"m": 5}, SYSTEMS["integer"])
    assert dict(shown.steps)["Σ(i < m) i"] == "0" and shown.assignment == {"m": "1"}


def test_a_solvers_own_values_are_shown_where_no_simple_ones_fail() -> None:
    """A counterexample that no simple value is stays as it was found."""
    theorem = Theorem(a != constant(77))
    shown = confirmed(theorem, {"a": 77}, SYSTEMS["int8"])
    assert shown.assignment == {"a": "77"}
