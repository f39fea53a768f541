"""Terms over the reals in which every rounding of a run can be found again.

Over the reals known numbers are computed at once; a run computes them in its dtype. Here they stay
terms unless that is exact. What kernels may round in several ways is a term of its own for every
element of every call, so that one term is always one computed number. Operators whose kernels round
as nobody promises are refused.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from typing import Any

import numpy
import torch

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from verify.judge.operators import COMPUTING
from verify.judge.symbols.algebra import Algebra, NoTermError
from verify.judge.symbols.terms import OPAQUE, Ids, Terms, Value, all_in_row, any_in_row
from verify.judge.tolerance.rounding import Rounding

aten = torch.ops.aten
#: Operators that compute and round as ``docs/tolerance.md`` says: each sum once for each addition,
#: in any order, each product and quotient once, or less often.
ROUNDINGS_KNOWN = {
    *(aten.add, aten.sub, aten.rsub, aten.mul, aten.div, aten.reciprocal, aten.square),
    *(aten.add_, aten.sub_, aten.mul_, aten.div_, aten.square_, aten.reciprocal_),
    *(aten.sum, aten.mean, aten.convolution, aten.mm, aten.bmm, aten.mv, aten.dot),
    *(aten.avg_pool1d, aten.avg_pool2d, aten.avg_pool3d, aten.adaptive_avg_pool1d),
    *(aten._adaptive_avg_pool2d, aten._adaptive_avg_pool3d),
    *(aten.adaptive_avg_pool2d, aten.adaptive_avg_pool3d),
    *(aten.sqrt, aten.sqrt_, aten.pow, aten.pow_),
    *(aten.scatter_add, aten.scatter_add_, aten.index_add, aten.index_add_),
}
#: Powers whose exponent is a number of Python's.
POWERS = (aten.pow.Tensor_Scalar, aten.pow.Tensor_Scalar_out, aten.pow_.Scalar)
#: Powers that kernels compute as x, x·x, x·x·x and √x.
POWERS_KNOWN = (Fraction(1), Fraction(2), Fraction(3), Fraction(1, 2))


class RoundedReals(Algebra):
    """The real numbers, for modules that run in a float format and are known to round."""

    def __init__(self, terms: Terms, system: FloatFormat) -> None:
        super().__init__(terms, SYSTEMS["real"])
        self.own_dtype_only = True
        self.format = system
        rounding = Rounding(system)
        #: What some kernels take for 0, and give 0 for: numbers closer to it than this.
        self._flushed = rounding.normal if rounding.flushes else Fraction(0)
        self.flushes = rounding.flushes
        terms.in_many_ways = self._in_many_ways

    def refused(self, operator: Any) -> str | None:
        """Say why an operator's rounding is not known, ``None`` if it is."""
        if operator not in COMPUTING:
            return None
        packet = operator.overloadpacket
        by_tensor = packet in (aten.pow, aten.pow_) and operator not in POWERS
        if packet not in ROUNDINGS_KNOWN or by_tensor:
            return f"its rounding in {self.format.name} is not known"
        return None

    def power(self, x: Any, exponent: Fraction) -> Ids:
        """Return x to a known power, those that kernels compute by products and roots."""
        if exponent not in POWERS_KNOWN:
            raise NoTermError(f"the rounding of a power {exponent} is not known")
        return super().power(x, exponent)

    def _in_many_ways(self, operator: str, args: Ids, weights: Ids | None) -> bool:
        """Say whether two kernels, or one at two places, may round a term to different numbers.

        The sum and the difference of two elements are rounded once, to nearest, by all. A bias is
        excepted, as a convolution may add it before the rest, and so are formats of which some
        kernels take subnormal numbers for 0. A known number that is rounded may be so in a wider
        format too.
        """
        known = [v for a in args if (v := self.terms.values.get(int(a))) is not None]
        if any(not isinstance(v, float) and not self._held(Fraction(v)) for v in known):
            return True
        if operator in ("mul", "div", "sqrt"):
            return True
        if operator != "linear" or weights is None:
            return False
        if self._flushed or len(args) > 2 or any(abs(self.terms.weights[w]) != 1 for w in weights):
            return True
        return bool(known) and any(self.terms.block_of(int(a)).operator == "linear" for a in args)

    def _rows(
        self,
        operator: str,
        args: Ids,
        weights: Ids | None = None,
        data: Hashable = None,
        fold: Callable[[Sequence[Value], Sequence[Fraction]], Value | None] | None = None,
    ) -> Ids:
        args = numpy.ascontiguousarray(args, dtype=numpy.int32)
        known = all_in_row(self.terms.known(args)) & ~any_in_row(args == OPAQUE)
        kept = numpy.zeros(len(args), bool)
        for i in numpy.flatnonzero(known):
            each = () if weights is None else weights[i if len(weights) > 1 else 0]
            kept[i] = not self._exact(
                operator,
                [self.terms.values[int(a)] for a in args[i]],
                [self.terms.weights[int(w)] for w in each],
            )
        if not kept.any():
            return super()._rows(operator, args, weights, data, fold)
        result = numpy.empty(len(args), numpy.int32)
        for rows in (kept, ~kept):
            if rows.any():
                each = weights if weights is None or len(weights) == 1 else weights[rows]
                result[rows] = (
                    self.terms.add(operator, args[rows], each, data) if rows is kept
                    else super()._rows(operator, args[rows], each, data, fold)
                )  # fmt: skip
        return result

    def _exact(self, operator: str, values: Sequence[Value], weights: Sequence[Fraction]) -> bool:
        """Say whether a run computes a known value without rounding, in whatever order."""
        if any(isinstance(v, float) for v in values):
            return True  # infinities and NaN
        numbers = [Fraction(v) for v in values]
        if not all(self._held(n) for n in (*numbers, *weights)):
            return False
        if operator == "linear":
            parts = [n * w for n, w in zip(numbers, weights, strict=True) if n and w]
            grid = max((p.denominator for p in parts), default=1)
            if min([Fraction(1, grid), *(abs(n) for n in numbers if n)]) < self._flushed:
                return False
            return sum(abs(p) for p in parts) * grid <= 1 << self.format.precision
        if operator == "mul":
            return self._held(numbers[0] * numbers[1])
        if operator == "div":
            return bool(numbers[1]) and self._held(numbers[0] / numbers[1])
        return True

    def _held(self, number: Fraction) -> bool:
        """Say whether the format has a number, and the module has it as it stands."""
        if number in self.readings.values():
            return False
        return number == 0 or (
            self.format.in_range(number) and self.format.rounded(number) == number
        )
