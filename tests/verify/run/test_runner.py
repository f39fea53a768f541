"""The checker is fed false, vacuous and broken things, and must say what they are."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from pooling.arithmetic import maximum
from proofs import claims
from proofs.claim import Check, CheckFailedError, Claim, Mark, Mutant, Theorem, expect
from proofs.linear_kernels.no_linear_kernel_is_max import ONE, SIGNED, separates
from proofs.systems import SYSTEMS
from proofs.systems.number_system import NumberSystem
from proofs.terms import relu, variables
from proofs.verdict import Verdict
from verify.display.report import to_dict
from verify.engines import ENGINES, Engine, smt
from verify.engines.counterexample import simplest
from verify.engines.engine import Evidence, Settings
from verify.engines.smt import Answer
from verify.run import runner
from verify.run.report import CellReport, MutantReport, RunReport
from verify.run.runner import (
    Task,
    _worker,
    all_mutants,
    ask,
    examine_cell,
    examine_mutant,
    perform,
    run,
    tasks,
    vouchers,
    vouching,
)
from verify.run.store import opened

a, b = variables("a b")
TRUE = Theorem(maximum(a, b) == relu(a - b) + b)
FALSE = Theorem(maximum(a, b) == relu(a - b) + a)
QUICK = Settings(timeout=10, examples=5)


def stated(
    *parts: Theorem | Check, verdict: Verdict = Verdict.PROVED, systems: str = "real"
) -> Claim:
    """Return a claim with two mutants that are false."""
    return Claim(
        "under-test",
        title="A claim under test.",
        why="It is fed to the checker.",
        source="this file",
        generality="all pairs",
        parts=parts,
        expected=expect(verdict, systems),
        mutants={"reversed": FALSE, "no relu": Theorem(maximum(a, b) == a)},
    )


def judged(claim: Claim, engines: dict[str, Engine] | None = None) -> RunReport:
    """Run one claim, cells and mutants, in this process."""
    known = {claim.id: claim}
    todo = tasks(known, list(SYSTEMS))
    return run(todo, QUICK, claims=known, engines=ENGINES if engines is None else engines)


class Fake(Engine):
    """An engine that does what a test tells it."""

    name = "fake"
    distribution = "pytest"
    module = "pytest"
    method = "says what it is told"

    def __init__(self, told: Callable[[], Evidence], installed: bool = True) -> None:
        self.told = told
        self.installed = installed

    def missing(self) -> str | None:
        """Be missing if told so."""
        return None if self.installed else "package fake is not installed"

    def takes(self, theorem: Theorem, system: NumberSystem) -> bool:
        """Take everything."""
        return True

    def kinds(self, part: Theorem | Check, system: NumberSystem) -> Iterable[str]:
        """Ask for no canary: what it says is known to be made up."""
        return ()

    def settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Give the answer."""
        return self.told()


@pytest.fixture(autouse=True, scope="module")
def _forget_the_fake() -> Iterator[None]:
    """The engine registry was filled before the fake existed and must not hold it."""
    yield
    assert "fake" not in ENGINES


def says(verdict: Verdict) -> Fake:
    """Return an engine that says ``verdict`` of everything."""
    return Fake(lambda: Evidence("fake", verdict, "as told"))


class Witness(Fake):
    """A fake of any name, turn and worth, which remembers whether it was asked."""

    def __init__(self, name: str, verdict: Verdict, turn: int = 0, decides: bool = True) -> None:
        super().__init__(lambda: Evidence(name, verdict, "as told"))
        self.name, self.turn, self.decides = name, turn, decides


def asked(*engines: Witness, thorough: bool = False) -> list[str]:
    """Return the names of those engines that are asked about a statement."""
    settings = replace(QUICK, thorough=thorough)
    found = ask(TRUE, SYSTEMS["real"], {e.name: e for e in engines}, settings)
    return [evidence.engine for evidence in found]


PROVER = Witness("b", Verdict.PROVED, turn=1)
LATER = Witness("a", Verdict.EXHAUSTED, turn=2)
LAST = Witness("c", Verdict.PROVED, turn=3)
REFUTER = Witness("d", Verdict.REFUTED)
ATTACK = Witness("e", Verdict.TESTED, turn=9, decides=False)


