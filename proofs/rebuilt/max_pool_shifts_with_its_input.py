"""Translation equivariance: pooling follows its input when that moves by a multiple of the stride.

Output r reads positions r·s − p + i·d. In an input moved by m these hold what was m before, so the
output reads what began at r·s − p − m. That is where another output begins iff m is a multiple of
the stride: then all outputs move by m/s. For any other m no window began there. Only stride 1
follows every movement; what strided pooling adds to a network is invariance that depends on the
position.

The statement is about positions, so it holds for every pooling whose windows do the same thing.
Elements at the border, where something moves in from outside, are not part of it.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import implies, variables

r, s, p, i, d, m, q, other = variables("r s p i d m q other")
read = r * s - p + i * d

moves = Theorem(
    read - q * s == (r - q) * s - p + i * d,
    name="moved by q strides: tap i of output r reads what tap i of output r − q did",
)
only_so = Theorem(
    implies(r * s - p - m == other * s - p, m == (r - other) * s),
    name="where an output began there, the movement is a multiple of the stride",
)

claim = Claim(
    __name__,
    title="Pooling is translation equivariant for shifts by multiples of the stride; by any other, "
    "windows begin where none began before.",
    holds="away from the border",
    why="Windows begin at multiples of the stride.",
    source="Zhang 2019, Making Convolutional Networks Shift-Invariant Again (arXiv 1904.11486)",
    generality="all strides, paddings, dilations, positions and movements, axis by axis, away from "
    "the border",
    parts=(moves, only_so),
    expected=expect(PROVED, "integer"),
    mutants={
        "any movement": replace(
            only_so, conclusion=r * s - p - m == (r - m // s) * s - p, where=(s >= 1,)
        ),
        "by as many outputs as elements": replace(
            moves, conclusion=read - q * s == (r - q * s) * s - p + i * d
        ),
        "the dilation counts as the stride does": replace(
            moves, conclusion=read - q * d == (r - q) * s - p + i * d
        ),
    },
)
