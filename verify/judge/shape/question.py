"""What is asked at one shape: which two sides, in which number system, and for which inputs."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import torch

from proofs.systems import NumberSystem
from proofs.verdict import Verdict
from verify.judge.attack import inputs
from verify.judge.conditions.given import Admitted
from verify.judge.equivalence import Equivalence
from verify.judge.gradients import WayBack
from verify.judge.side import Shapes, Side, kind
from verify.judge.tolerance.asked import Asked

#: Hears what was found so far, as a judgement goes on.
Progress = Callable[[str], None]


@dataclass(frozen=True)
class Question:
    """Whether two sides are the same at one shape, for every input that is asked about."""

    module: Side
    reference: Side
    system: NumberSystem
    shapes: Shapes
    #: Until when it is to be answered, on the clock of :func:`time.perf_counter`.
    deadline: float
    #: The range of the inputs, and the float format, if a tolerance is asked for.
    about: Asked | None = None
    #: What every element of the input meets.
    given: Admitted | None = None
    #: What is peculiar to gradients, if it is these that are judged.
    back: WayBack | None = None

    @cached_property
    def dtype(self) -> torch.dtype:
        """The dtype of the inputs."""
        return self.module.dtype

    @property
    def count(self) -> int:
        """How many elements the input has; of several inputs, all together."""
        return sum(math.prod(shape) for shape in self.shapes)

    @property
    def real(self) -> bool:
        """Whether both sides are read over the reals."""
        return self.system.name == "real"

    @property
    def late(self) -> bool:
        """Whether time is up."""
        return time.perf_counter() > self.deadline

    @property
    def titles(self) -> tuple[str, ...]:
        """What the inputs are called, where they are not all inputs of the module."""
        return () if self.back is None else self.back.titles

    def found(self, verdict: Verdict, reason: str) -> Equivalence:
        """Return a finding without names."""
        shape: Any = self.shapes if len(self.shapes) > 1 else self.shapes[0]
        system = self.system if self.about is None else self.about.system
        return Equivalence("", "", shape, system.name, verdict, reason)

    def run(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what both sides make of an input, the module first.

        Raises:
            NotJudgedError: One of them fails, or returns no tensor.
        """
        return self.module.run(x), self.reference.run(x)

    # -- inputs ----------------------------------------------------------------------------------

    def telling(self) -> Iterator[torch.Tensor]:
        """Return the inputs that both are attacked by, those as well that are not given."""
        if self.back is not None:
            return self.back.telling()
        if self.about is not None:
            return self.about.inputs()
        return inputs(self.system, self.count, self.dtype)

    def meant(self, every: Iterator[torch.Tensor]) -> Iterator[torch.Tensor]:
        """Return inputs moved to where what is given holds, and some at its ends."""
        return every if self.given is None else self.given.inputs(every)

    def admits(self, x: torch.Tensor) -> bool:
        """Say whether an input is one that is asked about."""
        meant = self.given is None or self.given.admits(x)
        return meant and (self.about is None or self.about.admits(x))

    def plainest(self) -> torch.Tensor:
        """Return zeros, moved to where the inputs that are asked about are."""
        x = torch.zeros(self.count, dtype=self.dtype)
        for asked in (self.given, self.about):
            x = x if asked is None else asked.moved(x)
        return x

    def near(self, elements: Mapping[int, Any], x: torch.Tensor) -> Iterator[torch.Tensor]:
        """Yield an input with some elements set, and with the numbers beside them.

        A solver's numbers are often just beyond one that decides, where the dtype has none.
        """
        made = with_elements(elements, x)
        if made is None:
            return
        yield made
        if not self.real:
            return
        places = list(elements)
        for towards in (torch.inf, -torch.inf, 2 * made[places], 0 * made[places]):
            near = made.clone()
            ends = torch.as_tensor(towards, dtype=made.dtype)
            near[places] = torch.nextafter(made[places], ends.expand(len(places)))
            if bool(near.isfinite().all()):
                yield near

    def beyond(self, numbers: Iterable[Any]) -> str:
        """Return the dtype if it ends with one of some numbers, or before it."""
        if not self.real or self.about is not None or self.back is not None:
            return ""
        given = None if self.given is None else self.given.given
        if given is not None and None not in (given.low, given.high):
            return ""
        largest = Fraction(torch.finfo(self.dtype).max)
        return kind(self.dtype) if any(abs(number) >= largest for number in numbers) else ""


def with_elements(elements: Mapping[int, Any], x: torch.Tensor) -> torch.Tensor | None:
    """Return an input with some elements set, in place; ``None`` if its dtype has none that large.

    >>> with_elements({1: 3}, torch.zeros(2))
    tensor([0., 3.])
    >>> with_elements({0: 300}, torch.zeros(2, dtype=torch.int8))
    """
    for element, value in elements.items():
        try:
            x[element] = float(value) if x.is_floating_point() else int(value)
        except (OverflowError, RuntimeError):
            return None
    return x
