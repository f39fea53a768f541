from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy
import pytest
import torch

from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import SYSTEMS
from proofs.terms import variables
from verify.display.numbers import plots
from verify.display.numbers.plots import CELLS, draw, worst_relative, wrong_fractions
from verify.sweeps.elements import elements
from verify.sweeps.measurement import measure

a, b = variables("a b")


def test_the_plane_is_torchs() -> None:
    """Pair by pair in the order of values, a upwards and b to the right."""
    every = SYSTEMS["float8_e5m2"].all_elements().to(torch.float32)
    x = every[every.isfinite()].sort().values
    difference = (x[:, None] - x).to(torch.float8_e5m2).to(torch.float32)
    rebuilt = (torch.relu(difference) + x).to(torch.float8_e5m2).to(torch.float32)
    wrong = rebuilt != torch.maximum(x[:, None], x)
    plane = wrong_fractions(FORMS["difference"], "float8_e5m2")
    assert plane.shape == (248, 248)
    assert (plane == wrong.numpy()).all()


def test_cells_hold_the_fraction_of_their_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also in the last ones, which may be smaller; weighted they add up to what is measured."""
    fine = wrong_fractions(FORMS["difference"], "float8_e5m2")
    monkeypatch.setattr(plots, "CELLS", 100)
    coarse = wrong_fractions(FORMS["difference"], "float8_e5m2", workers=1)
    assert coarse.shape == (83, 83)
    assert coarse[0, 0] == fine[:3, :3].mean() and coarse[-1, 5] == fine[-2:, 15:18].mean()
    sizes = numpy.array([3] * 82 + [2])
    wrong = (coarse * numpy.outer(sizes, sizes)).sum()
    assert round(wrong) == measure(FORMS["difference"], a.maximum(b), "float8_e5m2").finite.wrong


@pytest.mark.parametrize("form", ["difference", "distance", "halves", "wide"])
def test_worst_errors_are_the_measured_ones(form: str) -> None:
    """Their greatest is that of all pairs without a minus sign, and 0 if these are exact."""
    exponents, errors = worst_relative(FORMS[form], "float8_e5m2")
    worst = measure(FORMS[form], a.maximum(b), "float8_e5m2").non_negative.worst_relative
    expected = 0.0 if worst is None else worst.relative
    assert float(errors.max()) == pytest.approx(expected, rel=1e-6)
    assert exponents.tolist() == list(range(-16, 16)) and len(errors) == 32


def test_a_figure_of_both() -> None:
    """The plane of the first form, and a line for each form beside it."""
    figure = draw(FORMS, "float8_e5m2")
    plane, errors = figure.axes[:2]
    assert plane.get_title() == "ReLU(a − b) + b: pairs at which it is not max(a, b)"
    assert [str(line.get_label()) for line in errors.lines] == [*[*FORMS][:-1], "wide: exact"]
    assert figure.get_suptitle() == "max(a, b) in float8_e5m2"


@pytest.mark.parametrize("system", ["float8_e4m3fn", "float64"])
def test_no_label_is_cut(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """All titles and labels of axes lie inside the picture, clear of its edge and of each other."""
    monkeypatch.setattr(plots, "CELLS", 64)
    figure = draw({"difference": FORMS["difference"]}, system)
    figure.draw_without_rendering()
    words = [x for of in figure.axes for x in (of.title, of.xaxis.label, of.yaxis.label)]
    boxes = [word.get_window_extent() for word in words if word.get_text()]
    assert len(boxes) == 7
    clear, edge = 5, figure.bbox
    for box in boxes:
        assert clear < box.x0 < box.x1 < edge.x1 - clear
        assert clear < box.y0 < box.y1 < edge.y1 - clear
        assert not any(box.overlaps(other) for other in boxes if other is not box)


def test_a_sample_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where not all numbers are drawn the title says so; the plane has no more cells than asked."""
    monkeypatch.setattr(plots, "CELLS", 64)
    figure = draw({"difference": FORMS["difference"]}, "float64", seed=3)
    assert figure.get_suptitle() == "max(a, b) in float64, sampled with seed 3"
    assert CELLS == 1024
    assert figure.axes[0].images[0].get_array().shape[0] <= 64  # type: ignore[union-attr]
    assert len(elements("float64", 3)) > 64


def test_no_window_is_opened(tmp_path: Path) -> None:
    """Drawing and saving touch neither pyplot nor a display."""
    code = (
        "import sys\n"
        "from proofs.max_by_relu.forms._forms import FORMS\n"
        "from verify.display.numbers.plots import draw\n"
        f"draw(FORMS, 'float8_e5m2').savefig({str(tmp_path / 'x.svg')!r})\n"
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])
    assert (tmp_path / "x.svg").stat().st_size > 1000
