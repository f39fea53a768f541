"""What the judge returns: a finding about one module, and the input on which it is wrong."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from proofs.verdict import Verdict
from verify.judge.conditions.weakest import WeakestCondition
from verify.judge.tolerance.within import Tolerance, Worst


@dataclass(frozen=True)
class TensorCounterexample:
    """An input on which the module and the reference differ, and both outputs."""

    #: The input; of several, the first.
    input: torch.Tensor
    module_output: torch.Tensor
    reference_output: torch.Tensor
    #: The first place in the outputs where they differ.
    index: tuple[int, ...]
    #: What was run to see it.
    replay: str
    #: The inputs after the first.
    others: tuple[torch.Tensor, ...] = ()
    #: What the module raised; it has no output then, which is NaN or 0 everywhere here.
    raised: str = ""
    #: What the inputs are called, where they are not all inputs of the module.
    named: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[torch.Tensor, ...]:
        """All inputs."""
        return self.input, *self.others

    @property
    def titles(self) -> tuple[str, ...]:
        """What each of the inputs is."""
        if self.named:
            return self.named
        count = len(self.inputs)
        return ("input",) if count == 1 else tuple(f"input {i + 1}" for i in range(count))

    @property
    def module_value(self) -> float:
        """The module's value at the place where the outputs differ."""
        return float(self.module_output[self.index].item())

    @property
    def reference_value(self) -> float:
        """The reference's value there."""
        return float(self.reference_output[self.index].item())

    def to_dict(self) -> dict[str, Any]:
        """Return the counterexample as plain data; NaN and infinities are words."""
        given = [_plain(x.tolist()) for x in self.inputs]
        above = {"gradient_of_output": given.pop()} if self.named else {}
        return {
            "input": given if len(given) > 1 else given[0],
            **above,
            "module_output": None if self.raised else _plain(self.module_output.tolist()),
            "reference_output": _plain(self.reference_output.tolist()),
            "index": list(self.index),
            "module_value": None if self.raised else _plain(self.module_value),
            "reference_value": _plain(self.reference_value),
            "replay": self.replay,
        }  # fmt: skip


@dataclass(frozen=True)
class Equivalence:
    """What was found out about one module."""

    module: str
    reference: str
    #: The shape of the input; of several inputs, the tuple of their shapes.
    input_shape: tuple[Any, ...]
    system: str
    #: ``PROVED_BOUNDED``, ``REFUTED``, ``TESTED``, ``NOT_JUDGED``, ``MISSING``, ``UNKNOWN``, or
    #: ``ERROR`` if two engines disagree.
    verdict: Verdict
    #: Why, in one line.
    reason: str
    counterexample: TensorCounterexample | None = None
    #: How far it may be from the reference, if the verdict is ``WITHIN``.
    tolerance: Tolerance | None = None
    #: Engine → how many of the distinct statements it proved.
    proved_by: Mapping[str, int] | None = None
    #: What the verdict takes for granted and what it rests on, a line each.
    footprint: tuple[str, ...] = ()
    seconds: float = 0.0
    #: Where sizes are open: for which it is proved, in words.
    sizes: str = ""
    #: What every element of the input meets, as it was asked for.
    given: str = ""
    #: Of a module that is refuted: the weakest condition found under which it is right.
    condition: WeakestCondition | None = None
    #: Why none was found.
    no_condition: str = ""
    #: Whether gradients were asked for as well.
    backward: bool = False
    #: What was found about outputs alone, and about gradients; ``None`` if nobody went so far.
    outputs: Equivalence | None = None
    gradients: Equivalence | None = None
    #: The module's dtype, if a solver's difference lies beyond its largest number.
    beyond: str = ""

    @property
    def proved(self) -> bool:
        """Whether it is proved as asked: at every size, if sizes are open."""
        return self.verdict.settles and self.sizes in ("", "all")

    @property
    def statement(self) -> str:
        """What the verdict is about."""
        given = f" with {self.given}" if self.given else ""
        both = ", outputs and gradients," if self.backward else ""
        return (
            f"{self.module} = {self.reference}{both} for every {self.system} input of "
            f"{self.bound[6:]}{given}"
        )

    @property
    def within(self) -> float | None:
        """The proved bound on |module − reference|, if there is one."""
        return None if self.tolerance is None else self.tolerance.absolute

    @property
    def worst(self) -> Worst | None:
        """The worst input that was found within the bound."""
        return None if self.tolerance is None else self.tolerance.worst

    @property
    def bound(self) -> str:
        """The one shape for which it is stated, or letters for sizes that are open."""
        if any(isinstance(size, str) for size in self.input_shape):
            return f"input shape {'×'.join(map(str, self.input_shape))}"
        return f"input shape {self.input_shape}"

    def _repr_html_(self) -> str:
        """Return the finding as a notebook shows it."""
        from costmodel.whole.tables import html_table

        rows = [["", self.statement], ["reason", self.reason]]
        if self.counterexample is not None:
            rows.append(["counterexample", str(self.counterexample)])
        rows += [["given", line] for line in self.footprint]
        return html_table([str(self.verdict), self.system], rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the finding as plain data."""
        found = self.counterexample
        return {
            "module": self.module,
            "reference": self.reference,
            "statement": self.statement,
            "bound": self.bound,
            "system": self.system,
            "verdict": str(self.verdict),
            "reason": self.reason,
            "counterexample": None if found is None else found.to_dict(),
            "tolerance": None if self.tolerance is None else self.tolerance.to_dict(),
            "proved_by": dict(self.proved_by or {}),
            "footprint": list(self.footprint),
            "sizes": self.sizes,
            "given": self.given,
            "condition": None if self.condition is None else self.condition.to_dict(),
            "no_condition": self.no_condition,
            "backward": self.backward,
            "outputs": _briefly(self.outputs),
            "gradients": _briefly(self.gradients),
            "seconds": round(self.seconds, 3),
        }


def _briefly(found: Equivalence | None) -> dict[str, str] | None:
    """Return a part of a finding as plain data."""
    return None if found is None else {"verdict": str(found.verdict), "reason": found.reason}


def shown(x: torch.Tensor) -> str:
    """Return an input in a few words."""
    head = ", ".join(f"{v:.6g}" for v in x[:6].tolist())
    return f"[{head}{', …' if len(x) > 6 else ''}]"


def in_digits(value: Any) -> str:
    """Return a number in as many digits as are shown of one."""
    return f"{float(value):.9g}"


def digits_apart(*numbers: float, least: int) -> int:
    """Return with how many digits, from ``least`` on, numbers that differ look different.

    >>> digits_apart(-1e9, -1e9 - 1, least=6)
    10
    """
    different = len(set(numbers))
    return next(
        digits
        for digits in range(least, 18)  # 17 digits tell all floats apart
        if digits == 17 or len({f"{number:.{digits}g}" for number in numbers}) >= different
    )


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
