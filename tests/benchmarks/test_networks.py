from __future__ import annotations

import copy
import json
import re
from fractions import Fraction
from typing import Any

import pytest
import torch

import costmodel
from benchmarks import networks
from benchmarks.networks import UNITS, Form, forms
from pooling.networks import Network, shallow
from pooling.two_layers import six
from proofs import claims

FORMS = list(forms())


@pytest.fixture(scope="module")
def record() -> dict[str, Any]:
    """Return what was measured last."""
    found: dict[str, Any] = json.loads(networks.RECORD.read_text("utf-8"))
    return found


def test_the_page_is_what_the_networks_and_the_record_make_of_it(record: dict[str, Any]) -> None:
    """Nobody has edited the tables by hand, and no network has changed since."""
    page = networks.PAGE.read_text("utf-8")
    assert networks.with_tables(page, record) == page


def test_other_networks_and_records_make_another_page(
    record: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A width that changes is seen, and so is a figure."""
    page = networks.PAGE.read_text("utf-8")
    changed = copy.deepcopy(record)
    changed["forms"][FORMS[0].name]["times_native"] *= 3
    assert networks.with_tables(page, changed) != page

    def wide(taps: int, non_negative: bool = False) -> Network:
        return shallow(taps, non_negative and taps != 9)

    monkeypatch.setattr(networks, "shallow", wide)
    assert networks.with_tables(page, record) != page


@pytest.mark.parametrize(
    "line",
    [
        "| 2 × 2 | with skips | any | 2 | 2, 1 | 3 | 9 | 3 |",
        "| 2 × 2 | tree | any | 2 | 6, 3 | 9 |",
        "| 2 × 2 | tree | ≥ 0 | 2 | 4, 2 | 6 |",
        "| 3 × 3 | with skips | any | 4 | 4, 2, 1, 1 | 8 | 24 | 3 |",
        "| 3 × 3 | tree | any | 4 | 14, 8, 5, 3 | 30 |",
        "| 3 × 3 | tree | ≥ 0 | 4 | 9, 5, 3, 2 | 19 |",
        "| 3 × 3 | shallow | any | 3 | 14, 10, 9 | 33 | 763 | 95 |",
        "| 3 × 3 | shallow | ≥ 0 | 3 | 9, 9, 8 | 26 |",
    ],
)
def test_what_is_known(line: str) -> None:
    """The rows of the chapter's windows, by figures from elsewhere."""
    assert f"\n{line}" in networks.PAGE.read_text("utf-8")


@pytest.mark.parametrize("form", FORMS, ids=[form.name for form in FORMS])
def test_modules_are_their_networks(form: Form) -> None:
    """What runs has the layers, channels and operations of the row; torch counts the last too."""
    module = form.module(stride=1)
    if form.network is None:
        merges = form.taps - 1
        assert sum(form.widths()) == merges and form.operations() == 3 * merges
        return
    matrices = [weight.flatten(1) for weight in module.buffers()]
    assert tuple(len(matrix) for matrix in matrices[:-1]) == form.widths()
    dense = sum(2 * matrix.numel() for matrix in matrices)
    with torch.utils.flop_counter.FlopCounterMode(display=False) as counter:
        module(torch.zeros(1, 1, *form.window))
    assert dense == counter.get_total_flops()
    assert form.operations() == dense + sum(form.widths())  # and one for each ReLU


@pytest.mark.parametrize("form", FORMS, ids=[form.name for form in FORMS])
def test_measured_errors_are_within_the_bounds(record: dict[str, Any], form: Form) -> None:
    """In every dtype; and the record has nothing for networks that are not there."""
    measured = record["forms"][form.name]
    for dtype in UNITS:
        errors = measured[str(dtype).removeprefix("torch.")]
        assert 0 < errors["worst"] <= form.bound(dtype) and 0 < errors["wrong"] < 1
    assert list(record["forms"]) == [other.name for other in FORMS]


def test_bounds_grow_with_u() -> None:
    """Over u they hardly differ: 8u for two levels of 2u each, of which R may be 2A."""
    form = FORMS[0]
    assert form.name == "3, tree, skips, any"
    u = Fraction(1, 2**24)
    assert form.bound(torch.float32) == pytest.approx(8 * (1 - u), rel=1e-6)


def test_every_row_names_a_claim_that_holds() -> None:
    """Claims of this project, and one for shallow networks that speaks of that many numbers."""
    known = claims()
    assert {form.claim() for form in FORMS} <= set(known)
    assert {form.taps for form in FORMS if form.scheme == "shallow"} == {5, 9, 25}


def test_max_pooling_itself() -> None:
    """The comparisons of the definition are the cost model's for a whole layer, per output."""
    form = next(form for form in FORMS if form.window == (3, 3))
    whole = costmodel.flops("max_pool2d", (1, 1, 9, 9), kernel_size=3)
    assert form.of_definition() == whole // 9 == 8


def test_what_the_page_says_around_the_tables() -> None:
    """How it is made, and how wide the network of six is."""
    page = networks.PAGE.read_text("utf-8")
    assert re.search(r"^python -m benchmarks\.networks$", page, re.M)
    assert "two_layers.six()`, are too wide for a row: {} and {} channels.".format(
        *six().widths
    ) in " ".join(page.split())
