"""Sizes in words."""

from __future__ import annotations

from verify.judge.sizes.lengths import Condition, Length
from verify.judge.sizes.words import Said, described

H = Length.of({("H",): 1})
W = Length.of({("W",): 1})
ONES = {"H": (1, 1), "W": (1, 1)}


def test_remainders_of_two_sizes() -> None:
    """Both even, or one of them."""
    every = [{"H": (2, h), "W": (2, w)} for h in (1, 2) for w in (1, 2)]
    even = [(p, ()) for p in every if p["H"][1] == p["W"][1] == 2]
    others = [(p, ()) for p in every if (p, ()) not in even]
    assert described("HW", even, others) == "H and W even"
    wide = [(p, ()) for p in every if p["W"][1] == 1]
    assert described("HW", wide, [(p, ()) for p in every if (p, ()) not in wide]) == "W odd"
    threes = [({"H": (3, r), "W": (1, 1)}, ()) for r in (1, 2, 3)]
    assert described("HW", threes[2:], threes[:2]) == "H a multiple of 3"
    assert described("HW", threes[:1], threes[1:]) == "H 1 more than a multiple of 3"
    assert described("HW", threes[:2], threes[2:]) == "H not a multiple of 3"
    assert described("HW", threes[1:], threes[:1]) == "H not 1 more than a multiple of 3"


def test_bounds_and_one_size() -> None:
    """A bound on one size and a bound on another; all but one number."""
    low, high = Condition(">=", 9 - W), Condition(">=", W - 10)
    assert described("HW", [(ONES, [high])], [(ONES, [low])]) == "W ≥ 11"
    one, rest = Condition("==", W - 4), Condition("!=", W - 4)
    assert described("HW", [(ONES, [rest])], [(ONES, [one])]) == "W ≠ 5"


def test_nothing_is_said_that_is_not_so() -> None:
    """Of classes that cannot be told apart in such words, the conditions of one."""
    sloping = Condition(">=", H - W)
    assert described("HW", [(ONES, [sloping])], [(ONES, [Condition(">=", W - H - 1)])]) == "W ≤ H"
    twos = {"H": (2, 1), "W": (2, 1)}
    assert described("HW", [(twos, [sloping])], [(twos, [Condition(">=", W - H - 1)])]) == ""
    assert described("HW", [], [(ONES, ())]) == ""
    assert not Said("W", "!=", 4).holds(4)
