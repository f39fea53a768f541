from __future__ import annotations

from typing import Any

import numpy
import pytest
import sympy
import torch
from hypothesis import assume, given
from hypothesis import strategies as st

from pooling import (
    adaptive_arguments,
    adaptive_average_arguments,
    average_arguments,
    fractional_arguments,
    norm_arguments,
    pooling_arguments,
)
from pooling.arguments import Window

REFUSED = [
    (dict(kernel_size=0), "kernel_size must be at least 1, got 0"),
    (dict(kernel_size=(2, -1)), "kernel_size must be at least 1, got -1"),
    (dict(kernel_size=2, stride=0), "stride must be at least 1, got 0"),
    (dict(kernel_size=2, stride=(1, -3)), "stride must be at least 1, got -3"),
    (dict(kernel_size=3, padding=-1), "padding must be at least 0, got -1"),
    (
        dict(kernel_size=3, padding=2),
        "padding must be at most 1, half of kernel_size 3, got 2"
        " (padding_convention='onnx' allows more)",
    ),
    (
        dict(kernel_size=3, padding=2, dilation=2),
        "padding must be at most 1, half of kernel_size 3, got 2"
        " (padding_convention='onnx' allows more)",
    ),
    (dict(kernel_size=2, dilation=0), "dilation must be at least 1, got 0"),
    (
        dict(kernel_size=7),
        "kernel_size 7 with dilation 1 spans 7 elements, but at most 5 fit: size 5 with padding 0 "
        "on each side; the output would be empty",
    ),
    (
        dict(kernel_size=9, stride=2, padding=1, ceil_mode=True),
        "kernel_size 9 with dilation 1 spans 9 elements, but at most 8 fit: size 5 with padding 1 "
        "on each side; the output would be empty",
    ),
    (
        dict(kernel_size=(2, 3), dilation=(1, 3)),
        "kernel_size 3 with dilation 3 spans 7 elements, but at most 5 fit: size 5 with padding 0 "
        "on each side; the output would be empty",
    ),
    (dict(kernel_size=(2, 2, 2)), "kernel_size must have 1 or 2 entries, got 3: (2, 2, 2)"),
    (dict(kernel_size=()), "kernel_size must have 1 or 2 entries, got 0: ()"),
    (dict(kernel_size=2, stride=[1, 2, 3]), "stride must have 1 or 2 entries, got 3: (1, 2, 3)"),
    (dict(kernel_size=2, padding=()), "padding must have 1 or 2 entries, got 0: ()"),
    (
        dict(kernel_size=numpy.array([2, 0, -1])),
        "kernel_size must be at least 1, got 0",
    ),
    (
        dict(kernel_size=numpy.array([4, 2, 5, 3]), padding=numpy.array([1, 2, 2, 3])),
        "padding must be at most 1, half of kernel_size 2, got 2"
        " (padding_convention='onnx' allows more)",
    ),
    (
        dict(kernel_size=sympy.Symbol("k", integer=True, negative=True)),
        "kernel_size must be at least 1, got k",
    ),
]

REFUSED_SHAPES = [
    ((5, 5), "shape must have 3 or 4 dimensions for 2 spatial axes, got 2: (5, 5)"),
    (
        (1, 1, 1, 5, 5),
        "shape must have 3 or 4 dimensions for 2 spatial axes, got 5: (1, 1, 1, 5, 5)",
    ),
    ((1, 0, 5, 5), "the channels of shape must be at least 1, got 0"),
    ((0, 5, 5), "the channels of shape must be at least 1, got 0"),
    ((-1, 2, 5, 5), "the batch of shape must be at least 0, got -1"),
    ((1, 2, 5, 0), "the spatial sizes of shape must be at least 1, got 0"),
    ((1, 2, numpy.array([5, 0]), 5), "the spatial sizes of shape must be at least 1, got 0"),
]

WRONG_TYPES = [
    (dict(kernel_size=2.0), "kernel_size must be an integer, got 2.0 of type float"),
    (dict(kernel_size=True), "kernel_size must be an integer, got True of type bool"),
    (dict(kernel_size="2"), "kernel_size must be an integer, got '2' of type str"),
    (dict(kernel_size=None), "kernel_size must be an integer, got None of type NoneType"),
    (dict(kernel_size=(2, 2.5)), "kernel_size[1] must be an integer, got 2.5 of type float"),
    (dict(kernel_size=2, padding=None), "padding must be an integer, got None of type NoneType"),
    (dict(kernel_size=2, stride=False), "stride must be an integer, got False of type bool"),
    (dict(kernel_size=2, ceil_mode=1), "ceil_mode must be a bool, got 1"),
    (
        dict(kernel_size=sympy.Rational(1, 2)),
        "kernel_size must be an integer, got 1/2 of type Half",
    ),
    (
        dict(kernel_size=numpy.array([2.0])),
        "kernel_size must be an integer, got array([2.]) of type ndarray",
    ),
]


