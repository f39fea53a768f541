"""What the documentation says of JSON is what is written: every field, and the version of each."""

from __future__ import annotations

import doctest
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from proofs.answers import EXERCISES
from proofs.claim import Mark
from proofs.verdict import Verdict
from verify.display import answers, profiler, report
from verify.display.numbers import tables
from verify.engines.counterexample import Counterexample
from verify.engines.engine import Draws, Evidence
from verify.measure.notes import Notes
from verify.measure.record import SCHEMA as RECORD
from verify.run.report import CellReport, LeftOut, MutantReport, PartReport, RunReport
from verify.sweeps.measurement import measure

DOCS = Path(__file__).parents[1] / "docs"
REPORT = (DOCS / "report.md").read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("guide", ["rewrite_a_model", "judge_a_rewrite", "count_a_model"])
def test_the_examples_of_guides_give_what_they_say(guide: str) -> None:
    """Every example is run, and there are some."""
    failed, tried = doctest.testfile(str(DOCS / f"{guide}.md"), module_relative=False)
    assert failed == 0
    assert tried > 3


def words(text: str) -> list[str]:
    """Return what stands in backticks."""
    return re.findall(r"`([^`]+)`", text)


def rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of the rows of the first table of a text, without its head."""
    table = re.search(r"(?:^\|.*\n)+", text, re.M)
    assert table is not None
    for line in table[0].splitlines()[2:]:
        yield [cell.strip() for cell in line.strip("|").split(" | ")]


def fields(text: str) -> dict[str, str]:
    """Return the fields that a table describes, and how."""
    return {name: words for names, words in rows(text) for name in re.findall(r"`([^`]+)`", names)}


def run_report() -> dict[str, Any]:
    """Return a report in which everything occurs, as data."""
    found = Counterexample({"a": "1"}, (("a", "1"),), "fails", "a = 0")
    evidence = Evidence("z3", Verdict.REFUTED, "sat", counterexample=found, draws=Draws(2, "00ff"))
    part = PartReport("sum", "a = 0", Verdict.REFUTED, (evidence,), {"a": "1"})
    cell = CellReport(
        "a-claim",
        "real",
        Verdict.REFUTED,
        Verdict.REFUTED,
        (part,),
        0.1,
        left_out=(LeftOut(part, "false here"),),
        marks=(Mark("argued", "a step"),),
    )
    mutant = MutantReport("a-claim", "b", "a = 0", "real", ("z3",), (), (), "", found, 0.1)
    return report.to_dict(RunReport([cell], [mutant]))


def test_the_report_of_a_run() -> None:
    """``all`` and ``mutants``: the object, its cells, their parts and evidence, its mutants."""
    written = run_report()
    described = fields(REPORT)
    assert set(described) == set(written)
    assert words(described["schema"]) == [str(written["schema"])]
    assert words(described["counters"]) == list(written["counters"])
    (cell,) = written["cells"]
    (part,) = cell["parts"]
    (evidence,) = part["evidence"]
    described = fields(REPORT[REPORT.index("A cell:") :])
    assert {name for name in described if "[]" not in name} == set(cell)
    assert set(words(described["counterexample"])) == {"null", *cell["counterexample"]}
    assert set(words(described["parts"])) == set(part)
    assert set(words(described["marks"])) == set(cell["marks"][0])
    (one,) = cell["left_out"]
    assert set(one) <= set(words(described["left_out"]))
    assert set(words(described["parts[].evidence"])) == set(evidence)
    assert {"null", *evidence["draws"]} == set(words(described["parts[].evidence[].draws"]))
    start = REPORT.index("A mutant has")
    assert set(words(REPORT[start : REPORT.index(".\n", start)])) == set(written["mutants"][0])
    start = REPORT.index("Verdicts are the words of")
    _, *listed = words(REPORT[start : REPORT.index(".\n\n", start)])
    assert listed == [str(verdict) for verdict in Verdict]


def others() -> dict[str, dict[str, Any]]:
    """Return what the other commands write."""
    from proofs.terms import half, variables

    a, b = variables("a b")
    form = measure(half(a + b), a.maximum(b), "float8_e5m2")
    return {
        "answers": answers.to_dict(EXERCISES[:1], None),
        "numbers": tables.to_dict({"half": form}),
        "profiler": profiler.to_dict([], Notes(), "cpu", 3),
    }


@pytest.mark.parametrize("command", ["answers", "numbers", "profiler"])
def test_other_json(command: str) -> None:
    """The version and the fields of each command's object."""
    described = {
        words(names)[0]: (words(schema), set(words(written)))
        for names, schema, written in rows(REPORT[REPORT.index("# Other JSON") :])
    }
    written = others()[command]
    assert described[command] == ([str(written["schema"])], set(written))


def test_the_version_of_a_record() -> None:
    """``profiler --record`` writes the version that its own page describes."""
    page = (DOCS / "recorded.md").read_text(encoding="utf-8")
    assert words(fields(page)["schema"]) == [str(RECORD)]
