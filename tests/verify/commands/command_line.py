"""A command as its users meet it: an exit code, and what it prints."""

from __future__ import annotations

from typing import Any

from verify import cli


def answered(command: str, arguments: list[str], capsys: Any) -> tuple[int, str, str]:
    """Run a command and return its exit code and what it printed, on both streams."""
    try:
        code = cli.main([command, *arguments])
    except SystemExit as exit_:
        code = int(str(exit_.code))
    out, err = capsys.readouterr()
    return code, out, err
