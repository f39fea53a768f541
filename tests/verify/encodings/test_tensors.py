from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from proofs.claim import Theorem
from proofs.evaluate import evaluate
from proofs.systems import SYSTEMS, NumberSystem
from proofs.systems.number_system import UnsupportedError
from proofs.terms import (
    Sort,
    Term,
    conjunction,
    constant,
    exact,
    finite,
    fold,
    for_all,
    half,
    iff,
    implies,
    in_range,
    indicator,
    largest,
    odd_multiple,
    relu,
    select,
    sequence,
    smallest,
    summation,
    ulp,
    unit_roundoff,
    value,
    variables,
    widened,
)
from verify.encodings.exact_arrays import ExactArray
from verify.encodings.tensors import TensorInterpreter
from verify.strategies import elements, rows

a, b, i = variables("a b i")
WITH_DTYPE = [s for s in SYSTEMS.values() if s.dtype is not None]

numbers = st.recursive(
    st.sampled_from([a, b, a, b, constant(0), constant(1)]),
    lambda part: st.one_of(
        st.builds(lambda x, y: x + y, part, part),
        st.builds(lambda x, y: x - y, part, part),
        st.builds(lambda x, y: x * y, part, part),
        st.builds(lambda x, y: x.maximum(y), part, part),
        st.builds(lambda x, y: x.minimum(y), part, part),
        st.builds(lambda x, y: select(x < y, x, y), part, part),
        st.builds(lambda x: -x, part),
        st.builds(abs, part),
        st.builds(half, part),
        st.builds(relu, part),
    ),
    max_leaves=5,
)  # fmt: skip
exacts = st.recursive(
    st.builds(value, numbers) | st.sampled_from([value(a), value(b), largest(), smallest()]),
    lambda part: st.one_of(
        st.builds(lambda x, y: x + y, part, part),
        st.builds(lambda x, y: x - y, part, part),
        st.builds(lambda x, y: x * y, part, part),
        st.builds(lambda x: x * Fraction(1, 3), part),
        st.builds(lambda x, y: x.maximum(y), part, part),
        st.builds(lambda x, y: x.minimum(y), part, part),
        st.builds(lambda x, y: select(a <= b, x, y), part, part),
        st.builds(lambda x: -x, part),
        st.builds(abs, part),
    ),
    max_leaves=4,
)  # fmt: skip
sums = st.builds(lambda x, y: x + y, numbers, numbers) | st.builds(
    lambda x, y: x - y, numbers, numbers
)
propositions = st.recursive(
    st.one_of(
        *(
            st.builds(relate, side, side)
            for side in (numbers, exacts)
            for relate in (
                lambda x, y: x == y, lambda x, y: x != y, lambda x, y: x < y, lambda x, y: x <= y,
            )
        ),
        st.builds(finite, numbers),
        st.builds(exact, sums),
        st.builds(in_range, sums),
        st.just(conjunction(())),
    ),
    lambda part: st.one_of(
        st.builds(lambda x, y: x & y, part, part),
        st.builds(lambda x, y: x | y, part, part),
        st.builds(lambda x: ~x, part),
        st.builds(implies, part, part),
        st.builds(iff, part, part),
    ),
    max_leaves=3,
)  # fmt: skip


def _interpreter(system: NumberSystem, drawn: list[tuple[Any, Any]]) -> TensorInterpreter:
    columns = {name: system.tensor([row[k] for row in drawn]) for k, name in enumerate("ab")}
    return TensorInterpreter(system, columns)


def _told(interpreter: TensorInterpreter, term: Term) -> list[Any]:
    """Return what the interpreter says of every assignment, in order."""
    result, shape = interpreter(term), interpreter.shape
    if term.sort is Sort.NUMBER:
        return interpreter.system.elements(result.expand(shape))
    if term.sort is Sort.PROPOSITION:
        assert result.dtype is torch.bool
        told: list[bool] = result.expand(shape).flatten().tolist()
        return told
    assert isinstance(result, ExactArray)
    numerators, defined = (
        numpy.broadcast_to(part, shape).flat for part in (result.numerators, result.defined)
    )
    return [
        int(n) * result.scale if known else None
        for n, known in zip(numerators, defined, strict=True)
    ]


