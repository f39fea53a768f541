"""A summed-area table against a direct sum, window by window."""

from __future__ import annotations

from proofs.costs.summed_area_pays_off import additions
from proofs.evaluate import evaluate
from proofs.systems import SYSTEMS


def test_one_window_is_not_enough() -> None:
    """A single window of 3 × 3 takes 12 additions by a table and 8 directly; four are enough."""
    integer = SYSTEMS["integer"]

    def counted(algorithm: str, windows: int) -> int:
        values = {"k": 3, "m": windows}
        found: int = evaluate(additions(algorithm), values, integer)
        return found

    assert (counted("summed_area", 1), counted("direct", 1)) == (12, 8)
    assert counted("summed_area", 2) < counted("direct", 2)
