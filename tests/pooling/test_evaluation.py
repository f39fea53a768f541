from __future__ import annotations

import math
import random
from fractions import Fraction
from itertools import product
from typing import Any

import numpy
import pytest
import sympy
import torch
from hypothesis import given
from hypothesis import strategies as st

import pooling
from pooling.evaluation import rounded
from verify.strategies import windows

SPECIAL = [0.0, -0.0, math.nan, math.inf, -math.inf, 1.5, -2.25, 1e-40, -3e38]


def as_torch(operator: str, x: Any, arguments: dict[str, Any]) -> Any:
    """Return torch's result as a NumPy array."""
    return getattr(torch.nn.functional, operator)(torch.from_numpy(x), **arguments).numpy()


def draw_input(data: st.DataObject, size: tuple[int, ...], dtype: str) -> Any:
    """Return an array of two channels, special values included."""
    seed = data.draw(st.integers(0, 2**32 - 1))
    generator = numpy.random.default_rng(seed)
    x = generator.standard_normal((2, *size)).astype(dtype)
    places = generator.integers(x.size, size=3)
    x.flat[places] = generator.choice(SPECIAL, size=3)
    return x


@given(st.integers(1, 3), st.sampled_from(["float32", "float64"]), st.data())
def test_max_pool_is_torch(dimensions: int, dtype: str, data: st.DataObject) -> None:
    """Values, NaN, dtype and shape are torch's for every window that torch accepts."""
    arguments = data.draw(windows(dimensions, max_size=7, max_kernel_size=3, dilations=True))
    x = draw_input(data, arguments.pop("size"), dtype)
    ours = pooling.max_pool(x, **arguments)
    theirs = as_torch(f"max_pool{dimensions}d", x, arguments)
    assert ours.dtype == theirs.dtype
    numpy.testing.assert_array_equal(ours, theirs)


@given(st.integers(1, 3), st.booleans(), st.none() | st.sampled_from([1, 7, -3]), st.data())
def test_avg_pool_is_torch(
    dimensions: int, count_include_pad: bool, divisor_override: int | None, data: st.DataObject
) -> None:
    """Values are torch's up to the rounding of one addition per tap and one division."""
    arguments = data.draw(windows(dimensions, max_size=7, max_kernel_size=3))
    size = arguments.pop("size")
    if dimensions == 3:  # torch alone wants the window to fit without padding here
        size = tuple(map(max, size, arguments["kernel_size"]))
    arguments["count_include_pad"] = count_include_pad
    if dimensions > 1:
        arguments["divisor_override"] = divisor_override
    x = numpy.random.default_rng(data.draw(st.integers(0, 99))).standard_normal((2, *size))
    ours = pooling.avg_pool(x, **arguments)
    theirs = as_torch(f"avg_pool{dimensions}d", x, arguments)
    scale = numpy.abs(pooling.avg_pool(numpy.abs(x), **arguments))
    roundings = math.prod(arguments["kernel_size"])
    assert ours.shape == theirs.shape
    assert (numpy.abs(ours - theirs) <= 2 * roundings * 2.0**-53 * 1.001 * scale).all()


@given(st.integers(1, 2), st.data())
def test_exact_against_loops(dimensions: int, data: st.DataObject) -> None:
    """Fractions give, window by window, the largest, the smallest and the mean of the taps."""
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3))
    size = arguments.pop("size")
    count = math.prod(size)
    fractions = st.fractions(min_value=-9, max_value=9, max_denominator=7)
    values = data.draw(st.lists(fractions, min_size=count, max_size=count))
    x = numpy.array(values, dtype=object).reshape(size)
    largest = pooling.max_pool(x, **arguments)
    smallest = pooling.min_pool(x, **arguments)
    mean = pooling.avg_pool(x, **arguments, count_include_pad=False)
    for output in numpy.ndindex(largest.shape):
        taps = []
        for position in product(*map(range, arguments["kernel_size"])):
            place = tuple(
                i * s + j - p
                for i, s, j, p in zip(
                    output, arguments["stride"], position, arguments["padding"], strict=True
                )
            )
            if all(0 <= at < n for at, n in zip(place, size, strict=True)):
                taps.append(x[place])
        assert largest[output] == max(taps)
        assert smallest[output] == min(taps)
        assert mean[output] == sum(taps) / Fraction(len(taps))


