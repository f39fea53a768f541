"""Noise with a normal distribution: the average removes most of it, and the maximum adds a bias.

It is said that max-pooling is robust to noise. Let every tap of a window be a signal plus noise,
independent and normal with variance σ². A mean weighted by w₁ … w_k that add up to 1 has the
variance σ²·Σw², and by the inequality of Cauchy and Schwarz that is at least σ²/k: what is left
with equal weights, in average pooling.

The maximum is no weighted mean, but max(x) = mean(x) + max(x − mean(x)), as it moves with its
taps. Each deviation x − mean(x) is uncorrelated with the mean; jointly normal variables that are
so are independent (a textbook's fact, not proved here). Hence the variance of the maximum is σ²/k
plus that of max(x − mean(x)): never less than the average's, whatever the signal, for any k. The
same goes for every pooling that moves with its taps, softmax pooling and the median among them.

And the maximum is biased: of k equal signals it lies σ·E above, with E = 1/√π for two taps and
3/(2√π) for three. There the variances are 1 − 1/π = 0.68 and 1 + √3/(2π) − 9/(4π) = 0.56, where
the average has 1/2 and 1/3. E does not shrink as windows grow, since a maximum over more taps is
never smaller.
"""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from proofs.claim import PROVED, TESTED, Check, CheckFailedError, Claim, Mark, Theorem, expect
from proofs.folklore.lipschitz_constants import mean_by_squares
from proofs.terms import fold, greatest, sequence, variables

n, first, c, so_far, tap = variables("n first c so_far tap")
x = sequence("x")
NINE = 9

equal_weights = Theorem(
    n * (1 / n * (1 / n)) == 1 / n,
    where=(n >= 1,),
    name="k equal weights 1/k leave 1/k, which is the covariance of the mean and a tap too",
)
no_less = replace(
    mean_by_squares,
    name="weights with the sum S leave at least S²/k, so no weighted mean leaves less",
)
moves_along = Theorem(
    fold(first + c, x, so_far, tap, so_far.maximum(tap + c)) == greatest(first, x) + c,
    name="the maximum moves with its taps, by minus their mean too",
)


def integral(integrand: str, antiderivative: str, start: str = "-oo") -> Any:
    """Return the integral from ``start``, −∞ or 0, to ∞, by an antiderivative that is checked.

    In both p and q are the normal density and distribution at x, and q2 and q3 the distribution
    at √2·x and √3·x. Raises ``CheckFailedError`` if the derivative is something else.
    """
    import sympy

    x, p, q, q2, q3 = names = sympy.symbols("x p q q2 q3")
    known = {str(name): name for name in names}
    whole = sympy.sympify(antiderivative, locals=known)
    pi, root, half = sympy.pi, sympy.sqrt, sympy.Rational(1, 2)
    slopes = {x: 1, p: -x * p, q: p, q2: 2 * root(pi) * p**2, q3: 2 * pi * root(3) * p**3}
    slope = sum(sympy.diff(whole, by) * rate for by, rate in slopes.items())
    if sympy.expand(slope - sympy.sympify(integrand, locals=known)) != 0:
        raise CheckFailedError(f"{antiderivative} is no antiderivative of {integrand}")
    # At either end p outweighs every power of x.
    ends = {
        "-oo": {p: 0, q: 0, q2: 0, q3: 0},
        "0": {x: 0, p: 1 / root(2 * pi), q: half, q2: half, q3: half},
        "oo": {p: 0, q: 1, q2: 1, q3: 1},
    }
    return whole.subs(ends["oo"]) - whole.subs(ends[start])


def moments(taps: int) -> tuple[Any, Any]:
    """Return mean and variance of the maximum of two or three standard normal numbers.

    The maximum of k has the density k·p·q^(k − 1). For the mean of three, the integrands at x and
    at −x, where q becomes 1 − q, are added up.
    """
    import sympy

    if taps == 2:
        mean = integral("2*x*p*q", "q2/sqrt(pi) - 2*p*q")
        square = integral("2*x**2*p*q", "q**2 - p**2 - 2*x*p*q")
    else:
        mean = integral("3*x*p*(2*q - 1)", "3*(q2/sqrt(pi) - 2*p*q) + 3*p", start="0")
        rest = "sqrt(3)*q3/(2*pi) - 3*x*p*q**2 - 3*p**2*q"
        square = integral("3*x**2*p*q**2", f"q**3 + {rest}")
    return mean, sympy.expand(square - mean**2)


