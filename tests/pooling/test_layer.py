from __future__ import annotations

from typing import Any

import pytest
import torch

import pooling
from pooling.layer import check_input, without_autocast

MODULES = [
    pooling.MaxPool2d(2),
    pooling.MinPool2d(2, skips=False),
    pooling.AvgPool2d(2),
    pooling.AdaptiveAvgPool2d(1),
    pooling.AdaptiveMaxPool2d(1),
    pooling.SoftmaxPool2d(2),
    pooling.LogSumExpPool2d(2),
    pooling.StochasticPool2d(2),
    pooling.MixedPool2d(2),
    pooling.PowerAveragePool2d(2, 2),
    pooling.PowerAveragePool2d(2, 2, learnable=True),
    pooling.GlobalAvgPool2d(),
    pooling.GlobalMaxPool2d(),
]


def name(module: torch.nn.Module) -> str:
    """Return the name of a module's class."""
    return type(module).__name__


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_an_input_that_is_no_tensor_is_refused(module: Any) -> None:
    """Every module says so, and names the argument and the value."""
    for value, shown in ((None, "None of type NoneType"), ([1, 2], "[1, 2] of type list")):
        with pytest.raises(TypeError) as caught:
            module(value)
        assert str(caught.value) == f"input must be a tensor, got {shown}"


@pytest.mark.parametrize("module", MODULES, ids=name)
@pytest.mark.parametrize("dtype", [torch.float8_e4m3fn, torch.float8_e5m2])
def test_floats_of_8_bits(module: Any, dtype: torch.dtype) -> None:
    """Modules that compute in float32 round once; those that rebuild an operator refuse them."""
    x = torch.rand(1, 4, 4, generator=torch.Generator().manual_seed(0)).to(dtype)
    if module.rebuilt:
        with pytest.raises(TypeError) as caught:
            module(x)
        message = f"input must be floating point of at least 16 bits, got {dtype}"
        assert str(caught.value) == message
        return
    generator = torch.random.get_rng_state()
    pooled = module(x)
    torch.random.set_rng_state(generator)
    assert pooled.dtype == dtype
    assert torch.equal(pooled.float(), module(x.float()).to(dtype).float())


def test_integers() -> None:
    """Signed ones where they are asked for, unsigned ones and truth values nowhere."""
    check_input(torch.zeros(1, dtype=torch.int8), integers=True)
    for dtype in (torch.uint8, torch.bool, torch.complex64):
        with pytest.raises(TypeError) as caught:
            check_input(torch.zeros(1, dtype=dtype), integers=True)
        assert str(caught.value) == f"input must be floating point or signed integers, got {dtype}"
    with pytest.raises(TypeError) as caught:
        check_input(torch.zeros(1, dtype=torch.int8))
    assert str(caught.value) == "input must be floating point, got torch.int8"


def test_autocast_is_off_inside_alone() -> None:
    """Afterwards it is what it was, and a device that has none is left in peace."""
    x = torch.ones(1, 1)
    with torch.autocast("cpu"):
        with without_autocast(x):
            assert not torch.is_autocast_enabled("cpu")
        assert torch.is_autocast_enabled("cpu")
        with without_autocast(x.to("meta")):
            assert torch.is_autocast_enabled("cpu")
    with without_autocast(x):
        assert not torch.is_autocast_enabled("cpu")


def test_only_those_from_convolutions_and_relus_are_rebuilt() -> None:
    """Nothing else says that it is."""
    rebuilt = {name(module) for module in MODULES if getattr(module, "rebuilt", False)}
    assert rebuilt == {
        "MaxPool2d",
        "MinPool2d",
        "AvgPool2d",
        "AdaptiveAvgPool2d",
        "AdaptiveMaxPool2d",
    }


def test_what_is_looked_up_is_no_global() -> None:
    """A module that looks a layer up as it runs changes nothing that others could see."""
    before = {*vars(pooling)}
    found = pooling.RankPool3d
    assert found is pooling.RankPool3d
    assert "RankPool3d" not in {*vars(pooling)} - before
    assert "RankPool3d" in dir(pooling)