def test_the_chapter() -> None:
    """The textbook's first example, from nested lists."""
    x = [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert pooling.max_pool(x, (2, 2), stride=1).tolist() == [[4, 5], [7, 8]]
    assert pooling.min_pool(x, (2, 2), stride=1).tolist() == [[0, 1], [3, 4]]
    assert pooling.avg_pool(x, (2, 2), stride=1).tolist() == [[2, 3], [5, 6]]


@pytest.mark.parametrize("pool", [pooling.max_pool, pooling.min_pool])
def test_nan_propagates(pool: Any) -> None:
    """A window with a NaN is NaN wherever it stands in the window, for floats and for objects."""
    for x in ([math.nan, 1.0, 2.0], [1.0, math.nan, 2.0], [1.0, 2.0, math.nan]):
        assert math.isnan(pool(x, (3,))[0])
        assert math.isnan(pool(numpy.array(x, dtype=object), (3,))[0])


@pytest.mark.parametrize(
    ("dtype", "greatest", "least"),
    [
        ("float32", -math.inf, math.inf),
        ("int8", -128, 127),
        ("uint8", 0, 255),
        ("bool", False, True),
        ("object", -math.inf, math.inf),
    ],
)
def test_windows_without_taps(dtype: str, greatest: Any, least: Any) -> None:
    """A window that dilation and ceil_mode carry past the input is the empty maximum or minimum."""
    x = numpy.ones(1, dtype=dtype)
    arguments: dict[str, Any] = dict(stride=1, padding=1, dilation=2)
    assert pooling.max_pool(x, (2,), **arguments).tolist() == [greatest]
    assert pooling.min_pool(x, (2,), **arguments).tolist() == [least]
    assert pooling.max_pool(x, (2,), **arguments).dtype == numpy.dtype(dtype)


@pytest.mark.parametrize("dtype", ["int8", "int64", "uint8", "float16", "float32", "bool"])
def test_max_pool_keeps_the_dtype(dtype: str) -> None:
    """Choosing needs no wider number."""
    x = numpy.array([0, 1, 1, 0]).astype(dtype)
    assert pooling.max_pool(x, (2,)).dtype == pooling.min_pool(x, (2,)).dtype == dtype


def test_averages_of_integers_do_not_wrap_around() -> None:
    """Integers are averaged as float64; float dtypes stay as they are."""
    x = numpy.array([100, 100], dtype=numpy.int8)
    assert pooling.avg_pool(x, (2,)).tolist() == [100.0]
    assert pooling.avg_pool(x.astype(numpy.float16), (2,)).dtype == numpy.float16


@pytest.mark.parametrize("dtype", ["float16", "bfloat16"])
@pytest.mark.parametrize("kernel_size", [1, 7, 20, pytest.param(300, marks=pytest.mark.slow)])
def test_half_precision_is_rounded_once(dtype: str, kernel_size: int) -> None:
    """The true means, rounded; torch's, which are summed in float32, are theirs or a unit away."""
    import ml_dtypes

    kind = numpy.dtype(getattr(ml_dtypes, dtype, dtype))
    generator = numpy.random.default_rng(kernel_size)
    size = (kernel_size, 2 * kernel_size)
    drawn = {
        "ones": numpy.ones(size),
        "large": numpy.full(size, 60000.0),
        "normal": generator.standard_normal(size),
        "signs": generator.choice([-1.0, 1.0], size) * generator.uniform(0, 2.0**-14, size),
    }
    for values in drawn.values():
        x = values.astype(kind)
        exact = x.astype("float64").reshape(kernel_size, 2, kernel_size).mean((0, 2))
        for pool, given_ in (
            (pooling.avg_pool, (kernel_size,) * 2),
            (pooling.adaptive_avg_pool, (1, 2)),
        ):
            ours = pool(x, given_)[0]
            assert ours.dtype == kind
            nearest = torch.from_numpy(exact).to(getattr(torch, dtype)).double().numpy()
            # float64 adds the numbers in another order, which may turn a tie.
            off = numpy.abs(ours.astype("float64") - exact) - numpy.abs(nearest - exact)
            assert (off <= 1e-12 * numpy.abs(values).mean()).all()
        bits = torch.from_numpy(x.astype("float64")).to(getattr(torch, dtype))
        theirs = torch.nn.functional.avg_pool2d(bits[None], kernel_size)[0, 0].double().numpy()
        unit, scale = {"float16": 2.0**-11, "bfloat16": 2.0**-8}[dtype], numpy.abs(values).mean()
        float32 = kernel_size**2 * 2.0**-24 * scale
        assert (numpy.abs(theirs - exact) <= unit * numpy.abs(exact) + 2.0**-25 + float32).all()


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_what_torch_adds_up_in(dtype: str) -> None:
    """Row by row in float32 at least, over windows of up to 1000 × 1000, divided and rounded once.

    The definition does the same in float32 and float64. A single adaptive output is ``x.mean``.
    """
    kind = getattr(torch, dtype)
    wide = "float64" if dtype == "float64" else "float32"
    drawn = (random.randint(1, 1000), random.randint(1, 300))
    for size in ((1000, 1000), (1, 1000), (1000, 1), drawn):
        for number, values in enumerate(
            (
                1000 + torch.rand(size),
                torch.ones(size),
                torch.full(size, 60000.0),
                torch.randn(size),
                torch.rand(size) * 2.0**-14,
            )
        ):
            x = values.to(kind)
            numbers = x.to(getattr(torch, wide)).numpy()
            total = numpy.cumsum(numbers.reshape(-1))[-1]  # one after the other
            made = torch.nn.functional.avg_pool2d(x[None], size)
            wanted = torch.tensor(total / total.dtype.type(x.numel())).to(kind)
            assert made.item() == wanted.item()
            if dtype in ("float32", "float64") and not number:
                assert pooling.avg_pool(x.numpy(), size).item() == made.item()
            single = torch.nn.functional.adaptive_avg_pool2d(x[None], 1)
            assert single.item() == x.mean((-2, -1)).item()


@pytest.mark.slow
def test_what_torch_adds_int64_up_in() -> None:
    """With wrap-around, and the fraction dropped, over windows of up to 1000 × 1000."""
    for shift in (0, 1, 10, 50):
        size = (1000, 1000) if shift == 1 else (random.randint(1, 500), random.randint(1, 500))
        x = torch.randint(-(2**62), 2**62, size) >> shift
        total = int(x.sum())  # which wraps around as well
        wanted = abs(total) // x.numel() * (-1 if total < 0 else 1)
        assert torch.nn.functional.avg_pool2d(x[None], size).item() == wanted
        exact = Fraction(sum(x.reshape(-1).tolist()), x.numel())
        assert pooling.avg_pool(x.numpy(), size).item() == float(exact)


def test_half_precision_of_norms_and_blends() -> None:
    """Powers and sums beyond the range of the dtype are none in between."""
    assert pooling.avg_pool(numpy.full((1, 1, 7, 7), 1500, "float16"), (7, 7)).item() == 1500
    assert pooling.lp_pool(numpy.full((40, 40), 3, "float16"), 2, (40, 40)).item() == 120
    assert pooling.mixed_pool(numpy.full((7, 7), 60000, "float16"), (7, 7)).item() == 60000


@pytest.mark.parametrize("dtype", ["bfloat16", "float8_e4m3fn", "float8_e5m2"])
def test_one_rounding_of_wide_numbers(dtype: str) -> None:
    """Just above a tie of the narrow format is above it, however close."""
    import ml_dtypes

    kind = numpy.dtype(getattr(ml_dtypes, dtype))
    unit = {"bfloat16": 2.0**-8, "float8_e4m3fn": 2.0**-4, "float8_e5m2": 2.0**-3}[dtype]
    tie = numpy.array([1 + unit, 1 + unit + 2.0**-40, 1 + unit - 2.0**-40, -1 - unit - 2.0**-40])
    up = 1 + 2 * unit
    assert rounded(tie, kind).astype(float).tolist() == [1, up, 1, -up]
    special = rounded(numpy.array([math.nan, 0.0, -0.0, 1e-300, 1e300]), kind)
    largest = math.nan if dtype == "float8_e4m3fn" else math.inf
    assert str(special.tolist()) == str([math.nan, 0.0, -0.0, 0.0, largest])


def test_means_of_integers() -> None:
    """Rounded once to float64, whatever the sum; torch lets int64 wrap around, and truncates."""
    large = 2**53 + 1
    x = numpy.array([large, large + 2, -large, 2**62, 2**62, 2**62])
    for at in (slice(0, 2), slice(0, 3), slice(3, 6)):
        exact = float(sum(Fraction(int(value)) for value in x[at]) / len(x[at]))
        assert pooling.avg_pool(x[at], (len(x[at]),)).tolist() == [exact]
        assert pooling.adaptive_avg_pool(x[at], (1,)).tolist() == [exact]
    for taps, theirs in (([-3, -4, 0, 0], -1), ([2**62] * 4, 0), ([large] * 4, large)):
        pooled = torch.nn.functional.avg_pool2d(torch.tensor(taps).reshape(1, 2, 2), 2)
        assert pooled.dtype == torch.int64 and pooled.item() == theirs


@given(st.integers(1, 3), st.booleans(), st.data())
def test_dilated_means(dimensions: int, count_include_pad: bool, data: st.DataObject) -> None:
    """The sum of what is there over the positions that count; NaN if there are none."""
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3, dilations=True))
    size = tuple(map(max, arguments.pop("size"), arguments["kernel_size"]))
    x = numpy.random.default_rng(data.draw(st.integers(0, 99))).standard_normal((2, *size))
    pooled = pooling.avg_pool(x, **arguments, count_include_pad=count_include_pad)
    axes = pooling.pooling_arguments(dimensions, (2, *size), **arguments).windowed
    for place in numpy.ndindex(*pooled.shape[1:]):
        taps, counted = [], 0
        along = [
            [i * a.stride - a.padding[0] + j * a.dilation for j in range(a.kernel_size)]
            for i, a in zip(place, axes, strict=True)
        ]
        for position in product(*along):
            inside = all(0 <= p < a.size for p, a in zip(position, axes, strict=True))
            padded = all(
                -a.padding[0] <= p < a.size + a.padding[1]
                for p, a in zip(position, axes, strict=True)
            )
            counted += padded if count_include_pad else inside
            if inside:
                taps.append(x[(0, *position)])
        expected = sum(taps) / counted if counted else math.nan
        numpy.testing.assert_allclose(pooled[(0, *place)], expected, rtol=1e-12, atol=1e-15)
    layer = getattr(pooling, f"AvgPool{dimensions}d")(
        **arguments, count_include_pad=count_include_pad
    )
    ours = layer(torch.from_numpy(x)).numpy()
    numpy.testing.assert_allclose(ours, pooled, rtol=1e-9, atol=1e-12)


