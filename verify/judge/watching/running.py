"""Running somebody's module as it is: in quiet, with its failures and its lines named."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import sysconfig
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import CodeType
from typing import Any
from weakref import WeakKeyDictionary

import torch

from verify.judge.watching.memory import Memory, random_states
from verify.judge.watching.named import Code, asked_by
from verify.judge.watching.outside import followed

_TORCH = str(Path(torch.__file__).parent)
_HERE = str(Path(__file__).parents[1])
#: Where code stands that is none of a user's.
_NOT_USERS = (
    *(str(Path(__file__).parents[3] / package) for package in ("verify", "proofs", "pooling")),
    *(sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib")),
    "<",
)
#: Whether a module's copy is like it, and what it holds that asks: often wanted, at open sizes.
_COPIED_ALIKE: WeakKeyDictionary[torch.nn.Module, bool] = WeakKeyDictionary()
_HELD_ASKING: WeakKeyDictionary[torch.nn.Module, list[str]] = WeakKeyDictionary()


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
    """Return a copy of a module, to be run or changed without harm; a function is itself.

    So is what cannot be copied, or whose copy is another one.
    """
    if not isinstance(module, torch.nn.Module):
        return module
    try:
        made = copy.deepcopy(module)
    except Exception:  # whatever it holds that is not to be copied
        return module
    if module not in _COPIED_ALIKE:
        _COPIED_ALIKE[module] = Memory(module).alike(Memory(made))
    return made if _COPIED_ALIKE[module] else module


def asking_of(given: Any) -> list[str]:
    """Return what somebody's module or function holds that asks others than its input."""
    if not isinstance(given, torch.nn.Module):
        return Memory(given).asking
    if given not in _HELD_ASKING:
        _HELD_ASKING[given] = Memory(given).asking
    return _HELD_ASKING[given]


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
    asked = [] if asked is None else asked
    ran: dict[CodeType, Code] = {}
    second = followed(runs, asked, ran)
    asked += between.asking + asked_by(between.held, between.methods, ran.values())
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
    try:
        words = str(error).strip()
    except Exception:  # somebody's own error may fail at that, too
        words = ""
    line = (words or "no message").splitlines()[0]
    return "".join(character for character in line if character.isprintable())


def broken(error: BaseException) -> str:
    """Return whose fault an unexpected error is, and the line of the code where it arose.

    What a module's own code raises when it is looked at, such as when it is asked for a name, is
    the module's.
    """
    where = traceback.extract_tb(error.__traceback__)[-1]
    own = where.filename.startswith(_NOT_USERS) or not Path(where.filename).exists()
    return (
        f"{'the judge broke' if own else 'it fails when it is looked at'}: "
        f"{type(error).__name__}: {first_line(error)}, line {where.lineno} of "
        f"{Path(where.filename).name}"
    )
