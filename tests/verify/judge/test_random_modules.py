"""The judge against modules drawn at random: what it says is held against eager runs.

Each module is a pipeline of operators with Python control flow, compared with a rewrite of itself,
right or broken in one place. A proof must survive fresh runs in float64, a refutation must show.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import Equivalence, equivalent

Step = Callable[[torch.Tensor], torch.Tensor]
SHAPE = (2, 6)


def fold(x: torch.Tensor) -> torch.Tensor:
    """Fold a row by ReLUs, from left to right."""
    best = x[:, 0]
    for k in range(1, x.shape[1]):
        best = F.relu(x[:, k] - best) + best
    return best[:, None].expand(SHAPE) + 0 * x


def by_if(x: torch.Tensor) -> torch.Tensor:
    """Decide by an element."""
    return x + 1 if x[0, 0] > x[1, 5] else x - 1


def written(x: torch.Tensor) -> torch.Tensor:
    """Write in place into what was made."""
    y = torch.zeros(SHAPE, dtype=x.dtype)
    y[:, ::2] = x[:, 1::2]
    y[:, 1::2] += x[:, ::2]
    return y


def smoothed(x: torch.Tensor) -> torch.Tensor:
    """Convolve each row."""
    kernel = torch.tensor([[[0.5, -1.0, 0.25]]], dtype=x.dtype)
    return F.conv1d(x[:, None], kernel, padding=1)[:, 0]


#: Steps, and for each another way to write it.
STEPS: list[tuple[Step, Step]] = [
    (lambda x: F.relu(x), lambda x: torch.where(x > 0, x, 0.0)),
    (lambda x: x.abs(), lambda x: torch.maximum(x, -x)),
    (lambda x: x.flip(1), lambda x: x[:, [5, 4, 3, 2, 1, 0]]),
    (lambda x: x.clamp(-2, 2), lambda x: torch.minimum(torch.maximum(x, x * 0 - 2), x * 0 + 2)),
    (lambda x: 2 * x - 1, lambda x: x + x - 1),
    (lambda x: x / 4, lambda x: x * 0.25),
    (fold, lambda x: x.amax(1, keepdim=True).expand(SHAPE) + 0 * x),
    (by_if, lambda x: x + torch.where(x[0, 0] > x[1, 5], 1.0, -1.0)),
    (written, lambda x: x.reshape(2, 3, 2).flip(2).reshape(SHAPE)),
    (smoothed, lambda x: 0.5 * F.pad(x, (1, 0))[:, :6] - x + 0.25 * F.pad(x, (0, 1))[:, 1:]),
    (lambda x: x.cummax(1).values,
     lambda x: torch.stack([x[:, : k + 1].amax(1) for k in range(6)], 1)),
    (lambda x: x.cumsum(1), lambda x: x @ torch.triu(torch.ones(6, 6, dtype=x.dtype))),
    (lambda x: torch.maximum(x, x.roll(1, 1)), lambda x: F.relu(x - x.roll(1, 1)) + x.roll(1, 1)),
    (lambda x: x.masked_fill(x < -1, -1.0), lambda x: x.clamp_min(-1)),
    (lambda x: x - x.mean(1, keepdim=True), lambda x: x - x.sum(1, keepdim=True) / 6),
    (lambda x: x * x[:, :1], lambda x: torch.einsum("ij,i->ij", x, x[:, 0])),
    (lambda x: x.sort(1).values[:, [5, 0, 5, 0, 5, 0]],
     lambda x: torch.stack([x.amax(1), x.amin(1)], 1).repeat(1, 3)),
]  # fmt: skip
#: Faults, each of which changes a pipeline in most places it can stand.
FAULTS: list[Step] = [
    lambda x: x + (x > 3.5).to(x.dtype),
    lambda x: torch.cat([x[:, :5], x[:, 5:] * 1.001], 1),
    lambda x: x + F.relu(x[:, :1] - 50),
    lambda x: F.relu(x + 6) - 6,
    lambda x: torch.where(x == 7, x + 1, x),
    lambda x: torch.cat([x[:1], x[1:].roll(1, 1)]),
]


def drawn(seed: int) -> tuple[Step, Step]:
    """Return a pipeline and another one."""
    draw = random.Random(seed)
    steps = draw.choices(STEPS, k=draw.randint(1, 4))
    if sum(step[0] is by_if for step in steps) > 2:
        steps = steps[:2]
    sides: list[list[Step]] = [[], []]
    for step in steps:
        turned = draw.random() < 0.5
        sides[0].append(step[turned])
        sides[1].append(step[not turned])
    if draw.random() < 0.5:
        sides[1].insert(draw.randint(0, len(sides[1])), draw.choice(FAULTS))

    def pipeline(steps: list[Step]) -> Step:
        def run(x: torch.Tensor) -> torch.Tensor:
            for step in steps:
                x = step(x)
            return x

        return run

    return pipeline(sides[0]), pipeline(sides[1])


def misjudged(seed: int, found: Equivalence, left: Step, right: Step) -> str | None:
    """Say how a verdict is contradicted by eager runs, ``None`` if it is not."""
    if found.verdict.settles:
        generator = torch.Generator().manual_seed(seed + 1)
        for scale in (1.0, 8.0, 100.0, 1e5):
            for _ in range(25):
                x = torch.randint(-9, 10, SHAPE, generator=generator).double() * scale / 8
                one, other = left(x), right(x)
                if not torch.allclose(one, other, rtol=1e-9, atol=1e-9 * scale**2):
                    return f"proved, and differs at {x.tolist()}"
    if found.verdict is Verdict.REFUTED:
        assert found.counterexample is not None
        x = found.counterexample.input.double()
        if torch.allclose(left(x), right(x), rtol=1e-9, atol=0):
            return f"refuted, and agrees at {x.tolist()}"
    if found.verdict in (Verdict.ERROR, Verdict.NOT_JUDGED):
        return found.reason
    return None


def survey(seeds: range) -> dict[str, int]:
    """Judge modules of many seeds; return how often each word was said."""
    words: dict[str, int] = {}
    for seed in seeds:
        left, right = drawn(seed)
        found = equivalent(left, right, SHAPE, timeout=10)
        wrong = misjudged(seed, found, left, right)
        assert wrong is None, f"seed {seed}: {wrong}"
        words[str(found.verdict)] = words.get(str(found.verdict), 0) + 1
    return words


def test_a_few_modules() -> None:
    """None is misjudged, and both words are said."""
    words = survey(range(24))
    assert words["PROVED_BOUNDED"] > 4
    assert words["REFUTED"] > 4


@pytest.mark.slow
def test_many_modules() -> None:
    """As many as asked for; the seeds are those of the first modules."""
    count = int(os.environ.get("POOLPROOF_MODULES", "300"))
    words = survey(range(24, 24 + count))
    assert words["PROVED_BOUNDED"] > count / 5
