"""Global average pooling by its other names: adaptive pooling to 1, the mean, one convolution.

The only window of an adaptive pooling to 1 is the whole axis. Its average divides the sum by n; a
convolution with n weights of 1/n divides every element first, which is the same sum. Over several
axes the means of rows of equal length have the mean of all as their mean.

All of it is exact arithmetic: in floats the weights are rounded, and so is every product.
"""

from dataclasses import replace

from pooling.windows import adaptive_window
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import fold, sequence, variables

n, rows, so_far, tap = variables("n rows so_far tap")
x = sequence("x")
whole_start, whole_end = adaptive_window(n, 1, 0)

total = fold(0, x, so_far, tap, so_far + tap)
convolved = fold(0, x, so_far, tap, so_far + tap * (1 / n))
scaled = fold(0, x, so_far, tap, so_far + tap / rows)

whole = Theorem(
    (whole_start == 0) & (whole_end == n),
    where=(n >= 1,),
    name="the only window is the whole axis",
    judged_in="integer",
)
convolution = Theorem(
    convolved == total / n, where=(n >= 1,), name="n weights of 1/n give the mean"
)
by_rows = Theorem(
    scaled / n == total / (n * rows),
    where=(n >= 1, rows >= 1),
    name="the mean of n row means is the mean of all",
    by_induction_on=x,
    beyond={"cvc5": "quotients of unknowns: cvc5 takes seconds"},
)

claim = Claim(
    __name__,
    title="Global average pooling is adaptive average pooling to one output, the mean of all "
    "elements, and a convolution with weights 1/n.",
    why="One window covers everything, and division by n can be done before or after the sum.",
    source="Lin, Chen and Yan, Network In Network, 2014 (arXiv 1312.4400), section 3.2; Dive into "
    "Deep Learning, pooling chapter",
    generality="any number of elements and all their values, any number of axes one after the "
    "other",
    parts=(whole, convolution, by_rows),
    expected=expect(PROVED, "real"),
    mutants={
        "the window leaves one element out": Theorem(
            whole_end == n - 1, where=(n >= 1,), judged_in="integer"
        ),
        "weights of 1": replace(convolution, conclusion=total == total / n),
        "the mean of row means, not divided by the rows": replace(
            by_rows, conclusion=scaled / n == total / n
        ),
    },
)
