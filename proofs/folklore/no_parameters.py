"""No pooling layer of torch has anything to learn, and all but one kind have nothing to keep.

It is said that pooling has no parameters. Of torch's layers it is so: sizes, strides and the norm
of LP-pooling are fixed when a layer is made. None has a parameter, and a state is kept only by
fractional max-pooling that was given its random numbers, in a buffer.

It is no law. A norm or a temperature can be made a parameter, as generalized-mean pooling does
with its p (Radenović, Tolias and Chum 2018, arXiv 1711.02512), and a convolution in the place of
an average has weights, if fixed ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from proofs.claim import MEASURED, Check, CheckFailedError, Claim, expect

if TYPE_CHECKING:
    from torch.nn import Module


def layers() -> list[Module]:
    """Return one layer of every class that torch's module of poolings has."""
    from torch.nn.modules import pooling

    def made(name: str) -> Any:
        layer = getattr(pooling, name)
        if name.startswith("Fractional"):
            return layer(2, output_size=2)
        return layer(2.0, 2) if name.startswith("LP") else layer(2)

    return [made(name) for name in pooling.__all__]


def given_its_samples() -> list[Module]:
    """Return a fractional max-pooling that keeps its random numbers."""
    import torch

    return [torch.nn.FractionalMaxPool2d(2, output_size=2, _random_samples=torch.zeros(1, 1, 2))]


def convolutions() -> list[Module]:
    """Return a convolution that averages, which has weights."""
    import torch

    return [torch.nn.Conv2d(1, 1, 2, stride=2, bias=False)]


def nothing_kept(made: Callable[[], list[Module]]) -> str:
    """See that no layer has a parameter or a state; raise ``CheckFailedError`` otherwise."""
    checked = made()
    for layer in checked:
        kept = [name for name, _ in layer.named_parameters()] or list(layer.state_dict())
        if kept:
            raise CheckFailedError(f"{type(layer).__name__} keeps {', '.join(kept)}")
    return f"{len(checked)} classes of layers"


def checked(made: Callable[[], list[Module]]) -> Check:
    """Return the check of some layers, which can only ever be measured of this torch."""
    return Check("torch", "torch", lambda: nothing_kept(made), MEASURED, ("float32",))


claim = Claim(
    __name__,
    title="torch's pooling layers have no parameters, and keep no state that was not given to "
    "them.",
    why="What a window gives is fixed once its size and the kind of pooling are.",
    source="Dive into Deep Learning, pooling chapter: the pooling layer contains no parameters",
    generality="every class of torch.nn's poolings, adaptive, fractional and LP among them",
    parts=(checked(layers),),
    expected=expect(MEASURED, "float32"),
    mutants={
        "as for a convolution that averages": checked(convolutions),
        "fractional max-pooling given its random numbers": checked(given_its_samples),
    },
)
