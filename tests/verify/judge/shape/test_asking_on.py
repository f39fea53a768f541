"""The condition under which a refuted module is right, as runs confirm it."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from verify.judge import equivalent


def test_runs_confirm_a_condition() -> None:
    """It is right where the condition holds, and wrong on the input that is shown."""

    def network(x: torch.Tensor) -> torch.Tensor:
        return F.relu(F.max_pool1d(x, 2))

    found = equivalent(network, "max_pool1d(2)", (1, 1, 4))
    assert found.condition is not None
    assert str(found.condition) == "right exactly if the largest tap of every window is ≥ 0"
    outside = found.condition.outside
    assert not torch.equal(network(outside), F.max_pool1d(outside, 2))
    assert found.condition.runs > 0


def test_what_is_not_read_has_no_condition() -> None:
    """Nobody knows of an error function where it is right."""
    found = equivalent(lambda x: x.erf().amax(-1, keepdim=True), "max_pool1d(2)", (1, 1, 2))
    assert found.condition is None
    assert found.no_condition == "it is not read as terms"


def test_of_several_inputs_all_are_shown() -> None:
    """One alone may well meet the condition."""
    shape = ((1,), (1,))
    found = equivalent(lambda a, b: F.relu(b - a) + a, torch.maximum, shape, "float16")
    assert found.condition is not None
    inputs = (found.condition.outside, *found.condition.others)
    assert len(inputs) == 2
    assert not torch.equal(F.relu(inputs[1] - inputs[0]) + inputs[0], torch.maximum(*inputs))
    assert found.condition.to_dict()["others"] == [inputs[1].tolist()]


def test_what_is_right_nowhere_has_no_condition() -> None:
    """One more everywhere: that is said."""
    found = equivalent(lambda x: F.max_pool1d(x, 2) + 1, "max_pool1d(2)", (1, 1, 4))
    assert found.condition is None
    assert found.no_condition == "none of those that were tried makes it right"
