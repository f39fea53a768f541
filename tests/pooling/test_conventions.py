"""Padding conventions, each against a published example or a running implementation."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import pooling
from pooling.arguments import Axis, Window
from pooling.conventions import edges

AUTOMATIC = ("valid", "same", "SAME_UPPER", "SAME_LOWER")


def axis(size: int, kernel_size: int, stride: int, padding: Any = 0, **options: Any) -> Axis:
    """Return the one axis of a one-dimensional pooling."""
    return Window(kernel_size, stride, padding, **options).axes((size,))[0]


@pytest.mark.parametrize(
    ("convention", "size", "kernel_size", "stride", "padding", "edges", "outputs"),
    [
        # tf.nn's guide on padding: 13 elements, window 6, stride 5.
        ("valid", 13, 6, 5, 0, (0, 0), 2),
        ("same", 13, 6, 5, 0, (1, 2), 3),
        ("SAME_UPPER", 13, 6, 5, 0, (1, 2), 3),
        ("SAME_LOWER", 13, 6, 5, 0, (2, 1), 3),
        # Dive into Deep Learning, "Padding and Stride": 8 rows, a kernel of 3, 2 rows added in
        # all, keep their number; halved at stride 2; an odd row goes on top.
        ("total", 8, 3, 1, 2, (1, 1), 8),
        ("total", 8, 3, 2, 2, (1, 1), 4),
        ("total", 8, 5, 3, 3, (2, 1), 3),
        # MXNet's Pooling: "full" rounds up, f(x, k, p, s) = ceil((x + 2p − k)/s) + 1.
        ("full", 6, 3, 2, 0, (0, 0), 3),
        ("full", 7, 3, 2, 0, (0, 0), 3),
        ("full", 2, 2, 4, 1, (1, 1), 2),
    ],
)
def test_published_examples(
    convention: str,
    size: int,
    kernel_size: int,
    stride: int,
    padding: int,
    edges: tuple[int, int],
    outputs: int,
) -> None:
    """The paddings and sizes that the conventions' own documents give."""
    placed = axis(size, kernel_size, stride, padding, padding_convention=convention)
    assert placed.padding == edges
    assert placed.outputs == outputs


@settings(max_examples=30)  # each shape is compiled
@given(
    size=st.integers(1, 12),
    kernel_size=st.integers(1, 5),
    stride=st.integers(1, 5),
    convention=st.sampled_from(["same", "valid"]),
)
def test_same_and_valid_are_those_of_xla(
    size: int, kernel_size: int, stride: int, convention: str
) -> None:
    """JAX's reduce_window, the operation behind TensorFlow's pooling, gives the same maxima."""
    jax = pytest.importorskip("jax")
    assume(convention == "same" or kernel_size <= size)
    x = numpy.random.default_rng(size).normal(size=size).astype(numpy.float32)
    theirs = jax.lax.reduce_window(
        x, -numpy.inf, jax.lax.max, (kernel_size,), (stride,), convention.upper()
    )
    ours = pooling.max_pool(x, (kernel_size,), stride, padding_convention=convention)
    assert ours.tolist() == numpy.asarray(theirs).tolist()


@pytest.mark.parametrize("convention", ["SAME_UPPER", "SAME_LOWER"])
@given(size=st.integers(1, 9), kernel_size=st.integers(1, 4), stride=st.integers(1, 4))
def test_automatic_padding_is_that_of_onnx(
    convention: str, size: int, kernel_size: int, stride: int
) -> None:
    """ONNX's reference evaluator averages the same windows."""
    assume(stride <= kernel_size)  # it computes a negative padding otherwise
    x = numpy.random.default_rng(size).integers(-8, 8, size).astype(numpy.float32)
    theirs = onnx_pool(
        "AveragePool", x, kernel_shape=[kernel_size], strides=[stride], auto_pad=convention
    )
    ours = pooling.avg_pool(
        x, (kernel_size,), stride, count_include_pad=False, padding_convention=convention
    )
    numpy.testing.assert_allclose(ours, theirs, rtol=1e-6)


@given(size=st.integers(1, 12), kernel_size=st.integers(1, 3), stride=st.integers(2, 6))
def test_what_onnx_crops(size: int, kernel_size: int, stride: int) -> None:
    """A negative padding of SAME_UPPER leaves out first elements, in the evaluator and here."""
    x = numpy.arange(size, dtype=numpy.float32)
    assume(size > kernel_size)  # its windows are not inside otherwise
    theirs = onnx_pool(
        "MaxPool", x, kernel_shape=[kernel_size], strides=[stride], auto_pad="SAME_UPPER"
    )
    ours = pooling.max_pool(x, (kernel_size,), stride, padding_convention="onnx_SAME_UPPER")
    assert ours.tolist() == theirs.tolist()


