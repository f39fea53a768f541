"""Fractional max-pooling: windows that are drawn are gathered, and their largest taps taken."""

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from pooling.arguments import FractionalAxis
from pooling.kinds.fractional_max_pool import fractional_arguments
from pooling.layer import Pooling, check_input
from pooling.modules.sampling import check_generator, uniform
from pooling.rebuilt.taps import spatial_sizes

_LARGEST: dict[int, Any] = {2: F.max_pool2d, 3: F.max_pool3d}


class FractionalMaxPool(Pooling):
    """The largest tap of windows that are drawn, in place of ``torch.nn.FractionalMaxPool2d``.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point of at least 16 bits;
    the output has its dtype and device. Windows are drawn in every call, in evaluation as well, one
    number for each channel of each sample and each axis; from torch's default generator the same as
    torch's layer draws. With ``random_samples`` it is :func:`pooling.fractional_max_pool` of them.
    The first of equal taps gets the gradient. There is no state besides the generator's.

    Args:
        kernel_size: The elements of a window, one int or one per axis.
        output_size: The number of windows, one int or one per axis.
        output_ratio: Windows per element, if there is no output_size.
        generator: Where the random numbers come from; torch's default generator if left out.

    Raises:
        ValueError: When the module is called, windows that torch refuses, or random samples of
            another shape.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: Graham, "Fractional Max-Pooling", 2014; ``torch.nn.FractionalMaxPool2d``.

    >>> import pooling
    >>> x = torch.arange(9.0).reshape(1, 3, 3)
    >>> pooling.FractionalMaxPool2d(2, output_size=2)(x, torch.full((1, 2), 0.5)).tolist()
    [[[4.0, 5.0], [7.0, 8.0]]]
    """

    operator = "fractional_max_pool"
    output_size: Any
    output_ratio: Any

    def __init__(self, *args: Any, generator: torch.Generator | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        check_generator(generator)
        self.generator = generator

    def forward(self, x: Tensor, random_samples: Tensor | None = None) -> Tensor:
        """Return the pooled ``x``; ``random_samples`` are ``(*leading, axes)``, as in torch.

        Over two axes the number of the last axis comes first. An unbatched input may have them with
        a batch of one, for torch has no others.
        """
        check_input(x)
        count = self.dimensions
        arguments = fractional_arguments(
            count, (1, *spatial_sizes(x, count)), self.kernel_size, self.output_size,
            self.output_ratio,
        )  # fmt: skip
        axes: Any = arguments.axes
        samples = self._samples(x, random_samples)
        if 0 in arguments.output_shape:
            return x.new_empty(*x.shape[:-count], *arguments.output_shape[1:])
        for number, axis in enumerate(axes):
            drawn = samples[..., count - 1 - number if count == 2 else number]
            x = _gathered(x, starts(drawn, axis), axis.kernel_size, number - count)
        largest: Tensor = _LARGEST[count](x, [axis.kernel_size for axis in axes])
        return largest

    def _samples(self, x: Tensor, given: Any) -> Tensor:
        """Return one number for each place of the leading axes and each axis."""
        shape = (*x.shape[: -self.dimensions], self.dimensions)
        if given is None:
            return uniform(shape, x, self.generator)
        if not isinstance(given, Tensor) or not given.is_floating_point():
            raise TypeError(f"random_samples must be a floating-point tensor, got {given!r}")
        if given.shape == (1, *shape) and x.ndim == self.dimensions + 1:
            return given[0]
        if given.shape != shape:
            raise ValueError(
                f"random_samples must have the shape {tuple(shape)}, got {tuple(given.shape)}"
            )
        return given


def starts(drawn: Tensor, axis: FractionalAxis) -> Tensor:
    """Return where windows begin along an axis, ``(*leading, outputs)``, given its random numbers.

    Computed in the dtype of the numbers, as torch does; where a narrow one rounds a window out of
    the input, which torch fails at, it is the last that fits.

    >>> starts(torch.tensor([0.0, 0.5]), FractionalAxis(7, 2, 4)).tolist()
    [[0, 1, 3, 5], [0, 2, 4, 5]]
    """
    last: int = axis.size - axis.kernel_size
    steps = torch.arange(axis.outputs - 1, dtype=drawn.dtype, device=drawn.device)
    step = drawn.new_tensor(last) / drawn.new_tensor(max(axis.outputs - 1, 1))
    drawn = drawn[..., None]
    before = ((steps + drawn) * step).long() - (drawn * step).long()
    ends = before.new_full((*before.shape[:-1], 1), last)
    return torch.cat([before.clamp(0, last), ends], -1)


def _gathered(x: Tensor, starts: Tensor, kernel_size: int, dim: int) -> Tensor:
    """Return the windows of an axis one behind the other, of each place of the leading axes."""
    places = starts[..., None] + torch.arange(kernel_size, device=starts.device)
    index = places.flatten(-2)
    shape = [*index.shape[:-1], *[1] * (x.ndim - index.ndim + 1)]
    shape[dim] = index.shape[-1]
    # Unlike take_along_dim this leaves the batch open in exported programs.
    return x.gather(dim, index.reshape(shape).expand(*x.shape[:dim], -1, *x.shape[dim:][1:]))
