from __future__ import annotations

import itertools

import torch
from torch.nn.functional import max_pool1d


def test_outputs_move_along_iff_by_strides_in_torch() -> None:
    """One large element, anywhere: the outputs move along only with multiples of the stride."""
    for stride, moved in itertools.product(range(1, 5), range(1, 9)):
        middle = torch.eye(40)[15 : 15 + stride]
        outputs = max_pool1d(middle.unsqueeze(1), 1, stride)
        after = max_pool1d(middle.roll(moved, -1).unsqueeze(1), 1, stride)
        along = any(torch.equal(outputs.roll(by, -1), after) for by in range(outputs.shape[-1]))
        assert along is (moved % stride == 0), (stride, moved)
