"""Which instructions of the user's code a run goes through.

What Python decides by a size is seen where sizes are symbols; what a module does otherwise because
they are, or in a way that hides it, shows in that other instructions run than on plain tensors, or
in that another exception is raised, which it may swallow.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import torch

import pooling

#: Code of these is the same for all, and is not followed.
_LIBRARIES = (
    str(Path(torch.__file__).parent),
    str(Path(__file__).parents[1]),
    *(sysconfig.get_path(kind) for kind in ("stdlib", "purelib", "platlib")),
    # What looks at arguments here takes a shorter way where they are plain ints.
    *(str(path) for path in sorted(Path(pooling.__file__).parent.glob("*.py"))),
    str(Path(pooling.__file__).parent / "kinds"),
)
_NOT_FILES = ("<frozen", "<attrs")
#: Code that was made while the program runs: of a library if a library calls it.
_MADE = "<string>"


class Steps:
    """The instructions that were run, as one number, and the last lines."""

    def __init__(self) -> None:
        self.number = 0
        self.count = 0
        self._codes: dict[CodeType, int] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Steps) and (self.number, self.count) == (other.number, other.count)

    __hash__ = object.__hash__

    @contextmanager
    def followed(self) -> Iterator[None]:
        """Follow what runs."""
        before = sys.gettrace()
        sys.settrace(self._called)
        try:
            yield
        finally:
            sys.settrace(before)

    def _called(self, frame: FrameType, event: str, _: Any) -> Any:
        code = frame.f_code
        if code not in self._codes:
            name = code.co_filename
            followed = not name.startswith((*_LIBRARIES, *_NOT_FILES))
            self._codes[code] = (
                hash((name, code.co_firstlineno, code.co_qualname)) if followed else 0
            )
        caller: FrameType | None = frame
        while caller is not None and caller.f_code.co_filename == _MADE:
            caller = caller.f_back
        if not self._codes[code] or (caller and not self._codes.get(caller.f_code, 1)):
            return None
        frame.f_trace_opcodes = True
        frame.f_trace_lines = False
        return self._stepped

    def _stepped(self, frame: FrameType, event: str, told: Any) -> Any:
        if event in ("opcode", "exception"):
            self.count += 1
            raised = told[0].__qualname__ if event == "exception" else ""
            self.number = hash((self.number, self._codes[frame.f_code], frame.f_lasti, raised))
        return self._stepped


@contextmanager
def unfollowed() -> Iterator[None]:
    """Follow nothing."""
    before = sys.gettrace()
    sys.settrace(None)
    try:
        yield
    finally:
        sys.settrace(before)


def user_line() -> str:
    """Return the line of the user's code that runs now, as the end of a sentence."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_filename
        if not name.startswith((*_LIBRARIES, "<")) and Path(name).exists():
            return f", line {frame.f_lineno} of {Path(name).name}"
        frame = frame.f_back
    return ""
