"""ONNX's own node tests of pooling, computed by the definitions: every one of them."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy
import pytest
from onnx.backend.test.case.node import collect_testcases
from onnx.helper import get_attribute_value

import pooling
from tests.outside.totals import lost, recorded

SUITE = "ONNX nodes"


def _cases() -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # some of them divide by zero on purpose
        found: list[Any] = [case for case in collect_testcases() if case.model is not None]
    return [
        pytest.param(case, id=case.name)
        for case in found
        if len(nodes := list(case.model.graph.node)) == 1 and nodes[0].op_type in recorded(SUITE)
        # The largest of weighted elements is no mean, and no RoIAlign of its paper.
        if case.name != "test_roialign_mode_max"
    ]


CASES = _cases()


def windows(attributes: dict[str, Any], dimensions: int) -> dict[str, Any]:
    """Return ONNX's attributes of a window as arguments of a definition."""
    convention = attributes.get("auto_pad", b"NOTSET").decode()
    arguments: dict[str, Any] = {
        "kernel_size": tuple(attributes["kernel_shape"]),
        "stride": tuple(attributes.get("strides", [1] * dimensions)),
        "dilation": tuple(attributes.get("dilations", [1] * dimensions)),
        "ceil_mode": bool(attributes.get("ceil_mode", 0)),
        "padding_convention": "onnx",
        "padding": tuple(attributes.get("pads", [0] * 2 * dimensions)),
    }
    if convention != "NOTSET":
        named = {"VALID": "valid", **{s: f"onnx_{s}" for s in ("SAME_UPPER", "SAME_LOWER")}}
        arguments |= {"padding_convention": named[convention], "padding": 0}
    return arguments


def _average(x: Any, attributes: dict[str, Any]) -> list[Any]:
    include = bool(attributes.get("count_include_pad", 0))
    return [pooling.avg_pool(x, **windows(attributes, x.ndim - 2), count_include_pad=include)]


def _largest(x: Any, attributes: dict[str, Any]) -> list[Any]:
    arguments = windows(attributes, x.ndim - 2)
    places = numpy.arange(x.size).reshape(x.shape)
    if attributes.get("storage_order"):
        places = numpy.arange(x.size).reshape(*x.shape[:2], *x.shape[:1:-1])
        places = places.transpose(0, 1, *range(x.ndim - 1, 1, -1))
    # A pair with its place: the first of equal taps is the largest.
    pairs = numpy.empty(x.shape, object)
    for at in numpy.ndindex(x.shape):
        pairs[at] = (x[at], -places[at])
    chosen = pooling.max_pool(pairs, **arguments)
    indices = numpy.frompyfunc(lambda pair: -pair[1], 1, 1)(chosen).astype("int64")
    return [pooling.max_pool(x, **arguments), indices]


def _norm(x: Any, attributes: dict[str, Any]) -> list[Any]:
    arguments = windows(attributes, x.ndim - 2)
    power = attributes.get("p", 2)
    return [pooling.lp_pool(x, power, **arguments, absolute=True, scale_overhang=False)]


def _whole(pool: Callable[..., Any]) -> Callable[..., list[Any]]:
    return lambda x, attributes: [pool(x, (1,) * (x.ndim - 2))]


def _unpooled(x: Any, indices: Any, *rest: Any) -> list[Any]:
    """Unpool to the size that the windows imply, in which the indices are counted."""
    attributes = rest[-1]
    window, stride = attributes["kernel_shape"], attributes["strides"]
    spatial = [(n - 1) * s + k for n, s, k in zip(x.shape[2:], stride, window, strict=True)]
    places = indices % numpy.prod(spatial)  # ONNX counts through all axes
    unpooled = pooling.max_unpool(x, tuple(window), tuple(stride), indices=places)
    wanted = rest[0] if len(rest) > 1 else unpooled.shape
    return [numpy.pad(unpooled, [(0, w - n) for w, n in zip(wanted, unpooled.shape, strict=True)])]


def _aligned(x: Any, boxes: Any, images: Any, attributes: dict[str, Any]) -> list[Any]:
    mode = attributes.get("coordinate_transformation_mode", b"half_pixel").decode()
    rows = numpy.concatenate([images[:, None], boxes], 1)
    pooled = pooling.roi_align(
        x,
        (attributes["output_height"], attributes["output_width"]),
        attributes.get("spatial_scale", 1.0),
        attributes.get("sampling_ratio", 0),
        mode == "half_pixel",
        boxes=rows,
    )
    return [pooled]


OPERATORS: dict[str, Callable[..., list[Any]]] = {
    "AveragePool": _average,
    "GlobalAveragePool": _whole(pooling.adaptive_avg_pool),
    "GlobalMaxPool": _whole(pooling.adaptive_max_pool),
    "LpPool": _norm,
    "MaxPool": _largest,
    "MaxUnpool": _unpooled,
    "RoiAlign": _aligned,
}


@pytest.mark.parametrize("case", CASES)
def test_a_node(case: Any, record_property: Callable[[str, object], None]) -> None:
    """What ONNX says that the node gives, values and indices, dtype and shape."""
    (node,) = case.model.graph.node
    attributes = {a.name: get_attribute_value(a) for a in node.attribute}
    for inputs, outputs in case.data_sets:
        computed = OPERATORS[node.op_type](*inputs, attributes)
        for ours, theirs in zip(computed, outputs, strict=False):
            assert ours.dtype == theirs.dtype and ours.shape == theirs.shape
            numpy.testing.assert_allclose(ours, theirs, rtol=case.rtol, atol=case.atol)
    record_property("outside", [SUITE, 1, 1])


def found() -> dict[str, int]:
    """Count the node tests of every operator."""
    return dict(Counter(case.values[0].model.graph.node[0].op_type for case in CASES))


def test_none_is_missing() -> None:
    """As many as there were; a new release of ONNX may have more."""
    assert not lost(SUITE, found())
    assert OPERATORS.keys() == recorded(SUITE).keys()
