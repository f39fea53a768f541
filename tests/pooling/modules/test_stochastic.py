from __future__ import annotations

import math
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import pooling
from verify.strategies import windows


def seeded(seed: int) -> torch.Generator:
    """Return a generator with this seed."""
    return torch.Generator().manual_seed(seed)


@given(st.data())
def test_draws_what_the_definition_draws(data: st.DataObject) -> None:
    """From the same random numbers, over one to three axes, padding and dilation included."""
    dimensions = data.draw(st.integers(1, 3))
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3, dilations=True))
    size = arguments.pop("size")
    x = torch.rand(2, 3, *size, generator=seeded(1), dtype=torch.float64)
    x = x * (x > 0.3)
    pool = getattr(pooling, f"StochasticPool{dimensions}d")(**arguments, generator=seeded(2))
    drawn = pool(x)
    samples = torch.rand(drawn.shape, generator=seeded(2), dtype=torch.float64).numpy()
    exact = pooling.stochastic_pool(x.numpy(), **arguments, random_samples=samples)
    numpy.testing.assert_array_equal(drawn, exact)


def test_the_drawn_taps_have_their_probabilities() -> None:
    """Pearson's χ² of 40,000 draws stays below its 99.99 % quantile, 21.1 at three degrees.

    A right sampler exceeds it once in 10,000 seeds, and this seed is fixed. One that takes every
    tap as often, or always the largest, or squares the weights, exceeds it many times over.
    """
    taps = torch.tensor([1.0, 2.0, 3.0, 4.0])
    x = taps.reshape(1, 1, 2, 2).expand(40_000, 1, 2, 2)
    drawn = pooling.StochasticPool2d(2, generator=seeded(8))(x).flatten()

    def statistic(weights: torch.Tensor) -> float:
        observed = torch.stack([(drawn == tap).sum() for tap in taps]).double()
        expected = 40_000 * weights / weights.sum()
        return float(((observed - expected) ** 2 / expected).sum())

    assert statistic(taps.double()) < 21.1
    assert statistic(torch.ones(4, dtype=torch.float64)) > 211
    assert statistic(taps.double() ** 2) > 211


def test_windows_draw_for_themselves() -> None:
    """Neighbouring windows and channels are independent, to four standard deviations each."""
    x = torch.ones(20_000, 2, 4)
    x[..., 1::2] = 3
    drawn = pooling.StochasticPool1d(2, generator=seeded(5))(x) == 3
    for first, second in ((drawn[:, 0, 0], drawn[:, 0, 1]), (drawn[:, 0, 0], drawn[:, 1, 0])):
        both = (first & second).double().mean()
        # The share 9/16 of 20,000 misses by four standard deviations once in 16,000 seeds.
        assert abs(both - 9 / 16) < 4 * math.sqrt(9 / 16 * 7 / 16 / 20_000)


def test_the_mean_of_many_draws_is_inference() -> None:
    """The law of large numbers: within four standard deviations of Σx²/Σx."""
    taps = torch.tensor([0.5, 0.0, 2.0, 1.5], dtype=torch.float64)
    x = taps.expand(1, 40_000, 4)
    pool = pooling.StochasticPool1d(4, generator=seeded(0))
    expected = pool.eval()(x)[0, 0].item()
    assert expected == pytest.approx((0.25 + 4 + 2.25) / 4)
    deviation = math.sqrt(((taps - expected) ** 2 * taps).sum() / taps.sum())
    drawn = pool.train()(x)
    assert abs(drawn.mean() - expected) < 4 * deviation / math.sqrt(40_000)


def test_zeros() -> None:
    """A window of zeros is 0 in either mode, gets no gradient, and harms no other window."""
    for training in (True, False):
        x = torch.tensor([[0.0, 0.0, 1.0, 3.0]], requires_grad=True)
        pooled = pooling.StochasticPool1d(2, generator=seeded(0)).train(training)(x)
        assert pooled[0, 0] == 0
        pooled.sum().backward()
        assert x.grad is not None
        assert x.grad[0, :2].tolist() == [0, 0] and x.grad.isfinite().all()


def test_the_drawn_tap_gets_the_gradient() -> None:
    """All of it, as after a max-pooling."""
    x = torch.tensor([[1.0, 2.0, 3.0]], requires_grad=True)
    drawn = pooling.StochasticPool1d(3, generator=seeded(0))(x)
    drawn.backward()
    assert x.grad is not None
    assert torch.equal(x.grad, (x == drawn).float())


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("size", [1e-30, 1e30])
def test_sums_and_squares_stay_in_range(size: float, training: bool) -> None:
    """Large and small activations alike, where Σx² would be 0 or infinite in float32."""
    x = torch.tensor([[1.0, 3.0, 0.0, 2.0]]) * size
    pool = pooling.StochasticPool1d(4, generator=seeded(1)).train(training)
    pooled = pool(x).item()
    assert pooled == pytest.approx(14 / 6 * size) if not training else pooled in x[0].tolist()
    largest = torch.full((1, 4), torch.finfo(torch.float32).max)
    assert torch.equal(pool(largest), largest[:, :1])
    for taps in range(1, 50):
        largest = torch.full((1, taps), torch.finfo(torch.float32).max)
        pool = pooling.StochasticPool1d(taps).train(training)
        assert torch.equal(pool(largest), largest[:, :1])


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("taps", [[math.nan, 1.0], [math.inf, 1.0], [math.inf, math.inf]])
def test_special_values(training: bool, taps: list[float]) -> None:
    """A NaN or an infinity makes NaN of its window, as defined."""
    x = torch.tensor([[*taps, 1.0, 1.0]])
    pooled = pooling.StochasticPool1d(2, generator=seeded(0)).train(training)(x)
    assert pooled[0, 0].isnan() and pooled[0, 1] == 1


def test_a_generator_is_advanced() -> None:
    """Two calls draw differently, and a generator set back draws the same again."""
    x = torch.rand(1, 64, generator=seeded(0))
    pool = pooling.StochasticPool1d(2, generator=(own := seeded(7)))
    state = own.get_state()
    first, second = pool(x), pool(x)
    own.set_state(state)
    assert torch.equal(first, pool(x)) and not torch.equal(first, second)


def test_no_tap_of_probability_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not at the smallest nor at the largest random number there is, in any dtype."""
    for dtype in (torch.float16, torch.float32, torch.float64):
        x = torch.tensor([[0, 0.1, 0.3, 0, 0]], dtype=dtype)
        for least in (True, False):

            def extreme(shape: Any, like: torch.Tensor, _: Any, least: bool = least) -> Any:
                below_1 = 1 - torch.finfo(like.dtype).eps / 2
                return torch.full(tuple(shape), 0.0 if least else below_1, dtype=like.dtype)

            monkeypatch.setattr("pooling.modules.stochastic.uniform", extreme)
            assert pooling.StochasticPool1d(5)(x)[0, 0] == x[0, 1 if least else 2]
