"""How many layers and channels a maximum takes: fewer layers than is often said.

2 × 2: two layers of 6 and 3 channels (4 and 2 for inputs ≥ 0); one layer cannot do it.

3 × 3: three layers of 14, 10 and 9 (9, 9 and 8 for inputs ≥ 0); one layer cannot do it.

The popular answer, n² channels and n² layers, charges one layer per number. A tree needs only
⌈log₂ n²⌉, and weights of ½ save one more for nine. With skips, b + ReLU(a − b), one ReLU per
number after the first is enough.

Proved here: both networks; that one layer never suffices (``one-layer-cannot-do-three``), so two
are the least for 2 × 2. The widths are those of these networks; that they are least is not claimed.

Cited, not proved here: with integer weights ⌈log₂ n⌉ layers are needed, so 4 for nine numbers
(Haase, Hertrich, Loho 2023, arXiv 2302.12553); with rational weights two layers suffice for up to
ten numbers, 3 × 3 included (Rueß et al. 2026, arXiv 2607.21651; no weights are shipped here);
⌈log₃(n − 2)⌉ + 1 for n ≥ 4 (Bakaev et al. 2025, arXiv 2505.14338).
"""

from __future__ import annotations

from pooling.networks import Network, shallow, tree
from proofs.claim import Check, CheckFailedError, Claim, Mutant, expect
from proofs.networks.max_of_five_in_two_layers import on_cones
from proofs.networks.max_of_nine_in_three_layers import composed
from proofs.verdict import Verdict


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
        raise CheckFailedError(f"{network.depth} layers of {network.widths} do, not {needed}")
    return (
        f"{network.depth} hidden layers of {network.widths} channels, "
        f"{narrow.widths} for inputs ≥ 0"
    )


def checked(name: str, network: Network, needed: int) -> Check:
    """Return the check of what one window takes."""
    return Check(name, "certificate", lambda: layers(network, needed), Verdict.PROVED, ("real",))


claim = Claim(
    id="channels-and-layers",
    title="A 2 × 2 maximum takes two hidden layers of ReLUs and not four; a 3 × 3 maximum takes "
    "three at most and not nine.",
    why="A layer merges pairs, and two layers merge fives; nothing asks for one layer per number.",
    source="Dive into Deep Learning, pooling chapter, exercise 3.3",
    generality="2 × 2 and 3 × 3 windows, all real inputs; groups = C for C channels",
    parts=(checked("2 × 2", tree(4), 2), checked("3 × 3", shallow(9), 3)),
    expected=expect(Verdict.PROVED, "real"),
    mutants=(
        Mutant("the popular answer for 2 × 2: four layers", checked("", tree(4), 4)),
        Mutant("the popular answer for 3 × 3: nine layers", checked("", shallow(9), 9)),
    ),
)
