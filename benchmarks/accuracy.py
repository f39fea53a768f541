"""How often a max-pooling by ReLU is wrong, and by how much: measured, per format and network.

    python benchmarks/accuracy.py

draws windows from a fixed seed, pools them by every scheme of :mod:`pooling.rebuilt` and by the
fold in the other order, and writes the tables of ``docs/accuracy.md``, which says how to read them,
and the plot beside it, ``docs/accuracy.svg``. It takes seconds.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy
import torch
from torch import Tensor

from pooling import MaxPool2d
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "accuracy.md"
PLOT = ROOT / "docs" / "accuracy.svg"
BEGIN, END = "<!-- accuracy: begin -->\n", "<!-- accuracy: end -->\n"

SEED = 0
WINDOWS = 20_000
FORMATS = ("float16", "bfloat16", "float32")
KERNEL_SIZES = (2, 3, 5, 7)
DATA = ("normal", "rectified")
#: The networks, and what heads their column.
NETWORKS = {
    "fold": "fold",
    "tree": "tree",
    "separable": "separable",
    "turned": "fold, turned round",
}


@dataclass(frozen=True)
class Accuracy:
    """How many of the windows a network gets wrong, and the worst of it in ulps of the maximum."""

    wrong: int
    worst: float

    def __str__(self) -> str:
        """Write it as a cell of the table.

        >>> str(Accuracy(50, 1.5))
        '0.25 %, 1.5'
        """
        return f"{100 * self.wrong / WINDOWS:.2f} %, {self.worst:g}" if self.wrong else "0"


def draw(data: str, dtype: str, kernel_size: int) -> Tensor:
    """Return all windows of one size, ``(WINDOWS, 1, kernel_size, kernel_size)``."""
    generator = numpy.random.default_rng((SEED, kernel_size))
    normal = generator.standard_normal((WINDOWS, 1, kernel_size, kernel_size))
    drawn = normal if data == "normal" else numpy.maximum(normal, 0)
    return torch.from_numpy(drawn).to(getattr(torch, dtype))


def pooled(network: str, x: Tensor) -> Tensor:
    """Return what a network makes of every window."""
    if network in ("fold", "tree", "separable"):
        result: Tensor = MaxPool2d(x.shape[-1], scheme=network)(x)
        return result.flatten()
    taps = x.flatten(1).unbind(1)
    return reduce(lambda maximum, tap: (maximum - tap).relu() + tap, taps)


def accuracy(network: str, data: str, dtype: str, kernel_size: int) -> Accuracy:
    """Compare a network with the maximum of every window."""
    x = draw(data, dtype, kernel_size)
    maximum, result = x.flatten(1).amax(1), pooled(network, x)
    system = SYSTEMS[dtype]
    assert isinstance(system, FloatFormat)
    ulps = (result.double() - maximum.double()).abs() / system.tensor_ulp(maximum)
    return Accuracy(int((result != maximum).sum()), float(ulps.max()))


Results = dict[tuple[str, str, int], dict[str, Accuracy]]


def measure() -> Results:
    """Measure every network on all data in every format and size."""
    return {
        row: {network: accuracy(network, *row) for network in NETWORKS}
        for row in itertools.product(DATA, FORMATS, KERNEL_SIZES)
    }


def line(dtype: str, kernel_size: int, found: dict[str, Accuracy]) -> str:
    """Write one row of a table."""
    cells = [dtype, str(kernel_size**2), *(str(found[network]) for network in NETWORKS)]
    return f"| {' | '.join(cells)} |\n"


def tables(results: Results) -> str:
    """Write a table for each kind of data."""
    head = ["format", "taps", *NETWORKS.values()]
    written = ""
    for data in DATA:
        written += f"\n### On {data} data\n\n| {' | '.join(head)} |\n|{' --- |' * len(head)}\n"
        for (kind, dtype, kernel_size), found in results.items():
            if kind == data:
                written += line(dtype, kernel_size, found)
    return written + "\n"


def with_tables(page: str, written: str) -> str:
    """Return the page with its tables replaced."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + written + END + after


def plot(results: Results, path: Path) -> None:
    """Draw how many windows are wrong in float16 against their taps, a panel for each data."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot, ticker

    taps = [size**2 for size in KERNEL_SIZES]
    # Names of its own making and the date would change the file with every run.
    with pyplot.rc_context({"svg.hashsalt": "accuracy", "font.size": 9}):
        figure, panels = pyplot.subplots(
            1, len(DATA), figsize=(8, 3), sharey=True, layout="constrained"
        )
        for panel, data in zip(panels, DATA, strict=True):
            for (network, label), marker in zip(NETWORKS.items(), "osd^", strict=True):
                shares = [
                    results[data, "float16", size][network].wrong / WINDOWS for size in KERNEL_SIZES
                ]
                panel.plot(taps, shares, marker=marker, label=label)
            panel.set(title=f"{data} data", xlabel="taps of a window", xticks=taps, yscale="log")
            panel.yaxis.set_major_formatter(ticker.PercentFormatter(1))
            panel.grid(alpha=0.3)
        panels[0].set_ylabel("windows that are wrong")
        handles, labels = panels[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside right center", frameon=False)
        figure.savefig(path, metadata={"Date": None})
        pyplot.close(figure)


def main() -> None:
    """Measure, and write the page and the plot."""
    results = measure()
    PAGE.write_text(with_tables(PAGE.read_text("utf-8"), tables(results)), "utf-8")
    plot(results, PLOT)
    print(f"{PAGE.relative_to(ROOT)} and {PLOT.relative_to(ROOT)} are written")


if __name__ == "__main__":
    main()
