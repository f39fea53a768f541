"""How back-ends pool quantised tensors: rounding, zero points, requantisation, accumulators.

    python -m benchmarks.quantised

runs torch's quantised kernels and onnxruntime's on every window of two 8-bit numbers and on windows
of every sum of more, holds them against pooling what the integers stand for and rounding once, in
exact arithmetic, and writes the tables of ``docs/quantised.md``. TFLite's reference kernel is its
published formula, in integers. It takes seconds.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import numpy
import torch
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "quantised.md"
BEGIN, END = "<!-- quantised: begin -->\n", "<!-- quantised: end -->\n"

Stored = NDArray[Any]
Integers = NDArray[numpy.int64]

#: The zero points that are tried of each dtype.
ZERO_POINTS = {"uint8": (0, 1, 127, 128, 255), "int8": (-128, -5, 0, 1, 127)}
#: A scale that float32 has exactly, and one that it has not.
SCALE, INEXACT = 0.5, 0.1
#: Windows of more taps, by their sides.
SIDES = ((1, 3), (2, 2), (3, 3), (4, 4), (7, 7), (8, 8))
#: Windows of numbers drawn at random, beside one of every sum.
DRAWN = 1000
#: Scales of input and output that differ.
SCALES = ((0.5, 0.25), (0.1, 0.05), (0.1, 0.07), (1 / 3, 0.1))
#: Sides of images of nothing but 255, pooled whole, and whether their sum is a 32-bit integer.
WIDE = (2901, 2902)


class Coding(NamedTuple):
    """What stored integers stand for on either side: scale · (q − zero point)."""

    dtype: str
    scale: float
    zero_point: int
    #: The same of the output.
    scale_out: float
    zero_point_out: int

    @property
    def ends(self) -> tuple[int, int]:
        """The smallest and the largest stored integer."""
        info = numpy.iinfo(self.dtype)
        return int(info.min), int(info.max)


def coded(dtype: str, zero_point: int, scale: float = SCALE, scale_out: float = 0.0) -> Coding:
    """Return a coding with one zero point, and one scale unless another is given."""
    return Coding(dtype, scale, zero_point, scale_out or scale, zero_point)


# -- in exact arithmetic -------------------------------------------------------------------------


def rounded_first(windows: Stored, coding: Coding) -> Integers:
    """Pool what the integers stand for; divide, round halves to even, add the zero point.

    As ONNX's QuantizeLinear and ``torch.fake_quantize_per_tensor_affine`` do.

    >>> rounded_first(numpy.array([[0, 1], [1, 2]], dtype="uint8"), coded("uint8", 0)).tolist()
    [0, 2]
    >>> rounded_first(numpy.array([[0, 1], [1, 2]], dtype="uint8"), coded("uint8", 1)).tolist()
    [1, 1]
    """
    return _exactly(windows, coding, lambda q, zero_point: round(q) + zero_point)


def added_first(windows: Stored, coding: Coding) -> Integers:
    """Pool what the integers stand for; divide, add the zero point, round halves to even.

    As ``torch.quantize_per_tensor`` does.

    >>> added_first(numpy.array([[0, 1], [1, 2]], dtype="uint8"), coded("uint8", 1)).tolist()
    [0, 2]
    """
    return _exactly(windows, coding, lambda q, zero_point: round(q + zero_point))


def _exactly(
    windows: Stored, coding: Coding, quantised: Callable[[Fraction, int], int]
) -> Integers:
    """Pool exactly, and quantise; scales count as the float32 numbers that back-ends are given."""
    count = windows.shape[1]
    ratio = Fraction(float(numpy.float32(coding.scale))) / Fraction(
        float(numpy.float32(coding.scale_out))
    )
    low, high = coding.ends
    totals = windows.astype(numpy.int64).sum(1) - count * coding.zero_point
    found = {
        int(total): min(
            max(quantised(ratio * int(total) / count, coding.zero_point_out), low), high
        )
        for total in numpy.unique(totals)
    }
    return numpy.array([found[int(total)] for total in totals])


def by_tflite(windows: Stored, coding: Coding) -> Integers:
    """Add the integers; add half of the count to a positive sum, take it from another; cut off.

    Source: ``AveragePool`` of tensorflow/lite/kernels/internal/reference/integer_ops/pooling.h;
    scales and zero points of input and output are equal there.
    """
    count = windows.shape[1]
    totals = windows.astype(numpy.int64).sum(1)
    half = count // 2
    quotients = numpy.where(totals > 0, (totals + half) // count, -((half - totals) // count))
    found: Integers = numpy.clip(quotients, *coding.ends)
    return found


# -- back-ends -----------------------------------------------------------------------------------


def _of_torch(windows: Stored, coding: Coding) -> torch.Tensor:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # quantised tensors are on their way out of torch
        stored = torch.from_numpy(numpy.ascontiguousarray(windows)).reshape(1, *_shape(windows))
        return torch._make_per_tensor_quantized_tensor(stored, coding.scale, coding.zero_point)


def _shape(windows: Stored) -> tuple[int, int, int]:
    count = windows.shape[1]
    sides = next((s for s in SIDES if s[0] * s[1] == count), (1, count))
    return len(windows), *sides


def by_torch(pool: Callable[[torch.Tensor], torch.Tensor]) -> Callable[..., Integers]:
    """Return torch's quantised kernel of an operator, on windows."""

    def pooled(windows: Stored, coding: Coding) -> Integers:
        found: Integers = (
            pool(_of_torch(windows, coding)).int_repr().reshape(-1).numpy().astype(numpy.int64)
        )
        return found

    return pooled