def test_symbols() -> None:
    """Pooling symbols gives the formula of every output."""
    a, b, c = sympy.symbols("a b c", real=True)
    x = numpy.array([a, b, c])
    assert pooling.max_pool(x, (2,), stride=1).tolist() == [sympy.Max(a, b), sympy.Max(b, c)]
    assert pooling.min_pool(x, (2,), stride=1).tolist() == [sympy.Min(a, b), sympy.Min(b, c)]
    means = pooling.avg_pool(x, (2,), stride=1).tolist()
    assert [sympy.expand(2 * mean) for mean in means] == [a + b, b + c]


def test_divisors() -> None:
    """The divisor is the window, the taps in it, or what divisor_override says."""
    x = [Fraction(6), Fraction(6), Fraction(6)]
    arguments: dict[str, Any] = dict(kernel_size=(3,), stride=2, padding=1)
    assert pooling.avg_pool(x, **arguments).tolist() == [4, 4]
    assert pooling.avg_pool(x, **arguments, count_include_pad=False).tolist() == [6, 6]
    assert pooling.avg_pool(x, **arguments, divisor_override=4).tolist() == [3, 3]
    # What ceil_mode lets a window overhang beyond the padding is never counted.
    overhanging = pooling.avg_pool([6.0, 6.0, 6.0], (2,), ceil_mode=True)
    assert overhanging.tolist() == [6.0, 6.0]


