"""What each tensor operation does with symbols: one short function per operation.

Operations fall into four kinds. Those that only *move* elements (views, slices, padding, stacks)
are done by torch itself, on the numbers of the elements instead of the elements, so that they
cannot be misread. Those that work *elementwise* follow NumPy's broadcasting, which is torch's.
*Windows* are taken one output at a time. *Reductions* take one group of elements per output.

Names are those of torch's operations (``torch.ops.aten``), arguments come as the graph has them.

A change of dtype keeps the elements, and so do operations in the dtype that it leads to, if that is
a float dtype that has all values of the input's own. Over the reals this is so because operations
do not round there, whatever their dtype; in a number system of floats it is so as long as the
operations return values that they were given, as a maximum does and a sum does not. A change to
truth values is a comparison with 0. Every other one (to integers, to a float dtype with less
precision or range) rounds in a way of its own, and has no meaning here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy
import torch

import pooling
from proofs.systems.number_system import UnsupportedError
from proofs.terms import Sort
from verify.judge.elements import Arithmetic, Element
from verify.judge.tracing import name_of
from verify.judge.weights import element, elements

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]
else:
    Array = Any

#: Operation name → what it does: called with a :class:`Call` and the arguments of the graph.
OPERATIONS: dict[str, Callable[..., Any]] = {}


class Unknown(str):
    """A result that has no symbolic value, such as the positions of the largest elements."""


class Call:
    """One call of an operation: the arithmetic, torch's own operation, its result's dtype."""

    def __init__(
        self,
        arithmetic: Arithmetic,
        deadline: float,
        target: Any = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        self.arithmetic = arithmetic
        self.deadline = deadline
        self.target = target
        self.dtype = dtype

    @property
    def name(self) -> str:
        """The plain name of the operation."""
        return name_of(self.target)

    def lifted(self, value: Any) -> Array:
        """Return an array of elements: a symbolic one as it is, numbers as what they stand for."""
        if isinstance(value, numpy.ndarray):
            return value
        if isinstance(value, torch.Tensor):
            return elements(value, self.arithmetic)
        if isinstance(value, bool | int | float):
            return _filled((), element(value, "float64", self.arithmetic))
        raise UnsupportedError(f"an argument {value!r}")

    def each(self, function: Callable[..., Any], *arrays: Array) -> Array:
        """Apply a function of elements to arrays of them, which broadcast."""
        if time.perf_counter() > self.deadline:
            raise TimeoutError(str(self.target))
        with numpy.errstate(all="ignore"):  # NaN from inf − inf is the result and no accident
            result = numpy.frompyfunc(function, len(arrays), 1)(*arrays)
        # NumPy unpacks an array without axes.
        return result if isinstance(result, numpy.ndarray) else _filled((), result)


def _filled(shape: tuple[int, ...], value: Any) -> Array:
    result = numpy.empty(shape, dtype=object)
    result[...] = value
    return result


def _operation(*names: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        for name in names:
            assert name not in OPERATIONS, name
            OPERATIONS[name] = function
        return function

    return register


# -- moving elements -------------------------------------------------------------------------------

#: Operations whose arguments at these places say where, not what; they are tensors to be kept.
_WHERE = {
    "gather": (2,), "index": (1,), "index_put": (1,), "index_select": (2,), "masked_fill": (1,),
    "take_along_dim": (1,), "where": (0,),
}  # fmt: skip
#: Operations whose arguments at these places are numbers that become elements.
_FILL = {"constant_pad_nd": (2,), "masked_fill": (2,), "pad": (3,)}


def _moved(call: Call, *args: Any, **kwargs: Any) -> Any:
    """Let torch move the numbers of the elements, and put the elements in their places.

    Number 0 is the element 0, which is what torch itself fills in.
    """
    name = call.name
    pool: list[Element] = [call.arithmetic.constant(0)]

    def numbered(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return [numbered(entry) for entry in value]
        if not isinstance(value, numpy.ndarray | torch.Tensor):
            return value
        array = call.lifted(value)
        numbers = torch.arange(len(pool), len(pool) + array.size, dtype=torch.float64)
        pool.extend(array.flatten())
        return numbers.reshape(array.shape)

    def placed(numbers: torch.Tensor) -> Array:
        result = numpy.empty(numbers.numel(), dtype=object)
        for i, number in enumerate(numbers.flatten().tolist()):
            result[i] = pool[int(number)]
        return result.reshape(tuple(numbers.shape))

    given: list[Any] = []
    for place, value in enumerate(args):
        if place in _WHERE.get(name, ()):
            if isinstance(value, numpy.ndarray):
                raise UnsupportedError("a place that depends on the input")
            given.append(value)
        elif isinstance(value, torch.dtype):
            raise UnsupportedError("the same bits read in another dtype")
        elif place in _FILL.get(name, ()) and isinstance(value, int | float):
            pool.extend(call.lifted(value).flat)
            given.append(float(len(pool) - 1))
        else:
            given.append(numbered(value))
    moved = call.target(*given, **kwargs)
    return placed(moved) if isinstance(moved, torch.Tensor) else [placed(part) for part in moved]


_MOVING = (
    "alias", "broadcast_to", "cat", "channel_shuffle", "chunk", "clone", "concat",
    "concatenate", "constant_pad_nd", "contiguous", "copy", "detach", "diagonal", "dstack",
    "expand", "expand_as", "flatten", "flip", "fliplr", "flipud", "gather", "hstack", "im2col",
    "index", "index_put", "index_select", "lift_fresh_copy", "masked_fill", "moveaxis",
    "movedim", "narrow", "numpy_T", "pad", "permute", "pixel_shuffle", "pixel_unshuffle",
    "ravel", "reflection_pad1d", "reflection_pad2d", "reflection_pad3d", "repeat",
    "repeat_interleave", "replication_pad1d", "replication_pad2d", "replication_pad3d",
    "reshape", "roll", "select", "select_scatter", "slice", "slice_scatter", "split",
    "split_with_sizes", "squeeze", "stack", "swapaxes", "t", "take_along_dim", "tile",
    "transpose", "tril", "triu", "unbind", "unflatten", "unfold", "_unsafe_view", "unsqueeze",
    "upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d", "view", "vstack",
)  # fmt: skip
OPERATIONS |= dict.fromkeys(_MOVING, _moved)


_CASTS = ("to", "type_as", "_to_copy")


@_operation(*_CASTS)
def _cast(call: Call, x: Array, *args: Any, **kwargs: Any) -> Array:
    """Keep the elements: no change of dtype that is let through here does more.

    A truth value becomes the number 1 or 0, a number the truth value of its not being 0.
    """
    one, zero = call.arithmetic.constant(1), call.arithmetic.constant(0)
    to_truths = call.dtype is torch.bool

    def cast(entry: Any) -> Any:
        if _is_number(entry) == (not to_truths):
            return entry
        if to_truths:
            return call.arithmetic.compare("ne", entry, zero)
        return call.arithmetic.choose(entry, one, zero)

    return call.each(cast, x)


@_operation("dropout", "alpha_dropout", "feature_dropout", "native_dropout", "dropout2d")
def _kept(call: Call, x: Array, *args: Any, **kwargs: Any) -> Array:
    """Keep the elements: no dropout that is let through here does more."""
    return x


@_operation("_assert_tensor_metadata")
def _nothing(call: Call, *args: Any, **kwargs: Any) -> None:
    """Do nothing."""


@_operation("full_like", "zeros_like", "ones_like", "new_zeros", "new_ones", "new_full", "fill")
def _constant(call: Call, x: Array, *args: Any, **kwargs: Any) -> Any:
    """Return a tensor that takes only its shape and dtype from the symbols."""
    kwargs.setdefault("dtype", _dtype(call.arithmetic))
    name = call.name
    if name == "fill":
        return torch.full(x.shape, *args, dtype=kwargs["dtype"])
    return call.target(torch.empty(x.shape, dtype=kwargs["dtype"]), *args, **kwargs)


def _dtype(arithmetic: Arithmetic) -> torch.dtype:
    # Over the reals constants are read in the widest dtype, which none is wider than.
    found = torch.float64 if arithmetic.exact else getattr(torch, arithmetic.system.name)
    assert isinstance(found, torch.dtype)
    return found


@_operation("where")
def _where(call: Call, condition: Any, then: Any, otherwise: Any) -> Array:
    """Choose by a known condition, or by one that depends on the input."""
    if isinstance(condition, torch.Tensor):
        of_tensors = Call(call.arithmetic, call.deadline, torch.ops.aten.where.self)
        choice: Array = _moved(of_tensors, condition, _scalar(then), _scalar(otherwise))
        return choice
    return call.each(call.arithmetic.choose, condition, call.lifted(then), call.lifted(otherwise))


def _scalar(value: Any) -> Any:
    """Return a number as the tensor that ``where`` takes it for."""
    return (
        torch.tensor(float(value), dtype=torch.float64) if isinstance(value, int | float) else value
    )


# -- elementwise -----------------------------------------------------------------------------------


def _elementwise(operator: str) -> Callable[..., Array]:
    def apply(call: Call, *args: Any) -> Array:
        arrays = [call.lifted(arg) for arg in args]
        return call.each(lambda *entries: call.arithmetic.apply(operator, *entries), *arrays)

    return apply


for _name, _operator in {
    "abs": "abs", "neg": "neg", "relu": "relu", "maximum": "maximum", "minimum": "minimum",
    "absolute": "abs", "negative": "neg",
}.items():  # fmt: skip
    OPERATIONS[_name] = _elementwise(_operator)


@_operation("mul", "multiply")
def _product(call: Call, x: Any, y: Any) -> Array:
    """Return x · y; a truth value counts as 1 or 0."""

    def product(a: Any, b: Any) -> Element:
        if not _is_number(a):
            a, b = b, a
        if _is_number(b):
            return call.arithmetic.apply("mul", a, b)
        nothing = call.arithmetic.combination([(call.arithmetic.constant(0), a)])
        return call.arithmetic.choose(b, a, nothing)

    return call.each(product, _lifted_or_truths(call, x), _lifted_or_truths(call, y))


def _is_number(entry: Any) -> bool:
    return isinstance(entry, Element) and (entry.known or entry.content.sort is Sort.NUMBER)


def _lifted_or_truths(call: Call, value: Any) -> Array:
    truths = isinstance(value, torch.Tensor) and value.dtype is torch.bool
    return _truths(value) if truths else call.lifted(value)


@_operation("add", "sub", "rsub", "subtract")
def _sum_or_difference(call: Call, x: Any, y: Any, alpha: float = 1) -> Array:
    """Return x ± alpha · y, or y − alpha · x for ``rsub``."""
    name = call.name
    if name == "rsub":
        x, y = y, x
    left, right, factor = call.lifted(x), call.lifted(y), call.lifted(alpha)[()]
    operator = "add" if name == "add" else "sub"

    def combined(a: Element, b: Element) -> Element:
        return call.arithmetic.apply(operator, a, factor * b)

    return call.each(combined, left, right)


@_operation("div", "divide", "true_divide")
def _quotient(call: Call, x: Any, y: Any, *, rounding_mode: str | None = None) -> Array:
    """Return x / y for a known y."""
    if rounding_mode is not None:
        raise UnsupportedError(f"rounding_mode {rounding_mode!r}")
    return call.each(call.arithmetic.divide, call.lifted(x), call.lifted(y))


@_operation("pow", "square")
def _power(call: Call, x: Any, exponent: Any = 2) -> Array:
    """Return a small whole power."""
    if not isinstance(exponent, int | float) or exponent not in (1, 2, 3):
        raise UnsupportedError(f"the power {exponent!r}")
    array = call.lifted(x)
    return call.each(lambda a: reduce(lambda p, q: p * q, [a] * int(exponent)), array)


@_operation("clamp", "clip", "clamp_min", "clamp_max", "hardtanh", "relu6")
def _clamped(call: Call, x: Any, *bounds: Any, **named: Any) -> Array:
    """Move every element into the bounds; the upper one wins where they cross."""
    given = [*bounds, *named.values()] if call.name in ("clamp_min", "clamp_max") else [*bounds]
    low: Any = None
    high: Any = None
    match call.name:
        case "clamp_min":
            (low,) = given
        case "clamp_max":
            (high,) = given
        case "relu6":
            low, high = 0, 6
        case "hardtanh":
            low, high = (*given, -1, 1)[:2] if not given else (*given, 1)[:2]
        case _:
            low, high = (*given, None, None)[:2]
    low = named.get("min", named.get("min_val", low))
    high = named.get("max", named.get("max_val", high))
    result = call.lifted(x)
    if low is not None:
        result = _elementwise("maximum")(call, result, low)
    return result if high is None else _elementwise("minimum")(call, result, high)


@_operation("leaky_relu", "prelu", "_prelu_kernel")
def _leaky_relu(call: Call, x: Array, slope: Any = 0.01) -> Array:
    """Return the element where it is positive, ``slope`` times it elsewhere."""
    weight = call.lifted(slope)
    if weight.ndim == 1 and weight.size > 1:
        weight = weight.reshape((-1,) + (1,) * (x.ndim - 2))
    zero = call.arithmetic.constant(0)

    def leaky(a: Element, w: Element) -> Element:
        positive = call.arithmetic.compare("lt", zero, a)
        return call.arithmetic.choose(positive, a, w * a)

    return call.each(leaky, x, weight)


for _name, (_relation, _swapped) in {
    "eq": ("eq", False), "ne": ("ne", False), "lt": ("lt", False), "le": ("le", False),
    "gt": ("lt", True), "ge": ("le", True),
}.items():  # fmt: skip

    def _comparison(
        call: Call, x: Any, y: Any, relation: str = _relation, swapped: bool = _swapped
    ) -> Array:
        """Return where a relation holds."""
        left, right = call.lifted(y if swapped else x), call.lifted(x if swapped else y)
        return call.each(lambda a, b: call.arithmetic.compare(relation, a, b), left, right)

    OPERATIONS[_name] = _comparison


# -- windows ---------------------------------------------------------------------------------------


def _per_axis(value: int | Sequence[int], count: int) -> tuple[int, ...]:
    entries = (value,) if isinstance(value, int) else tuple(value)
    return entries * count if len(entries) == 1 else entries


@_operation("conv1d", "conv2d", "conv3d")
def _convolution_by_name(
    call: Call, x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0,
    dilation: Any = 1, groups: int = 1,
) -> Array:  # fmt: skip
    count = weight.ndim - 2
    if isinstance(padding, str):
        spans = [
            d * (k - 1) for d, k in zip(_per_axis(dilation, count), weight.shape[2:], strict=True)
        ]
        # An odd element of "same" goes after, as in torch.
        edges = [(s // 2, s - s // 2) if padding == "same" else (0, 0) for s in spans]
    else:
        edges = [(p, p) for p in _per_axis(padding, count)]
    return _convolved(call, x, weight, bias, _per_axis(stride, count), edges,
                      _per_axis(dilation, count), groups)  # fmt: skip


@_operation("convolution")
def _convolution(
    call: Call, x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any,
    transposed: bool, output_padding: Any, groups: int,
) -> Array:  # fmt: skip
    if transposed:
        raise UnsupportedError("a transposed convolution")
    result: Array = _convolution_by_name(call, x, weight, bias, stride, padding, dilation, groups)
    return result


def _convolved(
    call: Call, x: Any, weight: Any, bias: Any, stride: tuple[int, ...],
    edges: list[tuple[int, int]], dilation: tuple[int, ...], groups: int,
) -> Array:  # fmt: skip
    """Return the cross-correlation that torch calls convolution."""
    if isinstance(weight, numpy.ndarray):
        raise UnsupportedError("weights that depend on the input")
    symbols = call.lifted(x)
    unbatched = symbols.ndim == weight.ndim - 1
    if unbatched:
        symbols = symbols[None]
    zero = call.arithmetic.constant(0)
    padded = _filled(
        (*symbols.shape[:2], *[n + sum(e) for n, e in zip(symbols.shape[2:], edges, strict=True)]),
        zero,
    )
    inside = [slice(e[0], e[0] + n) for n, e in zip(symbols.shape[2:], edges, strict=True)]
    whole: Any = (..., *inside)
    padded[whole] = symbols
    kernels = elements(weight, call.arithmetic)
    biases = None if bias is None else call.lifted(bias)
    size = kernels.shape[2:]
    spans = [d * (k - 1) + 1 for d, k in zip(dilation, size, strict=True)]
    outputs = [
        (n - span) // s + 1 for n, span, s in zip(padded.shape[2:], spans, stride, strict=True)
    ]
    channels, per_group = kernels.shape[1], kernels.shape[0] // groups
    result = numpy.empty((len(padded), len(kernels), *outputs), dtype=object)
    for batch, place in _places(call, (len(padded), *outputs)):
        window: Any = [
            slice(i * s, i * s + span, d)
            for i, s, span, d in zip(place, stride, spans, dilation, strict=True)
        ]
        for channel, kernel in enumerate(kernels):
            first = channel // per_group * channels
            taps = padded[(batch, slice(first, first + channels), *window)]
            result[(batch, channel, *place)] = call.arithmetic.combination(
                zip(kernel.flat, taps.flat, strict=True),
                None if biases is None else biases[channel],
            )
    return result[0] if unbatched else result


def _places(call: Call, shape: tuple[int, ...]) -> Iterable[tuple[int, tuple[int, ...]]]:
    for index in numpy.ndindex(shape):
        if time.perf_counter() > call.deadline:
            raise TimeoutError(str(call.target))
        yield index[0], index[1:]


@_operation("linear")
def _linear(call: Call, x: Any, weight: Any, bias: Any = None) -> Array:
    if isinstance(weight, numpy.ndarray):
        raise UnsupportedError("weights that depend on the input")
    rows = elements(weight, call.arithmetic)
    biases = None if bias is None else call.lifted(bias)
    return _products(call, call.lifted(x), rows, biases)


def _products(call: Call, x: Array, rows: Array, biases: Array | None = None) -> Array:
    """Return x · rowsᵀ + biases over the last axis of ``x``."""
    result = numpy.empty((*x.shape[:-1], len(rows)), dtype=object)
    for index in numpy.ndindex(x.shape[:-1]):
        for number, row in enumerate(rows):
            result[(*index, number)] = call.arithmetic.combination(
                zip(row, x[index], strict=True), None if biases is None else biases[number]
            )
    return result


@_operation("matmul", "mm", "bmm", "mv", "dot")
def _matrix_product(call: Call, x: Any, y: Any) -> Array:
    """Return a matrix product of which one side is known."""
    left, right = call.lifted(x), call.lifted(y)
    rows = left[None] if left.ndim == 1 else left
    columns = right[:, None] if right.ndim == 1 else right
    leading = numpy.broadcast_shapes(rows.shape[:-2], columns.shape[:-2])
    rows = numpy.broadcast_to(rows, (*leading, *rows.shape[-2:]))
    columns = numpy.broadcast_to(columns, (*leading, *columns.shape[-2:]))
    result = numpy.empty((*leading, rows.shape[-2], columns.shape[-1]), dtype=object)
    for index in numpy.ndindex(leading):
        if all(entry.known for entry in columns[index].flat):
            result[index] = _products(call, rows[index], columns[index].T)
        elif all(entry.known for entry in rows[index].flat):
            result[index] = _products(call, columns[index].T, rows[index]).T
        else:
            raise UnsupportedError("a product of two matrices that depend on the input")
    if left.ndim == 1:
        result = result[..., 0, :]
    return call.each(lambda entry: entry, result[..., 0] if right.ndim == 1 else result)


@_operation("addmm", "baddbmm")
def _matrix_product_plus(
    call: Call, bias: Any, x: Any, y: Any, *, beta: float = 1, alpha: float = 1
) -> Array:
    """Return beta · bias + alpha · x · y."""
    if (beta, alpha) != (1, 1):
        raise UnsupportedError(f"beta {beta} and alpha {alpha}")
    return _sum_of(call, _matrix_product(call, x, y), call.lifted(bias))


def _sum_of(call: Call, x: Array, y: Array) -> Array:
    return call.each(lambda a, b: call.arithmetic.total((a, b)), x, y)


def _pooling(definition: Callable[..., Array], names: str) -> Callable[..., Any]:
    """Return a pooling by its definition; ``names`` are the arguments torch passes after x."""

    def pooled(call: Call, x: Array, *args: Any, **kwargs: Any) -> Any:
        given = {**dict(zip(names.split(), args, strict=False)), **kwargs}
        name = call.name
        count = next(int(digit) for digit in name if digit.isdigit())
        for size in ("kernel_size", "output_size"):
            if size in given:
                given[size] = _per_axis(given[size], count)
        if given.get("stride") == []:
            del given["stride"]
        if "avg" in name and not call.arithmetic.exact:
            raise UnsupportedError("a mean, whose rounding is not defined")
        result = call.each(
            lambda a: a if isinstance(a, Element) else call.arithmetic.constant(a),
            definition(x, **given),
        )
        indexed = "indices" in name or name.startswith("adaptive_max")
        return (result, Unknown("a position of a largest element")) if indexed else result

    return pooled


for _count in (1, 2, 3):
    _max = _pooling(pooling.max_pool, "kernel_size stride padding dilation ceil_mode")
    OPERATIONS[f"max_pool{_count}d"] = _max
    OPERATIONS[f"max_pool{_count}d_with_indices"] = _max
    OPERATIONS[f"avg_pool{_count}d"] = _pooling(
        pooling.avg_pool,
        "kernel_size stride padding ceil_mode count_include_pad divisor_override",
    )
    for _kind, _definition in (("avg", pooling.adaptive_avg_pool),
                               ("max", pooling.adaptive_max_pool)):  # fmt: skip
        _adaptive = _pooling(_definition, "output_size")
        OPERATIONS[f"adaptive_{_kind}_pool{_count}d"] = _adaptive
        OPERATIONS[f"_adaptive_{_kind}_pool{_count}d"] = _adaptive


# -- reductions ------------------------------------------------------------------------------------


def _reduced(
    call: Call, x: Array, dims: Any, keepdim: bool, function: Callable[[list[Element]], Element]
) -> Array:
    """Apply ``function`` to the elements along ``dims``; of none of them, or None, along all."""
    chosen = [dims] if isinstance(dims, int) else list(dims or range(x.ndim))
    axes = sorted(dim % x.ndim for dim in chosen) if x.ndim else []
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    arranged = x.transpose(kept + axes).reshape((*[x.shape[axis] for axis in kept], -1))
    result = numpy.empty(arranged.shape[:-1], dtype=object)
    for index in numpy.ndindex(result.shape):
        result[index] = function(list(arranged[index]))
    if keepdim:
        result = result.reshape([1 if i in axes else n for i, n in enumerate(x.shape)])
    return result


def _extreme(operator: str) -> Callable[..., Any]:
    def reduced(call: Call, x: Any, *args: Any, **named: Any) -> Any:
        """Take the extreme of two arrays, of all elements, or along some axes."""
        if args and isinstance(args[0], numpy.ndarray | torch.Tensor):
            return _elementwise(operator)(call, x, args[0])
        dims, keepdim = (*args, None, False)[:2] if len(args) != 1 else (args[0], False)
        dims, keepdim = named.get("dim", dims), named.get("keepdim", keepdim)
        values = _reduced(
            call, call.lifted(x), dims, keepdim,
            lambda group: reduce(lambda a, b: call.arithmetic.apply(operator, a, b), group),
        )  # fmt: skip
        indexed = call.target._overloadname == "dim"
        return (values, Unknown("a position of an extreme element")) if indexed else values

    return reduced


OPERATIONS |= {"amax": _extreme("maximum"), "max": _extreme("maximum")}
OPERATIONS |= {"amin": _extreme("minimum"), "min": _extreme("minimum")}


@_operation("sum")
def _sum(call: Call, x: Array, dims: Any = None, keepdim: bool = False, dtype: Any = None) -> Array:
    """Add the elements along ``dims``."""
    return _reduced(call, x, dims, keepdim, call.arithmetic.total)


@_operation("mean")
def _mean(
    call: Call, x: Array, dims: Any = None, keepdim: bool = False, dtype: Any = None
) -> Array:
    """Average the elements along ``dims``."""
    if not call.arithmetic.exact:
        raise UnsupportedError("a mean, whose rounding is not defined")
    return _reduced(call, x, dims, keepdim, lambda group: call.arithmetic.total(group) / len(group))


# -- truth values ----------------------------------------------------------------------------------


@_operation("logical_and", "logical_or", "logical_not", "bitwise_and", "bitwise_or", "bitwise_not")
def _logical(call: Call, *args: Any) -> Array:
    """Combine truth values."""
    operator = call.name.split("_")[1]
    return call.each(lambda *entries: _connected(call, operator, entries), *map(_truths, args))


def _truths(value: Any) -> Array:
    if isinstance(value, torch.Tensor):
        if value.dtype is not torch.bool:
            raise UnsupportedError("a truth value that is a number")
        return numpy.array(value.tolist(), dtype=object)
    return numpy.asarray(value, dtype=object)


def _connected(call: Call, operator: str, entries: Sequence[Any]) -> Any:
    known = [entry for entry in entries if isinstance(entry, bool)]
    terms = [entry.content for entry in entries if isinstance(entry, Element)]
    if any(term.sort is not Sort.PROPOSITION for term in terms):
        raise UnsupportedError("a truth value that is a number")
    if operator == "not":
        return not known[0] if known else Element(call.arithmetic, ~terms[0])
    decisive = operator == "or"
    if decisive in known:
        return decisive
    if not terms:
        return not decisive
    joined = reduce(lambda p, q: p | q if operator == "or" else p & q, terms)
    return Element(call.arithmetic, joined)


# -- selections ------------------------------------------------------------------------------------

#: Operations that return elements they were given, up to their sign: the same in every dtype that
#: has these elements.
SELECTING = frozenset(
    (
        *_MOVING, *_CASTS, "abs", "absolute", "adaptive_max_pool1d", "adaptive_max_pool2d",
        "adaptive_max_pool3d", "amax", "amin", "clamp", "clamp_max", "clamp_min", "clip",
        "hardtanh", "max", "max_pool1d", "max_pool1d_with_indices", "max_pool2d",
        "max_pool2d_with_indices", "max_pool3d", "max_pool3d_with_indices", "maximum", "min",
        "minimum", "neg", "negative", "relu", "relu6", "where",
    )
)  # fmt: skip
