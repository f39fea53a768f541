from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import nn

import costmodel
import pooling
from costmodel.layers import is_rebuilt

LAYERS: list[tuple[nn.Module, tuple[int, ...], str, dict[str, Any]]] = [
    (nn.MaxPool1d(3, 2, 1), (2, 20), "max_pool1d", dict(kernel_size=3, stride=2, padding=1)),
    (
        nn.MaxPool2d(3, 2, 1, dilation=2, ceil_mode=True, return_indices=True),
        (1, 2, 20, 21),
        "max_pool2d",
        dict(kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True, return_indices=True),
    ),
    (nn.MaxPool3d((1, 2, 3)), (2, 7, 8, 9), "max_pool3d", dict(kernel_size=(1, 2, 3))),
    (
        nn.AvgPool1d(3, 2, 1, ceil_mode=True, count_include_pad=False),
        (2, 20),
        "avg_pool1d",
        dict(kernel_size=3, stride=2, padding=1, ceil_mode=True, count_include_pad=False),
    ),
    (
        nn.AvgPool2d(3, 2, 1, divisor_override=2),
        (2, 20, 21),
        "avg_pool2d",
        dict(kernel_size=3, stride=2, padding=1, divisor_override=2),
    ),
    (nn.AvgPool3d(3), (2, 7, 8, 9), "avg_pool3d", dict(kernel_size=3)),
    (nn.LPPool1d(2, 3), (2, 20), "lp_pool1d", dict(norm_type=2, kernel_size=3)),
    (
        nn.LPPool2d(1.5, (3, 2), 2, ceil_mode=True),
        (2, 20, 21),
        "lp_pool2d",
        dict(norm_type=1.5, kernel_size=(3, 2), stride=2, ceil_mode=True),
    ),
    (nn.LPPool3d(2, 3), (2, 7, 8, 9), "lp_pool3d", dict(norm_type=2, kernel_size=3)),
    (nn.AdaptiveMaxPool1d(3), (2, 20), "adaptive_max_pool1d", dict(output_size=3)),
    (
        nn.AdaptiveMaxPool2d((3, None), return_indices=True),
        (2, 20, 21),
        "adaptive_max_pool2d",
        dict(output_size=(3, None), return_indices=True),
    ),
    (nn.AdaptiveMaxPool3d(3), (2, 7, 8, 9), "adaptive_max_pool3d", dict(output_size=3)),
    (nn.AdaptiveAvgPool1d(3), (2, 20), "adaptive_avg_pool1d", dict(output_size=3)),
    (nn.AdaptiveAvgPool2d(1), (2, 20, 21), "adaptive_avg_pool2d", dict(output_size=1)),
    (nn.AdaptiveAvgPool3d(3), (2, 7, 8, 9), "adaptive_avg_pool3d", dict(output_size=3)),
    (
        nn.FractionalMaxPool2d(2, output_ratio=0.5, return_indices=True),
        (2, 20, 21),
        "fractional_max_pool2d",
        dict(kernel_size=2, output_ratio=(0.5, 0.5), return_indices=True),
    ),
    (
        nn.FractionalMaxPool3d(2, output_size=(3, 4, 5)),
        (2, 7, 8, 9),
        "fractional_max_pool3d",
        dict(kernel_size=2, output_size=(3, 4, 5)),
    ),
]


