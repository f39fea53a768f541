"""The picture of a tolerance: the error around the worst input, beside the bound."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy

from verify.judge.tolerance.within import Around, Tolerance

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw(statement: str, tolerance: Tolerance, around: Around) -> Figure:
    """Return a figure: where the error is how large, and the error against the magnitude.

    Args:
        statement: What was judged, in words.
        tolerance: The bound.
        around: Errors of inputs near the worst one.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 5.4), layout="constrained")
    figure.suptitle(statement, fontsize=11)
    where, sizes = figure.subplots(1, 2)
    values, errors = numpy.array(around.values), numpy.array(around.errors)
    names = [f"element {element}" for element in around.elements]
    if len(names) == 2:
        drawn = where.scatter(
            values[0], values[1], c=errors, s=9, cmap="viridis", vmin=0, vmax=tolerance.absolute
        )
        figure.colorbar(drawn, ax=where, label="error; the scale ends at the bound")
        where.plot(*around.worst, "x", color="#D55E00", markersize=11, markeredgewidth=2.5)
        where.set_ylabel(names[1])
    else:
        where.plot(values[0], errors, ".", color="#0072B2", markersize=3)
        where.axvline(around.worst[0], color="#D55E00", linewidth=1)
        where.set_ylabel("error")
    where.set_xlabel(names[0])
    where.set_title("Where it errs; the worst input found is marked", fontsize=10)
    sizes.plot(numpy.abs(values).max(axis=0), errors, ".", color="#0072B2", markersize=3)
    sizes.axhline(tolerance.absolute, color="0.2", linestyle="--", label="proved bound")
    if tolerance.worst is not None:
        sizes.axhline(tolerance.worst.error, color="#D55E00", linestyle=":", label="worst found")
    sizes.set_xlabel("largest magnitude of the elements that are moved")
    sizes.set_ylabel("error")
    sizes.set_title("Error against magnitude", fontsize=10)
    sizes.spines[["top", "right"]].set_visible(False)
    sizes.set_ylim(bottom=0)
    sizes.legend(frameon=False, fontsize=9)
    return figure
