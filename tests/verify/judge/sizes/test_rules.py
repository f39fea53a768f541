"""The table of rules."""

from __future__ import annotations

import pytest
import torch

from verify.judge.sizes.rules import RULES, carries, elementwise, regular, rule_of

aten = torch.ops.aten


def test_every_overload_has_one_rule() -> None:
    """A second one is refused."""
    with pytest.raises(ValueError, match="two rules"):
        carries(aten.cat.default)(elementwise)
    assert RULES[aten.cat.default] is not elementwise


def test_what_goes_element_by_element_shares_a_rule() -> None:
    """As torch's own tag says, and of torch's own operators alone."""
    assert rule_of(aten.maximum.default) is elementwise
    assert rule_of(aten.tril.default) is None


def test_plain_tensors_are_known() -> None:
    """Of known sizes."""
    assert [n.known for n in regular(torch.zeros(2, 1, 3)).shape] == [2, 1, 3]
