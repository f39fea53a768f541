"""Where windows divide by different numbers, no single convolution is the average pooling.

A convolution has one weight for each kernel position, whatever the output. Take a kernel position
at which both windows have a tap, and set the element under it in one window, or in the other, to 1
and all others to 0: the convolution gives the weight of that position plus the bias both times,
averages of m and of m′ taps give 1/m and 1/m′. Of zeros alone it has to give 0, so there is no
bias. One weight cannot be both unless m = m′.

That happens as soon as padding does not count: the first window of a padded axis has fewer taps
than one inside. And it happens where padding counts but the last window of ceil_mode reaches beyond
the padding, since what lies beyond is never counted. A constant per position, multiplied in after
the convolution, repairs both.
"""

from dataclasses import replace

from pooling.arithmetic import minimum
from pooling.windows import window_taps
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import applied, constant, variables

w, bias, m, other, n, k, x, before, after = variables("w bias m other n k x before after")

one_weight = Theorem(
    ~(
        (bias == constant(0))
        & (m * (w + bias) == constant(1))
        & (other * (w + bias) == constant(1))
    ),
    given=(m != other,),
    where=(m >= 1, other >= 1),
    name="one weight is not 1/m and 1/m′",
)
at_the_border = Theorem(
    applied(window_taps, n, k, -before) < applied(window_taps, n, k, x),
    given=(before >= 1,),
    where=(n >= 1, before < k, 0 <= x, x + k <= n),
    name="padding not counted: fewer taps in the first window than in one inside",
)
overhanging = Theorem(
    minimum(x + k, n + after) - x < k,
    given=(n + after < x + k,),
    where=(k >= 1, after >= 0, x <= n),
    name="padding counted: fewer elements in a window that reaches beyond the padding",
)

claim = Claim(
    __name__,
    title="If two windows of an average pooling have different divisors, no single convolution, "
    "with or without bias, computes it.",
    holds="some position of the kernel is a tap of both windows",
    why="A tap that both windows have in one place would need two weights: padding that does not "
    "count, and windows that reach beyond it, make divisors differ.",
    source="torch's documentation of avg_pool2d, count_include_pad and ceil_mode",
    generality="all divisors, weights and biases, so any number of channels; all sizes, kernels, "
    "positions and paddings, axis by axis",
    parts=(
        one_weight,
        replace(at_the_border, judged_in="integer"),
        replace(overhanging, judged_in="integer"),
    ),
    expected=expect(PROVED, "real integer"),
    mutants={
        "nor where they divide by the same": replace(one_weight, given=()),
        "windows inside differ too": replace(
            at_the_border,
            conclusion=applied(window_taps, n, k, x + 0 * k) < applied(window_taps, n, k, 0 * x),
        ),
        "padding makes divisors differ even if counted": replace(overhanging, given=(n < x + k,)),
    },
)
