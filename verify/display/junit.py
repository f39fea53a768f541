"""Reports as JUnit XML, which every CI system can show."""

from collections.abc import Sequence
from typing import NamedTuple
from xml.etree import ElementTree

from proofs.verdict import Verdict
from verify.run.report import CellReport, MutantReport, RunReport


class Case(NamedTuple):
    """One test case.

    Attributes:
        classname: Under what it is listed.
        name: What it is called there.
        seconds: How long it took.
        output: What it printed.
        fault: ``"failure"``, ``"error"``, or empty if it passed.
        message: What is wrong, in a line.
        details: What there is to read about it.
    """

    classname: str
    name: str
    seconds: float
    output: str
    fault: str = ""
    message: str = ""
    details: str = ""


def xml(suite: str, seconds: float, cases: Sequence[Case]) -> str:
    """Return a test suite with a name, its duration and its cases.

    >>> print(xml("all", 2, [Case("max", "int8", 1.5, "-2", "failure", "REFUTED")]))
    <?xml version="1.0" encoding="utf-8"?>
    <testsuite name="all" tests="1" failures="1" errors="0" time="2.000">
      <testcase classname="max" name="int8" time="1.500">
        <failure message="REFUTED" />
        <system-out>-2</system-out>
      </testcase>
    </testsuite>
    <BLANKLINE>
    """
    faults = [case.fault for case in cases]
    root = ElementTree.Element(
        "testsuite",
        name=suite,
        tests=str(len(cases)),
        failures=str(faults.count("failure")),
        errors=str(faults.count("error")),
        time=f"{seconds:.3f}",
    )
    for case in cases:
        element = ElementTree.SubElement(
            root, "testcase", classname=case.classname, name=case.name, time=f"{case.seconds:.3f}"
        )
        if case.fault:
            fault = ElementTree.SubElement(element, case.fault, message=case.message)
            fault.text = case.details
        ElementTree.SubElement(element, "system-out").text = case.output
    ElementTree.indent(root)
    body = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{body}\n'


def junit(report: RunReport) -> str:
    """Return one test case per cell and per mutant.

    A cell that is not as expected is a failure, or an error if something broke.
    """
    cases = [*map(_cell, report.cells), *map(_mutant, report.mutants)]
    return xml("poolproof", report.seconds, cases)


def _cell(cell: CellReport) -> Case:
    lines = [
        f"{part.name or 'statement'}: {e.engine} {e.verdict} {e.detail}"
        for part in cell.parts
        for e in part.evidence
    ]
    lines += [
        f"{'missing' if one.missing else 'not stated here'}: "
        f"{one.part.name or one.part.statement}: {one.reason}"
        for one in cell.left_out
    ]
    lines += [f"missing: {cell.unstated}"] if cell.unstated else []
    lines += [f"{mark.word}: {mark.what}" for mark in cell.marks]
    passed = Case(
        f"poolproof.{cell.claim}", cell.system, cell.seconds, "\n".join([str(cell.verdict), *lines])
    )
    if cell.ok:
        return passed
    return passed._replace(
        fault="error" if cell.verdict is Verdict.ERROR else "failure",
        message=f"{cell.verdict}, expected {cell.expected}",
        details="\n".join(lines),
    )


def _mutant(mutant: MutantReport) -> Case:
    by = ", ".join(mutant.killed_by) or "nothing"
    passed = Case(
        f"poolproof.{mutant.claim}.mutants",
        mutant.name,
        mutant.seconds,
        f"refuted in {mutant.system} by {by}",
    )
    if mutant.ok:
        return passed
    return passed._replace(
        fault="failure",
        message=mutant.trouble or f"survived: {', '.join(mutant.proved_by) or 'not refuted'}",
        details=mutant.statement,
    )
