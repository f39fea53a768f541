from __future__ import annotations

import pytest

from proofs.claim import CheckFailedError
from proofs.means.softmax.softmax_pool_shifts_but_does_not_scale import scaled_by


def test_the_definition_at_the_counterexample() -> None:
    """2/3 of log 2 becomes 8/5, not 4/3, and 4/3 at twice the temperature."""
    assert "2*log(2)/3 and 8*log(2)/5" in scaled_by(2, 1, follows=False)
    assert scaled_by(2, 2, follows=True)
    for temperature, follows in ((1, True), (2, False)):
        with pytest.raises(CheckFailedError):
            scaled_by(2, temperature, follows)
