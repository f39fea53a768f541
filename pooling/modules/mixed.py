"""Mixed pooling: a blend of the maximum and the average, or a random choice between them."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from pooling.checks import check_name, per_axis
from pooling.kinds.avg_pool import average_arguments
from pooling.layer import Pooling, check_input
from pooling.modules.sampling import check_generator, uniform
from pooling.modules.windows import widened
from pooling.rebuilt.taps import spatial_sizes

_LARGEST: dict[int, Any] = {1: F.max_pool1d, 2: F.max_pool2d, 3: F.max_pool3d}
_MEAN: dict[int, Any] = {1: F.avg_pool1d, 2: F.avg_pool2d, 3: F.avg_pool3d}

#: What one random choice is made for.
DRAWS = ("layer", "channel", "window")


class MixedPool(Pooling):
    """a·(max-pooling) + (1 − a)·(average pooling), a = ``proportion``, :func:`pooling.mixed_pool`.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point; the output has its
    dtype and device. Both poolings are torch's.

    Args:
        kernel_size: The elements of a window, one int or one per axis.
        stride: The elements from one window to the next; ``kernel_size`` if left out.
        padding: The elements added on each side, one int or one per axis.
        ceil_mode: Whether a last window may overhang the padded input.
        count_include_pad: Whether the divisor of the average counts padding.
        proportion: The share of the maximum, from 0 to 1.
        learnable: Whether the proportion is a parameter, started there. It is kept as its
            ``logit``, whatever value of which is a proportion strictly between 0 and 1.
        draw: Whether training *chooses* the maximum, with the proportion as its probability,
            instead of blending: once for the ``"layer"``, for each ``"channel"`` of each sample,
            or for each ``"window"``. Evaluation gives the blend, which is the expectation.
        generator: Where the random numbers come from; torch's default generator if left out.

    Raises:
        ValueError: A proportion outside [0, 1], or at its ends if learnable; an unknown draw, or
            one that is learnable; when the module is called, arguments that torch refuses.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: Yu, Wang, Chen and Wei, "Mixed Pooling for Convolutional Neural Networks", 2014 (the
    random choice); Lee, Gallagher and Tu, "Generalizing Pooling Functions in Convolutional Neural
    Networks", 2016 (the learnt proportion).

    >>> import pooling
    >>> x = torch.tensor([[[1.0, 1.0], [0.0, 2.0]]])
    >>> pooling.MixedPool2d(2, learnable=True)(x).tolist()
    [[[1.5]]]
    >>> pool = pooling.MixedPool2d(2, draw="window", generator=torch.Generator().manual_seed(0))
    >>> sorted({pool(x).item() for _ in range(20)}), pool.eval()(x).item()
    ([1.0, 2.0], 1.5)
    """

    operator = "mixed_pool"
    count_include_pad: bool
    proportion: Any

    def __init__(
        self,
        *args: Any,
        learnable: bool = False,
        draw: str | None = None,
        generator: torch.Generator | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        proportion = self.proportion
        check_generator(generator)
        if draw is not None:
            check_name("draw", draw, DRAWS)
        if draw is not None and learnable:
            raise ValueError("learnable must be False with draw: a choice has no gradient")
        if learnable and proportion in (0, 1):
            raise ValueError(
                f"proportion must lie strictly between 0 and 1 to be learnable, got {proportion}"
            )
        self.draw = draw
        self.generator = generator
        self.logit: nn.Parameter | None = None
        if learnable:
            self.logit = nn.Parameter(torch.logit(torch.tensor(float(proportion))))

    def as_operator(self) -> tuple[str, dict[str, Any]] | None:
        """Return the operator; a module that draws is a blend only in evaluation."""
        return None if self.draw is not None and self.training else super().as_operator()

    def share(self, x: Tensor) -> Tensor | float:
        """Return the share of the maximum, as it is now."""
        if self.logit is None:
            return float(self.proportion)
        return torch.sigmoid(self.logit).to(x.dtype)

    def forward(self, x: Tensor) -> Tensor:
        """Return the blend for every window of ``x``, ``(N, C, *spatial)`` or unbatched."""
        check_input(x, narrow=True)
        per_axis("padding", self.padding, self.dimensions)
        average_arguments(
            self.dimensions,
            (1, *spatial_sizes(x, self.dimensions)),
            self.kernel_size,
            self.stride,
            self.padding,
            self.ceil_mode,
            self.count_include_pad,
        )
        return self._pooled(widened(x)).to(x.dtype)

    def _pooled(self, x: Tensor) -> Tensor:
        share = self.share(x)
        if self.draw is not None and self.training:
            largest, mean = self._largest(x), self._mean(x)
            chosen = uniform(self._choices(largest), largest, self.generator) < share
            return torch.where(chosen, largest, mean)
        if self.logit is None and share == 1:
            return self._largest(x)
        if self.logit is None and share == 0:
            return self._mean(x)
        return self._largest(x) * share + self._mean(x) * (1 - share)

    def _largest(self, x: Tensor) -> Tensor:
        largest: Tensor = _LARGEST[self.dimensions](
            x, self.kernel_size, self.stride, self.padding, ceil_mode=self.ceil_mode
        )
        return largest

    def _mean(self, x: Tensor) -> Tensor:
        mean: Tensor = _MEAN[self.dimensions](
            x, self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad
        )
        return mean

    def _choices(self, pooled: Tensor) -> tuple[int, ...]:
        """Return the shape of the choices, which is broadcast to that of the outputs."""
        if self.draw == "layer":
            return (1,) * pooled.ndim
        if self.draw == "channel":
            return (*pooled.shape[: -self.dimensions], *[1] * self.dimensions)
        return tuple(pooled.shape)

    def extra_repr(self) -> str:
        """Return the arguments for ``repr``, as torch's layers print theirs."""
        return f"{super().extra_repr()}, learnable={self.logit is not None}, draw={self.draw}"
