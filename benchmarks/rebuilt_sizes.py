"""The project's own rebuilds, each configuration judged at every size.

    python -m benchmarks.rebuilt_sizes

judges all of them, a quarter of an hour, and writes ``benchmarks/rebuilt_sizes.json``: over one
axis every kernel up to 5, stride up to 3, padding up to half the kernel, dilation up to 2 and both
ways of rounding, in every scheme; over two axes a draw of such. Adaptive averages are proved where
sizes divide. An adaptive maximum takes tap by tap, as many as a size says: so it is proved at sizes
one by one, which the table says as well.
``--share`` judges a part of them, drawn by ``--seed``, ``--only`` those whose names hold a text. A
row of ``--record`` says by which commit it was judged; what was by this one is kept, so that a run
that was stopped goes on.
"""

from __future__ import annotations

import argparse
import json
import random
import re
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
#: Windows over two axes whose dilated averages are taken.
IN_TWO_DILATED = 6
#: Seconds for one verdict.
TIMEOUT = 300.0
#: Schemes of a maximum: what it is made with besides its window.
SCHEMES: tuple[dict[str, Any], ...] = (
    {"scheme": "fold"}, {"scheme": "tree"}, {"scheme": "separable"}, {"scheme": "shallow"},
    {"scheme": "fold", "skips": False}, {"scheme": "tree", "skips": False},
)  # fmt: skip
#: Those of them that an adaptive maximum has.
SEVERAL = ("fold", "tree", "separable")


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
    return found + dilated() + adaptive()


def dilated() -> list[Configuration]:
    """Return averages of dilated windows: all over one axis, some over two."""
    every = [window for window in windows() if window["dilation"] == 2]
    pairs = random.Random(3).sample(every, 2 * IN_TWO_DILATED)
    both = [
        {key: (rows[key], columns[key]) for key in rows} | {"ceil_mode": rows["ceil_mode"]}
        for rows, columns in zip(pairs[::2], pairs[1::2], strict=True)
    ]
    return [
        Configuration(layer, (*window.items(), ("count_include_pad", counted)))
        for layer, some in (("AvgPool1d", every), ("AvgPool2d", both))
        for window in some for counted in (True, False)
    ]  # fmt: skip


def adaptive() -> list[Configuration]:
    """Return poolings to so many outputs, maxima in every scheme that they have."""
    one, two = range(1, 6), (1, 2, 3, (1, 2), (3, 2), (None, 1), (3, None))
    outputs = {"1d": one, "2d": two}
    found = [
        Configuration(f"AdaptiveAvgPool{rank}", (("output_size", n),))
        for rank, given in outputs.items() for n in given
    ]  # fmt: skip
    return found + [
        Configuration(f"AdaptiveMaxPool{rank}", (("output_size", n),), (("scheme", scheme),))
        for rank, given in outputs.items() for n in given[:3] for scheme in SEVERAL
    ]  # fmt: skip


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
    """Say whether it is proved as it should be.

    Adaptive averages are where sizes divide, adaptive maxima at several sizes, one by one.

    >>> three = Configuration("AdaptiveAvgPool1d", (("output_size", 3),))
    >>> fine(three, {"verdict": "PROVED_BOUNDED", "sizes": "W a multiple of 3; besides 1×1×2"})
    True
    """
    words = divided(configuration)
    if configuration.layer.startswith("AdaptiveMaxPool"):
        several = re.fullmatch(r"\d\d+ sizes up to .*", row["sizes"])
        return row["verdict"] == "PROVED_BOUNDED" and several is not None
    if not words:
        return (row["verdict"], row["sizes"]) == ("PROVED", "all")
    return row["verdict"] == "PROVED_BOUNDED" and row["sizes"].startswith(f"{words};")


def divided(configuration: Configuration) -> str:
    """Return in words which sizes an adaptive pooling divides, none if it divides all.

    >>> divided(Configuration("AdaptiveAvgPool2d", (("output_size", (3, 2)),)))
    'H a multiple of 3, W even'
    """
    outputs = dict(configuration.arguments).get("output_size", 1)
    letters = "W" if configuration.layer.endswith("1d") else "HW"
    each = outputs if isinstance(outputs, tuple) else (outputs,) * len(letters)
    said: dict[str, list[str]] = {}
    for letter, n in zip(letters, each, strict=True):
        if n not in (1, None):
            said.setdefault("even" if n == 2 else f"a multiple of {n}", []).append(letter)
    return ", ".join(f"{' and '.join(some)} {words}" for words, some in said.items())


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
    parser.add_argument("--only", default="", help="a part of the name")
    asked = parser.parse_args(argv)
    every = [one for one in configurations() if asked.only in one.name]
    if not every:
        parser.error(f"argument --only: no name holds {asked.only!r}")
    chosen = random.Random(asked.seed).sample(every, max(1, round(asked.share * len(every))))
    by = state()
    rows: dict[str, dict[str, str]] = {}
    if asked.record.exists():
        rows = json.loads(asked.record.read_text(encoding="utf-8"))["rows"]
    strange = []
    for number, one in enumerate(chosen, 1):
        if rows.get(one.name, {}).get("commit") != by["commit"]:
            rows[one.name] = {**judged(one), "commit": by["commit"]}
        if not fine(one, rows[one.name]):
            strange.append(one.name)
        if number % 20 == 0 or number == len(chosen):
            print(f"{number} of {len(chosen)}", file=sys.stderr)
            write(asked.record, by, rows, asked.seed)
    for name in strange:
        print(f"{name}: {rows[name]}")
    return 1 if strange else 0


def write(path: Path, by: dict[str, str], judged_rows: Any, seed: str) -> None:
    """Write down what was judged."""
    names = {one.name for one in configurations()}
    rows = {name: row for name, row in judged_rows.items() if name in names}
    totals = Counter(row["verdict"] for row in rows.values())
    record = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}", "by": by, "seed": seed,
        "configurations": len(names), "judged": len(rows), "totals": dict(sorted(totals.items())),
        "rows": dict(sorted(rows.items())),
    }  # fmt: skip
    path.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
