"""Theorems of Coq that stand beside claims, and the committed record of what its kernel said.

A ``.v`` file holds theorems about the reals or about floats as Flocq defines them, for every
number of taps or every format at once. ``kernel.json`` records, file by file, which text was
checked, by which versions, what each theorem says and on which axioms it rests. Apart from the
engine that runs Coq, because a record is read where Coq is not installed.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from proofs import records
from proofs.claim import Check, Claim
from proofs.records import RecordError
from proofs.verdict import Verdict

FOLDER = Path(__file__).parent
RECORD = FOLDER / "kernel.json"

#: What a theorem may take for granted: the axioms of Coq's real numbers, and excluded middle.
AXIOMS: Mapping[str, str] = {
    "ClassicalDedekindReals.sig_not_dec": "classical reals",
    "ClassicalDedekindReals.sig_forall_dec": "classical reals",
    "FunctionalExtensionality.functional_extensionality_dep": "functional extensionality",
    "Classical_Prop.classic": "excluded middle",
}
#: Words by which a text would assume what it should prove, or switch a check of the kernel off.
_FORBIDDEN = re.compile(
    r"\b(Axioms?|Admitted|admit|give_up|Parameters?|Conjecture|Declare|Unset|bypass_check|"
    r"Add|Load|Extract|Redirect)\b"
)
_COMMENT = re.compile(r"\(\*.*?\*\)", re.DOTALL)
_NEEDED = re.compile(r"^From poolproof Require Import ([\w ]+)\.$", re.MULTILINE)
_THEOREM = re.compile(r"^Theorem (\w+)", re.MULTILINE)
_STATED = re.compile(r"^Theorem (\w+)\s*:\s(.*?)\.\s*^Proof\.", re.MULTILINE | re.DOTALL)
_FALSE = re.compile(r"\(\* false: (.+?) => (.+?) \*\)")


@dataclass(frozen=True)
class Neighbour:
    """A theorem with one phrase of its statement replaced, which must not be provable so."""

    theorem: str
    old: str
    new: str


@dataclass(frozen=True)
class CoqFile:
    """A text of Coq, by its path below ``proofs/``.

    Raises ``RecordError`` where it is read if it assumes something or names a file that is not
    there.
    """

    path: str
    folder: Path = FOLDER

    @functools.cached_property
    def text(self) -> str:
        """What the file says."""
        try:
            text = (self.folder / self.path).read_text(encoding="utf-8")
        except FileNotFoundError:
            raise RecordError(f"there is no file {self.path}") from None
        if found := _FORBIDDEN.search(_COMMENT.sub("", text)):
            raise RecordError(f"{self.path} says {found[0]}: a proof assumes nothing of its own")
        return text

    @functools.cached_property
    def needs(self) -> tuple[CoqFile, ...]:
        """The files it imports, and what they import, in an order in which they compile."""
        found: dict[str, CoqFile] = {}
        for names in _NEEDED.findall(self.text):
            for name in names.split():
                file = _by_stem(self.folder, name)
                found |= {other.path: other for other in (*file.needs, file)}
        return tuple(found.values())

    @functools.cached_property
    def digest(self) -> str:
        """SHA-256 of its text, after those of the files that it needs."""
        texts = [file.text for file in (*self.needs, self)]
        return sha256("\0".join(texts).encode()).hexdigest()

    @property
    def theorems(self) -> tuple[str, ...]:
        """The names of its theorems; what it calls lemmas is a means to them."""
        return tuple(_THEOREM.findall(_COMMENT.sub("", self.text)))

    @functools.cached_property
    def statements(self) -> Mapping[str, str]:
        """What its theorems state, as it is written there, and their names."""
        return {" ".join(said.split()): name for name, said in _STATED.findall(self.text)}

    @property
    def neighbours(self) -> tuple[Neighbour, ...]:
        """The false neighbours that comments name, each above the theorem it belongs to."""
        found = []
        for begun in re.findall(r"\(\* false:.*", self.text):
            if not _FALSE.fullmatch(begun):
                raise RecordError(f"{self.path}: {begun} is not (* false: PHRASE => PHRASE *)")
        for comment in _FALSE.finditer(self.text):
            following = _THEOREM.search(self.text, comment.end())
            if following is None:
                raise RecordError(f"{self.path}: no theorem follows {comment[0]}")
            found.append(Neighbour(following[1], comment[1], comment[2]))
        return tuple(found)


def _by_stem(folder: Path, stem: str) -> CoqFile:
    for path in sorted(folder.rglob(f"{stem}.v")):
        return CoqFile(path.relative_to(folder).as_posix(), folder)
    raise RecordError(f"there is no file {stem}.v")


def coq_files(folder: Path = FOLDER) -> tuple[CoqFile, ...]:
    """Return every file of Coq below ``folder``."""
    paths = sorted(folder.rglob("*.v"))
    return tuple(CoqFile(path.relative_to(folder).as_posix(), folder) for path in paths)


@functools.cache
def _stated() -> dict[str, KernelTheorem]:
    return {
        said: KernelTheorem(name, file)
        for file in coq_files()
        for said, name in file.statements.items()
    }


def stating(statement: str) -> KernelTheorem | None:
    """Return the theorem of a file that states this, to the letter but for spaces."""
    return _stated().get(" ".join(statement.split()))


def kernel_theorems(claim: Claim) -> tuple[KernelTheorem, ...]:
    """Return the theorems of files that ``claim`` names, as parts or beside its own theorems."""
    beside = (check for theorem in claim.theorems for check in theorem.by)
    checks = (*(part for part in claim.parts if isinstance(part, Check)), *beside)
    return tuple(check.run for check in checks if isinstance(check.run, KernelTheorem))


@dataclass(frozen=True)
class Checked:
    """What the kernel was seen to say of one theorem."""

    #: As Coq prints it, with everything that the file leaves open bound in front.
    statement: str
    axioms: tuple[str, ...]

    def rests_on(self) -> str:
        """Return its axioms in words.

        Raises ``RecordError`` if one of them may not be assumed.
        """
        if foreign := [name for name in self.axioms if name not in AXIOMS]:
            raise RecordError(f"assumes {', '.join(foreign)}")
        words = dict.fromkeys(AXIOMS[name] for name in self.axioms)
        return f"assuming {', '.join(words)}" if words else "assuming no axiom"


@dataclass(frozen=True)
class KernelTheorem:
    """One theorem of a file; calling it says what the committed record has of it."""

    name: str
    file: CoqFile
    record: Path = RECORD

    def recorded(self) -> Checked:
        """Return what the record says.

        Raises ``RecordError`` if the file, or one that it needs, has changed since.
        """
        entry = read_record(self.record)["files"].get(self.file.path)
        again = "python -m verify kernel --record makes one"
        if entry is None:
            raise RecordError(f"there is no record of {self.file.path}: {again}")
        if entry["sha256"] != self.file.digest:
            raise RecordError(f"{self.file.path} has changed since it was recorded: {again}")
        if self.name not in entry["theorems"]:
            raise RecordError(f"the record of {self.file.path} has no theorem {self.name}")
        found = entry["theorems"][self.name]
        return Checked(found["statement"], tuple(found["axioms"]))

    def __call__(self) -> str:
        """Return in a line what the record says. Raises ``RecordError`` if it says nothing."""
        versions = recorded_versions(self.record)
        return f"kernel, recorded: {self.name}, {versions}, {self.recorded().rests_on()}"


def read_record(record: Path = RECORD) -> dict[str, Any]:
    """Return the record as data: versions, and for each file its hash and its theorems."""
    return records.read(record)


def recorded_versions(record: Path = RECORD) -> str:
    """Return the versions of Coq and Flocq that made the record."""
    return str(read_record(record)["versions"])


def kernel(
    theorem: str,
    file: str,
    systems: tuple[str, ...] | str,
    *,
    says: str,
    grants: Verdict = Verdict.PROVED,
    cross_check: bool = True,
) -> Check:
    """Return the part of a claim that ``theorem`` of ``file``, a path below ``proofs/``, proves.

    ``says`` is the theorem in words; it speaks of any number system if no ``systems`` are named.
    With ``cross_check=False`` cells rest on it: then it is a part of what the claim says there.
    """
    named = tuple(systems.split()) if isinstance(systems, str) else systems
    run = KernelTheorem(theorem, CoqFile(file))
    return Check(says, "coq", run, grants, named, cross_check=cross_check)
