"""Makes the record of operators whose kernels round as their terms do: all pairs of 16 bits.

    python -m verify.judge.rounding [--sample SEED]

Without an option ``established.json`` is written anew, which takes some minutes of one core. With
``--sample`` what it says is tried on a sample, and nothing is written.
"""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from collections.abc import Callable

import torch

from verify.judge.rounding.kernels import (
    DTYPES,
    DisagreesError,
    KernelCall,
    UnreadError,
    rows,
    tried,
)
from verify.judge.rounding.table import RECORD, established


def surveyed(
    seed: int, *, whole: bool, told: Callable[[str], None] = lambda _: None
) -> dict[str, dict[str, int]]:
    """Try every operator in every dtype; return the cases of those that agree in all rows.

    An operator that differs in one way to call it is left out in that dtype, with a word about it;
    a way in which the judge does not read it counts for nothing.
    """
    found: dict[str, dict[str, int]] = {}
    for name, ways in _by_operator().items():
        for dtype in DTYPES:
            count = 0
            try:
                for way in ways:
                    try:
                        count += tried(way, dtype, seed, whole=whole)
                    except UnreadError:
                        continue
            except DisagreesError as error:
                told(f"left out: {error}")
                continue
            if count:
                found.setdefault(name, {})[dtype] = count
                told(f"{name} in {dtype}: {count:,} cases")
    return found


def _by_operator() -> dict[str, list[KernelCall]]:
    found: dict[str, list[KernelCall]] = {}
    for row in rows():
        found.setdefault(row.name, []).append(row)
    return found


def main() -> int:
    """Make the record, or try it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sample", type=int, metavar="SEED", help="try a sample of the record")
    options = parser.parse_args()
    torch.set_num_threads(1)

    def told(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    if options.sample is not None:
        seen = surveyed(options.sample, whole=False, told=told)
        lost = {
            (name, dtype)
            for name, dtypes in established().operators.items()
            for dtype in dtypes
            if dtype not in seen.get(name, {})
        }
        for name, dtype in sorted(lost):
            told(f"no longer: {name} in {dtype}")
        return 1 if lost else 0
    made = surveyed(0, whole=True, told=told)
    record = {
        "torch": torch.__version__.partition("+")[0],
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "processor": torch.backends.cpu.get_cpu_capability(),
        "seed": 0,
        "totals": {
            dtype: sum(counts.get(dtype, 0) for counts in made.values()) for dtype in DTYPES
        },
        "operators": dict(sorted(made.items())),
    }
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
