"""Copies of the bytes that a computation reads and writes: the limit of what moves them.

Apart from the benchmarks because it is itself a measuring device: it watches every operation of
torch that a computation calls, and copies what these read, as it lies in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class _Watched(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes the operands and the result of each operation that is no mere view."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.read: list[Tensor] = []
        self.moved = 0

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        """Perform an operation, and note what it reads and writes."""
        result = function(*args, **(kwargs or {}))
        if not function.is_view:
            read = [x for x in tree_leaves((args, kwargs)) if isinstance(x, Tensor)]
            self.read += read
            written = [x for x in tree_leaves(result) if isinstance(x, Tensor)]
            self.moved += sum(x.numel() * x.element_size() for x in (*read, *written))
        return result


def copies(compute: Callable[[Tensor], Any], x: Tensor) -> tuple[Callable[[], None], float]:
    """Return what copies every operand of ``compute(x)``, and how often that makes its bytes.

    A copy reads and writes; so the bytes that ``compute`` reads and writes are those of so many
    calls of what is returned, most often less than one.

    >>> copy, often = copies(lambda x: x + x.mT, torch.ones(2, 3).mT @ torch.ones(2, 3))
    >>> copy(), often
    (None, 0.75)
    """
    with _Watched() as watched:
        compute(x)
    pairs = [(torch.empty(operand.shape, dtype=operand.dtype), operand) for operand in watched.read]

    def copy() -> None:
        for place, operand in pairs:
            place.copy_(operand)

    copied = sum(2 * operand.numel() * operand.element_size() for operand in watched.read)
    return copy, watched.moved / copied
