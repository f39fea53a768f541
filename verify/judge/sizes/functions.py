"""Functions of torch that are met before operators are: where a size is still a symbol.

torch takes the size of a window as a plain number before any operator is seen, as in
``avg_pool2d(x, x.shape[2:])``, and looks at an axis itself in ``max_pool1d``. Whoever asks for a
tensor's memory, or goes on after torch has refused something, is found out here as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from verify.judge.sizes.integers import as_length
from verify.judge.sizes.lengths import Length, PeriodError, UnreadableError
from verify.judge.sizes.regular import checked
from verify.judge.sizes.rules import Strided
from verify.judge.sizes.steps import unfollowed, user_line
from verify.judge.sizes.whole import adaptive, growing_windows

#: Size and stride of windows, or why they are none that are read here.
_Windows = tuple[Any, Any] | None


def _averaged(
    x: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
    count_include_pad: bool = True, divisor_override: Any = None,
) -> _Windows:  # fmt: skip
    plain = not ceil_mode and divisor_override is None and not any(_entries(padding))
    return (kernel_size, stride) if plain else None


def _largest(
    input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> _Windows:  # fmt: skip
    apart = any(n != 1 for n in _entries(dilation))
    plain = not (ceil_mode or return_indices or apart or any(_entries(padding)))
    return (kernel_size, stride) if plain else None


def _entries(value: Any) -> list[Any]:
    return list(value) if isinstance(value, tuple | list) else [value]


#: Functions, over how many axes they pool, what they make, and how their arguments are read.
_POOLINGS: dict[Any, tuple[int, str, Callable[..., _Windows]]] = {
    torch.avg_pool1d: (1, "sum", _averaged),
    torch._C._nn.avg_pool2d: (2, "sum", _averaged),
    torch._C._nn.avg_pool3d: (3, "sum", _averaged),
    **dict.fromkeys((torch.max_pool1d, F.max_pool1d), (1, "max", _largest)),
    **dict.fromkeys((torch.max_pool2d, F.max_pool2d), (2, "max", _largest)),
    **dict.fromkeys((torch.max_pool3d, F.max_pool3d), (3, "max", _largest)),
}


#: What asks for a tensor's memory, whose size depends on sizes, or gives it another.
_MEMORY = {
    torch.Tensor.untyped_storage, torch.Tensor.storage, torch.Tensor.data_ptr,
    torch.Tensor._typed_storage, torch.Tensor.data.__set__,  # type: ignore[attr-defined]
}  # fmt: skip


#: Adaptive maxima, and over how many axes.
_ADAPTIVE_MAXIMA = {F.adaptive_max_pool2d: 2, F.adaptive_max_pool3d: 3}
#: Enlarging by the nearest, by how many axes there are.
_ENLARGING = {
    1: torch.ops.aten.upsample_nearest1d.default, 2: torch.ops.aten.upsample_nearest2d.default,
    3: torch.ops.aten.upsample_nearest3d.default,
}  # fmt: skip


class Functions(TorchFunctionMode):
    """Sees the functions of torch that one run calls."""

    def __init__(self, run: Any) -> None:
        super().__init__()
        self.run = run

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Execute a function, and say how what such a pooling makes grows."""
        try:
            return self._executed(func, args, kwargs or {})
        except UnreadableError as error:
            self.run.unread.append(str(error))
            raise
        except PeriodError:
            raise
        except Exception as error:
            self.run.refuse(error)
            raise

    def _executed(self, func: Any, args: Any, named: Any) -> Any:
        if func in _MEMORY and any(isinstance(a, torch.Tensor) for a in args):
            raise UnreadableError(f"a tensor's memory is asked for{user_line()}")
        known = _POOLINGS.get(func)
        if known is not None:
            with unfollowed():
                count, kind, read = known
                try:
                    windows = read(*args, **named)
                except TypeError:
                    windows = None
                sized = windows is not None and any(
                    isinstance(n, torch.SymInt) for value in windows for n in _entries(value)
                )
                if sized and windows is not None:
                    return self._pooled(func, count, kind, windows, args, named)
        if func in (torch.max_pool1d, F.max_pool1d):
            with unfollowed():
                return _along_one_axis(*args, **named)
        if func in _ADAPTIVE_MAXIMA:
            with unfollowed():
                return self._adaptive(func, _ADAPTIVE_MAXIMA[func], *args, **named)
        if func is F.interpolate:
            with unfollowed():
                found = _enlarged(*args, **named)
            if found is not None:
                return found
        return func(*args, **named)

    def _adaptive(
        self, func: Any, count: int, input: Any, output_size: Any, return_indices: bool = False
    ) -> Any:
        """Return an adaptive maximum to numbers that may be sizes, or ``None`` for as many."""
        given = _entries(output_size)
        shape = input.shape[-count:]
        given = given * (count // len(given))
        wanted = [size if n is None else n for n, size in zip(given, shape, strict=True)]
        if return_indices or not any(isinstance(n, torch.SymInt) for n in wanted):
            return func(input, output_size, return_indices)
        run = self.run
        real = func(run.plain(input), [run.plain(n) for n in wanted])
        state: Any
        try:
            state = run.state(input)
            for number, n in enumerate(wanted):
                place = len(state.axes) - count + number
                state = adaptive(run.sizes, state, place, as_length(n), "max", False)
            state = checked(state)
        except UnreadableError as error:
            state = f"{func.__name__}: {error}{user_line()}"
        return run.noted(func, real, state)

    def _pooled(self, func: Any, count: int, kind: str, windows: Any, args: Any, named: Any) -> Any:
        run = self.run
        real = func(*[_mapped(a, run.plain) for a in args], **_mapped(named, run.plain))
        x = args[0] if args else named["input"]
        state: Any
        try:
            state = _state(run, x, count, kind, windows)
        except UnreadableError as error:
            state = f"{func.__name__}: {error}{user_line()}"
        return run.noted(func, real, state)


def _enlarged(
    input: Any, size: Any = None, scale_factor: Any = None, mode: str = "nearest", *rest: Any,
    **named: Any,
) -> Any:  # fmt: skip
    """Return a picture enlarged so many times, or to sizes, ``None`` if it is done otherwise."""
    count = input.dim() - 2
    if mode != "nearest" or rest or any(named.values()) or count not in _ENLARGING:
        return None
    given = _entries(scale_factor if size is None else size)
    given = given * (count // len(given))
    if len(given) != count or any(n is None for n in given):
        return None
    if size is not None:
        return _ENLARGING[count](input, given)
    if any(n != int(n) or n < 1 for n in given):
        return None
    sizes = [n * int(k) for n, k in zip(input.shape[2:], given, strict=True)]
    return _ENLARGING[count](input, sizes, *[float(k) for k in given])


def _along_one_axis(
    input: Any, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1,
    ceil_mode: bool = False, return_indices: bool = False,
) -> Any:  # fmt: skip
    """Return a pooling along the last axis, as one of a picture of height 1."""
    if return_indices:
        raise UnreadableError(f"max_pool1d: places{user_line()}")
    step = kernel_size if stride in (None, [], ()) else stride
    kernel, step, around, apart = (
        (other, *_entries(value)) for other, value in zip(
            (1, 1, 0, 1), (kernel_size, step, padding, dilation), strict=True
        )
    )  # fmt: skip
    return F.max_pool2d(input.unsqueeze(-2), kernel, step, around, apart, ceil_mode).squeeze(-2)


def _state(run: Any, x: Any, count: int, kind: str, windows: Any) -> Any:
    """Return how the output of a pooling grows."""
    tensor = run.state(x)
    kernel = _lengths(windows[0], count)
    stride = kernel if windows[1] in (None, [], ()) else _lengths(windows[1], count)
    for number in range(count):
        place = len(tensor.axes) - count + number
        size, step = kernel[number], stride[number]
        if size.known is not None and step.known is not None:
            axis = Strided(size.known, step.known, (0, 0)).over(run.sizes, tensor.axes[place])
            tensor = tensor.with_axis(place, axis)
        else:
            mean = kind == "sum"
            tensor = growing_windows(run.sizes, tensor, place, size, step, kind, mean)
    return checked(tensor)


def _lengths(value: Any, count: int) -> list[Length]:
    entries = [as_length(n) for n in _entries(value)]
    return entries * (count // len(entries))


def _mapped(value: Any, change: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_mapped(entry, change) for entry in value]
    if isinstance(value, dict):
        return {key: _mapped(entry, change) for key, entry in value.items()}
    return change(value)
