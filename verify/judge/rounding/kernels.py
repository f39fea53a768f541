"""Trying torch's kernels: each operator beside its own terms, at numbers of a float format.

A *row* is one way to call one operator on columns of numbers. Its terms come from the very handler
that reads it when a module is judged; they are computed without torch, by
:mod:`verify.judge.rounding.exact`, and held against what the kernel makes of whole columns, of
strided ones and of a few numbers at a time, for these go by different code. Zeros of both signs are
the same number here, as they are to terms, and any NaN is NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy
import torch

from proofs.systems.floats import FloatFormat
from verify.judge.operators.registry import variants
from verify.judge.rounding.exact import format_named, values
from verify.judge.rounding.table import Established
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.terms import Ids, Terms
from verify.judge.watching.observer import Observer

if TYPE_CHECKING:
    Columns = Sequence[torch.Tensor]

aten = torch.ops.aten
#: Numbers tried of an operator with two inputs or more, where not all pairs are.
SAMPLE = 1 << 18
#: The same for variants in place and with ``out``, which share their kernels.
SAMPLE_OF_VARIANTS = 1 << 14
#: The same for float64, which is computed in fractions.
SAMPLE_IN_FRACTIONS = 1 << 11
#: So many numbers go to a kernel that is called anew for each pair.
ONE_BY_ONE = 1 << 10
#: Constants that scalars are.
CONSTANTS = (0, 1, -1, 2, 3, -7, 0.5, 0.375, 1.5, -0.0625, 255, 2.0**-14, 2.0**15)
#: The dtypes of which all numbers can be gone through.
SHORT = ("float16", "bfloat16")
DTYPES = (*SHORT, "float32", "float64")


class DisagreesError(Exception):
    """A kernel gives another value than its terms; the message says which and where."""


class UnreadError(Exception):
    """An operator is not read as a term in this dtype, when called in this way."""


@dataclass(frozen=True)
class KernelCall:
    """A way to call an operator on columns of numbers."""

    overload: Any
    #: Takes the columns; returns positional arguments, a last one that is a dict by name.
    arguments: Callable[..., tuple[Any, ...]]
    inputs: int
    #: Whether all pairs are worth their time.
    whole: bool = False
    #: Whether each tuple of numbers needs a call of its own.
    one_by_one: bool = False
    #: ``""`` for the operator itself, ``"in place"`` or ``"out"``.
    variant: str = ""
    named: tuple[tuple[str, Any], ...] = ()

    def __call__(self, *columns: torch.Tensor) -> torch.Tensor:
        """Return the operator's first result."""
        args, named = self._called(columns)
        if self.variant == "in place":
            args[0] = args[0].clone()
        elif self.variant == "out":
            like = self.base(*args, **named)
            likes = like if isinstance(like, tuple | list) else [like]
            outs = [a.name for a in self.overload._schema.arguments if a.is_out]
            named |= {n: torch.empty_like(t) for n, t in zip(outs, likes, strict=True)}
        found = self.overload(*args, **named)
        result = found[0] if isinstance(found, tuple | list) else found
        assert isinstance(result, torch.Tensor)
        return result

    def _called(self, columns: Columns) -> tuple[list[Any], dict[str, Any]]:
        args = list(self.arguments(*columns))
        named = args.pop() if args and isinstance(args[-1], dict) else {}
        return args, {**named, **dict(self.named)}

    @property
    def base(self) -> Any:
        """The operator of which this is a variant."""
        return _BASES.get(self.overload, self.overload)

    @property
    def name(self) -> str:
        """Torch's name of the overload."""
        return str(self.overload)


#: For every variant the operator itself.
_BASES: dict[Any, Any] = {}


