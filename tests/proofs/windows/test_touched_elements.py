from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings

from pooling.windows import output_size, touched
from proofs.claim import CheckFailedError
from proofs.windows import touched_elements
from proofs.windows.touched_elements import counted
from verify.strategies import windows


@settings(max_examples=100, deadline=None)
@given(windows(dimensions=1, dilations=True))
def test_touched_is_where_torch_sends_a_gradient(layer: dict[str, Any]) -> None:
    """Every element that torch unfolds into some window gets a gradient, and no other."""
    (size,), (kernel_size,), (stride,) = layer["size"], layer["kernel_size"], layer["stride"]
    (padding,), (dilation,) = layer["padding"], layer["dilation"]
    outputs = output_size(size, kernel_size, stride, (padding, padding), dilation)
    x = torch.ones(1, 1, size, 1, requires_grad=True)
    columns = torch.nn.functional.unfold(
        x, (kernel_size, 1), (dilation, 1), (padding, 0), (stride, 1)
    )
    columns.sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None
    read = int((x.grad > 0).sum())
    assert read == touched(size, kernel_size, stride, padding, outputs, dilation)


def test_the_count_compares_many_layers() -> None:
    """More than a few thousand, dilated and overhanging ones included."""
    assert counted() == "4,248 layers"


@pytest.mark.parametrize("off_by", [1, -1])
def test_the_count_finds_a_wrong_formula(monkeypatch: pytest.MonkeyPatch, off_by: int) -> None:
    """A formula that is one off for one stride is refuted, and the layer is named."""
    monkeypatch.setattr(
        touched_elements, "touched", lambda *layer: touched(*layer) + off_by * (layer[2] == 3)
    )
    with pytest.raises(CheckFailedError, match=r"^size 1, kernel_size 1, stride 3, padding "):
        counted()
