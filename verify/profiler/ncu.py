"""Hardware counts of single kernels, by Nsight Compute's command line ``ncu``.

The report is the tool's raw page as CSV: a line of column names, a line of units, and a line for
each launch with a column for each metric. A metric by opcode is written as its total and, in
parentheses, its parts: ``12 (FADD: 8; IMAD: 4)``.

Source: Nsight Compute, command line documentation (``--page raw``, ``--csv``,
``--print-metric-instances details``, ``--print-units base``).
"""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from verify.profiler.finding import MissingError, NothingCountedError
from verify.profiler.layers import Layer

#: Thread-level instructions whose predicate was true, by opcode.
PER_OPCODE = "sass__thread_inst_executed_true_per_opcode"
#: The same for three opcodes, counted by other hardware: they have to agree.
BY_OPCODE = {
    opcode: f"smsp__sass_thread_inst_executed_op_{opcode.lower()}_pred_on.sum"
    for opcode in ("FADD", "FMUL", "FFMA")
}
#: Bytes that crossed the memory bus.
TRAFFIC = {"read": "dram__bytes_read.sum", "written": "dram__bytes_write.sum"}
METRICS = (PER_OPCODE, *BY_OPCODE.values(), *TRAFFIC.values())

#: The kernel of ``torch.cuda._sleep``, which stands between two layers.
SEPARATOR = "spin_kernel"

#: What the tool says where the machine does not let it count, and nothing is wrong with the check.
_NOT_PERMITTED = ("ERR_NVGPUCTRPERM", "LibraryNotLoaded", "No kernels were profiled")

_SECONDS = 540.0


class KernelCounts(NamedTuple):
    """What the hardware counted of one launch.

    Attributes:
        kernel: The name of the kernel.
        grid: Blocks along x, y and z.
        block: Threads of a block along x, y and z.
        opcodes: Opcode → executions by all threads together.
        metrics: The other metrics by name; one that has no value is left out.
    """

    kernel: str
    grid: tuple[int, ...]
    block: tuple[int, ...]
    opcodes: Mapping[str, int]
    metrics: Mapping[str, int]


def find_ncu() -> str:
    """Return the path of ``ncu``.

    Raises:
        MissingError: It is not on the PATH.
    """
    path = shutil.which("ncu")
    if path is None:
        raise MissingError("ncu, the command line of Nsight Compute, is not on the PATH")
    return path


