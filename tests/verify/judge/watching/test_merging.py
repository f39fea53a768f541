"""Loops that decide by elements: proved where both arms can be joined, never where they cannot."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable
from typing import Any

import pytest
import torch

from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.watching import paths

Network = Callable[[torch.Tensor], torch.Tensor]
POOL = "max_pool2d(3, 1)"
SHAPE = (1, 1, 5, 5)


def windows(x: torch.Tensor) -> list[tuple[int, int, list[tuple[int, int]]]]:
    """Return the places of all outputs and of their taps."""
    size = x.shape[-1] - 2
    return [(i, j, [(i + a, j + b) for a in range(3) for b in range(3)])
            for i in range(size) for j in range(size)]  # fmt: skip


def searched(x: torch.Tensor) -> torch.Tensor:
    """Search each window from its first tap."""
    out = torch.zeros(1, 1, x.shape[2] - 2, x.shape[3] - 2, dtype=x.dtype)
    for i in range(out.shape[2]):
        for j in range(out.shape[3]):
            best = x[0, 0, i, j]
            for a in range(3):
                for b in range(3):
                    if x[0, 0, i + a, j + b] > best:
                        best = x[0, 0, i + a, j + b]
            out[0, 0, i, j] = best
    return out


def from_infinity(x: torch.Tensor) -> torch.Tensor:
    """Search from −∞, by a choice in an expression."""
    out = x.new_zeros(1, 1, x.shape[2] - 2, x.shape[3] - 2)
    for i, j, taps in windows(x):
        best: Any = -math.inf
        for a, b in taps:
            value = x[0, 0, a, b]
            best = value if not value <= best else best
        out[0, 0, i, j] = best
    return out


def in_place(x: torch.Tensor) -> torch.Tensor:
    """Search in the output itself."""
    out = x[..., :-2, :-2].clone()
    for i, j, taps in windows(x):
        for a, b in taps:
            if out[0, 0, i, j] < x[0, 0, a, b]:
                out[0, 0, i, j] = x[0, 0, a, b]
    return out


def by_max(x: torch.Tensor) -> torch.Tensor:
    """Let Python search."""
    rows = []
    for i in range(x.shape[2] - 2):
        row = [max(x[0, 0, i + a, j + b] for a in range(3) for b in range(3))
               for j in range(x.shape[3] - 2)]  # fmt: skip
        rows.append(torch.stack(row))
    return torch.stack(rows)[None, None]


def in_lists(x: torch.Tensor) -> torch.Tensor:
    """Search in a list of candidates."""
    size = x.shape[2] - 2
    best = [x[0, 0, i, j] for i in range(size) for j in range(size)]
    for i, j, taps in windows(x):
        for a, b in taps:
            if x[0, 0, a, b] > best[i * size + j]:
                best[i * size + j] = x[0, 0, a, b]
    return torch.stack(best).reshape(1, 1, size, size)


class Comparing(torch.nn.Module):
    """A module with a method that returns early, and no first value."""

    def larger(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        """Return the larger of two."""
        if a > b:
            return a
        return b

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Search from nothing."""
        out = torch.empty(1, 1, x.shape[2] - 2, x.shape[3] - 2, dtype=x.dtype)
        for i, j, taps in windows(x):
            best: Any = None
            for a, b in taps:
                if best is None:
                    best = x[0, 0, a, b]
                best = self.larger(best, x[0, 0, a, b])
            out[0, 0, i, j] = best
        return out


def sorted_windows(x: torch.Tensor) -> torch.Tensor:
    """Sort four taps of each window."""
    out = torch.zeros(1, 1, x.shape[2] - 2, x.shape[3] - 2, dtype=x.dtype)
    for i, j, taps in windows(x):
        corner = [x[0, 0, a, b] for a, b in taps if a < i + 2 and b < j + 2]
        out[0, 0, i, j] = sorted(corner)[-1]
    return out


RIGHT: list[Any] = [searched, from_infinity, in_place, by_max, in_lists, Comparing()]


@pytest.mark.parametrize("network", RIGHT, ids=lambda n: getattr(n, "__name__", "Comparing"))
def test_searches_of_windows_are_proved(network: Any) -> None:
    """Nine windows of nine taps have more ways through them than anybody can go."""
    found = equivalent(network, POOL, SHAPE)
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    assert any("with both arms of its decisions joined; run as it is" in line
               for line in found.footprint)  # fmt: skip


def test_sorting_by_python_is_proved() -> None:
    """Of four taps the last in order is the largest."""
    found = equivalent(sorted_windows, lambda x: searched_of_two(x), (1, 1, 4, 4))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason


