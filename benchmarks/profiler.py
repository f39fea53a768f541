"""What torch's tools and the hardware count, beside what is predicted; and times under the roof.

    python -m benchmarks.profiler

writes the tables of ``docs/profiler.md``, which says how to read them, and the picture beside it,
``docs/profiler.svg``, from the records under ``benchmarks/recorded/`` that ``verify profiler``
made. It measures nothing. Predictions are made anew whenever the tables are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import costmodel
from verify.measure.checks import CHECKS, COUNTER, NCU, PROFILER, prediction
from verify.measure.layers import Layer
from verify.measure.record import KIND, check_record, deviations
from verify.measure.timing import PAIRS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "benchmarks" / "recorded"
PAGE = ROOT / "docs" / "profiler.md"
PLOT = ROOT / "docs" / "profiler.svg"
BEGIN, END = "<!-- profiler: begin -->\n", "<!-- profiler: end -->\n"

#: Layers of the tables: real ones, and one for each of some ways to differ.
SHOWN = (
    "ResNet stem",
    "VGG-16 pool5",
    "YOLOv5n SPPF",
    "padding and overhang",
    "maximum, channels last, wide",
    "maximum in float16",
    "maximum along three axes",
    "ragged maximum",
    "DenseNet transition",
    "Inception-v3 branch",
    "mean with overhang",
    "mean in float64",
    "VGG-16 on 320 x 320",
    "ResNet-50 global",
)
COMMAND = (
    "python -m verify profiler --device cuda --require cuda --timing "
    "--record benchmarks/recorded/NAME.json"
)
NOT_YET = (
    "No run on a GPU has been recorded yet, so what the hardware counts is missing below, and the "
    f"model of instructions is a prediction; `{COMMAND}` on a machine with one records it."
)
NOTHING = "–"

Record = dict[str, Any]

#: Variant → how its marks look. The colours are of Okabe and Ito, "Color Universal Design", 2008.
_MARKS: dict[str, dict[str, Any]] = {
    "native": {"color": "#000000", "marker": "o"},
    "rebuilt": {"color": "#E69F00", "marker": "^"},
    "rebuilt, compiled": {"color": "#56B4E9", "marker": "s"},
}


def main() -> None:
    """Write the page and the picture."""
    found = records()
    PAGE.write_text(with_tables(PAGE.read_text("utf-8"), found), "utf-8")
    plot(found, PLOT)
    print(f"{PAGE.relative_to(ROOT)} and {PLOT.relative_to(ROOT)} are written")


def records(folder: Path = RECORDED) -> list[Record]:
    """Return the records of a folder, those of CPUs first.

    Raises:
        ValueError: One of them is not whole.
    """
    contents = [json.loads(file.read_text("utf-8")) for file in sorted(folder.glob("*.json"))]
    found = [content for content in contents if content.get("kind") == KIND]
    for record in found:
        check_record(record)
    return sorted(found, key=_on_a_gpu)


def with_tables(page: str, found: Sequence[Record]) -> str:
    """Return ``page`` with what stands between its marks replaced by the tables of today."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + tables(found) + END + rest.split(END)[1]


def tables(found: Sequence[Record]) -> str:
    """Return the generated part of the page."""
    recorded = any(map(_on_a_gpu, found))
    parts = [] if recorded else [NOT_YET]
    for record in found:
        parts += section(record, instructions=_on_a_gpu(record) or not recorded)
    return "\n\n".join(parts) + "\n"


def section(record: Record, instructions: bool) -> Iterator[str]:
    """Yield the parts of the page that one record makes; ``instructions`` asks for their rows."""
    yield f"## {_device(record)}"
    versions = ", ".join(f"{name} {version}" for name, version in record["versions"].items())
    yield f"Recorded on {record['date']} with {versions} by\n\n```console\n{record['command']}\n```"
    wrong = list(deviations(record))
    counts = f"{len(record['counts']):,} counts of {len(record['layers'])} layers"
    if wrong:
        yield f"{counts}: {len(wrong)} not as predicted:"
        yield "\n".join(f"- {sentence}" for sentence in wrong)
    else:
        yield f"{counts}: each is the predicted one."
    if record["skipped"]:
        yield "\n".join(
            f"- SKIPPED: {skip['check']} by {skip['tool']}, since {skip['reason']}"
            for skip in record["skipped"]
        )
    yield "### Counts"
    head = ["layer", "pooling", "predicted", PROFILER, COUNTER, "hardware"]
    yield _table(
        head, [row for layer in _shown(record) for row in _rows(record, layer, instructions)]
    )
    if record["kernels"]:
        yield "### Kernels without a model"
        yield _table(["layer", "kernel", "arithmetic instructions"], list(_unknown(record)))
    if record["traffic"]:
        yield "### Bytes moved"
        yield _table(["layer", "compulsory", "read", "written", "ratio"], list(_bytes(record)))
    if record["timings"]:
        yield "### Times"
        head = ["layer", "input", "pooling", "µs", "GB/s", "% of copy", "× native"]
        yield _table(head, list(_times(record)))
        yield from _swept(record)


