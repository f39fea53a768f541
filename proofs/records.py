"""Committed records: what a proof kernel or a sweep was once seen to say, and of which text.

A record counts as evidence as long as what it depends on is what it was. Each entry names it by a
SHA-256; where that is another, the record is void, which is an error until it is made again.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from proofs.claim import Theorem
from proofs.terms import Term, subterms


class RecordError(Exception):
    """A record does not speak of what is here, or of what is seen here now."""


@functools.cache
def _parsed(record: Path, changed: int) -> dict[str, Any]:
    try:
        data = json.loads(record.read_text(encoding="utf-8"))
    except ValueError as why:
        raise RecordError(f"{record.name} is no JSON: {why}") from None
    if not isinstance(data, dict):
        raise RecordError(f"{record.name} is no object of JSON")
    return data


def read(record: Path) -> dict[str, Any]:
    """Return a record as data; it is read again where the file has changed.

    Raises ``RecordError`` where there is none, or it cannot be read.
    """
    try:
        changed = record.stat().st_mtime_ns
    except FileNotFoundError:
        raise RecordError(f"there is no record {record.name}") from None
    return _parsed(record, changed)


def written_out(theorem: Theorem) -> str:
    """Return a theorem node by node, each by the numbers of its arguments: nothing is left out."""
    roots = [*theorem.where, *theorem.given, theorem.conclusion]
    if theorem.by_induction_on is not None:
        roots.append(theorem.by_induction_on)
    numbers: dict[Term, int] = {}
    lines = list(_lines(roots, numbers))
    parts = (theorem.where, theorem.given, (theorem.conclusion,))
    heads = [" ".join(str(numbers[term]) for term in part) for part in parts]
    by = "" if theorem.by_induction_on is None else str(numbers[theorem.by_induction_on])
    return "\n".join([*lines, *heads, by])


def _lines(roots: list[Term], numbers: dict[Term, int]) -> Iterator[str]:
    for root in roots:
        for node in subterms(root):
            if node not in numbers:
                numbers[node] = len(numbers)
                args = " ".join(str(numbers[arg]) for arg in node.args)
                yield f"{node.operator} {node.sort.name} {node.leaf!r} {args}"
