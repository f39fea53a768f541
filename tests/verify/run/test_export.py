"""Every obligation in a file of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from proofs import claims
from proofs.claim import Theorem, expect
from proofs.systems import by_default
from proofs.terms import variables
from proofs.verdict import Verdict
from verify.run.export import export

a, b = variables("a b")


@pytest.mark.slow
def test_as_many_files_as_obligations(tmp_path: Path) -> None:
    """No file is written twice, and names are the same in another folder."""
    known = claims().values()
    written = export(known, by_default(), tmp_path / "first")
    names = sorted(path.name for path in written)
    assert len(names) == len({*names}) == len([*(tmp_path / "first").iterdir()]) > 800
    assert names == sorted(path.name for path in export(known, by_default(), tmp_path / "second"))
    weights = [name for name in names if "one-neuron-more-of-weight" in name]
    assert len(weights) == 2, weights


def test_two_obligations_never_share_a_file(tmp_path: Path) -> None:
    """Parts whose names differ in nothing that a file's name can hold are refused."""
    from dataclasses import replace

    claim = claims()["max-is-commutative"]
    twins = tuple(Theorem(a.maximum(b) == b.maximum(a), name=name) for name in ("x?", "x!"))
    wrong = replace(
        claim,
        parts=twins,
        expected=expect(Verdict.PROVED, "real"),
        mutants={str(i): twins[0] for i in range(2)},
    )
    with pytest.raises(ValueError, match=r"two obligations of max-is-commutative would be .*x\."):
        export([wrong], ["real"], tmp_path)


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    """The same again is nothing new; a file that says something else stays, whatever it is."""
    claim = claims()["max-is-commutative"]
    written = export([claim], ["int8"], tmp_path)
    assert export([claim], ["int8"], tmp_path) == written
    written[0].write_bytes(b"\xff mine")
    with pytest.raises(FileExistsError, match=rf"{written[0].name} is there and says something"):
        export([claim], ["int8"], tmp_path)
    assert written[0].read_bytes() == b"\xff mine"


def test_what_no_solver_is_asked_about_is_unknown(tmp_path: Path) -> None:
    """An induction that does not go through is not said to hold: its step has a model."""
    claim = claims()["overlapping-windows"]
    written = export([claim], ["integer"], tmp_path)
    said = {path.name: path.read_text() for path in written if "window-by-window" in path.name}
    assert len(said) == 2
    assert all("(set-info :status unknown)" in content for content in said.values())
    others = [path.read_text() for path in written if path.name not in said]
    assert all("(set-info :status unsat)" in content for content in others)
