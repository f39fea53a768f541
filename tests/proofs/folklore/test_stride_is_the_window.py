from __future__ import annotations

import pytest
import torch
from torch import nn

from proofs.claim import CheckFailedError
from proofs.folklore.stride_is_the_window import defaults


@pytest.mark.parametrize("kernel", [1, 2, 3, 5])
def test_each_element_is_in_one_window(kernel: int) -> None:
    """The gradient of the sum of all averages is 1/k everywhere: each element is read once."""
    x = torch.zeros(1, 1, 30, requires_grad=True)
    nn.AvgPool1d(kernel)(x).sum().backward()
    assert x.grad is not None
    assert x.grad.flatten().tolist() == pytest.approx([1 / kernel] * 30)


def test_another_stride_is_refused() -> None:
    """The default is the window's size and nothing else."""
    assert defaults() == "9 modules and as many functions of torch"
    with pytest.raises(CheckFailedError) as caught:
        defaults(2)
    assert str(caught.value) == "MaxPool1d(2) has not the stride 4"