@pytest.mark.parametrize("system", WITH_DTYPE, ids=lambda s: s.name)
@given(data=st.data())
def test_row_by_row_as_the_exact_interpreter(system: NumberSystem, data: st.DataObject) -> None:
    """Random terms of every sort on random tensors: each row is what evaluate gives for it."""
    term = data.draw(numbers | exacts | propositions)
    drawn = data.draw(rows(elements(system), 2))
    told = _told(_interpreter(system, drawn), term)
    for (x, y), got in zip(drawn, told, strict=True):
        expected = evaluate(term, {"a": x, "b": y}, system)
        same = system.equal(got, expected) if term.sort is Sort.NUMBER else got == expected
        assert same, (x, y, got, expected)


@pytest.mark.parametrize("system", WITH_DTYPE, ids=lambda s: s.name)
@given(data=st.data())
def test_an_axis_for_each_variable(system: NumberSystem, data: st.DataObject) -> None:
    """Columns that broadcast give what rows of all their pairs give."""
    term = data.draw(numbers | exacts | propositions)
    first, second = (data.draw(st.lists(elements(system), min_size=1, max_size=4)) for _ in "ab")
    along = {
        "a": system.tensor(first).reshape(-1, 1),
        "b": system.tensor(second).reshape(1, -1),
    }
    pairs = list(itertools.product(first, second))
    expected = _told(_interpreter(system, pairs), term)
    for got, wanted in zip(_told(TensorInterpreter(system, along), term), expected, strict=True):
        same = system.equal(got, wanted) if term.sort is Sort.NUMBER else got == wanted
        assert same, (first, second, got, wanted)


HAVE_WIDER = [s for s in WITH_DTYPE if s.name not in ("int64", "float64")]


@pytest.mark.parametrize("system", HAVE_WIDER, ids=lambda s: s.name)
@given(data=st.data())
def test_wide_terms_as_the_exact_interpreter(system: NumberSystem, data: st.DataObject) -> None:
    """What torch computes in the wider dtype is what the wider system says, narrowed once."""
    term = widened(data.draw(numbers)) + b
    drawn = data.draw(rows(elements(system), 2))
    for (x, y), got in zip(drawn, _told(_interpreter(system, drawn), term), strict=True):
        assert system.equal(got, evaluate(term, {"a": x, "b": y}, system)), (x, y, got)


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2", "float16", "bfloat16", "float32",
                                  "float64"])  # fmt: skip
@given(data=st.data())
def test_ulps_as_the_exact_interpreter(name: str, data: st.DataObject) -> None:
    """Units in the last place, and which values are odd multiples of them, row by row."""
    system = SYSTEMS[name]
    drawn = data.draw(rows(elements(system), 2))
    for term in (ulp(a), odd_multiple(value(a), ulp(a)), odd_multiple(2 * value(b), ulp(a))):
        told = _told(_interpreter(system, drawn), term)
        assert told == [evaluate(term, {"a": x, "b": y}, system) for x, y in drawn]


def test_wide_terms_inside_folds() -> None:
    """The tensors that a fold binds are widened like the others."""
    x, m, t = sequence("x"), *variables("m t")
    folded = fold(a, x, m, t, widened(m - t + t))
    columns: dict[str, Any] = {
        "a": torch.full((1,), 0.5).half(),
        "x": (torch.full((1,), 2048.0).half(),),
    }
    assert TensorInterpreter(SYSTEMS["float16"], columns)(folded).tolist() == [0.5]


@pytest.mark.parametrize("system", WITH_DTYPE, ids=lambda s: s.name)
def test_judge(system: NumberSystem) -> None:
    """Premises and conclusion come apart, each a mask over the rows."""
    theorem = Theorem(a == b, given=(a <= b,), where=(constant(0) <= a,))
    drawn = [(0, 1), (1, 1), (1, 0), (2, 3)]
    meets, conclusion = _interpreter(system, drawn).judge(theorem)
    assert meets.tolist() == [True, True, False, True]
    assert conclusion.tolist() == [False, True, False, False]


