from __future__ import annotations

import math
import sys
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

import pooling
from pooling import logsumexp_pool, mixed_pool, softmax_pool, stochastic_pool
from verify.strategies import windows

F = torch.nn.functional
POOLINGS = [softmax_pool, logsumexp_pool, stochastic_pool, mixed_pool]
temperatures = st.sampled_from([1, 0.25, 3.0])
few = settings(max_examples=25)


def by_window(
    x: Any, arguments: dict[str, Any], pool: Callable[[list[Any]], Any], empty: Any
) -> Any:
    """Apply ``pool`` to the taps of every window, found one by one; all axes are spatial."""
    result = numpy.empty(pooling.max_pool(x, **arguments).shape, object)
    dilation = arguments.get("dilation", (1,) * x.ndim)
    for output in numpy.ndindex(result.shape):
        taps = []
        for position in product(*map(range, arguments["kernel_size"])):
            place = tuple(
                i * s - p + j * d
                for i, s, p, j, d in zip(
                    output,
                    arguments["stride"],
                    arguments["padding"],
                    position,
                    dilation,
                    strict=True,
                )
            )
            if all(0 <= at < n for at, n in zip(place, x.shape, strict=True)):
                taps.append(x[place])
        result[output] = pool(taps) if taps else empty
    return result


def unfolded(x: Any, arguments: dict[str, Any]) -> torch.Tensor:
    """Return torch's windows of a 4-dimensional input, taps last, −inf in the place of padding."""
    columns = F.unfold(x, **arguments)
    inside = F.unfold(torch.ones_like(x), **arguments) > 0
    columns = columns.masked_fill(~inside, -math.inf)
    batch, channels = x.shape[:2]
    return columns.reshape(batch, channels, -1, columns.shape[-1]).transpose(2, 3)


def torch_softmax_pool(x: Any, arguments: dict[str, Any], temperature: float) -> torch.Tensor:
    """Return the flattened outputs of a softmax pooling composed of torch's own functions."""
    taps = unfolded(x, arguments)
    weights = torch.softmax(taps / temperature, dim=-1)
    return (weights * taps.masked_fill(taps.isinf(), 0)).sum(-1)


def torch_logsumexp_pool(x: Any, arguments: dict[str, Any], temperature: float) -> torch.Tensor:
    """Return the flattened outputs of a log-mean-exp pooling composed of torch's own functions."""
    taps = unfolded(x, arguments)
    count = (~taps.isinf()).sum(-1)
    return temperature * (torch.logsumexp(taps / temperature, dim=-1) - count.double().log())


@pytest.mark.parametrize(
    ("pool", "in_torch"),
    [(softmax_pool, torch_softmax_pool), (logsumexp_pool, torch_logsumexp_pool)],
)
@few
@given(temperatures, st.data())
def test_values_are_those_of_torchs_functions(
    pool: Any, in_torch: Any, temperature: float, data: st.DataObject
) -> None:
    """The same as unfold, softmax and logsumexp in torch, padding and dilation included."""
    arguments = data.draw(windows(2, max_size=6, max_kernel_size=3, dilations=True))
    size = arguments.pop("size")
    del arguments["ceil_mode"]
    x = numpy.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(2, 3, *size)) * 5
    theirs = in_torch(torch.from_numpy(x), arguments, temperature)
    ours = pool(x, **arguments, temperature=temperature)
    # Where dilation lets a window miss the input there is nothing to average, and torch's mean
    # of nothing is NaN as well.
    numpy.testing.assert_allclose(ours.reshape(2, 3, -1), theirs, rtol=1e-12, atol=1e-12)


