"""Runs against terms and each other: what is rounding, and what is a difference."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from proofs.systems import SYSTEMS
from proofs.verdict import Verdict
from verify.judge import NotJudgedError, equivalent
from verify.judge.shape.agreement import Agreement
from verify.judge.shape.question import Question
from verify.judge.shape.reading import Reading
from verify.judge.side import Side
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.terms import Terms


def agreement(module: Any, reference: Any, count: int = 2) -> tuple[Question, Agreement]:
    """Return how two functions agree over the reals, and what is asked of them."""
    mine, theirs = (Side(one, SYSTEMS["real"], ((count,),)) for one in (module, reference))
    question = Question(mine, theirs, SYSTEMS["real"], ((count,),), time.perf_counter() + 60)
    read = Reading.of(question, Algebra(Terms(count), SYSTEMS["real"]))
    return question, Agreement(question, read)


def test_a_run_that_is_not_what_its_terms_say() -> None:
    """Which side it is, the input and the place are named."""
    question, agreed = agreement(lambda x: x + 1, lambda x: 1 + x)
    ((x, own),) = agreed.valued(iter([torch.tensor([1.0, 2.0])]))
    left, right = question.run(x)
    assert agreed.difference(x, left, right, own) is None
    assert agreed.difference(x, left, right + torch.tensor([0.0, 1.0]), own) == (1,)
    with pytest.raises(NotJudgedError) as raised:
        agreed.difference(x, left + 1, right + 1, own)
    assert str(raised.value) == (
        "the module does not compute what its trace says at input [1, 2]: 3 instead of 2 at "
        "output [0]"
    )


def test_exact_values_of_one_place() -> None:
    """A third is no float, and what is computed exactly is one."""
    _, agreed = agreement(lambda x: x / 3, lambda x: x)
    x = torch.tensor([1.0, 2.0])
    assert agreed.exact(x, (1,), agreed.read.left) == Fraction(2, 3)
    assert agreed.exact(x, (1,), agreed.read.right) == 2


def test_overflow_is_noted_and_is_no_difference() -> None:
    """What overflows on the way is to be said of the first such input."""
    question, agreed = agreement(lambda x: (x + x) / 2, lambda x: x)
    for number in (1e38, 3e38, 3.2e38):
        ((x, own),) = agreed.valued(iter([torch.full((2,), number)]))
        assert agreed.difference(x, *question.run(x), own) is None
    assert agreed.remarks == {"values overflow, or are undefined,": "[3e+38, 3e+38]"}


def test_small_differences_count_and_rounding_does_not() -> None:
    """A weight of 0.250001 is no 1/4; (x + 1e20) − 1e20 is x in exact arithmetic."""

    def quarter(x: torch.Tensor) -> torch.Tensor:
        return F.conv1d(x, torch.full((1, 1, 4), 0.250001), stride=4)

    found = equivalent(quarter, "avg_pool1d(4)", (1, 1, 4))
    assert found.verdict is Verdict.REFUTED
    assert equivalent(lambda x: (x + 1e20) - 1e20, lambda x: x, (2,)).verdict.settles
