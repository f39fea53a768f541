"""What the judge returns: statements, numbers that can be told apart, plain data."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.equivalence import digits_apart


def test_different_numbers_are_written_with_enough_digits() -> None:
    """A padding of −10⁹ loses to inputs below it, by less than nine digits show."""

    def padded(x: torch.Tensor) -> torch.Tensor:
        return F.pad(x, (1, 1), value=-1e9).unfold(-1, 3, 2).amax(-1)

    found = equivalent(padded, "max_pool1d(3, 2, 1)", (1, 1, 3))
    assert found.verdict is Verdict.REFUTED
    left, right = found.reason.split(" at ")[0].split(" instead of ")
    assert left != right
    assert found.counterexample is not None
    assert float(left) == found.counterexample.module_value
    assert digits_apart(1.0, 1.0, least=9) == 9
    assert digits_apart(math.nan, 0.5, least=9) == 9
    assert digits_apart(0.1, 0.1 + 2**-56, least=9) == 17


def test_findings_are_data() -> None:
    """A finding as plain data: words for NaN, lists for tensors."""
    found = equivalent(lambda x: x * math.nan, "max_pool1d(1)", (1, 1, 1))
    data = found.to_dict()
    assert data["verdict"] == "REFUTED"
    assert data["counterexample"]["module_output"] == [[["nan"]]]
    assert data["counterexample"]["reference_value"] == 0.0
    assert data["counterexample"]["index"] == [0, 0, 0]


def test_in_a_notebook() -> None:
    """The verdict, the statement, and the input on which a wrong answer fails."""
    wrong = equivalent(lambda x: x[..., ::2, ::2], "max_pool2d(kernel_size=2)", (1, 2, 4, 4))
    shown = wrong._repr_html_()
    assert "<th>REFUTED</th>" in shown and "<td>counterexample</td>" in shown
    right = equivalent(torch.nn.MaxPool2d(2), "max_pool2d(kernel_size=2)", (1, 1, 4, 4))
    assert right.statement in right._repr_html_() and "counterexample" not in right._repr_html_()
