"""A key changes with whatever its answer depends on, and with nothing else."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from pooling.arithmetic import maximum
from proofs.claim import Check, Theorem
from proofs.systems import SYSTEMS
from proofs.terms import relu, variables
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.engines.engine import Settings
from verify.run import keys

a, b, i, m = variables("a b i m")
STATED = Theorem(maximum(a, b) == relu(a - b) + b, given=(a <= b,))
REAL = SYSTEMS["real"]
ROOT = keys.ROOT
PLACE = "proofs.max_by_relu.max_is_relu part 0"


def key(
    part: Theorem | Check = STATED, engine: str = "z3", system: str = "real", **options: int
) -> str:
    """Return the key of an answer."""
    return keys.key(ENGINES[engine], part, SYSTEMS[system], Settings(**options), PLACE)  # type: ignore[arg-type]


def test_the_same_question_has_the_same_key() -> None:
    """Also when it is built anew, under another name."""
    again = Theorem(maximum(a, b) == relu(a - b) + b, given=(a <= b,), name="another name")
    assert key() == key() == key(again)


@pytest.mark.parametrize(
    "other",
    [
        Theorem(maximum(a, b) == relu(a - b) + a, given=(a <= b,)),
        Theorem(maximum(a, b) == relu(a - b) + b, given=(b <= a,)),
        Theorem(maximum(a, b) == relu(a - b) + b),
        replace(STATED, given=(), where=(a <= b,)),
        replace(STATED, bound="up to 7"),
    ],
)
@pytest.mark.parametrize("engine", ["z3", "sympy"])
def test_another_question_has_another(other: Theorem, engine: str) -> None:
    """Whatever part of the statement differs."""
    assert key(other, engine) != key(engine=engine)


def test_engine_system_options_and_version_are_in_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """One question to another engine, in another system or with another limit is another."""
    others = {key(), key(engine="cvc5"), key(system="integer"), key(seed=1), key(timeout=5)}
    assert len(others) == 5
    monkeypatch.setattr(keys, "_version", lambda engine: "another")
    assert key() not in others


@pytest.mark.parametrize(
    ("engine", "system", "another"),
    [("z3", "int8", True), ("z3", "real", False), ("exhaustive", "int8", False)],
)
def test_who_is_thorough_asks_about_the_system_itself(
    engine: str, system: str, another: bool
) -> None:
    """A proof for all systems like it, kept by a run that was content with that, is not enough."""
    quick, thorough = (key(STATED, engine, system, thorough=said) for said in (False, True))
    assert (quick != thorough) is another


def test_what_claims_import_is_in_the_key() -> None:
    """Whatever package their checks compute with."""
    files = [file for room in ("proofs", "pooling") for file in (ROOT / room).rglob("*.py")]
    names = {name.partition(".")[0] for file in files for name in keys._imports(file)}
    assert names - {*sys.stdlib_module_names, "proofs", "pooling", "costmodel"} <= {*keys.BESIDE}


def test_checks_are_told_apart_by_their_place() -> None:
    """Their functions have no text; two of one name stand at two places."""
    check = Check("", "certificate", lambda: "", Verdict.PROVED, ("real",))
    one, other = (
        keys.key(ENGINES["certificate"], check, REAL, Settings(), f"proofs.answers {place}")
        for place in ("part 0", "mutant reversed")
    )
    assert one != other


def _project(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> str:
    for name, content in files.items():
        path = folder.joinpath(*name.split("__")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.setattr(keys, "ROOT", folder)
    for known in (keys.sources_of, keys.digest, keys._imports):
        known.cache_clear()
    found = keys.sources_of("proofs.claim_a")
    for known in (keys.sources_of, keys.digest, keys._imports):
        known.cache_clear()
    return found


def test_a_check_depends_on_what_it_can_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On its file, what that imports and what that imports; on no other claim."""
    files = {
        "proofs__claim_a": "from proofs._shared import x",
        "proofs___shared": "def f():\n    import proofs.deeper",
        "proofs__deeper": "y = 1",
        "proofs__claim_b": "z = 1",
        "pooling__kinds__lp": "k = 1",
    }
    before = _project(tmp_path, monkeypatch, **files)
    assert _project(tmp_path, monkeypatch, proofs__claim_b="z = 2") == before
    for name in files.keys() - {"proofs__claim_b"}:
        changed = _project(tmp_path, monkeypatch, **{name: f"{files[name]}  # changed"})
        assert changed != before
        assert _project(tmp_path, monkeypatch, **files) == before
