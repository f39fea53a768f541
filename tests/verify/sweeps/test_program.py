from __future__ import annotations

import itertools
import random
from fractions import Fraction
from functools import lru_cache
from typing import Any

import numpy
import pytest
import torch

from proofs.claim import Theorem
from proofs.evaluate import evaluate
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import UnsupportedError
from proofs.terms import (
    Term,
    constant,
    exact,
    finite,
    for_all,
    half,
    iff,
    implies,
    in_range,
    largest,
    odd_multiple,
    relu,
    select,
    smallest,
    summation,
    ulp,
    unit_roundoff,
    value,
    variables,
    widened,
)
from verify.encodings.tensors import TensorInterpreter
from verify.engines.counterexample import fails, holds
from verify.sweeps.elements import elements
from verify.sweeps.machine_code import CompiledProgram
from verify.sweeps.program import (
    ABSOLUTE,
    DOUBTFUL,
    MET,
    RELATIVE,
    ULPS,
    WRONG,
    Program,
    _Writer,
    judging,
    measuring,
)

a, b, c = variables("a b c")
SMALL = ["float8_e4m3fn", "float8_e5m2", "float16", "bfloat16"]
FORMATS = [*SMALL, "float32", "float64"]

OPERATIONS = {
    "sum": a + b,
    "difference": a - b,
    "product": a * b,
    "half": half(a) + half(b),
    "negative": -a,
    "absolute": abs(b),
    "relu": relu(a),
    "maximum": a.maximum(b),
    "minimum": a.minimum(b),
    "constant": a * constant(3) + Fraction(1, 2),
    "selected": select(a < b, a, b - a),
    **{name: form for name, form in FORMS.items() if name != "wide"},
}
WIDE = {
    "wide": FORMS["wide"],
    "wide product": widened(a * b - a),
    "wide half": widened(half(a) - b),
}


def format_of(name: str) -> FloatFormat:
    """Return the format."""
    found = SYSTEMS[name]
    assert isinstance(found, FloatFormat)
    return found


def telling(system: str, count: int, seed: int = 0) -> Any:
    """Return all special values of a format, and others at random."""
    known = elements(system).values
    special = numpy.array(list(format_of(system).simple_values()), dtype=known.dtype)
    drawn = numpy.random.default_rng(seed).choice(known, count)
    return numpy.concatenate([special, drawn])


@lru_cache
def kernel_of(system: str) -> tuple[list[str], CompiledProgram]:
    """Return the names of all operations of a format, and a kernel that computes all of them."""
    terms = OPERATIONS | (WIDE if system != "float64" else {})
    writer = _Writer(format_of(system), ("a", "b"))
    return [*terms], CompiledProgram(
        writer.program({}, {name: writer.number(term) for name, term in terms.items()})
    )


def computed(system: str, rows: Any, column: Any, copies: int) -> dict[str, Any]:
    """Return what the compiled program computes at each row and one column, by operation.

    The column is repeated, so that vector instructions are used. Of the results the largest by
    its bits would be kept; with one copy there is one.
    """
    columns = numpy.full(copies, column, dtype=rows.dtype)
    word = numpy.int64 if rows.dtype == numpy.float64 else numpy.int32
    names, kernel = kernel_of(system)
    lines = kernel(rows, columns).astype(word)
    return {
        name: numpy.ascontiguousarray(lines[:, index]).view(rows.dtype)
        for index, name in enumerate(names)
    }


def same(left: Any, right: Any) -> Any:
    """Say where two arrays have the same bits, any NaN being as good as another."""
    zeros = (left == 0) & (right == 0)
    alike = (left == right) & (~zeros | (numpy.signbit(left) == numpy.signbit(right)))
    return alike | (numpy.isnan(left) & numpy.isnan(right))


def by_torch(term: Term, system: str, rows: Any, column: Any) -> Any:
    """Return what torch's own arithmetic gives."""
    dtype = getattr(torch, system)
    tensors = {
        "a": torch.tensor(rows).to(dtype),
        "b": torch.tensor(numpy.full(len(rows), column, rows.dtype)).to(dtype),
    }
    found = TensorInterpreter(format_of(system), tensors)(term)
    return found.to(torch.float64 if system == "float64" else torch.float32).numpy()


