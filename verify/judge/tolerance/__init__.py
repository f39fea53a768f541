"""Within which tolerance a module is right: proved bounds on rounding for inputs in a range."""

from __future__ import annotations

from verify.judge.tolerance.within import Tolerance, Worst

__all__ = ["Tolerance", "Worst"]
