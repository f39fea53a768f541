from __future__ import annotations

import inspect
import runpy

import pytest

import pooling.networks
from pooling.networks import shallow, tree
from proofs.claim import CheckFailedError
from proofs.networks import channels_and_layers
from proofs.networks.channels_and_layers import described, layers
from verify.cli import main


def test_the_page_says_what_the_networks_are() -> None:
    """The known depths and widths are in the answer, and no name in their place."""
    page = inspect.getdoc(channels_and_layers) or ""
    assert "2 × 2: 2 layers of 6 and 3 channels (4 and 2 for inputs ≥ 0)." in page
    assert "3 × 3: 3 layers of 14, 10 and 9 channels (9, 9 and 8 for inputs ≥ 0)." in page
    assert not {"{", "}"} & set(page)


def test_other_networks_make_another_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers are read off the networks, not typed."""
    monkeypatch.setattr(pooling.networks, "shallow", tree)
    page = runpy.run_path(channels_and_layers.__file__)["__doc__"]
    assert "3 × 3: 4 layers of 14, 8, 5 and 3 channels (9, 5, 3 and 2 for inputs ≥ 0)." in page


def test_the_answer_fits_one_screen(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty lines of eighty columns, with all that is cited named as cited."""
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["show", "channels-and-layers"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum(max(1, -(-len(line) // 80)) for line in lines) <= 40
    proved, cited = " ".join(lines).split("Cited, not proved:")
    for paper in ("2302.12553", "2607.21651", "2505.14338"):
        assert f"arXiv {paper}" in cited and paper not in proved


def test_the_popular_answer_is_refuted() -> None:
    """One layer per number is more than the networks here take."""
    with pytest.raises(CheckFailedError) as caught:
        layers(shallow(9), 9)
    assert str(caught.value) == "3 layers of 14, 10 and 9 do, not 9"
    assert described(tree(9)) == "4 layers of 14, 8, 5 and 3"
