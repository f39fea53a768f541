"""Building terms: what the operators of a number system make of arrays of terms.

Everything known is computed here, infinities and NaN included, so that terms over the real numbers
speak of finite numbers only; and what is one and the same term is written in one way, such as
"b if a < b else a" as a maximum. Nothing here knows torch's operators.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy

from proofs.systems import NumberSystem
from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import UnsupportedError
from verify.judge.symbols.terms import (
    OPAQUE,
    TRUTHS,
    ZERO,
    Ids,
    Terms,
    Value,
    all_in_row,
    any_in_row,
    rows_of,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Operators that are not defined everywhere.
PARTIAL = frozenset({"div", "log", "sqrt", "power"})
#: Functions that the real numbers have and terms only name.
FUNCTIONS = frozenset({"exp", "log", "sqrt", "power", "sigmoid", "tanh", "floor", "round"})
#: More elements than this are sorted by nobody, but for the largest and the smallest.
MOST_SORTED = 32
#: Powers up to this one are written as products.
LARGEST_POWER = 8


class Rank(NamedTuple):
    """A place in the order of a row: which one, from which end, and which of several equal ones."""

    rank: int
    descending: bool = False
    #: ``None`` if the first of several equal elements comes first, else the number of the call of a
    #: kernel that orders them as it likes.
    ties: int | None = None


class NoTermError(Exception):
    """An operation has no exact meaning in the number system; the message says which and why."""


class Algebra:
    """The operations of one number system on arrays of terms."""

    def __init__(self, terms: Terms, system: NumberSystem) -> None:
        self.terms = terms
        self.system = system
        #: Whether sums and products round.
        self.rounds = isinstance(system, FloatFormat)
        self.real = system.name == "real"
        #: Whether all that is computed must be so in the dtype of the input.
        self.own_dtype_only = not self.real
        #: Whether matrix instructions may give another number for once a term than the term.
        self.flushes = False
        #: Numbers of the module that are read as other fractions than they are.
        self.readings: dict[float, Fraction] = {}
        #: Those that are read as the logarithms of whole numbers.
        self.logarithms: dict[float, int] = {}
        #: What no element of the input is below, of those inputs that are meant, and above.
        self.least: Fraction | None = None
        self.most: Fraction | None = None
        #: Blocks whose terms may be infinite over the reals.
        self._perhaps_infinite: set[int] = set()
        #: Blocks whose terms are not defined everywhere over the reals.
        self._partial: set[int] = set()

    # -- known values ----------------------------------------------------------------------------

    def constant(self, value: Value) -> int:
        """Return the term of a known value.

        Raises ``NoTermError`` if the number system does not have it.
        """
        if isinstance(value, bool) or self.real:
            return self.terms.constant(value)
        if self.rounds:
            return self.terms.constant(self._representable(value))
        if isinstance(value, float) or Fraction(value).denominator != 1:
            raise NoTermError(f"{value} is no number of {self.system.name}")
        try:
            self.system.constant(Fraction(value).numerator)
        except UnsupportedError:
            raise NoTermError(f"{value} is no number of {self.system.name}") from None
        return self.terms.constant(int(value))

    def _representable(self, value: int | Fraction | float) -> int | Fraction | float:
        """Return a number as the float format has it, where kernels round it at once."""
        assert isinstance(self.system, FloatFormat)
        if isinstance(value, float):
            return value
        try:
            self.system.constant(value)
        except UnsupportedError:
            if self.system.name not in ("float32", "float64"):
                raise NoTermError(
                    f"{float(value):.9g} is no number of {self.system.name}, and kernels round it "
                    "later"
                ) from None
            rounded = self.system.rounded(Fraction(value))
            return Fraction(rounded) if math.isfinite(rounded) else float(rounded)
        return value

    def refused(self, operator: Any) -> str | None:
        """Say why an operator of torch's has no terms here, ``None`` if it may have."""
        return None

    def value(self, term: int) -> Value | None:
        """Return the value of a constant, ``None`` of any other term."""
        return self.terms.values.get(int(term))

    # -- what every operation goes through -------------------------------------------------------

    def _rows(
        self,
        operator: str,
        args: Ids,
        weights: Ids | None = None,
        data: Hashable = None,
        fold: Callable[[Sequence[Value], Sequence[Fraction]], Value | None] | None = None,
    ) -> Ids:
        """Add rows of terms; compute those whose arguments are all known."""
        args = numpy.ascontiguousarray(args, dtype=numpy.int32)
        result = numpy.empty(len(args), numpy.int32)
        opaque = any_in_row(args == OPAQUE)
        known = all_in_row(self.terms.known(args)) & ~opaque
        result[opaque] = OPAQUE
        for i in numpy.flatnonzero(known):
            each = () if weights is None else weights[i if len(weights) > 1 else 0]
            if fold is None:
                raise NoTermError(f"{operator} of known values")
            value = fold(
                [self.terms.values[int(a)] for a in args[i]],
                [self.terms.weights[int(w)] for w in each],
            )
            if value is None:  # no fraction: it stays as it is written
                known[i] = False
                continue
            result[i] = self.constant(value)
        rest = ~(opaque | known)
        if rest.any():
            everything = bool(rest.all())
            chosen = args if everything else args[rest]
            each_weights = weights
            if weights is not None and len(weights) > 1 and not everything:
                each_weights = weights[rest]
            result[rest] = self.terms.add(operator, chosen, each_weights, data)
            if operator in PARTIAL or self.partial(chosen).any():
                self._partial.update(numpy.unique(self.terms.blocks_of(result[rest])).tolist())
        return result

    def partial(self, ids: Ids) -> NDArray[numpy.bool_]:
        """Say which terms may not be defined everywhere: 0 times such a one is not 0."""
        if not self._partial:
            return numpy.zeros(ids.shape, bool)
        blocks = self.terms.blocks_of(ids.reshape(-1))
        found: NDArray[numpy.bool_] = numpy.isin(blocks, list(self._partial)).reshape(ids.shape)
        return found

    def _finite(self, args: Ids) -> None:
        """Refuse arguments that may be infinite where the reals have no meaning for them."""
        if self._perhaps_infinite and self.real:
            blocks = numpy.unique(self.terms.blocks_of(args.ravel()))
            if not self._perhaps_infinite.isdisjoint(blocks.tolist()):
                raise NoTermError("arithmetic with what may be infinite")

    def _endless(self, args: Ids, unbounded: NDArray[Any]) -> NDArray[Any]:
        """Return the infinities and NaN among terms, 0 for all others."""
        numbers = numpy.zeros(args.shape)
        for term in numpy.unique(args[unbounded]):
            numbers[args == term] = float(self.terms.values[int(term)])
        return numbers

    def _constants(self, numbers: NDArray[Any], args: Ids) -> Ids:
        """Return numbers as terms, of rows that are not opaque."""
        if self.real and self._partial and self.partial(args).any():
            raise NoTermError("an infinity beside what is not always defined")
        distinct, inverse = numpy.unique(numbers, return_inverse=True)
        terms = numpy.array([self.terms.constant(float(n)) for n in distinct], numpy.int32)
        made = terms[inverse.reshape(-1)]
        return numpy.where((args == OPAQUE).any(axis=1), OPAQUE, made).astype(numpy.int32)

    def _spread(self, *arrays: Any) -> tuple[list[Ids], tuple[int, ...]]:
        """Return arrays of terms of one shape, flat, and the shape."""
        spread = numpy.broadcast_arrays(*[numpy.asarray(a, numpy.int32) for a in arrays])
        return [a.reshape(-1) for a in spread], spread[0].shape

    # -- sums ------------------------------------------------------------------------------------

    def linear(
        self,
        args: Ids,
        weights: Sequence[Fraction] | NDArray[Any],
        slack: int | None = None,
        *,
        by_matrix: bool = False,
    ) -> Ids:
        """Return Σ wᵢ · tᵢ for every row.

        Args:
            args: Terms of shape ``(rows, k)``.
            weights: Fractions of shape ``(k,)``, or weight numbers of shape ``(rows, k)``.
            slack: How many units roundoff more a kernel may be off, as it computes the weights or
                begins the sum with one of the terms.
            by_matrix: Whether a kernel may compute it by matrix instructions.
        """
        if self.rounds:
            return self._rounded_sum(args, weights)
        self._finite(args)
        shared = not isinstance(weights, numpy.ndarray)
        numbers = (
            numpy.asarray(weights, numpy.int32)
            if isinstance(weights, numpy.ndarray)
            else self._weights(weights)
        )
        args = numpy.asarray(args, numpy.int32)
        result = numpy.empty(len(args), numpy.int32)
        unbounded = self.terms.unbounded(args)
        # 0 · ∞ is NaN: what is infinite counts before zero weights are left out.
        spoiled = numpy.zeros(len(args), bool) if unbounded is None else unbounded.any(axis=1)
        if unbounded is not None:
            factors = numpy.array([float(w) for w in self.terms.weights])[numbers]
            with numpy.errstate(invalid="ignore"):
                products = numpy.where(unbounded, factors * self._endless(args, unbounded), 0)
                totals = products.sum(axis=1)
            result[spoiled] = self._constants(totals[spoiled], args[spoiled])
        rest = ~spoiled
        if not rest.any():
            return result
        args = args if rest.all() else args[rest]
        if shared:
            partial = numpy.zeros(args.shape[1], bool)
            if self._partial:
                partial |= self.partial(args).any(axis=0)
            zeros = numpy.array([w == 0 for w in self.terms.weights], bool)[numbers[0]]
            kept = numpy.flatnonzero(~zeros | partial | (slack is not None))
            args, numbers = args[:, kept], numbers[:, kept]
            if len(kept) == 0:
                result[rest] = ZERO
                return result
            as_it_is = slack is None and not (by_matrix and self.flushes)
            if as_it_is and len(kept) == 1 and self.terms.weights[numbers[0, 0]] == 1:
                result[rest] = args[:, 0]
                return result
        elif not rest.all():
            numbers = numbers[rest]
        result[rest] = self._rows("linear", args, numbers, slack, self._folded_sum)
        return result

    def _weights(self, weights: Sequence[Fraction]) -> Ids:
        """Return the numbers of weights as one row; a sum of a whole layer has one for all."""
        if all(w is weights[0] for w in weights):
            one = [self.terms.weight(Fraction(w)) for w in weights[:1]]
            return numpy.array([one * len(weights)], numpy.int32)
        return numpy.array([[self.terms.weight(Fraction(w)) for w in weights]], numpy.int32)

    def _folded_sum(self, values: Sequence[Value], weights: Sequence[Fraction]) -> Value:
        total = sum(
            (Fraction(v) * w for v, w in zip(values, weights, strict=True)), start=Fraction(0)
        )
        if self.real:
            return total
        return int(self.system.constant(self._wrapped(total)))

    def _wrapped(self, total: Fraction) -> int:
        bits = int("".join(c for c in self.system.name if c.isdigit()))
        number = total.numerator % (1 << bits)
        signed = not self.system.name.startswith("u")
        return number - (1 << bits) if signed and number >= 1 << (bits - 1) else number

    def _rounded_sum(self, args: Ids, weights: Sequence[Fraction] | NDArray[Any]) -> Ids:
        """Sum up to two terms as a float format does, whatever the order and the fusing."""
        if isinstance(weights, numpy.ndarray):
            numbers = numpy.asarray(weights, numpy.int32)
            result = numpy.empty(len(args), numpy.int32)
            patterns, inverse = numpy.unique(numbers, axis=0, return_inverse=True)
            inverse = inverse.reshape(-1)
            for number, pattern in enumerate(patterns):
                here = inverse == number
                result[here] = self._rounded_sum(
                    args[here], [self.terms.weights[int(w)] for w in pattern]
                )
            return result
        kept = [i for i, w in enumerate(weights) if w != 0]
        # Padding is a known 0, which adds nothing: where it stands differs from row to row.
        padding = args == ZERO
        if padding[:, kept].any():
            result = numpy.empty(len(args), numpy.int32)
            patterns, inverse = numpy.unique(padding, axis=0, return_inverse=True)
            inverse = inverse.reshape(-1)
            for number, pattern in enumerate(patterns):
                here = inverse == number
                left = numpy.flatnonzero(~pattern).tolist()
                result[here] = self._rounded_sum(
                    args[here][:, left], [Fraction(weights[i]) for i in left]
                )
            return result
        if len(kept) > 2:
            raise NoTermError(
                f"a sum of {len(kept)} products, whose value in {self.system.name} depends on the "
                "order of the additions"
            )
        if len(kept) == 2 and any(abs(weights[i]) != 1 for i in kept):
            raise NoTermError(
                f"a sum of two products, whose value in {self.system.name} depends on whether the "
                "products are rounded before they are added"
            )
        parts = [self.scaled(args[:, i], Fraction(weights[i])) for i in kept]
        total = parts[0] if parts else numpy.full(len(args), ZERO, numpy.int32)
        for part in parts[1:]:
            total = self.float_operation("add", total, part)
        spoiling = [i for i, w in enumerate(weights) if w == 0]
        if spoiling:
            total = self._rows(
                "spoiled", numpy.column_stack([total, args[:, spoiling]]), None, None, self._spoiled
            )
        return total

    @staticmethod
    def _spoiled(values: Sequence[Value], _: Sequence[Fraction]) -> Value:
        fine = all(math.isfinite(v) for v in values[1:])
        return values[0] if fine else math.nan

    def scaled(self, term: Ids, factor: Fraction) -> Ids:
        """Return a number times terms."""
        if factor == 1:
            return term
        if not self.rounds:
            return self.linear(numpy.asarray(term).reshape(-1, 1), [factor]).reshape(term.shape)
        if factor == -1:
            return self.float_operation("neg", term)
        return self.float_operation("mul", term, self.constant(factor))

    def float_operation(self, operator: str, *terms: Any) -> Ids:
        """Return an operation that rounds once, in a float format."""
        spread, shape = self._spread(*terms)

        def fold(values: Sequence[Value], _: Sequence[Fraction]) -> Value:
            found: Any = self.system.apply(operator, [self._element(v) for v in values])
            return found if isinstance(found, float) else Fraction(found)

        return self._rows(operator, numpy.column_stack(spread), None, None, fold).reshape(shape)

    def _element(self, value: Value) -> Any:
        return value if isinstance(value, float) else self.system.constant(Fraction(value))

    def total(self, args: Ids, factor: Fraction = Fraction(1)) -> Ids:
        """Return the sum of every row, times a number."""
        return self.linear(args, [factor] * args.shape[1])

    def add(self, x: Any, y: Any, alpha: Fraction = Fraction(1)) -> Ids:
        """Return x + alpha · y."""
        (a, b), shape = self._spread(x, y)
        if self.rounds and abs(alpha) != 1:
            raise NoTermError(f"a scaled sum, whose rounding in {self.system.name} is not known")
        if self.rounds:
            return self.float_operation("add" if alpha == 1 else "sub", x, y)
        return self.linear(numpy.column_stack([a, b]), [Fraction(1), alpha]).reshape(shape)

    # -- products --------------------------------------------------------------------------------

    def multiply(self, x: Any, y: Any) -> Ids:
        """Return x · y."""
        if self.rounds:
            return self.float_operation("mul", x, y)
        (a, b), shape = self._spread(x, y)
        known_a, known_b = self.terms.known(a), self.terms.known(b)
        result = numpy.empty(len(a), numpy.int32)
        for known, factor, other in ((known_b, b, a), (known_a & ~known_b, a, b)):
            for number in numpy.unique(factor[known]):
                here = known & (factor == number)
                value = self.terms.values[int(number)]
                if isinstance(value, float):
                    result[here] = self._times_infinity(other[here], value)
                elif number == OPAQUE or isinstance(value, bool):
                    raise NoTermError("a product with a truth value")
                else:
                    result[here] = self.linear(other[here].reshape(-1, 1), [Fraction(value)])
        rest = ~(known_a | known_b)
        if rest.any():
            self._finite(numpy.concatenate([a[rest], b[rest]]))
            pairs = numpy.sort(numpy.column_stack([a[rest], b[rest]]), axis=1)
            result[rest] = self._rows("mul", pairs)
        return result.reshape(shape)

    def _times_infinity(self, other: Ids, value: float) -> Ids:
        if value != value:
            return numpy.full(len(other), self.terms.constant(math.nan), numpy.int32)
        found = numpy.empty(len(other), numpy.int32)
        for i, term in enumerate(other):
            factor = self.terms.values.get(int(term))
            if factor is None or isinstance(factor, bool):
                raise NoTermError("a product with infinity")
            found[i] = self.terms.constant(math.nan if factor == 0 else float(factor) * value)
        return found

    def divide(self, x: Any, y: Any) -> Ids:
        """Return x / y."""
        (a, b), shape = self._spread(x, y)
        known = self.terms.known(b)
        if self.rounds:
            if not known.all():
                # Zeros of both signs count as one number here, and 1/x tells them apart.
                raise NoTermError(f"a quotient of two inputs, in {self.system.name}")
            if any(self.terms.values[int(n)] == 0 for n in numpy.unique(b)):
                raise NoTermError("a division by 0")
            return self.float_operation("div", x, y)
        if not self.real:
            raise NoTermError(f"a quotient, in {self.system.name}")
        result = numpy.empty(len(a), numpy.int32)
        for number in numpy.unique(b[known]):
            here = known & (b == number)
            value = self.terms.values[int(number)]
            if isinstance(value, float | bool) or value == 0:
                raise NoTermError(f"a division by {value}")
            result[here] = self.linear(a[here].reshape(-1, 1), [1 / Fraction(value)])
        if not known.all():
            rest = ~known
            self._finite(numpy.concatenate([a[rest], b[rest]]))
            if self.terms.unbounded(a[rest]) is not None:
                raise NoTermError("a quotient of infinities")
            result[rest] = self._rows("div", numpy.column_stack([a[rest], b[rest]]))
        return result.reshape(shape)

    # -- extremes --------------------------------------------------------------------------------

    def extreme(self, args: Ids, *, largest: bool) -> Ids:
        """Return the largest or the smallest of every row."""
        args = numpy.asarray(args, numpy.int32)
        if args.shape[1] == 1:
            return args[:, 0].copy()
        unbounded = self.terms.unbounded(args) if self.real else None
        if unbounded is None:
            return self._extreme(args, largest=largest)
        best = math.inf if largest else -math.inf
        numbers = self._endless(args, unbounded)
        spoiled = numpy.isnan(numbers).any(axis=1)
        decided = spoiled | (unbounded & (numbers == best)).any(axis=1)
        decided &= (args != OPAQUE).all(axis=1)
        result = numpy.empty(len(args), numpy.int32)
        result[decided] = self._constants(
            numpy.where(spoiled, math.nan, best)[decided], args[decided]
        )
        if not decided.all():
            result[~decided] = self._extreme(args[~decided], largest=largest)
        return result

    def _extreme(self, args: Ids, *, largest: bool) -> Ids:
        args = self._without_ends(args, largest=largest)
        if (args == args[:, :1]).all():
            return args[:, 0].copy()
        return self._marked(
            args,
            self._rows("max" if largest else "min", args, None, None,
                       self._folded_maximum if largest else self._folded_minimum),
        )  # fmt: skip

    def _without_ends(self, args: Ids, *, largest: bool) -> Ids:
        """Return rows with an element in place of a number that none is below, or above."""
        end = self.least if largest else self.most
        if end is None or not self.real:
            return args
        inside = args - self.terms.first_variable
        elements = (inside >= 0) & (inside < self.terms.count)
        for number in numpy.unique(args[self.terms.known(args) & (args != OPAQUE)]):
            value = self.terms.values[int(number)]
            if (value <= end) if largest else (value >= end):
                row = numpy.take_along_axis(args, elements.argmax(axis=1)[:, None], axis=1)
                beside = elements.any(axis=1, keepdims=True)
                args = numpy.where((args == number) & beside, row, args)
        return args

    @staticmethod
    def _folded_maximum(values: Sequence[Value], _: Sequence[Fraction]) -> Value:
        return math.nan if any(v != v for v in values) else max(values)

    @staticmethod
    def _folded_minimum(values: Sequence[Value], _: Sequence[Fraction]) -> Value:
        return math.nan if any(v != v for v in values) else min(values)

    def _marked(self, args: Ids, made: Ids) -> Ids:
        """Note that terms may be infinite if what they are made of may."""
        if self._perhaps_infinite and self.real:
            blocks = numpy.unique(self.terms.blocks_of(args.ravel())).tolist()
            if not self._perhaps_infinite.isdisjoint(blocks):
                self._perhaps_infinite.update(numpy.unique(self.terms.blocks_of(made)).tolist())
        return made

    def maximum(self, x: Any, y: Any) -> Ids:
        """Return max(x, y)."""
        spread, shape = self._spread(x, y)
        return self.extreme(numpy.column_stack(spread), largest=True).reshape(shape)

    def minimum(self, x: Any, y: Any) -> Ids:
        """Return min(x, y)."""
        spread, shape = self._spread(x, y)
        return self.extreme(numpy.column_stack(spread), largest=False).reshape(shape)

    def relu(self, x: Any) -> Ids:
        """Return max(x, 0)."""
        return self.maximum(x, ZERO)

    def negative(self, x: Any) -> Ids:
        """Return −x."""
        return self.scaled(numpy.asarray(x, numpy.int32), Fraction(-1))

    def absolute(self, x: Any) -> Ids:
        """Return |x|."""
        if self.rounds or not self.real:
            (flat,), shape = self._spread(x)
            return self._rows("abs", flat.reshape(-1, 1), None, None, self._folded_abs).reshape(
                shape
            )
        return self.maximum(x, self.negative(x))

    def _folded_abs(self, values: Sequence[Value], _: Sequence[Fraction]) -> Value:
        found: Any = self.system.apply("abs", [self._element(values[0])])
        return found if isinstance(found, float | int) else Fraction(found)

    # -- truth values ----------------------------------------------------------------------------

    def compare(self, operator: str, x: Any, y: Any) -> Ids:
        """Return ``lt``, ``le``, ``gt``, ``ge``, ``eq`` or ``ne`` as truth values."""
        if operator in ("gt", "ge"):
            return self.compare("lt" if operator == "gt" else "le", y, x)
        if operator == "ne":
            return self.negation(self.compare("eq", x, y))
        (a, b), shape = self._spread(x, y)
        result = numpy.empty(len(a), numpy.int32)
        pairs = numpy.column_stack([a, b])
        unbounded = self.terms.unbounded(pairs) if self.real else None
        decided = numpy.zeros(len(a), bool) if unbounded is None else unbounded.any(axis=1)
        if unbounded is not None:
            # Whatever is not known is finite.
            low, high = self._endless(pairs, unbounded).T
            holds = low < high if operator == "lt" else low <= high
            holds = low == high if operator == "eq" else holds
            answers = numpy.where(holds, self.constant(True), self.constant(False))
            answers = numpy.where((pairs == OPAQUE).any(axis=1), OPAQUE, answers)
            result[decided] = answers[decided]
        if decided.any():
            self._finite(pairs[decided])
            if self.real and self._partial and self.partial(pairs[decided]).any():
                raise NoTermError("a comparison with an infinity of what is not always defined")
        rest = ~decided
        alike = rest & (a == b) & (a != OPAQUE) if self.real else ~rest & False
        if alike.any():  # a number is itself, where it is one
            alike &= ~self.partial(a)
            result[alike] = self.constant(operator != "lt")
            rest &= ~alike
        if self.least is not None and self.real and operator != "eq":
            surely = rest & self._surely_ordered(operator, pairs)
            result[surely] = self.constant(operator == "le")
            rest &= ~surely
        if rest.any():
            self._finite(pairs[rest])
            result[rest] = self._rows(
                operator, pairs[rest], None, None, lambda v, _: _holds(operator, v[0], v[1])
            )
        return result.reshape(shape)

    def _surely_ordered(self, operator: str, pairs: Ids) -> NDArray[numpy.bool_]:
        """Say of which pairs the order is known, as no element of the input is below the least.

        For ``lt`` those of an element and a number that is no larger than the least, which is
        false; for ``le`` those of such a number and an element, which is true.
        """
        element, number = (pairs.T if operator == "lt" else pairs.T[::-1])  # fmt: skip
        inside = element - self.terms.first_variable
        found: NDArray[numpy.bool_] = (inside >= 0) & (inside < self.terms.count)
        for constant in numpy.unique(number[found]):
            value = self.terms.values.get(int(constant))
            small = value is not None and self.least is not None and value <= self.least
            if not small:
                found &= number != constant
        return found

    def negation(self, x: Any) -> Ids:
        """Return the opposite of truth values."""
        (flat,), shape = self._spread(x)
        args = flat.reshape(-1, 1)
        return self._rows("not", args, None, None, lambda v, _: not v[0]).reshape(shape)

    def connected(self, operator: str, args: Ids) -> Ids:
        """Return the conjunction (``and``) or disjunction (``or``) of every row."""
        if args.shape[1] == 1:
            return args[:, 0]
        known = self.terms.known(args) & (args != OPAQUE)
        if known.any() and not known.all(axis=1).all():
            # Known parts either decide or say nothing.
            neutral = operator == "and"
            result = numpy.empty(len(args), numpy.int32)
            for i, row in enumerate(args):
                values = [self.terms.values.get(int(t)) for t in row]
                if (not neutral) in [v for v in values if v is not None]:
                    result[i] = self.terms.constant(not neutral)
                    continue
                open_ = [t for t, v in zip(row, values, strict=True) if v is None]
                if len(open_) <= 1:
                    result[i] = open_[0] if open_ else self.terms.constant(neutral)
                else:
                    result[i] = self.connected(operator, numpy.array([open_], numpy.int32))[0]
            return result
        every: Callable[[Sequence[Value]], bool] = all if operator == "and" else any
        return self._rows(operator, args, None, None, lambda v, _: every(v))

    def select(self, condition: Any, then: Any, otherwise: Any) -> Ids:
        """Return ``then`` where the condition holds, else ``otherwise``."""
        (c, a, b), shape = self._spread(condition, then, otherwise)
        result = a.copy()
        rest = a != b
        known = rest & self.terms.known(c) & (c != OPAQUE)
        for number in numpy.unique(c[known]):
            here = known & (c == number)
            result[here] = a[here] if self.terms.values[int(number)] else b[here]
        rest &= ~known
        if rest.any():
            result[rest] = self._selected(c[rest], a[rest], b[rest])
        return result.reshape(shape)

    def _selected(self, c: Ids, a: Ids, b: Ids) -> Ids:
        result = numpy.empty(len(c), numpy.int32)
        left = numpy.ones(len(c), bool)
        if not self.rounds:
            blocks = self.terms.blocks_of(c)
            for number in numpy.unique(blocks):
                block = self.terms.blocks[number]
                here = numpy.flatnonzero(blocks == number)
                if block.operator in ("lt", "le"):
                    low, high = block.args[c[here] - block.start].T
                    for largest, one, other in ((True, high, low), (False, low, high)):
                        chosen = here[(one == a[here]) & (other == b[here])]
                        if len(chosen):
                            pairs = numpy.sort(numpy.column_stack([a[chosen], b[chosen]]), axis=1)
                            result[chosen] = self.extreme(pairs, largest=largest)
                            left[chosen] = False
                elif block.operator == "not":
                    result[here] = self.select(block.args[c[here] - block.start][:, 0],
                                               b[here], a[here])  # fmt: skip
                    left[here] = False
        if left.any():
            args = numpy.column_stack([c[left], a[left], b[left]])
            made = self._rows("select", args)
            if self.real and self.terms.unbounded(args[:, 1:]) is not None:
                self._perhaps_infinite.update(numpy.unique(self.terms.blocks_of(made)).tolist())
            result[left] = self._marked(args[:, 1:], made)
        return result

    def merged(self, condition: int, then: int, otherwise: int) -> int:
        """Return a choice between two terms, made as far inside them as they are alike."""
        if then == otherwise:
            return then
        first, second = (self.terms.block_of(t) for t in (then, otherwise))
        plain = int(self.select(condition, then, otherwise))
        if plain in (then, otherwise) or self.terms.block_of(plain).operator in ("max", "min"):
            return plain
        if first.operator != second.operator or first.operator in (
            "variable", "constant", "opaque"
        ) or first.data != second.data:  # fmt: skip
            return plain
        (left, left_weights), (right, right_weights) = (
            rows_of(numpy.array([t], numpy.int32), self.terms) for t in (then, otherwise)
        )
        if first.operator in ("max", "min") and not self.rounds:
            ours, theirs = set(left[0].tolist()), set(right[0].tolist())
            common, one, other = ours & theirs, ours - theirs, theirs - ours
            if common and len(one) == len(other) == 1:
                inner = self.merged(condition, one.pop(), other.pop())
                row = numpy.array([[*sorted(common), inner]], numpy.int32)
                return int(self.extreme(row, largest=first.operator == "max")[0])
            return plain
        if left.shape != right.shape:
            return plain
        if left_weights is not None and (left_weights != right_weights).any():
            return plain
        differ = numpy.flatnonzero(left[0] != right[0])
        if len(differ) != 1 or (first.operator == "select" and differ[0] == 0):
            return plain
        row = left[0].copy()
        row[differ[0]] = self.merged(condition, int(row[differ[0]]), int(right[0][differ[0]]))
        return int(self._rows(first.operator, row.reshape(1, -1), left_weights, first.data)[0])

    def indicator(self, x: Any) -> Ids:
        """Return 1 where truth values hold, else 0."""
        return self.select(x, self.constant(1), ZERO)

    # -- functions and positions -----------------------------------------------------------------

    def function(self, name: str, x: Any, data: Hashable = None) -> Ids:
        """Return a function of the real numbers, by its name."""
        if not self.real:
            raise NoTermError(f"{name}, whose rounding in {self.system.name} is not known")
        (flat,), shape = self._spread(x)
        self._finite(flat)
        never = self.terms.unbounded(flat)
        if never is not None:
            if name != "exp" or (flat[never] != self.constant(-math.inf)).any():
                raise NoTermError(f"{name} of an infinity")
            result = numpy.full(len(flat), ZERO, numpy.int32)  # e to the minus infinity is 0
            if not never.all():
                result[~never] = self.function(name, flat[~never], data)
            return result.reshape(shape)
        return self._rows(
            name, flat.reshape(-1, 1), None, data, _known_function(name, data)
        ).reshape(shape)

    def power(self, x: Any, exponent: Fraction) -> Ids:
        """Return x to a known power: small whole ones as products."""
        ids = numpy.asarray(x, numpy.int32)
        if not self.real and exponent != 2:
            raise NoTermError(f"a power, whose rounding in {self.system.name} is not known")
        if exponent.denominator == 1 and 1 <= exponent <= LARGEST_POWER:
            half = self.power(ids, exponent // 2 * Fraction(1)) if exponent > 3 else ids
            result = self.multiply(half, half) if exponent > 1 else ids
            return self.multiply(result, ids) if exponent > 1 and exponent % 2 else result
        if exponent == 0:
            return numpy.full(ids.shape, self.constant(1), numpy.int32)
        if exponent == Fraction(1, 2):
            return self.function("sqrt", ids)
        if exponent == -1:
            return self.divide(self.constant(1), ids)
        return self.function("power", ids, exponent)

    def pick(self, values: Ids, keys: Ids) -> Ids:
        """Return of every row the value that stands where the key is largest, the first such."""
        if values.shape[1] == 1:
            return values[:, 0]
        if numpy.array_equal(values, keys):
            return self.extreme(keys, largest=True)
        if self.rounds:
            raise NoTermError(f"positions of extremes, where {self.system.name} has NaN")
        self._finite(keys)
        never = (
            keys == self.terms.constant(-math.inf) if self.real else numpy.zeros(keys.shape, bool)
        )
        never &= ~never.all(axis=1, keepdims=True)
        if never.any():  # minus infinity is the largest of nothing
            return self._picked_without(values, keys, never)
        alike = (values == values[:, :1]).all(axis=1)
        result = values[:, 0].copy()
        if not alike.all():
            args = numpy.concatenate([values, keys], axis=1)[~alike]
            made = self._rows("pick", args, None, None, _folded_pick)
            result[~alike] = self._marked(values[~alike], made)
        return result

    def _picked_without(self, values: Ids, keys: Ids, left_out: NDArray[Any]) -> Ids:
        """Return picks of the columns that are not left out, which differ from row to row."""
        result = numpy.empty(len(values), numpy.int32)
        patterns, inverse = numpy.unique(left_out, axis=0, return_inverse=True)
        for number, pattern in enumerate(patterns):
            here = inverse.reshape(-1) == number
            result[here] = self.pick(values[here][:, ~pattern], keys[here][:, ~pattern])
        return result

    def rank(self, values: Ids, keys: Ids, order: Rank) -> Ids:
        """Return of every row the value that stands where the key has a place in the order."""
        if values.shape[1] == 1:
            return values[:, 0]
        rank = keys.shape[1] - 1 - order.rank if order.descending else order.rank
        if numpy.array_equal(values, keys):
            return self.ordered(keys, {rank})[rank]
        if order.ties is None and order.rank == 0:
            return self.pick(values, keys if order.descending else self.negative(keys))
        if self.rounds:
            raise NoTermError(f"positions in an order, where {self.system.name} has NaN")
        if not self.real and order.ties is not None:
            raise NoTermError("positions among equals, which kernels choose as they like")
        self._finite(keys)
        alike = (values == values[:, :1]).all(axis=1)
        result = values[:, 0].copy()
        if not alike.all():
            args = numpy.concatenate([values, keys], axis=1)[~alike]
            made = self._rows("rank", args, None, order, None)
            result[~alike] = self._marked(values[~alike], made)
        return result

    def ordered(self, rows: Ids, wanted: set[int]) -> dict[int, Ids]:
        """Return the elements of every row in rising order, those of ``wanted`` ranks at least."""
        count = rows.shape[1]
        found = {rank: self.extreme(rows, largest=rank > 0) for rank in wanted & {0, count - 1}}
        if wanted <= set(found):
            return found
        if count > MOST_SORTED:
            raise NoTermError(f"the order of {count} elements")
        columns = list(rows.T)
        for i in range(count):  # each round brings the largest left to its end
            for j in range(count - 1 - i):
                low, high = columns[j], columns[j + 1]
                columns[j], columns[j + 1] = self.minimum(low, high), self.maximum(low, high)
        return dict(enumerate(columns)) | found

    def truths(self, ids: Ids) -> NDArray[numpy.bool_]:
        """Say which terms are truth values."""
        blocks = self.terms.blocks_of(ids.ravel())
        some = [n for n in numpy.unique(blocks) if self.terms.blocks[n].operator in TRUTHS]
        found: NDArray[numpy.bool_] = numpy.isin(blocks, some).reshape(ids.shape)
        return found


def _holds(operator: str, left: Any, right: Any) -> bool:
    if operator == "lt":
        return bool(left < right)
    return bool(left <= right) if operator == "le" else bool(left == right)


def _folded_pick(values: Sequence[Value], _: Sequence[Fraction]) -> Value:
    half = len(values) // 2
    keys = list(values[half:])
    if any(k != k for k in keys):
        raise NoTermError("positions of NaN")
    return values[keys.index(max(keys))]


def _known_function(
    name: str, data: Any
) -> Callable[[Sequence[Value], Sequence[Fraction]], Value | None]:
    """Return what a function makes of a known number, ``None`` if that is no fraction."""
    at_zero: dict[str, Value] = {"exp": 1, "tanh": 0, "sigmoid": Fraction(1, 2)}

    def fold(values: Sequence[Value], _: Sequence[Fraction]) -> Value | None:
        x, exponent = Fraction(values[0]), data
        if name in ("floor", "round"):
            return math.floor(x) if name == "floor" else round(x)
        if name in at_zero and x == 0:
            return at_zero[name]
        if (
            (name == "log" and x <= 0)
            or (name in ("sqrt", "power") and x < 0)
            or (name == "power" and x == 0 and exponent < 0)
        ):
            raise NoTermError(f"{name} of {x}")
        if name == "log" and x == 1:
            return 0
        if name in ("sqrt", "power") and x in (0, 1):
            return x
        return None

    return fold
