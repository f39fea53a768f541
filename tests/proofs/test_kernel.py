from __future__ import annotations

import json
from pathlib import Path

import pytest

from proofs import claims
from proofs.kernel import (
    AXIOMS,
    RECORD,
    CoqFile,
    KernelTheorem,
    Neighbour,
    coq_files,
    kernel_theorems,
    read_record,
)
from proofs.records import RecordError

TEXT = """(** A file. *)
From Coq Require Import Lia.

Lemma no_theorem : 1 = 1.
Proof. reflexivity. Qed.

(* false: 2 => 3 *)
Theorem two : 1 + 1 = 2.
Proof. reflexivity. Qed.
"""


def written(folder: Path, text: str = TEXT, name: str = "two.v") -> CoqFile:
    """Return a file of its own with this text."""
    (folder / name).write_text(text, encoding="utf-8")
    return CoqFile(name, folder)


def record_of(file: CoqFile, axioms: tuple[str, ...] = ()) -> Path:
    """Return a record that says that ``two`` of ``file`` was checked."""
    theorems = {"two": {"statement": "1 + 1 = 2", "axioms": list(axioms)}}
    entry = {"sha256": file.digest, "theorems": theorems}
    record = file.folder / "kernel.json"
    data = {"versions": "Coq 8, Flocq 4", "files": {file.path: entry}}
    record.write_text(json.dumps(data), encoding="utf-8")
    return record


def test_every_file_is_recorded_as_it_is() -> None:
    """And each of its theorems, with axioms that are allowed and at least one false neighbour."""
    assert {file.path for file in coq_files()} == set(read_record()["files"])
    for file in coq_files():
        assert set(file.theorems) == set(read_record()["files"][file.path]["theorems"])
        assert {neighbour.theorem for neighbour in file.neighbours} == set(file.theorems)
        for name in file.theorems:
            assert set(KernelTheorem(name, file).recorded().axioms) <= set(AXIOMS)


def test_claims_name_theorems_that_are_there() -> None:
    """A claim's theorem is in the file that it names, and that file is recorded."""
    named = [theorem for claim in claims().values() for theorem in kernel_theorems(claim)]
    assert len(named) >= 15
    for theorem in named:
        assert theorem().startswith(f"kernel, recorded: {theorem.name}, Coq ")


def test_a_file_names_its_theorems_and_their_false_neighbours(tmp_path: Path) -> None:
    """Lemmas are none of them."""
    file = written(tmp_path)
    assert file.theorems == ("two",)
    assert file.neighbours == (Neighbour("two", "2", "3"),)
    with pytest.raises(RecordError, match=r"^two.v: no theorem follows \(\* false: 1 => 2 \*\)$"):
        _ = written(tmp_path, TEXT + "(* false: 1 => 2 *)").neighbours
    for comment in ("(* false: 2 => *)", "(* false: 2 -> 3 *)", "(* false: 2 =>"):
        with pytest.raises(RecordError, match=r"^two.v: \(\* false: .* is not \(\* false: PHRASE"):
            _ = written(tmp_path, TEXT.replace("(* false: 2 => 3 *)", comment)).neighbours


def test_a_recorded_theorem_says_so(tmp_path: Path) -> None:
    """With the versions and the axioms, in words."""
    file = written(tmp_path)
    said = KernelTheorem("two", file, record_of(file))()
    assert said == "kernel, recorded: two, Coq 8, Flocq 4, assuming no axiom"
    record = record_of(file, ("Classical_Prop.classic",))
    assert KernelTheorem("two", file, record)().endswith(", assuming excluded middle")


def test_a_changed_file_needs_a_new_record(tmp_path: Path) -> None:
    """One character is enough."""
    record = record_of(written(tmp_path))
    changed = written(tmp_path, TEXT.replace("1 + 1 = 2", "1 + 1 = 3"))
    told = r"^two.v has changed since it was recorded: python -m verify kernel --record makes one$"
    with pytest.raises(RecordError, match=told):
        KernelTheorem("two", changed, record)()


def test_a_file_that_another_needs_counts(tmp_path: Path) -> None:
    """A changed file makes the record of what it is needed for void too."""
    written(tmp_path, "Lemma one : 1 = 1.\n", "one.v")
    text = "From poolproof Require Import one.\n" + TEXT
    file = written(tmp_path, text)
    assert [needed.path for needed in file.needs] == ["one.v"]
    record = record_of(file)
    written(tmp_path, "Lemma one : 2 = 2.\n", "one.v")
    with pytest.raises(RecordError, match=r"^two.v has changed"):
        KernelTheorem("two", written(tmp_path, text), record)()


def test_what_is_not_recorded_proves_nothing(tmp_path: Path) -> None:
    """Neither a theorem nor a file nor an axiom that is not allowed."""
    file = written(tmp_path)
    with pytest.raises(RecordError, match=r"^the record of two.v has no theorem three$"):
        KernelTheorem("three", file, record_of(file))()
    with pytest.raises(RecordError, match=r"^there is no record of two.v: "):
        KernelTheorem("two", file, RECORD)()
    with pytest.raises(RecordError, match=r"^there is no file three.v$"):
        _ = CoqFile("three.v", tmp_path).text
    with pytest.raises(RecordError, match=r"^assumes wishful_thinking$"):
        KernelTheorem("two", file, record_of(file, ("wishful_thinking",)))()


@pytest.mark.parametrize("word", ["Axiom", "Admitted", "Parameter", "admit", "Unset"])
def test_a_file_assumes_nothing_of_its_own(word: str, tmp_path: Path) -> None:
    """Whatever the word stands in, except a comment."""
    with pytest.raises(RecordError, match=rf"^two.v says {word}: "):
        _ = written(tmp_path, f"{word} wishful_thinking.\n{TEXT}").text
    assert written(tmp_path, f"(* {word} *)\n{TEXT}").theorems == ("two",)
