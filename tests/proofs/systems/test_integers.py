from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.systems import SYSTEMS
from proofs.systems.integers import AnyWidth, Saturating, WrapAround
from proofs.systems.number_system import NumberSystem, Script, UnsupportedError

UNARY = ("neg", "abs", "relu", "half")
BINARY = ("add", "sub", "mul", "maximum", "minimum")
EIGHT = [SYSTEMS[name] for name in ("int8", "uint8", "saturating_int8", "int4", "uint4")]
WIDE = [SYSTEMS[name] for name in ("int16", "int32", "int64", "uint16")]
FIXED = [*EIGHT, *WIDE]


@pytest.mark.parametrize("operator", UNARY)
@pytest.mark.parametrize("one", EIGHT, ids=lambda s: s.name)
def test_every_element_as_torch(one: NumberSystem, operator: str) -> None:
    """One operand: all of them."""
    every = one.all_elements()
    got = one.elements(one.tensor_apply(operator, [every]))
    assert got == [one.apply(operator, (x,)) for x in one.elements(every)]


@pytest.mark.parametrize("operator", BINARY)
@pytest.mark.parametrize("one", EIGHT, ids=lambda s: s.name)
def test_every_pair_as_torch(one: NumberSystem, operator: str) -> None:
    """Two operands: all pairs."""
    every = one.all_elements()
    left, right = every.repeat_interleave(len(every)), every.repeat(len(every))
    got = one.elements(one.tensor_apply(operator, [left, right]))
    pairs = zip(one.elements(left), one.elements(right), strict=True)
    assert got == [one.apply(operator, pair) for pair in pairs]


@pytest.mark.parametrize("one", WIDE, ids=lambda s: s.name)
@given(data=st.data())
def test_drawn_pairs_as_torch(one: WrapAround, data: st.DataObject) -> None:
    """Wider integers, every operator, extremes drawn often."""
    element = st.integers(one.low, one.high) | st.sampled_from(list(one.simple_values()))
    pairs = data.draw(st.lists(st.tuples(element, element), min_size=1, max_size=20))
    columns = [one.tensor(list(column)) for column in zip(*pairs, strict=True)]
    for operator in BINARY:
        got = one.elements(one.tensor_apply(operator, columns))
        assert got == [one.apply(operator, pair) for pair in pairs], operator
    for operator in UNARY:
        got = one.elements(one.tensor_apply(operator, columns[:1]))
        assert got == [one.apply(operator, pair[:1]) for pair in pairs], operator


@pytest.mark.parametrize(
    ("name", "operator", "args", "result"),
    [
        ("int8", "sub", (-128, 1), 127),
        ("int8", "add", (127, 127), -2),
        ("int8", "mul", (64, 4), 0),
        ("int8", "neg", (-128,), -128),
        ("int8", "abs", (-128,), -128),
        ("int8", "half", (-3,), -2),
        ("uint8", "sub", (0, 1), 255),
        ("uint8", "neg", (1,), 255),
        ("uint8", "half", (255,), 127),
        ("uint8", "relu", (200,), 200),
        ("saturating_int8", "sub", (-128, 1), -128),
        ("saturating_int8", "add", (127, 127), 127),
        ("saturating_int8", "mul", (-128, -128), 127),
        ("saturating_int8", "mul", (-128, 127), -128),
        ("saturating_int8", "neg", (-128,), 127),
        ("saturating_int8", "abs", (-128,), 127),
        ("int64", "add", (2**63 - 1, 1), -(2**63)),
        ("int64", "mul", (2**62, 4), 0),
    ],
)
def test_overflow(name: str, operator: str, args: tuple[int, ...], result: int) -> None:
    """What wraps and what saturates, in the exact and in the tensor face."""
    one = SYSTEMS[name]
    assert one.apply(operator, args) == result
    assert one.elements(one.tensor_apply(operator, [one.tensor([x]) for x in args])) == [result]


@pytest.mark.parametrize("signed", [True, False], ids=["signed", "unsigned"])
@pytest.mark.parametrize("bits", range(1, 10))
def test_any_width_is_every_width(bits: int, signed: bool) -> None:
    """With H = 2^(w−1) the system of every width is the one of w bits, pair by pair."""
    fixed, any_width = WrapAround(bits, signed), AnyWidth(1 << (bits - 1), signed=signed)
    step = 1 if bits <= 6 else 7
    values = sorted({*range(fixed.low, fixed.high + 1, step), fixed.high})
    for x in values:
        assert any_width.in_range(Fraction(x)) and fixed.in_range(Fraction(x))
        for operator in UNARY:
            assert any_width.apply(operator, (x,)) == fixed.apply(operator, (x,))
        for y in values:
            for operator in ("add", "sub", "maximum", "minimum"):
                assert any_width.apply(operator, (x, y)) == fixed.apply(operator, (x, y))
    for end in ("largest", "smallest"):
        assert any_width.exact_constant(end) == fixed.exact_constant(end)
    assert not any_width.in_range(Fraction(fixed.high + 1))
    assert not any_width.in_range(Fraction(fixed.low - 1))


