"""``verify profiler``: the cost model against torch's profiler, its counter and the hardware."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from verify.commands.options import Commands, UsageError, add_json, complain
from verify.commands.output import targets, write_json
from verify.names import program

if TYPE_CHECKING:
    from verify.measure.finding import Finding

DESCRIPTION = """\
Compare what the cost model predicts with what others count, layer by layer.

  rebuilt poolings    their FLOPs by torch.profiler and by FlopCounterMode
  native poolings     that torch counts them as 0, and, with our formulas installed,
                      that FlopCounterMode counts them as the cost model does
  on a GPU            the launch of each native kernel and, by Nsight Compute's ncu,
                      the instructions that it executes

exit codes:
  0  every count is the predicted one, or was SKIPPED with a reason
  1  some count is not; with --require cuda also if something was SKIPPED; with --record also
     if something broke, which is in the record
  2  interrupted
  3  a tool reported nothing, or something broke, and there is no record
  4  wrong usage
"""


def add(commands: Commands) -> None:
    """Add the command's parser."""
    parser = commands.add_parser(
        "profiler",
        help="the cost model against torch's profiler and hardware counts",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--device",
        choices=("cpu", "cuda"),
        default="cpu",
        help="where the layers run (default: cpu)",
    )
    parser.add_argument(
        "--require",
        choices=("cuda",),
        help="fail if there is no GPU, or if its counters cannot be read",
    )
    parser.add_argument(
        "--timing",
        action="store_true",
        help="also time native, rebuilt and compiled poolings beside a large copy, and a sweep",
    )
    add_json(parser)
    parser.add_argument(
        "--record",
        metavar="FILE",
        help="write all counts as a record, to be held against the formulas later; what a run "
        "has found so far is all the while in FILE with the ending .partial.json",
    )
    parser.add_argument(
        "--from",
        dest="partial",
        metavar="FILE",
        help="measure nothing, but make the record of what a run left in FILE.partial.json, "
        "judged by today's formulas and names of kernels",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if options.require and options.device != options.require:
        raise UsageError(f"--require {options.require} needs --device {options.require}")
    if options.partial and not options.record:
        raise UsageError("--from needs --record FILE, which it writes")
    if options.record:
        targets(options, record=str(_partial(options)))
    else:
        targets(options)
    try:
        import torch  # noqa: F401 - only to see whether it is here
    except ImportError:
        raise UsageError("profiler needs torch, which is not installed") from None
    from verify.display import profiler as display
    from verify.measure.finding import exit_code

    measured = _Run(options)
    if options.partial:
        measured.read()
    else:
        measured.measure()
    code = exit_code(measured.findings, bool(options.require))
    # First of all, since whoever reads the page may stop doing so at any line.
    recorded = not options.record or measured.record()
    if options.record and recorded:
        # What broke is in the record, as a deviation; nothing is lost.
        code = min(code, 1)
    notes = measured.notes
    if options.json != "-":
        print(display.page(measured.findings, notes.traffic, notes.timings))
    if options.json:
        write_json(options.json, display.to_dict(measured.findings, notes, measured.device, code))
    return code if recorded else code or 1


#: How long a run on a GPU may take: who has ten minutes has time to fetch what it wrote.
_LIMIT = 480.0


class _Run:
    """The findings of a run, each saved when it is made: a run may be stopped at any time."""

    def __init__(self, options: argparse.Namespace) -> None:
        from verify.measure.notes import Notes

        self.options = options
        self.device: str = options.device
        self.findings: list[Finding] = []
        self.notes = Notes()
        self.head: dict[str, Any] | None = None
        self.started = time.monotonic()

    @property
    def late(self) -> bool:
        """Whether the time of a run on a GPU is over."""
        return self.device == "cuda" and time.monotonic() - self.started > _LIMIT

    def read(self) -> None:
        """Take what another run has left."""
        from verify.measure.partial import rejudged

        try:
            partial = json.loads(Path(self.options.partial).read_text(encoding="utf-8"))
            self.findings, self.notes = rejudged(partial)
        except OSError as error:
            raise UsageError(f"cannot read {self.options.partial}: {error.strerror}") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f"{self.options.partial} is no partial file: {error}") from None
        self.head = partial
        self.device = partial["device"]["type"]

    def measure(self) -> None:
        """Measure all there is, what is worth most first."""
        from verify.measure import hardware, measuring, timing
        from verify.measure.checks import CHECKS
        from verify.measure.layers import LAYERS
        from verify.measure.ncu import SECONDS

        device = self.device
        # Before torch's profiler has opened the library by which both count.
        first = [layer for layer in LAYERS if layer.name in hardware.FIRST]
        others = [layer for layer in LAYERS if layer.name not in hardware.FIRST]
        left = SECONDS
        for layers in (first, others):
            begun = time.monotonic()
            found = hardware.hardware_findings(
                device, layers=layers, notes=self.notes, seconds=left
            )
            self.take(f"hardware counts of {len(layers)} layers", found)
            left -= time.monotonic() - begun
            if left < SECONDS / 10 or any(one.layer is None for one in self.findings):
                break
        self.take("counts by torch", measuring.torch_findings(device))
        self.skip_what_is_left()
        for kernel in measuring.kernels_seen(device):
            if self.late:
                break
            self.notes.kernels.append(kernel)
        self.save()
        if self.options.timing and measuring.missing(device) is None:
            begun = time.monotonic()
            for row in timing.timings(device):
                self.notes.timings.append(row)
                self.save()
                if self.late:
                    break
            self.say("times", len(self.notes.timings), begun)
        # In the order of the report, whatever was asked first.
        self.findings.sort(key=lambda finding: list(CHECKS).index(finding.check))

    def take(self, stage: str, findings: Iterable[Finding]) -> None:
        """Save each finding as it comes, and say what the stage was."""
        begun, before = time.monotonic(), len(self.findings)
        for finding in findings:
            self.findings.append(finding)
            self.save()
            if self.late:
                break
        words = Counter(finding.status for finding in self.findings[before:])
        if words:
            counts = ", ".join(f"{count} {word}" for word, count in words.items())
            self.say(stage, counts, begun)

    def say(self, stage: str, found: Any, begun: float) -> None:
        """Print a line on a stage that is over, in runs that somebody waits for."""
        if self.device == "cuda" or self.options.record:
            seconds = time.monotonic() - begun
            print(f"profiler: {stage}: {found} ({seconds:.0f} s)", file=sys.stderr, flush=True)

    def skip_what_is_left(self) -> None:
        """Note what there was no time for."""
        from verify.measure.checks import CHECKS, NCU
        from verify.measure.finding import SKIPPED, Finding

        if not self.late:
            return
        made = {finding.check for finding in self.findings}
        reason = f"the {_LIMIT:.0f} s of the run were over"
        self.findings += [
            Finding(name, check.tools[0], None, SKIPPED, reason=reason)
            for name, check in CHECKS.items()
            if name not in made and self.device in check.devices and NCU not in check.tools
        ]

    def save(self) -> None:
        """Write what there is beside the record, in one step: a reader finds all or the last."""
        from verify.measure.measuring import missing
        from verify.measure.record import make_partial

        if self.options.record and missing(self.device) is None:
            partial = make_partial(self.findings, self.device, _command(self.options), self.notes)
            path = _partial(self.options)
            unfinished = path.with_suffix(".unfinished")
            write_json(str(unfinished), partial)
            unfinished.replace(path)

    def record(self) -> bool:
        """Write the record and say whether there is one."""
        from verify.measure.finding import ERROR
        from verify.measure.record import make_record

        path = _partial(self.options)
        try:
            record = make_record(
                self.findings, self.device, _command(self.options), self.notes, self.head
            )
        except ValueError as reason:
            found = f"; what was found is in {path}" if path.exists() else ""
            complain("profiler", f"nothing recorded: {reason}{found}")
            return False
        write_json(self.options.record, record)
        # Of what broke a record can be made again, once it is known why.
        broken = any(finding.status == ERROR for finding in self.findings)
        if not self.options.partial and not broken:
            path.unlink()
        return True


def _partial(options: argparse.Namespace) -> Path:
    return Path(options.record).with_suffix(".partial.json")


def _command(options: argparse.Namespace) -> str:
    words = [f"{program()} profiler"]
    words += ["--from", shlex.quote(options.partial)] if options.partial else []
    words += ["--device", options.device] if not options.partial else []
    words += ["--require", options.require] if options.require else []
    words += ["--timing"] if options.timing else []
    return " ".join([*words, "--record", shlex.quote(options.record)])
