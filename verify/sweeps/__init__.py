"""Machine numbers, pair by pair: what a rewritten operation does in every pair of a format.

A statement becomes a program (:mod:`~verify.sweeps.program`), which is compiled for this machine
(:mod:`~verify.sweeps.machine_code`) and swept over all pairs (:mod:`~verify.sweeps.sweep`). The
exhaustive engine decides theorems so, and :func:`measure` measures errors.
"""

from verify.sweeps.measurement import Measurement, Pair, Part, measure, pairs

__all__ = ["Measurement", "Pair", "Part", "measure", "pairs"]
