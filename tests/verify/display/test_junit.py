"""The run as JUnit: what is a failure there, what an error, and what it says."""

from __future__ import annotations

from xml.etree import ElementTree

from proofs.verdict import Verdict
from verify.display.junit import junit
from verify.engines.engine import Evidence
from verify.run.report import CellReport, MutantReport, PartReport, RunReport


def cell(system: str, expected: Verdict, verdict: Verdict) -> CellReport:
    """Return a cell that one engine had a word about."""
    part = PartReport("sum", "a = b", verdict, (Evidence("z3", verdict, "unsat"),), {})
    return CellReport("a-claim", system, expected, verdict, (part,), 0.25)


def mutant(killed_by: tuple[str, ...], trouble: str = "") -> MutantReport:
    """Return a mutant that these engines refuted."""
    return MutantReport("a-claim", "b", "a ≠ b", "real", killed_by, (), (), trouble, None, 0.5)


def test_what_is_not_as_expected_is_a_failure() -> None:
    """A surviving mutant too; what broke is an error, and what is as expected is neither."""
    cells = [
        cell("real", Verdict.PROVED, Verdict.PROVED),
        cell("int8", Verdict.PROVED, Verdict.REFUTED),
        cell("uint8", Verdict.PROVED, Verdict.ERROR),
    ]
    mutants = [mutant(("z3",)), mutant(()), mutant(("z3",), "z3 and cvc5 disagree")]
    suite = ElementTree.fromstring(junit(RunReport(cells, mutants)))
    assert {name: suite.get(name) for name in ("tests", "failures", "errors")} == {
        "tests": "6",
        "failures": "3",
        "errors": "1",
    }
    assert [[child.tag for child in case] for case in suite] == [
        ["system-out"],
        ["failure", "system-out"],
        ["error", "system-out"],
        ["system-out"],
        ["failure", "system-out"],
        ["failure", "system-out"],
    ]
    assert [case[0].get("message") for case in suite if len(case) > 1] == [
        "REFUTED, expected PROVED",
        "ERROR, expected PROVED",
        "survived: not refuted",
        "z3 and cvc5 disagree",
    ]
    assert suite[1][0].text == "sum: z3 REFUTED unsat"
    assert suite[3][0].text == "refuted in real by z3"
    assert suite[4][0].text == "a ≠ b"
