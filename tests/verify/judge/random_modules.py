"""Modules drawn at random for the judge, and what eager runs say of its verdicts.

A module is a pipeline of steps on a plane of numbers, each of which can be written in two or more
ways, one of them perhaps with Python control flow, writes in place, a layer with weights, or a
pooling at its end. Its partner is the same pipeline in other words: right, or with one fault. Where
the fault stands last it is certain that the two differ; a trap differs at few inputs only, or keeps
state, or reads numbers. A proof must survive fresh runs, a refutation must show in another dtype,
and nothing may break.

    python -m tests.verify.judge.random_modules 5000

judges so many and writes down what came of it, in ``random_modules.json`` beside this file.
"""

from __future__ import annotations

import argparse
import datetime
import itertools
import json
import math
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import Equivalence, equivalent
from verify.judge.shape import one_shape

Step = Callable[[torch.Tensor], torch.Tensor]
RECORD = Path(__file__).with_suffix(".json")
#: The planes that pipelines run on: rows of numbers, and an image of two channels.
ROWS, IMAGE = (2, 6), (1, 2, 6, 6)
#: A solver is asked about what is proved already for every so many modules only.
CHECKED = 8

# -- steps on rows of six ----------------------------------------------------------------------


def fold(x: torch.Tensor) -> torch.Tensor:
    """Fold a row by ReLUs, from left to right."""
    best = x[:, 0]
    for k in range(1, x.shape[1]):
        best = F.relu(x[:, k] - best) + best
    return best[:, None].expand(ROWS) + 0 * x


def halved(x: torch.Tensor) -> torch.Tensor:
    """Take the largest of a row by halves."""
    a, b = x[:, :3], x[:, 3:]
    c = torch.where(a < b, b, a)
    best = torch.stack([c[:, 0], c[:, 1], c[:, 2]]).max(0).values
    return best[:, None].repeat(1, 6)


def by_if(x: torch.Tensor) -> torch.Tensor:
    """Decide by an element."""
    return x + 1 if x[0, 0] > x[1, 5] else x - 1


def by_nested_ifs(x: torch.Tensor) -> torch.Tensor:
    """Decide by two elements, one after the other, and return early."""
    if x[0, 1] >= 2:
        return x * 2
    y = x.clone()
    if not x[1, 0] < x[0, 2]:
        y[1] = -x[1]
    return y


def by_choices(x: torch.Tensor) -> torch.Tensor:
    """Choose as :func:`by_nested_ifs` decides."""
    sign = torch.where(x[1, 0] < x[0, 2], 1.0, -1.0).to(x.dtype)
    rows = torch.cat([x[:1], sign * x[1:]])
    return torch.where(x[0, 1] < 2, rows, 2 * x)


def best_of(x: torch.Tensor) -> torch.Tensor:
    """Search the largest of the first three in a loop."""
    best = x[0, 0]
    for value in x[0, 1:3]:
        if value > best:
            best = value
    y = x.clone()
    y[1, :] = best
    return y


def written(x: torch.Tensor) -> torch.Tensor:
    """Write in place into what was made."""
    y = torch.zeros(ROWS, dtype=x.dtype)
    y[:, ::2] = x[:, 1::2]
    y[:, 1::2] += x[:, ::2]
    return y


def through_views(x: torch.Tensor) -> torch.Tensor:
    """Write through a view of a view, and read the whole."""
    y = torch.empty_like(x).copy_(x)
    corner = y.T[4:]
    corner += corner.flip(0)
    corner.view_as(corner).mul_(2)
    return y


def without_views(x: torch.Tensor) -> torch.Tensor:
    """Compute what :func:`through_views` writes."""
    both = 2 * (x[:, 4:5] + x[:, 5:6])
    return torch.cat([x[:, :4], both, both], 1)


def smoothed(x: torch.Tensor) -> torch.Tensor:
    """Convolve each row."""
    kernel = torch.tensor([[[0.5, -1.0, 0.25]]], dtype=x.dtype)
    return F.conv1d(x[:, None], kernel, padding=1)[:, 0]


def masked(x: torch.Tensor) -> torch.Tensor:
    """Write where a mask holds."""
    y = x.clone()
    y[y > 2] = 2
    y[y < -2] = -2
    return y


