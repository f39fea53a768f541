from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction
from typing import Any

import pytest

from benchmarks import two_layers
from benchmarks.two_layers import Kind, equations, kinds
from pooling.two_layers import exchanged, outer_maxima


@pytest.fixture(scope="module")
def choice() -> list[Kind]:
    """Return what the search may take."""
    return kinds()


def weight_of(kind: Kind) -> Fraction:
    """Return the weight of a kind in the maximum of six, which is 0 for most.

    The search has 2·M(ab, de) as M(ab + ab, de + de).
    """
    weights = {frozenset((2 * t.left, 2 * t.right)): t.weight / 2 for t in outer_maxima()[:9]}
    weights |= {frozenset((t.left, t.right)): t.weight for t in outer_maxima()[9:]}
    found = {weights.get(frozenset(sums), Fraction(0)) for sums in kind}
    assert len(found) == 1
    return found.pop()


def test_kinds_are_disjoint(choice: list[Kind]) -> None:
    """Every outer maximum is of one kind, and a kind is all that one becomes by exchanges."""
    members = Counter(frozenset(sums) for kind in choice for sums in kind)
    assert set(members.values()) == {1}
    for kind in choice[::20]:
        assert {*map(frozenset, kind)} == {*map(frozenset, exchanged(*kind[-1]))}


def test_the_weights_solve_the_equations(choice: list[Kind]) -> None:
    """In every order the linear part is twice the largest number, and all bends cancel."""
    taken = [(weight, kind) for kind in choice if (weight := weight_of(kind))]
    assert len(taken) == 6 and sum(len(kind) for _, kind in taken) == 90
    total: defaultdict[tuple[int, Any], Fraction] = defaultdict(Fraction)
    for weight, kind in taken:
        for key, entry in equations(kind).items():
            total[key] += weight * entry
    assert {key: entry for key, entry in total.items() if entry} == {
        (number, 0): 2 for number in range(20)
    }
    assert any(not isinstance(rank, int) for _, rank in total)


def test_the_search_is_asked_to_say_so(
    monkeypatch: pytest.MonkeyPatch, choice: list[Kind], capsys: pytest.CaptureFixture[str]
) -> None:
    """What it finds is proved before it is printed; what is not found is said."""
    taken = [(weight, kind) for kind in choice if (weight := weight_of(kind))]
    monkeypatch.setattr(two_layers, "kinds", list)
    monkeypatch.setattr(two_layers, "search", lambda _: taken)
    two_layers.main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "90 outer maxima, in 20 orders that stand for all"
    assert sorted(lines[1:]) == sorted(
        [
            "   1/9    9  M(ab + ab, de + de)",
            "  1/18   18  M(ab + cd, ae + af)",
            " -1/18   18  M(ab + cd, ae + bf)",
            " -1/18    9  M(ad + ae, bf + cf)",
            "  1/18   18  M(ad + bd, ce + df)",
            " -1/18   18  M(ad + be, cf + de)",
        ]
    )
    monkeypatch.setattr(two_layers, "search", lambda _: None)
    with pytest.raises(SystemExit, match="nothing found"):
        two_layers.main()
