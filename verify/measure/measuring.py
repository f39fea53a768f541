"""Measures what :mod:`verify.measure.checks` predicts, on a CPU or a GPU."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

from verify.measure.checks import (
    ADDITIONS,
    CHECKS,
    CONVOLUTIONS,
    COUNTER,
    NCU,
    PRODUCTS,
    PROFILER,
    prediction,
    tools_for,
)
from verify.measure.finding import (
    DIFFERS,
    EQUAL,
    ERROR,
    SKIPPED,
    Finding,
    MissingError,
    NothingCountedError,
)
from verify.measure.layers import LAYERS, Layer
from verify.measure.notes import KernelSeen
from verify.measure.reading import Kernel, counted, profiled

if TYPE_CHECKING:
    from torch import nn

#: Operators whose events show that the profiler saw a native pooling.
_POOLING = "pool"
_MEAN = "aten::mean"


def missing(device: str) -> str | None:
    """Return why nothing can be measured on ``device``, ``None`` if it can.

    >>> missing("cpu")
    """
    if device != "cuda":
        return None
    import torch

    if torch.cuda.is_available():
        return None
    build = torch.version.cuda
    return (
        "torch finds no CUDA device" if build else f"torch {torch.__version__} has no CUDA support"
    )


def torch_findings(device: str, layers: Iterable[Layer] = LAYERS) -> Iterator[Finding]:
    """Yield the findings of torch's own tools, layer by layer."""
    reason = missing(device)
    for name, check in CHECKS.items():
        tools = [tool for tool in check.tools if tool != NCU]
        if device not in check.devices or not tools:
            continue
        if reason is not None:
            yield from (Finding(name, tool, None, SKIPPED, reason=reason) for tool in tools)
            continue
        for layer in layers:
            if check.about(layer):
                for tool in tools_for(name, layer):
                    yield judge(name, tool, layer, partial(measure, device=device))


def judge(
    check: str, tool: str, layer: Layer, measured: Callable[[str, str, Layer], Any]
) -> Finding:
    """Compare a prediction with what ``measured`` returns; silence and accidents are errors."""
    predicted = prediction(check, tool, layer)
    try:
        count = measured(check, tool, layer)
    except MissingError as absent:
        return Finding(check, tool, layer, SKIPPED, predicted, reason=str(absent))
    except NothingCountedError as silence:
        return Finding(check, tool, layer, ERROR, predicted, reason=str(silence))
    except Exception as accident:
        # One layer that torch cannot run here must not hide what is found on the others.
        return Finding(check, tool, layer, ERROR, predicted, reason=in_words(accident))
    if CHECKS[check].agree(predicted, count):
        return Finding(check, tool, layer, EQUAL, predicted, count)
    return Finding(check, tool, layer, DIFFERS, predicted, count, _difference(check))


def in_words(accident: Exception) -> str:
    """Return what an exception says, in one line.

    >>> in_words(RuntimeError("no   luck"))
    'RuntimeError: no luck'
    """
    return " ".join(f"{type(accident).__name__}: {accident}".split())[:300]


def _difference(check: str) -> str:
    if check == "native, left alone":
        return "torch counts this pooling by itself now; compare its formula with the cost model's"
    return "the prediction is not what was counted"


def measure(check: str, tool: str, layer: Layer, device: str) -> Any:
    """Return what ``tool`` counts for ``check``.

    Raises:
        NothingCountedError: It did not see the work.
    """
    import torch

    x = layer.input(device)
    if check == "launch":
        return _launch(layer, x)
    if check.startswith("native"):
        return _native(check, tool, layer, x, device)
    module = rebuilt(check, layer).to(device)
    merged = "skips" in check
    x.requires_grad_(merged)

    def work() -> None:
        module(x)

    # The profiler counts no sum in place, and merges sum in place where no gradient is kept.
    with torch.set_grad_enabled(merged):
        if tool == COUNTER:
            count = counted(work, device)
            if not count:
                raise NothingCountedError("FlopCounterMode counts nothing for a convolution")
            return count
        operators = ADDITIONS if merged else CONVOLUTIONS | PRODUCTS
        return list(profiled(work).flops_of(operators))


def rebuilt(check: str, layer: Layer) -> nn.Module:
    """Return the layer rebuilt from convolutions, as ``check`` asks for it."""
    import pooling

    kind = "".join(part.title() for part in layer.family.split("_"))
    module: Callable[..., nn.Module] = getattr(pooling, f"{kind}{layer.dimensions}d")
    if check.startswith("average"):
        return module(**layer.arguments)
    scheme = check.rsplit(" ", 1)[-1]
    return module(**layer.arguments, scheme=scheme, skips="skips" in check)


def _native(check: str, tool: str, layer: Layer, x: Any, device: str) -> int:
    import costmodel

    if check == "native, left alone":
        if tool == COUNTER:
            return counted(lambda: layer.native(x), device)
        profile = profiled(lambda: layer.native(x))
        names = {name for name, _ in profile.events if _POOLING in name or name == _MEAN}
        profile.flops_of(names or {f"aten::{layer.operator}"})
        return sum(flops for _, flops in profile.events)
    backward = "backward" in check

    def work() -> None:
        pooled: Any = layer.native(x.requires_grad_(backward))
        if backward:
            pooled.sum().backward()

    count = counted(work, device, costmodel.torch_formulas())
    if not count:
        raise NothingCountedError("FlopCounterMode counts nothing, although it has our formulas")
    return count


def _launch(layer: Layer, x: Any) -> dict[str, Any]:
    """Return the launch of the native kernel.

    Raises:
        NothingCountedError: No launch came back, or none of a pooling.
    """
    kernels = _kernels(layer, x)
    found = [kernel for kernel in kernels if "pool" in kernel.name]
    if len(found) != 1:
        names = ", ".join(kernel.name for kernel in kernels) or "none at all"
        raise NothingCountedError(f"{len(found)} launches of a pooling came back; all: {names}")
    kernel = found[0]
    return {"kernel": kernel.name, "grid": list(kernel.grid), "block": list(kernel.block)}


def _kernels(layer: Layer, x: Any) -> tuple[Kernel, ...]:
    """Return every launch of the native pooling that torch's profiler sees."""
    layer.native(x)  # the first call may also set up what is needed later
    return profiled(lambda: layer.native(x), "cuda").kernels


def kernels_seen(device: str, layers: Iterable[Layer] = LAYERS) -> Iterator[KernelSeen]:
    """Yield every kernel that the native poolings launch, whether a model names it or not."""
    if device != "cuda" or missing(device) is not None:
        return
    for layer in layers:
        try:
            kernels = _kernels(layer, layer.input(device))
        except Exception as accident:
            yield KernelSeen(layer.name, PROFILER, reason=in_words(accident))
            continue
        for kernel in kernels:
            yield KernelSeen(layer.name, PROFILER, kernel.name, kernel.grid, kernel.block)