@pytest.mark.parametrize("convention", ["onnx_SAME_UPPER", "onnx_SAME_LOWER"])
def test_cropped_windows(convention: str) -> None:
    """All that is counted of them is what is there; the other reading of SAME begins at 0."""
    x = numpy.arange(6)
    assert pooling.max_pool(x, (1,), 3, padding_convention=convention).tolist() == [1, 4]
    assert pooling.max_pool(x, (1,), 3, padding_convention="SAME_UPPER").tolist() == [0, 3]
    for size in range(1, 14):
        for kernel_size in range(1, 5):
            for stride in range(1, 7):
                placed = axis(size, kernel_size, stride, 0, padding_convention=convention)
                taps = [
                    place
                    for i in range(placed.outputs)
                    for j in range(kernel_size)
                    if 0 <= (place := i * stride - placed.padding[0] + j) < size
                ]
                assert placed.outputs == -(-size // stride)
                assert (placed.taps, placed.touched) == (len(taps), len({*taps}))


@given(
    size=st.integers(1, 9),
    kernel_size=st.integers(1, 4),
    stride=st.integers(2, 4),  # the evaluator takes another route at stride 1, which ignores pads
    edges=st.tuples(st.integers(0, 3), st.integers(0, 3)),
    ceil_mode=st.booleans(),
)
def test_explicit_pads_are_those_of_onnx(
    size: int, kernel_size: int, stride: int, edges: tuple[int, int], ceil_mode: bool
) -> None:
    """ONNX's reference evaluator takes maxima over the same windows, edges padded unequally."""
    assume(max(edges) < kernel_size <= size + sum(edges))
    x = numpy.random.default_rng(size).normal(size=size).astype(numpy.float32)
    theirs = onnx_pool(
        "MaxPool",
        x,
        kernel_shape=[kernel_size],
        strides=[stride],
        pads=list(edges),
        ceil_mode=int(ceil_mode),
    )
    ours = pooling.max_pool(
        x, (kernel_size,), stride, edges, ceil_mode=ceil_mode, padding_convention="onnx"
    )
    assert ours.tolist() == theirs.tolist()


def onnx_pool(operator: str, x: Any, **attributes: Any) -> Any:
    """Run one pooling operator of ONNX on ``x``."""
    onnx = pytest.importorskip("onnx")
    from onnx.reference import ReferenceEvaluator

    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [helper.make_node(operator, ["x"], ["y"], **attributes)],
        "pool",
        [helper.make_tensor_value_info("x", kind, (1, 1, len(x)))],
        [helper.make_tensor_value_info("y", kind, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)])
    outputs: Any = ReferenceEvaluator(model).run(None, {"x": x[None, None]})
    return outputs[0][0, 0]


