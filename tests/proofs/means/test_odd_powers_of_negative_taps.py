from __future__ import annotations

import pytest

from proofs.claim import CheckFailedError
from proofs.means.odd_powers_of_negative_taps import judged, negative_sum


def test_what_is_said_of_the_simplest_taps() -> None:
    """One negative tap is NaN for p = 3 and 2.5 and none for p = 1, 2."""
    assert [negative_sum((-1, 0), p) for p in (1, 2, 2.5, 3)] == [False, False, True, True]
    assert not negative_sum((-1, 2), 3) and negative_sum((-1, 2), 2.5)


def test_a_wrong_word_is_seen() -> None:
    """Torch itself refutes it."""
    assert judged(negative_sum, lambda p: p % 2 == 0).endswith("of them NaN")
    with pytest.raises(CheckFailedError, match=r"p = 1, taps \(-6, -6\)"):
        judged(negative_sum, lambda p: True)
