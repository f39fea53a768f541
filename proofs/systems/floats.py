"""Floating-point formats: IEEE's, the 8-bit ones of deep learning, and all of them at once.

A :class:`FloatFormat` rounds every single operation to nearest, ties to even, as tensors do. Its
exact face rounds fractions by its own few lines, so that torch's and the solvers' rounding have
something to be checked against. :class:`AnyFormat` is the rounding axiom alone: what is proved
there holds in every format with gradual underflow, as long as nothing overflows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from proofs.operators import Rounds
from proofs.operators import operator as row_of
from proofs.systems.exact import REAL_WORDS, numeral, parse_numeral
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

Rounding = Callable[[Fraction], float]


def floor_log2(value: Fraction) -> int:
    """Return ⌊log₂ value⌋ of a positive fraction.

    >>> floor_log2(Fraction(1, 3)), floor_log2(Fraction(8))
    (-2, 3)
    """
    numerator, denominator = value.numerator, value.denominator
    estimate = numerator.bit_length() - denominator.bit_length()
    if estimate >= 0:
        return estimate if denominator << estimate <= numerator else estimate - 1
    return estimate if denominator <= numerator << -estimate else estimate - 1


def _steps(exact: Fraction, exponent: int) -> tuple[int, int, int]:
    """Return how many whole steps of 2^exponent there are in a fraction, what is left, of what."""
    numerator, denominator = exact.numerator, exact.denominator
    if exponent >= 0:
        denominator <<= exponent
    else:
        numerator <<= -exponent
    return *divmod(numerator, denominator), denominator


def _to_even(exact: Fraction, exponent: int) -> int:
    """Return how many steps of 2^exponent are nearest to a fraction; ties go to even."""
    steps, left, whole = _steps(exact, exponent)
    return steps + (2 * left > whole or (2 * left == whole and steps % 2))


def _times_power(steps: int, exponent: int) -> Fraction:
    return Fraction(steps << exponent) if exponent >= 0 else Fraction(steps, 1 << -exponent)


class _Floats(NumberSystem):
    """What every float format shares: IEEE's special values around a rounding of fractions."""

    precision: int

    def rounded(self, exact: Fraction) -> Any:
        """Round a non-zero exact result to the format."""
        raise NotImplementedError

    def constant(self, number: int | Fraction) -> float:
        """Return the constant, which must be in the format."""
        try:
            x = float(number)
        except OverflowError:
            x = math.inf
        if number != 0 and (not math.isfinite(x) or self.rounded(Fraction(number)) != number):
            raise NoElementError(f"{number} is not a value of {self.name}")
        return x

    def operation(self, operator: str) -> Callable[..., float]:
        """Return an operation that rounds once; NaN and infinities behave as in IEEE 754."""
        row, rounded = row_of(operator), self.rounded
        native, meaning = row.native, row.meaning
        if native is None or meaning is None:
            raise row.lacks("floats")
        if row.rounds is Rounds.NEVER:
            return lambda *args: float(native(*args))

        def compute(*args: float) -> float:
            if not all(map(math.isfinite, args)):
                return native(*args)
            exact = meaning(*map(Fraction, args))
            # An exact zero keeps the sign that IEEE's own rules, built into Python, give it.
            return native(*args) if exact == 0 else float(rounded(exact))

        return compute

    def equal(self, left: Any, right: Any) -> bool:
        """Compare numbers; NaN equals NaN, and zeros of both signs are the same number."""
        return bool(left == right or (math.isnan(left) and math.isnan(right)))

    def finite(self, x: Any) -> bool:
        """Say whether ``x`` is a number, not NaN and not infinite."""
        return math.isfinite(x)

    def exact_value(self, x: Any) -> Fraction | None:
        """Return the number as a fraction, ``None`` for NaN and infinities."""
        return Fraction(x) if math.isfinite(x) else None

    def exact_constant(self, operator: str) -> Fraction:
        """Return u = 2^−p."""
        if operator == "unit_roundoff":
            return Fraction(1, 1 << self.precision)
        return super().exact_constant(operator)


