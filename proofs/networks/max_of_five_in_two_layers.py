"""The maximum of five numbers takes two hidden layers, where a binary tree takes three.

With M for the maximum, twice M(a, b, c, d, e) is

M(2a, M(b,c) + M(d,e)) + M(a,c,d,e) + M(a,b,d,e) + M(a,b,c,e) + M(a,b,c,d)
− M(M(a,b) + M(a,c), M(b,c) + M(d,e)) − M(M(a,d) + M(a,e), M(b,c) + M(d,e)).

Every outer maximum is one of two numbers that one hidden layer computes, so two layers do. Their
weights are 0, ±1 and ½; with integers alone three layers are known to be needed (Haase, Hertrich,
Loho 2023, arXiv 2302.12553, cited and not proved here). Five of these networks side by side, and
one behind them, take 25 numbers in four layers.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from itertools import permutations
from math import gcd

from pooling.arithmetic import maximum
from pooling.networks import Affine, Network, shallow, tree
from proofs.claim import PROVED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.kernel import kernel
from proofs.terms import Term, applied, variables

#: A cone is given by its rays: its points are their sums with multipliers of at least 0.
Ray = tuple[int, ...]
Cone = tuple[Ray, ...]

a, b, c, d, e = variables("a b c d e")
TAPS = (a, b, c, d, e)
SLOW = {
    "hypothesis": "seconds of exact arithmetic for samples of what both solvers prove",
    "yices": "more orders of ten differences than it goes through in a minute",
}


def largest(*values: Term) -> Term:
    """Return the maximum, merged from the left."""
    return reduce(maximum, values)


def identity(*, dropped: int | None = None) -> Theorem:
    """State the identity, without one of its seven terms if ``dropped`` says so."""
    bc, de = largest(b, c), largest(d, e)
    terms = [
        largest(2 * a, bc + de),
        largest(a, c, d, e),
        largest(a, b, d, e),
        largest(a, b, c, e),
        largest(a, b, c, d),
        -largest(largest(a, b) + largest(a, c), bc + de),
        -largest(largest(a, d) + largest(a, e), bc + de),
    ]
    kept = [term for place, term in enumerate(terms) if place != dropped]
    return Theorem(
        2 * largest(*TAPS) == reduce(lambda x, y: x + y, kept), name="the identity", beyond=SLOW
    )


def network_of_five(*taps: Term) -> Term:
    """Return what the network puts out, neuron by neuron."""
    output: Term = shallow(5)(taps)[0]
    return output


def narrow_network_of_five(*taps: Term) -> Term:
    """Return what the network for inputs of at least 0 puts out."""
    output: Term = shallow(5, non_negative=True)(taps)[0]
    return output


def changed_network_of_five(*taps: Term) -> Term:
    """Return what the network puts out with one weight negated."""
    output: Term = changed(shallow(5))(taps)[0]
    return output


def is_maximum(
    network: Callable[..., Term], name: str = "", given: tuple[Term, ...] = ()
) -> Theorem:
    """Say that ``network`` computes the maximum of five."""
    return Theorem(applied(network, *TAPS) == largest(*TAPS), given, name=name, beyond=SLOW)


#: What the narrow network needs, weaker than that no input is negative.
CARRIED = (a >= 0, largest(b, c) + largest(d, e) >= 0)


def orders(taps: int, non_negative: bool) -> Iterator[Cone]:
    """Yield cones that cover all inputs, or those ≥ 0, with the inputs in one order in each.

    The inputs with x₁ ≥ x₂ ≥ … are the sums of 1 at the first k places, k < taps, with multipliers
    of at least 0, and of a multiple of 1 everywhere.
    """
    for order in permutations(range(taps)):
        steps = [tuple([int(tap in order[:k]) for tap in range(taps)]) for k in range(1, taps)]
        for sign in (1,) if non_negative else (1, -1):
            yield (*steps, (sign,) * taps)


class _Pieces:
    """Splits cones until a network without biases is linear on each of them."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.known: dict[Ray, list[Fraction]] = {}

    def neurons(self, ray: Ray) -> list[Fraction]:
        """Return what every neuron takes the ReLU of at ``ray``, and at the end the output."""
        if ray not in self.known:
            values: list[Fraction] = []
            reached: Sequence[int | Fraction] = ray
            for layer in self.network.layers:
                before = layer(reached)
                values += before
                reached = [max(value, Fraction(0)) for value in before]
            self.known[ray] = values
        return self.known[ray]

    def split(self, cone: Cone) -> Iterator[Cone]:
        """Yield cones that cover ``cone`` and in which no neuron changes its sign.

        The first neuron that is positive at one ray and negative at another is linear on the cone,
        as no neuron before it has a kink there. The cone is cut in two at the point between these
        rays where it is 0; either half has one pair of rays of opposite sign less at least.
        """
        pending = [cone]
        while pending:
            rays = pending.pop()
            for values in list(zip(*[self.neurons(ray) for ray in rays], strict=True))[:-1]:
                low, high = min(values), max(values)
                if low < 0 < high:
                    down, up = values.index(low), values.index(high)
                    middle = _between(rays[down], -low, rays[up], high)
                    for place in (down, up):
                        pending.append((*rays[:place], middle, *rays[place + 1 :]))
                    break
            else:
                yield rays


