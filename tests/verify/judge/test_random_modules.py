"""The judge against modules drawn at random: what it says is held against eager runs."""

from __future__ import annotations

import json
import os
import random
from collections import Counter
from datetime import date

import pytest
import torch
from torch import Tensor, nn

from proofs.verdict import Verdict
from tests.verify.judge import random_modules
from tests.verify.judge.random_modules import RECORD, ROWS, Drawn, drawn, misjudged, survey
from verify.judge import equivalent

#: How many modules there are to draw from, and for how long, in seconds of a processor.
COUNT, SECONDS = 5000, 60.0


def words(said: Counter[str]) -> Counter[str]:
    """Return how often each word was said."""
    found: Counter[str] = Counter()
    for key, count in said.items():
        found[key.split()[1]] += count
    return found


@pytest.mark.slow
def test_a_few_modules() -> None:
    """None is misjudged, and both words are said."""
    found = words(survey(range(24)))
    assert found["PROVED_BOUNDED"] > 4
    assert found["REFUTED"] > 4


@pytest.mark.slow
def test_many_modules() -> None:
    """A share drawn by the date, as large as a minute allows; `make full` judges them all."""
    seed = int(os.environ.get("POOLPROOF_SEED", date.today().toordinal()))
    said = survey(random.Random(seed).sample(range(COUNT), COUNT), SECONDS)
    assert sum(said.values()) >= 100
    assert words(said)["PROVED_BOUNDED"] > sum(said.values()) / 5


def test_what_is_recorded() -> None:
    """Modules were judged at the commits that it names; what was misjudged was so no more later."""
    runs = json.loads(RECORD.read_text(encoding="utf-8"))["runs"]
    following = 0
    wrong: set[int] = set()
    for run in runs:
        seeds = range(run["first_seed"], run["first_seed"] + run["modules"])
        assert seeds[0] <= following, "seeds are left out"
        following = max(following, seeds[-1] + 1)
        wrong -= set(seeds)
        wrong |= {int(line.split()[1]) for line in run["misjudged"]}
        assert sum(run["said"].values()) == run["modules"]
        assert len(run["commit"]) == 40
    assert wrong == set()
    assert following >= COUNT


def test_a_seed_draws_the_same_modules_again() -> None:
    """Two draws of one seed give the same numbers; many seeds give every kind of module."""
    x = torch.randn(ROWS)
    for seed in range(12):
        one, other = drawn(seed), drawn(seed)
        assert (one.shape, one.system, one.made) == (other.shape, other.system, other.made)
        if one.shape == ROWS and one.system == "real" and one.made == "right":
            assert torch.equal(one.left(x), other.left(x))
    assert {drawn(seed).made for seed in range(300)} == {"right", "wrong", "fault", "trap", "state"}


class Late(nn.Module):
    """One more where an element is large."""

    def forward(self, x: Tensor) -> Tensor:
        """Return it."""
        return x + (x > 1e4)


def test_a_wrong_verdict_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A judge that proves a wrong module, refutes a right one or breaks is contradicted."""
    right = Drawn(nn.Identity(), nn.Identity(), ROWS, "real", "right")
    wrong = Drawn(nn.Identity(), Late(), ROWS, "real", "fault")
    proof = equivalent(right.left, right.right, ROWS)
    refutation = equivalent(wrong.left, wrong.right, ROWS)
    assert proof.verdict.settles and refutation.verdict is Verdict.REFUTED
    assert misjudged(0, right, proof) is None
    assert misjudged(0, wrong, refutation) is None
    assert "proved in real, and differs" in str(misjudged(0, wrong, proof))
    assert "refuted, and is right" in str(misjudged(0, right, refutation))
    monkeypatch.setattr(random_modules, "judged", lambda seed: (wrong, proof, "no"))
    with pytest.raises(AssertionError, match=r"seed 5 \(fault\): no"):
        survey([5])
