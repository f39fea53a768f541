"""Hardware counts of single kernels, by Nsight Compute's command line ``ncu``.

The report is the tool's raw page as CSV: a line of column names, a line of units, and a line for
each launch with a column for each metric. A metric by opcode is written as its total and, in
parentheses, its parts: ``12 (FADD: 8; IMAD: 4)``.

Source: Nsight Compute, command line documentation (``--page raw``, ``--csv``,
``--print-metric-instances details``, ``--print-units base``).
"""

import csv
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from glob import glob
from pathlib import Path
from typing import NamedTuple

from verify.measure.finding import MissingError, NothingCountedError
from verify.measure.layers import Layer

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

#: What it says of a metric that the card does not have.
_NO_METRIC = re.compile(
    r"[Ff]ailed to find metric|[Uu]nknown metric|metrics? .*not (found|available)"
)

#: Some tens of seconds are usual. Whoever has ten minutes for a run still has most of them.
SECONDS = 200.0
#: Where the tool is installed, if it is not on the PATH: the toolkit's folders and its own.
FOLDERS = (
    "/usr/local/cuda*/bin",
    "/usr/local/cuda*/nsight-compute*",
    "/opt/nvidia/nsight-compute/*",
    "/opt/nvidia/hpc_sdk/*/*/compilers/bin",
)
#: Where our packages are, for the program that ncu runs.
_ROOT = Path(__file__).resolve().parents[2]


class KernelCounts(NamedTuple):
    """What the hardware counted of one launch.

    Attributes:
        kernel: The name of the kernel.
        grid: Blocks along x, y and z.
        block: Threads of a block along x, y and z.
        values: What the report says of each metric, by its name.
    """

    kernel: str
    grid: tuple[int, ...]
    block: tuple[int, ...]
    values: Mapping[str, str]

    @property
    def opcodes(self) -> dict[str, int]:
        """Opcode → executions by all threads together.

        Raises:
            MissingError: There is no count by opcode.
            NothingCountedError: It cannot be read.
        """
        text = self.values[PER_OPCODE]
        if not re.match(r"[\d,]+", text):
            raise MissingError(f"ncu gave no count by opcode for {self.kernel}: {text!r}")
        return instances(text)

    @property
    def metrics(self) -> dict[str, int]:
        """The other metrics by name; one that has no value is left out.

        Raises:
            NothingCountedError: A count that is not whole.
        """
        return {
            metric: _number(text)
            for metric, text in self.values.items()
            if metric != PER_OPCODE and re.match(r"\d", text)
        }


class Output(NamedTuple):
    """What a run of ``ncu`` left.

    Attributes:
        report: Its report.
        said: What it and the program that it ran have printed.
        code: Its exit code, ``None`` if it was stopped.
    """

    report: str
    said: str
    code: int | None

    @property
    def everything(self) -> str:
        """The report and all that was printed."""
        return f"{self.report}\n{self.said}"


def find_ncu() -> str:
    """Return the path of ``ncu``: ``$NCU``, on the PATH, or where the toolkit and it are installed.

    Raises:
        MissingError: It is in none of these, or ``$NCU`` is no program.
    """
    named = os.environ.get("NCU")
    if named:
        path = shutil.which(named)
        if path is None:
            raise MissingError(f"$NCU is no program: {named!r}")
        return path
    path = shutil.which("ncu")
    if path is not None:
        return path
    homes = (os.environ.get(name) for name in ("CUDA_HOME", "CUDA_PATH"))
    patterns = [str(Path(home, "bin")) for home in homes if home] + list(FOLDERS)
    # The newest of several versions, as far as their names sort so.
    places = (place for pattern in patterns for place in sorted(glob(pattern), reverse=True))
    for place in places:
        found = shutil.which("ncu", path=place)
        if found is not None:
            return found
    raise MissingError(
        "ncu, the command line of Nsight Compute, is not on the PATH, in $NCU, "
        "nor in the folders of the CUDA toolkit and of Nsight Compute"
    )


def version(ncu: str) -> str:
    """Return the version that ``ncu`` prints of itself, in one line."""
    shown = subprocess.run(
        [ncu, "--version"], capture_output=True, text=True, check=False, timeout=60
    )
    found = re.search(r"Version (\S+)", shown.stdout)
    return found[1] if found else " ".join(shown.stdout.split())