def _shown(record: Record) -> list[Layer]:
    layers = {entries["name"]: Layer.from_dict(entries) for entries in record["layers"]}
    return [layers[name] for name in SHOWN if name in layers]


def _rows(record: Record, layer: Layer, instructions: bool) -> Iterator[list[str]]:
    """Yield the rows of a layer: rebuilt, native, and what the native kernel executes."""
    rebuilt = {
        "max_pool": "maximum by skips, fold",
        "avg_pool": "average by convolution",
        "adaptive_avg_pool": "average by convolution",
    }.get(layer.family)
    if rebuilt:
        cells = [_counted(record, rebuilt, tool, layer) for tool in (PROFILER, COUNTER)]
        predicted = _number(prediction(rebuilt, PROFILER, layer))
        yield [layer.name, "rebuilt", predicted, *cells, NOTHING]
    ours = "native, our formulas"
    yield [
        layer.name,
        "native",
        _number(prediction(ours, COUNTER, layer)),
        _counted(record, "native, left alone", PROFILER, layer),
        _counted(record, ours, COUNTER, layer),
        NOTHING,
    ]
    if instructions and CHECKS["instructions"].about(layer):
        predicted = prediction("instructions", NCU, layer)
        hardware = _hardware(record, layer, predicted)
        yield [layer.name, "native, executed", _opcodes(predicted), NOTHING, NOTHING, hardware]


def _find(record: Record, check: str, tool: str, layer: Layer) -> Any:
    for count in record["counts"]:
        if (count["check"], count["tool"], count["layer"]) == (check, tool, layer.name):
            return count["counted"]
    return None


def _counted(record: Record, check: str, tool: str, layer: Layer) -> str:
    counted = _find(record, check, tool, layer)
    if counted is None:
        return NOTHING
    differs = not CHECKS[check].agree(prediction(check, tool, layer), counted)
    return _number(counted) + " ✗" * differs


def _hardware(record: Record, layer: Layer, predicted: dict[str, int]) -> str:
    counted = _find(record, "instructions", NCU, layer)
    if counted is None:
        return "not recorded"
    differs = not CHECKS["instructions"].agree(predicted, counted)
    return _opcodes({name: counted.get(name, 0) for name in predicted}) + " ✗" * differs


def _number(count: Any) -> str:
    return f"{sum(count) if isinstance(count, list) else count:,}"


def _opcodes(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts.items() if count) or "none"


def _unknown(record: Record) -> Iterator[list[str]]:
    """Yield what the hardware counted of kernels that have no model of instructions."""
    arithmetic = costmodel.cuda_kernels.Instructions._fields
    for entries in record["layers"]:
        layer = Layer.from_dict(entries)
        if CHECKS["instructions"].about(layer):
            continue
        for kernel in record["kernels"]:
            if kernel["layer"] == layer.name and "opcodes" in kernel:
                found = {name: kernel["opcodes"].get(name, 0) for name in arithmetic}
                yield [layer.name, f"`{_short(kernel['kernel'])}`", _opcodes(found)]


def _short(kernel: str) -> str:
    """Return the name of a kernel without its namespaces, its types and what it is given.

    >>> _short("void at::native::(anonymous namespace)::pool<float>(int, float const*)")
    'pool'
    """
    name = kernel.replace("(anonymous namespace)::", "").split("<")[0].split("(")[0]
    return name.split("::")[-1].split(" ")[-1]


def _bytes(record: Record) -> Iterator[list[str]]:
    for row in record["traffic"]:
        if row["layer"] in SHOWN:
            sizes = [row[name] for name in ("compulsory", "read", "written")]
            ratio = (row["read"] + row["written"]) / row["compulsory"]
            yield [row["layer"], *map(_number, sizes), f"{ratio:.2f}"]


def _times(record: Record) -> Iterator[list[str]]:
    for row in record["timings"]:
        if row["layer"] == PAIRS:
            continue
        shape = " × ".join(f"{size:,}" for size in row["shape"])
        figures = [
            NOTHING if row[name] is None else f"{row[name] * factor:,.{digits}f}"
            for name, factor, digits in (
                ("seconds", 1e6, 1), ("bandwidth", 1e-9, 1), ("share", 100, 0), ("native", 1, 2)
            )
        ]  # fmt: skip
        reason = f": {row['reason']}" if row["reason"] else ""
        yield [row["layer"], shape, row["variant"] + reason, *figures]


