"""Two popular answers to what a pooling costs, and when each is what it takes itself for.

One charges c·⌊(h + p − k_h + s)/s⌋·⌊(w + p − k_w + s)/s⌋·k_h·k_w. Its floors are the number of
windows, as long as the last one may not overhang: so it is one operation per position, right for an
average whose windows stay inside and always too much for a maximum (``full-windows-iff-inside``).

The other leaves the floors out, (h + p − k)/s + 1 windows along an axis. That is their number iff
the stride divides h + p − k; otherwise it charges a part of a window that is not there, less than
one per axis.

p is all the padding of an axis, as in the chapter.
"""

from pooling.windows import output_size
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import applied, iff, variables

n, k, s, before, after = variables("n k s before after")
LAYER = (n >= 1, k >= 1, s >= 1, before >= 0, after >= 0, n + before + after >= k)

room = n + before + after - k
windows = applied(output_size, n, k, s, (before, after))
overhanging = applied(output_size, n, k, s, (before, after), ceil_mode=True)
floors = (room + s) // s
divides = room == s * (room // s)

claim = Claim(
    __name__,
    title="The window count ⌊(n + p − k)/s⌋ + 1 is right without ceil_mode; without its floor iff "
    "s divides n + p − k.",
    holds="p is all the padding of an axis, n + p ≥ k, undilated",
    why="A window begins every s elements; what is left after the last one is no window.",
    source="answers to exercise 4 of Dive into Deep Learning's pooling chapter",
    generality="all input sizes, windows, strides and paddings along one axis",
    parts=(
        Theorem(windows == floors, where=LAYER, name="with floors"),
        # s·((h + p − k)/s + 1) is room + s: the statement without its division.
        Theorem(iff(s * windows == room + s, divides), where=LAYER, name="without floors"),
        Theorem(
            (s * windows <= room + s) & (room + s < s * (windows + 1)),
            where=LAYER,
            name="too much by less than a window",
        ),
    ),
    expected=expect(PROVED, "integer"),
    mutants={
        "right with ceil_mode as well": Theorem(overhanging == floors, where=LAYER),
        "floors are not needed": Theorem(s * windows == room + s, where=LAYER),
        "padding of one side": Theorem(windows == (n + before - k + s) // s, where=LAYER),
        "never too much": Theorem(room + s <= s * windows, where=LAYER),
    },
)
