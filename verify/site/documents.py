"""The documentation in Markdown, the chapter's exercises and the poolings, as pages.

Guides are the files of ``docs/``, the README and the changelog, which a checkout has beside the
packages and an installation under ``share/doc``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from functools import cache
from html import escape
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.names import NAME
from verify.site.writing import Site

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

#: Guides in the order of a reader: file, what it is for.
GUIDES = (
    ("README.md", "What there is, and the commands"),
    ("docs/judge_a_rewrite.md", "Is somebody's module that pooling?"),
    ("docs/rewrite_a_model.md", "Poolings as convolutions and ReLUs"),
    ("docs/count_a_model.md", "Operations exact to the tap"),
    ("docs/architecture.md", "How the house is built"),
    ("docs/trust.md", "What a verdict asks you to believe"),
    ("docs/foundations.md", "What proofs stand on"),
    ("docs/glossary.md", "The words"),
    ("CONTRIBUTING.md", "Add a claim, a number system, an operator, an engine"),
    ("CHANGELOG.md", "What changed"),
)
_HEADING = re.compile(r"<h([1-3])>(.*?)</h\1>", re.DOTALL)


def folder() -> Path:
    """Return the folder that holds the README and ``docs/``.

    Raises ``FileNotFoundError`` where there is none: an installation without its documents.
    """
    beside = Path(__file__).parents[2]
    for place in (beside, Path(sys.prefix) / "share" / "doc" / NAME):
        if (place / "docs" / "architecture.md").is_file() and (place / "README.md").is_file():
            return place
    raise FileNotFoundError(f"no documents: neither beside the packages nor under {sys.prefix}")


@cache
def _markdown() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "highlight": _highlighted}).enable("table")


def _highlighted(code: str, language: str, _: str) -> str:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        lexer = get_lexer_by_name(language or "text")
    except ClassNotFound:
        lexer = get_lexer_by_name("text")
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))


def html(markdown: str) -> str:
    r"""Return Markdown as HTML whose headings can be linked to.

    >>> html("## A word\n\n*b*")
    '<h2 id="a-word">A word</h2>\n<p><em>b</em></p>\n'
    """
    # Marks between which tables are generated are for the generators.
    made = _markdown().render(re.sub(r"<!--.*?-->\n?", "", markdown, flags=re.DOTALL))

    def linked(found: re.Match[str]) -> str:
        level, words = found.groups()
        plain = re.sub(r"<[^>]*>", "", words)
        anchor = re.sub(r"[^\w]+", "-", plain.lower()).strip("-")
        return f'<h{level} id="{anchor}">{words}</h{level}>'

    made = _HEADING.sub(linked, made)
    # Code that is wider than the page is scrolled with the keyboard as well.
    return made.replace("<pre>", '<pre tabindex="0">')


def address(file: str) -> str:
    """Return where the page of a document is.

    >>> address("docs/trust.md"), address("README.md")
    ('guides/trust.html', 'guides/readme.html')
    """
    return f"guides/{Path(file).stem.lower()}.html"


def write_guides(site: Site) -> None:
    """Write a page for each document, and one that lists them."""
    place, named = folder(), dict(GUIDES)
    listed = []
    for file in _files(place):
        words = (place / file).read_text(encoding="utf-8")
        head = re.search(r"^# (.*)$", words, re.MULTILINE)
        title = head[1] if head else Path(file).stem
        listed.append((address(file), title, named.get(file, "")))
        site.page(
            address(file),
            "document.html",
            title=title,
            part="guides.html",
            content=_linked(html(words), place, file),
        )
        heads = re.findall(r"^#+ (.*)$", words, re.MULTILINE)
        named_as = f"{title} ({Path(file).name})"
        site.found_by(named_as, "guide", address(file), " ".join((*heads, words[:600])))
    site.copy([*(place / "docs").glob("*.svg"), *(place / "docs").glob("*.png")], "guides")
    site.page("guides.html", "guides.html", title="Guides", listed=listed)


def _files(place: Path) -> list[str]:
    """Return the documents that have pages, those of :data:`GUIDES` first."""
    others = sorted(f"docs/{file.name}" for file in (place / "docs").glob("*.md"))
    files = dict.fromkeys([*dict(GUIDES), *others])
    return [file for file in files if (place / file).is_file()]


def _linked(content: str, place: Path, file: str) -> str:
    """Let links between documents lead to their pages, and others that lead nowhere be code."""

    def link(found: re.Match[str]) -> str:
        target, words = found.groups()
        path, _, anchor = target.partition("#")
        if not path:
            return found[0]
        if re.match(r"[a-z]+:", target):
            return (
                f"{words} (<code>{target}</code>)" if words != target else f"<code>{words}</code>"
            )
        meant = ((place / file).parent / path).resolve()
        known = [(place / known).resolve() for known in _files(place)]
        if meant in known:
            page = address(str(meant.relative_to(place.resolve())))
            return f'<a href="../{page}{"#" + anchor if anchor else ""}">{words}</a>'
        return words if words.startswith("<code") else f"<code>{words}</code>"

    content = re.sub(r'<a href="([^"]*)">(.*?)</a>', link, content, flags=re.DOTALL)
    return re.sub(r'<img src="(?:docs/)?([^"/]*)"', r'<img src="\1" loading="lazy"', content)


def write_chapter(site: Site, report: Mapping[str, Any]) -> None:
    """Write the seven exercises with their answers, evidence and wrong answers."""
    from costmodel import flops
    from proofs.answers import EXERCISES, SAYINGS, SHAPE

    cells = {(cell["claim"], cell["system"]): cell for cell in report["cells"]}
    mutants = {(mutant["claim"], mutant["mutant"]): mutant for mutant in report["mutants"]}
    standing: dict[str, list[tuple[str, str]]] = {}
    for cell in report["cells"]:
        standing.setdefault(cell["claim"], []).append((cell["system"], cell["verdict"]))
    site.page(
        "chapter.html",
        "chapter.html",
        title="The chapter's seven exercises, answered",
        exercises=EXERCISES,
        sayings=SAYINGS,
        cells=cells,
        mutants=mutants,
        standing=standing,
        shape="×".join(map(str, SHAPE)),
        costs={
            exercise.number: flops(exercise.operator, SHAPE, **exercise.arguments)
            for exercise in EXERCISES
        },
    )
    for exercise in EXERCISES:
        site.found_by(
            f"Exercise {exercise.number}: {exercise.question}",
            "exercise",
            f"chapter.html#exercise-{exercise.number}",
            exercise.answer,
        )


def write_poolings(site: Site) -> None:
    """Write a page for each kind of pooling: what ``verify show`` prints of it in 2-d."""
    from rich.console import Console

    from pooling.kind import kinds
    from verify.display.poolings.names import named
    from verify.display.poolings.page import print_pooling

    listed = []
    for kind in kinds():
        operator = next((name for name in kind.operators if name.endswith("2d")), kind.operators[0])
        pooling = next(iter(named(operator)))
        out = StringIO()
        print_pooling(Console(file=out, width=100, highlight=False), pooling)
        path = f"poolings/{kind.family}.html"
        written = re.sub(
            r"^([a-z0-9-]+)(: [A-Z_]+ in )",
            r'<a href="../claims/\1.html">\1</a>\2',
            escape(out.getvalue()),
            flags=re.MULTILINE,
        )
        site.page(
            path, "pooling.html", title=kind.title, part="poolings.html", kind=kind, written=written
        )
        site.found_by(kind.title, "pooling", path, f"{' '.join(kind.operators)} {kind.computes}")
        listed.append((path, kind.title, kind.computes, kind.operators))
    site.page("poolings.html", "poolings.html", title="Poolings", listed=listed)
