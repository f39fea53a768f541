"""One side of a comparison."""

from __future__ import annotations

import warnings

import pytest
import torch

from proofs.systems import SYSTEMS
from verify.judge.side import Side
from verify.judge.watching.running import NotJudgedError


@pytest.mark.parametrize("system", ["real", "bfloat16", "int8"])
def test_poolings_run_by_definition(system: str) -> None:
    """In every system, as torch does; over the reals in float64."""
    side = Side("max_pool1d(2)", SYSTEMS[system], ((1, 1, 4),))
    found = side.run(torch.tensor([3, -1, 5, 2]).to(side.dtype))
    assert found.tolist() == [[[3, 5]]]
    assert found.dtype is (torch.float64 if system == "real" else getattr(torch, system))


def test_modules_run_in_their_own_dtype() -> None:
    """That of their weights over the reals, the system's elsewhere."""
    layer = torch.nn.Linear(2, 1).double()
    assert Side(layer, SYSTEMS["real"], ((2,),)).dtype is torch.float64
    half = Side(layer, SYSTEMS["float16"], ((2,),))
    assert half.run(torch.ones(2, dtype=torch.float16)).dtype is torch.float16
    assert layer.weight.dtype is torch.float64


def test_compiled_modules_are_watched_as_eager_code() -> None:
    """What is run is the compiled one."""
    layer = torch.nn.MaxPool1d(2)
    side = Side(torch.compile(layer, backend="eager"), SYSTEMS["real"], ((1, 4),))
    assert side.compiled
    assert isinstance(side.watched, torch.nn.MaxPool1d)
    assert not Side(layer, SYSTEMS["real"], ((1, 4),)).compiled


def test_no_tensor_is_no_result() -> None:
    """What it returns is named."""
    side = Side(lambda x: [x], SYSTEMS["real"], ((2,),))
    with pytest.raises(NotJudgedError, match="it returns a list of 1, not a tensor"):
        side.run(torch.zeros(2))


def test_several_inputs_are_one_behind_the_other() -> None:
    """As many parts as shapes; a named pooling takes one."""
    side = Side(torch.add, SYSTEMS["real"], ((2,), (1, 2)))
    assert side.run(torch.arange(4.0)).tolist() == [[2, 4]]
    with pytest.raises(ValueError, match="takes 1 input, got 2"):
        Side("max_pool1d(2)", SYSTEMS["real"], ((2,), (2,)))


def test_how_else_it_is_run() -> None:
    """In other modes, of numbers that lie apart, and where a warning is an error."""

    def laid(x: torch.Tensor) -> torch.Tensor:
        return x.as_strided((2, 2), (2, 1)) + x.is_contiguous()

    def turned(x: torch.Tensor) -> torch.Tensor:
        return x + (x.T.is_contiguous() and not x.is_contiguous())

    def exchanged(x: torch.Tensor) -> torch.Tensor:
        return -x if x.transpose(0, 1).is_contiguous() else x

    def warned(x: torch.Tensor) -> torch.Tensor:
        try:
            warnings.warn("old", stacklevel=1)
        except UserWarning:
            return -x
        return x

    def typed(x: torch.Tensor) -> torch.Tensor:
        return x + 1 if torch.zeros(1).dtype is torch.float64 else x

    x = torch.tensor([1.0, 2.0, 3.0, 4.0])
    others = dict(Side(typed, SYSTEMS["real"], ((4,),)).otherwise(x))
    assert others["where float64 is the default"].tolist() == [2, 3, 4, 5]
    assert torch.get_default_dtype() is torch.float32
    for network, usual in ((laid, [[2, 3], [4, 5]]), (turned, [[1, 2], [3, 4]])):
        every = Side(network, SYSTEMS["real"], ((2, 2),)).otherwise(x)
        assert dict(every)["under torch.no_grad()"].tolist() == usual
        strided = [y.tolist() for words, y in every if words == "of an input with other strides"]
        assert any(found != usual for found in strided)
    found = [y for words, y in Side(exchanged, SYSTEMS["real"], ((2, 2, 1, 1),)).otherwise(x)]
    assert any((y < 0).all() for y in found)
    others = dict(Side(warned, SYSTEMS["real"], ((4,),)).otherwise(x))
    assert others["where warnings are errors"].tolist() == [-1, -2, -3, -4]
    assert others["of an input with other strides"].tolist() == x.tolist()


def test_one_tensor_for_all_inputs() -> None:
    """Who tells whether two inputs are one is found; who writes into what is shared as well."""
    two = ((2,), (2,))
    x = torch.tensor([1.0, 2.0, 3.0, 4.0])
    assert Side(torch.maximum, SYSTEMS["real"], two).otherwise(x)
    for wrong in (lambda x, y: torch.maximum(x, y) + (x is y), lambda x, y: x.mul_(2) + y):
        with pytest.raises(NotJudgedError, match="of one tensor for all inputs"):
            Side(wrong, SYSTEMS["real"], two).otherwise(x)
