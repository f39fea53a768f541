"""Generalised-mean (GeM) pooling: the p-th root of the mean of the p-th powers of the taps.

p = 1 is the mean, and the largest tap is its limit as p grows, so one learnt number places a layer
between average and max-pooling. Taps are clamped from below first: a power that is no whole number
has no value for a negative tap, and its gradient none at 0.
"""

from __future__ import annotations

import numbers
from fractions import Fraction
from functools import reduce
from math import inf, nan
from operator import add
from typing import TYPE_CHECKING, Any

from pooling.arguments import PoolingArguments
from pooling.arithmetic import maximum
from pooling.checks import holds
from pooling.evaluation import by_window, real
from pooling.kind import Kind, with_options
from pooling.kinds.max_pool import pooling_arguments
from pooling.parameters import Real

if TYPE_CHECKING:
    from torch import Tensor

    from pooling.evaluation import Array
    from pooling.modules.windows import StackedWindows, WindowedPool


def _check_positive(name: str, value: Real) -> None:
    number = hasattr(value, "__float__") and not getattr(value, "shape", ())
    if isinstance(value, bool) or not number:
        raise TypeError(f"{name} must be a number, got {value!r} of type {type(value).__name__}")
    if value != value or holds(value <= 0) or holds(value == inf):
        raise ValueError(f"{name} must be positive and finite, got {value}")


def check_p(p: Real) -> None:
    """Refuse a power that is not a positive, finite number.

    >>> check_p(0)
    Traceback (most recent call last):
    ...
    ValueError: p must be positive and finite, got 0
    """
    _check_positive("p", p)


def check_eps(eps: Real) -> None:
    """Refuse a least tap that is not a positive, finite number.

    >>> check_eps(-1e-6)
    Traceback (most recent call last):
    ...
    ValueError: eps must be positive and finite, got -1e-06
    """
    _check_positive("eps", eps)


def _layers() -> type[WindowedPool]:
    """Return what GeM layers are made of; loads torch.

    >>> import torch, pooling
    >>> pool = pooling.GeMPool2d(2, p=2.0)
    >>> round(pool(torch.tensor([[[1.0, 7.0], [5.0, 5.0]]])).item(), 4)
    5.0
    >>> [name for name, _ in pool.named_parameters()]
    ['p']
    """
    import torch
    from torch import nn

    from pooling.modules.windows import WindowedPool

    class GeMPool(WindowedPool):
        """(mean of x^p)^(1/p) over every window, :func:`pooling.gem_pool`, with a learnt p.

        Each window is scaled by its largest tap, so no power overflows or vanishes.

        The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point; the output has
        its dtype and device. ``p`` is a parameter, which training learns.

        Args:
            kernel_size: The elements of a window, one int or one per axis.
            stride: The elements from one window to the next; ``kernel_size`` if left out.
            padding: The elements added on each side, which are never taps.
            dilation: The elements from one position of a window to the next.
            ceil_mode: Whether a last window may overhang the padded input.
            p: The power to begin with, a positive number.
            eps: The least tap: whatever is smaller counts as this.
            learnable: Whether p is a parameter, which training changes; else it is a constant.

        Raises:
            ValueError: A p or an eps that is not positive and finite; when the module is called,
                arguments that torch refuses for a max-pooling.
            TypeError: Values of the wrong type, or an input that is not floating point.
        """

        operator = "gem_pool"
        p: Any
        eps: float

        def __init__(self, *args: Any, learnable: bool = True, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            if learnable:
                p = float(vars(self).pop("p"))
                self.p = nn.Parameter(torch.tensor(p))

        def _named_arguments(self) -> dict[str, Any]:
            named = super()._named_arguments()
            return {**named, "p": self.p.item() if isinstance(self.p, nn.Parameter) else self.p}

        def pool(self, windows: StackedWindows) -> Tensor:
            """Return m · (mean of (x/m)^p)^(1/p), m = max x, of the clamped taps."""
            taps = windows.positions.clamp(min=self.eps)
            p = self.p.to(taps) if isinstance(self.p, nn.Parameter) else self.p
            largest = windows.filled(taps, self.eps).amax(0).detach()
            scale = largest.masked_fill(largest.isinf(), 1)
            powers = windows.filled(torch.pow(taps / scale, p), 0)
            return scale * torch.pow(powers.sum(0) / windows.taps, 1 / p)

    return GeMPool


@Kind(
    __name__,
    title="Generalised-mean pooling",
    computes="the p-th root of the mean of the p-th powers of the taps of every window",
    source='Radenović, Tolias and Chum, "Fine-tuning CNN Image Retrieval with No Human '
    'Annotation", 2019, whose p = 3 and eps = 1e-6 are the defaults',
    read=with_options(pooling_arguments, "return_indices", p=(3.0, check_p), eps=(1e-6, check_eps)),
    layers={"GeMPool": _layers},
    also=("GeM", "generalised mean", "generalized mean"),
    described={
        "p": "The power, a positive number.",
        "eps": "The least tap, a positive number: whatever is smaller counts as this.",
    },
)
def gem_pool(array: Array, arguments: PoolingArguments) -> Array:
    """Return the p-th root of the mean of the p-th powers of the taps of every window.

    That is (mean of max(x, eps)^p)^(1/p). Of numbers the largest tap m is divided out first,
    m·(mean of (x/m)^p)^(1/p), which changes nothing in exact arithmetic and lets no power overflow.

    Returns:
        An array of shape ``(*leading, *outputs)``. Floats keep their dtype, integers become
        float64; symbols stay exact. A window with +inf is +inf; one with a NaN is NaN, and so is
        one without any tap.

    Raises:
        ValueError: Arguments that torch refuses for a max-pooling, or a ``p`` or an ``eps`` that
            is not positive and finite.
        TypeError: A ``kernel_size`` that is no tuple, or values of the wrong type.

    Source: Radenović, Tolias and Chum, "Fine-tuning CNN Image Retrieval with No Human Annotation",
    2019, equation 3.

    >>> gem_pool([1.0, 7.0, 5.0, 5.0], (2,), p=2).tolist()
    [5.0, 5.0]
    >>> bool(gem_pool([3e200, 4e200], (2,), p=2)[0] < 3.54e200)  # and not infinite
    True
    """
    import numpy

    array = real(array)
    p, eps = arguments.options["p"], arguments.options["eps"]
    root: Any = Fraction(1, p) if array.dtype == object and isinstance(p, int) else 1 / p

    def pool(taps: list[Array]) -> Array:
        if taps[0].dtype == object:
            clamped = [numpy.frompyfunc(lambda tap: maximum(tap, eps), 1, 1)(tap) for tap in taps]
            if not all(isinstance(value, numbers.Real) for tap in clamped for value in tap):
                symbolic: Array = _mean([tap**p for tap in clamped]) ** root
                return symbolic
            scale = reduce(numpy.frompyfunc(maximum, 2, 1), clamped)
        else:
            clamped = [numpy.maximum(tap, eps) for tap in taps]
            largest = reduce(numpy.maximum, clamped)
            scale = numpy.where(largest == inf, 1, largest)
        pooled: Array = scale * _mean([(tap / scale) ** p for tap in clamped]) ** root
        return pooled

    return by_window(array, arguments.windowed, pool, empty=nan)


def _mean(powers: list[Array]) -> Array:
    mean: Array = reduce(add, powers) / len(powers)
    return mean
