"""Which instructions a run goes through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from verify.judge.sizes.steps import Steps, unfollowed, user_line


def followed(function: Callable[[Any], Any], given: Any) -> Steps:
    """Return the steps of one call."""
    steps = Steps()
    with steps.followed():
        function(given)
    return steps


def test_other_instructions_are_other_steps() -> None:
    """Branches, also within one line, and loops of other lengths."""

    def one_line(x: int) -> bool:
        return isinstance(x, bool) or x > 3

    def loop(x: int) -> int:
        return sum(i for i in range(x))

    assert followed(one_line, 1) == followed(one_line, 7)
    assert followed(one_line, True) != followed(one_line, 1)
    assert followed(loop, 3) == followed(loop, 3)
    assert followed(loop, 3) != followed(loop, 4)
    assert followed(one_line, 1) != "steps"


def test_what_a_library_does_is_not_followed() -> None:
    """The layer's own code is the same for all."""
    layer = torch.nn.ReLU()
    assert followed(layer, torch.zeros(2)).count == 0


def test_the_line_is_the_users() -> None:
    """A sentence ends with the line that ran."""
    assert user_line().endswith("of test_steps.py")


def test_what_is_not_to_be_followed_is_not() -> None:
    """Nor are the steps before and after it lost."""

    def outer(x: int) -> int:
        with unfollowed():
            y = max([i * x for i in range(x)])
        return y + 1

    assert followed(outer, 2) == followed(outer, 3)
    assert followed(outer, 2).count > 0