def one_written(x: torch.Tensor) -> torch.Tensor:
    """Write one element of each row, by its own threshold."""
    y = x.clone()
    last = y[:, 5]
    last[last > 1.5] *= -1
    return y


def sorted_ends(x: torch.Tensor) -> torch.Tensor:
    """Take both ends of sorted rows."""
    return x.sort(1).values[:, [5, 0, 5, 0, 5, 0]]


def swallowing(x: torch.Tensor) -> torch.Tensor:
    """Fail, and go on."""
    try:
        return x[:, 7:] @ x
    except RuntimeError:
        return x - 3


#: Steps in several words each; those of the second kind round nowhere, in any number system.
ROUNDED: list[tuple[Step, ...]] = [
    (lambda x: 2 * x - 1, lambda x: x + x - 1, lambda x: torch.add(x, x).sub_(1)),
    (lambda x: x / 4, lambda x: x * 0.25, lambda x: x.div(2).div_(2)),
    (fold, halved, lambda x: x.amax(1, keepdim=True).expand(ROWS) + 0 * x),
    (by_if, lambda x: x + torch.where(x[0, 0] > x[1, 5], 1.0, -1.0).to(x.dtype)),
    (by_nested_ifs, by_choices),
    (through_views, without_views),
    (smoothed,
     lambda x: 0.5 * F.pad(x, (1, 0))[:, :6] - x + 0.25 * F.pad(x, (0, 1))[:, 1:]),
    (lambda x: x.cumsum(1), lambda x: x @ torch.triu(torch.ones(6, 6, dtype=x.dtype)),
     lambda x: torch.stack([x[:, : k + 1].sum(1) for k in range(6)], 1)),
    (lambda x: torch.maximum(x, x.roll(1, 1)), lambda x: F.relu(x - x.roll(1, 1)) + x.roll(1, 1)),
    (lambda x: x - x.mean(1, keepdim=True), lambda x: x - x.sum(1, keepdim=True) / 6),
    (lambda x: x * x[:, :1], lambda x: torch.einsum("ij,i->ij", x, x[:, 0])),
    (lambda x: (x + x.flip(0)) / 2, lambda x: x.mean(0, keepdim=True).expand(ROWS),
     lambda x: torch.lerp(x, x.flip(0), 0.5)),
    (lambda x: x.where(x > 0, x / 2), lambda x: F.leaky_relu(x, 0.5)),
    (lambda x: F.hardtanh(x / 2 + 0.5, 0.0, 1.0), lambda x: (x / 2 + 0.5).clamp(0, 1)),
    (lambda x: F.max_pool1d(x[None], 3, 1, 1)[0],
     lambda x: torch.maximum(torch.maximum(x, x[:, [0, 0, 1, 2, 3, 4]]), x[:, [1, 2, 3, 4, 5, 5]])),
    (lambda x: F.avg_pool1d(x[None], 3, 1, 1)[0],
     lambda x: (F.pad(x, (1, 1))[:, :6] + x + F.pad(x, (1, 1))[:, 2:]) / 3),
]  # fmt: skip
CHOOSING: list[tuple[Step, ...]] = [
    (F.relu, lambda x: torch.where(x > 0, x, torch.zeros_like(x)), lambda x: x.clamp(min=0)),
    (lambda x: x.abs(), lambda x: torch.maximum(x, -x)),
    (lambda x: x.flip(1), lambda x: x[:, [5, 4, 3, 2, 1, 0]], 
     lambda x: torch.stack(x.unbind(1)[::-1], 1)),
    (lambda x: x.clamp(-2, 2), masked, lambda x: torch.clamp_max(torch.clamp_min(x, -2), 2)),
    (written, lambda x: x.reshape(2, 3, 2).flip(2).reshape(ROWS)),
    (lambda x: x.cummax(1).values,
     lambda x: torch.stack([x[:, : k + 1].amax(1) for k in range(6)], 1)),
    (lambda x: x.masked_fill(x < -1, -1), lambda x: x.clamp_min(-1)),
    (sorted_ends, lambda x: torch.stack([x.amax(1), x.amin(1)], 1).repeat(1, 3)),
    (best_of, lambda x: torch.cat([x[:1], x[:1, :3].amax(1, keepdim=True).expand(1, 6)])),
    (lambda x: x.gather(1, torch.tensor([[1, 0, 3, 2, 5, 4]] * 2)), written),
    (lambda x: torch.where((x > 0) & (x < 2), x, -x),
     lambda x: torch.where(~((x > 0) & (x < 2)), -x, x)),
    (lambda x: x.index_select(0, torch.tensor([1, 0])), lambda x: x.flip(0)),
    (swallowing, lambda x: x - 3),
]  # fmt: skip