@given(
    size=st.integers(1, 9),
    kernel_size=st.integers(1, 5),
    stride=st.integers(1, 4),
    edges=st.tuples(st.integers(0, 2), st.integers(0, 2)),
)
def test_edges_are_padded_on_their_own(
    size: int, kernel_size: int, stride: int, edges: tuple[int, int]
) -> None:
    """Padding (before, after) takes the maxima of an input that is padded so with −∞."""
    assume(max(edges) <= kernel_size // 2 and kernel_size <= size + sum(edges))
    x = numpy.random.default_rng(size).normal(size=size)
    padded = numpy.pad(x, edges, constant_values=-numpy.inf)
    ours = pooling.max_pool(x, (kernel_size,), stride, (edges,))
    assert ours.tolist() == pooling.max_pool(padded, (kernel_size,), stride).tolist()


@given(size=st.integers(1, 9), kernel_size=st.integers(1, 4), stride=st.integers(1, 6))
def test_windows_behind_the_end_of_full_have_no_taps(
    size: int, kernel_size: int, stride: int
) -> None:
    """Where "full" adds a window of padding alone it is counted as an output without taps."""
    padding = kernel_size // 2
    assume(size + 2 * padding >= kernel_size)
    placed = axis(size, kernel_size, stride, padding, padding_convention="full")
    starts = [i * stride - padding for i in range(placed.outputs)]
    taps = [len([p for p in range(s, s + kernel_size) if 0 <= p < size]) for s in starts]
    assert placed.taps == sum(taps)
    assert placed.occupied == sum(1 for t in taps if t)
    assert placed.touched == len(
        {p for s in starts for p in range(s, s + kernel_size) if 0 <= p < size}
    )


@pytest.mark.parametrize(
    ("padding", "options", "error", "message"),
    [
        (1, {"padding_convention": "same"}, ValueError, "padding must be 0 .*'same'.*, got 1"),
        ((-1,), {}, ValueError, "padding must be at least 0, got -1"),
        ((1,), {"padding_convention": "same"}, ValueError, "padding must be 0 .*'same'.*, got 1"),
        (((0, 2),), {"padding_convention": "valid"}, ValueError, "padding must be 0 .*, got 2"),
        ((0, 0), {"padding_convention": "same"}, ValueError, "padding must have 1 entry, got 2"),
        (None, {"padding_convention": "same"}, TypeError, "padding must be an integer, got None"),
        (0, {"padding_convention": "keras"}, ValueError, "unknown padding_convention 'keras'"),
        (
            0,
            {"padding_convention": ["torch"]},
            TypeError,
            r"padding_convention must be one of torch, .*, got \['torch'\] of type list",
        ),
        (((1, 2, 3),), {}, ValueError, r"padding\[0\] must be a pair \(before, after\), got"),
        (((1, 0), (1, 0)), {}, ValueError, "padding must have 1 entry, got 2"),
        (
            ((2, 0),),
            {},
            ValueError,
            "padding must be at most 1, half of kernel_size 3, got 2"
            r" \(padding_convention='onnx' allows more\)",
        ),
        (((0, -1),), {}, ValueError, "padding must be at least 0, got -1"),
        (((0, 0.5),), {}, TypeError, r"padding\[0\]\[1\] must be an integer, got 0.5"),
        (6, {"padding_convention": "total"}, ValueError, "less than 3, the span .*, got 3"),
        ((1,), {"padding_convention": "onnx"}, ValueError, "padding must have 2 entries, got 1"),
        (1, {"padding_convention": "onnx"}, TypeError, "must be a tuple of begins and ends, got 1"),
        ((3, 0), {"padding_convention": "onnx"}, ValueError, "less than 3, the span .*, got 3"),
        (1, {"padding_convention": "full", "dilation": 2}, ValueError, "dilation must be 1 .* 2"),
        (0, {"padding_convention": "valid", "ceil_mode": True}, ValueError, "ceil_mode must be Fa"),
    ],
)
def test_refusals(
    padding: Any, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    """What a convention cannot mean is refused, with the argument, the value and the limit."""
    with pytest.raises(error, match=message):
        axis(8, 3, 2, padding, **options)


@pytest.mark.parametrize(
    "zero", [0, numpy.int64(0), (0,), [0], ((0, 0),), numpy.zeros(3, dtype=int)]
)
@pytest.mark.parametrize("convention", AUTOMATIC)
def test_no_padding_may_be_written_as_torch_lets_it(convention: str, zero: Any) -> None:
    """A convention that computes the padding takes every way to say none."""
    given = axis(8, 3, 2, zero, padding_convention=convention)
    assert given == axis(8, 3, 2, padding_convention=convention)


@pytest.mark.parametrize("padding", [(1, 2), [1, 2], (numpy.int64(1), 2), ((1, 1), (2, 2))])
def test_padding_of_each_axis(padding: Any) -> None:
    """The same edges however the entries are written."""
    assert list(edges("torch", padding, 2)) == [(1, 1), (2, 2)]


@pytest.mark.parametrize("convention", AUTOMATIC)
def test_automatic_padding_takes_symbols_and_arrays(convention: str) -> None:
    """A convention that computes the padding does so for a batch and for a symbol."""
    import sympy

    sizes = numpy.arange(3, 9)
    n = sympy.Symbol("n", integer=True, positive=True)
    batch = axis(sizes, 3, 2, padding_convention=convention)  # type: ignore[arg-type]
    symbolic = axis(n, 3, 2, padding_convention=convention)
    for i, size in enumerate(sizes.tolist()):
        single = axis(size, 3, 2, padding_convention=convention)
        assert numpy.broadcast_to(batch.taps, sizes.shape)[i] == single.taps
        assert symbolic.taps.subs(n, size) == single.taps