@few
@given(st.integers(1, 3), temperatures, st.data())
def test_every_window_by_the_printed_formula(
    dimensions: int, temperature: float, data: st.DataObject
) -> None:
    """Over one to three axes, ceil_mode included, without the shift by the largest tap."""
    arguments = data.draw(windows(dimensions, max_size=5, max_kernel_size=2, dilations=True))
    size = arguments.pop("size")
    x = numpy.random.default_rng(data.draw(st.integers(0, 99))).normal(size=size)

    def softmax(taps: list[float]) -> float:
        weights = [math.exp(tap / temperature) for tap in taps]
        return sum(w * tap for w, tap in zip(weights, taps, strict=True)) / sum(weights)

    def logsumexp(taps: list[float]) -> float:
        return temperature * math.log(sum(math.exp(tap / temperature) for tap in taps) / len(taps))

    for pool, formula in ((softmax_pool, softmax), (logsumexp_pool, logsumexp)):
        expected = by_window(x, arguments, formula, math.nan).astype(float)
        ours = pool(x, **arguments, temperature=temperature)
        numpy.testing.assert_allclose(ours, expected, rtol=1e-12, atol=1e-13)


@few
@given(st.integers(1, 3), st.data())
def test_stochastic_inference_is_exact(dimensions: int, data: st.DataObject) -> None:
    """Fractions give Σ x²/Σ x, window by window, and 0 for a window of zeros or of nothing."""
    arguments = data.draw(windows(dimensions, max_size=5, max_kernel_size=2, dilations=True))
    size = arguments.pop("size")
    count = math.prod(size)
    numbers = st.just(Fraction(0)) | st.fractions(min_value=0, max_value=9, max_denominator=7)
    values = data.draw(st.lists(numbers, min_size=count, max_size=count))
    x = numpy.array(values, dtype=object).reshape(size)
    expected = by_window(
        x, arguments, lambda taps: sum(t * t for t in taps) / (sum(taps) or Fraction(1)), 0
    )
    assert (stochastic_pool(x, **arguments) == expected).all()


@given(st.lists(st.integers(0, 5), min_size=1, max_size=5).filter(any))
def test_sampling_has_exactly_the_probabilities(taps: list[int]) -> None:
    """Of as many equally spaced random numbers as Σx, exactly xᵢ choose the tap xᵢ.

    So the mean over them is the result of inference.
    """
    total = sum(taps)
    # One window per random number: the same taps again and again.
    x = numpy.array([Fraction(tap) for tap in taps] * total, dtype=object)
    samples = [Fraction(2 * j + 1, 2 * total) for j in range(total)]
    drawn = stochastic_pool(x, (len(taps),), random_samples=samples).tolist()
    assert drawn == [tap for tap in taps for _ in range(tap)]
    assert [sum(drawn) / Fraction(total)] == stochastic_pool(x, (len(taps),))[:1].tolist()


def test_the_ends_of_the_unit_interval_choose_no_zero() -> None:
    """Neither the smallest nor the largest random number draws a tap of probability 0."""
    largest = math.nextafter(1, 0)
    for dtype in ("float16", "float32", "float64"):
        x = numpy.array([0, 0.1, 0.3, 0, 0] * 2, dtype=dtype)
        first, last = stochastic_pool(x, (5,), random_samples=[0.0, largest])
        assert (first, last) == (x[1], x[2])


def test_sampling_by_a_generator() -> None:
    """The same seed gives the same taps, another one others, and every place draws its own."""
    x = numpy.random.default_rng(0).random((4, 3, 16, 16))
    drawn = stochastic_pool(x, (2, 2), random_samples=numpy.random.default_rng(1))
    again = stochastic_pool(x, (2, 2), random_samples=numpy.random.default_rng(1))
    numpy.testing.assert_array_equal(drawn, again)
    samples = numpy.random.default_rng(1).random((4, 3, 8, 8))
    numpy.testing.assert_array_equal(drawn, stochastic_pool(x, (2, 2), random_samples=samples))
    other = stochastic_pool(x, (2, 2), random_samples=numpy.random.default_rng(2))
    assert (other != drawn).any()
    constant = numpy.broadcast_to([1.0, 2.0, 3.0, 4.0], (4, 3, 4))
    drawn = stochastic_pool(constant, (4,), random_samples=numpy.random.default_rng(0))
    assert len(set(drawn.ravel().tolist())) > 1


