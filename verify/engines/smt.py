"""What the SMT solvers share: they read one script, answer one word, and may give a model."""

from __future__ import annotations

import contextlib
import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from proofs.claim import Check, Obligation, Theorem
from proofs.evaluate import evaluate
from proofs.systems.number_system import NumberSystem, UnsupportedError
from proofs.terms import conjunction, free_variables, subterms
from proofs.verdict import Verdict
from verify.encodings.smtlib import script
from verify.engines.counterexample import confirmed, simplest
from verify.engines.engine import Engine, Evidence, Settings
from verify.engines.points import operators_of, points

#: Operators and systems whose encoding was found right at telling elements in this process.
RIGHT_AT_POINTS: set[tuple[str, str]] = set()


@dataclass(frozen=True)
class Answer:
    """A solver's answer: ``sat``, ``unsat`` or ``unknown``, a model, a reason."""

    word: str
    model: dict[str, str] = field(default_factory=dict)
    reason: str = ""


class SmtEngine(Engine):
    """An engine that hands SMT-LIB text to a solver."""

    #: Floating-point formats (exponent bits, precision) the solver takes; ``None`` means any.
    float_formats: tuple[tuple[int, int], ...] | None = None
    #: Prefixes of the logics the solver takes.
    logics: tuple[str, ...] = ("QF_", "ALL")
    #: Whether products of variables may keep it beyond its limit.
    overruns: bool = False

    @abstractmethod
    def solve(self, text: str, settings: Settings) -> Answer:
        """Decide one script."""

    def answer(self, text: str, settings: Settings) -> Answer:
        """Return what the solver says of a script, or said of the very same in this process.

        Many systems have one script: all formats at once, every width of integers.
        """
        return _answered(self.solve, text, settings.timeout)

    def supports(self, part: Theorem | Check, system: NumberSystem) -> bool:
        """Say whether a theorem can be written in ``system``, or where all like it are at once."""
        return super().supports(part, system) or self._at_once(part, system) is not None

    def _at_once(self, part: Theorem | Check, system: NumberSystem) -> NumberSystem | None:
        """Return the system in which a proof is sought for all systems like this one at once.

        Where that is out of reach it is the one that says the same by definition.
        """
        every = system.at_once
        if every is not None and super().supports(part, every):
            return every
        defined = (system if every is None else every).by_definition
        here = every is None and super().supports(part, system)
        return defined if defined and not here and super().supports(part, defined) else None

    def takes(self, theorem: Theorem, system: NumberSystem) -> bool:
        """Decline what the system cannot encode or the solver cannot read."""
        try:
            return all(self.reads(text) for _, text in _scripts(theorem, system))
        except UnsupportedError:
            return False

    def scripts(self, theorem: Theorem, system: NumberSystem) -> list[str]:
        """Return what the solver may be given to read."""
        texts: list[str] = []
        for one in (self._at_once(theorem, system), system):
            with contextlib.suppress(UnsupportedError):
                texts += [text for _, text in _scripts(theorem, one)] if one is not None else []
        return texts

    def reads(self, text: str) -> bool:
        """Say whether the solver takes the logic and the float formats of a script."""
        logic = re.match(r"\(set-logic (\S+)\)", text)
        if logic is None or not logic[1].startswith(self.logics):
            return False
        formats = re.findall(r"\(_ (?:FloatingPoint|to_fp) (\d+) (\d+)\)", text)
        return self.float_formats is None or all(
            (int(e), int(p)) in self.float_formats for e, p in formats
        )

    def settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Prove ``theorem`` in all systems like this one at once; if that fails, in this one.

        If the settings are thorough it is proved in this one as well.
        """
        every = self._at_once(theorem, system)
        if every is not None and every is not system.at_once:
            doubts = (self.doubt(kind, every) for kind in self.kinds(theorem, every))
            if (doubt := next((found for found in doubts if found is not None), None)) is not None:
                return doubt
        proved = "" if every is None else _proved_at_once(self, theorem, every, settings.timeout)
        alone = super().supports(theorem, system)
        if proved and not (settings.thorough and alone):
            return self.proof(theorem, proved)
        if not alone:
            assert every is not None
            failing = simplest(theorem, system)
            if failing is None:
                return self.evidence(Verdict.UNKNOWN, f"no proof in {every.name}")
            shown = confirmed(theorem, failing, system)
            detail = f"no proof in {every.name}, replayed"
            return self.evidence(Verdict.REFUTED, detail, counterexample=shown)
        found = self._settle(theorem, system, settings)
        if found.verdict is Verdict.REFUTED and proved:
            return self.evidence(Verdict.ERROR, f"{proved}, and yet: {found.detail}")
        return replace(found, detail=f"{found.detail}; {proved}") if proved else found

    def _settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Prove every obligation of ``theorem``, or confirm a counterexample."""
        obligations = _scripts(theorem, system)
        if (misread := self._misread(theorem, system, settings)) is not None:
            return misread
        for obligation, text in obligations:
            answer = self.answer(text, settings)
            if answer.word == "unknown":
                where = f" at {obligation.label}" if obligation.label else ""
                return self.evidence(Verdict.UNKNOWN, f"gave up{where}: {answer.reason}")
            if answer.word == "sat":
                return self._refutation(theorem, obligation, answer, system)
        detail = "unsat" if len(obligations) == 1 else "base and step unsat"
        return self.proof(theorem, detail)

    def _misread(
        self, theorem: Theorem, system: NumberSystem, settings: Settings
    ) -> Evidence | None:
        """Return that an operator is not encoded as it is computed; ``None`` if all are.

        All solvers read the same script, so one of them is asked, once in a process.
        """
        for operator in operators_of(theorem):
            if (key := (operator, system.name)) in RIGHT_AT_POINTS:
                continue
            text = points(operator, system)
            if text is not None:
                if not self.reads(text):
                    continue
                answer = self.answer(text, settings)
                if answer.word != "unsat":
                    unknown = answer.word == "unknown"
                    word = Verdict.UNKNOWN if unknown else Verdict.ERROR
                    said = f"gave up on {operator}" if unknown else f"{operator} is encoded wrong"
                    return self.evidence(word, f"{said} at telling elements of {system.name}")
            RIGHT_AT_POINTS.add(key)
        return None

    def _refutation(
        self, theorem: Theorem, obligation: Obligation, answer: Answer, system: NumberSystem
    ) -> Evidence:
        quantified = any(node.operator == "forall" for node in subterms(theorem.conclusion))
        if quantified:
            return self.evidence(
                Verdict.UNKNOWN, "a model under a quantifier, which cannot be replayed"
            )
        found: Mapping[str, Any] | None
        if theorem.inductive or not system.decided_by_models:
            # Such a model refutes the induction step or the axiom's instances, not the theorem.
            found = simplest(theorem, system)
            if found is None:
                failed = obligation.label or "the rounding axiom does not decide it"
                return self.evidence(Verdict.UNKNOWN, f"no proof ({failed}), no counterexample")
        else:
            try:
                system = system.instance(answer.model)
                found = {name: system.decode(answer.model[name]) for name in theorem.variables}
            except UnsupportedError as irrational:
                return self.evidence(Verdict.UNKNOWN, f"cannot be replayed: {irrational}")
        shown = confirmed(theorem, found, system)
        return self.evidence(Verdict.REFUTED, "sat, replayed", counterexample=shown)

    def zero_of(
        self, divisor: Obligation, system: NumberSystem, settings: Settings
    ) -> Mapping[str, Any] | None:
        """Ask the solver for values at which a divisor is 0 where it divides."""
        answer = self.answer(script(divisor, system), settings)
        if answer.word == "unsat":
            return None
        everything = conjunction((*divisor.premises, ~divisor.goal))
        if answer.word == "sat":
            instance = system.instance(answer.model)
            names = free_variables(everything)
            found = {name: instance.decode(answer.model[name]) for name in names}
            if evaluate(everything, found, instance):
                return found
        return super().zero_of(divisor, system, settings)

    def satisfiable(
        self, theorem: Theorem, system: NumberSystem, settings: Settings
    ) -> bool | None:
        """Say whether some values meet all premises of ``theorem``; ``None`` if undecided.

        It is so too if the solver does not tell its canaries apart.
        """
        if any(self.doubt(kind, system) is not None for kind in self.kinds(theorem, system)):
            return None
        premises = Obligation("premises", theorem.premises, theorem.conclusion)
        word = self.answer(script(premises, system, goal=False), settings).word
        return {"sat": True, "unsat": False}.get(word)


@lru_cache(maxsize=4096)
def _answered(solve: Callable[[str, Settings], Answer], text: str, timeout: float) -> Answer:
    return solve(text, Settings(timeout=timeout))


@lru_cache(maxsize=1024)
def _proved_at_once(
    engine: SmtEngine, theorem: Theorem, system: NumberSystem, timeout: float
) -> str:
    """Return how a theorem is proved in a system that stands for many, "" if it is not."""
    told: dict[str, None] = {}
    for _, text in _scripts(theorem, system):
        if engine.answer(text, Settings(timeout=timeout)).word != "unsat":
            return ""
        told |= dict.fromkeys(system.taken_for_granted(text))
    return f"unsat in {system.name}, and so here" + (f": {', '.join(told)}" if told else "")


@lru_cache(maxsize=4096)
def _scripts(theorem: Theorem, system: NumberSystem) -> list[tuple[Obligation, str]]:
    """Return the obligations of a theorem and their scripts, which all solvers read."""
    return [(obligation, script(obligation, system)) for obligation in theorem.obligations()]
