"""Poolings by name at open sizes."""

from __future__ import annotations

import pytest

from verify.judge.references import named_pooling
from verify.judge.sizes.lengths import Length, Sizes
from verify.judge.sizes.named import UndefinedError, growing
from verify.judge.sizes.regular import Open, Regular

CALLS = (
    "max_pool1d(3, 2, 1)", "max_pool1d(4, 3, 2, 2)", "max_pool1d(3, 2, ceil_mode=True)",
    "max_pool1d(2, 3, 1, 4, ceil_mode=True)", "avg_pool1d(5, 3, 2)", "lp_pool1d(2, 3)",
    "avg_pool1d(3, 2, 1, ceil_mode=True, count_include_pad=False)", "min_pool1d(3, 1, 1)",
    "max_pool1d(3, 2, padding_convention='same')",
)  # fmt: skip


@pytest.mark.parametrize("written", CALLS)
def test_lengths_and_domain_are_the_poolings(written: str) -> None:
    """At every size there are as many windows as it says, and none where it refuses."""
    pooling = named_pooling(written)
    for size in range(1, 24):
        m, r = divmod(size - 1, 6)
        sizes = Sizes({"W": (6, r + 1)}, {"W": m})
        one = Regular(((Open("W", 0, sizes.size("W")),),))
        try:
            read = pooling.kind.read(1, (1, size), **pooling.arguments)
        except ValueError:
            with pytest.raises(UndefinedError):
                growing(pooling, one, sizes)
            continue
        (shape,) = growing(pooling, one, sizes).shape
        assert sizes.number(shape) == read.axes[0].outputs
        for other in range(8):
            if sizes.hold({"W": other}):
                further = pooling.kind.read(1, (1, 6 * other + r + 1), **pooling.arguments)
                assert shape.at({"W": other}) == further.axes[0].outputs
    assert Length.number(1).known == 1