def version(ncu: str) -> str:
    """Return the version that ``ncu`` prints of itself, in one line."""
    shown = subprocess.run([ncu, "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"Version (\S+)", shown.stdout)
    return found[1] if found else " ".join(shown.stdout.split())


def command(ncu: str, layers: Path, report: Path) -> list[str]:
    """Return how ``ncu`` is called. Clocks are left as they are: counts do not depend on them."""
    return [
        ncu,
        *("--csv", "--page", "raw"),
        *("--print-metric-instances", "details"),
        *("--print-units", "base"),
        *("--clock-control", "none"),
        *("--profile-from-start", "off"),
        *("--metrics", ",".join(METRICS)),
        *("--log-file", str(report)),
        *(sys.executable, "-m", "verify.profiler.launcher", str(layers)),
    ]


def measure(layers: Sequence[Layer]) -> list[list[KernelCounts]]:
    """Return the counts of every kernel that each layer launches.

    Raises:
        MissingError: No ``ncu``, no permission, no counters.
        NothingCountedError: It ran, and its report is not one of these layers.
    """
    ncu = find_ncu()
    with tempfile.TemporaryDirectory() as folder:
        listed, report = Path(folder, "layers.json"), Path(folder, "report.csv")
        listed.write_text(json.dumps([layer.to_dict() for layer in layers]), encoding="utf-8")
        try:
            done = subprocess.run(
                command(ncu, listed, report),
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NothingCountedError(f"ncu took longer than {_SECONDS:.0f} s") from None
        written = report.read_text(encoding="utf-8") if report.exists() else ""
    refuse_failure("\n".join((written, done.stdout, done.stderr)), done.returncode)
    return by_layer(parse(written), layers)


def refuse_failure(output: str, code: int) -> None:
    """Raise if ``ncu`` says that it could not count.

    >>> refuse_failure("==ERROR== ERR_NVGPUCTRPERM - The user has no permission", 1)
    Traceback (most recent call last):
    ...
    verify.profiler.finding.MissingError: ncu: ERR_NVGPUCTRPERM - The user has no permission
    """
    complaints = [
        line.split("==", 2)[2].strip()
        for line in output.splitlines()
        if line.startswith(("==ERROR==", "==WARNING=="))
    ]
    for complaint in complaints:
        if any(sign in complaint for sign in _NOT_PERMITTED):
            raise MissingError(f"ncu: {complaint}")
    if code:
        words = complaints or output.split("\n")[-5:]
        raise NothingCountedError(
            f"ncu ended with code {code}: {' '.join(' '.join(words).split())}"
        )


def parse(report: str) -> list[KernelCounts]:
    """Return the launches in a report, in order.

    Raises:
        MissingError: A launch without a count by opcode.
        NothingCountedError: No table, or no launch in it.
    """
    lines = [line for line in report.splitlines() if line.startswith('"')]
    rows = list(csv.DictReader(lines))
    launches = [row for row in rows if row.get("ID")]  # the line of units has no ID
    if not launches or "Kernel Name" not in launches[0]:
        raise NothingCountedError("the report of ncu has no launch in it")
    return [_launch(row) for row in launches]


def _launch(row: Mapping[str, str]) -> KernelCounts:
    name = row["Kernel Name"]
    values = {metric: (row.get(metric) or "").strip() for metric in METRICS}
    if not re.match(r"[\d,]+", values[PER_OPCODE]):
        raise MissingError(f"ncu gave no count by opcode for {name}: {values[PER_OPCODE]!r}")
    metrics = {
        metric: _number(text)
        for metric, text in values.items()
        if metric != PER_OPCODE and re.match(r"\d", text)
    }
    return KernelCounts(
        name,
        _sizes(row["Grid Size"]),
        _sizes(row["Block Size"]),
        instances(values[PER_OPCODE]),
        metrics,
    )


def instances(text: str) -> dict[str, int]:
    """Return the parts of a metric by opcode.

    Raises:
        NothingCountedError: No parts, or parts that do not add up to the total.

    >>> instances("12 (FADD: 8; IMAD: 4)")
    {'FADD': 8, 'IMAD': 4}
    """
    match = re.fullmatch(r"([\d,.]+) \((.*)\)", text)
    if match is None:
        raise NothingCountedError(f"ncu gave a total without its opcodes: {text!r}")
    parts = [part.rsplit(":", 1) for part in match[2].split(";")]
    found = {name.strip(): _number(count) for name, count in parts}
    if sum(found.values()) != _number(match[1]):
        raise NothingCountedError(f"opcodes do not add up to their total: {text!r}")
    return found


def by_layer(launches: Sequence[KernelCounts], layers: Sequence[Layer]) -> list[list[KernelCounts]]:
    """Return the launches of each layer: those between two waits.

    Raises:
        NothingCountedError: Another number of layers, or a layer without a launch.
    """
    groups: list[list[KernelCounts]] = []
    for counts in launches:
        if SEPARATOR in counts.kernel:
            groups.append([])
        elif groups:
            groups[-1].append(counts)
    groups = groups[:-1]  # after the last wait there is nothing
    if len(groups) != len(layers) or not all(groups):
        sizes = ", ".join(str(len(group)) for group in groups) or "none"
        raise NothingCountedError(
            f"the report has launches for {len(groups)} layers instead of {len(layers)}: {sizes}"
        )
    return groups


def _number(text: str) -> int:
    """Return a count: whole, perhaps with separators of thousands or a fraction of zero.

    >>> _number("1,784,896"), _number("12.00")
    (1784896, 12)
    """
    value = float(text.strip().replace(",", ""))
    if not value.is_integer():
        raise NothingCountedError(f"a count must be whole, got {text!r}")
    return int(value)


def _sizes(text: str) -> tuple[int, ...]:
    """Return the sizes in ``(392, 1, 1)`` or ``392, 1, 1``."""
    return tuple(int(size) for size in re.findall(r"\d+", text))
