"""The matrix of claims and number systems, and a page for each claim with all its evidence."""

import re
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from proofs import CHAPTERS, claims
from proofs.claim import Claim
from proofs.notation import text
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.verdict import Verdict
from verify.display.claims import LETTER, REFUTED_IN_PART
from verify.run.export import export
from verify.site.mathematics import mathml
from verify.site.numbers import formats, presets
from verify.site.writing import Site

#: Chapters that readers call otherwise than by the words of their folder.
_CALLED = {"max_by_relu": "Max by ReLU", "means": "Other means", "rebuilt": "Rebuilt layers"}


def chapter_title(chapter: str) -> str:
    """Return what readers call a chapter.

    >>> chapter_title("max_by_relu"), chapter_title("linear_kernels")
    ('Max by ReLU', 'Linear kernels')
    """
    return _CALLED.get(chapter, chapter.replace("_", " ").capitalize())


@dataclass(frozen=True)
class Bits:
    """A group of bits of a value: what it is called, and its digits."""

    name: str
    bits: str


def write(site: Site, report: Mapping[str, Any], solver: bool = False) -> None:
    """Write the matrix and every claim's page from a report as ``verify all --json`` writes it.

    With a ``solver`` in the site, pages offer to check an obligation there.
    """
    known = claims()
    cells: dict[str, dict[str, Any]] = defaultdict(dict)
    for cell in report["cells"]:
        cells[cell["claim"]][cell["system"]] = cell
    mutants: dict[str, list[Any]] = defaultdict(list)
    for mutant in report["mutants"]:
        mutants[mutant["claim"]].append(mutant)
    obligations = _obligations(site, [known[name] for name in cells], report)
    systems = [name for name in SYSTEMS if any(name in row for row in cells.values())]
    order = [name for name in known if name in cells]
    site.page(
        "index.html",
        "index.html",
        title="What is true of pooling layers, and in which arithmetic",
        report=report,
        formats=formats(),
        presets=presets(),
        systems=[SYSTEMS[name] for name in systems],
        rows=[(known[name], chapter_of(known[name]), cells[name]) for name in order],
        chapters=[(name, chapter_title(name)) for name in CHAPTERS],
        letters={str(verdict): letter for verdict, letter in LETTER.items()},
        meanings={str(verdict): verdict.value for verdict in Verdict},
        marked=_marked,
        marks=_used_marks(report),
        words=[str(v) for v in Verdict if any(c["verdict"] == str(v) for c in report["cells"])],
        settled=sum(Verdict[cell["verdict"]].settles for cell in report["cells"]),
        refuted=sum(cell["verdict"] == "REFUTED" for cell in report["cells"]),
    )
    for place, name in enumerate(order):
        claim = known[name]
        _write_claim(
            site,
            claim,
            cells=[cells[name][system] for system in systems if system in cells[name]],
            mutants=mutants[name],
            obligations=obligations.get(name, {}),
            solver=solver,
            before=order[place - 1] if place else "",
            after=order[place + 1] if place + 1 < len(order) else "",
        )


#: What stands beside a letter, and what it says of the cell.
MARKS = {
    "argued": "a step is in words, which no engine has checked",
    "cited": "a step is somebody else's theorem",
    REFUTED_IN_PART: "something that the claim states in other number systems is false here",
}


def _marked(cell: Mapping[str, Any]) -> list[str]:
    """Return what stands beside the letter of a cell."""
    found = [mark["mark"] for mark in cell.get("marks", ())]
    found += [REFUTED_IN_PART for one in cell.get("left_out", ()) if one["verdict"] == "REFUTED"]
    return list(dict.fromkeys(found))


def _used_marks(report: Mapping[str, Any]) -> dict[str, str]:
    used = {mark for cell in report["cells"] for mark in _marked(cell)}
    return {mark: meaning for mark, meaning in MARKS.items() if mark in used}


def chapter_of(claim: Claim) -> str:
    """Return the folder of :data:`proofs.CHAPTERS` in which a claim stands."""
    return claim.module.split(".")[1]


