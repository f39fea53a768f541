"""The project's own rebuilds, each configuration judged at every size.

    python -m benchmarks.rebuilt_sizes

judges all of them, a quarter of an hour, and writes ``benchmarks/rebuilt_sizes.json``: over one
axis every kernel up to 5, stride up to 3, padding up to half the kernel, dilation up to 2 and both
ways of rounding, in every scheme; over two axes a draw of such; adaptive averages where sizes
divide.
``--share`` judges a part of them, drawn by ``--seed``. What was judged by the same code is kept in
``--record`` as it stands, so that a run that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import torch

import pooling
from verify.judge import equivalent
from verify.names import version

ROOT = Path(__file__).resolve().parents[1]
RECORD = Path(__file__).with_suffix(".json")
#: Configurations over two axes.
IN_TWO = 48
#: Seconds for one verdict.
TIMEOUT = 300.0
#: Schemes of a maximum: what it is made with besides its window.
SCHEMES: tuple[dict[str, Any], ...] = (
    {"scheme": "fold"}, {"scheme": "tree"}, {"scheme": "separable"}, {"scheme": "shallow"},
    {"scheme": "fold", "skips": False}, {"scheme": "tree", "skips": False},
)  # fmt: skip


class Configuration(NamedTuple):
    """A rebuild, and the pooling that it is to be."""

    layer: str
    arguments: tuple[tuple[str, Any], ...]
    #: What only the rebuild knows.
    form: tuple[tuple[str, Any], ...] = ()

    @property
    def module(self) -> Any:
        """The rebuild."""
        return getattr(pooling, self.layer)(**dict(self.arguments), **dict(self.form))

    @property
    def reference(self) -> str:
        """The pooling, by name.

        >>> Configuration("AdaptiveAvgPool1d", (("output_size", 3),)).reference
        'adaptive_avg_pool1d(output_size=3)'
        """
        name = "".join(f"_{c.lower()}" if c.isupper() else c for c in self.layer)[1:]
        written = ", ".join(f"{key}={value!r}" for key, value in self.arguments)
        return f"{name}({written})"

    @property
    def name(self) -> str:
        """How it is written down."""
        form = ", ".join(f"{key}={value!r}" for key, value in self.form)
        return f"{self.reference}; {form}" if form else self.reference


def windows() -> list[dict[str, Any]]:
    """Return the windows over one axis."""
    return [
        {"kernel_size": k, "stride": s, "padding": p, "dilation": d, "ceil_mode": ceil}
        for k, s, d, ceil in product(range(1, 6), range(1, 4), (1, 2), (False, True))
        for p in range(k // 2 + 1)
    ]


def configurations() -> list[Configuration]:
    """Return all of them, in one order."""
    found: list[Configuration] = []
    for window in windows():
        found += poolings(window, 1)
    draw = random.Random(2)
    every = windows()
    near = [window for window in every if window["dilation"] == 1]
    for number in range(IN_TWO):
        rows, columns = draw.sample(near if number % 3 == 0 else every, 2)
        window = {key: (rows[key], columns[key]) for key in rows}
        window["ceil_mode"] = rows["ceil_mode"]
        made = poolings(window, 2)
        found.append(draw.choice(made[-2:] if number % 3 == 0 else made))
    found += [
        Configuration("AdaptiveAvgPool1d", (("output_size", outputs),)) for outputs in range(1, 6)
    ]
    return found


def poolings(window: dict[str, Any], dimensions: int) -> list[Configuration]:
    """Return what is made of one window: maxima in every scheme, a minimum and averages."""
    arguments = tuple(window.items())
    without = tuple((key, value) for key, value in arguments if key != "dilation")
    found = [
        Configuration(f"MaxPool{dimensions}d", arguments, tuple(form.items())) for form in SCHEMES
    ]
    found.append(Configuration(f"MinPool{dimensions}d", arguments))
    if window["dilation"] in (1, (1, 1)):
        found += [
            Configuration(f"AvgPool{dimensions}d", (*without, ("count_include_pad", counted)))
            for counted in (True, False)
        ]
    return found


def judged(configuration: Configuration) -> dict[str, str]:
    """Return what is said of one configuration."""
    found = equivalent(configuration.module, configuration.reference, timeout=TIMEOUT, why=False)
    row = {"verdict": str(found.verdict), "sizes": found.sizes}
    return row if found.proved else {**row, "reason": found.reason}


def fine(configuration: Configuration, row: dict[str, str]) -> bool:
    """Say whether it is proved as it should be: averages by an adaptive window where sizes divide.

    >>> three = Configuration("AdaptiveAvgPool1d", (("output_size", 3),))
    >>> fine(three, {"verdict": "PROVED_BOUNDED", "sizes": "W a multiple of 3; besides 1×1×2"})
    True
    """
    if row["sizes"] == "all":
        return row["verdict"] == "PROVED"
    outputs = dict(configuration.arguments).get("output_size", 0)
    words = "W even" if outputs == 2 else f"W a multiple of {outputs}"
    return outputs > 1 and row["sizes"].startswith(f"{words};")


def state() -> dict[str, str]:
    """Return what is judged by what."""
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12"],
        capture_output=True, text=True, check=False, cwd=ROOT,
    ).stdout.strip()  # fmt: skip
    return {
        "commit": commit, "python": sys.version.split()[0],
        "torch": torch.__version__.partition("+")[0], "poolproof": version(),
    }  # fmt: skip


def main(argv: list[str] | None = None) -> int:
    """Judge, write down, and say what is otherwise than it should be."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rebuilt_sizes")
    parser.add_argument("--share", type=float, default=1.0, help="a part of them, from 0 to 1")
    parser.add_argument("--seed", default=f"{datetime.now(UTC):%Y-%m-%d}")
    parser.add_argument("--record", type=Path, default=RECORD)
    asked = parser.parse_args(argv)
    every = configurations()
    chosen = random.Random(asked.seed).sample(every, max(1, round(asked.share * len(every))))
    by = state()
    rows: dict[str, dict[str, str]] = {}
    if asked.record.exists():
        before = json.loads(asked.record.read_text(encoding="utf-8"))
        rows = before["rows"] if before["by"] == by else {}
    strange = []
    for number, one in enumerate(chosen, 1):
        if one.name not in rows:
            rows[one.name] = judged(one)
        if not fine(one, rows[one.name]):
            strange.append(one.name)
        if number % 20 == 0 or number == len(chosen):
            print(f"{number} of {len(chosen)}", file=sys.stderr)
            write(asked.record, by, rows, asked.seed, len(every))
    for name in strange:
        print(f"{name}: {rows[name]}")
    return 1 if strange else 0


def write(path: Path, by: dict[str, str], rows: Any, seed: str, of: int) -> None:
    """Write down what was judged."""
    totals = Counter(row["verdict"] for row in rows.values())
    record = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}", "by": by, "seed": seed, "configurations": of,
        "judged": len(rows), "totals": dict(sorted(totals.items())),
        "rows": dict(sorted(rows.items())),
    }  # fmt: skip
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
