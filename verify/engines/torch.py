"""torch itself: real layers run and compared, where a claim is about what torch does."""

from __future__ import annotations

from verify.engines.engine import Engine


class Torch(Engine):
    """Runs a claim's own comparison with torch."""

    name = "torch"
    distribution = "torch"
    module = "torch"
    method = "real layers run in torch and compared value by value"
