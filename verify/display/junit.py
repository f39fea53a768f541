"""The report as JUnit XML, which every CI system can show."""

from __future__ import annotations

from xml.etree import ElementTree

from proofs.verdict import Verdict
from verify.run.report import CellReport, MutantReport, RunReport


def junit(report: RunReport) -> str:
    """Return one test case per cell and per mutant.

    A cell that is not as expected is a failure, or an error if something broke.
    """
    wrong = report.failures()
    survivors = report.survivors()
    broken = [c for c in wrong if c.verdict is Verdict.ERROR]
    suite = ElementTree.Element(
        "testsuite",
        name="poolproof",
        tests=str(len(report.cells) + len(report.mutants)),
        failures=str(len(wrong) - len(broken) + len(survivors)),
        errors=str(len(broken)),
        time=f"{report.seconds:.3f}",
    )
    for cell in report.cells:
        _add_cell(suite, cell)
    for mutant in report.mutants:
        _add_mutant(suite, mutant)
    ElementTree.indent(suite)
    body = ElementTree.tostring(suite, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def _add_cell(suite: ElementTree.Element, cell: CellReport) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=f"poolproof.{cell.claim}", name=cell.system,
        time=f"{cell.seconds:.3f}",
    )  # fmt: skip
    lines = [
        f"{part.name or 'statement'}: {e.engine} {e.verdict} {e.detail}"
        for part in cell.parts
        for e in part.evidence
    ]
    if not cell.ok:
        kind = "error" if cell.verdict is Verdict.ERROR else "failure"
        message = f"{cell.verdict}, expected {cell.expected}"
        ElementTree.SubElement(case, kind, message=message).text = "\n".join(lines)
    ElementTree.SubElement(case, "system-out").text = "\n".join([str(cell.verdict), *lines])


def _add_mutant(suite: ElementTree.Element, mutant: MutantReport) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", classname=f"poolproof.{mutant.claim}.mutants", name=mutant.name,
        time=f"{mutant.seconds:.3f}",
    )  # fmt: skip
    if not mutant.ok:
        message = mutant.trouble or f"survived: {', '.join(mutant.proved_by) or 'not refuted'}"
        ElementTree.SubElement(case, "failure", message=message).text = mutant.statement
    by = ", ".join(mutant.killed_by) or "nothing"
    ElementTree.SubElement(case, "system-out").text = f"refuted in {mutant.system} by {by}"