@pytest.mark.parametrize(("arguments", "message"), REFUSED)
def test_refuses_what_torch_refuses(arguments: dict[str, Any], message: str) -> None:
    """A value that torch refuses is refused, with the argument, the value and the limit."""
    with pytest.raises(ValueError) as caught:
        pooling_arguments(2, (1, 2, 5, 5), **arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(("shape", "message"), REFUSED_SHAPES)
def test_refuses_shapes(shape: tuple[Any, ...], message: str) -> None:
    """A shape of the wrong rank, or empty anywhere but in the batch, is refused."""
    with pytest.raises(ValueError) as caught:
        pooling_arguments(2, shape, 2)
    assert str(caught.value) == message


@pytest.mark.parametrize(("arguments", "message"), WRONG_TYPES)
def test_refuses_wrong_types(arguments: dict[str, Any], message: str) -> None:
    """Floats, bools, strings and None are no sizes, and an int is no bool."""
    with pytest.raises(TypeError) as caught:
        pooling_arguments(2, (1, 2, 5, 5), **arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("1255", "shape must be a tuple of integers, got '1255'"),
        ((1, 2, 5, 5.0), "shape[3] must be an integer, got 5.0 of type float"),
    ],
)
def test_refuses_shapes_of_the_wrong_type(shape: Any, message: str) -> None:
    """A shape is a tuple or a list of integers."""
    with pytest.raises(TypeError) as caught:
        pooling_arguments(2, shape, 2)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("dimensions", "arguments", "message"),
    [
        (2, dict(kernel_size=2, divisor_override=0), "divisor_override must not be 0, got 0"),
        (
            3,
            dict(kernel_size=(2, 2, 6), padding=3, ceil_mode=True),
            "padding must be at most 1, half of kernel_size 2, got 3"
            " (padding_convention='onnx' allows more)",
        ),
        (
            3,
            dict(kernel_size=(2, 2, 6), padding=1),
            "kernel_size must be at most 5, the unpadded input of an avg_pool3d, got 6",
        ),
    ],
)
def test_average_refuses_more(dimensions: int, arguments: dict[str, Any], message: str) -> None:
    """Average pooling refuses a divisor of 0, and avg_pool3d windows larger than the input."""
    with pytest.raises(ValueError) as caught:
        average_arguments(dimensions, (1, 2, *[5] * dimensions), **arguments)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (dict(divisor_override=2.0), "divisor_override must be an integer, got 2.0 of type float"),
        (dict(count_include_pad=None), "count_include_pad must be a bool, got None"),
    ],
)
def test_average_refuses_wrong_types(arguments: dict[str, Any], message: str) -> None:
    """A divisor is an integer, and whether it counts the padding a bool."""
    with pytest.raises(TypeError) as caught:
        average_arguments(2, (1, 2, 5, 5), 2, **arguments)
    assert str(caught.value) == message


def test_stride_is_the_window_unless_given() -> None:
    """None and an empty tuple mean kernel_size, as in torch."""
    given_none = Window((2, 3)).axes((9, 9))
    assert [axis.stride for axis in given_none] == [2, 3]
    assert Window((2, 3), stride=()).axes((9, 9)) == given_none
    assert Window((2, 3), stride=(2, 3)).axes((9, 9)) == given_none


def test_one_entry_stands_for_every_axis() -> None:
    """A tuple or list with one entry is an int, as in torch, and so are NumPy's and SymPy's."""
    plain = Window(3, 2, 1).axes((9, 9))
    assert Window((3,), [2], (1,)).axes((9, 9)) == plain
    assert Window(numpy.uint8(3), sympy.Integer(2), 1).axes((numpy.int32(9), 9)) == plain
    assert all(type(axis.kernel_size) is int and type(axis.stride) is int for axis in plain)


def test_an_axis_cannot_be_changed() -> None:
    """What has been checked stays as it was checked."""
    axis = Window(3).axes((9,))[0]
    with pytest.raises(AttributeError):
        axis.padding = (7, 7)  # type: ignore[misc]


def test_undecidable_conditions_pass() -> None:
    """Symbols are refused only if what is known of them breaks a rule."""
    k, p, size = sympy.symbols("k p n", integer=True, positive=True)
    axis = pooling_arguments(1, (1, size), kernel_size=k, padding=p).axes[0]
    assert axis.outputs.subs({size: 7, k: 3, p: 1}) == 3


def test_narrow_arrays_do_not_wrap_around() -> None:
    """An int8 batch gives the same counts as ints do."""
    sizes = numpy.array([100, 120], dtype=numpy.int8)
    arguments = pooling_arguments(2, (1, 3, sizes, sizes), kernel_size=2)
    assert arguments.taps.tolist() == [3 * 100 * 100, 3 * 120 * 120]


