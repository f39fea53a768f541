from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
import torch

from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.terms import (
    constant,
    exact,
    finite,
    for_all,
    greatest,
    half,
    in_range,
    relu,
    select,
    sequence,
    summation,
    value,
    variables,
)
from proofs.verdict import Verdict
from verify.encodings.tensors import TensorInterpreter
from verify.engines import exhaustive
from verify.engines.engine import Settings
from verify.engines.exhaustive import Exhaustive
from verify.sweeps.elements import elements

a, b, c, d = variables("a b c d")
ENGINE = Exhaustive()
RELU = Theorem(a.maximum(b) == relu(a - b) + b)
ORDERED = Theorem(RELU.conclusion, (a <= b,))
EIGHT = ["int8", "uint8", "saturating_int8", "float8_e4m3fn", "float8_e5m2"]


@pytest.mark.parametrize("system", EIGHT)
def test_tries_every_pair(system: str) -> None:
    """A true thing is EXHAUSTED, and the number of tuples is told."""
    evidence = ENGINE.examine(Theorem(a.maximum(b) == b.maximum(a)), SYSTEMS[system], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.EXHAUSTED, "all 65,536 tuples")
    assert ENGINE.version().split("+")[0] == torch.__version__.split("+")[0]


@pytest.mark.parametrize("system", EIGHT)
def test_refutes(system: str) -> None:
    """A false thing is refuted, with a counterexample replayed on torch tensors."""
    evidence = ENGINE.examine(RELU, SYSTEMS[system], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.REFUTED, "after 65,536 tuples")
    assert evidence.counterexample is not None
    assert evidence.counterexample.replay == f"fails on torch.{SYSTEMS[system].dtype} tensors"


@pytest.mark.parametrize(
    ("system", "needle"), [("int8", -77), ("uint8", 201), ("saturating_int8", 99)]
)
def test_finds_the_one_tuple_that_fails(system: str, needle: int) -> None:
    """One wrong tuple among 256, 65,536 or, for one system, 16,777,216 is found."""
    for names in ((a,), (a, b), *(((c, a, b),) if system == "int8" else ())):
        hidden = a == constant(needle)
        for x in names:
            hidden = hidden & (x == constant(needle))
        evidence = ENGINE.examine(Theorem(~hidden), SYSTEMS[system], Settings())
        assert evidence.verdict is Verdict.REFUTED and evidence.counterexample is not None
        assert set(evidence.counterexample.assignment.values()) == {str(needle)}
        assert len(evidence.counterexample.assignment) == len(names)


def test_premises_are_counted() -> None:
    """How many tuples the premises leave is told, and none is an error."""
    saturating = ENGINE.examine(ORDERED, SYSTEMS["saturating_int8"], Settings())
    assert saturating.detail == "all 65,536 tuples, 32,896 of them within the premises"
    vacuous = replace(ORDERED, given=(a < b, b < a))
    evidence = ENGINE.examine(vacuous, SYSTEMS["int8"], Settings())
    assert (evidence.verdict, evidence.detail) == (
        Verdict.ERROR,
        "no tuple meets the premises",
    )


def test_one_variable_and_a_bound() -> None:
    """256 values, and a bound on shapes makes the word a bounded one."""
    theorem = Theorem(relu(a) == a.maximum(0), bound="n = 1")
    evidence = ENGINE.examine(theorem, SYSTEMS["int8"], Settings())
    assert (evidence.verdict, evidence.detail) == (
        Verdict.PROVED_BOUNDED,
        "all 256 tuples, n = 1",
    )


def test_three_variables() -> None:
    """All 2^24 triples, in a few seconds at the most."""
    theorem = Theorem(a.maximum(b).maximum(c) == a.maximum(b.maximum(c)))
    evidence = ENGINE.examine(theorem, SYSTEMS["int8"], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.EXHAUSTED, "all 16,777,216 tuples")


