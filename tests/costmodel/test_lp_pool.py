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
    """A power per element and a root per output around the average pooling."""
    cost = costmodel.cost("lp_pool2d", (1, 64, 112, 112), norm_type=2, kernel_size=2)
    outputs = 64 * 56 * 56
    assert cost == costmodel.Cost(
        outputs=outputs,
        taps=4 * outputs,
        output_shape=(1, 64, 56, 56),
        additions=3 * outputs,
        multiplications=outputs,
        divisions=outputs,
        powers=5 * outputs,
        inputs_read=4 * outputs,
    )
    assert cost.flops == 10 * outputs


@given(st.integers(1, 3), st.sampled_from([1, 2, 3.5, -1, float("inf"), float("-inf")]), st.data())
def test_equals_the_counted_operations(
    count_operations: Callable[..., Counter[str]],
    dimensions: int,
    norm_type: float,
    data: st.DataObject,
) -> None:
    """Every kind of operation is counted as often as the definition performs it."""
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3))
    size = tuple(map(max, arguments.pop("size"), arguments["kernel_size"]))
    del arguments["padding"]
    counted = count_operations("lp_pool", (2, *size), norm_type=norm_type, **arguments)
    if dimensions == 1:
        arguments["kernel_size"] = arguments["kernel_size"][0]
    cost = costmodel.cost(f"lp_pool{dimensions}d", (2, *size), norm_type, **arguments)
    kinds = ("comparisons", "additions", "multiplications", "divisions", "powers")
    assert counted == +Counter({kind: getattr(cost, kind) for kind in kinds})


def test_arrays_and_symbols() -> None:
    """The same formula takes a batch of sizes, or a symbol for the size."""
    sizes = numpy.arange(5, 20, dtype=numpy.int8)
    n = sympy.Symbol("n", integer=True, positive=True)
    ints = [costmodel.flops("lp_pool2d", (3, int(size), 80), 2, 3, 2) for size in sizes]
    assert costmodel.flops("lp_pool2d", (3, sizes, 80), 2, 3, 2).tolist() == ints
    formula = costmodel.flops("lp_pool2d", (3, n, 80), 2, 3, 2)
    assert [formula.subs(n, int(size)) for size in sizes] == ints


@pytest.mark.parametrize(
    ("operator", "norm_type", "kernel_size", "error", "message"),
    [
        ("lp_pool2d", 0, 2, ValueError, "norm_type must not be 0, got 0"),
        ("lp_pool2d", "2", 2, TypeError, "norm_type must be a number, got '2' of type str"),
        ("lp_pool2d", True, 2, TypeError, "norm_type must be a number, got True of type bool"),
        ("lp_pool2d", 2, (2,), ValueError, "kernel_size must have 2 entries, got 1: (2,)"),
        ("lp_pool1d", 2, (2,), TypeError, "kernel_size must be an integer for one axis, got (2,)"),
    ],
)
def test_refusals_of_its_own(
    operator: str, norm_type: Any, kernel_size: Any, error: type[Exception], message: str
) -> None:
    """What only LP pooling refuses."""
    shape = (1, *[4] * int(operator[-2]))
    with pytest.raises(error) as caught:
        costmodel.flops(operator, shape, norm_type, kernel_size)
    assert str(caught.value) == message