@pytest.mark.parametrize("system", FORMATS)
def test_computes_what_torch_computes(system: str) -> None:
    """Bit for bit, on all special values and on random ones, in vectors and one by one.

    The sign of a zero that is a maximum is torch's own affair: there zeros are equal.
    """
    values = telling(system, 300)
    count = len(list(format_of(system).simple_values()))
    for column in values[: count + 20]:
        in_vectors = computed(system, values, column, 40)
        one_by_one = computed(system, values, column, 1)
        for name, ours in in_vectors.items():
            assert same(ours, one_by_one[name]).all()
            theirs = by_torch((OPERATIONS | WIDE)[name], system, values, column)
            agree = (ours == theirs) | (numpy.isnan(ours) & numpy.isnan(theirs))
            if name in ("sum", "difference", "product"):
                agree = same(ours, theirs)
            assert agree.all(), (name, column, values[~agree][:3], ours[~agree], theirs[~agree])


@pytest.mark.parametrize("system", FORMATS)
def test_computes_what_fractions_say(system: str) -> None:
    """The project's own rounding of exact results agrees as well."""
    number_system = format_of(system)
    values = telling(system, 20)
    for column in values[-3:]:
        for name, ours in computed(system, values, column, 1).items():
            for x, found in zip(values.tolist(), ours.tolist(), strict=True):
                pair = {"a": x, "b": float(column)}
                expected = evaluate((OPERATIONS | WIDE)[name], pair, number_system)
                both_nan = found != found and expected != expected
                assert found == expected or both_nan, (name, pair, found, expected)


u = unit_roundoff()
STATEMENTS = {
    "equal": Theorem(a == b),
    "unequal": Theorem(a != b, (a < b,)),
    "ordered": Theorem((a <= b) | (b < a)),
    "logic": Theorem(iff(a <= b, ~(b < a)), (finite(a) & finite(b),)),
    "implied": Theorem(implies(finite(a), finite(a - b))),
    "exact sum": Theorem(exact(a + b)),
    "exact difference": Theorem(~exact(a - b), (in_range(a - b),)),
    "in range": Theorem(in_range(a + b), (finite(b),)),
    "values": Theorem(value(a) + value(b) == value(a + b)),
    "difference of values": Theorem(value(a) - value(b) <= value(a - b), (a <= b, b < 1)),
    "distances": Theorem(abs(value(a) - value(b)) < abs(value(a - b)) + value(constant(1))),
    "bound": Theorem(
        (1 + u) * abs(value(relu(a - b) + b) - value(a.maximum(b)))
        <= 2 * u * abs(value(a) - value(b)),
        (in_range(a - b), in_range(relu(a - b) + b)),
    ),
    "half the bound": Theorem(
        (1 + u) * abs(value(relu(a - b) + b) - value(a.maximum(b)))
        <= u * abs(value(a) - value(b))
    ),
    "product of values": Theorem(value(a) * value(b) <= value(a * b)),
    "sum of products": Theorem(
        value(a) * value(a) + value(b) * value(b) != 2 * (value(a) * value(b)), (a != b,)
    ),
    "difference of squares": Theorem(
        (value(a) + value(b)) * (value(a) - value(b)) == value(a) * value(a) - value(b) * value(b)
    ),
    "sum of three": Theorem(value(a) + value(b) + value(a - b) == 2 * value(a)),
    "ends": Theorem((value(a) <= largest()) & (smallest() <= value(a)), (finite(a),)),
    "extremes": Theorem(value(a).maximum(value(b)) - value(a).minimum(value(b)) >= value(b - a)),
    "ulps": Theorem(ulp(a) + ulp(b) <= ulp(a + b) + ulp(a - b), (finite(a),)),
    "sums": Theorem(value(a) + value(b) < 2 * (value(b) - value(a)), (finite(b - a),)),
    "opposite sums": Theorem(abs(value(b) - value(a)) == abs(value(a) - value(b))),
    "chosen sums": Theorem(
        select(a < b, value(a) + value(b), value(a)) >= -(select(b < a, value(a), value(b)))
    ),
    "doubled sums": Theorem(2 * (value(a) + value(b)) == 2 * value(a) + 2 * value(b)),
    "odd": Theorem(iff(odd_multiple(value(a), ulp(a)), odd_multiple(2 * value(b), ulp(a)))),
    "choice": Theorem(select(a < b, value(a), 2 * value(b)) != value(a)),
}  # fmt: skip


