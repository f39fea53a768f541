"""Hypothesis strategies for elements, tensors and pooling windows, for anybody's tests.

Values that break things (zeros of both signs, infinities, NaN, subnormals, both ends of a range)
are drawn as often as ordinary ones, and columns are correlated, because the rewrites of this
project fail where two inputs are close.

>>> from verify.strategies import tensors, windows
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from proofs.systems import SYSTEMS
from proofs.systems.number_system import NumberSystem

if TYPE_CHECKING:
    import torch


def elements(system: NumberSystem | str) -> st.SearchStrategy[Any]:
    """Return elements of a number system: its telling values, and any value at all."""
    if isinstance(system, str):
        system = SYSTEMS[system]
    return system.drawn()


def rows(
    one: st.SearchStrategy[Any],
    columns: int,
    min_size: int = 1,
    max_size: int = 12,
    sequences: Collection[int] = (),
) -> st.SearchStrategy[list[tuple[Any, ...]]]:
    """Return lists of tuples drawn from ``one``, some of them with equal entries.

    The columns whose numbers are among ``sequences`` hold tuples of up to three such entries.
    """
    several = st.lists(one, max_size=3).map(tuple)
    row = st.tuples(*[several if i in sequences else one for i in range(columns)])
    if columns > 1:
        row |= one.map(lambda x: tuple((x,) if i in sequences else x for i in range(columns)))
    return st.lists(row, min_size=min_size, max_size=max_size)


def tensors(
    dtype: str = "float32", shape: Sequence[int] | st.SearchStrategy[Sequence[int]] = (4,)
) -> st.SearchStrategy[torch.Tensor]:
    """Return tensors of a torch dtype, NaN, infinities, zeros and extremes included.

    ``shape`` is a shape or a strategy for one.
    """
    system = SYSTEMS[dtype]
    if system.dtype is None:
        raise ValueError(f"dtype {dtype!r} is no torch dtype; use float32, int8, …")
    shapes = shape if isinstance(shape, st.SearchStrategy) else st.just(tuple(shape))

    def fill(of: Sequence[int]) -> st.SearchStrategy[torch.Tensor]:
        count = math.prod(of)
        drawn = st.lists(elements(system), min_size=count, max_size=count)
        return drawn.map(lambda values: system.tensor(values).reshape(tuple(of)))

    return shapes.flatmap(fill)


@st.composite
def windows(
    draw: st.DrawFn,
    dimensions: int = 2,
    max_size: int = 12,
    max_kernel_size: int = 5,
    dilations: bool = False,
) -> dict[str, Any]:
    """Return sizes and arguments of a pooling that torch accepts.

    Keys: ``size`` (spatial sizes), ``kernel_size``, ``stride``, ``padding``, ``ceil_mode`` and, if
    ``dilations``, ``dilation``; all but ``ceil_mode`` are tuples of length ``dimensions``.
    """
    kernel_size = tuple(draw(st.integers(1, max_kernel_size)) for _ in range(dimensions))
    padding = tuple(draw(st.integers(0, k // 2)) for k in kernel_size)
    dilation = tuple(draw(st.integers(1, 3 if dilations else 1)) for _ in range(dimensions))
    least = [
        max(1, d * (k - 1) + 1 - 2 * p)
        for k, p, d in zip(kernel_size, padding, dilation, strict=True)
    ]
    arguments: dict[str, Any] = {
        "size": tuple(draw(st.integers(low, max(low, max_size))) for low in least),
        "kernel_size": kernel_size,
        "stride": tuple(draw(st.integers(1, max_kernel_size + 1)) for _ in range(dimensions)),
        "padding": padding,
        "ceil_mode": draw(st.booleans()),
    }
    return {**arguments, "dilation": dilation} if dilations else arguments
