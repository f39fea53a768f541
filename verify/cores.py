"""How many processes or threads work at a time; apart because sweeps and runs both ask."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator


def available_cores() -> int:
    """Return how many cores this process may use: at least one, at most the machine's.

    >>> 1 <= available_cores() <= (os.cpu_count() or 1)
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextlib.contextmanager
def threads(count: int) -> Iterator[None]:
    """Let torch compute in so many threads, and in as many as before afterwards.

    >>> import torch
    >>> before = torch.get_num_threads()
    >>> with threads(3):
    ...     torch.get_num_threads()
    3
    >>> torch.get_num_threads() == before
    True
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextlib.contextmanager
def single_thread() -> Iterator[None]:
    """Let torch compute in one thread, and in as many as before afterwards.

    Operators on small tensors gain nothing by more, and threads of several processes wait for
    one another.

    >>> import torch
    >>> with single_thread():
    ...     torch.get_num_threads()
    1
    """
    with threads(1):
        yield
