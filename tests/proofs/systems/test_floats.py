from __future__ import annotations

import math
import struct
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from proofs.systems import SYSTEMS
from proofs.systems.floats import AnyFormat, FloatFormat, floor_log2

UNARY = ("neg", "abs", "relu", "half")
BINARY = ("add", "sub", "mul", "maximum", "minimum")
FORMATS = [s for s in SYSTEMS.values() if isinstance(s, FloatFormat)]
EIGHT = [one for one in FORMATS if one.bits == 8]
WIDE = [one for one in FORMATS if one.bits > 8]
E4M3, E5M2, HALF, BRAIN, SINGLE, DOUBLE = FORMATS
WORDS = {8: torch.uint8, 16: torch.int16, 32: torch.int32, 64: torch.int64}
inf, nan = math.inf, math.nan


def _same(got: list[float], expected: list[float]) -> bool:
    """Compare number by number; NaN is NaN, and a zero is a zero of either sign."""
    return len(got) == len(expected) and all(
        x == y or (math.isnan(x) and math.isnan(y)) for x, y in zip(got, expected, strict=True)
    )


def _exactly(got: float, expected: float) -> bool:
    if math.isnan(expected):
        return math.isnan(got)
    return got == expected and math.copysign(1, got) == math.copysign(1, expected)


def _of_patterns(one: FloatFormat, patterns: list[int]) -> torch.Tensor:
    signed = [p - (1 << one.bits) if one.bits > 8 and p >> (one.bits - 1) else p for p in patterns]
    return torch.tensor(signed, dtype=WORDS[one.bits]).view(getattr(torch, one.name))


def patterns(one: FloatFormat) -> st.SearchStrategy[int]:
    """Return bit patterns: any at all, and those around telling exponents."""
    stored = one.precision - 1
    top = (1 << one.exponent_bits) - 1
    exponents = st.sampled_from([0, 1, 2, one.bias - 1, one.bias, one.bias + 1, top - 1, top])
    fractions = st.sampled_from([0, 1, (1 << stored) - 1]) | st.integers(0, (1 << stored) - 1)
    built = st.builds(
        lambda s, e, f: (s << (one.bits - 1)) | (e << stored) | f,
        st.integers(0, 1), exponents, fractions,
    )  # fmt: skip
    return built | st.integers(0, (1 << one.bits) - 1)


# -- bit patterns -------------------------------------------------------------------------------


@pytest.mark.parametrize("one", [*EIGHT, HALF, BRAIN], ids=lambda s: s.name)
def test_every_bit_pattern_as_torch(one: FloatFormat) -> None:
    """All 2^8 or 2^16 patterns name the number that torch reads, signs of zeros included."""
    every = list(range(1 << one.bits))
    read = _of_patterns(one, every).to(torch.float64).tolist()
    assert all(_exactly(one.from_bits(p), x) for p, x in zip(every, read, strict=True))


@pytest.mark.parametrize("one", [SINGLE, DOUBLE], ids=lambda s: s.name)
@given(data=st.data())
def test_drawn_bit_patterns_as_the_machine(one: FloatFormat, data: st.DataObject) -> None:
    """Python's own struct reads single and double patterns the same way."""
    pattern = data.draw(patterns(one))
    code = {32: "If", 64: "Qd"}[one.bits]
    (read,) = struct.unpack(f"<{code[1]}", struct.pack(f"<{code[0]}", pattern))
    assert _exactly(one.from_bits(pattern), read)


@pytest.mark.parametrize("one", FORMATS, ids=lambda s: s.name)
@given(data=st.data())
def test_literals_read_back(one: FloatFormat, data: st.DataObject) -> None:
    """A literal is three bit fields that give the element back, in binary or hexadecimal."""
    pattern = data.draw(patterns(one))
    x = one.from_bits(pattern)
    if not math.isfinite(x):
        return
    sign, biased, fraction = (part.removeprefix("#b") for part in one.literal(x)[4:-1].split())
    assert (len(sign), len(biased), len(fraction)) == (1, one.exponent_bits, one.precision - 1)
    assert int(sign + biased + fraction, 2) == pattern
    assert _exactly(one.decode(one.literal(x)), x)
    if (one.precision - 1) % 4 == 0:
        spelled = f"(fp #b{sign} #b{biased} #x{int(fraction, 2):0{len(fraction) // 4}x})"
        assert _exactly(one.decode(spelled), x)