def searched_of_two(x: torch.Tensor) -> torch.Tensor:
    """Take the largest of 2 × 2 windows, without the last row and column."""
    return torch.nn.functional.max_pool2d(x, 2, 1)[..., :-1, :-1]


def test_in_other_number_systems() -> None:
    """Whole numbers have no NaN; in floats a search by ``>`` drops NaN and a pooling keeps it."""
    assert equivalent(searched, POOL, (1, 1, 4, 4), "int32").verdict.settles
    found = equivalent(searched, POOL, (1, 1, 4, 4), "float32")
    assert found.verdict is Verdict.REFUTED
    assert equivalent(searched, searched, (1, 1, 4, 4), "float16").verdict.settles


def from_zero(x: torch.Tensor) -> torch.Tensor:
    """Search from 0, which is wrong of negative numbers."""
    out = torch.zeros(1, 1, x.shape[2] - 2, x.shape[3] - 2)
    for i, j, taps in windows(x):
        best: Any = 0.0
        for a, b in taps:
            if x[0, 0, a, b] > best:
                best = x[0, 0, a, b]
        out[0, 0, i, j] = best
    return out


def bounded(x: torch.Tensor) -> torch.Tensor:
    """Search below a number far out."""
    out = x[..., :-2, :-2].clone()
    for i, j, taps in windows(x):
        for a, b in taps:
            if out[0, 0, i, j] < x[0, 0, a, b] < 54321:
                out[0, 0, i, j] = x[0, 0, a, b]
    return out


def dependent(x: torch.Tensor) -> torch.Tensor:
    """Search windows, the last of which looks at what another one found."""
    out = searched(x)
    if out[0, 0, 0, 0] > 777.25:  # noqa: SIM102 - one within the other
        if x[0, 0, 4, 4] > 4242:
            out[0, 0, 2, 2] = out[0, 0, 2, 2] + 1
    return out


