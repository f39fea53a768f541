"""How long poolings take, beside the largest copy that the device is made to do in the same run.

Times say nothing about whether the cost model is right, so nothing here is judged. A pooling that
moves its compulsory bytes as fast as a copy moves its own is as fast as the memory allows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from statistics import median
from typing import TYPE_CHECKING, Any

import costmodel
from verify.profiler.layers import Layer
from verify.profiler.measuring import rebuilt

if TYPE_CHECKING:
    from torch import Tensor

#: Batches for which one input is several times the cache; on a CPU a single image is enough.
_BATCH = {"cpu": 1, "cuda": 64}
#: Bytes of the tensor that is copied.
_COPY = {"cpu": 2**26, "cuda": 2**32}
_ROUNDS = {"cpu": 11, "cuda": 51}
#: Inputs to take turns with, so that none is found in the cache.
_INPUTS = 4


@dataclass(frozen=True)
class Timing:
    """The time of one variant of a layer.

    Attributes:
        layer: The layer's name.
        shape: The input shape that was timed.
        variant: ``"native"``, ``"rebuilt"`` or ``"rebuilt, compiled"``; ``"copy"`` for the copy.
        seconds: The median; ``None`` if it could not be run.
        bandwidth: Compulsory bytes per second.
        share: That bandwidth by the one of the copy.
        native: How many times the time of the native pooling.
        reason: Why there is no time.
    """

    layer: str
    shape: tuple[int, ...]
    variant: str
    seconds: float | None = None
    bandwidth: float | None = None
    share: float | None = None
    native: float | None = None
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the timing as what ``json.dumps`` takes."""
        return asdict(self) | {"shape": list(self.shape)}


#: What is timed: a maximum and two averages.
LAYERS = (
    Layer("ResNet stem", "max_pool2d", (1, 64, 112, 112), dict(kernel_size=3, stride=2, padding=1)),
    Layer(
        "Inception-v3 branch",
        "avg_pool2d",
        (1, 192, 35, 35),
        dict(kernel_size=3, stride=1, padding=1),
    ),
    Layer("ResNet-50 global", "adaptive_avg_pool2d", (1, 2048, 7, 7), {"output_size": 1}),
)


def timings(device: str, layers: Sequence[Layer] = LAYERS) -> Iterator[Timing]:
    """Yield the copy, then every layer: native, rebuilt, and rebuilt and compiled."""
    import torch

    allow_tf32 = torch.backends.cudnn.allow_tf32
    # Rebuilt averages are only as exact as promised without it, so they are timed without it.
    torch.backends.cudnn.allow_tf32 = False
    try:
        with torch.no_grad():
            copy = _copy(device)
            yield copy
            for layer in layers:
                yield from _variants(layer, device, copy)
    finally:
        torch.backends.cudnn.allow_tf32 = allow_tf32


def _copy(device: str) -> Timing:
    import torch

    size = _COPY[device]
    source = torch.ones(size // 4, device=device)
    target = torch.empty_like(source)
    seconds = clock([lambda: target.copy_(source)], device)
    return Timing("copy", (size // 4,), "copy", seconds, 2 * size / seconds, 1.0)


def _variants(layer: Layer, device: str, copy: Timing) -> Iterator[Timing]:
    import torch

    shape = (_BATCH[device] * layer.shape[0], *layer.shape[1:])
    batch = Layer(layer.name, layer.operator, shape, layer.arguments)
    inputs = [batch.input(device) for _ in range(_INPUTS)]
    moved = int(costmodel.bytes_moved(batch.operator, shape, **batch.arguments))
    check = (
        "maximum by skips, separable" if layer.family == "max_pool" else "average by convolution"
    )
    module = rebuilt(check, batch).to(device)
    variants: dict[str, Callable[[Tensor], Any]] = {
        "native": batch.native,
        "rebuilt": module,
        "rebuilt, compiled": torch.compile(module),
    }
    native = 0.0
    for variant, pool in variants.items():
        try:
            seconds = clock([_call(pool, x) for x in inputs], device)
        except Exception as accident:
            # torch.compile needs a compiler, and raises whatever that one raises.
            words = " ".join(f"{type(accident).__name__}: {accident}".split())
            yield Timing(layer.name, shape, variant, reason=words[:200])
            continue
        native = native or seconds
        bandwidth = moved / seconds
        share = bandwidth / (copy.bandwidth or bandwidth)
        yield Timing(layer.name, shape, variant, seconds, bandwidth, share, seconds / native)


def _call(pool: Callable[[Tensor], Any], x: Tensor) -> Callable[[], Any]:
    return lambda: pool(x)


def clock(works: Sequence[Callable[[], Any]], device: str) -> float:
    """Return the median seconds of a round, each of which takes the next of ``works``."""
    for work in works:
        work()
    turns = cycle(works)
    timed = _on_device if device == "cuda" else _on_host
    return median(timed(next(turns)) for _ in range(_ROUNDS[device]))


def _on_host(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _on_device(work: Callable[[], Any]) -> float:
    import torch

    event: Any = torch.cuda.Event
    start, end = event(enable_timing=True), event(enable_timing=True)
    start.record()
    work()
    end.record()
    torch.cuda.synchronize()
    return float(start.elapsed_time(end)) / 1000
