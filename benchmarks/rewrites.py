"""The judge on poolings in other words: each right one and its wrong twin.

    python -m benchmarks.rewrites

judges every pair of ``examples/rewrites`` and writes the tables of ``docs/rewrites.md``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from examples.rewrites import Pair, families
from proofs.verdict import Verdict
from verify.judge import equivalent

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "rewrites.md"
BEGIN, END = "<!-- rewrites: begin -->\n", "<!-- rewrites: end -->\n"
#: Seconds for one verdict; all together take some fifteen.
TIMEOUT = 60.0


class Row(NamedTuple):
    """A pair and what was said of both."""

    family: str
    pair: Pair
    right: Verdict
    wrong: Verdict


def judged() -> list[Row]:
    """Return what is said of every pair."""
    rows = []
    for family, pairs in families():
        for pair in pairs:
            said = [
                equivalent(network, pair.reference, pair.shape, pair.system, timeout=TIMEOUT)
                for network in (pair.right, pair.wrong)
            ]
            rows.append(Row(family, pair, said[0].verdict, said[1].verdict))
    return rows


def tables(rows: Sequence[Row]) -> str:
    """Return the tables of the page, as Markdown."""
    return "\n".join([*_summary(rows), "", *_listed(rows)]) + "\n"


def _summary(rows: Sequence[Row]) -> Iterator[str]:
    proved = sum(row.right.settles for row in rows)
    refuted = sum(row.wrong is Verdict.REFUTED for row in rows)
    yield f"{proved} of {len(rows)} rewrites are proved, {refuted} of {len(rows)} twins refuted."
    yield ""
    yield "| family | rewrites | proved | twins refuted |"
    yield "| --- | ---: | ---: | ---: |"
    for family in dict.fromkeys(row.family for row in rows):
        own = [row for row in rows if row.family == family]
        yield (
            f"| {family} | {len(own)} | {sum(row.right.settles for row in own)} | "
            f"{sum(row.wrong is Verdict.REFUTED for row in own)} |"
        )


def _listed(rows: Sequence[Row]) -> Iterator[str]:
    yield "| rewrite | compared with | is | its twin | is |"
    yield "| --- | --- | --- | --- | --- |"
    for row in rows:
        reference = row.pair.reference
        compared = f"`{reference}`" if isinstance(reference, str) else "another module"
        yield (
            f"| {row.pair.name} | {compared} | `{row.right}` | {row.pair.mistake} | `{row.wrong}` |"
        )


def on_page() -> str:
    """Return the tables that stand on the page."""
    return PAGE.read_text("utf-8").split(BEGIN)[1].split(END)[0]


def main() -> None:
    """Judge all and write the page."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}{tables(judged())}{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
