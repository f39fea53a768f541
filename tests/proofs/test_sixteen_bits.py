"""The sweeps that the checker leaves out for their seconds: every pair of both 16-bit formats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from proofs import claims
from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.engines.engine import Settings

#: Sums of bfloat16 numbers have more bits than a float64, in which programs compute exact values:
#: of these statements too many pairs would be left for fractions to decide.
UNDECIDED = {
    ("right-iff-difference-exact", "bfloat16", "errs as the difference does"),
    ("wrong-iff-odd-significand", "bfloat16", "when it is wrong"),
}


def _left_out() -> Iterator[tuple[str, str, Theorem]]:
    for claim in claims().values():
        for system in ("float16", "bfloat16"):
            for part in claim.parts_in(system) if system in claim.expected else ():
                if isinstance(part, Theorem) and "exhaustive/*16" in part.beyond:
                    yield claim.id, system, part


LEFT_OUT = [case for case in _left_out() if (case[0], case[1], case[2].name) not in UNDECIDED]


def test_what_is_left_out() -> None:
    """Only what is declared to hold, and the exceptions are among it."""
    assert all(claims()[claim].expected[system].affirms for claim, system, _ in LEFT_OUT)
    assert {(claim, system, part.name) for claim, system, part in _left_out()} > UNDECIDED


@pytest.mark.slow
@pytest.mark.parametrize(
    ("system", "theorem"),
    [case[1:] for case in LEFT_OUT],
    ids=[f"{claim}-{system}-{theorem.name}" for claim, system, theorem in LEFT_OUT],
)
def test_every_pair(system: str, theorem: Theorem) -> None:
    """What is only tested in the formats of 16 bits holds for each of their 2^32 pairs."""
    unrestricted = replace(theorem, beyond={})
    evidence = ENGINES["exhaustive"].examine(unrestricted, SYSTEMS[system], Settings())
    assert evidence.verdict is Verdict.EXHAUSTED, evidence
