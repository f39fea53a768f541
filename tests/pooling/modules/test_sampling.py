from __future__ import annotations

import pytest
import torch

import pooling
from pooling.modules.sampling import uniform


def test_reproducible_from_the_generator() -> None:
    """The same seed gives the same numbers, in the dtype of the input and on its device."""
    x = torch.ones(1, dtype=torch.float64)
    first, again = (uniform((5,), x, torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, again) and first.dtype == torch.float64
    assert not torch.equal(first, uniform((5,), x, torch.Generator().manual_seed(4)))


def test_without_one_torchs_own_seed_counts() -> None:
    """As in torch's dropout."""
    x = torch.ones(1)
    drawn = []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        drawn.append(uniform((4,), x, None))
    assert torch.equal(drawn[0], drawn[1]) and not torch.equal(drawn[0], drawn[2])


@pytest.mark.parametrize("make", [pooling.StochasticPool2d, pooling.MixedPool2d])
def test_what_is_no_generator_is_refused(make: type[torch.nn.Module]) -> None:
    """At once, and not where it would first be asked for a number."""
    for generator, shown in ((3, "3 of type int"), ("cpu", "'cpu' of type str")):
        with pytest.raises(TypeError) as caught:
            make(2, generator=generator)
        assert str(caught.value) == f"generator must be a torch.Generator or None, got {shown}"


def test_a_generator_serves_other_devices() -> None:
    """It draws where it is, for an input anywhere."""
    x = torch.ones(1, device="meta")
    assert uniform((2,), x, torch.Generator()).is_meta
