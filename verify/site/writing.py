"""Pages out of templates, the scripts and data beside them, and the index of the search.

Apart from what the pages say, so that a page is a template and its context, and no more.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from verify.names import NAME, version

if TYPE_CHECKING:
    from jinja2 import Environment

HERE = Path(__file__).parent

#: Heads of the parts of the site, as the bar at the top of every page names them.
PARTS = (
    ("index.html", "Matrix"),
    ("numbers.html", "Numbers"),
    ("planes.html", "Planes"),
    ("windows.html", "Windows"),
    ("networks.html", "Networks"),
    ("chapter.html", "Chapter"),
    ("poolings.html", "Poolings"),
    ("guides.html", "Guides"),
    ("reference.html", "Reference"),
)


@dataclass
class Site:
    """A site in the making.

    Attributes:
        folder: Where it is written.
        entries: What the search knows: one entry per page or section.
        pages: The addresses of all pages, relative to ``folder``.
        parts: The heads of its parts: address and name.
    """

    folder: Path
    entries: list[dict[str, str]] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    parts: Sequence[tuple[str, str]] = PARTS

    def __post_init__(self) -> None:
        """Make the folder, with the styles and scripts in it."""
        from pygments.formatters import HtmlFormatter

        shutil.copytree(
            HERE / "assets",
            self.folder / "assets",
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("*.d.ts", "jsconfig.json"),
        )
        light, dark = [
            HtmlFormatter(style=style).get_style_defs(".highlight, pre")
            for style in ("default", "github-dark")
        ]
        with (self.folder / "assets" / "site.css").open("a", encoding="utf-8") as sheet:
            sheet.write(f"{light}\n@media (prefers-color-scheme: dark) {{\n{dark}\n}}\n")

    @cached_property
    def _templates(self) -> Environment:
        from jinja2 import Environment, FileSystemLoader, StrictUndefined

        environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals.update(parts=self.parts, program=NAME, version=version())
        return environment

    def page(self, path: str, template: str, *, title: str, part: str = "", **context: Any) -> None:
        """Write a page.

        Args:
            path: Its address, relative to the site.
            template: The file under ``templates/``.
            title: What it is called.
            part: The address of the part of the site that it belongs to; its own if empty.
            context: What the template names.
        """
        root = "../" * (len(PurePosixPath(path).parts) - 1)
        page = self._templates.get_template(template).render(
            root=root, title=title, part=part or path, path=path, **context
        )
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page, encoding="utf-8")
        self.pages.append(path)

    def found_by(self, title: str, kind: str, href: str, words: str = "") -> None:
        """Let the search find ``href`` by its title, its kind and further words."""
        words = " ".join(re.sub(r"<[^>]*>", " ", words).split())
        self.entries.append({"title": title, "kind": kind, "href": href, "words": words})

    def data(self, name: str, **constants: Any) -> None:
        """Write constants as a script that pages load: a file gives no page anything else."""
        lines = [
            f"const {constant} = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};\n"
            for constant, value in constants.items()
        ]
        (self.folder / "assets" / name).write_text("".join(lines), encoding="utf-8")

    def copy(self, files: Iterable[Path], folder: str) -> None:
        """Copy files into a folder of the site."""
        target = self.folder / folder
        target.mkdir(parents=True, exist_ok=True)
        for file in files:
            shutil.copy(file, target / file.name)

    def finish(self) -> None:
        """Write the index of the search."""
        self.data("search-data.js", SEARCH=self.entries)
