"""How long poolings take, beside the largest copy that the device is made to do in the same run.

Times say nothing about whether the cost model is right, so nothing here is judged. A pooling that
moves its compulsory bytes as fast as a copy moves its own is as fast as the memory allows.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle
from math import prod
from statistics import median
from typing import TYPE_CHECKING, Any

import costmodel
from verify.cores import single_thread
from verify.measure.layers import Layer
from verify.measure.measuring import in_words, rebuilt
from verify.measure.notes import Timing

if TYPE_CHECKING:
    from torch import Tensor

#: Bytes of an input at the least: on a GPU several times its cache, on a CPU a single image.
_INPUT = {"cpu": 1, "cuda": 2**28}
#: Bytes of the tensor that is copied.
_COPY = {"cpu": 2**26, "cuda": 2**32}
_ROUNDS = {"cpu": 11, "cuda": 51}
#: Inputs to take turns with, so that none is found in the cache.
_INPUTS = 4

#: What a sweep over pairs of numbers is called, in place of a layer.
PAIRS = "pairs of float16"
#: Rows of the square of all pairs that are swept: on a CPU all of them would take minutes.
_ROWS = {"cpu": 64, "cuda": 2**16}


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
    """Yield the copy, then every layer: native, rebuilt, and rebuilt and compiled; then the sweep.

    On a CPU one thread does all of it. What cannot be run has a reason in place of a time, and
    hides nothing else.
    """
    import torch

    allow_tf32 = torch.backends.cudnn.allow_tf32
    # Rebuilt averages are only as exact as promised without it, so they are timed without it.
    torch.backends.cudnn.allow_tf32 = False
    # Several threads would wait for whichever the machine takes a core from.
    threads = single_thread() if device == "cpu" else contextlib.nullcontext()
    try:
        with threads, torch.no_grad():
            copy = _copy(device)
            yield copy
            for layer in layers:
                yield from _variants(layer, device, copy)
            yield _swept(device)
    finally:
        torch.backends.cudnn.allow_tf32 = allow_tf32


def _copy(device: str) -> Timing:
    import torch

    size = _COPY[device]
    if device == "cuda":
        size = min(size, torch.cuda.mem_get_info()[0] // 8)
    shape = (size // 4,)
    try:
        source = torch.ones(shape, device=device)
        target = torch.empty_like(source)
        seconds = clock([lambda: target.copy_(source)], device)
    except Exception as accident:
        return Timing("copy", shape, "copy", reason=in_words(accident))
    return Timing("copy", shape, "copy", seconds, 2 * 4 * shape[0] / seconds, 1.0)


def _variants(layer: Layer, device: str, copy: Timing) -> Iterator[Timing]:
    import torch

    batch = _batch(layer, device)
    moved = int(costmodel.bytes_moved(batch.operator, batch.shape, **batch.arguments))
    check = (
        "maximum by skips, separable" if layer.family == "max_pool" else "average by convolution"
    )
    variants: dict[str, Callable[[], Callable[[Tensor], Any]]] = {
        "native": lambda: batch.native,
        "rebuilt": lambda: rebuilt(check, batch).to(device),
        "rebuilt, compiled": lambda: torch.compile(rebuilt(check, batch).to(device)),
    }
    inputs: list[Tensor] = []
    native: float | None = None
    for variant, make in variants.items():
        try:
            pool = make()
            inputs = inputs or [batch.input(device) for _ in range(_INPUTS)]
            seconds = clock([_call(pool, x) for x in inputs], device)
        except Exception as accident:
            # torch.compile needs a compiler, and raises whatever that one raises.
            yield Timing(layer.name, batch.shape, variant, reason=in_words(accident))
            continue
        if variant == "native":
            native = seconds
        bandwidth = moved / seconds
        share = bandwidth / copy.bandwidth if copy.bandwidth else None
        times = seconds / native if native else None
        yield Timing(layer.name, batch.shape, variant, seconds, bandwidth, share, times)


def _batch(layer: Layer, device: str) -> Layer:
    """Return the layer on as many images as one input needs."""
    image = 4 * prod(layer.shape)
    shape = (-(-_INPUT[device] // image) * layer.shape[0], *layer.shape[1:])
    return Layer(layer.name, layer.operator, shape, layer.arguments)


def _swept(device: str) -> Timing:
    """Return the time of comparing ReLU(a − b) + b with max(a, b) at pairs of float16, once."""
    rows = _ROWS[device]
    try:
        from proofs.max_by_relu.forms._forms import a, b, by_difference
        from verify.sweeps.blocks import InTorch, rows_in_torch
        from verify.sweeps.elements import elements
        from verify.sweeps.sweep import Block, sweep

        columns = len(elements("float16"))
        work = InTorch(by_difference(a, b), a.maximum(b), "float16", device)
        blocks = Block((0, rows), (0, columns)).cut(rows_in_torch(device, columns))
        work(max(blocks, key=lambda block: block.pairs))  # takes the memory, sets up the kernels
        start = time.perf_counter()
        found = sweep(work, blocks, workers=1)
        seconds = time.perf_counter() - start
    except Exception as accident:
        # It needs NumPy, and the more memory the larger its blocks are.
        return Timing(PAIRS, (rows, 2**16), "sweep", reason=in_words(accident))
    return Timing(PAIRS, (rows, columns), "sweep", seconds, pairs=found.pairs)


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
