"""Max-pooling as a tree: merging the maxima of two parts of a window gives that of the whole.

Let p be the maximum of one part, and b and y the taps of the other. Going through these one by one
from p gives what merging p with their maximum gives, however many there are: that is associativity,
by induction over y. A tree is nothing but such merges, so by induction over its nodes, which is a
theorem of Coq about whatever associates, any tree over any number of taps leaves the maximum; a
balanced one in ⌈log₂ n⌉ rounds.

Comparing never wraps nor rounds, so trees of maxima are right in every number system. Merged by
ReLU(q − p) + p the statement is one of exact arithmetic, as it is for two taps.
"""

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.rebuilt._folds import ALIKE, BEYOND
from proofs.systems import BINARY, EXACT, FLOATS, INTEGERS
from proofs.terms import greatest, relu, sequence, variables

p, b = variables("p b")
y = sequence("y")
part, whole = greatest(b, y), greatest(p.maximum(b), y)

claim = Claim(
    __name__,
    title="Merging the maxima of two parts of a window gives its maximum, so every tree of merges "
    "does.",
    holds="merged by max in every number system, by ReLU(q − p) + p in the reals and the integers",
    why="The maximum is associative. A merge by ReLU is exact where its difference is.",
    source="Arora et al. 2018 (arXiv 1611.01491), lemma D.3: maxima by a tree of ReLUs",
    generality="any number of taps in either part, by induction over one of them; any tree, by "
    "induction over its nodes",
    parts=(
        Theorem(p.maximum(part) == whole, name="merged by max", beyond=BEYOND),
        Theorem(relu(part - p) + p == whole, name="merged by ReLU", systems=("real", "integer")),
        ALIKE,
        kernel(
            "any_tree_is_the_fold",
            "rebuilt/merging.v",
            (),
            says="any tree of merges, of what associates in any number system",
            cross_check=False,
        ),
    ),
    expected=expect(PROVED, EXACT, "rounding", INTEGERS, FLOATS, BINARY),
    mutants={
        "the first tap of a part forgotten": Theorem(p.maximum(part) == greatest(p, y)),
        "the smaller part": Theorem(p.minimum(part) == whole),
        "merged without a ReLU": Theorem(part - p + p == whole),
        "merged by ReLU, the other added back": Theorem(relu(part - p) + part == whole),
    },
)
