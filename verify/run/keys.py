"""Under which key an answer is kept: whatever it depends on, so that a key is never out of date.

Of a formula that is its text, as solvers read it or, for those who read no text, written out node
by node; of a check the sources that it can reach. Beside it stand the engine and its version, the
options, the number system, the machine, and the checker's own sources with all that they import.

A file that changes while a process runs may be another than the one that it has loaded: what is
said from then on has no key.
"""

from __future__ import annotations

import ast
import os
import platform
import sys
from collections.abc import Collection, Iterable, Sequence
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from proofs.claim import Check, Theorem
from proofs.records import written_out
from proofs.systems.number_system import NumberSystem
from verify.begun import BEGUN
from verify.engines.engine import Engine, Settings
from verify.engines.smt import SmtEngine
from verify.subnormals import flushed

ROOT = Path(__file__).parents[2]
#: What answers about formulas, whose imports count as well, wherever they lead.
ANSWERING = (
    *(f"verify/{room}/**/*.py" for room in ("engines", "encodings", "sweeps")),
    "verify/strategies.py",
)
#: What lies around it.
AROUND = ("proofs/*.py", "proofs/systems/*.py", "verify/run/*.py", "verify/__init__.py")
#: What a check may call, beside what its claim imports of ``proofs``.
REACHED = ("pooling/**/*", "costmodel/**/*", "proofs/kernel.json")
#: Distributions that replay, attack and count, whoever is asked.
BESIDE = ("torch", "numpy", "llvmlite", "hypothesis", "sympy", "mpmath")


def key(
    engine: Engine, part: Theorem | Check, system: NumberSystem, settings: Settings, place: str
) -> str:
    """Return the key of what ``engine`` says of ``part``; ``place`` tells one check from another.

    The place begins with the name of the module of the claim.
    """
    options: tuple[float, ...] = (settings.timeout, settings.seed, settings.examples)
    if isinstance(engine, SmtEngine) and system.at_once is not None:
        # Whoever is thorough asks about the system itself, also after a proof for all like it.
        options += (settings.thorough,)
    facts = [engine.name, version(engine), repr(options), system.name]
    if isinstance(part, Check):
        facts += [place, part.name, part.grants.name, part.bound, sources_of(place.split()[0])]
    else:
        facts += [written_out(part), part.bound]
        facts += engine.scripts(part, system) if isinstance(engine, SmtEngine) else []
    return of_facts(facts)


def premises_of(
    engine: Engine, theorem: Theorem, system: NumberSystem, settings: Settings
) -> tuple[str, ...]:
    """Return what it depends on whether ``engine`` finds that premises can be met."""
    asked = (engine.name, version(engine), repr(settings.timeout), system.name)
    return ("premises", *asked, written_out(theorem))


def of_facts(facts: Sequence[str]) -> str:
    """Return the key of what depends on ``facts``, and on what every key depends on."""
    return sha256("\0".join([surroundings(), *facts]).encode()).hexdigest()


@cache
def version(engine: Engine) -> str:
    """Return an engine's version; its package is asked once."""
    return engine.version()


@cache
def surroundings() -> str:
    """Return a digest of the checker's sources, what they are run by, and the machine."""
    sources = _digest({*_reached(_files(ANSWERING)), *_files(AROUND)})
    # Whoever switches assertions off has others fail, or none.
    process = [sys.version, str(sys.flags.optimize), str(flushed())]
    facts = [sources, *process, platform.machine(), _processor()]
    for name in BESIDE:
        try:
            facts.append(metadata.version(name))
        except metadata.PackageNotFoundError:
            facts.append("absent")
    return sha256("\0".join(facts).encode()).hexdigest()


def _processor() -> str:
    """Return what the processor can do, by which torch chooses its kernels; where that is told."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")


@cache
def sources_of(module: str) -> str:
    """Return a digest of what the checks of a claim can reach: its imports, theirs, and so on.

    A module may read what lies beside it. Of ``pooling`` and ``costmodel`` that is all there is,
    for their entries are found by being there.
    """
    everything, digest = _entries()
    reached = _reached(filter(None, [_file(module)]), everything)
    rooms = {path.parent for path in reached} - {ROOT / "proofs"}
    beside = [path for room in rooms for path in room.iterdir() if path.suffix != ".py"]
    return f"{digest} {_digest({*reached, *beside})}"


@cache
def _entries() -> tuple[frozenset[Path], str]:
    """Return what every check may call, and a digest of that."""
    files = frozenset(_files(REACHED))
    return files, _digest(files)


def unchanged() -> bool:
    """Say whether all sources are what they were when this process began to load them."""
    return _latest_change(_all_sources()) < BEGUN


@cache
def _all_sources() -> tuple[str, ...]:
    return tuple(map(str, _files((*ANSWERING, *AROUND, *REACHED, "proofs/**/*", "verify/*.py"))))


def _latest_change(files: Iterable[str]) -> int:
    """Return when the latest of all changes to files was made, in nanoseconds; late if one is gone.

    The content or, where the system tells that, anything else: a date of content can be set.
    """
    try:
        return max(max(told.st_mtime_ns, told.st_ctime_ns) for told in map(os.stat, files))
    except OSError:
        return sys.maxsize


def _files(patterns: Iterable[str]) -> list[Path]:
    """Return all files of the project that match, but for what Python keeps of them itself."""
    found = {path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()}
    return sorted(path for path in found if path.parent.name != "__pycache__")


def _digest(files: Iterable[Path]) -> str:
    total = sha256()
    for path in sorted(file for file in files if file.is_file()):
        content = path.read_bytes()
        total.update(f"{path.relative_to(ROOT)}\0{len(content)}\0".encode())
        total.update(content)
    return total.hexdigest()


def _reached(files: Iterable[Path], known: Collection[Path] = ()) -> set[Path]:
    """Return ``files`` and what they import of the project, and that, and so on, but for ``known``.

    The packages that what is imported lies in are executed too.
    """
    reached: set[Path] = set()
    packages: set[Path] = set()
    left = list(files)
    while left:
        path = left.pop()
        if path not in reached and path not in known:
            reached.add(path)
            left += filter(None, map(_file, _imports(path)))
            inside = path.relative_to(ROOT).parents
            packages |= {ROOT / folder / "__init__.py" for folder in inside if folder.name}
    return reached | packages


@cache
def _file(module: str) -> Path | None:
    if module.partition(".")[0] not in ("pooling", "costmodel", "proofs", "verify"):
        return None
    path = ROOT.joinpath(*module.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


@cache
def _imports(path: Path) -> tuple[str, ...]:
    found: list[str] = []
    left: list[ast.AST] = [ast.parse(path.read_bytes())]
    while left:
        node = left.pop()
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        for block in ("body", "handlers", "orelse", "finalbody", "cases"):  # no expression imports
            left += getattr(node, block, ())
    return tuple(found)
