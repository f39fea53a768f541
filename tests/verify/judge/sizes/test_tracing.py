"""Modules run on symbols: what of their sizes is seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from verify.judge.sizes.lengths import Sizes
from verify.judge.sizes.regular import Open, Regular
from verify.judge.sizes.tracing import Traced, traced

Network = Callable[[torch.Tensor], torch.Tensor]


def run(module: Network, h: int = 3, w: int = 4) -> Traced:
    """Run a module on an input of 1 + N, 2 + C, 2·H + 1, 2·W + 2."""
    sizes = Sizes(
        {"N": (1, 1), "C": (1, 1), "H": (2, 1), "W": (2, 2)}, {"N": 1, "C": 1, "H": h, "W": w}
    )
    shape = tuple((Open(le, i, sizes.size(le), plain=True),) for i, le in enumerate("NCHW"))
    real = torch.randn([sizes.number(sizes.size(le)) for le in "NCHW"])
    return traced(module, Regular(shape), real, sizes)


def in_place(x: torch.Tensor) -> torch.Tensor:
    """Pad by writing into the middle of a larger tensor."""
    n, c, h, w = x.shape
    y = x.new_full((n, c, h + 2, w + 2), -1.0)
    y[:, :, 1:-1, 1:-1] = x
    y[:, :1] = y[:, :1] * 2 if c < 0 else y[:, :1]
    return y


def through_a_view(x: torch.Tensor) -> torch.Tensor:
    """Write to a transposed view."""
    y = torch.zeros_like(x)
    y.transpose(2, 3).copy_(x.transpose(2, 3))
    return y.relu_()


@pytest.mark.parametrize(
    ("module", "borders"),
    [
        (lambda x: F.max_pool2d(x, 3, 2, 1), ((1, 1), (1, 0))),
        (lambda x: x.relu()[..., 1:], ((0, 0), (0, 0))),
        (lambda x: F.pad(x, (0, 0, 2, 0)) + 1, ((2, 0), (0, 0))),
        (lambda x: F.pad(x, (1, 1, 1, 1), mode="replicate"), ((1, 1), (1, 1))),
        (lambda x: F.pad(x, (2, 1, 0, 0), mode="reflect"), ((0, 0), (2, 1))),
        (lambda x: F.unfold(x, 3).reshape(*x.shape[:2], 9, x.shape[2] - 2, -1),
         ((0, 0), (0, 0))),
        (lambda x: torch.cat([x[..., :1], x, x[..., -1:]], -1), ((0, 0), (1, 1))),
        (through_a_view, ((0, 0), (0, 0))),
        (lambda x: torch.ops.aten.upsample_nearest2d(x, [2 * n for n in x.shape[2:]]),
         ((0, 0), (0, 0))),
    ],
)  # fmt: skip
def test_borders(module: Network, borders: tuple[tuple[int, int], ...]) -> None:
    """How far from each end an output is another than at the size before."""
    found = run(module)
    assert isinstance(found.state, Regular), found.state
    assert found.output.shape == tuple(found.sizes.number(n) for n in found.state.shape)
    factors = [axis[-1] for axis in found.state.axes[-2:]]
    assert tuple((f.left, f.right) for f in factors if isinstance(f, Open)) == borders


def test_writing_into_the_middle_is_padding() -> None:
    """The border is what was not written over."""
    found = run(lambda x: in_place(x))
    assert "an end of an axis is written over" in str(found.state)


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (lambda x: x.flip(3), "an open axis is turned round"),
        (lambda x: x[..., :1] + x[..., :1].transpose(2, 3), "of the same axis far away"),
        (lambda x: (x * x.shape[3]).sin(), "what depends on whole axes, or on a size"),
        (lambda x: (x[..., 1:])[..., : x.shape[3] // 2], "a slice that ends at neither end"),
        (lambda x: x - x.mean(3, keepdim=True), "meets what was not"),
        (lambda x: x.mean((2, 3)).relu(), "relu: a sum or mean of whole axes is followed through"),
        (lambda x: x + x[..., :1], "elements of one axis meet others"),
        (lambda x: x.cumsum(3), "an open axis is gone along"),
        (lambda x: x.median(2).values, "an open axis is made one element of"),
        (lambda x: x.sort(3).values, "an open axis is gone along"),
        (lambda x: F.conv2d(x, torch.ones(2, 2, 1, 1)), "open channels are mixed"),
        (lambda x: F.max_pool2d(x, 2, return_indices=True)[1].float(), "places"),
        (lambda x: x.float() + torch.rand_like(x), "random numbers"),
        (lambda x: x * torch.arange(x.shape[3]), "arange"),
        (lambda x: x * 2 if x.untyped_storage().nbytes() > 999 else x, "memory is asked for"),
        (lambda x: x.tril(), "tril is not known at every size"),
    ],
)  # fmt: skip
def test_what_does_not_grow_regularly_is_not_followed(module: Network, why: str) -> None:
    """Each is named, with its line where there is one."""
    found = run(module)
    assert isinstance(found.state, str)
    assert why in found.state


def other_memory(x: torch.Tensor) -> torch.Tensor:
    """Give a tensor that of another."""
    y = torch.zeros_like(x)
    y.data = x
    return y


def caught(x: torch.Tensor) -> torch.Tensor:
    """Go on where torch refuses to add."""
    try:
        return x + torch.ones(41)
    except RuntimeError:
        return x * 1


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (lambda x: torch.add(x, 1, out=torch.zeros_like(x)), "add: written elsewhere"),
        (lambda x: torch.max(x, 1, out=(x[:, 0] * 1, x[:, 0].long())).values,
         "max: written elsewhere"),
        (lambda x: x + torch.add(torch.ones(4), x[0, 0, 0, :4], out=torch.zeros(4))[:1],
         "a tensor of known size is written over"),
        (other_memory, "memory is asked for"),
        (lambda x: x if torch.Tensor.untyped_storage(x).nbytes() > 9 else x * 2,
         "memory is asked for"),
        (caught, "RuntimeError at some sizes, line"),
    ],
)  # fmt: skip
def test_what_is_written_elsewhere_or_refused(module: Network, why: str) -> None:
    """Nobody knows then how the result grows."""
    found = run(module)
    assert isinstance(found.state, str)
    assert why in found.state


@pytest.mark.parametrize(
    ("module", "conditions"),
    [
        (lambda x: x[:, 1:].storage_offset(), []),
        (lambda x: x[:, 1:].storage_offset() - x[0, 0].numel(), []),
        (lambda x: x.transpose(2, 3).is_contiguous(), []),
        (lambda x: x.is_contiguous(), []),
        (lambda x: x[..., : 2 * x.shape[2]].is_contiguous(), ["2·W"]),
    ],
)  # fmt: skip
def test_how_a_tensor_lies_in_memory(module: Any, conditions: list[str]) -> None:
    """Where a part begins is a symbol; whether there are gaps is decided where sizes say it."""
    asked: list[Any] = []

    def asking(x: torch.Tensor) -> torch.Tensor:
        asked.append(module(x))
        return x

    found = run(asking, 1, 3)
    plain = torch.zeros([found.sizes.number(found.sizes.size(le)) for le in "NCHW"])
    if isinstance(asked[0], torch.SymInt):
        assert asked[0].node.hint == module(plain)
    else:
        assert asked[0] == module(plain)
    for part in conditions:
        assert any(part in str(c) for c in found.sizes.conditions)


@pytest.mark.parametrize("module", [
    lambda x: F.max_pool2d(x, 99), lambda x: x.unfold(3, 99, 1), lambda x: x.view(1, 1, 1, 4),
    lambda x: F.avg_pool2d(x, (1, 99)),
])  # fmt: skip
def test_at_which_sizes_torch_refuses(module: Network) -> None:
    """A window that does not fit is refused at all sizes that meet what was decided."""
    found = run(module)
    assert isinstance(found.error, RuntimeError)
    assert not found.refused


def test_at_which_sizes_torch_refuses_is_not_always_known() -> None:
    """Tensors that do not fit one another."""
    found = run(lambda x: x + torch.ones(41))
    assert isinstance(found.error, RuntimeError)
    assert found.refused


def test_decisions_are_conditions() -> None:
    """What a module asks of sizes is noted as it was answered."""

    def module(x: torch.Tensor) -> torch.Tensor:
        return x if x.shape[3] >= 8 and x.shape[2] != 5 else x * 0

    found = run(module)
    assert [str(c) for c in found.sizes.conditions] == ["2·W + -6 >= 0", "2·H + -4 != 0"]
    assert "test_tracing.py" in next(iter(found.sizes.conditions.values()))


def test_a_failure_is_kept() -> None:
    """What the module raised."""
    found = run(lambda x: F.max_pool2d(x, 99))
    assert isinstance(found.error, RuntimeError)


@pytest.mark.parametrize(
    "number",
    [
        lambda w: torch.full((1,), w).eq(3),
        lambda w: torch.zeros(1).fill_(w),
        lambda w: torch.zeros(1).masked_fill(torch.ones(1, dtype=torch.bool), w),
        lambda w: torch.zeros(1).add(torch.ones(1), alpha=w),
        lambda w: torch.full((1,), 1e6).clamp(max=w),
        lambda w: torch.where(torch.ones(1, dtype=torch.bool), w, 0.0),
        lambda w: torch.scalar_tensor(w),
        lambda w: torch.linspace(0, w, 2)[1],
        lambda w: torch.full((1,), 2.0) ** w,
        lambda w: F.leaky_relu(torch.full((1,), -1.0), w),
    ],
)
def test_a_size_as_a_fraction_in_the_place_of_a_number(number: Callable[[Any], Any]) -> None:
    """What an operator makes of it is not what it is at hand."""
    assert isinstance(run(lambda x: x + number(1.0 * x.shape[-1])).state, str)
    assert isinstance(run(lambda x: x + number(x.shape[-1] / 3)).state, str)


@pytest.mark.parametrize(
    "pieces",
    [
        lambda x: x.unbind(-1),
        lambda x: x.split(3, -1),
        lambda x: torch.ones(x.shape[-1]).nonzero(),
        lambda x: torch.ones(x.shape[-1]).unbind(),
    ],
)
def test_how_many_there_are(pieces: Callable[[torch.Tensor], Any]) -> None:
    """As many pieces as a size says are another number at other sizes."""
    assert isinstance(run(lambda x: x * len(pieces(x))).state, str)


def test_how_many_axes_are_left() -> None:
    """How many axes there are without those of size 1 is decided by all of them, or not known."""
    found = run(lambda x: x[:1] * x.squeeze().dim())
    assert {c.length.letters for c in found.sizes.conditions} >= {frozenset("N"), frozenset("C")}
    assert isinstance(run(lambda x: x * x[..., 1:].squeeze().dim(), w=0).state, str)


def test_an_extreme_through_what_falls() -> None:
    """A maximum of the whole is none any more after a ReLU that leaks downwards."""
    found = run(lambda x: F.leaky_relu(x.amax((2, 3)), -1.0))
    assert "leaky_relu: an extreme of whole axes through what falls" in str(found.state)
    assert isinstance(run(lambda x: F.leaky_relu(x.amax((2, 3)), 0.1)).state, Regular)
