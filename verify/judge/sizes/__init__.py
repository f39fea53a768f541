"""A module at every size: what is proved at a few sizes, and why the others follow.

A module is run once on a tensor whose sizes are symbols, which tells how its operators, their
arguments and its own decisions depend on sizes; from size to size outputs then only grow, by rules
of operators. All small sizes are judged one by one, as any module of one size is.
"""

from __future__ import annotations