def by_torch_in_floats(windows: Stored, coding: Coding) -> Integers:
    """Dequantise, pool in float32 and ``quantize_per_tensor``, each by torch."""
    x = _of_torch(windows, coding)
    dtype = torch.quint8 if coding.dtype == "uint8" else torch.qint8
    pooled = torch.nn.functional.avg_pool2d(x.dequantize(), _shape(windows)[1:])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = torch.quantize_per_tensor(pooled, coding.scale_out, coding.zero_point_out, dtype)
        found: Integers = made.int_repr().reshape(-1).numpy().astype(numpy.int64)
    return found


@lru_cache(maxsize=64)
def _session(operator: str, shape: tuple[int, ...], coding: Coding, kernel: tuple[int, ...]) -> Any:
    """Return a model of one operator, in onnxruntime on one thread, as it is written."""
    import onnxruntime
    from onnx import TensorProto, helper

    dtype = {"uint8": TensorProto.UINT8, "int8": TensorProto.INT8}[coding.dtype]
    numbers = (
        ("x_scale", TensorProto.FLOAT, coding.scale),
        ("x_zero_point", dtype, coding.zero_point),
        ("y_scale", TensorProto.FLOAT, coding.scale_out),
        ("y_zero_point", dtype, coding.zero_point_out),
    )
    plain = operator == "MaxPool"
    names = [name for name, _, _ in numbers]
    named: dict[str, Any] = {"kernel_shape": kernel, "strides": kernel} if kernel else {}
    if operator == "QDQ":
        nodes = [
            helper.make_node("DequantizeLinear", ["x", *names[:2]], ["floats"]),
            helper.make_node("AveragePool", ["floats"], ["pooled"], **named),
            helper.make_node("QuantizeLinear", ["pooled", *names[2:]], ["y"]),
        ]
    else:
        given, domain = (["x"], "") if plain else (["x", *names], "com.microsoft")
        nodes = [helper.make_node(operator, given, ["y"], domain=domain, **named)]
    graph = helper.make_graph(
        nodes,
        "one operator",
        [helper.make_tensor_value_info("x", dtype, shape)],
        [helper.make_tensor_value_info("y", dtype, None)],
        [] if plain else [helper.make_tensor(name, of, [], [v]) for name, of, v in numbers],
    )
    domains = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=domains, ir_version=8)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def by_onnxruntime(operator: str) -> Callable[..., Integers]:
    """Return onnxruntime's kernel of an operator, on windows.

    Unless it pools globally, each window stands in an image beside itself: one that is the whole
    image goes to the global kernel.
    """

    def pooled(windows: Stored, coding: Coding) -> Integers:
        channels, height, width = _shape(windows)
        image = windows.reshape(1, channels, height, width)
        kernel: tuple[int, ...] = ()
        if "Global" not in operator:
            image, kernel = numpy.concatenate([image, image], axis=3), (height, width)
        session = _session(operator, image.shape, coding, kernel)
        (made,) = session.run(None, {"x": numpy.ascontiguousarray(image)})
        first: Integers = made[0, :, 0, 0].astype(numpy.int64)
        assert (made == made[..., :1]).all(), "equal windows of one image differ"
        return first

    return pooled


