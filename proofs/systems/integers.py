"""Integers of fixed width: wrap-around at every width, all widths at once, saturating.

A tensor of an int dtype wraps: the result of an operation is the exact result modulo 2^width.
Quantised kernels usually saturate instead: the exact result is moved into the range. In the
solver both are bit-vectors; :class:`AnyWidth` proves a statement for all widths at once, over
integers with a symbolic bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any

from proofs.operators import Grows
from proofs.operators import operator as row_of
from proofs.systems.exact import INTEGER_WORDS, numeral, parse_numeral
from proofs.systems.number_system import (
    SYSTEMS,
    Encoder,
    NoElementError,
    NumberSystem,
    Script,
    UnsupportedError,
    register,
)

if TYPE_CHECKING:
    import torch
    from hypothesis.strategies import SearchStrategy


def _of_every_length(low: int, high: int) -> SearchStrategy[int]:
    """Return how integers are drawn from a range, short ones as often as long ones."""
    from hypothesis import strategies as st

    shorter = [1 << bits for bits in (5, 10, 20, 40) if 1 << bits < high]
    ranges = [st.integers(max(low, -end), end) for end in shorter]
    return st.one_of(*ranges, st.integers(low, high))


class _FixedWidth(NumberSystem):
    """What wrap-around and saturating integers share: a range, and how a result is fitted in."""

    bits: int
    whole = True
    logic = "QF_BV"

    def __init__(self, bits: int, signed: bool = True) -> None:
        self.bits = bits
        self.signed = signed
        self.low = -(1 << (bits - 1)) if signed else 0
        self.high = self.low + (1 << bits) - 1
        self.enumerable = bits <= 8
        self.dtype = self.computed_in = f"int{bits}" if signed else f"uint{bits}"

    def fit(self, exact: int) -> int:
        """Bring an exact result into the range, as the hardware does."""
        raise NotImplementedError

    def constant(self, number: int | Fraction) -> int:
        """Return the constant, which must be whole and in range."""
        if number != int(number) or not self.low <= number <= self.high:
            raise NoElementError(f"{number} is not a value of {self.name}")
        return int(number)

    def operation(self, operator: str) -> Callable[..., int]:
        """Return the exact meaning of an operation, and then the result fitted into the range."""
        row, fit = row_of(operator), self.fit
        whole = row.whole
        if whole is None or row.grows is None:
            raise row.lacks("integers of fixed width")
        return whole if row.grows is Grows.NEVER else lambda *args: fit(whole(*args))

    def in_range(self, exact: Fraction) -> bool:
        """Say whether an exact result needs no fitting."""
        return self.low <= exact <= self.high

    @property
    def wider(self) -> _FixedWidth:
        """Return the signed integers of twice the width."""
        if self.bits > 32:
            raise UnsupportedError(f"{self.name} has no wider number system")
        return type(self)(2 * self.bits)

    def narrowed(self, x: Any) -> int:
        """Bring an element of the wider system into the range."""
        return self.fit(int(x))

    def exact_constant(self, operator: str) -> Fraction:
        """Return an end of the range."""
        if operator in ("largest", "smallest"):
            return Fraction(self.high if operator == "largest" else self.low)
        return super().exact_constant(operator)

    def simple_values(self) -> Sequence[int]:
        """Return small integers and the neighbourhood of both ends and of the middle."""
        middle = (self.low + self.high) // 2
        near = [0, 1, -1, 2, -2, 3, -3, self.high, self.low, self.high - 1, self.low + 1]
        near += [self.high // 2, self.low // 2, middle, middle + 1, 100, -100]
        return [v for v in dict.fromkeys(near) if self.low <= v <= self.high]

    def _any(self) -> SearchStrategy[int]:
        return _of_every_length(self.low, self.high)

    def all_elements(self) -> torch.Tensor:
        """Return the whole range."""
        import torch

        if not self.enumerable:
            return super().all_elements()
        return self.tensor(list(range(self.low, self.high + 1))).to(getattr(torch, str(self.dtype)))

    def encoder(self, script: Script) -> Encoder:
        """Return a bit-vector encoder."""
        return BitVectorEncoder(script, self)

    def decode(self, model: str) -> int:
        """Read ``#b…`` or ``#x…``."""
        unsigned = int(model[2:], 2 if model.startswith("#b") else 16)
        return unsigned - (1 << self.bits) if unsigned > self.high else unsigned


