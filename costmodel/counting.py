"""How others count pooling: conventions by name, so that figures can be compared.

With O windows of K = Πk positions each, T taps inside the input, and E windows that have a tap at
all (all of them, but for windows of padding alone):

================= =========================== ==================================================
counting          combinations of two numbers that is
================= =========================== ==================================================
``exact``         T − E                       what is executed: a window of t taps takes t − 1
``window``        O · (K − 1)                 the textbook's: every window in full
``mac``           O · K                       one per position, as a dense convolution is charged
``popular_floor`` C · Π⌊(n + p − k + s)/s⌋ · K a popular answer to the chapter's question on cost
``popular_real``  C · Π((n + p − k)/s + 1) · K another one: no floors, so fractions of a window
================= =========================== ==================================================

C is all leading axes together, p the padding of an axis in all. Average pooling adds a division
for every window to the first two; the others mean it to be included. ``ceil_mode`` and dilation do
not occur in the popular answers: they are for the windows of the chapter. Fractions of a window are
exact for ints and symbols; arrays, which hold no fractions, get floats.

Source of the last two: answers to exercise 4 of Dive into Deep Learning's pooling chapter.
"""

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import prod
from typing import NamedTuple

from costmodel.counts import OPERATIONS, Cost, Windows
from pooling.arguments import Axis, PoolingArguments
from pooling.arithmetic import Number
from pooling.checks import check_name


class Charge(NamedTuple):
    """What a counting convention charges: windows, combinations of two, and whether divisions."""

    windows: PoolingArguments | Windows
    combinations: Number
    #: Whether the mean of a window takes a division besides its combinations.
    divides: bool

    @property
    def divisions(self) -> Number:
        """The divisions of an average pooling."""
        return self.windows.outputs if self.divides else 0


def charge(pooling: PoolingArguments, counting: str) -> Charge:
    """Return what the windows of ``pooling`` are charged by the convention ``counting``.

    Raises:
        ValueError: An unknown convention.
        TypeError: What is no name.

    >>> from pooling import pooling_arguments
    >>> stem = pooling_arguments(2, (64, 112, 112), kernel_size=3, stride=2, padding=1)
    >>> [charge(stem, counting).combinations for counting in ("exact", "window", "mac")]
    [1584192, 1605632, 1806336]
    """
    check_name("counting", counting, COUNTINGS)
    return COUNTINGS[counting](pooling)


def by_algorithm(
    direct: Cost,
    algorithms: Mapping[str, Callable[[PoolingArguments], Mapping[str, Number]]],
    algorithm: str,
    pooling: PoolingArguments,
    counting: str,
) -> Cost:
    """Return the cost ``direct`` with the operations of another algorithm in place of its own.

    Raises:
        ValueError: An unknown algorithm, one that does not take these windows, or another
            convention than ``"exact"``: the others charge windows, not what is executed.
        TypeError: What is no name.
    """
    check_name("algorithm", algorithm, algorithms)
    if counting != "exact":
        raise ValueError(f"counting must be 'exact' with algorithm {algorithm!r}, got {counting!r}")
    none = dict.fromkeys(OPERATIONS, 0)
    return direct._replace(**{**none, **algorithms[algorithm](pooling)})


def _exact(pooling: PoolingArguments) -> Charge:
    return Charge(pooling, pooling.combinations, divides=True)


def _window(pooling: PoolingArguments) -> Charge:
    outputs = pooling.outputs
    positions = outputs * _elements(pooling)
    return Charge(_windows(pooling, outputs, positions), positions - outputs, divides=True)


def _mac(pooling: PoolingArguments) -> Charge:
    outputs = pooling.outputs
    positions = outputs * _elements(pooling)
    return Charge(_windows(pooling, outputs, positions), positions, divides=False)


def _popular_floor(pooling: PoolingArguments) -> Charge:
    windows = [
        (axis.size + sum(axis.padding) - axis.kernel_size + axis.stride) // axis.stride
        for axis in _windowed(pooling)
    ]
    return _popular(pooling, windows)


def _popular_real(pooling: PoolingArguments) -> Charge:
    windows = [
        _quotient(axis.size + sum(axis.padding) - axis.kernel_size, axis.stride) + 1
        for axis in _windowed(pooling)
    ]
    return _popular(pooling, windows)


def _popular(pooling: PoolingArguments, windows: list[Number]) -> Charge:
    outputs = prod((*pooling.leading, *windows))
    positions = outputs * _elements(pooling)
    counted = _windows(pooling, _plain(outputs), _plain(positions))
    return Charge(counted, _plain(positions), divides=False)


def _windows(pooling: PoolingArguments, outputs: Number, positions: Number) -> Windows:
    return Windows(outputs, positions, pooling.output_shape, pooling.touched)


#: Convention → what it charges a pooling.
COUNTINGS: dict[str, Callable[[PoolingArguments], Charge]] = {
    "exact": _exact,
    "window": _window,
    "mac": _mac,
    "popular_floor": _popular_floor,
    "popular_real": _popular_real,
}


def _windowed(pooling: PoolingArguments) -> list[Axis]:
    return [axis for axis in pooling.axes if isinstance(axis, Axis)]


def _elements(pooling: PoolingArguments) -> Number:
    """Return the elements of a whole window."""
    return prod([axis.kernel_size for axis in _windowed(pooling)])


def _quotient(a: Number, b: Number) -> Number:
    return Fraction(a, b) if isinstance(a, int) and isinstance(b, int) else a / b


def _plain(value: Number) -> Number:
    """Return an int in place of a fraction that is one."""
    return value.numerator if isinstance(value, Fraction) and value.denominator == 1 else value
