"""In which order the taps of a window are merged, two at a time, until its maximum is left.

One merge is m + ReLU(t − m), where m is the maximum so far and t the next value. Written this way
round it errs only where t is a new maximum; with the roles exchanged every step would, and the
errors would add up. At a tie the ReLU is 0 and the gradient goes to m, which came first.

An order is a function of values and of what merges two of them. It never looks inside a value, so
the same function merges tensors, and draws up the network without skips in
:mod:`pooling.rebuilt.plain`.
"""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import NamedTuple, Protocol, TypeVar

from torch import Tensor

T = TypeVar("T")


class Order(Protocol):
    """Merges a non-empty sequence of values into one."""

    def __call__(self, values: Sequence[T], merge: Callable[[T, T], T]) -> T:
        """Return what is left when all ``values`` are merged; the first two go into the first."""


def relu_merge(maximum: Tensor, tap: Tensor) -> Tensor:
    """Return the larger of two tensors, by one ReLU.

    >>> import torch
    >>> relu_merge(torch.tensor([1.0, -5.0]), torch.tensor([-2.0, -3.0])).tolist()
    [1.0, -3.0]
    """
    # The difference is a tensor that nobody else sees: its ReLU may take its place, and the sum
    # may take that of the ReLU, unless autograd has to remember what the ReLU returned.
    risen = (tap - maximum).relu_()
    return risen + maximum if risen.requires_grad else risen.add_(maximum)


def one_by_one(values: Sequence[T], merge: Callable[[T, T], T]) -> T:
    """Merge the values into the first, one after the other.

    >>> one_by_one("abcd", "({}{})".format)
    '(((ab)c)d)'
    """
    return reduce(merge, values)


def in_pairs(values: Sequence[T], merge: Callable[[T, T], T]) -> T:
    """Merge neighbours, then the results, and so on: a tree of logarithmic depth.

    >>> in_pairs("abcde", "({}{})".format)
    '(((ab)(cd))e)'
    """
    while len(values) > 1:
        values = [reduce(merge, values[i : i + 2]) for i in range(0, len(values), 2)]
    return values[0]


class Scheme(NamedTuple):
    """How a window is pooled."""

    order: Order
    #: Whether axes are pooled one after another, the last axis first, instead of all at once.
    by_axis: bool


SCHEMES = {
    "fold": Scheme(one_by_one, by_axis=False),
    "tree": Scheme(in_pairs, by_axis=False),
    "separable": Scheme(one_by_one, by_axis=True),
}
