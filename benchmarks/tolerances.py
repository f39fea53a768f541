"""Proved tolerances beside what a search finds and what other methods prove.

    python benchmarks/tolerances.py

For float16 inputs between −1 and 1, in units of u = 2^−11. "Errors added up" is slope times half a
gap over all roundings, the approach of FPTaylor and Satire, by this project's own ranges. Gappa and
FPTaylor are run where they are installed, on the case in which every ReLU passes its argument on,
as they have no maximum: Gappa with a hint that names the errors of the roundings, without which it
finds twice as much; FPTaylor with its branch and bound, on the whole box, as that takes no
condition.
"""

from __future__ import annotations

import inspect
import math
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import NamedTuple
from unittest import mock

import torch
import torch.nn.functional as F
from torch import nn

import pooling
from pooling.kind import kinds
from verify.judge import equivalent
from verify.judge.tolerance.asked import FLOAT_SYSTEMS
from verify.judge.tolerance.bounds import Bounds

UNIT = 2.0**-11
#: Bounds within a tenth: finer ones of nine variables take it minutes.
FPTAYLOR_OPTIONS = (
    "--opt", "bb-eval", "--opt-f-rel-tol", "0.1", "--opt-max-iters", "20000",
)  # fmt: skip
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


def _fptaylor(steps: Sequence[str], count: int) -> str:
    """Return a task for FPTaylor: steps of which each rounds, the last one the result."""
    names = "".join(f"float16 x{i} in [-1, 1], " for i in range(count)).rstrip(", ")
    rounded = ", ".join(f"s{i} rnd16= {step}" for i, step in enumerate(steps))
    return f"Variables {names};\nDefinitions {rounded};\nExpressions y = s{len(steps) - 1};\n"


