"""Finding a user's module by its place: ``mymodule:MyPool`` or ``path/to/file.py:MyPool``.

The code of the user's file runs in this process; nothing keeps it from doing harm.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import inspect
import sys
from difflib import get_close_matches
from pathlib import Path
from types import ModuleType
from typing import Any

import torch

from verify.judge.tracing import NotJudgedError, first_line, line_of_error


def load(place: str) -> Any:
    """Return the module or the function on a tensor that stands at ``place``.

    Args:
        place: ``module:name`` or ``file.py:name``. The name may be that of a module's class
            without required arguments, of a module, of a function that takes a tensor, or of a
            function without required arguments that makes any of these.

    Raises:
        NotJudgedError: There is nothing of that name, its file fails when it is run, or it cannot
            be made without arguments.
    """
    source, colon, name = place.rpartition(":")
    if not colon or not source or not name:
        raise NotJudgedError(f"{place!r} is no place of a module: write mymodule:MyPool")
    with contextlib.redirect_stdout(sys.stderr):
        found: Any = _imported(source)
        for part in name.split("."):
            if not hasattr(found, part):
                close = get_close_matches(part, dir(found), n=1)
                hint = f"; did you mean {close[0]}?" if close else ""
                raise NotJudgedError(f"{source} has no {part!r}{hint}")
            found = getattr(found, part)
        return _made(found, name)


def _imported(source: str) -> ModuleType:
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    try:
        if source.endswith(".py"):
            return _run(Path(source))
        return importlib.import_module(source)
    except NotJudgedError:
        raise
    except (Exception, SystemExit) as error:
        raise NotJudgedError(
            f"cannot import {source}: {type(error).__name__}: {first_line(error)}"
            f"{line_of_error(error)}"
        ) from error


def _run(path: Path) -> ModuleType:
    if not path.is_file():
        raise NotJudgedError(f"there is no file {path}")
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


def _made(found: Any, name: str) -> Any:
    """Return what ``found`` is or makes, once all that needs no argument has been called."""
    while not isinstance(found, torch.nn.Module):
        if not callable(found):
            raise NotJudgedError(f"{name} is no module and no function, it is {found!r}")
        needed = _needed(found)
        if needed and isinstance(found, type):
            raise NotJudgedError(
                f"{name} needs {', '.join(needed)}: give a function without arguments that makes it"
            )
        if needed:
            return found
        try:
            found = found()
        except (Exception, SystemExit) as error:
            raise NotJudgedError(
                f"cannot make {name}: {type(error).__name__}: {first_line(error)}"
                f"{line_of_error(error)}"
            ) from error
    return found


def _needed(function: Any) -> list[str]:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):  # a built-in function without a signature, such as torch.relu
        return ["an argument"]
    return [
        p.name
        for p in parameters
        if p.default is p.empty and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
    ]
