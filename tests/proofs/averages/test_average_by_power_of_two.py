from __future__ import annotations

from dataclasses import replace

import pytest

from proofs.averages.average_by_power_of_two import agree, claim, exact
from proofs.claim import CheckFailedError, Theorem
from proofs.systems import NATIVE_FLOATS, SYSTEMS
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.engines.engine import Settings


@pytest.mark.parametrize("dtype", NATIVE_FLOATS)
def test_powers_of_two(dtype: str) -> None:
    """All schemes agree for 2^j taps; for three, nine and 49 some windows differ."""
    assert agree(dtype, (2, 4, 8)).endswith("2, 4, 8 taps, bit for bit")
    for taps in (3, 9, 49):
        with pytest.raises(CheckFailedError, match=f"{taps} taps: .* ≠ .* of windows"):
            agree(dtype, (taps,))


def test_subnormal_halves_are_lost() -> None:
    """Where halving underflows, dividing first is not dividing last."""
    with pytest.raises(CheckFailedError, match="4 taps: "):
        agree("float16", (4,), scale=2.0**-24)


@pytest.mark.parametrize("dtype", NATIVE_FLOATS)
def test_exact_sums_of_whole_numbers(dtype: str) -> None:
    """With 16 taps whole numbers average without any error; with nine they do not."""
    assert exact(dtype, 16).endswith("exact")
    with pytest.raises(CheckFailedError, match="9 taps, "):
        exact(dtype, 9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("engine", "system", "verdict"),
    [
        ("bitwuzla", "float16", Verdict.PROVED),
        ("exhaustive", "float16", Verdict.EXHAUSTED),
        ("exhaustive", "bfloat16", Verdict.EXHAUSTED),
    ],
)
def test_what_takes_too_long_for_every_run(engine: str, system: str, verdict: Verdict) -> None:
    """The theorem is proved in float16, and true of all pairs of both 16-bit formats."""
    theorem = next(part for part in claim.parts if isinstance(part, Theorem))
    within_reach = replace(theorem, beyond={})
    settled = ENGINES[engine].examine(within_reach, SYSTEMS[system], Settings())
    assert settled.verdict is verdict
