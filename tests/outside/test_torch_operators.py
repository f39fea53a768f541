"""torch's own samples of its pooling operators, computed by the definitions, shapes by the cost.

A share of them, another on every day of the month, unless ``POOLPROOF_OUTSIDE=all`` asks for all,
as ``make full`` does.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable
from datetime import date
from functools import cache
from typing import Any

import numpy
import pytest
import torch
from torch.testing._internal.common_methods_invocations import op_db

import costmodel
import pooling
from tests.outside.totals import lost, recorded

# That import forbids torch's flags for the rest of the process, of whatever test: it is undone.
torch.backends.disable_global_flags.__globals__["__allow_nonbracketed_mutation_flag"] = True

SUITE = "torch operators"

#: Of operators with more samples, about so many run each day.
SHARE = 60

#: Arguments by place, in the order of torch's functions.
PLACES = {
    "max": ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices"),
    "avg": (
        "kernel_size", "stride", "padding", "ceil_mode", "count_include_pad", "divisor_override",
    ),
    "adaptive": ("output_size", "return_indices"),
    "fractional": ("kernel_size", "output_size", "output_ratio", "return_indices"),
    "max_unpool": ("indices", "kernel_size", "stride", "padding", "output_size"),
}  # fmt: skip


@cache
def samples(operator: str) -> list[Any]:
    """Return torch's samples of an operator, drawn from a fixed seed."""
    info: Any
    (info,) = [
        op for op in op_db if op.name == f"nn.functional.{operator}" and not op.variant_test_name
    ]
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [*info.sample_inputs("cpu", torch.float64)]


def share(operator: str) -> list[Any]:
    """Return the samples that run today."""
    every = samples(operator)
    if os.environ.get("POOLPROOF_OUTSIDE") == "all" or len(every) <= SHARE:
        return every
    step = -(-len(every) // SHARE)
    return every[date.today().day % step :: step]


def arguments_of(operator: str, sample: Any) -> dict[str, Any]:
    """Return the arguments of a sample by name."""
    family = operator[:-2]
    places = PLACES.get(family) or PLACES[family.partition("_")[0]]
    given = {**dict(zip(places, sample.args, strict=False)), **sample.kwargs}
    return {name: value for name, value in given.items() if value is not None}


@pytest.mark.parametrize("operator", recorded(SUITE))
def test_samples_of_torch(operator: str, record_property: Callable[[str, object], None]) -> None:
    """Values are torch's, of what draws none; shapes are those that the cost says."""
    compared = 0
    dimensions = int(operator[-2])
    function = getattr(torch.nn.functional, operator)
    for sample in share(operator):
        given = arguments_of(operator, sample)
        theirs = function(sample.input, *sample.args, **sample.kwargs)
        theirs = theirs[0] if isinstance(theirs, tuple) else theirs
        x = sample.input.detach().numpy()
        indices = given.pop("indices", None)
        drawn = given.pop("_random_samples", None)
        if "output_size" in given and operator.startswith("max_unpool"):
            given["output_size"] = tuple(given["output_size"])[-dimensions:]
        shape = tuple(sample.input.shape)
        assert costmodel.cost(operator, shape, **given).output_shape == tuple(theirs.shape)
        given.pop("return_indices", None)
        for name in ("kernel_size", "output_size"):
            if name in given:
                entries = given[name]
                whole = entries if isinstance(entries, tuple | list) else (entries,) * dimensions
                given[name] = tuple(whole) * (dimensions // len(whole))
        beside = {} if indices is None else {"indices": indices.numpy()}
        if operator.startswith("fractional"):
            if drawn is None:  # torch draws, and says nothing of it
                continue
            beside = {"random_samples": drawn.numpy().reshape(*x.shape[:-dimensions], dimensions)}
        ours = getattr(pooling, operator[:-2])(x, **given, **beside)
        numpy.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-12, atol=1e-12)
        compared += 1
    assert compared == len(share(operator)) or operator.startswith("fractional")
    record_property("outside", [SUITE, len(samples(operator)), compared])


def found() -> dict[str, int]:
    """Count the samples of every operator."""
    names = [op.name.removeprefix("nn.functional.") for op in op_db if not op.variant_test_name]
    return {name: len(samples(name)) for name in names if name[:-2].endswith(("pool", "unpool"))}


def test_none_is_missing() -> None:
    """As many as there were; a new release of torch may have more."""
    assert not lost(SUITE, found())
