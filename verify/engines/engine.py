"""What an engine is: something that can settle a theorem, or says in a word why it did not."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import time
from dataclasses import dataclass, replace
from typing import Any

from proofs.claim import Check, CheckFailedError, Theorem
from proofs.systems.number_system import NumberSystem
from proofs.verdict import Verdict
from verify.engines.counterexample import Counterexample


@dataclass(frozen=True)
class Settings:
    """What a user can turn: how long, how many samples, from which seed."""

    #: Wall-clock limit of one solver call in seconds, behind the resource limit.
    timeout: float = 60.0
    #: Seed of every random choice.
    seed: int = 0
    #: Hypothesis examples per theorem; each tries many elements.
    examples: int = 12
    #: Ask every engine, also once one has refuted a theorem or two have proved it.
    thorough: bool = True
    #: Engines whose records are not believed but made again.
    anew: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Draws:
    """What an engine tried that tries samples: how many, and a digest of all of them."""

    samples: int
    digest: str


@dataclass(frozen=True)
class Evidence:
    """What one engine found out about one part of a claim."""

    engine: str
    verdict: Verdict
    detail: str
    part: str = ""
    seconds: float = 0.0
    counterexample: Counterexample | None = None
    draws: Draws | None = None


class Engine:
    """An engine: its name, the package it needs, what it can be asked, and how it answers."""

    name: str
    #: Distribution on the package index, and the module that its being installed brings.
    distribution: str
    module: str
    #: What its word is worth, in one line for people.
    method: str
    #: Whether it can settle a theorem, and not only find it false.
    decides: bool = True
    #: Whether it is asked whatever others have said, for its answers are stored.
    always: bool = False
    #: When it is asked: those that answer soonest come first.
    turn: int = 0

    def missing(self) -> str | None:
        """Return why the engine cannot run here, ``None`` if it can."""
        if importlib.util.find_spec(self.module) is None:
            return f"package {self.distribution} is not installed"
        return None

    def recorded(self) -> str | None:
        """Return what to install, where committed records stand in for the engine."""
        return None

    def version(self) -> str:
        """Return the version of the package behind the engine."""
        return importlib.metadata.version(self.distribution)

    def supports(self, part: Theorem | Check, system: NumberSystem) -> bool:
        """Say whether the engine can be asked about ``part`` in ``system``."""
        if isinstance(part, Check):
            return part.engine == self.name
        return not part.out_of_reach(self.name, system.name) and self.takes(part, system)

    def takes(self, theorem: Theorem, system: NumberSystem) -> bool:
        """Say whether the engine can interpret ``theorem`` in ``system``."""
        return False

    def examine(self, part: Theorem | Check, system: NumberSystem, settings: Settings) -> Evidence:
        """Settle ``part`` in ``system``. An exception on the way is an ``ERROR``, never a pass."""
        started = time.perf_counter()
        try:
            if isinstance(part, Check):
                evidence = self._run(part, settings)
            else:
                evidence = self.settle(part, system, settings)
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            evidence = self.evidence(Verdict.ERROR, told)
        seconds = time.perf_counter() - started
        return replace(evidence, part=part.name, seconds=seconds)

    def settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Settle a theorem that the engine takes."""
        raise NotImplementedError(f"{self.name} runs checks only")

    def _run(self, check: Check, settings: Settings) -> Evidence:
        try:
            found = check.run()
        except CheckFailedError as failure:
            return self.evidence(Verdict.REFUTED, str(failure))
        return self.evidence(check.grants, found)

    def proof(self, theorem: Theorem, detail: str) -> Evidence:
        """Return the evidence that a proof amounts to, as general as the theorem's shapes are."""
        if theorem.bound:
            return self.evidence(Verdict.PROVED_BOUNDED, f"{detail}, {theorem.bound}")
        return self.evidence(Verdict.PROVED, detail)

    def evidence(self, verdict: Verdict, detail: str, **more: Any) -> Evidence:
        """Return evidence in this engine's name."""
        return Evidence(self.name, verdict, detail, **more)
