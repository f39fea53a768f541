"""What the hardware counted, against the model of what the kernels execute."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import costmodel
from verify.profiler import ncu
from verify.profiler.checks import CHECKS, NCU, is_kernel, kernel_name
from verify.profiler.finding import (
    ERROR,
    SKIPPED,
    Finding,
    MissingError,
    NothingCountedError,
)
from verify.profiler.layers import LAYERS, Layer
from verify.profiler.measuring import judge, missing

CHECK = "instructions"


class Traffic(dict[str, Any]):
    """Bytes read and written by one kernel beside the compulsory ones, which it may exceed."""


def hardware_findings(
    device: str, layers: Sequence[Layer] = LAYERS, traffic: list[Traffic] | None = None
) -> Iterator[Finding]:
    """Yield the findings of hardware counts; on a CPU there is nothing to count.

    Args:
        device: ``"cpu"`` or ``"cuda"``.
        layers: What to run, as far as the model speaks of it.
        traffic: Where to note the bytes moved. They depend on caches, so nothing judges them.
    """
    if device not in CHECKS[CHECK].devices:
        return
    chosen = [layer for layer in layers if CHECKS[CHECK].about(layer)]
    try:
        reason = missing(device)
        if reason is not None:
            raise MissingError(reason)
        groups = ncu.measure(chosen)
    except MissingError as absent:
        yield Finding(CHECK, NCU, None, SKIPPED, reason=str(absent))
        return
    except NothingCountedError as silence:
        yield Finding(CHECK, NCU, None, ERROR, reason=str(silence))
        return
    for layer, launches in zip(chosen, groups, strict=True):
        yield judge(CHECK, NCU, layer, partial(_opcodes, launches=launches))
        if traffic is not None:
            traffic += _traffic(layer, launches)


def pooling_kernel(layer: Layer, launches: Sequence[ncu.KernelCounts]) -> ncu.KernelCounts:
    """Return the launch of the layer's own kernel.

    Raises:
        NothingCountedError: Not exactly one launch has the expected name.
    """
    name = kernel_name(layer) or ""
    found = [counts for counts in launches if is_kernel(name, counts.kernel)]
    if len(found) != 1:
        names = ", ".join(counts.kernel for counts in launches)
        raise NothingCountedError(f"{len(found)} launches of {name}; all: {names}")
    return found[0]


def _opcodes(
    check: str, tool: str, layer: Layer, launches: Sequence[ncu.KernelCounts]
) -> dict[str, int]:
    counts = pooling_kernel(layer, launches)
    for opcode, metric in ncu.BY_OPCODE.items():
        by_opcode = counts.opcodes.get(opcode, 0)
        if counts.metrics.get(metric, by_opcode) != by_opcode:
            raise NothingCountedError(
                f"two counters disagree on {opcode}: {metric} is {counts.metrics[metric]}, "
                f"by opcode it is {by_opcode}"
            )
    return dict(counts.opcodes)


def _traffic(layer: Layer, launches: Sequence[ncu.KernelCounts]) -> list[Traffic]:
    try:
        counts = pooling_kernel(layer, launches)
    except NothingCountedError:
        return []  # the finding says so already
    moved = {word: counts.metrics.get(metric) for word, metric in ncu.TRAFFIC.items()}
    if None in moved.values():
        return []
    arguments = dict(layer.arguments)
    if layer.family == "max_pool":
        arguments["return_indices"] = True  # the kernel writes them whether anyone asks or not
    compulsory = costmodel.bytes_moved(layer.operator, layer.shape, **arguments, dtype=layer.dtype)
    return [Traffic(layer=layer.name, compulsory=int(compulsory), **moved)]