def command(ncu: str, layers: Path, report: Path, metrics: Sequence[str] = METRICS) -> list[str]:
    """Return how ``ncu`` is called. Clocks are left as they are: counts do not depend on them."""
    return [
        ncu,
        *("--csv", "--page", "raw"),
        *("--print-metric-instances", "details"),
        *("--print-units", "base"),
        *("--clock-control", "none"),
        *("--profile-from-start", "off"),
        *("--metrics", ",".join(metrics)),
        *("--log-file", str(report)),
        *(sys.executable, "-m", "verify.measure.launcher", str(layers)),
    ]


def run(layers: Sequence[Layer], seconds: float = SECONDS) -> Output:
    """Run every layer under ``ncu``, all of them in one run, and return what it left.

    If the card lacks one of the metrics, the count by opcode alone is asked for again.

    Args:
        layers: What to run.
        seconds: How long it may take, both runs together.

    Raises:
        MissingError: No ``ncu``.
    """
    ncu = find_ncu()
    end = time.monotonic() + seconds
    output = _once(ncu, layers, METRICS, seconds)
    if output.code and _NO_METRIC.search(output.everything) and time.monotonic() < end:
        again = _once(ncu, layers, (PER_OPCODE,), end - time.monotonic())
        # Kept, but marked, so that nobody takes the first run's complaints for the second's.
        before = "\n".join(f"before: {line}" for line in output.everything.splitlines())
        return again._replace(said=f"{before}\n{again.said}")
    return output


def _once(ncu: str, layers: Sequence[Layer], metrics: Sequence[str], seconds: float) -> Output:
    with tempfile.TemporaryDirectory() as folder:
        listed, report = Path(folder, "layers.json"), Path(folder, "report.csv")
        listed.write_text(json.dumps([layer.to_dict() for layer in layers]), encoding="utf-8")
        said, code = _said(command(ncu, listed, report, metrics), seconds)
        written = report.read_text(encoding="utf-8") if report.exists() else ""
    return Output(written, said, code)


def _said(arguments: Sequence[str], seconds: float) -> tuple[str, int | None]:
    """Return what a program prints, and its exit code, ``None`` if it takes too long."""
    found = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, found))}
    with subprocess.Popen(
        arguments,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        # A group of its own, so that the program that ncu runs is stopped together with it.
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
            return said, process.returncode
        except subprocess.TimeoutExpired:
            return _stopped(process), None
        except BaseException:
            _stopped(process)
            raise


def _stopped(process: subprocess.Popen[str]) -> str:
    """Stop a program with all that it has started, and return what it printed."""
    os.killpg(process.pid, signal.SIGKILL)
    said, _ = process.communicate()
    return said


def read(output: Output, layers: Sequence[Layer]) -> list[list[KernelCounts]]:
    """Return the counts of every kernel that each layer launches.

    Raises:
        MissingError: No permission, no counters.
        NothingCountedError: It failed or was stopped, or its report is not one of these layers.
    """
    if output.code is None:
        raise NothingCountedError("ncu took longer than the run allows it")
    refuse_failure(output.everything, output.code)
    return by_layer(parse(output.report), layers)


def refuse_failure(output: str, code: int) -> None:
    """Raise if ``ncu`` says that it could not count.

    >>> refuse_failure("==ERROR== ERR_NVGPUCTRPERM - The user has no permission", 1)
    Traceback (most recent call last):
    ...
    verify.measure.finding.MissingError: ncu: ERR_NVGPUCTRPERM - The user has no permission
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
        NothingCountedError: No table, or no launch in it.
    """
    lines = [line for line in report.splitlines() if line.startswith('"')]
    rows = list(csv.DictReader(lines))
    launches = [row for row in rows if row.get("ID")]  # the line of units has no ID
    if not launches or "Kernel Name" not in launches[0]:
        raise NothingCountedError("the report of ncu has no launch in it")
    return [_launch(row) for row in launches]


def _launch(row: Mapping[str, str]) -> KernelCounts:
    values = {metric: (row.get(metric) or "").strip() for metric in METRICS}
    return KernelCounts(
        row["Kernel Name"],
        _sizes(row.get("Grid Size") or ""),
        _sizes(row.get("Block Size") or ""),
        values,
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
    """Return the launches of each layer: those between two waits, none if it could not be run.

    Raises:
        NothingCountedError: Another number of layers.
    """
    groups: list[list[KernelCounts]] = []
    for counts in launches:
        if SEPARATOR in counts.kernel:
            groups.append([])
        elif groups:
            groups[-1].append(counts)
    groups = groups[:-1]  # after the last wait there is nothing
    if len(groups) != len(layers):
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
