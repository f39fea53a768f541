"""The larger integer stands for the larger number, if both tensors have one scale and zero point.

q stands for s·(q − z). With the same s > 0 and z on both sides, integers are ordered as the numbers
are, and a maximum needs no arithmetic at all. With s and z on one side and t and w on the other the
same integer stands for two numbers: two such codes agree on at most one integer. So where scales
differ, as between the channels of a tensor quantised per channel or the inputs of a concatenation,
comparing the integers is wrong: 2 at scale 1 is less than 1 at scale 4. Requantise to a common
scale first; that never falls, and the maximum passes through it.
"""

from dataclasses import replace

from pooling.arithmetic import maximum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import variables

s, z, t, w, p, q = variables("s z t w p q")

same_code = Theorem(
    s * (maximum(p, q) - z) == maximum(s * (p - z), s * (q - z)),
    given=(s >= 0,),
    name="one scale and zero point",
)
two_codes = Theorem(
    (s == t) & (z == w),
    given=(p != q, s != 0, s * (p - z) == t * (p - w), s * (q - z) == t * (q - w)),
    name="codes that agree on two integers are one",
)

claim = Claim(
    __name__,
    title="The maximum of quantised tensors is that of their integers if they share scale and zero "
    "point; otherwise codes agree at most once.",
    holds="scales of at least 0; a code maps an integer q to scale·(q − zero point), and two codes "
    "agree at q if they map it to one number",
    why="q ↦ s·(q − z) rises, so it commutes with the maximum; two lines that share two points are "
    "one.",
    source="Jacob et al. 2018 (arXiv 1712.05877), affine quantisation; per-channel scales of "
    "torch.fake_quantize_per_channel_affine",
    generality="all numbers in the place of the integers p and q, the scales and the zero points",
    parts=(same_code, two_codes),
    expected=expect(PROVED, "real"),
    mutants={
        "another scale on one side": replace(
            same_code,
            conclusion=s * (maximum(p, q) - z) == maximum(s * (p - z), t * (q - z)),
            given=(s >= 0, t >= 0),
        ),
        "another zero point on one side": replace(
            same_code, conclusion=s * (maximum(p, q) - z) == maximum(s * (p - z), s * (q - w))
        ),
        "a common scale is enough": replace(two_codes, conclusion=z == w, given=(p != q, s == t)),
    },
)
