"""Yices: a program that is run on the very text that the other solvers read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from proofs.claim import Theorem
from proofs.systems import SYSTEMS
from proofs.terms import constant, relu, variables
from proofs.verdict import Verdict
from verify.engines import ENGINES, yices
from verify.engines.engine import Settings

a, b = variables("a b")
ENGINE = ENGINES["yices"]
REAL = SYSTEMS["real"]


def test_it_is_for_real_numbers() -> None:
    """Of sizes and of the axioms of any radix it leaves too much open; floats it does not read."""
    stated = Theorem(a.maximum(b) == relu(a - b) + b)
    taken = [name for name, system in SYSTEMS.items() if ENGINE.takes(stated, system)]
    assert taken == ["real", "binary", "saturating_binary"]


def test_what_fails_is_shown() -> None:
    """Whatever fractions, of either sign, its models are made of."""
    third = constant(1) / 3
    for false in (Theorem(a * 3 != -1), Theorem(a * b != third, where=(a == 2,)), Theorem(a <= b)):
        evidence = ENGINE.examine(false, REAL, Settings())
        assert (evidence.verdict, evidence.detail) == (Verdict.REFUTED, "sat, replayed")


def test_a_root_is_not_replayed() -> None:
    """A model that is no fraction is UNKNOWN."""
    evidence = ENGINE.examine(Theorem(a * a != 2), REAL, Settings())
    assert evidence.verdict in (Verdict.UNKNOWN, Verdict.ERROR)


def test_the_version_is_that_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program that is found first says which one it is, and keys change."""
    program = tmp_path / "yices-smt2"
    program.write_text("#!/bin/sh\necho Yices 1.2.3\necho Copyright of somebody\n", "utf-8")
    program.chmod(0o755)
    packaged = ENGINE.version()
    monkeypatch.setattr(yices, "_program", lambda: str(program))
    assert ENGINE.version() == "1.2.3" != packaged
    assert re.fullmatch(r"\d+\.\d+\.\d+( [0-9a-f]{8})?", packaged)


def test_a_package_without_its_program(monkeypatch: pytest.MonkeyPatch) -> None:
    """What Python finds the package of, and the shell no program, is missing."""
    assert ENGINE.missing() is None
    monkeypatch.setattr(yices, "_program", lambda: "no-such-program")
    assert ENGINE.missing() == "yices-smt2 is not on the PATH"
