"""Power average pooling: LP pooling with a power that may be learnt, and no overflow on the way.

(Σ xᵖ)^(1/p) is homogeneous: over the largest tap m every power is at most 1, and m times the root
is the result. torch takes the powers of the taps themselves, which leave the range of the dtype
long before their root would.
"""

from collections.abc import Mapping
from math import inf, log
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from pooling.kinds.lp_pool import check_norm_type
from pooling.modules.windows import StackedWindows, WindowedPool, check_non_negative
from pooling.rebuilt.avg_pool import extents


class PowerAveragePool(WindowedPool):
    """The p-norm of every window, p = ``norm_type``, in place of ``torch.nn.LPPool2d``.

    Values are those of :func:`pooling.lp_pool` of absolute values, a norm for every p ≥ 1. Torch's
    layer takes none, so that an odd p, or one that is no integer, may give NaN for negative taps;
    ``absolute=False`` does as well. Neither the powers nor their sum overflow or vanish: the result
    does only if the norm itself is out of range.

    Gradients are those of the norm. At a window of zeros, where it has none, the gradient is 0, as
    in torch; for p = 1 without absolute values, the sum, it is 1, where torch's is 0. For p below 1
    the slope at a tap of 0 is infinite, and for negative p no gradient is promised there.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point; the output has its
    dtype and device.

    Args:
        norm_type: The power p, any number but 0; ±inf for the largest, or smallest, absolute value.
        kernel_size: The elements of a window, one int or one per axis.
        stride: The elements from one window to the next; ``kernel_size`` if left out.
        ceil_mode: Whether a last window may overhang the padded input.
        padding: The elements added on each side, which are no taps: one int, one per axis, or one
            pair (before, after) per axis; by name only, as what follows.
        dilation: The elements from one position of a window to the next.
        absolute: Whether powers are of absolute values.
        scale_overhang: Whether a window that overhangs is weighted as if it were whole, as in
            torch, or else has the taps that it has, as in ONNX.
        learnable: Whether p is a parameter, started at ``norm_type``. It is kept as its logarithm,
            whatever value of which is a positive p. Without absolute values the input must not be
            negative then: a power that moves is no integer.

    Raises:
        ValueError: A norm_type of 0, or none that can be learnt; when the module is called,
            arguments that torch refuses, and without absolute values a negative element if p is
            learnt. In compiled code, which looks at no element first, it gives NaN instead.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: ``torch.nn.LPPool2d``; Gulcehre et al., "Learned-Norm Pooling for Deep Feedforward and
    Recurrent Neural Networks", 2014 (the learnt power).

    >>> import pooling
    >>> x = torch.full((1, 2, 2), 2.0**100)
    >>> pooling.PowerAveragePool2d(2, 2)(x).item() == 2.0**101, torch.nn.LPPool2d(2, 2)(x).item()
    (True, inf)
    """

    operator = "lp_pool"
    by_name = ("padding", "dilation", "absolute", "scale_overhang")
    defaults: ClassVar[Mapping[str, Any]] = {"absolute": True}
    norm_type: Any
    absolute: bool
    scale_overhang: bool

    def __init__(self, *args: Any, learnable: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        norm_type = self.norm_type
        infinite = check_norm_type(norm_type)
        if learnable and (infinite or norm_type < 0):
            raise ValueError(
                f"norm_type must be positive and finite to be learnable, got {norm_type}"
            )
        self.log_norm_type: nn.Parameter | None = None
        if learnable:
            self.log_norm_type = nn.Parameter(torch.tensor(log(norm_type)))

    @property
    def nothing(self) -> float:  # type: ignore[override] # it depends on the power
        """The norm of a window without any tap, as of zeros; for ±inf as in a max-pooling."""
        if abs(self.norm_type) == inf:
            return float(-self.norm_type)
        return 0.0 if self.norm_type > 0 else inf

    def power(self, x: Tensor) -> Tensor | float:
        """Return the power p as it is now, in the dtype and on the device of ``x``."""
        if self.log_norm_type is None:
            return float(self.norm_type)
        return self.log_norm_type.to(x).exp()

    def check(self, x: Tensor) -> None:
        """Refuse negative elements as well, if the power is learnt."""
        super().check(x)
        if self.log_norm_type is not None and not self.absolute:
            check_non_negative(x, "a power average whose power is learnt")

    def pool(self, windows: StackedWindows) -> Tensor:
        """Return (k · mean of xᵖ)^(1/p)."""
        taps = windows.positions.abs() if self.absolute else windows.positions
        # Of negative powers the smallest element has the largest.
        largest = windows.filled(taps.abs(), 0).amax(0)
        smallest = windows.filled(taps.abs(), inf).amin(0)
        extreme = largest if self.norm_type > 0 else smallest
        if abs(self.norm_type) == inf:
            return extreme
        scale = extreme.detach()
        scale = scale.masked_fill((scale == 0) | scale.isinf(), 1)
        p = self.power(taps)
        total = windows.filled(torch.pow(taps / scale, p), 0).sum(0)
        if self.scale_overhang and windows.inside is not None:
            for number, axis in enumerate(windows.axes):
                counted = extents(axis, True, taps.device)
                weight = axis.kernel_size / counted.clamp(min=1).to(taps.dtype)
                total = total * weight.reshape(-1, *[1] * (len(windows.axes) - number - 1))
        # The norm has no derivative at 0, and the slope of the root is infinite; but a sum has one.
        vanishes = (total == 0) & torch.as_tensor((p > 0) & (p != 1), device=total.device)
        root = torch.pow(total.masked_fill(vanishes, 1), 1 / p)
        return scale * root.masked_fill(vanishes, 0)

    def extra_repr(self) -> str:
        """Return the arguments for ``repr``, as torch's layers print theirs."""
        return f"{super().extra_repr()}, learnable={self.log_norm_type is not None}"
