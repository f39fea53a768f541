"""The whole site: every page from one report."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from verify.site import claims, documents, networks, numbers, reference
from verify.site.writing import HERE, Site

#: What is shipped that others wrote, or that follows others' definitions: name, licence, where.
LICENCES = (
    ("latex2mathml", "MIT", "sets the formulas when the site is made"),
    ("Jinja2, Pygments, markdown-it-py", "BSD-3-Clause, BSD-2-Clause, MIT", "make the pages"),
    ("griffe", "ISC", "reads the docstrings"),
)

SOLVER_LICENCE = ("z3-solver", "MIT", "checks cells in the reader's browser, when asked to")

#: Padding conventions of the page on windows, as ``assets/windows.js`` knows them.
CONVENTIONS = (
    ("torch", "torch: a number for each side"),
    ("total", "the chapter: rows and columns in all"),
    ("valid", "TensorFlow: valid, none"),
    ("same", "TensorFlow: same"),
    ("SAME_LOWER", "ONNX: SAME_LOWER"),
    ("onnx", "ONNX: pads, each edge"),
    ("full", "MXNet: full, each side"),
)


#: The parts of the site in the order in which they are written.
PARTS = (
    "claims", "planes", "windows", "networks", "chapter", "poolings", "guides", "reference"
)  # fmt: skip


def build(
    folder: Path,
    report: Mapping[str, Any],
    progress: Callable[[str], None] = lambda part: None,
    solver: Path | None = None,
) -> Site:
    """Write the site into ``folder`` and return it.

    Args:
        folder: Where to; made if need be. Files of a site that was there before are overwritten.
        report: What was checked, as ``verify all --json`` writes it.
        progress: Called with the name of each part before it is written.
        solver: The folder that holds Z3 for browsers, ``z3-built.js`` and ``z3-built.wasm``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    site = Site(folder)
    write = {
        "claims": lambda: claims.write(site, report, solver is not None),
        "planes": lambda: numbers.write(site),
        "windows": lambda: _write_windows(site),
        "networks": lambda: networks.write(site),
        "chapter": lambda: documents.write_chapter(site, report),
        "poolings": lambda: documents.write_poolings(site),
        "guides": lambda: documents.write_guides(site),
        "reference": lambda: reference.write(site),
    }
    for part in PARTS:
        progress(part)
        write[part]()
    if solver is not None:
        site.copy([solver / "z3-built.js", solver / "z3-built.wasm"], "solver")
        # A service worker rules over the folder it is in.
        site.copy([HERE / "assets" / "isolation.js"], ".")
    site.page(
        "licences.html",
        "licences.html",
        title="Licences",
        licences=[*LICENCES, *([SOLVER_LICENCE] if solver else [])],
    )
    site.finish()
    return site


def _write_windows(site: Site) -> None:
    site.page("windows.html", "windows.html", title="Windows and taps", conventions=CONVENTIONS)
    site.found_by("Windows and taps", "page", "windows.html", "padding stride dilation ceil_mode")