@pytest.mark.parametrize(
    ("one", "x", "written"),
    [
        (HALF, 0.0, "(fp #b0 #b00000 #b0000000000)"),
        (HALF, -0.0, "(fp #b1 #b00000 #b0000000000)"),
        (HALF, 1.0, "(fp #b0 #b01111 #b0000000000)"),
        (HALF, -65504.0, "(fp #b1 #b11110 #b1111111111)"),
        (HALF, 2.0**-24, "(fp #b0 #b00000 #b0000000001)"),
        (HALF, 2.0**-14, "(fp #b0 #b00001 #b0000000000)"),
        (E5M2, 1.75, "(fp #b0 #b01111 #b11)"),
        (E4M3, 448.0, "(fp #b0 #b1111 #b110)"),
    ],
)
def test_literal(one: FloatFormat, x: float, written: str) -> None:
    """Zeros, subnormals and the largest number."""
    assert one.literal(x) == written


@pytest.mark.parametrize(
    ("model", "x"),
    [
        ("(_ NaN 5 11)", nan),
        ("(_ +oo 5 11)", inf),
        ("(_ -oo 5 11)", -inf),
        ("(_ +zero 5 11)", 0.0),
        ("(_ -zero 5 11)", -0.0),
        ("(fp #b0 #b11111 #b0000000001)", nan),
        ("(fp #b1 #b11111 #b0000000000)", -inf),
    ],
)
def test_special_values_of_models(model: str, x: float) -> None:
    """Solvers name what is no number, or spell its bits."""
    assert _exactly(HALF.decode(model), x)


# -- arithmetic ---------------------------------------------------------------------------------


@pytest.mark.parametrize("operator", UNARY)
@pytest.mark.parametrize("one", [*EIGHT, HALF, BRAIN], ids=lambda s: s.name)
def test_every_element_as_torch(one: FloatFormat, operator: str) -> None:
    """One operand: all elements of the 8-bit and 16-bit formats."""
    every = _of_patterns(one, list(range(1 << one.bits)))
    got = one.elements(one.tensor_apply(operator, [every]))
    assert _same(got, [one.apply(operator, (x,)) for x in one.elements(every)])


@pytest.mark.parametrize("operator", BINARY)
@pytest.mark.parametrize("one", EIGHT, ids=lambda s: s.name)
def test_every_pair_as_torch(one: FloatFormat, operator: str) -> None:
    """Two operands: all 65,536 pairs of the 8-bit formats."""
    every = one.all_elements()
    left, right = (
        every.view(torch.uint8).repeat_interleave(256),
        every.view(torch.uint8).repeat(256),
    )
    columns = [column.view(every.dtype) for column in (left, right)]
    got = one.elements(one.tensor_apply(operator, columns))
    pairs = zip(*(one.elements(column) for column in columns), strict=True)
    assert _same(got, [one.apply(operator, pair) for pair in pairs])


def _as_torch(one: FloatFormat, drawn: list[tuple[int, int]]) -> None:
    columns = [_of_patterns(one, list(column)) for column in zip(*drawn, strict=True)]
    pairs = list(zip(*(one.elements(column) for column in columns), strict=True))
    for operator in BINARY:
        got = one.elements(one.tensor_apply(operator, columns))
        assert _same(got, [one.apply(operator, pair) for pair in pairs]), operator
    for operator in UNARY:
        got = one.elements(one.tensor_apply(operator, columns[:1]))
        assert _same(got, [one.apply(operator, pair[:1]) for pair in pairs]), operator


def _pairs(one: FloatFormat) -> st.SearchStrategy[list[tuple[int, int]]]:
    one_of = patterns(one)
    # A neighbour's sum and difference are where rounding and cancellation happen.
    near = st.builds(lambda p, d: (p, (p + d) % (1 << one.bits)), one_of, st.integers(-3, 3))
    return st.lists(st.tuples(one_of, one_of) | near, min_size=1, max_size=20)


@pytest.mark.parametrize("one", WIDE, ids=lambda s: s.name)
@given(data=st.data())
def test_drawn_pairs_as_torch(one: FloatFormat, data: st.DataObject) -> None:
    """Wider formats, every operator, special patterns drawn often."""
    _as_torch(one, data.draw(_pairs(one)))


@pytest.mark.slow
@pytest.mark.parametrize("one", WIDE, ids=lambda s: s.name)
def test_many_pairs_as_torch(one: FloatFormat) -> None:
    """The same on 20,000 pairs, half of them with nearby exponents."""
    import random

    source = random.Random(0)
    stored = one.precision - 1
    drawn = []
    for number in range(20_000):
        p = source.getrandbits(one.bits)
        q = source.getrandbits(one.bits)
        if number % 2:
            shift = source.randint(-one.precision - 2, one.precision + 2)
            q = (p + (shift << stored) + source.randint(-2, 2)) % (1 << one.bits)
        drawn.append((p, q))
    _as_torch(one, drawn)


