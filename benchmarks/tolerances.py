"""Proved tolerances beside what a search finds and what other methods prove.

    python benchmarks/tolerances.py

For float16 inputs between −1 and 1, in units of u = 2^−11. "Errors added up" is slope times half a
gap over all roundings, the approach of FPTaylor and Satire, by this project's own ranges. Gappa is
run where it is installed, on the case in which every maximum is its second argument, as it has no
maximum; with a hint that names the errors of the roundings, without which it finds twice as much.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from unittest import mock

import torch
import torch.nn.functional as F
from torch import nn

import pooling
from verify.judge import equivalent
from verify.judge.tolerance.asked import FLOAT_SYSTEMS
from verify.judge.tolerance.bounds import Bounds

UNIT = 2.0**-11
HEAD = "@rnd = float<11,-24,ne>;\n"


def taps(x: torch.Tensor, count: int) -> list[torch.Tensor]:
    """Return the taps of windows of so many elements."""
    return [x[..., i::count] for i in range(count)]


def pair(x: torch.Tensor) -> torch.Tensor:
    """Return the larger of two."""
    a, b = taps(x, 2)
    return F.relu(b - a) + a


def by_absolute_value(x: torch.Tensor) -> torch.Tensor:
    """Return the larger of two by the absolute value of their difference."""
    a, b = taps(x, 2)
    return (a + b + (b - a).abs()) / 2


def fold(x: torch.Tensor) -> torch.Tensor:
    """Return the largest of nine, tap after tap."""
    first, *others = taps(x, 9)
    for tap in others:
        first = F.relu(tap - first) + first
    return first


def other_fold(x: torch.Tensor) -> torch.Tensor:
    """Return the same with the roles exchanged."""
    first, *others = taps(x, 9)
    for tap in others:
        first = F.relu(first - tap) + tap
    return first


def tree(x: torch.Tensor) -> torch.Tensor:
    """Return the largest of nine, pair by pair."""
    values = taps(x, 9)
    while len(values) > 1:
        pairs = zip(values[::2], values[1::2], strict=False)
        values = [F.relu(a - b) + b for a, b in pairs] + (values[-1:] if len(values) % 2 else [])
    return values[0]


def mean(count: int) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return what makes means, tap after tap."""

    def averaged(x: torch.Tensor) -> torch.Tensor:
        total, *others = taps(x, count)
        for tap in others:
            total = total + tap
        return total / count

    return averaged


def _inputs(names: Sequence[str]) -> str:
    return "".join(f"{name} = rnd(r{name});\n" for name in names)


def _between(names: Sequence[str]) -> str:
    return " /\\ ".join(f"{name} in [-1,1]" for name in names)


def _gappa_mean(count: int) -> str:
    names = [f"x{i}" for i in range(count)]
    total = names[0]
    for name in names[1:]:
        total = f"({total} + {name})"
    exact = " + ".join(names)
    return (
        f"{HEAD}{_inputs(names)}y rnd= {total} / {count};\nz = ({exact}) / {count};\n"
        f"{{ {_between(names)} -> |y - z| in ? }}\n"
    )


PAIR = f"""{HEAD}{_inputs("ab")}d = rnd(b - a); s = d + a; y = rnd(s);
{{ {_between("ab")} /\\ b - a >= 0 -> |y - b| in ? }}
y - b -> (y - s) + (d - (b - a));
s -> b + (d - (b - a));
"""
BY_ABSOLUTE_VALUE = f"""{HEAD}{_inputs("ab")}s = rnd(a + b); d = rnd(b - a); y = rnd(s + d) * 0.5;
{{ {_between("ab")} /\\ b - a >= 0 /\\ d >= 0 -> |y - b| in ? }}
y - b -> ((rnd(s + d) - (s + d)) + (s - (a + b)) + (d - (b - a))) * 0.5;
s + d -> 2*b + (s - (a + b)) + (d - (b - a));
"""


@dataclass(frozen=True)
class Case:
    """An expression, what it is compared with, and the same for Gappa if it can be said there."""

    name: str
    module: Callable[[torch.Tensor], torch.Tensor]
    reference: str
    size: int
    gappa: str = ""


CASES = (
    Case("ReLU(b − a) + a", pair, "max_pool1d(2)", 2, PAIR),
    Case("(a + b + abs(b − a))/2", by_absolute_value, "max_pool1d(2)", 2, BY_ABSOLUTE_VALUE),
    Case("fold of nine, ReLU(t − m) + m", fold, "max_pool1d(9)", 9),
    Case("fold of nine, ReLU(m − t) + t", other_fold, "max_pool1d(9)", 9),
    Case("tree of nine", tree, "max_pool1d(9)", 9),
    Case("mean of four, in order", mean(4), "avg_pool1d(4)", 4, _gappa_mean(4)),
    Case("mean of nine, in order", mean(9), "avg_pool1d(9)", 9, _gappa_mean(9)),
)


def proved(case: Case) -> tuple[float, float]:
    """Return the bound and the worst input found, in units of u."""
    found = equivalent(
        case.module, case.reference, (1, 1, case.size), "float16", between=(-1, 1)
    )  # fmt: skip
    assert found.within is not None
    assert found.worst is not None
    return found.within / UNIT, found.worst.error / UNIT


