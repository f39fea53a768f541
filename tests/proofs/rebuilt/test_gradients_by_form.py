"""Rules of gradients, words for them, and the rebuilt layers beside the forms."""

from __future__ import annotations

import math
from itertools import product

import pytest
import torch

import pooling
from proofs.claim import CheckFailedError
from proofs.rebuilt.gradients_by_form import (
    DRAWN,
    FORMS,
    KINDS,
    WINDOWS,
    Gradient,
    Window,
    as_native,
    by_fold,
    by_tree,
    drawn,
    gradients,
    like,
    merges_break_ties,
    same,
    table,
    to_the_first,
    to_the_last,
    told,
)


def of_layer(layer: torch.nn.Module, windows: list[Window]) -> list[Gradient]:
    """Return what autograd gives to the taps of windows that a layer pools."""
    x = torch.tensor(windows, requires_grad=True)
    (found,) = torch.autograd.grad(layer(x[:, None]).sum(), x)
    return [tuple(row) for row in found.tolist()]


INTEGERS: list[Window] = [tuple(map(float, w)) for w in product((-1, 0, 1, 2), repeat=4)]


@pytest.mark.parametrize("scheme", ["fold", "tree"])
def test_rebuilt_layers_are_trained_as_their_form(scheme: str) -> None:
    """At all windows of small integers, ties and zeros among them."""
    layer = pooling.MaxPool1d(4, scheme=scheme)
    assert of_layer(layer, INTEGERS) == gradients(scheme, INTEGERS)


def test_plain_layers_lose_every_tap_that_is_0() -> None:
    """They carry taps through ReLUs as well, not the maximum alone."""
    layer = pooling.MaxPool1d(4, skips=False)
    without = [w for w in INTEGERS if 0 not in w]
    assert of_layer(layer, without) == gradients("three ReLUs", without)
    zero = [w for w in INTEGERS if max(w) == 0]
    assert set(of_layer(layer, zero)) == {(0, 0, 0, 0)}


def test_words_are_the_first_that_fit() -> None:
    """What max-pooling gives to NaN is not what a stable sort does."""
    assert told("native", "NaN") == "the last NaN"
    assert told("stable sort", "NaN") == "the first NaN"
    assert told("fold", "NaN") == "the last tap"
    assert told("tree", "NaN").startswith("as native at 343 of 1105; (nan, nan, nan, -inf) gets")
    assert len(table().splitlines()) == 2 + len(FORMS)


def test_kinds_leave_no_window_out_but_equal_ones() -> None:
    """Every window is of one kind, or all its taps are equal, or all its finite ones below ∞."""
    left = [w for w in WINDOWS if not any(of(w) for of in KINDS.values())]
    assert all(len({*w}) == 1 or -math.inf in w for w in left)
    for window in WINDOWS:
        kinds = [name for name, of in KINDS.items() if of(window)]
        assert len(kinds) <= 1, (window, kinds)


def test_a_rule_that_is_not_the_forms_is_refused() -> None:
    """The first window on which autograd says otherwise is named."""
    with pytest.raises(CheckFailedError, match=r"sort at \(nan, nan, nan, nan\)"):
        like("sort", to_the_first)


def test_merges_that_round_break_ties() -> None:
    """The drawn windows tie; a fold takes the later tap at some of them, a stable sort never."""
    windows = drawn()
    assert len(windows) == DRAWN
    assert all(w[1] == w[2] for w in windows)
    assert as_native("stable sort") == DRAWN > as_native("fold") > as_native("amax")
    with pytest.raises(CheckFailedError, match=r"fold is trained as max-pooling at 2,\d{3} of 3,0"):
        merges_break_ties(("fold",), always=True)


def test_rules_at_a_window() -> None:
    """The chain rule gives a tie to what came first, in a fold and in a tree."""
    window = (1.0, 3.0, 3.0, 2.0)
    assert by_fold(window) == by_tree(window) == to_the_first(window) == (0, 1, 0, 0)
    assert to_the_last(window) == (0, 0, 1, 0)
    assert same((math.nan, 1.0, 0, 0), (math.nan, 1 + 1e-8, 0, 0))
    assert not same((math.nan, 1.0, 0, 0), (0.0, 1.0, 0, 0))
