"""Standard streams that lack letters, room, a reader, or are not there at all."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from verify.streams import SPELLED, spelled

ROOT = Path(__file__).parents[2]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="a shell of POSIX")
ONE = ("all", "-k", "max-is-commutative", "--system", "real", "-j", "1")


def shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a line of bash in which ``verify`` is the program."""
    program = f'verify() {{ "{sys.executable}" -m verify "$@"; }}; '
    return subprocess.run(
        ["bash", "-c", program + line], capture_output=True, text=True, check=False,
        cwd=ROOT, env={**os.environ, "COLUMNS": "80", **environment}, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("letters", "expected"),
    [
        ("max(a, b) − 1 ≤ 2·x", "max(a, b) - 1 <= 2*x"),
        ("a ⇒ b ⇔ c → d ← e ↦ f", "a => b <=> c -> d <- e |-> f"),
        ("⌈n/2⌉ ≥ ⌊½⌋", "ceil(n/2) >= floor(1/2)"),
        ("2²⁸, x₁₂, k⁻¹, xᵀ", "2^28, x_12, k^-1, x^T"),
        ("Σ σ λ μ µs 1/√k ≠ ±∞", "Sigma sigma lambda mu us 1/sqrtk != +-inf"),
        ("Pólya, größer, naïve…", "Polya, grosser, naive..."),
        ("─━│┼╭", "--|++"),
        ("✓ ⊕ ∉", "v <circled plus> <not an element of>"),
        ("a\udcffb", "a\\xffb"),
    ],
)
def test_what_ascii_lacks_is_spelled(letters: str, expected: str) -> None:
    """By the sign that people type for it, by its letters, or by its name: never as ``?``."""
    assert spelled(letters) == expected
    assert letters.encode("ascii", SPELLED).decode() == expected


def test_a_stream_keeps_what_it_has() -> None:
    """Latin-1 has × and ², and lacks ≤."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, "latin-1", errors=SPELLED)
    stream.write("3×3² ≤ é")
    stream.flush()
    assert raw.getvalue().decode("latin-1") == "3×3² <= é"


def test_every_sign_of_ours_has_a_spelling() -> None:
    """No page of the four packages falls back to the name of a sign."""
    written = {
        sign
        for package in ("pooling", "costmodel", "proofs", "verify")
        for file in (ROOT / package).rglob("*.py")
        if file.name != "streams.py"
        for sign in file.read_text(encoding="utf-8")
        if not sign.isascii()
    }
    assert len(written) > 40
    named = {sign for sign in written if f"<{unicodedata.name(sign).lower()}>" in spelled(sign)}
    assert named == set()


@POSIX
def test_a_terminal_without_the_signs_shows_no_question_marks() -> None:
    """The page of a claim is all ASCII, as is its error message."""
    shown = shell("verify show max-is-relu --system real", PYTHONIOENCODING="ascii")
    assert shown.returncode == 0 and shown.stdout.isascii()
    assert "max(a, b) = ReLU(a - b) + b" in shown.stdout
    assert "?" not in shown.stdout
    refused = shell("verify show 'größe ≤'", PYTHONIOENCODING="ascii")
    assert (refused.returncode, refused.stderr.count("\n")) == (4, 1)
    assert "'grosse <='" in refused.stderr


@POSIX
@pytest.mark.parametrize(
    ("command", "code"),
    [("list", 0), (" ".join(ONE), 0), ("all -k no-such-claim", 5), ("all --system x", 4)],
)
def test_a_reader_that_leaves_is_no_error(command: str, code: int) -> None:
    """The run ends with its own exit code, and without a word about the pipe."""
    ran = shell(f"verify {command} 2>&1 | true; echo ${{PIPESTATUS[0]}}")
    assert (ran.stdout, ran.stderr) == (f"{code}\n", "")


@POSIX
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("command", ["list", "--help"])
def test_a_full_disk_is_one_line(command: str) -> None:
    """Whatever was to be written to standard output."""
    ran = shell(f"verify {command} > /dev/full")
    assert ran.returncode == 4
    name = "" if command.startswith("-") else f" {command.split()[0]}"
    said = f"python -m verify{name}: cannot write to standard output: No space left on device\n"
    assert ran.stderr == said


@POSIX
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_for_a_file_still_shows_the_page() -> None:
    """The result of the run is not lost with the file."""
    ran = shell(f"verify {' '.join(ONE)} --json /dev/full")
    assert ran.returncode == 4
    assert "1 cell, 2 of 2 mutants refuted: 3 as expected" in ran.stdout
    assert ran.stderr == "python -m verify all: cannot write /dev/full: no space left on device\n"


@POSIX
def test_streams_that_are_closed_from_the_start() -> None:
    """Without standard output there is nothing to do; the other two are not needed."""
    out = shell("verify list >&-")
    assert (out.returncode, out.stdout) == (4, "")
    assert out.stderr == "python -m verify list: cannot write to standard output: it is closed\n"
    both = shell("verify list >&- 2>&-")
    assert (both.returncode, both.stdout, both.stderr) == (4, "", "")
    rest = shell(f"verify {' '.join(ONE[:-1])} 2 <&- 2>&-")
    assert rest.returncode == 0 and "1 cell, 2 of 2 mutants refuted: 3 as expected" in rest.stdout
    mistake = shell("verify all --system x 2>&-")
    assert (mistake.returncode, mistake.stdout) == (4, "")
