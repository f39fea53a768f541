"""What the hardware counted, against the model of what the kernels execute."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

import costmodel
from verify.measure import ncu
from verify.measure.checks import CHECKS, NCU, is_kernel, kernel_name
from verify.measure.finding import ERROR, SKIPPED, Finding, MissingError, NothingCountedError
from verify.measure.layers import LAYERS, Layer
from verify.measure.measuring import judge, missing
from verify.measure.notes import KernelSeen, Notes, Traffic

CHECK = "instructions"

#: What is counted first, in a run of its own: one layer for each kernel that is modelled.
FIRST = (
    "ResNet stem",
    "padding and overhang",
    "maximum in float64",
    "maximum in float16",
    "maximum in bfloat16",
    "maximum along three axes",
    "DenseNet transition",
    "mean with overhang",
    "mean in float64",
    "mean in float16",
    "adaptive, tiled",
    "ragged maximum",
)


def hardware_findings(
    device: str,
    layers: Sequence[Layer] = LAYERS,
    notes: Notes | None = None,
    seconds: float = ncu.SECONDS,
) -> Iterator[Finding]:
    """Yield the findings of hardware counts; on a CPU there is nothing to count.

    Args:
        device: ``"cpu"`` or ``"cuda"``.
        layers: What to run. Those that the model speaks of are judged.
        notes: Where to note every kernel, and the bytes moved, which depend on caches.
        seconds: How long it may take.
    """
    if device not in CHECKS[CHECK].devices:
        return
    notes = Notes() if notes is None else notes
    try:
        reason = missing(device)
        if reason is not None:
            raise MissingError(reason)
        output = ncu.run(layers, seconds)
        notes.ncu_output += output.everything
        groups = ncu.read(output, layers)
    except MissingError as absent:
        yield Finding(CHECK, NCU, None, SKIPPED, reason=str(absent))
        return
    except NothingCountedError as silence:
        yield Finding(CHECK, NCU, None, ERROR, reason=str(silence))
        return
    for layer, launches in zip(layers, groups, strict=True):
        notes.kernels += [_seen(layer, counts) for counts in launches]
        notes.traffic += _traffic(layer, launches)
    for layer, launches in zip(layers, groups, strict=True):
        if CHECKS[CHECK].about(layer):
            yield judge(CHECK, NCU, layer, partial(_opcodes, launches=launches))


def pooling_kernel(layer: Layer, launches: Sequence[ncu.KernelCounts]) -> ncu.KernelCounts:
    """Return the launch of the layer's own kernel.

    Raises:
        NothingCountedError: Not exactly one launch has the expected name.
    """
    name = kernel_name(layer) or "a kernel of a known name"
    found = [counts for counts in launches if is_kernel(name, counts.kernel)]
    if len(found) != 1:
        names = ", ".join(counts.kernel for counts in launches) or "none at all"
        raise NothingCountedError(f"{len(found)} launches of {name}; all: {names}")
    return found[0]


def _opcodes(
    check: str, tool: str, layer: Layer, launches: Sequence[ncu.KernelCounts]
) -> dict[str, int]:
    counts = pooling_kernel(layer, launches)
    return agreed(counts.opcodes, counts.metrics)


def agreed(opcodes: Mapping[str, int], metrics: Mapping[str, int]) -> dict[str, int]:
    """Return the counts by opcode, if the other counters of some of them say the same.

    Raises:
        NothingCountedError: They do not.
    """
    for opcode, metric in ncu.BY_OPCODE.items():
        by_opcode = opcodes.get(opcode, 0)
        if metrics.get(metric, by_opcode) != by_opcode:
            raise NothingCountedError(
                f"two counters disagree on {opcode}: {metric} is {metrics[metric]}, "
                f"by opcode it is {by_opcode}"
            )
    return dict(opcodes)


def _seen(layer: Layer, counts: ncu.KernelCounts) -> KernelSeen:
    reason = ""
    try:
        opcodes, metrics = counts.opcodes, counts.metrics
    except (MissingError, NothingCountedError) as unread:
        opcodes, metrics, reason = {}, {}, str(unread)
    where = (layer.name, NCU, counts.kernel, counts.grid, counts.block)
    return KernelSeen(*where, opcodes, metrics, reason)


def _traffic(layer: Layer, launches: Sequence[ncu.KernelCounts]) -> list[Traffic]:
    try:
        counts = pooling_kernel(layer, launches)
        moved = {word: counts.metrics.get(metric) for word, metric in ncu.TRAFFIC.items()}
    except NothingCountedError:
        return []  # what is judged or noted of the kernel says why
    if None in moved.values():
        return []
    arguments = dict(layer.arguments)
    if layer.family.endswith("max_pool"):
        arguments["return_indices"] = True  # the kernel writes them whether anyone asks or not
    compulsory = costmodel.bytes_moved(layer.operator, layer.shape, **arguments, dtype=layer.dtype)
    return [Traffic(layer=layer.name, compulsory=int(compulsory), **moved)]
