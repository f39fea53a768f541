"""A 2 × 2 pooling leaves a quarter of the elements, if both sizes are even.

Its windows lie side by side, ⌊h/2⌋ × ⌊w/2⌋ of them, so four times the outputs are the elements iff
neither size is odd: of 3 × 3 elements one output is left, a ninth. With ``ceil_mode`` windows may
overhang, ⌈h/2⌉ × ⌈w/2⌉ are left, and it is exactly then a quarter too, otherwise more. The same
goes for the 3 × 3 pooling with stride 2 and padding 1 of many networks, which leaves as many as
that. In general p × q windows side by side leave 1/(p·q) iff p divides the one size and q the
other.
"""

from dataclasses import replace

from pooling.windows import output_size
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, applied, iff, variables

h, w, k = variables("h w k")
NONLINEAR = {"cvc5": "products of quotients: no answer in seconds"}


def halved(size: Term, ceil_mode: bool = False) -> Term:
    """Return the outputs of windows of 2 side by side."""
    return applied(output_size, size, 2, 2, ceil_mode=ceil_mode)


def stem(size: Term) -> Term:
    """Return the outputs of windows of 3 with stride 2 and padding 1."""
    return applied(output_size, size, 3, 2, (1, 1))


even = (h == 2 * (h // 2)) & (w == 2 * (w // 2))
floor = Theorem(
    iff(4 * (halved(h) * halved(w)) == h * w, even),
    where=(h >= 2, w >= 2),
    name="floor",
    beyond=NONLINEAR,
)
ceiling = Theorem(
    (h <= 2 * halved(h, True)) & iff(2 * halved(h, True) == h, h == 2 * (h // 2)),
    where=(h >= 2,),
    name="ceil_mode, axis by axis: half exactly if even, and otherwise more",
)
same_as_stem = Theorem(
    stem(h) == halved(h, True),
    where=(h >= 2,),
    name="windows of 3 with stride 2 and padding 1 leave as many as ceil_mode",
)
any_window = Theorem(
    iff(k * applied(output_size, h, k, k) == h, h == k * (h // k)),
    where=(h >= k, k >= 1),
    name="windows of k side by side leave a k-th exactly if k divides, axis by axis",
    beyond=NONLINEAR,
)

claim = Claim(
    __name__,
    title="Pooling 2 × 2 with stride 2 leaves a quarter of the elements iff both sizes are even; "
    "otherwise ceil_mode leaves more.",
    holds="sizes of at least 2",
    why="A row or column left over belongs to no window, or to one that overhangs.",
    source="Dive into Deep Learning, pooling chapter, Summary: 2 × 2 windows to quarter the "
    "resolution",
    generality="all sizes that hold a window",
    parts=(floor, ceiling, same_as_stem, any_window),
    expected=expect(PROVED, "integer"),
    mutants={
        "as it is said: always": replace(floor, conclusion=4 * (halved(h) * halved(w)) == h * w),
        "one even size is enough": replace(
            floor, conclusion=iff(4 * (halved(h) * halved(w)) == h * w, h == 2 * (h // 2))
        ),
        "ceil_mode never leaves more than half of an axis": replace(
            ceiling, conclusion=2 * halved(h, True) <= h
        ),
    },
)
