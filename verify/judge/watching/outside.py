"""What a module asks of others than its input: the clock, the system, addresses, who calls it.

Whatever depends on these is no function of the input, and no comparison of what a module remembers
shows it. So one run is followed from call to call, as a profiler does: not those that are held
against terms. What is written in C and calls nobody is not seen.
"""

from __future__ import annotations

import gc
import random
import sys
import sysconfig
from collections.abc import Callable, Container
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import torch

import pooling
from verify.judge.watching.named import HASHING, Code

#: Modules whose functions all ask something of the outside, but for these.
_HARMLESS: dict[str, set[str]] = {
    "time": {"sleep"},
    "posix": {"fspath"},
    "nt": {"fspath"},
    "_socket": set(),
    "_posixsubprocess": set(),
    "resource": set(),
    "gc": {"collect", "disable", "enable", "isenabled"},
}
#: Functions that do, of modules whose others do not.
_ASKING = {
    "sys": {"_current_frames", "_getframe", "getprofile", "getrefcount", "gettrace"},
    "_thread": {"get_ident", "get_native_id", "start_new_thread"},
    "_io": {"open"},
    "io": {"open"},
}
#: What counts only where somebody's own code asks it: libraries do to compare or to keep.
_OWN = {"id", "hash", "data_ptr", "cache_info"}
_CLOCK = {"now", "today", "utcnow"}
#: Where it counts for nothing: in torch, here, and where modules are imported.
_INNOCENT = (
    str(Path(torch.__file__).parent),
    str(Path(__file__).parents[1]),
    str(Path(pooling.__file__).parent),
    "<frozen importlib",
)
_STANDARD = sysconfig.get_path("stdlib")
_INSTALLED = tuple(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))


def followed(
    run: Callable[[], Any], heard: list[str], ran: dict[CodeType, Code] | None = None
) -> Any:
    """Return what a run returns; add to ``heard`` what it asks of the outside, and where.

    Args:
        run: Runs it.
        heard: Takes what it asks.
        ran: Takes the code of somebody's own that ran.

    >>> import time
    >>> asked = []
    >>> followed(lambda: time.perf_counter() > 0, asked)
    True
    >>> asked[0].startswith("it asks perf_counter of time, which its input does not determine")
    True
    """
    # Others may have asked to be called when garbage is collected, and what is thrown away then
    # may be anybody's.
    strangers = {getattr(function, "__code__", None) for function in gc.callbacks}

    def hear(frame: FrameType, event: str, function: Any) -> None:
        if event == "call":
            code = frame.f_code
            if ran is not None and code not in ran and is_own(code):
                local = frame.f_locals if code.co_freevars else {}
                free = {name: local[name] for name in code.co_freevars if name in local}
                ran[code] = Code(code, frame.f_globals, free)
        elif event == "c_call":
            name = _asked(function, frame)
            own = name is not None and function.__name__ in _OWN
            where = None if name is None else _who(frame, own, strangers)
            if where is not None:
                heard.append(f"it asks {name}, which its input does not determine, {where}")

    before: Any = sys.getprofile()
    collecting = gc.isenabled()
    gc.disable()
    sys.setprofile(hear)
    try:
        return run()
    finally:
        if before is None or callable(before):
            sys.setprofile(before)
        else:  # a cProfile, which is no function
            before.enable()
        if collecting:
            gc.enable()


def is_own(code: CodeType) -> bool:
    """Say whether code is neither Python's nor torch's, of what is installed or of this project."""
    return not code.co_filename.startswith((*_INNOCENT, *_INSTALLED, _STANDARD, "<frozen"))


def _asked(function: Any, frame: FrameType) -> str | None:
    """Return what a function written in C asks of the outside, ``None`` if it is nothing."""
    name, module = function.__name__, function.__module__ or ""
    if frame.f_code.co_name == HASHING:
        return None
    if module in _HARMLESS:
        return None if name in _HARMLESS[module] else f"{name} of {module}"
    if name in _ASKING.get(module, ()):
        return f"{name} of {module}"
    whose = getattr(function, "__self__", None)
    if name in _CLOCK and getattr(whose, "__module__", "") == "datetime":
        return f"{name} of datetime"
    if name in ("id", "hash") and module == "builtins":
        return str(name)
    if name == "seed" and isinstance(whose, random.Random) and frame.f_locals.get("a") is None:
        return "for a seed"
    if name == "data_ptr" and isinstance(whose, torch.Tensor | torch.UntypedStorage):
        return "data_ptr"
    return "cache_info" if name == "cache_info" else None


def _who(frame: FrameType | None, own: bool, strangers: Container[CodeType | None]) -> str | None:
    """Return the line from which something is asked; ``None`` if it is asked by torch or by us.

    Args:
        frame: Where it is asked.
        own: Whether the standard library and what is installed may ask it.
        strangers: Code that is called by nobody here.
    """
    while frame is not None:
        file = frame.f_code.co_filename
        if frame.f_code in strangers or file.startswith(_INNOCENT):
            return None
        installed = file.startswith(_INSTALLED)
        if not installed and not file.startswith((_STANDARD, "<frozen")):
            return f"line {frame.f_lineno} of {Path(file).name}"
        if own:
            return None
        if installed:
            return f"in {Path(file).name}"
        frame = frame.f_back
    return None
