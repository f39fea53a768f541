"""What was counted beside what was predicted, as plain text and as data.

A line for each check and tool, and one for each layer that fails.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from verify.measure.finding import DIFFERS, EQUAL, ERROR, SKIPPED, Finding
from verify.measure.notes import Notes, Timing, Traffic

#: Version of the JSON layout; raised when a field changes its meaning or goes away.
SCHEMA = 1

WORDS = (EQUAL, DIFFERS, SKIPPED, ERROR)


def page(
    findings: Sequence[Finding], traffic: Sequence[Traffic] = (), timings: Sequence[Timing] = ()
) -> str:
    """Return the whole report.

    >>> print(page([Finding("launch", "torch.profiler", None, "SKIPPED", reason="no GPU")]))
    check   tool            EQUAL  DIFFERS  SKIPPED  ERROR
    launch  torch.profiler      0        0        1      0
    <BLANKLINE>
    SKIPPED  1 check: no GPU
    <BLANKLINE>
    0 EQUAL, 0 DIFFERS, 1 SKIPPED, 0 ERROR: nothing was compared
    """
    parts = ["\n".join(_summary(findings))]
    parts.append("\n".join(_exceptions(findings)))
    if traffic:
        parts.append("\n".join(_traffic(traffic)))
    if timings:
        parts.append("\n".join(_timings(timings)))
    totals = Counter(finding.status for finding in findings)
    closing = ", ".join(f"{totals[word]} {word}" for word in WORDS)
    compared = totals[EQUAL] + totals[DIFFERS]
    parts.append(closing if compared else f"{closing}: nothing was compared")
    return "\n\n".join(part for part in parts if part)


def to_dict(
    findings: Sequence[Finding], notes: Notes, device: str, exit_code: int
) -> dict[str, Any]:
    """Return the same as what ``json.dumps`` takes; the layout is in ``docs/report.md``."""
    return {
        "schema": SCHEMA,
        "exit_code": exit_code,
        "device": device,
        "findings": [finding.to_dict() for finding in findings],
        **notes.to_dict(),
    }


def table(rows: Iterable[Sequence[Any]], left: int) -> Iterator[str]:
    """Yield lines of aligned columns, the first ``left`` of them to the left.

    >>> list(table([("a", 10), ("bc", 2)], left=1))
    ['a   10', 'bc   2']
    """
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = [
            cell.ljust(width) if place < left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield "  ".join(padded).rstrip()


def _summary(findings: Sequence[Finding]) -> Iterator[str]:
    counts: dict[tuple[str, str], Counter[str]] = {}
    for finding in findings:
        counts.setdefault((finding.check, finding.tool), Counter())[finding.status] += 1
    rows = [(*key, *[statuses[word] for word in WORDS]) for key, statuses in counts.items()]
    return table([("check", "tool", *WORDS), *rows], left=2)


def _exceptions(findings: Sequence[Finding]) -> Iterator[str]:
    whole = [finding for finding in findings if finding.layer is None]
    # What is missing is missing for every check alike.
    for (status, reason), count in Counter((one.status, one.reason) for one in whole).items():
        yield f"{status}  {count} check{'s' * (count > 1)}: {reason}"
    for finding in findings:
        if finding.layer is None or finding.status == EQUAL:
            continue
        where = f"{finding.check} by {finding.tool}, {finding.layer.name}"
        yield f"{finding.status}  {where}: {finding.reason}"
        if finding.status == DIFFERS:
            yield f"    predicted {finding.predicted}"
            yield f"    counted   {finding.counted}"


def _traffic(traffic: Sequence[Traffic]) -> Iterator[str]:
    rows = [
        (
            row["layer"],
            f"{row['compulsory']:,}",
            f"{row['read'] + row['written']:,}",
            f"{(row['read'] + row['written']) / row['compulsory']:.3f}",
        )
        for row in traffic
    ]
    return table([("bytes moved", "compulsory", "by the hardware", "ratio"), *rows], left=1)


def _timings(timings: Sequence[Timing]) -> Iterator[str]:
    rows = [
        (
            timing.layer,
            timing.variant,
            "×".join(map(str, timing.shape)),
            _figure(timing.seconds, 1e6),
            _figure(timing.bandwidth, 1e-9),
            _figure(timing.share, 100),
            _figure(timing.native, 1),
        )
        for timing in timings
        if timing.pairs is None
    ]
    yield from table(
        [("time", "variant", "input", "µs", "GB/s", "% of copy", "× native"), *rows], left=3
    )
    for timing in timings:
        if timing.pairs and timing.seconds:
            yield (
                f"{timing.layer}: {timing.pairs:,} of {timing.shape[1] ** 2:,} swept in "
                f"{timing.seconds:.2f} s, {timing.pairs / timing.seconds:.3g} in a second"
            )
        if timing.reason:
            yield f"no time for {timing.layer}, {timing.variant}: {timing.reason}"


def _figure(value: float | None, factor: float) -> str:
    return "-" if value is None else f"{value * factor:,.2f}"