def test_two_proofs_are_enough() -> None:
    """A third engine is asked only if the settings are thorough; attacks are always made."""
    assert asked(LAST, LATER, PROVER, ATTACK) == ["a", "b", "e"]
    assert asked(LAST, LATER, PROVER, ATTACK, thorough=True) == ["a", "b", "c", "e"]


def test_one_refutation_is_enough() -> None:
    """It was replayed; but one that an attack has found spares no engine its own."""
    assert asked(LAST, LATER, REFUTER, ATTACK) == ["d", "e"]
    assert asked(LAST, LATER, REFUTER, ATTACK, thorough=True) == ["a", "c", "d", "e"]
    lucky = Witness("e", Verdict.REFUTED, decides=False)
    assert asked(LAST, lucky) == ["c", "e"]


@pytest.mark.parametrize("word", [Verdict.UNKNOWN, Verdict.TESTED, Verdict.ERROR])
def test_other_words_are_no_proofs(word: Verdict) -> None:
    """Who gives up, samples or breaks has proved nothing, and the next is asked."""
    unsure = Witness("f", word)
    assert asked(unsure, PROVER, LATER, LAST) == ["a", "b", "f"]
    assert asked(unsure, PROVER, LAST) == ["b", "c", "f"]


def test_two_that_disagree_are_both_asked() -> None:
    """A proof does not keep the next engine from refuting it: exit 3."""
    engines: dict[str, Engine] = {"b": PROVER, "d": Witness("d", Verdict.REFUTED, turn=2)}
    claim = stated(TRUE)
    report = examine_cell(claim, "real", replace(QUICK, thorough=False), engines)
    assert report.verdict is Verdict.ERROR


def cell_of(
    left_out: Theorem | Check,
    system: str = "int8",
    engines: dict[str, Engine] = ENGINES,
    **more: Any,
) -> CellReport:
    """Judge in ``system`` a claim that states a tautology there, and ``left_out`` elsewhere."""
    everywhere = Theorem(a == a, name="a is a")
    claim = stated(everywhere, replace(left_out, name="elsewhere"), systems=f"real {system}")
    return examine_cell(replace(claim, **more), system, QUICK, engines)


def in_the_reals(conclusion: Any, *given: Any) -> Theorem:
    """State something in the reals only."""
    return Theorem(conclusion, given, systems=("real",))


def test_what_is_false_here_is_shown_and_takes_no_strength() -> None:
    """ReLU of a difference is the maximum in the reals, and in int8 it wraps."""
    cell = cell_of(in_the_reals(TRUE.conclusion))
    assert cell.verdict is Verdict.PROVED and cell.refuted_in_part and cell.missing == ()
    (one,) = cell.left_out
    assert one.reason == "false here"
    assert one.part.counterexample is not None
    assert cell.counterexample is None  # of the cell nothing is false


@pytest.mark.parametrize(
    ("theorem", "reason"),
    [
        (in_the_reals(maximum(a, b) == maximum(b, a)), "it holds here too"),
        (in_the_reals(a == b, a < a), "it says nothing here"),
        (in_the_reals(a <= 1000), "it says nothing here"),
    ],
)
def test_what_holds_here_or_says_nothing_leaves_the_word(theorem: Theorem, reason: str) -> None:
    """It is true of int8, or of none of its elements: 1000 is not one of them."""
    cell = cell_of(theorem)
    assert (cell.verdict, [one.reason for one in cell.left_out]) == (Verdict.PROVED, [reason])
    assert not cell.refuted_in_part


