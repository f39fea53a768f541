"""Stochastic pooling: in training a tap drawn by its activation, otherwise the expectation."""

from itertools import accumulate
from math import nan
from operator import add
from typing import Any

import torch
from torch import Tensor

from pooling.modules.sampling import check_generator, uniform
from pooling.modules.windows import StackedWindows, WindowedPool, check_non_negative


class StochasticPool(WindowedPool):
    """A tap of every window drawn with probability xᵢ/Σx, :func:`pooling.stochastic_pool`.

    In training each output draws its own tap, which gets all of the gradient; in evaluation it is
    the expectation of that, Σxᵢ²/Σxᵢ. A window of zeros is 0, and none of it gets any gradient.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)``, floating point and not negative, as
    behind a ReLU; the output has its dtype and device. There is no state besides the generator's.

    Args:
        kernel_size: The elements of a window, one int or one per axis.
        stride: The elements from one window to the next; ``kernel_size`` if left out.
        padding: The elements added on each side, which are never taps: one int, one per axis, or
            one pair (before, after) per axis.
        dilation: The elements from one position of a window to the next.
        ceil_mode: Whether a last window may overhang the padded input.
        generator: Where the random numbers come from; torch's default generator if left out.

    Raises:
        ValueError: When the module is called, arguments that torch refuses for a max-pooling, or a
            negative element. Compiled code looks at no element first: there a window with a
            negative tap is NaN.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: Zeiler and Fergus, "Stochastic Pooling for Regularization of Deep Convolutional Neural
    Networks", 2013.

    >>> import pooling
    >>> x = torch.tensor([[[1.0, 1.0], [0.0, 2.0]]])
    >>> pooling.StochasticPool2d(2).eval()(x).tolist()
    [[[1.5]]]
    >>> pool = pooling.StochasticPool2d(2, generator=torch.Generator().manual_seed(0))
    >>> sorted({pool(x).item() for _ in range(20)})
    [1.0, 2.0]
    """

    operator = "stochastic_pool"
    nothing = 0

    def __init__(self, *args: Any, generator: torch.Generator | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        check_generator(generator)
        self.generator = generator

    def as_operator(self) -> tuple[str, dict[str, Any]]:
        """Return the operator, which knows training from inference."""
        arguments = {**self._named_arguments(), "training": self.training}
        return f"{self.operator}{self.dimensions}d", arguments

    def check(self, x: Tensor) -> None:
        """Refuse negative elements as well."""
        super().check(x)
        check_non_negative(x, "a stochastic pooling")

    def pool(self, windows: StackedWindows) -> Tensor:
        """Return Σ xᵢ²/Σ xᵢ or, in training, a tap drawn with probability xᵢ/Σ x."""
        taps = windows.filled(windows.positions, 0)
        largest = taps.amax(0).detach()
        # Over the largest tap no sum overflows and no square vanishes.
        scaled = taps / torch.where(largest == 0, 1, largest)
        scaled = scaled.masked_fill(taps < 0, nan)
        if self.training:
            return self._drawn(taps, scaled)
        total = scaled.sum(0)
        weights = scaled / torch.where(total == 0, 1, total)
        # Rounded weights may add up to more than 1: what they are of is at most 0, and so is that.
        return largest + (weights * (taps - largest)).sum(0)

    def _drawn(self, taps: Tensor, scaled: Tensor) -> Tensor:
        """Return the first tap at which the running sum exceeds a random share of the whole."""
        # Added one by one: a running sum that torch splits up need not grow from tap to tap.
        sums = list(accumulate(scaled.detach().unbind(), add))
        threshold = sums[-1] * uniform(sums[-1].shape, sums[-1], self.generator)
        index = torch.zeros_like(threshold, dtype=torch.int64)
        for reached in sums[:-1]:
            index = index + (reached <= threshold)
        drawn = taps.gather(0, index[None])[0]
        # In a window of zeros every tap is as good as any other, and none gets the gradient.
        drawn = torch.where(sums[-1] == 0, 0, drawn)
        return drawn.masked_fill(sums[-1].isnan(), nan)
