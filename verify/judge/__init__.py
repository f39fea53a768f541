"""The judge: whether a torch module computes what a pooling, or another module, computes.

A module is run as it is while every operator is watched, so that each element of its output is a
term over the input; plain runs are held against these terms on telling inputs; and the terms are
proved equal to the reference's, by the same solvers as everywhere in the project.
"""

from __future__ import annotations

from verify.judge.equivalence import Equivalence, TensorCounterexample
from verify.judge.judge import JUDGED_SYSTEMS, equivalent
from verify.judge.watching.running import NoSuchPlaceError, NotJudgedError

__all__ = [
    "JUDGED_SYSTEMS",
    "Equivalence",
    "NoSuchPlaceError",
    "NotJudgedError",
    "TensorCounterexample",
    "equivalent",
]
