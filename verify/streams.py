"""The standard streams as users have them: pipes whose reader leaves, full disks, ASCII terminals.

A reader that has gone is no error: what would have been written to it is dropped, and the run ends
with its own exit code. What cannot be written for another reason is said once. Letters and signs
that a stream lacks are spelled in those it has, never as question marks.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
import unicodedata
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

#: The name of the error handler that spells what an encoding lacks.
SPELLED = "poolproof.spelled"

_SIGNS = {
    "−": "-", "–": "-", "—": "-", "‐": "-", "·": "*", "×": "x", "÷": "/", "⁄": "/", "±": "+-",
    "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~", "∞": "inf", "√": "sqrt", "∂": "d", "∇": "grad ",
    "∀": "for all ", "∃": "there is ", "∈": " in ", "∧": " and ", "∨": " or ", "¬": "not ",
    "→": "->", "←": "<-", "↦": "|->", "⇒": "=>", "⇐": "<==", "⇔": "<=>", "∑": "sum ",
    "⌈": "ceil(", "⌉": ")", "⌊": "floor(", "⌋": ")", "‖": "||", "⟦": "[[", "⟧": "]]",
    "⟨": "<", "⟩": ">", "…": "...", "′": "'", "″": "''", "‘": "'", "’": "'", "“": '"', "”": '"',
    "µ": "u", "°": " degrees", "✓": "v", "✗": "x", "•": "*", "ß": "ss", "\u00a0": " ",
}  # fmt: skip
_STROKE = "\u0338"


class UnwritableError(Exception):
    """Standard output takes no more; the message says why."""


def spelled(text: str) -> str:
    """Return letters and signs in ASCII.

    >>> spelled("≤"), spelled("σ"), spelled("²⁸"), spelled("é"), spelled("⊕")
    ('<=', 'sigma', '^28', 'e', '<circled plus>')
    """
    written, kind = "", ""
    for sign in text:
        former, kind = kind, ""
        form = unicodedata.decomposition(sign)
        if form.startswith(("<super>", "<sub>")):
            kind = "^" if form.startswith("<super>") else "_"
            if kind != former:
                written += kind
        parts = unicodedata.normalize("NFKD", sign)
        # What is struck through says the contrary of what is left without the stroke.
        whole = sign in _SIGNS or _STROKE in parts
        written += "".join(map(_spelled_one, sign if whole else parts))
    return written


def _spelled_one(sign: str) -> str:
    if sign.isascii() or unicodedata.combining(sign):
        return sign if sign.isascii() else ""
    if sign in _SIGNS:
        return _SIGNS[sign]
    if "\udc80" <= sign <= "\udcff":
        # How Python holds a byte of a file's name that is no UTF-8.
        return f"\\x{ord(sign) - 0xDC00:02x}"
    name = unicodedata.name(sign, f"U+{ord(sign):04X}").lower()
    if name.startswith("greek "):
        letter = name.split()[-1].replace("lamda", "lambda")
        return letter if " small " in name else letter.capitalize()
    if name.startswith("box drawings "):
        straight = {"horizontal": "-", "vertical": "|"}
        return straight.get(name.split(maxsplit=3)[-1], "+")
    return f"<{name}>"


def _spell(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return spelled(error.object[error.start : error.end]), error.end


codecs.register_error(SPELLED, _spell)


def prepare() -> None:
    """Make the standard streams of this process what the module's page says.

    Raises :class:`UnwritableError` if standard output was closed before the program started.
    """
    closed = sys.stdout is None
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            # Else the next file that is opened would pass for a standard stream.
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False))
    sys.stdout = _guarded(sys.stdout, 1, silent=False)
    sys.stderr = _guarded(sys.stderr, 2, silent=True)
    if closed:
        raise UnwritableError("it is closed")


def _guarded(stream: TextIO | None, descriptor: int, *, silent: bool) -> TextIO:
    """Return a stream on ``descriptor`` that is as ``stream`` is, if there is one."""
    encoding, at_once = "utf-8", descriptor == 2
    if isinstance(stream, io.TextIOWrapper):
        stream.flush()
        encoding = stream.encoding
        at_once = stream.line_buffering or stream.write_through
    written = io.BufferedWriter(_Guarded(descriptor, silent=silent))
    return io.TextIOWrapper(written, encoding, errors=SPELLED, line_buffering=at_once)


class _Guarded(io.FileIO):
    """A standard stream that drops what it is given once its reader, or its room, has gone."""

    def __init__(self, descriptor: int, *, silent: bool) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._silent = silent
        self._lost = False

    def write(self, data: Buffer, /) -> int:
        """Write ``data``; raise :class:`UnwritableError` the first time that there is no room."""
        if not self._lost:
            try:
                return super().write(data)
            except OSError as error:
                self._lost = True
                # What a terminal answers once it was closed is an error of input and output.
                gone = isinstance(error, BrokenPipeError) or (
                    error.errno == errno.EIO and self.isatty()
                )
                if not gone and not self._silent:
                    raise UnwritableError(error.strerror) from None
        return memoryview(data).nbytes
