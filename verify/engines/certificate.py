"""Certificates: arguments checked line by line in exact fractions, with no solver at all."""

from __future__ import annotations

import platform

from verify.engines.engine import Engine


class Certificate(Engine):
    """Runs a claim's own check of its certificate."""

    name = "certificate"
    distribution = "python"
    module = "fractions"
    method = "points and multipliers checked in exact fractions, no solver involved"

    def version(self) -> str:
        """Return Python's version."""
        return platform.python_version()
