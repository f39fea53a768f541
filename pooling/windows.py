"""Window arithmetic along one axis: how many windows there are and how many taps they have.

A *window* i covers the positions ``i·stride − padding + j·dilation`` for j = 0 … kernel_size − 1,
in coordinates where the input is ``0 … size − 1``. A *tap* is one of those positions that falls
inside the input. All functions take and return ints, integer NumPy arrays (broadcast), SymPy
expressions or proof terms, check nothing, and are constant time in ``size``: the claims
``output-size`` and ``taps-closed-form`` prove these very functions equal to the count they replace.
"""

from __future__ import annotations

from pooling.arithmetic import Number, ceil_divide, clamp, maximum, minimum, total


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
        return last_start // stride + 1
    return minimum(ceil_divide(last_start, stride), (size + before - 1) // stride) + 1


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

    ``before`` is the padding before the input. Undilated windows take four arithmetic series,
    whatever the kernel; dilated ones take one step per kernel position.

    >>> taps(112, 3, 2, 1, 56)
    167
    """
    if isinstance(dilation, int) and dilation == 1:
        return (
            _ramp_series(outputs, stride, kernel_size - before)
            - _ramp_series(outputs, stride, -before)
            - _ramp_series(outputs, stride, kernel_size - before - size)
            + _ramp_series(outputs, stride, -before - size)
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

    A window is counted at its first tap: position j > 0 is the first one inside the input
    exactly when it lies in the first ``min(size, dilation)`` elements.

    >>> occupied(size=1, kernel_size=2, stride=1, before=1, outputs=1, dilation=2)
    0
    """
    if isinstance(dilation, int) and dilation == 1:
        reach = kernel_size - 1
        return visits(size + reach, reach - before, stride, outputs)
    entry = minimum(size, dilation)
    return visits(size, -before, stride, outputs) + total(
        kernel_size - 1, lambda j: visits(entry, (j + 1) * dilation - before, stride, outputs)
    )


def _ramp(value: Number) -> Number:
    return maximum(value, 0)


def _ramp_series(count: Number, step: Number, start: Number) -> Number:
    """Return max(start, 0) + max(start + step, 0) + … with ``count`` terms, ``step`` ≥ 1."""
    first = clamp(ceil_divide(-start, step), 0, count)
    return (count - first) * (2 * start + step * (first + count - 1)) // 2
