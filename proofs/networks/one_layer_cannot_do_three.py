"""No network with one hidden layer is the maximum of three or more numbers, whatever its width.

Let N(x) = c + Σ v·ReLU(w·x + b) and D(x) = N(x) − N(−x). For one neuron, with z = w·x, the odd
part ReLU(z + b) − ReLU(−z + b) is z up to |b|. As v·ReLU(y) = ±ReLU(|v|·y), v may be taken as ±1,
and neurons are added one at a time: D is linear up to C, the sum of all |v·b|, by induction.

A linear map gives 0 on x₁ + x₂ + x₃ − (x₁ + x₂ + x₃), so there D gives at most 4C. Let the
points be xᵢ = t·eᵢ. Were N the maximum, D would be max(x) − max(−x), which gives t or more there.
For t > 4C this cannot be: N errs by (t − 4C)/8 or more on one of the points or their negatives.
``refute_one_layer`` beside this file returns it for any given network.
"""

from functools import reduce

from pooling.arithmetic import maximum
from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import Term, constant, implies, relu, variables

z, bias, v, y, D, linear, C, t = variables("z b v y D L C t")
x1, x2, x3, x4 = variables("x1 x2 x3 x4")
odd = relu(z + bias) - relu(-z + bias)


def odd_maximum(window: tuple[Term, ...]) -> Term:
    """Return max(x) − max(−x)."""
    return reduce(maximum, window) - reduce(maximum, [-x for x in window])


def left_over(taps: int) -> Term:
    """Return what the maximum leaves on the three points and their sum, in ``taps`` numbers."""
    zero = constant(0)

    def point(*ones: int) -> Term:
        return odd_maximum(tuple([t if tap in ones else zero for tap in range(taps)]))

    return point(0) + point(1) + point(2) - point(0, 1, 2)


def step(sign: int, more: Term) -> Theorem:
    """Say that one more neuron, of weight ``sign``, adds at most ``more`` to the distance."""
    return Theorem(
        implies(abs(D - linear) <= C, abs((D + sign * odd) - (linear + sign * z)) <= C + more),
        name=f"one neuron more, of weight {sign}",
    )


def contradiction(times: int) -> Theorem:
    """Say that four values within C of 0 in sum cannot leave t, if t is more than 4C."""
    near = [abs(x) <= C for x in (x1, x2, x3, x4)]
    return Theorem(
        x1 + x2 + x3 - x4 != t,
        given=(*near, times * C < t),
        name="the four distances from a linear map",
    )


claim = Claim(
    __name__,
    title="No ReLU network with one hidden layer, however wide, computes the maximum of three or "
    "more numbers.",
    why="The odd part of such a network is linear up to a constant; that of the maximum of three "
    "is not, by as much as one likes.",
    source="Mukherjee & Basu 2017 (arXiv 1711.03073) by another route; the parity argument is "
    "elementary",
    generality="any width, weights and biases, any three or more numbers, by induction over the "
    "neurons; link by link by solvers, where four numbers stand for all more of them",
    parts=(
        Theorem(
            abs(odd - z) <= abs(bias),
            name="one neuron",
            beyond={"sympy": "orders of z and b do not settle the sign of z + b"},
        ),
        Theorem(
            v * relu(y) == relu(v * y),
            given=(v >= 0,),
            name="weights go inside",
            beyond={"sympy": "a product of two signs", "hypothesis": "SMT decides it"},
        ),
        step(1, abs(bias)),
        step(-1, abs(bias)),
        Theorem(left_over(3) == t, name="the maximum of three"),
        Theorem(left_over(4) >= t, given=(t >= 0,), name="the maximum of four"),
        contradiction(4),
        kernel(
            "one_hidden_layer_is_not_the_maximum",
            "networks/one_layer.v",
            "real",
            says="all neurons and any three or more numbers: the links joined",
            cross_check=False,
        ),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "an odd part that is linear": Theorem(odd == z),
        "half the constant": Theorem(2 * abs(odd - z) <= abs(bias)),
        "one neuron more costs nothing": step(1, constant(0)),
        "C alone is enough": contradiction(1),
        "the maximum of three is odd and linear": Theorem(left_over(3) == 0),
    },
)