def test_the_drawn_taps_have_their_probabilities() -> None:
    """Pearson's χ² of ten thousand draws from a window stays below its 99.99 % quantile."""
    taps = numpy.array([1.0, 2.0, 3.0, 4.0])
    x = numpy.tile(taps, (10_000, 1))
    drawn = stochastic_pool(x, (4,), random_samples=numpy.random.default_rng(8))
    observed = numpy.array([(drawn == tap).sum() for tap in taps])
    expected = 1000 * taps
    statistic = ((observed - expected) ** 2 / expected).sum()
    assert statistic < 21.1  # three degrees of freedom
    # Drawing every tap as often as any other is seen at once.
    assert ((2500 - expected) ** 2 / expected).sum() > 21.1


@few
@given(st.integers(1, 3), st.booleans(), st.sampled_from([0, 0.3, 1]), st.data())
def test_mixed_is_the_blend_of_torchs_poolings(
    dimensions: int, count_include_pad: bool, proportion: float, data: st.DataObject
) -> None:
    """A proportion a gives a·max_pool + (1 − a)·avg_pool, with torch's divisor."""
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3))
    size = tuple(map(max, arguments.pop("size"), arguments["kernel_size"]))
    x = numpy.random.default_rng(data.draw(st.integers(0, 99))).normal(size=(2, *size))
    tensor = torch.from_numpy(x)
    largest = getattr(F, f"max_pool{dimensions}d")(tensor, **arguments)
    mean = getattr(F, f"avg_pool{dimensions}d")(
        tensor, **arguments, count_include_pad=count_include_pad
    )
    theirs = proportion * largest + (1 - proportion) * mean
    ours = mixed_pool(x, **arguments, count_include_pad=count_include_pad, proportion=proportion)
    numpy.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-13)


def test_mixed_is_exact_and_chooses() -> None:
    """Fractions stay fractions; a proportion of 0 or 1 leaves the other pooling alone."""
    x = [Fraction(1), Fraction(3)]
    assert mixed_pool(x, (2,), proportion=Fraction(1, 3)).tolist() == [Fraction(7, 3)]
    # 0 times infinity would be NaN; the sum of these two overflows in float16.
    large = numpy.array([60000, 60000], dtype=numpy.float16)
    assert mixed_pool(large, (2,), proportion=1).tolist() == [60000]
    assert mixed_pool([math.inf, 1], (2,), proportion=0).tolist() == [math.inf]
    assert mixed_pool([100, 27], (2,)).tolist() == [(100 + 63.5) / 2]


@pytest.mark.parametrize("kind", [float, Fraction])
@given(
    st.lists(st.floats(-50, 50), min_size=1, max_size=6),
    st.floats(0.01, 100) | st.sampled_from([1e16, 1e17, 1e100, 1e300]),
)
def test_between_the_mean_and_the_largest(
    kind: Callable[[float], Any], taps: list[float], temperature: float
) -> None:
    """Mean ≤ log-mean-exp ≤ softmax ≤ maximum, to a few roundings, at every temperature."""
    window, numbers = (len(taps),), [kind(tap) for tap in taps]
    (softmax,) = softmax_pool(numbers, window, temperature=kind(temperature))
    (logsumexp,) = logsumexp_pool(numbers, window, temperature=kind(temperature))
    ordered = [sum(taps) / len(taps), logsumexp, softmax, max(taps)]
    assert all(a <= b + 1e-12 for a, b in pairwise(ordered))


@pytest.mark.parametrize("pool", [softmax_pool, logsumexp_pool])
def test_limits_in_the_temperature(pool: Any) -> None:
    """The mean for a large temperature, to first order in 1/T, and the maximum for a small one."""
    x = [1.0, 2.0, 6.0]
    spread = 14 / 3  # the variance of the taps, which is the slope
    slope = spread if pool is softmax_pool else spread / 2
    for temperature in (1e4, 1e6):
        (pooled,) = pool(x, (3,), temperature=temperature)
        assert pooled - 3 == pytest.approx(slope / temperature, rel=1e-3)
    assert pool(x, (3,), temperature=1e-3)[0] == pytest.approx(6, abs=2e-3)
    assert pool(x, (3,), temperature=1e-9)[0] == pytest.approx(6, abs=1e-8)


