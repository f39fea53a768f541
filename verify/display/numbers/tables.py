"""The measurements of several forms side by side: as tables, in a terminal and in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from verify.sweeps.measurement import Measurement, Pair, Part

if TYPE_CHECKING:
    from rich.console import Console

#: Version of the JSON layout; raised when a field changes its meaning or goes away.
SCHEMA = 1

#: Form → its measurement, all in one format.
Measurements = Mapping[str, Measurement]

HEADINGS = ("form", "wrong", "a, b ≥ 0", "overflow", "NaN", "ulps", "a, b ≥ 0", "relative")
NOTE = (
    "wrong: pairs at which the form is not max(a, b); overflow: those at which it is infinite; "
    "ulps, relative: the worst error, in units in the last place of the maximum and relative to it"
)


def rows(measurements: Measurements) -> list[tuple[str, ...]]:
    """Return a row of the table for each form, under :data:`HEADINGS`."""
    return [
        (
            name,
            percent(found.finite),
            percent(found.non_negative),
            f"{found.finite.overflowing:,}",
            f"{found.finite.nan:,}",
            _figure(found.finite.worst_ulps, "ulps"),
            _figure(found.non_negative.worst_ulps, "ulps"),
            _figure(found.finite.worst_relative, "relative"),
        )
        for name, found in measurements.items()
    ]


def percent(part: Part) -> str:
    """Return the fraction of wrong pairs in percent, never rounded to none or to all.

    >>> from proofs.terms import half, variables
    >>> from verify.sweeps.measurement import measure
    >>> a, b = variables("a b")
    >>> percent(measure(half(a + b), half(b + a), "float8_e5m2").finite)
    '0'
    """
    if part.wrong == 0:
        return "0"
    if part.fraction_wrong < 0.00005:
        return f"{100 * part.fraction_wrong:.1e} %"
    return f"{100 * part.fraction_wrong:.2f} %"


def _figure(pair: Pair | None, name: str) -> str:
    error = None if pair is None else getattr(pair, name)
    if error is None:
        return "–" if pair is not None else "0"
    return f"{error:,.0f}" if error == int(error) and error < 1e6 else f"{error:.3g}"


def scope(measurement: Measurement) -> str:
    """Return what was tried, in words."""
    pairs = f"{measurement.finite.pairs:,}"
    if measurement.seed is None:
        return f"{measurement.verdict}: all {pairs} pairs of finite numbers"
    return (
        f"{measurement.verdict}: {pairs} pairs of finite numbers, a sample with every difference "
        f"of exponents, seed {measurement.seed}"
    )


def examples(measurement: Measurement) -> list[str]:
    """Return where the form is worst, and how else it goes wrong, a line for each."""
    finite, positive = measurement.finite, measurement.non_negative
    told = (
        ("worst", finite.worst_ulps),
        ("worst, a, b ≥ 0", positive.worst_ulps),
        ("overflows", finite.first_overflowing),
        ("NaN", finite.first_nan),
    )
    return [f"{what}: {_told(pair)}" for what, pair in told if pair is not None] or ["exact"]


def _told(pair: Pair) -> str:
    return f"a = {pair.a!r}, b = {pair.b!r} gives {pair.computed!r} for {pair.wanted!r}"


def advice(measurements: Measurements) -> list[str]:
    """Return which form to use when, a sentence for each case, as the measurements say."""
    sentences = []
    for what, part in (
        ("all finite inputs", "finite"),
        ("inputs that are not negative", "non_negative"),
    ):
        found = {name: getattr(m, part) for name, m in measurements.items()}
        exact = [name for name, said in found.items() if not said.wrong]
        inexact = {name: said for name, said in found.items() if said.wrong}
        if exact:
            sentences.append(f"{what}: {_listed(exact)} {_verb(exact, 'is', 'are')} always right")
        if inexact:
            best = _wrong_least_often(inexact)
            some = inexact[best[0]]
            sentences.append(
                f"{what}: of the {'others' if exact else 'forms'} {_listed(best)} "
                f"{_verb(best, 'errs', 'err')} least often, at {percent(some)} of "
                f"pairs and by up to {_ulps(some)}"
            )
    safe = _safe(measurements)
    if _saturates(measurements):
        sentences.append("what is past the largest number becomes that number, in every form")
    elif not safe:
        sentences.append("every form overflows at some pair of finite inputs")
    elif len(safe) < len(measurements):
        sentences.append(f"only {_listed(safe)} never {_verb(safe, 'overflows', 'overflow')}")
    else:
        sentences.append("no form overflows")
    return sentences


#: What a row of :func:`choice` is about.
CHOICES = ("format", "a, b ≥ 0", "any finite a, b", "never overflows")


def choice(measurements: Measurements) -> tuple[str, ...]:
    """Return which forms to use in one format, a cell for each of :data:`CHOICES`."""
    cells = []
    for part in ("non_negative", "finite"):
        found = {name: getattr(m, part) for name, m in measurements.items()}
        inside = {name: said for name, said in found.items() if name != "wide"}
        cells.append("; else ".join(dict.fromkeys(map(_best, filter(None, (found, inside))))))
    return next(iter(measurements.values())).system, *cells, _safe_in_words(measurements)


def _safe_in_words(measurements: Measurements) -> str:
    if _saturates(measurements):
        return "all: it saturates"
    return _listed(_safe(measurements)) or "none"


def _safe(measurements: Measurements) -> list[str]:
    """Return the forms that no pair of finite numbers makes infinite or NaN."""
    return [n for n, m in measurements.items() if not m.finite.overflowing + m.finite.nan]


def _saturates(measurements: Measurements) -> bool:
    """Say whether the format has no infinities to overflow to."""
    system = SYSTEMS[next(iter(measurements.values())).system]
    return isinstance(system, FloatFormat) and not system.infinities


def _best(found: Mapping[str, Part]) -> str:
    """Return the forms that are wrong least often, and how wrong they are."""
    best = _wrong_least_often(found)
    said = found[best[0]]
    if not said.wrong:
        return f"{_listed(best)}, always right"
    beyond = " or infinite" if said.overflowing else ""
    return f"{_listed(best)}, wrong at {percent(said)} by up to {_ulps(said)}{beyond}"


def _ulps(part: Part) -> str:
    figure = _figure(part.worst_ulps, "ulps")
    return f"{figure} ulp" if figure == "1" else f"{figure} ulps"


def _wrong_least_often(found: Mapping[str, Part]) -> list[str]:
    fewest = min(said.wrong for said in found.values())
    return [name for name, said in found.items() if said.wrong == fewest]


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def _verb(subjects: Sequence[str], one: str, many: str) -> str:
    return one if len(subjects) == 1 else many


def print_page(console: Console, measurements: Measurements) -> None:
    """Print the table, the pairs that attain its figures, and the advice."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    some = next(iter(measurements.values()))
    console.print(Text(f"{some.target} in {some.system}", style="bold"))
    console.print(scope(some), soft_wrap=True)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for number, heading in enumerate(HEADINGS):
        table.add_column(heading, no_wrap=True, justify="right" if number else "left")
    for row in rows(measurements):
        table.add_row(*row)
    console.print(table)
    console.print(NOTE)
    for name, found in measurements.items():
        console.print()
        console.print(Text(f"{name}: {found.form}", style="bold"), soft_wrap=True)
        for line in examples(found):
            console.print(Text(f"  {line}"), soft_wrap=True)
    console.print()
    for sentence in advice(measurements):
        console.print(Text(sentence), soft_wrap=True)


def markdown(measurements: Measurements) -> str:
    """Return the same as a section of Markdown."""
    some = next(iter(measurements.values()))
    lines = [f"## {some.system}", "", f"{scope(some)}.", ""]
    lines += [f"| {' | '.join(row)} |" for row in (HEADINGS, ("---",) * len(HEADINGS))]
    lines += [f"| {' | '.join(row)} |" for row in rows(measurements)]
    lines += [""]
    for name, found in measurements.items():
        lines += [f"- **{name}**, `{found.form}`: {'; '.join(examples(found))}"]
    lines += ["", *(f"- {sentence}" for sentence in advice(measurements))]
    return "\n".join(lines) + "\n"


def to_dict(measurements: Measurements) -> dict[str, Any]:
    """Return the same as what ``json.dumps`` takes; the layout is in ``docs/report.md``."""
    return {
        "schema": SCHEMA,
        "forms": {name: found.to_dict() for name, found in measurements.items()},
    }
