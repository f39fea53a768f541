"""A first layer of n neurons is too narrow for the maximum of n numbers; n + 1 are enough.

Let the first layer be ReLU(Wx + b), with n neurons or fewer, and let anything follow. If W·d = 0
for some d ≠ 0, points x and x + d look the same to all that follows. Take d with max(d) ≠ 0, which
d or −d has: along it the maxima of x + t·d move apart, while the network stands still. Over inputs
≥ 0 this holds with n − 1 neurons or fewer: (s, …, s) and (s, …, s) + t·d are ≥ 0 for large s.

If no such d exists, W is square and has an inverse. Where Wx + b ≤ 0 the network stands still too:
that is the point −W⁻¹·b plus the cone of the columns of −W⁻¹. Were the maximum of every column 0,
that of their sum could only be 0 if all columns were 0 in one place, but then W had no inverse. So
there is a direction d in the cone with max(d) ≠ 0, as before.

On a direction with max(d) = ±1, go as far as the entries of x spread, and 2 further: the maxima are
2 apart and the network errs by 1 at least. ``refute_narrow`` beside this file returns the point.

With n + 1 neurons it is done: max(x) = x₁ + max(ReLU(x₂ − x₁), …), and x₁ = ReLU(x₁) − ReLU(−x₁).
Where x₁ ≥ 0 the last one is not needed.
"""

from functools import reduce

from pooling.arithmetic import maximum
from pooling.networks import Affine, Network, tree
from proofs.claim import PROVED, PROVED_BOUNDED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.networks._counterexamples import refute_narrow
from proofs.networks.max_of_five_in_two_layers import on_cones
from proofs.terms import Term, fold, greatest, relu, sequence, variables

z, y, network, here, there, tap, step, low, high, top = variables("z y N P Q x s low high top")
first, m, t = variables("first m t")
rest = sequence("x")
#: Networks up to this many numbers are built, proved on cones, and cut.
LARGEST = 5


def narrow_first(taps: int, non_negative: bool) -> Network:
    """Return the maximum with as narrow a first layer as there is, for two numbers or more.

    The first layer gives every other number's ReLU(xᵢ − x₁), whose maximum is a tree's of numbers
    ≥ 0, and x₁ by two neurons, or one, which all later layers pass on.
    """
    differences = [[-1, *[int(i == j) for i in range(1, taps)]] for j in range(1, taps)]
    signs = [1] if non_negative else [1, -1]
    rows = [*differences, *[[sign] + [0] * (taps - 1) for sign in signs]]
    unit = [[int(i == j) for i in range(len(rows))] for j in range(len(rows))]
    largest = tree(taps - 1, non_negative=True)
    waiting = Network((Affine.linear([[1]]),) * (largest.depth + 1))
    return reduce(
        lambda before, after: after.after(before),
        [
            Network((Affine.linear(rows), Affine.linear(unit))),
            reduce(Network.beside, [largest, *[waiting for _ in signs]]),
            Network((Affine.linear([[1, *signs]]),)),
        ],
    )


def narrower(network: Network, neuron: int) -> Network:
    """Return the network without one neuron of its first layer."""
    (front, behind), later = network.layers[:2], network.layers[2:]
    kept = [place for place in range(len(front.bias)) if place != neuron]
    cut = Affine(
        tuple([front.weights[place] for place in kept]), tuple([front.bias[p] for p in kept])
    )
    joined = Affine(tuple([tuple([row[p] for p in kept]) for row in behind.weights]), behind.bias)
    return Network((cut, joined, *later))


def widths(missing: int = 0) -> str:
    """Check that the narrowest networks are maxima, and that they err without any one neuron.

    Raises ``CheckFailedError`` if one is not, or not as narrow as said less ``missing`` neurons.
    """
    for taps in range(2, LARGEST + 1):
        for non_negative in (False, True):
            found = narrow_first(taps, non_negative)
            on_cones(found, non_negative)
            needed = taps + (not non_negative) - missing
            if found.widths[0] != needed:
                raise CheckFailedError(
                    f"the maximum of {taps} has {found.widths[0]} neurons in its first layer, "
                    f"not {needed}"
                )
            for neuron in range(found.widths[0]):
                point, error = refute_narrow(narrower(found, neuron), non_negative)
                if error < 1 or (non_negative and min(point) < 0):
                    raise CheckFailedError(f"at {point} the cut network errs by {error} only")
    return f"2 to {LARGEST} numbers: n + 1 neurons, n for inputs ≥ 0; with one less it errs by 1"


def one_errs(factor: int) -> Theorem:
    """Say that what gives N at two points is off by the distance of the maxima over ``factor``."""
    worst: Term = maximum(abs(network - here), abs(network - there))
    return Theorem(
        factor * worst >= abs(here - there),
        name="one of two points that look the same",
        beyond={"sympy": "where N lies between P and Q their order does not settle it"},
    )


def still(given: tuple[Term, ...]) -> Theorem:
    """Say that a neuron at 0 stays there."""
    return Theorem(relu(z + y) == relu(z), given, name="a neuron that is not active")


def enough(start: Term | int) -> Theorem:
    """Say that the maximum is x₁ and how far the others rise above it, from ``start``."""
    risen = fold(start, rest, m, t, maximum(m, relu(t - first)))
    return Theorem(
        (risen >= 0) & (risen + relu(first) - relu(-first) == greatest(first, rest)),
        name="n + 1 are enough",
    )


FAR = (high - low + 2 <= step, low <= tap, tap <= high)

claim = Claim(
    __name__,
    title="A ReLU network for the maximum of n numbers needs at least n + 1 neurons in its first "
    "layer, which are enough.",
    holds="at any depth; n neurons for inputs ≥ 0",
    why="Fewer leave a direction, or a cone, in which the maximum moves and no neuron sees it.",
    source="elementary; derived for this project",
    generality="any n, depth, weights, biases and activations behind the first layer",
    parts=(
        kernel(
            "the_first_layer_needs_more_neurons_than_taps",
            "networks/first_layer.v",
            "real",
            says="n neurons or fewer: whatever follows is not the maximum",
            cross_check=False,
        ),
        kernel(
            "not_negative_inputs_need_as_many_neurons_as_taps",
            "networks/first_layer.v",
            "real",
            says="for inputs ≥ 0, n − 1 neurons or fewer",
            cross_check=False,
        ),
        one_errs(2),
        still((z <= 0, y <= 0)),
        Theorem(top >= high + 2, (top >= tap + step, *FAR[:2]), name="the maximum rises by 2"),
        Theorem(tap - step <= low - 2, FAR[::2], name="the maximum falls by 2"),
        Theorem(z == 0, (z <= 0, y <= 0, z + y == 0), name="rays of maximum 0 that add up to one"),
        enough(0),
        Check(
            "the networks",
            "certificate",
            widths,
            PROVED_BOUNDED,
            ("real",),
            bound=f"up to {LARGEST} numbers",
            cross_check=True,
        ),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        "the network errs by all of the distance": one_errs(1),
        "an active neuron stays as it is": still((y <= 0,)),
        "how far the others are above 0": enough(first),
        "one neuron less": Check("", "certificate", lambda: widths(1), PROVED, ("real",)),
    },
)
