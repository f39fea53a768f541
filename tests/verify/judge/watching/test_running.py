"""Plain runs: quiet, with failures named, and steady or not."""

from __future__ import annotations

import functools
import sys
import time
from typing import Any

import pytest
import torch

from verify.judge.symbols.weights import simplest_fraction
from verify.judge.watching.running import NotJudgedError, broken, changing, copied, run, same


def test_a_run_is_quiet_and_leaves_its_input(capsys: pytest.CaptureFixture[str]) -> None:
    """Prints are swallowed; the input is a copy."""

    def network(x: torch.Tensor) -> torch.Tensor:
        print("noise")
        print("noise", file=sys.stderr)
        return x + 1

    x = torch.zeros(2)
    assert run(network, [x]).tolist() == [1, 1]
    assert capsys.readouterr() == ("", "")


def test_failures_have_their_line() -> None:
    """The user's own line, and the shape."""

    def network(x: torch.Tensor) -> torch.Tensor:
        return x.reshape(7)

    message = r"it fails on a float32 tensor of shape \(2,\): RuntimeError: .* line \d+ of test_run"
    with pytest.raises(NotJudgedError, match=message):
        run(network, [torch.zeros(2)])
    with pytest.raises(NotJudgedError, match="it changes its input in place"):
        run(lambda x: x.mul_(0), [torch.ones(2)])


def test_a_module_is_copied_and_a_function_is_not() -> None:
    """What cannot be copied runs itself."""
    layer = torch.nn.Linear(1, 1)
    assert copied(layer) is not layer
    assert copied(run) is run
    layer.held = (i for i in range(3))  # type: ignore[assignment]
    assert copied(layer) is layer


class Another(torch.nn.Identity):
    """A module whose copy is another one."""

    def __deepcopy__(self, memo: dict[int, Any]) -> torch.nn.Module:
        return torch.nn.Identity()


def test_whose_copy_is_another_one_runs_itself() -> None:
    """Also deep inside."""
    for module in (Another(), torch.nn.Sequential(Another())):
        assert copied(module) is module
    plain = torch.nn.Sequential(torch.nn.Conv1d(1, 1, 1), torch.nn.BatchNorm1d(1))
    assert copied(plain) is not plain


def test_what_changes_is_named() -> None:
    """State, shared random numbers, and runs that differ."""
    calls: list[int] = []

    def counting() -> torch.Tensor:
        calls.append(1)
        return torch.zeros(1)

    assert "of variable 'calls'" in str(changing(counting, counting))
    assert changing(None, lambda: torch.rand(1)) == "it draws random numbers from torch's generator"
    turns = iter(range(9))
    assert changing(None, lambda: torch.tensor(next(turns))) == "two runs on the same input differ"
    assert changing(None, lambda: torch.tensor(torch.nan)) is None
    asked: list[str] = []
    assert changing(None, lambda: torch.tensor(time.monotonic() > 0), asked) is None
    assert "it asks monotonic of time" in asked[0]


def test_what_is_cached_once_is_no_change() -> None:
    """What a first run keeps for the next ones, by arguments; a cache that grows is one."""
    turns = iter(range(9))

    @functools.cache
    def weight(number: int) -> torch.Tensor:
        return torch.full((1,), float(number))

    def once() -> torch.Tensor:
        return weight(2)

    def growing() -> torch.Tensor:
        return weight(next(turns)) * 0

    assert changing(once, once) is None
    assert changing(growing, growing) is not None


def test_same_numbers() -> None:
    """NaN is NaN; shapes and dtypes count."""
    nan = torch.tensor([torch.nan, 1])
    assert same(nan, nan.clone())
    assert not same(nan, nan.double())
    assert not same(nan, torch.zeros(2))
    assert not same(nan, None)


def test_unexpected_errors_are_one_line() -> None:
    """Without what a terminal would obey."""
    error: Any = None
    try:
        raise ValueError("a \x1b bug\nand more")
    except ValueError as caught:
        error = caught
    looked_at = "it fails when it is looked at: ValueError: a  bug, line "
    assert broken(error).startswith(looked_at)
    try:
        simplest_fraction("x")  # type: ignore[arg-type]
    except Exception as caught:
        error = caught
    assert broken(error).startswith("the judge broke: ")
