"""Finding a user's module: classes, modules, functions, factories, and what goes wrong."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from verify.judge.loading import load
from verify.judge.watching.running import NoSuchPlaceError, NotJudgedError

CODE = """
import torch
print("noise")
class Pool(torch.nn.Module):
    def forward(self, x):
        return x
class Needs(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
instance = Pool()
def make():
    return Pool()
def double(x):
    return 2 * x
def breaks():
    raise RuntimeError("no luck")
def leaves():
    raise SystemExit(0)
number = 3
class Group:
    inner = Pool()
relu = torch.relu
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Write a user's file into the current folder."""
    (tmp_path / "answers_of_one.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "broken_answer.py").write_text("raise ValueError('oops')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "answers_of_one"


@pytest.mark.parametrize("source", ["{}", "{}.py"])
def test_everything_that_makes_a_module(file: str, source: str, capsys: object) -> None:
    """By import and by file: a class, an instance, a factory, a nested name, a function."""
    place = source.format(file)
    for name in ("Pool", "instance", "make", "Group.inner"):
        assert isinstance(load(f"{place}:{name}"), torch.nn.Module)
    assert load(f"{place}:double")(3) == 6
    assert load(f"{place}:relu") is torch.relu
    assert capsys.readouterr().out == ""  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ("answers_of_one", "is no place of a module: write mymodule:MyPool"),
        ("answers_of_one:Pol", "answers_of_one has no 'Pol'; did you mean Pool?"),
        ("answers_of_one:Needs", "Needs needs size: give them in parentheses"),
        ("answers_of_one:breaks", "cannot make breaks: RuntimeError: no luck, line"),
        ("answers_of_one:leaves", "cannot make leaves: SystemExit: 0, line"),
        ("answers_of_one:number", "number is no module and no function, it is 3"),
        ("broken_answer:X", "cannot import broken_answer: ValueError: oops, line 1 of broken"),
        ("broken_answer.py:X", "cannot import broken_answer.py: ValueError: oops"),
        ("nowhere.py:X", "there is no file nowhere.py"),
        ("no_such_module:X", "cannot import no_such_module: ModuleNotFoundError"),
    ],
)
def test_what_cannot_be_loaded_is_named(file: str, place: str, message: str) -> None:
    """One line that says what is wrong and where."""
    with pytest.raises((NoSuchPlaceError, NotJudgedError)) as refused:
        load(place)
    assert message in str(refused.value)
