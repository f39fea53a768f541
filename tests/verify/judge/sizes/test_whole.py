"""Folds of whole axes and of pieces, held against runs at sizes that follow one another.

A rule says that what was made of all elements along an axis is, but for a scale, made of itself at
smaller sizes: of a maximum two, of a sum two less a third. Here random pipelines end in such folds,
are run, and the numbers are held against that. A rule that says it wrongly must be found out.
"""

from __future__ import annotations

import contextlib
import math
import os
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import combinations, product
from typing import Any

import pytest
import torch
import torch.nn.functional as F

from tests.verify.judge.sizes.test_rules import LETTERS, STEPS, followed
from verify.judge.sizes import regular, rules, whole
from verify.judge.sizes.everywhere import depths
from verify.judge.sizes.lengths import Sizes, UnreadableError
from verify.judge.sizes.regular import Open, Pieces, Regular
from verify.judge.sizes.scales import Scale

Step = Callable[[torch.Tensor], torch.Tensor]


# -- pipelines -----------------------------------------------------------------------------------


def _split(x: torch.Tensor, count: int) -> torch.Tensor:
    return x.reshape(x.shape[0], count, x.shape[1] // count)


def _sliced(x: torch.Tensor, count: int, reduce: Step) -> torch.Tensor:
    w = x.shape[-1]
    return torch.stack(
        [reduce(x[..., i * w // count : -(-(i + 1) * w // count)]) for i in range(count)], -1
    )


def _framed(x: torch.Tensor, width: int) -> torch.Tensor:
    whole = x.new_full((x.shape[0], x.shape[1] + 2 * width), 0.25)
    whole[:, width:-width] = x
    return whole


FOLDS: tuple[Step, ...] = (
    lambda x: x.mean(-1), lambda x: x.sum(0), lambda x: x.amax(-1), lambda x: x.amin(0),
    lambda x: x.mean((0, 1)), lambda x: x.flatten().sum(), lambda x: x.max(-1).values,
    lambda x: x.min(0).values, lambda x: x.max(), lambda x: x.sum(-1).sum(-1), lambda x: x.mean(),
    lambda x: x.mean(-1, keepdim=True).expand(-1, 3), lambda x: x.amax(0).amax(-1),
    lambda x: F.adaptive_avg_pool2d(x[None], 2)[0], lambda x: F.adaptive_max_pool2d(x[None], 3)[0],
    lambda x: F.adaptive_avg_pool2d(x[None], (1, 3))[0],
    lambda x: F.adaptive_avg_pool3d(x[None, None], (1, 2, 2))[0, 0],
    lambda x: F.adaptive_max_pool3d(x[None, None], (1, 2, 1))[0, 0],
    lambda x: _sliced(x, 3, lambda t: t.mean(-1)), lambda x: _sliced(x, 2, lambda t: t.amax(-1)),
    lambda x: _split(x[..., : x.shape[1] // 2 * 2], 2).mean(-1), lambda x: _split(x, 1).sum(-1),
    lambda x: x @ torch.ones(x.shape[1], 2), lambda x: x.t() @ torch.full((x.shape[0],), 2.0),
    lambda x: F.conv2d(x[None, None], torch.ones(2, 1, *x.shape))[0],
    lambda x: F.conv2d(x[None, None], torch.full((1, 1, 2, x.shape[1]), 1 / x.shape[1]))[0, 0],
    lambda x: F.avg_pool2d(x[None], (1, x.shape[1]))[0],
    lambda x: F.max_pool2d(x[None], x.shape)[0],
    lambda x: F.avg_pool2d(x[None], (2, max(x.shape[1] // 2, 1)), (1, max(x.shape[1] // 2, 1)))[0],
    lambda x: torch.bmm(x[None], torch.ones(1, x.shape[1], 1))[0],
    lambda x: (x / x.shape[1]).sum(-1), lambda x: x / x.shape[0],
    lambda x: x[..., x.shape[1] // 3 :].sum(-1),
    lambda x: F.pad(x, (1, 1), value=-math.inf).amax(-1), lambda x: F.pad(x, (2, 0)).exp().amax(-1),
    lambda x: F.pad(x, (1, 0, 0, 2), value=0.5).max(), lambda x: F.pad(x, (-1, 2)).amin(-1),
    lambda x: torch.cat([torch.ones(x.shape[0], 2), x], -1).amax(-1),
    lambda x: torch.cat([x, x.new_full((1, x.shape[1]), -9.0)]).max(0).values,
    lambda x: F.pad(x.unfold(1, 2, 1).amax(-1), (1, 2), value=0.5).amin(-1),
    lambda x: (F.pad(x, (1, 1)) * 2 + F.pad(x, (1, 1), value=1.0)).amax(-1),
    lambda x: torch.where(F.pad(torch.ones_like(x), (1, 1)) > 0, F.pad(x, (1, 1)), -5.0).amax(-1),
    lambda x: (F.pad(x, (1, -1), value=5.0) + x).amax(-1), lambda x: _framed(x, 1).amax(-1),
    lambda x: _framed(x, 2).amin(-1), lambda x: F.pad(x, (1, 1)).amax(0).sum(),
    lambda x: F.pad(torch.stack([x, -x]), (1, 2), value=0.3).amax(-1).amax(0),
)  # fmt: skip
TAILS: tuple[Step, ...] = (
    lambda r: r * 2, lambda r: -r, lambda r: r / 3, lambda r: r + 1.5, lambda r: 2 - r,
    lambda r: r.relu(), lambda r: r.clamp(max=1.0), lambda r: r.exp(),
    lambda r: torch.stack([r, r]),
    lambda r: torch.cat([r[None], r[None] * 2]), lambda r: r[None].squeeze(0), lambda r: r + r,
    lambda r: torch.maximum(r, r * 2), lambda r: r - r * 3, lambda r: r * torch.tensor(0.5),
    lambda r: r[None].t() if r.ndim == 1 else r.clone(), lambda r: torch.minimum(r, r),
    lambda r: r.double().float(), lambda r: r[None].expand(2, *r.shape),
    lambda r: torch.maximum(r, torch.tensor(0.2)), lambda r: r.mul(3).sub(1).neg(),
    lambda r: r.sum(0) if r.ndim else r, lambda r: r.amax(-1) if r.ndim else r,
    lambda r: F.linear(r[None], torch.ones(2, 2), torch.ones(2)) if r.shape == (2,) else r * 4,
)  # fmt: skip


def pipeline(seed: int) -> Step:
    """Return some steps, a fold, and what is done with it then."""
    draw = random.Random(seed)
    steps: list[Step] = [draw.choice(STEPS)(draw) for _ in range(draw.choice((0, 0, 0, 1, 2)))]
    steps.append(draw.choice(FOLDS))
    steps += [draw.choice(TAILS) for _ in range(draw.randrange(3))]

    def module(x: torch.Tensor) -> torch.Tensor:
        for step in steps:
            x = step(x)
        return x

    return module


# -- sizes that follow one another ---------------------------------------------------------------


class Followed:
    """A fold at several sizes, by its number at parts of one input."""

    def __init__(self, module: Step, sizes: Sizes, state: Regular) -> None:
        self.module, self.sizes, self.state = module, sizes, state

    def shape(self, counts: Mapping[str, int]) -> tuple[int, ...]:
        """Return the shape of the input."""
        return tuple(self.sizes.size(le).at(counts) for le in LETTERS)

    def unscaled(self, x: torch.Tensor, counts: Mapping[str, int]) -> torch.Tensor:
        """Return the output at an input, without what its scale says."""
        found = self.module(x.float()).double()
        by = torch.full(found.shape, value(self.state.scale, counts), dtype=torch.float64)
        for place, axis in enumerate(self.state.axes):
            if len(axis) == 1 and isinstance(axis[0], Pieces):
                each = torch.tensor([value(s, counts) for s in axis[0].scales], dtype=torch.float64)
                by = by * each.reshape(-1, *[1] * (found.ndim - place - 1))
        return found / by

    def bounds(self, index: tuple[int, ...], letter: str) -> list[tuple[int, int]]:
        """Return by how much the pieces of an output move, along every axis of a size."""
        found = [(e.low, e.high) for e in self.state.ends if e.letter == letter]
        for i, axis in zip(index, self.state.axes, strict=True):
            found += [
                f.bounds[i] for f in axis
                if isinstance(f, Pieces) and f.letter == letter and len(axis) == 1
            ]  # fmt: skip
        return found or [(0, 0)]


def value(scale: Scale, counts: Mapping[str, int]) -> float:
    """Return a factor at some size."""
    return scale.above.at(counts) / scale.below.at(counts)


def violations(module: Step) -> Iterator[str] | None:
    """Yield where folds are otherwise than rules say; ``None`` if there is none."""
    found = followed(module)
    if found is None or not found[1].scaled:
        return None
    if any(len(axis) > 1 for axis in found[1].axes):
        return None
    return _violations(Followed(module, *found))


def _violations(of: Followed) -> Iterator[str]:
    steady = {le: max(0, of.sizes.steady.get(le, 0)) for le in LETTERS}
    depth = depths(of.state)
    for letter, count in depth.items():
        for more in (0, 1, 2):
            counts = {le: n + (more == 1) for le, n in steady.items()}
            counts[letter] = steady[letter] + count + more
            below = [{**counts, letter: counts[letter] - k} for k in range(1, count + 1)]
            if not all(of.sizes.hold(c) for c in (counts, *below)) or max(of.shape(counts)) > 40:
                continue
            yield from _otherwise(of, letter, counts, below)


def _otherwise(
    of: Followed, letter: str, counts: Mapping[str, int], below: list[dict[str, int]]
) -> Iterator[str]:
    """Yield outputs that are not made of those at smaller sizes."""
    axis = LETTERS.index(letter)
    torch.manual_seed(1)
    x = torch.randn(of.shape(counts), dtype=torch.float64)
    known: dict[tuple[int, int], torch.Tensor] = {}

    def part(less: int, shift: int) -> torch.Tensor:
        if (less, shift) not in known:
            size = of.shape(below[less])[axis]
            known[less, shift] = of.unscaled(x.narrow(axis, shift, size), below[less])
        return known[less, shift]

    output = of.unscaled(x, counts)
    assert of.state.fold is not None
    kind = of.state.fold.kind
    for index in product(*(range(n) for n in output.shape)):
        bounds = of.bounds(index, letter)
        if kind != "sum":
            shifts = {sum(chosen) for chosen in product(*bounds)}
            parts = [float(part(0, s)[index]) for s in shifts]
            made = max(parts) if kind == "max" else min(parts)
        else:
            roots = [sum(chosen) for chosen in product(*bounds)]
            roots += [roots[-1]] * (len(below) - len(roots))
            made = sum(
                -((-1) ** k) * float(part(k - 1, sum(some))[index])
                for k in range(1, len(roots) + 1) for some in combinations(roots, k)
            )  # fmt: skip
        if not math.isclose(made, float(output[index]), rel_tol=1e-4, abs_tol=1e-4):
            yield f"output {index} at {dict(counts)} is {float(output[index])}, not {made}"
            return


#: How many pipelines are tried; ``make full`` tries thousands.
COUNT = int(os.environ.get("POOLPROOF_MODULES", "300"))


def held(seeds: range) -> tuple[int, list[str]]:
    """Return how many pipelines rules speak of, and what is not as they say."""
    count = 0
    strange: list[str] = []
    for seed in seeds:
        try:
            found = violations(pipeline(seed))
            if found is not None:
                count += 1
                strange += [f"pipeline {seed}: {said}" for said in found]
        except (UnreadableError, RuntimeError, IndexError):
            continue  # torch refuses it
    return count, strange


@pytest.mark.slow
def test_no_random_fold_is_otherwise_than_its_rules_say() -> None:
    """Many pipelines are followed to their ends, and none is strange."""
    count, strange = held(range(COUNT))
    assert strange == []
    assert count > COUNT // 5


# -- rules that are wrong ------------------------------------------------------------------------


def _bordered_maximum(sizes: Any, tensor: Any, factor: Any, kind: str) -> Any:
    return FOLDED(sizes, tensor, replace(factor, left=0, right=0), kind)


def _all_numbers(factor: Any, before: int, after: int, *, numbers: bool = False) -> Any:
    return PADDED(factor, before, after, numbers=True)


def _windows_of_numbers(factor: Any, span: int, stride: int) -> Any:
    made = WINDOWS(factor, span, stride)
    return replace(made, around=factor.around) if isinstance(made, Open) else made


PADDED = regular.padded
WINDOWS = regular.windows
FOLDED = whole._folded
TIMES = whole.times
SHARED = whole.shared
BORDERS = regular.borders_of

#: Rules made wrong: which function, what stands in its place, and a pipeline that tells.
WRONG: dict[str, tuple[Any, str, Any, Step]] = {
    "ends of a maximum forgotten": (
        whole, "_folded", _bordered_maximum,
        lambda x: torch.cat([x, x[..., -1:] * 2], -1).amax(-1),
    ),
    "all that is added are numbers": (
        regular, "padded", _all_numbers, lambda x: torch.cat([x, x[..., -1:] * 2], -1).amax(-1),
    ),
    "windows of numbers are numbers": (
        regular, "windows", _windows_of_numbers,
        lambda x: F.pad(torch.stack([x, -x, x * x]), (1, 1), value=5.0).unfold(2, 2, 1).sum(-1)
        .amax(-1),
    ),
    "numbers meet numbers in all borders": (
        regular, "framed_alike", lambda one, other: one.around or other.around,
        lambda x: (F.pad(x, (1, -1), value=5.0) + x).amax(-1),
    ),
    "from the first size on": (
        whole, "from_length", lambda *args: None,
        lambda x: F.pad(F.pad(x, (2, 2), value=1.0).unfold(1, 4, 1).amax(-1), (3, 3)).sum(-1),
    ),
    "no scale": (whole, "times", lambda sizes, tensor, scale: tensor, lambda x: x.mean(-1)),
    "a scale upside down": (
        whole, "times", lambda sizes, tensor, scale: TIMES(sizes, tensor, scale.inverse),
        lambda x: x.sum(-1) / x.shape[1],
    ),
    "a negated maximum is one": (
        whole, "opposite", lambda tensor: tensor, lambda x: -x.amax(-1),
    ),
    "a ReLU of a sum is one": (
        whole, "rising", lambda sizes, x, *args, **named: x, lambda x: x.sum(-1).exp(),
    ),
    "anything added to a mean of two sizes": (
        whole, "with_known", lambda sizes, tensor, known: tensor,
        lambda x: (x / x.shape[1]).mean(-1) + 1.5,
    ),
    "pieces that do not move": (
        regular, "borders_of", lambda sizes, factor: (0, BORDERS(sizes, factor)[1]),
        lambda x: _sliced(x, 2, lambda t: t.sum(-1)),
    ),
    "windows that end too soon": (
        whole, "shared", lambda size, count: [(a, size * (i + 1) // count) for i, (a, _) in
                                              enumerate(SHARED(size, count))],
        lambda x: F.adaptive_avg_pool2d(x[None], (1, 3))[0],
    ),
    "a product of two folds is one": (
        Regular, "independent", property(lambda self: True), lambda x: x.sum(-1) * x.sum(-1),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_rule_is_found_out(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pipeline that tells is strange, or torch has another shape; and it is not without."""
    place, attribute, wrong, module = WRONG[name]
    with contextlib.suppress(UnreadableError):
        assert list(violations(module) or ()) == []
    monkeypatch.setattr(place, attribute, wrong)
    if hasattr(rules, attribute):
        monkeypatch.setattr(rules, attribute, wrong)
    if attribute == "opposite":
        monkeypatch.setitem(rules.FOLDED, torch.ops.aten.neg.default, lambda sizes, x: x)
    if attribute == "rising":
        monkeypatch.setitem(rules.FOLDED, torch.ops.aten.exp.default, wrong)
    assert any(True for _ in violations(module) or ())
