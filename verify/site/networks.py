"""ReLU networks of a maximum, as the page draws them."""

from typing import Any

from pooling.networks import Network, shallow, tree
from verify.site.writing import Site

#: How many numbers the drawn networks take the maximum of, and by which scheme.
DRAWN = ((4, "tree"), (5, "shallow"), (5, "tree"), (9, "shallow"), (9, "tree"), (2, "tree"))
_SCHEMES = {"tree": tree, "shallow": shallow}


def drawn() -> list[dict[str, Any]]:
    """Return the networks of :data:`DRAWN`, weights and biases as text.

    >>> [(one["taps"], len(one["layers"])) for one in drawn()][:2]
    [(4, 3), (5, 3)]
    """
    return [_described(_SCHEMES[scheme](taps), taps, scheme) for taps, scheme in DRAWN]


def _described(network: Network, taps: int, scheme: str) -> dict[str, Any]:
    widths = ", ".join(map(str, network.widths))
    layers = "one hidden layer" if network.depth == 1 else f"{network.depth} hidden layers"
    return {
        "name": f"maximum of {taps}, {scheme}: {layers} of {widths}",
        "taps": taps,
        "scheme": scheme,
        "layers": [
            {
                "weights": [[str(weight) for weight in row] for row in layer.weights],
                "bias": [str(constant) for constant in layer.bias],
            }
            for layer in network.layers
        ],
    }


def write(site: Site) -> None:
    """Write the page on networks and its data."""
    networks = drawn()
    site.data("networks-data.js", NETWORKS=networks)
    site.page(
        "networks.html", "networks.html", title="The maximum as a ReLU network", networks=networks
    )
    site.found_by("The maximum as a ReLU network", "page", "networks.html", "tree shallow layers")
