"""How wide printed pages are, and how sentences are wrapped to that width."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def page_width(console: Console) -> int:
    """Return the width of the screen, but none that is too narrow or too wide to read.

    >>> from rich.console import Console
    >>> [page_width(Console(width=width)) for width in (20, 80, 200)]
    [40, 80, 100]
    """
    return max(40, min(console.width, 100))


def print_wrapped(console: Console, words: str, indent: str = "", style: str = "") -> None:
    """Print a paragraph, each of its lines after ``indent``.

    >>> from rich.console import Console
    >>> print_wrapped(Console(width=40), "No convolution is a maximum of its taps.", "  ")
      No convolution is a maximum of its
      taps.
    """
    from rich.text import Text

    for line in textwrap.wrap(
        words, page_width(console), initial_indent=indent, subsequent_indent=indent
    ):
        console.print(Text(line, style=style))