def test_what_can_only_be_exhausted_here_weakens_the_word() -> None:
    """The whole is as weak as its weakest part, left out or not."""
    exhausts = {"exhaustive": ENGINES["exhaustive"]}
    cell = cell_of(in_the_reals(maximum(a, b) == maximum(b, a)), engines=exhausts)
    assert cell.verdict is Verdict.EXHAUSTED


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [
        (
            in_the_reals(a / b == a / b),
            "it cannot be said here: div has no entry for integers of fixed width",
        ),
        (
            Check("", "certificate", lambda: "fine", Verdict.PROVED, ("real",)),
            "a check that is made in other systems only",
        ),
    ],
)
def test_what_cannot_be_tried_here_is_missing(left_out: Theorem | Check, reason: str) -> None:
    """Then the cell speaks of a part of the claim only, and says of which not."""
    cell = cell_of(left_out)
    assert (cell.verdict, cell.missing) == (Verdict.PARTIAL, ("elsewhere",))
    assert [one.reason for one in cell.left_out] == [reason]


def test_what_nobody_can_decide_here_is_missing() -> None:
    """Samples are not enough for the whole claim, and a contradiction is an error."""
    theorem = in_the_reals(maximum(a, b) == maximum(b, a))
    sampled = {"b": PROVER, "e": ATTACK}

    class OnlyStated(Witness):
        def takes(self, theorem: Theorem, system: NumberSystem) -> bool:
            return not theorem.systems

    sampled["b"] = OnlyStated("b", Verdict.PROVED)
    cell = cell_of(theorem, engines=sampled)  # type: ignore[arg-type]
    assert (cell.verdict, cell.left_out[0].reason) == (Verdict.PARTIAL, "open here")
    disagreeing = {**sampled, "z": PROVER, "d": Witness("d", Verdict.REFUTED)}
    assert cell_of(theorem, engines=disagreeing).verdict is Verdict.ERROR  # type: ignore[arg-type]