@pytest.mark.parametrize("pool", [softmax_pool, logsumexp_pool])
def test_limits_of_the_formula(pool: Any) -> None:
    """SymPy finds the same limits in the formula of two numbers: the mean and the maximum."""
    scale = sympy.Symbol("T", positive=True)
    (formula,) = pool(numpy.array([sympy.Integer(1), sympy.Integer(3)]), (2,), temperature=scale)
    assert sympy.limit(formula, scale, sympy.oo) == 2
    assert sympy.limit(formula, scale, 0, "+") == 3


@pytest.mark.parametrize(
    ("pool", "in_torch"),
    [(softmax_pool, torch_softmax_pool), (logsumexp_pool, torch_logsumexp_pool)],
)
def test_gradients_of_the_formula(pool: Any, in_torch: Any) -> None:
    """The derivatives of the symbolic result are those that torch's autograd finds."""
    symbols = sympy.symbols("a:4")
    (((formula,),),) = pool(numpy.array(symbols).reshape(1, 2, 2), (2, 2), temperature=2).tolist()
    values = [0.5, -1.0, 2.0, 1.5]
    at = dict(zip(symbols, values, strict=True))
    ours = [float(sympy.diff(formula, symbol).subs(at)) for symbol in symbols]
    x = torch.tensor(values, dtype=torch.float64).reshape(1, 1, 2, 2).requires_grad_()
    in_torch(x, dict(kernel_size=(2, 2)), 2).sum().backward()
    assert x.grad is not None
    numpy.testing.assert_allclose(ours, x.grad.flatten(), rtol=1e-12)


def test_fractions() -> None:
    """Exponentials of fractions are floats; where there are none, fractions stay fractions."""
    x = numpy.array([Fraction(1, 3), Fraction(1, 2), Fraction(2, 7)])
    for pool in (softmax_pool, logsumexp_pool):
        (pooled,) = pool(x, (3,), temperature=Fraction(1, 2)).tolist()
        assert type(pooled) is float
        assert [pooled] == pytest.approx(pool(x.astype(float), (3,), temperature=0.5).tolist())
        assert pool([Fraction(0), Fraction(1000)], (2,), temperature=Fraction(1, 2))[0] > 999
        assert pool([Fraction(0), Fraction(1000)], (2,), temperature=Fraction(1, 2))[0] <= 1000
    (mean,) = stochastic_pool(x[:2], (2,)).tolist()
    assert mean == Fraction(13, 30)
    assert type(mean) is Fraction


def test_symbols() -> None:
    """Pooling symbols gives the printed formula of every output."""
    a, b, c = sympy.symbols("a b c", positive=True)
    x = numpy.array([a, b, c])
    exp = sympy.exp
    means = softmax_pool(x, (2,), stride=1, temperature=3).tolist()
    assert means == [
        (p * exp(p / 3) + q * exp(q / 3)) / (exp(p / 3) + exp(q / 3)) for p, q in ((a, b), (b, c))
    ]
    (logarithm,) = logsumexp_pool(x, (3,), temperature=3).tolist()
    assert sympy.simplify(exp(logarithm / 3) * 3) == exp(a / 3) + exp(b / 3) + exp(c / 3)
    assert stochastic_pool(x, (2,)).tolist() == [(a**2 + b**2) / (a + b)]
    (blend,) = mixed_pool(x, (2,), proportion=sympy.Rational(1, 3)).tolist()
    assert sympy.expand(blend - sympy.Max(a, b) / 3 - (a + b) / 3) == 0


@pytest.mark.parametrize(
    ("dtype", "size"), [("float16", 60000.0), ("float32", 3e38), ("float64", 5e307)]
)
def test_nothing_overflows(dtype: str, size: float) -> None:
    """Near the end of the range the exponentials do not overflow, nor the squares of floats."""
    x = numpy.array([size, size / 2, 0, -size, -size, -size], dtype=dtype)
    for pool in (softmax_pool, logsumexp_pool):
        pooled = pool(x, (3,))
        assert pooled.dtype == dtype
        numpy.testing.assert_allclose(pooled.astype(float), x[[0, 3]].astype(float), rtol=1e-3)
    if dtype != "float64":
        (mean,) = stochastic_pool(x[:2], (2,))
        assert float(mean) == pytest.approx(size * 5 / 6, rel=1e-3)


