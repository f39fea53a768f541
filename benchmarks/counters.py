"""What other counters of operations say of pooling layers, beside ours and the truth.

    python benchmarks/counters.py

needs a Python with ``venv`` and no package. It makes an environment for all the counters,
``.venv-counters``, asks each about the same layers in a process of its own, and writes the answers
to ``benchmarks/recorded/counters.json`` and the tables of ``docs/counters.md``, which also says how
to read them. Run it again after any change: the environment is made once per set of versions.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import venv
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
REQUIREMENTS = ROOT / "benchmarks" / "counters-requirements.txt"
RECORD = ROOT / "benchmarks" / "recorded" / "counters.json"
PAGE = ROOT / "docs" / "counters.md"
ENVIRONMENT = ROOT / ".venv-counters"

#: It calls its module ``thop``, as another counter does, so it is kept in a folder of its own.
APART = "ultralytics-thop"

BEGIN, END = "<!-- counters: begin -->\n", "<!-- counters: end -->\n"


def main() -> None:
    """Make the environment, ask every counter, write the record and the page."""
    make_environment()
    record = measure()
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", "utf-8")
    PAGE.write_text(with_tables(PAGE.read_text("utf-8"), record), "utf-8")
    print(speed(record))
    print(f"{RECORD.relative_to(ROOT)} and {PAGE.relative_to(ROOT)} are written")


def make_environment() -> None:
    """Install torch and the counters at their pinned versions, unless that has been done."""
    pins = CONSTRAINTS.read_text("utf-8") + REQUIREMENTS.read_text("utf-8")
    installed = ENVIRONMENT / "installed.txt"
    if installed.exists() and installed.read_text("utf-8") == sys.version + pins:
        return
    print(f"Installing the counters into {ENVIRONMENT.name} (once; torch is large) ...", flush=True)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    venv.create(ENVIRONMENT, with_pip=True)
    (ENVIRONMENT / ".gitignore").write_text("*\n", "utf-8")
    install("setuptools", "numpy", "torch")
    lines = REQUIREMENTS.read_text("utf-8").splitlines()
    required = [line for line in lines if line and not line.startswith("#")]
    alone = ("--no-deps", "--no-build-isolation")
    for requirement in required:
        apart = ("--target", str(ENVIRONMENT / APART)) if requirement.startswith(APART) else ()
        # What does not install is missing when it is asked, and shown so.
        install(*alone, *apart, requirement, check=False)
    installed.write_text(sys.version + pins, "utf-8")


def install(*arguments: str, check: bool = True) -> None:
    """Install into the environment, at the versions of ``constraints.txt``."""
    options = ("--quiet", "--disable-pip-version-check", "-c", str(CONSTRAINTS))
    subprocess.run(
        [python(), "-m", "pip", "install", *options, *arguments],
        check=check, stderr=None if check else subprocess.DEVNULL,
    )  # fmt: skip


def python() -> str:
    """Return the interpreter of the environment."""
    folder, name = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return str(ENVIRONMENT / folder / name)


def measure() -> dict[str, Any]:
    """Return what every counter says of every layer, with what the tables have to tell of it."""
    asked = ask()
    names = asked.pop("counters")
    counters = []
    for name in names:
        print(f"Asking {name} ...", flush=True)
        counters.append(ask(name))
    return {
        "date": date.today().isoformat(),
        "machine": f"{os.cpu_count()} CPU cores, {platform.machine()}, {platform.system()}",
        **asked,
        "counters": counters,
    }


def ask(*counter: str) -> Any:
    """Return what ``benchmarks.other_counters`` prints when run in the environment."""
    folders = [str(ROOT), *([str(ENVIRONMENT / APART)] if APART in counter else [])]
    result = subprocess.run(
        [python(), "-m", "benchmarks.other_counters", *counter],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(reversed(folders))},
    )  # fmt: skip
    if result.returncode != 0:
        sys.exit(f"{result.stderr}\ncounters: asking {' '.join(counter) or 'for layers'} failed")
    return json.loads(result.stdout)


def with_tables(page: str, record: dict[str, Any]) -> str:
    """Return ``page`` with what stands between its marks replaced by the tables of ``record``."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + tables(record) + END + rest.split(END)[1]


