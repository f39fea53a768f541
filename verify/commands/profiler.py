"""``verify profiler``: the cost model against torch's profiler, its counter and the hardware."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from typing import TYPE_CHECKING, Any

from verify.commands.options import Commands, UsageError, targets, write

if TYPE_CHECKING:
    from verify.profiler.finding import Finding
    from verify.profiler.hardware import Traffic
    from verify.profiler.timing import Timing

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
        help="also time native, rebuilt and compiled poolings beside a large copy",
    )
    parser.add_argument("--json", metavar="FILE", help="write the report as JSON; - for stdout")
    parser.add_argument(
        "--record",
        metavar="FILE",
        help="write all counts as a record, to be held against the formulas later",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command and return its exit code."""
    if options.require and options.device != options.require:
        raise UsageError(f"--require {options.require} needs --device {options.require}")
    if options.record == "-":
        raise UsageError("--record needs the name of a file")
    targets(argparse.Namespace(json=options.json, junit=options.record))
    from verify.profiler.finding import exit_code

    findings, traffic = _findings(options.device)
    timings = _timings(options)
    code = exit_code(findings, bool(options.require))
    if options.json != "-":
        from verify.profiler.display import page

        print(page(findings, traffic, timings))
    if options.json:
        report = {
            "schema": 1,
            "exit_code": code,
            "device": options.device,
            "findings": [finding.to_dict() for finding in findings],
            "traffic": [dict(row) for row in traffic],
            "timings": [timing.to_dict() for timing in timings],
        }
        write(options.json, _text(report))
    if options.record and not _record(options, findings, traffic, timings):
        return code or 1
    return code


def _findings(device: str) -> tuple[list[Finding], list[Traffic]]:
    try:
        import torch  # noqa: F401 - only to see whether it is here
    except ImportError:
        raise UsageError("profiler needs torch, which is not installed") from None
    from verify.profiler.hardware import hardware_findings
    from verify.profiler.measuring import torch_findings

    traffic: list[Traffic] = []
    return [*torch_findings(device), *hardware_findings(device, traffic=traffic)], traffic


def _timings(options: argparse.Namespace) -> list[Timing]:
    from verify.profiler.measuring import missing
    from verify.profiler.timing import timings

    if not options.timing or missing(options.device) is not None:
        return []
    return list(timings(options.device))


def _record(
    options: argparse.Namespace,
    findings: list[Finding],
    traffic: list[Traffic],
    timings: list[Timing],
) -> bool:
    """Write the record and say whether there is one."""
    from verify.profiler.record import make_record

    command = f"python -m verify profiler --device {options.device}"
    command += " --timing" if options.timing else ""
    command += f" --record {shlex.quote(options.record)}"
    try:
        record = make_record(findings, options.device, command, traffic, timings)
    except ValueError as reason:
        print(f"python -m verify profiler: nothing recorded: {reason}", file=sys.stderr)
        return False
    write(options.record, _text(record))
    return True


def _text(data: Any) -> str:
    return json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
