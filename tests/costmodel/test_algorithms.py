from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from typing import Any

import numpy
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import pooling.algorithms
from costmodel import algorithms
from pooling import pooling_arguments
from pooling.arguments import PoolingArguments
from verify.strategies import windows

#: Small enough for object arrays: the largest size and window by number of axes.
LIMITS = {1: (30, 12), 2: (8, 5), 3: (5, 3)}


class Noted:
    """A number that notes each operation in ``log``; only its sign is free."""

    def __init__(self, value: Any, log: Counter[str]) -> None:
        self.value = value
        self.log = log

    def note(self, kind: str, value: Any) -> Noted:
        """Note one operation and return its result."""
        self.log[kind] += 1
        return Noted(value, self.log)

    def maximum(self, other: Any) -> Noted:
        """Choose the larger, a ReLU if the other is 0."""
        return self.note("comparisons", max(self.value, plain(other)))

    def minimum(self, other: Any) -> Noted:
        """Choose the smaller."""
        return self.note("comparisons", min(self.value, plain(other)))

    def __add__(self, other: Any) -> Noted:
        return self.note("additions", self.value + plain(other))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Noted:
        return self.note("additions", self.value - plain(other))

    def __neg__(self) -> Noted:
        return Noted(-self.value, self.log)


class Divisor:
    """A divisor that notes what is divided by it; its reciprocal is a weight, known beforehand."""

    def __init__(self, value: Fraction, log: Counter[str]) -> None:
        self.value = value
        self.log = log

    def __rtruediv__(self, dividend: Any) -> Any:
        if type(dividend) is int and dividend == 1:
            return Divisor(1 / self.value, self.log)
        self.log["divisions"] += 1
        return Noted(plain(dividend) / self.value, self.log)

    def __rmul__(self, factor: Any) -> Noted:
        self.log["multiplications"] += 1
        return Noted(plain(factor) * self.value, self.log)


def plain(number: Any) -> Any:
    """Return the number behind one that notes."""
    return number.value if isinstance(number, Noted) else number


@st.composite
def poolings(draw: st.DrawFn, dilations: bool) -> PoolingArguments:
    """Return the arguments of a pooling, with even or uneven padding, or with empty windows."""
    dimensions = draw(st.integers(1, 3))
    drawn = draw(windows(dimensions, *LIMITS[dimensions], dilations=dilations))
    shape = (2, *drawn.pop("size"))
    convention = draw(st.sampled_from(["torch", "onnx", "full"]))
    if convention == "onnx":
        dilation = drawn.get("dilation", (1,) * dimensions)
        before = [
            draw(st.integers(least, (k - 1) * d))
            for least, k, d in zip(drawn["padding"], drawn["kernel_size"], dilation, strict=True)
        ]
        drawn["padding"] = (*before, *drawn["padding"])
    if convention == "full":
        drawn |= {"ceil_mode": False, "dilation": 1}
    return pooling_arguments(dimensions, shape, **drawn, padding_convention=convention)


