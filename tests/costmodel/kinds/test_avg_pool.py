from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import costmodel
from verify.strategies import windows


def test_known_cost() -> None:
    """The stem of a ResNet, had it average pooling: additions, and one division per output."""
    cost = costmodel.cost("avg_pool2d", (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
    assert {name: count for name, count in cost.to_dict().items() if count} == {
        "outputs": 200704,
        "taps": 1784896,
        "output_shape": (1, 64, 56, 56),
        "additions": 1584192,
        "divisions": 200704,
        "inputs_read": 64 * 112 * 112,
    }
    assert cost.flops == 1784896


@given(st.integers(1, 3), st.booleans(), st.data())
def test_equals_the_counted_operations(
    count_operations: Callable[..., Counter[str]],
    dimensions: int,
    count_include_pad: bool,
    data: st.DataObject,
) -> None:
    """Additions and divisions are those that the reference definition performs."""
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3))
    size = tuple(map(max, arguments.pop("size"), arguments["kernel_size"]))
    arguments["count_include_pad"] = count_include_pad
    counted = count_operations("avg_pool", (2, *size), **arguments)
    cost = costmodel.cost(f"avg_pool{dimensions}d", (2, *size), **arguments)
    assert (counted["additions"], counted["divisions"]) == (cost.additions, cost.divisions)
    assert counted["comparisons"] == cost.comparisons == cost.multiplications == 0


def test_the_divisor_does_not_change_the_count() -> None:
    """Whatever is divided by, it is divided by once."""
    shape = (2, 9, 9)
    plain = costmodel.cost("avg_pool2d", shape, 3, 2, 1)
    assert costmodel.cost("avg_pool2d", shape, 3, 2, 1, count_include_pad=False) == plain
    assert costmodel.cost("avg_pool2d", shape, 3, 2, 1, divisor_override=-7) == plain


@pytest.mark.parametrize(
    ("operator", "arguments", "message"),
    [
        ("avg_pool2d", dict(divisor_override=0), "divisor_override must not be 0, got 0"),
        (
            "avg_pool3d",
            dict(kernel_size=3, padding=1),
            "kernel_size must be at most 2, the unpadded input of an avg_pool3d, got 3",
        ),
    ],
)
def test_refusals_of_its_own(operator: str, arguments: dict[str, Any], message: str) -> None:
    """What only average pooling refuses."""
    shape = (1, *[2] * int(operator[-2]))
    with pytest.raises(ValueError) as caught:
        costmodel.flops(operator, shape, **{"kernel_size": 2, **arguments})
    assert str(caught.value) == message


def test_arrays_and_symbols() -> None:
    """The same formula takes a batch of sizes, or a symbol for the size."""
    sizes = numpy.arange(5, 20)
    n = sympy.Symbol("n", integer=True, positive=True)
    ints = [costmodel.flops("avg_pool2d", (3, int(size), 8), 3, 2, 1) for size in sizes]
    assert costmodel.flops("avg_pool2d", (3, sizes, 8), 3, 2, 1).tolist() == ints
    formula = costmodel.flops("avg_pool2d", (3, n, 8), 3, 2, 1)
    assert [formula.subs(n, int(size)) for size in sizes] == ints


@pytest.mark.parametrize(
    ("operator", "shape", "output_size", "flops"),
    [
        ("adaptive_avg_pool2d", (1, 2048, 7, 7), 1, 2048 * 49),
        ("adaptive_avg_pool2d", (1, 2048, 7, 7), (None, 1), 2048 * 49),
        ("adaptive_avg_pool1d", (1, 10), 4, 12),  # windows of 3, 3, 3 and 3 taps
        ("adaptive_avg_pool1d", (1, 3), 7, 9),  # 1, 1, 2, 1, 2, 1, 1 taps
        ("adaptive_avg_pool1d", (1, 10), 0, 0),
        ("adaptive_avg_pool3d", (0, 2, 4, 4, 4), 2, 0),
        ("adaptive_avg_pool2d", (2, 0, 4, 4), 2, 0),
    ],
)
def test_known_adaptive_counts(
    operator: str, shape: tuple[int, ...], output_size: Any, flops: int
) -> None:
    """One operation per tap: all but one are additions, and one is the division."""
    cost = costmodel.cost(operator, shape, output_size)
    assert cost.flops == cost.taps == flops


@given(st.integers(1, 3), st.data())
def test_adaptive_equals_the_counted_operations(
    count_operations: Callable[..., Counter[str]], dimensions: int, data: st.DataObject
) -> None:
    """Additions and divisions are those of the definition, more windows than elements included."""
    sizes = st.lists(st.integers(1, 6), min_size=dimensions, max_size=dimensions)
    outputs = st.lists(st.integers(0, 7), min_size=dimensions, max_size=dimensions)
    shape, output_size = (2, *data.draw(sizes)), tuple(data.draw(outputs))
    counted = count_operations("adaptive_avg_pool", shape, output_size=output_size)
    cost = costmodel.cost(f"adaptive_avg_pool{dimensions}d", shape, output_size)
    assert counted == +Counter(additions=cost.additions, divisions=cost.divisions)


def test_adaptive_arrays_and_symbols() -> None:
    """The greatest common divisor of arrays and of symbols is that of their values."""
    n, m = sympy.symbols("n m", integer=True, positive=True)
    formula = costmodel.flops("adaptive_avg_pool1d", (3, n), m)
    sizes, outputs = numpy.mgrid[1:13, 1:13]
    got = costmodel.flops("adaptive_avg_pool1d", (3, sizes), outputs)
    for size in range(1, 13):
        for output in range(1, 13):
            expected = costmodel.flops("adaptive_avg_pool1d", (3, size), output)
            assert got[size - 1, output - 1] == expected
            assert formula.subs({n: size, m: output}) == expected
    assert sympy.latex(formula - 3 * n - 3 * m) == r"- 3 \gcd\left(n, m\right)"


def test_adaptive_ints_of_any_size() -> None:
    """No loop walks through the windows."""
    assert costmodel.flops("adaptive_avg_pool1d", (1, 10**30), 10**29 + 1) == 11 * 10**29
