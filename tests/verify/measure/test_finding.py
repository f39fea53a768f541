from __future__ import annotations

import pytest

from verify.measure.finding import DIFFERS, EQUAL, ERROR, SKIPPED, Finding, exit_code
from verify.measure.layers import LAYERS


@pytest.mark.parametrize(
    ("words", "required", "code"),
    [
        ([EQUAL], False, 0),
        ([EQUAL, SKIPPED], False, 0),
        ([EQUAL, SKIPPED], True, 1),
        ([EQUAL, DIFFERS, SKIPPED], False, 1),
        ([EQUAL, DIFFERS, ERROR], False, 3),
        ([], False, 3),
    ],
)
def test_the_worst_word_decides(words: list[str], required: bool, code: int) -> None:
    """An error outweighs a difference; nothing at all is an error too."""
    findings = [Finding("launch", "torch.profiler", None, word) for word in words]
    assert exit_code(findings, required) == code


def test_a_finding_names_its_layer() -> None:
    """As data the layer is its name; a check that was skipped as a whole has none."""
    assert Finding("launch", "ncu", LAYERS[0], EQUAL, 1, 1).to_dict()["layer"] == LAYERS[0].name
    assert Finding("launch", "ncu", None, SKIPPED, reason="no GPU").to_dict() == {
        "check": "launch",
        "tool": "ncu",
        "layer": None,
        "status": "SKIPPED",
        "predicted": None,
        "counted": None,
        "reason": "no GPU",
    }
