"""Graphs run on symbols: in which dtypes operations have an exact meaning."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy
import pytest
import torch
import torch.nn.functional as F

from proofs.systems import SYSTEMS
from verify.judge.elements import Arithmetic
from verify.judge.interpreter import UninterpretedError, interpret
from verify.judge.tracing import Function, traced

Network = Callable[[torch.Tensor], torch.Tensor]


def run(network: Network, system: str, dtype: torch.dtype) -> list[str]:
    """Return what a network makes of two elements a and b, which stand for tensors of a dtype."""
    arithmetic = Arithmetic(SYSTEMS[system])
    graph = traced(Function(network), torch.zeros(1, 1, 2, dtype=dtype))
    x = numpy.array([arithmetic.variable("a"), arithmetic.variable("b")], dtype=object)
    result = interpret(graph, x.reshape(1, 1, 2), arithmetic, math.inf)
    return [str(entry) for entry in result.flat]


def tenth(x: torch.Tensor) -> torch.Tensor:
    """Return a tenth as a tensor of float32, which no number of float16 is."""
    return torch.full((1, 1, 2), 0.1, dtype=torch.float32)


KEPT: list[tuple[Network, str, torch.dtype]] = [
    (lambda x: x.float(), "real", torch.float32),
    (lambda x: x.to(x.dtype), "real", torch.float64),
    (lambda x: x.to(x.dtype, copy=True), "int8", torch.int8),
    (lambda x: x.double(), "real", torch.float32),
    (lambda x: x.float().to(x.dtype), "real", torch.bfloat16),
    (lambda x: x.float(), "float16", torch.float16),
    (lambda x: x.float().double().type_as(x), "bfloat16", torch.bfloat16),
]


@pytest.mark.parametrize(("network", "system", "dtype"), KEPT)
def test_casts_that_lose_nothing_keep_the_elements(
    network: Network, system: str, dtype: torch.dtype
) -> None:
    """A cast to the input's own dtype or to a wider one is the identity."""
    assert run(network, system, dtype) == ["a", "b"]


ROUNDING: list[tuple[Network, str, torch.dtype, str]] = [
    (lambda x: x.half(), "real", torch.float32, "to, line .*: its result is float16, which rounds"),
    (lambda x: x.float(), "real", torch.float64, "to, line .*: its result is float32, which"),
    (lambda x: x.half(), "real", torch.bfloat16, "to, line .*: its result is float16, which"),
    (lambda x: x.bfloat16(), "real", torch.float16, "to, line .*: its result is bfloat16, which"),
    (lambda x: x.to(torch.float8_e5m2), "real", torch.float32, "its result is float8_e5m2, which"),
    (lambda x: x.long(), "real", torch.float32, "its result is int64, which rounds"),
    (lambda x: x.bfloat16(), "float16", torch.float16, "its result is bfloat16, not float16"),
    (lambda x: x.float(), "int8", torch.int8, "its result is float32, not int8"),
    (lambda x: x.short(), "int8", torch.int8, "its result is int16, not int8"),
    (lambda x: x.float() + x, "float16", torch.float16, "its result is float32, not float16"),
    (lambda x: x.sum(dtype=torch.float32), "float16", torch.float16, "its result is float32, not"),
    (lambda x: torch.full_like(x.float(), 0.1), "float16", torch.float16, "its result is float32"),
    (lambda x: torch.maximum(x.float(), tenth(x)), "float16", torch.float16, "is not a value of"),
    (lambda x: x.view(torch.int32).view(x.dtype), "real", torch.float32, "its result is int32"),
    (lambda x: x.double().view(torch.float32), "real", torch.float32, "the same bits read in"),
]


@pytest.mark.parametrize(("network", "system", "dtype", "message"), ROUNDING)
def test_what_rounds_in_another_dtype_is_refused(
    network: Network, system: str, dtype: torch.dtype, message: str
) -> None:
    """Narrower dtypes, integers, and arithmetic in a wider dtype than the number system's."""
    with pytest.raises(UninterpretedError, match=message):
        run(network, system, dtype)


SELECTIONS: list[tuple[Network, Network]] = [
    (lambda x: F.max_pool1d(x.float(), 2), lambda x: F.max_pool1d(x, 2)),
    (lambda x: F.relu(-x.double()).to(x.dtype), lambda x: F.relu(-x)),
    (lambda x: x.float().flip(-1).clamp(min=0.5), lambda x: x.flip(-1).clamp(min=0.5)),
    (lambda x: torch.where(x.float() > 0, x.float(), 1.0), lambda x: torch.where(x > 0, x, 1.0)),
]


@pytest.mark.parametrize(("wide", "narrow"), SELECTIONS)
def test_selections_are_exact_in_a_wider_dtype(wide: Network, narrow: Network) -> None:
    """What returns elements that it was given means the same in float16 and above it."""
    assert run(wide, "float16", torch.float16) == run(narrow, "float16", torch.float16)


def test_arithmetic_in_a_wider_dtype_is_exact_over_the_reals() -> None:
    """Nothing rounds there, whatever the dtype."""
    assert run(lambda x: (x.double() * 2).float(), "real", torch.float32) == ["a·2", "b·2"]


def test_truth_values_of_numbers() -> None:
    """A number becomes the truth of its not being 0, and a truth value 1 or 0."""
    truths = run(lambda x: x.bool().float(), "real", torch.float32)
    assert truths == run(lambda x: (x != 0).float(), "real", torch.float32)
    assert truths != ["a", "b"]