def test_what_is_simply_false_is_tried_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of what is kept nothing is tried again, for which torch would have to be loaded."""
    kept = replace(QUICK, store=str(tmp_path / "evidence.sqlite3"))
    assert opened(kept.store).prepare() == ""
    for theorem, reason in (
        (in_the_reals(TRUE.conclusion), "false here"),
        (in_the_reals(maximum(a, b) == maximum(b, a)), "it holds here too"),
    ):
        tried: list[Theorem] = []

        def simply(found: Theorem, system: NumberSystem, tried: list[Theorem] = tried) -> object:
            tried.append(found)
            return simplest(found, system)

        monkeypatch.setattr(runner, "simplest", simply)
        for settings, times in ((kept, 1), (kept, 1), (replace(kept, fresh=True), 2)):
            left = runner.try_left_out(theorem, SYSTEMS["int8"], ENGINES, settings)
            assert (left.reason, len(tried)) == (reason, times)


def test_few_engines_do_not_judge_the_whole() -> None:
    """Asked of some only, nothing that is left out is tried."""
    claim = stated(Theorem(a == a), in_the_reals(a / b == a / b), systems="real int8")
    assert examine_cell(claim, "int8", QUICK, ENGINES, partial=True).left_out == ()


def test_what_no_part_states_is_said_by_the_claim() -> None:
    """The cell is PARTIAL with these words, and others are not."""
    cell = cell_of(in_the_reals(a == a), unstated={"int8": "what torch does"})
    assert (cell.verdict, cell.missing) == (Verdict.PARTIAL, ("what torch does",))
    assert cell_of(in_the_reals(a == a), unstated={"int16": "it"}).verdict is Verdict.PROVED


def test_sizes_are_whole_numbers_in_every_cell() -> None:
    """A part that is judged elsewhere holds there: k < k + 1, which int8 has not for 127."""
    sizes = Theorem(a < a + 1, name="sizes", judged_in="integer")
    for theorem, word in ((sizes, Verdict.PROVED), (replace(sizes, judged_in=""), Verdict.REFUTED)):
        cell = examine_cell(stated(theorem, systems="int8"), "int8", QUICK)
        assert (cell.verdict, cell.parts[0].judged_in) == (word, theorem.judged_in)
    claim = stated(sizes, systems="int8")
    mutant = Mutant("smaller", replace(sizes, conclusion=a + 1 < a))
    found = examine_mutant(claim, mutant, QUICK)
    assert found is not None and found.system == "integer" and found.ok


def test_marks_stand_beside_what_is_affirmed_only() -> None:
    """They say what an affirmation rests on; they are counted by cells."""
    marks = (Mark("argued", "one step"), Mark("argued", "another"), Mark("cited", "a theorem"))
    report = RunReport(
        cells=[
            examine_cell(replace(stated(part), marks=marks), "real", QUICK)
            for part in (TRUE, FALSE)
        ]
    )
    assert [cell.marks for cell in report.cells] == [marks, ()]
    assert report.marks() == {"argued": 1, "cited": 1}


def crashes() -> Fake:
    """Return an engine that raises."""

    def crash() -> Evidence:
        raise RuntimeError("segmentation fault, nearly")

    return Fake(crash)


def test_a_true_claim_is_as_declared() -> None:
    """Proved by three engines, attacked by one, mutants refuted: exit 0."""
    report = judged(stated(TRUE))
    (cell,) = report.cells
    assert cell.verdict is Verdict.PROVED
    proved = {e.engine for e in cell.parts[0].evidence if e.verdict is Verdict.PROVED}
    assert {"z3", "cvc5", "sympy"} <= proved
    assert report.exit_code() == 0
    assert report.counters() == {
        "as expected": 3,
        "not as expected": 0,
        "undecided": 0,
        "broken": 0,
    }


def test_a_cell_carries_the_conditions_of_its_claim() -> None:
    """They stand in the report, and so in the JSON, also where the runner itself breaks."""
    claim = replace(stated(TRUE), holds="a and b are finite")
    for engines in (ENGINES, {"broken": object}):
        cell = perform(Task(claim.id, "real"), QUICK, {claim.id: claim}, engines)  # type: ignore[arg-type]
        assert isinstance(cell, CellReport)
        (data,) = to_dict(RunReport(cells=[cell]))["cells"]
        assert data["holds"] == "a and b are finite"


def test_a_false_claim_declared_proved_is_caught() -> None:
    """A claim that is false is refuted with a counterexample: exit 1."""
    report = judged(stated(FALSE))
    (cell,) = report.failures()
    assert cell.verdict is Verdict.REFUTED
    assert cell.counterexample is not None
    assert set(cell.counterexample.assignment) == {"a", "b"}
    assert report.exit_code() == 1


def test_a_true_claim_declared_refuted_is_caught() -> None:
    """Expecting a refutation that does not come is as wrong as the reverse: exit 1."""
    report = judged(stated(TRUE, verdict=Verdict.REFUTED))
    assert [cell.verdict for cell in report.failures()] == [Verdict.PROVED]
    assert report.exit_code() == 1


def test_a_proof_declared_as_mere_test_is_caught() -> None:
    """A stronger word than the expected one is not the expected one."""
    report = judged(stated(TRUE, verdict=Verdict.TESTED))
    assert report.exit_code() == 1


def test_a_vacuous_claim_is_an_error() -> None:
    """Premises that nothing meets prove everything, so they prove nothing: exit 3."""
    vacuous = replace(FALSE, given=(a < b, b < a))
    report = judged(stated(vacuous))
    (cell,) = report.failures()
    assert cell.verdict is Verdict.ERROR
    assert any("vacuous" in e.detail for e in cell.parts[0].evidence)
    assert report.exit_code() == 3


def test_an_assumption_that_is_not_needed_is_caught() -> None:
    """A theorem without one of its assumptions must be false: this one is not."""
    weak = replace(TRUE, given=(a <= b,))
    report = judged(stated(weak))
    (survivor,) = report.survivors()
    assert survivor.name == "without a ≤ b"
    assert "z3" in survivor.proved_by
    assert report.exit_code() == 1


def test_a_mutant_that_is_true_is_caught() -> None:
    """A mutant is a false neighbour; a true one makes the run fail."""
    claim = replace(
        stated(TRUE),
        mutants={"the claim itself": TRUE, "reversed": FALSE},
    )
    report = judged(claim)
    (survivor,) = report.survivors()
    assert survivor.name == "the claim itself"
    assert {"z3", "cvc5", "sympy", "yices"} == set(survivor.proved_by)
    assert report.exit_code() == 1


def test_engines_that_disagree_are_an_error() -> None:
    """One proof beside one refutation: exit 3, whoever is right."""
    engines = {"fake": says(Verdict.REFUTED), "z3": ENGINES["z3"]}
    report = judged(stated(TRUE), engines)
    (cell,) = report.cells
    assert cell.verdict is Verdict.ERROR
    assert report.exit_code() == 3


def test_an_engine_that_gives_up_fails_the_run() -> None:
    """UNKNOWN is never a pass, even beside a proof: exit 1."""
    engines = {"fake": says(Verdict.UNKNOWN), "z3": ENGINES["z3"]}
    report = judged(stated(TRUE), engines)
    assert report.cells[0].verdict is Verdict.UNKNOWN
    assert report.counters()["undecided"] == 1
    assert report.exit_code() == 1


def test_an_engine_that_crashes_is_an_error() -> None:
    """An exception inside an engine is told and is no pass: exit 3."""
    report = judged(stated(TRUE), {"fake": crashes(), "z3": ENGINES["z3"]})
    (cell,) = report.cells
    assert cell.verdict is Verdict.ERROR
    details = [e.detail for e in cell.parts[0].evidence if e.engine == "fake"]
    assert details == ["RuntimeError: segmentation fault, nearly"]
    assert report.exit_code() == 3


def test_a_missing_engine_is_named() -> None:
    """An engine that is not installed is SKIPPED with the reason, in the cell and the report."""
    absent = Fake(lambda: Evidence("fake", Verdict.PROVED, ""), installed=False)
    report = judged(stated(TRUE), {"fake": absent, "z3": ENGINES["z3"]})
    (cell,) = report.cells
    assert cell.verdict is Verdict.PROVED
    skipped = [e for e in cell.parts[0].evidence if e.verdict is Verdict.SKIPPED]
    assert [e.detail for e in skipped] == ["package fake is not installed"]
    assert report.missing == {"fake": "package fake is not installed"}


def test_nothing_but_missing_engines_is_no_pass() -> None:
    """With no engine left the cell is SKIPPED, which is not the declared verdict."""
    absent = Fake(lambda: Evidence("fake", Verdict.PROVED, ""), installed=False)
    report = judged(stated(TRUE), {"fake": absent})
    assert report.cells[0].verdict is Verdict.SKIPPED
    assert report.exit_code() == 1


def test_a_tampered_certificate_is_refuted() -> None:
    """One multiplier changed, and the certificate no longer proves anything: exit 1."""
    tampered = (*SIGNED[:-1], (Fraction(-3), {}))
    check = Check("", "certificate", lambda: separates(tampered), Verdict.PROVED, ("real",))
    report = judged(stated(check))
    (cell,) = report.failures()
    assert cell.verdict is Verdict.REFUTED
    assert cell.parts[0].evidence[0].detail.startswith("the multipliers do not add up to 0")
    assert report.exit_code() == 1


def test_a_certificate_that_breaks_is_an_error() -> None:
    """A check that raises anything but its own failure is broken, not refuted."""
    check = Check("", "certificate", lambda: f"{1 // 0}", Verdict.PROVED, ("real",))
    assert judged(stated(check)).cells[0].verdict is Verdict.ERROR


def test_a_cross_check_adds_no_strength_but_must_hold() -> None:
    """A bounded second route leaves PROVED as it is; a false one sinks the cell."""
    bounded = replace(TRUE, bound="n = 2", cross_check=True, name="bounded")
    assert examine_cell(stated(TRUE, bounded), "real", QUICK).verdict is Verdict.PROVED
    wrong = replace(FALSE, cross_check=True, name="wrong")
    assert examine_cell(stated(TRUE, wrong), "real", QUICK).verdict is Verdict.REFUTED


def test_a_cell_is_as_weak_as_its_weakest_part() -> None:
    """One part proved and one only bounded make a bounded claim."""
    bounded = replace(TRUE, bound="n = 2", name="bounded")
    cell = examine_cell(stated(TRUE, bounded), "real", QUICK)
    assert cell.verdict is Verdict.PROVED_BOUNDED


def test_a_solver_model_that_does_not_replay_is_an_error(monkeypatch: Any) -> None:
    """A counterexample that holds when replayed convicts the solver, not the claim."""
    from verify.engines.smt import Answer

    z3 = ENGINES["z3"]
    monkeypatch.setattr(z3, "solve", lambda text, settings: Answer("sat", {"a": "1.0", "b": "2.0"}))
    cell = examine_cell(stated(TRUE), "real", QUICK, {"z3": z3})
    assert cell.verdict is Verdict.ERROR
    assert "ReplayError" in cell.parts[0].evidence[0].detail


def test_few_engines_make_weaker_words_acceptable() -> None:
    """Asked of one engine only, a claim is accepted if that engine speaks for it at all."""
    cell = examine_cell(
        stated(TRUE), "real", QUICK, {"hypothesis": ENGINES["hypothesis"]}, partial=True
    )
    assert cell.verdict is Verdict.TESTED
    assert cell.ok


def test_dropped_assumptions_become_mutants() -> None:
    """Every assumption of every theorem is dropped once, beside the declared mutants."""
    claim = claims()["max-is-relu-when-ordered"]
    names = [mutant.name for mutant in all_mutants(claim)]
    assert names[-2:] == ["without a ≤ b", "without finite(b)"]
    assert len(names) == len(claim.mutants) + 2


def test_mutants_are_refuted_where_their_claim_holds() -> None:
    """An assumption only floats need is judged in a float format."""
    claim = claims()["max-is-relu-when-ordered"]
    report = examine_mutant(claim, all_mutants(claim)[-1], QUICK)
    assert report is not None
    assert report.system.startswith("float")
    assert report.ok


def test_a_mutant_is_put_to_those_who_vouch_for_its_claim() -> None:
    """Not only to the one that refutes it first: z3 and SymPy prove this claim in the reals."""
    claim = claims()["max-is-relu"]
    lazy = replace(QUICK, thorough=False)
    assert vouching(claim, SYSTEMS["real"], ENGINES) >= {"sympy", "z3"}
    report = examine_mutant(claim, all_mutants(claim)[0], lazy, where="real")
    assert report is not None and {"sympy", "z3"} <= {*report.killed_by}


def test_whoever_proved_a_claim_and_was_put_no_mutant_is_put_one() -> None:
    """Also where the mutants are refuted by others, in other systems, or out of its reach."""
    known = {"max-is-associative": claims()["max-is-associative"]}
    lazy = replace(QUICK, thorough=False)
    report = run(tasks(known, ["real", "int8"]), lazy, claims=known)
    assert report.exit_code() == 0
    todo = vouchers("max-is-associative", report.cells, report.mutants)
    asked = {(task.engine, task.among) for task in todo}
    assert ("bitwuzla", ("int8",)) in asked and "z3" not in {engine for engine, _ in asked}
    # Without any mutant at all everybody who proved is left; who did not is not.
    left = {task.engine for task in vouchers("max-is-associative", report.cells, ())}
    assert {"z3", "bitwuzla", "exhaustive"} <= left and "hypothesis" not in left


def _knowing_canaries(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Have a solver tell its canaries apart, and say ``unsat`` of all else."""
    kind, in_doubt = type(ENGINES[name]), list[str]()
    solve, doubt = kind.solve, Engine.doubt  # type: ignore[attr-defined]

    def doubted(engine: Engine, of: str, system: NumberSystem) -> Evidence | None:
        in_doubt.append(of)
        try:
            return doubt(engine, of, system)
        finally:
            in_doubt.pop()

    def solved(engine: Engine, script: str, settings: Settings) -> Answer:
        return solve(engine, script, settings) if in_doubt else Answer("unsat")

    monkeypatch.setattr(Engine, "doubt", doubted)
    monkeypatch.setattr(kind, "solve", solved)


