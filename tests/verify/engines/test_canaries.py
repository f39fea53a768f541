"""Tricks by which everything would be proved: in a run over selected systems each is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from proofs import claim as claim_module
from proofs import claims
from proofs.claim import Obligation, Theorem
from proofs.kernel import CoqFile, read_record
from proofs.systems import SYSTEMS
from proofs.systems.grids import GridEncoder
from proofs.systems.number_system import Script
from proofs.verdict import Verdict
from verify.encodings import smtlib
from verify.engines import ENGINES, coq, engine, points, smt
from verify.engines.engine import TOLD_APART, Settings
from verify.engines.smt import Answer
from verify.run.report import CellReport
from verify.run.runner import Task, examine_cell, run, tasks

QUICK = Settings(timeout=10, examples=5, thorough=False)
SOLVERS = ("z3", "cvc5", "bitwuzla")


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    """Whatever a test does to an engine, it is asked anew, and so it is afterwards."""
    _forget()
    yield
    _forget()


def _forget() -> None:
    TOLD_APART.clear()
    smt.RIGHT_AT_POINTS.clear()
    for known in (
        points.points,
        smt._scripts,
        smt._answered,
        smt._proved_at_once,
        coq._stated,
        engine._may_be_0,
    ):
        known.cache_clear()


def said(cell: CellReport, engine: str) -> list[tuple[Verdict, str]]:
    """Return what an engine said of the parts of a cell."""
    return [(e.verdict, e.detail) for p in cell.parts for e in p.evidence if e.engine == engine]


def red(claim: str, *systems: str, trick: str) -> None:
    """See that a run over selected systems is broken, and that a canary says so."""
    known = {claim: claims()[claim]}
    report = run(tasks(known, systems, mutants=False), QUICK)
    assert report.exit_code() == 3
    details = [e.detail for c in report.cells for p in c.parts for e in p.evidence]
    assert any(detail.startswith("its canary: ") and trick in detail for detail in details)


def test_every_kind_has_a_canary_wherever_it_is_asked() -> None:
    """No engine is believed about a kind of statement, in a system, without one."""
    without = {
        (engine.name, name, kind)
        for claim in claims().values()
        for name in claim.expected
        for part in claim.parts_in(name)
        for engine in ENGINES.values()
        if engine.supports(part, SYSTEMS[name])
        for kind in engine.kinds(part, SYSTEMS[name])
        if engine.canary(kind, SYSTEMS[name]) is None
    }
    assert not without


@pytest.mark.parametrize(
    "system", ["real", "integer", "int32", "float32", "wraparound", "unsigned_wraparound"]
)
def test_a_contradiction_in_every_script_is_seen(monkeypatch: Any, system: str) -> None:
    """With ``(assert false)`` a false statement is proved as well, and the run is broken."""
    render = Script.render

    def contradictory(script: Script) -> str:
        return render(script).replace("(check-sat)", "(assert false)\n(check-sat)")

    monkeypatch.setattr(Script, "render", contradictory)
    red("max-commutes-with-monotone" if system == "real" else "max-is-relu-when-ordered", system,
        trick="PROVED of what is false")  # fmt: skip


@pytest.mark.parametrize("system", ["binary", "float16", "float8_e4m3fn"])
def test_a_contradiction_in_what_floats_are_is_seen(monkeypatch: Any, system: str) -> None:
    """Where a statement is put by definition, canaries are as well."""
    monkeypatch.setattr(GridEncoder, "finish", lambda encoder: encoder.script.require("false"))
    red("what-rounding-obeys", system, trick="PROVED of what is false")


@pytest.mark.parametrize("solver", SOLVERS)
def test_a_solver_that_always_says_unsat_is_seen(monkeypatch: Any, solver: str) -> None:
    """Asked alone, with one claim in one system, its word does not count."""
    monkeypatch.setattr(ENGINES[solver], "solve", lambda text, settings: Answer("unsat"))
    claim = claims()["max-is-relu-when-ordered"]
    cell = examine_cell(claim, "int16", QUICK, {solver: ENGINES[solver]}, partial=True)
    assert {verdict for verdict, _ in said(cell, solver)} == {Verdict.ERROR}
    assert cell.verdict is Verdict.ERROR


@pytest.mark.parametrize("dropped", [slice(1, None), slice(None, -1)])
def test_a_dropped_premise_is_seen(monkeypatch: Any, dropped: slice) -> None:
    """The first one or the last: what then fails does not fail when it is replayed."""
    script = smtlib.script

    def without(obligation: Obligation, system: Any, *, goal: bool = True) -> str:
        left = obligation.premises[dropped]
        return script(Obligation(obligation.label, left, obligation.goal), system, goal=goal)

    monkeypatch.setattr(smt, "script", without)
    red("max-is-relu-when-ordered", "int16", trick="ERROR of what is true")


@pytest.mark.parametrize(
    ("rule", "claim", "system"),
    [
        ("_sum_is_closed_form", "overlapping-windows", "integer"),
        ("_base_and_step", "adaptive-taps", "integer"),
        ("_base_and_step", "max-pool-is-fold", "int8"),
    ],
)
@pytest.mark.parametrize("kept", [slice(0, 1), slice(1, 2)])
def test_half_an_induction_is_seen(
    monkeypatch: Any, rule: str, claim: str, system: str, kept: slice
) -> None:
    """Without its base or without its step it proves what is false."""
    derived: Callable[..., Iterator[Obligation]] = getattr(claim_module, rule)

    def half(theorem: Theorem, count: Any) -> Iterator[Obligation]:
        yield from list(derived(theorem, count))[kept]

    monkeypatch.setattr(claim_module, rule, half)
    red(claim, system, trick="PROVED of what is false")


def test_one_term_of_a_sum_that_is_left_out_is_seen(monkeypatch: Any) -> None:
    """A sum of two terms has two inductions."""
    split = claim_module._by_linearity
    monkeypatch.setattr(claim_module, "_by_linearity", lambda *sides: list(split(*sides))[:1])
    red("overlapping-windows", "integer", trick="PROVED of what is false")


def test_a_check_that_cannot_fail_is_seen(monkeypatch: Any) -> None:
    """An engine that grants every check its verdict is not asked about real ones."""
    engine = ENGINES["certificate"]

    def grants(check: Any, settings: Settings) -> Any:
        return engine.evidence(check.grants, "of course")

    monkeypatch.setattr(engine, "_run", grants)
    red("no-linear-kernel-is-max", "real", trick="PROVED of what is false, a check that fails")


def test_a_record_that_is_not_compared_is_seen(monkeypatch: Any) -> None:
    """A text of Coq that changed after it was recorded is none that the kernel has seen."""
    recorded = read_record()["files"]
    monkeypatch.setattr(CoqFile, "digest", property(lambda file: recorded[file.path]["sha256"]))
    claim = claims()["max-is-relu"]
    todo = [Task(claim.id, "real")]
    (cell,) = run(todo, QUICK, engines={"coq": ENGINES["coq"]}).cells
    assert "PROVED of what is false, a text that has changed" in said(cell, "coq")[0][1]


def test_a_canary_that_is_left_open_is_no_error(monkeypatch: Any) -> None:
    """A solver that runs out of time about it has settled nothing: UNKNOWN."""
    monkeypatch.setattr(
        ENGINES["z3"], "solve", lambda text, settings: Answer("unknown", reason="timeout")
    )
    cell = examine_cell(claims()["three-relu-max"], "int16", QUICK, {"z3": ENGINES["z3"]})
    assert cell.verdict is Verdict.UNKNOWN
