"""How wide printed pages are."""

from __future__ import annotations

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
