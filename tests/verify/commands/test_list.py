"""``verify list`` as its users meet it: claims, how they stand, and a selection of both."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from proofs import claims
from proofs.verdict import Verdict
from verify import cli


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print on a terminal of 80 columns."""
    monkeypatch.setenv("COLUMNS", "80")


def listed(out: str) -> dict[str, tuple[str, str]]:
    """Return id → how it stands and its sentence with its conditions, as printed."""
    entries = re.findall(r"^([a-z0-9-]+): (.+(?:\n    [A-Z].*)*?)\n((?:    .+\n)+)", out, re.M)
    return {name: (standing, " ".join(title.split())) for name, standing, title in entries}


def test_every_claim_stands_with_its_verdicts(capsys: Any) -> None:
    """Each verdict that a claim declares somewhere is there, and no other; nothing is cut."""
    assert cli.main(["list"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 80
    entries = re.split(r"^(?=[a-z0-9-]+: )", out, flags=re.M)
    assert entries[0] == "" and len(entries) == len(claims()) + 1
    for entry, (name, claim) in zip(entries[1:], claims().items(), strict=True):
        found = re.findall(rf"\b({'|'.join(map(str, Verdict))}) in\s+(\w+)", entry)
        assert [word for word, _ in found] == [
            str(verdict) for verdict in Verdict if verdict in claim.expected.values()
        ]
        held = sum(int(where) if where.isdigit() else 1 for _, where in found)
        assert held == len(claim.expected)
        assert entry.startswith(f"{name}: {found[0][0]} in {found[0][1]}")
        said = claim.title + (f"holds: {claim.holds}" if claim.holds else "")
        assert squeezed(said) in squeezed(entry)


def squeezed(words: str) -> str:
    """Return the words without spaces, which are where lines happen to break."""
    return "".join(words.split())


@pytest.mark.parametrize(
    ("name", "standing"),
    [
        ("larger-stride-fewer-taps", "REFUTED in integer"),
        ("more-padding-more-taps", "REFUTED in integer"),
        ("overflow-in-between", "REFUTED in 6"),
        ("max-is-relu", "PROVED in 2, REFUTED in 14"),
        ("output-size", "PROVED in integer"),
    ],
)
def test_no_false_sentence_stands_alone(name: str, standing: str, capsys: Any) -> None:
    """What is refuted says so on the line of its id."""
    assert cli.main(["list", "-k", name]) == 0
    out = capsys.readouterr().out
    claim = claims()[name]
    said = claim.title + (f" holds: {claim.holds}" if claim.holds else "")
    assert listed(out) == {name: (standing, said)}
    assert out.endswith(
        "\n\nVerdicts as expected, with the number system or how many of them; python -m\n"
        "verify all checks them.\n"
    )


def test_the_verdicts_are_the_expected_ones(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another declaration is another line."""
    known = claims()
    other = replace(known["output-size"], expected={"integer": Verdict.UNKNOWN})
    monkeypatch.setattr("proofs.claims", lambda: {**known, other.id: other})
    assert cli.main(["list", "-k", "output-size"]) == 0
    assert capsys.readouterr().out.startswith("output-size: UNKNOWN in integer\n")


def test_only_the_number_systems_that_are_asked_for(capsys: Any) -> None:
    """With ``--system`` a claim is listed if it is stated there, as it stands there."""
    arguments = ["list", "-k", "max-is-relu or output-size", "--system", "int8"]
    assert cli.main([*arguments, "--system", "real"]) == 0
    found = listed(capsys.readouterr().out)
    assert found["max-is-relu"][0] == "PROVED in real, REFUTED in int8"
    assert "output-size" not in found


def test_nothing_selected(capsys: Any) -> None:
    """Exit 5, and nothing on standard output."""
    assert cli.main(["list", "-k", "no-such-claim"]) == 5
    assert capsys.readouterr() == ("", "python -m verify list: nothing is selected\n")
