"""The findings of a run as plain data: cells, mutants, and what they add up to.

Apart from the runner, which makes them, and from the displays, which show them: every output (the
matrix, JSON, JUnit) is a view of these objects.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from proofs.verdict import Verdict
from verify.engines.counterexample import Counterexample
from verify.engines.engine import Draws, Evidence


@dataclass(frozen=True)
class PartReport:
    """What was found out about one theorem or check of a claim in one number system."""

    name: str
    statement: str
    verdict: Verdict
    evidence: tuple[Evidence, ...]
    #: Values that meet all premises, so that the statement is not vacuous; empty if none needed.
    witness: dict[str, str]
    cross_check: bool = False


@dataclass(frozen=True)
class CellReport:
    """One claim in one number system."""

    claim: str
    system: str
    expected: Verdict
    verdict: Verdict
    parts: tuple[PartReport, ...]
    seconds: float
    #: Set when only some engines were asked: a weaker word than the expected one is then no fault.
    partial: bool = False
    #: The conditions of the claim that its title has no room for.
    holds: str = ""

    @property
    def ok(self) -> bool:
        """Whether the verdict is the expected one."""
        if self.partial and self.expected.affirms:
            return self.verdict.affirms
        return self.verdict is self.expected

    @property
    def counterexample(self) -> Counterexample | None:
        """The first counterexample any engine replayed."""
        found = (e.counterexample for part in self.parts for e in part.evidence)
        return next((c for c in found if c is not None), None)

    def _repr_html_(self) -> str:
        """Return the report as a notebook shows it: a row for each part and engine."""
        from costmodel.whole.tables import html_table

        rows = [
            [part.name, one.engine, str(one.verdict), one.detail]
            for part in self.parts
            for one in part.evidence
        ]
        head = [f"{self.claim} in {self.system}: {self.verdict}", "engine", "verdict", "detail"]
        return html_table(head, rows)


@dataclass(frozen=True)
class MutantReport:
    """One false neighbour of a claim, and which engines saw that it is false."""

    claim: str
    name: str
    statement: str
    system: str
    killed_by: tuple[str, ...]
    missed_by: tuple[str, ...]
    #: Engines that took it for true: then it is no false neighbour, or the engine is wrong.
    proved_by: tuple[str, ...]
    #: What broke, or who contradicts whom; empty if nothing did.
    trouble: str
    counterexample: Counterexample | None
    seconds: float
    draws: Draws | None = None

    @property
    def ok(self) -> bool:
        """Whether it was refuted and no engine took it for true."""
        return bool(self.killed_by) and not self.proved_by and not self.trouble


@dataclass
class RunReport:
    """Everything one run found out."""

    cells: list[CellReport] = field(default_factory=list)
    mutants: list[MutantReport] = field(default_factory=list)
    engines: dict[str, str] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    seed: int = 0
    #: Whether every engine was asked, also once one had refuted a statement or two had proved it.
    thorough: bool = True
    seconds: float = 0.0
    interrupted: bool = False

    def failures(self) -> list[CellReport]:
        """Return the cells whose verdict is not the expected one."""
        return [cell for cell in self.cells if not cell.ok]

    def survivors(self) -> list[MutantReport]:
        """Return the mutants that nothing refuted."""
        return [mutant for mutant in self.mutants if not mutant.ok]

    def counters(self) -> dict[str, int]:
        """Return the four counters: as expected, not as expected, undecided, broken."""
        undecided = (Verdict.UNKNOWN, Verdict.SKIPPED)
        wrong = self.failures()
        broken = [m for m in self.survivors() if m.trouble]
        return {
            "as expected": sum(c.ok for c in self.cells) + sum(m.ok for m in self.mutants),
            "not as expected": sum(c.verdict not in (*undecided, Verdict.ERROR) for c in wrong)
            + len(self.survivors())
            - len(broken),
            "undecided": sum(c.verdict in undecided for c in wrong),
            "broken": sum(c.verdict is Verdict.ERROR for c in wrong) + len(broken),
        }

    def exit_code(self) -> int:
        """Return 0 all as expected, 1 not, 2 interrupted, 3 broken, 5 nothing selected."""
        counters = self.counters()
        if self.interrupted:
            return 2
        if counters["broken"]:
            return 3
        if not self.cells and not self.mutants:
            return 5
        return 0 if not self.failures() and not self.survivors() else 1
