"""``assert_close`` as it is used in tests: what it accepts, and how it fails."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

import verify
from proofs.verdict import Verdict


def largest(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return the larger of two by one ReLU."""
    return F.relu(b - a) + a


def wise(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return the logarithm of a sum, as torch has it."""
    return (a.exp() + b.exp()).log()


def mean(x: torch.Tensor) -> torch.Tensor:
    """Return means of three, tap after tap."""
    return (x[..., 0::3] + x[..., 1::3] + x[..., 2::3]) / 3


def test_within_the_proved_bound() -> None:
    """Of a function, and of a pooling by name, in a given range or in that of the inputs."""
    a, b = torch.rand(2, 8, dtype=torch.float16)
    found = verify.assert_close(largest, torch.maximum, a, b, between=(0, 1))
    assert (found.verdict, found.within) == (Verdict.WITHIN, 2**-11)
    x = torch.rand(1, 2, 6)
    assert verify.assert_close(mean, "avg_pool1d(3)", x).within is not None
    wide = verify.assert_close(mean, "avg_pool1d(3)", x.double(), between=(0, 4))
    assert wide.tolerance is not None
    assert wide.tolerance.executed


def test_a_wrong_module_fails() -> None:
    """What is refuted, and what has no bound, is not close."""
    a, b = torch.rand(2, 8)
    with pytest.raises(AssertionError, match="REFUTED"):
        verify.assert_close(lambda a, b: a, torch.maximum, a, b)
    with pytest.raises(AssertionError, match="no bound is known: exp"):
        verify.assert_close(lambda a, b: (a.exp() + b.exp()).log(), wise, a, b)


def test_a_run_beyond_the_bound_fails() -> None:
    """A module that is worse on these inputs than on any that was judged."""
    calls = [0]

    def worse(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        calls[0] += 1
        return largest(a, b) + 1e-3 * bool(a[0] == 0.123)

    a, b = torch.full((2,), 0.25), torch.full((2,), 0.5)
    a[0] = 0.123
    with pytest.raises(AssertionError):
        verify.assert_close(worse, torch.maximum, a, b, between=(0, 1))
    assert calls[0]


@pytest.mark.parametrize(
    ("inputs", "between", "message"),
    [
        ((), None, "inputs must be at least one tensor"),
        ((torch.zeros(2, dtype=torch.int8),) * 2, None, "inputs must be of one dtype of float16"),
        ((torch.zeros(2), torch.zeros(2).half()), None, "got float32, float16"),
        ((torch.zeros(2), torch.ones(2)), (0, 0.5), "between 0 and 0.5, got one from 1 to 1"),
    ],
)
def test_what_is_refused(
    inputs: tuple[torch.Tensor, ...], between: tuple[float, float] | None, message: str
) -> None:
    """Mistakes of whoever asks, by name and value."""
    with pytest.raises(ValueError, match=message):
        verify.assert_close(largest, torch.maximum, *inputs, between=between)