def by_onnxruntime_in_floats(windows: Stored, coding: Coding) -> Integers:
    """DequantizeLinear, AveragePool and QuantizeLinear, one after the other."""
    shape = (1, *_shape(windows))
    session = _session("QDQ", shape, coding, shape[2:])
    (made,) = session.run(None, {"x": numpy.ascontiguousarray(windows).reshape(shape)})
    found: Integers = made.reshape(-1).astype(numpy.int64)
    return found


class BackEnd(NamedTuple):
    """A way to average windows of stored integers."""

    name: str
    average: Callable[[Stored, Coding], Integers]
    #: Of one with scales of its own for the output, which reading it follows.
    requantises: str = ""


BACK_ENDS = (
    BackEnd(
        "torch `avg_pool2d`",
        by_torch(lambda x: torch.nn.functional.avg_pool2d(x, x.shape[2:])),
    ),
    BackEnd(
        "torch `adaptive_avg_pool2d`",
        by_torch(lambda x: torch.nn.functional.adaptive_avg_pool2d(x, 1)),
    ),
    BackEnd("torch `mean`", by_torch(lambda x: x.mean((2, 3)))),
    BackEnd("torch, in float32", by_torch_in_floats, "added first"),
    BackEnd(
        "onnxruntime `QLinearAveragePool`", by_onnxruntime("QLinearAveragePool"), "added first"
    ),
    BackEnd(
        "onnxruntime `QLinearGlobalAveragePool`",
        by_onnxruntime("QLinearGlobalAveragePool"),
        "rounded first",
    ),
    BackEnd("onnxruntime, in float32", by_onnxruntime_in_floats, "rounded first"),
    BackEnd("TFLite's reference", by_tflite),
)

#: Maxima, which need no arithmetic.
MAXIMA = {
    "torch `max_pool2d`": by_torch(lambda x: torch.nn.functional.max_pool2d(x, x.shape[2:])),
    "onnxruntime `MaxPool`": by_onnxruntime("MaxPool"),
}


# -- windows -------------------------------------------------------------------------------------


@lru_cache(maxsize=2)
def pairs(dtype: str) -> Stored:
    """Return all windows of two, the smallest numbers first."""
    info = numpy.iinfo(dtype)
    numbers = sorted(range(int(info.min), int(info.max) + 1), key=lambda q: (abs(q), q < 0))
    every = sorted(itertools.product(numbers, repeat=2), key=lambda p: max(map(abs, p)))
    return numpy.array(every, dtype=dtype)


@lru_cache(maxsize=16)
def sums(dtype: str, count: int) -> Stored:
    """Return a window of every sum, the smallest first, and some drawn at random."""
    info = numpy.iinfo(dtype)
    low, high = int(info.min), int(info.max)
    rows = []
    for total in sorted(range(count * low, count * high + 1), key=abs):
        end = high if total > 0 else low
        full, rest = divmod(abs(total), abs(end)) if end else (0, 0)
        rest = rest if total > 0 else -rest
        rows.append(([end] * full + [rest] * (full < count) + [0] * count)[:count])
    drawn = numpy.random.default_rng(0).integers(low, high + 1, (DRAWN, count))
    return numpy.concatenate([numpy.array(rows), drawn]).astype(dtype)


