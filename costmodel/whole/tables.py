"""Tables of words, in the forms that a terminal, a page and a notebook show.

Apart from what is shown because costs, rooflines and reconciliations are shown alike.
"""

from collections.abc import Iterable, Sequence
from html import escape
from io import StringIO
from typing import Any


def printed(shown: Any) -> str:
    """Return what rich prints of something, as text and uncut."""
    from rich.console import Console

    # Wide enough for any path: what is written to a file is not to be cut to a terminal.
    buffer = StringIO()
    Console(file=buffer, width=10_000, color_system=None).print(shown)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a table in Markdown.

    >>> print(markdown_table(["a"], [["x|y"]]))
    | a |
    | --- |
    | x\|y |
    """
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines
    )


def html_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in HTML.

    >>> html_table(["a"], [["<b>"]])
    '<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>&lt;b&gt;</td></tr></tbody></table>'
    """
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = ("".join(f"<td>{escape(cell)}</td>" for cell in row) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f"<table><thead><tr>{names}</tr></thead><tbody>{body}</tbody></table>"


class Tabular:
    """What is shown as a table: its head, its rows, and the lines below it."""

    def _cells(self) -> tuple[list[str], list[list[str]], list[str]]:
        raise NotImplementedError

    def to_markdown(self) -> str:
        """Return the table in Markdown."""
        head, rows, lines = self._cells()
        return "\n\n".join([markdown_table(head, rows), *lines])

    def _repr_html_(self) -> str:
        """Return the table as a notebook shows it."""
        head, rows, lines = self._cells()
        return html_table(head, rows) + "".join(f"<p>{escape(line)}</p>" for line in lines)


def grouped(value: int | None) -> str:
    """Return a figure in groups of three digits, a question mark for an unknown one.

    >>> grouped(1584192), grouped(None)
    ('1,584,192', '?')
    """
    return "?" if value is None else f"{value:,}"


def times(shape: Sequence[int]) -> str:
    """Return a shape as one reads it.

    >>> times((1, 3, 8))
    '1×3×8'
    """
    return "×".join(map(str, shape))
