"""What is kept is believed only as long as it says what an engine says now."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pooling.arithmetic import maximum
from proofs import claims
from proofs.claim import Check, CheckFailedError, Theorem
from proofs.systems import SYSTEMS
from proofs.systems.number_system import NumberSystem
from proofs.terms import relu, variables
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.engines.engine import Draws, Engine, Evidence, Settings
from verify.run import consulting, keys
from verify.run.consulting import NotKeptError, OtherwiseError, consult, keep, recalled
from verify.run.runner import run, tasks
from verify.run.store import opened, today

a, b = variables("a b")
TRUE = Theorem(maximum(a, b) == relu(a - b) + b)
FALSE = Theorem(maximum(a, b) == relu(a - b) + a)
PLACE = "proofs.max_by_relu.max_is_relu part 0"


class Told(Engine):
    """An engine that says what it is told, and counts how often it is asked."""

    name = "told"
    distribution = "pytest"
    module = "pytest"
    method = "says what it is told"

    def __init__(self, verdict: Verdict, draws: Draws | None = None) -> None:
        self.verdict, self.draws, self.asked = verdict, draws, 0

    def kinds(self, part: Theorem | Check, system: NumberSystem) -> Iterable[str]:
        """Ask for no canary: what it says is known to be made up."""
        return ()

    def settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Say it."""
        self.asked += 1
        return self.evidence(self.verdict, "as told", draws=self.draws)


@pytest.fixture(name="settings")
def _settings(tmp_path: Path) -> Settings:
    path = str(tmp_path / "evidence.sqlite3")
    assert opened(path).prepare() == ""
    return Settings(store=path)


def ask(
    engine: Engine, settings: Settings, part: Theorem | Check = TRUE, system: str = "real"
) -> Evidence:
    """Ask an engine, or the store."""
    return consult(engine, part, SYSTEMS[system], settings, PLACE)


def forged(settings: Settings, forge: Callable[[str], str]) -> None:
    """Put other bodies in the place of those that are kept, sealed as they should be."""
    store = opened(settings.store)
    store.flush()
    with closing(sqlite3.connect(settings.store)) as connection:
        rows = connection.execute("select key, version, body from evidence").fetchall()
    assert rows
    for key, version, body in rows:
        store.write(key, version, forge(body))
    store.flush()


@pytest.mark.parametrize("word", [Verdict.PROVED, Verdict.EXHAUSTED, Verdict.TESTED])
def test_an_answer_is_asked_for_once(settings: Settings, word: Verdict) -> None:
    """The second time it is taken from the store, with date and version."""
    engine = Told(word)
    first, second = ask(engine, settings), ask(engine, settings)
    assert engine.asked == 1
    assert first.stored is None and second.stored is not None
    assert second.stored == (second.stored.__class__)(today(), engine.version())
    assert replace(second, stored=None, seconds=0) == replace(first, seconds=0)


@pytest.mark.parametrize("word", [Verdict.UNKNOWN, Verdict.ERROR, Verdict.SKIPPED, Verdict.REFUTED])
def test_what_settles_nothing_is_not_kept(settings: Settings, word: Verdict) -> None:
    """Nor is a theorem refuted without values that could be replayed."""
    engine = Told(word)
    assert [ask(engine, settings).stored for _ in range(2)] == [None, None]
    assert engine.asked == 2


def test_fresh_asks_and_keeps(settings: Settings) -> None:
    """What is kept is replaced, and not looked at."""
    engine = Told(Verdict.PROVED)
    ask(engine, settings)
    engine.verdict = Verdict.TESTED
    assert ask(engine, replace(settings, fresh=True)).verdict is Verdict.TESTED
    assert ask(engine, settings).verdict is Verdict.TESTED
    assert engine.asked == 2


