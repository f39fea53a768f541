"""Telling inputs and small ones."""

from __future__ import annotations

import pytest
import torch

from proofs.systems import SYSTEMS
from verify.judge.attack import inputs, module_runner, pooling_runner, shrunk
from verify.judge.references import named_pooling
from verify.judge.tracing import NotJudgedError


@pytest.mark.parametrize("system", ["real", "float16", "bfloat16", "int8", "uint8"])
def test_inputs_are_of_the_dtype_and_telling(system: str) -> None:
    """Both signs, ties and ramps; in a dtype its extremes as well."""
    dtype = torch.float64 if system == "real" else getattr(torch, system)
    found = list(inputs(SYSTEMS[system], (1, 2, 3), dtype))
    assert all(x.dtype is dtype and x.shape == (1, 2, 3) for x in found)
    assert any(bool((x < 0).all()) for x in found) == (system != "uint8")
    assert len({tuple(x.flatten().double().nan_to_num().tolist()) for x in found}) > 20
    if system in ("float16", "bfloat16"):
        assert any(bool(x.isinf().any()) for x in found)
        assert any(bool(x.isnan().any()) for x in found)


def test_what_fails_is_made_small() -> None:
    """Only the elements that matter stay, as small whole numbers."""
    x = torch.arange(1.0, 25.0).reshape(2, 12) * 3.7
    small = shrunk(x, lambda t: bool(t[1, 3] > t[0, 2] + 1))
    assert small[1, 3] == 2
    assert int((small != 0).sum()) == 1


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16, torch.int8])
def test_poolings_run_by_definition(dtype: torch.dtype) -> None:
    """In every dtype, as torch does."""
    x = torch.tensor([[[3, -1, 5, 2]]]).to(dtype)
    run = pooling_runner(named_pooling("max_pool1d(2)"), dtype)
    assert torch.equal(run(x), torch.tensor([[[3, 5]]]).to(dtype))


def test_modules_run_in_float64_if_they_can() -> None:
    """A constant of float32 in the code keeps a module in float32."""
    layer = torch.nn.Conv2d(1, 1, 1)
    x = torch.ones(1, 1, 2, 2, dtype=torch.float64)
    assert module_runner(layer, torch.float64, (1, 1, 2, 2))(x).dtype is torch.float64

    class Fixed(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.conv2d(x, torch.ones(1, 1, 1, 1))

    assert module_runner(Fixed(), torch.float64, (1, 1, 2, 2))(x).dtype is torch.float32


def test_a_module_that_returns_no_tensor_in_float64_is_refused() -> None:
    """What it returned when it was traced does not count where it is run."""

    class Fickle(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> object:
            return x if x.dtype is torch.float32 else [x]

    with pytest.raises(NotJudgedError, match=r"in torch\.int8 it returns a list, not a tensor"):
        module_runner(Fickle(), torch.int8, (1,))(torch.zeros(1, dtype=torch.int8))
