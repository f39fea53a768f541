"""The results of a class as a small site: a table of answers, and a page for each.

A page shows the input on which an answer fails, and both outputs as grids with the place where they
differ. Grids are cut to what a reader can take in, around that place.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from proofs.verdict import Verdict
from verify.display.claims import LETTER
from verify.judge.equivalence import Equivalence, digits_apart
from verify.site.writing import Site

#: Rows and columns of a grid beyond this are left out.
LARGEST_GRID = 24
#: Further grids of an input beyond this are left out.
MOST_GRIDS = 6


@dataclass(frozen=True)
class Grid:
    """A plane of numbers: its head, its rows as text, and which entry is marked."""

    head: str
    rows: tuple[tuple[str, ...], ...]
    marked: tuple[int, int] | None
    note: str = ""


def write(folder: Path, findings: Sequence[Equivalence]) -> Site:
    """Write the table of all answers and a page for each into ``folder``.

    Pages are numbered in the order of the answers, since places may differ in signs alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    site = Site(folder, parts=(("index.html", "Answers"),))
    letters = {str(verdict): letter for verdict, letter in LETTER.items()}
    meanings = {str(verdict): verdict.value for verdict in Verdict}
    answers = [(f"answers/{n}.html", found) for n, found in enumerate(findings, start=1)]
    first = findings[0]
    site.page(
        "index.html",
        "judgements.html",
        title=f"Judged against {first.reference}",
        answers=answers,
        letters=letters,
        meanings=meanings,
        proved=sum(found.verdict.settles for found in findings),
        first=first,
    )
    for path, found in answers:
        site.found_by(found.module, str(found.verdict), path, found.reason)
        site.page(
            path,
            "judgement.html",
            title=found.module,
            part="index.html",
            found=found,
            letters=letters,
            meanings=meanings,
            planes=_planes(found),
            outside=_outside(found),
        )
    site.page("licences.html", "licences.html", title="Licences", licences=())
    site.finish()
    return site


def _outside(found: Equivalence) -> list[Grid]:
    if (known := found.condition) is None:
        return []
    return [grid for one in (known.outside, *known.others) for grid in grids(one)]


def _planes(found: Equivalence) -> list[tuple[str, list[Grid]]]:
    shown = found.counterexample
    if shown is None:
        return []
    digits = digits_apart(shown.module_value, shown.reference_value, least=6)
    given = [
        (title.capitalize(), grids(tensor))
        for title, tensor in zip(shown.titles, shown.inputs, strict=True)
    ]
    return [
        *given,
        (f"The module gives nothing: {shown.raised}", [])
        if shown.raised
        else ("The module gives", grids(shown.module_output, shown.index, digits)),
        ("The reference gives", grids(shown.reference_output, shown.index, digits)),
    ]


def grids(
    tensor: torch.Tensor, index: tuple[int, ...] | None = None, digits: int = 6
) -> list[Grid]:
    """Return a tensor as planes of its last two axes; with an ``index`` only the one that has it.

    Without one, planes of zeros alone are left out.

    >>> [(grid.rows, grid.marked) for grid in grids(torch.eye(2), (0, 1))]
    [((('1', '0'), ('0', '1')), (0, 1))]
    """
    stacked = tensor.reshape((1,) * max(0, 2 - tensor.ndim) + tuple(tensor.shape))
    place = None if index is None else (0,) * max(0, 2 - tensor.ndim) + tuple(index)
    planes = stacked.reshape(-1, *stacked.shape[-2:])
    heads = [tuple(where) for where in torch.cartesian_prod(*_ranges(stacked)).reshape(
        len(planes), -1).tolist()] if stacked.ndim > 2 else [()]  # fmt: skip
    made = []
    for head, plane in zip(heads, planes, strict=True):
        if place is not None and head != place[:-2]:
            continue
        if place is None and len(planes) > 1 and not bool((plane != 0).any()):
            continue
        made.append(_grid(str(list(head)) if head else "", plane, place, digits))
    if len(made) > MOST_GRIDS:
        left = len(made) - MOST_GRIDS
        made = [*made[:MOST_GRIDS], Grid(f"and {left} more", (), None)]
    return made


def _ranges(stacked: torch.Tensor) -> list[torch.Tensor]:
    return [torch.arange(size) for size in stacked.shape[:-2]]


def _grid(head: str, plane: torch.Tensor, place: Any, digits: int) -> Grid:
    marked = None if place is None else (int(place[-2]), int(place[-1]))
    top, left = (max(0, at - LARGEST_GRID // 2) for at in marked or (0, 0))
    shown = plane[top : top + LARGEST_GRID, left : left + LARGEST_GRID]
    rows = tuple(tuple(f"{value:.{digits}g}" for value in row) for row in shown.tolist())
    cut = shown.shape != plane.shape
    note = f"part of {plane.shape[0]} × {plane.shape[1]}, from [{top}, {left}] on" if cut else ""
    return Grid(head, rows, marked and (marked[0] - top, marked[1] - left), note)