def tables(record: dict[str, Any]) -> str:
    """Return the generated part of the page."""
    layers, counters = record["layers"], record["counters"]
    tiled = sum(layer["truth"]["tiled"] for layer in layers)
    parts = [
        f"Measured on {record['date']} with Python {record['python']} and torch "
        f"{record['torch']} on {record['machine']}.",
        speed(record),
        "## Who is right",
        table(
            [
                "counter",
                "version",
                "counts in",
                f"right, of {len(layers)}",
                f"where windows tile, of {tiled}",
                f"where not, of {len(layers) - tiled}",
                "time per count",
                "on meta tensors",
                "times ours",
            ],
            [our_summary(record), *(summary(layers, counter) for counter in counters)],
        ),
        "## The layers",
        table(
            [
                "",
                "where",
                "layer",
                "input",
                "windows tile",
                "taps",
                "outputs",
                "operations",
                "ours",
            ],
            [
                [
                    str(number),
                    layer["where"],
                    f"`{layer['layer']}`",
                    " × ".join(map(str, layer["shape"])),
                    "yes" if layer["truth"]["tiled"] else "no",
                    f"{layer['truth']['taps']:,}",
                    f"{layer['truth']['outputs']:,}",
                    f"{layer['truth']['operations']:,}",
                    marked(layer, {"answer": layer["ours"]}),
                ]
                for number, layer in enumerate(layers, 1)
            ],
        ),
        "## What each says",
        "By the number of the layer.",
        table(
            ["counter", *(str(number) for number in range(1, len(layers) + 1))],
            [
                ["**operations**", *(f"{layer['truth']['operations']:,}" for layer in layers)],
                ["**ours**", *(marked(layer, {"answer": layer["ours"]}) for layer in layers)],
                *(
                    [counter["name"], *map(marked, layers, counter["layers"])]
                    for counter in counters
                ),
            ],
        ),
        *errors(counters),
    ]
    return "\n\n".join(parts) + "\n"


def table(head: list[str], rows: Iterable[list[str]]) -> str:
    """Return a Markdown table."""
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))


def summary(layers: list[dict[str, Any]], counter: dict[str, Any]) -> list[str]:
    """Return how often a counter is right, and how long it takes."""
    timed = [says for says in counter["layers"] if "seconds" in says]
    on_meta = sum(says["device"] == "meta" for says in timed)
    time = f"{median(timed, 'seconds') * 1e6:,.0f} µs" if timed else "–"
    return [
        counter["name"],
        counter["version"] or "–",
        counter["unit"],
        *scores(layers, counter["layers"]),
        time,
        f"{on_meta} of {len(timed)}" if timed else "–",
        f"{times_ours(counter):,.0f}" if timed else "–",
    ]


def our_summary(record: dict[str, Any]) -> list[str]:
    """Return the same for the cost model."""
    layers = record["layers"]
    timed = [says for counter in record["counters"] for says in counter["layers"]]
    timed = [says for says in timed if "seconds" in says]
    return [
        "**ours**",
        "",
        "operations",
        *scores(layers, [{"answer": layer["ours"]} for layer in layers]),
        f"{median(timed, 'our_seconds') * 1e6:,.0f} µs "
        f"({median(timed, 'our_seconds_by_name') * 1e6:,.0f} µs by the operator's name)",
        "no tensor",
        "1",
    ]


def scores(layers: list[dict[str, Any]], says: list[dict[str, Any]]) -> list[str]:
    """Return how many answers are right: in all, where windows tile the input, and where not."""
    right = [is_right(layer, said) for layer, said in zip(layers, says, strict=True)]
    tiled = [layer["truth"]["tiled"] for layer in layers]
    where_tiled = sum(a and b for a, b in zip(right, tiled, strict=True))
    return [str(sum(right)), str(where_tiled), str(sum(right) - where_tiled)]


def is_right(layer: dict[str, Any], says: dict[str, Any]) -> bool:
    """Return whether an answer is the true one, in any of the three ways to mean it.

    The number of operations; the same if every window starts with a value of its own, to which
    its first tap is added or compared; or the taps.
    """
    truth = layer["truth"]
    accepted = (truth["operations"], truth["operations"] + truth["outputs"], truth["taps"])
    return says.get("answer") in accepted


def marked(layer: dict[str, Any], says: dict[str, Any]) -> str:
    """Return an answer and whether it is right, or the kind of error that came in its place."""
    if "error" in says:
        return f"error: {says['error'].partition(':')[0]}"
    return f"{says['answer']:,} {'✓' if is_right(layer, says) else '✗'}"


def errors(counters: list[dict[str, Any]]) -> list[str]:
    """Return a section with every error in full, if there is one."""
    found: dict[str, list[int]] = {}
    for counter in counters:
        for number, says in enumerate(counter["layers"], 1):
            if "error" in says:
                found.setdefault(f"{counter['name']}: `{says['error']}`", []).append(number)
    if not found:
        return []
    lines = (f"- {error} (on {', '.join(map(str, numbers))})" for error, numbers in found.items())
    return ["## Errors", "\n".join(lines)]


def speed(record: dict[str, Any]) -> str:
    """Return a sentence about the fastest counter that does without the elements."""
    without = [
        counter
        for counter in record["counters"]
        if all(says.get("device") == "meta" for says in counter["layers"])
    ]
    fastest = min(without, key=times_ours)
    return (
        f"The fastest of the other counters on meta tensors, {fastest['name']}, takes "
        f"{times_ours(fastest):.1f} times as long as ours, given the same layer; "
        f"{times_ours(fastest, 'our_seconds_by_name'):.1f} times, given the operator's name."
    )


def times_ours(counter: dict[str, Any], ours: str = "our_seconds") -> float:
    """Return the median, over the layers, of a counter's time in units of ours beside it."""
    timed = [says for says in counter["layers"] if "seconds" in says]
    return float(statistics.median(says["seconds"] / says[ours] for says in timed))


def median(timed: list[dict[str, Any]], name: str) -> float:
    """Return the median of one of the times."""
    return float(statistics.median(says[name] for says in timed))


if __name__ == "__main__":
    main()