def test_any_shape() -> None:
    """Tensors of any shape give tensors of that shape."""
    x = torch.tensor([[1.0, 2.0], [3.0, float("nan")]])
    interpreter = TensorInterpreter(SYSTEMS["float32"], {"a": x, "b": x + 1})
    for term in (a + b, a + 1, indicator(a < b), in_range(a + b), value(a) < value(b), finite(a)):
        assert interpreter(term).shape == (2, 2)
    assert interpreter(value(a) < value(b)).tolist() == [[True, True], [True, False]]


def test_a_term_is_computed_once() -> None:
    """A shared node is the same tensor wherever it occurs."""
    shared = a - b
    interpreter = _interpreter(SYSTEMS["int8"], [(1, 2)])
    total = interpreter(relu(shared) + shared)
    assert interpreter(shared) is interpreter(shared)
    assert total.dtype is torch.int8


def test_terms_that_are_gone_are_not_mistaken_for_new_ones() -> None:
    """One interpreter answers for many terms, each made, asked about and dropped."""
    interpreter = _interpreter(SYSTEMS["int32"], [(1, 2)])
    for number in range(50):
        assert interpreter(a + number).tolist() == [1 + number]


def test_no_variable_at_all() -> None:
    """A statement without variables has one row."""
    interpreter = TensorInterpreter(SYSTEMS["uint8"], {})
    assert interpreter(constant(0) - constant(1) == constant(255)).tolist() == [True]


@pytest.mark.parametrize(
    ("term", "message"),
    [
        (summation(i, 3, i), "sum on tensors"),
        (for_all((i,), i == a), "forall on tensors"),
        (a // b, "floordiv has no entry for tensors"),
        (value(a) / 2, "div has no entry for arrays of exact numbers"),
        (unit_roundoff(), "int8 has no unit_roundoff"),
        (a == constant(128), "128 is not a value of int8"),
    ],
    ids=str,
)
def test_refuses(term: Term, message: str) -> None:
    """What torch cannot say about tensors is refused by name."""
    with pytest.raises(UnsupportedError) as caught:
        _interpreter(SYSTEMS["int8"], [(1, 2)])(term)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["int8", "float16"])
def test_folds_go_over_tuples_of_tensors(name: str) -> None:
    """Column by column, as the exact interpreter does row by row; none leaves the start."""
    system = SYSTEMS[name]
    x, m, t = sequence("x"), *variables("m t")
    folded = fold(a + b, x, m, t, relu(t - m) + m * b)
    entries: list[dict[str, Any]] = [
        {"a": system.constant(1), "b": system.constant(k), "x": tuple(map(system.constant, taps))}
        for k, taps in enumerate([(1, 2), (5, -3), (-7, 7)])
    ]
    for length in (0, 1, 2):
        cut = [{**entry, "x": entry["x"][:length]} for entry in entries]
        columns: dict[str, Any] = {
            "x": tuple(system.tensor([e["x"][i] for e in cut]) for i in range(length)),
            "a": system.tensor([e["a"] for e in cut]),
            "b": system.tensor([e["b"] for e in cut]),
        }
        found = TensorInterpreter(system, columns)(folded)
        assert system.elements(found) == [evaluate(folded, entry, system) for entry in cut]


def test_what_is_known_is_not_computed_again() -> None:
    """Values of terms without the replaced variable are taken over, the others are not."""
    system = SYSTEMS["float8_e4m3fn"]
    kept = a * a
    changed = kept + b
    columns = {"a": system.tensor([1.0, 2.0]), "b": system.tensor([4.0, 8.0])}
    first = TensorInterpreter(system, columns)
    assert first(changed).tolist() == [5.0, 12.0]
    known = first.without("b")
    assert set(known) == {a, kept} and known[kept] is first(kept)
    other = TensorInterpreter(system, columns | {"b": system.tensor([0.0, 1.0])}, known)
    assert other(changed).tolist() == [1.0, 5.0]
    assert other(kept) is first(kept) and set(known) == {a, kept}


def test_a_conjunction_that_is_false_already() -> None:
    """Where the first half is false everywhere, the second is not computed."""
    system = SYSTEMS["float16"]
    interpreter = TensorInterpreter(system, {"a": system.tensor([1.0, 2.0])})
    unsupported = for_all((b,), b == b)
    assert interpreter((a < 0) & unsupported).tolist() == [False, False]
    with pytest.raises(UnsupportedError):
        interpreter((a < 2) & unsupported)
