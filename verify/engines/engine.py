"""What an engine is: something that can settle a theorem, or says in a word why it did not."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

from proofs.claim import Check, CheckFailedError, Obligation, Theorem
from proofs.definedness import divisors
from proofs.notation import text
from proofs.systems.number_system import NumberSystem, UnsupportedError
from proofs.verdict import Verdict
from verify.engines.canaries import CANARIES, OF_CHECKS, Canary, kinds, of_checks
from verify.engines.counterexample import Counterexample, undefined, written


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
    #: The file in which answers are kept and looked for; empty for none.
    store: str = ""
    #: Ask in any case; what is kept is only replaced.
    fresh: bool = False
    #: The date that draws, with the seed, which stored answers are asked for again; none if empty.
    drawn_on: str = ""
    #: Take nothing but what is kept.
    only_kept: bool = False


#: What canaries are asked with.
FEW = Settings(examples=2)
#: Engines, kinds of statement and systems whose canaries were told apart in this process.
TOLD_APART: set[tuple[Engine, str, str]] = set()


@dataclass(frozen=True)
class Draws:
    """What an engine tried that tries samples: how many, and a digest of all of them."""

    samples: int
    digest: str


@dataclass(frozen=True)
class Stored:
    """That an answer was given before: when, and by which version of the engine."""

    date: str
    version: str


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
    #: Set if it was given before and taken from the store.
    stored: Stored | None = None
    #: Whether it was in the store and asked for again all the same.
    asked_again: bool = False


@lru_cache(maxsize=1024)
def _may_be_0(theorem: Theorem, system: NumberSystem) -> tuple[Obligation, ...]:
    return tuple(divisors(theorem, system))


def divided_by_0(assignment: Mapping[str, Any], system: NumberSystem) -> str:
    """Say where a statement divides by 0."""
    values = ", ".join(f"{name} = {x}" for name, x in written(assignment, system).items())
    return f"it divides by 0 at {values}" if values else "it divides by 0"


@cache
def _is_there(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


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
    #: When it is asked: those that answer soonest come first.
    turn: int = 0

    def missing(self) -> str | None:
        """Return why the engine cannot run here, ``None`` if it can."""
        if not _is_there(self.module):
            return f"package {self.distribution} is not installed"
        return None

    def recorded(self) -> str | None:
        """Return what to install, where committed records stand in for the engine."""
        return None

    def has_record(self, part: Theorem | Check, system: NumberSystem) -> bool:
        """Say whether a committed record holds its answer: it is asked whatever others say."""
        return False

    def only_reads(self, part: Theorem | Check, system: NumberSystem, settings: Settings) -> bool:
        """Say whether its answer is read from a record, so that nobody is asked or believed."""
        return False

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
        """Settle ``part`` in ``system``, if the engine tells its canaries apart there.

        What divides by 0 somewhere is an ``ERROR``, and so is an exception on the way: no pass.
        """
        started = time.perf_counter()
        asked = () if self.only_reads(part, system, settings) else self.kinds(part, system)
        doubts = (self.doubt(kind, system) for kind in asked)
        doubt = next((found for found in doubts if found is not None), None)
        if doubt is None and isinstance(part, Theorem) and (unseen := _may_be_0(part, system)):
            doubt = self.undefined(part, unseen, system, settings)
        evidence = self.say(part, system, settings) if doubt is None else doubt
        return replace(evidence, part=part.name, seconds=time.perf_counter() - started)

    def say(self, part: Theorem | Check, system: NumberSystem, settings: Settings) -> Evidence:
        """Settle ``part`` whether the engine is to be believed or not."""
        try:
            if isinstance(part, Check):
                return self._run(part, settings)
            return self.settle(part, system, settings)
        except Exception as error:
            return self.evidence(Verdict.ERROR, f"{type(error).__name__}: {error}")

    def undefined(
        self,
        theorem: Theorem,
        unseen: tuple[Obligation, ...],
        system: NumberSystem,
        settings: Settings,
    ) -> Evidence | None:
        """Return where a theorem has no value, or that nobody sees that it has one everywhere.

        ``unseen`` are the divisors that may be 0 for all that is seen at once. ``None`` if none is
        0, or if the engine computes and so comes to know.
        """
        nowhere = undefined(theorem, system)
        try:
            for divisor in unseen if self.decides else ():
                nowhere = nowhere or self.zero_of(divisor, system, settings)
        except UnsupportedError as why:
            return self.evidence(Verdict.UNKNOWN, str(why))
        if nowhere is not None:
            return self.evidence(Verdict.ERROR, divided_by_0(nowhere, system))
        return None

    def zero_of(
        self, divisor: Obligation, system: NumberSystem, settings: Settings
    ) -> Mapping[str, Any] | None:
        """Return values at which a divisor is 0 where it divides, ``None`` if there are none.

        Raises ``UnsupportedError`` if the engine cannot tell.
        """
        raise UnsupportedError(f"nobody has seen that {text(divisor.goal)}, by which it divides")

    def doubt(self, kind: str, system: NumberSystem) -> Evidence | None:
        """Return why the engine is not to be believed about a kind of statement in ``system``.

        ``None`` if it told the statements of its canary apart, now or before in this process.
        """
        if (key := (self, kind, system.name)) in TOLD_APART:
            return None
        if (canary := self.canary(kind, system)) is None:
            return None
        for statement in (canary.true, *canary.false):
            found, true = self.say(statement, system, FEW), statement is canary.true
            if found.verdict.affirms if true else found.verdict is canary.otherwise:
                continue
            named = statement.name if isinstance(statement, Check) else text(statement.conclusion)
            said = f"{found.verdict} of what is {str(true).lower()}, {named}"
            left_open = found.verdict is Verdict.UNKNOWN
            verdict = Verdict.UNKNOWN if left_open else Verdict.ERROR
            return self.evidence(verdict, f"its canary: {said}: {found.detail}")
        TOLD_APART.add(key)
        return None

    def canary(self, kind: str, system: NumberSystem) -> Canary | None:
        """Return the canary of a kind that the engine takes in ``system``, if there is one."""
        for canary in self.check_canaries() if kind == OF_CHECKS else CANARIES[kind]:
            if canary.signed and not getattr(system, "signed", True):
                continue
            if all(self.supports(x, system) for x in (canary.true, *canary.false)):
                return canary
        return None

    def kinds(self, part: Theorem | Check, system: NumberSystem) -> Iterable[str]:
        """Return the kinds of canary that are asked for before ``part``."""
        return kinds(part, system)

    def check_canaries(self) -> tuple[Canary, ...]:
        """Return checks that the engine must tell apart before its word counts."""
        return (of_checks(self.name),)

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
