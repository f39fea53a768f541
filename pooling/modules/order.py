"""k-max, rank and median pooling: all taps of a window are sorted, and some are taken."""

from math import inf

import torch
from torch import Tensor

from pooling.modules.windows import StackedWindows, WindowedPool


def _sorted(windows: StackedWindows) -> Tensor:
    """Return the taps of every window, the largest first: NaN comes before all others."""
    taps = windows.filled(windows.positions, -inf)
    return torch.sort(taps, dim=0, descending=True).values


def _at(ordered: Tensor, index: Tensor | int) -> Tensor:
    """Return the tap at an index of every window, or at one for all of them; NaN beside a NaN."""
    first = ordered[0]
    if isinstance(index, int):
        chosen = ordered[index]
    else:
        chosen = ordered.gather(0, index.expand(ordered.shape[1:])[None])[0]
    return torch.where(first == first, chosen, first)


class KMaxPool(WindowedPool):
    """The mean of the k largest taps of every window, :func:`pooling.k_max_pool`.

    The input is ``(N, C, *spatial)`` or ``(C, *spatial)`` and floating point; the output has its
    dtype and device. There is no state. A window with NaN is NaN. The k largest taps get 1/k of the
    gradient each; of equal ones, those that the sort puts there.

    Args:
        kernel_size: The elements of a window, one int or one per axis.
        stride: The elements from one window to the next; ``kernel_size`` if left out.
        padding: The elements added on each side, which are never taps: one int, one per axis, or
            one pair (before, after) per axis.
        dilation: The elements from one position of a window to the next.
        ceil_mode: Whether a last window may overhang the padded input.
        k: How many taps count; all of a window that has fewer.

    Raises:
        ValueError: A k below 1; when the module is called, arguments that torch refuses for a
            max-pooling.
        TypeError: Values of the wrong type, or an input that is not floating point.

    Source: Durand, Mordan, Thome and Cord, "WILDCAT", 2017.

    >>> import pooling
    >>> pooling.KMaxPool1d(4, k=2)(torch.tensor([[1.0, 7.0, 5.0, 4.0]])).tolist()
    [[6.0]]
    """

    operator = "k_max_pool"
    k: int

    def pool(self, windows: StackedWindows) -> Tensor:
        """Return the mean of the k largest taps."""
        ordered = _sorted(windows)[: self.k]
        if windows.inside is None:
            return ordered.mean(0)
        counted = torch.clamp(torch.as_tensor(windows.taps), max=self.k)
        places = torch.arange(len(ordered), device=ordered.device)
        taken = places.reshape(-1, *[1] * (ordered.ndim - 1)) < counted
        return ordered.masked_fill(~taken, 0).sum(0) / counted


class RankPool(WindowedPool):
    """The tap of rank r of every window, :func:`pooling.rank_pool`.

    Inputs, arguments and errors are those of :class:`KMaxPool`, but for

    Args:
        rank: Which tap, the largest being the first; the smallest if there are fewer.

    Source: Shi, Ye and Wu, "Rank-Based Pooling for Deep Convolutional Neural Networks", 2016.

    >>> import pooling
    >>> pooling.RankPool1d(4, rank=2)(torch.tensor([[1.0, 7.0, 5.0, 4.0]])).tolist()
    [[5.0]]
    """

    operator = "rank_pool"
    nothing = -inf
    rank: int

    def pool(self, windows: StackedWindows) -> Tensor:
        """Return the tap of the rank."""
        taps = windows.taps
        rank = int(self.rank)
        last = min(rank, taps) if isinstance(taps, int) else taps.clamp(max=rank)
        return _at(_sorted(windows), last - 1)


class MedianPool(WindowedPool):
    """The median of the taps of every window, the lower of two, :func:`pooling.median_pool`.

    Inputs, arguments and errors are those of :class:`KMaxPool`, without a k.

    Source: ``torch.median``.

    >>> import pooling
    >>> pooling.MedianPool1d(4)(torch.tensor([[1.0, 7.0, 5.0, 4.0]])).tolist()
    [[4.0]]
    """

    operator = "median_pool"
    nothing = -inf

    def pool(self, windows: StackedWindows) -> Tensor:
        """Return the lower median."""
        return _at(_sorted(windows), windows.taps // 2)
