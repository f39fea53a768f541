"""What the forms of the maximum do in every pair of six float formats, and how fast that is found.

    python benchmarks/machine_numbers.py

measures all forms in all formats, times the sweep beside plain torch and plain NumPy, and writes
the tables of ``docs/numbers.md``, which also says how to read them. It takes a few minutes.
"""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from proofs.claim import Theorem
from proofs.max_by_relu.forms._forms import FORMS, forms_in
from proofs.systems import SYSTEMS
from proofs.terms import variables
from verify.cores import available_cores
from verify.display.numbers.tables import CHOICES, choice, markdown
from verify.sweeps.elements import elements
from verify.sweeps.measurement import Measurement, measure
from verify.sweeps.program import judging, measuring
from verify.sweeps.sweep import Block, Compiled, sweep

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "numbers.md"
FORMATS = ("float16", "bfloat16", "float8_e4m3fn", "float8_e5m2", "float32", "float64")

BEGIN, END = "<!-- {}: begin -->\n", "<!-- {}: end -->\n"
REPEATS = 3

a, b = variables("a b")


def main() -> None:
    """Measure and time everything, and write the page."""
    page = with_section(PAGE.read_text("utf-8"), "speed", speed())
    choices = []
    for system in FORMATS:
        print(f"Measuring {system} ...", flush=True)
        found = measured_forms(system)
        page = with_section(page, system, markdown(found))
        choices.append(choice(found))
    page = with_section(page, "choice", table(choices))
    PAGE.write_text(page, "utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written")


def measured_forms(system: str) -> dict[str, Measurement]:
    """Return what every form does in a format."""
    return {name: measure(form, a.maximum(b), system) for name, form in forms_in(system).items()}


def table(choices: Sequence[tuple[str, ...]]) -> str:
    """Return which form to use in each format."""
    rows = (CHOICES, ("---",) * len(CHOICES), *choices)
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def with_section(page: str, name: str, content: str) -> str:
    """Return ``page`` with what stands between the marks of a section replaced."""
    begin, end = BEGIN.format(name), END.format(name)
    before, rest = page.split(begin)
    return before + begin + content + end + rest.split(end)[1]


def speed() -> str:
    """Return a table of pairs per second: ours, and what one would write with torch or NumPy."""
    lines = [
        f"Pairs per second, measured on {date.today().isoformat()} on {available_cores()} CPU "
        f"cores ({platform.machine()}, {platform.system()}) with llvmlite {version('llvmlite')}, "
        f"torch {version('torch').split('+')[0]} and NumPy {version('numpy')}, the best of "
        f"{REPEATS} runs:",
        "",
        "| | float16 | bfloat16 |",
        "| --- | --- | --- |",
    ]
    for name, run in {
        "ours: is ReLU(a − b) + b the maximum?": judged,
        "ours: and how far is it off?": measured,
        "torch, blocks of 4 rows": in_torch,
        "NumPy, row by row": in_numpy,
    }.items():
        print(f"Timing {name} ...", flush=True)
        figures = (f"{best(run, system) / 1e6:,.0f} million" for system in ("float16", "bfloat16"))
        lines.append(f"| {name} | {' | '.join(figures)} |")
    return "\n".join(lines) + "\n"


def best(run: Callable[[str], tuple[int, int]], system: str) -> float:
    """Return the most pairs per second of some runs; they must agree on how many are wrong."""
    speeds, answers = [], set()
    for _ in range(REPEATS):
        started = time.perf_counter()
        pairs, wrong = run(system)
        speeds.append(pairs / (time.perf_counter() - started))
        answers.add(wrong)
    if len(answers) != 1:
        raise RuntimeError(f"{run.__name__} found {answers} in {system}")
    return max(speeds)


def judged(system: str) -> tuple[int, int]:
    """Return all pairs, and at how many ``ReLU(a − b) + b`` is not the maximum."""
    theorem = Theorem(a.maximum(b) == FORMS["difference"])
    every = len(elements(system))
    whole = Block((0, every), (0, every))
    found = sweep(Compiled(judging(theorem, SYSTEMS[system])), whole.cut())
    return found.pairs, found.counts["wrong"]


def measured(system: str) -> tuple[int, int]:
    """Return the same with the errors that :func:`~verify.sweeps.measure` finds."""
    every = len(elements(system))
    program = measuring(FORMS["difference"], a.maximum(b), SYSTEMS[system])
    found = sweep(Compiled(program), Block((0, every), (0, every)).cut())
    return found.pairs, found.counts["inexact"]


def in_torch(system: str, rows: int = 512) -> tuple[int, int]:
    """Return the pairs of some rows, and how many of them torch finds wrong."""
    import torch

    x = torch.tensor(elements(system).values).to(getattr(torch, system))
    wrong = 0
    for start in range(0, rows, 4):
        some = x[start : start + 4, None]
        rebuilt, maximum = torch.relu(some - x) + x, torch.maximum(some, x)
        wrong += int(((rebuilt != maximum) & ~(rebuilt.isnan() & maximum.isnan())).sum())
    return rows * len(x), wrong


def in_numpy(system: str, rows: int = 128) -> tuple[int, int]:
    """Return the pairs of some rows, and how many of them NumPy finds wrong."""
    import ml_dtypes
    import numpy

    dtype: Any = ml_dtypes.bfloat16 if system == "bfloat16" else numpy.float16
    with numpy.errstate(invalid="ignore", over="ignore"):
        x, zero, wrong = elements(system).values.astype(dtype), dtype(0), 0
        for one in x[:rows]:
            rebuilt, maximum = numpy.maximum(one - x, zero) + x, numpy.maximum(one, x)
            both_nan = numpy.isnan(rebuilt) & numpy.isnan(maximum)
            wrong += int(((rebuilt != maximum) & ~both_nan).sum())
    return rows * len(x), wrong


if __name__ == "__main__":
    # Loaded before anything is timed.
    os.environ.setdefault("OMP_NUM_THREADS", str(available_cores()))
    main()