@pytest.mark.parametrize(
    ("one", "operator", "args", "result"),
    [
        (HALF, "add", (2048.0, 1.0), 2048.0),
        (HALF, "add", (2050.0, 1.0), 2052.0),
        (HALF, "add", (-2048.0, -1.0), -2048.0),
        (HALF, "sub", (1.0, 2.0**-12), 1.0),
        (HALF, "sub", (1.0, 2.0**-11), 1.0 - 2.0**-11),
        (HALF, "mul", (2.0**-14, 2.0**-11), 0.0),
        (HALF, "mul", (2.0**-13, 3 * 2.0**-12), 2.0**-23),
        (HALF, "half", (2.0**-24,), 0.0),
        (HALF, "half", (3 * 2.0**-24,), 2.0**-23),
        (HALF, "add", (65504.0, 15.984375), 65504.0),
        (HALF, "add", (65504.0, 16.0), inf),
        (HALF, "sub", (-65504.0, 16.0), -inf),
        (HALF, "mul", (256.0, 256.0), inf),
        (HALF, "add", (inf, -inf), nan),
        (HALF, "sub", (inf, inf), nan),
        (HALF, "mul", (inf, 0.0), nan),
        (HALF, "add", (inf, -65504.0), inf),
        (HALF, "maximum", (nan, 1.0), nan),
        (HALF, "minimum", (1.0, nan), nan),
        (HALF, "maximum", (-inf, -65504.0), -65504.0),
        (HALF, "relu", (nan,), nan),
        (HALF, "relu", (-inf,), 0.0),
        (HALF, "abs", (-inf,), inf),
        (E5M2, "add", (8.0, 1.0), 8.0),
        (E5M2, "add", (10.0, 1.0), 12.0),
        (E5M2, "add", (57344.0, 4096.0), inf),
        (E5M2, "add", (57344.0, 3584.0), 57344.0),
        (E4M3, "add", (448.0, 448.0), 448.0),
        (E4M3, "sub", (-448.0, 1.0), -448.0),
        (E4M3, "mul", (-448.0, 448.0), -448.0),
        (E4M3, "add", (16.0, 1.0), 16.0),
        (E4M3, "add", (18.0, 1.0), 20.0),
        (BRAIN, "add", (256.0, 1.0), 256.0),
        (BRAIN, "add", (258.0, 1.0), 260.0),
        (SINGLE, "add", (2.0**24, 1.0), 2.0**24),
        (SINGLE, "add", (2.0**24 + 2, 1.0), 2.0**24 + 4),
        (DOUBLE, "add", (2.0**53, 1.0), 2.0**53),
        (DOUBLE, "half", (5e-324,), 0.0),
    ],
)
def test_rounding(one: FloatFormat, operator: str, args: tuple[float, ...], result: float) -> None:
    """Ties to even, underflow, overflow and saturation, in the exact and in the tensor face."""
    assert _same([one.apply(operator, args)], [result])
    tensors = [one.tensor([x]) for x in args]
    assert _same(one.elements(one.tensor_apply(operator, tensors)), [result])


@pytest.mark.parametrize("one", EIGHT, ids=lambda s: s.name)
def test_fractions_round_to_the_nearest_element(one: FloatFormat) -> None:
    """Rounding by grid is rounding by search: nearest element, the even pattern in a tie."""
    finite = [(Fraction(x), p) for p in range(128) if math.isfinite(x := one.from_bits(p))]
    for number in range(0, 3000):
        exact = finite[-1][0] * Fraction(number, 3000) ** 5 + Fraction(number % 7, 2**12)
        if not 0 < exact <= finite[-1][0]:
            continue
        best = min(finite, key=lambda known: (abs(known[0] - exact), known[1] % 2))
        assert one.rounded(exact) == best[0]
        assert one.rounded(-exact) == -best[0]


@pytest.mark.parametrize("one", EIGHT, ids=lambda s: s.name)
def test_midpoints_round_to_the_even_pattern(one: FloatFormat) -> None:
    """Every tie between two neighbours goes to the one whose last bit is 0."""
    for p in range(126):
        low, high = one.from_bits(p), one.from_bits(p + 1)
        if math.isfinite(low) and math.isfinite(high):
            even = high if p % 2 else low
            assert one.rounded((Fraction(low) + Fraction(high)) / 2) == even


