"""Proving that two output elements are equal, once for all windows that differ only in place.

An obligation is a :class:`~proofs.claim.Theorem`, ``left = right`` for all values of the input.
Windows that are translations of each other give obligations that differ in the names of their
variables only, and are settled together. Over the reals the normal form settles most; a solver is
asked as well where there are few variables, so that two ways agree. Everything else is for the
solvers.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from proofs.claim import Theorem
from proofs.systems import NumberSystem
from proofs.systems.number_system import UnsupportedError
from proofs.terms import Term, subterms
from proofs.verdict import Verdict
from verify.encodings.smtlib import script
from verify.engines.engine import Engine, Evidence, Settings
from verify.engines.smt import SmtEngine
from verify.judge.normal_form import NoNormalFormError, lattice_form, normal_form

#: Up to this many variables a solver checks what the normal form has settled …
MOST_CHECKED = 9
#: … and for this many seconds at a time: the check of a proof that stands is worth no more.
CHECK_SECONDS = 1.0


@dataclass(frozen=True)
class Obligation:
    """Two terms to be shown equal, and the output elements that come down to them."""

    left: Term
    right: Term
    places: list[tuple[int, ...]] = field(default_factory=list)


@dataclass(frozen=True)
class Settled:
    """What became of an obligation: a verdict, what each engine said, values that refute it."""

    verdict: Verdict
    evidence: tuple[Evidence, ...]
    model: Mapping[str, Any] | None = None


def distinct(pairs: Iterable[tuple[tuple[int, ...], Term, Term]]) -> list[Obligation]:
    """Return the pairs of terms that differ in more than the names of their variables.

    Args:
        pairs: A place in the output, with both terms there.
    """
    found: dict[Any, Obligation] = {}
    for place, left, right in pairs:
        key = _shape(left, right)
        found.setdefault(key, Obligation(left, right)).places.append(place)
    return list(found.values())


def _shape(*terms: Term) -> Any:
    """Return the terms with their variables numbered in order of appearance, as one hashable."""
    variables: dict[str, int] = {}
    nodes: dict[Any, int] = {}
    numbers: dict[Term, int] = {}

    def number(term: Term) -> int:
        if term not in numbers:
            leaf: Any = term.leaf
            if term.operator == "variable":
                leaf = variables.setdefault(str(leaf), len(variables))
            node = (term.operator, leaf, *map(number, term.args))
            numbers[term] = nodes.setdefault(node, len(nodes))
        return numbers[term]

    ends = tuple(number(term) for term in terms)
    return (*nodes, ends)


def same_form(obligation: Obligation) -> bool:
    """Say whether both sides are one and the same expression."""
    left, right = _shape(obligation.left, obligation.right)[-1]
    return bool(left == right)


def labelled(proposition: Term) -> Term:
    """Return a proposition in which every expression that occurs more than once has a name.

    Whoever writes it down then writes each of them once: a fold over n taps, in which every
    maximum so far occurs twice, is n lines and not 2ⁿ.
    """
    uses: dict[Term, int] = {}
    for node in subterms(proposition):
        for arg in node.args:
            uses[arg] = uses.get(arg, 0) + 1
    names = (f"s{i}" for i in count(1))
    done: dict[Term, Term] = {}
    for node in subterms(proposition):
        args = tuple(done[arg] for arg in node.args)
        anew = Term(node.operator, args, node.sort, node.leaf) if args else node
        if args and uses.get(node, 0) > 1:
            anew = Term("applied", (anew,), node.sort, next(names))
        done[node] = anew
    return done[proposition]


def settle(
    obligation: Obligation,
    system: NumberSystem,
    engines: Mapping[str, Engine],
    deadline: float,
    bound: str,
    *,
    forms: bool = True,
    checked_until: float = math.inf,
) -> Settled:
    """Prove an obligation or find values that refute it, before ``deadline``.

    Args:
        obligation: What is to be shown.
        system: The number system its terms are over.
        engines: The solvers to ask, by name.
        deadline: On the clock of :func:`time.perf_counter`.
        bound: For which shape it is stated, in words.
        forms: Whether equal normal forms count as a proof.
        checked_until: When to stop asking solvers about what the normal forms have proved, on
            the same clock.
    """
    if same_form(obligation):
        return Settled(Verdict.PROVED_BOUNDED, (_said("syntax", "one and the same expression"),))
    theorem = Theorem(labelled(obligation.left == obligation.right), bound=bound)
    evidence: list[Evidence] = []
    if forms and lattice_form(obligation.left) == lattice_form(obligation.right):
        evidence.append(_said("lattice form", "both are extremes of the same elements"))
    elif forms and system.name == "real" and _same_normal_form(obligation):
        evidence.append(_said("normal form", "both are the same sum of maxima"))
    solvers = [engine for engine in engines.values() if isinstance(engine, SmtEngine)]
    for number, engine in enumerate(solvers):
        proved = any(e.verdict.settles for e in evidence)
        if proved and len(theorem.variables) > MOST_CHECKED:
            break
        left_over = (min(deadline, checked_until) if proved else deadline) - time.perf_counter()
        # Whoever comes later gets a share, or the first solver could use up all the time.
        seconds = min(CHECK_SECONDS, left_over) if proved else left_over / (len(solvers) - number)
        if seconds <= 0:
            break
        if engine.missing() is not None or not engine.supports(theorem, system):
            continue
        said, model = _asked(engine, theorem, system, seconds)
        if said.verdict is Verdict.REFUTED and proved:
            evidence.append(said)
            return Settled(Verdict.ERROR, tuple(evidence), model)
        if said.verdict is Verdict.REFUTED:
            return Settled(Verdict.REFUTED, (*evidence, said), model)
        evidence.append(said)
    if any(e.verdict.settles for e in evidence):
        return Settled(Verdict.PROVED_BOUNDED, tuple(evidence))
    return Settled(Verdict.UNKNOWN, tuple(evidence))


def _said(engine: str, detail: str) -> Evidence:
    return Evidence(engine, Verdict.PROVED_BOUNDED, detail)


def _same_normal_form(obligation: Obligation) -> bool:
    try:
        return normal_form(obligation.left) == normal_form(obligation.right)
    except NoNormalFormError:
        return False


def _asked(
    engine: SmtEngine, theorem: Theorem, system: NumberSystem, seconds: float
) -> tuple[Evidence, Mapping[str, Any] | None]:
    """Ask one solver; return what it said, and the model if it refutes."""
    started = time.perf_counter()
    model: dict[str, Any] | None = None
    (obligation,) = theorem.obligations()
    answer = engine.solve(script(obligation, system), Settings(timeout=seconds))
    if answer.word == "unsat":
        evidence = engine.proof(theorem, "unsat")
    elif answer.word == "unknown":
        evidence = engine.evidence(Verdict.UNKNOWN, f"gave up: {answer.reason}")
    else:
        try:
            model = {name: system.decode(answer.model[name]) for name in theorem.variables}
            evidence = engine.evidence(Verdict.REFUTED, "sat")
        except UnsupportedError as irrational:
            evidence = engine.evidence(Verdict.UNKNOWN, f"cannot be replayed: {irrational}")
    return replace(evidence, seconds=time.perf_counter() - started), model
