"""The gradients of softmax pooling add up to 1, whatever the taps and the temperature.

It is said that softmax pooling makes gradients vanish. With weights pᵢ = exp(xᵢ/T)/Σ exp(xⱼ/T) and
the result s = Σ pᵢ·xᵢ, the gradient at a tap is pᵢ·(1 + (xᵢ − s)/T). As Σ pᵢ = 1 and
Σ pᵢ·(xᵢ − s) = 0, these add up to 1: so the largest of k gradients is at least 1/k, and all
together pass on what came in, as those of the average (1/k each) and of the maximum (1 and zeros)
do. All three move with their taps, and that is why.

What is true is that single gradients can be as small as one likes, as for the maximum, and, unlike
there, negative: at a tap more than T below the result, raising it lowers the result. What does
vanish is the gradient of a softmax itself, as in a classifier. That of a weight pᵢ by xⱼ is
pᵢ·((1 if i = j else 0) − pⱼ)/T, which adds up to 0 over j, and for two taps is at most 1/4 in size
and next to nothing where one weight is nearly 1.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from proofs.claim import MEASURED, PROVED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.terms import fold, iff, sequence, variables

T, whole, moment, p, x, s = variables("T whole moment p x s")
first, so_far, one, a, b = variables("first so_far one a b")
gradients = sequence("gradients")

number = fold(1, gradients, so_far, one, so_far + 1)
total = fold(first, gradients, so_far, one, so_far + one)
largest = fold(first, gradients, so_far, one, so_far.maximum(one))

# With weights wᵢ before they are divided by their sum: whole = Σ wᵢ and moment = Σ wᵢ·xᵢ.
add_up = Theorem(
    (whole + (moment - moment / whole * whole) / T) / whole == 1,
    where=(whole > 0, T > 0),
    name="the gradients add up to 1: Σ wᵢ·(1 + (xᵢ − s)/T)/Σ w with s = Σ wᵢ·xᵢ/Σ w",
)
one_is_large = Theorem(
    (number >= 1) & (total <= number * largest),
    name="so the largest of k gradients is at least 1/k",
)
negative = Theorem(
    iff(p * (1 + (x - s) / T) < 0, x < s - T),
    where=(p > 0, T > 0),
    name="a gradient is negative exactly more than T below the result",
)
weights_vanish = Theorem(
    (4 * (a * b) <= (a + b) * (a + b)) & (a * b <= b * (a + b)),
    where=(a > 0, b > 0),
    name="that of a weight itself, a·b/(a + b)², is at most 1/4 and the other weight b/(a + b)",
)


def closed_form(claimed: str = "p*(1 + (x - s)/T)") -> str:
    """Differentiate softmax pooling by one of its taps and compare with a closed form in SymPy.

    The other taps, however many, enter by the sum of their weights and of their weighted values.
    Raises ``CheckFailedError`` if it is another form.
    """
    import sympy

    x, temperature, weight = sympy.symbols("x T w", positive=True)
    others, moment = sympy.symbols("W V")
    pooled = (x * weight + moment) / (weight + others)
    # The weight is exp(x/T), so its derivative is itself over T.
    gradient = sympy.diff(pooled, x) + sympy.diff(pooled, weight) * weight / temperature
    known = {"p": weight / (weight + others), "s": pooled, "x": x, "T": temperature}
    if sympy.cancel(gradient - sympy.sympify(claimed, locals=known)) != 0:
        raise CheckFailedError(f"the gradient is not {claimed}")
    return f"∂s/∂x = {claimed}, any number of other taps"


def lower_is_negative(distance: int = 3) -> str:
    """Look at the gradient of the tap 0 beside the tap ``distance``, at temperature 1.

    Raises ``CheckFailedError`` if it is not negative.
    """
    import sympy

    low = sympy.Symbol("low", real=True)
    weights = sympy.exp(distance), sympy.exp(low)
    pooled = (distance * weights[0] + low * weights[1]) / (weights[0] + weights[1])
    found = sympy.diff(pooled, low).subs(low, 0)
    if not found < 0:
        raise CheckFailedError(f"beside {distance} the gradient of 0 is {float(found):.4f}")
    return f"taps {distance} and 0: the gradient of 0 is {float(found):.4f}"


def gradient(weight: Any, tap: Any, result: Any, temperature: float) -> Any:
    """Return the closed form, of numbers or of tensors."""
    return weight * (1 + (tap - result) / temperature)


def by_torch(claimed: Callable[..., Any] = gradient, windows: int = 20) -> str:
    """Compare a closed form with torch's differentiation, in double precision.

    Raises ``CheckFailedError`` where they differ by more than rounding explains.
    """
    import torch

    random = torch.Generator().manual_seed(0)
    for temperature in (0.5, 1.0, 4.0):
        taps = torch.randn(windows, 9, generator=random, dtype=torch.float64).requires_grad_()
        weights = torch.softmax(taps / temperature, 1)
        pooled = (weights * taps).sum(1, keepdim=True)
        (found,) = torch.autograd.grad(pooled.sum(), taps)
        stated = claimed(weights, taps, pooled, temperature)
        if not torch.allclose(found, stated, rtol=0, atol=1e-12):
            raise CheckFailedError(f"torch differentiates otherwise at temperature {temperature}")
    return f"{3 * windows} windows of 9 taps, three temperatures"


claim = Claim(
    __name__,
    title="The gradients of softmax pooling are p·(1 + (x − s)/T) and add up to 1, so they never "
    "all vanish; some may be negative.",
    holds="tap x of weight p, result s, temperature T > 0",
    why="Softmax pooling moves with its taps. It is the weights whose gradients cancel and vanish.",
    source="said in answers to the exercise on softmax pooling of Dive into Deep Learning's "
    "pooling chapter: softmax pooling makes gradients vanish",
    generality="any number of taps, all their values and all temperatures",
    parts=(
        Check("closed form", "sympy", closed_form, PROVED, ("real",)),
        add_up,
        one_is_large,
        negative,
        weights_vanish,
        Check("one is negative", "sympy", lower_is_negative, PROVED, ("real",)),
        Check("by torch", "torch", by_torch, MEASURED, ("real",), cross_check=True),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "as it is said: every gradient of a window can be less than 1/k": Theorem(
            number * largest < 1, given=(total == 1,)
        ),
        "they add up to 0, as those of a weight do": replace(
            add_up, conclusion=(moment - moment / whole * whole) / whole == 1
        ),
        "beside a tap of 1 that of 0 is negative too": Check(
            "", "sympy", lambda: lower_is_negative(1), PROVED, ("real",)
        ),
        "the gradient is the weight": Check(
            "", "sympy", lambda: closed_form("p"), PROVED, ("real",)
        ),
        "the gradient of the weight": Check(
            "", "sympy", lambda: closed_form("p*(1 - p)/T"), PROVED, ("real",)
        ),
    },
)
