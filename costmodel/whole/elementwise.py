"""What elementwise operators, normalisations, softmax and activations cost, by stated formulas.

Apart from the poolings because nobody proves these: each is the usual way to compute the function,
one operation for each addition, multiplication, division, comparison, power or exponential that the
definition in torch's documentation has. Roots are powers; logarithms, sines and error functions are
exponentials; signs, selections, casts and copies are free. No torch is needed here.

Sources: the formula in the page of each function, https://docs.pytorch.org/docs/stable/nn.html and
https://docs.pytorch.org/docs/stable/torch.html; for the fused ones the papers that define them,
Ioffe and Szegedy 2015 (batch normalisation), Ba, Kiros and Hinton 2016 (layer normalisation),
Wu and He 2018 (group normalisation), Zhang and Sennrich 2019 (root mean square).
"""

from typing import NamedTuple

Operations = dict[str, int]

ELEMENTWISE, ACTIVATION, NORMALISATION, SOFTMAX, REDUCTION, COPY, OTHER = (
    "elementwise", "activation", "normalisation", "softmax", "reduction", "copy", "other",
)  # fmt: skip


class StatedFormula(NamedTuple):
    """How an operator is counted.

    Attributes:
        kind: What it is: ``"elementwise"``, ``"activation"``, ``"normalisation"``, ….
        each: Operations for each element: of the output, or, where ``rows`` says so, of the input.
        rows: Operations for each row that is reduced: negative where the first element is free.
    """

    kind: str
    each: Operations
    rows: Operations = {}  # noqa: RUF012 - never changed


def _each(**operations: int) -> Operations:
    return operations


_ADD, _MULTIPLY = _each(additions=1), _each(multiplications=1)
_DIVIDE, _COMPARE = _each(divisions=1), _each(comparisons=1)
_POWER, _EXPONENTIAL = _each(powers=1), _each(exponentials=1)


def _named(kind: str, each: Operations, *names: str) -> dict[str, StatedFormula]:
    return {name: StatedFormula(kind, each) for name in names}


def _over(kind: str, each: Operations, rows: Operations, *names: str) -> dict[str, StatedFormula]:
    return {name: StatedFormula(kind, each, rows) for name in names}


# Mean, centred squares, their mean, ε, root, quotient: then the affine map if there is one.
_STATISTICS = _each(additions=3, multiplications=1, divisions=1)
_STATISTICS_ROWS = _each(additions=-1, divisions=2, powers=1)

