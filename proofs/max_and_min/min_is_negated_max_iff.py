"""In fixed-width integers min(a, b) = −max(−a, −b) fails exactly at the smallest number.

Wrapping, −smallest is smallest again (for unsigned numbers, −0 is 0): the one number whose order
negation does not reverse. Any other partner then wins a comparison that it should lose, and only
two equal inputs come out right. Saturating, −smallest is largest, and the way back ends one too
high whatever the other input is.
"""

from pooling.arithmetic import maximum, minimum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.systems import INTEGERS, SATURATING, WRAPPING
from proofs.terms import iff, smallest, value, variables

a, b = variables("a b")
identity = minimum(a, b) == -maximum(-a, -b)
neither = (value(a) != smallest()) & (value(b) != smallest())

claim = Claim(
    __name__,
    title="In fixed-width integers min(a, b) = −max(−a, −b) iff neither is the smallest number, or "
    "they wrap and a = b.",
    why="The smallest number of two's complement is its own negative.",
    source="two's complement arithmetic; min-is-negated-max restated for int dtypes",
    generality="all pairs (a, b); all widths at once, signed or not, and 8 to 64 bits one by one",
    parts=(
        Theorem(iff(identity, neither | (a == b)), name="right iff", systems=WRAPPING),
        Theorem(iff(identity, neither), name="right iff", systems=SATURATING),
    ),
    expected=expect(PROVED, INTEGERS),
    mutants={
        "no exception for equal inputs": Theorem(iff(identity, neither)),
        "only a matters": Theorem(iff(identity, (value(a) != smallest()) | (a == b))),
    },
)
