"""The judge: whether a torch module computes what a pooling, or another module, computes.

A module is traced to a graph of tensor operations, the graph is run on arrays of symbols, and
every element of its output is stated equal to the same element of the reference: statements over
the same terms, settled by the same solvers, as everywhere in the project.
"""

from __future__ import annotations

from verify.judge.judge import JUDGED_SYSTEMS, Equivalence, TensorCounterexample, equivalent
from verify.judge.tracing import NotJudgedError

__all__ = ["JUDGED_SYSTEMS", "Equivalence", "NotJudgedError", "TensorCounterexample", "equivalent"]