class WrapAround(_FixedWidth):
    """The integers of an int dtype: results are taken modulo 2^bits.

    Where torch does not compute in it, elements are held in another, ``held_in``, operations are
    exact in int64, and what they give is wrapped by hand.
    """

    def __init__(
        self, bits: int, signed: bool = True, *, held_in: str = "", like: str = ""
    ) -> None:
        super().__init__(bits, signed)
        self.name = str(self.dtype)
        self.like = like
        self.title = f"{bits}-bit {'signed' if signed else 'unsigned'} integers that wrap around"
        self.column = f"{'i' if signed else 'u'}\n{bits}"
        self.assumes = f"results are taken modulo 2^{bits}, as torch does"
        if held_in:
            self.dtype, self.computed_in = held_in, "int64"
            self.assumes = (
                f"results are taken modulo 2^{bits}, by hand: torch does not add {self.name}"
            )

    @property
    def at_once(self) -> NumberSystem | None:
        """Return the system of every width, signed or not as this one is."""
        return SYSTEMS.get("wraparound" if self.signed else "unsigned_wraparound")

    @property
    def replayed_on(self) -> str:
        """On what counterexamples are run again, in words."""
        if self.computed_in == self.dtype:
            return super().replayed_on
        return f"torch.{self.computed_in} tensors, wrapped to {self.bits} bits by hand"

    def tensor_narrowed(self, x: torch.Tensor) -> torch.Tensor:
        """Take a tensor of a wider dtype modulo 2^bits, as conversion to an int dtype does."""
        import torch

        if self.computed_in != self.dtype:
            exact = x.to(torch.int64)
            x = ((exact - self.low) & ((1 << self.bits) - 1)) + self.low
        return super().tensor_narrowed(x)

    def fit(self, exact: int) -> int:
        """Take the result modulo 2^bits."""
        return (exact - self.low) % (1 << self.bits) + self.low


class Saturating(_FixedWidth):
    """Integers whose results stop at the ends of the range, as in quantised kernels."""

    def __init__(self, bits: int) -> None:
        super().__init__(bits)
        self.name = f"saturating_int{bits}"
        self.title = f"{bits}-bit signed integers that saturate"
        self.column = f"sa\nt{bits}"
        self.assumes = "every single result is moved into the range, as saturating hardware does"
        self.computed_in = f"int{4 * bits}"

    def fit(self, exact: int) -> int:
        """Move the result into the range."""
        return min(max(exact, self.low), self.high)

    def tensor_narrowed(self, x: torch.Tensor) -> torch.Tensor:
        """Move a tensor of a wider dtype into the range."""
        return super().tensor_narrowed(x.clamp(self.low, self.high))


