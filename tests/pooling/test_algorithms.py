from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import pooling
from pooling import algorithms
from verify.strategies import windows

#: Small enough for object arrays: the largest size and window by number of axes.
LIMITS = {1: (14, 9), 2: (8, 5), 3: (5, 3)}


@st.composite
def cases(draw: st.DrawFn, dilations: bool) -> tuple[Any, dict[str, Any]]:
    """Return fractions and the arguments of a pooling, every second one padded unevenly."""
    dimensions = draw(st.integers(1, 3))
    arguments = draw(windows(dimensions, *LIMITS[dimensions], dilations=dilations))
    shape = (2, *arguments.pop("size"))
    if draw(st.booleans()):
        spans = zip(
            arguments["kernel_size"], arguments.get("dilation", (1,) * dimensions), strict=True
        )
        padding = arguments["padding"]
        before = [
            draw(st.integers(least, (kernel_size - 1) * dilation))
            for least, (kernel_size, dilation) in zip(padding, spans, strict=True)
        ]
        arguments |= {"padding": (*before, *padding), "padding_convention": "onnx"}
    generator = numpy.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    numerators = generator.integers(-9, 10, shape).astype(object)
    return numerators * Fraction(1, draw(st.integers(1, 7))), arguments


def same(ours: Any, theirs: Any) -> bool:
    """Say whether two arrays of objects have the same shape and the same numbers."""
    return ours.shape == theirs.shape and bool((ours == theirs).all())


@pytest.mark.parametrize("algorithm", algorithms.CHOICE)
@settings(max_examples=60)
@given(case=cases(dilations=True))
def test_choices_are_the_definitions(algorithm: str, case: tuple[Any, dict[str, Any]]) -> None:
    """Every algorithm gives the exact maximum and minimum of every window, if it has any tap."""
    x, arguments = case
    for pool in ("max_pool", "min_pool"):
        ours = getattr(algorithms, pool)(x, **arguments, algorithm=algorithm)
        assert same(ours, getattr(pooling, pool)(x, **arguments))


@pytest.mark.parametrize("algorithm", algorithms.MEAN)
@settings(max_examples=60)
@given(
    case=cases(dilations=False),
    count_include_pad=st.booleans(),
    divisor_override=st.none() | st.sampled_from([1, 7, -3]),
)
def test_means_are_the_definitions(
    algorithm: str,
    case: tuple[Any, dict[str, Any]],
    count_include_pad: bool,
    divisor_override: int | None,
) -> None:
    """Every algorithm gives the exact mean of every window, whatever the divisor."""
    x, arguments = case
    window = arguments["kernel_size"]
    if len(window) == 3 and "padding_convention" not in arguments:  # torch's avg_pool3d refuses it
        assume(all(k <= n for k, n in zip(window, x.shape[1:], strict=True)))
    arguments |= {"count_include_pad": count_include_pad, "divisor_override": divisor_override}
    ours = algorithms.avg_pool(x, **arguments, algorithm=algorithm)
    assert same(ours, pooling.avg_pool(x, **arguments))


@pytest.mark.parametrize("algorithm", ["direct", "separable", "van_herk"])
@pytest.mark.parametrize("dtype", ["float32", "int8", "uint8", "bool"])
def test_comparisons_keep_every_dtype(algorithm: str, dtype: str) -> None:
    """What only compares gives the definition's numbers in the dtype of the input, NaN included."""
    x = numpy.random.default_rng(0).integers(0, 9, (2, 13, 11)).astype(dtype)
    if dtype == "float32":
        x[0, 4, 4], x[1, 0, 0] = math.nan, -math.inf
    ours = algorithms.max_pool(x, (5, 3), 2, 1, algorithm=algorithm)
    theirs = pooling.max_pool(x, (5, 3), 2, 1)
    assert ours.dtype == theirs.dtype
    numpy.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("algorithm", ["relu_fold", "relu_tree"])
def test_networks_round(algorithm: str) -> None:
    """On floats whose differences are not exact, a ReLU network need not give the maximum."""
    x = numpy.array([1.0, 1e-30, 1e30], "float32")
    assert algorithms.max_pool(x, (2,), 1, algorithm=algorithm).tolist() != [1.0, 1e30]
    assert algorithms.max_pool(x.round(), (2,), 1, algorithm=algorithm).tolist() == [1.0, x[2]]


@pytest.mark.parametrize("algorithm", algorithms.MEAN)
def test_means_of_floats(algorithm: str) -> None:
    """Floats keep their dtype, integers become float64, up to rounding the definition's mean."""
    x = numpy.random.default_rng(0).standard_normal((2, 13, 11))
    for dtype, error in (("float32", 1e-5), ("float64", 1e-13)):
        ours = algorithms.avg_pool(x.astype(dtype), (5, 3), 2, 1, algorithm=algorithm)
        assert ours.dtype == dtype
        assert numpy.abs(ours - pooling.avg_pool(x, (5, 3), 2, 1)).max() < error
    assert algorithms.avg_pool([1, 2], (2,), algorithm=algorithm).tolist() == [1.5]


def test_windows_of_padding_alone() -> None:
    """A window behind the input has the value of no tap, by every algorithm."""
    arguments: dict[str, Any] = dict(
        kernel_size=(3,), stride=4, padding=2, padding_convention="full"
    )
    x = [Fraction(1), Fraction(2), Fraction(3), Fraction(4)]
    for algorithm in algorithms.CHOICE:
        ours = algorithms.max_pool(x, **arguments, algorithm=algorithm)
        assert ours.tolist() == [1, 4, -math.inf]
    for algorithm in algorithms.MEAN:
        ours = algorithms.avg_pool(x, **arguments, divisor_override=1, algorithm=algorithm)
        assert same(ours, pooling.avg_pool(x, **arguments, divisor_override=1))


@pytest.mark.parametrize(
    ("pool", "message"),
    [
        (
            algorithms.max_pool,
            "unknown algorithm 'summed_area'; algorithms: direct, separable, van_herk, relu_fold, "
            "relu_tree",
        ),
        (
            algorithms.avg_pool,
            "unknown algorithm 'van_herk'; algorithms: direct, separable, summed_area, convolution",
        ),
    ],
)
def test_unknown_algorithms(pool: Any, message: str) -> None:
    """An algorithm of the other kind of pooling is unknown, and the known ones are listed."""
    other = "summed_area" if pool is algorithms.max_pool else "van_herk"
    with pytest.raises(ValueError) as caught:
        pool([1, 2, 3], (2,), algorithm=other)
    assert str(caught.value) == message
