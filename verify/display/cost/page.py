"""What people see of a layer's cost in a terminal: the breakdown, the formula and the comparisons.

Apart from :mod:`verify.display.cost.layer`, which computes the figures. Nothing is cut at 80
columns: long formulas and names go on in the next line.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from costmodel.device import Roofline
from pooling.arithmetic import Number
from verify.display.cost.layer import Formula, LayerCost
from verify.display.layout import print_wrapped

_NOT_KNOWN = "not known: it takes more than the shape"


def print_cost(console: Console, layer: LayerCost, rooflines: Sequence[Roofline]) -> None:
    """Print what a layer costs, why, and what it would cost otherwise."""
    print_wrapped(console, title(layer), style="bold")
    console.print(_breakdown(layer))
    _print_formula(console, layer.formula())
    for head, figures in (("counting", layer.countings()), ("algorithm", layer.algorithms())):
        if figures:
            console.print(_comparison(head, figures))
    if rooflines:
        console.print(_rooflines(rooflines, layer.dtype))


def title(layer: LayerCost) -> str:
    """Return the layer in one line: what is applied to what.

    >>> title(LayerCost("max_pool2d", (1, 64, 112, 112), {"kernel_size": 3, "stride": 2}))
    'max_pool2d of 1×64×112×112 with kernel_size 3, stride 2'
    """
    given = ", ".join(f"{name} {_argument(value)}" for name, value in layer.arguments.items())
    return f"{layer.operator} of {_times(layer.shape)}" + (f" with {given}" if given else "")


def _breakdown(layer: LayerCost) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(justify="right", overflow="fold")
    table.add_column(overflow="fold")
    for row in _figures(layer):
        table.add_row(*[Text(cell) for cell in row])
    return table


def _figures(layer: LayerCost) -> Iterator[tuple[str, str, str]]:
    cost = layer.cost
    back = layer.operator.endswith("_backward")
    yield "output", _times(cost.output_shape), "the gradient of the input" if back else ""
    yield "operations", _number(cost.flops), ""
    for kind, count in layer.operations.items():
        yield f"  {kind}", _number(count), ""
    yield "taps", _number(cost.taps), "positions of windows inside the input"
    yield "outputs", _number(cost.outputs), "elements written"
    if cost.inputs_read is None:
        yield "bytes moved", "?", _NOT_KNOWN
        return
    read = f"{layer.dtype}, {_number(cost.inputs_read)} elements read"
    if cost.indices:
        read += f", {_number(cost.indices)} indices"
    yield "bytes moved", _number(layer.bytes_moved), read
    if layer.intensity is not None:
        yield "intensity", f"{layer.intensity:.4g}", "operations per byte"


def _print_formula(console: Console, formula: Formula) -> None:
    if not formula.expression.free_symbols:
        return  # all sizes are small: it is the number above
    sizes = ", ".join(f"{name} = {size}" for name, size in formula.sizes.items())
    console.print()
    print_wrapped(console, f"operations, {sizes}:")
    print_wrapped(console, formula.text, "  ", style="bold")
    # One line, for copying.
    console.print(Text(f"  {formula.latex}", style="dim"), soft_wrap=True)
    if not formula.spatial:
        print_wrapped(console, "  (in symbols for the spatial sizes as well it would fill a page)")


def _comparison(head: str, figures: Mapping[str, Number]) -> Table:
    """Return names and figures; each beside the first, and the least said to be the cheapest."""
    first, *_ = figures
    table = _table(head, "operations", f"of {first}")
    if head == "algorithm":
        table.add_column()
    least, most = min(figures.values()), max(figures.values())
    for name, count in figures.items():
        ratio = f"{float(count / figures[first]):.1%}" if figures[first] else ""
        cheapest = ["cheapest" if count == least < most else ""] if head == "algorithm" else []
        table.add_row(name, _number(count), ratio, *cheapest)
    return table


def _rooflines(rooflines: Sequence[Roofline], dtype: str) -> Table:
    table = _table(f"device, {dtype}", "ridge, op/B", "at best, op/s", "least time", "bound by")
    for row in rooflines:
        table.add_row(
            row.device,
            f"{row.ridge:.1f}",
            _engineering(row.attainable_flops, ""),
            _engineering(row.seconds, "s"),
            row.bound,
        )
    return table


def _table(*heads: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for i, head in enumerate(heads):
        table.add_column(head, justify="right" if i else "left")
    return table


def _engineering(value: float, unit: str) -> str:
    """Write a figure with a prefix of a thousand: ``1.32 T``, ``38.3 µs``.

    >>> _engineering(3.83e-05, "s"), _engineering(0, "s")
    ('38.3 µs', '0 s')
    """
    prefixes = {1e12: "T", 1e9: "G", 1e6: "M", 1e3: "k", 1: "", 1e-3: "m", 1e-6: "µ", 1e-9: "n"}
    scale = next((scale for scale in prefixes if value >= scale), 1e-9 if value else 1)
    return f"{value / scale:.3g} {prefixes[scale]}{unit}".rstrip()


def _number(value: Number) -> str:
    """Write a count with thousands apart; a popular answer may count parts of a window."""
    return f"{value:,}" if isinstance(value, int) else f"{float(value):,.2f}"


def _argument(value: Any) -> str:
    """Write an argument as the command line takes it: ``3x2``, ``1:0x0:0``.

    >>> _argument(((1, 0), (0, 0))), _argument((7, None)), _argument(True)
    ('1:0x0:0', '7xNone', 'True')
    """
    if not isinstance(value, tuple):
        return str(value)
    return "x".join(
        ":".join(map(str, entry)) if isinstance(entry, tuple) else str(entry) for entry in value
    )


def _times(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape))