def _pair(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    return torch.stack([x, y], 1)


def _known(numbers: Any, like: torch.Tensor) -> torch.Tensor:
    return torch.tensor(numbers, dtype=like.dtype)


def _columns(numbers: list[float], like: torch.Tensor) -> torch.Tensor:
    return _known(numbers, like)[None, :, None].expand(len(like), 2, 1)


def _of_two() -> Iterator[KernelCall]:
    whole = {aten.add.Tensor, aten.sub.Tensor, aten.mul.Tensor, aten.maximum.default,
             aten.minimum.default, aten.lt.Tensor, aten.le.Tensor, aten.gt.Tensor, aten.ge.Tensor,
             aten.eq.Tensor, aten.ne.Tensor}  # fmt: skip
    for overload in (
        *sorted(whole, key=str), aten.rsub.Tensor, aten.clamp_min.Tensor, aten.clamp_max.Tensor,
        aten.logical_and.default, aten.logical_or.default, aten.logical_xor.default,
    ):  # fmt: skip
        yield KernelCall(overload, lambda x, y: (x, y), 2, overload in whole)
    for overload in (aten.add.Tensor, aten.sub.Tensor, aten.rsub.Tensor):
        yield KernelCall(overload, lambda x, y: (x, y), 2, named=(("alpha", -1),))
    for overload in (aten.add.Tensor, aten.mul.Tensor):
        yield KernelCall(overload, lambda x, y: (x < y, y), 2)  # truth values are 1 and 0
        yield KernelCall(overload, lambda x, y: (y, x < y), 2)
    for overload in (
        aten.bitwise_and.Tensor, aten.bitwise_or.Tensor, aten.bitwise_xor.Tensor,
        aten.logical_and.default, aten.logical_or.default, aten.eq.Tensor, aten.ne.Tensor,
    ):  # fmt: skip
        yield KernelCall(overload, lambda x, y: (x < 0, y <= 0), 2)
    yield KernelCall(aten.bitwise_not.default, lambda x, y: (x < y,), 2)
    yield KernelCall(aten.where.self, lambda x, y: (x < y, y, x), 2)
    yield KernelCall(aten.where.self, lambda x, y, z: (x < y, y, z), 3)
    yield KernelCall(aten.where.self, lambda x, y: (x < 0, x < y, y < 0), 2)
    for c in (0.0, 2.0):
        yield KernelCall(aten.where.self, lambda x, y, c=c: (x < y, y, _known(c, x)), 2)
        yield KernelCall(aten.masked_fill.Scalar, lambda x, y, c=c: (x, x < y, c), 2)
        yield KernelCall(aten.masked_fill.Tensor, lambda x, y, c=c: (x, x < y, _known(c, x)), 2)
        yield KernelCall(aten.index_put.default, lambda x, y, c=c: (x, [x < y], _known(c, x)), 2)
    yield KernelCall(aten._to_copy.default, lambda x, y: (x < y, {"dtype": x.dtype}), 2)
    yield KernelCall(aten.copy_.default, lambda x, y: (torch.zeros_like(x), x < y), 2)
    yield KernelCall(aten.clamp.Tensor, lambda x, y, z: (x, y, z), 3)


def _of_one() -> Iterator[KernelCall]:
    for overload in (
        aten.neg.default, aten.abs.default, aten.relu.default, aten.isnan.default,
        aten.logical_not.default,
    ):  # fmt: skip
        yield KernelCall(overload, lambda x: (x,), 1)
    yield KernelCall(aten.threshold.default, lambda x: (x, 0, 0), 1)
    yield KernelCall(aten.pow.Tensor_Scalar, lambda x: (x, 2), 1)
    yield KernelCall(aten.mul.Tensor, lambda x: (x, x), 1)
    for c in CONSTANTS:
        for overload in (
            aten.add.Scalar, aten.sub.Scalar, aten.rsub.Scalar, aten.mul.Scalar,
            aten.lt.Scalar, aten.le.Scalar, aten.gt.Scalar, aten.ge.Scalar, aten.eq.Scalar,
            aten.ne.Scalar, aten.clamp_min.default, aten.clamp_max.default,
        ):  # fmt: skip
            yield KernelCall(overload, lambda x, c=c: (x, c), 1)
        for overload in (
            aten.add.Tensor, aten.sub.Tensor, aten.rsub.Tensor, aten.mul.Tensor, aten.lt.Tensor,
            aten.le.Tensor, aten.gt.Tensor, aten.ge.Tensor, aten.eq.Tensor, aten.ne.Tensor,
            aten.maximum.default, aten.minimum.default,
        ):  # fmt: skip
            yield KernelCall(overload, lambda x, c=c: (x, _known(c, x)), 1)
            yield KernelCall(overload, lambda x, c=c: (_known(c, x), x), 1)
            yield KernelCall(overload, lambda x, c=c: (x, torch.full_like(x, c)), 1)
        if c:
            yield KernelCall(aten.div.Scalar, lambda x, c=c: (x, c), 1)
            yield KernelCall(aten.div.Tensor, lambda x, c=c: (x, _known(c, x)), 1)
            yield KernelCall(aten.div.Tensor, lambda x, c=c: (x, torch.full_like(x, c)), 1)
    for low, high in ((0, 6), (-1, 1), (0.5, None), (None, -0.5), (2, 1)):
        yield KernelCall(aten.clamp.default, lambda x, a=low, b=high: (x, a, b), 1)
        if low is not None and high is not None:
            yield KernelCall(aten.hardtanh.default, lambda x, a=low, b=high: (x, a, b), 1)


def _of_rows() -> Iterator[KernelCall]:
    """Yield operators that make one of many: of two, and of nine that repeat three columns."""

    def nine(x: torch.Tensor, y: torch.Tensor, z: torch.Tensor) -> torch.Tensor:
        return torch.stack([x, y, z, y, x, z, z, y, x], 1)

    reducing: list[tuple[Any, Callable[[torch.Tensor], tuple[Any, ...]]]] = [
        (aten.amax.default, lambda s: (s, [1])),
        (aten.amin.default, lambda s: (s, [1])),
        (aten.max.dim, lambda s: (s, 1)),
        (aten.min.dim, lambda s: (s, 1)),
        (aten.cummax.default, lambda s: (s, 1)),
        (aten.cummin.default, lambda s: (s, 1)),
        (aten.any.dim, lambda s: (s, 1)),
        (aten.all.dim, lambda s: (s, 1)),
        (aten.any.dims, lambda s: (s, [1])),
        (aten.all.dims, lambda s: (s, [1])),
        (aten.linalg_vector_norm.default, lambda s: (s, math.inf, [1])),
        (aten.max_pool2d_with_indices.default, lambda s: (s[:, None, None], (1, s.shape[1]))),
        (
            aten.max_pool2d_with_indices.default,
            lambda s: (s.T.reshape(1, 1, s.shape[1], -1), (s.shape[1], 1)),
        ),
        (
            aten.max_pool3d_with_indices.default,
            lambda s: (s[:, None, None, None], (1, 1, s.shape[1])),
        ),
        (aten.adaptive_max_pool2d.default, lambda s: (s[:, None, None], (1, 1))),
        (aten.adaptive_max_pool3d.default, lambda s: (s[:, None, None, None], (1, 1, 1))),
    ]
    for overload, arguments in reducing:
        # A layout along which the rows lie one behind the other, and one across them.
        yield KernelCall(overload, lambda x, y, a=arguments: a(_pair(x, y)), 2)
        yield KernelCall(overload, lambda x, y, a=arguments: a(torch.stack([x, y]).T), 2)
        yield KernelCall(overload, lambda x, y, z, a=arguments: a(nine(x, y, z)), 3)
    adding: list[tuple[Any, Callable[[torch.Tensor], tuple[Any, ...]]]] = [
        (aten.sum.dim_IntList, lambda s: (s, [1])),
        (aten.linalg_vector_norm.default, lambda s: (s, 1, [1])),
        (aten.avg_pool2d.default, lambda s: (s[:, None, None], (1, 2), [], 0, False, True, 1)),
        (aten.mm.default, lambda s: (s, _known([[1.0], [1.0]], s))),
        (aten.mm.default, lambda s: (s, _known([[1.0], [-1.0]], s))),
        (aten.mm.default, lambda s: (s, _known([[0.0], [1.0]], s))),
        (aten.mm.default, lambda s: (_known([[1.0, 0.0]], s), s.T.contiguous())),
        (aten.mv.default, lambda s: (s, _known([1.0, 1.0], s))),
        (aten.mv.default, lambda s: (s, _known([1.0, 0.0], s))),
        (aten.bmm.default, lambda s: (s[:, None], _columns([1.0, 1.0], s))),
        (aten.bmm.default, lambda s: (s[:, None], _columns([0.0, 1.0], s))),
    ]  # fmt: skip
    for overload, arguments in adding:
        yield KernelCall(overload, lambda x, y, a=arguments: a(_pair(x, y)), 2)
        yield KernelCall(overload, lambda x, y, a=arguments: a(torch.stack([x, y]).T), 2)
    for weight in ([1.0, 1.0], [1.0, -1.0], [0.0, 1.0], [3.0, 0.0], [0.0, 0.375]):
        for laid in (
            lambda x, y: _pair(x, y)[:, None],
            lambda x, y: _pair(x, y).reshape(1, 1, -1),
        ):
            yield KernelCall(
                aten.convolution.default,
                lambda x, y, w=weight, laid=laid: (
                    laid(x, y), _known([[w]], x), None, [2], [0], [1], False, [0], 1
                ),
                2,
            )  # fmt: skip
    yield KernelCall(aten.scatter_reduce.two, lambda x, y: (
        x[:, None], 1, torch.zeros(len(x), 1, dtype=torch.long), y[:, None], "amax"
    ), 2)  # fmt: skip
    yield KernelCall(aten.index_reduce.default, lambda x, y: (
        x[None], 0, torch.tensor([0]), y[None], "amin"), 2)  # fmt: skip
    for overload in (
        aten.max.default, aten.min.default, aten.aminmax.default, aten.sum.default,
        aten.any.default, aten.all.default,
    ):  # fmt: skip
        yield KernelCall(overload, lambda x, y: (torch.cat([x, y]),), 2, one_by_one=True)
    yield KernelCall(aten.dot.default, lambda x, y: (torch.cat([x, y]), _known([1.0, 1.0], x)), 2,
              one_by_one=True)  # fmt: skip


@lru_cache(maxsize=1)
def rows() -> tuple[KernelCall, ...]:
    """Return all ways to call all operators, with their variants in place and with ``out``."""
    found = []
    for row in (*_of_one(), *_of_two(), *_of_rows()):
        found.append(row)
        for variant, kind in variants(row.overload)[1:]:
            _BASES[variant] = row.overload
            word = "out" if kind else "in place"
            found.append(replace(row, overload=variant, variant=word, whole=False))
    return tuple(found)


# -- terms and kernels -----------------------------------------------------------------------------


class _Open(Established):
    """A record that refuses nothing, for making one."""

    def refusal(self, overload: str, dtype: str, torch_version: str) -> str | None:
        """Refuse nothing."""
        return None


_OPEN = _Open("", "", "", {})


def terms_of(row: KernelCall, system: FloatFormat) -> tuple[Terms, Ids]:
    """Return what the judge reads a row as, for one number in each column.

    Raises:
        UnreadError: It refuses to, or the operator makes no term.
    """
    dtype = getattr(torch, str(system.dtype))
    terms = Terms(row.inputs)
    observer = Observer(Algebra(terms, system), dtype, record=_OPEN)
    columns = [torch.ones(1, dtype=dtype) for _ in range(row.inputs)]
    seen = observer.watch(row, columns)
    observer.finish()
    if seen.error is not None:
        raise UnreadError(f"{row.name}: {type(seen.error).__name__}: {seen.error}")
    if seen.unseen or seen.ids is None:
        raise UnreadError(f"{row.name}: {seen.unseen[0] if seen.unseen else 'no terms'}")
    if row.name not in seen.operators:
        raise UnreadError(f"{row.name} makes no term when called in this way")
    return terms, seen.ids.reshape(-1)


def tried(row: KernelCall, dtype: str, seed: int, *, whole: bool = False) -> int:
    """Hold a kernel against its terms; return at how many cases.

    Args:
        row: How the operator is called.
        dtype: One of :data:`DTYPES`.
        seed: Of the sample, where not all numbers are gone through.
        whole: Whether to go through all pairs if the row says so; else a sample is tried.

    Raises:
        DisagreesError: At some case they differ.
        UnreadError: The judge does not read it.
    """
    system = format_named(dtype)
    terms, wanted = terms_of(row, system)
    if whole and row.whole and dtype in SHORT:
        every = numbers_of(dtype)
        numbers = every.double().numpy()
        return sum(
            _held(
                row, terms, wanted, system, [one.expand(len(every)).contiguous(), every],
                [numpy.full(len(every), number), numbers],
            )
            for one, number in zip(every, numbers.tolist(), strict=True)
        )  # fmt: skip
    columns = _sample(row.inputs, dtype, seed, SAMPLE_OF_VARIANTS if row.variant else SAMPLE)
    if row.one_by_one:
        columns = [c[:ONE_BY_ONE] for c in columns]
    count = _held(row, terms, wanted, system, columns)
    if row.one_by_one:
        return count
    apart = [torch.stack([c, c], 1)[:, 0] for c in columns]
    _held(row, terms, wanted, system, apart)
    for start in range(0, 100, 5):  # shorter than a vector
        _held(row, terms, wanted, system, [c[start : start + 5] for c in columns])
    return count


def _held(
    row: KernelCall, terms: Terms, wanted: Ids, system: FloatFormat, columns: list[torch.Tensor],
    numbers: list[Any] | None = None,
) -> int:  # fmt: skip
    if row.one_by_one:
        pieces = [row(*[c[i : i + 1] for c in columns]).reshape(1, -1)
                  for i in range(len(columns[0]))]  # fmt: skip
        made = torch.cat(pieces)
    else:
        made = row(*columns).reshape(len(columns[0]), -1)
    numbers = numbers or [c.double().numpy() for c in columns]
    count = len(numbers[0])
    meant = values(terms, numbers, system, wanted)
    for place, column in enumerate(meant):
        seen = made[:, place]
        numbers_seen = seen.numpy() if seen.dtype is torch.bool else seen.double().numpy()
        differ = numbers_seen != column
        if differ.any() and column.dtype is not numpy.dtype(bool):
            differ &= ~(numpy.isnan(numbers_seen) & numpy.isnan(column))
        if differ.any():
            at = int(differ.argmax())
            raise DisagreesError(
                f"{row.name} in {system.name} of {', '.join(str(n[at]) for n in numbers)}: "
                f"{numbers_seen[at]} instead of {column[at]}"
            )
    return count


def numbers_of(dtype: str) -> torch.Tensor:
    """Return all numbers of a format of 16 bits, in the order of their bits."""
    bits = torch.arange(1 << 16, dtype=torch.int32).to(torch.int16)
    return bits.view(getattr(torch, dtype))


def _sample(inputs: int, dtype: str, seed: int, count: int) -> list[torch.Tensor]:
    """Return columns of numbers of all magnitudes, some of them equal, near or special."""
    if inputs == 1 and dtype in SHORT:
        return [numbers_of(dtype)]
    draw = numpy.random.default_rng(seed)
    count = count if dtype != "float64" else SAMPLE_IN_FRACTIONS
    kind = getattr(torch, dtype)
    width = kind.itemsize * 8
    whole = {16: numpy.int16, 32: numpy.int32, 64: numpy.int64}[width]
    first = draw.integers(-(1 << (width - 1)), 1 << (width - 1), count, dtype=whole)
    columns = [first]
    special = format_named(dtype).tensor(list(format_named(dtype).simple_values()))
    bits = special.view(getattr(torch, f"int{width}")).numpy()
    for _ in range(inputs - 1):
        column = draw.integers(-(1 << (width - 1)), 1 << (width - 1), count, dtype=whole)
        near = slice(0, count // 4)  # of about the same magnitude, either sign
        mask = whole((1 << (width // 2)) - 1)
        column[near] = first[near] ^ (column[near] & mask)
        column[near][::2] ^= whole(-(1 << (width - 1)))
        column[count // 4 : count // 4 + 64] = first[count // 4 : count // 4 + 64]
        columns.append(column)
    some = slice(count // 2, count // 2 + count // 4)
    for column in columns:
        column[some] = draw.choice(bits, len(column[some]))
    return [torch.from_numpy(c).view(kind).clone() for c in columns]
