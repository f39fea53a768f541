"""Halved inputs, where the conditions of the claim do not hold."""

from __future__ import annotations

from proofs.evaluate import evaluate
from proofs.max_by_relu.forms._forms import FORMS
from proofs.max_by_relu.forms.halves_never_overflow_inside import claim
from proofs.systems import SYSTEMS


def test_a_saturating_format_is_left_out() -> None:
    """In float8_e4m3fn the forms differ at the largest number and its negative, as is said."""
    values = {"a": 448.0, "b": -448.0}
    found = {
        form: evaluate(FORMS[form], values, SYSTEMS["float8_e4m3fn"])
        for form in ("halves", "difference")
    }
    assert found == {"halves": 448.0, "difference": 0.0}
    assert "not in float8_e4m3fn" in claim.holds