def added_up(case: Case) -> float:
    """Return the sum of slope times half a gap over all roundings: no merge is recognised."""
    with mock.patch.object(Bounds, "_step", lambda *_: None):
        return proved(case)[0]


def by_gappa(case: Case) -> float | None:
    """Return what Gappa proves, ``None`` where it is not installed or cannot be asked."""
    program = shutil.which("gappa")
    if program is None or not case.gappa:
        return None
    said = subprocess.run([program], input=case.gappa, capture_output=True, text=True, check=True)
    end = said.stderr.partition("in [0, ")[2].partition("]")[0].split(" {")[0]
    digits, _, exponent = end.partition("b")
    return float(Fraction(digits) * Fraction(2) ** int(exponent or 0)) / UNIT


#: Layers of the family, what each is, on one window, and the reference it stands for.
FAMILY: tuple[tuple[str, Callable[[], nn.Module], str, int], ...] = (
    ("torch MaxPool2d(3)", lambda: nn.MaxPool2d(3), "max_pool2d(3)", 3),
    ("MaxPool2d(2), fold", lambda: pooling.MaxPool2d(2), "max_pool2d(2)", 2),
    ("MaxPool2d(3), fold", lambda: pooling.MaxPool2d(3), "max_pool2d(3)", 3),
    ("MaxPool2d(7), fold", lambda: pooling.MaxPool2d(7), "max_pool2d(7)", 7),
    ("MaxPool2d(3), tree", lambda: pooling.MaxPool2d(3, scheme="tree"), "max_pool2d(3)", 3),
    ("MaxPool2d(3), separable", lambda: pooling.MaxPool2d(3, scheme="separable"),
     "max_pool2d(3)", 3),
    ("MaxPool2d(2), tree without skips",
     lambda: pooling.MaxPool2d(2, scheme="tree", skips=False), "max_pool2d(2)", 2),
    ("MaxPool2d(3), tree without skips",
     lambda: pooling.MaxPool2d(3, scheme="tree", skips=False), "max_pool2d(3)", 3),
    ("MaxPool2d(2), shallow", lambda: pooling.MaxPool2d(2, scheme="shallow"), "max_pool2d(2)", 2),
    ("MinPool2d(3), fold", lambda: pooling.MinPool2d(3), "min_pool2d(3)", 3),
    ("AdaptiveMaxPool2d(1) of 3 × 3", lambda: pooling.AdaptiveMaxPool2d(1),
     "adaptive_max_pool2d(1)", 3),
    ("torch AvgPool2d(2)", lambda: nn.AvgPool2d(2), "avg_pool2d(2)", 2),
    ("torch AvgPool2d(3)", lambda: nn.AvgPool2d(3), "avg_pool2d(3)", 3),
    ("AvgPool2d(2)", lambda: pooling.AvgPool2d(2), "avg_pool2d(2)", 2),
    ("AvgPool2d(3)", lambda: pooling.AvgPool2d(3), "avg_pool2d(3)", 3),
    ("AdaptiveAvgPool2d(1) of 3 × 3", lambda: pooling.AdaptiveAvgPool2d(1),
     "adaptive_avg_pool2d(1)", 3),
    ("torch LPPool2d(2, 2)", lambda: nn.LPPool2d(2, 2), "lp_pool2d(2, 2)", 2),
    ("SoftmaxPool2d(2)", lambda: pooling.SoftmaxPool2d(2), "softmax_pool2d(2)", 2),
)  # fmt: skip


def of_family(make: Callable[[], nn.Module], reference: str, size: int, system: str) -> str:
    """Return the bound of a layer in units of u, or the word where there is none."""
    with mock.patch("verify.judge.tolerance.within.candidates", return_value=[]):
        found = equivalent(make(), reference, (1, 1, size, size), system, between=(-1, 1))
    if found.within is None:
        return str(found.verdict)
    unit = float(torch.finfo(getattr(torch, system)).eps) / 2
    return f"{found.within / unit:.4g}"


def family() -> Iterator[str]:
    """Yield the lines of the table of the family."""
    yield "| layer | " + " | ".join(FLOAT_SYSTEMS) + " |"
    yield "| --- |" + " --- |" * len(FLOAT_SYSTEMS)
    for name, make, reference, size in FAMILY:
        cells = [of_family(make, reference, size, system) for system in FLOAT_SYSTEMS]
        yield f"| {name} | " + " | ".join(cells) + " |"


def main() -> None:
    """Print the tables of ``docs/tolerance.md``."""
    print("| expression | proved here | worst found | errors added up | Gappa |")
    print("| --- | --- | --- | --- | --- |")
    for case in CASES:
        bound, worst = proved(case)
        gappa = by_gappa(case)
        words = "—" if gappa is None else f"{gappa:.4g}"
        print(f"| {case.name} | {bound:.4g} | {worst:.4g} | {added_up(case):.4g} | {words} |")
    print()
    print("\n".join(family()))


if __name__ == "__main__":
    main()