class BitVectorEncoder(Encoder):
    """Elements are bit-vectors; exact values are wider ones that provably cannot overflow."""

    def __init__(self, script: Script, system: _FixedWidth) -> None:
        super().__init__(script)
        self.system = system
        self.number_sort = f"(_ BitVec {system.bits})"
        self.number_theory, self.exact_theory = "bits", "wide_bits"
        self.wide_bits = 2 * system.bits + 8
        sign = "s" if system.signed else "u"
        self.orders = {"lt": f"bv{sign}lt", "le": f"bv{sign}le"}
        self.orders["shift"] = "bvashr" if system.signed else "bvlshr"
        self.words = self._constants(system.bits) | self.orders
        self.exact_sort = f"(_ BitVec {self.wide_bits})"
        # The range of every exact term written so far: it must fit the wider bit-vector.
        self.ranges: dict[str, tuple[int, int]] = {}

    def variable(self, name: str) -> str:
        """Declare a bit-vector."""
        return self.script.declare(name, self.number_sort)

    def _literal(self, value: int, bits: int) -> str:
        return f"#b{value % (1 << bits):0{bits}b}"

    def _constants(self, bits: int) -> dict[str, str]:
        numbers = {"zero": 0, "one": 1, "minus_one": -1}
        return {name: self._literal(number, bits) for name, number in numbers.items()}

    def _widen(self, x: str, bits: int) -> str:
        kind = "sign_extend" if self.system.signed else "zero_extend"
        return f"((_ {kind} {bits - self.system.bits}) {x})"

    def constant(self, leaf: Any) -> str:
        """Write the bits of an element."""
        return self._literal(self.system.constant(leaf), self.system.bits)

    def number(self, operator: str, args: Sequence[str]) -> str:
        """Write an operation that wraps, or one on twice the bits whose result saturates."""
        row = row_of(operator)
        if row.grows is Grows.NEVER or not isinstance(self.system, Saturating):
            return row.written("bits", args, self.words)
        wide = {name: self.widened(x) for name, x in self._constants(self.system.bits).items()}
        return self.narrowed(row.written("bits", [*map(self.widened, args)], wide | self.orders))

    def wider(self) -> Encoder:
        """Return an encoder of the wider integers."""
        return BitVectorEncoder(self.script, self.system.wider)

    def widened(self, x: str) -> str:
        """Write the same integer with twice the bits."""
        return self._widen(x, 2 * self.system.bits)

    def narrowed(self, x: str) -> str:
        """Write an integer of twice the bits, wrapped or saturated."""
        if isinstance(self.system, Saturating):
            bits = 2 * self.system.bits
            sort = f"(_ BitVec {bits})"
            wide = self.script.define(sort, x)
            low, high = (self._literal(end, bits) for end in (self.system.low, self.system.high))
            clamped = f"(ite (bvslt {wide} {low}) {low} (ite (bvsgt {wide} {high}) {high} {wide}))"
            x = self.script.define(sort, clamped)
        return f"((_ extract {self.system.bits - 1} 0) {x})"

    def exact(self, operator: str, args: Sequence[str], leaf: Any) -> str:
        """Write an operation on exact values, checking that the wide bit-vector holds it."""
        match operator, args:
            case "constant", ():
                low = high = int(leaf)
                if leaf != low:
                    raise UnsupportedError(f"{leaf} is not an integer")
                written = self._literal(low, self.wide_bits)
            case (("largest" | "smallest"), ()):
                low = high = int(self.system.exact_constant(operator))
                written = self._literal(high, self.wide_bits)
            case "value", (x,):
                low, high = self.system.low, self.system.high
                written = self._widen(x, self.wide_bits)
            case _:
                written, (low, high) = self._exact_operation(operator, args)
        limit = 1 << (self.wide_bits - 1)
        if low < -limit or high >= limit:
            raise UnsupportedError(f"an exact value may reach {high}, past {self.wide_bits} bits")
        name = self.script.define(self.exact_sort, written)
        self.ranges[name] = (low, high)
        return name

    def _exact_operation(self, operator: str, args: Sequence[str]) -> tuple[str, tuple[int, int]]:
        """Write an operation, with the range of its results by that of its arguments."""
        ranges = [self.ranges[arg] for arg in args if arg in self.ranges]
        if len(ranges) < len(args):
            raise UnsupportedError(f"exact {operator} of a term whose range is unknown")
        row = row_of(operator)
        written = row.written("wide_bits", args, self._constants(self.wide_bits))
        ends = [{low, high, min(max(low, 0), high)} for low, high in ranges]
        assert row.whole is not None
        results = [row.whole(*corner) for corner in product(*ends)]
        return written, (min(results), max(results))

    def predicate(self, operator: str, operation: str, args: Sequence[str]) -> str:
        """Compare the exact sum or difference with the range."""
        if operator == "finite":
            return "true"
        values = [self.exact("value", (arg,), None) for arg in args]
        result = self.exact(operation, values, None)
        low, high = (
            self._literal(end, self.wide_bits) for end in (self.system.low, self.system.high)
        )
        return f"(and (bvsle {low} {result}) (bvsle {result} {high}))"