class Difference(NamedTuple):
    """How many windows a back-end rounds otherwise, by how much, and the first of them."""

    wrong: int
    of: int
    most: int = 0
    first: str = ""

    def __str__(self) -> str:
        """Write it as a cell of a table.

        >>> str(Difference(3, 10, 1, "(0, 1): 1, not 0")), str(Difference(0, 1234))
        ('3 of 10; (0, 1): 1, not 0', 'none of 1,234')
        """
        if not self.wrong:
            return f"none of {self.of:,}"
        return f"{self.wrong:,} of {self.of:,}; {self.first}"


def difference(windows: Stored, found: Integers, wanted: Integers) -> Difference:
    """Compare results on windows."""
    wrong = numpy.flatnonzero(found != wanted)
    if not len(wrong):
        return Difference(0, len(windows))
    first = int(wrong[0])
    taps = windows[first].tolist()
    left = len(taps)
    while left > 1 and taps[left - 1] == 0:
        left -= 1
    written = ", ".join(map(str, taps[:left]))
    zeros = f" and {len(taps) - left} zeros" if len(taps) - left > 1 else ", 0" * (len(taps) - left)
    shown = f"({written}{zeros}): {found[first]}, not {wanted[first]}"
    return Difference(len(wrong), len(windows), int(abs(found - wanted).max()), shown)


# -- the tables ----------------------------------------------------------------------------------


REFERENCES = {"rounded first": rounded_first, "added first": added_first}


def of_pairs(scale: float = SCALE) -> Iterator[list[str]]:
    """Yield a row for each back-end: windows of two, at even and odd zero points of each dtype."""
    kinds = [(name, odd) for name in REFERENCES for odd in (False, True)]
    yield ["", "dtype", *(f"{name}, {'odd' if odd else 'even'} zero points" for name, odd in kinds)]
    for back_end in BACK_ENDS:
        for dtype, zero_points in ZERO_POINTS.items():
            windows, cells = pairs(dtype), []
            for name, odd in kinds:
                each = []
                for zero_point in (z for z in zero_points if z % 2 == odd):
                    coding = coded(dtype, zero_point, scale)
                    found = back_end.average(windows, coding)
                    each.append(difference(windows, found, REFERENCES[name](windows, coding)))
                cells.append(together(each))
            yield [back_end.name, dtype, *cells]


def together(found: list[Difference]) -> str:
    """Return differences at several zero points as one cell: how many there are, and the first.

    >>> together([Difference(0, 9), Difference(3, 9, 1, "(0, 1): 1, not 0")])
    '0 … 3; (0, 1): 1, not 0'
    """
    counts = sorted({one.wrong for one in found})
    first = next((f"; {one.first}" for one in found if one.wrong), "")
    ends = counts if len(counts) == 1 else (counts[0], counts[-1])
    return " … ".join(f"{count:,}" for count in ends) + first


def of_more() -> Iterator[list[str]]:
    """Yield a row for each back-end: windows of every sum, at an even and an odd zero point."""
    yield ["", "zero point", *(f"{a} × {b}" for a, b in SIDES)]
    for back_end in BACK_ENDS:
        for dtype, zero_point in (("uint8", 128), ("int8", -5)):
            cells = []
            for a, b in SIDES:
                coding, windows = coded(dtype, zero_point), sums(dtype, a * b)
                found = back_end.average(windows, coding)
                cells.append(str(difference(windows, found, rounded_first(windows, coding))))
            yield [back_end.name, f"{zero_point} of {dtype}", *cells]