@pytest.mark.parametrize(
    ("name", "claim", "system"),
    [
        ("bitwuzla", "max-is-associative", "int8"),
        ("bitwuzla", "max-is-associative", ""),
        ("cvc5", "average-is-convolution", "real"),
        ("cvc5", "softmax-pool-is-between", "real"),
    ],
)
def test_a_solver_that_knows_its_canaries_and_nothing_else_is_seen(
    monkeypatch: pytest.MonkeyPatch, name: str, claim: str, system: str
) -> None:
    """In a run over one claim, whether or not any of its mutants is within the solver's reach."""
    _knowing_canaries(monkeypatch, name)
    for known in (smt._scripts, smt._answered, smt._proved_at_once):
        known.cache_clear()
    chosen = {claim: claims()[claim]}
    todo = tasks(chosen, [system or "int16"], everywhere=not system)
    report = run(todo, replace(QUICK, thorough=False), claims=chosen)
    assert any(name in mutant.proved_by for mutant in report.mutants)
    assert report.exit_code() != 0
    # And if it alone is asked, of cells alone.
    alone, cells = {name: ENGINES[name]}, [task for task in todo if task.mutant < 0]
    report = run(cells, QUICK, claims=chosen, engines=alone, partial=True)
    assert report.exit_code() != 0
    for known in (smt._scripts, smt._answered, smt._proved_at_once):
        known.cache_clear()


