"""``verify report``, and pages that other commands write."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.verify.site.conftest import found
from verify.cli import main
from verify.commands.options import USAGE


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the report of a run over one claim."""
    file = tmp_path_factory.mktemp("report") / "all.json"
    file.write_text(json.dumps(found(["max-is-relu"])), encoding="utf-8")
    return file


@pytest.mark.slow
def test_it_shows_what_a_run_found(
    checked: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From a report it writes the site, says where, and returns the run's own code; again too."""
    for _ in range(2):
        assert main(["report", str(tmp_path / "site"), "--from", str(checked)]) == 0
        assert f"pages: {tmp_path / 'site' / 'index.html'}" in capsys.readouterr().out
    assert "max-is-relu" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "it is no JSON"),
        ("[]", "it is not what `all --json` writes"),
        ('{"cells": [], "mutants": [], "schema": 1}', "schema must be 2, got 1"),
        (
            '{"cells": [{"claim": "max-is-plus"}], "mutants": [], "schema": 2}',
            "it is of another version, for here is no claim max-is-plus",
        ),
        (
            '{"cells": [], "mutants": [{"claim": "max-is-relu", "system": "int7"}], "schema": 2}',
            "here is no number system int7",
        ),
        (
            '{"cells": [{"claim": "max-is-relu", "verdict": "SHOWN"}], "mutants": [], "schema": 2}',
            "here is no verdict SHOWN",
        ),
    ],
)
def test_what_is_no_report_is_refused(
    content: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, before anything is written."""
    file = tmp_path / "all.json"
    file.write_text(content, encoding="utf-8")
    assert main(["report", str(tmp_path / "site"), "--from", str(file)]) == USAGE
    assert message in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cells": []}, "it has no cells: nothing was checked"),
        ({"cells": [{"claim": "max-is-relu"}]}, "cells must have claim, counterexample"),
        ({"mutants": [{}]}, "mutants must have claim, counterexample"),
        ({"mutants": [7]}, "it is not what `all --json` writes"),
        ({"mutants": {}}, "it is not what `all --json` writes"),
    ],
)
def test_a_damaged_report_is_refused(
    change: dict[str, object],
    message: str,
    checked: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What lacks something that pages show is no report, and neither is one of nothing."""
    file = tmp_path / "all.json"
    file.write_text(json.dumps(json.loads(checked.read_text("utf-8")) | change), encoding="utf-8")
    assert main(["report", str(tmp_path / "site"), "--from", str(file)]) == USAGE
    assert message in capsys.readouterr().err


def test_a_folder_has_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    """An empty one is no folder."""
    assert main(["report", ""]) == USAGE
    assert "must have a name" in capsys.readouterr().err


def test_a_folder_of_something_else_is_not_touched(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither a folder that holds other files nor a file is written over."""
    (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
    assert main(["report", str(tmp_path)]) == USAGE
    assert "it holds something else than such pages" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "precious.txt")]) == USAGE
    assert "it is a file" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "precious.txt" / "site")]) == USAGE
    assert [file.name for file in tmp_path.iterdir()] == ["precious.txt"]


def test_a_solver_that_is_none_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the files that are looked for."""
    assert main(["report", str(tmp_path / "site"), "--solver", str(tmp_path)]) == USAGE
    assert "no build/z3-built.js and build/z3-built.wasm in" in capsys.readouterr().err


def test_what_pages_are_made_with_may_be_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then it says what to install."""
    monkeypatch.setattr("verify.commands.output.find_spec", lambda name: None)
    assert main(["report", str(tmp_path / "site")]) == USAGE
    assert "pip install 'poolproof[site]'" in capsys.readouterr().err


def test_a_class_is_written_as_pages(tmp_path: Path) -> None:
    """`equivalent --html` writes the table and a page for each answer."""
    modules = ["torch.nn:MaxPool2d(2)", "torch.nn:AvgPool2d(2)"]
    given = ["max_pool2d(2)", "--input", "1x1x4x4", "--html", str(tmp_path / "class")]
    assert main(["equivalent", *modules, *given]) == 1
    assert "1 of 2 proved" in (tmp_path / "class" / "index.html").read_text(encoding="utf-8")
    assert (tmp_path / "class" / "answers" / "2.html").is_file()


def test_a_model_is_written_as_a_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`cost MODEL --html` writes its tree; an operator has no such page."""
    (tmp_path / "small.py").write_text(
        "from torch.nn import Conv2d, MaxPool2d, Sequential\n"
        "model = Sequential(Conv2d(1, 8, 3), MaxPool2d(2))\n",
        encoding="utf-8",
    )
    given = ["--input", "1x1x32x32", "--html", str(tmp_path / "model")]
    assert main(["cost", f"{tmp_path / 'small.py'}:model", *given]) == 0
    assert "MaxPool2d" in (tmp_path / "model" / "index.html").read_text(encoding="utf-8")
    assert main(["cost", "max_pool2d", *given, "--kernel-size", "2"]) == USAGE
    assert "--html is for a model" in capsys.readouterr().err
