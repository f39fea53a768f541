"""A record of a sweep counts as long as what it depends on is what it was, and no longer."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from proofs import claims
from proofs.claim import Theorem
from proofs.records import RecordError, read
from proofs.systems import SYSTEMS
from proofs.terms import finite, value, variables
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.engines.engine import Evidence, Settings
from verify.run.report import CellReport
from verify.run.runner import all_mutants, examine_cell
from verify.sweeps import record
from verify.sweeps.program import judging
from verify.sweeps.record import RECORD, depends_on, made_record, recorded, swept_theorems

a, b = variables("a b")
#: What is swept soonest of all that is recorded, and rests on nothing else.
(CLAIM,) = (claims()["wide-difference-when-close"],)
_, SWEPT = CLAIM.theorems
HALF = SYSTEMS["float16"]
Change = Callable[[dict[str, Any]], object]


def entry(data: dict[str, Any], theorem: Theorem = SWEPT, system: str = "float16") -> Any:
    """Return the entry of a theorem in a record."""
    digest = depends_on(theorem, judging(theorem, SYSTEMS[system]))
    (found,) = (entry for entry in data["sweeps"] if entry["sha256"] == digest)
    return found


@pytest.fixture(name="changed")
def _changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Change], Path]:
    """Return what has the record read from a copy in which one entry is changed."""

    def change(how: Change) -> Path:
        data = json.loads(RECORD.read_text(encoding="utf-8"))
        how(entry(data))
        path = tmp_path / "sweeps.json"
        path.write_text(json.dumps(data), encoding="utf-8")
        monkeypatch.setattr(record.recorded, "__defaults__", (path,))
        return path

    return change


def said(theorem: Theorem = SWEPT, *, anew: bool = False) -> Evidence:
    """Return what the engine says in float16."""
    settings = Settings(anew=frozenset({"exhaustive"} if anew else ()))
    return ENGINES["exhaustive"].examine(theorem, HALF, settings)


def cell() -> CellReport:
    """Return what a plain run makes of the claim in float16."""
    return examine_cell(CLAIM, "float16", Settings(thorough=False, examples=2))


def test_every_sweep_is_on_record() -> None:
    """As the theorem is now, once, in a format of 16 bits in which it is stated and affirmed."""
    for claim, theorem, system in swept_theorems():
        assert system.bits == 16 and theorem in claim.parts_in(system.name)
        assert claim.expected[system.name].affirms
        found = recorded(theorem, judging(theorem, system))
        assert found.tuples == 2**32 and 0 < found.met <= found.tuples
        kept = entry(read(RECORD), theorem, system.name)
        assert (kept["claim"], kept["part"]) == (claim.id, theorem.name)
    assert len(read(RECORD)["sweeps"]) == len([*swept_theorems()]) >= 50


def test_a_cell_may_rest_on_a_record() -> None:
    """It is EXHAUSTED, and the evidence says that this is a record, and of when."""
    found = cell()
    assert found.ok and found.verdict is Verdict.EXHAUSTED
    for part in found.parts:
        (swept,) = (e for e in part.evidence if e.engine == "exhaustive")
        assert swept.verdict is Verdict.EXHAUSTED
        assert swept.detail.startswith("sweep, recorded 20") and "4,294,967,296" in swept.detail


def test_a_mutant_has_no_record() -> None:
    """It is swept up to the first pair that fails, also where its claim has one."""
    assert all(theorem.swept for theorem in CLAIM.theorems)
    for mutant in all_mutants(CLAIM):
        assert isinstance(mutant.false, Theorem) and not mutant.false.swept
        assert said(replace(mutant.false, beyond={})).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    "damage",
    [
        lambda entry: entry.update(sha256=entry["sha256"][::-1]),
        lambda entry: entry.pop("met"),
        lambda entry: entry.pop("sha256"),
        lambda entry: entry.update(tuples=entry["tuples"] - 1),
        lambda entry: entry.update(met=0),
        lambda entry: entry.update(counterexample={"a": 1.0, "b": 2.0}),
        lambda entry: entry.update(tuples="many"),
    ],
    ids=["another hash", "no total", "no hash", "a pair less", "vacuous", "refuted", "no number"],
)
def test_a_damaged_record_is_an_error(damage: Change, changed: Callable[[Change], Path]) -> None:
    """Whether it is seen by its hash or by what it says, and the cell is an ERROR with it."""
    changed(damage)
    evidence = said()
    assert evidence.verdict is Verdict.ERROR
    assert evidence.detail.startswith("RecordError: ") and "--record" in evidence.detail
    assert cell().verdict is Verdict.ERROR


def test_a_record_is_read_without_a_canary(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is asked whose word would count; a sweep that is made, or made anew, has one."""
    engine, asked = ENGINES["exhaustive"], list[str]()
    monkeypatch.setattr(engine, "doubt", lambda kind, system: asked.append(kind))
    assert engine.examine(SWEPT, HALF, Settings()).verdict is Verdict.EXHAUSTED
    assert asked == []
    false = replace(SWEPT, swept=(), given=())
    assert engine.examine(false, HALF, Settings()).verdict is Verdict.REFUTED
    assert "of values" in asked
    asked.clear()
    monkeypatch.setattr(engine, "settle", lambda *_: engine.evidence(Verdict.EXHAUSTED, "made"))
    engine.examine(SWEPT, HALF, Settings(anew=frozenset({"exhaustive"})))
    assert "of values" in asked


