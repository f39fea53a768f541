from __future__ import annotations

import torch
import torch.nn.functional as F

from pooling.windows import adaptive_window


def test_readers_in_torch() -> None:
    """The windows that a single element reaches in torch, for all sizes up to 12."""
    for size in range(1, 13):
        for outputs in range(1, 13):
            # Each element in a channel of its own, where it is the only one that is not 0.
            reached = F.adaptive_avg_pool1d(torch.eye(size), outputs).T != 0
            for element in range(size):
                start, end = adaptive_window(outputs, size, element)
                assert reached[:, element].nonzero().flatten().tolist() == list(range(start, end))


def test_upsampling_repeats() -> None:
    """To a multiple of its size an axis is repeated, as by nearest-neighbour interpolation."""
    x = torch.randn(1, 2, 5)
    for factor in (1, 2, 3):
        repeated = F.interpolate(x, scale_factor=factor, mode="nearest")
        assert torch.equal(F.adaptive_max_pool1d(x, 5 * factor), repeated)
        assert torch.equal(F.adaptive_avg_pool1d(x, 5 * factor), repeated)
    assert torch.equal(F.adaptive_avg_pool2d(x[None], (None, 5)), x[None])
