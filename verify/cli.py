"""The command line: ``python -m verify``.

Results go to standard output, progress to standard error. Nothing heavy is imported before it is
known to be needed, so ``--help`` and ``list`` answer at once.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from verify.commands.options import INTERRUPTED, USAGE, UsageError

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
    "doctor",
)

DESCRIPTION = """\
Check what is claimed of pooling layers, in every number system a tensor can hold.

exit codes:
  0  every verdict is as expected
  1  some verdict is not
  2  interrupted
  3  engines disagree, or something broke
  4  wrong usage
  5  nothing selected
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message} (--help says more)", file=sys.stderr)
        raise SystemExit(USAGE)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m verify",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in COMMANDS:
        import_module(f"verify.commands.{name}").add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            # Statements are full of −, ≤ and ⇔: a stream that lacks them shows "?" instead.
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    try:
        code: int = import_module(f"verify.commands.{options.command}").run(options)
        return code
    except UsageError as mistake:
        print(f"python -m verify {options.command}: {mistake}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone, as `| head` does; it needs no traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
