"""Telling inputs, and making small the one on which two modules differ.

They are ordinary, tiny, huge and extreme, with ties, with zeros of both signs, and in a float
system with NaN and infinities: on each of them a module is run and held against its own terms.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import torch

from proofs.systems import NumberSystem

#: How long an input that fails is made smaller, in seconds.
SHRINKING = 2.0
#: Inputs of more elements are attacked by fewer inputs.
LARGE = 1 << 16


def inputs(system: NumberSystem, count: int, dtype: torch.dtype) -> Iterator[torch.Tensor]:
    """Yield telling inputs as flat tensors, the simple ones first; not many of large ones."""
    generator = torch.Generator().manual_seed(0)

    def small() -> torch.Tensor:
        return torch.randint(-4, 5, (count,), generator=generator)

    ramp = torch.arange(1, count + 1) % 100
    signs = 1 - 2 * (torch.arange(count) % 2)
    large = count > LARGE
    simple = [ramp, small()]
    if not large:
        ones = torch.ones(count)
        simple = [ramp, -ramp, simple[1], torch.zeros(count), ones, -ones, ramp.flip(0)]
        simple += [ramp * signs]
        simple += [small() for _ in range(5)]
        simple += [torch.randint(0, 2, (count,), generator=generator) for _ in range(2)]
    whole = system.name.startswith("uint")
    for numbers in simple:
        yield (numbers.abs() if whole else numbers).to(dtype)
    if dtype.is_floating_point:
        info = torch.finfo(dtype)
        yield (small() / 2).to(dtype)  # what rounds to an even number, or up
        normal = torch.randn(count, generator=generator)
        yield normal.to(dtype)
        for magnitude in (1e3, 1e-30, 1e30, info.max / 4, 1 / info.max)[: 4 if large else 5]:
            scale = min(max(magnitude, info.tiny), info.max / 8)
            made = (normal.double() * scale).clamp(-info.max / 2, info.max / 2)
            yield made.to(dtype)
        yield from extremes(dtype, count)
        # Ordinary numbers, and one that is not.
        spiked = small().to(dtype)
        spiked[count // 2] = min(1e6, info.max / 8)
        yield spiked
        if not large:
            yield (torch.zeros(count) * signs).to(dtype)
            for magnitude in (1e2, 1e4, 1e5, 1e8, 1e15):
                scale = min(magnitude, info.max / 16)
                yield (torch.rand(count, generator=generator).double() * scale).to(dtype)
                yield (-torch.rand(count, generator=generator).double() * scale).to(dtype)
    # One element that stands out, in the first places of the input.
    for place in range(0 if large else min(count, 16)):
        for number in (1,) if whole else (1, -1):
            alone = torch.zeros(count, dtype=dtype)
            alone[place] = number
            yield alone
    if system.name != "real":
        values = system.tensor(list(system.simple_values()))
        for _ in range(4 if large else 24):
            chosen = torch.randint(len(values), (count,), generator=generator)
            yield values[chosen]


def extremes(dtype: torch.dtype, count: int) -> Iterator[torch.Tensor]:
    """Yield inputs of the largest numbers of a dtype, and of numbers up to them.

    All are of one sign, so that no difference of two overflows.

    >>> [x.tolist() for x in extremes(torch.float16, 2)][:2]
    [[65504.0, 65472.0], [-65504.0, -65472.0]]
    """
    info = torch.finfo(dtype)
    generator = torch.Generator().manual_seed(3)
    largest = 1 - (torch.arange(count) % 16) * (info.eps / 2)
    every = [largest] if count > LARGE else [largest, torch.rand(count, generator=generator)]
    for part in every:
        for sign in (1, -1):
            yield (part.double() * sign * info.max).to(dtype)


def shrunk(
    x: torch.Tensor, fails: Callable[[torch.Tensor], bool], places: list[int] | None = None
) -> torch.Tensor:
    """Return a small input that still fails: few elements that are not 0, small whole numbers.

    Args:
        x: A flat input that fails.
        fails: Whether an input does.
        places: The only elements that can matter, if that is known.

    >>> x = torch.tensor([5.0, 3.0, -7.0, 2.0])
    >>> shrunk(x, lambda t: bool(t[2] < t[0] and t[0] > 0))
    tensor([1., 0., 0., 0.])
    """
    deadline = time.perf_counter() + SHRINKING
    flat = x.clone()

    def late() -> bool:
        return time.perf_counter() > deadline

    def try_in_place(places: Any, value: Any) -> bool:
        nonlocal flat
        if late():
            return False
        changed = flat.clone()
        changed[places] = value
        if not fails(changed):
            return False
        flat = changed
        return True

    if places is not None:
        others = torch.ones(len(flat), dtype=torch.bool)
        others[places] = False
        if not try_in_place(others, 0):
            return flat
    size = int((flat != 0).sum())
    while size:
        present = (flat != 0).nonzero().flatten().tolist()
        # From the end, so that what is left stands at the beginning, where people look.
        for start in reversed(range(0, len(present), size)):
            if late():
                return flat
            try_in_place(present[start : start + size], 0)
        size = min(size, len(present)) // 2
    for place in (flat != 0).nonzero().flatten().tolist():
        if late():
            break
        number = flat[place].item()
        if number != number or math.isinf(number):
            continue
        for simpler in (1, -1, 2, -2, 3, -3, 4, -4):
            if simpler == number or try_in_place([place], simpler):
                break
    return flat
