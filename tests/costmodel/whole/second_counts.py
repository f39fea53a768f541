"""Second opinions on a whole model: torch's own counter, and poolings counted tap by tap."""

from __future__ import annotations

from math import prod
from typing import Any

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from costmodel import ModelCost, OperatorCost


def said_by_torch(model: nn.Module, inputs: dict[str, Any], device: str = "cpu") -> int:
    """Return what FlopCounterMode counts; shapes become zeros on the device."""
    given = {
        name: torch.zeros(value, device=device) if isinstance(value, tuple) else value
        for name, value in inputs.items()
    }
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        model(**given)
    return int(counter.get_total_flops())


def counted_by_torch(cost: ModelCost) -> int:
    """Return our count of what torch has formulas for."""
    rows = [row for row in cost.rows if row.kind == "product" and row.operator != "_grouped_mm"]
    return sum(row.flops for row in rows)


def tap_by_tap(row: OperatorCost) -> int:
    """Return what a pooling takes, from its windows: each tap but the first, and a quotient."""
    outputs, taps = prod(row.output_shape), prod(row.input_shape)
    if row.kind == "pooling" and row.operator.startswith("adaptive"):
        axes = int(row.operator[-2])
        taps = prod(row.input_shape[:-axes])
        for size, cells in zip(row.input_shape[-axes:], row.output_shape[-axes:], strict=True):
            windows = (range(i * size // cells, -(-(i + 1) * size // cells)) for i in range(cells))
            taps *= sum(map(len, windows))
    elif row.kind == "pooling":
        args = row.arguments["args"]
        given: list[Any] = [*args, *(None, 0, 1, False)[len(args) - 1 :]]
        kernel, stride, padding, *rest = given
        ones = torch.ones(row.input_shape, dtype=torch.float64)
        ceil = bool(rest[1] if row.operator.startswith("max") else rest[0])
        sums = F.avg_pool2d(ones, kernel, stride, padding, ceil, divisor_override=1)
        taps = int(sums.sum())
    mean = "avg" in row.operator or row.operator == "mean"
    return taps - outputs + (outputs if mean else 0)
