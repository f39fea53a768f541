"""Rules, held against the terms of random pipelines at sizes that follow one another.

A rule says how far from either end of an axis an output is another than at the size before. Here
pipelines are drawn, run on symbols and watched at two sizes, and every output that a rule says is
the same term as before must be. A rule that says one element too few must be found out.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import numpy
import pytest
import torch
import torch.nn.functional as F

from proofs.systems import SYSTEMS
from verify.judge.side import Side
from verify.judge.sizes.lengths import PeriodError, Sizes, UnreadableError
from verify.judge.sizes.regular import Open, Pieces, Regular
from verify.judge.sizes.rules import RULES
from verify.judge.sizes.tracing import traced
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.terms import Terms

aten = torch.ops.aten
Step = Callable[[torch.Tensor], torch.Tensor]
LETTERS = ("H", "W")


# -- pipelines -----------------------------------------------------------------------------------


def _padded(d: random.Random) -> Step:
    amounts, value = [d.choice((0, 0, 1, 2, -1)) for _ in range(4)], d.choice((-1.0, 0.5))
    return lambda x: F.pad(x, amounts, value=value)


def _cut(d: random.Random) -> Step:
    start, stop, step = d.randrange(3), d.choice((None, -1, -2)), d.choice((1, 1, 2, 3))
    k = d.choice((2, 3))
    return d.choice((
        lambda x: x[..., start:stop:step], lambda x: x[..., start:stop:step],
        lambda x: x[..., x.shape[-1] // k + start : :step],
        lambda x: x[..., start : x.shape[-1] // k * (k - 1) : step],
    ))  # fmt: skip


def _whole(d: random.Random) -> Step:
    k = d.choice((2, 3))
    return lambda x: x[..., : x.shape[-1] // k * k].reshape(x.shape[0], -1, k).amax(-1)


def _unfolded(d: random.Random) -> Step:
    size, step, dim = d.choice((2, 3, 4)), d.choice((1, 2, 3)), d.choice((0, 1))
    reduce = d.choice(REDUCTIONS)
    return lambda x: reduce(x.unfold(dim, size, step))


REDUCTIONS: tuple[Step, ...] = (
    lambda u: u.amax(-1), lambda u: u.sum(-1), lambda u: u.max(-1).values, lambda u: u[..., 0],
    lambda u: u.flip(-1)[..., 0], lambda u: u.sort(-1).values[..., -1],
    lambda u: u.topk(2, -1).values[..., 1], lambda u: u.kthvalue(2, -1).values,
    lambda u: u.cumsum(-1)[..., -1], lambda u: u.cummax(-1).values[..., 1],
    lambda u: u @ torch.arange(1.0, u.shape[-1] + 1), lambda u: u.unbind(-1)[1],
    lambda u: torch.split(u, 1, -1)[0].squeeze(-1), lambda u: u.roll(1, -1)[..., 0],
    lambda u: u.index_select(-1, torch.tensor([1, 0]))[..., 1],
    lambda u: u.softmax(-1)[..., 0], lambda u: u.norm(dim=-1), lambda u: u.median(-1).values,
    lambda u: u.aminmax(dim=-1).max, lambda u: u.mean(-1), lambda u: u.amin(-1),
    lambda u: u.min(-1).values, lambda u: u.prod(-1), lambda u: u.logsumexp(-1),
    lambda u: u.argmax(-1).float(), lambda u: u.argmin(-1).float(),
    lambda u: (u > 0).any(-1).float(), lambda u: (u > 1).all(-1).float(),
    lambda u: (u > 0).any((-1,)).float(), lambda u: (u > 1).all((-1,)).float(),
    lambda u: u.log_softmax(-1)[..., 0], lambda u: u.cummin(-1).values[..., 1],
    lambda u: u.sort(stable=True, dim=-1).values[..., 0],
    lambda u: (u[0] @ torch.ones(u.shape[-1], 2)).amax(-1)[None].expand(u.shape[0], -1) + u[..., 0],
    lambda u: torch.bmm(u, torch.ones(1, u.shape[-1], 1).expand(u.shape[0], -1, -1))[..., 0],
    lambda u: F.linear(u.transpose(0, 1)[0], torch.ones(1, u.shape[-1]), torch.ones(1)) * 0
    + u[..., 1][..., None].transpose(0, 1)[0],
    lambda u: torch.split(u, [1, u.shape[-1] - 1], -1)[1].amax(-1),
    lambda u: u.gather(-1, torch.zeros(1, 1, 1, dtype=torch.long).expand(*u.shape[:2], 1))[..., 0],
)  # fmt: skip


def _pooled(d: random.Random) -> Step:
    size, stride, dilation = d.choice((2, 3, 4)), d.choice((1, 2, 3)), d.choice((1, 2))
    padding, ceil = d.randrange(size // 2 + 1), d.random() < 0.5
    whole = d.random() < 0.5
    return d.choice((
        lambda x: F.max_pool1d(x[None], size, stride, padding, dilation, ceil)[0],
        lambda x: F.avg_pool1d(x[None], size, stride, padding, ceil, whole)[0],
        lambda x: F.max_pool2d(x[None, None], size, stride, padding, dilation, ceil)[0, 0],
        lambda x: F.avg_pool2d(x[None], size, stride, padding, ceil, whole)[0],
        lambda x: F.max_pool3d(x[None, None], (1, size, size), stride, 0)[0, 0],
        lambda x: F.avg_pool3d(x[None, None], (1, size, size), stride, 0)[0, 0],
    ))  # fmt: skip


def _convolved(d: random.Random) -> Step:
    size, stride = d.choice((1, 2, 3)), d.choice((1, 2))
    padding, dilation = d.randrange(2), d.choice((1, 2))
    weight = torch.tensor([[[[float(d.randrange(-1, 3)) for _ in range(size)]]]])
    return lambda x: F.conv2d(x[None, None], weight, None, (1, stride), (0, padding), dilation)[
        0, 0
    ]


def _columns(d: random.Random) -> Step:
    size, padding, stride = d.choice((2, 3)), d.randrange(2), d.choice((1, 2))

    def step(x: torch.Tensor) -> torch.Tensor:
        u = F.unfold(x[None, None], size, 1, padding, stride)
        return u.view(1, size * size, (x.shape[0] + 2 * padding - size) // stride + 1, -1).amax(1)[
            0
        ]

    return step


def _mirrored(d: random.Random) -> Step:
    amounts, mode = (d.randrange(3), d.randrange(3)), d.choice(("replicate", "reflect"))
    return d.choice((
        lambda x: F.pad(x[None], amounts, mode=mode)[0],
        lambda x: F.pad(x[None], (*amounts, *amounts), mode=mode)[0],
        lambda x: F.pad(x[None, None], (*amounts, 0, 1, 0, 0), mode=mode)[0, 0],
    ))  # fmt: skip


def _ends(d: random.Random) -> Step:
    left, right = d.randrange(3), d.randrange(1, 3)
    return lambda x: torch.cat([x[..., :left], x, x[..., -right:] * 2], -1)


def _interleaved(d: random.Random) -> Step:
    return d.choice((
        lambda x: torch.stack([x, -x], -1).flatten(1),
        lambda x: torch.ops.aten.upsample_nearest1d(x[None], [2 * x.shape[-1]])[0],
        lambda x: torch.ops.aten.upsample_nearest2d(x[None, None], [2 * n for n in x.shape])[0, 0],
        lambda x: torch.ops.aten.upsample_nearest3d(
            x[None, None, None], [1, *(2 * n for n in x.shape)])[0, 0, 0],
        lambda x: x[..., None].expand(-1, -1, 2).reshape(x.shape[0], -1),
        lambda x: x[..., None].repeat(1, 1, 2).reshape(x.shape[0], -1),
        lambda x: F.pixel_shuffle(torch.stack([x, -x, x * 2, x * 3])[None], 2)[0, 0],
        lambda x: F.pixel_unshuffle(x[None, None, : x.shape[0] // 2 * 2, : x.shape[1] // 2 * 2], 2)
        .amax(1)[0],
    ))  # fmt: skip


def _written(d: random.Random) -> Step:
    before, after = d.randrange(3), d.randrange(1, 3)

    def step(x: torch.Tensor) -> torch.Tensor:
        y = x.new_full((x.shape[0], x.shape[1] + before + after), -1.0)
        y[:, before : y.shape[1] - after] = x
        return y

    return step


def _together(d: random.Random) -> Step:
    return d.choice((
        lambda x: torch.maximum(x[..., 1:], x[..., :-1]),
        lambda x: F.relu(x[1:] - x[:-1]) + x[:-1],
        lambda x: torch.where(x > 0, F.pad(x, (2, 0))[..., :-2], x),
        lambda x: F.pad(torch.ones_like(x), (1, 1))[..., 2:] * x,
        lambda x: torch.cat([x[None], x[None] * 2]).amax(0),
    ))  # fmt: skip


def _turned(d: random.Random) -> Step:
    return d.choice((
        lambda x: x.t(), lambda x: x.transpose(0, 1), lambda x: x[None].permute(0, 2, 1)[0],
        lambda x: x.contiguous().view(x.shape[1] * x.shape[0]).view(x.shape),
        lambda x: x.unsqueeze(0).squeeze(0) + 1, lambda x: x[None, None].squeeze(),
        lambda x: x[None, None].squeeze((0, 1)), lambda x: x.clone().double().detach().float(),
        lambda x: x.t().reshape(-1).view(x.shape[1], x.shape[0]),
    ))  # fmt: skip


def _normalised(d: random.Random) -> Step:
    mean, variance = torch.zeros(1), torch.ones(1)
    return lambda x: F.batch_norm(x[None, None], mean, variance)[0, 0]


STEPS = (
    _padded, _padded, _cut, _cut, _whole, _unfolded, _unfolded, _pooled, _pooled, _convolved,
    _columns, _mirrored, _ends, _interleaved, _written, _together, _turned, _normalised,
)  # fmt: skip


def pipeline(seed: int, *, bordered: bool = False) -> Step:
    """Return a few steps, one after the other, if need be on what has borders already."""
    draw = random.Random(seed)
    steps: list[Step] = [draw.choice(STEPS)(draw) for _ in range(draw.randrange(1, 5))]

    def module(x: torch.Tensor) -> torch.Tensor:
        for step in steps:
            x = step(x)
        return x

    return with_borders(module) if bordered else module


def with_borders(step: Step) -> Step:
    """Return a step on what has borders already."""
    return lambda x: step(F.pad(x, (2, 2, 2, 2), value=1.0).relu())


# -- two sizes -----------------------------------------------------------------------------------


class Names:
    """The same number for the same term over the same elements, at whatever size."""

    def __init__(self) -> None:
        self.known: dict[Any, int] = {}

    def of(self, ids: Any, terms: Terms, shape: tuple[int, ...], moved: tuple[int, ...]) -> Any:
        """Return the names of terms, of elements that are moved along the axes."""
        names = numpy.zeros(terms.size, numpy.int64)
        for block in terms.blocks:
            for row in range(block.rows):
                term, args = block.start + row, block.args[row]
                weights = None if block.weights is None else block.weights[row % len(block.weights)]
                key: Any
                if terms.is_variable(term):
                    place = numpy.unravel_index(term - terms.first_variable, shape)
                    key = "x", tuple(int(i) + by for i, by in zip(place, moved, strict=True))
                elif term in terms.values:
                    key = "c", str(terms.values[term])
                else:
                    over: list[Any] = [int(names[a]) for a in args]
                    if weights is not None:
                        over = [*over, *(str(terms.weights[int(w)]) for w in weights)]
                    if block.operator in ("max", "min", "mul", "add", "eq", "and", "or"):
                        over = sorted(over)
                    key = block.operator, str(block.data), tuple(over)
                names[term] = self.known.setdefault(key, len(self.known))
        return names[ids]


def watched(module: Step, shape: tuple[int, ...]) -> tuple[Any, Terms] | None:
    """Return the terms of an output, if it has any."""
    terms = Terms(shape[0] * shape[1])
    side = Side(module, SYSTEMS["real"], (shape,))
    found = side.terms(Algebra(terms, SYSTEMS["real"]), torch.float32, time.perf_counter() + 60)
    return None if found.ids is None or found.unseen else (found.ids, terms)


def followed(module: Step) -> tuple[Sizes, Regular] | None:
    """Run a module on symbols, with as long periods as it asks for."""
    periods = {"H": 1, "W": 1}
    while max(periods.values()) < 30:
        sizes = Sizes({le: (p, p - p // 3) for le, p in periods.items()},
                      {le: -(-9 // p) for le, p in periods.items()})  # fmt: skip
        shape = tuple((Open(le, i, sizes.size(le), plain=True),) for i, le in enumerate(LETTERS))
        real = torch.randn([sizes.number(sizes.size(le)) for le in LETTERS])
        try:
            found = traced(module, Regular(shape), real, sizes)
        except PeriodError as error:
            periods[error.letter] *= error.factor
            continue
        return (sizes, found.state) if isinstance(found.state, Regular) else None
    return None


def violations(module: Step) -> Iterator[str] | None:
    """Yield where outputs are other terms than a rule says; ``None`` if no rule speaks of them."""
    found = followed(module)
    return None if found is None else _violations(module, *found)


def _violations(module: Step, sizes: Sizes, output: Regular) -> Iterator[str]:
    if output.scaled or any(isinstance(f, Pieces) for axis in output.axes for f in axis):
        return  # folds are held against runs, in the tests of whole axes
    names = Names()
    steady = {le: max(0, sizes.steady.get(le, 0)) for le in LETTERS}

    def at(counts: Mapping[str, int]) -> tuple[int, ...]:
        return tuple(sizes.size(le).at(counts) for le in LETTERS)

    for more in ((0, 1), (1, 0)):
        less = {le: steady[le] + n for le, n in zip(LETTERS, more, strict=True)}
        for chosen in (("H",), ("W",), LETTERS):
            large = {le: n + (le in chosen) for le, n in less.items()}
            if not (sizes.hold(less) and sizes.hold(large)) or max(at(large)) > 40:
                continue
            before, after = watched(module, at(less)), watched(module, at(large))
            if before is None or after is None:
                continue
            new = names.of(*after, at(large), (0, 0))
            if list(new.shape) != [n.at(large) for n in output.shape]:
                yield f"a shape {new.shape} at {at(large)}"
                continue
            for sides in product("lr", repeat=len(chosen)):
                move = dict(zip(chosen, sides, strict=True))
                moved = tuple(shift(sizes, output, le, move[le]) if le in move else 0
                              for le in LETTERS)  # fmt: skip
                old = names.of(*before, at(less), moved)
                yield from _compared(old, new, output, less, large, move)


def shift(sizes: Sizes, output: Regular, letter: str, side: str) -> int:
    """Return by how much the elements of the input that are read move with a period."""
    ends = [end for end in output.ends if end.letter == letter]
    if ends:
        return ends[0].low
    pieces = [f.piece for axis in output.axes for f in axis
              if isinstance(f, Open) and f.letter == letter and f.piece is not None]  # fmt: skip
    low, high = pieces[0] if pieces else (0, sizes.periods[letter][0])
    return low if side == "l" else high


def _compared(
    old: Any, new: Any, output: Regular, less: Any, large: Any, move: Mapping[str, str]
) -> Iterator[str]:
    """Yield the places at which a larger output is not what a smaller one says."""
    if any(len(axis) > 1 for axis in output.axes):
        return  # axes that are merged are looked at in pipelines that take them apart
    places = []
    for axis in output.axes:
        (factor,) = axis or (None,)
        if not isinstance(factor, Open) or factor.letter not in move:
            places.append([(i, i) for i in range(1 if factor is None else factor.length.at(large))])
            continue
        long, short = factor.length.at(large), factor.length.at(less)
        places.append(
            [(i, i) for i in range(max(short - factor.right, 0))] if move[factor.letter] == "l"
            else [(i, i - factor.step) for i in range(factor.step + factor.left, long)]
        )  # fmt: skip
    for pairs in product(*places):
        here = tuple(i for i, _ in pairs)
        there = tuple(j for _, j in pairs)
        if new[here] != old[there]:
            yield f"output {here} at {large} is not {there} at {less}, {dict(move)}"
            return


def held(seeds: range) -> tuple[int, list[str]]:
    """Return how many pipelines rules speak of, and what is not as they say."""
    count = 0
    strange: list[str] = []
    for seed in seeds:
        try:
            found = violations(pipeline(seed))
        except (UnreadableError, RuntimeError):
            continue  # torch refuses it
        if found is not None:
            count += 1
            strange += [f"pipeline {seed}: {said}" for said in found]
    return count, strange


#: How many pipelines are tried; ``make full`` tries thousands.
COUNT = int(os.environ.get("POOLPROOF_MODULES", "300")) * 2 // 3
#: Pipelines among which users of every rule are looked for.
DRAWN = 900


@pytest.mark.slow
def test_no_random_pipeline_is_otherwise_than_its_rules_say() -> None:
    """Most pipelines are followed, and none is strange."""
    count, strange = held(range(COUNT))
    assert strange == []
    assert count > COUNT // 2
    assert all(list(violations(with_borders(step)) or ()) == [] for step in RARE.values())


# -- rules that say too few ----------------------------------------------------------------------


def narrowed(made: Any, side: str) -> Any:
    """Return results whose borders at one side are smaller by one."""
    if isinstance(made, list | tuple):
        return type(made)(narrowed(one, side) for one in made)
    if not isinstance(made, Regular):
        return made
    axes = (
        tuple(replace(f, **{side: getattr(f, side) - 1}) if isinstance(f, Open)
              and getattr(f, side) else f for f in axis)
        for axis in made.axes
    )  # fmt: skip
    return replace(made, axes=tuple(axes))


def operators(seed: int) -> set[str]:
    """Return the operators of a pipeline, none if it is not followed to its end."""
    module = pipeline(seed, bordered=True)
    found = followed(module)
    if found is None:
        return set()
    sizes, _ = found
    shape = tuple((Open(le, i, sizes.size(le), plain=True),) for i, le in enumerate(LETTERS))
    real = torch.randn([sizes.number(sizes.size(le)) for le in LETTERS])
    return {name for name, _ in traced(module, Regular(shape), real, sizes).calls}


#: Of these no border is carried along: they make tensors of one number, or views of whole axes.
WITHOUT_BORDERS = {
    aten.full.default, aten.zeros.default, aten.ones.default, aten.empty.memory_format,
    aten.new_full.default, aten.new_zeros.default, aten.new_ones.default,
    aten.new_empty.default, aten.ones_like.default, aten.zeros_like.default,
    aten.full_like.default, aten.empty_like.default, aten.fill_.Scalar, aten.fill_.Tensor,
    aten.zero_.default, aten.native_dropout.default,
    # Of these no end is made in another way: they are held against runs in the tests of folds.
    aten._adaptive_avg_pool2d.default, aten._adaptive_avg_pool3d.default,
    aten.adaptive_max_pool2d.default, aten.adaptive_max_pool3d.default,
    # Of tensors that are known, or of which nothing is left.
    aten.lift_fresh.default, aten.dot.default, aten.sum.default, aten.mean.default,
    aten.max.default, aten.min.default, aten.any.default, aten.all.default, aten.prod.default,
}  # fmt: skip


#: What few pipelines do.
RARE: dict[str, Step] = {
    "aten.roll.default": lambda x: x.unfold(1, 2, 1).roll(1, -1)[..., 0],
    "aten.expand.default": lambda x: x[None].expand(2, -1, -1).amax(0),
    "aten.addmm.default": lambda x: torch.addmm(
        torch.ones(2), x.unfold(1, 3, 1)[:, 0], torch.ones(3, 2)
    ),
    "aten.mm.default": lambda x: x.unfold(1, 3, 1)[:, 0] @ torch.ones(3, 2),
    "aten.mv.default": lambda x: x.unfold(1, 3, 1)[:, 0] @ torch.arange(1.0, 4.0),
}


def caught(modules: list[Step]) -> bool:
    """Say whether one of these pipelines is now seen to be otherwise."""
    for module in modules:
        try:
            if any(True for _ in violations(module) or ()):
                return True
        except (UnreadableError, RuntimeError, AssertionError):
            continue
    return False


@pytest.mark.slow
def test_a_border_too_narrow_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """For every rule, at either end."""
    users: dict[str, list[int]] = {}
    for seed in range(DRAWN):
        try:
            for name in operators(seed):
                users.setdefault(name, []).append(seed)
        except (UnreadableError, RuntimeError):
            continue
    survived = []
    for overload, rule in list(RULES.items()):
        if overload in WITHOUT_BORDERS:
            continue
        for side in ("left", "right"):
            with monkeypatch.context() as patched:
                patched.setitem(
                    RULES, overload,
                    lambda *args, rule=rule, side=side, **named: narrowed(
                        rule(*args, **named), side),
                )  # fmt: skip
                name = str(overload)
                modules = [pipeline(seed, bordered=True) for seed in users.get(name, [])[:40]]
                if name in RARE:
                    modules.append(with_borders(RARE[name]))
                if not caught(modules):
                    survived.append((str(overload), side))
    assert survived == []
