"""Max-pooling may be done before or after quantising, if the scale is positive.

Quantising a number x means: divide by the scale s, round to a nearest integer, add the zero point
z, and clamp into the range of the dtype. Each of the four steps never falls, so the maximum passes
through all of them (``max-commutes-with-monotone``). Of the rounding the proof knows only that no
other integer is nearer, so every tie rule is covered; of s only that it is positive, of z and the
range nothing. In float32 every step is rounded by itself, and still none falls, infinities
included, whether the scale divides or its reciprocal multiplies. With a negative scale the largest
number has the smallest integer, so the maximum of the numbers is the minimum of the integers.

It takes one scale and one zero point for the whole window. That is so with per-channel scales too,
as long as the maximum is taken within each channel, as pooling does. NaN has no place in any
order: it quantises to an end of the range, and to which one depends on the function of torch.
"""

from collections.abc import Callable

from pooling.arithmetic import maximum, minimum
from proofs.claim import Check, CheckFailedError, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import Term, implies, select, variables
from proofs.verdict import Verdict

s, r, t, m, n, z, low, high = variables("s r t m n z low high")
#: r and t are the two numbers in units of the scale; m and n are integers nearest to them.
NEAREST = (abs(m - r) <= abs(n - r), abs(n - t) <= abs(m - t))
A_FUNCTION = (implies(r == t, m == n),)


def quantised(rounded: Term) -> Term:
    """Return the quantised number: with the zero point, inside the range."""
    clamped: Term = minimum(maximum(rounded + z, low), high)
    return clamped


def commutes(*scale: Term, best: Callable[[Term, Term], Term] = maximum) -> Theorem:
    """Say that quantising the larger of s·r and s·t is the ``best`` of both quantised."""
    of_maximum = select(s * t <= s * r, quantised(m), quantised(n))
    return Theorem(
        of_maximum == best(quantised(m), quantised(n)),
        given=scale,
        where=(*A_FUNCTION, *NEAREST),
        name="maximum" if best is maximum else "minimum",
        systems=("real",),
    )


def on_layers(scale: float, pool: str = "max_pool2d") -> str:
    """Compare max-pooling before and after ``torch.fake_quantize_per_tensor_affine``.

    Windows of all sizes from 1 to 4 over numbers of all magnitudes, clamped ones and ties included.
    Raises ``CheckFailedError`` at the first layer that differs.
    """
    import torch

    generator = torch.Generator().manual_seed(0)
    compared = 0
    for low_end, high_end in ((-128, 127), (0, 255), (-8, 7)):
        for zero_point in (low_end, 0, high_end // 2):
            x = torch.randn(1, 4, 24, 24, generator=generator) * abs(scale) * (high_end - low_end)
            x[:, ::2] = (x[:, ::2] / scale * 2).round() * scale / 2
            for size in (1, 2, 3, 4):

                def rounded(y: torch.Tensor, ends: tuple[int, int, int]) -> torch.Tensor:
                    return torch.fake_quantize_per_tensor_affine(y, scale, *ends)

                def pooled(y: torch.Tensor, size: int = size) -> torch.Tensor:
                    result: torch.Tensor = getattr(torch.nn.functional, pool)(y, size, stride=1)
                    return result

                ends = (zero_point, low_end, high_end)
                if not torch.equal(pooled(rounded(x, ends)), rounded(pooled(x), ends)):
                    raise CheckFailedError(
                        f"{pool} of {size} × {size} differs: scale {scale}, zero point "
                        f"{zero_point}, range {low_end} … {high_end}"
                    )
                compared += 1
    return f"{compared} layers, the same bit for bit"


def checked(name: str, run: Callable[[], str]) -> Check:
    """Return a comparison with torch, which says again on layers what is stated of numbers."""
    return Check(name, "torch", run, Verdict.MEASURED, ("float32",), cross_check=True)


claim = Claim(
    __name__,
    title="Quantising with one positive scale commutes with the maximum; with a negative scale the "
    "maximum becomes the minimum of the integers.",
    holds="one scale and zero point, no NaN; in float32 every step rounded by itself, max_pool2d "
    "being run at two positive scales",
    why="Dividing by s > 0, rounding, adding z and clamping never fall.",
    source="Jacob et al. 2018 (arXiv 1712.05877), affine quantisation; torch.fake_quantize",
    generality="all numbers, scales, zero points and ranges, any rounding to a nearest integer; in "
    "torch layers of one window size each, without NaN",
    parts=(
        Theorem(m <= n, given=(*NEAREST, r < t), name="rounding never falls", judged_in="real"),
        commutes(s > 0),
        commutes(s < 0, best=minimum),
        Theorem(
            minimum(maximum(r, t), high) == maximum(minimum(r, high), minimum(t, high)),
            name="clamping, NaN included",
            beyond={"[cz]*/float32": "seconds, where bitwuzla takes a tenth of one"},
        ),
        kernel(
            "quantising_passes_the_maximum",
            "quantised/quantising.v",
            "float32",
            says="maximum",
            cross_check=False,
        ),
        kernel(
            "quantising_turns_the_maximum",
            "quantised/quantising.v",
            "float32",
            says="minimum",
            cross_check=False,
        ),
        checked("max_pool2d, scale 0.1", lambda: on_layers(0.1)),
        checked("max_pool2d, scale 3", lambda: on_layers(3.0)),
    ),
    expected=expect(Verdict.PROVED, "real float32"),
    mutants={
        "different numbers stay different": Theorem(
            m < n, given=(*NEAREST, r < t), systems=("real",)
        ),
        "the minimum with a positive scale": commutes(s > 0, best=minimum),
        "average pooling in torch": checked("", lambda: on_layers(0.1, "avg_pool2d")),
    },
)
