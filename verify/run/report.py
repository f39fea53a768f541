"""The findings of a run as plain data: cells, mutants, and what they add up to.

Apart from the runner, which makes them, and from the displays, which show them: every output (the
matrix, JSON, JUnit) is a view of these objects.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from proofs.claim import MARKS, Mark
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
    #: The number system of its variables where that is not the cell's.
    judged_in: str = ""

    @property
    def counterexample(self) -> Counterexample | None:
        """The first counterexample any engine replayed."""
        return next((e.counterexample for e in self.evidence if e.counterexample), None)


@dataclass(frozen=True)
class LeftOut:
    """What a claim states in other number systems, and what came of trying it in this one.

    ``REFUTED`` if it is false here. A word that settles it if it holds here as well, or says
    nothing, because nothing meets its premises. Any other word leaves the cell ``PARTIAL``.
    """

    part: PartReport
    #: What came of it, in words.
    reason: str

    @property
    def missing(self) -> bool:
        """Whether it is not known what becomes of it here."""
        return self.part.verdict is not Verdict.REFUTED and not self.part.verdict.settles


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
    #: What the claim states elsewhere and not here.
    left_out: tuple[LeftOut, ...] = ()
    #: Steps of what is affirmed that no engine has checked.
    marks: tuple[Mark, ...] = ()
    #: What the claim says here and no part of it states.
    unstated: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """What keeps the verdict from being about the whole claim, in words."""
        open_here = (one.part for one in self.left_out if one.missing)
        named = [part.name or part.statement for part in open_here]
        return tuple(dict.fromkeys([*named, self.unstated] if self.unstated else named))

    @property
    def refuted_in_part(self) -> bool:
        """Whether something that the claim states in other number systems is false in this one."""
        return any(one.part.verdict is Verdict.REFUTED for one in self.left_out)

    @property
    def ok(self) -> bool:
        """Whether the verdict is the expected one."""
        if self.partial and self.expected.affirms:
            return self.verdict.affirms
        return self.verdict is self.expected

    @property
    def counterexample(self) -> Counterexample | None:
        """The first counterexample any engine replayed."""
        return next((p.counterexample for p in self.parts if p.counterexample), None)

    def _repr_html_(self) -> str:
        """Return the report as a notebook shows it: a row for each part and engine."""
        from costmodel.whole.tables import html_table

        rows = [
            [part.name, one.engine, str(one.verdict), one.detail]
            for part in self.parts
            for one in part.evidence
        ]
        word = " ".join([str(self.verdict), *(mark.word for mark in self.marks)])
        head = [f"{self.claim} in {self.system}: {word}", "engine", "verdict", "detail"]
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
    evidence: tuple[Evidence, ...] = ()

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
    #: Whether this process computes subnormal numbers as zero, which no float system does.
    flushed: bool = False
    #: The date by which, with the seed, stored answers were drawn to be asked for again.
    drawn_on: str = ""

    def evidence(self) -> Iterator[tuple[str, Evidence]]:
        """Yield everything that an engine said, after words that name where."""
        for cell in self.cells:
            for part in (*cell.parts, *(one.part for one in cell.left_out)):
                of = f", {part.name}" if part.name else ""
                yield from ((f"{cell.claim} in {cell.system}{of}", one) for one in part.evidence)
        for mutant in self.mutants:
            named = f"{mutant.claim}, mutant {mutant.name}"
            yield from ((named, one) for one in mutant.evidence)

    def stored(self) -> int:
        """Return how many answers were taken from the store."""
        return sum(one.stored is not None for _, one in self.evidence())

    def asked_again(self) -> list[str]:
        """Return which answers were in the store and asked for again all the same."""
        return [f"{where} ({one.engine})" for where, one in self.evidence() if one.asked_again]

    def alone(self) -> dict[str, int]:
        """Return how many proofs of theorems rest on one engine, by its name: at best on two."""
        alone: Counter[str] = Counter()
        for cell in self.cells:
            for part in cell.parts:
                engines = [e.engine for e in part.evidence if e.verdict.settles]
                if part.statement and part.verdict.settles and len(engines) == 1:
                    alone[engines[0]] += 1
        return dict(alone.most_common())

    def failures(self) -> list[CellReport]:
        """Return the cells whose verdict is not the expected one."""
        return [cell for cell in self.cells if not cell.ok]

    def survivors(self) -> list[MutantReport]:
        """Return the mutants that nothing refuted."""
        return [mutant for mutant in self.mutants if not mutant.ok]

    def marks(self) -> dict[str, int]:
        """Return how many cells carry each mark, those that none carries left out."""
        found = {m: sum(m in {x.word for x in cell.marks} for cell in self.cells) for m in MARKS}
        return {mark: count for mark, count in found.items() if count}

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
