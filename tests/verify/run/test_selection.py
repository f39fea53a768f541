"""Which claims an expression selects, and what it says of one that is none."""

from __future__ import annotations

import pytest

from verify.run.selection import selector

IDS = ("max-is-relu", "max-is-relu-saturating", "min-is-negated-max", "output-size")


@pytest.mark.parametrize(
    ("expression", "selected"),
    [
        ("relu", {"max-is-relu", "max-is-relu-saturating"}),
        ("max-is-relu", {"max-is-relu"}),
        ("not relu", {"min-is-negated-max", "output-size"}),
        ("relu or size", {"max-is-relu", "max-is-relu-saturating", "output-size"}),
        ("max and not relu", {"min-is-negated-max"}),
        ("relu or min and size", {"max-is-relu", "max-is-relu-saturating"}),
        ("(relu or min) and size", set()),
        ("not (relu or min)", {"output-size"}),
        ("not not size", {"output-size"}),
    ],
)
def test_expression_selects(expression: str, selected: set[str]) -> None:
    """Words match parts of ids, a whole id only itself; and binds tighter than or."""
    chosen = selector(expression, IDS)
    assert {name for name in IDS if chosen(name)} == selected


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "-k '': a word is missing before the end"),
        ("relu and", "-k 'relu and': a word is missing before the end"),
        ("or relu", "-k 'or relu': a word is missing before or"),
        ("(relu", "-k '(relu': a parenthesis is not closed"),
        ("relu min", "-k 'relu min': 'and' or 'or' is missing before min"),
        ("relu)", "-k 'relu)': 'and' or 'or' is missing before )"),
    ],
)
def test_what_is_no_expression_is_refused(expression: str, message: str) -> None:
    """The message names the expression and the place."""
    with pytest.raises(ValueError) as refusal:
        selector(expression, IDS)
    assert str(refusal.value) == message
