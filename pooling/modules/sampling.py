"""Random numbers for poolings that draw, reproducible wherever the input is."""

from collections.abc import Sequence

import torch
from torch import Tensor


def check_generator(generator: torch.Generator | None) -> None:
    """Refuse what is no generator of torch.

    >>> check_generator(3)
    Traceback (most recent call last):
    ...
    TypeError: generator must be a torch.Generator or None, got 3 of type int
    """
    if generator is not None and not isinstance(generator, torch.Generator):
        raise TypeError(
            "generator must be a torch.Generator or None, got "
            f"{generator!r} of type {type(generator).__name__}"
        )


def uniform(shape: Sequence[int], like: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return numbers drawn uniformly from [0, 1), of the dtype and device of ``like``.

    A generator draws on its own device: the same seed gives the same numbers for an input anywhere.

    >>> seeded = torch.Generator().manual_seed(0)
    >>> uniform((2,), torch.ones(1), seeded).shape
    torch.Size([2])
    """
    if generator is None:
        return torch.rand(tuple(shape), dtype=like.dtype, device=like.device)
    device = generator.device
    drawn = torch.rand(tuple(shape), generator=generator, dtype=like.dtype, device=device)
    return drawn.to(like.device)
