"""Kinds of pooling: what follows from an entry."""

from __future__ import annotations

import inspect
import subprocess
import sys
from typing import Any

import numpy
import pytest
import torch

import costmodel
import pooling
from pooling.kind import Kind, families, kind, kinds, operator_named, with_options
from pooling.kinds.max_pool import pooling_arguments


@pytest.mark.parametrize("entry", [*kinds()], ids=lambda entry: entry.family)
def test_an_entry_is_complete(entry: Kind[Any]) -> None:
    """It says what it is in words, and its names are nobody else's."""
    assert entry.title and entry.computes and entry.source
    assert not entry.computes.endswith(".") and not entry.computes.startswith("Return")
    others = {name.lower() for other in kinds() if other is not entry for name in other.names}
    assert not {name.lower() for name in entry.names} & others


@pytest.mark.parametrize("entry", [*kinds()], ids=lambda entry: entry.family)
def test_everything_follows_from_an_entry(entry: Kind[Any]) -> None:
    """A public function with its page, layers with their names, operators with a cost."""
    function = getattr(pooling, entry.family)
    assert next(iter(inspect.signature(function).parameters)) == "x"
    assert "\n        x: " in function.__doc__ or "are those of :func:" in function.__doc__
    assert {*entry.operators} <= {*costmodel.operators()}
    for name in entry.layer_names():
        layer = getattr(pooling, name)
        assert (layer.__name__, layer.dimensions) == (name, int(name[-2]))
        assert operator_named(name) == (
            f"{entry.family}{name[-2:]}",
            entry.fixed.get(name[:-2], {}),
        )
    if entry.torch_layer:
        assert all(hasattr(torch.nn, f"{entry.torch_layer}{d}d") for d in entry.dimensions)


def test_lists_are_those_of_the_entries() -> None:
    """What the package says that it has, it has."""
    public = {*pooling.__all__}
    assert {*families()} <= public
    assert {name for entry in kinds() for name in entry.layer_names()} <= public
    assert all(hasattr(pooling, name) for name in public)
    assert public <= {*dir(pooling)}
    with pytest.raises(AttributeError, match="module 'pooling' has no attribute 'SumPool2d'"):
        pooling.SumPool2d  # noqa: B018
    with pytest.raises(KeyError):
        kind("sum_pool")


def test_an_entry_is_loaded_when_asked_for() -> None:
    """One kind's cost loads that kind, and neither NumPy nor torch nor ``inspect``."""
    code = (
        "import sys, costmodel\n"
        "loaded = lambda: sorted(n for n in sys.modules if n.startswith('pooling.kinds.'))\n"
        "assert not loaded(), loaded()\n"
        "costmodel.flops('avg_pool2d', (1, 8, 8), 2)\n"
        "print(loaded(), {'numpy', 'torch', 'inspect'} & {*sys.modules})\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert printed.stdout == "['pooling.kinds.avg_pool'] set()\n", printed.stderr


def test_a_definition_says_what_is_wrong_with_its_arguments() -> None:
    """Sizes per axis, unknown and missing names, and what must be given besides."""
    with pytest.raises(TypeError, match="kernel_size must be a tuple with one entry per spatial"):
        pooling.max_pool([1, 2], 2)
    with pytest.raises(TypeError, match="missing a required argument: 'kernel_size'"):
        pooling.max_pool([1, 2])  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'sise'"):
        pooling.max_pool([1, 2], (2,), sise=3)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="unexpected keyword argument 'return_indices'"):
        pooling.max_pool([1, 2], (2,), return_indices=True)
    with pytest.raises(ValueError, match=r"kernel_size must have between 1 and 1 entries"):
        pooling.max_pool([1, 2], (2, 2))


def positive(value: Any) -> None:
    """Refuse what is not above 0."""
    if value <= 0:
        raise ValueError(f"slope must be positive, got {value}")


SLOPED = with_options(pooling_arguments, "return_indices", slope=(1, positive))


def test_further_arguments_come_after_the_windows() -> None:
    """By place or by name, checked, and in the options of what was read."""
    assert SLOPED(1, (1, 4), 2, None, 0, 1, False, 3).options["slope"] == 3
    assert SLOPED(1, (1, 4), 2, slope=3).options["slope"] == 3
    assert SLOPED(1, (1, 4), 2).options["slope"] == 1
    assert SLOPED(1, (1, 4), 2) == pooling_arguments(1, (1, 4), 2)
    with pytest.raises(ValueError, match="slope must be positive, got 0"):
        SLOPED(1, (1, 4), 2, slope=0)


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [
        ((2, None, 0, 1, False, 3, 4), {}),
        ((2, None, 0, 1, False, 3), {"slope": 3}),
        ((2,), {"return_indices": True}),
    ],
)
def test_arguments_that_are_not_taken(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Too many, one twice, one that was dropped."""
    with pytest.raises(TypeError, match="arguments are kernel_size, stride, padding, dilation, "):
        SLOPED(1, (1, 4), *args, **kwargs)


def test_a_layer_made_of_a_class_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry may hold the class of its layers; each of them gets its dimensions and a page."""

    class Halved(pooling.SoftmaxPool2d):
        """Half of a softmax pooling."""

        def pool(self, windows: Any) -> Any:
            return super().pool(windows) / 2

    entry = kind("softmax_pool")
    monkeypatch.setattr(entry, "layers", {"HalvedPool": lambda: Halved})
    made = entry.layer_class("HalvedPool1d")
    assert (made.__name__, made.dimensions, made.__module__) == ("HalvedPool1d", 1, "pooling")
    assert inspect.getdoc(made) == Halved.__doc__ and entry.layer_class("HalvedPool1d") is made
    x = numpy.array([[1.0, 1.0]])
    assert made(2)(torch.from_numpy(x)).item() == 0.5
