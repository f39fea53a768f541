"""The picture of a tolerance."""

from __future__ import annotations

from verify.display.tolerances import draw
from verify.judge.tolerance.within import Around, Tolerance


def test_a_plane_and_a_line() -> None:
    """Two elements make a plane with the worst input in it, one a line; the bound is drawn."""
    bound = Tolerance("[-1, 1]", False, 0.5, 1.0, None, None)
    plane = Around((0, 3), ((-1.0, 0.5), (0.25, 1.0)), (0.0, 0.25), (0.5, 1.0))
    where, sizes, *_ = draw("a = b", bound, plane).axes
    assert (where.get_xlabel(), where.get_ylabel()) == ("element 0", "element 3")
    marked, dots, dashed = (where.lines[0], sizes.lines[0], sizes.lines[1])
    assert (list(marked.get_xdata()), list(marked.get_ydata())) == ([0.5], [1.0])  # type: ignore[arg-type]
    assert (list(dots.get_xdata()), list(dots.get_ydata())) == ([1.0, 1.0], [0.0, 0.25])  # type: ignore[arg-type]
    assert list(dashed.get_ydata()) == [0.5, 0.5]  # type: ignore[arg-type]
    line = Around((2,), ((-1.0, 0.5),), (0.0, 0.25), (0.5,))
    where, *_ = draw("a = b", bound, line).axes
    assert (where.get_xlabel(), where.get_ylabel()) == ("element 2", "error")