@pytest.mark.parametrize("name", STATEMENTS)
@pytest.mark.parametrize(
    "system",
    [
        "float8_e4m3fn",
        "bfloat16",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("float8_e5m2", "float16")),
    ],
)
def test_decides_what_fractions_decide(system: str, name: str) -> None:
    """Pair by pair, except for those that it calls doubtful itself, which are few."""
    theorem, number_system = STATEMENTS[name], format_of(system)
    values = telling(system, 10, seed=1)
    # Neighbours and halves of each other, where something cancels.
    values = numpy.concatenate([values, -values[-10:], values[-10:] / 2]).astype(numpy.float32)
    values = torch.tensor(values).to(getattr(torch, system)).to(torch.float32).numpy()
    kernel = CompiledProgram(judging(theorem, number_system))
    rows = random.Random(2).sample(range(len(values)), 8)
    doubtful = 0
    for row in rows:
        mine = numpy.array(
            [kernel(values[row : row + 1], values[i : i + 1])[0] for i in range(len(values))]
        )
        # In one go, in vectors, it counts the same.
        assert (kernel(values[row : row + 1], values)[0] == mine.sum(axis=0)).all()
        for column, (met, wrong, doubt) in enumerate(mine.tolist()):
            chosen = (float(values[row]), float(values[column]))
            pair = dict(zip(theorem.variables, chosen, strict=False))
            doubtful += doubt
            if not doubt:
                assert bool(met) == holds(theorem, pair, number_system), pair
                assert bool(wrong) == fails(theorem, pair, number_system), pair
            else:
                assert not met and not wrong
    # float64 holds all sums of the narrower formats, and of bfloat16's what one sum has lost.
    if system != "bfloat16" or name in ("values", "sums", "doubled sums", "bound"):
        assert not doubtful or name in ("sum of products", "difference of squares")


def test_doubtful_is_what_float64_cannot_tell() -> None:
    """1 + 2^-100 against 1 + 2^-101: float64 sees no difference and says so."""
    theorem = Theorem(value(a) + value(b) + value(b) != value(a) + value(b))
    kernel = CompiledProgram(judging(theorem, format_of("bfloat16")))
    names = judging(theorem, format_of("bfloat16")).results
    one, tiny = (numpy.array([x], dtype=numpy.float32) for x in (1.0, 2.0**-100))
    assert dict(zip(names, kernel(one, tiny)[0].tolist(), strict=True)) == {
        MET: 0, WRONG: 0, DOUBTFUL: 1
    }  # fmt: skip
    assert dict(zip(names, kernel(one, one)[0].tolist(), strict=True)) == {
        MET: 1, WRONG: 0, DOUBTFUL: 0
    }  # fmt: skip


def test_what_a_product_loses_is_doubtful() -> None:
    """(a + b)(a − b) = a² − b² has 79 bits at 2^15 and 2^-24, and is certain where it has few."""
    theorem = STATEMENTS["difference of squares"]
    kernel = CompiledProgram(judging(theorem, format_of("float16")))
    large, small, tiny = (numpy.array([x], dtype=numpy.float32) for x in (2.0**15, 3.0, 2.0**-24))
    assert kernel(large, tiny)[0].tolist() == [0, 0, 1]
    assert kernel(large, small)[0].tolist() == [1, 0, 0]


def test_doubt_outside_the_premises_does_not_count() -> None:
    """Where a premise is certainly false there is nothing to decide."""
    unclear = value(a) + value(b) + value(b) != value(a) + value(b)
    one, tiny = (numpy.array([x], dtype=numpy.float32) for x in (1.0, 2.0**-100))
    for premise, doubtful in ((a < b, 0), (~(a <= b), 1)):
        kernel = CompiledProgram(judging(Theorem(unclear, (premise,)), format_of("bfloat16")))
        assert kernel(one, tiny)[0].tolist() == [0, 0, doubtful]


