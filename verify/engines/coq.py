"""Coq: theorems about any number of taps or any float format, checked by a proof kernel.

A claim names a theorem of a ``.v`` file, or a file states an obligation of it to the letter, as
:mod:`verify.encodings.gallina` writes it. The committed record says that the very text was checked,
and on which axioms; where Coq is installed and asked for by name, the text is compiled again.
"""

from __future__ import annotations

import functools
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from proofs.claim import Check, Theorem
from proofs.kernel import (
    Checked,
    CoqFile,
    KernelTheorem,
    Neighbour,
    coq_files,
    recorded_versions,
    stating,
)
from proofs.records import RecordError
from proofs.systems.number_system import NumberSystem, UnsupportedError
from proofs.verdict import Verdict
from verify.encodings import gallina
from verify.engines.canaries import OF_CHECKS, Canary
from verify.engines.engine import Engine, Evidence, Settings

#: How to install both, where Debian's packages are known.
INSTALL = "apt-get install coq libcoq-flocq"


@dataclass(frozen=True)
class CompiledFile:
    """What compiling one file brought to light."""

    versions: str
    #: Theorem → what it says, as Coq prints it.
    statements: dict[str, str]
    #: Theorem → its axioms; under ``""`` those of all theorems together, which is sooner told.
    axioms: dict[str, tuple[str, ...]]


