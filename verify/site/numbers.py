"""What pages about number formats are given: the formats, the known rewrites, the swept planes.

The arithmetic itself is done in the reader's browser, by ``assets/formats.js``. Sweeps of 16-bit
float formats, which a browser cannot make, are made here, over every pair.
"""

from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy

from proofs.claim import Theorem
from proofs.max_by_relu.forms._forms import FORMS
from proofs.notation import text
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.systems.integers import Saturating, WrapAround
from proofs.terms import Term, subterms, variables
from verify.cores import available_cores
from verify.site.writing import Site
from verify.sweeps.elements import elements
from verify.sweeps.machine_code import compiled
from verify.sweeps.program import WRONG, judging

#: Cells of a swept plane along each axis.
CELLS = 256
#: Formats whose planes are swept: smaller ones a browser does whole, larger ones nobody does.
SWEPT = ("float16", "bfloat16")


def formats() -> list[dict[str, Any]]:
    """Return the number formats of the playground, as ``assets/formats.js`` takes them.

    >>> [data["name"] for data in formats()][:3]
    ['int8', 'int16', 'int32']
    """
    return [data for system in SYSTEMS.values() if (data := _format(system)) is not None]


def _format(system: object) -> dict[str, Any] | None:
    if isinstance(system, FloatFormat):
        return {
            "name": system.name,
            "kind": "float",
            "bits": system.bits,
            "exponent_bits": system.exponent_bits,
            "precision": system.precision,
            "infinities": system.infinities,
            "saturates": not system.infinities,
        }
    if isinstance(system, WrapAround | Saturating):
        return {
            "name": system.name,
            "kind": "integer",
            "bits": system.bits,
            "signed": not system.name.startswith("uint"),
            "saturates": isinstance(system, Saturating),
        }
    return None


def rewrites() -> dict[str, Term]:
    """Return the forms of max(a, b) that a page can compute, by name: all but the widened one."""
    return {
        name: form
        for name, form in FORMS.items()
        if all(node.operator != "widened" for node in subterms(form))
    }


def presets() -> list[tuple[str, str]]:
    """Return the rewrites to choose from, each with what it should equal.

    >>> presets()[0]
    ('difference', 'ReLU(a − b) + b = max(a, b)')
    """
    of_maximum = [(name, f"{text(form)} = max(a, b)") for name, form in rewrites().items()]
    return [*of_maximum, ("min by max", "−max(−a, −b) = min(a, b)")]


def planes() -> Iterator[dict[str, Any]]:
    """Yield, for each swept format and form, the share of wrong pairs in every cell of its plane.

    Both axes hold every finite number of the format once, in order, zero without a sign. Shares
    are bytes, 255 for a cell of wrong pairs alone; one wrong pair is enough for 1.
    """
    for name in SWEPT:
        for form_name, form in rewrites().items():
            if form_name == "mirror":
                continue  # it is the difference with a and b the other way around
            shares = wrong_shares(form, name)
            counts = numpy.where(shares > 0, numpy.maximum(numpy.round(shares * 255), 1), 0)
            # The page counts rows upwards with b, columns to the right with a.
            packed = counts.T.astype(numpy.uint8).tobytes()
            yield {
                "format": name,
                "form": form_name,
                "rewrite": text(form),
                "side": len(_in_order(name)),
                "cells": CELLS,
                "counts": b64encode(packed).decode(),
            }


def wrong_shares(form: Term, name: str) -> Any:
    """Return the share of wrong pairs (a, b) in each cell, (:data:`CELLS`, :data:`CELLS`)."""
    a, b = variables("a b")
    program = judging(Theorem(form == a.maximum(b)), SYSTEMS[name])
    kernel, values = compiled(program), _in_order(name)
    wrong = program.results.index(WRONG)
    edges = numpy.arange(CELLS + 1) * len(values) // CELLS

    def one_column(cell: int) -> Any:
        counts = kernel(values, values[edges[cell] : edges[cell + 1]])[:, wrong]
        return numpy.add.reduceat(counts, edges[:-1])

    with ThreadPoolExecutor(available_cores()) as pool:
        columns = list(pool.map(one_column, range(CELLS)))
    sizes = numpy.diff(edges)
    return numpy.stack(columns, axis=1) / numpy.outer(sizes, sizes)


def _in_order(name: str) -> Any:
    known = elements(name)
    return numpy.unique(known.values[: known.finite])


def write(site: Site) -> None:
    """Write the pages on numbers, and the data that they and the first page compute with."""
    chosen = formats()
    site.data("formats-data.js", FORMATS=chosen)
    site.data("planes-data.js", PLANES=list(planes()))
    site.page(
        "numbers.html", "numbers.html", title="Numbers by hand", formats=chosen, presets=presets()
    )
    site.page(
        "planes.html",
        "planes.html",
        title="The plane of all pairs",
        formats=[data for data in chosen if data["bits"] in (8, 16)],
        forms=[(name, text(form)) for name, form in rewrites().items()],
        swept=SWEPT,
    )
    site.found_by("Numbers by hand", "page", "numbers.html", "bits float16 int8 rounding wrapping")
    site.found_by("The plane of all pairs", "page", "planes.html", "float16 bfloat16 zoom wrong")
