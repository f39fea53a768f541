"""The brute-force count that the formulas have to match."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.costmodel.counted_numbers import counted


@pytest.fixture(scope="session")
def count_operations() -> Callable[..., Counter[str]]:
    """Return a function that counts what a reference definition does, by kind of operation."""
    return counted
