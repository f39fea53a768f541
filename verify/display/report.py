"""The report of a run as data: what ``--json`` writes, described in ``docs/report.md``."""

from typing import Any

from verify.engines.counterexample import Counterexample
from verify.engines.engine import Draws, Stored
from verify.run.report import CellReport, MutantReport, PartReport, RunReport

#: Version of the JSON layout; raised when a field changes its meaning or goes away.
SCHEMA = 2


def to_dict(report: RunReport) -> dict[str, Any]:
    """Return a report as what ``json.dumps`` takes; the layout is in ``docs/report.md``."""
    return {
        "schema": SCHEMA,
        "exit_code": report.exit_code(),
        "interrupted": report.interrupted,
        "seed": report.seed,
        "thorough": report.thorough,
        "seconds": round(report.seconds, 3),
        "counters": report.counters(),
        "marks": report.marks(),
        "flushed": report.flushed,
        "alone": report.alone(),
        "stored": report.stored(),
        "drawn_on": report.drawn_on,
        "asked_again": report.asked_again(),
        "engines": report.engines,
        "missing": report.missing,
        "cells": [_cell(cell) for cell in report.cells],
        "mutants": [_mutant(mutant) for mutant in report.mutants],
    }


def _counterexample(found: Counterexample | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "statement": found.statement,
        "assignment": found.assignment,
        "steps": [{"term": term, "value": value} for term, value in found.steps],
        "replay": found.replay,
    }


def _draws(draws: Draws | None) -> dict[str, Any] | None:
    return None if draws is None else {"samples": draws.samples, "digest": draws.digest}


def _stored(stored: Stored | None) -> dict[str, str] | None:
    return None if stored is None else {"date": stored.date, "version": stored.version}


def _cell(cell: CellReport) -> dict[str, Any]:
    return {
        "claim": cell.claim,
        "holds": cell.holds,
        "system": cell.system,
        "expected": str(cell.expected),
        "verdict": str(cell.verdict),
        "ok": cell.ok,
        "seconds": round(cell.seconds, 3),
        "counterexample": _counterexample(cell.counterexample),
        "marks": [{"mark": mark.word, "what": mark.what} for mark in cell.marks],
        "missing": list(cell.missing),
        "parts": [
            {
                **_part(part),
                "cross_check": part.cross_check,
                "witness": part.witness,
                "judged_in": part.judged_in or cell.system,
            }
            for part in cell.parts
        ],
        "left_out": [
            {
                **_part(one.part),
                "reason": one.reason,
                "counterexample": _counterexample(one.part.counterexample),
            }
            for one in cell.left_out
        ],
    }


def _part(part: PartReport) -> dict[str, Any]:
    return {
        "name": part.name,
        "statement": part.statement,
        "verdict": str(part.verdict),
        "evidence": [
            {
                "engine": e.engine,
                "verdict": str(e.verdict),
                "detail": e.detail,
                "seconds": round(e.seconds, 3),
                "draws": _draws(e.draws),
                "stored": _stored(e.stored),
            }
            for e in part.evidence
        ],
    }


def _mutant(mutant: MutantReport) -> dict[str, Any]:
    return {
        "claim": mutant.claim,
        "mutant": mutant.name,
        "statement": mutant.statement,
        "system": mutant.system,
        "killed_by": list(mutant.killed_by),
        "missed_by": list(mutant.missed_by),
        "proved_by": list(mutant.proved_by),
        "trouble": mutant.trouble,
        "ok": mutant.ok,
        "counterexample": _counterexample(mutant.counterexample),
        "draws": _draws(mutant.draws),
        "seconds": round(mutant.seconds, 3),
    }
