"""The maximum of a window as a plain network: convolutions and ReLUs in a row, nothing beside them.

Without a skip connection what a layer does not pass on is lost, so the maximum of m and t takes
three neurons, ReLU(t − m) + ReLU(m) − ReLU(−m), and a value that waits for its turn takes two,
v = ReLU(v) − ReLU(−v). What cannot be negative needs no ReLU(−v). What one layer puts out and the
next takes in are both linear, so they are one convolution: the first one picks the taps, all others
are 1 × 1.

All weights are 0 and ±1, with ``"shallow"`` ±½ as well, and depend on the window alone:
channels are folded into the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from math import prod

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pooling.arguments import Axis
from pooling.layer import without_autocast
from pooling.networks import Network, shallow
from pooling.rebuilt.maximum import SCHEMES, Order
from pooling.rebuilt.taps import by_dimension, extend

#: The matrices of a network x ↦ A_L ReLU(… ReLU(A_0 x)); A_0 takes the taps, A_L has one row.
Layers = list[Tensor]

#: The convolution of torch over so many spatial axes.
CONVOLUTIONS = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}


def laid_out(x: Tensor, dimensions: int) -> Tensor:
    """Return ``x``, over so many spatial axes, laid out as any other tensor if it has one channel.

    Where that is laid out by channels last, ``conv2d`` with stride (1, 2) or (1, 3) and a window of
    4 or more reads beyond it (torch 2.13 with oneDNN, on a CPU): its last results are anything.

    >>> image = torch.ones(1, 1, 4, 5).to(memory_format=torch.channels_last)
    >>> image.stride(), laid_out(image, 2).stride()
    ((20, 1, 5, 1), (20, 20, 5, 1))
    """
    channel = -dimensions - 1
    return x.squeeze(channel).unsqueeze(channel) if x.shape[channel] == 1 else x


class _Value:
    """A value of the network: a tap, or the maximum of two values."""

    def __init__(self, *parts: _Value) -> None:
        self.parts = parts
        self.layer: int = 1 + max((part.layer for part in parts), default=-1)


def merging_layers(order: Order, taps: int, non_negative: bool = False) -> Layers:
    """Return the layers in which ``order`` merges ``taps`` values, all that can be at once.

    With ``non_negative`` they are right for values ≥ 0 only, and narrower.

    >>> from pooling.rebuilt.maximum import in_pairs
    >>> [tuple(matrix.shape) for matrix in merging_layers(in_pairs, 9)]
    [(14, 9), (8, 14), (5, 8), (3, 5), (1, 3)]
    """
    # How a value is passed on: by ReLU(v) − ReLU(−v), or by ReLU(v) alone.
    carry = [1.0] if non_negative else [1.0, -1.0]
    merged: list[_Value] = []

    def merge(maximum: _Value, tap: _Value) -> _Value:
        merged.append(_Value(maximum, tap))
        return merged[-1]

    values = [_Value() for _ in range(taps)]
    result = order(values, merge)
    # What each value is in terms of the neurons of the layer before.
    rows = dict(zip(values, torch.eye(taps), strict=True))
    layers: Layers = []
    for layer in range(1, result.layer + 1):
        neurons: list[Tensor] = []
        signs: dict[_Value, dict[int, float]] = {}
        for value in merged:
            if value.layer == layer:
                maximum, tap = (rows[part] for part in value.parts)
                signs[value] = dict(enumerate([1.0, *carry], start=len(neurons)))
                neurons += [tap - maximum, *[sign * maximum for sign in carry]]
        waiting = {part for value in merged if value.layer > layer for part in value.parts}
        for value in [value for value in rows if value in waiting]:
            signs[value] = dict(enumerate(carry, start=len(neurons)))
            neurons += [sign * rows[value] for sign in carry]
        layers.append(torch.stack(neurons))
        rows = {value: _row(entries, len(neurons)) for value, entries in signs.items()}
    return [*layers, rows[result][None]]


def _row(entries: dict[int, float], width: int) -> Tensor:
    row = torch.zeros(width)
    for place, sign in entries.items():
        row[place] = sign
    return row


def matrices(network: Network) -> Layers:
    """Return the weights of a network without biases as tensors.

    Raises ``ValueError`` if there are biases.

    >>> from pooling.networks import tree
    >>> [matrix.tolist() for matrix in matrices(tree(2, non_negative=True))]
    [[[-1.0, 1.0], [1.0, 0.0]], [[1.0, 1.0]]]
    """
    if any(any(layer.bias) for layer in network.layers):
        raise ValueError("network must have no biases: the layers here are matrices")
    return [
        torch.tensor([[float(entry) for entry in row] for row in layer.weights])
        for layer in network.layers
    ]


def shallow_layers(taps: int, non_negative: bool = False) -> Layers:
    """Return the layers of :func:`pooling.networks.shallow`.

    >>> [len(matrix) for matrix in shallow_layers(9)]
    [14, 10, 9, 1]
    """
    return matrices(shallow(taps, non_negative))


#: The name of a scheme → its layers for a number of taps, and for whether none is negative.
NETWORKS: dict[str, Callable[[int, bool], Layers]] = {
    **{name: partial(merging_layers, scheme.order) for name, scheme in SCHEMES.items()},
    "shallow": shallow_layers,
}


class Convolution(nn.Module):
    """A convolution whose weights are constants: no parameters, and nothing in the state_dict.

    >>> Convolution(torch.ones(1, 1, 2), stride=(2,), dilation=(1,))(torch.ones(1, 1, 4)).tolist()
    [[[2.0, 2.0]]]
    """

    weight: Tensor

    def __init__(self, weight: Tensor, stride: tuple[int, ...], dilation: tuple[int, ...]) -> None:
        super().__init__()
        self.register_buffer("weight", weight, persistent=False)
        self.stride, self.dilation = stride, dilation

    def forward(self, x: Tensor) -> Tensor:
        """Return the convolution of ``x``, of shape ``(N, channels, *spatial)``, in its dtype."""
        convolution = CONVOLUTIONS[len(self.stride)]
        # 0, ±½ and ±1 are exact in every dtype: nothing is lost in a model that was cast and back.
        return convolution(x, self.weight.to(x), stride=self.stride, dilation=self.dilation)

    def extra_repr(self) -> str:
        """Return the shape of the weights for ``repr``."""
        outputs, inputs, *window = self.weight.shape
        return f"{inputs}, {outputs}, kernel_size={tuple(window)}, stride={self.stride}"


def maximum_network(
    scheme: str,
    window: Sequence[int],
    stride: Sequence[int],
    dilation: Sequence[int],
    sign: int = 1,
    non_negative: bool = False,
) -> nn.Sequential:
    """Return the network that takes an image of one channel to the maxima of its windows.

    Args:
        scheme: A name in :data:`NETWORKS`.
        window: The elements of a window, one entry per spatial axis, as in ``stride`` and
            ``dilation``.
        stride: The elements from one window to the next.
        dilation: The elements from one position of a window to the next.
        sign: −1 for the minima instead: the first and the last weights are negated.
        non_negative: Whether ``sign`` times the image is never negative, so that fewer channels do.

    >>> network = maximum_network("tree", (2, 2), (2, 2), (1, 1))
    >>> network(torch.tensor([[[[-1.0, -2.0], [-3.0, -4.0]]]])).tolist()
    [[[[-1.0]]]]
    """
    count = len(window)
    ones = (1,) * count
    groups = [range(count)]
    if scheme in SCHEMES and SCHEMES[scheme].by_axis:
        groups = [range(axis, axis + 1) for axis in reversed(range(count))]
    modules: list[nn.Module] = []
    for group in groups:
        pooled, step, apart = (
            tuple(of[axis] if axis in group else 1 for axis in range(count))
            for of in (window, stride, dilation)
        )
        first, *rest = NETWORKS[scheme](prod(pooled), non_negative)
        modules.append(Convolution(first.reshape(-1, 1, *pooled), step, apart))
        for matrix in rest:
            modules += [nn.ReLU(), Convolution(matrix.reshape(*matrix.shape, *ones), ones, ones)]
    for end in (modules[0], modules[-1]):
        assert isinstance(end, Convolution)
        end.weight *= sign
    return nn.Sequential(*modules)


def pool_by_network(x: Tensor, axes: Sequence[Axis], network: nn.Module) -> Tensor:
    """Return what ``network`` makes of ``x``, each channel by itself.

    Args:
        x: A tensor of shape ``(N, C, *spatial)`` or ``(C, *spatial)``.
        axes: One per spatial axis.
        network: What takes an image of one channel to its maxima.
    """
    images = extend(x, by_dimension(axes)).flatten(0, -len(axes) - 1).unsqueeze(1)
    with without_autocast(x):
        pooled: Tensor = network(images)
    return pooled.reshape(*x.shape[: -len(axes)], *[axis.outputs for axis in axes])
