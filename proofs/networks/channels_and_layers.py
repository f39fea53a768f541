"""How many layers and channels a maximum takes: fewer layers than is often said.

2 × 2: {of_four} channels ({narrow_of_four} for inputs ≥ 0).
3 × 3: {of_nine} channels ({narrow_of_nine} for inputs ≥ 0).

The popular answer, n² channels in n² layers, charges one layer per number. A tree of pairs needs
⌈log₂ n²⌉, {of_tree} for 3 × 3, and weights of ½ save one. With skips, b + ReLU(a − b), one ReLU per
number after the first is enough.

Proved here: these networks; that one layer never does (``one-layer-cannot-do-three``), so that two
are least for 2 × 2; that a first layer needs n² + 1 channels, n² for inputs ≥ 0
(``first-layer-width``). Others need not be least.

Cited, not proved: with integer weights 3 × 3 needs {of_tree} layers (Haase, Hertrich, Loho 2023,
arXiv 2302.12553); with rational ones two suffice for up to ten numbers (Rueß et al. 2026, arXiv
2607.21651; proved here up to eight, ``max-of-eight-in-two-layers``); ⌈log₃(n − 2)⌉ + 1 do for
n ≥ 4 (Bakaev et al. 2025, arXiv 2505.14338).
"""

from pooling.networks import Network, shallow, tree
from proofs.claim import PROVED, Check, CheckFailedError, Claim, expect
from proofs.networks.max_of_five_in_two_layers import on_cones
from proofs.networks.max_of_nine_in_three_layers import composed


def listed(widths: tuple[int, ...]) -> str:
    """Return the widths of some layers in words.

    >>> listed((14, 10, 9))
    '14, 10 and 9'
    """
    *others, last = map(str, widths)
    return f"{', '.join(others)} and {last}"


def described(network: Network) -> str:
    """Return how deep and wide a network is, in words.

    >>> described(tree(4))
    '2 layers of 6 and 3'
    """
    return f"{network.depth} layers of {listed(network.widths)}"


__doc__ = (__doc__ or "").format(
    of_four=described(tree(4)),
    narrow_of_four=listed(tree(4, non_negative=True).widths),
    of_nine=described(shallow(9)),
    narrow_of_nine=listed(shallow(9, non_negative=True).widths),
    of_tree=tree(9).depth,
)


def layers(network: Network, needed: int) -> str:
    """Check that ``network`` is the maximum of its inputs and as deep as is said to be needed.

    Of nine inputs it must be made of the networks of two and of five; up to five are proved on
    cones. Raises ``CheckFailedError`` if a network less deep than ``needed`` is right.
    """
    narrow = (tree if network == tree(network.inputs) else shallow)(network.inputs, True)
    for proved, non_negative in ((network, False), (narrow, True)):
        if network.inputs == 9:
            composed(proved, non_negative)
        else:
            on_cones(proved, non_negative)
    if network.depth != needed:
        raise CheckFailedError(f"{described(network)} do, not {needed}")
    return f"{described(network)}; {listed(narrow.widths)} for inputs ≥ 0"


def checked(name: str, network: Network, needed: int) -> Check:
    """Return the check of what one window takes."""
    return Check(name, "certificate", lambda: layers(network, needed), PROVED, ("real",))


claim = Claim(
    __name__,
    title="A 2 × 2 maximum needs no more than two hidden layers of ReLUs, and a 3 × 3 maximum no "
    "more than three.",
    holds="without residual connections; four and nine are often said",
    why="A layer merges pairs, two layers fives; nothing asks for one per number.",
    source="Dive into Deep Learning, pooling chapter, exercise 3.3",
    generality="2 × 2 and 3 × 3 windows, all real inputs; groups = C for C channels",
    parts=(checked("2 × 2", tree(4), 2), checked("3 × 3", shallow(9), 3)),
    expected=expect(PROVED, "real"),
    mutants={
        "the popular answer for 2 × 2: four layers": checked("", tree(4), 4),
        "the popular answer for 3 × 3: nine layers": checked("", shallow(9), 9),
    },
)
