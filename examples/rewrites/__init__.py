"""Poolings in other words, two and more of each family, each beside a twin with a mistake.

``python -m benchmarks.rewrites`` judges all of them and writes ``docs/rewrites.md``.
"""

from __future__ import annotations

from collections.abc import Iterator

from examples.rewrites.pair import Pair

__all__ = ["Pair", "families"]


def families() -> Iterator[tuple[str, list[Pair]]]:
    """Yield every family of rewrites, and its pairs; loads torch."""
    from examples.rewrites import places, programs, soft, sums, windows

    for source in (windows, places, sums, soft, programs):
        yield from source.PAIRS.items()
