"""Poolings look at one channel at a time.

Most leave the number of channels as it was; pyramids that are set beside the input have several
outputs of each, in the same order again and again.

Every definition that takes the input alone is run on numbers that remember which elements they are
made of. What comes out at one channel of one image is made of that channel of that image alone,
and nothing that is read depends on the values, so this is so for all of them. Hence channels may
be exchanged before a pooling or after it.

A convolution sums over channels: an output keeps to its own channel only if all weights between
different channels are 0. So a pooling that is rebuilt from convolutions needs as many groups as
channels.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import pooling
from pooling.kind import Kind, kinds
from proofs.claim import PROVED_BOUNDED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.terms import iff, variables

own, before, after, w, v = variables("own before after w v")

#: The most images, channels and elements along an axis that are tried.
IMAGES, CHANNELS, SIZE = 2, 3, 4


@dataclass(frozen=True, eq=False)
class Read:
    """A number that remembers which elements it is made of."""

    elements: frozenset[tuple[int, ...]]

    def _with(self, other: object) -> Read:
        return Read(self.elements | other.elements) if isinstance(other, Read) else self

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _with
    __truediv__ = __rtruediv__ = __pow__ = maximum = minimum = _with

    def exp(self) -> Read:
        """Return the exponential, which is made of the same."""
        return self

    log = exp


def poolings() -> dict[str, Callable[[Any], Any]]:
    """Return the definitions that take nothing beside the input, each as a function of it."""
    return {kind.family: partial(_pooled, kind) for kind in kinds() if not kind.beside}


def _pooled(kind: Kind[Any], x: Any) -> Any:
    """Pool by windows of 2 × 2, an element apart and padded where that can be, or to 2 × 2."""
    names = kind.parameters()
    given = {"output_size": 2, **kind.example}
    if "stride" in names:
        given |= {"kernel_size": 2, "stride": 1, "padding": 1}
    arguments = {name: given[name] for name in names if name in given}
    return kind.define(x, kind.read(2, x.shape, **arguments))


def kept_apart(definitions: dict[str, Callable[[Any], Any]] | None = None) -> str:
    """See what every output of every definition is made of, for all small inputs.

    Raises ``CheckFailedError`` if one reads another image or channel, or nothing at all.
    """
    import numpy

    definitions = poolings() if definitions is None else definitions
    shapes = [
        (images, channels, size, size)
        for images in range(1, IMAGES + 1)
        for channels in range(1, CHANNELS + 1)
        for size in range(2, SIZE + 1)
    ]
    for shape in shapes:
        x = numpy.empty(shape, object)
        for place in numpy.ndindex(*shape):
            x[place] = Read(frozenset([place]))
        for name, pool in definitions.items():
            pooled = pool(x)
            if pooled.shape[0] != shape[0] or pooled.shape[1] % shape[1]:
                raise CheckFailedError(f"{name}: {shape[1]} channels become {pooled.shape[1]}")
            for place in numpy.ndindex(*pooled.shape):
                of = {element[:2] for element in pooled[place].elements}
                if of != {(place[0], place[1] % shape[1])}:
                    raise CheckFailedError(f"{name} of {shape}: output {place} reads {sorted(of)}")
    return f"{len(definitions)} definitions on {len(shapes)} shapes"


def convolved(x: Any) -> Any:
    """Return what a convolution computes that has all weights 1 and as many channels as ``x``."""
    import numpy

    summed = pooling.avg_pool(x, (2, 2), 1).sum(axis=1, keepdims=True)
    return numpy.repeat(summed, x.shape[1], axis=1)


def checked(definitions: Callable[[], dict[str, Callable[[Any], Any]]]) -> Check:
    """Return the check of what the outputs of some definitions are made of."""
    return Check(
        "what outputs are made of",
        "certificate",
        lambda: kept_apart(definitions()),
        PROVED_BOUNDED,
        ("real",),
        bound=f"up to {IMAGES} images of {CHANNELS} channels, square, up to {SIZE} × {SIZE}, "
        "windows of 2 × 2, stride 1",
    )


convolution = Theorem(
    iff(w * own + v * before == w * own + v * after, (v == 0) | (before == after)),
    name="a convolution keeps to a channel exactly if its weights for the others are 0",
)

claim = Claim(
    __name__,
    title="Each output of a pooling reads one channel of one image; that of a convolution iff its "
    "weights for other channels are 0.",
    why="Windows extend over spatial axes alone.",
    source="Dive into Deep Learning, pooling chapter, Multiple Channels",
    generality="all values; two spatial axes and small shapes, for every definition that "
    "takes no numbers beside the input; two channels of a convolution",
    parts=(checked(poolings), convolution),
    expected=expect(PROVED_BOUNDED, "real"),
    mutants={
        "so does a convolution without groups": checked(lambda: {"sum": convolved}),
        "windows extend over channels": checked(
            lambda: {"max_pool": lambda x: pooling.max_pool(x, (3, 2, 2), 1, (1, 0, 0))}
        ),
        "whatever the weights of other channels": replace(
            convolution, conclusion=convolution.conclusion.args[0]
        ),
    },
)
