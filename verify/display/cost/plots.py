"""Pictures of a layer's cost: along stride, window and padding, and under the roofs of devices.

Apart from the page because it needs matplotlib, the optional extra ``poolproof[plot]``. Figures are
objects of their own, with no window and no global state. Lines differ in dash and marker, and
colours in lightness, so that a grey print and a colour-blind reader lose nothing.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from itertools import cycle
from typing import TYPE_CHECKING, Any

from costmodel.device import Device, Roofline, devices, known_device
from costmodel.whole.roofline import ModelRoofline
from pooling.arithmetic import Number
from verify.display.cost.layer import LayerCost, Sweep
from verify.display.cost.page import title

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: How each series is called and drawn, from the bottom to the top: a broad light band, a line, and
#: marks that leave the line below visible. The colours are of Okabe and Ito, "Color Universal
#: Design", 2008.
_SERIES: dict[str, tuple[str, dict[str, Any]]] = {
    "window": ("every window in full", {"color": "#56B4E9", "linewidth": 6, "alpha": 0.6}),
    "exact": ("exact", {"color": "#000000", "linewidth": 1.5, "marker": "o"}),
    "cheapest": (
        "cheapest algorithm",
        {"color": "#E69F00", "linewidth": 1.5, "linestyle": "--", "marker": "^"},
    ),
}

_MARK: dict[str, Any] = {
    "color": "#D55E00",
    "linestyle": "",
    "marker": "o",
    "markeredgewidth": 1.6,
    "zorder": 6,
    "clip_on": False,
}

_OTHERS: dict[str, Any] = _MARK | {"color": "#0072B2", "marker": "s", "zorder": 5}

_LABELS = {
    "stride": "stride (elements)",
    "kernel_size": "window (elements along each axis)",
    "padding": "padding (elements {side})",
    "output_size": "output size (elements along each axis)",
}

#: One look for each roof; more devices than these take their turns.
_ROOFS = (("-", "0.0"), ("--", "0.35"), ("-.", "0.0"), (":", "0.35"))


def draw(layer: LayerCost, device_names: Sequence[str] = ()) -> Figure:
    """Return a figure with a panel for each argument that can vary, and one for the roofline.

    Without ``device_names`` the roofs are those of the slowest and of the fastest known device. A
    layer of which nothing can vary and whose speed is not known has no panel at all.
    """
    from matplotlib.figure import Figure

    sweeps = layer.sweeps()
    rooflines = _chosen(layer.rooflines(device_names), bool(device_names))
    panels = len(sweeps) + bool(rooflines)
    columns = 1 if panels < 2 else 2
    rows = math.ceil(panels / columns)
    figure = Figure(figsize=(4.6 * columns, 0.9 + 3.1 * rows), layout="constrained")
    figure.suptitle("\n".join(textwrap.wrap(title(layer), 50 * columns)), fontsize=11)
    side = "in all" if layer.arguments.get("padding_convention") == "total" else "on each side"
    for position, sweep in enumerate(sweeps, start=1):
        _draw_sweep(figure.add_subplot(rows, columns, position), sweep, side)
    if rooflines:
        _draw_roofline(figure.add_subplot(rows, columns, panels), rooflines)
    if sweeps:
        shown = {
            label: handle
            for axes in figure.axes[: len(sweeps)]
            for handle, label in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(
            shown.values(), shown, loc="outside lower center", ncols=len(shown), frameon=False
        )
    return figure


def draw_model(rooflines: Sequence[ModelRoofline]) -> Figure:
    """Return a figure with a panel for each device: its roofs, and every operator under them.

    The lower roof is that of vector arithmetic, which poolings are bound by; the dashed one is that
    of products of matrices. What has no count has no place.
    """
    from matplotlib.figure import Figure
    from matplotlib.ticker import EngFormatter, StrMethodFormatter

    figure = Figure(figsize=(1 + 4.6 * len(rooflines), 4.2), layout="constrained")
    for place, roofline in enumerate(rooflines, start=1):
        axes = figure.add_subplot(1, len(rooflines), place)
        device = known_device(roofline.device)
        peaks = {
            "vector arithmetic": (device.operations_per_second(roofline.dtype), "-"),
            "products": (device.products_per_second(roofline.dtype), "--"),
        }
        shown = [row for row in roofline.rows if row.flops and row.bytes_moved]
        xs = [row.intensity for row in shown] + [
            peak / device.bandwidth for peak, _ in peaks.values()
        ]
        left, right = min(xs) / 4, max(xs) * 4
        for label, (peak, dash) in peaks.items():
            corners = [left, peak / device.bandwidth, right]
            heights = [min(peak, device.bandwidth * x) for x in corners]
            axes.plot(corners, heights, dash, color="0.2", linewidth=1.6, label=label)
        for pooling, look in ((False, _OTHERS), (True, _MARK)):
            rows = [row for row in shown if row.pooling is pooling]
            axes.plot(
                [row.intensity for row in rows],
                [row.flops / row.seconds for row in rows],
                markerfacecolor="white",
                label="pooling" if pooling else "other operators",
                **look,
            )
        axes.set(xscale="log", yscale="log")
        axes.set_title("\n".join(textwrap.wrap(roofline.summary, 50)), fontsize=9, loc="left")
        axes.set_xlabel(f"intensity (operations/byte, {roofline.dtype})")
        axes.set_ylabel("at best (operations/s)")
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.yaxis.set_major_formatter(EngFormatter())
        axes.legend(loc="lower right", fontsize=8, frameon=False)
        _tidy(axes)
    return figure


def _draw_sweep(axes: Axes, sweep: Sweep, side: str) -> None:
    from matplotlib.ticker import EngFormatter, MaxNLocator

    # Where there are many values, their marks would hide the lines.
    size = 4 if len(sweep.values) <= 25 else 0
    for name, (label, look) in _SERIES.items():
        if name in sweep.counts:
            axes.plot(
                sweep.values, _floats(sweep.counts[name]), label=label, markersize=size, **look
            )
    if sweep.here is not None:
        count = sweep.counts["exact"][sweep.values.index(sweep.here)]
        here = [sweep.here], _floats([count])
        axes.plot(*here, label="this layer", markersize=11, markerfacecolor="none", **_MARK)
    axes.set_xlabel(_LABELS[sweep.argument].format(side=side))
    axes.set_ylabel("operations")
    axes.set_ylim(0, 1.08 * max(max(_floats(counts)) for counts in sweep.counts.values()) or 1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(EngFormatter())
    _tidy(axes)


def _draw_roofline(axes: Axes, rooflines: Sequence[Roofline]) -> None:
    from matplotlib.ticker import EngFormatter, StrMethodFormatter

    known = {device.name: device for device in devices()}
    intensity = float(rooflines[0].intensity)
    left = min(intensity, *[row.ridge for row in rooflines]) / 4
    right = max(intensity, *[row.ridge for row in rooflines]) * 4
    for row, (dash, grey) in zip(rooflines, cycle(_ROOFS)):
        corners = [left, row.ridge, right]
        heights = [_roof(known[row.device], row.dtype, x) for x in corners]
        axes.plot(corners, heights, dash, color=grey, linewidth=1.6, label=row.device)
    axes.axvline(intensity, color=_MARK["color"], linewidth=1, linestyle=(0, (1, 2)))
    axes.plot(
        [intensity] * len(rooflines),
        [float(row.attainable_flops) for row in rooflines],
        markersize=9,
        markerfacecolor="white",
        label=f"this layer, {intensity:.2g} operations/byte",
        **_MARK,
    )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(f"intensity (operations/byte, {rooflines[0].dtype})")
    axes.set_ylabel("at best (operations/s)")
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_major_formatter(EngFormatter())
    axes.legend(loc="lower right", fontsize=8, frameon=False)
    _tidy(axes)


def _roof(device: Device, dtype: str, intensity: float) -> float:
    return min(device.operations_per_second(dtype), device.bandwidth * intensity)


def _chosen(rooflines: Sequence[Roofline], asked: bool) -> list[Roofline]:
    """Return what fits a logarithmic scale, and of devices nobody asked for the two extremes."""
    positive = [row for row in rooflines if row.intensity > 0]
    if asked or len(positive) < 3:
        return positive
    ordered = sorted(positive, key=lambda row: float(row.attainable_flops))
    return [ordered[0], ordered[-1]]


def _floats(counts: Sequence[Number]) -> list[float]:
    return [float(count) for count in counts]


def _tidy(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(color="0.9", linewidth=0.6)
    axes.set_axisbelow(True)