#: With poles, ties, single elements and other dtypes: from this seed on these are drawn too.
FURTHER = 5000
FURTHER_ROUNDED: list[tuple[Step, ...]] = [
    (lambda x: x / (x.abs() + 1), F.softsign, lambda x: x * (1 + x.abs()).reciprocal()),
    (lambda x: torch.log(x.abs() + 1), lambda x: torch.log1p(torch.maximum(x, -x))),
    (lambda x: (x.double() * 2).to(x.dtype), lambda x: x + x),
]  # fmt: skip
FURTHER_CHOOSING: list[tuple[Step, ...]] = [
    (lambda x: torch.where(x == x.flip(1), -x, x), lambda x: torch.where(x != x.flip(1), x, -x)),
    (one_written,
     lambda x: torch.cat([x[:, :5], torch.where(x[:, 5:] > 1.5, -x[:, 5:], x[:, 5:])], 1)),
    (lambda x: torch.where(x > 0, x, 0 * x), lambda x: F.threshold(x, 0, 0)),
]  # fmt: skip

# -- poolings of an image ------------------------------------------------------------------------


def taps(x: torch.Tensor, size: int, stride: int) -> list[torch.Tensor]:
    """Return the taps of every window."""
    outputs = (x.shape[2] - size) // stride + 1
    end = (outputs - 1) * stride + 1
    return [x[..., i : i + end : stride, j : j + end : stride]
            for i in range(size) for j in range(size)]  # fmt: skip


