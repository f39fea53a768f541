"""Average pooling after average pooling is one average pooling, if no windows overlap.

With s₁ = k₁ the first pool cuts the second's window into k₂ blocks of k₁ elements. Each element is
in exactly one block and each block has the same number, so the mean of the block means is the mean
of all. Overlapping windows count some elements twice, and gaps leave some out, so the cascade is a
weighted mean instead: unlike the maximum, which does not notice how often it reads a tap.

The mean of means is proved in the reals by induction over the blocks, of which only the sums
matter, and that every element is in one block is a sum over indices. Machine numbers round every
block mean, and so does a division of whole numbers.
"""

from dataclasses import replace

from proofs.claim import PROVED, REFUTED, Claim, Theorem, expect
from proofs.systems import BINARY, MACHINE
from proofs.terms import fold, half, indicator, sequence, summation, variables

k, e, s, j, m, mean, total, block, a, b = variables("k e s j m mean total block a b")
blocks = sequence("blocks")
ENOUGH = {"[!h]*/*float*": "a second opinion on a counterexample, at the price of bit-blasting"}
summed = fold(0, blocks, total, block, total + block)

means = Theorem(
    fold(0, blocks, mean, block, mean + block / k) == summed / k,
    where=(k >= 1,),
    name="block means add up to the sum over k₁",
    systems=("real",),
)
once = Theorem(
    summation(j, m, indicator((j * k <= e) & (e < j * k + k))) == indicator((0 <= e) & (e < m * k)),
    where=(k >= 1,),
    name="every element is in one block",
    systems=("real",),
    judged_in="integer",
)

claim = Claim(
    __name__,
    title="Average pooling with kernel and stride k₁, then k₂, is average pooling with kernel and "
    "stride k₁·k₂.",
    holds="no padding",
    why="Blocks of equal size partition the window. Rounding happens after every block.",
    source="the law of total expectation, for equal groups",
    generality="any number of blocks, of any sizes that are equal, in the reals. Two blocks of two "
    "in the integers, where a division rounds down, and in machine numbers, with the sums a and b, "
    "where it fails",
    parts=(
        means,
        once,
        Theorem(
            half(half(a) + half(b)) == half(half(a + b)), name="two blocks of two", beyond=ENOUGH
        ),
    ),
    expected=expect(PROVED, "real") | expect(REFUTED, "integer", MACHINE, BINARY),
    mutants={
        "not divided": replace(means, conclusion=means.conclusion.args[0] == summed),
        "overlapping windows": replace(
            once,
            conclusion=summation(j, m, indicator((j * s <= e) & (e < j * s + k)))
            == indicator((0 <= e) & (e < (m - 1) * s + k)),
            where=(k >= 1, 1 <= s, s <= k, m >= 1),
        ),
        "a block of two and one of one": Theorem(half(half(a) + b) == (a + b) / 3),
    },
)
