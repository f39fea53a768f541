from __future__ import annotations

import json
import math
from fractions import Fraction
from typing import Any

import numpy
import pytest
import torch

from proofs.evaluate import evaluate
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat, floor_log2
from proofs.systems.number_system import UnsupportedError
from proofs.terms import Term, constant, free_variables, variables, widened
from verify.sweeps.elements import Elements, elements
from verify.sweeps.measurement import Measurement, measure, pairs
from verify.sweeps.program import measuring
from verify.sweeps.sweep import Block, Compiled

a, b = variables("a b")
MAXIMUM = a.maximum(b)


def format_of(name: str) -> FloatFormat:
    """Return the format."""
    found = SYSTEMS[name]
    assert isinstance(found, FloatFormat)
    return found


def by_torch(form: str, system: str, *, positive: bool) -> dict[str, int]:
    """Count with torch's own arithmetic over all pairs of an 8-bit format, written out by hand."""
    every = format_of(system).all_elements().to(torch.float32)
    chosen = every[every.isfinite() & (~every.signbit() if positive else every == every)]
    x, y = (column.flatten() for column in torch.meshgrid(chosen, chosen, indexing="ij"))
    greatest = float(format_of(system).greatest)

    def fl(exact: torch.Tensor) -> torch.Tensor:
        if not format_of(system).infinities:
            exact = exact.clamp(-greatest, greatest)
        return exact.to(getattr(torch, system)).to(torch.float32)

    match form:
        case "difference":
            found = fl(torch.relu(fl(x - y)) + y)
        case "mirror":
            found = fl(torch.relu(fl(y - x)) + x)
        case "three-relus":
            found = fl(fl(torch.relu(fl(x - y)) + torch.relu(y)) - torch.relu(-y))
        case "distance":
            found = fl(fl(fl(x + y) + fl(x - y).abs()) / 2)
        case "halves":
            half = fl(torch.relu(fl(fl(x / 2) - fl(y / 2))) + fl(y / 2))
            found = fl(half + half)
        case _:
            found = fl(torch.relu(x - y) + y)
    wanted = torch.maximum(x, y)
    return {
        "pairs": len(x),
        "exact": int((found == wanted).sum()),
        "inexact": int(((found != wanted) & found.isfinite()).sum()),
        "overflowing": int(found.isinf().sum()),
        "nan": int(found.isnan().sum()),
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("system", ["float8_e4m3fn", "float8_e5m2"])
def test_counts_are_torchs(system: str, form: str) -> None:
    """All pairs of finite numbers, and those without a minus sign."""
    found = measure(FORMS[form], MAXIMUM, system)
    for part, positive in ((found.finite, False), (found.non_negative, True)):
        expected = by_torch(form, system, positive=positive)
        assert {name: getattr(part, name) for name in expected} == expected
        assert part.wrong == expected["pairs"] - expected["exact"]
        assert part.fraction_wrong == part.wrong / part.pairs


@pytest.mark.parametrize("form", ["difference", "distance", "halves"])
def test_worst_pairs_are_the_worst_in_fractions(form: str) -> None:
    """Every pair of an 8-bit format without a minus sign, judged one by one."""
    system = format_of("float8_e5m2")
    known = elements("float8_e5m2")
    part = measure(FORMS[form], MAXIMUM, "float8_e5m2").non_negative
    worst = {"absolute": Fraction(0), "relative": Fraction(0), "ulps": Fraction(0)}
    first: dict[str, tuple[float, float]] = {}
    values = [float(x) for x in known.values[: known.non_negative]]
    for x in values:
        for y in values:
            got = evaluate(FORMS[form], {"a": x, "b": y}, system)
            wanted = max(x, y)
            if got == wanted or not math.isfinite(got):
                continue
            error, size = abs(Fraction(got) - Fraction(wanted)), Fraction(wanted)
            exponent = max(floor_log2(size), system.least_exponent)
            errors = {
                "absolute": error,
                "relative": error / size,
                "ulps": error / Fraction(2) ** (exponent - system.precision + 1),
            }
            for name, this in errors.items():
                if this > worst[name]:
                    worst[name], first[name] = this, (x, y)
    for name, expected in worst.items():
        pair = getattr(part, f"worst_{name}")
        assert Fraction(getattr(pair, name)).limit_denominator(10**9) == expected
        assert (pair.a, pair.b) == first[name]


def test_float16() -> None:
    """Figures found by exhaustive runs of other programs: a NumPy loop and a C program."""
    known = elements("float16")
    assert (known.non_negative, known.finite) == (31744, 63488)
    assert pairs("float16") == 63488**2


def small(monkeypatch: pytest.MonkeyPatch, count: int = 400) -> None:
    """Leave some numbers of each format only."""

    def few(name: str, seed: int = 0) -> Elements:
        known = elements(name, seed)
        rng = numpy.random.default_rng(0)
        positive = numpy.sort(rng.choice(known.non_negative, count, replace=False))
        negative = known.non_negative + positive[positive < known.finite - known.non_negative]
        values = numpy.ascontiguousarray(known.values[numpy.concatenate([positive, negative])])
        return Elements(values, count, len(values), known.complete)

    for place in ("measurement", "sweep", "blocks"):
        monkeypatch.setattr(f"verify.sweeps.{place}.elements", few)


@pytest.mark.parametrize("form", [*FORMS])
@pytest.mark.parametrize("system", ["float16", "bfloat16", "float32", "float64"])
def test_torch_on_a_device_finds_the_same(
    monkeypatch: pytest.MonkeyPatch, system: str, form: str
) -> None:
    """Every field, with torch on the CPU in the place of a GPU."""
    if (system, form) == ("float64", "wide"):
        return
    __import__("verify.sweeps.blocks")
    small(monkeypatch)
    ours = measure(FORMS[form], MAXIMUM, system)
    theirs = measure(FORMS[form], MAXIMUM, system, device="cpu")
    assert ours.finite.inexact > 0
    assert theirs == ours


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("system", ["float8_e4m3fn", "float8_e5m2"])
def test_torch_finds_the_same_in_every_pair(system: str, form: str) -> None:
    """And in 8-bit formats over all pairs."""
    ours = measure(FORMS[form], MAXIMUM, system, workers=2)
    assert measure(FORMS[form], MAXIMUM, system, device="cpu") == ours


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_workers_do_not_matter(workers: int) -> None:
    """Nothing depends on how many there are."""
    found = measure(FORMS["distance"], MAXIMUM, "float8_e5m2", workers=workers)
    assert found == measure(FORMS["distance"], MAXIMUM, "float8_e5m2")


def test_progress_adds_up() -> None:
    """All pairs are told of, and their number is known beforehand."""
    told: list[int] = []
    measure(MAXIMUM, MAXIMUM, "float8_e5m2", progress=told.append)
    assert sum(told) == pairs("float8_e5m2") == 248**2


def test_what_is_exact() -> None:
    """A form that is the target has no worst pair and no first."""
    part = measure(b.maximum(a), MAXIMUM, "float8_e5m2").finite
    assert (part.wrong, part.worst_ulps, part.first_inexact, part.first_nan) == (
        0,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("form", [constant(1), a, b, abs(b)], ids=str)
def test_what_has_not_both_variables_is_measured_at_all_pairs(form: Term) -> None:
    """A constant is as far off in torch as in the compiled program, pair by pair."""
    ours, theirs = (
        measure(form, constant(0), "float8_e5m2", device=device) for device in (None, "cpu")
    )
    assert ours == theirs
    if not free_variables(form):
        assert ours.finite.inexact == ours.finite.pairs


@pytest.mark.parametrize("device", [None, "cpu"])
def test_what_overflows_as_it_should_is_exact(device: str | None) -> None:
    """A target that is infinite itself, or NaN, is met by the same."""
    for form in (a + a, (a + a) - (a + a)):
        part = measure(form, form, "float8_e5m2", device=device).finite
        assert part.exact == part.pairs == 248**2


def test_overflow_and_nan() -> None:
    """Doubling overflows for large numbers, and twice a number less as much is NaN there."""
    part = measure(a + a, a, "float8_e5m2").finite
    assert part.overflowing == 2 * 4 * 248 and part.nan == 0
    assert part.first_overflowing is not None
    assert (part.first_overflowing.a, part.first_overflowing.computed) == (32768.0, math.inf)
    assert (part.first_overflowing.absolute, part.first_overflowing.ulps) == (None, None)
    part = measure((a + a) - (a + a), a - a, "float8_e5m2").finite
    assert (part.nan, part.overflowing, part.inexact) == (2 * 4 * 248, 0, 0)
    assert part.first_nan is not None and math.isnan(part.first_nan.computed)


def test_a_wanted_zero_has_no_relative_error() -> None:
    """It has one in ulps: there the unit is that of the smallest numbers."""
    part = measure(b, b - b, "float8_e5m2").finite
    assert part.worst_relative is not None and part.worst_relative.relative is None
    assert part.worst_ulps is not None and part.worst_ulps.ulps == 57344 * 2**16


def test_samples_say_so() -> None:
    """float64 is TESTED, with its seed; as data it is JSON without NaN or infinities."""
    found = measure(a + b, a, "float64", seed=3)
    assert (found.verdict, found.seed, found.finite.pairs) == ("TESTED", 3, pairs("float64", 3))
    data = found.to_dict()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["finite"]["worst_ulps"]["wanted"] == 0.0
    assert data["finite"]["first_overflowing"]["computed"] in ("inf", "-inf")
    assert measure(a, a, "float8_e5m2").verdict == "EXHAUSTED"


def test_what_cannot_be_measured() -> None:
    """Nothing is wider than float64, and integers are no floats."""
    with pytest.raises(UnsupportedError, match="wider"):
        measure(widened(a), a, "float64")
    with pytest.raises(KeyError, match="int8"):
        measure(a, a, "int8")


@pytest.mark.slow
def test_all_of_float16_by_torch() -> None:
    """A strip of the whole plane, with the columns that torch and the program share."""
    rows = elements("float16").values[: elements("float16").finite][5::331]
    every = torch.tensor(elements("float16").values[: elements("float16").finite]).half()
    found: dict[str, Any] = {"inexact": 0, "overflowing": 0}
    for x in torch.tensor(rows).half():
        rebuilt, wanted = torch.relu(x - every) + every, torch.maximum(x, every)
        found["inexact"] += int(((rebuilt != wanted) & rebuilt.isfinite()).sum())
        found["overflowing"] += int(rebuilt.isinf().sum())
    program = measuring(FORMS["difference"], MAXIMUM, format_of("float16"))
    kernel = Compiled(program)
    counts = {"inexact": 0, "overflowing": 0}
    for row in range(5, elements("float16").finite, 331):
        tally = kernel(Block((row, row + 1), (0, elements("float16").finite)))
        counts = {name: counts[name] + tally.counts[name] for name in counts}
    assert counts == found


@pytest.mark.slow
def test_the_whole_of_float16() -> None:
    """The figures that independent exhaustive programs found."""
    found = measure(FORMS["difference"], MAXIMUM, "float16")
    assert isinstance(found, Measurement)
    assert found.finite.pairs == 63488**2 and found.non_negative.pairs == 31744**2
    worst = found.non_negative.worst_ulps
    assert worst is not None and worst.ulps == 1.0
    assert found.finite.worst_relative is not None and found.finite.worst_relative.relative == 1.0