def test_leading_axes_are_left_alone() -> None:
    """Any number of them, empty ones included."""
    assert pooling.max_pool(numpy.zeros((2, 0, 3, 4)), (2, 2)).shape == (2, 0, 1, 2)
    assert pooling.avg_pool(numpy.zeros((4, 4)), (2, 2)).shape == (2, 2)


@pytest.mark.parametrize(
    ("kernel_size", "error", "message"),
    [
        (2, TypeError, "kernel_size must be a tuple with one entry per spatial axis, got 2"),
        (
            (2, 2, 2),
            ValueError,
            "kernel_size must have between 1 and 2 entries, as many as x has axes at most, "
            "got 3: (2, 2, 2)",
        ),
        ((2, 0), ValueError, "kernel_size must be at least 1, got 0"),
    ],
)
def test_refusals(kernel_size: Any, error: type[Exception], message: str) -> None:
    """kernel_size says how many axes are pooled, so it cannot be an int."""
    with pytest.raises(error) as caught:
        pooling.max_pool(numpy.zeros((4, 4)), kernel_size)
    assert str(caught.value) == message


def test_a_divisor_of_zero_is_refused() -> None:
    """As torch refuses it, rather than an infinity."""
    with pytest.raises(ValueError) as caught:
        pooling.avg_pool([1.0, 2.0], (2,), divisor_override=0)
    assert str(caught.value) == "divisor_override must not be 0, got 0"