@pytest.mark.parametrize("system", ["real", "int8", "float16", "rounding", "wraparound"])
def test_a_counterexample_comes_back_whole(settings: Settings, system: str) -> None:
    """With every step, of whatever system; and it was replayed."""
    first, second = (ask(ENGINES["hypothesis"], settings, FALSE, system) for _ in range(2))
    assert first.verdict is Verdict.REFUTED and second.stored is not None
    assert second.counterexample == first.counterexample
    assert second.draws == first.draws


def test_a_model_that_does_not_fail_is_an_error(settings: Settings) -> None:
    """Values in the store that refute nothing convict the store."""
    ask(ENGINES["z3"], settings, FALSE)

    def at_0(kept: str) -> str:
        body = json.loads(kept)
        source = json.loads(body["found"][0])
        source["values"] = dict.fromkeys(source["values"], "0")
        return json.dumps({**body, "found": [json.dumps(source), body["found"][1]]})

    forged(settings, at_0)
    evidence = ask(ENGINES["z3"], settings, FALSE)
    assert evidence.verdict is Verdict.ERROR
    assert evidence.detail.startswith("stored, and not so: ")


@pytest.mark.parametrize("rubbish", ["", "{}", "[1]", '{"verdict": "CERTAIN"}'])
def test_what_cannot_be_read_is_asked_again(settings: Settings, rubbish: str) -> None:
    """A row that is no evidence is as good as none."""
    engine = Told(Verdict.PROVED)
    ask(engine, settings)
    forged(settings, lambda _: rubbish)
    assert ask(engine, settings).stored is None
    assert engine.asked == 2


