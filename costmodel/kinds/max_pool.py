"""What max-pooling costs: one comparison for every tap of a window but its first."""

from costmodel.counting import charge
from costmodel.counts import Cost, backwards
from pooling.arguments import PoolingArguments

#: Makes a named tuple of all its fields in half the time of its constructor.
_new = tuple.__new__

#: Other ways to the same result.
ALGORITHMS = "CHOICE"


def forward(pooling: PoolingArguments, counting: str = "exact") -> Cost:
    """Return the cost of choosing one tap of every window.

    A window of t ≥ 1 taps takes t − 1 comparisons, a window without any tap none, so there are
    taps − occupied windows in all. Keeping the index of the choice (``return_indices``) takes no
    further operation.

    >>> import costmodel
    >>> stem = ("max_pool2d", (1, 64, 112, 112), 3, 2, 1)
    >>> costmodel.cost(*stem).comparisons, costmodel.cost(*stem, counting="window").comparisons
    (1584192, 1605632)
    >>> costmodel.cost(*stem, algorithm="separable").comparisons
    1193472
    """
    return_indices = pooling.options["return_indices"]
    if counting == "exact":
        indices = pooling.outputs if return_indices else 0
        return _new(Cost, (pooling, pooling.combinations, 0, 0, 0, 0, 0, indices))
    windows, combinations, _ = charge(pooling, counting)
    return Cost(windows, combinations, indices=windows.outputs if return_indices else 0)


def backward(pooling: PoolingArguments) -> Cost:
    """Return the cost of adding the gradient of every output where its choice came from.

    One addition for every window that has a tap; the indices of the choices are read.

    >>> import costmodel
    >>> costmodel.flops("max_pool2d_backward", (1, 64, 112, 112), 3, stride=2, padding=1)
    200704
    """
    return Cost(backwards(pooling), additions=pooling.occupied, indices=pooling.outputs)
