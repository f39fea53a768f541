"""Inputs on which a given network is not the maximum: what two impossibility claims come to.

One hidden layer is never the maximum of three numbers or more (``one-layer-cannot-do-three``), and
a first layer of few neurons never is (``first-layer-width``). Each proof says where to look, and
here it is followed for any network. Nothing but claims and their tests use it.
"""

from fractions import Fraction

from pooling.networks import Affine, Network, Row


def refute_one_layer(network: Network) -> tuple[Row, Fraction]:
    """Return an input on which a network of one hidden layer is not the maximum, and its error.

    With C = Σ |vᵢ·bᵢ| over the neurons v·ReLU(w·x + b), N(x) − N(−x) is within C of a linear map,
    which gives 0 on x₁ + x₂ + x₃ − (x₁ + x₂ + x₃). The maximum leaves t at least when xᵢ = t·eᵢ. At
    t = 4C + 8, N errs by (t − 4C)/8 = 1 at least, on one of those four points or their negatives.

    Raises:
        ValueError: A network with fewer than three inputs, with several outputs, or not of one
            hidden layer.

    >>> zero = Network((Affine.linear([[0, 0, 0]]), Affine.linear([[0]])))
    >>> refute_one_layer(zero)[1]
    Fraction(8, 1)
    """
    if network.inputs < 3 or network.depth != 1 or len(network.layers[1].weights) != 1:
        raise ValueError(
            "network must have one hidden layer, at least 3 inputs and 1 output, got "
            f"{network.depth}, {network.inputs} and {len(network.layers[-1].weights)}"
        )
    hidden, (outer,) = network.layers[0], network.layers[1].weights
    constant = sum([abs(v * b) for v, b in zip(outer, hidden.bias, strict=True)], Fraction(0))
    scale = 4 * constant + 8
    points = [
        tuple([sign * scale * (i in ones) for i in range(network.inputs)])
        for ones in ((0,), (1,), (2,), (0, 1, 2))
        for sign in (1, -1)
    ]
    errors = {point: abs(network(point)[0] - max(point)) for point in points}
    worst = max(points, key=errors.__getitem__)
    return worst, errors[worst]


def refute_narrow(network: Network, non_negative: bool = False) -> tuple[Row, Fraction]:
    """Return an input on which a network with a narrow first layer is not the maximum, by how much.

    Over all of Rⁿ a first layer of n neurons is too narrow, over inputs ≥ 0 one of n − 1, whatever
    the layers behind it are. There are two points at which it gives the same and whose maxima are 2
    apart or more, so the network errs by 1 at least on one of them. Where W·d = 0, they are any
    point and that point plus a multiple of d. Else W has an inverse: all points with W·x + b ≤ 0
    leave every neuron at 0, and they are −W⁻¹·b plus a cone.

    Args:
        network: Of any depth, with n inputs.
        non_negative: Whether the input returned must be ≥ 0.

    Raises:
        ValueError: A network without a hidden layer, with several outputs, or with more neurons in
            its first layer than that.

    >>> absolute = Network((Affine.linear([[1, -1], [-1, 1]]), Affine.linear([[1, 1]])))
    >>> refute_narrow(absolute)
    ((Fraction(2, 1), Fraction(2, 1)), Fraction(2, 1))
    """
    limit = network.inputs - non_negative
    width = network.widths[0] if network.depth else None
    if width is None or width > limit or len(network.layers[-1].weights) != 1:
        raise ValueError(
            f"network must have 1 output and a first layer of at most {limit} neurons, got "
            f"{len(network.layers[-1].weights)} and {width}"
        )
    start, directions = _unseen(network.layers[0])
    direction = next(direction for direction in directions if max(direction))
    step = (2 + max(start) - min(start)) / abs(max(direction))
    if non_negative:
        # Nothing is lost: with this few neurons any point may be the start.
        start = (max(Fraction(0), -step * min(direction)),) * network.inputs
    end = tuple([x + step * d for x, d in zip(start, direction, strict=True)])
    errors = {point: abs(network(point)[0] - max(point)) for point in (start, end)}
    worst = max(errors, key=errors.__getitem__)
    return worst, errors[worst]


def _unseen(layer: Affine) -> tuple[Row, list[Row]]:
    """Return a point from which ReLU(layer) does not change in some directions.

    The layer has no more rows than columns. One of the directions has a largest entry other than 0:
    if all n rays of the cone had 0 there, so would their sum only if all were 0 in one place, and
    independent rays are not.
    """
    size = len(layer.weights[0])
    identity = [[Fraction(i == j) for j in range(len(layer.bias))] for i in range(len(layer.bias))]
    matrix = [
        [*row, constant, *unit]
        for row, constant, unit in zip(layer.weights, layer.bias, identity, strict=True)
    ]
    pivots = _eliminate(matrix, size)
    free = next((column for column in range(size) if column not in pivots), None)
    if free is None:
        solved = [tuple([-entry for entry in column]) for column in zip(*matrix, strict=True)]
        start, *rays = solved[size:]
        return start, [*rays, tuple([sum(entries) for entries in zip(*rays, strict=True)])]
    kernel = [Fraction(column == free) for column in range(size)]
    for row, column in enumerate(pivots):
        kernel[column] = -matrix[row][free]
    return (Fraction(0),) * size, [tuple(kernel), tuple([-entry for entry in kernel])]


def _eliminate(matrix: list[list[Fraction]], columns: int) -> list[int]:
    """Bring the first ``columns`` to reduced echelon form, in place; return those with a pivot."""
    pivots: list[int] = []
    for column in range(columns):
        place = len(pivots)
        found = next((i for i in range(place, len(matrix)) if matrix[i][column]), None)
        if found is None:
            continue
        matrix[place], matrix[found] = matrix[found], matrix[place]
        pivot = [entry / matrix[place][column] for entry in matrix[place]]
        for i, row in enumerate(matrix):
            matrix[i] = [x - row[column] * y for x, y in zip(row, pivot, strict=True)]
        matrix[place] = pivot
        pivots.append(column)
    return pivots
