"""What Python and torch make of open sizes."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import pytest
import torch

from verify.judge.sizes.integers import (
    as_length,
    divided_with_remainder,
    integer,
    quotient,
)
from verify.judge.sizes.lengths import Sizes, UnreadableError


def at(h: int, w: int) -> tuple[Sizes, Any, Any]:
    """Return sizes 4·h + 3 and 2·w + 2, as Python sees them."""
    sizes = Sizes({"H": (4, 3), "W": (2, 2)}, {"H": h, "W": w})
    return sizes, integer(sizes, sizes.size("H")), integer(sizes, sizes.size("W"))


#: What is computed from two numbers.
COMPUTED = (
    lambda h, w: h + w - 1,
    lambda h, w: 7 - h * w,
    lambda h, w: h // 2 + w % 2,
    lambda h, w: -(-h // 4),
    lambda h, w: math.ceil(h / 2) + math.floor((w - 1) / 2),
    lambda h, w: max(h, w) - min(h, w, 5),
    lambda h, w: (h * w) // w,
    lambda h, w: (h * w + w) % w,
    lambda h, w: abs(h - w),
    lambda h, w: h**2,
    lambda h, w: h if h > 5 and w != 4 else w,
    lambda h, w: int(h > w) + w,
    lambda h, w: sum([h, w]),
    lambda h, w: (h << 1) + (w >> 1),
    lambda h, w: divmod(w, 2)[0] + divmod(h, 4)[1],
)


@pytest.mark.parametrize("number", range(len(COMPUTED)))
def test_numbers_are_those_at_hand_and_at_all_sizes_alike(number: int) -> None:
    """What was computed of symbols holds wherever the same was decided."""
    compute = COMPUTED[number]
    for h, w in ((0, 0), (1, 3), (3, 1)):
        sizes, tall, wide = at(h, w)
        with divided_with_remainder():
            found = as_length(compute(tall, wide))
        for other_h in range(6):
            for other_w in range(6):
                counts = {"H": other_h, "W": other_w}
                if sizes.hold(counts):
                    assert found.at(counts) == compute(4 * other_h + 3, 2 * other_w + 2)
        assert sizes.hold({"H": h, "W": w})


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.eq, operator.ge])
def test_comparisons_are_decisions(compare: Any) -> None:
    """A truth value is as at hand, and noted when it is used."""
    for h in range(4):
        sizes, tall, _ = at(h, 0)
        assert bool(compare(tall, 9)) == compare(4 * h + 3, 9)
        assert all(compare(4 * n + 3, 9) == compare(4 * h + 3, 9)
                   for n in range(9) if sizes.hold({"H": n, "W": 0}))  # fmt: skip


@pytest.mark.parametrize(
    "make",
    [int, float, range, str, repr, "{}".format, lambda n: [0] * n, lambda n: "abcdefghijk"[n]],
)
def test_a_plain_number_is_noted(make: Any) -> None:
    """Where a size becomes a number of Python's, only that size is left, and the line is kept."""
    sizes, tall, _ = at(1, 0)
    make(tall)
    assert [sizes.hold({"H": n, "W": 0}) for n in range(3)] == [False, True, False]
    assert "test_integers.py" in sizes.plain[0]


def test_a_size_is_in_no_table() -> None:
    """It cannot be the key of a dictionary, in which what is done by size could hide."""
    _, tall, _ = at(1, 0)
    with pytest.raises(TypeError):
        _ = {7: "seven"}.get(tall)


def test_what_is_no_polynomial_is_refused() -> None:
    """A size by another, or a fraction as a number."""
    sizes, tall, wide = at(1, 0)
    height = as_length(tall)
    assert quotient(height * height + height, height, sizes) == height + 1
    refused: tuple[Any, ...] = (
        lambda: tall // wide, lambda: tall % wide, lambda: round(tall / 2)
    )  # fmt: skip
    for compute in refused:
        with pytest.raises(UnreadableError):
            compute()
    with pytest.raises(ZeroDivisionError):
        _ = tall // 0
    with pytest.raises(UnreadableError):
        as_length(1.5)


def test_known_numbers_are_pythons() -> None:
    """What does not depend on sizes is an int."""
    _, tall, _ = at(1, 0)
    assert type(tall - tall) is int
    assert type(tall % 4) is int
    assert isinstance(tall, torch.SymInt)


def test_remainders_are_divided_by_symbols_only_there() -> None:
    """What torch's own numbers can do is as before afterwards, and a shift by a size is refused."""
    _, tall, wide = at(1, 1)
    with divided_with_remainder():
        assert divmod(tall, 4)[1] == 3
    with pytest.raises(TypeError):
        divmod(tall, 4)
    with pytest.raises(UnreadableError, match="a shift by a size"):
        tall >> wide
    with pytest.raises(ValueError, match="negative shift count"):
        tall << -1


@pytest.mark.parametrize(
    "decide",
    [
        lambda w: w / 10 == 3.4,
        lambda w: w / 100 >= 0.34,
        lambda w: 0.1 < w / 100 <= 0.34,
        lambda w: (w - 1) / 3 + 1 > 12,
        lambda w: math.floor((w - 3) / 6 + 1) == 6,
        lambda w: int(w * 0.5) == 17,
        lambda w: w * 1.5 - 1 == 50,
        lambda w: (w / 6).is_integer() or w / 2 > 16,
        lambda w: -w / 10 > -3.4,
        lambda w: w / 3 * 0.5 <= 5.5,
        lambda w: 34 / w == 1,
        lambda w: 0 < 1 / (w * w) * w,
        lambda w: abs(1 / (w * w) * w) < 2**-126 or w * 0.1 > 0,
        lambda w: 3 / w > 0.1,
        lambda w: abs(3 / w) == 0.3,
    ],
)
def test_decisions_by_fractions_are_those_of_floats(decide: Callable[[Any], bool]) -> None:
    """Wherever what was decided holds, Python's floats decide the same."""
    for count in range(40):
        sizes = Sizes({"W": (6, 4)}, {"W": count})
        answer = bool(decide(integer(sizes, sizes.size("W"))))
        assert answer == decide(6 * count + 4)
        assert all(decide(6 * n + 4) == answer for n in range(60) if sizes.hold({"W": n}))


@pytest.mark.parametrize(
    "decide",
    [
        lambda w: w * 0.1 == 3.4,
        lambda w: int(w * 0.7),
        lambda w: w * (1 / 49) == 1,
        lambda w: w / 49 * 49 == w,
        lambda w: 1 / w * w == 1,
        lambda w: math.floor(w / 3 * 3),
        lambda w: w / 3 + 0.1 > 2,
        lambda w: 1 / (w * w) * w < 2**-6,
        lambda w: 1 / (w * w) * w + 1 > 0,
        lambda w: w / 3 + w / 7 > 2,
        lambda w: (1 / w + 1) * 2 > 3,
        lambda w: w / 100_003 > 0.3,
        lambda w: w * ((w - w + 1) / 3) > 5,
    ],
)
def test_fractions_that_are_rounded_otherwise_decide_nothing(decide: Callable[[Any], Any]) -> None:
    """What is exact here and rounded there is not decided by."""
    sizes = Sizes({"W": (6, 4)}, {"W": 5})
    with pytest.raises(UnreadableError, match="a fraction of a size, rounded, decides"):
        bool(decide(integer(sizes, sizes.size("W"))))
