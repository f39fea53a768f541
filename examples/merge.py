"""The two sides of a question that is often asked: why is max(a, b) not ReLU(b − a) + a?

python -m verify equivalent examples/merge.py:merge examples/merge.py:largest \
    --input 1 --input 1 --system float16 --between -1 1 --plot merge.png
"""

from __future__ import annotations

import torch
from torch import Tensor


def merge(a: Tensor, b: Tensor) -> Tensor:
    """Return the larger of two by one ReLU."""
    return torch.relu(b - a) + a


def largest(a: Tensor, b: Tensor) -> Tensor:
    """Return the larger of two."""
    return torch.maximum(a, b)
