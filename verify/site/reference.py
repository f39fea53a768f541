"""The public functions and classes of the four packages, from their docstrings.

Modules are read, not run, by griffe: what is private, generated or imported has no place here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from verify.site.claims import paragraphs
from verify.site.writing import Site

PACKAGES = ("pooling", "costmodel", "proofs", "verify")


@dataclass(frozen=True)
class Member:
    """One public name: how it is called, and what is said of it, as HTML."""

    name: str
    signature: str
    content: str
    members: tuple[Member, ...] = ()


def write(site: Site) -> None:
    """Write a page for each module that has public names, and one that lists them."""
    import griffe

    listed: dict[str, list[tuple[str, str, str]]] = {}
    for package in PACKAGES:
        root: Any = griffe.load(package, search_paths=[str(Path(__file__).parents[2])])
        for module in _modules(root):
            members = tuple(_members(module))
            summary = paragraphs(module.docstring.value) if module.docstring else ""
            if not members and module.path.count(".") > 0:
                continue
            path = f"reference/{module.path}.html"
            listed.setdefault(package, []).append((path, module.path, _first(module)))
            site.page(
                path,
                "module.html",
                title=module.path,
                part="reference.html",
                summary=summary,
                members=members,
            )
            site.found_by(module.path, "module", path, _first(module))
            for member in members:
                site.found_by(
                    member.name, module.path, f"{path}#{member.name}", member.content[:300]
                )
    site.page("reference.html", "reference.html", title="Reference", listed=listed)


def _modules(root: Any) -> Iterator[Any]:
    yield root
    for name, member in sorted(root.modules.items()):
        # Claims have pages of their own.
        if not name.startswith("_") and not _is_claim(member):
            yield from _modules(member)


def _is_claim(module: Any) -> bool:
    return "claim" in module.members and module.path.startswith("proofs.")


def _first(module: Any) -> str:
    return module.docstring.value.strip().splitlines()[0] if module.docstring else ""


def _members(parent: Any) -> Iterator[Member]:
    for name, member in parent.members.items():
        if name.startswith("_") or member.is_alias or not member.docstring:
            continue
        if member.is_function:
            yield Member(name, f"{name}{_signature(member)}", _said(member))
        elif member.is_class:
            own = tuple(_members(member))
            bases = ", ".join(str(base).rpartition(".")[2] for base in member.bases)
            yield Member(
                name, f"class {name}({bases})" if bases else f"class {name}", _said(member), own
            )
        elif member.is_attribute:
            kind = f": {member.annotation}" if member.annotation else ""
            yield Member(name, f"{name}{kind}", _said(member))


def _signature(function: Any) -> str:
    taken = []
    for parameter in function.parameters:
        if parameter.name in ("self", "cls"):
            continue
        star = {"variadic positional": "*", "variadic keyword": "**"}.get(
            str(parameter.kind.value), ""
        )
        kind = f": {parameter.annotation}" if parameter.annotation else ""
        default = parameter.default
        given = f" = {default}" if default is not None and not star else ""
        taken.append(f"{star}{parameter.name}{kind}{given}")
    back = f" → {function.returns}" if function.returns else ""
    return f"({', '.join(taken)}){back}"


def _said(member: Any) -> str:
    """Return a docstring as HTML: paragraphs, its sections as lists, examples as code."""
    import griffe

    made = []
    for section in member.docstring.parse("google", warnings=False):
        kind = section.kind
        if kind is griffe.DocstringSectionKind.text:
            made.append(_text(section.value))
        elif kind is griffe.DocstringSectionKind.examples:
            made.extend(_text(value) for _, value in section.value)
        elif kind is griffe.DocstringSectionKind.admonition:
            made.append(f"<h5>{section.title}</h5>{_text(section.value.contents)}")
        elif isinstance(section.value, list):
            rows = "".join(_row(item) for item in section.value)
            made.append(f"<h5>{kind.value.capitalize()}</h5><dl>{rows}</dl>")
    return "\n".join(made)


def _row(item: Any) -> str:
    name = getattr(item, "name", "") or str(item.annotation or "")
    said = paragraphs(item.description)
    return f"<dt><code>{name}</code></dt><dd>{said}</dd>"


def _text(words: str) -> str:
    """Return the paragraphs of a docstring, with its examples as they would be typed."""
    made = []
    for piece in re.split(r"\n\s*\n", words.strip()):
        if piece.lstrip().startswith(">>>"):
            made.append(f'<pre tabindex="0">{_escaped(piece)}</pre>')
        else:
            made.append(paragraphs(piece))
    return "\n".join(made)


def _escaped(words: str) -> str:
    from html import escape

    return escape(words, quote=False)
