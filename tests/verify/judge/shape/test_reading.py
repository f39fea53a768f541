"""What is read of both sides: terms, kinds of window, and one place alone."""

from __future__ import annotations

import time
from typing import Any

import torch

from proofs.systems import SYSTEMS
from verify.judge.shape.question import Question
from verify.judge.shape.reading import Reading
from verify.judge.side import Side
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.terms import Terms


def read(module: Any, reference: Any, count: int = 4) -> Reading:
    """Return both sides as terms over the reals."""
    mine, theirs = (Side(one, SYSTEMS["real"], ((count,),)) for one in (module, reference))
    question = Question(mine, theirs, SYSTEMS["real"], ((count,),), time.perf_counter() + 60)
    return Reading.of(question, Algebra(Terms(count), SYSTEMS["real"]))


def test_places_with_one_graph_are_one_kind() -> None:
    """Two pairs of taps are alike, and what is no pair is not."""
    both = read(lambda x: torch.maximum(x[::2], x[1::2]), lambda x: torch.maximum(x[1::2], x[::2]))
    assert both.complete and both.unseen == []
    (only,) = both.kinds(*both.ids, late=lambda: False)
    assert only.places.tolist() == [0, 1]
    mixed = read(lambda x: torch.cat([x[:2], x[2:] * 2]), lambda x: x)
    assert len(mixed.kinds(*mixed.ids, late=lambda: False)) == 2


def test_one_place_alone() -> None:
    """Its terms are made of the elements that it depends on, and of no others."""
    both = read(lambda x: torch.maximum(x[::2], x[1::2]), lambda x: x[::2])
    local = both.local((1,))
    assert local is not None
    assert sorted(local[2]) == [2, 3]
    assert both.index(1) == (1,)


def test_what_is_not_read_is_not_complete() -> None:
    """An error function has no exact meaning: no terms, and no place alone."""
    both = read(lambda x: x.erf(), lambda x: x)
    assert not both.complete
    assert "erf: it has no exact meaning here" in both.unseen[0]
    assert both.local((0,)) is None
    assert (both.whose(both.left), both.whose(both.right)) == ("the module", "the reference")
