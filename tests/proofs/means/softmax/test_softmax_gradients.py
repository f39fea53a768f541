from __future__ import annotations

import numpy
import pytest
import torch

import pooling
from proofs.claim import CheckFailedError
from proofs.means.softmax.softmax_gradients import by_torch, closed_form, lower_is_negative


@pytest.mark.parametrize("temperature", [0.25, 1.0, 3.0])
def test_the_closed_form_is_the_slope_of_the_definition(temperature: float) -> None:
    """Difference quotients of the reference definition, tap by tap."""
    taps = numpy.array([0.3, -1.2, 2.0, 0.0])
    weights = numpy.exp(taps / temperature) / numpy.exp(taps / temperature).sum()
    pooled = pooling.softmax_pool(taps, (4,), temperature=temperature)[0]
    gradients = weights * (1 + (taps - pooled) / temperature)
    step = 1e-6
    for place in range(4):
        up, down = taps.copy(), taps.copy()
        up[place] += step
        down[place] -= step
        ends = [pooling.softmax_pool(x, (4,), temperature=temperature)[0] for x in (up, down)]
        assert (ends[0] - ends[1]) / (2 * step) == pytest.approx(gradients[place], abs=1e-7)
    assert gradients.sum() == pytest.approx(1)


def test_gradients_add_up_to_1_where_weights_saturate() -> None:
    """One tap far above the others: its gradient is 1; the softmax's own gradients are 0."""
    taps = torch.tensor([200.0, 0.0, 0.0], dtype=torch.float64, requires_grad=True)
    weights = torch.softmax(taps, 0)
    (pooled,) = torch.autograd.grad((weights * taps).sum(), taps, retain_graph=True)
    (of_weight,) = torch.autograd.grad(weights[0], taps)
    assert pooled.tolist() == pytest.approx([1, 0, 0])
    assert float(of_weight.abs().max()) < 1e-80


def test_a_gradient_may_be_negative() -> None:
    """Raising the tap 0 beside 3 lowers the result."""
    low, raised = pooling.softmax_pool([3.0, 0.0], (2,)), pooling.softmax_pool([3.0, 0.1], (2,))
    assert float(raised[0]) < float(low[0])
    assert lower_is_negative() == "taps 3 and 0: the gradient of 0 is -0.0881"
    with pytest.raises(CheckFailedError) as caught:
        lower_is_negative(1)
    assert str(caught.value) == "beside 1 the gradient of 0 is 0.0723"


def test_another_form_is_refused() -> None:
    """The derivative in SymPy is no other than the one claimed, and torch agrees."""
    assert closed_form() == "∂s/∂x = p*(1 + (x - s)/T), any number of other taps"
    assert by_torch(windows=2) == "6 windows of 9 taps, three temperatures"
    with pytest.raises(CheckFailedError) as caught:
        by_torch(lambda weight, tap, result, temperature: weight)
    assert str(caught.value) == "torch differentiates otherwise at temperature 0.5"
    with pytest.raises(CheckFailedError) as caught:
        closed_form("p*(1 + (x - s))")
    assert str(caught.value) == "the gradient is not p*(1 + (x - s))"
