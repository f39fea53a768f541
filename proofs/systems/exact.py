"""The number systems of mathematics: real numbers and unbounded integers.

Theorems about networks are usually meant here. No tensor holds either, so a verdict in this
module is never one about a dtype.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from proofs.operators import operator as row_of
from proofs.systems.number_system import Encoder, NumberSystem, Script, UnsupportedError, register

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


def numeral(value: int | Fraction, real: bool) -> str:
    """Write an SMT-LIB numeral.

    >>> numeral(Fraction(-1, 2), real=True)
    '(- (/ 1.0 2.0))'
    """
    if value < 0:
        return f"(- {numeral(-value, real)})"
    if not real:
        if value != int(value):
            raise UnsupportedError(f"{value} is not an integer")
        return str(int(value))
    exact = Fraction(value)
    top = f"{exact.numerator}.0"
    return top if exact.denominator == 1 else f"(/ {top} {exact.denominator}.0)"


def parse_numeral(model: str) -> Fraction:
    """Read an SMT-LIB numeral such as ``(- (/ 1.0 2.0))`` back.

    >>> parse_numeral("(- (/ 1.0 2.0))")
    Fraction(-1, 2)
    """
    tokens = re.findall(r"[()]|[^\s()]+", model)

    def read(position: int) -> tuple[Fraction, int]:
        if tokens[position] != "(":
            try:
                return Fraction(tokens[position]), position + 1
            except ValueError:
                raise UnsupportedError(f"the model value {model} is not rational") from None
        operator = tokens[position + 1]
        position += 2
        args = []
        while tokens[position] != ")":
            arg, position = read(position)
            args.append(arg)
        if operator == "-" and len(args) == 1:
            return -args[0], position + 1
        if operator == "/" and len(args) == 2:
            return args[0] / args[1], position + 1
        raise UnsupportedError(f"the model value {model} is not rational")

    return read(0)[0]


#: What templates may name of Int and of Real.
INTEGER_WORDS = {"zero": "0", "one": "1", "minus_one": "(- 1)", "two": "2"}
REAL_WORDS = {"zero": "0.0", "one": "1.0", "minus_one": "(- 1.0)", "two": "2.0"}


class LinearEncoder(Encoder):
    """Elements and exact values are the same Int or Real."""

    def __init__(self, script: Script, real: bool) -> None:
        super().__init__(script)
        self.real = real
        self.number_sort = self.exact_sort = "Real" if real else "Int"
        self.number_theory = self.exact_theory = "real" if real else "integer"
        self.words = REAL_WORDS if real else INTEGER_WORDS

    def variable(self, name: str) -> str:
        """Declare an unconstrained Int or Real."""
        return self.script.declare(name, self.number_sort)

    def constant(self, leaf: Any) -> str:
        """Write a numeral."""
        return numeral(leaf, self.real)

    def exact(self, operator: str, args: Sequence[str], leaf: Any) -> str:
        """Write an operation on exact values, which elements already are."""
        if operator == "value":
            return args[0]
        return self.constant(leaf) if operator == "constant" else self.number(operator, args)

    def wider(self) -> Encoder:
        """Return this encoder: nothing is wider."""
        return self

    def predicate(self, operator: str, operation: str, args: Sequence[str]) -> str:
        """Nothing is infinite, inexact or out of range here."""
        return "true"


class _Exact(NumberSystem):
    exact = True

    @property
    def wider(self) -> NumberSystem:
        """Return the system itself: nothing is wider."""
        return self

    def narrowed(self, x: Any) -> Any:
        """Return the element itself."""
        return x

    def encoder(self, script: Script) -> Encoder:
        """Return an encoder over Int or Real."""
        return LinearEncoder(script, real=not self.whole)


class Real(_Exact):
    """The real numbers, as exact fractions where a number is needed."""

    name = "real"
    title = "real numbers"
    column = "re\nal"
    assumes = "exact arithmetic: nothing rounds, nothing overflows"
    logic = "QF_NRA"

    def operation(self, operator: str) -> Callable[..., Any]:
        """Return the exact meaning of an operation."""
        row = row_of(operator)
        if row.meaning is None:
            raise row.lacks("real numbers")
        return row.meaning

    def constant(self, number: int | Fraction) -> Fraction:
        """Return the constant as a fraction."""
        return Fraction(number)

    def simple_values(self) -> Sequence[Fraction]:
        """Return small fractions, 0 first."""
        halves = (Fraction(1, 2), Fraction(3, 2), Fraction(1, 3))
        values = [Fraction(0), *map(Fraction, (1, 2, 3, 4, 5, 8)), *halves]
        return [signed for v in values for signed in ((v, -v) if v else (v,))]

    def _any(self) -> SearchStrategy[Fraction]:
        from hypothesis import strategies as st

        return st.builds(Fraction, st.integers(-100, 100), st.integers(1, 64))

    def decode(self, model: str) -> Fraction:
        """Read a rational model value."""
        return parse_numeral(model)


class Integer(_Exact):
    """The unbounded integers."""

    name = "integer"
    title = "unbounded integers"
    column = "in\nt"
    assumes = "integers without bound: says nothing about any int dtype"
    logic = "QF_NIA"
    whole = True

    def operation(self, operator: str) -> Callable[..., Any]:
        """Return the exact meaning of an operation."""
        row = row_of(operator)
        if row.whole is None:
            raise row.lacks("integers")
        return row.whole

    def constant(self, number: int | Fraction) -> int:
        """Return the constant, which must be whole."""
        if math.floor(number) != number:
            raise UnsupportedError(f"{number} is not an integer")
        return int(number)

    def simple_values(self) -> Sequence[int]:
        """Return small integers, 0 first."""
        return [0, 1, -1, 2, -2, 3, -3, 4, -4, 5, -5, 7, -7, 8, -8, 16, -16]

    def drawn(self, *, sizes: bool = False) -> SearchStrategy[int]:
        """Return integers, small ones often; of sizes a few that are none."""
        from hypothesis import strategies as st

        small = st.integers(0, 12) | st.integers(1, 4) | st.integers(-2, 20)
        return small if sizes else small | self._any()

    def _any(self) -> SearchStrategy[int]:
        from hypothesis import strategies as st

        return st.integers(-40, 40) | st.integers()

    def decode(self, model: str) -> int:
        """Read an integer model value."""
        return int(parse_numeral(model))


#: Arithmetic as in mathematics.
EXACT = register(Real(), Integer())