def test_small_activations_do_not_vanish() -> None:
    """Squares of the smallest numbers of a narrow float are 0 there, and none here."""
    x = numpy.array([1e-30, 1e-30, 6e-8, 6e-8])
    assert stochastic_pool(x[:2].astype("float32"), (2,)).tolist() == [numpy.float32(1e-30)]
    assert stochastic_pool(x[2:].astype("float16"), (2,)).tolist() == [numpy.float16(6e-8)]


@pytest.mark.parametrize("dtype", ["float32", "object"])
@pytest.mark.parametrize(
    ("taps", "softmax", "logsumexp"),
    [
        ([math.nan, 1.0], math.nan, math.nan),
        ([1.0, math.nan], math.nan, math.nan),
        ([math.nan, math.inf], math.nan, math.nan),
        ([math.inf, math.nan], math.nan, math.nan),
        ([-math.inf, math.nan], math.nan, math.nan),
        ([math.inf, 1.0], math.inf, math.inf),
        ([-math.inf, 1.0], 1.0, 1 - math.log(2)),
        ([-math.inf, -math.inf], -math.inf, -math.inf),
        ([math.inf, -math.inf], math.inf, math.inf),
    ],
)
def test_special_values(dtype: str, taps: list[float], softmax: float, logsumexp: float) -> None:
    """NaN propagates; −inf counts for nothing beside others, and +inf is what it approaches.

    So do torch's logsumexp and, where it multiplies no 0 by an infinity, the limit of its softmax.
    """
    x = numpy.array(taps, dtype=dtype)
    assert softmax_pool(x, (2,)).tolist() == pytest.approx([softmax], nan_ok=True)
    assert logsumexp_pool(x, (2,)).tolist() == pytest.approx([logsumexp], nan_ok=True)
    tensor = torch.tensor(taps, dtype=torch.float64)
    near = tensor.clamp(-1e300, 1e300)
    limit = (torch.softmax(near, 0) * near).sum().item()
    assert limit == pytest.approx(numpy.clip(softmax, -1e300, 1e300), nan_ok=True)
    in_torch = torch.logsumexp(tensor, 0).item() - math.log(2)
    assert in_torch == pytest.approx(logsumexp, nan_ok=True)


@pytest.mark.parametrize("samples", [None, [0.0], [0.9]])
@pytest.mark.parametrize("taps", [[math.nan, 1.0], [1.0, math.nan], [math.inf, 1.0]])
def test_special_activations(taps: list[float], samples: list[float] | None) -> None:
    """A NaN or an infinity leaves no probabilities, whichever tap would be drawn."""
    assert math.isnan(stochastic_pool(taps, (2,), random_samples=samples)[0])


@pytest.mark.parametrize("samples", [None, [0.0, 0.9]])
def test_windows_of_zeros(samples: list[float] | None) -> None:
    """Nothing active gives 0, where a division by the sum would give NaN."""
    for zero in (0.0, -0.0, Fraction(0), sympy.Integer(0)):
        assert stochastic_pool([zero] * 4, (2,), random_samples=samples).tolist() == [0, 0]


def test_windows_without_taps() -> None:
    """The mean of nothing is NaN, and nothing active is 0."""
    arguments: dict[str, Any] = dict(kernel_size=(2,), stride=1, padding=1, dilation=2)
    for x in (numpy.ones(1), numpy.ones(1, dtype=object)):
        assert math.isnan(softmax_pool(x, **arguments)[0])
        assert math.isnan(logsumexp_pool(x, **arguments)[0])
        assert stochastic_pool(x, **arguments).tolist() == [0]
        assert stochastic_pool(x, **arguments, random_samples=[0.5]).tolist() == [0]


@pytest.mark.parametrize("pool", POOLINGS)
def test_dtypes_and_leading_axes(pool: Any) -> None:
    """Floats keep their dtype, integers become float64, and every place is pooled on its own."""
    for dtype in ("float16", "float32", "float64"):
        assert pool(numpy.ones(4, dtype=dtype), (2,)).dtype == dtype
    x = numpy.random.default_rng(0).integers(0, 9, (2, 3, 4, 6))
    pooled = pool(x, (2, 3))
    assert (pooled.shape, pooled.dtype) == ((2, 3, 2, 2), numpy.float64)
    for place in numpy.ndindex(2, 3):
        numpy.testing.assert_array_equal(pooled[place], pool(x[place], (2, 3)))
    assert pool(numpy.zeros((2, 0, 4, 6)), (2, 3)).shape == (2, 0, 2, 2)


