"""The README shows real output: its commands are run and its examples are doctests."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console

from proofs import claims
from verify.cli import COMMANDS, main
from verify.display.claims import print_run
from verify.run.report import CellReport, MutantReport, RunReport
from verify.run.runner import all_mutants
from verify.run.selection import selector

README = Path(__file__).parents[1] / "README.md"


def console_blocks() -> dict[str, str]:
    """Return command → the output shown under it."""
    blocks = re.findall(r"```console\n\$ (.+)\n((?:.*\n)*?)```", README.read_text("utf-8"))
    return {command: shown for command, shown in blocks}


def without_trailing_space(text: str) -> str:
    """Drop the spaces that tables end their lines with, and blank lines at both ends."""
    return "\n".join(line.rstrip() for line in text.splitlines()).strip("\n")


def test_examples_run() -> None:
    """Every Python example of the README gives the output shown."""
    result = doctest.testfile(str(README), module_relative=False)
    assert result.attempted >= 10
    assert result.failed == 0


def test_the_table_of_commands_has_all() -> None:
    """Every command that `--help` lists stands in the table."""
    rows = re.findall(r"^\| (`.*?) \| .* \|$", README.read_text("utf-8"), re.MULTILINE)
    named = {words.split()[0] for row in rows for words in re.findall(r"`(.*?)`", row)}
    assert set(COMMANDS) <= named


def test_the_matrix_shown_is_the_expected_one() -> None:
    """What `verify all` prints when all is as expected, which is when it exits with 0."""
    command = next(command for command in console_blocks() if "verify all" in command)
    chosen = selector(shlex.split(command)[-1], claims())
    shown_claims = [claim for name, claim in claims().items() if chosen(name)]
    cells = [
        CellReport(claim.id, system, verdict, verdict, (), 0.0)
        for claim in shown_claims
        for system, verdict in claim.expected.items()
    ]
    mutants = [
        MutantReport(claim.id, mutant.name, "", "", ("z3",), (), (), "", None, 0.0)
        for claim in shown_claims
        for mutant in all_mutants(claim)
    ]
    with open(os.devnull, "w") as sink:
        console = Console(width=80, record=True, file=sink)
        print_run(console, RunReport(cells=cells, mutants=mutants))
    printed = without_trailing_space(console.export_text())
    shown = without_trailing_space(console_blocks()[command])
    assert printed.startswith(shown)


@pytest.mark.slow
@pytest.mark.parametrize("command", [c for c in console_blocks() if "verify all" not in c])
def test_commands_print_what_is_shown(
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every other command shown is run; only the line of versions and seconds is left out.

    It is run twice, the second time in this process: what is kept of the first time, as for a user,
    changes nothing.
    """
    program, *arguments = shlex.split(command)
    assert (program, *arguments[:2]) == ("python", "-m", "verify")
    pictures = [i + 1 for i, word in enumerate(arguments) if word == "--plot"]
    for place in pictures:
        arguments[place] = str(tmp_path / arguments[place])
    shown = without_trailing_space(console_blocks()[command])
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("POOLPROOF_CACHE", str(tmp_path))
    monkeypatch.chdir(README.parent)
    result = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False
    )
    assert result.returncode in (0, 1), result.stderr
    assert without_trailing_space(result.stdout).startswith(shown)
    assert all(Path(arguments[place]).stat().st_size for place in pictures)
    assert main(arguments[2:]) == result.returncode
    assert without_trailing_space(capsys.readouterr().out).startswith(shown)