def unfolded(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    """Return windows as an axis."""
    return x.unfold(2, size, stride).unfold(3, size, stride).flatten(-2)


def one_hot(x: torch.Tensor, size: int, stride: int) -> list[torch.Tensor]:
    """Return the taps by depthwise convolutions."""
    found = []
    for place in range(size * size):
        kernel = torch.zeros(x.shape[1], 1, size, size, dtype=x.dtype)
        kernel[:, 0, place // size, place % size] = 1
        found.append(F.conv2d(x, kernel, stride=stride, groups=x.shape[1]))
    return found


def relus(every: list[torch.Tensor]) -> torch.Tensor:
    """Take the largest by ReLUs."""
    best = every[0]
    for tap in every[1:]:
        best = F.relu(tap - best) + best
    return best


def tree(every: list[torch.Tensor]) -> torch.Tensor:
    """Take the largest pair by pair."""
    while len(every) > 1:
        joined = [torch.where(a > b, a, b) for a, b in zip(every[::2], every[1::2], strict=False)]
        every = joined + (every[-1:] if len(every) % 2 else [])
    return every[0]


def windows_in_loops(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    """Pool window by window."""
    outputs = (x.shape[2] - size) // stride + 1
    y = torch.zeros(1, 2, outputs, outputs, dtype=x.dtype)
    for i, j in itertools.product(range(outputs), repeat=2):
        window = x[0, :, i * stride : i * stride + size, j * stride : j * stride + size]
        y[0, :, i, j] = window.reshape(2, -1).max(1).values
    return y


def rows_then_columns(x: torch.Tensor, size: int, stride: int) -> torch.Tensor:
    """Pool one axis after the other."""
    return F.max_pool2d(F.max_pool2d(x, (1, size), (1, stride)), (size, 1), (stride, 1))


MAXIMA: list[Callable[[torch.Tensor, int, int], torch.Tensor]] = [
    lambda x, k, s: F.max_pool2d(x, k, s),
    lambda x, k, s: tree(taps(x, k, s)),
    lambda x, k, s: unfolded(x, k, s).amax(-1),
    lambda x, k, s: unfolded(x, k, s).sort(-1).values[..., -1],
    windows_in_loops,
    rows_then_columns,
    lambda x, k, s: torch.stack(taps(x, k, s)).amax(0),
    lambda x, k, s: x.flip(2).flip(2).unfold(2, k, s).amax(-1).unfold(3, k, s).amax(-1),
]
RELUS: list[Callable[[torch.Tensor, int, int], torch.Tensor]] = [
    lambda x, k, s: relus(taps(x, k, s)),
    lambda x, k, s: relus(one_hot(x, k, s)),
    lambda x, k, s: relus(taps(x, k, s)[::-1]),
]
MEANS: list[Callable[[torch.Tensor, int, int], torch.Tensor]] = [
    lambda x, k, s: F.avg_pool2d(x, k, s),
    lambda x, k, s: unfolded(x, k, s).mean(-1),
    lambda x, k, s: sum(taps(x, k, s)) / k**2,  # type: ignore[return-value, list-item]
    lambda x, k, s: F.conv2d(x, torch.full((2, 1, k, k), 1 / k**2, dtype=x.dtype), stride=s,
                             groups=2),
    lambda x, k, s: F.avg_pool2d(F.avg_pool2d(x, (1, k), (1, s)), (k, 1), (s, 1)),
]  # fmt: skip

# -- faults ----------------------------------------------------------------------------------------

#: Faults that show at every input where they stand last.
CERTAIN: list[Step] = [
    lambda x: x + 0.001,
    lambda x: x - 1,
    lambda x: torch.cat([x[..., :1] + 0.25, x[..., 1:]], -1),
    lambda x: torch.where(x < 1e9, x - 0.5, x),
]
CERTAIN_OF_CHOICE: list[Step] = [
    lambda x: torch.where(x > 100, x, x + 1),
    lambda x: torch.cat([x[..., :1].clamp(0, 1) - 1, x[..., 1:]], -1) + 1,
]
#: Faults that what comes before or after may hide.
FAULTS: list[Step] = [
    lambda x: x + (x > 3.5).to(x.dtype),
    lambda x: torch.cat([x[..., :1], x[..., 1:] * 1.001], -1),
    lambda x: x + F.relu(x[..., :1] - 50),
    lambda x: F.relu(x + 6) - 6,
    lambda x: torch.where(x == 7, x + 1, x),
    lambda x: x.roll(1, -1),
    lambda x: x.half().to(x.dtype),
    lambda x: torch.minimum(x, x.new_tensor(30.0)),
    lambda x: x * (1 + 1e-4),
    lambda x: x + x.flip(-1) * 0.01,
    lambda x: F.leaky_relu(x, 0.99),
]  # fmt: skip
#: The same in number systems without fractions.
FAULTS_OF_CHOICE: list[Step] = [
    lambda x: torch.where(x == 7, x + 1, x),
    lambda x: x.roll(1, -1),
    lambda x: x.clamp(-100, 100),
    lambda x: torch.where(x > 3, x - 1, x),
    lambda x: torch.maximum(x, x.flip(-1)),
]


FURTHER_FAULTS: list[Step] = [
    lambda x: x * ((x - 2) / (x - 2)),
    lambda x: x + 0 / (x[..., :1] + 3),
    lambda x: x + 0 * torch.log(x + 40),
    lambda x: x + 0 * torch.sqrt(60 - x),
    lambda x: torch.where(torch.isinf(1 / (x - 1)), x + 1, x),
    lambda x: x + (x == x.roll(1, -1)).to(x.dtype),
    lambda x: F.threshold(x, -30, -30),
    lambda x: torch.cat([x[..., :-1], x[..., -1:].clamp(max=25)], -1),
    lambda x: torch.cat([x[..., :1].round(), x[..., 1:]], -1),
    lambda x: x.to(torch.bfloat16).to(x.dtype),
    lambda x: x.long().to(x.dtype),
]  # fmt: skip


def state() -> Step:
    """Return a step that counts its calls and is wrong at the 97th."""
    calls = [0]

    def step(x: torch.Tensor) -> torch.Tensor:
        calls[0] += 1
        return x + (calls[0] % 97 == 0)

    return step


def far(x: torch.Tensor) -> torch.Tensor:
    """Go another way where an element is large."""
    return x * 2 if x.max() > 54321 else x


def read(x: torch.Tensor) -> torch.Tensor:
    """Read a number."""
    return x + 1 if int(x.flatten()[0].item()) == 4242 else x


def numpy_read(x: torch.Tensor) -> torch.Tensor:
    """Read a number by NumPy."""
    return x + 1 if float(x.detach().double().numpy().flat[0]) == -777.25 else x


def quietly(x: torch.Tensor) -> torch.Tensor:
    """Read a number and swallow what may come of it."""
    with suppress(Exception):
        if float(x.abs().max()) > 98765:
            return x - 1
    return x


def compiling(x: torch.Tensor) -> torch.Tensor:
    """Differ while nobody traces."""
    return x if torch.compiler.is_compiling() else x + 1


def huge(x: torch.Tensor) -> torch.Tensor:
    """Clip at a large number."""
    return x.clamp(-1e7, 1e7)


def once(x: torch.Tensor) -> torch.Tensor:
    """Differ at one number."""
    return x + (x == 31337.5).to(x.dtype)


def rounded(x: torch.Tensor) -> torch.Tensor:
    """Differ where a seventh of a seventh, 49 times, is not the number: over the reals nowhere."""
    return torch.where(x / 49 * 49 == x, x, x + 1)


def absorbed(x: torch.Tensor) -> torch.Tensor:
    """Differ where rounding absorbs a 1 that is not there over the reals."""
    large = float(1 << 24)
    return torch.where((x * large + x == large) & (x >= 1), x - 1, x)


#: What is said of a module that decides by rounded values; it may be right over the reals.
BY_ROUNDING = "falls otherwise than by exact ones"
#: Numbers at which traps are wrong.
TRIGGERS = (4242.0, 31337.5, -777.25, 54322.0, 98766.0, 2e7, -3e7)
#: Traps: wrong at few inputs, at some calls, or while nobody looks.
TRAPS: list[Callable[[], Step]] = [
    lambda: far, lambda: read, lambda: numpy_read, lambda: quietly, lambda: compiling,
    lambda: huge, lambda: once, lambda: rounded, lambda: absorbed,
]  # fmt: skip


# -- drawing -----------------------------------------------------------------------------------


class Pipeline(torch.nn.Module):
    """Steps one after the other, with a layer of weights among them if there is one."""

    def __init__(self, steps: Iterable[Step]) -> None:
        super().__init__()
        self.steps = list(steps)
        self.layers = torch.nn.ModuleList(s for s in self.steps if isinstance(s, torch.nn.Module))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Run all steps."""
        for step in self.steps:
            x = step(x)
        return x


@dataclass(frozen=True)
class Drawn:
    """Two modules, the plane they run on, and what is known of them."""

    left: Step
    right: Step
    shape: tuple[int, ...]
    system: str
    #: ``right``, ``wrong`` (certainly), ``fault`` (perhaps hidden), ``trap`` or ``state``.
    made: str


def _linear(draw: random.Random) -> tuple[Step, Step]:
    layer = torch.nn.Linear(6, 6).double()
    with torch.no_grad():
        for p in layer.parameters():
            p.copy_(torch.tensor([draw.randint(-3, 3) / 4 for _ in range(p.numel())]).view_as(p))
    layer = layer.float()
    weight, bias = layer.weight.detach().clone(), layer.bias.detach().clone()
    return layer, lambda x: (x[:, None, :] * weight.to(x.dtype)).sum(2) + bias.to(x.dtype)


def drawn(seed: int) -> Drawn:
    """Return two modules."""
    draw = random.Random(seed)
    system = draw.choices(
        ["real", "float32", "float16", "bfloat16", "float64", "int32", "int8"],
        [14, 2, 2, 1, 1, 1, 1],
    )[0]  # fmt: skip
    real = system == "real"
    made = draw.choices(["right", "wrong", "fault", "trap", "state"], [50, 15, 20, 12, 3])[0]
    image = draw.random() < 0.3
    steps: list[tuple[Step, ...]] = []
    if image:
        size, stride = draw.choice([(2, 2), (3, 2), (2, 1), (3, 1), (3, 3)])
        kinds = draw.choice([MAXIMA, MAXIMA + RELUS, MEANS]) if real else MAXIMA
        if not real:
            kinds = [k for k in kinds if kinds.index(k) != 3]
        ways = draw.sample(kinds, 2)
        steps = [tuple(lambda x, w=w: w(x, size, stride) for w in ways)]  # type: ignore[misc]
        if draw.random() < 0.5:
            steps.insert(0, draw.choice([
                (F.relu, lambda x: x.clamp_min(0)), (torch.abs, lambda x: torch.maximum(x, -x)),
                (lambda x: x.flip(3), lambda x: x[..., [5, 4, 3, 2, 1, 0]]),
            ]))  # fmt: skip
    else:
        every = CHOOSING + ROUNDED if real else CHOOSING
        if seed >= FURTHER:
            every = every + FURTHER_CHOOSING + (FURTHER_ROUNDED if real else [])
        steps = draw.choices(every, k=draw.randint(1, 4))
        deciding = [s for s in steps if s[0] in (by_if, by_nested_ifs, best_of)]
        if len(deciding) > 2:
            steps = steps[:2]
        if real and draw.random() < 0.15:
            steps.insert(draw.randint(0, len(steps)), _linear(draw))
    sides: list[list[Step]] = [[], []]
    for step in steps:
        one, other = draw.sample(step, 2)
        sides[0].append(one)
        sides[1].append(other)
    faults = FAULTS if real else FAULTS_OF_CHOICE
    if seed >= FURTHER and real:
        faults = faults + FURTHER_FAULTS
    if made == "wrong":
        sides[1].append(draw.choice(CERTAIN if real else CERTAIN_OF_CHOICE))
    elif made == "fault":
        sides[1].insert(draw.randint(0, len(sides[1])), draw.choice(faults))
    elif made == "trap":
        sides[1].insert(0, draw.choice(TRAPS)())
    elif made == "state":
        sides[1].insert(draw.randint(0, len(sides[1])), state())
    if draw.random() < 0.5 and made not in ("trap", "state"):
        sides.reverse()
    left, right = (Pipeline(side) for side in sides)
    return Drawn(left, right, IMAGE if image else ROWS, system, made)


# -- what eager runs say ---------------------------------------------------------------------------


def misjudged(seed: int, case: Drawn, found: Equivalence) -> str | None:
    """Say how a verdict is contradicted by eager runs, ``None`` if it is not."""
    if found.verdict is Verdict.ERROR or "the judge broke" in found.reason:
        return found.reason
    turned = BY_ROUNDING in found.reason and case.system == "real"
    if found.verdict is Verdict.NOT_JUDGED and case.made not in ("trap", "state") and not turned:
        return f"not judged: {found.reason}"
    if found.verdict.settles:
        if case.made in ("wrong", "state") and case.system == "real":
            return f"proved, and is made to be wrong ({case.made})"
        return _differing(seed, case)
    if found.verdict is Verdict.REFUTED:
        if case.made == "right" and case.system == "real":
            return f"refuted, and is right: {found.reason}"
        if found.counterexample is not None:
            return _agreeing(case, found.counterexample.input)
    return None


def _differing(seed: int, case: Drawn) -> str | None:
    """Return an input on which modules that were proved equal differ, if one is found."""
    generator = torch.Generator().manual_seed(seed + 1)
    whole = case.system.startswith("int")
    for scale in (1.0, 8.0, 100.0) if whole else (1.0, 8.0, 100.0, 1e5, 1e-3):
        for number in range(10):
            x = torch.randint(-9, 10, case.shape, generator=generator).double() * scale / 8
            if number % 2:
                x = torch.randn(case.shape, generator=generator, dtype=torch.float64) * scale
            if number < len(TRIGGERS):
                where = 0 if scale < 2 else seed * number % x.numel()
                x.view(-1)[where] = TRIGGERS[number]
            if case.system == "real":
                one, other = _double(case.left, x), _double(case.right, x)
                top = max(1.0, float(one.abs().max()), float(x.abs().max()))
                same = torch.allclose(one, other, rtol=1e-9, atol=1e-10 * top)
                if 0.1 <= scale <= 100:  # nor is a run in float32 anything else
                    one, other = (_in(case, s, x.float()).double() for s in (case.left, case.right))
                    same &= torch.allclose(one, other, rtol=1e-3, atol=1e-4 * top)
            else:
                given = x.to(getattr(torch, case.system))
                if not whole and number > 6:
                    given.view(-1)[number % given.numel()] = (math.nan, math.inf, -0.0)[number - 7]
                one, other = (_in(case, side, given) for side in (case.left, case.right))
                same = one.dtype == other.dtype and torch.equal(
                    one.double().nan_to_num(nan=0.123), other.double().nan_to_num(nan=0.123)
                )
            if not same:
                return f"proved in {case.system}, and differs at {x.tolist()}"
    return None


def _agreeing(case: Drawn, x: torch.Tensor) -> str | None:
    """Say so if modules that were refuted agree on the counterexample."""
    if case.system == "real":
        one, other = _double(case.left, x.double()), _double(case.right, x.double())
        alike = torch.allclose(one, other, rtol=1e-10, atol=0, equal_nan=True)
        if alike and x.dtype is torch.float32:  # a pole may be where no float64 is
            one, other = (_in(case, side, x) for side in (case.left, case.right))
            alike = torch.equal(one.isfinite(), other.isfinite())
    else:
        one, other = (_in(case, side, x) for side in (case.left, case.right))
        alike = one.dtype == other.dtype and torch.equal(
            one.double().nan_to_num(nan=0.123), other.double().nan_to_num(nan=0.123)
        )
    return (
        f"refuted, and agrees at {x.tolist()}"
        if alike and case.made not in ("trap", "state")
        else None
    )


def _double(side: Any, x: torch.Tensor) -> torch.Tensor:
    side.double()
    try:
        return side(x).detach().double()  # type: ignore[no-any-return]
    finally:
        side.float()


def _in(case: Drawn, side: Any, x: torch.Tensor) -> torch.Tensor:
    if x.dtype.is_floating_point:
        side.to(x.dtype)
    try:
        return side(x.clone()).detach()  # type: ignore[no-any-return]
    finally:
        side.float()


def judged(seed: int) -> tuple[Drawn, Equivalence, str | None]:
    """Judge the modules of one seed; return them, the finding, and how it is contradicted."""
    case = drawn(seed)
    checking = one_shape.CHECKING
    one_shape.CHECKING = checking if seed % CHECKED == 0 else 0.0
    try:
        found = equivalent(case.left, case.right, case.shape, case.system, timeout=10, why=False)
    finally:
        one_shape.CHECKING = checking
    return case, found, misjudged(seed, case, found)


def survey(seeds: Iterable[int], seconds: float = math.inf) -> Counter[str]:
    """Judge modules of many seeds while processor time lasts; return how often what was said."""
    said: Counter[str] = Counter()
    start = time.process_time()
    for seed in seeds:
        if time.process_time() - start > seconds:
            break
        case, found, wrong = judged(seed)
        assert wrong is None, f"seed {seed} ({case.made}): {wrong}"
        said[f"{case.made} {found.verdict}"] += 1
    return said


def main() -> int:
    """Judge many and write down what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many modules")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    parser.add_argument("--more", action="store_true", help="add to what is recorded")
    options = parser.parse_args()
    torch.set_num_threads(1)
    said: Counter[str] = Counter()
    wrong = []
    begun = time.process_time()
    for seed in range(options.start, options.start + options.count):
        case, found, why = judged(seed)
        said[f"{case.made} {found.verdict}"] += 1
        if why is not None:
            wrong.append(f"seed {seed} ({case.made}, {case.system}): {why}")
            print(wrong[-1], file=sys.stderr, flush=True)
        if seed % 100 == 99 or seed == options.start + options.count - 1:
            print(f"{seed + 1}: {sum(said.values())} judged", file=sys.stderr, flush=True)
            if not options.dry:
                before = json.loads(RECORD.read_text("utf-8"))["runs"] if options.more else []
                kept = [run for run in before if run["first_seed"] != options.start]
                made = {"runs": [*kept, recorded(options.start, said, wrong, begun)]}
                RECORD.write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    return 1 if wrong else 0


def recorded(start: int, said: Counter[str], wrong: list[str], begun: float) -> dict[str, Any]:
    """Return the record of a run, as far as it has come."""
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True,
                            check=True, cwd=RECORD.parent).stdout.strip()  # fmt: skip
    return {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "commit": commit,
        "torch": torch.__version__,
        "first_seed": start,
        "modules": sum(said.values()),
        "misjudged": wrong,
        "said": dict(sorted(said.items())),
        "seconds": round(time.process_time() - begun),
    }


if __name__ == "__main__":
    sys.exit(main())
