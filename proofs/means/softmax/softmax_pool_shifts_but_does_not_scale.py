"""Softmax and log-sum-exp pooling follow a shift of their input, but not a change of its scale.

A shift by c multiplies every exponential by g = exp(c/T), which cancels from the weights, and adds
c to every tap; log-sum-exp gains T·log g = c. A scale of λ does what it does to a maximum or a mean
only if the temperature changes with it: x/T stays what it is then.

At a fixed temperature it fails at once. Softmax pooling of 0 and log 2 is ⅔·log 2, and of twice as
much 8/5·log 2. Contrast, in other words, comes from the units of the input, and the temperature
has to be given in these.
"""

from dataclasses import replace

from proofs.claim import PROVED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import variables

weighted, weights, g, c, x, w, t, scale = variables("weighted weights g c x w t scale")
shifted, log_mean, log_g, largest = variables("shifted log_mean log_g largest")
NONLINEAR = {"cvc5": "products of unknowns: cvc5 runs out of steps"}

one_tap_more = Theorem(
    shifted + (g * w) * (x + c) == g * ((weighted + w * x) + c * (weights + w)),
    where=(shifted == g * (weighted + c * weights),),
    name="one tap more: Σgw(x + c) = g·(Σwx + c·Σw)",
    beyond=NONLINEAR,
)
shift = Theorem(
    shifted / (g * weights) == weighted / weights + c,
    where=(g > 0, weights > 0, shifted == g * (weighted + c * weights)),
    name="softmax pooling of x + c is that of x, and c",
    beyond=NONLINEAR,
)
logarithms = Theorem(
    (largest + c) + t * log_mean == (largest + t * log_mean) + c,
    name="log-sum-exp pooling too: the largest tap takes the shift",
)
together = Theorem(
    (scale * weighted) / weights == scale * (weighted / weights),
    where=(weights > 0,),
    name="scale and temperature together: the weights stay, the taps are scaled",
    beyond=NONLINEAR,
)

logarithms_together = Theorem(
    scale * largest + (scale * t) * log_mean == scale * (largest + t * log_mean),
    name="log-sum-exp pooling too: the exponentials of x/T stay",
)


def scaled_by(factor: int, temperature: int, follows: bool) -> str:
    """Compare softmax and log-sum-exp pooling of 0 and log 2 with those of ``factor`` as much."""
    import sympy

    from pooling import logsumexp_pool, softmax_pool

    taps = [sympy.Integer(0), sympy.log(2)]
    more = [factor * tap for tap in taps]
    found = []
    for pool in (softmax_pool, logsumexp_pool):
        (before,), (after,) = pool(taps, (2,)), pool(more, (2,), temperature=temperature)
        difference = sympy.simplify(after - factor * before)
        if bool(difference == 0) is not follows:
            raise CheckFailedError(f"{pool.__name__} of {more} is {after}, from {before}")
        found.append(f"{before} and {after}")
    return f"0 and log 2, times {factor}, temperature {temperature}: {'; '.join(found)}"


def at_temperature(temperature: int, follows: bool, name: str = "") -> Check:
    """Return the check of the definitions at a scale of 2."""
    return Check(name, "sympy", lambda: scaled_by(2, temperature, follows), PROVED, ("real",))


claim = Claim(
    __name__,
    title="Softmax and log-sum-exp pooling are equivariant under adding a constant to all taps, "
    "under scaling only if the temperature is scaled too.",
    why="The weights depend on differences of taps over T.",
    source="standard facts about softmax; Dive into Deep Learning, pooling chapter, exercise on "
    "softmax",
    generality="any number of taps, all real values, shifts and scales, in exact arithmetic; the "
    "counterexample is the definition's own, at 0 and log 2",
    parts=(
        kernel(
            "shifts_pass_through",
            "means/softmax/softmax_bounds.v",
            "real",
            says="any number of taps: a shift passes through both poolings",
            cross_check=False,
        ),
        kernel(
            "scales_pass_through_with_the_temperature",
            "means/softmax/softmax_bounds.v",
            "real",
            says="any number of taps: a scale does, with the temperature scaled",
            cross_check=False,
        ),
        one_tap_more,
        shift,
        logarithms,
        together,
        logarithms_together,
        at_temperature(1, False, "not at a fixed temperature: 0 and log 2, doubled"),
        at_temperature(2, True, "with the temperature doubled as well"),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "at a fixed temperature too": at_temperature(1, True),
        "a shift changes nothing": replace(
            shift, conclusion=shifted / (g * weights) == weighted / weights
        ),
        "log-sum-exp at a fixed temperature too": replace(
            logarithms_together,
            conclusion=scale * largest + t * log_mean == scale * (largest + t * log_mean),
        ),
        "log-sum-exp takes T times the shift": replace(
            logarithms, conclusion=(largest + c) + t * log_mean == (largest + t * log_mean) + t * c
        ),
    },
)
