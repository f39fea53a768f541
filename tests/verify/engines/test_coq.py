from __future__ import annotations

import json
import os
import random
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from proofs import claims
from proofs.claim import Check, Theorem
from proofs.kernel import CoqFile, KernelTheorem, read_record
from proofs.records import RecordError
from proofs.systems import SYSTEMS
from proofs.terms import variables
from proofs.verdict import Verdict
from tests.proofs.test_kernel import TEXT, record_of, written
from verify.engines import coq
from verify.engines.coq import CompiledFile, Coq, compiled, made_record, provable
from verify.engines.engine import Evidence, Settings
from verify.run.doctor import findings
from verify.run.runner import all_mutants

a, b = variables("a b")
ENGINE = Coq()
HERE = shutil.which("coqc") is not None
needs_coq = pytest.mark.skipif(not HERE, reason="coqc is not installed")


def found(theorem: KernelTheorem, *, anew: bool) -> Evidence:
    """Return what the engine says of a check that is this theorem."""
    settings = Settings(anew=frozenset({"coq"} if anew else ()))
    check = Check("two", "coq", theorem, Verdict.PROVED, ("real",))
    return ENGINE.examine(check, SYSTEMS["real"], settings)


def test_without_coq_the_record_keeps_the_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the evidence says that it is a record, and how to install what is missing."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    file = written(tmp_path)
    evidence = found(KernelTheorem("two", file, record_of(file)), anew=True)
    assert (evidence.verdict, evidence.detail) == (
        Verdict.PROVED,
        "kernel, recorded: two, Coq 8, Flocq 4, assuming no axiom; "
        "coqc is not installed: apt-get install coq libcoq-flocq",
    )
    assert ENGINE.missing() is None
    assert ENGINE.recorded() == "coqc is not installed: apt-get install coq libcoq-flocq"
    assert ENGINE.version() == "8.16.1"
    state, _ = findings()["coq"]
    assert state == f"recorded 8.16.1; {ENGINE.recorded()}"


def test_a_record_is_enough_unless_coq_is_asked_for(tmp_path: Path) -> None:
    """A plain run reads it: it takes no time, and says so."""
    file = written(tmp_path)
    evidence = found(KernelTheorem("two", file, record_of(file)), anew=False)
    assert evidence.verdict is Verdict.PROVED
    assert evidence.detail.startswith("kernel, recorded: two, Coq 8, Flocq 4, assuming no axiom")


@pytest.mark.parametrize("anew", [False, True])
def test_a_changed_file_without_a_new_record_is_an_error(anew: bool, tmp_path: Path) -> None:
    """Whether Coq is there or not, and although the new text might be provable."""
    record = record_of(written(tmp_path))
    changed = written(tmp_path, TEXT.replace("1 + 1 = 2", "2 = 1 + 1"))
    evidence = found(KernelTheorem("two", changed, record), anew=anew)
    assert evidence.verdict is Verdict.ERROR
    assert evidence.detail.startswith("RecordError: two.v has changed since it was recorded")


def test_a_theorem_names_what_says_all_of_it(tmp_path: Path) -> None:
    """In the systems that it names, and in no others; its neighbours name nothing."""
    file = written(tmp_path)
    theorem = KernelTheorem("two", file, record_of(file))
    said = Check("all of it", "coq", theorem, Verdict.PROVED, ("real",))
    stated = Theorem(a <= b, given=(a < b,), by=(said,))
    assert ENGINE.supports(stated, SYSTEMS["real"])
    assert not ENGINE.supports(stated, SYSTEMS["float16"])
    evidence = ENGINE.examine(stated, SYSTEMS["real"], Settings())
    assert evidence.verdict is Verdict.PROVED
    assert evidence.detail.endswith("assuming no axiom (all of it)")
    ordered = claims()["max-is-relu-when-ordered"]
    assert ordered.theorems[0].by
    neighbours = [mutant.false for mutant in all_mutants(ordered)]
    assert not any(isinstance(false, Theorem) and false.by for false in neighbours)


