"""The command line: ``python -m verify``, or ``poolproof``.

Results go to standard output, progress to standard error. Nothing heavy is imported before it is
known to be needed, so ``--help`` and ``list`` answer at once.
"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from importlib import import_module
from types import FrameType
from typing import Any, NoReturn

from verify import streams
from verify.commands.options import INTERRUPTED, USAGE, UsageError, complain
from verify.names import NAME, program, version

#: The modules of :mod:`verify.commands`, in the order in which ``--help`` lists them.
COMMANDS = (
    "all",
    "list",
    "show",
    "answers",
    "mutants",
    "export",
    "cost",
    "equivalent",
    "profiler",
    "numbers",
    "kernel",
    "sweeps",
    "report",
    "doctor",
)

DESCRIPTION = """\
Check what is claimed of pooling layers, in every number system a tensor can hold.

exit codes:
  0  every verdict is as expected
  1  some verdict is not
  2  interrupted
  3  engines disagree, or something broke
  4  wrong usage, a place that cannot be written to, or a file or name that is not there
  5  nothing selected
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message} (--help says more)", file=sys.stderr)
        raise SystemExit(USAGE)


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        print(f"{NAME} {version()}")
        raise SystemExit(0)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog=program(),
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="the version, and no more")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        import_module(f"verify.commands.{name}").add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code.

    Without ``arguments`` it is a program: then the standard streams and the signals are its own.
    """
    if arguments is not None:
        return _answer(arguments)
    _end_on_signals()
    command = "".join(sys.argv[1:2])
    try:
        streams.prepare()
        try:
            code = _answer(sys.argv[1:])
        finally:
            sys.stdout.flush()
    except streams.UnwritableError as why:
        complain(command if command in COMMANDS else "", f"cannot write to standard output: {why}")
        return USAGE
    return code


def _answer(arguments: Sequence[str]) -> int:
    try:
        parser = _parser()
        options, more = parser.parse_known_args(arguments)
        if options.command == "equivalent" and not any(one.startswith("-") for one in more):
            # Places may stand behind options as well.
            places: list[str] = [*options.modules, options.reference, *more]
            options.modules, options.reference = places[:-1], places[-1]
        elif more:
            parser.error(f"unrecognized arguments: {' '.join(more)}")
        code: int = import_module(f"verify.commands.{options.command}").run(options)
        return code
    except UsageError as mistake:
        complain(options.command, str(mistake))
        return USAGE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED


def _end_on_signals() -> None:
    """Let what asks a program to end, or tells it that its terminal has gone, act as Ctrl-C does.

    What a parent has it ignore, as ``nohup`` does, stays ignored.
    """
    ending = {name: getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")}
    numbers = [number for number in ending.values() if number is not None]

    def end(number: int, frame: FrameType | None) -> NoReturn:
        # One is enough: what a second one broke off is the report of the first.
        for other in numbers:
            signal.signal(other, signal.SIG_IGN)
        raise KeyboardInterrupt

    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, end)
