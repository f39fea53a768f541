"""The pictures: the data of every line is the cost model's, and grey print loses nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import costmodel
from verify.display.cost.layer import LayerCost
from verify.display.cost.plots import draw, draw_model

SHAPE = (1, 64, 112, 112)
STEM = LayerCost("max_pool2d", SHAPE, {"kernel_size": 3, "stride": 2, "padding": 1})


def lines(axes: Any) -> dict[str, list[tuple[float, float]]]:
    """Return label → points of the lines of a panel."""
    return {
        line.get_label(): [(float(x), float(y)) for x, y in line.get_xydata()]
        for line in axes.lines
        if not line.get_label().startswith("_")
    }


@pytest.mark.parametrize(
    ("panel", "argument", "values"),
    [(0, "stride", range(1, 9)), (1, "kernel_size", range(2, 12)), (2, "padding", (0, 1))],
)
def test_lines_are_the_cost_model(panel: int, argument: str, values: Any) -> None:
    """Exact, every window in full, and the cheapest algorithm, the other arguments fixed.

    A window of 1 cannot have a padding of 1, nor one of 3 a padding of 2: both are left out.
    """
    drawn = lines(draw(STEM).axes[panel])

    def flops(value: int, **others: str) -> float:
        given = {**STEM.arguments, argument: value}
        return float(costmodel.flops("max_pool2d", SHAPE, **given, **others))

    algorithms = ("direct", "separable", "van_herk", "relu_fold", "relu_tree")
    assert drawn["exact"] == [(v, flops(v)) for v in values]
    assert drawn["every window in full"] == [(v, flops(v, counting="window")) for v in values]
    assert drawn["cheapest algorithm"] == [
        (v, min(flops(v, algorithm=name) for name in algorithms)) for v in values
    ]
    assert drawn["this layer"] == [(STEM.arguments[argument], 1584192.0)]


def test_the_roofline_of_a_device() -> None:
    """A slope of the bandwidth, a flat of the peak, the ridge between, the layer on the slope."""
    axes = draw(STEM, ["H100 SXM"]).axes[3]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    drawn = lines(axes)
    (left, low), (ridge, peak), (right, flat) = drawn["H100 SXM"]
    device = next(device for device in costmodel.devices() if device.name == "H100 SXM")
    assert low / left == pytest.approx(device.bandwidth)
    assert peak == flat == device.operations_per_second()
    assert ridge == device.ridge()
    best = costmodel.roofline("H100 SXM", "max_pool2d", SHAPE, 3, 2, 1)
    assert drawn["this layer, 0.39 operations/byte"] == [(best.intensity, best.attainable_flops)]
    assert left < best.intensity < right


def test_without_a_device_the_slowest_and_the_fastest() -> None:
    """Of all known devices the two between which the others lie."""
    best = [
        costmodel.roofline(device.name, "max_pool2d", SHAPE, 3, 2, 1)
        for device in costmodel.devices()
    ]
    best.sort(key=lambda row: float(row.attainable_flops))
    *roofs, layer = lines(draw(STEM).axes[3])
    assert roofs == [best[0].device, best[-1].device]
    assert layer.startswith("this layer")


def test_units_and_title() -> None:
    """Every axis says what it shows and in which unit; the title names the layer."""
    figure = draw(STEM)
    labels = [(axes.get_xlabel(), axes.get_ylabel()) for axes in figure.axes]
    assert labels == [
        ("stride (elements)", "operations"),
        ("window (elements along each axis)", "operations"),
        ("padding (elements on each side)", "operations"),
        ("intensity (operations/byte, float32)", "at best (operations/s)"),
    ]
    title = figure.get_suptitle()
    assert title == "max_pool2d of 1×64×112×112 with kernel_size 3, stride 2, padding 1"
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        "every window in full",
        "exact",
        "cheapest algorithm",
        "this layer",
    ]


def test_total_padding_is_called_so() -> None:
    """The chapter's padding is that of both sides together."""
    layer = LayerCost("max_pool1d", (1, 9), {"kernel_size": 3, "padding_convention": "total"})
    labels = [axes.get_xlabel() for axes in draw(layer).axes]
    assert "padding (elements in all)" in labels


