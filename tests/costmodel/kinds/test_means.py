from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel
from pooling import logsumexp_pool, mixed_pool, softmax_pool, stochastic_pool
from verify.strategies import windows

KINDS = ("comparisons", "additions", "multiplications", "divisions", "powers", "exponentials")
few = settings(max_examples=60)


def operations(operator: str, shape: tuple[int, ...], **arguments: Any) -> Counter[str]:
    """Return the cost of ``operator`` by kind, without the kinds it does not take."""
    cost = costmodel.cost(operator, shape, **arguments)
    assert cost.flops == sum(getattr(cost, kind) for kind in KINDS)
    return +Counter({kind: getattr(cost, kind) for kind in KINDS})


@few
@given(
    st.integers(1, 3),
    st.sampled_from([softmax_pool, logsumexp_pool]),
    st.sampled_from([1, 1.0, Fraction(1), 2, 0.5]),
    st.data(),
)
def test_exponentials_equal_the_counted_operations(
    count_operations: Callable[..., Counter[str]],
    dimensions: int,
    pool: Any,
    temperature: Any,
    data: st.DataObject,
) -> None:
    """Softmax and log-sum-exp, windows without a tap included, by kind of operation."""
    arguments = data.draw(windows(dimensions, max_size=5, max_kernel_size=3, dilations=True))
    shape = (2, *arguments.pop("size"))
    arguments["temperature"] = temperature
    counted = count_operations(pool, shape, **arguments)
    assert counted == operations(f"{pool.__name__}{dimensions}d", shape, **arguments)


@few
@given(st.integers(1, 3), st.booleans(), st.data())
def test_stochastic_equals_the_counted_operations(
    count_operations: Callable[..., Counter[str]],
    dimensions: int,
    training: bool,
    data: st.DataObject,
) -> None:
    """Both the expectation and the drawing, wherever the random numbers fall."""
    arguments = data.draw(windows(dimensions, max_size=5, max_kernel_size=3, dilations=True))
    shape = (2, *arguments.pop("size"))
    samples = numpy.random.default_rng(data.draw(st.integers(0, 99))) if training else None

    def pool(x: Any, **arguments: Any) -> Any:
        return stochastic_pool(abs(x), **arguments, random_samples=samples)

    counted = count_operations(pool, shape, **arguments)
    operator = f"stochastic_pool{dimensions}d"
    assert counted == operations(operator, shape, **arguments, training=training)


@few
@given(st.integers(1, 3), st.booleans(), st.sampled_from([0, 0.0, 0.25, 1, Fraction(1)]), st.data())
def test_mixed_equals_the_counted_operations(
    count_operations: Callable[..., Counter[str]],
    dimensions: int,
    count_include_pad: bool,
    proportion: Any,
    data: st.DataObject,
) -> None:
    """The blend takes both poolings, and a proportion of 0 or 1 only one of them."""
    arguments = data.draw(windows(dimensions, max_size=5, max_kernel_size=3))
    size = tuple(map(max, arguments.pop("size"), arguments["kernel_size"]))
    arguments |= {"count_include_pad": count_include_pad, "proportion": proportion}
    counted = count_operations(mixed_pool, (2, *size), **arguments)
    assert counted == operations(f"mixed_pool{dimensions}d", (2, *size), **arguments)


