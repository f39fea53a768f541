"""Lipschitz constants: how much a change of the taps can change the result of a pooling.

It is said that max-pooling is robust to noise. If that means that noise is not amplified, it is
true, and just as true of average pooling. Say each tap changes by at most e. The tap that is the
maximum afterwards was at most the old maximum and has grown by at most e, so the maximum grows by
at most e; exchange the two windows, and it falls by at most e. Measured by the root of the sum of
squared changes the maximum passes on all of it again, as its one tap may have all of it, while the
mean of k taps passes on 1/√k. So by that measure the average is the more robust of the two.

Softmax pooling does amplify. Its gradient at a tap is p·(1 + (x − s)/T), where p is the weight of
the tap and s the result. Two taps at a distance of d·T have gradients g and 1 − g, and
g = (1 + t)/2 + d·(1 − t²)/4 with t = tanh(d/2). It is largest where d·t = 2, where g + |1 − g| is
d/2 = 1.1997. And if one tap stands ln(k − 1)·T above k − 1 equal ones, p is 1/2 and the sum of the
absolute gradients ln(k − 1)/2, which has no bound as windows grow. The temperature T scales taps
and result alike, so it does not matter.
"""

from proofs.claim import PROVED, Check, CheckFailedError, Claim, Mark, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import fold, sequence, variables

before, after, tap, change, others, e, rest = variables("before after tap change others e rest")
first, so_far, one = variables("first so_far one")
changes = sequence("changes")

number = fold(1, changes, so_far, one, so_far + 1)
total = fold(first, changes, so_far, one, so_far + one)
largest = fold(abs(first), changes, so_far, one, so_far.maximum(abs(one)))
squares = fold(first * first, changes, so_far, one, so_far + one * one)

maximum_by_largest = Theorem(
    after <= before + e,
    given=(tap <= before, after == tap + change, abs(change) <= e),
    name="the maximum grows by at most the largest change; after is at a tap that was tap",
)
maximum_by_squares = Theorem(
    (after - before) * (after - before) <= change * change + rest,
    given=(tap <= before, after == tap + change, before <= after, rest >= 0),
    name="and by at most the root of the squared changes; rest is those of the other taps",
)
attained = Theorem(
    (before + e).maximum(others) - before.maximum(others) == e,
    given=(others <= before, e >= 0),
    name="by no less: where the largest tap alone grows by e, so does the maximum",
)
mean_by_largest = Theorem(
    (number >= 1) & (largest >= 0) & (abs(total) <= number * largest),
    name="the mean changes by at most the largest change: the sum by k times that",
)
mean_by_squares = Theorem(
    (number >= 1) & (squares >= 0) & (total * total <= number * squares),
    name="and by at most 1/√k of the root of the squared changes, which equal changes reach",
)


def softmax_of_two(low: str = "1.19967", high: str = "1.19968") -> str:
    """Find the constant of softmax pooling for two taps; raise ``CheckFailedError`` outside bounds.

    With t = tanh(d/2), whose derivative is (1 − t²)/2, everything is algebra in d and t.
    """
    import mpmath
    import sympy

    d, t, x, weight, other = sympy.symbols("d t x w v", positive=True)
    pooled = x * weight / (weight + other)
    # The other tap is 0, and the derivative of the weight exp(x) is the weight.
    gradient = sympy.diff(pooled, x) + weight * sympy.diff(pooled, weight)
    as_t = gradient.subs({weight: (1 + t) / 2, other: (1 - t) / 2, x: d})
    g = (1 + t) / 2 + d * (1 - t**2) / 4
    slope = sympy.diff(g, d) + sympy.diff(g, t) * (1 - t**2) / 2
    for what, difference in (
        ("the gradient", as_t - g),
        ("its slope", slope - (1 - t**2) * (2 - d * t) / 4),
        ("the sum of absolute gradients at d·t = 2", (2 * g - 1).subs(d, 2 / t) - 1 / t),
    ):
        if sympy.expand(sympy.cancel(difference)) != 0:
            raise CheckFailedError(f"{what} is not what it is said to be")
    # d·tanh(d/2) grows, so the slope changes its sign once, and the constant is d/2 = 1/t there.
    ends = [mpmath.iv.mpf(end) for end in (low, high)]
    signs = [2 * c * (mpmath.iv.exp(2 * c) - 1) / (mpmath.iv.exp(2 * c) + 1) - 2 for c in ends]
    if not (signs[0] < 0 and signs[1] > 0):
        raise CheckFailedError(f"c·tanh(c) = 1 is not between {low} and {high}")
    return f"two taps: c with c·tanh(c) = 1, {low} < c < {high}"


def softmax_of_many(limit: str = "oo") -> str:
    """Add up the absolute gradients where one of k taps weighs as much as all others.

    Raises ``CheckFailedError`` if their sum does not tend to ``limit`` as k grows.
    """
    import sympy

    k, d = sympy.symbols("k d", positive=True)
    half = sympy.Rational(1, 2)
    result = d * half  # the others are 0
    top = half * (1 + d - result)
    low = half / (k - 1) * (0 - result + 1)
    # The others lie below s − T as soon as d > 2, and then their gradients are negative.
    absolute = sympy.cancel(top - (k - 1) * low)
    if absolute != d / 2:
        raise CheckFailedError(f"the absolute gradients add up to {absolute}")
    reached = sympy.limit(absolute.subs(d, sympy.log(k - 1)), k, sympy.oo)
    if reached != sympy.sympify(limit):
        raise CheckFailedError(f"k taps: ln(k − 1)/2 tends to {reached}, not to {limit}")
    return "k taps: at least ln(k − 1)/2, without bound"


claim = Claim(
    __name__,
    title="Max- and average pooling are 1-Lipschitz in the max norm, which softmax pooling is not; "
    "in the Euclidean norm average pooling is 1/√k-Lipschitz.",
    holds="max-pooling has the constant 1 there too; softmax pooling amplifies the largest change "
    "by 1.1997 for two taps and without bound as windows grow",
    why="The maximum follows one tap, the mean a k-th of each; the weights of softmax pooling "
    "change with the taps.",
    source="said in answers to the exercise on max-pooling and average pooling of Dive into Deep "
    "Learning's pooling chapter: max-pooling is robust to noise",
    generality="any number of taps and all their values and changes; all temperatures",
    marks=(Mark("cited", "the mean value theorem: the changes are bounded as the gradients are"),),
    parts=(
        maximum_by_largest,
        kernel(
            "maximum_moves_no_further_than_its_taps",
            "folklore/extrema.v",
            "real",
            says="up or down, of any number of taps",
            cross_check=False,
        ),
        maximum_by_squares,
        attained,
        mean_by_largest,
        mean_by_squares,
        Check("softmax pooling of two taps", "sympy", softmax_of_two, PROVED, ("real",)),
        Check("softmax pooling of k taps", "sympy", softmax_of_many, PROVED, ("real",)),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "as it is said: the maximum of two taps changes no more than their average": Theorem(
            2 * abs((before + e).maximum(others) - before.maximum(others)) <= abs(e)
        ),
        "the average passes on the root of the squared changes over k": Theorem(
            total * total <= squares
        ),
        "softmax pooling amplifies by less than 1.19": Check(
            "", "sympy", lambda: softmax_of_two("1", "1.19"), PROVED, ("real",)
        ),
        "softmax pooling amplifies by a bounded factor": Check(
            "", "sympy", lambda: softmax_of_many("2"), PROVED, ("real",)
        ),
    },
)