class AnyWidth(NumberSystem):
    """Wrap-around integers of all widths at once: −H … H − 1, or unsigned 0 … 2H − 1, for H ≥ 1.

    An element is an ``int``; the bound H is a hidden variable of every obligation. Sums and
    differences of two elements leave the range by less than one turn, so wrapping adds or
    subtracts 2H at most once, which keeps the encoding linear.
    """

    logic = "QF_LIA"
    whole = True

    def __init__(self, bound: int = 4, *, signed: bool = True) -> None:
        self.bound, self.signed = bound, signed
        self.low, self.high = (-bound, bound - 1) if signed else (0, 2 * bound - 1)
        self.name = "wraparound" if signed else "unsigned_wraparound"
        self.title = f"{'signed' if signed else 'unsigned'} wrap-around integers of every width"
        self.column = "in\ntN" if signed else "u\nN"
        self.like = "" if signed else "uint8"
        into = "[−H, H)" if signed else "[0, 2H)"
        self.assumes = f"results are taken modulo 2H into {into}, H ≥ 1; H = 2^(w−1) gives w bits"

    def fit(self, exact: int) -> int:
        """Take the result modulo 2H."""
        return (exact - self.low) % (2 * self.bound) + self.low

    def constant(self, number: int | Fraction) -> int:
        """Only 0 is an element whatever the width and, without signs, 1."""
        if number != 0 and (self.signed or number != 1):
            raise UnsupportedError(f"{number} is not a value of every width")
        return int(number)

    def operation(self, operator: str) -> Callable[..., int]:
        """Return the exact meaning of an operation, and then the result wrapped."""
        row, fit = row_of(operator), self.fit
        whole = row.whole
        if whole is None or row.grows not in (Grows.NEVER, Grows.ONCE):
            raise row.lacks("integers of every width")
        return lambda *args: fit(whole(*args))

    def in_range(self, exact: Fraction) -> bool:
        """Say whether an exact result needs no wrapping."""
        return self.low <= exact <= self.high

    def exact_constant(self, operator: str) -> Fraction:
        """Return an end of the range."""
        if operator in ("largest", "smallest"):
            return Fraction(self.high if operator == "largest" else self.low)
        return super().exact_constant(operator)

    def simple_values(self) -> Sequence[int]:
        """Return the elements near zero and near both ends."""
        ends = (self.high, self.low, self.high - 1, self.low + 1)
        halves = (self.bound // 2, -self.bound // 2, self.bound, self.bound - 1)
        near = [0, 1, -1, 2, -2, 3, -3, *ends, *halves]
        return [v for v in dict.fromkeys(near) if self.low <= v <= self.high]

    def instances(self) -> Sequence[NumberSystem]:
        """Return bounds of no, one and several bits, and one between powers of two."""
        return [AnyWidth(bound, signed=self.signed) for bound in (1, 2, 3, 4, 8, 128, 2**31)]

    def _any(self) -> SearchStrategy[int]:
        return _of_every_length(self.low, self.high)

    def instance(self, model: Mapping[str, str]) -> NumberSystem:
        """Return the system with the bound H that a model chose."""
        return AnyWidth(self.decode(model["H"]), signed=self.signed)

    def encoder(self, script: Script) -> Encoder:
        """Return an encoder over Int with a symbolic bound."""
        return AnyWidthEncoder(script, self)

    def decode(self, model: str) -> int:
        """Read an integer model value."""
        return int(parse_numeral(model))


class AnyWidthEncoder(Encoder):
    """Elements are Ints from the least to below the end; every operation wraps at most once."""

    number_sort = exact_sort = "Int"
    number_theory = exact_theory = "integer"
    words = INTEGER_WORDS

    def __init__(self, script: Script, system: AnyWidth) -> None:
        super().__init__(script)
        self.system = system
        self.bound = script.declare("H", "Int")
        script.require("(>= H 1)", "half the number of values; 2^(w-1) for width w")
        self.low, self.end = ("(- H)", "H") if system.signed else ("0", "(* 2 H)")

    def variable(self, name: str) -> str:
        """Declare an Int in the range."""
        self.script.declare(name, "Int")
        self.script.require(self._within(name))
        return name

    def _within(self, x: str) -> str:
        return f"(and (<= {self.low} {x}) (< {x} {self.end}))"

    def constant(self, leaf: Any) -> str:
        """Write 0 or, without signs, 1."""
        return numeral(self.system.constant(leaf), real=False)

    def number(self, operator: str, args: Sequence[str]) -> str:
        """Write the exact operation and wrap its result."""
        row = row_of(operator)
        if row.grows not in (Grows.NEVER, Grows.ONCE):
            raise row.lacks("integers of every width")
        written = super().number(operator, args)
        if row.grows is Grows.NEVER:
            return written
        exact = self.script.define("Int", written)
        return (
            f"(ite (>= {exact} {self.end}) (- {exact} (* 2 H)) "
            f"(ite (< {exact} {self.low}) (+ {exact} (* 2 H)) {exact}))"
        )

    def exact(self, operator: str, args: Sequence[str], leaf: Any) -> str:
        """Write an operation on exact values, which need no wrapping."""
        if operator == "value":
            return args[0]
        if operator in ("largest", "smallest"):
            return f"(- {self.end} 1)" if operator == "largest" else self.low
        if operator == "constant":
            return numeral(leaf, real=False)
        return super().number(operator, args)

    def predicate(self, operator: str, operation: str, args: Sequence[str]) -> str:
        """Compare the exact sum or difference with the range."""
        if operator == "finite":
            return "true"
        return self._within(super().number(operation, args))


#: Results modulo a power of two: every signed width at once, and the int dtypes of torch.
WRAPPING = register(
    AnyWidth(), *(WrapAround(bits) for bits in (8, 16, 32, 64)), WrapAround(8, signed=False)
)
#: Every unsigned width at once: there for the asking, and what is proved in it holds in each.
register(AnyWidth(8, signed=False))
#: Results moved into the range.
SATURATING = register(Saturating(8))
#: Integers of fixed width.
INTEGERS = WRAPPING + SATURATING
