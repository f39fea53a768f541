"""Errors around the worst input: runs of both sides, one or two elements moved."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from verify.judge import equivalent
from verify.judge.tolerance.around import POINTS


def merge(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return the larger of two."""
    return F.relu(b - a) + a


def test_two_elements_are_moved() -> None:
    """In range, each error what a run shows, none beyond the bound."""
    found = equivalent(
        merge, torch.maximum, ((2,), (2,)), "float16", between=(-1, 1), drawn=True, why=False
    )
    assert found.tolerance is not None
    assert found.worst is not None
    seen = found.tolerance.around
    assert seen is not None
    (place,) = found.worst.index
    assert seen.elements == (place, place + 2)
    assert len(seen.errors) == POINTS
    assert 0 < max(seen.errors) <= found.tolerance.absolute
    a, b = (torch.tensor(values, dtype=torch.float16) for values in seen.values)
    off = (merge(a, b).double() - torch.maximum(a, b).double()).abs()
    assert off.tolist() == list(seen.errors)
    assert all(-1 <= value <= 1 for values in seen.values for value in values)


def test_one_element_and_none_drawn() -> None:
    """A line; and nothing unless it is asked for."""

    def third(x: torch.Tensor) -> torch.Tensor:
        return x * (1 / 3)

    def quotient(x: torch.Tensor) -> torch.Tensor:
        return x / 3

    asked = (third, quotient, (1,), "float32")
    found = equivalent(*asked, between=(1, 2), drawn=True, why=False)
    assert found.tolerance is not None
    assert found.tolerance.around is not None
    assert found.tolerance.around.elements == (0,)
    found = equivalent(*asked, between=(1, 2), why=False)
    assert found.tolerance is not None
    assert found.tolerance.around is None


def test_when_there_is_no_error() -> None:
    """The weakest condition found, of the float format itself."""
    found = equivalent(merge, torch.maximum, ((1,), (1,)), "float16", between=(-1, 1))
    assert found.condition is not None
    assert "whole number, from −1024 to 1024" in found.condition.words