def test_a_changed_claim_needs_a_new_record() -> None:
    """Although what it says now is as true."""
    evidence = said(replace(SWEPT, given=(*SWEPT.given, finite(a))))
    assert evidence.verdict is Verdict.ERROR
    assert "no record of a sweep, or what it depends on has changed" in evidence.detail
    assert said(replace(SWEPT, given=(value(b) > 0,))).verdict is Verdict.ERROR


def test_what_runs_a_sweep_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A change in the sources makes every record void, and so do other elements."""
    before = depends_on(SWEPT, judging(SWEPT, HALF))
    assert len(record.SOURCES) == 3
    for name in record.SOURCES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("# another\n", encoding="utf-8")
    with monkeypatch.context() as patched:
        patched.setattr(record, "_ROOT", tmp_path)
        record._sources.cache_clear()
        assert depends_on(SWEPT, judging(SWEPT, HALF)) != before
    record._sources.cache_clear()
    with monkeypatch.context() as patched:
        patched.setattr(record, "_elements", lambda name: "others")
        assert depends_on(SWEPT, judging(SWEPT, HALF)) != before
    assert depends_on(SWEPT, judging(SWEPT, HALF)) == before


def test_a_wrong_total_is_found_by_sweeping_again(changed: Callable[[Change], Path]) -> None:
    """A plain run believes the record; a thorough one makes the sweep, and compares."""
    changed(lambda entry: entry.update(met=entry["met"] - 1))
    assert said().verdict is Verdict.EXHAUSTED
    evidence = said(anew=True)
    assert evidence.verdict is Verdict.ERROR
    assert "within the premises; swept again: all 4,294,967,296 tuples, " in evidence.detail


def test_a_sweep_made_again_is_no_record() -> None:
    """Then the evidence says nothing of records, and the day of the old one is of no interest."""
    evidence = said(anew=True)
    assert evidence.verdict is Verdict.EXHAUSTED
    assert evidence.detail == "all 4,294,967,296 tuples, 2,080,440,320 of them within the premises"


def test_what_fails_is_not_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor what says nothing: no record is made of it."""
    for false in (replace(SWEPT, given=()), replace(SWEPT, given=(a < b, b < a))):
        monkeypatch.setattr(record, "swept_theorems", lambda f=false: iter([(CLAIM, f, HALF)]))
        with pytest.raises(RecordError, match="wide-difference-when-close, b not negative in fl"):
            made_record()


def test_made_again_it_is_the_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """But for the day, and if other versions are installed for those."""
    one = (CLAIM, SWEPT, HALF)
    monkeypatch.setattr(record, "swept_theorems", lambda: iter([one]))
    made = json.loads(json.dumps(made_record()))["sweeps"]
    kept = entry(read(RECORD))
    assert [one | {"date": kept["date"]} for one in made] == [kept]
