"""The table of operators: keyed by the overload itself, with variants in place and with ``out``."""

from __future__ import annotations

import pytest
import torch

from verify.judge.operators import COMPUTING, HANDLERS
from verify.judge.operators.registry import interprets

aten = torch.ops.aten


def test_variants_have_the_handler_of_their_operator() -> None:
    """``relu_`` and ``relu.out`` are ``relu``; a custom operator of that name is not."""
    assert HANDLERS[aten.relu.default] is HANDLERS[aten.relu_.default]
    assert aten.relu.out in HANDLERS
    assert {aten.add.Tensor, aten.add_.Tensor, aten.add.out} <= COMPUTING
    assert not {aten.relu.default, aten.flip.default, aten.amax.default} & COMPUTING
    assert all(overload.namespace == "aten" for overload in HANDLERS)


def test_an_overload_has_one_handler() -> None:
    """A second one is refused, and the first stays."""
    before = HANDLERS[aten.relu.default]
    with pytest.raises(ValueError, match=r"aten.relu.default has two handlers"):
        interprets(aten.relu.default)(lambda reader, x: x)
    assert HANDLERS[aten.relu.default] is before


def test_nothing_random_is_interpreted() -> None:
    """Operators that torch says to draw have no handler."""
    seeded = [o for o in HANDLERS if torch.Tag.nondeterministic_seeded in o.tags]
    assert seeded == []
