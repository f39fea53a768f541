from __future__ import annotations

import shutil

import pytest

from tests.verify.commands.command_line import answered
from verify.commands.options import USAGE


def test_the_page_names_every_theorem(capsys: pytest.CaptureFixture[str]) -> None:
    """What it says, what it assumes, and the claims that name it."""
    code, out, _ = answered("kernel", [], capsys)
    assert code == 0
    assert "proofs/max_by_relu/rounding.v" in out
    assert "Rmax a b" in out
    assert "named by max-is-relu-error-bound" in " ".join(out.split())


def test_a_record_needs_coq(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it, the command says how to install it."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    code, out, err = answered("kernel", ["--record"], capsys)
    assert (code, out) == (USAGE, "")
    assert err.endswith("kernel: coqc is not installed: apt-get install coq libcoq-flocq\n")


def test_a_required_engine_must_work_here(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record in its place is not enough, and nothing runs."""
    monkeypatch.setattr(shutil, "which", lambda name: None)
    arguments = ["-k", "max-is-relu", "--system", "real", "--require", "coq"]
    code, out, err = answered("all", arguments, capsys)
    assert (code, out) == (USAGE, "")
    told = "--require coq: coqc is not installed: apt-get install coq libcoq-flocq"
    assert err.endswith(f"{told}\n")
