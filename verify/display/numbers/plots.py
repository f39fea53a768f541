"""The plane of all pairs with the wrong ones marked, and errors against magnitude.

Apart from the tables because it needs matplotlib, the optional extra ``poolproof[plot]``. Figures
are objects of their own, with no window and no global state.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy

from proofs.notation import text
from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from proofs.terms import Term, variables
from verify.cores import available_cores
from verify.sweeps.elements import Elements, elements
from verify.sweeps.machine_code import compiled
from verify.sweeps.program import INEXACT, NAN, OVERFLOWING, RELATIVE, measuring

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Cells of the plane along each axis at the most.
CELLS = 1024
#: Numbers whose errors are looked at, besides a few from each power of two on.
POINTS = 512

#: Of Okabe and Ito, "Color Universal Design", 2008; lines also differ in dash.
_LOOKS = (
    ("#000000", "-"),
    ("#E69F00", "--"),
    ("#56B4E9", "-."),
    ("#D55E00", ":"),
    ("#009E73", "-"),
    ("#CC79A7", "--"),
)


def draw(
    forms: Mapping[str, Term], system: str, seed: int = 0, workers: int | None = None
) -> Figure:
    """Return a figure of the first form's plane, and of the errors of all forms beside it."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    # A square plane takes of the space at its sides, and its label would reach the edge.
    layout = ConstrainedLayoutEngine(compress=True, w_pad=0.15, h_pad=0.1)
    figure = Figure(figsize=(12, 5.6), layout=layout)
    plane, errors = figure.subplots(1, 2)
    form = next(iter(forms.values()))
    known = elements(system, seed)
    figure.suptitle(
        f"max(a, b) in {system}" + ("" if known.complete else f", sampled with seed {seed}")
    )
    _draw_plane(plane, wrong_fractions(form, system, seed, workers), _finite(known))
    plane.set_title(f"{text(form)}: pairs at which it is not max(a, b)", fontsize=10)
    for number, (name, form) in enumerate(forms.items()):
        exponents, worst = worst_relative(form, system, seed)
        colour, dash = _LOOKS[number % len(_LOOKS)]
        # Lines that coincide are drawn thinner and thinner, so that all can be seen.
        errors.plot(
            exponents, numpy.where(worst > 0, worst, numpy.nan), dash, color=colour,
            linewidth=max(1.0, 5.0 - number), label=name if worst.any() else f"{name}: exact",
        )  # fmt: skip
    errors.set_yscale("log", base=2)
    errors.set_xlabel("exponent of a: a is from 2 to that power on")
    errors.set_ylabel("worst error over all b ≥ 0, relative to the maximum")
    errors.set_title("Error against magnitude where no input is negative", fontsize=10)
    errors.grid(color="0.9", linewidth=0.6)
    errors.spines[["top", "right"]].set_visible(False)
    errors.legend(frameon=False, fontsize=8)
    return figure


def wrong_fractions(form: Term, system: str, seed: int = 0, workers: int | None = None) -> Any:
    """Return the fraction of wrong pairs in each cell of the plane, its axes ordered by value.

    The first axis is a's and the second b's. A cell holds as many neighbours along each axis as
    it takes for :data:`CELLS` of them, or one; the last may hold fewer.
    """
    a, b = variables("a b")
    program = measuring(form, a.maximum(b), _format(system))
    kernel, values = compiled(program), _finite(elements(system, seed))
    side = -(-len(values) // CELLS)
    starts = numpy.arange(0, len(values), side)
    said = [program.results.index(name) for name in (INEXACT, OVERFLOWING, NAN)]

    def one_column(start: int) -> Any:
        lines = kernel(values, values[start : start + side])[:, said].sum(axis=1)
        return numpy.add.reduceat(lines, starts)

    with ThreadPoolExecutor(workers or available_cores()) as pool:
        columns = list(pool.map(one_column, starts.tolist()))
    sizes = numpy.diff([*starts, len(values)])
    return numpy.stack(columns, axis=1) / numpy.outer(sizes, sizes)


def worst_relative(form: Term, system: str, seed: int = 0) -> tuple[Any, Any]:
    """Return exponents, and for each the worst relative error of such a with any b ≥ 0.

    Of the numbers a with one exponent, the smallest are looked at, where an error in the last
    place is relatively largest, and some others.
    """
    a, b = variables("a b")
    program = measuring(form, a.maximum(b), _format(system))
    known = elements(system, seed)
    positive = numpy.unique(known.values[: known.non_negative])
    exponents = numpy.frexp(positive)[1]
    starts = numpy.unique(exponents, return_index=True)[1]
    near = (starts[:, None] + numpy.arange(4)).flatten()
    spread = numpy.arange(0, len(positive), max(1, len(positive) // POINTS))
    places = numpy.union1d(near[near < len(positive)], spread)
    places = places[positive[places] > 0]
    lines = compiled(program)(numpy.ascontiguousarray(positive[places]), positive)
    keys = lines[:, program.results.index(RELATIVE)]
    word = numpy.int64 if positive.dtype == numpy.float64 else numpy.int32
    errors = keys.astype(word).view(positive.dtype)
    found, first = numpy.unique(exponents[places] - 1, return_index=True)
    return found, numpy.maximum.reduceat(errors, first)


def _format(system: str) -> FloatFormat:
    found = SYSTEMS[system]
    assert isinstance(found, FloatFormat)
    return found


def _finite(known: Elements) -> Any:
    """Return the finite elements in the order of their values."""
    return numpy.sort(known.values[: known.finite])


def _draw_plane(axes: Axes, fractions: Any, values: Any) -> None:
    picture = axes.imshow(
        fractions, origin="lower", cmap="magma_r", vmin=0, vmax=1, interpolation="nearest"
    )
    assert axes.figure is not None
    axes.figure.colorbar(picture, ax=axes, label="fraction of wrong pairs", shrink=0.8)
    side = len(values) / len(fractions)
    # Values at which to write a number: zero, one, and the ends, of either sign.
    largest = float(values[-1])
    ticks = [-largest, -1.0, 0.0, 1.0, largest]
    places = [float(numpy.searchsorted(values, x)) / side - 0.5 for x in ticks]
    names = [f"{x:.3g}" for x in ticks]
    axes.set_xticks(places, names, fontsize=8)
    axes.set_yticks(places, names, fontsize=8)
    axes.set_xlabel("b, in the order of values")
    axes.set_ylabel("a, in the order of values")
