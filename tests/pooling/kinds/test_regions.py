"""Poolings of regions of interest: definitions and layers."""

from __future__ import annotations

import math
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import costmodel
import pooling

IMAGES = numpy.random.default_rng(0).standard_normal((2, 3, 7, 6))
corner = st.integers(-6, 40).map(lambda n: n / 4)
box = st.tuples(st.integers(0, 1), corner, corner, corner, corner).map(
    lambda b: (b[0], min(b[1], b[3]), min(b[2], b[4]), max(b[1], b[3]), max(b[2], b[4]))
)


def fast_rcnn(box_: Any, outputs: tuple[int, int], scale: float) -> Any:
    """Return a pooled region by the loops that Fast R-CNN published, rounding halves up."""
    image, *corners = box_
    x1, y1, x2, y2 = (math.copysign(math.floor(abs(c * scale) + 0.5), c) for c in corners)
    height, width = max(y2 - y1 + 1, 1), max(x2 - x1 + 1, 1)
    result = numpy.zeros((3, *outputs))
    for i, j in numpy.ndindex(*outputs):
        rows = (
            y1 + math.floor(i * height / outputs[0]),
            y1 + math.ceil((i + 1) * height / outputs[0]),
        )
        columns = (
            x1 + math.floor(j * width / outputs[1]),
            x1 + math.ceil((j + 1) * width / outputs[1]),
        )
        taps = [
            IMAGES[image, :, p, q]
            for p in range(7) if rows[0] <= p < rows[1]
            for q in range(6) if columns[0] <= q < columns[1]
        ]  # fmt: skip
        result[:, i, j] = numpy.max(taps, axis=0) if taps else 0
    return result


def interpolated(image: Any, y: float, x: float) -> Any:
    """Return an image between its elements, as Mask R-CNN's authors published it."""
    height, width = image.shape[1:]
    if y < -1 or y > height or x < -1 or x > width:
        return numpy.zeros(3)
    y, x = max(y, 0.0), max(x, 0.0)
    top, left = min(int(y), height - 1), min(int(x), width - 1)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    v, u = (0.0 if top == height - 1 else y - top), (0.0 if left == width - 1 else x - left)
    return (
        image[:, top, left] * (1 - v) * (1 - u)
        + image[:, top, right] * (1 - v) * u
        + image[:, bottom, left] * v * (1 - u)
        + image[:, bottom, right] * v * u
    )


@settings(max_examples=60)
@given(
    boxes=st.lists(box, min_size=1, max_size=3),
    outputs=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    scale=st.sampled_from([1.0, 0.5]),
)
def test_the_maxima_are_those_of_fast_rcnn(boxes: Any, outputs: Any, scale: float) -> None:
    """The definition and the layer, regions outside and of no size included."""
    wanted = numpy.stack([fast_rcnn(one, outputs, scale) for one in boxes])
    ours = pooling.roi_max_pool(IMAGES, outputs, scale, boxes=boxes)
    numpy.testing.assert_array_equal(ours, wanted)
    layer = pooling.RoIMaxPool2d(outputs, scale)
    pooled = layer(torch.from_numpy(IMAGES), torch.tensor(boxes).double())
    numpy.testing.assert_array_equal(pooled.numpy(), wanted)
    corners = [one[1:] for one in boxes]
    cost = costmodel.cost("roi_max_pool2d", IMAGES.shape, outputs, scale, regions=corners)
    assert cost.output_shape == ours.shape


@settings(max_examples=60)
@given(
    boxes=st.lists(box, min_size=1, max_size=2),
    outputs=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    ratio=st.sampled_from([1, 2, 3, -1]),
    aligned=st.booleans(),
)
def test_the_means_are_those_of_mask_rcnn(
    boxes: Any, outputs: Any, ratio: int, aligned: bool
) -> None:
    """Sample by sample; the definition and the layer."""
    wanted = numpy.zeros((len(boxes), 3, *outputs))
    for number, (image, x1, y1, x2, y2) in enumerate(boxes):
        shift = 0.5 if aligned else 0.0
        size = [y2 - y1, x2 - x1] if aligned else [max(y2 - y1, 1.0), max(x2 - x1, 1.0)]
        counts = [
            ratio if ratio > 0 else math.ceil(length / bins)
            for length, bins in zip(size, outputs, strict=True)
        ]
        for i, j in numpy.ndindex(*outputs):
            samples = [
                interpolated(
                    IMAGES[image],
                    y1 - shift + (i + (p + 0.5) / counts[0]) * size[0] / outputs[0],
                    x1 - shift + (j + (q + 0.5) / counts[1]) * size[1] / outputs[1],
                )
                for p in range(counts[0])
                for q in range(counts[1])
            ]
            wanted[number, :, i, j] = numpy.mean(samples, axis=0) if samples else 0
    given_ = dict(sampling_ratio=ratio, aligned=aligned)
    ours = pooling.roi_align(IMAGES, outputs, **given_, boxes=boxes)
    numpy.testing.assert_allclose(ours, wanted, atol=1e-12)
    layer = pooling.RoIAlign2d(outputs, **given_)
    pooled = layer(torch.from_numpy(IMAGES), torch.tensor(boxes).double())
    numpy.testing.assert_allclose(pooled.numpy(), wanted, atol=1e-12)


