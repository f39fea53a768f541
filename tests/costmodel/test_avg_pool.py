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
    assert cost == costmodel.Cost(
        outputs=200704,
        taps=1784896,
        output_shape=(1, 64, 56, 56),
        additions=1584192,
        divisions=200704,
    )
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