@pytest.mark.parametrize("network", [from_zero, bounded, dependent])
def test_wrong_searches_are_refuted(network: Network) -> None:
    """A wrong start, a bound far out, and windows that are not independent."""
    found = equivalent(network, POOL, SHAPE)
    assert found.verdict is Verdict.REFUTED, found.reason


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a hundred ways be too many: nobody can go all of those through nine windows anyway."""
    monkeypatch.setattr(paths, "MOST_PATHS", 100)


# -- what cannot be joined is never proved wrongly -------------------------------------------------


class Box:
    """Something to write to."""

    def __init__(self) -> None:
        self.best = 0.0
        self.seen = 0

    @property
    def counted(self) -> int:
        """Count who looks."""
        self.seen += 1
        return 0


def written_through_a_view(x: torch.Tensor) -> torch.Tensor:
    """Let a chosen view be written through."""
    y = x.clone()
    for k in range(4):
        place = y[0, 0, 0, k] if x[0, 0, 1, k] > x[0, 0, 2, k] else y[0, 0, 3, k]
        place += 1000
    return searched(y)


def changed_behind_a_view(x: torch.Tensor) -> torch.Tensor:
    """Change what a chosen view looks at."""
    y = x.clone()
    best = y[0, 0, 0, 0]
    for k in range(1, 5):
        if y[0, 0, 0, k] > best:
            best = y[0, 0, 0, k]
    y[0, 0, 0] = 0
    return searched(x) + best


def appended(x: torch.Tensor) -> torch.Tensor:
    """Let the length of a list decide."""
    found: list[Any] = []
    for k in range(5):
        if x[0, 0, 0, k] > 3000:
            found.append(k)
    return searched(x) + len(found)


def attributed(x: torch.Tensor) -> torch.Tensor:
    """Keep what was found in an object."""
    box = Box()
    for k in range(5):
        if x[0, 0, 0, k] > 3000:
            box.best = box.best + 1
    return searched(x) + box.best


def by_its_kind(x: torch.Tensor) -> torch.Tensor:
    """Ask of what kind a value is that is a number or a tensor."""
    best: Any = 5000.0
    for k in range(5):
        if x[0, 0, 0, k] > best:
            best = x[0, 0, 0, k]
    return searched(x) + (1 if isinstance(best, torch.Tensor) else 0)


def swallowing(x: torch.Tensor) -> torch.Tensor:
    """Let failures decide."""
    y = searched(x)
    for k in range(5):
        try:
            if x[0, 0, 0, k] > 3000:
                y = y + torch.zeros(2)[5]
        except IndexError:
            y = y + 1
    return y


def aliased(x: torch.Tensor) -> torch.Tensor:
    """Change a number in place that has two names."""
    count: Any = 0
    for k in range(5):
        if x[0, 0, 0, k] > 3000:
            count = count + 1
    other = count
    count += 1
    return searched(x) + torch.as_tensor(count - other - 1)


def kept_by_default(x: torch.Tensor, kept: list[int] = [0]) -> torch.Tensor:  # noqa: B006
    """Count in a default, in an arm that is seldom taken."""
    for k in range(5):
        if x[0, 0, 0, k] > 1e7:
            kept[0] = kept[0] + 1
    return searched(x) + (kept[0] > 40)


box = Box()


def by_a_property(x: torch.Tensor) -> torch.Tensor:
    """Change something by looking at it, in an arm that is seldom taken."""
    y = searched(x)
    for k in range(5):
        if x[0, 0, 0, k] > 1e7:
            y = y + box.counted
    return y + (box.seen > 40)


def indexing(x: torch.Tensor) -> torch.Tensor:
    """Use a chosen number as an index."""
    place: Any = 0
    for k in range(5):
        if x[0, 0, 0, k] > 3000:
            place = k
    return searched(x) + x[0, 0, 4, place] - x[0, 0, 4, 0]


STUBBORN: list[Network] = [
    written_through_a_view, changed_behind_a_view, appended, attributed, by_its_kind, swallowing,
    indexing,
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("network", STUBBORN)
def test_what_cannot_be_joined_is_not_proved_right(network: Network) -> None:
    """Views, lists, objects, kinds, failures, indices: none hides a difference."""
    found = equivalent(network, POOL, SHAPE, timeout=20)
    assert not found.verdict.settles, found.reason


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize("network", [kept_by_default, by_a_property])
def test_what_a_rare_arm_remembers_is_seen(network: Network) -> None:
    """An arm that no ordinary input takes changes what the module remembers."""
    found = equivalent(network, POOL, SHAPE, timeout=20)
    assert not found.verdict.settles, found.reason
    assert found.verdict is Verdict.NOT_JUDGED or "not joined" in found.reason, found.reason


@pytest.mark.usefixtures("few")
def test_two_names_of_a_number() -> None:
    """``count += 1`` gives a number a new value and leaves its other name alone."""
    found = equivalent(aliased, POOL, SHAPE, timeout=20)
    assert found.verdict is not Verdict.REFUTED, found.reason


def test_a_module_is_as_it_was() -> None:
    """What stands in for a method is taken away again."""
    module = Comparing()
    assert equivalent(module, POOL, (1, 1, 4, 4)).verdict.settles
    assert "forward" not in vars(module)


def by_a_close_number(x: torch.Tensor) -> torch.Tensor:
    """Two numbers that are one in float32; Python keeps them apart."""
    scale = 0.1
    if 0.70001 < x[0, 0, 0, 0] < 0.70002:
        scale = 0.100000001
    return searched(x) + (scale - 0.1) * 1e9


def by_a_large_number(x: torch.Tensor) -> torch.Tensor:
    """2²⁴ + 1 is no float32."""
    scale = 16777216.0
    if 0.70001 < x[0, 0, 0, 0] < 0.70002:
        scale = 16777217
    return searched(x) + (scale - 16777216)


def by_no_number(x: torch.Tensor) -> torch.Tensor:
    """Python raises where it divides by 0, also if nobody asks for the quotient."""
    count = 1
    if 0.70001 < x[0, 0, 0, 0] < 0.70002:
        count = 0
    1 / count
    return searched(x)


def by_no_whole_number(x: torch.Tensor) -> torch.Tensor:
    """The same of whole quotients."""
    count = 1
    if 0.70001 < x[0, 0, 0, 0] < 0.70002:
        count = 0
    5 // count
    return searched(x)


@pytest.mark.slow
@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    "network", [by_a_close_number, by_a_large_number, by_no_number, by_no_whole_number]
)
def test_numbers_of_python_are_not_those_of_torch(network: Network) -> None:
    """On an input that nobody tries the number that arms leave behaves as no tensor does."""
    with torch.no_grad():
        x = torch.zeros(SHAPE)
        x[0, 0, 0, 0] = 0.700015
        with contextlib.suppress(ZeroDivisionError):
            assert not network(x).equal(searched(x))
    found = equivalent(network, POOL, SHAPE, why=False)
    assert found.verdict in (Verdict.TESTED, Verdict.REFUTED)


def test_a_mean_by_a_counted_number_is_proved() -> None:
    """A count that is never 0 divides."""

    def mean(x: torch.Tensor) -> torch.Tensor:
        count = 1
        if x[0, 0, 0, 0] > x[0, 0, 0, 1]:
            count = 2
        return searched(x) * count / count

    found = equivalent(mean, POOL, SHAPE)
    assert found.verdict is Verdict.PROVED_BOUNDED
