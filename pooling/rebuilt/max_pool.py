"""Max- and min-pooling by ReLU, as modules that stand in for torch's.

How far a result may be from the maximum, with R = max − min of the window, A = the largest
absolute value in it, and u = 2^−p half the distance from 1 to the next number (p = 11 for float16,
8 bfloat16, 24 float32, 53 float64), as long as no difference of two taps overflows:

================ ========================= =====================================================
scheme           with skips                as a plain network of L layers of ReLUs
================ ========================= =====================================================
``"fold"``       ε·R, ε = 2u/(1 + u)       ((1 + 20u)^L − 1)·A, L = taps − 1
``"tree"``       ((1 + ε)^levels − 1)·R    as above, L = levels = ⌈log2(taps)⌉
``"separable"``  ((1 + ε)^axes − 1)·R      as above, L = Σ (kernel_size − 1)
``"shallow"``    no such form              :func:`pooling.networks.rounding_error`·A
================ ========================= =====================================================

With skips, a merge never goes below its first operand and errs by ε times the difference of its
operands at most, which the errors before it have widened: e' ≤ e + ε·(R + e) per level. A fold pays
only once, because what it has rounded up is only ever replaced by something larger. A plain network
carries values along as ReLU(v) − ReLU(−v) and adds up to four numbers of at most 2A: 18u for the
difference, u for the value, and less than 20u with the terms of second order. Its error does not
shrink with R: networks without skips are for exact arithmetic, small windows and wide formats. With
``non_negative`` they add up fewer numbers, and keep these bounds. On CUDA devices both need
``torch.backends.cudnn.allow_tf32 = False``.

Integers are exact as long as no difference of two taps overflows; unsigned ones are refused.

NaN in a window makes it NaN, as in torch. Infinities do not all survive a subtraction. With skips
one +inf is returned as it should be; two of them, or a −inf that is the maximum so far when the
next tap arrives, give NaN, and padding repeats elements, so one +inf beside it can count as two. A
plain network also multiplies by 0, which makes NaN of almost any infinity in the window. A
difference that overflows becomes +inf, and so does the result.
"""

from collections.abc import Sequence
from math import inf
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from pooling.arguments import Axis, Window
from pooling.checks import check_name
from pooling.layer import Pooling, check_input
from pooling.rebuilt.maximum import SCHEMES, relu_merge
from pooling.rebuilt.plain import NETWORKS, maximum_network, pool_by_network
from pooling.rebuilt.taps import by_dimension, spatial_sizes, taps, without_taps

#: A size into which every window fits: a plain network does not depend on the input.
_ROOMY = 2**40


def with_skips(scheme: str, skips: bool | None = None) -> bool:
    """Return whether a module has skips: what was asked for, by default what its scheme has.

    Raises ``ValueError`` if there is no such scheme, or no such form of it.

    >>> with_skips("tree"), with_skips("tree", False), with_skips("shallow")
    (True, False, False)
    >>> with_skips("shallow", skips=True)
    Traceback (most recent call last):
    ...
    ValueError: skips must be False or left out with scheme 'shallow', which has no such form
    """
    check_name("scheme", scheme, NETWORKS)
    if skips and scheme not in SCHEMES:
        raise ValueError(
            f"skips must be False or left out with scheme {scheme!r}, which has no such form"
        )
    return scheme in SCHEMES if skips is None else skips


def check_non_negative(non_negative: bool, skips: bool, sign: int) -> None:
    """Refuse to make use of inputs ≥ 0 where there is none.

    >>> check_non_negative(True, skips=True, sign=1)
    Traceback (most recent call last):
    ...
    ValueError: non_negative must be False with skips=True, which needs no second ReLU per value
    """
    if non_negative and skips:
        raise ValueError(
            "non_negative must be False with skips=True, which needs no second ReLU per value"
        )
    if non_negative and sign < 0:
        raise ValueError("non_negative must be False for min-pooling, which negates its input")


def refuse_indices(return_indices: bool) -> None:
    """Refuse to return indices: sums of ReLUs are values, and know no position."""
    if return_indices:
        raise ValueError(
            "return_indices must be False: convolutions and ReLUs compute the value of the "
            "maximum, which does not say where it stood"
        )


def pool_by_skips(x: Tensor, axes: Sequence[Axis], scheme: str) -> Tensor:
    """Return the maxima of the windows of ``x``, merged as ``scheme`` says.

    >>> axes = Window(kernel_size=3, stride=2, padding=1).axes((5,))
    >>> pool_by_skips(torch.tensor([[-4.0, -1.0, -5.0, -2.0, -3.0]]), axes, "fold").tolist()
    [[-1.0, -1.0, -2.0]]
    """
    order, by_axis = SCHEMES[scheme]
    dimensions = by_dimension(axes)
    # The last axis first: then ties are settled in row-major order, whatever the scheme.
    groups = [{dim: dimensions[dim]} for dim in reversed(dimensions)] if by_axis else [dimensions]
    pooled = x
    for group in groups:
        pooled = order(taps(pooled, group), relu_merge)
    # A window of one tap leaves a view of the input, and no pooling hands that out.
    return pooled.clone() if all(axis.kernel_size == 1 for axis in axes) else pooled