@pytest.mark.parametrize(
    ("operator", "arguments", "wanted"),
    [
        # Four windows of 1 + 2 + 2 + 2 taps.
        (
            "softmax_pool1d",
            {},
            dict(comparisons=3, additions=7 + 6, exponentials=7, multiplications=7, divisions=4),
        ),
        (
            "softmax_pool1d",
            {"temperature": 2},
            dict(comparisons=3, additions=7 + 6, exponentials=7, multiplications=7, divisions=11),
        ),
        (
            "logsumexp_pool1d",
            {},
            dict(comparisons=3, additions=7 + 3 + 4, exponentials=7 + 4, divisions=4),
        ),
        (
            "logsumexp_pool1d",
            {"temperature": 2},
            dict(
                comparisons=3,
                additions=7 + 3 + 4,
                exponentials=7 + 4,
                divisions=4 + 7,
                multiplications=4,
            ),
        ),
        ("stochastic_pool1d", {}, dict(multiplications=7, additions=6, divisions=4)),
        (
            "stochastic_pool1d",
            {"training": True},
            dict(multiplications=4, additions=3, comparisons=3),
        ),
        (
            "mixed_pool1d",
            {},
            dict(comparisons=3, additions=3 + 4, divisions=4, multiplications=8),
        ),
        ("mixed_pool1d", {"proportion": 1}, dict(comparisons=3)),
        ("mixed_pool1d", {"proportion": 0}, dict(additions=3, divisions=4)),
    ],
)
def test_known_counts(operator: str, arguments: dict[str, Any], wanted: dict[str, int]) -> None:
    """Worked out by hand for eight elements, every second of which begins a window of two."""
    cost = costmodel.cost(operator, (1, 8), 2, 2, ((1, 0),), **arguments)
    assert operations(
        operator, (1, 8), kernel_size=2, stride=2, padding=((1, 0),), **arguments
    ) == (Counter(wanted))
    assert (cost.taps, cost.outputs, cost.output_shape, cost.inputs_read) == (7, 4, (1, 4), 7)
    assert cost.bytes_moved("float16") == 2 * (7 + 4)


@pytest.mark.parametrize("operator", ["softmax_pool1d", "logsumexp_pool1d", "stochastic_pool1d"])
def test_windows_without_taps_are_free(operator: str) -> None:
    """Dilation steps over the only element."""
    cost = costmodel.cost(operator, (1, 1), 2, 1, 1, 2)
    assert (cost.outputs, cost.taps, cost.flops) == (1, 0, 0)


@pytest.mark.parametrize(
    ("operator", "arguments"),
    [
        ("softmax_pool2d", {"temperature": 3}),
        ("logsumexp_pool2d", {"temperature": 3}),
        ("stochastic_pool2d", {}),
        ("stochastic_pool2d", {"training": True}),
        ("mixed_pool2d", {}),
    ],
)
def test_arrays_symbols_and_conventions(operator: str, arguments: dict[str, Any]) -> None:
    """One formula takes a batch of sizes or a symbol, and padding in any convention."""
    sizes = numpy.arange(5, 20)
    n = sympy.Symbol("n", integer=True, positive=True)
    ints = [costmodel.flops(operator, (3, int(size), 8), 3, 2, 1, **arguments) for size in sizes]
    assert costmodel.flops(operator, (3, sizes, 8), 3, 2, 1, **arguments).tolist() == ints
    formula = costmodel.flops(operator, (3, n, 8), 3, 2, 1, **arguments)
    assert [formula.subs(n, int(size)) for size in sizes] == ints
    same = costmodel.cost(operator, (3, 9, 8), 3, 2, padding_convention="same", **arguments)
    assert same == costmodel.cost(operator, (3, 9, 8), 3, 2, ((1, 1), (0, 1)), **arguments)


def test_a_symbolic_temperature_is_not_1() -> None:
    """Whatever it stands for, it is divided by."""
    scale = sympy.Symbol("T", positive=True)
    shape = (1, 8, 8)
    two = costmodel.cost("softmax_pool2d", shape, 2, temperature=2)
    assert costmodel.cost("softmax_pool2d", shape, 2, temperature=scale) == two


@pytest.mark.parametrize(
    ("operator", "arguments", "error", "message"),
    [
        (
            "softmax_pool2d",
            {"temperature": 0},
            ValueError,
            "temperature must be positive and finite, got 0",
        ),
        (
            "logsumexp_pool2d",
            {"temperature": -1.5},
            ValueError,
            "temperature must be positive and finite, got -1.5",
        ),
        (
            "mixed_pool2d",
            {"proportion": 2},
            ValueError,
            "proportion must lie between 0 and 1, got 2",
        ),
        ("stochastic_pool2d", {"training": 1}, TypeError, "training must be a bool, got 1"),
        (
            "stochastic_pool2d",
            {"padding": 2},
            ValueError,
            "padding must be at most 1, half of kernel_size 2, got 2"
            " (padding_convention='onnx' allows more)",
        ),
    ],
)
def test_refusals(
    operator: str, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    """What torch refuses of a window, and what only these refuse."""
    with pytest.raises(error) as caught:
        costmodel.flops(operator, (1, 8, 8), 2, **arguments)
    assert str(caught.value) == message
