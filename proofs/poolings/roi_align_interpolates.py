"""What poolings of regions do with places between the elements: interpolate, or round.

RoIAlign reads each sample by bilinear interpolation, (1 − t)·a + t·b along a row and then across
rows. With t from 0 to 1 that lies between the smallest and the largest of the four elements around
the sample, and of an affine image, c + g·i + h·j, it is the image's value at that very place. The
samples of a bin lie at start + (k + ½)·length/m for k < m. Since Σ(2k + 1) = m² the mean of their
places is the middle of the bin, so the pooled value of an affine image is its value there, however
many samples there are. That takes samples inside the image: outside they are cut off.

RoI max-pooling rounds the corners of a region to elements, each by half an element at most, and
then has the bins of an adaptive pooling. A corner at a/q becomes ⌊a/q + ½⌋ = ⌊(2a + q)/2q⌋.
"""

from __future__ import annotations

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, constant, summation, variables

a, b, c, d, t, u, g, h, i, j = variables("a b c d t u g h i j")
start, length, m, k, q = variables("start length m k q")
NONLINEAR = {"cvc5": "products of unknowns: cvc5 runs out of steps"}


def line(t: Term, a: Term, b: Term) -> Term:
    """Return what lies between a and b, a share t of the way."""
    return (1 - t) * a + t * b


def image(i: Term, j: Term) -> Term:
    """Return an affine image at a place."""
    return c + g * i + h * j


sample = line(u, line(t, a, b), line(t, c, d))
UNIT = (constant(0) <= t, t <= 1, constant(0) <= u, u <= 1)
smallest = a.minimum(b).minimum(c.minimum(d))
largest = a.maximum(b).maximum(c.maximum(d))
corner = (2 * a + q) // (2 * q)

between = Theorem(
    (smallest <= sample) & (sample <= largest),
    given=UNIT,
    name="a sample lies between the smallest and the largest of four elements",
    beyond={**NONLINEAR, "sympy": "six unknowns"},
    judged_in="real",
)
affine = Theorem(
    line(u, line(t, image(i, j), image(i, j + 1)), line(t, image(i + 1, j), image(i + 1, j + 1)))
    == image(i + u, j + t),
    name="of an affine image it is the value at that place",
    judged_in="real",
)
samples = Theorem(
    summation(k, m, 2 * k + 1) == m * m,
    name="Σ(2k + 1) over the samples of a bin is m²",
    judged_in="integer",
)
middle = Theorem(
    start + (m * m) / (2 * m) * (length / m) == start + length / 2,
    where=(m >= 1,),
    name="so the mean of their places is the middle of the bin",
    judged_in="real",
    beyond=NONLINEAR,
)
rounded = Theorem(
    (-q <= 2 * (a - corner * q)) & (2 * (a - corner * q) < q),
    where=(q >= 1, a >= 0),
    name="RoI max-pooling moves a corner a/q by half an element at most",
    judged_in="integer",
    beyond={"cvc5": "nonlinear integer division: cvc5 runs out of steps"},
)

claim = Claim(
    __name__,
    title="RoIAlign interpolates between four elements and is exact on affine images; RoI "
    "max-pooling moves corners by up to half an element.",
    holds="samples inside the image, corners of at least 0; exact arithmetic",
    why="Bilinear interpolation is a mean, and the samples of a bin lie around its middle.",
    source="He, Gkioxari, Dollár and Girshick 2017, section 3; Girshick 2015, section 2.1; the "
    "formulas of torchvision.ops.roi_align and roi_pool",
    generality="all values, all places, any number of samples",
    parts=(between, affine, samples, middle, rounded),
    expected=expect(PROVED, "real"),
    mutants={
        "any share": replace(between, given=UNIT[:2]),
        "of products as well": Theorem(
            line(t, i * i, (i + 1) * (i + 1)) == (i + t) * (i + t), judged_in="real"
        ),
        "samples from the corner on": replace(samples, conclusion=summation(k, m, 2 * k) == m * m),
        "a corner stays": replace(rounded, conclusion=a == corner * q),
    },
)
