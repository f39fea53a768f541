"""The pooling layers of well-known networks: torch, the reference and the cost model agree.

Proofs speak of all shapes; this claim looks at the shapes that are in use, with torch as the
judge: output shapes, values and taps of every pooling layer of AlexNet, VGG-16, GoogLeNet,
ResNet-50, DenseNet-121, Inception-v3, MobileNetV2, SqueezeNet and YOLOv5's SPPF, and the examples
that the textbook chapter works out by hand.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import costmodel
from proofs.claim import MEASURED, Check, CheckFailedError, Claim, expect
from proofs.windows._layers import LAYERS, RealLayer, compare


def agree(
    layers: Iterable[RealLayer], cost_model: Callable[..., costmodel.Cost] | None = None
) -> str:
    """Compare each layer; raise ``CheckFailedError`` at the first that differs."""
    count = 0
    for layer in layers:
        comparison = compare(layer, cost_model=cost_model)
        if not comparison.agrees:
            raise CheckFailedError(f"{layer.name}: {'; '.join(comparison.mismatches)}")
        count += 1
    return f"{count} layers: shapes, values and taps agree"


def checked(name: str, run: Callable[[], str]) -> Check:
    """Return a comparison with torch, which can only ever be a measurement."""
    return Check(name, "torch", run, MEASURED, ("float32",))


def by_network() -> Iterable[Check]:
    """Return one check for every network of the table."""
    for network in dict.fromkeys(layer.network for layer in LAYERS):
        layers = [layer for layer in LAYERS if layer.network == network]
        yield checked(network, lambda layers=layers: agree(layers))  # type: ignore[misc]


def padding_charged(operator: str, shape: Any, **arguments: Any) -> costmodel.Cost:
    """Count every window in full, as most counters do."""
    cost = costmodel.cost(operator, shape, **arguments)
    size = arguments["kernel_size"]
    window = size * size if isinstance(size, int) else size[0] * size[1]
    charged = costmodel.Windows(cost.outputs, cost.outputs * window, cost.output_shape)
    return cost._replace(windows=charged)


def ceil_mode_ignored(operator: str, shape: Any, **arguments: Any) -> costmodel.Cost:
    """Forget ``ceil_mode``."""
    return costmodel.cost(operator, shape, **{**arguments, "ceil_mode": False})


worked = next(layer for layer in LAYERS if layer.expected is not None)

claim = Claim(
    __name__,
    title="On the pooling layers of well-known networks torch, the reference definitions and the "
    "cost model agree on shapes, values and taps.",
    holds="averages within a bound on their rounding",
    why="The definitions are torch's, and the formulas count what they do.",
    source="the networks' published definitions, named in the table; Dive into Deep Learning, "
    "pooling chapter",
    generality="the layers listed, float32, NaN and infinities among the values of max-pooling",
    parts=tuple(by_network()),
    expected=expect(MEASURED, "float32"),
    mutants={
        "padding charged in full": checked("", lambda: agree(LAYERS, padding_charged)),
        "ceil_mode ignored": checked("", lambda: agree(LAYERS, ceil_mode_ignored)),
        "a worked example misprinted": checked(
            "", lambda: agree([replace(worked, expected=worked.values)])
        ),
    },
)
