from __future__ import annotations

import pytest

from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.terms import relu, variables
from verify.engines.z3 import Z3

a, b = variables("a b")


@pytest.mark.parametrize(
    ("system", "reads"),
    [("float8_e5m2", False), ("float16", True), ("bfloat16", True), ("float32", True),
     ("float64", False), ("float8_e4m3fn", False), ("int64", True), ("rounding", True)],
)  # fmt: skip
def test_what_it_reads(system: str, reads: bool) -> None:
    """No format whose exponent outweighs its significand, and none of 53 bits."""
    assert Z3().supports(Theorem(a.maximum(b) == relu(a - b) + b), SYSTEMS[system]) is reads
