"""A key changes with whatever its answer depends on, and with nothing else."""

from __future__ import annotations

import os
import subprocess
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
    monkeypatch.setattr(keys, "version", lambda engine: "another")
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
    """Write the files of a project, and return on what its ``claim_a`` depends."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    monkeypatch.setattr(keys, "ROOT", folder)
    _forget()
    try:
        return keys.sources_of("proofs.sizes.claim_a") + keys.surroundings()
    finally:
        _forget()


def _forget() -> None:
    for known in (keys.sources_of, keys.surroundings, keys._imports, keys._all_sources,
                  keys._entries, keys._file):  # fmt: skip
        known.cache_clear()


#: What an answer of ``claim_a`` depends on, and what it does not.
REACHED = {
    "proofs/sizes/claim_a.py": "from proofs._shared import x",
    "proofs/sizes/__init__.py": "",
    "proofs/sizes/layers.toml": "side = 1",
    "proofs/_shared.py": "def f():\n    import proofs.deeper.still",
    "proofs/deeper/still.py": "y = 1",
    "proofs/deeper/__init__.py": "y = 1",
    "proofs/deeper/table.json": "{}",
    "pooling/kinds/lp.py": "k = 1",
    "costmodel/devices.toml": "w = 1",
    "verify/engines/solver.py": "import proofs.operators\nfrom verify import deep",
    "verify/deep/one.py": "z = 1",
    "verify/deep/__init__.py": "import verify.deep.one",
    "proofs/operators.py": "z = 1",
}
NOT_REACHED = {
    "proofs/sizes/claim_b.py": "z = 1",
    "proofs/means/claim_c.py": "z = 1",
    "proofs/means/table.json": "{}",
    "verify/commands/list.py": "z = 1",
    "verify/display/deep.py": "z = 1",
}


def test_a_check_depends_on_what_it_can_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On its file, what that imports or reads, and the checker; on no other claim."""
    files = {**REACHED, **NOT_REACHED}
    before = _project(tmp_path, monkeypatch, **files)
    for name, content in files.items():
        changed = _project(tmp_path, monkeypatch, **{name: f"{content}  # changed"})
        assert (changed != before) is (name in REACHED), name
        assert _project(tmp_path, monkeypatch, **files) == before


def test_what_the_checker_imports_is_in_every_key() -> None:
    """Also of packages that are not the checker's: what computes a maximum is `pooling`'s."""
    answering = keys._reached(keys._files(keys.ANSWERING))
    for name in ("pooling/arithmetic.py", "proofs/operators.py", "verify/cores.py"):
        assert ROOT / name in answering
    assert ROOT / "pooling" / "windows.py" not in answering


def test_a_change_while_a_process_runs_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of any source, whatever date the file is given; and none, where nothing changes."""
    _project(tmp_path, monkeypatch, **REACHED, **NOT_REACHED)
    later = tmp_path / "later"
    later.touch()
    try:
        monkeypatch.setattr(keys, "BEGUN", later.stat().st_ctime_ns + 1)
        assert keys.unchanged()
        for name in ("proofs/sizes/claim_b.py", "costmodel/devices.toml"):
            path = tmp_path / name
            begun = later.stat().st_ctime_ns + 1
            while path.stat().st_ctime_ns < begun:
                path.write_text("changed")
            os.utime(path, (0, 0))
            assert not keys.unchanged()
            while later.stat().st_ctime_ns <= path.stat().st_ctime_ns:
                later.touch()
            monkeypatch.setattr(keys, "BEGUN", later.stat().st_ctime_ns + 1)
            assert keys.unchanged()
        path.unlink()
        assert not keys.unchanged()
    finally:
        _forget()


READS = """
import sys
from pathlib import Path

root = Path(sys.argv[1])
found = set()


def look(event, args):
    if event != "open" or not isinstance(args[0], str):
        return
    path = Path(args[0])
    if root not in path.parents or path.suffix in (".py", ".pyc"):
        return
    if Path(sys.prefix) in path.parents:  # an environment within the project
        return
    frame = sys._getframe(1)
    while frame is not None:
        file = Path(frame.f_code.co_filename)
        if root / "proofs" in file.parents:
            found.add(f"{file.relative_to(root)} {path.relative_to(root)}")
            return
        frame = frame.f_back


sys.addaudithook(look)
from proofs import claims
from proofs.claim import Check

for claim in claims().values():
    for part in (*claim.parts, *claim.mutants.values()):
        if isinstance(part, Check):
            try:
                part.run()
            except Exception:
                pass
print("\\n".join(sorted(found)))
"""


@pytest.mark.slow
def test_claims_read_what_lies_beside_them() -> None:
    """Every file that a claim or its check opens is one on which its key depends."""
    done = subprocess.run(
        [sys.executable, "-c", READS, str(ROOT)], capture_output=True, text=True, check=True
    )
    found = [line.split() for line in done.stdout.splitlines()]
    assert ["proofs/windows/_layers.py", "proofs/windows/layers.toml"] in found
    around = {str(path.relative_to(ROOT)) for path in keys._files((*keys.AROUND, *keys.REACHED))}
    for module, data in found:
        assert module in around or Path(module).parent == Path(data).parent, (module, data)
