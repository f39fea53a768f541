"""What poolings of regions cost, against what their definitions do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import costmodel
import pooling

BOXES = [(1, 1, 4, 5), (0, 2, 3, 3)]
ROWS = [(0, *box) for box in BOXES]


def test_operations_are_those_that_are_counted(
    count_operations: Callable[..., Counter[str]],
) -> None:
    """Of regions inside the image, by kind of operation."""
    shape = (1, 2, 8, 8)

    def largest(x: Any, **arguments: Any) -> Any:
        return pooling.roi_max_pool(x, **arguments, boxes=ROWS)

    def aligned(x: Any, **arguments: Any) -> Any:
        return pooling.roi_align(x, **arguments, boxes=ROWS)

    chosen = costmodel.cost("roi_max_pool2d", shape, (2, 3), regions=BOXES)
    counted = count_operations(largest, shape, output_size=(2, 3))
    assert counted == {"comparisons": chosen.flops}
    mean = costmodel.cost("roi_align2d", shape, (2, 3), sampling_ratio=2, regions=2)
    counted = count_operations(aligned, shape, output_size=(2, 3), sampling_ratio=2)
    assert counted == +Counter({kind: getattr(mean, kind) for kind in counted})
    assert mean.flops == sum(counted.values())


@pytest.mark.parametrize(
    ("operator", "message"),
    [
        ("roi_max_pool2d", "regions must be the boxes"),
        ("roi_align2d", "sampling_ratio must be at least 1, got -1"),
    ],
)
def test_what_depends_on_the_regions_is_refused(operator: str, message: str) -> None:
    """Sizes that shapes do not say."""
    with pytest.raises(ValueError, match=message):
        costmodel.flops(operator, (1, 2, 8, 8), 2)
    with pytest.raises(ValueError, match="does not follow from the shape"):
        costmodel.bytes_moved("roi_align2d", (1, 2, 8, 8), 2, sampling_ratio=2)