def test_rows_outside_the_premises_are_left_out() -> None:
    """A premise about a alone is asked once for each row, and decides alike."""
    theorem = Theorem(a + b == b, (a == constant(0), finite(b)))
    program = judging(theorem, format_of("float16"))
    assert "br i1 %t" in program.source.split("pair:")[0]
    values = telling("float16", 20)
    lines = CompiledProgram(program)(values, values)
    met = int(numpy.isfinite(values).sum())
    assert (lines[:, 0] == numpy.where(values == 0, met, 0)).all()
    assert not lines[:, 1:].any()


@pytest.mark.parametrize(
    ("theorem", "system"),
    [
        (Theorem(a == b), "int16"),
        (Theorem(a == b), "real"),
        (Theorem(a == b), "rounding"),
        (Theorem(a + b + c == a), "float16"),
        (Theorem(constant(1) == constant(1)), "float16"),
        (Theorem(summation(b, a, b) == a), "float16"),
        (Theorem(for_all((b,), a == b)), "float16"),
        (Theorem(a * Fraction(1, 3) == b), "float16"),
        (Theorem(value(a) * Fraction(1, 3) == value(b)), "float16"),
        (Theorem(a // b == b), "float16"),
        (Theorem(value(a) / value(b) == value(b)), "float16"),
        (Theorem(value(a) == value(b)), "float64"),
        (Theorem(odd_multiple(value(a), value(b))), "float16"),
        (Theorem(odd_multiple(value(a) + value(b), ulp(b))), "bfloat16"),
        (Theorem(widened(a) == a), "float64"),
        (Theorem(widened(select(a < b, a, b)) == a), "float16"),
    ],
    ids=str,
)
def test_declines(theorem: Theorem, system: str) -> None:
    """What it cannot decide it says at once."""
    with pytest.raises(UnsupportedError):
        judging(theorem, SYSTEMS[system])


def test_a_theorem_is_text_that_does_not_change() -> None:
    """The same theorem gives the same program, by which workers find it compiled already."""
    theorems = (Theorem(x.maximum(y) == relu(x - y) + y) for x, y in [(a, b), variables("a b")])
    first, second = (judging(theorem, format_of("float16")) for theorem in theorems)
    assert first == second and isinstance(first, Program)


@pytest.mark.parametrize("system", SMALL)
@pytest.mark.parametrize("form", ["difference", "distance", "halves"])
def test_keys_order_pairs_by_their_errors(system: str, form: str) -> None:
    """The greatest key belongs to the greatest error in fractions, up to rounding of the keys."""
    number_system = format_of(system)
    target = a.maximum(b)
    program = measuring(FORMS[form], target, number_system)
    kernel = CompiledProgram(program)
    values = [x for x in telling(system, 30, seed=3) if numpy.isfinite(x)]
    errors: dict[str, list[tuple[int, Fraction]]] = {ABSOLUTE: [], RELATIVE: [], ULPS: []}
    for x, y in itertools.islice(itertools.product(values, values[-30:]), 1000):
        pair = {"a": float(x), "b": float(y)}
        line = kernel(numpy.array([x]), numpy.array([y]))[0].tolist()
        found = dict(zip(program.results, line, strict=True))
        got, wanted = (evaluate(t, pair, number_system) for t in (FORMS[form], target))
        if not numpy.isfinite(got) or got == wanted:
            assert not any(found[key] for key in errors)
            continue
        error, size = abs(Fraction(got) - Fraction(wanted)), abs(Fraction(wanted))
        unit = number_system.tiniest
        while size >= unit * 2**number_system.precision:
            unit *= 2
        errors[ABSOLUTE].append((found[ABSOLUTE], error))
        errors[ULPS].append((found[ULPS], error / unit))
        if size:
            errors[RELATIVE].append((found[RELATIVE], error / size))
    for key, pairs in errors.items():
        assert len(pairs) > 20
        worst = max(error for _, error in pairs)
        picked = max(pairs, key=lambda pair: pair[0])[1]
        assert picked >= worst * (1 - Fraction(1, 2**20)), key
