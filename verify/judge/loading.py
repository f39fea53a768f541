"""Finding a user's module by its place: ``mymodule:MyPool`` or ``path/to/file.py:MyPool(4)``.

The code of the user's file runs in this process; nothing keeps it from doing harm.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from verify.judge.references import parsed
from verify.judge.watching.running import (
    NoSuchPlaceError,
    NotJudgedError,
    first_line,
    line_of_error,
)

#: With which seed KernelBench makes both models, so that they have the same weights.
SEED = 42


def load(place: str) -> Any:
    """Return the module or the function on tensors that stands at ``place``.

    Args:
        place: ``module:name`` or ``file.py:name``, with literal arguments in parentheses if it
            takes any. The name may be that of a module's class, of a module, of a function that
            takes tensors, or of a function that makes any of these. Arguments of a function that
            takes tensors come after these.

    Raises:
        NoSuchPlaceError: There is nothing of that name, or an argument is missing or not taken.
        NotJudgedError: Its file fails when it is run, or making it does.
    """
    written, bracket, _ = place.partition("(")
    source, colon, name = written.rpartition(":")
    if not colon or not source or not name:
        raise NoSuchPlaceError(f"{place!r} is no place of a module: write mymodule:MyPool")
    args: list[Any] = []
    named: dict[str, Any] = {}
    if bracket:
        try:
            _, args, named = parsed("f" + place[len(written) :])
        except ValueError:
            raise NoSuchPlaceError(
                f"cannot read the arguments of {place!r}: they must be literals"
            ) from None
    with contextlib.redirect_stdout(sys.stderr):
        found = _named(_imported(source), source, name)
        if bracket:
            found = _called(found, name, args, named)
        return _made(found, name)


def load_kernelbench(answer: str, reference: str) -> tuple[Any, Any, list[tuple[int, ...]]]:
    """Return ``ModelNew`` of one file, ``Model`` of another, and the shapes of its inputs.

    Source: Ouyang et al., "KernelBench", 2025: the reference's file holds ``Model``,
    ``get_inputs()`` and ``get_init_inputs()``, and both models are made with the same seed.

    Raises:
        NoSuchPlaceError: A file or a name is not there.
        NotJudgedError: A file fails, or its inputs are no tensors.
    """
    with contextlib.redirect_stdout(sys.stderr):
        theirs, ours = _imported(reference), _imported(answer)
        try:
            start = _named(theirs, reference, "get_init_inputs")()
            made = []
            for source, where, name in ((ours, answer, "ModelNew"), (theirs, reference, "Model")):
                torch.manual_seed(SEED)
                made.append(_named(source, where, name)(*start))
            given = _named(theirs, reference, "get_inputs")()
        except (NoSuchPlaceError, NotJudgedError):
            raise
        except (Exception, SystemExit) as error:
            raise NotJudgedError(
                f"cannot make it: {type(error).__name__}: {first_line(error)}{line_of_error(error)}"
            ) from error
    if not all(isinstance(x, torch.Tensor) for x in given):
        raise NotJudgedError("its inputs are not all tensors")
    return made[0], made[1], [tuple(x.shape) for x in given]


def _named(found: Any, source: str, name: str) -> Any:
    for part in name.split("."):
        if not hasattr(found, part):
            close = get_close_matches(part, dir(found), n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise NoSuchPlaceError(f"{source} has no {part!r}{hint}")
        found = getattr(found, part)
    return found


def _imported(source: str) -> ModuleType:
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        if source.endswith(".py"):
            return _run(Path(source))
        return importlib.import_module(source)
    except NoSuchPlaceError:
        raise
    except (Exception, SystemExit) as error:
        absent = isinstance(error, ModuleNotFoundError) and (
            source == error.name or source.startswith(f"{error.name}.")
        )
        raise (NoSuchPlaceError if absent else NotJudgedError)(
            f"cannot import {source}: {type(error).__name__}: {first_line(error)}"
            f"{line_of_error(error)}"
        ) from error


def _run(path: Path) -> ModuleType:
    if not path.is_file():
        raise NoSuchPlaceError(f"there is no file {path}")
    # A name of its own, so that the files of a whole class may all be called pooling.py.
    name = f"judged_{abs(hash(path.resolve()))}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _called(found: Any, name: str, args: Sequence[Any], named: dict[str, Any]) -> Any:
    """Return what a call makes, or a function on tensors with its further arguments filled in."""
    if not callable(found) or isinstance(found, torch.nn.Module):
        raise NoSuchPlaceError(f"{name} takes no arguments")
    parameters = _parameters(found)
    if parameters is not None:
        takes_any = any(p.kind is p.VAR_KEYWORD for p in parameters)
        names = [p.name for p in parameters]
        for given in named:
            if given not in names and not takes_any:
                close = get_close_matches(given, names, n=1)
                hint = f"did you mean {close[0]}?" if close else f"it takes {', '.join(names)}"
                raise NoSuchPlaceError(f"{name} takes no argument {given!r}; {hint}")
        needed = [p for p in _needed(found) if p not in named]
        if not isinstance(found, type) and len(needed) > len(args):
            return _Filled(found, args, named)
        if isinstance(found, type) and len(needed) > len(args):
            raise NoSuchPlaceError(f"{name} needs {', '.join(needed[len(args) :])}")
        if not isinstance(found, type) and len(parameters) > len(args) + len(named):
            # It may make a module of these, or want tensors before them.
            try:
                made = found(*args, **named)
            except Exception:
                return _Filled(found, args, named)
            return made if callable(made) else _Filled(found, args, named)
    return _call(found, name, args, named)


class _Filled:
    """A function on tensors whose further arguments are known."""

    def __init__(self, function: Any, args: Sequence[Any], named: dict[str, Any]) -> None:
        self.function = function
        self.args = tuple(args)
        self.named = named
        self.__name__ = getattr(function, "__name__", "function")

    def filled(self, function: Any) -> _Filled:
        """Return another function with the same arguments."""
        return _Filled(function, self.args, self.named)

    def __call__(self, *tensors: torch.Tensor) -> Any:
        return self.function(*tensors, *self.args, **self.named)


def _call(found: Any, name: str, args: Sequence[Any], named: dict[str, Any]) -> Any:
    try:
        return found(*args, **named)
    except (Exception, SystemExit) as error:
        raise NotJudgedError(
            f"cannot make {name}: {type(error).__name__}: {first_line(error)}{line_of_error(error)}"
        ) from error


def _made(found: Any, name: str) -> Any:
    """Return what ``found`` is or makes, once all that needs no argument has been called."""
    while not isinstance(found, torch.nn.Module | _Filled):
        if not callable(found):
            raise NoSuchPlaceError(f"{name} is no module and no function, it is {found!r}")
        needed = _needed(found)
        if needed and isinstance(found, type):
            raise NoSuchPlaceError(
                f"{name} needs {', '.join(needed)}: give them in parentheses, {name}({needed[0]}=…)"
            )
        if needed:
            return found
        found = _call(found, name, (), {})
    return found


def _parameters(function: Any) -> list[inspect.Parameter] | None:
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):  # a built-in function without a signature, such as torch.relu
        return None


def _needed(function: Any) -> list[str]:
    parameters = _parameters(function)
    if parameters is None:
        return ["an argument"]
    return [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