@pytest.fixture(name="drawn")
def _drawn(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Draw every answer."""
    monkeypatch.setattr(consulting, "ONE_IN", 1)
    return replace(settings, drawn_on="2026-11-28")


def test_drawn_answers_are_asked_for_again(settings: Settings, drawn: Settings) -> None:
    """And listed; those that say the same are as good as new."""
    engine = Told(Verdict.PROVED)
    assert not ask(engine, drawn).asked_again  # nothing was stored
    evidence = ask(engine, drawn)
    assert (engine.asked, evidence.asked_again, evidence.stored) == (2, True, None)


@pytest.mark.parametrize(
    "now",
    [
        Told(Verdict.TESTED, Draws(7, "other")),
        Told(Verdict.EXHAUSTED, Draws(7, "digest")),
    ],
)
def test_another_answer_is_an_error(settings: Settings, drawn: Settings, now: Told) -> None:
    """Another word, or other samples of the same seed."""
    before = Told(Verdict.TESTED, Draws(7, "digest"))
    ask(before, settings)
    before.verdict, before.draws = now.verdict, now.draws
    evidence = ask(before, drawn)
    assert evidence.verdict is Verdict.ERROR
    assert evidence.detail.startswith(f"stored on {today()}: ")
    # On other days, when it is not drawn, it is not told as if nothing had been.
    assert ask(before, settings).stored is None


@pytest.mark.parametrize("word", ["True", "False"])
def test_what_is_found_about_a_statement_is_drawn_too(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    """Where it is false, that its premises can be met: found otherwise it is an error."""
    drawn = replace(settings, drawn_on="2026-11-28")
    assert recalled(settings, ("facts",), lambda: "True") == "True"
    assert recalled(drawn, ("facts",), lambda: "False") == "True"
    monkeypatch.setattr(consulting, "ONE_IN", 1)
    with pytest.raises(NotKeptError):
        recalled(replace(drawn, only_kept=True), ("facts",), lambda: word)
    if word == "True":
        assert recalled(drawn, ("facts",), lambda: word) == word
    else:
        with pytest.raises(OtherwiseError, match="asked again: False"):
            recalled(drawn, ("facts",), lambda: word)
        assert recalled(settings, ("facts",), lambda: word) == word


def test_no_answer_is_no_pass(settings: Settings, drawn: Settings) -> None:
    """An engine that gives up the second time leaves the statement open, whatever was stored."""
    engine = Told(Verdict.PROVED)
    ask(engine, settings)
    engine.verdict = Verdict.UNKNOWN
    assert ask(engine, drawn).verdict is Verdict.UNKNOWN


def test_one_in_twenty_is_drawn_by_seed_and_date() -> None:
    """The same ones for one seed and date; others on another day or by another seed."""

    def drawn(seed: int, date: str) -> set[int]:
        settings = Settings(seed=seed, drawn_on=date)
        return {n for n in range(4000) if consulting.drawn(f"key {n}", settings)}

    today = drawn(0, "2026-11-28")
    assert 150 < len(today) < 250
    assert drawn(0, "2026-11-28") == today
    assert len(drawn(0, "2026-11-29") & today) < 50 and len(drawn(1, "2026-11-28") & today) < 50
    assert not drawn(0, "")


def test_a_check_is_kept_and_so_is_its_failure(settings: Settings) -> None:
    """Under what its sources are; there is no model to replay."""

    def fails() -> str:
        raise CheckFailedError("3 windows are wrong")

    for run_it, word in ((lambda: "all well", Verdict.PROVED), (fails, Verdict.REFUTED)):
        check = Check(word.name, "certificate", run_it, Verdict.PROVED, ("real",))
        ask(ENGINES["certificate"], settings, check)
        again = ask(ENGINES["certificate"], settings, check)
        assert again.verdict is word and again.stored is not None


def test_only_what_is_kept(settings: Settings, drawn: Settings) -> None:
    """Asked for that alone, the rest is refused: what is missing, and what is drawn."""
    engine = Told(Verdict.PROVED)
    with pytest.raises(NotKeptError):
        ask(engine, replace(settings, only_kept=True))
    ask(engine, settings)
    assert ask(engine, replace(settings, only_kept=True)).verdict is Verdict.PROVED
    with pytest.raises(NotKeptError):
        ask(engine, replace(drawn, only_kept=True))


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_second_run_finds_what_the_first_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    """Cells and mutants, without an engine asked, however many processes there are."""
    monkeypatch.setattr(keys, "unchanged", lambda: True)  # whoever edits while tests run
    known = {name: claims()[name] for name in ("three-relu-max", "sterbenz")}
    todo = tasks(known, ["real", "int8", "float16"])
    settings = replace(settings, timeout=20, examples=5, thorough=False)
    first, second = (run(todo, settings, jobs=jobs) for _ in range(2))
    assert first.stored() == 0 and second.stored() > 20
    not_on_record = [one for _, one in second.evidence() if "recorded" not in one.detail]
    assert all(one.stored is not None for one in not_on_record)
    assert [(c.claim, c.system, c.verdict, c.counterexample) for c in first.cells] == [
        (c.claim, c.system, c.verdict, c.counterexample) for c in second.cells
    ]
    assert [(m.name, m.killed_by, m.system) for m in first.mutants] == [
        (m.name, m.killed_by, m.system) for m in second.mutants
    ]


def test_what_is_said_while_a_file_changes_is_not_kept(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be of what the file was, and would be found by what it is."""
    todo = tasks({"sterbenz": claims()["sterbenz"]}, ["real"])
    monkeypatch.setattr(keys, "unchanged", lambda: False)
    run(todo, settings)
    assert run(todo, settings).stored() == 0
    monkeypatch.setattr(keys, "unchanged", lambda: True)
    run(todo, settings)
    assert run(todo, settings).stored() > 0


def test_what_is_said_is_written_after_a_while(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or at once, at the end of a run; until then nobody else finds it."""

    def rows() -> int:
        with closing(sqlite3.connect(settings.store)) as connection:
            ((count,),) = connection.execute("select count(*) from evidence")
        return int(count)

    monkeypatch.setattr(keys, "unchanged", lambda: True)
    monkeypatch.setattr(consulting, "PERIOD", 1e9)
    ask(Told(Verdict.PROVED), settings)
    keep(settings)
    assert rows() == 0
    keep(settings, at_once=True)
    assert rows() == 1
    monkeypatch.setattr(consulting, "PERIOD", 0.0)
    ask(Told(Verdict.PROVED), settings, part=FALSE)
    keep(settings)
    assert rows() == 2
