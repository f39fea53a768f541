"""What people see of the judge: a table of modules, a page with both outputs, JUnit for a class."""

import io
import re
from collections.abc import Iterable, Sequence
from itertools import chain

import torch
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from proofs.verdict import Verdict
from verify.display.claims import STYLE
from verify.display.junit import Case, xml
from verify.judge.equivalence import Equivalence, digits_apart

#: Rows and columns of a grid beyond this are left out.
LARGEST_GRID = 16
#: A place longer than this stands on several lines of the table.
LONGEST_PLACE = 28
_WORDS = re.compile(r"[^_]+_*|_+")


def print_table(console: Console, findings: Sequence[Equivalence]) -> None:
    """Print one row per module."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("module", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("why", overflow="fold", min_width=12)
    table.add_column("seconds", justify="right", no_wrap=True)
    for found in findings:
        verdict = Text(str(found.verdict), style=STYLE[found.verdict])
        place = Text("\n".join(_broken(found.module)))
        table.add_row(place, verdict, Text(found.reason), f"{found.seconds:.1f}")
    first = findings[0]
    console.print(f"{first.reference}, {first.system} {first.bound}", markup=False)
    console.print(table)
    proved = sum(found.proved for found in findings)
    console.print(Text(f"{proved} of {len(findings)} proved", style="bold"))


def _broken(place: str) -> list[str]:
    """Return the lines of a module's place, which end after / and :, if need be after _.

    >>> _broken("homework/a_long_name_for_a_file.py:MaxPool")
    ['homework/', 'a_long_name_for_a_file.py:', 'MaxPool']
    >>> _broken("a_very_long_name_for_a_single_file.py:MaxPool")
    ['a_very_long_name_for_a_', 'single_file.py:MaxPool']
    """
    lines = [""]
    names = re.findall(r"[^/:]+[/:]*|[/:]+", place)
    words = [[name] if len(name) <= LONGEST_PLACE else _WORDS.findall(name) for name in names]
    for part in chain.from_iterable(words):
        if lines[-1] and len(lines[-1] + part) > LONGEST_PLACE:
            lines.append("")
        lines[-1] += part
    return lines


def print_page(console: Console, found: Equivalence) -> None:
    """Print one finding: the statement, the verdict, the counterexample with both outputs."""
    console.print(Text(found.statement, style="bold"), soft_wrap=True)
    line = Text("  ")
    line.append(str(found.verdict), style=STYLE[found.verdict])
    line.append(f"  {found.reason}")
    console.print(line, soft_wrap=True)
    shown = found.counterexample
    if shown is not None:
        mine, other = shown.module_value, shown.reference_value
        digits, fewer = (digits_apart(mine, other, least=least) for least in (9, 6))
        for title, rows in (
            *((title, grids(x)) for title, x in zip(shown.titles, shown.inputs, strict=True)),
            (f"module: {shown.raised}", ()) if shown.raised else
            (f"module: {mine:.{digits}g} at {list(shown.index)}",
             grids(shown.module_output, shown.index, fewer)),
            (f"reference: {other:.{digits}g} there",
             grids(shown.reference_output, shown.index, fewer)),
        ):  # fmt: skip
            console.print(f"\n  {title}", markup=False, soft_wrap=True)
            for row in rows:
                console.print(f"    {row}", markup=False, soft_wrap=True)
        console.print(f"\n  {shown.replay}", markup=False, soft_wrap=True)
    if found.worst is not None and found.verdict is Verdict.WITHIN:
        _print_worst(console, found)
    if found.condition is not None:
        said = [str(found.condition), "without it wrong, as on"]
        if found.verdict is Verdict.WITHIN:
            said = [f"without any error if {found.condition.words}", "and with one, as on"]
        for words in said:
            console.print(f"  {words}", markup=False, soft_wrap=True)
        for number, one in enumerate((found.condition.outside, *found.condition.others), 1):
            for row in grids(one):
                named = f"input {number}: {row}" if found.condition.others else row
                console.print(f"    {named}", markup=False, soft_wrap=True)
    elif found.no_condition:
        console.print(f"  no condition known: {found.no_condition}", markup=False, soft_wrap=True)
    for remark in found.footprint:
        console.print(f"  {remark}", markup=False, soft_wrap=True)
    console.print(f"  {found.seconds:.1f} s", markup=False)


def _print_worst(console: Console, found: Equivalence) -> None:
    """Print the worst input that was found, and the tolerance to write in a test."""
    tolerance, worst = found.tolerance, found.worst
    assert tolerance is not None
    assert worst is not None
    given = (worst.input, *worst.others)
    for number, x in enumerate(given, start=1):
        title = f"worst input {number} found" if len(given) > 1 else "worst input found"
        console.print(f"\n  {title}", markup=False, soft_wrap=True)
        for row in grids(x):
            console.print(f"    {row}", markup=False, soft_wrap=True)
    mine, other = worst.module_value, worst.reference_value
    digits = digits_apart(mine, other, least=6)
    ratio = "" if tolerance.ratio is None else f"; the bound is {tolerance.ratio:.3g} times that"
    console.print(
        f"\n  module: {mine:.{digits}g} at {list(worst.index)}, "
        f"{'reference as computed' if tolerance.executed else 'exactly'} {other:.{digits}g}: "
        f"{worst.error:.4g} apart{ratio}",
        markup=False, soft_wrap=True,
    )  # fmt: skip
    console.print(
        f"  in a test: rtol={tolerance.rtol:g}, atol={tolerance.atol!r}\n",
        markup=False, soft_wrap=True,
    )  # fmt: skip


def grids(
    tensor: torch.Tensor, index: tuple[int, ...] | None = None, digits: int | None = None
) -> Iterable[str]:
    r"""Yield the lines that show a tensor as grids of its last two axes.

    With an ``index`` only its grid is shown, with brackets around the element there; without one
    those that are not all 0. Without a number of ``digits`` every element has all that it needs.

    >>> print("\n".join(grids(torch.tensor([[1.0, -2.5], [0.0, 3.0]]), (1, 1))))
       1 -2.5
       0  [3]
    """
    stacked = tensor.reshape((1,) * max(0, 2 - tensor.ndim) + tuple(tensor.shape))
    place = None if index is None else (0,) * max(0, 2 - tensor.ndim) + tuple(index)
    leading = stacked.shape[:-2]
    left_out = False
    for where in _places(leading):
        grid = stacked[where]
        if place is not None and place[:-2] != where:
            continue
        if place is None and not bool((grid != 0).any()) and any(n > 1 for n in leading):
            left_out = True
            continue
        if leading:
            yield f"[{', '.join(map(str, where))}]"
        yield from _rows(grid, None if place is None else place[-2:], digits)
    if left_out:
        yield "0 everywhere else"


def _places(shape: Sequence[int]) -> Iterable[tuple[int, ...]]:
    import numpy

    return list(numpy.ndindex(tuple(shape)))


def _rows(grid: torch.Tensor, place: tuple[int, ...] | None, digits: int | None) -> Iterable[str]:
    # The window that is shown has the marked element in it.
    top, left = (0 if place is None else max(0, i - LARGEST_GRID + 1) for i in place or (0, 0))
    shown = grid[top : top + LARGEST_GRID, left : left + LARGEST_GRID].tolist()
    words = [[_written(v, digits) for v in row] for row in shown]
    if place is not None:
        i, j = place[0] - top, place[1] - left
        words[i][j] = f"[{words[i][j]}]"
    width = max(len(word) for row in words for word in row)
    cut = len(shown) < grid.shape[0] or len(shown[0]) < grid.shape[1]
    for row in words:
        yield " ".join(f"{word:>{width}}" for word in row)
    if cut:
        yield f"(part of {grid.shape[0]} × {grid.shape[1]}, from [{top}, {left}] on)"


def _written(number: float, digits: int | None) -> str:
    if digits is not None:
        return f"{number:.{digits}g}"
    short = f"{number:g}"
    return short if float(short) == number else repr(number).removesuffix(".0")


def junit(findings: Sequence[Equivalence]) -> str:
    """Return JUnit XML with one test case per module; all but a proof is a failure or an error."""
    seconds = sum(found.seconds for found in findings)
    return xml("poolproof.equivalent", seconds, [_case(found) for found in findings])


def _case(found: Equivalence) -> Case:
    said = f"{found.verdict}: {found.reason}"
    text = f"{said}\n{found.statement}"
    passed = Case("poolproof.equivalent", found.module, found.seconds, text)
    if found.proved:
        return passed
    broken = found.verdict in (Verdict.ERROR, Verdict.NOT_JUDGED, Verdict.MISSING)
    fault = "error" if broken else "failure"
    return passed._replace(fault=fault, message=said, details=_page(found))


def _page(found: Equivalence) -> str:
    text = io.StringIO()
    print_page(Console(file=text, color_system=None, highlight=False), found)
    return text.getvalue()
