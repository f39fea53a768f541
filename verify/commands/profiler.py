"""``verify profiler``: the cost model against torch's profiler, its counter and the hardware."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from verify.commands.options import Commands, UsageError, add_json, complain
from verify.commands.output import targets, write_json
from verify.names import program

if TYPE_CHECKING:
    from verify.measure.finding import Finding
    from verify.measure.notes import Notes

DESCRIPTION = """\
Compare what the cost model predicts with what others count, layer by layer.

  rebuilt poolings    their FLOPs by torch.profiler and by FlopCounterMode
  native poolings     that torch counts them as 0, and, with our formulas installed,
                      that FlopCounterMode counts them as the cost model does
  on a GPU            the launch of each native kernel and, by Nsight Compute's ncu,
                      the instructions that it executes

exit codes:
  0  every count is the predicted one, or was SKIPPED with a reason
  1  some count is not; with --require cuda also if something was SKIPPED
  2  interrupted
  3  a tool reported nothing, or something broke
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
        "has found before it breaks or is stopped is left in FILE with the ending .partial.json",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if options.require and options.device != options.require:
        raise UsageError(f"--require {options.require} needs --device {options.require}")
    if options.record:
        targets(options, record=str(_partial(options)))
    else:
        targets(options)
    try:
        import torch  # noqa: F401 - only to see whether it is here
    except ImportError:
        raise UsageError("profiler needs torch, which is not installed") from None
    from verify.measure.finding import exit_code
    from verify.measure.notes import Notes

    notes = Notes()
    findings = _measured(options, notes)
    code = exit_code(findings, bool(options.require))
    # First of all, since whoever reads the page may stop doing so at any line.
    recorded = not options.record or _record(options, findings, notes)
    from verify.display import profiler as display

    if options.json != "-":
        print(display.page(findings, notes.traffic, notes.timings))
    if options.json:
        write_json(options.json, display.to_dict(findings, notes, options.device, code))
    return code if recorded else code or 1


def _measured(options: argparse.Namespace, notes: Notes) -> list[Finding]:
    """Return all findings, and save what there is after every stage: a run may be stopped."""
    from verify.measure import hardware, measuring, timing

    device = options.device
    # Before torch's profiler has opened the library by which both count.
    counted = list(hardware.hardware_findings(device, notes=notes))
    _save(options, counted, notes)
    findings = [*measuring.torch_findings(device), *counted]
    notes.kernels += measuring.kernels_seen(device)
    _save(options, findings, notes)
    if options.timing and measuring.missing(device) is None:
        for row in timing.timings(device):
            notes.timings.append(row)
            _save(options, findings, notes)
    return findings


def _save(options: argparse.Namespace, findings: list[Finding], notes: Notes) -> None:
    from verify.measure.measuring import missing
    from verify.measure.record import make_partial

    if options.record and missing(options.device) is None:
        partial = make_partial(findings, options.device, _command(options), notes)
        write_json(str(_partial(options)), partial)


def _record(options: argparse.Namespace, findings: list[Finding], notes: Notes) -> bool:
    """Write the record and say whether there is one."""
    from verify.measure.record import make_record

    try:
        record = make_record(findings, options.device, _command(options), notes)
    except ValueError as reason:
        found = f"; what was found is in {_partial(options)}" if _partial(options).exists() else ""
        complain("profiler", f"nothing recorded: {reason}{found}")
        return False
    write_json(options.record, record)
    _partial(options).unlink()
    return True


def _partial(options: argparse.Namespace) -> Path:
    return Path(options.record).with_suffix(".partial.json")


def _command(options: argparse.Namespace) -> str:
    words = [f"{program()} profiler --device", options.device]
    words += ["--require", options.require] if options.require else []
    words += ["--timing"] if options.timing else []
    return " ".join([*words, "--record", shlex.quote(options.record)])
