"""How far a rewritten operation is from the operation, over all pairs of elements of a format."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any

from proofs.evaluate import evaluate
from proofs.notation import text
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.terms import Term
from verify.sweeps.elements import elements
from verify.sweeps.program import (
    ABSOLUTE,
    INEXACT,
    NAN,
    OVERFLOWING,
    RELATIVE,
    ULPS,
    measuring,
)
from verify.sweeps.sweep import ROWS, Block, Compiled, Place, Tally, Work, sweep


@dataclass(frozen=True)
class Pair:
    """A pair of inputs, what the form gives there, and what it should give.

    The errors are ``None`` where one of the two results is no number, and the relative one also
    where it would be a division by zero. ``ulps`` is the absolute error in units in the last place
    of the wanted result: its distance to the next number of the format, away from zero.
    """

    a: float
    b: float
    computed: float
    wanted: float
    absolute: float | None
    relative: float | None
    ulps: float | None


@dataclass(frozen=True)
class Part:
    """What was found over one set of pairs, none of which has an input that is NaN or infinite.

    Of ``pairs`` pairs the form is ``exact`` at some: zeros of both signs are the same number. It is
    ``overflowing``, infinite, or it is ``nan`` at others, where the target is neither. At the rest
    it is ``inexact``, and there stand the worst errors. Of pairs that are equally bad, up to the
    last bits of the type in which errors are compared, the simplest is shown.
    """

    pairs: int
    exact: int
    inexact: int
    overflowing: int
    nan: int
    worst_absolute: Pair | None
    worst_relative: Pair | None
    worst_ulps: Pair | None
    #: The simplest pair of each kind, in the order of :class:`~verify.sweeps.elements.Elements`.
    first_inexact: Pair | None
    first_overflowing: Pair | None
    first_nan: Pair | None

    @property
    def wrong(self) -> int:
        """How many pairs are not exact."""
        return self.pairs - self.exact

    @property
    def fraction_wrong(self) -> float:
        """The fraction of pairs that are not exact."""
        return self.wrong / self.pairs


@dataclass(frozen=True)
class Measurement:
    """How far ``form`` is from ``target`` in a float format.

    ``verdict`` is ``EXHAUSTED`` if every pair of the format was tried, and ``TESTED`` if pairs of
    a sample were, drawn with ``seed``, which is ``None`` otherwise.
    """

    form: str
    target: str
    system: str
    verdict: str
    seed: int | None
    finite: Part
    non_negative: Part

    def to_dict(self) -> dict[str, Any]:
        """Return it as data for JSON, which has no infinities: there they are words."""
        return _fit_for_json(asdict(self))  # type: ignore[no-any-return]


def measure(
    form: Term,
    target: Term,
    system: str,
    *,
    seed: int = 0,
    device: str | None = None,
    executor: Executor | None = None,
    workers: int | None = None,
    progress: Callable[[int], Any] = lambda pairs: None,
) -> Measurement:
    """Measure ``form`` against ``target``, terms in the variables a and b, in a float format.

    Formats of up to 16 bits are exhausted; of float32 and float64 the pairs of a sample are tried,
    about 10⁹, among them every difference of exponents. The work is cut into blocks and given to
    ``executor``, without which ``workers`` threads do it; nothing that is found depends on either.
    With ``device``, a name of torch's such as ``"cuda"``, torch computes there instead.
    ``progress`` is told how many pairs are done, block by block: :func:`pairs` in all.

    Raises ``KeyError`` if ``system`` is no float format and ``UnsupportedError`` if it has no such
    operator, as float64 has nothing wider.

    >>> from proofs.terms import relu, variables
    >>> a, b = variables("a b")
    >>> found = measure(relu(a - b) + b, a.maximum(b), "float8_e5m2")
    >>> found.non_negative.pairs, found.non_negative.wrong, found.non_negative.worst_ulps.ulps
    (15376, 116, 1.0)
    """
    known = elements(system, seed)
    number_system = SYSTEMS[system]
    assert isinstance(number_system, FloatFormat)
    work: Work
    if device is None:
        work, rows = Compiled(measuring(form, target, number_system), seed), ROWS
    else:
        from verify.sweeps.blocks import InTorch, rows_in_torch

        work, workers = InTorch(form, target, system, device, seed), 1
        rows = rows_in_torch(device, known.non_negative)
    quarters = [
        sweep(work, block.cut(rows), executor=executor, workers=workers, progress=progress)
        for block in _quarters(system, seed)
    ]
    whole = sum(quarters, Tally())

    def pair(place: Place | None) -> Pair | None:
        if place is None:
            return None
        a, b = (float(known.values[index]) for index in place)
        return _pair(form, target, number_system, a, b)

    def part(tally: Tally) -> Part:
        found = {name: place for name, (_, place) in tally.greatest.items()}
        bad = tally.counts
        return Part(
            pairs=tally.pairs,
            exact=tally.pairs - bad[INEXACT] - bad[OVERFLOWING] - bad[NAN],
            inexact=bad[INEXACT],
            overflowing=bad[OVERFLOWING],
            nan=bad[NAN],
            worst_absolute=pair(found.get(ABSOLUTE)),
            worst_relative=pair(found.get(RELATIVE)),
            worst_ulps=pair(found.get(ULPS)),
            first_inexact=pair(tally.first.get(INEXACT)),
            first_overflowing=pair(tally.first.get(OVERFLOWING)),
            first_nan=pair(tally.first.get(NAN)),
        )

    return Measurement(
        form=text(form),
        target=text(target),
        system=system,
        verdict="EXHAUSTED" if known.complete else "TESTED",
        seed=None if known.complete else seed,
        finite=part(whole),
        non_negative=part(quarters[0]),
    )


def pairs(system: str, seed: int = 0) -> int:
    """Return how many pairs :func:`measure` tries: those of finite elements.

    >>> pairs("float16")
    4030726144
    """
    return elements(system, seed).finite ** 2


def _quarters(system: str, seed: int) -> list[Block]:
    """Return the quarters of the plane of finite pairs; no input of the first is negative."""
    known = elements(system, seed)
    positive, negative = (0, known.non_negative), (known.non_negative, known.finite)
    return [
        Block(rows, columns) for rows in (positive, negative) for columns in (positive, negative)
    ]


def _pair(form: Term, target: Term, system: FloatFormat, a: float, b: float) -> Pair:
    """Return the pair with its errors, computed in fractions by the format's own rounding."""
    computed, wanted = (float(evaluate(term, {"a": a, "b": b}, system)) for term in (form, target))
    if not (math.isfinite(computed) and math.isfinite(wanted)):
        return Pair(a, b, computed, wanted, None, None, None)
    error, size = abs(Fraction(computed) - Fraction(wanted)), abs(Fraction(wanted))
    unit = system.ulp(wanted)
    assert unit is not None  # of a finite number
    relative = _float(error / size) if size else None
    return Pair(a, b, computed, wanted, _float(error), relative, _float(error / unit))


def _float(x: Fraction) -> float:
    try:
        return float(x)
    except OverflowError:
        return math.inf


def _fit_for_json(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: _fit_for_json(item) for key, item in data.items()}
    return str(data) if isinstance(data, float) and not math.isfinite(data) else data