outputs = st.lists(st.integers(0, 7), min_size=3, max_size=3)


@given(st.integers(1, 3), st.sampled_from(["float32", "float64"]), outputs, st.data())
def test_adaptive_max_pool_is_torch(
    dimensions: int, dtype: str, output_size: list[int], data: st.DataObject
) -> None:
    """Values, NaN, dtype and shape are torch's, more windows than elements included."""
    size = tuple(data.draw(st.integers(1, 6)) for _ in range(dimensions))
    x = draw_input(data, size, dtype)
    arguments: dict[str, Any] = {"output_size": tuple(output_size[:dimensions])}
    ours = pooling.adaptive_max_pool(x, **arguments)
    theirs = as_torch(f"adaptive_max_pool{dimensions}d", x, arguments)
    assert ours.dtype == theirs.dtype
    numpy.testing.assert_array_equal(ours, theirs)


@given(st.integers(1, 3), outputs, st.data())
def test_adaptive_avg_pool_is_torch(
    dimensions: int, output_size: list[int], data: st.DataObject
) -> None:
    """Values are torch's up to rounding."""
    size = tuple(data.draw(st.integers(1, 6)) for _ in range(dimensions))
    x = numpy.random.default_rng(data.draw(st.integers(0, 99))).standard_normal((2, *size))
    arguments = {"output_size": tuple(output_size[:dimensions])}
    ours = pooling.adaptive_avg_pool(x, **arguments)
    theirs = as_torch(f"adaptive_avg_pool{dimensions}d", x, arguments)
    numpy.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-13)


@given(st.integers(1, 6), st.integers(1, 8), st.data())
def test_adaptive_is_exact(size: int, count: int, data: st.DataObject) -> None:
    """Fractions give, window by window, the largest and the mean of the taps."""
    fractions = st.fractions(min_value=-9, max_value=9, max_denominator=7)
    x = data.draw(st.lists(fractions, min_size=size, max_size=size))
    taps = [
        x[math.floor(Fraction(i * size, count)) : math.ceil(Fraction((i + 1) * size, count))]
        for i in range(count)
    ]
    assert pooling.adaptive_max_pool(x, (count,)).tolist() == [max(window) for window in taps]
    means = [sum(window) / Fraction(len(window)) for window in taps]
    assert pooling.adaptive_avg_pool(x, (count,)).tolist() == means


def test_adaptive_keeps_axes_and_dtypes() -> None:
    """None keeps an axis as it is; integers are chosen as they are and averaged as float64."""
    x = numpy.array([[1, 2, 3], [4, 5, 7]], dtype=numpy.int8)
    assert pooling.adaptive_max_pool(x, (1, None)).tolist() == [[4, 5, 7]]
    assert pooling.adaptive_max_pool(x, (1, None)).dtype == numpy.int8
    assert pooling.adaptive_avg_pool(x, (None, 1)).tolist() == [[2.0], [16 / 3]]
    assert pooling.adaptive_avg_pool(x.astype("float16"), (1, 1)).dtype == numpy.float16


