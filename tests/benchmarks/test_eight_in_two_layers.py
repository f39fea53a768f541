from __future__ import annotations

from collections import Counter
from fractions import Fraction

import pytest

from benchmarks import eight_in_two_layers
from benchmarks.eight_in_two_layers import _solution, kinds, main
from proofs.networks import max_of_eight_in_two_layers as claimed
from proofs.networks.max_of_eight_in_two_layers import DENOMINATOR, KINDS, places


@pytest.fixture(scope="module")
def choice() -> list[tuple[str, str]]:
    """Return what the search may take."""
    return list(kinds())


def test_the_claim_is_among_the_choice(choice: list[tuple[str, str]]) -> None:
    """Every kind of the claim, in the order of the choice."""
    taken = {(left, right) for _, left, right in KINDS}
    assert [kind for kind in choice if kind in taken] == [(p, q) for _, p, q in KINDS]


def test_kinds_are_written_once(choice: list[tuple[str, str]]) -> None:
    """With new letters in the order of the alphabet, and no summand on both sides."""
    assert max(Counter(choice).values()) == 1
    for left, right in choice:
        letters = list(dict.fromkeys(c for c in left + right if c != "+"))
        assert letters == sorted(letters)[: len(letters)] == list("abcdefgh"[: len(letters)])
        assert len(places(left)) == len(places(right)) <= 3
        assert not set(places(left)) & set(places(right))


def test_equations_are_solved_in_fractions() -> None:
    """One solution, whatever the order of the rows; rows that contradict it are refused."""
    rows = [[0, 2, 1], [3, 0, 1], [3, 2, 2]]
    system = [[Fraction(entry) for entry in row] for row in rows]
    assert _solution(list(system)) == [Fraction(1, 3), Fraction(1, 2)]
    with pytest.raises(ArithmeticError):
        _solution([*system, [Fraction(0), Fraction(0), Fraction(1)]])


def test_what_is_found_is_proved(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The weights of the claim pass and are called the same; where there are none it says so."""
    weights = {(p, q): Fraction(weight, DENOMINATOR) for weight, p, q in KINDS}
    monkeypatch.setattr(claimed, "DENOMINATOR", 1)
    monkeypatch.setattr(eight_in_two_layers, "kinds", lambda: list(weights))
    monkeypatch.setattr(eight_in_two_layers, "solve", lambda choice: weights)
    main()
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == claimed.identity(KINDS)
    assert lines[1] == "(1872, 'ab', 'cd')"
    assert lines[-1] == f"over {DENOMINATOR:,}; those of the claim: True"
    monkeypatch.setattr(eight_in_two_layers, "solve", lambda choice: None)
    with pytest.raises(SystemExit, match="there is no such sum"):
        main()