def stated(mean: str, variance: str, taps: int) -> str:
    """Check what is said of the maximum of a few standard normal numbers.

    Raises ``CheckFailedError`` if it is something else.
    """
    import sympy

    for what, value, said in zip(
        ("mean", "variance"), moments(taps), (mean, variance), strict=True
    ):
        if sympy.expand(value - sympy.sympify(said)) != 0:
            raise CheckFailedError(f"of {taps} taps the maximum has the {what} {value}, not {said}")
    return f"{taps} taps: bias {mean}·σ, variance ({variance})·σ²"


def leaves_more(one: str, other: str) -> str:
    """Check which of maximum and average leaves more of the noise, for two and for three taps.

    Raises ``CheckFailedError`` if it is the other.
    """
    import sympy

    for taps in (2, 3):
        left = {"maximum": moments(taps)[1], "average": sympy.Rational(1, taps)}
        if not left[one] > left[other]:
            raise CheckFailedError(
                f"of {taps} taps the {one} leaves ({left[one]})·σ², the {other} ({left[other]})·σ²"
            )
    return f"of two and of three taps the {one} leaves more than the {other}"


def by_quadrature(share: Callable[[int], float] = lambda taps: 1 / taps) -> str:
    """Integrate numerically for more taps: bias, and a variance above ``share`` of one tap's.

    Raises ``CheckFailedError`` where a variance is not above, or a bias does not grow. The
    trapezoidal rule is exact to rounding on integrands that vanish as fast as these at both ends.
    """
    step, bias = 1 / 8, 0.0
    places = [step * place for place in range(-64, 65)]
    density = [step * math.exp(-x * x / 2) / math.sqrt(2 * math.pi) for x in places]
    below = [math.erfc(-x / math.sqrt(2)) / 2 for x in places]
    for taps in range(2, NINE + 1):
        weights = [taps * p * q ** (taps - 1) for p, q in zip(density, below, strict=True)]
        mean = sum(x * w for x, w in zip(places, weights, strict=True))
        variance = sum((x - mean) ** 2 * w for x, w in zip(places, weights, strict=True))
        if not (variance > share(taps) and mean > bias):
            raise CheckFailedError(f"{taps} taps: bias {mean:.4f}, variance {variance:.4f}")
        bias = mean
    return f"2 to {NINE} taps: the bias grows to {bias:.4f}·σ, the variance is above σ²/k"


def checked(mean: str, variance: str, taps: int) -> Check:
    """Return the exact check for two or three taps."""
    return Check(
        f"the maximum of {taps} equal signals",
        "sympy",
        lambda: stated(mean, variance, taps),
        PROVED,
        ("real",),
    )


def compared(one: str, other: str) -> Check:
    """Return the check that one leaves more than the other."""
    return Check(
        f"what the {one} leaves is more than what the {other} does",
        "sympy",
        lambda: leaves_more(one, other),
        PROVED,
        ("real",),
    )


TWO = ("1/sqrt(pi)", "1 - 1/pi")
THREE = ("3/(2*sqrt(pi))", "1 + sqrt(3)/(2*pi) - 9/(4*pi)")
numerically = Check(
    "up to nine taps, numerically",
    "certificate",
    by_quadrature,
    TESTED,
    ("real",),
    cross_check=True,
)

claim = Claim(
    __name__,
    title="Averaging k taps leaves the variance σ²/k of i.i.d. Gaussian noise, the least of all "
    "weighted means; max-pooling of two or three leaves more.",
    holds="weights that add up to 1; equal signals for max-pooling, which is biased too, by σ/√π "
    "for two taps; that no pooling that moves with its taps leaves less, given that uncorrelated "
    "jointly normal variables are independent (cited)",
    why="The maximum is the mean plus the largest deviation from it, which is independent noise.",
    source="said in answers to the exercise on max-pooling and average pooling of Dive into Deep "
    "Learning's pooling chapter: max-pooling is robust to noise. The chapter itself speaks of the "
    "better signal-to-noise ratio of averaging",
    generality="any number of taps and any signal; that max-pooling leaves more, and its bias, for "
    "two and three equal taps, and up to nine as tested numerically",
    marks=(Mark("cited", "uncorrelated jointly normal variables are independent"),),
    parts=(
        equal_weights,
        no_less,
        moves_along,
        checked(*TWO, 2),
        checked(*THREE, 3),
        compared("maximum", "average"),
        numerically,
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "as it is said: of two taps the maximum leaves less than the average": compared(
            "average", "maximum"
        ),
        "the maximum is not biased": checked("0", TWO[1], 2),
        "three taps have the bias of two": checked(TWO[0], THREE[1], 3),
        "averaging divides the standard deviation by k": replace(
            equal_weights, conclusion=n * (1 / n * (1 / n)) == 1 / n * (1 / n)
        ),
        "the maximum of more taps leaves twice what the average does": replace(
            numerically, run=lambda: by_quadrature(lambda taps: 2 / taps)
        ),
    },
)
