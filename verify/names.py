"""What the program calls itself, and its version; apart because every page and error says so."""

from __future__ import annotations

import sys
from importlib import metadata
from pathlib import Path

#: The distribution, and its console script.
NAME = "poolproof"


def program() -> str:
    """Return how the program was started, for usage, errors and the commands that it proposes.

    >>> program()
    'python -m verify'
    """
    return NAME if Path(sys.argv[0]).stem == NAME else "python -m verify"


def version() -> str:
    """Return the version of what is installed, as ``pyproject.toml`` has it."""
    try:
        return metadata.version(NAME)
    except metadata.PackageNotFoundError:
        return "0+not.installed"
