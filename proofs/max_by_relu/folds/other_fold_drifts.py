"""The fold m ← ReLU(m − t) + t drifts: its error grows with the number of taps, without a bound.

Written this way round, a step computes with the tap even if the tap is smaller, and every step
rounds. Nothing pulls the result back to the maximum, so the errors add up. The taps below make each
step err upwards by one unit, an ulp of the first tap:

Count in ulps of 1, of which 1 is N = 2^(p−1). The maximum so far is N + i, and the tap is −(N + k),
both of p bits. Their difference 2N + i + k has p + 1 bits and must be even to be a float; if i + k
leaves 3 when divided by 4, it is a tie that goes up by one. Taking the tap off again is exact and
leaves N + i + 1. So k runs through 3, 2, 1, 0 and again, and after n taps a maximum of 1 has become
1 + n·ulp(1), for all n < N.

The spread of these taps is just above 2, so a bound of 2u/(1+u)·(max − min), which the fold the
other way round obeys for ever, is broken by the third tap.
"""

from fractions import Fraction
from functools import partial

from proofs.claim import PROVED_BOUNDED, Check, CheckFailedError, Claim, expect
from proofs.evaluate import evaluate
from proofs.max_by_relu.folds.fold_error_bound import first, folded, m, t, x
from proofs.max_by_relu.forms._forms import by_difference
from proofs.systems import NATIVE_FLOATS, SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.terms import Term, fold

turned_round = fold(first, x, m, t, by_difference(m, t))
#: A window of 7 × 7; the binade of bfloat16 would last for 127 steps.
MOST_TAPS = 48


def drifting_taps(precision: int, number: int) -> tuple[float, ...]:
    """Return taps of which each lifts a fold that starts at 1 by 2^(1 − precision).

    >>> drifting_taps(3, 2)
    (-1.75, -1.5)
    """
    units = 1 << (precision - 1)
    return tuple(-1 - (3 - step) % 4 / units for step in range(number))


def drift(system: str, form: Term, per_tap: int) -> str:
    """See that a fold over n drifting taps ends ``per_tap``·n ulps above their maximum, 1.

    Raises ``CheckFailedError`` at the first n for which it does not.
    """
    one = SYSTEMS[system]
    assert isinstance(one, FloatFormat)
    unit = Fraction(1, 1 << (one.precision - 1))
    for number in range(1, MOST_TAPS + 1):
        taps = drifting_taps(one.precision, number)
        result = Fraction(evaluate(form, {"first": 1.0, "x": taps}, one))
        if result != 1 + per_tap * number * unit:
            raise CheckFailedError(f"after {number} taps the result is {float(result)}")
    return f"1 becomes {float(result)} after {MOST_TAPS} smaller taps"


def checks(name: str, form: Term, per_tap: int) -> tuple[Check, ...]:
    """Return the check of :func:`drift` in every format."""
    return tuple(
        Check(
            name=name,
            engine="certificate",
            run=partial(drift, system, form, per_tap),
            grants=PROVED_BOUNDED,
            systems=(system,),
            bound=f"n up to {MOST_TAPS}",
        )
        for system in NATIVE_FLOATS
    )


claim = Claim(
    __name__,
    title="The fold m ← ReLU(m − t) + t can end n ulps above the maximum of n + 1 taps.",
    holds="ulps of that maximum, n up to 48; over the same taps m ← ReLU(t − m) + m is exact",
    why="Every step rounds, also at taps that are smaller, and the errors add up.",
    source="constructed here; error growth of recursive summation: Higham, Accuracy and "
    "Stability, section 4.2",
    generality="up to 49 taps, counted out in each format",
    parts=(
        *checks("one ulp with every tap", turned_round, 1),
        *checks("none in the order of the claim beside", folded, 0),
    ),
    expected=expect(PROVED_BOUNDED, NATIVE_FLOATS),
    mutants={
        "the right order drifts too": checks("", folded, 1)[0],
        "the other order does not drift": checks("", turned_round, 0)[0],
        "two ulps with every tap": checks("", turned_round, 2)[0],
    },
)
