"""How many windows there are: the output-size formulas count exactly the windows they should.

Window i starts i·s elements into the padded input. Without ``ceil_mode`` it counts if it lies
inside the padded input. With ``ceil_mode`` it counts if the windows before it leave some of the
padded input uncovered and it starts inside the input or the padding before it: the second half is
torch's correction, without which a window of padding alone would be counted.

The formulas proved here are the functions of ``pooling.windows`` themselves.
"""

from pooling.arithmetic import ceil_divide
from pooling.windows import output_size
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, applied, iff, variables

n, k, s, before, after, d, i = variables("n k s before after d i")
DOMAIN = (n >= 1, k >= 1, s >= 1, before >= 0, after >= 0, d >= 1)

start = i * s
padded = n + before + after
window_end = start + d * (k - 1)
previous_end = start - s + d * (k - 1)


def counts(outputs: Term) -> Term:
    """Say that window i is among the first ``outputs``."""
    return (i >= 0) & (i < outputs)


floor_size = applied(output_size, n, k, s, (before, after), d)
ceil_size = applied(output_size, n, k, s, (before, after), d, ceil_mode=True)
inside = (i >= 0) & (window_end < padded)
needed = (i >= 0) & (previous_end + 1 < padded) & (start < n + before)

claim = Claim(
    __name__,
    title="The output-size formulas, with and without ceil_mode, count exactly the windows that "
    "torch's rules admit.",
    holds="without ceil_mode those inside the padded input; with it those that begin inside the "
    "input or the padding before it while some of the padded input is left",
    why="⌊L/s⌋ is the largest i with i·s ≤ L. ceil_mode's correction is the smaller of two such "
    "bounds, so no case distinction is needed.",
    source="torch.nn.MaxPool2d, Shape; Dive into Deep Learning, padding and stride",
    generality="all input sizes, kernels, strides, paddings (each side its own) and dilations",
    parts=(
        Theorem(iff(counts(floor_size), inside), where=DOMAIN, name="floor"),
        Theorem(iff(counts(ceil_size), needed), where=DOMAIN, name="ceil_mode"),
    ),
    expected=expect(PROVED, "integer"),
    mutants={
        "one window too many": Theorem(iff(counts(floor_size + 1), inside), where=DOMAIN),
        "dilation ignored": Theorem(
            iff(counts(applied(output_size, n, k, s, (before, after))), inside), where=DOMAIN
        ),
        "ceil without the correction": Theorem(
            iff(counts(ceil_divide(padded - d * (k - 1) - 1, s) + 1), needed), where=DOMAIN
        ),
        "padding counted once": Theorem(
            iff(counts(applied(output_size, n, k, s, (before, 0), d)), inside),
            where=(*DOMAIN, d == 1),
        ),
    },
)
