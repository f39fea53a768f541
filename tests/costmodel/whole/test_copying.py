from __future__ import annotations

import threading
from functools import partial
from types import MethodType
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from costmodel.whole.copying import private_copy, unwrapped


def to_meta(tensor: Tensor, is_parameter: bool) -> Tensor:
    """Return a tensor without values like this one."""
    made = torch.empty_like(tensor, device="meta", requires_grad=False)
    return nn.Parameter(made, requires_grad=False) if is_parameter else made


class Tangled(nn.Module):
    """A module that holds others in every way there is."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(2, 2)
        self.register_buffer("scale", torch.ones(2))
        self.again: Any = {"list": [self.inner], "tuple": (self.inner, 3), "set": {self.inner}}
        self.hidden = [nn.ReLU()]
        self.bound = self.inner.forward
        self.part = partial(self.inner.forward)
        self.lock = threading.Lock()
        self.parent = [self]
        self.constant = torch.ones(3)


def test_everything_points_into_the_copy() -> None:
    """Modules in containers, bound methods and partial functions; the rest is shared."""
    model = Tangled()
    twin, made = private_copy(model, to_meta)
    assert isinstance(twin, Tangled) and twin is not model
    assert twin.inner is not model.inner
    again = twin.again
    assert again["list"][0] is again["tuple"][0] is next(iter(again["set"])) is twin.inner
    assert isinstance(twin.bound, MethodType) and twin.bound.__self__ is twin.inner
    assert twin.part.func.__self__ is twin.inner  # type: ignore[attr-defined]
    assert twin.parent[0] is twin
    assert twin.hidden[0] is not model.hidden[0] and twin.hidden[0] in made
    assert twin.lock is model.lock and twin.constant is model.constant
    assert set(made) == {twin, twin.inner, twin.hidden[0]}


def test_tensors_are_remade_once() -> None:
    """Parameters and buffers, tied weights as one, and the model keeps its own."""
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2), nn.LSTM(2, 2))
    model[1].weight = model[0].weight
    twin, _ = private_copy(model, to_meta)
    assert isinstance(twin, nn.Sequential)
    assert all(parameter.is_meta for parameter in twin.parameters())
    assert not any(parameter.is_meta for parameter in model.parameters())
    assert twin[1].weight is twin[0].weight
    assert all(weight.is_meta for weight in twin[2]._flat_weights)  # type: ignore[union-attr]


def test_what_is_done_to_the_copy_stays_there() -> None:
    """Attributes, containers and hooks."""
    model = nn.Sequential(nn.ReLU())
    model.history = []  # type: ignore[assignment]
    twin, _ = private_copy(model, to_meta)
    twin.history.append(3)  # type: ignore[operator,union-attr]
    twin.register_forward_hook(lambda *args: None)
    twin.training = False
    assert model.history == [] and model.training and not model._forward_hooks


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_wrappers() -> None:
    """Taken off one by one."""
    inner = nn.Linear(2, 2)
    compiled: Any = torch.compile(inner)
    assert unwrapped(nn.DataParallel(compiled)) is inner
    twin, _ = private_copy(nn.Sequential(nn.DataParallel(inner)), to_meta)
    assert [name for name, _ in twin.named_modules()] == ["", "0"]
