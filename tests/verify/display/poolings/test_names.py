"""Poolings by their names, and the sentences that speak of them."""

from __future__ import annotations

import inspect
import re

import pytest
import torch
from torch.nn.modules import pooling as of_torch

import costmodel
import pooling
from costmodel.layers import layer_call
from verify.display.poolings.names import NamedOperator, named, names, spoken_of


@pytest.mark.parametrize("operator", costmodel.operators())
def test_an_operator_is_itself(operator: str) -> None:
    """In all dimensions, backward passes too."""
    assert named(operator) == [NamedOperator(operator)]


@pytest.mark.parametrize("name", [*of_torch.__all__, *pooling.__all__])
def test_a_module_is_found_by_its_class(name: str) -> None:
    """Its page is of its operator, in its dimensions, and names it."""
    if not re.search(r"[a-z]\dd$", name):
        return
    found = named(f"torch.nn.{name}")
    (page,) = found
    assert page.operator.endswith(name[-2:])
    assert name in {module.rpartition(".")[2] for module in page.layers}
    assert (page.layer == "") is not name.startswith(("Global", "PowerAverage"))


@pytest.mark.parametrize("operator", [x for x in costmodel.operators() if x.endswith("2d")])
def test_modules_are_those_that_cost_the_operator(operator: str) -> None:
    """The cost model, which looks at a layer and not at its name, says the same."""
    layers = (
        f"{place.__name__.removesuffix('.modules.pooling')}.{name}"
        for place in (of_torch, pooling)
        for name in place.__all__
        if name.endswith("2d") and applied(getattr(place, name)) == operator
    )
    assert named(operator)[0].layers == [*layers]


def applied(kind: type[torch.nn.Module]) -> str:
    """Return the operator that the cost model takes a layer of that class for."""
    given = {"kernel_size": 2, "output_size": 1, "norm_type": 2, "channels": 2}
    taken = inspect.signature(kind).parameters
    call = layer_call(kind(**{name: value for name, value in given.items() if name in taken}))
    assert call is not None
    return call[0]


@pytest.mark.parametrize(
    ("names", "operators"),
    [
        ("average mean Avg AVERAGE-pooling average_pool avg_pool2d avg-pooling-2d", "avg_pool2d"),
        ("max maximum max-pool maxpool MaxPool2d torch.nn.MaxPool2d", "max_pool2d"),
        ("min minimum-pooling", "min_pool2d"),
        ("lse LSE-pooling logsumexp log-sum-exp log_sum_exp_pool2d", "logsumexp_pool2d"),
        ("lp LP-pooling", "lp_pool2d"),
        ("power power-average power_avg_pool2d", "lp_pool2d"),
        ("power-average-1d PowerAveragePool1d", "lp_pool1d"),
        ("fractional fractional-max FractionalMaxPool2d", "fractional_max_pool2d"),
        ("global-average GlobalAvgPool2d global_avg_pool", "adaptive_avg_pool2d"),
        ("global global-pool", "adaptive_avg_pool2d adaptive_max_pool2d"),
        ("adaptive adaptive_pool2d", "adaptive_avg_pool2d adaptive_max_pool2d"),
        ("adaptive_pool3d global-3d", "adaptive_avg_pool3d adaptive_max_pool3d"),
        ("softmax-pooling", "softmax_pool2d"),
        ("pooling pool 2d - sum fractional1d softmin maxmax", ""),
        ("unpool unpooling max-unpooling MaxUnpool2d", "max_unpool2d"),
        ("k-max KMaxPool2d top-k", "k_max_pool2d"),
        ("blur anti-aliased-pooling BlurPool2d", "blur_pool2d"),
    ],
)
def test_spellings(names: str, operators: str) -> None:
    """Dashes, capitals, *pool* or *pooling* or neither, long words for short ones."""
    for name in names.split():
        assert [page.operator for page in named(name)] == operators.split(), name
        assert named(name.replace("-", " ")) == named(name)


def test_suggestions_are_names() -> None:
    """Whatever may be suggested has a page."""
    assert {"fractional-pooling", "global-average-pooling", "min-pooling"} <= {*names()}
    assert all(named(name) for name in names())


def test_an_example_is_what_the_operator_needs() -> None:
    """Its arguments without a default; those that a module sets are the module's."""
    (fractional,) = named("fractional")
    assert fractional.example == {"kernel_size": 2, "output_size": 7}
    assert [page.example for page in named("global")] == [{"output_size": 1}] * 2
    for operator in costmodel.operators():
        dimensions = re.search(r"(\d)d", operator)
        assert dimensions is not None
        cost = costmodel.cost(
            operator, (9,) * (1 + int(dimensions[1])), **named(operator)[0].example
        )
        assert cost.flops > 0 or cost.indices > 0


@pytest.mark.parametrize(
    ("subject", "sentences", "families"),
    [
        ("x", "The maximum of an average.", ""),
        ("x", "With mixed signs, of stochastic or softmax weights.", ""),
        ("x", "Max-pooling.", "max"),
        ("x", "It is pooling by the maximum.", ""),
        ("x", "Fractional max-pooling.", "fractional_max"),
        ("x", "Global average pooling is an adaptive pooling.", "adaptive_avg adaptive_max"),
        ("x", "avg_pool2d divides once, adaptive_max_pool2d never.", "avg adaptive_max"),
        ("x", "Softmax and log-sum-exp pooling.", "softmax logsumexp"),
        ("x", "Max or average or min-pooling.", "max avg min"),
        ("power-average-decreases", "The average.", "lp"),
        ("average-by-power-of-two", "Halving.", "avg"),
        ("relu-of-the-softmax", "Weights.", "softmax"),
        ("fractions-of-minima", "Softmaxima.", ""),
    ],
)
def test_what_a_claim_speaks_of(subject: str, sentences: str, families: str) -> None:
    """A pooling in the id, or before the word in the sentences; the longest name only."""
    assert spoken_of(subject, sentences) == {f"{family}_pool" for family in families.split()}
