"""Pipelines of sums drawn at random, and runs that climb towards the bound that is proved for them.

A pipeline computes numbers out of the elements of a row, step by step: sums, means, weighted sums
with and without a bias, products, quotients, maxima. Every step can be computed in several ways, by
a reduction, a convolution, a matrix product, a pooling or element by element, and many a step is
made twice, in two ways. Its partner computes the same function in ways of its own. Bounded in a
range, both are run on many rows that are changed bit by bit; none may be further off than proved.

    python -m tests.verify.judge.tolerance.random_pipelines 200

attacks so many and writes down what came of it, in ``random_pipelines.json`` beside this file.
"""

from __future__ import annotations

import argparse
import datetime
import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest import mock

import torch
import torch.nn.functional as F

from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.tolerance import within

RECORD = Path(__file__).with_suffix(".json")
#: How many rows climb, and how often each is changed.
ROWS, ROUNDS = 2000, 150

#: Computes one number out of several, of many rows at once.
Way = Callable[[Sequence[torch.Tensor]], torch.Tensor]
#: Ways to compute one function, by their names.
Ways = Mapping[str, Way]


def in_order(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """Add up from the first to the last."""
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def by_halves(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """Add up as a tree."""
    if len(parts) == 1:
        return parts[0]
    half = len(parts) // 2
    return by_halves(parts[:half]) + by_halves(parts[half:])


def stacked(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """Return what a kernel adds up along the last axis."""
    return torch.stack(list(parts), -1)


def convolved(
    parts: Sequence[torch.Tensor], weights: Sequence[float], bias: float | None = None
) -> torch.Tensor:
    """Add up by a convolution."""
    x = stacked(parts)
    kernel = torch.tensor(weights, dtype=x.dtype).reshape(1, 1, -1)
    more = None if bias is None else torch.tensor([bias], dtype=x.dtype)
    return F.conv1d(x.reshape(-1, 1, len(parts)), kernel, more).reshape(x.shape[:-1])


def multiplied(parts: Sequence[torch.Tensor], weights: Sequence[float]) -> torch.Tensor:
    """Add up by a matrix product."""
    x = stacked(parts)
    return torch.matmul(x, torch.tensor(weights, dtype=x.dtype)[:, None])[..., 0]


def pooled(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """Take the mean by a pooling."""
    x = stacked(parts).reshape(-1, 1, len(parts))
    return F.avg_pool1d(x, len(parts)).reshape(parts[0].shape)


def each_times(parts: Sequence[torch.Tensor], weights: Sequence[float]) -> list[torch.Tensor]:
    """Return products, element by element."""
    return [part * weight for part, weight in zip(parts, weights, strict=True)]


def like(part: torch.Tensor, value: float) -> torch.Tensor:
    """Return a number in the dtype of what is computed."""
    return torch.tensor(value, dtype=part.dtype)


SUMS: Ways = {
    "sum": lambda p: stacked(p).sum(-1),
    "in order": in_order,
    "backwards": lambda p: in_order(p[::-1]),
    "by halves": by_halves,
    "convolution": lambda p: convolved(p, [1.0] * len(p)),
    "matrix": lambda p: multiplied(p, [1.0] * len(p)),
}
MEANS: Ways = {
    "mean": lambda p: stacked(p).mean(-1),
    "quotient": lambda p: stacked(p).sum(-1) / len(p),
    "product": lambda p: in_order(p) * (1 / len(p)),
    "convolution": lambda p: convolved(p, [1 / len(p)] * len(p)),
    "pooling": pooled,
    "matrix": lambda p: multiplied(p, [1 / len(p)] * len(p)),
}
PRODUCTS: Ways = {
    "left": lambda p: (p[0] * p[1]) * p[2],
    "right": lambda p: p[0] * (p[1] * p[2]),
    "outer": lambda p: (p[0] * p[2]) * p[1],
}
PAIRS: Sequence[Ways] = (
    {"": lambda p: p[0] - p[1]},
    {"": lambda p: p[0] + p[1]},
    {
        "maximum": lambda p: torch.maximum(p[0], p[1]),
        "merge": lambda p: F.relu(p[0] - p[1]) + p[1],
        "other merge": lambda p: F.relu(p[1] - p[0]) + p[0],
    },
    {
        "minimum": lambda p: torch.minimum(p[0], p[1]),
        "merge": lambda p: p[0] - F.relu(p[0] - p[1]),
    },
)


def _weighted(weights: Sequence[float], bias: float | None) -> Ways:
    if bias is None:
        return {
            "convolution": partial(convolved, weights=weights),
            "matrix": partial(multiplied, weights=weights),
            "in order": lambda p: in_order(each_times(p, weights)),
            "sum": lambda p: (stacked(p) * torch.tensor(weights, dtype=p[0].dtype)).sum(-1),
        }
    return {
        "convolution": partial(convolved, weights=weights, bias=bias),
        "added last": lambda p: convolved(p, weights) + bias,
        "added first": lambda p: like(p[0], bias) + in_order(each_times(p, weights)),
    }


def _with_number(kind: str, number: float) -> Ways:
    match kind:
        case "times":
            return {"": lambda p: p[0] * number, "tensor": lambda p: p[0] * like(p[0], number)}
        case "over":
            return {"": lambda p: p[0] / number, "tensor": lambda p: p[0] / like(p[0], number)}
    return {
        "": lambda p: p[0] + number,
        "tensor": lambda p: torch.full_like(p[0], number) + p[0],
    }


@dataclass(frozen=True)
class Step:
    """A number computed out of those before it."""

    ways: Ways
    of: tuple[int, ...]


@dataclass(frozen=True)
class Pipeline:
    """A function of rows, and the way in which each of its steps is computed."""

    steps: tuple[Step, ...]
    ways: tuple[str, ...]

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Return the last number, of rows ``(..., n)`` one each."""
        made = list(x.unbind(-1))
        for step, way in zip(self.steps, self.ways, strict=True):
            made.append(step.ways[way]([made[i] for i in step.of]))
        return made[-1]


def _ways(draw: random.Random) -> tuple[Ways, int]:
    """Return ways to compute a function drawn at random, and of how many numbers."""
    count = draw.choice([2, 3, 4, 5, 9])
    kind = draw.choice(
        ["sum"] * 2 + ["mean"] * 2 + ["weighted"] * 2 + ["product", "times", "over", "plus"]
        + ["pair"] * 4 + ["relu"]
    )  # fmt: skip
    match kind:
        case "sum":
            return SUMS, count
        case "mean":
            return MEANS, count
        case "weighted":
            weights = [draw.choice([1.0, -1.0, 0.5, 1 / 3, 2.0, 0.1, -0.7]) for _ in range(count)]
            return _weighted(weights, draw.choice([None, 0.1, 0.5, -1.0, 0.37])), count
        case "product":
            return PRODUCTS, 3
        case "pair":
            return draw.choice(PAIRS), 2
        case "relu":
            return {"": lambda p: F.relu(p[0])}, 1
    return _with_number(kind, draw.choice([0.1, 1 / 3, 0.5, 3.0, -0.3, 0.7])), 1


def drawn(seed: int) -> tuple[Pipeline, Pipeline, int, str, bool]:
    """Return two pipelines of one function, their row's length, a dtype, and whether both run."""
    draw = random.Random(seed)
    length = draw.choice([2, 3, 4, 9])
    steps: list[Step] = []
    for _ in range(draw.randint(2, 6)):
        ways, count = _ways(draw)
        made = length + len(steps)
        of = [draw.randrange(made) for _ in range(count)]
        if steps and draw.random() < 0.75:
            of[0] = draw.randrange(length, made)
        # One function made twice, in two ways perhaps: what may be taken for one number.
        steps += [Step(ways, tuple(of))] * draw.choice([1, 1, 2])
    made = length + len(steps)
    steps.append(Step(draw.choice(PAIRS[:3]), (made - 1, made - 2)))
    one, other = (
        Pipeline(tuple(steps), tuple(draw.choice(list(step.ways)) for step in steps))
        for _ in range(2)
    )
    system = draw.choice(["float16", "bfloat16", "float32", "float32"])
    return one, other, length, system, draw.random() < 0.5


def climbed(
    module: Pipeline, reference: Pipeline, length: int, system: str, *, executed: bool, seed: int
) -> float:
    """Return the largest distance found of a module from its reference, in float64 or run."""
    dtype = getattr(torch, system)
    own = torch.Generator().manual_seed(seed)
    shape = (ROWS, length)

    def uniform(*of: int) -> torch.Tensor:
        return torch.rand(of, generator=own, dtype=torch.float64)

    def off(x: torch.Tensor) -> torch.Tensor:
        meant = reference(x) if executed else reference(x.double())
        return torch.nan_to_num((module(x).double() - meant.double()).abs(), nan=-1.0)

    start = uniform(*shape) * 2 - 1
    start = torch.where(uniform(*shape) < 0.3, start * 2 ** (-12 * uniform(ROWS, 1)), start)
    x = torch.where(uniform(*shape) < 0.1, start.sign(), start).to(dtype)
    worst = off(x)
    for _ in range(ROUNDS):
        steps = torch.randint(-4, 5, shape, generator=own)
        steps = steps * 2.0 ** torch.randint(0, 10, shape, generator=own)
        near = x.double() * (1 + steps * torch.finfo(dtype).eps / 2)
        tried = torch.where(uniform(*shape) < 1.5 / length, near, x.double())
        tried = torch.where(uniform(*shape) < 0.02, uniform(*shape) * 2 - 1, tried)
        tried = tried.clamp(-1, 1).to(dtype)
        new = off(tried)
        kept = new >= worst
        x[kept], worst[kept] = tried[kept], new[kept]
    return float(worst.max())


def attacked(seed: int) -> tuple[Verdict, float | None]:
    """Attack the bound of one seed's pipelines; return the verdict and the bound over the worst.

    Raises:
        AssertionError: A run is further off than was proved, or the verdict is wrong.
    """
    module, reference, length, system, executed = drawn(seed)
    # The judge's own search is short: the longer one comes after it.
    with mock.patch.object(within, "SEARCHING", 0.3):
        found = equivalent(
            module, reference, (1, length), system, between=(-1, 1), executed=executed, timeout=20
        )
    said = f"seed {seed}: {found.verdict}, {found.reason}"
    assert found.verdict is not Verdict.ERROR, said
    assert found.verdict is not Verdict.REFUTED or "inf" in said, said
    if found.within is None:
        return found.verdict, None
    worst = climbed(module, reference, length, system, executed=executed, seed=seed)
    # In float64 the reference is off by a little, too.
    assert worst <= found.within + 1e-14, f"{said}, and a run is {worst:.9g} off"
    return found.verdict, found.within / worst if worst else None


def survey(seeds: Iterable[int]) -> tuple[Counter[str], list[float]]:
    """Attack the bounds of many seeds; return how often what was said, and how loose they are."""
    said: Counter[str] = Counter()
    ratios: list[float] = []
    for seed in seeds:
        verdict, ratio = attacked(seed)
        said[str(verdict)] += 1
        ratios += [] if ratio is None else [ratio]
    return said, sorted(ratios)


def main() -> int:
    """Attack many and write down what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, help="how many pipelines")
    parser.add_argument("--start", type=int, default=0, help="the first seed")
    parser.add_argument("--dry", action="store_true", help="write nothing")
    options = parser.parse_args()
    torch.set_num_threads(1)
    begun = time.process_time()
    seeds = range(options.start, options.start + options.count)
    said, ratios = survey(seeds)
    commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True,
                            check=True, cwd=RECORD.parent).stdout.strip()  # fmt: skip
    made = {
        "date": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "commit": commit,
        "torch": torch.__version__,
        "first_seed": options.start,
        "pipelines": options.count,
        "beyond": 0,  # one would have ended it
        "said": dict(sorted(said.items())),
        "bound_over_worst": {"least": ratios[0], "median": ratios[len(ratios) // 2]},
        "seconds": round(time.process_time() - begun),
    }
    print(json.dumps(made, indent=1))
    if not options.dry:
        RECORD.write_text(json.dumps(made, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
