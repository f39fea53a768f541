"""Which values can reach a pooling layer."""

from __future__ import annotations

from collections.abc import Callable
from math import inf
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import pooling
from pooling.rebuilt.ranges import Range, ranges


class Functions(nn.Module):
    """A model that is not a sequence, with functions in front of its pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.relu = nn.Conv2d(1, 2, 3), nn.ReLU()
        self.pool, self.other, self.last = nn.MaxPool2d(2), nn.MaxPool2d(2), nn.MaxPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        """Pool after a ReLU, a clamp and a concatenation."""
        x = self.pool(self.relu(self.conv(x)))
        y = self.other(torch.clamp(x.flatten(2).view(x.shape), -1, max=3))
        pooled: Tensor = self.last(torch.cat([y, torch.sigmoid(x)], 1))
        return pooled


class Branching(nn.Module):
    """A ReLU in training mode alone."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        """Pool what may be below 0 in evaluation mode."""
        pooled: Tensor = self.pool(F.relu(x) if self.training else x)
        return pooled


class Deciding(nn.Module):
    """Control flow that nobody can trace."""

    def __init__(self) -> None:
        super().__init__()
        self.relu, self.pool = nn.ReLU(), nn.MaxPool2d(2)

    def forward(self, x: Tensor) -> Tensor:
        """Pool with or without a ReLU."""
        pooled: Tensor = self.pool(self.relu(x) if x.sum() > 0 else x)
        return pooled


@pytest.mark.parametrize(
    ("layers", "low", "high"),
    [
        ([nn.ReLU()], 0, inf),
        ([nn.ReLU6(), nn.MaxPool2d(1)], 0, 6),
        ([nn.Hardtanh(-2.0, 3.0), nn.Flatten(2), nn.Unflatten(2, (4, 4))], -2, 3),
        ([nn.Sigmoid(), nn.AvgPool2d(1)], 0, 1),
        ([nn.Hardtanh(1.0, 2.0), nn.AvgPool2d(3, 1, 1)], 0, 2),
        ([nn.Tanh(), nn.Identity()], -1, 1),
        ([nn.Softplus()], 0, inf),
        ([nn.ReLU(), nn.Dropout(0.5)], 0, inf),
    ],
)
def test_layers_guarantee_a_range(layers: list[nn.Module], low: float, high: float) -> None:
    """What arrives is in it, for ordinary and for large inputs, in both modes."""
    model = nn.Sequential(*layers, pool := nn.MaxPool2d(2))
    found = ranges(model)[str(len(layers))]
    assert (found.low, found.high) == (low, high)
    seen: list[Tensor] = []
    pool.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    for mode in (True, False):
        for scale in (1.0, 1e4):
            model.train(mode)(torch.randn(1, 1, 4, 4) * scale)
    assert all(bool(((low <= x) & (x <= high)).all()) for x in seen)


class Writing(nn.Module):
    """A ReLU, something that is done in place or past it, and a pooling."""

    def __init__(self, done: Callable[..., Tensor]) -> None:
        super().__init__()
        self.pool, self.done = nn.MaxPool2d(1), done

    def forward(self, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Pool what was done."""
        return self.done(self.pool, x, mask)


def _subtracted(pool: nn.Module, x: Tensor, _: Any) -> Any:
    y = F.relu(x)
    y.flatten().sub_(1)
    return pool(y)


def _less_one(pool: nn.Module, x: Tensor, _: Any) -> Any:
    z = y = F.relu(x)
    z -= 1
    return pool(y)


def _turned_less_one(pool: nn.Module, x: Tensor, _: Any) -> Any:
    y = F.relu(x)
    z = y.mT
    z -= 1
    return pool(y)


def _other_numbers(pool: nn.Module, x: Tensor, _: Any) -> Any:
    y = F.relu(x)
    y.data = -x
    return pool(y)


def _out(pool: nn.Module, x: Tensor, _: Any) -> Any:
    y = F.relu(x)
    torch.neg(x, out=y)
    return pool(y)


def _leaky(pool: nn.Module, x: Tensor, _: Any) -> Any:
    y = torch.clamp(x, -5, -3)
    F.relu(y, True)
    return pool(y)


def _masked(pool: nn.Module, x: Tensor, mask: Any) -> Any:
    return pool(F.relu(x) if mask is not None else x)


def _past(pool: nn.Module, x: Tensor, _: Any) -> Any:
    pool(F.relu(x))
    return pool.forward(x)


def _summed(pool: nn.Module, x: Tensor, _: Any) -> Any:
    return pool(F.avg_pool2d(F.relu(x), 1, divisor_override=-1))


@pytest.mark.parametrize(
    "done",
    [
        _subtracted, _less_one, _turned_less_one, _other_numbers, _out, _leaky, _masked, _past,
        _summed,
    ],
    ids=lambda f: f.__name__,
)  # fmt: skip
def test_what_is_done_in_place_or_past_a_layer_is_seen(done: Callable[..., Tensor]) -> None:
    """What arrives is in the range, and a rebuilt model gives what the model gives."""
    model = Writing(done)
    found = ranges(model).get("pool", Range())
    x = torch.randn(1, 1, 4, 4)
    result = model(x.clone())  # the pooling's windows are single elements
    assert bool(((found.low <= result) & (result <= found.high)).all())
    rebuilt = pooling.rebuild(model, "tree", skips=False).model
    assert torch.allclose(rebuilt(x.clone()), result, atol=1e-5)