def of_requantised() -> Iterator[list[str]]:
    """Yield a row for each back-end that has scales of its own for the output."""
    yield ["", *(f"{a:.3g} → {b:.3g}" for a, b in SCALES)]
    for back_end in BACK_ENDS:
        if not back_end.requantises:
            continue
        cells = []
        for scale, scale_out in SCALES:
            coding = coded("uint8", 7, scale, scale_out)
            windows = sums("uint8", 4)
            reference = REFERENCES[back_end.requantises]
            found = back_end.average(windows, coding)
            cells.append(str(difference(windows, found, reference(windows, coding))))
        yield [back_end.name, *cells]


def of_wide() -> Iterator[list[str]]:
    """Yield a row for each back-end: an image of nothing but 255, pooled whole."""
    yield ["", *(f"{side} × {side}" for side in WIDE)]
    coding = coded("uint8", 0)
    for back_end in BACK_ENDS:
        if back_end.average is by_tflite:
            continue
        cells = []
        for side in WIDE:
            image = numpy.full((1, side * side), 255, numpy.uint8)
            cells.append(str(int(back_end.average(image, coding)[0])))
        yield [back_end.name, *cells]


def of_maxima() -> Iterator[list[str]]:
    """Yield a row for each back-end: maxima of all windows of two."""
    yield ["", *ZERO_POINTS]
    for name, largest in MAXIMA.items():
        cells = []
        for dtype, zero_points in ZERO_POINTS.items():
            windows = pairs(dtype)
            found = largest(windows, coded(dtype, zero_points[1]))
            cells.append(str(difference(windows, found, windows.max(1).astype(numpy.int64))))
        yield [name, *cells]


def written(rows: Iterator[list[str]]) -> str:
    """Return rows as a table, the first one its head."""
    head, *rest = rows
    lines = [head, ["---"] * len(head), *rest]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def tables() -> str:
    """Return all tables, measured now."""
    torch.set_num_threads(1)
    libraries = ("torch", "onnxruntime", "onnx")
    versions = ", ".join(f"{name} {version(name).split('+')[0]}" for name in libraries)
    parts = {
        "Every window of two": of_pairs(),
        "The same at a scale that float32 has not": of_pairs(INEXACT),
        "Windows of every sum": of_more(),
        "Another scale for the output": of_requantised(),
        "Accumulators": of_wide(),
        "Maxima": of_maxima(),
    }
    body = "".join(f"\n### {head}\n\n{NOTES[head]}\n\n{written(of)}" for head, of in parts.items())
    return f"\nMeasured with {versions}.\n{body}\n"


_POINTS = "; ".join(f"{dtype} {', '.join(map(str, z))}" for dtype, z in ZERO_POINTS.items())
NOTES = {
    "Every window of two": "How many of the 65,536 windows differ from either reading, over the "
    f"zero points tried ({_POINTS}), and the smallest of them. Scale {SCALE}.",
    "The same at a scale that float32 has not": f"Scale {INEXACT}: what goes by float32 takes for "
    "a half what is not quite one, and the other way round.",
    "Windows of every sum": f"A window of every sum, and {DRAWN:,} drawn at random (seed 0), of "
    f"each size; scale {SCALE}, rounded first.",
    "Another scale for the output": "Unsigned windows of four, of every sum and drawn, zero point "
    "7 on both sides; each against the reading that is its own. Scales count as the float32 "
    "numbers they are, so the quotient of 0.1 and 0.07 is not quite 10/7.",
    "Accumulators": "Unsigned, zero point 0, every element 255, in one window: 255 · 2901² is "
    "below 2³¹, and 255 · 2902² is not.",
    "Maxima": "All windows of two, zero points 1 and −5.",
}


def with_tables(page: str, made: str) -> str:
    """Return the page with its tables replaced."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return before + BEGIN + made + END + after


def main() -> None:
    """Measure, and write the page."""
    PAGE.write_text(with_tables(PAGE.read_text("utf-8"), tables()), "utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written")


if __name__ == "__main__":
    main()
