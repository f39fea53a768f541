"""Classes of sizes, and sizes from which others follow."""

from __future__ import annotations

import pytest

from verify.judge.sizes.cover import judged_apart, outside, smaller
from verify.judge.sizes.lengths import Condition, Length, UnreadableError

H = Length.of({("H",): 1})
W = Length.of({("W",): 1})


def test_a_size_in_no_class_is_found() -> None:
    """Until there is none."""
    low, high = Condition(">=", 39 - W), Condition(">=", W - 41)
    found = outside("HW", [[low], [high]]).model()
    assert found is not None
    assert found["W"] == 40
    assert outside("HW", [[low], [high], [Condition("==", W - 40)]]).model() is None


def test_without_conditions_the_first_sizes_are_judged() -> None:
    """All up to those at which both outputs begin to be carried along, in both axes."""
    found = judged_apart("HW", [], {"H": 2, "W": 0}, {}, 100)
    assert found == [{"H": h, "W": 0} for h in range(3)]


def test_a_class_begins_anew() -> None:
    """A size whose smaller neighbour is of another class is judged, and all follow from some."""
    conditions = [Condition(">=", W - 40), Condition("!=", W - 50)]
    found = judged_apart("W", conditions, {"W": 3}, {}, 100)
    assert found == [{"W": 40}, {"W": 51}]
    for count in range(40, 90):
        if count != 50 and {"W": count} not in found:
            assert smaller({"W": count}, "W", conditions, {"W": 3}, {}) == {"W": count - 1}


def test_sizes_that_go_together_shrink_together() -> None:
    """On H = W neither can be made smaller alone."""
    assert judged_apart("HW", [Condition("==", H - W)], {"H": 1, "W": 2}, {}, 100) == [
        {"H": n, "W": n} for n in range(3)]  # fmt: skip


def test_a_sum_along_a_whole_axis_rests_on_two_sizes() -> None:
    """Both must be of the class, and the size is not made smaller along with another one."""
    assert judged_apart("W", [], {}, {"W": 2}, 100) == [{"W": 0}, {"W": 1}]
    apart = judged_apart("W", [Condition("!=", W - 5)], {}, {"W": 2}, 100)
    assert apart == [{"W": n} for n in (0, 1, 6, 7)]
    assert len(judged_apart("HW", [], {}, {"H": 1, "W": 4}, 100)) == 4
    with pytest.raises(UnreadableError):
        judged_apart("HW", [Condition("==", H - W)], {}, {"H": 1, "W": 1}, 50)


def test_too_many_sizes_are_refused() -> None:
    """As where each of them is a class of its own."""
    with pytest.raises(UnreadableError, match="more than 5 sizes"):
        judged_apart("W", [], {"W": 9}, {}, 5)
    with pytest.raises(UnreadableError):
        judged_apart("HW", [Condition("==", H - W * 2)], {}, {}, 50)