def _merges(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Return the steps of merges (a, b), each the number a by way of b; ``m2`` is the third's."""
    steps: list[str] = []

    def named(word: str) -> str:
        return f"s{2 * int(word[1:]) + 1}" if word.startswith("m") else word

    for a, b in pairs:
        steps += [f"{named(a)} - {named(b)}", f"s{len(steps)} + {named(b)}"]
    return steps


def _means(count: int) -> list[str]:
    sums = [f"{'x0' if i == 1 else f's{i - 2}'} + x{i}" for i in range(1, count)]
    return [*sums, f"s{count - 2} / {count}"]


def _tree(count: int) -> list[tuple[str, str]]:
    values = [f"x{i}" for i in range(count)]
    pairs: list[tuple[str, str]] = []
    while len(values) > 1:
        here = list(zip(values[::2], values[1::2], strict=False))
        made = [f"m{len(pairs) + i}" for i in range(len(here))]
        pairs += here
        values = made + (values[-1:] if len(values) % 2 else [])
    return pairs


FOLD = [("x1", "x0"), *((f"x{i}", f"m{i - 2}") for i in range(2, 9))]
OTHER_FOLD = [("x0", "x1"), *((f"m{i - 2}", f"x{i}") for i in range(2, 9))]


@dataclass(frozen=True)
class Case:
    """An expression, what it is compared with, and the same for Gappa if it can be said there."""

    name: str
    module: Callable[[torch.Tensor], torch.Tensor]
    reference: str
    size: int
    gappa: str = ""
    fptaylor: str = ""


CASES = (
    Case("ReLU(b − a) + a", pair, "max_pool1d(2)", 2, PAIR,
         _fptaylor(_merges([("x1", "x0")]), 2)),
    Case("(a + b + abs(b − a))/2", by_absolute_value, "max_pool1d(2)", 2, BY_ABSOLUTE_VALUE,
         _fptaylor(["x0 + x1", "x1 - x0", "s0 + s1", "s2 / 2"], 2)),
    Case("fold of nine, ReLU(t − m) + m", fold, "max_pool1d(9)", 9,
         "", _fptaylor(_merges(FOLD), 9)),
    Case("fold of nine, ReLU(m − t) + t", other_fold, "max_pool1d(9)", 9,
         "", _fptaylor(_merges(OTHER_FOLD), 9)),
    Case("tree of nine", tree, "max_pool1d(9)", 9, "", _fptaylor(_merges(_tree(9)), 9)),
    Case("mean of four, in order", mean(4), "avg_pool1d(4)", 4, _gappa_mean(4),
         _fptaylor(_means(4), 4)),
    Case("mean of nine, in order", mean(9), "avg_pool1d(9)", 9, _gappa_mean(9),
         _fptaylor(_means(9), 9)),
)  # fmt: skip


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


def by_fptaylor(case: Case) -> float | None:
    """Return what FPTaylor finds, ``None`` where it is not installed."""
    program = shutil.which("fptaylor")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        task = Path(folder) / "task.txt"
        task.write_text(case.fptaylor, encoding="utf-8")
        places = ("--log-base-dir", folder, "--tmp-base-dir", folder)
        said = subprocess.run(
            [program, *FPTAYLOR_OPTIONS, *places, str(task)],
            capture_output=True, text=True, check=True, cwd=Path(program).resolve().parent,
        )  # fmt: skip
    found = re.search(r"^Absolute error \(exact\): (\S+)", said.stdout, re.MULTILINE)
    return None if found is None else float(found[1]) / UNIT


#: Layers of several schemes and sizes, how each is made, its reference, and its window's side.
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
    """Yield the lines of the table of schemes and window sizes."""
    yield "| layer | " + " | ".join(FLOAT_SYSTEMS) + " |"
    yield "| --- |" + " --- |" * len(FLOAT_SYSTEMS)
    for name, make, reference, size in FAMILY:
        cells = [of_family(make, reference, size, system) for system in FLOAT_SYSTEMS]
        yield f"| {name} | " + " | ".join(cells) + " |"


#: What a layer is given where it has no default, nor its kind an example.
GIVEN = {"kernel_size": 2, "output_size": 2, "norm_type": 2, "channels": 2}


class Layer(NamedTuple):
    """A layer of the family with its example's arguments, and the name of its pooling."""

    name: str
    make: Callable[[], nn.Module]
    reference: str
    dimensions: int


def layers() -> Iterator[Layer]:
    """Yield every layer of every kind of pooling, and torch's of that kind, in two dimensions."""
    for kind in kinds():
        dimensions = 2 if 2 in kind.dimensions else min(kind.dimensions)
        torch_layer = [(nn, kind.torch_layer)] if kind.torch_layer else []
        for home, name in (*torch_layer, *((pooling, name) for name in kind.layers)):
            made = getattr(home, f"{name}{dimensions}d")
            fixed = kind.fixed.get(name, {})
            given = {**GIVEN, **kind.example, **fixed}
            if kind.family == "fractional_max_pool":  # whose example is for larger inputs
                given["output_size"] = 2
            taken = inspect.signature(made).parameters
            chosen = {
                word: given[word]
                for word, parameter in taken.items()
                if word in kind.example or parameter.default is parameter.empty
            }
            known = [word for word in kind.parameters(dimensions) if word in {**chosen, **fixed}]
            words = ", ".join(f"{word}={given[word]!r}" for word in known)
            shown = ", ".join(f"{word}={value!r}" for word, value in chosen.items())
            yield Layer(
                f"{'torch ' if home is nn else ''}{name}{dimensions}d({shown})",
                partial(made, **chosen), f"{kind.family}{dimensions}d({words})", dimensions,
            )  # fmt: skip


def of_layer(layer: Layer, system: str) -> str:
    """Return the bound of a layer in units of u, or the word where there is none."""
    try:
        with mock.patch("verify.judge.tolerance.within.candidates", return_value=[]):
            found = equivalent(
                layer.make().eval(), layer.reference, (1, 2, *[4] * layer.dimensions), system,
                between=(-1, 1),
            )  # fmt: skip
    except ValueError:  # more than its input says what it computes
        return "—"
    if found.within is None:
        return str(found.verdict)
    return f"{found.within / (float(torch.finfo(getattr(torch, system)).eps) / 2):.4g}"


def whole_family() -> Iterator[str]:
    """Yield the lines of the table of the whole family."""
    yield "| layer | " + " | ".join(FLOAT_SYSTEMS) + " |"
    yield "| --- |" + " --- |" * len(FLOAT_SYSTEMS)
    for layer in layers():
        yield f"| {layer.name} | " + " | ".join(of_layer(layer, s) for s in FLOAT_SYSTEMS) + " |"


def of_shallow(taps: int, system: str, *, non_negative: bool) -> float:
    """Return the bound of a shallow network, in units of u, rounded up to four digits."""
    layer = pooling.MaxPool1d(taps, scheme="shallow", skips=False, non_negative=non_negative)
    between = (0, 1) if non_negative else (-1, 1)
    with mock.patch("verify.judge.tolerance.within.candidates", return_value=[]):
        found = equivalent(
            layer, f"max_pool1d({taps})", (1, 1, taps), system, between=between, timeout=120
        )  # fmt: skip
    assert found.within is not None
    units = found.within / (float(torch.finfo(getattr(torch, system)).eps) / 2)
    step = 10.0 ** (math.floor(math.log10(units)) - 3)
    # Of bfloat16 some smallest normal numbers are charged, which are no units of u.
    return round(math.ceil(units / step - 1e-9) * step, 6)


def of_shallow_networks() -> dict[bool, tuple[float, ...]]:
    """Return the table of ``pooling.rebuilt.tolerance``: the largest of all formats."""
    return {
        narrow: tuple(
            max(of_shallow(taps, system, non_negative=narrow) for system in FLOAT_SYSTEMS)
            for taps in range(2, 10)
        )
        for narrow in (False, True)
    }


def of_a_real_layer(stride: int) -> Iterator[str]:
    """Yield the lines of the table of what bounds take on 1 × 64 × 112 × 112, 3 × 3."""
    torch.set_num_threads(1)
    x = torch.rand(1, 64, 112, 112) * 2 - 1
    yield f"| float32 between −1 and 1, stride {stride} | processor s | plain runs | proved, in u |"
    yield "| --- | --- | --- | --- |"
    window = (3, stride, 1)
    for name, layer in (
        *((scheme, pooling.MaxPool2d(*window, scheme=scheme))
          for scheme in ("fold", "tree", "separable")),
        ("average", pooling.AvgPool2d(*window)),
    ):  # fmt: skip
        reference = f"{'avg' if name == 'average' else 'max'}_pool2d{window}"
        began = time.process_time()
        found = equivalent(layer, reference, tuple(x.shape), "float32", between=(-1, 1))
        seconds = time.process_time() - began
        began = time.process_time()
        for _ in range(10):
            layer(x)
        plain = (time.process_time() - began) / 10
        assert found.within is not None
        yield f"| {name} | {seconds:.1f} | {seconds / plain:.0f} | {found.within * 2**24:.4g} |"


def main() -> None:
    """Print the tables of ``docs/tolerance.md``, and that of ``pooling.rebuilt.tolerance``."""
    print("| expression | proved here | worst found | errors added up | Gappa | FPTaylor |")
    print("| --- | --- | --- | --- | --- | --- |")
    for case in CASES:
        bound, worst = proved(case)
        others = [added_up(case), by_gappa(case), by_fptaylor(case)]
        words = ["—" if found is None else f"{found:.4g}" for found in others]
        print(f"| {case.name} | {bound:.4g} | {worst:.4g} | {' | '.join(words)} |")
    for lines in (family(), whole_family(), of_a_real_layer(1), of_a_real_layer(2)):
        print()
        print("\n".join(lines))
    print()
    for narrow, units in of_shallow_networks().items():
        print(narrow, units)


if __name__ == "__main__":
    main()
