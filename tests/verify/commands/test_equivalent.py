"""``verify equivalent`` as its users meet it: pages, tables, reports, exit codes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from verify import cli

CODE = """
import torch
import torch.nn.functional as F
class Right(torch.nn.Module):
    def forward(self, x):
        print("noise")
        a, b = x[..., ::2], x[..., 1::2]
        return F.relu(a - b) + b
def wrong(x):
    return x[..., 1::2]
def looks(x):
    return x if x.sum() > 0 else x
def casts(x):
    return F.max_pool1d(x.float(), 2)
class Counts(torch.nn.Module):
    calls = 0
    def forward(self, x):
        self.calls += 1
        return F.max_pool1d(x, 2) if self.calls < 100 else F.avg_pool1d(x, 2)
def leaves(x):
    raise SystemExit(0)
"""
POOLING = "max_pool1d(kernel_size=2)"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write the answers of a class into the current folder."""
    (tmp_path / "answers.py").write_text(CODE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    names = tuple(dict.fromkeys((*cli.COMMANDS, "equivalent")))
    monkeypatch.setattr(cli, "COMMANDS", names)
    return tmp_path


def judge(*arguments: str) -> int:
    """Run the command."""
    try:
        return cli.main(["equivalent", *arguments])
    except SystemExit as exit_:
        return int(str(exit_.code))


def test_a_right_answer(capsys: Any) -> None:
    """Exit 0 and the statement that was proved."""
    assert judge("answers.py:Right", POOLING, "--input", "1x1x4") == 0
    out, err = capsys.readouterr()
    assert f"answers.py:Right = {POOLING} for every real input of shape (1, 1, 4)" in out
    assert "PROVED_BOUNDED  2 outputs, 1 kind of window; proved by normal form" in out
    assert err == ""


def test_a_wrong_answer_is_drawn(capsys: Any) -> None:
    """Exit 1, the input, and both outputs with the place where they differ."""
    assert judge("answers.py:wrong", POOLING, "--input", "1x1x4") == 1
    out = capsys.readouterr().out
    assert "REFUTED  -1 instead of 0 at output [0, 0, 0]" in out
    assert "     0 -1  0  0\n" in out
    assert "[-1]" in out
    assert "reference: 0 there" in out
    assert "run in float64" in out


def test_a_class_is_graded_in_one_call(folder: Path, capsys: Any) -> None:
    """A row each, JSON, JUnit; a module that cannot be judged makes the exit code 4."""
    code = judge("answers.py:Right", "answers.py:wrong", "answers.py:looks", POOLING,
                 "--input", "1x1x4", "--json", "out.json", "--junit", "out.xml")  # fmt: skip
    assert code == 4
    out, err = capsys.readouterr()
    assert "1 of 3 proved" in out
    assert "SKIPPED" in out
    assert out.endswith(
        "an input on which it fails: python -m verify equivalent answers.py:wrong "
        "'max_pool1d(kernel_size=2)' --input 1x1x4\n"
    )
    assert err == (
        "python -m verify equivalent: answers.py:looks cannot be judged: what it does depends on "
        "the values of the input, line 12 of answers.py\n"
    )
    report = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    assert [m["verdict"] for m in report["modules"]] == ["PROVED_BOUNDED", "REFUTED", "SKIPPED"]
    assert report["exit_code"] == 4
    suite = ElementTree.fromstring((folder / "out.xml").read_text(encoding="utf-8"))
    assert [suite.get(key) for key in ("tests", "failures", "errors")] == ["3", "1", "1"]
    assert "    [-1]" in (suite[1][0].text or "")


def test_casts_and_state_are_judged_and_refused(capsys: Any) -> None:
    """A cast to the input's own dtype is none; counted calls and an exit end only one module."""
    places = [f"answers.py:{name}" for name in ("Counts", "leaves", "casts")]
    assert judge(*places, POOLING, "--input", "1x1x4") == 4
    out, err = capsys.readouterr()
    assert "1 of 3 proved" in out
    assert "attribute 'calls' of the module appeared while it ran" in err
    assert "it fails on a float32 tensor of shape (1, 1, 4): SystemExit: 0" in err


def test_what_breaks_the_judge_breaks_one_row(
    folder: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unexpected error in one module: exit 3, the others are judged, the reports written."""
    from verify import judge as package

    genuine = package.equivalent

    def broken(module: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs["name"].endswith("wrong"):
            raise ValueError("a \x1b bug")
        return genuine(module, *args, **kwargs)

    monkeypatch.setattr(package, "equivalent", broken)
    code = judge("answers.py:wrong", "answers.py:Right", POOLING, "--input", "1x1x4",
                 "--json", "out.json", "--junit", "out.xml")  # fmt: skip
    assert code == 3
    out, err = capsys.readouterr()
    assert "1 of 2 proved" in out
    assert "Traceback" not in err
    report = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    assert [m["verdict"] for m in report["modules"]] == ["ERROR", "PROVED_BOUNDED"]
    reason = report["modules"][0]["reason"]
    assert reason.startswith("the judge broke: ValueError: a  bug, line ")
    assert reason.endswith(" of test_equivalent.py")
    suite = ElementTree.fromstring((folder / "out.xml").read_text(encoding="utf-8"))
    assert suite.get("errors") == "1"


def test_json_alone_on_standard_output(capsys: Any) -> None:
    """Nothing but JSON, whatever the module prints; the reference may be a module."""
    code = judge("answers.py:wrong", "answers.py:Right", "--input", "1x1x2", "--system", "int8",
                 "--engine", "z3", "--json", "-")  # fmt: skip
    assert code == 1
    (found,) = json.loads(capsys.readouterr().out)["modules"]
    assert found["verdict"] == "REFUTED"
    assert found["system"] == "int8"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("answers.py:Right", "max_pol1d(2)", "--input", "1x1x4"),
         "the reference: unknown pooling 'max_pol1d'; did you mean 'max_pool1d'?"),
        (("answers.py:Right", POOLING, "--input", "4"), "must have 2 or 3 axes, got 1"),
        (("answers.py:Right", POOLING, "--input", "1x0"), "must be sizes such as 1x2x7x7"),
        (("answers.py:Right", "avg_pool1d(2)", "--input", "1x1x4", "--system", "float16"),
         "the reference: avg_pool1d(2) has no one value in float16"),
        (("answers.py:Right", POOLING), "the following arguments are required: --input"),
        (("answers.py:Right", POOLING, "--input", "1x1x4", "--system", "flot16"),
         "--system 'flot16' is not one of real"),
        (("answers.py:Right", POOLING, "--input", "1x1x4", "--engine", "z4"),
         "--engine 'z4' is not one of bitwuzla, cvc5, z3"),
        (("answers.py:Rigth", POOLING, "--input", "1x1x4"), "did you mean Right?"),
        (("answers.py:Right", "nowhere:X", "--input", "1x1x4"), "the reference: cannot import"),
    ],
)  # fmt: skip
def test_mistakes_are_one_line_and_exit_4(
    arguments: tuple[str, ...], message: str, capsys: Any
) -> None:
    """A user's mistake is named, without a traceback."""
    assert judge(*arguments) == 4
    out, err = capsys.readouterr()
    assert message in err
    assert "Traceback" not in err
    assert out == ""
