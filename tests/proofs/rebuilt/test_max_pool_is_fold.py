from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pooling.rebuilt.maximum import one_by_one, relu_merge
from proofs.evaluate import evaluate
from proofs.rebuilt.max_pool_is_fold import folded
from proofs.systems import SYSTEMS
from verify.strategies import elements


@pytest.mark.parametrize("name", ["int8", "float16", "float32"])
@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_the_claim_is_about_what_the_module_computes(name: str, data: st.DataObject) -> None:
    """Bit for bit the fold of the claim is the fold of the module, right or wrong."""
    system = SYSTEMS[name]
    taps = data.draw(st.lists(elements(system), min_size=1, max_size=6))
    stated = evaluate(folded, {"first": taps[0], "x": tuple(taps[1:])}, system)
    (computed,) = system.elements(one_by_one([system.tensor([tap]) for tap in taps], relu_merge))
    assert system.equal(stated, computed)


def test_two_taps_are_enough_to_be_wrong() -> None:
    """The smallest wrap: 0 against the least number of int8."""
    taps = torch.tensor([-128, 0], dtype=torch.int8)
    assert int(relu_merge(taps[0], taps[1])) == -128