@pytest.mark.parametrize(
    ("theorem", "system", "takes"),
    [
        (RELU, "int8", True),
        (RELU, "int16", False),
        (RELU, "real", False),
        (RELU, "float16", True),
        (RELU, "bfloat16", True),
        (RELU, "float32", False),
        (RELU, "rounding", False),
        (Theorem(relu(a) == a.maximum(0)), "float16", True),
        (Theorem(exact(a + b)), "bfloat16", True),
        (Theorem(a + b + c == c + b + a), "float16", False),
        (Theorem(a // b == a), "float16", False),
        (Theorem(summation(b, a, b) == a), "float16", False),
        (Theorem(a + b + c == c + b + a), "int8", True),
        (Theorem(a + b + c == d), "int8", False),
        (Theorem(exact(a + b)), "int8", True),
        (Theorem(a + b + c == a, (in_range(a + b),)), "int8", False),
        (Theorem(value(a) + value(b) == value(c)), "int8", False),
        (Theorem(summation(b, a, b) == a), "int8", False),
        (Theorem(for_all((a,), a == b)), "int8", False),
        (Theorem(constant(1) == constant(1)), "int8", False),
    ],
    ids=str,
)
def test_takes(theorem: Theorem, system: str, takes: bool) -> None:
    """8 bits, up to three variables, two where exact values are spoken of; 16-bit floats, two."""
    assert ENGINE.supports(theorem, SYSTEMS[system]) is takes


def test_declines_sequences() -> None:
    """There is no end to tuples of any length."""
    theorem = Theorem(greatest(a, sequence("x")) >= a)
    assert not ENGINE.takes(theorem, SYSTEMS["int8"])
    assert not ENGINE.takes(theorem, SYSTEMS["float16"])


@pytest.mark.parametrize("system", ["float16", "bfloat16"])
def test_refutes_in_16_bits(system: str) -> None:
    """The first pair in the order of elements is found, however late other rows are tried."""
    evidence = ENGINE.examine(RELU, SYSTEMS[system], Settings())
    known = elements(system)
    # 0 with the first b that is −infinity: 0 − b is infinite, and adding b gives NaN.
    column = int((known.values == float("-inf")).nonzero()[0][0])
    assert (evidence.verdict, evidence.detail) == (
        Verdict.REFUTED,
        f"after {column + 1:,} tuples",
    )
    assert evidence.counterexample is not None
    assert evidence.counterexample.replay == f"fails on torch.{system} tensors"


@pytest.mark.parametrize("system", ["float16", "bfloat16"])
@pytest.mark.parametrize("place", [(0, 0), (1017, 4711), (63000, 63487)])
def test_finds_the_one_pair_that_fails_in_16_bits(system: str, place: tuple[int, int]) -> None:
    """One wrong pair among 2^32 is found, wherever it is."""
    first, second = (float(elements(system).values[index]) for index in place)
    theorem = Theorem(~((value(a) == Fraction(first)) & (value(b) == Fraction(second))))
    evidence = ENGINE.examine(theorem, SYSTEMS[system], Settings())
    assert evidence.verdict is Verdict.REFUTED and evidence.counterexample is not None
    assert evidence.detail == f"after {place[0] * 65536 + place[1] + 1:,} tuples"
    assert evidence.counterexample.assignment == {"a": str(first), "b": str(second)}


@pytest.mark.parametrize("system", ["float16", "bfloat16"])
def test_telling_values_are_tried_before_simpler_ones(system: str) -> None:
    """What fails only at the largest number is refuted there, and not after two billion pairs."""
    largest = max(x for x in SYSTEMS[system].simple_values() if x < float("inf"))
    failing = (value(a) == Fraction(largest)) & (value(b) == 7)
    evidence = ENGINE.examine(Theorem(~failing), SYSTEMS[system], Settings())
    assert evidence.verdict is Verdict.REFUTED and evidence.counterexample is not None
    assert evidence.counterexample.assignment == {"a": str(largest), "b": "7.0"}
    tried = int(evidence.detail.split()[1].replace(",", ""))
    assert tried < 65536 * len(SYSTEMS[system].simple_values())


@pytest.mark.parametrize("system", ["float8_e4m3fn", "float8_e5m2"])
@pytest.mark.parametrize(
    "theorem",
    [
        Theorem(a - b + b == a, (a <= b,)),
        Theorem(abs(a.minimum(-b)) == relu(half(a) + b), (b <= a,)),
        Theorem(select(a < b, half(a), relu(b)) <= a.maximum(1) + b, (finite(a),)),
        Theorem(a.maximum(b) - b >= 0, (finite(a), finite(b))),
    ],
    ids=str,
)
def test_8_bits_held_in_wider_tensors_are_what_they_are(theorem: Theorem, system: str) -> None:
    """Where the premises hold and where the statement does, at every pair, as on 8-bit tensors."""
    number_system = SYSTEMS[system]
    assert isinstance(number_system, FloatFormat)
    judged = []
    for held in (number_system, exhaustive._widely_held(number_system)):
        every = held.all_elements()
        columns = {"a": every.reshape(-1, 1), "b": every.reshape(1, -1)}
        judged.append(TensorInterpreter(held, columns).judge(theorem))
    (meets, conclusion), (wide_meets, wide_conclusion) = judged
    assert torch.equal(meets, wide_meets) and torch.equal(conclusion, wide_conclusion)
    assert bool(meets.any()) and not bool(meets.all())


def test_one_variable_in_16_bits() -> None:
    """Every element is tried once; premises are counted, and none is an error."""
    theorem = Theorem(relu(a) == a.maximum(0), (finite(a),))
    evidence = ENGINE.examine(theorem, SYSTEMS["bfloat16"], Settings())
    assert (evidence.verdict, evidence.detail) == (
        Verdict.EXHAUSTED,
        "all 65,536 tuples, 65,280 of them within the premises",
    )
    vacuous = replace(theorem, given=(a < a,))
    evidence = ENGINE.examine(vacuous, SYSTEMS["bfloat16"], Settings())
    assert (evidence.verdict, evidence.detail) == (Verdict.ERROR, "no tuple meets the premises")


def test_doubtful_pairs_are_decided_in_fractions() -> None:
    """Float64 does not tell 1 + 2^-60 from 1, fractions do."""
    near = value(b) + value(constant(Fraction(1, 2**60)))
    only = (value(b) == 1,)
    lower = ENGINE.examine(Theorem(value(a) != near, only), SYSTEMS["bfloat16"], Settings())
    assert (lower.verdict, lower.detail) == (
        Verdict.EXHAUSTED,
        "all 4,294,967,296 tuples, 65,536 of them within the premises",
    )
    false = Theorem(value(a) + value(constant(Fraction(1, 2**60))) != near, only)
    found = ENGINE.examine(false, SYSTEMS["bfloat16"], Settings())
    assert found.verdict is Verdict.REFUTED and found.counterexample is not None
    assert found.counterexample.assignment == {"b": "1.0", "a": "1.0"}


def test_too_many_doubtful_pairs_are_no_proof() -> None:
    """What would take Python hours is left undecided."""
    true = Theorem(value(a) + value(b) - value(b) == value(a), (finite(a), finite(b)))
    evidence = ENGINE.examine(true, SYSTEMS["bfloat16"], Settings())
    assert evidence.verdict is Verdict.UNKNOWN
    assert "too close to decide" in evidence.detail


@pytest.mark.slow
@pytest.mark.parametrize("system", ["float16", "bfloat16"])
def test_all_pairs_of_16_bits(system: str) -> None:
    """A true thing is EXHAUSTED over 2^32 pairs, NaNs with every payload included."""
    evidence = ENGINE.examine(replace(ORDERED, where=(finite(b),)), SYSTEMS[system], Settings())
    ordered = {"float16": 2_015_458_305, "bfloat16": 2_130_837_121}[system]
    assert evidence.verdict is Verdict.EXHAUSTED
    assert evidence.detail == (f"all 4,294,967,296 tuples, {ordered:,} of them within the premises")


def test_torch_computes_with_one_thread_and_has_its_own_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Workers take every core; what is left if a statement cannot be computed is as it was."""
    asked: list[int] = []
    monkeypatch.setattr(torch, "get_num_threads", lambda: 3)
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    monkeypatch.setattr(TensorInterpreter, "judge", lambda *args: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        ENGINE.settle(Theorem(a.maximum(b) == b.maximum(a)), SYSTEMS["int8"], Settings())
    assert asked == [1, 3]
