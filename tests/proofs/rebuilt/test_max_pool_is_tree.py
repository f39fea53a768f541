from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pooling.arithmetic import maximum
from pooling.rebuilt.maximum import in_pairs, one_by_one
from proofs.evaluate import evaluate
from proofs.rebuilt.max_pool_is_tree import claim
from proofs.systems import SYSTEMS


@given(st.lists(st.integers(-9, 9), min_size=2, max_size=20))
def test_a_tree_is_merges_of_two_parts(taps: list[int]) -> None:
    """The module's tree leaves what the claim's two parts do, wherever the window is cut."""
    merged_by_max, merged_by_relu, _ = claim.theorems
    for cut in range(1, len(taps)):
        values = {"p": in_pairs(taps[:cut], max), "b": taps[cut], "y": tuple(taps[cut + 1 :])}
        for theorem in (merged_by_max, merged_by_relu):
            left, right = theorem.conclusion.args
            assert evaluate(left, values, SYSTEMS["integer"]) == max(taps)
            assert evaluate(right, values, SYSTEMS["integer"]) == max(taps)


def test_any_number_of_taps() -> None:
    """Trees and folds of 1 to 33 taps, merged by max and by ReLU."""
    for count in range(1, 34):
        taps = [(37 * k) % 53 - 20 for k in range(count)]
        for order in (in_pairs, one_by_one):
            assert order(taps, maximum) == order(taps, lambda m, t: max(t - m, 0) + m) == max(taps)