def test_a_layer_whose_forward_was_replaced_guarantees_nothing() -> None:
    """It is called ReLU and is none."""
    model = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))
    model[0].forward = torch.neg
    assert ranges(model) == {}


def test_in_place_and_optional_do_not_end_a_guarantee_that_holds() -> None:
    """ReLUs in place, and an argument that changes nothing."""
    model = nn.Sequential(nn.Conv2d(1, 1, 1), nn.ReLU(inplace=True), nn.MaxPool2d(2))
    assert ranges(model)["2"] == Range(0, inf, "1 (ReLU)")
    kept = Writing(lambda pool, x, _: pool(torch.cat([F.relu(x), F.relu(x, True)], 1)))
    assert ranges(kept)["pool"] == Range(0, inf, "relu")
    shaped = Writing(lambda pool, x, _: pool(F.relu(x.mT).view(x.shape)))
    assert ranges(shaped)["pool"] == Range(0, inf, "relu")


@pytest.mark.parametrize(
    "layers",
    [
        [nn.Softplus(beta=-1)], [nn.Softplus(threshold=-5)],
        [nn.ReLU(), nn.AvgPool2d(2, divisor_override=-1)],
        [nn.ReLU(), nn.MaxPool2d(2, padding=1, dilation=5)],
        [nn.Conv2d(1, 1, 1)], [nn.ReLU(), nn.Conv2d(1, 1, 1)], [nn.ReLU(), nn.BatchNorm2d(1)],
        [nn.LeakyReLU()], [nn.ReLU(), nn.LPPool2d(2, 1)], [nn.Hardtanh(), nn.AlphaDropout()],
    ],
)  # fmt: skip
def test_what_guarantees_nothing(layers: list[nn.Module]) -> None:
    """Layers that may give anything, whatever stands in front of them."""
    assert str(len(layers)) not in ranges(nn.Sequential(*layers, nn.MaxPool2d(2)))


def test_functions_and_branches_of_a_graph_are_followed() -> None:
    """Through functions, methods and concatenations, whose range is that of both."""
    found = ranges(Functions())
    assert found["pool"] == Range(0, inf, "relu (ReLU)")
    assert (found["other"].low, found["other"].high) == (0, 3)
    assert (found["last"].low, found["last"].high) == (0, 3)


def test_a_layer_that_is_called_twice_has_both_ranges() -> None:
    """Once behind a ReLU and once before it is no guarantee."""
    shared = nn.MaxPool2d(1)
    assert "0" not in ranges(nn.Sequential(shared, nn.ReLU(), shared))


@pytest.mark.parametrize("model", [Branching(), Deciding()])
def test_what_depends_on_the_mode_or_on_values_guarantees_nothing(model: nn.Module) -> None:
    """A ReLU that is there sometimes is none."""
    model.train()
    assert ranges(model) == {}
    assert model.training


def test_a_layer_with_hooks_guarantees_nothing() -> None:
    """A hook may change what the layer gives, or is given."""
    for register in ("register_forward_hook", "register_forward_pre_hook"):
        relu, pool = nn.ReLU(), nn.MaxPool2d(2)
        getattr(relu if "pre" not in register else pool, register)(lambda *_: None)
        assert ranges(nn.Sequential(relu, pool)) == {}


def test_rebuild_names_what_is_needed_and_who_guarantees_it() -> None:
    """Behind a clamp all needs are met; behind a convolution none is."""
    model = nn.Sequential(nn.ReLU6(), nn.MaxPool2d(2), nn.Conv2d(1, 1, 1), nn.MaxPool2d(2))
    rebuilt = pooling.rebuild(model, "tree", skips=False)
    needs = {path: {need.what: need.guaranteed_by for need in of}
             for path, of in rebuilt.needs.items()}  # fmt: skip
    assert needs["1"] == {
        "no tap is infinite": "0 (ReLU6)",
        "no difference of two taps overflows": "0 (ReLU6): at most 6",
        "no tap is below 0": "0 (ReLU6)",
    }
    assert set(needs["3"].values()) == {""}
    assert isinstance(rebuilt.model, nn.Sequential)
    assert "non_negative=True" in repr(rebuilt.model[1])
    assert "non_negative=True" not in repr(rebuilt.model[3])
    x = torch.randn(1, 1, 8, 8)
    assert torch.allclose(rebuilt.model(x), model(x), atol=1e-5)


def test_averages_need_nothing_and_an_overflow_in_half_precision_is_a_need() -> None:
    """A convolution is right for all; 0 to 10⁵ do not fit float16."""
    rebuilt = pooling.rebuild(
        nn.Sequential(nn.AvgPool2d(2), nn.Hardtanh(0.0, 1e5), nn.MaxPool2d(2))
    )
    assert rebuilt.needs["0"] == ()
    assert [need.guaranteed_by for need in rebuilt.needs["2"]] == ["1 (Hardtanh)", ""]


class Looking(nn.Module):
    """A ReLU for whatever is no tensor, which never comes."""

    def __init__(self) -> None:
        super().__init__()
        self.relu, self.pool = nn.ReLU(), nn.MaxPool2d(2)

    def forward(self, x: object) -> Tensor:
        """Pool a tensor as it is."""
        if not isinstance(x, Tensor):
            x = self.relu(x)
        pooled: Tensor = self.pool(x)
        return pooled


def test_a_model_that_looks_sees_a_tensor() -> None:
    """The way it goes for tensors is the one that is followed."""
    assert ranges(Looking()) == {}