@pytest.mark.parametrize("ratio", [1, -1])
def test_an_infinity_elsewhere_does_not_count(ratio: int) -> None:
    """Nothing is read but what lies beside a sample."""
    x = numpy.arange(16.0).reshape(1, 1, 4, 4)
    x[..., 3, 3] = numpy.inf
    boxes = [[0.0, 0.0, 0.0, 1.0, 1.0]]
    wanted = pooling.roi_align(x, (1, 1), sampling_ratio=ratio, boxes=boxes)
    pooled = pooling.RoIAlign2d(1, sampling_ratio=ratio)(torch.tensor(x), torch.tensor(boxes))
    assert pooled.item() == wanted.item() == 2.5


def test_a_region_without_extent_is_zero() -> None:
    """It has no sample where elements decide how many there are."""
    boxes = [[0.0, 2.0, 2.0, 2.0, 4.0]]
    given_ = dict(aligned=True, sampling_ratio=-1)
    pooled = pooling.RoIAlign2d(2, **given_)(torch.from_numpy(IMAGES), torch.tensor(boxes))
    assert pooled.tolist() == pooling.roi_align(IMAGES, (2, 2), **given_, boxes=boxes).tolist()
    assert not pooled.any()


def test_autocast_leaves_the_means_as_they_are() -> None:
    """They are computed in the dtype of the images."""
    layer = pooling.RoIAlign2d(2, sampling_ratio=2)
    x, boxes = torch.from_numpy(IMAGES).float(), torch.tensor([[0, 0.3, 0.2, 4.1, 5.2]])
    with torch.autocast("cpu", dtype=torch.bfloat16):
        pooled = layer(x, boxes)
    assert pooled.equal(layer(x, boxes))


@pytest.mark.parametrize(
    "layer", [pooling.RoIMaxPool2d(2), pooling.RoIAlign2d(2, sampling_ratio=2)]
)
def test_gradients_and_programs(layer: torch.nn.Module) -> None:
    """Autograd, the compiler's front end and an exported program agree with the module."""
    x = torch.from_numpy(IMAGES)
    boxes = torch.tensor([[0, 1, 1, 4, 5], [1, 0.5, 0, 3, 3]]).double()
    assert torch.autograd.gradcheck(lambda y: layer(y, boxes), (x.clone().requires_grad_(),))
    compiled = torch.compile(layer, fullgraph=True, backend="eager")
    program = torch.export.export(layer, (x, boxes)).module()
    for run in (compiled, program):
        assert torch.allclose(run(x, boxes), layer(x, boxes))
    assert layer(x.half(), boxes).dtype == torch.float16


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ([[0, 1, 1, 2]], "boxes must have the shape (regions, 5), got (1, 4)"),
        ([[2, 0, 0, 1, 1]], "boxes must name images 0 to 1, got 2"),
        ([[-1, 0, 0, 1, 1]], "boxes must name images 0 to 1, got -1"),
        ([[0.5, 0, 0, 1, 1]], "boxes must name images 0 to 1, got 0.5"),
        ([[0, math.nan, 0, 1, 1]], "boxes must be finite"),
    ],
)
def test_refusals(boxes: Any, message: str) -> None:
    """Boxes of another shape, and of an image that there is not."""
    for pool in (pooling.roi_max_pool, pooling.roi_align):
        with pytest.raises(ValueError) as caught:
            pool(IMAGES, (2, 2), boxes=boxes)
        assert str(caught.value) == message
    for layer in (pooling.RoIMaxPool2d(2), pooling.RoIAlign2d(2)):
        with pytest.raises(ValueError) as caught:
            layer(torch.from_numpy(IMAGES), torch.tensor(boxes).double())
        assert str(caught.value) == message


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda: costmodel.flops("roi_max_pool2d", (1, 3, 8, 8), 2, regions=(0, 0, 3, 3)),
            ValueError,
            "regions must be boxes (x1, y1, x2, y2), got 0",
        ),
        (
            lambda: costmodel.flops("roi_max_pool2d", (1, 3, 8, 8), 2, regions=[(0, 0, 3)]),
            ValueError,
            "regions must be boxes (x1, y1, x2, y2), got (0, 0, 3)",
        ),
        (
            lambda: costmodel.flops("roi_max_pool2d", (1, 3, 8, 8), 2, math.inf),
            ValueError,
            "spatial_scale must be positive and finite, got inf",
        ),
        (
            lambda: pooling.roi_align(IMAGES, (1, 1)),
            TypeError,
            "missing a required argument: 'boxes'",
        ),
        (
            lambda: pooling.RoIMaxPool2d(2)(torch.from_numpy(IMAGES), [[0, 0, 0, 1, 1]]),
            TypeError,
            "boxes must be a tensor, got [[0, 0, 0, 1, 1]] of type list",
        ),
        (
            lambda: pooling.RoIAlign2d(-1)(torch.from_numpy(IMAGES), torch.zeros(1, 5)),
            ValueError,
            "output_size must be at least 1, got -1",
        ),
    ],
)
def test_refusals_of_arguments(ask: Any, error: type[Exception], message: str) -> None:
    """Early, with the name of the argument and its value."""
    with pytest.raises(error) as caught:
        ask()
    assert str(caught.value) == message


def test_no_region_and_narrow_formats() -> None:
    """An empty list of regions costs nothing; formats of 8 bits are pooled like others."""
    assert costmodel.flops("roi_max_pool2d", (1, 3, 8, 8), 2, regions=[]) == 0
    x = torch.ones(1, 1, 4, 4).to(torch.float8_e4m3fn)
    assert pooling.RoIMaxPool2d(2)(x, torch.zeros(1, 5)).dtype == x.dtype