def counted(run: Callable[..., Any], arguments: PoolingArguments, *more: Any) -> Counter[str]:
    """Return what an algorithm does to numbers that note it."""
    log: Counter[str] = Counter()
    values = numpy.random.default_rng(0).integers(-9, 10, arguments.input_shape).astype(object)
    x = numpy.frompyfunc(lambda value: Noted(Fraction(value), log), 1, 1)(values)
    if not more:
        sizes = numpy.arange(1, 1 + arguments.outputs // 2).reshape(arguments.output_shape[1:])
        more = (numpy.frompyfunc(lambda size: Divisor(Fraction(int(size)), log), 1, 1)(sizes),)
    run(x, arguments.axes, *more)
    return log


def check_choice(algorithm: str, arguments: PoolingArguments, largest: bool) -> None:
    """Compare a formula with the count of the code that it speaks of."""
    run = pooling.algorithms.CHOICE[algorithm]
    formula = Counter(algorithms.CHOICE[algorithm](arguments))
    assert counted(run, arguments, largest) == +formula


def check_mean(algorithm: str, arguments: PoolingArguments) -> None:
    """Compare a formula with the count of the code that it speaks of."""
    run = pooling.algorithms.MEAN[algorithm]
    assert counted(run, arguments) == +Counter(algorithms.MEAN[algorithm](arguments))


@pytest.mark.parametrize("algorithm", algorithms.CHOICE)
@settings(max_examples=60)
@given(poolings(dilations=True), st.booleans())
def test_choices(algorithm: str, arguments: PoolingArguments, largest: bool) -> None:
    """The formula is the number of operations that the algorithm performs."""
    check_choice(algorithm, arguments, largest)


@pytest.mark.parametrize("algorithm", algorithms.MEAN)
@settings(max_examples=60)
@given(poolings(dilations=False))
def test_means(algorithm: str, arguments: PoolingArguments) -> None:
    """The formula is the number of operations that the algorithm performs."""
    check_mean(algorithm, arguments)


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", algorithms.CHOICE)
@settings(max_examples=2000)
@given(poolings(dilations=True), st.booleans())
def test_many_choices(algorithm: str, arguments: PoolingArguments, largest: bool) -> None:
    """The same for many more."""
    check_choice(algorithm, arguments, largest)


@pytest.mark.slow
@pytest.mark.parametrize("algorithm", algorithms.MEAN)
@settings(max_examples=2000)
@given(poolings(dilations=False))
def test_many_means(algorithm: str, arguments: PoolingArguments) -> None:
    """The same for many more."""
    check_mean(algorithm, arguments)


@pytest.mark.parametrize("kernel_size", [2, 3, 4, 5, 9])
def test_every_short_row(kernel_size: int) -> None:
    """van_herk in one row, padded as far as it can be: where blocks, borders and strides meet."""
    for stride, before, size in product(
        range(1, kernel_size + 2), {0, 1, kernel_size - 1}, range(1, 16)
    ):
        padding = (before, kernel_size - 1)
        if size + sum(padding) >= kernel_size:
            arguments = pooling_arguments(
                1, (1, size), kernel_size, stride, padding, padding_convention="onnx"
            )
            check_choice("van_herk", arguments, True)


def test_the_same_code_is_counted() -> None:
    """Every algorithm that has a cost runs, and every one that runs has a cost."""
    assert list(algorithms.CHOICE) == list(pooling.algorithms.CHOICE)
    assert list(algorithms.MEAN) == list(pooling.algorithms.MEAN)


@pytest.mark.parametrize(
    ("algorithm", "kernel_size", "operations"),
    [
        ("direct", 3, 36 * 8),
        ("separable", 3, 8 * 6 * 2 + 36 * 2),
        ("van_herk", 3, 8 * (5 + 2 + 4) + 6 * (5 + 2 + 4)),
        ("relu_fold", 3, 36 * 24),
        ("relu_tree", 3, 36 * (14 + 8 + 5 + 3 + 27)),
        ("relu_tree", 2, 49 * (6 + 6 + 3 + 3)),
    ],
)
def test_known_counts(algorithm: str, kernel_size: int, operations: int) -> None:
    """Counts of 8 × 8 elements at stride 1, worked out by hand."""
    arguments = pooling_arguments(2, (1, 8, 8), kernel_size, 1)
    assert sum(algorithms.CHOICE[algorithm](arguments).values()) == operations


def test_a_window_may_be_as_large_as_it_likes() -> None:
    """van_herk takes less than three comparisons per element, direct the window's size."""
    size = 10**12
    for kernel_size in (2, 3, 1000, 10**6):
        arguments = pooling_arguments(1, (1, size), kernel_size, 1)
        assert 0 < algorithms.van_herk(arguments)["comparisons"] < 3 * size
        direct = algorithms.direct(arguments)["comparisons"]
        assert direct == (size - kernel_size + 1) * (kernel_size - 1)


def test_convolution_as_counters_charge_it() -> None:
    """Two operations per position are one addition more for every output."""
    arguments = pooling_arguments(2, (3, 16, 16), 5, 2, 2)
    operations = sum(algorithms.convolution(arguments).values())
    assert operations + arguments.outputs == 2 * 25 * arguments.outputs


@pytest.mark.parametrize("table", [algorithms.CHOICE, algorithms.MEAN])
def test_a_batch_is_its_configurations(
    table: dict[str, Callable[[PoolingArguments], dict[str, Any]]],
) -> None:
    """Arrays in any place give, entry by entry, what ints give."""
    generator = numpy.random.default_rng(0)
    kernel_size, stride = generator.integers(1, 6, 60), generator.integers(1, 6, 60)
    dilation = generator.integers(1, 4, 60) if table is algorithms.CHOICE else 1
    padding = generator.integers(0, kernel_size // 2 + 1)
    size = generator.integers(15, 30, 60)
    batch = pooling_arguments(2, (3, size, 7), kernel_size, stride, (padding, 0), (dilation, 1))
    single = numpy.broadcast_arrays(size, kernel_size, stride, padding, dilation)
    for formula in table.values():
        got = {kind: array.tolist() for kind, array in formula(batch).items()}
        expected: dict[str, list[int]] = {kind: [] for kind in got}
        for n, k, s, p, d in zip(*[column.tolist() for column in single], strict=True):
            one = formula(pooling_arguments(2, (3, n, 7), k, s, (p, 0), (d, 1)))
            for kind, count in one.items():
                expected[kind].append(count)
        assert got == expected


@pytest.mark.parametrize("table", [algorithms.CHOICE, algorithms.MEAN])
def test_symbols_have_the_value_of_ints(
    table: dict[str, Callable[[PoolingArguments], dict[str, Any]]],
) -> None:
    """A formula in channels and size is right for all of them."""
    c, n = sympy.symbols("C n", integer=True, positive=True)
    for formula in table.values():
        symbolic = formula(pooling_arguments(1, (c, n), 5, 2, 1))
        for size in (3, 7, 12, 30):
            expected = formula(pooling_arguments(1, (3, size), 5, 2, 1))
            for kind, count in expected.items():
                assert symbolic[kind].subs({c: 3, n: size}) == count


def test_relu_tree_of_symbolic_windows() -> None:
    """The number of layers is a logarithm of the window, for every window."""
    k = sympy.Symbol("k", integer=True, positive=True)
    symbolic = algorithms.relu_tree(pooling_arguments(1, (1, 30), k, 2))
    for kernel_size in (1, 2, 3, 8, 9, 30):
        expected = algorithms.relu_tree(pooling_arguments(1, (1, 30), kernel_size, 2))
        for kind, count in expected.items():
            assert symbolic[kind].subs(k, kernel_size).doit() == count


def test_symbolic_windows() -> None:
    """What van Herk's blocks do in a window of symbolic size is right for every size."""
    n, k = sympy.symbols("n k", integer=True, positive=True)
    formula = algorithms.sliding(n, k, 0, n - k + 1)
    for size, kernel_size in ((7, 1), (9, 2), (12, 5), (30, 9)):
        expected = algorithms.sliding(size, kernel_size, 0, size - kernel_size + 1)
        assert formula.subs({n: size, k: kernel_size}) == expected


def test_van_herk_refuses_symbolic_dilation() -> None:
    """How many rows interleave has to be known."""
    d = sympy.Symbol("d", integer=True, positive=True)
    with pytest.raises(ValueError) as caught:
        algorithms.van_herk(pooling_arguments(1, (1, 20), 4, 2, 1, d))
    assert str(caught.value) == "dilation must be a number for algorithm 'van_herk', got d"
