"""Batches against ints, which have no limit: equal to them or refused, never wrapped around."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

import costmodel

CONFIGURATIONS = 3

#: Operators over windows, with the arguments that stay the same in a batch.
WINDOWED: list[tuple[str, dict[str, Any]]] = [
    *[("max_pool", {"algorithm": name}) for name in ("direct", "separable", "van_herk")],
    *[("min_pool", {"algorithm": name}) for name in ("relu_fold", "relu_tree")],
    *[("avg_pool", {"algorithm": name}) for name in ("separable", "summed_area", "convolution")],
    *[("avg_pool", {"counting": name}) for name in ("exact", "window", "mac", "popular_floor")],
    *[("max_pool", {"padding_convention": name}) for name in ("same", "SAME_LOWER", "valid")],
    *[("avg_pool", {"padding_convention": name}) for name in ("total", "full")],
    ("max_pool", {"ceil_mode": True, "return_indices": True}),
    ("softmax_pool", {"temperature": 2}),
    ("logsumexp_pool", {"temperature": 0.5}),
    ("stochastic_pool", {"training": True}),
    ("stochastic_pool", {}),
    ("mixed_pool", {}),
    ("lp_pool", {"norm_type": 2}),
    ("lp_pool", {"norm_type": float("inf")}),
    ("max_pool_backward", {}),
    ("avg_pool_backward", {}),
    ("lp_pool_backward", {"norm_type": 2}),
]
DILATED = [call for call in WINDOWED if call[0] in ("max_pool", "softmax_pool", "min_pool")]
ADAPTIVE = [f"adaptive_{family}_pool" for family in ("avg", "max")]


def named(family: str, dimensions: int) -> str:
    """Return the name of an operator: ``max_pool2d_backward`` of ``max_pool_backward``."""
    return family.replace("_pool", f"_pool{dimensions}d")


def numbers(least: int, bits: int) -> st.SearchStrategy[int]:
    """Return ints from ``least`` to 2 to the power of ``bits``, large ones as often as small."""
    powers = st.integers(0, bits).flatmap(lambda n: st.integers(2**n // 2, 2**n))
    return powers.map(lambda value: max(value, least))


@st.composite
def batches(
    draw: st.DrawFn, most_bits: int = 26
) -> tuple[str, dict[str, Any], list[dict[str, int]]]:
    """Return an operator, what is the same in all configurations, and what is not."""
    same: dict[str, Any] = {}
    dimensions, bits = draw(st.integers(1, 3)), draw(st.integers(6, most_bits))
    kind = draw(st.sampled_from(["windowed", "dilated", "adaptive", "fractional"]))
    if kind == "fractional":
        dimensions = max(dimensions, 2)
        operator = named("fractional_max_pool", dimensions)
    elif kind == "adaptive":
        family = draw(st.sampled_from([*ADAPTIVE, *[f"{name}_backward" for name in ADAPTIVE]]))
        operator = named(family, dimensions)
    else:
        family, same = draw(st.sampled_from(DILATED if kind == "dilated" else WINDOWED))
        operator = named(family, dimensions)
    configurations = []
    for _ in range(CONFIGURATIONS):
        one = {"batch": draw(numbers(0, bits)), "channels": draw(numbers(1, bits))}
        sizes = [draw(numbers(2, bits)) for _ in range(dimensions)]
        one |= {f"size{axis}": size for axis, size in enumerate(sizes)}
        if kind == "adaptive":
            one["output_size"] = draw(numbers(0, bits))
        else:
            widest = min(sizes) if kind == "windowed" else min(*sizes, 4)
            one["kernel_size"] = kernel_size = draw(st.integers(1, widest))
        if kind == "fractional":
            one["output_size"] = draw(st.integers(0, min(sizes) - kernel_size))
        if kind in ("windowed", "dilated"):
            one["stride"] = draw(numbers(1, bits))
            if "padding_convention" not in same and not operator.startswith("lp"):
                one["padding"] = draw(st.integers(0, kernel_size // 2))
        if kind == "dilated" and same.get("padding_convention") != "full":
            span = (min(sizes) - 1) // max(kernel_size - 1, 1)
            # One dilated row is counted row by row, however many there are.
            one["dilation"] = draw(st.integers(1, max(min(span, 6), 1)))
        configurations.append(one)
    return operator, same, configurations


def ask(operator: str, same: dict[str, Any], one: dict[str, Any]) -> costmodel.Cost:
    """Return the cost of one configuration, or of a batch."""
    arguments = dict(one)
    sizes = [arguments.pop(name) for name in one if name.startswith("size")]
    shape = (arguments.pop("batch"), arguments.pop("channels"), *sizes)
    return costmodel.cost(operator, shape, **same, **arguments)


def figures(cost: costmodel.Cost) -> dict[str, Any]:
    """Return everything that can be asked of a cost."""
    found = cost.to_dict() | {"flops": cost.flops}
    for axis, size in enumerate(found.pop("output_shape")):
        found[f"output_shape{axis}"] = size
    if cost.inputs_read is not None:
        found["bytes_moved"] = cost.bytes_moved("float64")
    return found


@settings(max_examples=300)
@given(batches(), st.data())
def test_a_batch_is_what_ints_are_or_is_refused(batch: Any, data: st.DataObject) -> None:
    """Wherever arrays stand, and whatever the operator."""
    operator, same, configurations = batch
    names = list(configurations[0])
    arrays = data.draw(st.sets(st.sampled_from(names), min_size=1))
    for name in set(names) - arrays:
        for one in configurations:
            one[name] = configurations[0][name]
    together = {
        name: numpy.array([one[name] for one in configurations])
        if name in arrays
        else configurations[0][name]
        for name in names
    }
    try:
        expected = [figures(ask(operator, same, one)) for one in configurations]
    except ValueError:
        event("no configurations that torch takes")
        return
    try:
        got = figures(ask(operator, same, together))
    except OverflowError:
        event("refused")
        return
    event("counted")
    for name, value in got.items():
        wanted = [one[name] for one in expected]
        assert value is None or numpy.broadcast_to(value, CONFIGURATIONS).tolist() == wanted


@settings(max_examples=100)
@given(batches(most_bits=10))
def test_what_is_far_from_the_limit_is_counted(batch: Any) -> None:
    """A batch of configurations that networks have is never refused."""
    operator, same, configurations = batch
    one = configurations[0]
    try:
        expected = figures(ask(operator, same, one))
    except ValueError:
        return
    got = figures(ask(operator, same, {name: numpy.array([value]) for name, value in one.items()}))
    assert {name: value and int(numpy.ravel(value)[0]) for name, value in got.items()} == expected


@pytest.mark.parametrize(
    ("shape", "arguments", "message"),
    [
        (
            (1, 64, numpy.array([10**9]), numpy.array([5, 10**9])),
            {"kernel_size": 3, "stride": 1},
            "shape (1, 64, 1000000000, 1000000000)",
        ),
        (
            (2**20, numpy.array([2**20, 1]), 2**10, 2**10),
            {"kernel_size": 3, "stride": 1},
            "shape (1048576, 1048576, 1024, 1024)",
        ),
        (
            (2**20, 2**20, 64, 64),
            {"kernel_size": (numpy.array([3, 5]), 3)},
            "shape (1048576, 1048576, 64, 64), kernel_size [5, 3]",
        ),
        (
            (1, numpy.array([2**63 + 8], dtype="uint64"), 8, 8),
            {"kernel_size": 3},
            "shape (1, 9223372036854775816, 8, 8)",
        ),
        (
            (4, 1, 2**20, 2**20),
            {"kernel_size": 2**12, "stride": numpy.array([2**20, 1])},
            "shape (4, 1, 1048576, 1048576), stride [1048576]",
        ),
        (
            (1, 4, 4),
            {"kernel_size": 2, "stride": numpy.array([2**62]), "dilation": 3},
            "shape (1, 4, 4), stride [4611686018427387904]",
        ),
    ],
    ids=["sizes", "leading", "kernel", "unsigned", "stride", "places"],
)
@pytest.mark.parametrize("ask", [costmodel.flops, costmodel.cost, costmodel.bytes_moved])
def test_what_is_refused(
    shape: tuple[Any, ...], arguments: dict[str, Any], message: str, ask: Callable[..., Any]
) -> None:
    """With the largest entries, which ints of the same values count."""
    with pytest.raises(OverflowError) as caught:
        ask("max_pool2d", shape, **arguments)
    assert str(caught.value) == (
        "counts of max_pool2d may exceed 2**63 - 1, where arrays wrap around; the largest entries "
        f"are {message}: smaller batches or ints, which have no limit, do"
    )


def test_the_examples_of_a_silent_wrap() -> None:
    """What ints say where arrays once said −4508836111867443200 and 0."""
    assert costmodel.flops("max_pool2d", (1, 64, 10**9, 10**9), 3, 1) == 511999997952000002048
    assert costmodel.flops("max_pool1d", (2**32, 2**32, 4), 2, 2) == 2**65


def test_arrays_that_do_not_broadcast() -> None:
    """All of them are named, by the place where they stand."""
    shape = (1, numpy.array([1, 2, 3]), 8, numpy.array([[8], [9]]))
    with pytest.raises(ValueError) as caught:
        costmodel.flops("max_pool2d", shape, (2, numpy.array([2, 3])), stride=numpy.array([1]))
    assert str(caught.value) == (
        "arrays must broadcast, got shape[1] with shape (3,), shape[3] with shape (2, 1), "
        "kernel_size[1] with shape (2,), stride with shape (1,)"
    )


def test_an_array_that_is_wrong_in_another_way() -> None:
    """Is left to the one who reads it; so is a call of the wrong form."""
    with pytest.raises(TypeError, match="kernel_size must be an integer, got array"):
        costmodel.flops("max_pool2d", (1, 8, 8), numpy.array([2.0, 3.0]))
    with pytest.raises(TypeError, match="max_pool2d has no argument 'kernel'"):
        costmodel.flops("max_pool2d", (1, 8, 8), kernel=numpy.array([2, 3]))
    with pytest.raises(TypeError, match="at most 6 arguments by position"):
        costmodel.flops("max_pool2d", (1, 8, 8), *[numpy.array([1])] * 9)
    with pytest.raises(TypeError, match="shape must be a tuple of integers, got array"):
        costmodel.flops("max_pool2d", numpy.array([1, 8, 8]), 2)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="shape must be a tuple of integers, got 7"):
        costmodel.flops("max_pool2d", 7, numpy.array([2, 3]))  # type: ignore[arg-type]


@pytest.mark.parametrize("size", [2**70, numpy.int64(2**40), numpy.array(2**40)])
def test_single_integers_have_no_limit(size: Any) -> None:
    """Those of NumPy, and lists of them, become ints."""
    expected = int(size) ** 2 * 12
    assert costmodel.flops("max_pool2d", [size, size, 4, 4], [2, 2]) == expected


def test_batches_of_nothing() -> None:
    """No configuration, no count, and nothing to refuse."""
    none = numpy.array([], dtype=int)
    for shape, kernel_size in product([(1, 4, 4), (2, 1, 4, 4)], [none, (none, 2)]):
        counts = costmodel.flops("max_pool2d", shape, kernel_size)
        assert (counts.shape, counts.dtype) == ((0,), numpy.int64)