class FloatFormat(_Floats):
    """A binary format with ``exponent_bits`` and ``precision`` significant bits, the hidden one in.

    With ``infinities=False`` (``float8_e4m3fn``) the top exponent holds numbers too, NaN is one
    bit pattern, and a result past the largest number becomes the largest number.
    """

    bits: int

    def __init__(
        self, name: str, exponent_bits: int, precision: int, *, infinities: bool = True
    ) -> None:
        self.name = self.dtype = name
        self.exponent_bits = exponent_bits
        self.precision = precision
        self.infinities = infinities
        self.bits = exponent_bits + precision
        self.enumerable = self.bits <= 8
        # float32 has more than twice the precision of 8 bits, so rounding twice rounds as once.
        self.computed_in = "float32" if self.bits <= 8 else self.dtype
        self.column = f"{name.partition('loat')[0]}\n{self.bits}"
        if self.bits <= 8:
            self.column = f"e{exponent_bits}\nm{precision - 1}"
        self.bias = (1 << (exponent_bits - 1)) - 1
        self.least_exponent = 1 - self.bias
        top_exponent = self.bias if infinities else self.bias + 1
        spoilt = 1 if infinities else 2  # the last significand of the top exponent is NaN
        self.greatest: Fraction = (
            Fraction(2**precision - spoilt, 2 ** (precision - 1)) * Fraction(2) ** top_exponent
        )
        self._top = floor_log2(self.greatest)
        self.tiniest = Fraction(2) ** (self.least_exponent - precision + 1)
        self.title = f"{name}: {precision} significant and {exponent_bits} exponent bits"
        self.assumes = "every operation rounds to nearest, ties to even; NaN propagates" + (
            "" if infinities else "; past the largest number results saturate"
        )
        self.logic = "QF_FP" if infinities else None

    @property
    def at_once(self) -> NumberSystem | None:
        """Return the system of every binary format, with infinities or with saturation."""
        return SYSTEMS.get("binary" if self.infinities else "saturating_binary")

    def _last_place(self, exact: Fraction) -> int:
        """Return the exponent of the gap between floats in the binade of ``exact``."""
        least = self.least_exponent
        exponent = max(floor_log2(abs(exact)), least) if exact else least
        return exponent - self.precision + 1

    def _on_grid(self, exact: Fraction) -> Fraction:
        place = self._last_place(exact)
        return _times_power(_to_even(exact, place), place)

    def ulp(self, x: Any) -> Fraction | None:
        """Return the gap between floats in the binade of ``x``; of zero and subnormals the least.

        >>> FloatFormat("float16", exponent_bits=5, precision=11).ulp(1.5)
        Fraction(1, 1024)
        """
        return Fraction(2) ** self._last_place(Fraction(x)) if math.isfinite(x) else None

    def rounded(self, exact: Fraction) -> float:
        """Round to nearest, ties to even; overflow to infinity or to the largest number."""
        place = self._last_place(exact)
        steps = _to_even(exact, place)
        if (
            place + steps.bit_length() <= self._top
            or _times_power(abs(steps), place) <= self.greatest
        ):
            return math.ldexp(steps, place)
        beyond = math.inf if self.infinities else float(self.greatest)
        return beyond if exact > 0 else -beyond

    def unbounded(self, exact: Fraction) -> Fraction:
        """Round as the format would if no exponent were too large for it."""
        return self._on_grid(exact)

    def in_range(self, exact: Fraction) -> bool:
        """Say whether an exact result rounds to a finite number, without saturation."""
        return exact == 0 or abs(self._on_grid(exact)) <= self.greatest

    @property
    def wider(self) -> FloatFormat:
        """Return float32 for the formats of up to 16 bits, float64 for float32."""
        if self.bits <= 16:
            return FloatFormat("float32", exponent_bits=8, precision=24)
        if self.bits <= 32:
            return FloatFormat("float64", exponent_bits=11, precision=53)
        raise UnsupportedError(f"{self.name} has no wider number system")

    def narrowed(self, x: Any) -> float:
        """Round an element of the wider format; NaN and infinities stay what they are."""
        return float(self.rounded(Fraction(x))) if x and math.isfinite(x) else float(x)

    def exact_constant(self, operator: str) -> Fraction:
        """Return u, or an end of the finite range."""
        if operator in ("largest", "smallest"):
            return self.greatest if operator == "largest" else -self.greatest
        return super().exact_constant(operator)

    def simple_values(self) -> Sequence[float]:
        """Return small numbers, neighbours of 1, extremes, subnormals, then infinities and NaN."""
        ulp = Fraction(1, 1 << (self.precision - 1))
        big, tiny = self.greatest, self.tiniest
        normal = Fraction(2) ** self.least_exponent
        positive = [Fraction(v) for v in (1, 2, 3, 4, 5, 7, 8)] + [Fraction(1, 2), 1 + ulp]
        positive += [1 - ulp / 2, 2 / ulp, 2 / ulp - 1, Fraction(3, 2), ulp, ulp / 2, ulp / 4]
        positive += [Fraction(self._on_grid(Fraction(1, 10))), big, big / 2, tiny, 2 * tiny, normal]
        # The last pair of these with ``big`` overflows on the way back from a − b.
        last_gap = big - self._on_grid(big * (1 - ulp / 2))
        positive += [normal - tiny, normal + tiny, big - last_gap, 3 * last_gap / 2]
        kept = [v for v in dict.fromkeys(positive) if v <= big and self._on_grid(v) == v]
        values = [0.0] + [sign * float(v) for v in kept for sign in (1, -1)] + [-0.0]
        return values + ([math.inf, -math.inf] if self.infinities else []) + [math.nan]

    def _any(self) -> SearchStrategy[float]:
        from hypothesis import strategies as st

        return st.integers(0, (1 << self.bits) - 1).map(self.from_bits)

    # -- the tensor face -----------------------------------------------------------------------

    def tensor_narrowed(self, x: torch.Tensor) -> torch.Tensor:
        """Round a tensor of a wider format into this one.

        The clamp says in torch's terms what the format does past its largest number, whatever the
        version.
        """
        if not self.infinities:
            x = x.clamp(-float(self.greatest), float(self.greatest))
        return super().tensor_narrowed(x)

    def tensor_ulp(self, x: torch.Tensor) -> torch.Tensor:
        """Return the units in the last place of a tensor as float64, NaN where there is none."""
        import torch

        wide = x.to(torch.float64)
        exponents = torch.frexp(wide).exponent.to(torch.float64) - 1
        lowest = float(self.least_exponent)
        exponents = torch.where(wide == 0, lowest, exponents).clamp(min=lowest)
        # Two factors, for the least float64 is beyond the range of a power of two taken at once.
        gaps = torch.exp2(exponents) * 2.0 ** (1 - self.precision)
        return torch.where(wide.isfinite(), gaps, math.nan)

    def tensor_equal(self, left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
        """Compare numbers; NaN equals NaN."""
        left, right = self._comparable(left), self._comparable(right)
        return (left == right) | (left.isnan() & right.isnan())

    def tensor_relation(
        self, operator: str, left: torch.Tensor, right: torch.Tensor
    ) -> torch.Tensor:
        """Compare; false if either is NaN."""
        return super().tensor_relation(operator, self._comparable(left), self._comparable(right))

    def tensor_finite(self, x: torch.Tensor) -> torch.Tensor:
        """Say where a tensor is neither NaN nor infinite."""
        return self._comparable(x).isfinite()

    def _comparable(self, x: torch.Tensor) -> torch.Tensor:
        import torch

        return x.to(torch.float32) if self.bits <= 8 else x

    def elements(self, x: torch.Tensor) -> list[Any]:
        """Return the elements as Python floats, which hold every format exactly."""
        import torch

        return list(x.flatten().to(torch.float64).tolist())

    def all_elements(self) -> torch.Tensor:
        """Return every bit pattern of an 8-bit format."""
        import torch

        if not self.enumerable:
            return super().all_elements()
        return torch.arange(256, dtype=torch.uint8).view(getattr(torch, self.name))

    # -- the solver's face ---------------------------------------------------------------------

    def encoder(self, script: Script) -> Encoder:
        """Return an encoder over SMT-LIB's floating-point theory."""
        if not self.infinities:
            raise UnsupportedError(f"{self.name} is not a format of SMT-LIB's theory")
        return FloatEncoder(script, self)

    @cached_property
    def words(self) -> dict[str, str]:
        """What templates may name of the format's floats."""
        zero = f"(_ +zero {self.exponent_bits} {self.precision})"
        numbers = {"one": 1.0, "minus_one": -1.0, "half": 0.5}
        return {"zero": zero, **{name: self.literal(x) for name, x in numbers.items()}}

    def literal(self, x: float) -> str:
        """Write a finite element as SMT-LIB bits."""
        sign = math.copysign(1.0, x) < 0
        magnitude = abs(Fraction(x))
        exponent = max(floor_log2(magnitude), self.least_exponent) if magnitude else 0
        stored = self.bits - self.exponent_bits - 1
        significand = magnitude / Fraction(2) ** (exponent - stored)
        normal = magnitude != 0 and significand >= 1 << stored
        biased = exponent + self.bias if normal else 0
        fraction = int(significand) - ((1 << stored) if normal else 0)
        return f"(fp #b{int(sign)} #b{biased:0{self.exponent_bits}b} #b{fraction:0{stored}b})"

    def decode(self, model: str) -> float:
        """Read ``(fp …)``, ``(_ +oo …)``, ``(_ -zero …)`` or ``(_ NaN …)``."""
        special = re.match(r"\(_ (NaN|[+-](?:oo|zero))", model)
        if special:
            return {
                "NaN": math.nan, "+oo": math.inf, "-oo": -math.inf, "+zero": 0.0, "-zero": -0.0
            }[special[1]]  # fmt: skip
        parts = re.findall(r"#([bx])([0-9a-f]+)", model)
        sign, biased, fraction = (int(bits, 2 if base == "b" else 16) for base, bits in parts)
        stored = self.precision - 1
        return self.from_bits((sign << (self.bits - 1)) | (biased << stored) | fraction)

    def from_bits(self, pattern: int) -> float:
        """Return the element with this bit pattern.

        >>> FloatFormat("float16", exponent_bits=5, precision=11).from_bits(0x7BFF)
        65504.0
        """
        stored = self.precision - 1
        negative, rest = divmod(pattern, 1 << (self.bits - 1))
        biased, fraction = divmod(rest, 1 << stored)
        special = biased == (1 << self.exponent_bits) - 1
        if special and self.infinities:
            magnitude = math.nan if fraction else math.inf
        elif special and fraction == (1 << stored) - 1:
            magnitude = math.nan
        else:
            significand = fraction + ((1 << stored) if biased else 0)
            exponent = max(biased, 1) - self.bias - stored
            magnitude = math.ldexp(significand, exponent)
        return -magnitude if negative else magnitude

    def show(self, x: Any) -> str:
        """Write a float in decimal, short enough to read and long enough to be unique."""
        return repr(float(x))


class FloatEncoder(Encoder):
    """Elements are SMT-LIB floats; max and min are written out, never ``fp.max`` or ``fp.min``.

    SMT-LIB leaves those two unspecified at zeros of both signs. Exact values live in a format
    with a wider exponent, where doubling and halving are exact; other exact arithmetic is not
    encoded.
    """

    def __init__(self, script: Script, system: FloatFormat) -> None:
        super().__init__(script)
        self.system = system
        e, p = system.exponent_bits, system.precision
        self.number_sort = f"(_ FloatingPoint {e} {p})"
        self.exact_sort = f"(_ FloatingPoint {e + 2} {p})"
        self.number_theory, self.exact_theory = "floats", "wide_floats"
        self.words = system.words

    def variable(self, name: str) -> str:
        """Declare a float; NaN and infinities included."""
        return self.script.declare(name, self.number_sort)

    def constant(self, leaf: Any) -> str:
        """Write the bits of an element."""
        return self.system.literal(self.system.constant(leaf))

    def wider(self) -> Encoder:
        """Return an encoder of the wider format."""
        return FloatEncoder(self.script, self.system.wider)

    def widened(self, x: str) -> str:
        """Write the same number in the wider format, which holds it."""
        wide = self.system.wider
        return f"((_ to_fp {wide.exponent_bits} {wide.precision}) RNE {x})"

    def narrowed(self, x: str) -> str:
        """Write a number of the wider format, rounded."""
        return f"((_ to_fp {self.system.exponent_bits} {self.system.precision}) RNE {x})"

    def exact(self, operator: str, args: Sequence[str], leaf: Any) -> str:
        """Write values scaled by powers of two, which a wider exponent holds exactly."""
        e, p = self.system.exponent_bits + 2, self.system.precision
        match operator, args:
            case "value", (x,):
                return f"((_ to_fp {e} {p}) RNE {x})"
            case "constant", () if leaf in (2, Fraction(1, 2)):
                return FloatFormat("wide", e, p).literal(float(leaf))
            case "mul", (x, y):
                powers = [FloatFormat("wide", e, p).literal(v) for v in (2.0, 0.5)]
                if x in powers or y in powers:
                    return f"(fp.mul RNE {x} {y})"
        raise UnsupportedError(f"exact {operator}")

    @staticmethod
    def _finite(*values: str) -> str:
        return " ".join(f"(not (fp.isNaN {x})) (not (fp.isInfinite {x}))" for x in values)

    def predicate(self, operator: str, operation: str, args: Sequence[str]) -> str:
        """Write exactness as "rounding up and rounding down agree"."""
        are_finite = self._finite(*args)
        if operator == "finite":
            return f"(and {are_finite})"
        x, y = args
        if operator == "in_range":
            return f"(and {are_finite} (not (fp.isInfinite (fp.{operation} RNE {x} {y}))))"
        return (
            f"(and {are_finite} (fp.eq (fp.{operation} RTP {x} {y}) (fp.{operation} RTN {x} {y})))"
        )


class AnyFormat(_Floats):
    """Every float format at once, as long as nothing overflows.

    Known of the rounding fl is only this: fl(x) is a float, no float is closer to x than fl(x),
    and for sums and differences |fl(x) − x| ≤ u/(1+u)·|x|. Zero is a float and so is the negative
    of one. Any radix, precision, exponent range and tie rule satisfies it, if underflow is
    gradual; formats that flush subnormal results to zero violate it. The relative bound is for
    sums, whose subnormal results are exact (Higham, *Accuracy and Stability*, problem 2.19 and
    Jeannerod & Rump 2018 for u/(1+u)). Each of these is proved of Flocq's rounding in
    ``rounding_axioms.v``.

    Where numbers are needed, an element of the format with this ``precision`` and an unbounded
    exponent stands for all.
    """

    name = "rounding"
    title = "every float format with gradual underflow, without overflow"
    column = "fl\ntN"
    assumes = (
        "rounding to nearest with any tie rule, gradual underflow, no overflow; "
        "sums with |δ| ≤ u/(1+u)"
    )
    logic = "QF_NRA"
    decided_by_models = False

    def __init__(self, precision: int = 3, ties_away: bool = False) -> None:
        self.precision = precision
        self.ties_away = ties_away

    def rounded(self, exact: Fraction) -> float:
        """Round to ``precision`` bits; ties go to even or away from zero."""
        place = floor_log2(abs(exact)) - self.precision + 1
        if self.ties_away:
            steps, left, whole = _steps(abs(exact), place)
            nearest = steps + (2 * left >= whole)
            return math.ldexp(nearest if exact > 0 else -nearest, place)
        return math.ldexp(_to_even(exact, place), place)

    def simple_values(self) -> Sequence[float]:
        """Return 0 and the floats of a few binades."""
        least = 1 << (self.precision - 1)
        steps = range(least, 2 * least, max(1, least // 4))
        positive = sorted(float(m * Fraction(2) ** e) for m in steps for e in range(-6, 2))
        return [0.0] + [sign * v for v in positive for sign in (1, -1)]

    def instances(self) -> Sequence[NumberSystem]:
        """Return several precisions with both tie rules."""
        return [AnyFormat(p, ties_away=away) for p in (1, 2, 3, 5, 8) for away in (False, True)]

    def _any(self) -> SearchStrategy[float]:
        from hypothesis import strategies as st

        significands = st.integers(-(1 << self.precision), 1 << self.precision)
        return st.builds(math.ldexp, significands, st.integers(-6, 6))

    def encoder(self, script: Script) -> Encoder:
        """Return an encoder over Real with the rounding axiom."""
        return AxiomEncoder(script)

    def decode(self, model: str) -> float:
        """Read a model value; such a model need not be a number of any one format."""
        return float(parse_numeral(model))


class AxiomEncoder(Encoder):
    """Elements are Reals known to be floats; each rounded result is a new one.

    The axiom quantifies over all floats. It is instantiated for every float that occurs in the
    obligation, its negative, and zero: using fewer instances can only prove less.
    """

    number_sort = exact_sort = "Real"
    number_theory = exact_theory = "real"
    words = REAL_WORDS

    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self.floats: list[str] = []
        self.roundings: dict[str, str] = {}
        self.unit = ""

    def variable(self, name: str) -> str:
        """Declare a Real that is known to be a float."""
        self.floats.append(name)
        return self.script.declare(name, "Real")

    def _unit_roundoff(self) -> str:
        if not self.unit:
            self.unit = self.script.declare("u", "Real")
            self.script.require("(and (< 0.0 u) (<= u (/ 1.0 2.0)))", "unit roundoff")
        return self.unit

    def constant(self, leaf: Any) -> str:
        """Write 0."""
        if leaf != 0:
            raise UnsupportedError(f"{leaf} is not a float of every format")
        return numeral(leaf, real=True)

    def number(self, operator: str, args: Sequence[str]) -> str:
        """Write an operation; sums and differences are rounded, the rest is exact."""
        row = row_of(operator)
        if row.rounds is Rounds.ALWAYS:
            raise UnsupportedError(f"rounded {operator}")
        written = row.written("real", args, {"zero": self.words["zero"]})
        if row.rounds is Rounds.NEVER:
            return written
        exact = self.script.define("Real", written)
        if exact not in self.roundings:
            name = self.script.declare(f"fl{len(self.roundings) + 1}", "Real")
            self.roundings[exact] = name
            self.floats.append(name)
        return self.roundings[exact]

    def exact(self, operator: str, args: Sequence[str], leaf: Any) -> str:
        """Write an operation on exact values."""
        if operator == "value":
            return args[0]
        if operator == "unit_roundoff":
            return self._unit_roundoff()
        if operator in ("largest", "smallest"):
            raise UnsupportedError(f"no format has a {operator} number here")
        if operator == "constant":
            return numeral(leaf, real=True)
        return super().number(operator, args)

    def predicate(self, operator: str, operation: str, args: Sequence[str]) -> str:
        """Exact means that rounding changes nothing; the rest is assumed."""
        if operator != "exact":
            return "true"
        rounded = self.number(operation, args)
        exact = next(e for e, name in self.roundings.items() if name == rounded)
        return f"(= {rounded} {exact})"

    def finish(self) -> None:
        """Assert the axiom for every rounding and every float met."""
        unit = self._unit_roundoff()
        for exact, rounded in self.roundings.items():
            error = self.script.define("Real", self._magnitude(f"(- {rounded} {exact})"))
            for other in ("0.0", *(z for name in self.floats for z in (name, f"(- {name})"))):
                if other != rounded:
                    closeness = self._magnitude(f"(- {other} {exact})")
                    self.script.require(f"(<= {error} {closeness})", f"no float beats {rounded}")
            size = self._magnitude(exact)
            self.script.require(
                f"(<= (* (+ 1.0 {unit}) {error}) (* {unit} {size}))", f"relative error of {rounded}"
            )

    @staticmethod
    def _magnitude(x: str) -> str:
        return f"(ite (>= {x} 0.0) {x} (- {x}))"


ROUNDING = register(AnyFormat())
#: The formats that torch holds and does not compute in.
FLOAT8 = register(
    FloatFormat("float8_e4m3fn", exponent_bits=4, precision=4, infinities=False),
    FloatFormat("float8_e5m2", exponent_bits=5, precision=3),
)
#: The formats that torch computes in.
NATIVE_FLOATS = register(
    FloatFormat("float16", exponent_bits=5, precision=11),
    FloatFormat("bfloat16", exponent_bits=8, precision=8),
    FloatFormat("float32", exponent_bits=8, precision=24),
    FloatFormat("float64", exponent_bits=11, precision=53),
)
#: Those of 16 bits, of which all pairs can be swept.
FLOAT16 = NATIVE_FLOATS[:2]
#: The float formats of torch.
FLOATS = FLOAT8 + NATIVE_FLOATS
#: Those with infinities, as IEEE 754 has them.
IEEE = FLOATS[1:]
