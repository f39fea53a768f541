"""Whether this process computes with subnormal numbers; apart because runs and the judge both ask.

Every float system of this project has gradual underflow, as IEEE 754 has. A process can switch it
off (``torch.set_flush_denormal(True)``, a library built with ``-ffast-math``): then the smallest
results become zero, x − y = 0 no longer means x = y, and verdicts do not speak of what it computes.
"""

from __future__ import annotations

import sys

FLUSHED = (
    "subnormal numbers are flushed to zero in this process, as by torch.set_flush_denormal(True), "
    "and float systems assume that they are not"
)


def flushed() -> bool:
    """Say whether this process computes subnormal numbers as zero.

    >>> flushed()
    False
    """
    smallest_normal = sys.float_info.min
    return smallest_normal * 0.5 == 0.0