def test_no_word_for_what_divides_by_0(tmp_path: Path) -> None:
    """A quotient by 0 is 0 to Coq, and nothing to whoever reads the claim."""
    file = written(tmp_path)
    theorem = KernelTheorem("two", file, record_of(file))
    said = Check("all of it", "coq", theorem, Verdict.PROVED, ("integer",))
    stated = Theorem((a // b) * b <= a, where=(b >= 0, a >= 0), by=(said,))
    evidence = ENGINE.examine(stated, SYSTEMS["integer"], Settings())
    assert (evidence.verdict, evidence.detail) == (
        Verdict.ERROR,
        "it divides by 0 at b = 0, a = 0",
    )
    positive = replace(stated, where=(b >= 1,))
    assert ENGINE.examine(positive, SYSTEMS["integer"], Settings()).verdict is Verdict.PROVED


def test_declines_what_names_no_theorem() -> None:
    """A check of another kind is an error."""
    check = Check("two", "coq", lambda: "fine", Verdict.PROVED, ("real",))
    evidence = ENGINE.examine(check, SYSTEMS["real"], Settings())
    assert evidence.verdict is Verdict.ERROR
    assert evidence.detail == "TypeError: two names no theorem of a file"


@needs_coq
@pytest.mark.slow
def test_the_kernel_checks_anew(tmp_path: Path) -> None:
    """What was recorded is compiled, and nothing needs to be said of records."""
    file = written(tmp_path)
    evidence = found(KernelTheorem("two", file, record_of(file)), anew=True)
    assert evidence.verdict is Verdict.PROVED
    assert evidence.detail == f"two, {compiled(file).versions}, assuming no axiom"


@needs_coq
@pytest.mark.slow
def test_a_false_theorem_with_a_record_is_an_error(tmp_path: Path) -> None:
    """A record that nobody made by compiling does not survive being made again."""
    file = written(tmp_path, TEXT.replace("1 + 1 = 2", "1 + 1 = 3"))
    evidence = found(KernelTheorem("two", file, record_of(file)), anew=True)
    assert evidence.verdict is Verdict.ERROR
    assert evidence.detail.startswith("RecordError: two.v does not compile: ")


@needs_coq
@pytest.mark.slow
def test_axioms_are_found(tmp_path: Path) -> None:
    """Those of the reals are named; one that is not on the list is refused."""
    text = "From Coq Require Import Reals.\nTheorem two : (1 + 1 = 2)%R.\nProof. ring. Qed.\n"
    axioms = compiled(written(tmp_path, text)).axioms[""]
    assert "ClassicalDedekindReals.sig_forall_dec" in axioms
    text = "From Coq Require Import ProofIrrelevance.\nTheorem two : forall (P : Prop) (p q : P), "
    file = written(tmp_path, text + "p = q.\nProof. exact proof_irrelevance. Qed.\n", "other.v")
    evidence = found(KernelTheorem("two", file, record_of(file)), anew=True)
    assert evidence.verdict is Verdict.ERROR
    assert evidence.detail == "RecordError: assumes proof_irrelevance"


@needs_coq
@pytest.mark.slow
def test_a_neighbour_that_is_true_is_found(tmp_path: Path) -> None:
    """So the search for provable neighbours can fail; a phrase that is not there is refused."""
    file = written(tmp_path, TEXT.replace("2 => 3", "1 + 1 => 3 - 1"))
    assert provable(file, file.neighbours) == ["two with 3 - 1"]
    file = written(tmp_path, TEXT.replace("2 => 3", "4 => 3"), "three.v")
    with pytest.raises(RecordError, match=r"^three.v: two does not say '4'$"):
        provable(file, file.neighbours)
    file = written(tmp_path, TEXT.replace("2 => 3", "2 => nonsense"), "four.v")
    with pytest.raises(RecordError, match=r"^four.v: nonsense is no statement, true or false$"):
        provable(file, file.neighbours)


def test_what_is_the_same_is_not_checked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the same versions; of a file that has changed the record is made anew."""
    kept = read_record()
    seen = []

    def compiled_so(file: CoqFile, timeout: float, *, one_by_one: bool) -> CompiledFile:
        seen.append(file.path)
        return CompiledFile(kept["versions"], {}, {"": ()})

    monkeypatch.setattr(coq, "compiled", compiled_so)
    monkeypatch.setattr(coq, "provable", lambda *args: [])
    first, *_, last = kept["files"]
    assert made_record(before=kept) == kept and seen == [first]
    older = {**kept, "files": {**kept["files"], last: {**kept["files"][last], "sha256": "0"}}}
    made = made_record(before=older)
    assert seen == [first, first, last]
    assert made == {
        **kept,
        "files": {**kept["files"], last: {**kept["files"][last], "theorems": {}}},
    }
    seen.clear()
    made_record(before={**kept, "versions": "Coq 8.15"})
    assert set(seen) == set(kept["files"])


@needs_coq
@pytest.mark.slow
def test_the_record_is_what_is_found() -> None:
    """Made again, it is the committed one, unless other versions print statements otherwise.

    Making it tries the false neighbours of every theorem, and fails if one of them is proved. One
    file is drawn by the date; all with ``POOLPROOF_KERNEL=all``.
    """
    kept = read_record()
    files = sorted(kept["files"])
    if os.environ.get("POOLPROOF_KERNEL") != "all":
        files = random.Random(date.today().toordinal()).sample(files, 1)
    others = {path: entry for path, entry in kept["files"].items() if path not in files}
    made = json.loads(json.dumps(made_record(before={**kept, "files": others})))
    for path in files:
        entry = made["files"][path]
        assert entry["sha256"] == kept["files"][path]["sha256"]
        assert set(entry["theorems"]) == set(kept["files"][path]["theorems"])
    assert made == kept or made["versions"] != kept["versions"]