def _swept(record: Record) -> Iterator[str]:
    for row in record["timings"]:
        if row["layer"] != PAIRS:
            continue
        if not row["seconds"]:
            yield f"The sweep over {PAIRS} was not run: {row['reason']}."
            continue
        every = row["shape"][1] ** 2
        which = "all" if row["pairs"] == every else f"{row['pairs']:,} of the"
        rate = row["pairs"] / row["seconds"] / 1e6
        yield (
            f"ReLU(a − b) + b against max(a, b) at {which} {every:,} {PAIRS}: "
            f"{row['seconds']:.2f} s, {rate:,.1f} million in a second."
        )


def _table(head: list[str], rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def _on_a_gpu(record: Record) -> bool:
    return bool(record["device"]["type"] == "cuda")


def _device(record: Record) -> str:
    """Return the heading of a record: the kind of device, and its name."""
    return f"{'GPU' if _on_a_gpu(record) else 'CPU'}: {record['device']['name']}"


def points(record: Record) -> Iterator[tuple[str, str, float, float]]:
    """Yield layer, variant, operations for each compulsory byte, and operations in a second.

    The operations are those of the pooling itself, whoever computes it and with how many, so that
    variants of a layer stand above each other and the higher one is the faster.
    """
    layers = {entries["name"]: Layer.from_dict(entries) for entries in record["layers"]}
    for row in record["timings"]:
        if row["variant"] in _MARKS and row["seconds"] and row["layer"] in layers:
            layer = layers[row["layer"]]
            arguments = (layer.operator, tuple(row["shape"]))
            intensity = float(costmodel.intensity(*arguments, **layer.arguments))
            flops = float(costmodel.flops(*arguments, **layer.arguments))
            yield layer.name, row["variant"], intensity, flops / row["seconds"]


def plot(found: Sequence[Record], path: Path) -> None:
    """Draw a panel for each record that has times: what was reached, under the measured roof."""
    import matplotlib
    from matplotlib.figure import Figure

    timed = [(record, roof) for record in found if (roof := _roof(record)) and any(points(record))]
    # Names of its own making and the date would change the file with every run.
    with matplotlib.rc_context({"svg.hashsalt": "profiler", "font.size": 9}):
        figure = Figure(figsize=(5 * max(1, len(timed)), 4.2), layout="constrained")
        for position, (record, roof) in enumerate(timed, start=1):
            _draw(figure.add_subplot(1, len(timed), position), record, roof)
        shown = {
            label: handle
            for axes in figure.axes
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
            if label in _MARKS
        }
        if shown:
            figure.legend(
                shown.values(), shown, loc="outside lower center", ncols=len(shown), frameon=False
            )
        figure.savefig(path, format="svg", metadata={"Date": None})


def _roof(record: Record) -> float | None:
    """Return the bandwidth of the copy in bytes/s, if it was measured."""
    rows = [row for row in record["timings"] if row["variant"] == "copy"]
    return rows[0]["bandwidth"] if rows else None


def _draw(axes: Axes, record: Record, roof: float) -> None:
    from matplotlib.ticker import EngFormatter

    reached = list(points(record))
    intensities = {layer: intensity for layer, _, intensity, _ in reached}
    left, right = min(intensities.values()) / 2, max(intensities.values()) * 2
    label = f"a copy, {roof / 1e9:,.0f} GB/s"
    axes.plot([left, right], [roof * left, roof * right], color="0.35", label=label)
    axes.legend(loc="upper left", fontsize=8, frameon=False)
    for variant, look in _MARKS.items():
        marks = [(x, y) for _, which, x, y in reached if which == variant]
        if marks:
            axes.plot(*zip(*marks, strict=True), linestyle="", label=variant, **look)
    lowest = min(y for *_, y in reached)
    for layer, x in intensities.items():
        axes.annotate(
            layer, (x, lowest / 1.5), fontsize=8, color="0.35", rotation=90, ha="center", va="top"
        )
    axes.set(xscale="log", yscale="log", title=_device(record))
    axes.set_ylim(bottom=lowest / 150)
    axes.set_xlabel("intensity (operations/byte, float32)")
    axes.set_ylabel("reached (operations/s)")
    axes.set_xticks([x for x in (0.1, 0.2, 0.5, 1, 2, 5) if left <= x <= right])
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_formatter("")
    axes.yaxis.set_major_formatter(EngFormatter())
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)


if __name__ == "__main__":
    main()
