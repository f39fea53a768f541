"""How the error goes around the worst input that was found: what a picture of it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from verify.judge.tolerance.within import Around, Worst

if TYPE_CHECKING:
    from verify.judge.side import Side
    from verify.judge.tolerance.asked import Asked

#: So many inputs are run.
POINTS = 4096
#: So many elements are looked at for the two that are moved.
MOST_ELEMENTS = 64


def around(module: Side, reference: Side, asked: Asked, worst: Worst, seed: int = 0) -> Around:
    """Run both on inputs that differ from the worst one in one or two elements.

    The reference is run in float64, or with ``executed`` in the dtype of the module.
    """
    start = torch.cat([x.reshape(-1) for x in (worst.input, *worst.others)])
    exact = reference if asked.executed else reference.doubled()

    def error(x: torch.Tensor) -> float:
        other: Any = exact.run(x if asked.executed else x.double())[worst.index]
        return abs(float(module.run(x)[worst.index]) - float(other))

    elements = _moving(module, asked, start, worst.index)
    low, high = (end.double() for end in asked.limits)
    generator = torch.Generator().manual_seed(seed)
    count = POINTS if elements else 0
    drawn = torch.rand(len(elements), count, generator=generator, dtype=torch.float64)
    errors, rows = [], []
    for column in range(count):
        x = start.clone()
        for row, element in enumerate(elements):
            x[element] = low[element] + (high[element] - low[element]) * drawn[row, column]
        rows.append([float(x[element]) for element in elements])
        errors.append(error(x))
    values = tuple(zip(*rows, strict=True))
    return Around(tuple(elements), values, tuple(errors), tuple(float(start[e]) for e in elements))


def _moving(
    module: Side, asked: Asked, start: torch.Tensor, index: tuple[int, ...]
) -> list[int]:  # fmt: skip
    """Return the first two elements on which the output depends there."""
    low, high = asked.limits
    found: list[int] = []
    before = float(module.run(start)[index])
    for element in range(min(len(start), MOST_ELEMENTS)):
        for end in (low, high):
            x = start.clone()
            x[element] = end[element]
            if float(module.run(x)[index]) != before:
                found.append(element)
                break
        if len(found) == 2:
            break
    return found
