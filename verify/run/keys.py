"""Under which key an answer is kept: whatever it depends on, so that a key is never out of date.

Of a formula that is its text, as solvers read it or, for those who read no text, written out node
by node; of a check the sources that it can reach. Beside it stand the engine and its version, the
options, the number system, the machine, and the checker's own sources.
"""

from __future__ import annotations

import ast
import platform
import sys
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib import metadata
from pathlib import Path

from proofs.claim import Check, Theorem
from proofs.records import written_out
from proofs.systems.number_system import NumberSystem
from verify.engines.engine import Engine, Settings
from verify.engines.smt import SmtEngine
from verify.subnormals import flushed

ROOT = Path(__file__).parents[2]
#: What an answer about a formula depends on, beside the formula: the checker and its languages.
CHECKER = (
    *("proofs/*.py", "proofs/systems/*.py", "verify/strategies.py"),
    *(f"verify/{room}/**/*.py" for room in ("engines", "encodings", "sweeps", "run")),
)
#: What a check may call, beside what its claim imports of ``proofs``.
REACHED = ("pooling/**/*.py", "costmodel/**/*.py", "proofs/kernel.json")
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
    facts = [engine.name, _version(engine), repr(options), system.name]
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
    asked = (engine.name, _version(engine), repr(settings.timeout), system.name)
    return ("premises", *asked, written_out(theorem))


def of_facts(facts: Sequence[str]) -> str:
    """Return the key of what depends on ``facts``, and on what every key depends on."""
    return sha256("\0".join([surroundings(), *facts]).encode()).hexdigest()


@cache
def _version(engine: Engine) -> str:
    return engine.version()


@cache
def surroundings() -> str:
    """Return a digest of the checker's sources, what they are run by, and the machine."""
    facts = [digest(CHECKER), sys.version, platform.machine(), _processor(), str(flushed())]
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
def digest(patterns: tuple[str, ...]) -> str:
    """Return a digest of all files of the project that match ``patterns``."""
    found = sorted({path for pattern in patterns for path in ROOT.glob(pattern)})
    total = sha256()
    for path in found:
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


@cache
def sources_of(module: str) -> str:
    """Return a digest of what the checks of a claim can reach: its imports, theirs, and so on.

    Of ``pooling`` and ``costmodel`` that is all there is, for their entries are found by being
    there.
    """
    reached: dict[str, Path] = {}
    left = [module]
    while left:
        name = left.pop()
        path = _file(name)
        if name in reached or path is None:
            continue
        reached[name] = path
        left += _imports(path)
    total = sha256(digest(REACHED).encode())
    for name in sorted(reached):
        total.update(reached[name].read_bytes())
    return total.hexdigest()


def _file(module: str) -> Path | None:
    if not module.startswith(("proofs", "verify")):
        return None
    path = ROOT.joinpath(*module.split("."))
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


@cache
def _imports(path: Path) -> tuple[str, ...]:
    found = []
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(found)
