"""The maximum of nine numbers, a 3 × 3 window, takes three hidden layers instead of a tree's four.

The first layer takes four maxima of two and carries the ninth number; the maximum of the five that
are left takes two more. So it is right because its two parts are: the maximum of two, stated here,
and that of five (``max-of-five-in-two-layers``). That the network of nine is these two, joined at
the first one's output, is checked weight by weight: no solver has to take it in as a whole.
"""

from functools import reduce

from pooling.networks import Network, shallow, tree
from proofs.claim import PROVED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.networks.max_of_five_in_two_layers import on_cones
from proofs.networks.tree_depth import network_of_two, pairs
from proofs.terms import Term, applied, variables

a, b, c, d, e = variables("a b c d e")


def composed(network: Network, non_negative: bool = False) -> str:
    """Check that ``network`` is the one for five behind the pairs, and that both are maxima.

    The maxima of two, and a carried number, are at least 0 where all inputs are.
    """
    two, five = tree(2, non_negative), shallow(5, non_negative)
    if network != five.after(pairs(9, non_negative)):
        raise CheckFailedError("the network is not the maximum of five behind the pairs")
    if network.depth != 3:
        raise CheckFailedError(f"the network has {network.depth} hidden layers")
    of_two, of_five = on_cones(two, non_negative), on_cones(five, non_negative)
    return f"{network.depth} layers of {network.widths}; of two: {of_two}; of five: {of_five}"


def checked(name: str, network: Network, non_negative: bool = False) -> Check:
    """Return the check of the composition."""
    return Check(name, "certificate", lambda: composed(network, non_negative), PROVED, ("real",))


def grouped(*values: Term) -> Theorem:
    """Say that the maximum of the groups is the maximum of all, for two pairs and one number."""
    return Theorem(
        a.maximum(b).maximum(c.maximum(d)).maximum(e) == reduce(Term.maximum, values),
        name="pairs first",
        beyond={"hypothesis": "both solvers prove it"},
    )


claim = Claim(
    __name__,
    title="A ReLU network with three hidden layers computes the maximum of nine numbers.",
    why="Four maxima of two and the ninth number are five, whose maximum takes two layers more.",
    source="composition of Arora et al. 2018 (arXiv 1611.01491) and Bakaev et al. 2025 "
    "(arXiv 2505.14338)",
    generality="all real inputs",
    parts=(
        Theorem(applied(network_of_two, a, b) == a.maximum(b), name="two in one layer"),
        grouped(a, b, c, d, e),
        checked("five behind the pairs", shallow(9)),
        checked("the same for inputs ≥ 0", shallow(9, non_negative=True), non_negative=True),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "a number forgotten": grouped(a, b, c, d),
        "the tree has three layers too": checked("", tree(9)),
        "the network for inputs ≥ 0 on all": checked("", shallow(9, non_negative=True)),
    },
)
