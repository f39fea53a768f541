from __future__ import annotations

import re

import pytest

from benchmarks import machine_numbers
from benchmarks.machine_numbers import FORMATS, PAGE, best, in_numpy, in_torch, with_section
from proofs.claim import Theorem
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import SYSTEMS
from proofs.terms import variables
from verify.display.numbers.tables import choice, markdown
from verify.sweeps.program import WRONG, judging
from verify.sweeps.sweep import Block, Compiled

a, b = variables("a b")


@pytest.mark.parametrize(
    "system",
    [
        "float8_e4m3fn",
        "float8_e5m2",
        *(pytest.param(name, marks=pytest.mark.slow) for name in FORMATS if "8" not in name),
    ],
)
def test_the_page_shows_todays_figures(system: str) -> None:
    """Measuring again gives the section that stands there, to the letter."""
    page = PAGE.read_text("utf-8")
    found = machine_numbers.measured_forms(system)
    assert with_section(page, system, markdown(found)) == page
    assert machine_numbers.table([choice(found)]).splitlines()[-1] in page.splitlines()


def test_every_format_has_a_section_and_a_speed() -> None:
    """Nothing is left out, and each of the four ways was timed."""
    page = PAGE.read_text("utf-8")
    sections = re.findall(r"^<!-- (\w+): begin -->\n(?:## )?(\S+)", page, re.M)
    begun = [("choice", "|"), ("speed", "Pairs")]
    assert sections == [*begun, *((name, name) for name in FORMATS)]
    choices = page.split("<!-- choice: end -->")[0].splitlines()[-len(FORMATS) :]
    assert [line.split(" ")[1] for line in choices] == list(FORMATS)
    figures = re.findall(r"\| ([\d,]+) million \| ([\d,]+) million \|", page)
    assert len(figures) == 4


@pytest.mark.parametrize("system", ["float16", "bfloat16"])
def test_what_is_timed_finds_the_same(system: str) -> None:
    """Our program, torch and NumPy agree on how many pairs of some rows are wrong."""
    program = judging(Theorem(a.maximum(b) == FORMS["difference"]), SYSTEMS[system])
    rows = 8
    ours = Compiled(program)(Block((0, rows), (0, 65536)))
    expected = (rows * 65536, ours.counts[WRONG])
    assert expected[1] > 0
    assert in_torch(system, rows) == in_numpy(system, rows) == expected


def test_disagreement_is_an_error() -> None:
    """What does not answer the same every time is not timed."""
    answers = iter(range(10))
    with pytest.raises(RuntimeError, match="in float16"):
        best(lambda system: (1, next(answers)), "float16")