@given(st.integers(1, 2**40), st.booleans(), st.integers(), st.integers())
def test_any_width_wraps_modulo_its_range(bound: int, signed: bool, x: int, y: int) -> None:
    """A bound that is no power of two wraps too: the result is in range and congruent."""
    one = AnyWidth(bound, signed=signed)
    a, b = one.fit(x), one.fit(y)
    least = -bound if signed else 0
    assert least <= a < least + 2 * bound and (a - x) % (2 * bound) == 0
    assert one.apply("sub", (a, b)) == one.fit(x - y)


@pytest.mark.parametrize("one", FIXED, ids=lambda s: s.name)
def test_models_read_back(one: WrapAround) -> None:
    """A bit pattern in binary or hexadecimal is the element with these bits."""
    for x in one.simple_values():
        pattern = x % (1 << one.bits)
        assert one.decode(f"#b{pattern:0{one.bits}b}") == x
        assert one.decode(f"#x{pattern:0{one.bits // 4}x}") == x


def test_any_width_reads_its_bound_from_the_model() -> None:
    """A model's H makes the instance in which it is replayed."""
    instance = SYSTEMS["wraparound"].instance({"H": "6", "a": "(- 6)"})
    assert isinstance(instance, AnyWidth) and (instance.low, instance.high) == (-6, 5)
    assert instance.decode("(- 6)") == -6
    instance = SYSTEMS["unsigned_wraparound"].instance({"H": "6", "a": "11"})
    assert isinstance(instance, AnyWidth) and (instance.low, instance.high) == (0, 11)
    assert SYSTEMS["int8"].instance({"H": "6"}) is SYSTEMS["int8"]


@pytest.mark.parametrize(
    ("one", "operator"),
    [(SYSTEMS["int8"], "floordiv"), (SYSTEMS["saturating_int8"], "div"), (AnyWidth(), "mul"),
     (AnyWidth(), "floordiv")],
    ids=lambda value: getattr(value, "name", value),
)  # fmt: skip
def test_refuses(one: NumberSystem, operator: str) -> None:
    """No division in fixed width, and no product at an open width."""
    with pytest.raises(UnsupportedError, match=f"^{operator} has no entry for integers of "):
        one.apply(operator, (0, 1))
    encoder = one.encoder(Script("ALL"))
    operands = [encoder.variable("x"), encoder.variable("y")]
    with pytest.raises(UnsupportedError, match=f"^{operator} has no entry for "):
        encoder.number(operator, operands)


def test_saturating_widths() -> None:
    """Other widths saturate at their own ends."""
    four = Saturating(4)
    assert (four.low, four.high) == (-8, 7)
    assert [four.apply("add", (7, x)) for x in (-8, 0, 1)] == [-1, 7, 7]


@pytest.mark.parametrize(
    ("operator", "args", "message"),
    [
        ("constant", (), "1/2 is not an integer"),
        ("mul", ("x", "x"), "mul has no entry for SMT-LIB's wide bits"),
        ("add", ("x", "(ite true x x)"), "exact add of a term whose range is unknown"),
    ],
)
def test_exact_values_that_bit_vectors_cannot_hold(
    operator: str, args: tuple[Any, ...], message: str
) -> None:
    """Fractions, products and terms of unknown size are refused, never cut off."""
    encoder = SYSTEMS["int8"].encoder(Script("QF_BV"))
    names = {"x": encoder.exact("value", (encoder.variable("x"),), None)}
    with pytest.raises(UnsupportedError) as caught:
        encoder.exact(operator, [names.get(arg, arg) for arg in args], Fraction(1, 2))
    assert str(caught.value) == message


def test_exact_sums_that_outgrow_the_wide_bit_vector() -> None:
    """Doubling an 8-bit value sixteen times needs 24 bits, once more is refused."""
    encoder = SYSTEMS["int8"].encoder(Script("QF_BV"))
    x = encoder.exact("value", (encoder.variable("x"),), None)
    for _ in range(16):
        x = encoder.exact("add", (x, x), None)
    with pytest.raises(UnsupportedError) as caught:
        encoder.exact("add", (x, x), None)
    assert str(caught.value) == f"an exact value may reach {127 << 17}, past 24 bits"


def test_without_signs_one_is_in_every_width() -> None:
    """And with them it is not: 1 bit holds −1 and 0."""
    assert SYSTEMS["unsigned_wraparound"].constant(1) == 1
    assert {x for one in SYSTEMS["unsigned_wraparound"].instances() for x in one.simple_values()} \
        >= {0, 1, 15, 2**32 - 1}  # fmt: skip
    with pytest.raises(UnsupportedError, match=r"^1 is not a value of every width$"):
        SYSTEMS["wraparound"].constant(1)