def test_chosen_systems_have_mutants_of_their_own() -> None:
    """Each is looked at in every one of them in which the claim holds and it is seen to fail."""
    known = {"max-is-relu-when-ordered": claims()["max-is-relu-when-ordered"]}
    todo = tasks(known, ["real", "float8_e5m2"], cells=False, everywhere=False)
    report = run(todo, QUICK, claims=known)
    places = {(mutant.name, mutant.system) for mutant in report.mutants}
    assert {("adds back a", "real"), ("adds back a", "float8_e5m2")} <= places
    # What is true in the reals is no mutant there.
    assert {system for name, system in places if name == "without finite(b)"} == {"float8_e5m2"}
    assert report.exit_code() == 0


@pytest.mark.slow
def test_workers_find_what_one_process_finds() -> None:
    """The report does not depend on the number of processes."""
    known = {name: claims()[name] for name in ("max-is-relu", "three-relu-max")}
    todo = tasks(known, ["real", "int8", "float8_e5m2"])

    def facts(report: RunReport) -> list[tuple[Any, ...]]:
        cells = [(c.claim, c.system, c.verdict, c.counterexample) for c in report.cells]
        return [*cells, *[(m.claim, m.name, m.killed_by) for m in report.mutants]]

    assert facts(run(todo, QUICK, jobs=2)) == facts(run(todo, QUICK, jobs=1))


