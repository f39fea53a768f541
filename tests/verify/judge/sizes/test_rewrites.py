"""Ten kinds of rewrite, proved at every size; for each a twin, wrong only where nobody looks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent

Network = Callable[[torch.Tensor], torch.Tensor]
LOWEST = float("-inf")


def views(x: torch.Tensor) -> torch.Tensor:
    """Windows as views of the padded image."""
    return F.pad(x, (1, 1, 1, 1), value=LOWEST).unfold(2, 3, 2).unfold(3, 3, 2).amax((-1, -2))


def columns(x: torch.Tensor) -> torch.Tensor:
    """Windows as columns of a matrix."""
    n, c, h, w = x.shape
    u = F.unfold(F.pad(x, (1, 1, 1, 1), value=LOWEST), 3, stride=2)
    return u.view(n, c, 9, (h - 1) // 2 + 1, (w - 1) // 2 + 1).max(2).values


def reshaped(x: torch.Tensor) -> torch.Tensor:
    """Axes split in two, after what is left over was cut off."""
    n, c, h, w = x.shape
    x = x[:, :, : h // 2 * 2, : w // 2 * 2]
    return x.reshape(n, c, h // 2, 2, w // 2, 2).amax((3, 5))


def depthwise(x: torch.Tensor) -> torch.Tensor:
    """A mean as a convolution of every channel."""
    c = x.shape[1]
    return F.conv2d(x, torch.full((c, 1, 3, 3), 1 / 9), stride=2, padding=1, groups=c)


def counted(x: torch.Tensor) -> torch.Tensor:
    """A mean without padding as a quotient of two."""
    return F.avg_pool2d(x, 3, 2, 1) / F.avg_pool2d(torch.ones_like(x), 3, 2, 1)


def made_even(x: torch.Tensor) -> torch.Tensor:
    """Padding by what is missing to an even size."""
    h, w = x.shape[-2:]
    x = F.pad(x, (0, w % 2, 0, h % 2), value=LOWEST)
    return torch.maximum(
        torch.maximum(x[..., ::2, ::2], x[..., 1::2, ::2]),
        torch.maximum(x[..., ::2, 1::2], x[..., 1::2, 1::2]),
    )


def rows_first(x: torch.Tensor) -> torch.Tensor:
    """Rows, then columns, by ReLUs."""
    rows = F.relu(x[..., 1:, :] - x[..., :-1, :]) + x[..., :-1, :]
    return F.relu(rows[..., 1:] - rows[..., :-1]) + rows[..., :-1]


def written(x: torch.Tensor) -> torch.Tensor:
    """Padding by writing into the middle of a larger tensor."""
    n, c, h, w = x.shape
    y = x.new_full((n, c, h + 2, w + 2), LOWEST)
    y[:, :, 1:-1, 1:-1] = x
    return y.unfold(2, 3, 1).unfold(3, 3, 1).amax((-1, -2))


def edges(x: torch.Tensor) -> torch.Tensor:
    """Padding by the image's own edges."""
    x = torch.cat([x[..., :1], x, x[..., -1:]], -1)
    return torch.maximum(torch.maximum(x[..., :-2], x[..., 1:-1]), x[..., 2:])


def chosen(x: torch.Tensor) -> torch.Tensor:
    """A running choice of the larger of shifted images."""
    p = F.pad(x, (1, 1, 1, 1), value=LOWEST)
    h, w = x.shape[-2:]
    best = p[..., :h, :w]
    for i in range(3):
        for j in range(3):
            tap = p[..., i : i + h, j : j + w]
            best = torch.where(tap > best, tap, best)
    return best


#: A rewrite, what it is to be, and sizes at which its twin is wrong: the smallest of them.
TABLE: tuple[tuple[Network, str, Callable[[torch.Tensor], bool], str], ...] = (
    (views, "max_pool2d(3, 2, 1)", lambda x: x.shape[3] >= 97, "1×1×1×97"),
    (columns, "max_pool2d(3, 2, 1)", lambda x: x.shape[2] == 41, "1×1×41×1"),
    (reshaped, "max_pool2d(2)", lambda x: x.shape[3] == 33, "1×1×2×33"),
    (depthwise, "avg_pool2d(3, 2, 1)", lambda x: x.shape[1] == 19, "1×19×1×1"),
    (counted, "avg_pool2d(3, 2, 1, count_include_pad=False)",
     lambda x: x.shape[0] > 16, "17×1×1×1"),
    (made_even, "max_pool2d(2, ceil_mode=True)",
     lambda x: x.shape[3] > 50 and x.shape[3] % 2 == 1, "1×1×1×51"),
    (rows_first, "max_pool2d(2, 1)", lambda x: x.shape[2] == x.shape[3] == 13, "1×1×13×13"),
    (written, "max_pool2d(3, 1, 1)", lambda x: x.shape[2] + x.shape[3] == 60, "1×1×1×59"),
    (edges, "max_pool2d((1, 3), 1, (0, 1))",
     lambda x: x.shape[2] > 2 * x.shape[3] + 30, "1×1×33×1"),
    (chosen, "max_pool2d(3, 1, 1)", lambda x: x.shape[1] > 9 and x.shape[3] > 9, "1×10×1×10"),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row[0].__name__)
def test_right_and_wrong_only_where_nobody_looks(row: tuple[Network, str, Network, str]) -> None:
    """The one is proved at every size; the other is refuted at the smallest at which it differs."""
    module, reference, where, smallest = row
    found = equivalent(module, reference, timeout=300)
    assert found.verdict is Verdict.PROVED, found.reason

    def twin(x: torch.Tensor) -> torch.Tensor:
        return module(x) + 1 if where(x) else module(x)

    found = equivalent(twin, reference, timeout=300)
    assert found.verdict is Verdict.REFUTED, found.reason
    assert found.reason.startswith(f"at {smallest}: ")
