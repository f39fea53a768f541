"""What poolings forget of their taps: the minimum no more than the maximum, nor than the average.

It is said that min-pooling loses information. It does: lift a tap that is not the only smallest,
and the minimum is the same. But the maximum is blind to the same change upside down, and two
windows have one minimum iff the negated windows have one maximum, so nothing is lost that
max-pooling would keep. An average forgets whatever one tap gains and another loses. No window of
two taps or more can be told from what any of the three makes of it.

The saying is true of where poolings stand. After a ReLU taps are at least 0, and many are 0: one of
them in a window, and the minimum is 0 whatever the others, where the maximum is 0 only if all of
them are.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import fold, iff, implies, relu, sequence, variables

others, tap, e, first, so_far, one = variables("others tap e first so_far one")
a, b, c, d = variables("a b c d")
x = sequence("x")

lowered = Theorem(
    others.maximum(tap - e) == others.maximum(tap),
    given=(tap <= others, e >= 0),
    name="the maximum does not see a smaller tap fall",
)
lifted = Theorem(
    others.minimum(tap + e) == others.minimum(tap),
    given=(others <= tap, e >= 0),
    name="the minimum does not see a larger tap rise",
)
shared_out = Theorem(
    (a + e) + (b - e) == a + b, name="the average does not see what one tap gains and another loses"
)
alike = Theorem(
    iff(a.minimum(b) == c.minimum(d), (-a).maximum(-b) == (-c).maximum(-d)),
    name="the minimum confuses exactly what the maximum confuses upside down",
)
behind_relu = Theorem(
    fold(relu(first), x, so_far, one, so_far.minimum(relu(one))).minimum(0) == 0,
    name="behind a ReLU one zero makes the minimum 0",
)
all_zero = Theorem(
    iff(relu(a).maximum(relu(b)) == 0, (a <= 0) & (b <= 0)),
    name="and the maximum is 0 only if every tap is",
)

claim = Claim(
    __name__,
    title="Min-, max- and average pooling lose information; two windows share a minimum iff their "
    "negatives share a maximum.",
    why="A tap that is not the extreme can move unseen; of a sum only the total is seen.",
    source="said in answers to the exercise on min-pooling of Dive into Deep Learning's pooling "
    "chapter: min-pooling loses information",
    generality="any number of taps; for what is lost the others by their extreme",
    parts=(
        lowered,
        lifted,
        shared_out,
        alike,
        kernel(
            "minima_are_confused_as_maxima_upside_down",
            "folklore/extrema.v",
            "real",
            says="and so of any number of taps",
            cross_check=False,
        ),
        behind_relu,
        all_zero,
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "as it is said: the maximum keeps what the minimum loses": Theorem(
            implies(a.maximum(b) == c.maximum(d), a.minimum(b) == c.minimum(d))
        ),
        "the average loses nothing": replace(
            shared_out, conclusion=iff(a + b == c + d, (a == c) & (b == d))
        ),
        "the minimum confuses what the maximum confuses": replace(
            alike, conclusion=iff(a.minimum(b) == c.minimum(d), a.maximum(b) == c.maximum(d))
        ),
    },
)
