from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import pooling
from pooling.rebuilt.maximum import SCHEMES

FORMS = [(scheme, skips) for scheme in SCHEMES for skips in (True, False)]


class Pyramid(nn.Module):
    """Spatial pyramid pooling the fast way: one shared stride-1 pool, applied three times."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.SiLU(), nn.MaxPool2d(3, 2, 1))
        self.pool = nn.MaxPool2d(5, stride=1, padding=2)
        self.mix = nn.Conv2d(32, 8, 1)
        self.shrink = nn.AvgPool2d(2, ceil_mode=True)
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 4))

    def forward(self, x: Tensor) -> Tensor:
        """Return four scores."""
        levels = [self.stem(x)]
        for _ in range(3):
            levels.append(self.pool(levels[-1]))
        scores: Tensor = self.head(self.shrink(self.mix(torch.cat(levels, 1))))
        return scores


class OwnForward(nn.AvgPool2d):
    """A layer of torch that does something else."""

    def forward(self, x: Tensor) -> Tensor:
        """Return averages, and one more."""
        return F.avg_pool2d(x, 2) + 1


class Renamed(nn.MaxPool2d):
    """A layer of torch under another name."""


@pytest.mark.parametrize(("scheme", "skips"), FORMS)
def test_a_pyramid(scheme: str, skips: bool) -> None:
    """Every pooling is rebuilt, outputs agree, and the model that was given stays as it was."""
    torch.manual_seed(0)
    model = Pyramid().eval()
    before = repr(model)
    copy, changes = pooling.rebuild(model, scheme=scheme, skips=skips)
    assert repr(model) == before
    assert [change.path for change in changes] == ["pool", "shrink", "stem.2", "head.0"]
    assert all(change.after and not change.reason for change in changes)
    assert not any("torch.nn.modules.pooling" in str(type(module)) for module in copy.modules())
    assert copy.state_dict().keys() == model.state_dict().keys()
    x = torch.randn(2, 3, 33, 33)
    assert torch.allclose(copy(x), model(x), rtol=1e-5, atol=1e-6)


@pytest.mark.slow
def test_a_residual_network() -> None:
    """ResNet-50 with random weights: the stem is within the bound, the scores are the same."""
    transformers = pytest.importorskip("transformers")
    torch.manual_seed(0)
    model = transformers.ResNetForImageClassification(transformers.ResNetConfig()).eval()
    x = torch.randn(1, 3, 64, 64)
    stem = model.resnet.embedder.pooler
    seen: list[torch.Tensor] = []
    hook = stem.register_forward_hook(lambda layer, inputs, output: seen.extend((*inputs, output)))
    with torch.no_grad():
        scores = model(x).logits
    hook.remove()
    taps, largest = seen
    spread = largest + F.max_pool2d(-taps, 3, 2, 1)
    for scheme, skips in FORMS:
        copy, changes = pooling.rebuild(model, scheme=scheme, skips=skips)
        rebuilt = [change.path for change in changes if change.after]
        assert {"resnet.embedder.pooler", "resnet.pooler"} <= set(rebuilt)
        with torch.no_grad():
            assert torch.allclose(copy(x).logits, scores, rtol=1e-4, atol=1e-5)
            error = (copy.get_submodule("resnet.embedder.pooler")(taps) - largest).abs()
        if scheme == "fold" and skips:
            u = 2.0**-24
            assert (error <= 2 * u / (1 + u) * spread).all()


def test_every_layer_is_rebuilt_with_its_arguments() -> None:
    """One of each family and number of axes, with arguments that are not the defaults."""
    layers: list[tuple[nn.Module, tuple[int, ...]]] = [
        (nn.MaxPool1d(3, 2, 1, dilation=2, ceil_mode=True), (9,)),
        (nn.MaxPool2d((3, 2), 2, (1, 0), ceil_mode=True), (8, 8)),
        (nn.MaxPool3d(2, 1, dilation=2), (5, 5, 5)),
        (nn.AvgPool1d(3, 2, 1, ceil_mode=True, count_include_pad=False), (8,)),
        (nn.AvgPool2d(3, 2, 1, divisor_override=5), (8, 8)),
        (nn.AvgPool3d(2, 1, 1, count_include_pad=False), (4, 4, 4)),
        (nn.AdaptiveAvgPool1d(3), (8,)),
        (nn.AdaptiveAvgPool2d((3, None)), (8, 8)),
        (nn.AdaptiveAvgPool3d(2), (3, 4, 5)),
        (nn.AdaptiveMaxPool1d(3), (8,)),
        (nn.AdaptiveMaxPool2d((3, None)), (8, 8)),
        (nn.AdaptiveMaxPool3d(2), (3, 4, 5)),
    ]
    for layer, size in layers:
        copy, (change,) = pooling.rebuild(layer)
        assert change[:4] == ("", repr(layer), repr(copy), "")
        assert type(copy).__mro__[1].__module__.startswith("pooling.rebuilt")
        x = torch.randn(2, 3, *size)
        assert torch.allclose(copy(x), layer(x), atol=1e-6)


def test_the_shallow_scheme() -> None:
    """It has no skips and needs none asked for; adaptive max-pooling, which must have them, stays.

    With skips it is refused, whatever the model is.
    """
    model = nn.Sequential(nn.MaxPool2d(3, 2, 1), nn.AdaptiveMaxPool2d(3), nn.AdaptiveAvgPool2d(1))
    copy, changes = pooling.rebuild(model, scheme="shallow")
    assert [bool(change.after) for change in changes] == [True, False, True]
    assert "scheme=shallow, skips=False" in str(changes[0].after)
    x = torch.randn(2, 3, 9, 9, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(copy(x), model(x), rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError) as caught:
        pooling.rebuild(model, scheme="shallow", skips=True)
    assert str(caught.value) == (
        "skips must be False or left out with scheme 'shallow', which has no such form"
    )


def test_what_is_no_model_is_refused() -> None:
    """With the argument and the value."""
    for model, shown in (("a", "'a'"), (nn.MaxPool2d, "<class 'torch.nn.modules.pooling.Max")):
        with pytest.raises(TypeError) as caught:
            pooling.rebuild(model)  # type: ignore[arg-type]
        assert str(caught.value).startswith(f"model must be a torch.nn.Module, got {shown}")


def hooked() -> nn.Module:
    """Return a layer with a hook."""
    layer = nn.MaxPool2d(2)
    layer.register_forward_hook(lambda *arguments: None)
    return layer


@pytest.mark.parametrize(
    ("layer", "skips", "reason"),
    [
        (nn.LPPool2d(2, 2), True, "a power and a root are no convolution and no ReLU"),
        (
            nn.FractionalMaxPool2d(2, output_size=2),
            True,
            "its windows are drawn at random in every call",
        ),
        (
            nn.MaxUnpool2d(2),
            True,
            "it needs indices, which a rebuilt max-pooling does not return",
        ),
        (
            nn.MaxPool2d(2, return_indices=True),
            True,
            "it returns indices, and a ReLU does not know positions",
        ),
        (OwnForward(2), True, "OwnForward has a forward of its own"),
        (hooked(), True, "it has hooks, which would be lost"),
        (
            nn.AdaptiveMaxPool2d(2),
            False,
            "its windows depend on the size of the input, so no one network computes them",
        ),
    ],
)
def test_what_is_left(layer: nn.Module, skips: bool, reason: str) -> None:
    """What cannot be rebuilt stays, and is listed with its reason."""
    copy, changes = pooling.rebuild(nn.Sequential(nn.ReLU(), layer), skips=skips)
    assert [change[:4] for change in changes] == [("1", repr(layer), None, reason)]
    assert isinstance(copy, nn.Sequential)
    assert type(copy[1]) is type(layer)


def test_subclasses_without_a_forward_are_rebuilt() -> None:
    """A new name changes nothing."""
    copy, changes = pooling.rebuild(Renamed(2))
    assert isinstance(copy, pooling.MaxPool2d) and changes[0].before.startswith("Renamed")


def test_shared_layers_stay_shared() -> None:
    """One layer in two places is one module in the same two places, and listed twice."""
    layer = nn.MaxPool2d(2)
    block = nn.Sequential(layer)
    model = nn.ModuleDict({"a": layer, "b": layer, "c": block, "d": block})
    copy, changes = pooling.rebuild(model)
    assert isinstance(copy, nn.ModuleDict)
    assert copy["a"] is copy["b"] is copy.get_submodule("c.0") and copy["c"] is copy["d"]
    assert [change.path for change in changes] == ["a", "b", "c.0"]


def test_modes_are_kept() -> None:
    """A model in evaluation stays there, and a missing module is no module."""
    model = nn.Sequential(nn.MaxPool2d(2)).eval()
    model.register_module("nothing", None)
    copy, _ = pooling.rebuild(model)
    assert not any(module.training for module in copy.modules())


def test_an_unknown_scheme_is_refused() -> None:
    """Also where the model has nothing to rebuild."""
    with pytest.raises(ValueError) as caught:
        pooling.rebuild(nn.ReLU(), scheme="bush")
    assert str(caught.value) == "unknown scheme 'bush'; schemes: fold, tree, separable, shallow"


class _Branching(nn.Module):
    """A module that pools by layers and by functions, as Inception's branches do."""

    def __init__(self) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(2)

    def branch(self, x: torch.Tensor) -> torch.Tensor:
        """Pool by a function."""
        pooled: torch.Tensor = torch.nn.functional.avg_pool2d(x, 3, 1, 1)
        return pooled

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pool by a layer, by a method and by a function inside."""

        def last(y: torch.Tensor) -> torch.Tensor:
            return torch.as_tensor(torch.nn.functional.adaptive_avg_pool2d(y, 1))

        return last(self.branch(self.pool(x)))


def test_poolings_called_as_functions_are_listed() -> None:
    """They stay, and whoever asks what was rebuilt is told."""
    original = nn.Sequential(nn.ReLU(), _Branching())
    model, changes = pooling.rebuild(original)
    assert [(change.path, change.before, change.after is None) for change in changes] == [
        (
            "1.pool",
            "MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)",
            False,
        ),
        ("1", "avg_pool2d in _Branching.branch", True),
        ("1", "adaptive_avg_pool2d in _Branching.forward", True),
    ]
    assert changes[-1].reason == "it is called as a function, and only layers are replaced"
    x = torch.randn(1, 2, 8, 8)
    assert torch.allclose(model(x), original(x), atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", [*SCHEMES, "shallow"])
def test_tolerances_are_no_less_than_what_is_proved(scheme: str) -> None:
    """The judge's bound, for every layer that has one; of a fold it is the same."""
    from verify.judge import equivalent

    kinds = (("max_pool2d", (1, 3)), ("max_pool2d", (3, 3)), ("avg_pool2d", (3, 3)))
    layers = [{"max_pool2d": nn.MaxPool2d, "avg_pool2d": nn.AvgPool2d}[n](s) for n, s in kinds]
    rebuilt = pooling.rebuild(nn.Sequential(*layers), scheme=scheme)
    for (name, sizes), (path, units) in zip(kinds, rebuilt.tolerances.items(), strict=True):
        if units is None:
            assert scheme == "shallow"
            continue
        layer = rebuilt.model.get_submodule(path)
        found = equivalent(
            layer, f"{name}({sizes})", (1, 1, *sizes), "float16", between=(-1, 1)
        )  # fmt: skip
        assert found.within is not None
        assert found.within <= units * 2**-11
        assert found.within == units * 2**-11 or (name, scheme) != ("max_pool2d", "fold")
