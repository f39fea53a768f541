"""Looking for an input on which two modules differ by running them, and making it small.

A run costs a millisecond and most wrong answers fail on a ramp or on negative numbers, so this
comes before any proof. It is also the replay of what a solver finds: whatever is shown as a
counterexample has failed here, on the real module.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import torch

from proofs.systems import NumberSystem
from verify.judge.references import NamedPooling
from verify.judge.tracing import NotJudgedError, copied, quiet

Runner = Callable[[torch.Tensor], torch.Tensor]

#: Over the reals modules run in float64, whose rounding and that of weights stay far below this
#: part of a value; a smaller difference is for exact arithmetic to find.
TOLERANCE = 1e-3
#: How long an input that fails is made smaller, in seconds.
SHRINKING = 3.0


@dataclass(frozen=True)
class Difference:
    """Where two outputs first differ."""

    index: tuple[int, ...]
    left: torch.Tensor
    right: torch.Tensor


@dataclass(frozen=True)
class Contest:
    """Two things to run on the same input, and when their outputs count as different."""

    left: Runner
    right: Runner
    system: NumberSystem
    dtype: torch.dtype

    def difference(self, x: torch.Tensor, tolerance: float = TOLERANCE) -> Difference | None:
        """Run both on ``x``; return where they first differ, ``None`` if they do not."""
        left, right = self.left(x), self.right(x)
        if self.system.name == "real":
            apart = ~torch.isclose(
                left.double(), right.double(), rtol=tolerance, atol=tolerance, equal_nan=True
            )
        else:
            apart = ~self.system.tensor_equal(left, right)
        if not bool(apart.any()):
            return None
        place = tuple(int(i) for i in apart.nonzero()[0])
        return Difference(place, left, right)


def module_runner(module: torch.nn.Module, dtype: torch.dtype, shape: tuple[int, ...]) -> Runner:
    """Return how to run a module; in ``dtype`` if it can be run so at all, else in its own.

    Its outputs are in the dtype that it computes in.
    """
    runs = copied(module)
    own = own_dtype(module)

    def run(x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad(), quiet():
            result = runs(x.to(computing).clone())
        if not isinstance(result, torch.Tensor):
            raise NotJudgedError(f"in {x.dtype} it returns a {type(result).__name__}, not a tensor")
        return result

    computing = dtype
    if dtype is torch.float64 and own is not torch.float64:
        runs = runs.double()
        try:
            run(torch.zeros(shape, dtype=dtype))
        except Exception:  # a constant in the code of the module is of another dtype
            runs, computing = copied(module), own
    return run


def own_dtype(module: torch.nn.Module) -> torch.dtype:
    """Return the dtype of a module's first floating-point weight, float32 if it has none."""
    tensors = (*module.parameters(), *module.buffers())
    return next((t.dtype for t in tensors if t.is_floating_point()), torch.float32)


def pooling_runner(pooling: NamedPooling, dtype: torch.dtype) -> Runner:
    """Return how to run a pooling by its definition, on NumPy's numbers."""

    def run(x: torch.Tensor) -> torch.Tensor:
        # NumPy has no bfloat16; extremes are the same numbers in float32.
        numbers = x.float() if x.dtype is torch.bfloat16 else x
        pooled = pooling.values(numbers.numpy())
        return torch.from_numpy(pooled).to(dtype)

    return run


def inputs(system: NumberSystem, shape: tuple[int, ...], dtype: torch.dtype) -> Iterator[Any]:
    """Yield telling inputs, the simple ones first: constants, ramps, mixed signs, extremes."""
    count = torch.Size(shape).numel()
    ramp = torch.arange(1, count + 1) % 100
    signs = 1 - 2 * (torch.arange(count) % 2)
    generator = torch.Generator().manual_seed(0)

    def small() -> torch.Tensor:
        return torch.randint(-4, 5, (count,), generator=generator)

    simple = [torch.zeros(count), torch.ones(count), -torch.ones(count), ramp, -ramp, ramp.flip(0)]
    simple += [ramp * signs, *(small() for _ in range(6))]
    whole = system.name.startswith("uint")
    for numbers in simple:
        yield (numbers.abs() if whole else numbers).to(dtype).reshape(shape)
    # One element that stands out, in the first places of the input.
    for place in range(min(count, 16)):
        for number in (1,) if whole else (1, -1):
            alone = torch.zeros(count, dtype=dtype)
            alone[place] = number
            yield alone.reshape(shape)
    if system.name != "real":
        values = system.tensor(list(system.simple_values()))
        for _ in range(24):
            chosen = torch.randint(len(values), (count,), generator=generator)
            yield values[chosen].reshape(shape)


def shrunk(x: torch.Tensor, fails: Callable[[torch.Tensor], bool]) -> torch.Tensor:
    """Return a small input that still fails: few elements that are not 0, small whole numbers.

    >>> x = torch.tensor([5.0, 3.0, -7.0, 2.0])
    >>> shrunk(x, lambda t: bool(t[2] < t[0] and t[0] > 0))
    tensor([1., 0., 0., 0.])
    """
    deadline = time.perf_counter() + SHRINKING
    flat = x.clone().flatten()

    def try_in_place(places: list[int], value: Any) -> bool:
        nonlocal flat
        if time.perf_counter() > deadline:
            return False
        changed = flat.clone()
        changed[places] = value
        if not fails(changed.reshape(x.shape)):
            return False
        flat = changed
        return True

    size = len(flat)
    while size:
        present = [i for i, v in enumerate(flat.tolist()) if v != 0]
        # From the end, so that what is left stands at the beginning, where people look.
        for start in reversed(range(0, len(present), size)):
            try_in_place(present[start : start + size], 0)
        size = min(size, len(present)) // 2
    for place in (i for i, v in enumerate(flat.tolist()) if v != 0):
        number = flat[place].item()
        for simpler in (1, -1, 2, -2, 3, -3, 4, -4):
            if simpler == number or try_in_place([place], simpler):
                break
    return flat.reshape(x.shape)


def from_model(
    model: dict[str, Any], shape: tuple[int, ...], dtype: torch.dtype, names: dict[str, Any]
) -> torch.Tensor:
    """Return the input that a solver's model names; what it leaves open is 0."""
    x = torch.zeros(shape, dtype=dtype)
    for name, number in model.items():
        x[names[name]] = float(number) if isinstance(number, Fraction) else number
    return x
