from __future__ import annotations

import pytest

from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.terms import relu, variables
from verify.engines.cvc5 import Cvc5

a, b = variables("a b")


@pytest.mark.parametrize(
    ("system", "reads"),
    [("float8_e5m2", True), ("float16", True), ("bfloat16", True), ("float32", True),
     ("float64", True), ("float8_e4m3fn", False), ("int64", True), ("rounding", True)],
)  # fmt: skip
def test_what_it_reads(system: str, reads: bool) -> None:
    """Every format of SMT-LIB's theory; about another it is asked in the system of all at once."""
    stated = Theorem(a.maximum(b) == relu(a - b) + b)
    assert Cvc5().takes(stated, SYSTEMS[system]) is reads
    assert Cvc5().supports(stated, SYSTEMS[system])
