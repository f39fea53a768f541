"""Which instructions a run goes through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from verify.judge.sizes.lengths import Length, Sizes
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


def test_what_is_raised_is_a_step_although_it_is_caught() -> None:
    """The same instructions run, whatever the exception was."""
    table = {1: 0}

    def looked_up(x: object) -> int:
        try:
            return table[x]  # type: ignore[index]
        except Exception:
            return 0

    assert followed(looked_up, 5) == followed(looked_up, 7)
    assert followed(looked_up, 5) != followed(looked_up, [5])


def test_code_made_while_the_program_runs_is_followed() -> None:
    """That of a library, such as how its dataclasses are told apart, is not."""
    made: dict[str, Any] = {}
    exec("def f(x):\n    return x if x > 3 else -x", made)
    assert followed(made["f"], 5).count > 0
    assert followed(made["f"], 5) != followed(made["f"], 1)

    def asked(length: Any) -> bool:
        return Sizes({"H": (1, 1)}, {"H": 9}).at_least(length, 0)

    noted = Length.of({("H",): 1, (): -3})
    assert followed(asked, noted) == followed(asked, 1)