#: Modules that say themselves what they are, with torch's layers or the definition's arguments.
DESCRIBED: list[tuple[nn.Module, tuple[int, ...], str, dict[str, Any]]] = [
    (
        pooling.SoftmaxPool2d(3, 2, 1, dilation=2, ceil_mode=True, temperature=0.5),
        (1, 2, 20, 21),
        "softmax_pool2d",
        dict(kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True, temperature=0.5),
    ),
    (pooling.LogSumExpPool1d(3), (2, 20), "logsumexp_pool1d", dict(kernel_size=3)),
    (
        pooling.StochasticPool2d(2),
        (2, 20, 21),
        "stochastic_pool2d",
        dict(kernel_size=2, training=True),
    ),
    (pooling.StochasticPool3d(2).eval(), (2, 7, 8, 9), "stochastic_pool3d", dict(kernel_size=2)),
    (
        pooling.MixedPool2d(3, 2, 1, count_include_pad=False, proportion=1),
        (2, 20, 21),
        "mixed_pool2d",
        dict(kernel_size=3, stride=2, padding=1, count_include_pad=False, proportion=1),
    ),
    (pooling.MixedPool1d(2, learnable=True), (2, 20), "mixed_pool1d", dict(kernel_size=2)),
    (pooling.MixedPool1d(2, draw="layer").eval(), (2, 20), "mixed_pool1d", dict(kernel_size=2)),
    (
        pooling.PowerAveragePool2d(3, 2, ceil_mode=True, learnable=True),
        (2, 20, 21),
        "lp_pool2d",
        dict(norm_type=3, kernel_size=2, ceil_mode=True),
    ),
    (pooling.GlobalAvgPool2d(), (2, 20, 21), "adaptive_avg_pool2d", dict(output_size=1)),
    (pooling.GlobalMaxPool3d(), (2, 7, 8, 9), "adaptive_max_pool3d", dict(output_size=1)),
]

#: Modules of convolutions and ReLUs, with the pooling that they equal.
REBUILT: list[tuple[nn.Module, tuple[int, ...], str, dict[str, Any]]] = [
    (
        pooling.MaxPool2d(3, 2, 1, dilation=2, ceil_mode=True),
        (1, 2, 20, 21),
        "max_pool2d",
        dict(kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True),
    ),
    (pooling.MaxPool1d(2, skips=False), (2, 20), "max_pool1d", dict(kernel_size=2)),
    (pooling.MaxPool3d(2, scheme="tree"), (2, 7, 8, 9), "max_pool3d", dict(kernel_size=2)),
    (
        pooling.MinPool2d((3, 2), 1, (1, 0)),
        (2, 20, 21),
        "min_pool2d",
        dict(kernel_size=(3, 2), stride=1, padding=(1, 0)),
    ),
    (
        pooling.AvgPool1d(3, 2, 1, count_include_pad=False),
        (2, 20),
        "avg_pool1d",
        dict(kernel_size=3, stride=2, padding=1, count_include_pad=False),
    ),
    (
        pooling.AvgPool2d(3, 2, 1, divisor_override=2),
        (1, 2, 20, 21),
        "avg_pool2d",
        dict(kernel_size=3, stride=2, padding=1, divisor_override=2),
    ),
    (pooling.AvgPool3d(2), (2, 7, 8, 9), "avg_pool3d", dict(kernel_size=2)),
    (
        pooling.AdaptiveAvgPool2d((3, None)),
        (2, 7, 8),
        "adaptive_avg_pool2d",
        dict(output_size=(3, None)),
    ),
    (pooling.AdaptiveMaxPool1d(3), (2, 20), "adaptive_max_pool1d", dict(output_size=3)),
]


@pytest.mark.parametrize(("layer", "shape", "operator", "arguments"), LAYERS + DESCRIBED + REBUILT)
def test_a_layer_is_its_operator(
    layer: nn.Module, shape: tuple[int, ...], operator: str, arguments: dict[str, Any]
) -> None:
    """A layer costs what the operator it applies costs, and gives an output of that shape."""
    cost = costmodel.cost(layer, shape)
    assert cost == costmodel.cost(operator, shape, **arguments)
    assert costmodel.flops(layer, shape) == cost.flops
    output = layer(torch.zeros(shape))
    output = output[0] if isinstance(output, tuple) else output
    assert cost.output_shape == tuple(output.shape)


def test_every_pooling_layer_of_torch_is_known() -> None:
    """So that the day torch gains one, we notice."""
    pooling = {name for name in dir(nn) if "Pool" in name}
    assert pooling == {type(layer).__name__ for layer, *_ in LAYERS}


def test_bytes_of_a_layer() -> None:
    """Every question that takes an operator takes a layer; a torch.Size is a shape."""
    size = torch.zeros(1, 64, 112, 112, device="meta").shape
    assert costmodel.bytes_moved(nn.MaxPool2d(3, 2, 1), size, dtype=torch.float16) == 2007040


