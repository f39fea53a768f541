"""torch's own samples of its pooling modules, computed by the definitions and by our layers."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy
import pytest
import torch
from torch import nn
from torch.testing._internal.common_modules import module_db

import costmodel
import pooling
from costmodel.layers import layer_call
from costmodel.registry import parameters
from pooling.kind import split_operator
from tests.outside.totals import lost, recorded

# That import forbids torch's flags for the rest of the process, of whatever test: it is undone.
torch.backends.disable_global_flags.__globals__["__allow_nonbracketed_mutation_flag"] = True

SUITE = "torch modules"


@cache
def modules() -> dict[str, Any]:
    """Return what torch knows of its pooling modules, by their names."""
    return {info.module_cls.__name__: info for info in module_db if "Pool" in info.name}


@cache
def samples(name: str) -> list[Any]:
    """Return torch's samples of a module, drawn from a fixed seed."""
    info = modules()[name]
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            *info.module_inputs_func(
                info, device="cpu", dtype=torch.float64, requires_grad=False, training=False
            )
        ]


def found() -> dict[str, int]:
    """Count the samples of every module."""
    return {name: len(samples(name)) for name in modules()}


def arguments_of(layer: nn.Module) -> tuple[str, dict[str, Any]]:
    """Return the operator of a layer and its arguments by name."""
    call = layer_call(layer)
    assert call is not None
    operator, args, kwargs = call
    return operator, {**dict(zip(parameters(operator), args, strict=False)), **kwargs}


def rebuilt(name: str, layer: nn.Module) -> nn.Module | None:
    """Return our layer with the arguments of torch's, if there is one that takes them."""
    if getattr(layer, "return_indices", False):
        return None
    made: nn.Module
    if name.startswith("LPPool"):
        _, given = arguments_of(layer)
        made = getattr(pooling, f"PowerAveragePool{name[-2:]}")(**given, absolute=False)
        return made
    replaced: Callable[[nn.Module], Any] = pooling.rebuild
    made = replaced(nn.Sequential(layer))[0]
    return None if made is layer else made


@pytest.mark.parametrize("name", recorded(SUITE))
def test_samples_of_torch(name: str, record_property: Callable[[str, object], None]) -> None:
    """Values are torch's, by definition and by layer; shapes are those that the cost says."""
    every = samples(name)
    for sample in every:
        construction, call = sample.constructor_input, sample.forward_input
        layer = modules()[name].module_cls(*construction.args, **construction.kwargs)
        (x,) = call.args
        theirs = layer(x)
        theirs = theirs[0] if isinstance(theirs, tuple) else theirs
        operator, given = arguments_of(layer)
        family, dimensions = split_operator(operator) or ("", 0)
        cost = costmodel.cost(operator, tuple(x.shape), **given)
        assert cost.output_shape == tuple(theirs.shape)
        for argument in ("kernel_size", "output_size"):
            if (value := given.get(argument)) is not None and not isinstance(value, tuple):
                given[argument] = (value,) * dimensions
        given.pop("return_indices", None)
        given = {argument: value for argument, value in given.items() if value is not None}
        if name.startswith("Fractional"):
            drawn = layer._random_samples.numpy()  # of which an input without batch takes the first
            given["random_samples"] = drawn if x.ndim == dimensions + 2 else drawn[0]
        ours = getattr(pooling, family)(x.numpy(), **given)
        numpy.testing.assert_allclose(ours, theirs.numpy(), rtol=1e-12, atol=1e-12)
        made = rebuilt(name, layer)
        if made is not None:
            numpy.testing.assert_allclose(made(x).numpy(), theirs.numpy(), rtol=1e-9, atol=1e-12)
    record_property("outside", [SUITE, len(every), len(every)])


def test_none_is_missing() -> None:
    """As many as there were; a new release of torch may have more."""
    assert not lost(SUITE, found())
