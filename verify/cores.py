"""How many processes or threads work at a time; apart because sweeps and runs both ask."""

from __future__ import annotations

import os


def available_cores() -> int:
    """Return how many cores this process may use: at least one, at most the machine's.

    >>> 1 <= available_cores() <= (os.cpu_count() or 1)
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
