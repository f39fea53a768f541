"""ReLU networks in exact fractions, and those that compute a maximum.

A network here is a value: the weights and biases of its layers. The same object is evaluated on
fractions, symbols, arrays and proof terms, says how deep and wide it is, and becomes convolutions
in :mod:`pooling.rebuilt.plain`. Nothing heavy is imported.

>>> network = shallow(9)
>>> network.depth, network.widths
(3, (14, 10, 9))
>>> network([3, -1, 4, 1, -5, 9, 2, -6, 5])
[Fraction(9, 1)]
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from pooling.arithmetic import Number, maximum

Row = tuple[Fraction, ...]


@dataclass(frozen=True)
class Affine:
    """The map x ↦ W·x + b, with one row of W and one entry of b per output."""

    weights: tuple[Row, ...]
    bias: Row

    def __post_init__(self) -> None:
        if len(self.weights) != len(self.bias):
            raise ValueError(
                f"bias must have one entry per row of weights, {len(self.weights)}, "
                f"got {len(self.bias)}"
            )
        if len({len(row) for row in self.weights}) != 1:
            raise ValueError("weights must have at least one row, and rows of one length")

    @classmethod
    def linear(cls, rows: Sequence[Sequence[int | Fraction]]) -> Affine:
        """Return the map without a bias."""
        return cls(
            tuple([tuple([Fraction(entry) for entry in row]) for row in rows]),
            (Fraction(0),) * len(rows),
        )

    def __call__(self, values: Sequence[Number]) -> list[Number]:
        """Return the outputs, one per row."""
        return [
            _combination((*row, constant), (*values, 1))
            for row, constant in zip(self.weights, self.bias, strict=True)
        ]


def _combination(row: Sequence[Fraction], values: Sequence[Number]) -> Number:
    """Return Σ wᵢ·xᵢ without the terms that are 0, so that terms stay short."""
    result: Number = Fraction(0)
    for weight, value in zip(row, values, strict=True):
        if weight:
            summand = value if weight == 1 else _scalar(weight) * value
            result = summand if isinstance(result, Fraction) and not result else result + summand
    return result


def _scalar(weight: Fraction) -> int | Fraction:
    return int(weight) if weight.denominator == 1 else weight


@dataclass(frozen=True)
class Network:
    """Affine maps with a ReLU between each and the next; the last one has none behind it.

    Raises ``ValueError`` if a layer does not take what the one before it puts out.
    """

    layers: tuple[Affine, ...]

    def __post_init__(self) -> None:
        if not self.layers:
            raise ValueError("layers must have at least one entry, got none")
        for number, (first, second) in enumerate(pairwise(self.layers), start=1):
            if len(first.weights) != len(second.weights[0]):
                raise ValueError(
                    f"layer {number} must take {len(first.weights)} values, "
                    f"got rows of {len(second.weights[0])}"
                )

    @property
    def inputs(self) -> int:
        """How many numbers it takes."""
        return len(self.layers[0].weights[0])

    @property
    def depth(self) -> int:
        """How many hidden layers it has."""
        return len(self.layers) - 1

    @property
    def widths(self) -> tuple[int, ...]:
        """The neurons of each hidden layer: the channels of a convolutional form."""
        return tuple([len(layer.weights) for layer in self.layers[:-1]])

    def __call__(self, values: Sequence[Number]) -> list[Number]:
        """Return the outputs at ``values``, which may be of any kind that has + * and a maximum.

        >>> tree(2)([Fraction(1, 3), Fraction(1, 2)])
        [Fraction(1, 2)]
        """
        if len(values) != self.inputs:
            raise ValueError(f"values must have {self.inputs} entries, got {len(values)}")
        first, *rest = self.layers
        values = first(values)
        for layer in rest:
            values = layer([maximum(value, 0) for value in values])
        return list(values)

    def after(self, first: Network) -> Network:
        """Return the network that does ``first`` and then this one; the depths add up.

        >>> tree(2).after(tree(2).beside(tree(2))) == tree(4)
        True
        """
        *before, end = first.layers
        start, *rest = self.layers
        columns = list(zip(*end.weights, strict=True))
        joined = Affine(
            tuple([tuple([_dot(row, column) for column in columns]) for row in start.weights]),
            tuple(
                [
                    _dot(row, end.bias) + constant
                    for row, constant in zip(start.weights, start.bias, strict=True)
                ]
            ),
        )
        return Network((*before, joined, *rest))

    def beside(self, other: Network) -> Network:
        """Return both networks side by side, each on its own inputs; they must be equally deep."""
        if self.depth != other.depth:
            raise ValueError(
                f"networks side by side must be equally deep, got {self.depth} and {other.depth}"
            )
        layers = []
        for left, right in zip(self.layers, other.layers, strict=True):
            no_left = (Fraction(0),) * len(left.weights[0])
            no_right = (Fraction(0),) * len(right.weights[0])
            rows = [row + no_right for row in left.weights]
            rows += [no_left + row for row in right.weights]
            layers.append(Affine(tuple(rows), left.bias + right.bias))
        return Network(tuple(layers))


def _dot(row: Row, column: Row) -> Fraction:
    # Most weights are 0, and fractions are slow.
    return sum([x * y for x, y in zip(row, column, strict=True) if x and y], Fraction(0))


class _Form:
    """A linear combination of the neurons of one layer, or of the inputs."""

    def __init__(self, entries: dict[int, Fraction]) -> None:
        self.entries = {place: weight for place, weight in entries.items() if weight}

    def __add__(self, other: _Form) -> _Form:
        places = {**self.entries, **other.entries}
        return _Form(
            {
                place: self.entries.get(place, Fraction(0)) + other.entries.get(place, Fraction(0))
                for place in places
            }
        )

    def __rmul__(self, factor: int | Fraction) -> _Form:
        return _Form({place: factor * weight for place, weight in self.entries.items()})

    def __sub__(self, other: _Form) -> _Form:
        return self + (-1) * other

    def row(self, width: int) -> Row:
        return tuple([self.entries.get(place, Fraction(0)) for place in range(width)])


class _Hidden:
    """A hidden layer under construction; a neuron that is asked for twice is there once."""

    def __init__(self, non_negative: bool) -> None:
        self.non_negative = non_negative
        self.forms: list[_Form] = []

    def relu(self, form: _Form) -> _Form:
        known = [other.entries for other in self.forms]
        if form.entries not in known:
            self.forms.append(form)
            known.append(form.entries)
        return _Form({known.index(form.entries): Fraction(1)})

    def carry(self, form: _Form) -> _Form:
        """Pass a value on: by one neuron if it cannot be negative, else by two."""
        if self.non_negative:
            return self.relu(form)
        return self.relu(form) - self.relu((-1) * form)

    def larger(self, first: _Form, second: _Form) -> _Form:
        return self.relu(second - first) + self.carry(first)


#: Takes values through some hidden layers at once.
_Block = Callable[[Sequence[_Form], Sequence[_Hidden]], _Form]


def _merge(values: Sequence[_Form], hidden: Sequence[_Hidden]) -> _Form:
    """Merge up to two values in one layer."""
    return hidden[0].larger(*values) if len(values) == 2 else hidden[0].carry(values[0])


def _merge_five(values: Sequence[_Form], hidden: Sequence[_Hidden]) -> _Form:
    """Merge up to five values in two layers.

    Up to four are a tree. For five, with M for the maximum,
    2·M(a,b,c,d,e) = M(2a, M(b,c) + M(d,e)) + M(a,c,d,e) + M(a,b,d,e) + M(a,b,c,e) + M(a,b,c,d)
    − M(M(a,b) + M(a,c), M(b,c) + M(d,e)) − M(M(a,d) + M(a,e), M(b,c) + M(d,e)).
    Every outer maximum is one of two values that the first layer gives, so ReLU(p − q) + q; the
    right operands q add up to one value, M(b,c) + M(d,e), that is carried on.
    """
    first, second = hidden
    if len(values) < 5:
        halves = [values[i : i + 2] for i in range(0, len(values), 2)]
        return _merge([_merge(half, [first]) for half in halves], [second])
    a, b, c, d, e = values
    here = first.carry(a)
    over = {name: first.relu(x - a) for name, x in zip("bcde", (b, c, d, e), strict=True)}
    low = {name: first.relu(a - x) for name, x in zip("ce", (c, e), strict=True)}
    ab, ac, ad, ae = (here + over[name] for name in "bcde")
    bc = here + over["c"] - low["c"] + first.relu(b - c)
    de = here + over["e"] - low["e"] + first.relu(d - e)
    outer: list[tuple[int, _Form, _Form]] = [
        (1, 2 * here, bc + de),
        (1, ac, de),
        (1, ab, de),
        (1, ae, bc),
        (1, ad, bc),
        (-1, ab + ac, bc + de),
        (-1, ad + ae, bc + de),
    ]
    half = Fraction(1, 2)
    carried = _Form({})
    result = _Form({})
    for sign, left, right in outer:
        result = result + half * sign * second.relu(left - right)
        carried = carried + half * sign * right
    return result + second.carry(carried)


def _stage(
    values: Sequence[_Form], block: _Block, size: int, layers: int, non_negative: bool
) -> tuple[list[_Form], list[_Hidden]]:
    hidden = [_Hidden(non_negative) for _ in range(layers)]
    groups = [values[i : i + size] for i in range(0, len(values), size)]
    return [block(group, hidden) for group in groups], hidden


@lru_cache(maxsize=32)
def _network(taps: int, stages: tuple[tuple[_Block, int, int], ...], non_negative: bool) -> Network:
    values = [_Form({place: Fraction(1)}) for place in range(taps)]
    hidden: list[_Hidden] = []
    for block, size, layers in stages:
        values, added = _stage(values, block, size, layers, non_negative)
        hidden += added
    assert len(values) == 1
    rows = [layer.forms for layer in hidden] + [values]
    widths = [taps, *[len(layer.forms) for layer in hidden]]
    return Network(
        tuple(
            [
                Affine.linear([form.row(width) for form in forms])
                for forms, width in zip(rows, widths, strict=True)
            ]
        )
    )


def tree(taps: int, non_negative: bool = False) -> Network:
    """Return the maximum of ``taps`` numbers, merged in pairs: ⌈log₂ taps⌉ hidden layers.

    Args:
        taps: How many numbers, at least 1.
        non_negative: Whether no input is negative; the network is narrower and right for those.

    Source: Arora et al. 2018 (arXiv 1611.01491).

    >>> tree(4).widths, tree(9).widths, tree(9, non_negative=True).widths
    ((6, 3), (14, 8, 5, 3), (9, 5, 3, 2))
    """
    if type(taps) is not int or taps < 1:
        raise ValueError(f"taps must be an int of at least 1, got {taps!r}")
    return _network(taps, ((_merge, 2, 1),) * (taps - 1).bit_length(), non_negative)


def shallow(taps: int, non_negative: bool = False) -> Network:
    """Return the maximum of ``taps`` numbers, merged by fives in two hidden layers at a time.

    2L layers suffice for 5ᴸ numbers, one more layer of pairs in front for 2·5ᴸ: three for 3 × 3.

    Args:
        taps: How many numbers, at least 1.
        non_negative: As in :func:`tree`.

    Source: two layers for five are due to Bakaev et al. 2025 (arXiv 2505.14338).

    >>> shallow(5).widths, shallow(9).widths, shallow(9, non_negative=True).widths
    ((10, 9), (14, 10, 9), (9, 9, 8))
    """
    if type(taps) is not int or taps < 1:
        raise ValueError(f"taps must be an int of at least 1, got {taps!r}")
    depth = 0
    while 5 ** (depth // 2) * 2 ** (depth % 2) < taps:
        depth += 1
    stages: list[tuple[_Block, int, int]] = [(_merge, 2, 1)] * (depth % 2)
    stages += [(_merge_five, 5, 2)] * (depth // 2)
    return _network(taps, tuple(stages), non_negative)


def rounding_error(network: Network, unit_roundoff: Fraction) -> Fraction:
    """Return a bound on the error in floating point over the largest absolute input.

    A sum of k products, in any order, errs by γ = k·u/(1 − k·u) times the sum of their absolute
    values; the errors before it and the sizes of the neurons go through the absolute weights. It
    holds as long as weights and biases are exact, biases are 0, and nothing over- or underflows.

    Args:
        network: A network without biases.
        unit_roundoff: u, half the distance from 1 to the next number.

    Raises:
        ValueError: A network with biases, or so wide a row that k·u reaches 1.

    Source: Higham, Accuracy and Stability of Numerical Algorithms, section 3.1.

    >>> u = Fraction(1, 2**24)
    >>> round(rounding_error(tree(4), u) / u), round(rounding_error(shallow(9), u) / u)
    (144, 3908)
    """
    sizes = [Fraction(1)] * network.inputs
    errors = [Fraction(0)] * network.inputs
    for layer in network.layers:
        if any(layer.bias):
            raise ValueError("network must have no biases: the bound is relative to its input")
        absolute = [tuple([abs(entry) for entry in row]) for row in layer.weights]
        relative = [sum(map(bool, row)) * unit_roundoff for row in absolute]
        if max(relative) >= 1:
            raise ValueError(f"unit_roundoff must be below 1/{max(relative) / unit_roundoff}")
        errors = [
            _dot(row, tuple(errors)) * (1 + r / (1 - r)) + _dot(row, tuple(sizes)) * r / (1 - r)
            for row, r in zip(absolute, relative, strict=True)
        ]
        sizes = [_dot(row, tuple(sizes)) for row in absolute]
    return errors[0]