#: The name of an operator, without what says that it works in place → its formula.
FORMULAS: dict[str, StatedFormula] = {
    **_named(ELEMENTWISE, _ADD, "add", "sub", "rsub"),
    **_named(ELEMENTWISE, _MULTIPLY, "mul", "square"),
    **_named(ELEMENTWISE, _DIVIDE, "div", "reciprocal", "true_divide", "remainder", "fmod"),
    **_named(ELEMENTWISE, _COMPARE, "maximum", "minimum", "fmax", "fmin", "clamp_min", "clamp_max"),
    **_named(ELEMENTWISE, _COMPARE, "eq", "ne", "lt", "le", "gt", "ge", "isnan", "isinf"),
    **_named(ELEMENTWISE, _each(comparisons=2), "clamp"),
    **_named(ELEMENTWISE, _POWER, "pow", "sqrt", "rsqrt"),
    **_named(ELEMENTWISE, _EXPONENTIAL, "exp", "exp2", "log", "log2", "log10", "sin", "cos", "erf"),
    **_named(ELEMENTWISE, _each(exponentials=1, additions=1), "expm1", "log1p"),
    **_named(ELEMENTWISE, _each(additions=1, multiplications=1), "addcmul"),
    **_named(ELEMENTWISE, _each(additions=1, divisions=1), "addcdiv"),
    **_named(ELEMENTWISE, _each(additions=2, multiplications=1), "lerp"),
    # x ↦ max(x, 0) and its relatives
    **_named(ACTIVATION, _COMPARE, "relu", "threshold", "threshold_backward"),
    **_named(ACTIVATION, _each(comparisons=2), "hardtanh", "relu6", "hardtanh_backward"),
    **_named(ACTIVATION, _each(comparisons=1, multiplications=1), "leaky_relu", "_prelu_kernel"),
    **_named(ACTIVATION, _each(comparisons=1, multiplications=1), "leaky_relu_backward"),
    **_named(
        ACTIVATION, _each(comparisons=1, exponentials=1, additions=1, multiplications=1), "elu"
    ),
    # 1 / (1 + exp(−x))
    **_named(ACTIVATION, _each(exponentials=1, additions=1, divisions=1), "sigmoid", "silu"),
    **_named(
        ACTIVATION, _each(additions=1, multiplications=2), "sigmoid_backward", "tanh_backward"
    ),
    **_named(
        ACTIVATION,
        _each(exponentials=1, additions=3, multiplications=3, divisions=1),
        "silu_backward",
    ),
    # (exp(2x) − 1) / (exp(2x) + 1)
    **_named(
        ACTIVATION, _each(exponentials=1, additions=2, multiplications=1, divisions=1), "tanh"
    ),
    # x · (1 + erf(x / √2)) / 2
    **_named(ACTIVATION, _each(exponentials=1, additions=1, multiplications=3), "gelu"),
    **_named(ACTIVATION, _each(exponentials=2, additions=2, multiplications=5), "gelu_backward"),
    **_named(ACTIVATION, _each(exponentials=2, additions=1), "softplus"),
    # x · tanh(softplus(x))
    **_named(
        ACTIVATION, _each(exponentials=3, additions=3, multiplications=2, divisions=1), "mish"
    ),
    **_named(ACTIVATION, _each(additions=1, comparisons=2, divisions=1), "hardsigmoid"),
    **_named(
        ACTIVATION, _each(additions=1, comparisons=2, multiplications=1, divisions=1), "hardswish"
    ),
    # A row of n: its maximum, n differences, n exponentials, their sum, n quotients.
    **_over(
        SOFTMAX,
        _each(comparisons=1, additions=2, exponentials=1, divisions=1),
        _each(comparisons=-1, additions=-1),
        "_softmax", "_safe_softmax",
    ),
    **_over(
        SOFTMAX,
        _each(comparisons=1, additions=3, exponentials=1),
        _each(comparisons=-1, additions=-1, exponentials=1),
        "_log_softmax",
    ),
    **_over(
        SOFTMAX, _each(additions=2, multiplications=2), _each(additions=-1),
        "_softmax_backward_data",
    ),
    **_over(
        SOFTMAX, _each(additions=2, multiplications=1, exponentials=1), _each(additions=-1),
        "_log_softmax_backward_data",
    ),
    **_over(
        NORMALISATION, _STATISTICS, _STATISTICS_ROWS,
        "native_layer_norm", "native_group_norm", "native_batch_norm",
    ),
    **_over(NORMALISATION, _each(additions=1, multiplications=2), _each(divisions=1, powers=1),
        "_fused_rms_norm", "rms_norm",
    ),
    **_over(REDUCTION, _ADD, _each(additions=-1), "sum", "cumsum"),
    **_over(REDUCTION, _ADD, _each(additions=-1, divisions=1), "mean"),
    **_over(REDUCTION, _COMPARE, _each(comparisons=-1), "amax", "amin", "max", "min", "argmax",
        "argmin"),
    **_over(REDUCTION, _MULTIPLY, _each(multiplications=-1), "prod", "cumprod"),
    **_over(
        REDUCTION, _each(additions=3, multiplications=1), _each(additions=-2, divisions=2),
        "var", "var_mean", "std",
    ),
    **_over(
        REDUCTION, _each(additions=1, multiplications=1), _each(additions=-1, powers=1),
        "linalg_vector_norm", "norm",
    ),
    **_named(
        COPY, {}, "clone", "_to_copy", "copy", "cat", "stack", "index", "index_select", "gather",
        "embedding", "fill", "zero", "constant_pad_nd", "reflection_pad2d", "replication_pad2d",
        "repeat", "roll", "flip", "where", "masked_fill", "tril", "triu", "upsample_nearest1d",
        "upsample_nearest2d", "upsample_nearest3d", "index_put", "scatter", "slice_scatter",
        "select_scatter", "neg", "abs", "sign", "im2col", "pixel_shuffle", "pixel_unshuffle",
        "channel_shuffle", "split_with_sizes_copy", "bitwise_not", "logical_not", "bitwise_and",
        "logical_and", "bitwise_or", "logical_or", "isin", "one_hot", "masked_select",
        "native_channel_shuffle", "_unsafe_index", "scalar_tensor", "detach",
    ),
    # Two, four, eight corners: a lerp for all but one of them.
    **_named(ELEMENTWISE, _each(additions=2, multiplications=1), "upsample_linear1d"),
    **_named(ELEMENTWISE, _each(additions=6, multiplications=3), "upsample_bilinear2d"),
    **_named(ELEMENTWISE, _each(additions=14, multiplications=7), "upsample_trilinear3d"),
    # A number is drawn, compared and what is kept is scaled.
    **_named(ELEMENTWISE, _each(comparisons=1, multiplications=1), "native_dropout"),
    **_named(ELEMENTWISE, _COMPARE, "bernoulli"),
}  # fmt: skip


def formula(operator: str) -> StatedFormula | None:
    """Return how an operator is counted, ``None`` if no formula is stated for it.

    An operator that works in place is the one that does not.

    >>> formula("relu_").each
    {'comparisons': 1}
    >>> formula("sort") is None
    True
    """
    found = FORMULAS.get(operator)
    if found is None and operator.endswith("_"):
        found = FORMULAS.get(operator[:-1])
    return found


def operations(
    operator: str, outputs: int, inputs: int, rows: int, affine: int = 0, statistics: bool = True
) -> Operations | None:
    """Return what an operator does on the whole, ``None`` if no formula is stated for it.

    Args:
        operator: Torch's name of it.
        outputs: Elements of its output.
        inputs: Elements of its input.
        rows: Groups of elements that it reduces, each to one number or by one statistic.
        affine: Of a normalisation, how many of scale and shift it applies, ``0`` to ``2``.
        statistics: Whether a normalisation works them out, or was given them.

    >>> operations("_softmax", 12, 12, 3)
    {'comparisons': 9, 'additions': 21, 'exponentials': 12, 'divisions': 12}
    >>> operations("mean", 3, 12, 3)
    {'additions': 9, 'divisions': 3}
    """
    found = formula(operator)
    if found is None:
        return None
    each, per_row = dict(found.each), dict(found.rows)
    if found.kind == NORMALISATION:
        if not statistics:
            # (x − μ) / σ, where σ is worked out once for each channel
            each, per_row = {"additions": 1, "divisions": 1}, {"powers": 1, "additions": 1}
        if affine > 0:
            each["multiplications"] = each.get("multiplications", 0) + 1
        if affine > 1:
            each["additions"] = each.get("additions", 0) + 1
    elements = inputs if found.rows else outputs
    counts = {kind: count * elements for kind, count in each.items()}
    for kind, count in per_row.items():
        counts[kind] = counts.get(kind, 0) + count * rows
    return {kind: count for kind, count in counts.items() if count > 0}
