"""Paragraphs at the width of the screen."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from verify.display.layout import print_wrapped


@pytest.mark.parametrize(("width", "longest"), [(60, 60), (200, 100)])
def test_lines_are_as_wide_as_can_be_read(width: int, longest: int) -> None:
    """Each line is indented, none is wider than the page, and no word is lost."""
    words = "the quick brown fox jumps over the lazy dog " * 9
    console = Console(width=width, file=(page := io.StringIO()))
    print_wrapped(console, words, "  ")
    lines = page.getvalue().splitlines()
    assert max(map(len, lines)) in range(longest - 6, longest + 1)
    assert all(line.startswith("  ") for line in lines)
    assert page.getvalue().split() == words.split()
