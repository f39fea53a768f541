"""Which operators may make terms in a float system: those whose kernels were tried.

A term of a float system is rounded once for each of its operators, to nearest, ties to even. That
a kernel of torch's does so is no matter of course: ``x ** 3`` and ``x * x * x`` differ. So every
operator that is read as a term there has been run beside its terms, computed without torch, and
how many cases agreed stands in ``established.json``; what does not stand there is not read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

RECORD = Path(__file__).with_name("established.json")
#: All pairs of numbers of 16 bits.
ALL_PAIRS = 1 << 32


@dataclass(frozen=True)
class Established:
    """What a record says: for every operator the cases tried in each dtype, all of which agreed."""

    torch: str
    date: str
    #: What torch calls the processor's vector instructions.
    processor: str
    operators: dict[str, dict[str, int]]

    def refusal(self, overload: str, dtype: str, torch_version: str) -> str | None:
        """Say why an operator may not be read as a term, ``None`` if it may.

        Args:
            overload: Torch's name of it, such as ``aten.add.Tensor``.
            dtype: Torch's name of the dtype in which it computes.
            torch_version: The torch that computes.
        """
        if torch_version.partition("+")[0] != self.torch:
            return (
                f"how it rounds in {dtype} is established for torch {self.torch}, not "
                f"{torch_version.partition('+')[0]}"
            )
        if dtype not in self.operators.get(overload, {}):
            return f"how it rounds in {dtype} is not established"
        return None

    def cases(self, overload: str, dtype: str) -> str:
        """Say of an operator what it was tried on, in a few words."""
        count = self.operators[overload][dtype]
        if count >= ALL_PAIRS and dtype in ("float16", "bfloat16"):
            return "all pairs"
        return f"{count:,} cases"


@lru_cache(maxsize=1)
def established() -> Established:
    """Return the record that comes with the judge."""
    return read(json.loads(RECORD.read_text(encoding="utf-8")))


def read(record: Any) -> Established:
    """Return a record out of its data."""
    return Established(record["torch"], record["date"], record["processor"], record["operators"])
