"""What torch's operators mean: one handler for each overload, by subject."""

from __future__ import annotations

from verify.judge.operators import (  # noqa: F401 - each fills the table
    arithmetic,
    backward,
    choice,
    linear,
    movement,
    order,
    places,
    pools,
    reduction,
    resampling,
    scattering,
)
from verify.judge.operators.registry import COMPUTING, HANDLERS, Reply

__all__ = ["COMPUTING", "HANDLERS", "Reply"]
