"""How often a max-pooling by ReLU is wrong, and by how much, and how far off an average is.

    python benchmarks/accuracy.py

draws windows from a fixed seed, pools them by every scheme of :mod:`pooling.rebuilt` and by the
fold in the other order, averages others by convolution, and writes the tables of
``docs/accuracy.md``, which says how to read them, and the plot beside it, ``docs/accuracy.svg``. It
takes seconds.
"""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

import numpy
import torch
from torch import Tensor

from pooling import AvgPool2d, MaxPool2d
from pooling.rebuilt.avg_pool import LONGEST
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "accuracy.md"
PLOT = ROOT / "docs" / "accuracy.svg"
#: What stands around the tables of maxima and around that of averages.
MARKS = {
    name: (f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n")
    for name in ("accuracy", "averages")
}

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


#: Averages: how many windows of each size, and the sides of the windows.
AVERAGED = 200
SIDES = (2, 3, 7, 16, 32, 33, 100, 300)
AVERAGE_FORMATS = ("float16", "bfloat16", "float32", "float64")


@dataclass(frozen=True)
class AverageError:
    """The worst errors of averages, in u times the mean of the absolute values."""

    bound: int
    rebuilt: float
    native: float


def average_error(dtype: str, side: int) -> AverageError:
    """Average windows of standard normal numbers, and of equal ones, by convolution and by torch.

    They are held against sums of float64 that are rounded once.
    """
    generator = numpy.random.default_rng((SEED, side))
    drawn = generator.standard_normal((AVERAGED, 1, side, side))
    drawn[::2] = drawn[::2, :, :1, :1]
    x = torch.from_numpy(drawn).to(getattr(torch, dtype))
    taps = side**2
    values = x.flatten(1).double().numpy()
    exact = numpy.array([math.fsum(row) for row in values]) / taps
    scale = torch.finfo(x.dtype).eps / 2 * numpy.abs(values).mean(1)

    def worst(layer: torch.nn.Module) -> float:
        off = layer(x).flatten().double().numpy() - exact
        return float((numpy.abs(off) / scale).max())

    bound = taps + 2 if side <= LONGEST[2] else 2 * (side + 2)
    return AverageError(bound, worst(AvgPool2d(side)), worst(torch.nn.AvgPool2d(side)))


def averages() -> str:
    """Write the table of averages."""
    head = ["format", "taps", "bound, u", "rebuilt, u", "torch, u"]
    written = f"\n| {' | '.join(head)} |\n|{' --- |' * len(head)}\n"
    for dtype, side in itertools.product(AVERAGE_FORMATS, SIDES):
        found = average_error(dtype, side)
        cells = [dtype, str(side**2), str(found.bound)]
        cells += [f"{error:.2g}" for error in (found.rebuilt, found.native)]
        written += f"| {' | '.join(cells)} |\n"
    return written + "\n"


def with_tables(page: str, written: str, name: str = "accuracy") -> str:
    """Return the page with what stands between the marks of a name replaced."""
    begin, end = MARKS[name]
    before, rest = page.split(begin)
    _, after = rest.split(end)
    return before + begin + written + end + after


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
    page = with_tables(PAGE.read_text("utf-8"), tables(results))
    PAGE.write_text(with_tables(page, averages(), "averages"), "utf-8")
    plot(results, PLOT)
    print(f"{PAGE.relative_to(ROOT)} and {PLOT.relative_to(ROOT)} are written")


if __name__ == "__main__":
    main()