def test_grey_print_tells_the_lines_apart() -> None:
    """No two series share dash, width and marker."""
    looks = [
        (line.get_linestyle(), line.get_linewidth(), line.get_marker())
        for line in draw(STEM).axes[0].lines
    ]
    assert len(set(looks)) == len(looks) == 4
    devices = [device.name for device in costmodel.devices()][:4]
    roofs = draw(STEM, devices).axes[3].lines[:4]
    assert len({line.get_linestyle() for line in roofs}) == 4


def test_other_operators_have_the_panels_of_their_arguments() -> None:
    """Adaptive pooling varies in its output; windows drawn at random have no roofline."""
    adaptive = draw(LayerCost("adaptive_avg_pool2d", (1, 8, 7, 7), {"output_size": 3}))
    assert [axes.get_xlabel().split(" (")[0] for axes in adaptive.axes] == [
        "output size",
        "intensity",
    ]
    assert lines(adaptive.axes[0])["exact"] == [
        (m, float(costmodel.flops("adaptive_avg_pool2d", (1, 8, 7, 7), m))) for m in range(1, 8)
    ]
    arguments = {"kernel_size": 2, "output_ratio": (0.5, 0.5)}
    random = draw(LayerCost("fractional_max_pool2d", (1, 8, 9, 9), arguments))
    assert [axes.get_xlabel().split(" (")[0] for axes in random.axes] == ["window", "output size"]


def test_a_layer_without_operations_has_no_roofline() -> None:
    """On a logarithmic scale nothing is nowhere."""
    figure = draw(LayerCost("max_pool2d", (1, 8, 9, 9), {"kernel_size": 1}))
    assert "operations" == figure.axes[-1].get_ylabel()


def test_a_layer_of_nothing_has_no_panel() -> None:
    """One element, one output: nothing varies, and no device takes any time."""
    assert not draw(LayerCost("adaptive_max_pool1d", (1, 1), {"output_size": 1})).axes


def test_arguments_that_differ_from_axis_to_axis_are_not_marked() -> None:
    """Along a stride of 2 and 1 the picture has no place for this layer."""
    layer = LayerCost("max_pool2d", (1, 8, 9, 9), {"kernel_size": 3, "stride": (2, 1)})
    panels = draw(layer).axes
    assert "this layer" not in lines(panels[0])
    assert "this layer" in lines(panels[1])


def test_no_window_is_opened(tmp_path: Path) -> None:
    """Drawing and saving touch neither pyplot nor a display."""
    code = (
        "import sys\n"
        "from verify.display.cost.layer import LayerCost\n"
        "from verify.display.cost.plots import draw\n"
        "layer = LayerCost('max_pool1d', (1, 9), {'kernel_size': 3})\n"
        f"draw(layer).savefig({str(tmp_path / 'x.svg')!r})\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])
    assert (tmp_path / "x.svg").stat().st_size > 1000


def test_a_model_under_the_roofs() -> None:
    """A panel for each device, with two roofs, the poolings and the others."""
    from torch import nn

    net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2))
    whole = costmodel.of_model(net, (1, 3, 32, 32))
    best = [whole.roofline(name) for name in ("V100 SXM2", "H100 SXM")]
    figure = draw_model(best)
    assert len(figure.axes) == 2
    for axes, roofline in zip(figure.axes, best, strict=True):
        lines: dict[str, Any] = {str(line.get_label()): line for line in axes.get_lines()}
        assert list(lines) == ["vector arithmetic", "products", "other operators", "pooling"]
        (pooled,) = [row for row in roofline.rows if row.operator == "max_pool2d"]
        assert list(lines["pooling"].get_xdata()) == [pooled.intensity]
        roof = max(lines["vector arithmetic"].get_ydata())
        assert max(lines["pooling"].get_ydata()) <= roof
