"""The runner: asks every engine about every claim in every number system, and its mutants.

A cell is one claim in one number system. Engines answer on its parts; the cell's verdict is the
weakest over the parts of the strongest any engine could show, and an ``ERROR`` where engines
contradict each other. Nothing here prints.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import itertools
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import (
    Callable,
    Collection,
    Generator,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from functools import lru_cache
from functools import partial as partial_call
from itertools import islice

from proofs import claims as registered
from proofs.claim import Check, Claim, Mutant, Theorem
from proofs.notation import text
from proofs.records import written_out
from proofs.systems import SYSTEMS, NumberSystem
from proofs.systems.number_system import NoElementError, UnsupportedError
from proofs.verdict import Verdict, strongest, weakest
from verify.engines import ENGINES
from verify.engines.counterexample import simplest, witness, written
from verify.engines.engine import Engine, Evidence, Settings
from verify.engines.smt import SmtEngine
from verify.run.consulting import NotKeptError, consult, keep, recalled
from verify.run.keys import premises_of
from verify.run.report import CellReport, LeftOut, MutantReport, PartReport, RunReport
from verify.run.store import opened
from verify.subnormals import flushed

Engines = Mapping[str, Engine]

#: How many proofs are enough, by engines that could also refute. One refutation always is.
PROOFS = 2
#: Seconds in which an engine can tell a mutant that it is put for its own sake.
MOMENT = 1.0
#: Up to so many tasks it is sooner seen that all is kept than processes are started.
FEW = 60


def ask(
    part: Theorem | Check,
    system: NumberSystem,
    engines: Engines,
    settings: Settings,
    place: str = "",
    anyway: Collection[str] = (),
) -> list[Evidence]:
    """Return what the engines that take ``part``, which stands at ``place``, say of it, by name.

    Unless the settings are thorough, those that could decide it are asked in turn until one has
    refuted or two have proved it; those named ``anyway`` are asked in any case.
    """
    evidence: list[Evidence] = []
    said: list[Verdict] = []
    for engine in sorted(engines.values(), key=lambda engine: engine.turn):
        settled = Verdict.REFUTED in said or sum(word.settles for word in said) >= PROOFS
        always = settings.thorough or engine.has_record(part, system) or engine.name in anyway
        if engine.decides and settled and not always:
            continue
        if engine.supports(part, system):
            missing = engine.missing()
            if missing is None:
                evidence.append(consult(engine, part, system, settings, place))
                said += [evidence[-1].verdict] * engine.decides
            else:
                evidence.append(engine.evidence(Verdict.SKIPPED, missing))
    return sorted(evidence, key=lambda found: found.engine)


def examine_part(
    part: Theorem | Check,
    system: NumberSystem,
    engines: Engines,
    settings: Settings,
    place: str = "",
) -> PartReport:
    """Ask the engines about ``part``; see that its premises can be met at all."""
    judged_in = _judged_in(part)
    system = SYSTEMS[judged_in] if judged_in else system
    evidence = ask(part, system, engines, settings, place)
    verdict = strongest([e.verdict for e in evidence])
    example: dict[str, str] = {}
    if isinstance(part, Theorem) and part.premises and evidence:
        met = witness(part, system)
        if met is not None:
            example = written(met, system)
        else:
            doubt = _satisfiable(part, system, engines, settings)
            evidence.append(doubt)
            if doubt.verdict is not Verdict.PROVED:
                verdict = doubt.verdict
    return PartReport(
        name=part.name,
        statement=text(part.statement) if isinstance(part, Theorem) else "",
        verdict=verdict,
        evidence=tuple(evidence),
        witness=example,
        cross_check=part.cross_check,
        judged_in=judged_in,
    )


def _judged_in(part: Theorem | Check) -> str:
    return part.judged_in if isinstance(part, Theorem) else ""


def try_left_out(
    part: Theorem | Check, system: NumberSystem, engines: Engines, settings: Settings
) -> LeftOut:
    """See what becomes in ``system`` of a part that its claim states elsewhere.

    It is attacked first, for most are false there. What cannot even be written in the system is as
    open as what no engine can decide.
    """
    if isinstance(part, Check):
        return LeftOut(_found(part, []), "a check that is made in other systems only")
    quick = replace(settings, thorough=False)
    try:
        simply_false = _simply_false(part, system, settings)
    except NoElementError as why:
        nothing = Evidence("runner", Verdict.PROVED, str(why))
        return LeftOut(_found(part, [nothing]), "it says nothing here")
    except UnsupportedError as why:
        return LeftOut(_found(part, []), f"it cannot be said here: {why}")
    attackers = {e.name: e for e in engines.values() if not e.decides or simply_false}
    evidence = ask(part, system, attackers, quick)
    said = {e.verdict for e in evidence}
    if Verdict.REFUTED in said:
        return LeftOut(_found(part, evidence), "false here")
    if part.premises and witness(part, system) is None:
        doubt = _satisfiable(part, system, engines, quick)
        if doubt.verdict is Verdict.ERROR:
            proved = replace(doubt, verdict=Verdict.PROVED, detail="nothing meets the premises")
            return LeftOut(_found(part, [proved]), "it says nothing here")
    others = {e.name: e for e in engines.values() if e.name not in attackers}
    found = _found(part, [*evidence, *ask(part, system, others, quick)])
    reason = "it holds here too" if found.verdict.settles else "open here"
    return LeftOut(found, "false here" if found.verdict is Verdict.REFUTED else reason)


def _simply_false(theorem: Theorem, system: NumberSystem, settings: Settings) -> bool:
    """Say whether simple values refute a theorem, or that they did before."""
    facts = ("simply false", system.name, written_out(theorem))
    return recalled(settings, facts, lambda: str(simplest(theorem, system) is not None)) == "True"


def _found(part: Theorem | Check, evidence: list[Evidence]) -> PartReport:
    said = strongest([e.verdict for e in evidence]) if evidence else Verdict.UNKNOWN
    statement = text(part.statement) if isinstance(part, Theorem) else ""
    return PartReport(part.name, statement, said, tuple(evidence), {})


def _satisfiable(
    theorem: Theorem, system: NumberSystem, engines: Engines, settings: Settings
) -> Evidence:
    """Ask the solvers whether the premises can be met; a vacuous theorem is an error."""
    for engine in engines.values():
        if not isinstance(engine, SmtEngine) or engine.missing() is not None:
            continue
        if engine.supports(theorem, system):
            facts = premises_of(engine, theorem, system, settings)
            answer = recalled(
                settings, facts, partial_call(_said, engine, theorem, system, settings)
            )
            if answer == "True":
                return engine.evidence(Verdict.PROVED, "the premises can be met")
            if answer == "False":
                return engine.evidence(Verdict.ERROR, "vacuous: nothing meets the premises")
    return Evidence("runner", Verdict.UNKNOWN, "found nothing that meets the premises")


def _said(engine: SmtEngine, theorem: Theorem, system: NumberSystem, settings: Settings) -> str:
    answer = engine.satisfiable(theorem, system, settings)
    return "" if answer is None else str(answer)


def examine_cell(
    claim: Claim,
    system_name: str,
    settings: Settings,
    engines: Engines = ENGINES,
    partial: bool = False,
) -> CellReport:
    """Judge one claim in one number system.

    Raises ``ValueError`` if it is not stated there.
    """
    started = time.perf_counter()
    expected = claim.expects(system_name)
    if expected is None:
        raise ValueError(f"{claim.id} is not stated in {system_name}")
    system = SYSTEMS[system_name]
    stated = claim.parts_in(system_name)
    parts = tuple(
        examine_part(part, system, engines, settings, f"{claim.module} part {number}")
        for number, part in enumerate(claim.parts)
        if any(part is one for one in stated)
    )
    if partial:
        parts = tuple(part for part in parts if part.evidence)
    said = [part.verdict for part in parts]
    carrying = [part.verdict for part in parts if not part.cross_check]
    # A cross-check adds no strength, but one that does not hold is as bad as any other part.
    sound = all(verdict.affirms for verdict in said)
    verdict = weakest(carrying or said) if sound else weakest(said)
    left_out: tuple[LeftOut, ...] = ()
    # The whole claim is judged; but by few engines it is not.
    if verdict.affirms and not partial:
        left_out = tuple(
            try_left_out(part, system, engines, settings) for part in claim.left_out(system_name)
        )
        verdict = _of_the_whole(verdict, left_out)
    unstated = claim.unstated_in(system_name)
    if unstated and verdict.affirms and not partial:
        verdict = Verdict.PARTIAL
    return CellReport(
        claim=claim.id,
        system=system_name,
        expected=expected,
        verdict=verdict,
        parts=parts,
        seconds=time.perf_counter() - started,
        partial=partial,
        holds=claim.holds,
        left_out=left_out,
        marks=claim.marks_in(system_name) if verdict.affirms else (),
        unstated=unstated,
    )


def _of_the_whole(verdict: Verdict, left_out: tuple[LeftOut, ...]) -> Verdict:
    """Return the word for a claim whose parts have ``verdict`` where they are stated."""
    said = [one.part.verdict for one in left_out]
    if Verdict.ERROR in said:
        return Verdict.ERROR
    if any(one.missing for one in left_out):
        return Verdict.PARTIAL
    return weakest([verdict, *(word for word in said if word.settles)])


def all_mutants(claim: Claim) -> tuple[Mutant, ...]:
    """Return the mutants of a claim, and each theorem without each of its preconditions."""
    weakened = [
        Mutant(
            f"without {text(dropped)}" + (f" ({theorem.name})" if theorem.name else ""),
            replace(
                theorem,
                given=tuple(a for a in theorem.given if a is not dropped),
                by=(),
            ),
        )
        for theorem in claim.theorems
        for dropped in theorem.given
    ]
    return (*(Mutant(name, false) for name, false in claim.mutants.items()), *weakened)


def vouching(claim: Claim, system: NumberSystem, engines: Engines) -> frozenset[str]:
    """Return the names of those engines on whose word a claim stands in ``system``."""
    in_turn = sorted((e for e in engines.values() if e.decides), key=lambda engine: engine.turn)
    stated = (part for part in claim.parts_in(system.name) if not _judged_in(part))
    here = (part for part in claim.parts if _judged_in(part) == system.name)
    return _vouching((*stated, *here), system, tuple(in_turn))


@lru_cache(maxsize=256)
def _vouching(
    parts: tuple[Theorem | Check, ...], system: NumberSystem, engines: tuple[Engine, ...]
) -> frozenset[str]:
    names: set[str] = set()
    for part in parts:
        takers = (e.name for e in engines if e.missing() is None and e.supports(part, system))
        names.update(islice(takers, PROOFS))
    return frozenset(names)


def examine_mutant(
    claim: Claim,
    mutant: Mutant,
    settings: Settings,
    engines: Engines = ENGINES,
    where: str = "",
) -> MutantReport | None:
    """See that ``mutant`` is refuted in a number system in which the claim itself holds.

    It is put to every engine on whose word the claim stands there, and to whoever refutes it.
    Asked for the system ``where``, the answer is ``None`` if nothing simple shows that the mutant
    is false in it: there it may well be true.
    """
    system = SYSTEMS.get(_recalled_where(claim, mutant, settings, where))
    if system is None:
        return None
    # What is out of an engine's reach for the claim is so for its neighbours; what lacks a
    # precondition says itself what it is beyond.
    stated = claim.theorems if mutant.name in claim.mutants else ()
    within_reach = {
        name: engine
        for name, engine in engines.items()
        if not any(theorem.out_of_reach(name, system.name) for theorem in stated)
    }
    return _put(claim, mutant, system, within_reach, settings)


def _put(
    claim: Claim, mutant: Mutant, system: NumberSystem, engines: Engines, settings: Settings
) -> MutantReport:
    """Put a mutant to those who vouch for its claim, and to others until it is refuted."""
    started = time.perf_counter()
    anyway = vouching(claim, system, engines)
    place = f"{claim.module} mutant {mutant.name}"
    evidence = ask(mutant.false, system, engines, settings, place, anyway)
    by = {word: tuple(e.engine for e in evidence if e.verdict is word) for word in Verdict}
    proved_by = tuple(e.engine for e in evidence if e.verdict.settles)
    trouble = "; ".join(f"{e.engine}: {e.detail}" for e in evidence if e.verdict is Verdict.ERROR)
    if by[Verdict.REFUTED] and proved_by:
        trouble = f"{', '.join(proved_by)} prove it, {', '.join(by[Verdict.REFUTED])} refute it"
    is_theorem = isinstance(mutant.false, Theorem)
    return MutantReport(
        claim=claim.id,
        name=mutant.name,
        statement=text(mutant.false.statement) if isinstance(mutant.false, Theorem) else "",
        system=system.name,
        killed_by=by[Verdict.REFUTED],
        missed_by=by[Verdict.UNKNOWN] + by[Verdict.TESTED],
        proved_by=proved_by,
        trouble=trouble,
        counterexample=next((e.counterexample for e in evidence if e.counterexample), None)
        if is_theorem
        else None,
        seconds=time.perf_counter() - started,
        draws=next((e.draws for e in evidence if e.draws), None),
        evidence=tuple(evidence),
    )


def examine_voucher(
    claim: Claim, engine: Engine, among: Sequence[str], settings: Settings
) -> MutantReport | None:
    """Put mutants of a claim to one engine that vouches for it, up to one that it can tell.

    If it takes none of them, it can take what it proved, turned round. Returns what it takes for
    true, or breaks at; ``None`` if it refutes one.
    """
    quick = replace(settings, timeout=min(settings.timeout, MOMENT))
    for where, mutant in itertools.product(among, (*all_mutants(claim), *contraries(claim))):
        false = mutant.false
        system = SYSTEMS[_judged_in(false) or where]
        # Who reads what is on record tells nothing by it.
        if isinstance(false, Check) or engine.has_record(false, system):
            continue
        try:
            if not engine.supports(false, system):
                continue
            if _recalled_where(claim, mutant, quick, where) != system.name:
                continue
            found = _put(claim, mutant, system, {engine.name: engine}, quick)
        except NotKeptError:
            raise
        except Exception as error:
            return _crashed(claim, mutant, error)
        if found.proved_by or found.trouble:
            return found
        if found.killed_by:
            break
    return None


def contraries(claim: Claim) -> tuple[Mutant, ...]:
    """Return what is false wherever a theorem of the claim is true of anything, and as easily read.

    Of inductions there is none: what is not so of all counts may be so of none.
    """
    return tuple(
        Mutant(
            f"the contrary ({theorem.name})" if theorem.name else "the contrary",
            replace(theorem, conclusion=~theorem.conclusion, by=()),
        )
        for theorem in claim.theorems
        if not theorem.inductive
    )


def _crashed(claim: Claim, mutant: Mutant, error: Exception) -> MutantReport:
    what = f"{type(error).__name__}: {error}"
    return MutantReport(claim.id, mutant.name, "", "", (), (), (), what, None, 0.0)


def vouchers(
    claim: str, cells: Iterable[CellReport], mutants: Iterable[MutantReport]
) -> list[Task]:
    """Return as tasks who proved a theorem of a claim, and was put none of its mutants."""
    proved: dict[str, dict[str, None]] = {}
    for cell in cells:
        for part in cell.parts:
            for one in part.evidence if part.statement else ():
                if one.verdict.settles:
                    proved.setdefault(one.engine, {})[cell.system] = None
    asked = {one.engine for mutant in mutants for one in mutant.evidence}
    order = list(SYSTEMS)
    return [
        Task(claim, engine=engine, among=tuple(sorted(proved[engine], key=order.index)))
        for engine in sorted(proved)
        if engine not in asked
    ]


def _recalled_where(claim: Claim, mutant: Mutant, settings: Settings, where: str) -> str:
    """Return the name of the system that :func:`_where_false` finds, or found before."""

    def find() -> str:
        found = _where_false(claim, mutant, where)
        return "" if found is None else found.name

    if not isinstance(mutant.false, Theorem):
        return find()
    facts = ("where false", where, *_where_true(claim, mutant), written_out(mutant.false))
    return recalled(settings, facts, find)


def _where_false(claim: Claim, mutant: Mutant, where: str = "") -> NumberSystem | None:
    """Return the first system in which the claim holds and simple values refute the mutant.

    Of those in which it holds, ``where`` alone if there is such a name; of what is no formula every
    system will do. What is judged in a number system of its own is false in that one.
    """
    holds = [SYSTEMS[name] for name in _where_true(claim, mutant) if name == where or not where]
    if isinstance(mutant.false, Theorem) and mutant.false.judged_in:
        return SYSTEMS[mutant.false.judged_in] if holds else None
    if isinstance(mutant.false, Theorem):
        for system in holds:
            try:
                if simplest(mutant.false, system) is not None:
                    return system
            except Exception:  # a system that lacks an operator refutes nothing
                continue
        if where:
            return None
    return holds[0]


def _where_true(claim: Claim, mutant: Mutant) -> list[str]:
    """Return the systems in which the claim holds, of those that the mutant speaks of if any."""
    affirmed = [name for name, verdict in claim.expected.items() if verdict.affirms]
    holds = affirmed or list(claim.expected)
    return [name for name in holds if name in (mutant.false.systems or holds)] or holds


@dataclass(frozen=True)
class Task:
    """One thing to do: a cell, or one mutant of a claim, there or wherever it is false."""

    claim: str
    system: str = ""
    mutant: int = -1
    #: An engine to which any mutant is put in any of these systems, in which it vouches.
    engine: str = ""
    among: tuple[str, ...] = ()


Report = CellReport | MutantReport


def perform(
    task: Task,
    settings: Settings,
    claims: Mapping[str, Claim],
    engines: Engines,
    partial: bool = False,
) -> Report | None:
    """Do one task; a crash is a finding too. ``None`` for a mutant that is none there."""
    try:
        return _performed(task, settings, claims, engines, partial)
    finally:
        keep(settings)


def _performed(
    task: Task,
    settings: Settings,
    claims: Mapping[str, Claim],
    engines: Engines,
    partial: bool,
) -> Report | None:
    claim = claims[task.claim]
    if task.engine:
        return examine_voucher(claim, engines[task.engine], task.among, settings)
    if task.mutant < 0:
        try:
            return examine_cell(claim, task.system, settings, engines, partial)
        except NotKeptError:
            raise
        except Exception as error:
            return _broken(claim, task.system, f"{type(error).__name__}: {error}")
    mutant = all_mutants(claim)[task.mutant]
    try:
        return examine_mutant(claim, mutant, settings, engines, task.system)
    except NotKeptError:
        raise
    except Exception as error:
        return _crashed(claim, mutant, error)


def _broken(claim: Claim, system: str, what: str) -> CellReport:
    evidence = Evidence("runner", Verdict.ERROR, what)
    part = PartReport("", "", Verdict.ERROR, (evidence,), {})
    expected = claim.expects(system) or Verdict.ERROR
    return CellReport(claim.id, system, expected, Verdict.ERROR, (part,), 0.0, holds=claim.holds)


def tasks(
    claims: Mapping[str, Claim],
    systems: Sequence[str],
    *,
    cells: bool = True,
    mutants: bool = True,
    everywhere: bool = True,
) -> list[Task]:
    """Return what there is to do, by number system, the slow ones first.

    A mutant is looked at in one system, the first in which it is seen to be false; unless it may be
    ``everywhere``, in each of ``systems`` in which its claim holds.
    """
    order = list(SYSTEMS)
    listed: list[tuple[int, Task]] = []
    for claim in claims.values():
        for number, mutant in enumerate(all_mutants(claim)) if mutants else ():
            true = _where_true(claim, mutant)
            if everywhere:
                listed.append((order.index(true[0]), Task(claim.id, mutant=number)))
            else:
                listed += [
                    (order.index(name), Task(claim.id, name, number))
                    for name in true
                    if name in systems
                ]
        if cells:
            listed += [
                (order.index(system), Task(claim.id, system))
                for system in systems
                if claim.expects(system) is not None
            ]
    return [task for _, task in sorted(listed, key=lambda placed: -placed[0])]


def run(
    todo: Sequence[Task],
    settings: Settings,
    *,
    jobs: int = 1,
    claims: Mapping[str, Claim] | None = None,
    engines: Engines = ENGINES,
    partial: bool = False,
    stop_early: bool = False,
    progress: Callable[[Report | None], None] = lambda finding: None,
) -> RunReport:
    """Do all of ``todo`` and return what was found, in the order of the claims.

    With ``jobs`` > 1 the work goes to that many processes, which know the registered claims only;
    ``claims`` and ``engines`` of one's own need ``jobs`` = 1. Ctrl-C ends the run with what was
    found until then.
    """
    started = time.perf_counter()
    known = registered() if claims is None else claims
    report = RunReport(
        engines={e.name: e.version() for e in engines.values() if e.missing() is None},
        missing={e.name: why for e in engines.values() if (why := e.missing()) is not None},
        seed=settings.seed,
        thorough=settings.thorough,
        flushed=flushed(),
        drawn_on=settings.drawn_on if settings.store and not settings.fresh else "",
    )
    left = deque(todo)
    findings: Findings
    if jobs > 1 and len(todo) > 1:
        findings = _in_processes(left, settings, jobs, tuple(engines), partial)
        if settings.store and not settings.fresh and len(todo) <= FEW:
            findings = _kept_first(left, settings, jobs, engines, partial)
    else:
        findings = _one_by_one(left, settings, known, engines, partial)
    open_tasks = Counter(task.claim for task in todo)
    # Where few engines are asked, their mutants are no part of the run: others may refute them.
    judged = {task.claim for task in todo if task.mutant >= 0 or partial}
    found: dict[str, list[Report]] = {}
    try:
        for task, finding in findings:
            open_tasks[task.claim] -= 1
            if finding is not None:
                found.setdefault(task.claim, []).append(finding)
            if open_tasks[task.claim] == 0 and task.claim in judged:
                left.extend(_vouchers(task.claim, found.get(task.claim, [])))
            if finding is None:
                if not task.engine:
                    progress(None)
                continue
            if isinstance(finding, CellReport):
                # With few engines asked, a cell that none of them takes is not part of the run.
                if finding.parts or not partial:
                    report.cells.append(finding)
            else:
                report.mutants.append(finding)
            progress(finding)
            if stop_early and not finding.ok:
                break
    except KeyboardInterrupt:
        report.interrupted = True
    finally:
        findings.close()
    ids, order = list(known), list(SYSTEMS)
    report.cells.sort(key=lambda cell: (ids.index(cell.claim), order.index(cell.system)))
    in_order = {
        (name, mutant.name): number
        for name in {mutant.claim for mutant in report.mutants}
        for number, mutant in enumerate((*all_mutants(known[name]), *contraries(known[name])))
    }
    report.mutants.sort(
        key=lambda m: (
            (ids.index(m.claim), in_order[m.claim, m.name], order.index(m.system))
            if m.system
            else (ids.index(m.claim), in_order[m.claim, m.name], -1)
        )
    )
    if settings.store:
        opened(settings.store).prune()
    report.seconds = time.perf_counter() - started
    return report


def _vouchers(claim: str, found: Sequence[Report]) -> list[Task]:
    cells = [one for one in found if isinstance(one, CellReport)]
    return vouchers(claim, cells, [one for one in found if isinstance(one, MutantReport)])


#: Tasks, which may become more meanwhile, and what came of each.
Findings = Generator[tuple[Task, Report | None], None, None]


def _one_by_one(
    left: deque[Task],
    settings: Settings,
    claims: Mapping[str, Claim],
    engines: Engines,
    partial: bool,
) -> Findings:
    """Yield what comes of each task, done in this process."""
    try:
        while left:
            task = left.popleft()
            yield task, perform(task, settings, claims, engines, partial)
    finally:
        keep(settings, at_once=True)


def _kept_first(
    left: deque[Task], settings: Settings, jobs: int, engines: Engines, partial: bool
) -> Findings:
    """Yield what needs nobody to be asked, and then what processes that are started for it find."""
    later, known, only_kept = list[Task](), registered(), replace(settings, only_kept=True)
    while left:
        task = left.popleft()
        try:
            finding = perform(task, only_kept, known, engines, partial)
        except NotKeptError:
            later.append(task)
        else:
            yield task, finding
    left.extend(later)
    if len(left) > 1:
        yield from _in_processes(left, settings, jobs, tuple(engines), partial)
    else:
        yield from _one_by_one(left, settings, known, engines, partial)


def _start_worker(flush: bool = False) -> None:
    if flush:
        import torch

        # What holds in the parent holds in all: workers begin with a processor of their own.
        torch.set_flush_denormal(True)
    # Where signals cannot be held back, as on Windows: only the parent answers Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # For torch, which not every worker needs to load.
    os.environ["OMP_NUM_THREADS"] = "1"
    # Terms and fractions are many and in no circles: to look for some costs more than it frees.
    gc.set_threshold(100_000)
    _keep_memory()


def _end_with_parent() -> None:
    """End this process when its parent has ended, in whatever way it did."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """Hold back the signals that end this process; a process started meanwhile never sees them.

    Ctrl-C, a terminal that closes and a supervisor that stops a service signal whole groups of
    processes, and only the parent is to answer.
    """
    if sys.platform == "win32":
        yield
        return
    ending = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _keep_memory() -> None:
    """Have glibc keep what is freed, where that is the C library.

    A context of Z3 takes 16 MB for a moment. Given back to the system each time, they cost ten
    milliseconds of page faults for a question that is answered in two.
    """
    allocator = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    if allocator is not None:
        trim_threshold, top_pad, mmap_threshold = -1, -2, -3
        for parameter, size in (
            (trim_threshold, 1 << 30),
            (top_pad, 64 << 20),
            (mmap_threshold, 32 << 20),
        ):
            allocator(parameter, size)


def _work(task: Task, settings: Settings, engines: tuple[str, ...], partial: bool) -> Report | None:
    return perform(task, settings, registered(), {n: ENGINES[n] for n in engines}, partial)


def _in_processes(
    left: deque[Task],
    settings: Settings,
    jobs: int,
    engines: tuple[str, ...],
    partial: bool,
) -> Findings:
    """Yield findings as worker processes deliver them.

    Half of the workers take what is left from its front and half from its back: neighbours speak
    of one number system, and what is prepared for one (samples, tensors, torch itself) serves the
    next.
    """
    workers = [_worker() for _ in range(min(jobs, len(left)))]
    given: dict[Future[Report | None], tuple[Task, int, ProcessPoolExecutor]] = {}
    # One task to do and one in waiting, so that no worker ever waits.
    free = deque(2 * list(range(len(workers))))

    def give() -> None:
        while left and free:
            number = free.popleft()
            task, worker = left.pop() if number % 2 else left.popleft(), workers[number]
            # What is given to a worker that is not there yet starts it.
            with _signals_held():
                future = worker.submit(_work, task, settings, engines, partial)
            given[future] = task, number, worker

    try:
        while left or given:
            give()
            done, _ = wait(given, return_when=FIRST_COMPLETED)
            for future in done:
                task, number, worker = given.pop(future)
                finding: Report | None
                try:
                    finding = future.result()
                except BrokenProcessPool as error:
                    # The worker died, as from a crash inside a solver; another takes its place.
                    finding = _lost(task, f"a worker process died: {error}")
                    if workers[number] is worker:
                        workers[number] = _worker()
                free.append(number)
                give()
                yield task, finding
        with contextlib.suppress(BrokenProcessPool):
            wait([worker.submit(keep, settings, at_once=True) for worker in workers])
    finally:
        for worker in workers:
            for process in list((getattr(worker, "_processes", None) or {}).values()):
                process.kill()
            worker.shutdown(wait=True, cancel_futures=True)


def _worker() -> ProcessPoolExecutor:
    # Its queues start a process too, that of multiprocessing's resource tracker.
    with _signals_held():
        return ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_start_worker,
            initargs=(flushed(),),
        )


def _lost(task: Task, what: str) -> Report:
    claim = registered()[task.claim]
    if task.mutant < 0 and not task.engine:
        return _broken(claim, task.system, what)
    name = all_mutants(claim)[max(task.mutant, 0)].name
    return MutantReport(claim.id, name, "", "", (), (), (), what, None, 0.0)