def _write_claim(site: Site, claim: Claim, **context: Any) -> None:
    from pygments import highlight
    from pygments.formatters import HtmlFormatter
    from pygments.lexers import PythonLexer

    module = sys.modules[claim.module]
    code = Path(str(module.__file__)).read_text(encoding="utf-8")
    site.page(
        f"claims/{claim.id}.html",
        "claim.html",
        title=claim.title,
        part="index.html",
        claim=claim,
        chapter=chapter_title(chapter_of(claim)),
        statements=[
            (theorem.name, mathml(theorem.statement), text(theorem.statement))
            for theorem in claim.theorems
        ],
        argument=paragraphs(claim.page),
        systems=SYSTEMS,
        letters={str(verdict): letter for verdict, letter in LETTER.items()},
        meanings={str(verdict): verdict.value for verdict in Verdict},
        bits=bits,
        source=f"{claim.module.replace('.', '/')}.py",
        code=highlight(code, PythonLexer(), HtmlFormatter()),
        **context,
    )
    site.found_by(claim.id, "claim", f"claims/{claim.id}.html", f"{claim.title} {claim.page}")


def paragraphs(words: str) -> str:
    """Return plain text as HTML: paragraphs, and code where it says so.

    >>> paragraphs("A *b* `c`, :func:`pooling.d`." )
    '<p>A *b* <code>c</code>, <code>pooling.d</code>.</p>'
    """
    made = []
    for paragraph in re.split(r"\n\s*\n", words.strip()):
        spoken = re.sub(r":\w+:`~?([^`]*)`", r"`\1`", " ".join(paragraph.split()))
        spoken = re.sub(r"`{1,2}([^`]+)`{1,2}", r"<code>\1</code>", escape(spoken, quote=False))
        made.append(f"<p>{spoken}</p>")
    return "\n".join(made)


def bits(system: str, term: str, value: str) -> list[Bits]:
    """Return the bits of a value in a number system, by groups; none where it has none.

    Values are as a counterexample writes them; a term of exact arithmetic has no bits.

    >>> [group.bits for group in bits("float16", "a − b", "-1.5")]
    ['1', '01111', '1000000000']
    >>> [group.bits for group in bits("int8", "a", "-2")]
    ['1', '1111110']
    """
    held = SYSTEMS[system]
    if held.bits is None or "⟦" in term or "ulp" in term or value in ("true", "false"):
        return []
    if isinstance(held, FloatFormat):
        return _float_bits(held, value)
    try:
        number = int(value.replace("−", "-"))
    except ValueError:
        return []
    digits = f"{number & ((1 << held.bits) - 1):0{held.bits}b}"
    if number >> held.bits not in (0, -1):
        return []
    if held.name.startswith("uint"):
        return [Bits("value", digits)]
    return [Bits("sign", digits[0]), Bits("value", digits[1:])]


def _float_bits(held: FloatFormat, value: str) -> list[Bits]:
    try:
        number = float(value.replace("−", "-"))
    except ValueError:
        return []
    ones, stored = "1" * held.exponent_bits, held.precision - 1
    if number != number:
        fraction = "1" + "0" * (stored - 1) if held.infinities else "1" * stored
        groups = ["0", ones, fraction]
    elif number in (float("inf"), float("-inf")):
        groups = ["1" if number < 0 else "0", ones, "0" * stored]
    else:
        groups = re.findall(r"#b([01]+)", held.literal(number))
        if held.from_bits(int("".join(groups), 2)) != number:
            return []  # a value of a wider format, or an exact one
    return [Bits(*pair) for pair in zip(("sign", "exponent", "significand"), groups, strict=True)]


def _obligations(
    site: Site, chosen: Sequence[Claim], report: Mapping[str, Any]
) -> dict[str, dict[str, list[str]]]:
    """Write every obligation as a file; return their names by claim and system."""
    systems = dict.fromkeys(cell["system"] for cell in report["cells"])
    found: dict[str, dict[str, list[str]]] = {}
    for file in export(chosen, systems, site.folder / "obligations"):
        claim, system, *_ = file.stem.split("__")
        found.setdefault(claim, {}).setdefault(system, []).append(file.name)
    return found