@pytest.mark.slow
def test_draws_do_not_depend_on_workers_or_order() -> None:
    """One worker, two, or the tasks the other way round: the same samples of each statement."""
    chosen = {name: claims()[name] for name in ("max-is-relu", "max-is-relu-when-exact")}
    todo = tasks(chosen, ["real", "int16", "rounding"])
    engines = {"hypothesis": ENGINES["hypothesis"]}

    def draws(report: RunReport) -> dict[tuple[str, ...], Any]:
        cells: dict[tuple[str, ...], Any] = {
            (cell.claim, cell.system, part.name): [(e.detail, e.draws) for e in part.evidence]
            for cell in report.cells
            for part in cell.parts
            if part.evidence  # a part for another engine has none
        }
        return {**cells, **{(m.claim, m.name): m.draws for m in report.mutants}}

    one = draws(run(todo, QUICK, engines=engines))
    assert len(one) > 10 and all(one.values())
    assert draws(run(todo[::-1], QUICK, engines=engines)) == one
    assert draws(run(todo, QUICK, jobs=2, engines=engines)) == one


@pytest.mark.slow
def test_a_worker_that_dies_takes_only_its_own_tasks_with_it() -> None:
    """What it was at, and what waited for it, is an ERROR; another worker does the rest: exit 3."""
    known = {"max-is-relu": claims()["max-is-relu"]}
    todo = tasks(known, list(SYSTEMS))
    killed: list[int] = []

    def kill(finding: CellReport | MutantReport | None) -> None:
        if not killed:
            first = multiprocessing.active_children()[0]
            killed.append(first.pid or 0)
            first.kill()

    report = run(todo, QUICK, jobs=2, progress=kill)
    assert len(report.cells) + len(report.mutants) == len(todo)
    lost = [cell for cell in report.cells if cell.verdict is Verdict.ERROR]
    assert 1 <= len(lost) + sum(not mutant.ok for mutant in report.mutants) <= 2
    assert all("a worker process died" in cell.parts[0].evidence[0].detail for cell in lost)
    assert report.exit_code() == 3