def test_subclasses() -> None:
    """A subclass is its base unless it computes something of its own."""

    class Named(nn.MaxPool2d):
        pass

    class Negated(nn.MaxPool2d):
        def forward(self, input: torch.Tensor) -> torch.Tensor:
            return torch.neg(super().forward(input))

    assert costmodel.flops(Named(2), (1, 4, 4)) == 12
    with pytest.raises(TypeError) as caught:
        costmodel.flops(Negated(2), (1, 4, 4))
    assert str(caught.value) == (
        "layer of type Negated has a forward of its own, so it need not cost what MaxPool2d costs"
    )


def test_subclasses_of_modules_that_say_what_they_are() -> None:
    """The same holds for them."""

    class Named(pooling.SoftmaxPool2d):
        pass

    class Negated(pooling.SoftmaxPool2d):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.neg(super().forward(x))

    assert costmodel.flops(Named(2), (1, 4, 4)) == costmodel.flops("softmax_pool2d", (1, 4, 4), 2)
    with pytest.raises(TypeError) as caught:
        costmodel.flops(Negated(2), (1, 4, 4))
    assert str(caught.value) == (
        "layer of type Negated has a forward of its own, so it need not cost what SoftmaxPool2d "
        "costs"
    )


def test_modules_of_other_packages_that_say_what_they_are() -> None:
    """A method ``as_operator`` is enough, beside a forward of any class above or below it."""

    class Says:
        def as_operator(self) -> tuple[str, dict[str, Any]]:
            return "max_pool2d", {"kernel_size": 2}

    class Mine(Says, nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return nn.functional.max_pool2d(x, 2)

    class Negated(pooling.MaxPool2d):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.neg(super().forward(x))

    assert costmodel.flops(Mine(), (1, 4, 4)) == 12
    with pytest.raises(TypeError, match=r"Negated has a forward of its own, .* MaxPool2d costs"):
        costmodel.flops(Negated(2), (1, 4, 4))


def test_every_rebuilt_module_is_told_from_what_it_equals() -> None:
    """Of the classes that ``pooling`` offers."""
    assert all(is_rebuilt(layer) for layer, *_ in REBUILT)
    assert not any(is_rebuilt(layer) for layer, *_ in LAYERS + DESCRIBED)


def test_a_module_that_is_no_operator_at_the_moment() -> None:
    """In training a random choice between two poolings costs the one or the other."""
    layer = pooling.MixedPool2d(2, draw="window")
    with pytest.raises(TypeError) as caught:
        costmodel.flops(layer, (1, 4, 4))
    assert str(caught.value) == (
        f"layer {layer!r} is not a single operator in its present mode; costmodel.of_model counts "
        "the operators that it calls"
    )


def test_other_layers_are_refused() -> None:
    """With the layers that there are."""
    with pytest.raises(TypeError) as caught:
        costmodel.flops(nn.ReLU(), (1, 4, 4))
    assert str(caught.value) == (
        "layer must be a pooling layer of torch.nn or of pooling, or have a method as_operator, "
        "got ReLU(); layers of torch.nn: AdaptiveAvgPool{1,2,3}d, AdaptiveMaxPool{1,2,3}d, "
        "AvgPool{1,2,3}d, FractionalMaxPool{2,3}d, LPPool{1,2,3}d, MaxPool{1,2,3}d, "
        "MaxUnpool{1,2,3}d; costmodel.of_model takes any module"
    )


def test_a_layer_takes_no_arguments() -> None:
    """They would contradict its own."""
    with pytest.raises(TypeError) as caught:
        costmodel.flops(nn.AdaptiveAvgPool2d(2), (1, 4, 4), output_size=3)
    assert str(caught.value) == (
        "AdaptiveAvgPool2d(output_size=2) brings its own arguments: give the shape alone"
    )


def test_a_layer_class_is_no_layer() -> None:
    """Neither a name nor a layer."""
    with pytest.raises(TypeError, match=r"or a pooling layer, got <class"):
        costmodel.flops(nn.MaxPool2d, (1, 4, 4))  # type: ignore[arg-type]


def test_torch_is_not_loaded_to_look() -> None:
    """A call by name, even a wrong one, leaves torch alone."""
    code = (
        "import sys, costmodel\n"
        "try: costmodel.flops(7, (1, 4))\n"
        "except TypeError: print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