@pytest.mark.parametrize("pool", POOLINGS)
def test_padding_edge_by_edge_and_by_convention(pool: Any) -> None:
    """TensorFlow's "same" pads here after the input alone, and its padding has no taps."""
    x = numpy.random.default_rng(0).random((2, 4))
    same = pool(x, (2,), 1, padding_convention="same")
    numpy.testing.assert_array_equal(same, pool(x, (2,), 1, ((0, 1),)))
    assert same.shape == (2, 4)


@pytest.mark.parametrize("exact", [Fraction(1, 2), sympy.Rational(1, 2), numpy.float32(0.5)])
def test_numbers_of_any_kind_as_arguments(exact: Any) -> None:
    """An exact temperature or proportion leaves floats what they are."""
    x = numpy.array([1.0, 2.0], dtype=numpy.float32)
    asked: list[Callable[[Any], Any]] = [
        lambda value: softmax_pool(x, (2,), temperature=value),
        lambda value: logsumexp_pool(x, (2,), temperature=value),
        lambda value: mixed_pool(x, (2,), proportion=value),
    ]
    for ask in asked:
        assert ask(exact).dtype == numpy.float32
        assert ask(exact).tolist() == ask(0.5).tolist()


def minus(value: Any) -> Any:
    """Return three by three numbers of which one is ``value``."""
    x = numpy.array([[type(value)(1)] * 3] * 3)
    x[1, 2] = value
    return x


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda: stochastic_pool(minus(-0.5), (2, 2)),
            ValueError,
            "x must not be negative in a stochastic pooling, got -0.5 at (1, 2)",
        ),
        (
            lambda: stochastic_pool(minus(Fraction(-1, 2)), (2, 2), random_samples=[[0.5]]),
            ValueError,
            "x must not be negative in a stochastic pooling, got -1/2 at (1, 2)",
        ),
        (
            lambda: stochastic_pool([1.0, 2.0], (2,), random_samples=[0.5, 0.5]),
            ValueError,
            "random_samples must have the shape (1,), got (2,)",
        ),
        (
            lambda: stochastic_pool([1.0, 2.0], (1,), random_samples=[0.5, 1.0]),
            ValueError,
            "random_samples must be at least 0 and less than 1, got 1.0",
        ),
        (
            lambda: stochastic_pool([1.0, 2.0], (1,), random_samples=[math.nan, 0.5]),
            ValueError,
            "random_samples must be at least 0 and less than 1, got nan",
        ),
        (
            lambda: softmax_pool([1.0, 2.0], (2,), temperature=0),
            ValueError,
            "temperature must be positive and finite, got 0",
        ),
        (
            lambda: logsumexp_pool([1.0, 2.0], (2,), temperature=10**400),
            ValueError,
            f"temperature must be from 2.2250738585072014e-308 to "
            f"{sys.float_info.max / 1024} in float64, got {10**400}",
        ),
        (
            lambda: logsumexp_pool([1.0, 2.0], (2,), temperature="1"),
            TypeError,
            "temperature must be a number, got '1' of type str",
        ),
        (
            lambda: mixed_pool([1.0, 2.0], (2,), proportion=2),
            ValueError,
            "proportion must lie between 0 and 1, got 2",
        ),
        (
            lambda: logsumexp_pool([1.0, 2.0], (2,), padding=2),
            ValueError,
            "padding must be at most 1, half of kernel_size 2, got 2"
            " (padding_convention='onnx' allows more)",
        ),
        (
            lambda: stochastic_pool([1.0, 2.0], 2),
            TypeError,
            "kernel_size must be a tuple with one entry per spatial axis, got 2",
        ),
    ],
)
def test_refusals(ask: Callable[[], Any], error: type[Exception], message: str) -> None:
    """Each names the argument, the value and the limit; a negative tap also its place."""
    with pytest.raises(error) as caught:
        ask()
    assert str(caught.value) == message
