"""Both sides of a kind of window at some thousand inputs, before a solver is asked about all.

Most candidates for a condition are wrong, and an input shows it sooner than a solver finds one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy
import torch

from proofs.systems.floats import FloatFormat, floor_log2
from proofs.systems.integers import WrapAround
from verify.judge.symbols.classes import Pattern, restricted
from verify.judge.symbols.evaluation import system_values

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from verify.judge.conditions.given import Admitted

#: Inputs of each sort, and numbers that are held for all nodes at all of them, at most.
_EACH = 256
_MOST_VALUES = 1 << 21


class Tried:
    """What both sides make of the numbers of one format.

    Attributes:
        taps: The elements of every input, ``(elements, inputs)``, in the order of the kind's.
        right: The reference's values.
        wrong: Where the module's are others.
    """

    def __init__(
        self, kind: Pattern, system: FloatFormat | WrapAround, given: Admitted | None = None
    ) -> None:
        terms, ends, elements = restricted(kind)
        each = max(4, min(_EACH, _MOST_VALUES // (8 * max(1, terms.size))))
        columns = _inputs(len(elements), system, each)
        if given is not None:
            columns = torch.stack([given.moved(x) for x in columns.T], 1)
            columns = columns[:, [given.admits(x) for x in columns.T]]
        left, right = system_values(terms, columns, system, ends)
        self.taps: NDArray[Any] = columns.double().numpy()
        self.right: NDArray[Any] = right.double().numpy()
        self.wrong: NDArray[Any] = (~system.tensor_equal(left, right)).numpy()


def _inputs(count: int, system: FloatFormat | WrapAround, each: int) -> torch.Tensor:
    """Return finite inputs of a format: of all sizes and signs, near each other, equal, small."""
    random = numpy.random.default_rng(count)
    shape = (count, each)
    signs = random.choice([-1.0, 1.0], shape)
    some = random.integers(-3, 4, shape).astype(float)
    dtype = getattr(torch, str(system.dtype))
    if isinstance(system, WrapAround):
        info = torch.iinfo(dtype)
        sizes = 2.0 ** random.integers(1, info.bits, (1, each))
        wide = numpy.floor(sizes * (random.random(shape) - (0.5 if info.min else 0)))
        ends = numpy.where(signs > 0, info.max, info.min) - some
        drawn = [wide, some, ends, abs(wide), -abs(wide), numpy.repeat(wide[:1], count, 0)]
        made = numpy.clip(numpy.concatenate(drawn, 1), info.min, info.max)
        return torch.from_numpy(made.astype(numpy.int64)).to(dtype)
    greatest = floor_log2(system.greatest)
    exponents = random.integers(floor_log2(system.tiniest), greatest + 1, (1, each))
    near = exponents - random.integers(0, system.precision + 2, shape)
    sizes = numpy.exp2(numpy.maximum(near, floor_log2(system.tiniest)).astype(float))
    wide = sizes * (1 + random.random(shape)) / 2
    ones = random.random(shape) * numpy.exp2(
        -random.integers(0, system.precision, shape).astype(float)
    )
    close = numpy.exp2(exponents - 1.0) * (1 + some * 2.0 ** (1 - system.precision))
    largest = float(system.greatest) * (1 - random.integers(0, 3, shape) / 4)
    drawn = [
        wide * signs, wide, -wide, ones * signs, ones, some, some / 2, close, largest * signs,
        numpy.repeat(wide[:1] * signs[:1], count, 0), numpy.repeat(ones[:1] * signs[:1], count, 0),
    ]  # fmt: skip
    made = torch.from_numpy(numpy.concatenate(drawn, 1)).to(dtype)
    most = float(system.greatest)
    return made.nan_to_num(0.0, most, -most).clamp(-most, most)
