"""Asking an engine, or taking what it said before: evidence as it is kept, and how it is believed.

What is kept is believed only after another look. A counterexample is replayed, and some answers,
drawn by seed and date, are asked for again: one that is then another is an ``ERROR``, and no longer
kept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from proofs.claim import Check, Theorem
from proofs.systems.number_system import NumberSystem
from proofs.verdict import Verdict
from verify.engines.counterexample import ReplayError, revived
from verify.engines.engine import Draws, Engine, Evidence, Settings, Stored
from verify.run import keys
from verify.run.store import Kept, opened

#: One in so many stored answers is asked for again.
ONE_IN = 20
#: Seconds after which what was said is written, once its task is done; a kill before loses it.
PERIOD = 1.0


class OtherwiseError(Exception):
    """Something is found otherwise than it was found before."""


class NotKeptError(Exception):
    """An answer is wanted that is not in the store, or is to be asked for again."""


def consult(
    engine: Engine, part: Theorem | Check, system: NumberSystem, settings: Settings, place: str
) -> Evidence:
    """Return what ``engine`` says of ``part``, or what it said before and the store has kept.

    ``place`` begins with the module of the claim, and tells its parts and mutants apart.

    Raises :class:`NotKeptError` if the settings allow nothing but what is kept.
    """
    # A committed record is read each time, for it may have become void.
    recorded = engine.has_record(part, system) or engine.name in settings.anew
    if not settings.store or recorded:
        return engine.examine(part, system, settings)
    store = opened(settings.store)
    key = keys.key(engine, part, system, settings, place)
    kept = None if settings.fresh else store.read(key)
    again = kept is not None and drawn(key, settings)
    if settings.only_kept and (kept is None or again):
        raise NotKeptError
    before = None if kept is None else _believed(engine, part, kept)
    if before is not None and not again:
        return before
    now = engine.examine(part, system, settings)
    if before is not None and (contradiction := _contradiction(before, now)):
        store.drop(key)
        return replace(now, verdict=Verdict.ERROR, detail=contradiction, asked_again=True)
    if (body := _written(part, now)) is not None:
        store.write(key, keys.version(engine), body)
    return replace(now, asked_again=before is not None)


def recalled(settings: Settings, facts: Sequence[str], find: Callable[[], str]) -> str:
    """Return what ``find`` finds, or what it found before of the same facts.

    Nothing found, "", is not kept.
    """
    if not settings.store:
        return find()
    store, key = opened(settings.store), keys.of_facts(facts)
    kept = None if settings.fresh else store.read(key)
    again = kept is not None and drawn(key, settings)
    if kept is not None and not again:
        return kept.body
    if settings.only_kept:
        raise NotKeptError
    found = find()
    if kept is not None and found != kept.body:
        store.drop(key)
        raise OtherwiseError(f"stored on {kept.made}: {kept.body}; asked again: {found}")
    if found:
        store.write(key, "", found)
    return found


def keep(settings: Settings, *, at_once: bool = False) -> None:
    """Write down what was said since, unless the files that it is about may have changed.

    Not ``at_once``, it waits until there is a second's work: to look at all files takes a moment.
    """
    if settings.store:
        store = opened(settings.store)
        if at_once or store.waited() > PERIOD:
            store.flush(keys.unchanged)


def drawn(key: str, settings: Settings) -> bool:
    """Say whether a stored answer is to be asked for again: on average one in twenty is."""
    if not settings.drawn_on:
        return False
    lot = sha256(f"{key} {settings.seed} {settings.drawn_on}".encode()).digest()
    return int.from_bytes(lot[:8], "big") % ONE_IN == 0


def _contradiction(before: Evidence, now: Evidence) -> str:
    """Return in what two answers to one question differ; no answer is no other answer."""
    said = f"stored on {before.stored.date}: " if before.stored else ""
    open_now = now.verdict in (Verdict.UNKNOWN, Verdict.SKIPPED, Verdict.ERROR)
    if before.verdict is Verdict.ERROR or (before.verdict is not now.verdict and not open_now):
        return f"{said}{before.verdict}, {before.detail}; asked again: {now.verdict}, {now.detail}"
    if before.draws != now.draws and not open_now:
        return f"{said}{before.draws}; asked again: {now.draws}"
    return ""


def _written(part: Theorem | Check, found: Evidence) -> str | None:
    """Return evidence as it is kept; ``None`` for what is not worth keeping, or cannot be."""
    if not (found.verdict.affirms or found.verdict is Verdict.REFUTED):
        return None
    shown = found.counterexample
    replayed = shown is not None and bool(shown.source)
    if found.verdict is Verdict.REFUTED and isinstance(part, Theorem) and not replayed:
        return None
    return json.dumps(
        {
            "verdict": found.verdict.name,
            "detail": found.detail,
            "seconds": round(found.seconds, 4),
            "draws": None if found.draws is None else [found.draws.samples, found.draws.digest],
            "found": None if shown is None else [shown.source, shown.replay],
        }
    )


def _believed(engine: Engine, part: Theorem | Check, kept: Kept) -> Evidence | None:
    """Return kept evidence, its counterexample replayed; ``None`` if it cannot be read."""
    try:
        body: dict[str, Any] = json.loads(kept.body)
        evidence = Evidence(
            engine.name,
            Verdict[body["verdict"]],
            body["detail"],
            part=part.name,
            seconds=body["seconds"],
            draws=None if body["draws"] is None else Draws(*body["draws"]),
            stored=Stored(kept.made, kept.version),
        )
        if body["found"] is None:
            # A theorem that is refuted without values is no answer of ours.
            refuted = evidence.verdict is Verdict.REFUTED
            return None if refuted and isinstance(part, Theorem) else evidence
        assert isinstance(part, Theorem)
        shown = revived(part, *body["found"])
    except ReplayError as error:
        return replace(evidence, verdict=Verdict.ERROR, detail=f"stored, and not so: {error}")
    except (AssertionError, ArithmeticError, LookupError, TypeError, ValueError):
        return None
    return replace(evidence, counterexample=shown)