class Coq(Engine):
    """Looks a theorem up in the record, or has it checked anew."""

    name = "coq"
    distribution = "coq"
    module = "coq"
    turn = 9
    method = "theorems of Coq and Flocq, checked by a proof kernel"

    def missing(self) -> str | None:
        """Return nothing: where Coq is missing, its record stands in for it."""
        return None

    def recorded(self) -> str | None:
        """Return what is to be installed for theorems to be checked here."""
        return None if _installed() else f"coqc is not installed: {INSTALL}"

    def version(self) -> str:
        """Return the version of Coq that is installed, or the one that made the record."""
        return _coq_version() if _installed() else recorded_versions().split()[1].rstrip(",")

    def supports(self, part: Theorem | Check, system: NumberSystem) -> bool:
        """Say whether ``part`` names a theorem of a file; what it names is within reach."""
        if isinstance(part, Check):
            return super().supports(part, system)
        return self.takes(part, system)

    def has_record(self, part: Theorem | Check, system: NumberSystem) -> bool:
        """Say so of all that it takes."""
        return True

    def takes(self, theorem: Theorem, system: NumberSystem) -> bool:
        """Say whether a theorem of a file says all of it in ``system``, or each obligation."""
        named = self._naming(theorem, system) is not None
        return named or (system.exact and system.whole and bool(_stated(theorem)))

    def kinds(self, part: Theorem | Check, system: NumberSystem) -> Iterable[str]:
        """Return that of checks, whatever the statement: all of them are looked up."""
        return (OF_CHECKS,)

    def check_canaries(self) -> tuple[Canary, ...]:
        """Return a recorded theorem, one that nobody has recorded, and one whose text is new."""
        file = coq_files()[0]
        name = file.theorems[0]
        changed = CoqFile(file.path)
        changed.__dict__["text"] = f"{file.text}(* changed *)"

        def says(title: str, theorem: KernelTheorem) -> Check:
            return Check(title, self.name, theorem, Verdict.PROVED, ())

        false = (
            says("a theorem without a record", KernelTheorem(f"{name}_of_another", file)),
            says("a text that has changed", KernelTheorem(name, changed)),
        )
        return (
            Canary(says("a recorded theorem", KernelTheorem(name, file)), false, Verdict.ERROR),
        )

    def settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Look up the theorem of a file that says it, or those of its obligations."""
        check = self._naming(theorem, system)
        if check is not None:
            found = self._run(check, settings)
            return replace(found, detail=f"{found.detail} ({check.name})")
        told = [
            self._run(Check(one.name, self.name, one, Verdict.PROVED, ()), settings).detail
            for one in _stated(theorem)
        ]
        return self.proof(theorem, "; ".join(told))

    def _naming(self, theorem: Theorem, system: NumberSystem) -> Check | None:
        named = (c for c in theorem.by if c.engine == self.name and system.name in c.systems)
        return next(named, None)

    def _run(self, check: Check, settings: Settings) -> Evidence:
        theorem = check.run
        if not isinstance(theorem, KernelTheorem):
            raise TypeError(f"{check.name} names no theorem of a file")
        told = theorem()
        absent = self.recorded()
        if absent or self.name not in settings.anew:
            return self.evidence(check.grants, f"{told}; {absent}" if absent else told)
        found = compiled(theorem.file, settings.timeout)
        now = Checked(found.statements[theorem.name], found.axioms[""])
        rests_on = now.rests_on()
        recorded = theorem.recorded()
        if found.versions == recorded_versions(theorem.record) and (
            now.statement != recorded.statement or not {*recorded.axioms} <= {*now.axioms}
        ):
            raise RecordError(f"the record of {theorem.name} is not what {found.versions} says")
        return self.evidence(check.grants, f"{theorem.name}, {found.versions}, {rests_on}")


@functools.lru_cache(maxsize=1024)
def _stated(theorem: Theorem) -> tuple[KernelTheorem, ...]:
    """Return the theorems of files that state the obligations, none unless they state all."""
    try:
        found = [stating(gallina.statement(obligation)) for obligation in theorem.obligations()]
    except UnsupportedError:
        return ()
    return tuple(one for one in found if one is not None) if all(found) else ()


def _installed() -> bool:
    return shutil.which("coqc") is not None


@functools.cache
def _coq_version() -> str:
    said = subprocess.run(["coqc", "--print-version"], capture_output=True, text=True, check=True)
    return said.stdout.split()[0]


@functools.cache
def compiled(file: CoqFile, timeout: float = 60.0, *, one_by_one: bool = False) -> CompiledFile:
    """Compile a file and what it needs; return what its theorems say and assume.

    ``one_by_one`` asks for the axioms of each theorem as well, a second for each. Raises
    ``RecordError`` if it does not compile or ``timeout`` seconds are over.
    """
    each = file.theorems if one_by_one else ()
    questions = [
        "Set Printing Width 1000000.",
        "Set Printing Depth 1000000.",
        *(f'Redirect "{name}.says" Check {name}.' for name in file.theorems),
        f"Definition all_of_them := ({', '.join(f'@{name}' for name in file.theorems)}).",
        'Redirect ".axioms" Print Assumptions all_of_them.',
        *(f'Redirect "{name}.axioms" Print Assumptions {name}.' for name in each),
        "From Coq Require Import NArith.",
        "From Flocq Require Version.",
        'Redirect "flocq" Eval compute in Flocq.Version.Flocq_version.',
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for needed in file.needs:
            _compile(needed.path, needed.text, folder, timeout)
        _compile(file.path, "\n".join([file.text, *questions, ""]), folder, timeout)

        def answer(question: str) -> str:
            return (folder / f"{question}.out").read_text(encoding="utf-8")

        return CompiledFile(
            versions=f"Coq {_coq_version()}, Flocq {_dotted(answer('flocq'))}",
            statements={name: _statement(answer(f"{name}.says")) for name in file.theorems},
            axioms={name: axioms(answer(f"{name}.axioms")) for name in ("", *each)},
        )


def _compile(path: str, text: str, folder: Path, timeout: float) -> None:
    target = folder / Path(path).name
    target.write_text(text, encoding="utf-8")
    command = ["coqc", "-q", "-Q", ".", "poolproof", target.name]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=timeout
        )
    except subprocess.TimeoutExpired:
        raise RecordError(f"{path} does not compile within {timeout:g} s") from None
    if done.returncode:
        raise RecordError(f"{path} does not compile: {' '.join(done.stderr.split())}")


def _statement(answer: str) -> str:
    _, _, statement = " ".join(answer.split()).partition(" : ")
    return statement


def _dotted(answer: str) -> str:
    """Return 4.1.0 for what Flocq calls 40100."""
    number = int(re.findall(r"\d+", answer)[0])
    return f"{number // 10000}.{number // 100 % 100}.{number % 100}"


def axioms(answer: str) -> tuple[str, ...]:
    r"""Return the names that Coq's ``Print Assumptions`` lists.

    Whatever else it has to say, such as a check of the kernel switched off, comes as a name that
    nobody allows.

    >>> axioms("Axioms:\nclassic\n  : forall P : Prop, P \\/ ~ P\nf is assumed to be guarded.")
    ('classic', 'f is assumed to be guarded.')
    >>> axioms("Closed under the global context\n")
    ()
    """
    lines = [line for line in answer.splitlines() if line and not line[0].isspace()]
    if lines == ["Closed under the global context"]:
        return ()
    named = (line.partition(" : ")[0].strip() for line in lines if line != "Axioms:")
    return tuple(sorted(named))


def provable(file: CoqFile, neighbours: tuple[Neighbour, ...], timeout: float = 60.0) -> list[str]:
    """Return those of ``neighbours`` that the proofs of their theorems prove as well: none should.

    Coq reads on after a proof that fails, so one pass over the file tries all of them. Raises
    ``RecordError`` where a phrase to be replaced is not in the statement, what comes of it is no
    statement, or Coq gives up.
    """
    text, names = file.text, []
    for number, neighbour in enumerate(neighbours, start=1):
        names.append(f"neighbour_{number}")
        text = _with_neighbour(text, neighbour, names[-1], file.path)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for needed in file.needs:
            _compile(needed.path, needed.text, folder, timeout)
        stated = [f"{name}_said" for name in names]
        asked = [text, *(f"Check {name}." for name in (*file.theorems, *names, *stated)), ""]
        try:
            said = subprocess.run(
                ["coqtop", "-q", "-quiet", "-Q", ".", "poolproof"], input="\n".join(asked),
                cwd=folder, capture_output=True, text=True, check=False, timeout=timeout,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise RecordError(f"{file.path}: its neighbours take more than {timeout:g} s") from None
    known = set(re.findall(r"^(\w+)\s*$|^(\w+)\s+:", said.stdout, re.MULTILINE))
    found = {name for pair in known for name in pair}
    if lost := set(file.theorems) - found:
        raise RecordError(f"{file.path}: {', '.join(sorted(lost))} is lost beside its neighbours")
    if senseless := [
        n.new for n, name in zip(neighbours, stated, strict=True) if name not in found
    ]:
        raise RecordError(f"{file.path}: {'; '.join(senseless)} is no statement, true or false")
    return [
        f"{neighbour.theorem} with {neighbour.new}"
        for neighbour, name in zip(neighbours, names, strict=True)
        if name in found
    ]


def _with_neighbour(text: str, neighbour: Neighbour, name: str, path: str) -> str:
    """Return ``text`` with a neighbour, its proof that of its theorem, after the theorem."""
    whole = re.search(rf"^Theorem {neighbour.theorem}\b(.*?)\bQed\.$", text, re.M | re.S)
    if whole is None:
        raise RecordError(f"{path}: no proof of {neighbour.theorem} ends in Qed")
    statement, proof, script = whole[1].partition("Proof.")
    if neighbour.old not in statement:
        raise RecordError(f"{path}: {neighbour.theorem} does not say {neighbour.old!r}")
    false = statement.replace(neighbour.old, neighbour.new)
    said = false.strip().removeprefix(":").removesuffix(".")
    stated = f"\nDefinition {name}_said : Prop := {said}.\n"
    tried = f"{stated}Theorem {name}{false}{proof}{script}Qed.\nAbort All.\n"
    return text[: whole.end()] + tried + text[whole.end() :]


def made_record(
    timeout: float = 600.0, before: Mapping[str, Any] | None = None
) -> dict[str, object]:
    """Compile every file, try every false neighbour, and return the record of what was found.

    What the record ``before`` has of a file that is the same, by the same versions, stays.

    Raises ``RecordError`` where a file does not compile, assumes what it must not, or proves a
    false neighbour as well.
    """
    files = coq_files()
    versions = compiled(files[0], timeout, one_by_one=True).versions
    known = before["files"] if before and before["versions"] == versions else {}

    def entry(file: CoqFile) -> dict[str, object]:
        if file.path in known and known[file.path]["sha256"] == file.digest:
            return dict(known[file.path])
        return _entry(file, compiled(file, timeout, one_by_one=True), timeout)

    return {"versions": versions, "files": {file.path: entry(file) for file in files}}


def _entry(file: CoqFile, found: CompiledFile, timeout: float) -> dict[str, object]:
    false = {name: [n for n in file.neighbours if n.theorem == name] for name in file.theorems}
    theorems = {}
    for name, statement in found.statements.items():
        try:
            Checked(statement, found.axioms[name]).rests_on()
        except RecordError as why:
            raise RecordError(f"{file.path}: {name} {why}") from None
        if not false[name]:
            raise RecordError(f"{file.path} names no false neighbour of {name}")
        theorems[name] = {"statement": statement, "axioms": found.axioms[name]}
    if proved := provable(file, file.neighbours, timeout):
        raise RecordError(f"{file.path} proves false neighbours: {'; '.join(proved)}")
    return {"sha256": file.digest, "theorems": theorems}
