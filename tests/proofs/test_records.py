from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from proofs import claims
from proofs.claim import Theorem
from proofs.records import RecordError, read, written_out
from proofs.terms import summation, variables

a, b, i, m = variables("a b i m")


def test_a_record_is_read_again_where_it_has_changed(tmp_path: Path) -> None:
    """One that is not there, or that is no object, is refused by name."""
    record = tmp_path / "some.json"
    with pytest.raises(RecordError, match=r"^there is no record some.json$"):
        read(record)
    record.write_text(json.dumps({"a": 1}), encoding="utf-8")
    assert read(record) == {"a": 1}
    record.write_text(json.dumps({"a": 22}), encoding="utf-8")
    assert read(record) == {"a": 22}
    for text, why in (("{", "some.json is no JSON: "), ("[]", "some.json is no object of JSON$")):
        record.write_text(text, encoding="utf-8")
        with pytest.raises(RecordError, match=f"^{why}"):
            read(record)


def test_an_induction_is_told_from_a_statement() -> None:
    """And by which variable it goes."""
    plain = Theorem(summation(i, m, a) <= m * b, where=(m >= 0,))
    by_m = replace(plain, by_induction_on=m)
    assert written_out(plain) != written_out(by_m)


def test_every_theorem_is_told_from_its_neighbours() -> None:
    """No two statements of the collection are written out alike that people read as different."""
    from proofs.notation import text

    known: dict[str, tuple[str, ...]] = {}
    for name in ("max-is-relu-when-ordered", "three-relu-max", "adaptive-taps", "sterbenz"):
        for theorem in claims()[name].theorems:
            said = tuple(map(text, (*theorem.premises, theorem.conclusion)))
            assert known.setdefault(written_out(theorem), said) == said
    assert len(known) == 9
