"""What a rewrite is here: a pooling in other words, and a twin with a mistake that people make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch

Network = Callable[..., torch.Tensor]


@dataclass(frozen=True)
class Pair:
    """A rewrite that is right, and one that is wrong."""

    #: What it is, in a few words.
    name: str
    #: What it is compared with: a pooling by name, or a module.
    reference: Any
    #: The shape of its input; of several inputs, their shapes.
    shape: tuple[Any, ...]
    right: Network | torch.nn.Module
    wrong: Network | torch.nn.Module
    #: The mistake of the twin, in a few words.
    mistake: str
    #: The number system.
    system: str = "real"


def pair(
    name: str,
    reference: Any,
    shape: tuple[Any, ...],
    network: Network,
    mistake: str,
    **changed: object,
) -> Pair:
    """Return a network and the same with other arguments, the mistake."""
    return Pair(name, reference, shape, network, partial(network, **changed), mistake)
