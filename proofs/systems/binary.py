"""Every binary float format at once, with overflow, infinities and NaN inside.

An element is NaN or a number, and a number beyond the largest one, Ω, is an infinity. A sum or
difference has an exact result x; a format whose exponent had no upper end would make fl(x) of it,
and what lies beyond Ω is infinite, or Ω itself where results saturate. Of fl solvers know the
axioms of :mod:`proofs.systems.axioms` and no more, of Ω that it and its half are floats, of u that
it is at most 1/4. So what is proved here holds in float16, bfloat16, float32, float64 and
float8_e5m2 as it is written, and in float8_e4m3fn what is proved with saturation.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import permutations, product
from typing import TYPE_CHECKING, Any

from proofs.operators import Rounds
from proofs.operators import operator as row_of
from proofs.systems import axioms
from proofs.systems.axioms import Axiom, quantity
from proofs.systems.exact import REAL_WORDS, numeral, parse_numeral
from proofs.systems.floats import FloatFormat, _Floats
from proofs.systems.number_system import (
    Encoder,
    NoElementError,
    NumberSystem,
    Script,
    UnsupportedError,
    register,
)
from proofs.terms import Sort, Term

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


#: Beside how many sums products of u and a float are compared with what floats differ by.
FEW_SUMS = 2


class AnyBinaryFormat(_Floats):
    """All binary formats with gradual underflow, ties to even, and p ≥ 2 significant bits.

    Where numbers are needed, the format of so many bits stands for all.
    """

    logic = "QF_NRA"
    decided_by_models = False

    def __init__(
        self, exponent_bits: int = 4, precision: int = 3, *, infinities: bool = True
    ) -> None:
        self.infinities = infinities
        self.name = "binary" if infinities else "saturating_binary"
        self.like = "" if infinities else "float8_e4m3fn"
        self.column = "bi\nnN" if infinities else "sa\nbN"
        past = "past the largest number " + ("is infinity" if infinities else "results saturate")
        self.title = f"every binary float format with gradual underflow; {past}"
        self.assumes = f"rounding to nearest, ties to even; gradual underflow; {past}"
        self.precision = precision
        self.one = FloatFormat(self.name, exponent_bits, precision, infinities=infinities)

    def rounded(self, exact: Fraction) -> float:
        """Round as the format that stands for all."""
        return self.one.rounded(exact)

    def constant(self, number: int | Fraction) -> float:
        """Only 0 is an element whatever the format."""
        if number != 0:
            raise NoElementError(f"{number} is not a float of every format")
        return 0.0

    def in_range(self, exact: Fraction) -> bool:
        """Say whether an exact result rounds to a finite number, without saturation."""
        return self.one.in_range(exact)

    def ulp(self, x: Any) -> Fraction | None:
        """Return the gap between floats in the binade of ``x``."""
        return self.one.ulp(x)

    def exact_constant(self, operator: str) -> Fraction:
        """Return u, or an end of the finite range."""
        return self.one.exact_constant(operator)

    def simple_values(self) -> Sequence[float]:
        """Return telling floats, the simplest first, then infinities and NaN."""
        return self.one.simple_values()

    def _any(self) -> SearchStrategy[float]:
        return self.one._any()

    def instances(self) -> Sequence[NumberSystem]:
        """Return formats of few bits."""
        sizes = ((3, 2), (4, 3), (3, 4), (5, 5), (6, 8))
        return [AnyBinaryFormat(e, p, infinities=self.infinities) for e, p in sizes]

    def encoder(self, script: Script) -> Encoder:
        """Return an encoder over Real with the axioms of rounding."""
        return BinaryEncoder(script, self)

    def taken_for_granted(self, script: str) -> tuple[str, ...]:
        """Return in words the axioms that a script asserts of some numbers."""
        return tuple(axiom.says for axiom in axioms.AXIOMS if f"; {axiom.says}: " in script)

    def decode(self, model: str) -> float:
        """Read a model value; such a model need not be a number of any one format."""
        return float(parse_numeral(model))


class _Element(str):
    """An element: the name of a Real, beyond Ω if it is infinite, and when it is NaN instead."""

    nan: str

    def __new__(cls, value: str, nan: str) -> _Element:
        one = super().__new__(cls, value)
        one.nan = nan
        return one


class _Exact(str):
    """An exact value: the name of a Real, and when there is one."""

    defined: tuple[str, ...]

    def __new__(cls, value: str, *defined: str) -> _Exact:
        one = super().__new__(cls, value)
        one.defined = defined
        return one


@dataclass(frozen=True)
class _Rounding:
    """An exact result and the float that is made of it; of a sum also its operands."""

    exact: str
    rounded: str
    operands: tuple[str, ...] = ()


class BinaryEncoder(Encoder):
    """Elements are Reals with a flag; each rounded result is a new Real.

    The axioms quantify over all floats. They are instantiated for those that occur in the
    obligation, for Ω and for zero: using fewer instances can only prove less.
    """

    number_sort = exact_sort = "Real"
    number_theory = exact_theory = "real"

    def __init__(self, script: Script, system: AnyBinaryFormat) -> None:
        super().__init__(script)
        self.words = {name: REAL_WORDS[name] for name in ("zero", "two")}
        self.system = system
        #: The names of what is known to be a float, and every rounding by its exact result.
        self.floats: list[str] = []
        self.roundings: dict[str, _Rounding] = {}
        self.unit = ""
        self.ulps: dict[str, str] = {}
        self.linear = True
        self.top = script.declare("MAX", "Real")
        self.bottom = script.define("Real", f"(- {self.top})")
        script.require(f"(> {self.top} 0.0)", "the largest finite number")

    def variable(self, name: str) -> str:
        """Declare a float and whether it is NaN instead."""
        self.floats.append(self.script.declare(name, "Real"))
        nan = self.script.declare(f"{name}_is_nan", "Bool")
        if not self.system.infinities:
            self.script.require(self._finite(name))
        return _Element(name, nan)

    def constant(self, leaf: Any) -> str:
        """Write 0."""
        return _Element(numeral(Fraction(self.system.constant(leaf)), real=True), "false")

    def _named(self, value: str, nan: str) -> _Element:
        """Return an element, named so that neither expression is written twice."""
        known = value if value[0] != "(" else self.script.define("Real", value)
        flag = nan if nan[0] != "(" else self.script.define("Bool", nan)
        return _Element(known, flag)

    def select(self, args: Sequence[str]) -> str:
        """Write a choice of elements or of exact values."""
        condition, then, otherwise = args
        value = f"(ite {condition} {then} {otherwise})"
        if isinstance(then, _Element) and isinstance(otherwise, _Element):
            return self._named(value, f"(ite {condition} {then.nan} {otherwise.nan})")
        defined = f"(ite {condition} {_all(*_defined(then))} {_all(*_defined(otherwise))})"
        return _Exact(self.script.define("Real", value), defined)

    def number(self, operator: str, args: Sequence[str]) -> str:
        """Write an operation; sums, differences and halves are rounded, the rest is exact."""
        row = row_of(operator)
        nan = _any(*(_element(arg).nan for arg in args))
        if row.rounds is Rounds.SUM:
            return self._fitted(
                self._rounding(operator, args), nan, *self._operands(operator, args)
            )
        if operator == "half":
            return self._fitted(self._rounding(operator, args), nan, *args)
        if row.rounds is Rounds.ALWAYS or operator == "sign":
            raise UnsupportedError(f"rounded {operator}")
        return self._named(row.written("real", args, self.words), nan)

    def _fitted(self, rounding: _Rounding, nan: str, *operands: str) -> _Element:
        """Return a result brought into the format, and NaN where infinities cancel."""
        result = rounding.rounded
        if not self.system.infinities:
            top, bottom = self.top, self.bottom
            return self._named(
                f"(ite (> {result} {top}) {top} (ite (< {result} {bottom}) {bottom} {result}))", nan
            )
        for x in reversed(operands):
            result = f"(ite {self._finite(x)} {result} {x})"
        if len(operands) == 2:
            for x, y in permutations(operands):
                nan = _any(nan, _all(f"(> {x} {self.top})", f"(< {y} {self.bottom})"))
        return self._named(result, nan)

    def _rounding(self, operator: str, args: Sequence[str]) -> _Rounding:
        written = row_of(operator).written("real", args, self.words)
        exact = self.script.define("Real", written)
        if exact not in self.roundings:
            name = self.script.declare(f"fl{len(self.roundings) + 1}", "Real")
            self.roundings[exact] = _Rounding(exact, name, self._operands(operator, args))
            self.floats.append(name)
        return self.roundings[exact]

    def _operands(self, operator: str, args: Sequence[str]) -> tuple[str, ...]:
        """Return the floats that a rounded result is the sum of, none if it is no sum."""
        if operator not in ("add", "sub"):
            return ()
        x, y = args
        return (x, y if operator == "add" else self._negative(y))

    def _negative(self, x: str) -> str:
        return self.script.define("Real", f"(- {x})")

    def _finite(self, x: str) -> str:
        return f"(and (<= {self.bottom} {x}) (<= {x} {self.top}))"

    def relation(self, operator: str, args: Sequence[str]) -> str:
        """Write a relation of elements; any two numbers beyond the same end are one infinity."""
        x, y = map(_element, args)
        above = _all(f"(> {x} {self.top})", f"(> {y} {self.top})")
        below = _all(f"(< {x} {self.bottom})", f"(< {y} {self.bottom})")
        one_infinity = _any(above, below) if self.system.infinities else "false"
        numbers = [f"(not {x.nan})", f"(not {y.nan})"]
        match operator:
            case "eq":
                same = _all(*numbers, _any(f"(= {x} {y})", one_infinity))
                return _any(same, _all(x.nan, y.nan))
            case "ne":
                return f"(not {self.relation('eq', args)})"
            case "le":
                return _all(*numbers, _any(f"(<= {x} {y})", one_infinity))
            case "lt":
                return _all(*numbers, f"(< {x} {y})", f"(not {one_infinity})")
        raise row_of(operator).lacks("elements of every binary format")

    def exact(self, operator: str, args: Sequence[str], leaf: Any) -> str:
        """Write an operation on exact values."""
        match operator, args:
            case (("value" | "ulp"), (x,)):
                written = x if operator == "value" else self._ulp(x)
                return _Exact(written, f"(not {_element(x).nan})", self._finite(x))
            case "unit_roundoff", ():
                return _Exact(self._unit_roundoff())
            case "largest", ():
                return _Exact(self.top)
            case "smallest", ():
                return _Exact(self.bottom)
            case "constant", ():
                return _Exact(numeral(leaf, real=True))
        if operator == "div" and not args[1].strip("(- ")[:1].isdigit():
            # Solvers have some value for a quotient by 0, and Python has none.
            raise UnsupportedError("a quotient of exact values, whose divisor may be 0")
        row = row_of(operator)
        if (places := row.linear_in) is not None and not any(
            args[place].strip("(- ")[0].isdigit() for place in places
        ):
            self.linear = False
        written = row.written("real", args, self.words)
        defined = dict.fromkeys(one for arg in args for one in _defined(arg))
        return _Exact(self.script.define("Real", written), *defined)

    def exact_relation(self, operator: str, args: Sequence[str]) -> str:
        """Write a relation of exact values, which is false where there is none of them."""
        positive = "eq" if operator == "ne" else operator
        written = row_of(positive).written("real", args, {})
        met = _all(*dict.fromkeys(one for arg in args for one in _defined(arg)), written)
        return f"(not {met})" if operator == "ne" else met

    def predicate(self, operator: str, operation: str, args: Sequence[str]) -> str:
        """Write ``finite``, ``exact`` and ``in_range`` as the format has them."""
        finite = [f"(not {_element(x).nan})" for x in args]
        finite += map(self._finite, args)
        if operator != "finite":
            rounding = self._rounding(operation, args)
            finite.append(self._finite(rounding.rounded))
            if operator == "exact":
                finite.append(f"(= {rounding.rounded} {rounding.exact})")
        return _all(*finite)

    # -- axioms --------------------------------------------------------------------------------

    def _unit_roundoff(self) -> str:
        if not self.unit:
            self.unit = self.script.declare("u", "Real")
            self.script.require("(and (< 0.0 u) (<= u (/ 1.0 4.0)))", "unit roundoff")
        return self.unit

    def _ulp(self, x: str) -> str:
        if x not in self.ulps:
            self.ulps[x] = self.script.declare(f"ulp{len(self.ulps) + 1}", "Real")
        return self.ulps[x]

    def finish(self) -> None:
        """Assert the axioms of every rounding and every float met."""
        if self.linear and not self.unit:
            self.script.logic = "QF_LRA"
        for axiom, names in self._instances():
            written = _template(axiom, len(names)).format(*names)
            self.script.require(written, f"{axiom.says}: {', '.join(names)}")

    def _instances(self) -> Iterator[tuple[Axiom, tuple[str, ...]]]:
        """Yield each axiom that is asserted, and of what."""
        floats = list(dict.fromkeys(self.floats))
        sums = [one for one in self.roundings.values() if one.operands]
        yield from self._linear(floats, sums) if not self.unit else self._with_u(floats, sums)
        for one, other in permutations(sums, 2):
            pair = (one.exact, one.rounded, other.exact, other.rounded)
            yield axioms.ORDERED, pair
            if not self.unit:
                yield axioms.DOUBLED, pair
        for one, (z, ulp) in product(sums, self.ulps.items()):
            yield axioms.ULPS, (one.exact, one.rounded, z, ulp)
            yield axioms.ULPS, (one.exact, one.rounded, self._negative(z), ulp)

    def _linear(
        self, floats: list[str], sums: list[_Rounding]
    ) -> Iterator[tuple[Axiom, tuple[str, ...]]]:
        """Yield what is asserted where nothing is multiplied: all there is."""
        signed = [one for z in floats for one in (z, self._negative(z))]
        ends = [one for end in (self.top, self.bottom) for one in (end, self._times(end, "0.5"))]
        doubles = [self._times(z, "2.0") for z in signed]
        for one, z in product(self.roundings.values(), ("0.0", *ends, *signed, *doubles)):
            if z != one.rounded:
                yield axioms.CLOSEST, (one.exact, one.rounded, z)
        for one in sums:
            for x, y in permutations(one.operands):
                yield axioms.CANCELLING, (one.exact, one.rounded, x, y)
            for z in signed:
                yield axioms.HALVES, (one.exact, one.rounded, z)

    def _with_u(
        self, floats: list[str], sums: list[_Rounding]
    ) -> Iterator[tuple[Axiom, tuple[str, ...]]]:
        """Yield what is asserted where u occurs: products with it make every inequality dear."""
        ends = ("0.0", self.top, self.bottom)
        for one in self.roundings.values():
            for z in dict.fromkeys((*ends, *floats, *one.operands)):
                if z == one.rounded:
                    continue
                yield axioms.CLOSEST, (one.exact, one.rounded, z)
        for one in sums:
            yield axioms.RELATIVE, (one.exact, one.rounded, self.unit)
            for x in one.operands if len(sums) <= FEW_SUMS else ():
                yield axioms.APART, (x, one.rounded, self.unit)
                yield axioms.APART, (self._negative(x), self._negative(one.rounded), self.unit)

    def _times(self, x: str, factor: str) -> str:
        return self.script.define("Real", f"(* {factor} {x})")


def _element(x: str) -> _Element:
    """Return what is written of an element.

    Raises ``UnsupportedError`` for a bound variable, of which nobody has said whether it is NaN.
    """
    if not isinstance(x, _Element):
        raise UnsupportedError("a quantifier over every binary format")
    return x


def _defined(x: str) -> tuple[str, ...]:
    return x.defined if isinstance(x, _Exact) else ()


def _all(*parts: str) -> str:
    """Write a conjunction, leaving out what is always so."""
    kept = [part for part in parts if part != "true"]
    if not kept:
        return "true"
    return kept[0] if len(kept) == 1 else f"(and {' '.join(kept)})"


def _any(*parts: str) -> str:
    """Write a disjunction, leaving out what is never so."""
    kept = [part for part in dict.fromkeys(parts) if part != "false"]
    if not kept:
        return "false"
    return kept[0] if len(kept) == 1 else f"(or {' '.join(kept)})"


@cache
def _template(axiom: Axiom, names: int) -> str:
    """Write an axiom with places for so many names."""
    return _written(axiom.states(*(quantity(f"{{{place}}}") for place in range(names))))


def _written(term: Term) -> str:
    """Write an axiom about Reals that have names."""
    if term.operator == "variable":
        return str(term.leaf)
    if term.operator == "constant":
        return numeral(Fraction(term.leaf), real=True)  # type: ignore[arg-type]
    theory = "truth" if term.args[0].sort is Sort.PROPOSITION else "real"
    return row_of(term.operator).written(theory, [*map(_written, term.args)], REAL_WORDS)


#: Every binary format with infinities.
BINARY = register(AnyBinaryFormat(), after="rounding")
#: Every binary format whose results saturate, which float8_e4m3fn is one of.
SATURATING_BINARY = register(AnyBinaryFormat(infinities=False))
