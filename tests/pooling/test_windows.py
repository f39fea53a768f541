from __future__ import annotations

import numpy
import pytest
import sympy
from hypothesis import assume, given
from hypothesis import strategies as st

from pooling import windows

edge = st.integers(0, 4)
axes = st.tuples(st.integers(1, 12), st.integers(1, 6), st.integers(1, 5), edge, edge)


@pytest.mark.parametrize(
    ("size", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "outputs"),
    [
        (112, 3, 2, (1, 1), 1, False, 56),
        (112, 3, 2, (0, 0), 1, False, 55),
        (112, 3, 2, (0, 0), 1, True, 56),
        (5, 2, 2, (0, 0), 1, True, 3),
        (4, 2, 3, (1, 1), 1, True, 2),  # a third window would start in the padding at the end
        (4, 2, 2, (1, 0), 1, False, 2),
        (4, 2, 2, (0, 1), 1, False, 2),
        (7, 3, 1, (0, 0), 3, False, 1),
    ],
)
def test_output_size(
    size: int,
    kernel_size: int,
    stride: int,
    padding: tuple[int, int],
    dilation: int,
    ceil_mode: bool,
    outputs: int,
) -> None:
    """Known numbers of windows, with and without padding, ceil_mode and dilation."""
    got = windows.output_size(size, kernel_size, stride, padding, dilation, ceil_mode)
    assert got == outputs


@given(axes, st.integers(1, 3), st.booleans())
def test_output_size_counts_window_positions(
    axis: tuple[int, int, int, int, int], dilation: int, ceil_mode: bool
) -> None:
    """The formula is the number of windows that pass the rule, tried one after the other."""
    size, kernel_size, stride, before, after = axis
    reach = dilation * (kernel_size - 1)
    assume(reach < size + before + after)
    end = size + before + after
    # With ceil_mode a window may overhang by less than a stride, but not start in the padding
    # at the end.
    overhang, last_start = (stride - 1, size + before - 1) if ceil_mode else (0, end)
    fitting = sum(
        start + reach < end + overhang and start <= last_start for start in range(0, end, stride)
    )
    got = windows.output_size(size, kernel_size, stride, (before, after), dilation, ceil_mode)
    assert got == fitting


@given(axes, st.integers(1, 3), st.integers(0, 6))
def test_taps_and_occupied_windows_are_counts(
    axis: tuple[int, int, int, int, int], dilation: int, outputs: int
) -> None:
    """The closed forms count the positions inside the input, and the windows that have one."""
    size, kernel_size, stride, before, _ = axis
    reaching = before < kernel_size and (outputs - 1) * stride - before < size
    assume(dilation > 1 or reaching)
    inside = [
        sum(0 <= i * stride + j * dilation - before < size for j in range(kernel_size))
        for i in range(outputs)
    ]
    arguments = (size, kernel_size, stride, before, outputs, dilation)
    assert windows.taps(*arguments) == sum(inside)
    assert windows.occupied(*arguments) == sum(count > 0 for count in inside)


@given(st.lists(axes, min_size=1, max_size=5), st.integers(1, 3), st.booleans())
def test_arrays_are_their_entries(
    batch: list[tuple[int, int, int, int, int]], dilation: int, ceil_mode: bool
) -> None:
    """A batch of configurations gives what its entries give one by one."""
    size, kernel_size, stride, before, after = numpy.array(batch).T
    outputs = windows.output_size(
        size, kernel_size, stride, (before, after), dilation, ceil_mode=ceil_mode
    )
    taps = windows.taps(size, kernel_size, stride, before, outputs, dilation)
    for i, (n, k, s, p, q) in enumerate(batch):
        alone = windows.output_size(n, k, s, (p, q), dilation, ceil_mode)
        assert outputs[i] == alone
        if alone >= 0:
            assert taps[i] == windows.taps(n, k, s, p, alone, dilation)


def test_symbols_give_the_formula() -> None:
    """A symbolic size gives an expression that has the right value everywhere."""
    size = sympy.Symbol("n", integer=True, positive=True)
    outputs = windows.output_size(size, 3, 2, (1, 1))
    taps = windows.taps(size, 3, 2, 1, outputs)
    for value in range(1, 30):
        count = windows.output_size(value, 3, 2, (1, 1))
        assert taps.subs(size, value) == windows.taps(value, 3, 2, 1, count)


def test_constant_time_in_the_image() -> None:
    """Sizes that no loop could walk through are answered at once, and exactly."""
    size = 10**30
    outputs = windows.output_size(size, 3, 2, (1, 1))
    assert outputs == 5 * 10**29
    assert windows.taps(size, 3, 2, 1, outputs) == 15 * 10**29 - 1


def test_a_large_batch_is_counted_in_pieces() -> None:
    """More configurations than are counted at a time, in any shape, are counted one by one too."""
    generator = numpy.random.default_rng(0)
    size = generator.integers(1, 40, (3, 4000))
    kernel_size = generator.integers(1, 6, 4000)
    stride = generator.integers(1, 4, (3, 1))
    outputs = windows.output_size(size + kernel_size, kernel_size, stride)
    counted = windows.taps(
        size, kernel_size, stride, 0, numpy.minimum(outputs, size // stride + 1), 1
    )
    dilated = windows.taps(size, kernel_size, stride, 1, outputs, numpy.array(2))
    assert counted.shape == dilated.shape == (3, 4000)
    for row, column in [(0, 0), (0, 3999), (1, 191), (2, 191), (2, 192), (2, 3999)]:
        n, k, s = (int(x) for x in (size[row, column], kernel_size[column], stride[row, 0]))
        m = int(outputs[row, column])
        assert counted[row, column] == windows.taps(n, k, s, 0, min(m, n // s + 1))
        assert dilated[row, column] == windows.taps(n, k, s, 1, m, dilation=2)


def _read(size: int, starts: list[int], kernel_size: int, dilation: int) -> set[int]:
    taps = {start + dilation * j for start in starts for j in range(kernel_size)}
    return {tap for tap in taps if 0 <= tap < size}


@given(
    st.tuples(st.integers(1, 4000), st.integers(1, 24), st.integers(1, 300), st.integers(1, 300)),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_elements_read_of_large_sizes(
    axis: tuple[int, int, int, int], before: int, after: int
) -> None:
    """Counted one by one, where sizes, strides and dilations are larger than most."""
    size, kernel_size, stride, dilation = axis
    reach = dilation * (kernel_size - 1) + 1
    assume(before < reach and after < reach and size + before + after >= reach)
    padding = (before, after)
    outputs = windows.output_size(size, kernel_size, stride, padding, dilation, False)
    starts = [stride * i - before for i in range(outputs)]
    assume(starts[-1] < size)
    touched = windows.touched(size, kernel_size, stride, before, outputs, dilation)
    assert touched == len(_read(size, starts, kernel_size, dilation))


@given(st.integers(1, 400), st.integers(1, 9), st.integers(1, 9))
def test_adaptive_taps_of_large_sizes(common: int, size: int, outputs: int) -> None:
    """Added up window by window, where the greatest common divisor is large too."""
    n, m = common * size, common * outputs
    ends = [windows.adaptive_window(n, m, i) for i in range(m)]
    assert windows.adaptive_taps(n, m) == sum(end - start for start, end in ends)
