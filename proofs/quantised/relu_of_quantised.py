"""The ReLU of a quantised tensor cuts at the zero point, not at 0.

An integer q stands for s·(q − z). That is negative where q is below z, so the ReLU of the numbers
is max(q, z) on the integers, with scale and zero point unchanged. ``torch.relu`` on the integers
themselves cuts at 0. The two agree where z is 0, and elsewhere only on integers that neither of
them touches.

The rewritten maximum is not concerned. In q − p the zero points cancel, so the ReLU of the
difference cuts at a true zero, and adding p brings the zero point back: the form is right on the
raw integers, as long as the difference has the bit it needs (``max-is-relu-with-one-more-bit``).
"""

from dataclasses import replace

from pooling.arithmetic import maximum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, iff, relu, variables

s, z, p, q = variables("s z p q")


def meant(integer: Term) -> Term:
    """Return the number that ``integer`` stands for.

    >>> meant(q)
    s·(q − z)
    """
    return s * (integer - z)


cut_at_zero_point = Theorem(
    relu(meant(q)) == meant(maximum(q, z)), given=(s >= 0,), name="cut at the zero point"
)
cut_at_zero = Theorem(
    iff(relu(q) == maximum(q, z), (z == 0) | ((q >= z) & (q >= 0))), name="cut at 0"
)
rebuilt = Theorem(
    meant(relu(q - p) + p) == maximum(meant(q), meant(p)),
    given=(s >= 0,),
    name="the rewritten maximum",
)

claim = Claim(
    __name__,
    title="The ReLU of a quantised tensor is max(q, z) on its integers; max(q, 0) agrees iff z = 0 "
    "or q ≥ max(z, 0).",
    holds="zero point z, a scale of at least 0",
    why="The integer z stands for zero. In a difference of two integers it cancels.",
    source="Jacob et al. 2018 (arXiv 1712.05877), affine quantisation",
    generality="all numbers in the place of the integers q and p, the zero point z and the scale s",
    parts=(cut_at_zero_point, cut_at_zero, rebuilt),
    expected=expect(PROVED, "real"),
    mutants={
        "cut at 0": replace(cut_at_zero_point, conclusion=relu(meant(q)) == meant(relu(q))),
        "right iff z is 0": replace(cut_at_zero, conclusion=iff(relu(q) == maximum(q, z), z == 0)),
        "the difference cut at the zero point": replace(
            rebuilt, conclusion=meant(maximum(q - p, z) + p) == maximum(meant(q), meant(p))
        ),
    },
)