@pytest.mark.parametrize(
    ("dimensions", "shape", "output_size", "error", "message"),
    [
        (2, (1, 5, 5), -1, ValueError, "output_size must be at least 0, got -1"),
        (2, (1, 5, 5), (2, -3), ValueError, "output_size must be at least 0, got -3"),
        (2, (1, 5, 5), (2,), ValueError, "output_size must have 2 entries, got 1: (2,)"),
        (1, (1, 5), (2, 2), ValueError, "output_size must have 1 entry, got 2: (2, 2)"),
        (2, (1, 5, 0), 2, ValueError, "the spatial sizes of shape must be at least 1, got 0"),
        (2, (1, 0, 5, 5), 2, ValueError, "the channels of shape must be at least 1, got 0"),
        (2, (-1, 5, 5), 2, ValueError, "the first entry of shape must be at least 0, got -1"),
        (
            2,
            (5, 5),
            2,
            ValueError,
            "shape must have 3 or 4 dimensions for 2 spatial axes, got 2: (5, 5)",
        ),
        (2, (1, 5, 5), 2.0, TypeError, "output_size must be an integer, got 2.0 of type float"),
        (2, (1, 5, 5), True, TypeError, "output_size must be an integer, got True of type bool"),
        (
            2,
            (1, 5, 5),
            None,
            TypeError,
            "output_size must be an integer, got None of type NoneType",
        ),
        (
            1,
            (1, 5),
            (None,),
            TypeError,
            "output_size[0] must be an integer, got None of type NoneType",
        ),
    ],
)
def test_adaptive_refuses(
    dimensions: int, shape: Any, output_size: Any, error: type[Exception], message: str
) -> None:
    """What torch's adaptive poolings refuse."""
    with pytest.raises(error) as caught:
        adaptive_arguments(dimensions, shape, output_size)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("dimensions", "arguments", "error", "message"),
    [
        (
            2,
            dict(kernel_size=2),
            ValueError,
            "either output_size or output_ratio must be given, got neither",
        ),
        (
            2,
            dict(kernel_size=2, output_size=5),
            ValueError,
            "kernel_size + output_size must be at most 6 for a size of 5, got 2 + 5",
        ),
        (
            3,
            dict(kernel_size=2, output_size=4),
            ValueError,
            "kernel_size + output_size must be at most 5 for a size of 5, got 2 + 4",
        ),
        (
            2,
            dict(kernel_size=0, output_size=2),
            ValueError,
            "kernel_size must be at least 1, got 0",
        ),
        (
            2,
            dict(kernel_size=2, output_size=-1),
            ValueError,
            "output_size must be at least 0, got -1",
        ),
        (
            2,
            dict(kernel_size=(2,), output_size=2),
            ValueError,
            "kernel_size must have 2 entries, got 1: (2,)",
        ),
        (
            2,
            dict(kernel_size=2, output_size=(2,)),
            ValueError,
            "output_size must have 2 entries, got 1: (2,)",
        ),
        (
            2,
            dict(kernel_size=2, output_ratio=(0.5,)),
            ValueError,
            "output_ratio must have 2 entries, got 1: (0.5,)",
        ),
        (
            2,
            dict(kernel_size=2, output_ratio=0.5),
            TypeError,
            "output_ratio must be a tuple with one entry per axis, got 0.5",
        ),
        (
            2,
            dict(kernel_size=2, output_ratio=(0.5, None)),
            TypeError,
            "output_ratio must be a number, got None",
        ),
    ],
)
def test_fractional_refuses(
    dimensions: int, arguments: dict[str, Any], error: type[Exception], message: str
) -> None:
    """What torch's fractional poolings refuse, and the windows of no element that they let pass."""
    with pytest.raises(error) as caught:
        fractional_arguments(dimensions, (1, *[5] * dimensions), **arguments)
    assert str(caught.value) == message