def test_a_worker_computes_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is a worker for each core, so that torch must not start threads of its own in each."""
    monkeypatch.setenv("OMP_NUM_THREADS", "2")  # which the tests may have set to 1 as well
    with _worker() as worker:
        assert worker.submit(eval, "__import__('torch').get_num_threads()").result() == 1


def test_tasks_of_one_system_stand_together() -> None:
    """Cells and mutants, the slow systems first: workers meet what they have prepared."""
    known = {name: claims()[name] for name in ("max-is-relu-when-ordered", "sterbenz")}
    listed = tasks(known, list(SYSTEMS))
    assert len(listed) == len(set(listed))
    assert sum(not task.system for task in listed) == sum(
        map(len, map(all_mutants, known.values()))
    )
    order = list(SYSTEMS)
    places = [order.index(task.system) for task in listed if task.system]
    assert places == sorted(places, reverse=True)
    first = order.index("float8_e4m3fn")  # where sterbenz holds first
    at = [k for k, task in enumerate(listed) if not task.system and task.claim == "sterbenz"]
    for k in at:
        before = [order.index(task.system) for task in listed[:k] if task.system]
        assert min(before, default=first) >= first


def test_stopping_early_stops_at_the_first_failure() -> None:
    """With ``-x`` nothing after the first wrong verdict is looked at."""
    claim = stated(FALSE, systems="real integer")
    known = {claim.id: claim}
    report = run(tasks(known, list(SYSTEMS)), QUICK, claims=known, stop_early=True)
    assert len(report.cells) == 1
    assert not report.mutants


def test_an_interrupt_keeps_what_was_found() -> None:
    """Ctrl-C ends the run with the partial result: exit 2."""
    claim = stated(TRUE, systems="real integer")
    known = {claim.id: claim}

    def interrupt(finding: CellReport | MutantReport | None) -> None:
        raise KeyboardInterrupt

    report = run(tasks(known, list(SYSTEMS)), QUICK, claims=known, progress=interrupt)
    assert report.interrupted
    assert len(report.cells) == 1
    assert report.exit_code() == 2


def test_a_crash_of_the_runner_is_told() -> None:
    """A claim whose statement cannot even be built into a task is an ERROR, not a traceback."""

    def explode() -> str:
        raise CheckFailedError("no")

    claim = stated(Check("", "certificate", explode, Verdict.PROVED, ("real",)))
    broken = replace(claim, parts=(object(),))  # type: ignore[arg-type]
    found = perform(Task(claim.id, "real"), QUICK, {claim.id: broken}, ENGINES)
    assert isinstance(found, CellReport)
    assert found.verdict is Verdict.ERROR


def test_certificates_of_one_tap_prove_nothing() -> None:
    """With a single tap the maximum is linear, and the certificate must say so."""
    with pytest.raises(CheckFailedError, match="1 taps: the maximum gives 0 as well"):
        separates(SIGNED, taps=1)
    assert separates(((ONE, {0: ONE}), (ONE, {0: -ONE}), (Fraction(-2), {}))).startswith(
        "3 windows"
    )


@pytest.mark.parametrize("name", ["max-is-relu", "min-is-negated-max", "no-linear-kernel-is-max"])
def test_the_mission_is_proved_by_algebra_and_by_a_solver(name: str) -> None:
    """Over the reals SymPy and Z3 both decide these in a plain run, each part or another."""
    todo = tasks({name: claims()[name]}, ["real"], cells=True, mutants=False)
    (cell,) = run(todo, Settings(thorough=False)).cells
    assert cell.verdict is Verdict.PROVED
    deciding = {one.engine for part in cell.parts for one in part.evidence if one.verdict.settles}
    assert {"sympy", "z3"} <= deciding