@pytest.mark.parametrize("one", FORMATS, ids=lambda s: s.name)
def test_the_edge_of_the_range(one: FloatFormat) -> None:
    """Half a step past the largest number is the first result out of range."""
    ulp = one.greatest / (2**one.precision - (1 if one.infinities else 2))
    beyond = inf if one.infinities else float(one.greatest)
    # float8_e4m3fn's largest number is even, so the tie still belongs to it.
    edge = one.greatest + ulp / 2
    assert one.in_range(edge) is (not one.infinities)
    assert one.rounded(edge) == beyond
    assert one.in_range(edge - ulp / 1024) and one.rounded(edge - ulp / 1024) == one.greatest
    past = edge + ulp / 1024
    assert not one.in_range(past) and not one.in_range(-past)
    assert (one.rounded(past), one.rounded(-past)) == (beyond, -beyond)


@pytest.mark.parametrize("one", FORMATS, ids=lambda s: s.name)
def test_tensor_relations(one: FloatFormat) -> None:
    """Torch's comparisons, with NaN equal to NaN, are those of the exact face."""
    values = list(one.simple_values())
    pairs = [(x, y) for x in values[-30:] for y in values[-30:]]
    left, right = (one.tensor(list(column)) for column in zip(*pairs, strict=True))
    assert one.tensor_equal(left, right).tolist() == [one.equal(*pair) for pair in pairs]
    for name, compare in (("lt", float.__lt__), ("le", float.__le__)):
        order: Callable[[Any, Any], bool] = compare
        got = one.tensor_relation(name, left, right).tolist()
        assert got == [order(x, y) for x, y in pairs]
    assert one.tensor_finite(left).tolist() == [one.finite(x) for x, _ in pairs]
    assert [one.exact_value(x) is not None for x, _ in pairs] == [one.finite(x) for x, _ in pairs]


def test_show() -> None:
    """Floats are written as Python writes them."""
    assert [HALF.show(x) for x in (0.5, -0.0, nan, inf)] == ["0.5", "-0.0", "nan", "inf"]


# -- every format at once -----------------------------------------------------------------------

moderate = st.builds(lambda s, e: math.ldexp(s, e), st.integers(-2047, 2047), st.integers(-10, 2))


@given(moderate, moderate)
def test_any_format_is_float16_in_the_middle(x: float, y: float) -> None:
    """With 11 bits, where nothing overflows and nothing is subnormal, it is float16."""
    eleven = AnyFormat(11)
    for operator in ("add", "sub", "maximum", "minimum"):
        assert eleven.apply(operator, (x, y)) == HALF.apply(operator, (x, y)), operator
    product = Fraction(x) * Fraction(y)
    if product == 0 or Fraction(2) ** -14 <= abs(product) <= HALF.greatest:
        assert eleven.apply("mul", (x, y)) == HALF.apply("mul", (x, y))
    for operator in UNARY:
        assert eleven.apply(operator, (x,)) == HALF.apply(operator, (x,)), operator


def test_any_format_knows_no_end() -> None:
    """Where float16 overflows or loses bits, the format without an exponent range does not."""
    eleven = AnyFormat(11)
    assert eleven.apply("add", (65504.0, 65504.0)) == 131008.0
    assert eleven.apply("half", (2.0**-24,)) == 2.0**-25


@pytest.mark.parametrize(
    ("x", "even", "away"), [(9, 8, 10), (11, 12, 12), (13, 12, 14), (15, 16, 16), (17, 16, 16)]
)
def test_ties_of_any_format(x: int, even: int, away: int) -> None:
    """With three bits the odd integers from 9 to 15 are ties; 17 is nearer to 16."""
    for sign in (1, -1):
        assert AnyFormat(3).rounded(Fraction(sign * x)) == sign * even
        assert AnyFormat(3, ties_away=True).rounded(Fraction(sign * x)) == sign * away


@given(st.integers(1, 12), st.booleans(), st.fractions(min_value=-1000, max_value=1000))
def test_any_format_meets_its_axiom(precision: int, ties_away: bool, exact: Fraction) -> None:
    """No neighbour is closer, and the error is at most u/(1+u) of the exact result."""
    one = AnyFormat(precision, ties_away=ties_away)
    if exact == 0:
        return
    rounded = Fraction(one.rounded(exact))
    u = one.exact_constant("unit_roundoff")
    error = abs(rounded - exact)
    assert error * (1 + u) <= u * abs(exact)
    quantum = Fraction(2) ** (floor_log2(abs(exact)) - precision + 1)
    assert error <= min(abs(rounded + step * quantum - exact) for step in (-1, 1))
    assert one.rounded(rounded) == rounded


@given(st.fractions(min_value=Fraction(1, 10**9), max_value=10**9).filter(lambda x: x > 0))
def test_floor_log2(value: Fraction) -> None:
    """2^e ≤ value < 2^(e+1)."""
    exponent = floor_log2(value)
    assert Fraction(2) ** exponent <= value < Fraction(2) ** (exponent + 1)