class _ExtremePool(Pooling):
    """What max- and min-pooling share: all but the sign."""

    rebuilt = True
    #: In the order of ``torch.nn.MaxPool2d``, which is not that of its function.
    takes = ("kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode")
    return_indices: bool
    sign: ClassVar[int]

    def __init__(
        self,
        *args: Any,
        scheme: str = "fold",
        skips: bool | None = None,
        non_negative: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        refuse_indices(self.return_indices)
        skips = with_skips(scheme, skips)
        check_non_negative(non_negative, skips, self.sign)
        self.scheme = scheme
        self.skips = skips
        self.non_negative = non_negative
        self.network: nn.Sequential | None = None
        if not skips:
            axes = self._axes((_ROOMY,) * self.dimensions)
            self.network = maximum_network(
                scheme,
                [axis.kernel_size for axis in axes],
                [axis.stride for axis in axes],
                [axis.dilation for axis in axes],
                self.sign,
                non_negative,
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return the extreme tap of every window of ``x``, ``(N, C, *spatial)`` or unbatched."""
        check_input(x, integers=self.network is None)
        axes = self._axes(spatial_sizes(x, self.dimensions))
        if self.network is not None:
            pooled = pool_by_network(x, axes, self.network)
        elif self.sign > 0:
            pooled = pool_by_skips(x, axes, self.scheme)
        else:
            pooled = -pool_by_skips(-x, axes, self.scheme)
        for dim, axis in by_dimension(axes).items():
            if axis.dilation > axis.size and any(empty := without_taps(axis)):
                pooled = self._without_taps(pooled, dim, empty)
        return pooled

    def _axes(self, sizes: tuple[int, ...]) -> tuple[Axis, ...]:
        return Window(
            self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode
        ).axes(sizes)

    def _without_taps(self, pooled: Tensor, dim: int, empty: list[bool]) -> Tensor:
        """Return ``pooled`` with the ``empty`` windows along ``dim`` set to what torch says."""
        nothing: float = -self.sign * inf
        if not pooled.is_floating_point():
            limits = torch.iinfo(pooled.dtype)
            nothing = limits.min if self.sign > 0 else limits.max
        mask = torch.tensor(empty, device=pooled.device)
        return pooled.masked_fill(mask.reshape(-1, *[1] * (-dim - 1)), nothing)

    def extra_repr(self) -> str:
        """Return the arguments for ``repr``, as torch's layers print theirs."""
        form = f"scheme={self.scheme}, skips={self.skips}"
        return f"{super().extra_repr()}, {form}" + ", non_negative=True" * self.non_negative


class MaxPool(_ExtremePool):
    """Max-pooling from differences, ReLUs and sums, in place of ``torch.nn.MaxPool2d``.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)``, floating point or signed integers; the
    output has its dtype and device. There is no state. How exact it is stands at the top of this
    module.

    A program that ``torch.export`` makes of it takes any batch, but only images of the size that it
    was shown: how many windows reach into the padding decides what is computed. Channels-last
    inputs give channels-last outputs with skips, and contiguous ones without.

    Args:
        kernel_size: The elements of a window, one int or one per axis.
        stride: The elements from one window to the next; ``kernel_size`` if left out.
        padding: The elements added on each side, which never win: one int, one per axis, or one
            pair (before, after) per axis.
        dilation: The elements from one position of a window to the next.
        return_indices: Must be False: a ReLU does not know positions.
        ceil_mode: Whether a last window may overhang the padded input. A window without any tap
            is −inf, or the smallest integer, as in torch.
        scheme: ``"fold"`` merges tap after tap, ``"tree"`` in ⌈log2(taps)⌉ levels, and
            ``"separable"`` folds one axis after the other, the last one first, which takes the
            fewest operations. ``"shallow"``, which has no skips, takes the fewest layers that are
            known here: three for 3 × 3, less exact in floating point. With skips the gradient of
            a tie goes to the first tap in row-major order, as in torch, in all of them.
        skips: Whether a merge may add its first operand, m + ReLU(t − m); if left out, in all
            schemes but ``"shallow"``. Without skips the module
            is a ``network`` of convolutions and ReLUs in a row, for floating point only, and a
            tap of exactly 0 may get no gradient: ReLU(v) − ReLU(−v) has the slope 0 there.
        non_negative: Whether the input is never negative, as after a ReLU. A module without skips
            has fewer channels then, and gives wrong results for anything negative, which is not
            checked.

    Raises:
        ValueError: Arguments that torch refuses, when the module is called; at once an unknown
            scheme, ``"shallow"`` with skips, return_indices, and non_negative with skips or for
            min-pooling.
        TypeError: Values or an input of the wrong type. Unsigned integers, in which every
            difference is positive, and floats of 8 bits.

    Source: Dive into Deep Learning, pooling chapter, exercise on max-pooling by ReLU; Arora et
    al. 2018 (arXiv 1611.01491) for the tree and the plain network.

    >>> import pooling
    >>> x = torch.tensor([[[-1.0, -2.0, -3.0], [-4.0, -5.0, -6.0], [-7.0, -8.0, -9.0]]])
    >>> pooling.MaxPool2d(2, stride=1)(x).tolist()
    [[[-1.0, -2.0], [-4.0, -5.0]]]
    >>> pooling.MaxPool2d(3, padding=1, scheme="tree", skips=False)(x).tolist()
    [[[-1.0]]]
    >>> pooling.MaxPool2d(3, scheme="shallow", non_negative=True)(x.relu()).tolist()
    [[[0.0]]]
    """

    operator = "max_pool"
    sign = 1


class MinPool(_ExtremePool):
    """Min-pooling: the negated max-pooling of the negated input.

    Arguments and errors are those of :class:`MaxPool`; a window without any tap is +inf, or the
    largest integer. Negation is exact but for the smallest integer, which wraps around to itself.

    >>> import pooling
    >>> pooling.MinPool2d(2, stride=1)(torch.arange(1.0, 10.0).reshape(1, 3, 3)).tolist()
    [[[1.0, 2.0], [4.0, 5.0]]]
    """

    operator = "min_pool"
    sign = -1
