"""Running somebody's module as it is: in quiet, with its failures and its lines named."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import torch

from verify.judge.watching.memory import Memory, random_states
from verify.judge.watching.outside import followed

_TORCH = str(Path(torch.__file__).parent)
_HERE = str(Path(__file__).parents[1])


class NotJudgedError(Exception):
    """A module cannot be run or read as asked; the message is one line that says why."""


class RaisedError(NotJudgedError):
    """A module raises on an input; the message is one line that says what, and where."""


class NoSuchPlaceError(Exception):
    """There is no such file, name or argument; the message is one line that says which."""


@contextlib.contextmanager
def unlogged() -> Iterator[None]:
    """Keep what is logged to itself; that is slow to switch, so whoever does it often nests."""
    disabled = logging.root.manager.disable
    if disabled >= logging.CRITICAL:
        yield
        return
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(disabled)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what a module prints, and torch's own remarks on it, off the user's terminal."""
    with (
        unlogged(),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        warnings.simplefilter("ignore")
        yield


def copied(module: Any) -> Any:
    """Return a copy of a module, to be run or changed without harm; a function is itself."""
    if not isinstance(module, torch.nn.Module):
        return module
    try:
        return copy.deepcopy(module)
    except Exception:  # it holds what cannot be copied: then it runs itself
        return module


def run(module: Any, inputs: Sequence[torch.Tensor]) -> Any:
    """Return what a plain run makes of copies of inputs.

    Raises:
        NotJudgedError: The module fails; the message has its line.
    """
    try:
        given = [x.clone() for x in inputs]
        with quiet(), torch.enable_grad():
            result = module(*given)
    except (Exception, SystemExit) as error:
        raise RaisedError(failure(error, inputs)) from error
    if not all(same(x, y) for x, y in zip(given, inputs, strict=True)):
        raise NotJudgedError("it changes its input in place")
    return result


def failure(error: BaseException, inputs: Sequence[torch.Tensor]) -> str:
    """Return what went wrong in a run, in one line."""
    kinds = " and ".join(
        f"a {str(x.dtype).removeprefix('torch.')} tensor of shape {tuple(x.shape)}" for x in inputs
    )
    return f"it fails on {kinds}: {type(error).__name__}: {first_line(error)}{line_of_error(error)}"


def changing(module: Any, runs: Callable[[], Any], asked: list[str] | None = None) -> str | None:
    """Run a module twice; say what keeps it from being a function of its input.

    What functions of the user's that are cached return for the first time may be kept: it depends
    on their arguments alone.

    Args:
        module: The module.
        runs: Runs it.
        asked: Takes what it asks of the clock or the system.

    Raises:
        NotJudgedError: It does not run at all.
    """
    before, states = Memory(module), random_states()
    first = runs()
    drawn = [whose for whose, state in random_states().items() if state != states[whose]]
    between = Memory(module)
    change = before.change(between, cached=True)
    if change is not None:
        return (
            f"{change} (in training mode? call .eval() first)"
            if change.startswith("buffer")
            else f"{change}; what keeps anything from one run to the next, even a cache, "
            "cannot be judged"
        )
    if before.unreadable:
        return f"{before.unreadable[0]}, and nobody sees what that remembers"
    if drawn:
        return f"it draws random numbers from {', '.join(drawn)}"
    second = followed(runs, [] if asked is None else asked)
    change = between.change(Memory(module))
    if change is not None:
        return f"{change} for the second time"
    return None if same(first, second) else "two runs on the same input differ"


def same(first: Any, second: Any) -> bool:
    """Say whether two results hold the same numbers; what is no tensor is not looked at."""
    if not isinstance(first, torch.Tensor) or not isinstance(second, torch.Tensor):
        return type(first) is type(second)
    if first.shape != second.shape or first.dtype != second.dtype:
        return False
    x, y = (t.detach().double().nan_to_num(nan=0.1234) for t in (first, second))
    return torch.equal(x, y)


def line_of_error(error: BaseException) -> str:
    """Return the line of the user's code at which an error arose, as the end of a sentence."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith((_TORCH, _HERE, "<")) and Path(frame.filename).exists():
            return f", line {frame.lineno} of {Path(frame.filename).name}"
    return ""


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, without what a terminal would obey."""
    line = (str(error).strip() or "no message").splitlines()[0]
    return "".join(character for character in line if character.isprintable())


def broken(error: BaseException) -> str:
    """Return an unexpected error in one line, with the line of the code where it arose."""
    where = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"{type(error).__name__}: {first_line(error)}, line {where.lineno} of "
        f"{Path(where.filename).name}"
    )