@given(
    st.integers(1, 3),
    st.sampled_from([1, 2, 3, 0.5, 1.5, -1, math.inf, -math.inf]),
    st.data(),
)
def test_lp_pool_is_torch(dimensions: int, norm_type: float, data: st.DataObject) -> None:
    """Values are torch's up to rounding, windows that overhang included."""
    arguments = data.draw(windows(dimensions, max_size=7, max_kernel_size=3))
    size = tuple(map(max, arguments.pop("size"), arguments["kernel_size"]))
    del arguments["padding"]
    x = numpy.random.default_rng(data.draw(st.integers(0, 99))).uniform(0.1, 2, (2, *size))
    ours = pooling.lp_pool(x, norm_type, **arguments)
    if dimensions == 1:
        arguments["kernel_size"] = arguments["kernel_size"][0]
    theirs = as_torch(f"lp_pool{dimensions}d", x, {"norm_type": norm_type, **arguments})
    numpy.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_lp_pool_of_signs() -> None:
    """Without absolute values: an even power loses the sign, a root of a negative sum is NaN."""
    x = numpy.array([-3.0, 4.0, -1.0, 0.0])
    for norm_type in (2, 3):
        theirs = as_torch("lp_pool1d", x[None], dict(norm_type=norm_type, kernel_size=2))[0]
        numpy.testing.assert_allclose(pooling.lp_pool(x, norm_type, (2,)), theirs, rtol=1e-12)
    assert math.isnan(pooling.lp_pool(x, 3, (2,))[1])


def test_fractions_have_no_complex_norm() -> None:
    """What has no real value is NaN, as of floats; absolute values always have one."""
    x = numpy.array([Fraction(-1), Fraction(-2), Fraction(-3)])
    for norm_type in (3, 2.3, -2.5):
        (pooled,) = pooling.lp_pool(x, norm_type, (3,))
        assert isinstance(pooled, float) and math.isnan(pooled)
    (pooled,) = pooling.lp_pool(x, 3, (3,), absolute=True)
    assert pooled == pytest.approx(3.3019272488946263)
    assert pooling.lp_pool(numpy.array([Fraction(0)] * 2), -1, (2,)).tolist() == [0]


def test_lp_pool_is_exact_on_symbols() -> None:
    """A symbol's root is a root."""
    a, b = sympy.symbols("a b", positive=True)
    (norm,) = pooling.lp_pool(numpy.array([a, b]), 2, (2,)).tolist()
    assert sympy.expand(norm**2) == a**2 + b**2


@given(st.integers(2, 3), st.data())
def test_fractional_max_pool_is_torch(dimensions: int, data: st.DataObject) -> None:
    """With the same random numbers, taken in torch's order, the windows are torch's."""
    size, kernel_size, output_size = [], [], []
    for _ in range(dimensions):
        kernel_size.append(data.draw(st.integers(1, 3)))
        output_size.append(data.draw(st.integers(0, 4)))
        size.append(kernel_size[-1] + output_size[-1] + data.draw(st.integers(0, 4)))
    generator = numpy.random.default_rng(data.draw(st.integers(0, 99)))
    x = generator.standard_normal((2, 3, *size))
    samples = generator.random((2, 3, dimensions))
    arguments: dict[str, Any] = dict(kernel_size=tuple(kernel_size), output_size=tuple(output_size))
    ours = pooling.fractional_max_pool(x, **arguments, random_samples=samples)
    drawn = {"_random_samples": torch.from_numpy(samples)}
    theirs = as_torch(f"fractional_max_pool{dimensions}d", x, arguments | drawn)
    numpy.testing.assert_array_equal(ours, theirs)


def test_fractional_refuses_samples_of_another_shape() -> None:
    """One random number per leading place and axis."""
    with pytest.raises(ValueError) as caught:
        pooling.fractional_max_pool(numpy.zeros((3, 5, 5)), (2, 2), [0.5, 0.5], 2)
    assert str(caught.value) == "random_samples must have the shape (3, 2), got (2,)"


def test_adaptive_refuses_an_int() -> None:
    """output_size says how many axes are pooled, so it cannot be an int."""
    with pytest.raises(TypeError) as caught:
        pooling.adaptive_max_pool(numpy.zeros((4, 4)), 2)
    assert str(caught.value) == (
        "output_size must be a tuple with one entry per spatial axis, got 2"
    )
