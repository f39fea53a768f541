"""What came out of one comparison, in one of four words."""

from dataclasses import dataclass
from typing import Any

from verify.measure.layers import Layer

#: The count that was measured is the predicted one.
EQUAL = "EQUAL"
#: It is another one.
DIFFERS = "DIFFERS"
#: Something needed is missing here, and the reason says what.
SKIPPED = "SKIPPED"
#: Nothing came back from a tool that was asked.
ERROR = "ERROR"


class NothingCountedError(Exception):
    """A tool that was there and reported nothing; the message says what was missing."""


class MissingError(Exception):
    """Something needed for a check is not here; the message is the reason."""


@dataclass(frozen=True)
class Finding:
    """One comparison of a prediction with a count.

    Attributes:
        check: The name of the check, a key of :data:`verify.measure.checks.CHECKS`.
        tool: Who counted.
        layer: What was run; ``None`` if a whole check was skipped.
        status: ``"EQUAL"``, ``"DIFFERS"``, ``"SKIPPED"`` or ``"ERROR"``.
        predicted: What the cost model says.
        counted: What the tool says.
        reason: Why it is not ``"EQUAL"``, in a sentence.
    """

    check: str
    tool: str
    layer: Layer | None
    status: str
    predicted: Any = None
    counted: Any = None
    reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as what ``json.dumps`` takes; the layer by its name."""
        return {
            "check": self.check,
            "tool": self.tool,
            "layer": self.layer.name if self.layer else None,
            "status": self.status,
            "predicted": self.predicted,
            "counted": self.counted,
            "reason": self.reason,
        }


def exit_code(findings: list[Finding], required: bool) -> int:
    """Return the exit code of the command: 0, 1 for a difference, 3 for what broke.

    >>> skipped = Finding("instructions", "ncu", None, SKIPPED, reason="no GPU")
    >>> exit_code([skipped], required=False), exit_code([skipped], required=True)
    (0, 1)
    >>> exit_code([], required=False)
    3
    """
    words = {finding.status for finding in findings}
    if ERROR in words or not words:
        return 3
    return int(DIFFERS in words or (required and SKIPPED in words))
