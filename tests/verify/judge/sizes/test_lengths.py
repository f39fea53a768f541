"""Lengths, and what is decided of them."""

from __future__ import annotations

import pytest

from verify.judge.sizes.lengths import Condition, Length, PeriodError, Sizes, conditions_of, product

H = Length.of({("H",): 2, (): 1})
W = Length.of({("W",): 1, (): 1})


def sizes(**counts: int) -> Sizes:
    """Return sizes 2·H + 1 and W + 1 at some counts."""
    return Sizes({"H": (2, 1), "W": (1, 1)}, counts)


def test_arithmetic_is_that_of_numbers() -> None:
    """Sums, products, quotients and remainders are those of the values."""
    for h in range(4):
        for w in range(4):
            at = {"H": h, "W": w}
            number, other = 2 * h + 1, w + 1
            assert (H + W).at(at) == number + other
            assert (3 - H * W).at(at) == 3 - number * other
            assert (H // 2).at(at) == number // 2
            assert (-H // 2).at(at) == -number // 2
            assert (H % 2).at(at) == number % 2
            assert product([H, 2, W]).at(at) == 2 * number * other


def test_what_does_not_divide_asks_for_a_longer_period() -> None:
    """The error names the size and the factor by which its period must grow."""
    with pytest.raises(PeriodError) as asked:
        _ = H // 6
    assert (asked.value.letter, asked.value.factor) == ("H", 3)


def test_decisions_are_as_at_hand_and_noted() -> None:
    """What holds at all sizes is not noted; what does not is, as it was answered."""
    at = sizes(H=3, W=9)
    assert at.at_least(H, 1)
    assert not at.conditions
    assert at.at_least(H, 4)
    assert not at.at_least(W, 20)
    assert not at.equal(H, W)
    assert [str(c) for c in at.conditions] == [
        "2·H + -3 >= 0", "-1·W + 18 >= 0", "-1·W + 2·H != 0"]  # fmt: skip
    assert at.at_least(H, 3)  # follows
    assert len(conditions_of(at, at)) == 3
    assert at.hold({"H": 2, "W": 5})
    assert not at.hold({"H": 1, "W": 5})


def test_conditions_are_linear() -> None:
    """Of a product so much is noted that the answer stays the same, by linear conditions."""
    for h in range(1, 5):
        for w in range(1, 5):
            at = sizes(H=h, W=w)
            answer = at.at_least(H * W, 13)
            assert all(len(m) < 2 for c in at.conditions for m, _ in c.length.terms)
            assert at.conditions
            for other_h in range(12):
                for other_w in range(12):
                    other = {"H": other_h, "W": other_w}
                    if at.hold(other):
                        assert ((H * W).at(other) >= 13) == answer


def test_no_tensor_is_larger_than_those_that_torch_counts() -> None:
    """What is false only for larger ones is known; one less, or one factor more, is noted."""
    at = sizes(H=3, W=9)
    most = (2**63 - 1) ** 2
    assert at.at_least(most, H * W)
    assert at.at_least(2**63 - 1, H)
    assert not at.conditions
    for bound, value in ((most - 2, H * W), (2**63 - 3, W), (most, H * W * W)):
        noted = sizes(H=3, W=9)
        assert noted.at_least(bound, value)
        assert noted.conditions


def test_a_size_that_becomes_a_number_is_that_number() -> None:
    """At other sizes nothing is known."""
    at = sizes(H=3, W=9)
    assert at.pinned(H) == 7
    assert at.conditions == {Condition("==", H - 7): ""}
