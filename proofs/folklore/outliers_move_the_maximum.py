"""What one outlier does to a maximum and to a mean.

It is said that average pooling loses to outliers. Let one tap x of k grow by M, and let L be the
largest of the others. The mean moves by M/k, the maximum by max(0, x + M − L) where x was at most
L. For an outlier upwards this is nearly all of M, so it is the maximum that follows it: in a window
of equal taps by M, which is k times as far as the mean. More exactly the maximum moves further
whenever k·(L − x) < (k − 1)·M. An outlier downwards does move the mean and leaves the maximum where
it was. For the minimum it is the other way round. No pooling of the three is robust to both:
neither has a bound on what one tap can do to it.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import iff, relu, variables

k, total, others, x, M = variables("k total L x M")
moved = others.maximum(x + M) - others.maximum(x)
share = M / k

mean = Theorem((total + M) / k - total / k == share, where=(k >= 1,), name="the mean moves by M/k")
maximum = Theorem(
    moved == relu(x + M - others),
    given=(x <= others,),
    beyond={"sympy": "orders of x, M and L do not settle the sign of x + M − L"},
    name="the maximum moves by what of the outlier stands out",
)
equal_taps = Theorem(
    moved == M, given=(x == others, M >= 0), name="upwards from equal taps: by all of M"
)
further = Theorem(
    iff(share < moved, k * (others - x) < (k - 1) * M),
    given=(x <= others, M > 0),
    where=(k >= 1,),
    name="upwards the maximum moves further than the mean, unless the tap was far below",
)
downwards = Theorem(
    (moved == 0) & (share < 0),
    given=(x <= others, M < 0),
    where=(k >= 1,),
    name="downwards the mean moves and the maximum does not",
)

claim = Claim(
    __name__,
    title="When one tap x of k grows by M, the mean moves by M/k and the maximum by max(0, x + M − "
    "L).",
    holds="L the largest of the other taps, x ≤ L; so upwards the maximum moves further unless x "
    "was far below, and downwards not at all",
    why="A maximum follows its largest tap all the way and ignores the others.",
    source="said in answers to the exercise on max-pooling and average pooling of Dive into Deep "
    "Learning's pooling chapter: average pooling loses to outliers",
    generality="any number of taps, all their values, outliers of any size and sign",
    parts=(mean, maximum, equal_taps, further, downwards),
    expected=expect(PROVED, "real"),
    mutants={
        "as it is said: an outlier moves the mean no less than the maximum": Theorem(
            abs(moved) <= abs(share), where=(k >= 2,)
        ),
        "the maximum ignores outliers": replace(
            downwards, conclusion=moved == 0, given=(x <= others,)
        ),
        "the mean ignores them": replace(mean, conclusion=(total + M) / k == total / k),
    },
)