def test_adaptive_windows() -> None:
    """Taps by the greatest common divisor are those of the windows, walked through one by one."""
    for size in range(1, 25):
        for outputs in range(25):
            axis = adaptive_arguments(1, (1, size), outputs).axes[0]
            spans = [
                range(i * size // outputs, -(-(i + 1) * size // outputs)) for i in range(outputs)
            ]
            assert axis.taps == sum(map(len, spans))
            assert axis.occupied == sum(len(span) > 0 for span in spans)
            assert adaptive_arguments(1, (1, size), outputs).touched == len(set().union(*spans))


entry = st.integers(1, 3) | st.integers(-1, 5)


@given(
    family=st.sampled_from(["max", "avg"]),
    dimensions=st.integers(1, 3),
    leading=st.lists(st.integers(1, 2) | st.integers(0, 2), min_size=0, max_size=3),
    data=st.data(),
)
def test_error_for_error_with_torch(
    family: str, dimensions: int, leading: list[int], data: st.DataObject
) -> None:
    """A ValueError is raised exactly where torch raises, and the shape is torch's elsewhere."""
    spatial = data.draw(st.lists(st.integers(0, 8), min_size=dimensions, max_size=dimensions))

    def sizes(element: st.SearchStrategy[int]) -> Any:
        lengths = st.sampled_from([1, dimensions, dimensions, dimensions, 4])
        tuples = lengths.flatmap(lambda n: st.lists(element, min_size=n, max_size=n).map(tuple))
        return data.draw(element | tuples)

    shape = (*leading, *spatial)
    arguments: dict[str, Any] = {
        "kernel_size": sizes(entry),
        "stride": sizes(entry),
        "padding": sizes(st.integers(0, 1) | st.integers(-1, 3)),
        "ceil_mode": data.draw(st.booleans()),
    }
    if family == "max":
        arguments["dilation"] = sizes(st.integers(1, 3) | st.integers(-1, 3))
    operator = getattr(torch.nn.functional, f"{family}_pool{dimensions}d")
    try:
        expected = tuple(operator(torch.zeros(shape), **arguments).shape)
    except (RuntimeError, IndexError):
        expected = None
    resolve = pooling_arguments if family == "max" else average_arguments
    if expected is None:
        with pytest.raises(ValueError, match=r"must|span"):
            resolve(dimensions, shape, **arguments)
    else:
        assert resolve(dimensions, shape, **arguments).output_shape == expected


@given(
    family=st.sampled_from(["adaptive_avg", "adaptive_max", "fractional_max", "lp"]),
    dimensions=st.integers(1, 3),
    leading=st.lists(st.integers(1, 2) | st.integers(0, 2), min_size=0, max_size=3),
    data=st.data(),
)
def test_error_for_error_with_torch_for_other_windows(
    family: str, dimensions: int, leading: list[int], data: st.DataObject
) -> None:
    """Adaptive, fractional and LP pooling are refused exactly where torch refuses them."""
    if family == "fractional_max":
        dimensions = max(dimensions, 2)
    spatial = data.draw(st.lists(st.integers(0, 8), min_size=dimensions, max_size=dimensions))

    def sizes(element: st.SearchStrategy[Any]) -> Any:
        lengths = st.sampled_from([1, dimensions, dimensions, dimensions, 4])
        tuples = lengths.flatmap(lambda n: st.lists(element, min_size=n, max_size=n).map(tuple))
        return data.draw(st.integers(-1, 5) | tuples)

    shape = (*leading, *spatial)
    arguments: dict[str, Any]
    resolve: Any
    if family == "lp":
        arguments = {
            "norm_type": data.draw(st.sampled_from([2, 1.5, -1, 0, 2, float("inf")])),
            "kernel_size": sizes(entry),
            "stride": sizes(entry),
            "ceil_mode": data.draw(st.booleans()),
        }
        resolve = norm_arguments
    elif family == "fractional_max":
        arguments = {"kernel_size": sizes(st.integers(1, 3))}
        if numpy.min(arguments["kernel_size"]) < 1:
            arguments["kernel_size"] = 2  # torch reads windows of no element
        if data.draw(st.booleans()):
            arguments["output_size"] = sizes(entry)
        else:
            ratio = st.floats(-0.25, 1.25)
            count = data.draw(st.sampled_from([1, 2, dimensions]))
            arguments["output_ratio"] = data.draw(
                ratio | st.lists(ratio, min_size=count, max_size=count).map(tuple)
            )
        resolve = fractional_arguments
    else:
        arguments = {"output_size": sizes(st.none() | entry)}
        if family == "adaptive_avg":  # to one output it is a mean in torch, and checked in nothing
            wanted = arguments["output_size"]
            entries = wanted if isinstance(wanted, tuple) else (wanted,)
            assume(
                any(
                    one != 1 and (one, n) != (None, 1)
                    for one, n in zip(entries, spatial, strict=False)
                )
            )

        def resolve(dimensions: int, shape: Any, output_size: Any) -> Any:
            mean = family == "adaptive_avg"
            read = adaptive_average_arguments if mean else adaptive_arguments
            return read(dimensions, shape, output_size)

    operator = getattr(torch.nn.functional, f"{family}_pool{dimensions}d")
    try:
        expected = tuple(operator(torch.zeros(shape), **arguments).shape)
    except (RuntimeError, IndexError, TypeError, ValueError, ZeroDivisionError):
        expected = None
    if expected is None:
        with pytest.raises((ValueError, TypeError), match=r"must|span"):
            resolve(dimensions, shape, **arguments)
    else:
        assert resolve(dimensions, shape, **arguments).output_shape == expected
