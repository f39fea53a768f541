"""Window arithmetic along one axis: how many windows there are and how many taps they have.

A *window* i covers the positions ``i·stride − padding + j·dilation`` for j = 0 … kernel_size − 1,
in coordinates where the input is ``0 … size − 1``. A *tap* is one of those positions that falls
inside the input. All functions take and return ints, integer NumPy arrays (broadcast), SymPy
expressions or proof terms, check nothing, and are constant time in ``size``. The claims
``output-size`` and ``taps-closed-form`` prove these very functions equal to the count they replace.
Those with a greatest common divisor, :func:`adaptive_taps` and a dilated :func:`touched`, cannot
take terms: ``adaptive-taps`` and ``touched-elements`` prove the arguments behind them, and tests
count.
"""

import sys
from collections.abc import Callable
from functools import cache
from math import gcd, prod
from typing import Any

from pooling.arithmetic import (
    Number,
    _is_array,
    _is_symbol,
    ceil_divide,
    clamp,
    halve,
    maximum,
    minimum,
    total,
)

#: The configurations of a batch that are counted at a time.
_PIECE = 8192


def output_size(
    size: Number,
    kernel_size: Number,
    stride: Number,
    padding: tuple[Number, Number] = (0, 0),
    dilation: Number = 1,
    ceil_mode: bool = False,
) -> Number:
    """Return the number of windows along one axis, by torch's rule.

    ``padding`` is (before, after), in elements. Without ``ceil_mode`` a window counts if it lies
    inside the padded input. With it, one more counts if the padded input is not yet covered,
    unless that window would start in the padding after the input.

    Source: ``torch.nn.MaxPool2d``'s shape rule.

    >>> output_size(112, 3, 2, (1, 1))
    56
    >>> output_size(5, 2, 2, ceil_mode=True)
    3
    """
    before, after = padding
    last_start = size + before + after - dilation * (kernel_size - 1) - 1
    if not ceil_mode:
        # The same for symbols, of which more can cancel here: ⌊(H − k)/k⌋ + 1 is ⌊H/k⌋.
        if type(last_start) is not int and (_is_symbol(last_start) or _is_symbol(stride)):
            return (last_start + stride) // stride
        return last_start // stride + 1
    return minimum(ceil_divide(last_start, stride), (size + before - 1) // stride) + 1


def changed_after(size: Number, span: Number, stride: Number, changed: Number) -> Number:
    """Return how many windows at the end hold one of the last ``changed`` elements or lie there.

    Of the windows of ``span`` elements that lie inside ``size`` of them all others end before.

    >>> changed_after(10, 3, 2, 1), changed_after(9, 3, 2, 1), changed_after(9, 3, 2, 3)
    (0, 1, 2)
    """
    return (size - span) // stride - (size - span - changed) // stride


def window_taps(size: Number, kernel_size: Number, start: Number) -> Number:
    """Return the taps of the undilated window that begins at ``start``.

    >>> [window_taps(4, 3, start) for start in (-3, -1, 0, 2, 4)]
    [0, 2, 3, 2, 0]
    """
    end = start + kernel_size
    return _ramp(end) - _ramp(start) - _ramp(end - size) + _ramp(start - size)


def visits(size: Number, offset: Number, stride: Number, outputs: Number) -> Number:
    """Return for how many of ``outputs`` windows the position ``i·stride + offset`` is a tap.

    >>> visits(size=4, offset=-1, stride=2, outputs=3)  # positions -1, 1, 3
    2
    """
    past_end = clamp(ceil_divide(size - offset, stride), 0, outputs)
    before_start = clamp(ceil_divide(-offset, stride), 0, outputs)
    return past_end - before_start


def taps(
    size: Number,
    kernel_size: Number,
    stride: Number,
    before: Number,
    outputs: Number,
    dilation: Number = 1,
) -> Number:
    """Return the taps of the first ``outputs`` windows together.

    ``before`` is the padding before the input. Undilated windows must reach the input: the first
    may end with it at the latest before it, ``before ≤ kernel_size``, and the last begin behind
    it at the latest. Then each has all its positions but those cut off at either end, and these
    are arithmetic series, whatever the image and the window. Dilated windows may lie anywhere and
    take one step per kernel position.

    >>> taps(112, 3, 2, 1, 56)
    167
    """
    if type(outputs) is not int and _is_array(outputs) and outputs.size > _PIECE:
        return _in_pieces(taps, size, kernel_size, stride, before, outputs, dilation)
    if type(dilation) is int and dilation == 1:
        overhang = (outputs - 1) * stride - before + kernel_size - size
        return (
            outputs * kernel_size
            - _falling_series(outputs, stride, before)
            - _falling_series(outputs, stride, overhang)
        )
    return total(kernel_size, lambda j: visits(size, j * dilation - before, stride, outputs))


def occupied(
    size: Number,
    kernel_size: Number,
    stride: Number,
    before: Number,
    outputs: Number,
    dilation: Number = 1,
) -> Number:
    """Return how many of the first ``outputs`` windows have at least one tap.

    Undilated windows all do if they begin before the end of the input and end after its
    beginning, which they must. Dilated ones may step over a small input: a window is counted at
    its first tap, and position j > 0 is the first one inside the input exactly when it lies in
    the first ``min(size, dilation)`` elements.

    >>> occupied(size=1, kernel_size=2, stride=1, before=1, outputs=1, dilation=2)
    0
    """
    if type(dilation) is int and dilation == 1:
        return outputs
    entry = minimum(size, dilation)
    return visits(size, -before, stride, outputs) + total(
        kernel_size - 1, lambda j: visits(entry, (j + 1) * dilation - before, stride, outputs)
    )


def touched(
    size: Number,
    kernel_size: Number,
    stride: Number,
    before: Number,
    outputs: Number,
    dilation: Number = 1,
) -> Number:
    """Return how many elements of the input are a tap of at least one of the windows.

    The windows are those of :func:`output_size`: at least one, the first begins less than a window
    before the input and the last one inside it. Undilated ones leave out what lies between two
    neighbours and behind the last. Dilated ones meet: moving on by d/g windows (g is the greatest
    common divisor of stride and dilation d) and back by stride/g positions ends at the same place,
    so what is touched is all taps without those from which one can move on so.

    >>> touched(size=9, kernel_size=2, stride=3, before=0, outputs=3)
    6
    >>> touched(size=9, kernel_size=3, stride=2, before=0, outputs=3, dilation=2)  # 0, 2, 4, 6, 8
    5
    """
    if type(dilation) is int and dilation == 1:
        steps = outputs - 1
        end = steps * stride + kernel_size - before
        return minimum(size, end) - steps * maximum(stride - kernel_size, 0)
    common = greatest_common_divisor(stride, dilation)
    back = stride // common
    return taps(size, kernel_size, stride, before, outputs, dilation) - taps(
        size,
        maximum(kernel_size - back, 0),
        stride,
        before - back * dilation,
        maximum(outputs - dilation // common, 0),
        dilation,
    )


def adaptive_window(size: Number, outputs: Number, window: Number) -> tuple[Number, Number]:
    """Return where window number ``window`` of an adaptive pooling begins and ends, (start, end).

    Window i of m over n elements is [⌊i·n/m⌋, ⌈(i + 1)·n/m⌉).

    Source: ``start_index`` and ``end_index`` in torch's AdaptivePooling.h.

    >>> [adaptive_window(10, 4, window) for window in range(4)]
    [(0, 3), (2, 5), (5, 8), (7, 10)]
    """
    return window * size // outputs, ceil_divide((window + 1) * size, outputs)


def adaptive_taps(size: Number, outputs: Number) -> Number:
    """Return the taps of all windows of an adaptive pooling: n + m − gcd(n, m).

    The ends ⌈(i + 1)·n/m⌉ of m windows and the starts ⌊i·n/m⌋ differ by n for the last end and
    the first start, and by one for each i = 1 … m − 1 for which m does not divide i·n: those are
    the windows that share an element with the one before. m divides i·n for gcd(n, m) − 1 of them.

    >>> adaptive_taps(10, 4), adaptive_taps(10, 5), adaptive_taps(3, 7), adaptive_taps(3, 0)
    (12, 10, 9, 0)
    """
    return size + outputs - greatest_common_divisor(size, outputs)


def adaptive_touched(size: Number, outputs: Number) -> Number:
    """Return how many elements an adaptive pooling reads: all, unless it has no window.

    >>> adaptive_touched(10, 4), adaptive_touched(10, 0)
    (10, 0)
    """
    return size * minimum(outputs, 1)


def greatest_common_divisor(a: Number, b: Number) -> Number:
    """Return the greatest common divisor of ``a`` and ``b``, at least 0 each.

    Of symbols it stays unevaluated until they have values. ``sympy.gcd`` would not do: it is the
    divisor of polynomials, and 1 for any two symbols.

    >>> greatest_common_divisor(12, 18)
    6
    >>> import sympy
    >>> n = sympy.Symbol("n", integer=True, positive=True)
    >>> greatest_common_divisor(n, 18), greatest_common_divisor(n, 18).subs(n, 12)
    (gcd(n, 18), 6)
    >>> adaptive_taps(n, 1)
    n
    """
    if type(a) is int and type(b) is int:
        return gcd(a, b)
    if _is_symbol(a) or _is_symbol(b):
        return a if a == b else _symbolic_gcd()(a, b)
    if _is_array(a) or _is_array(b):
        return sys.modules["numpy"].gcd(a, b)
    return gcd(int(a), int(b))


@cache
def _symbolic_gcd() -> Any:
    sympy = sys.modules["sympy"]

    def evaluate(cls: Any, a: Any, b: Any) -> Any:
        """Return the number where it is known; None leaves the function as it stands."""
        if a.is_Integer and b.is_Integer:
            return sympy.Integer(gcd(int(a), int(b)))
        return sympy.Integer(1) if 1 in (a, b) else None

    def latex(self: Any, printer: Any) -> str:
        """Return the name as mathematicians print it, which SymPy would spell as a variable."""
        a, b = map(printer.doprint, self.args)
        return rf"\gcd\left({a}, {b}\right)"

    # SymPy prints a function by the name of its class.
    return type(
        "gcd",
        (sympy.Function,),
        {
            "nargs": 2,
            "is_integer": True,
            "is_nonnegative": True,
            "eval": classmethod(evaluate),
            "_latex": latex,
        },
    )


def _in_pieces(formula: Callable[..., Number], *arguments: Number) -> Number:
    """Return ``formula`` of arrays, evaluated on one piece of them after the other.

    It makes dozens of intermediate arrays, and small ones stay in the processor's cache.
    """
    numpy = sys.modules["numpy"]
    shape = numpy.broadcast_shapes(*map(numpy.shape, arguments))
    flat = [numpy.broadcast_to(x, shape).reshape(-1) if numpy.ndim(x) else x for x in arguments]
    pieces = [
        formula(*[x[start : start + _PIECE] if numpy.ndim(x) else x for x in flat])
        for start in range(0, prod(shape), _PIECE)
    ]
    return numpy.concatenate(pieces).reshape(shape)


def _ramp(value: Number) -> Number:
    return maximum(value, 0)


def _falling_series(count: Number, step: Number, first: Number) -> Number:
    """Return max(first, 0) + max(first − step, 0) + … with ``count`` terms, ``step`` ≥ 1."""
    if type(first) is int and first <= 0:
        return 0
    if type(count) is type(first) is type(step) is int and first <= step:
        return first if count else 0  # as of every padding of a stride at most
    if type(count) is not int and _is_symbol(count):
        first = _without_floors(first)
        shortened = _first_term(step, first)
        if shortened is not None:
            return shortened
    # A numerator of at least 0 divides twice as fast in NumPy, which predicts its sign.
    reach = first if type(first) is int else maximum(first, 0)
    positive = minimum((reach + step - 1) // step, count)
    return halve(positive * (2 * first - step * (positive - 1)))


def _first_term(step: Number, first: Any) -> Number | None:
    """Return the series of :func:`_falling_series` in symbols, if its first term is all of it.

    There is a first window, so there is a first term. What the last window overhangs is the
    padding without a remainder, so it is the padding at most.
    """
    sympy = sys.modules["sympy"]
    remainders = first.atoms(sympy.Mod)
    most = sum(remainders, first)
    if len(remainders) > 1 or not most.is_Integer:
        return None
    if most <= 0:
        return 0
    if not isinstance(step, int) or most > step:
        return None
    return first if most >= step - 1 or not remainders else maximum(first, 0)


def _without_floors(expression: Any) -> Any:
    """Return a SymPy expression with every ⌊a/b⌋ written as (a − a mod b)/b."""
    sympy = sys.modules["sympy"]

    def quotient(value: Any) -> Any:
        a, b = sympy.fraction(sympy.together(value))
        return (a - sympy.Mod(a, b)) / b

    return sympy.expand(sympy.sympify(expression).replace(sympy.floor, quotient))