def _between(down: Ray, below: Fraction, up: Ray, above: Fraction) -> Ray:
    """Return the ray between ``down`` and ``up`` at which what is −below and above there is 0."""
    scale = below.denominator * above.denominator
    x, y = int(above * scale), int(below * scale)
    middle = [x * low + y * high for low, high in zip(down, up, strict=True)]
    divisor = gcd(*middle) or 1
    return tuple([entry // divisor for entry in middle])


def on_cones(network: Network, non_negative: bool = False) -> str:
    """Prove without a solver that ``network`` is the maximum.

    In one order of the inputs the maximum is one of them. The network has no biases, and on a cone
    in which no neuron changes its sign every ReLU is the identity or 0, so it is linear as well.
    Two linear functions that agree on the rays of a cone agree on all of it, and the cones cover
    all inputs. Raises ``CheckFailedError`` with an input where they differ.
    """
    if any(any(layer.bias) for layer in network.layers):
        raise CheckFailedError("a network with biases is not linear on cones")
    pieces = _Pieces(network)
    count = 0
    for order in orders(network.inputs, non_negative):
        for cone in pieces.split(order):
            count += 1
            for ray in cone:
                if pieces.neurons(ray)[-1] != max(ray):
                    raise CheckFailedError(
                        f"at {ray} the network gives {pieces.neurons(ray)[-1]}, not {max(ray)}"
                    )
    return f"{count} cones with {len(pieces.known)} rays: equal at every ray, so everywhere"


def checked(name: str, network: Network, non_negative: bool = False) -> Check:
    """Return the proof over cones."""
    return Check(name, "certificate", lambda: on_cones(network, non_negative), PROVED, ("real",))


def fives_of_fives(network: Network, non_negative: bool) -> str:
    """Check that ``network`` takes five fives to their maxima, and then these to theirs.

    Raises ``CheckFailedError`` if it is anything else; that five in two layers is right is checked
    by itself.
    """
    five = shallow(5, non_negative)
    if network != five.after(reduce(Network.beside, [five] * 5)):
        raise CheckFailedError("the network is not the maximum of five behind five of them")
    return f"{network.depth} layers of {network.widths}: five behind five times five"


def twenty_five(network: Network, non_negative: bool = False) -> Check:
    """Return the check that the maximum of 25, a 5 × 5 window, takes four layers."""
    return Check(
        "25 in four layers" + ", for inputs ≥ 0" * non_negative,
        "certificate",
        lambda: fives_of_fives(network, non_negative),
        PROVED,
        ("real",),
    )


def changed(network: Network) -> Network:
    """Return the network with the first weight of its output negated."""
    *hidden, end = network.layers
    first, *rest = end.weights[0]
    return Network((*hidden, replace(end, weights=((-first, *rest),))))


def without(network: Network, neuron: int) -> Network:
    """Return the network with one neuron of its last hidden layer cut off."""
    *hidden, end = network.layers
    row = [entry * (place != neuron) for place, entry in enumerate(end.weights[0])]
    return Network((*hidden, Affine.linear([row])))


SIGNED, NON_NEGATIVE = shallow(5), shallow(5, non_negative=True)

claim = Claim(
    __name__,
    title="A ReLU network with two hidden layers computes the maximum of five numbers.",
    why="Seven maxima of two numbers each, of which either comes out of one hidden layer, add up "
    "to twice the maximum of five.",
    source="that two layers suffice: Bakaev et al. 2025 (arXiv 2505.14338); the identity was found "
    "by integer programming",
    generality="all real inputs",
    parts=(
        replace(
            identity(),
            by=(
                kernel(
                    "max_of_five_in_two_layers", "networks/five.v", "real", says="all five reals"
                ),
            ),
        ),
        is_maximum(network_of_five, "the network"),
        is_maximum(narrow_network_of_five, "the network without −a", CARRIED),
        checked("the network, on cones", SIGNED),
        checked("the network for inputs ≥ 0, on cones", NON_NEGATIVE, non_negative=True),
        twenty_five(shallow(25)),
        twenty_five(shallow(25, non_negative=True), non_negative=True),
    ),
    expected=expect(PROVED, "real"),
    mutants={
        **{
            f"the identity without term {place + 1}": identity(dropped=place) for place in (0, 1, 5)
        },
        "a weight negated": is_maximum(changed_network_of_five),
        "a weight negated, on cones": checked("", changed(SIGNED)),
        "a neuron cut off, on cones": checked("", without(SIGNED, 3)),
        "the network for inputs ≥ 0 on all inputs": checked("", NON_NEGATIVE),
        "25 in four layers by pairs": twenty_five(tree(25)),
    },
)
