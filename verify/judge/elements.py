"""What a symbolic tensor holds: elements of a number system, each a known number or a term.

Known numbers are computed at once, so that a weight of 0 or a bias of 0 leaves no trace in what
the solvers see; whatever depends on the input grows into a :class:`~proofs.terms.Term`. Over the
reals the infinities are known numbers too, because a fold over a window often starts from one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from proofs.systems import NumberSystem
from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import UnsupportedError
from proofs.terms import Sort, Term, conjunction, constant, finite, relu, select, variable

#: Operators of which one argument may be known while the other is not.
_TWO = ("add", "sub", "mul", "maximum", "minimum")


class Element:
    """One entry of a symbolic tensor: ``content`` is a term or a known number."""

    __slots__ = ("arithmetic", "content")

    def __init__(self, arithmetic: Arithmetic, content: Any) -> None:
        self.arithmetic = arithmetic
        self.content = content

    @property
    def known(self) -> bool:
        """Whether the element is a number that does not depend on the input."""
        return not isinstance(self.content, Term)

    @property
    def term(self) -> Term:
        """The element as a term."""
        return self.arithmetic.term(self)

    def __repr__(self) -> str:
        return str(self.content)

    def __ne__(self, other: object) -> bool:
        # The definitions of pooling ask ``a != a`` to find a NaN; nothing else compares elements.
        return self is not other or bool(self.known and self.content != self.content)

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return not self != other

    def __add__(self, other: Element) -> Element:
        return self.arithmetic.apply("add", self, other)

    def __sub__(self, other: Element) -> Element:
        return self.arithmetic.apply("sub", self, other)

    def __mul__(self, other: Element) -> Element:
        return self.arithmetic.apply("mul", self, other)

    def __truediv__(self, other: Element | int) -> Element:
        return self.arithmetic.divide(self, other)

    def __neg__(self) -> Element:
        return self.arithmetic.apply("neg", self)

    def __abs__(self) -> Element:
        return self.arithmetic.apply("abs", self)

    def maximum(self, other: Element) -> Element:
        """Return the larger one: the protocol of :mod:`pooling.arithmetic`."""
        return self.arithmetic.apply("maximum", self, other)

    def minimum(self, other: Element) -> Element:
        """Return the smaller one: the protocol of :mod:`pooling.arithmetic`."""
        return self.arithmetic.apply("minimum", self, other)


class Arithmetic:
    """Computes with elements of one number system."""

    def __init__(self, system: NumberSystem) -> None:
        self.system = system
        self.exact = system.name == "real"
        self.rounds = isinstance(system, FloatFormat)

    def variable(self, name: str) -> Element:
        """Return an unknown element."""
        return Element(self, variable(name))

    def constant(self, number: int | float | Fraction) -> Element:
        """Return a known element.

        Raises ``UnsupportedError`` if the number system does not have it.
        """
        if isinstance(number, float) and not math.isfinite(number):
            if not (self.exact or self.rounds):
                raise UnsupportedError(f"{number} is not a value of {self.system.name}")
            return Element(self, number)
        return Element(self, self.system.constant(Fraction(number)))

    def term(self, element: Element) -> Term:
        """Write an element as a term."""
        content = element.content
        if isinstance(content, Term):
            return content
        if isinstance(content, float):
            if self.exact:
                raise UnsupportedError(f"{content} is no real number")
            if not math.isfinite(content):
                return self._special(content)
            content = Fraction(content)
        return constant(content)

    def _special(self, number: float) -> Term:
        """Write an infinity as the overflow, and NaN as the difference, that it comes from."""
        assert isinstance(self.system, FloatFormat)
        if not self.system.infinities:
            raise UnsupportedError(f"{self.system.name} has no {number}")
        if math.isnan(number):
            infinity = self._special(math.inf)
            return infinity - infinity
        end = constant(self.system.greatest if number > 0 else -self.system.greatest)
        return end + end

    # -- operations ----------------------------------------------------------------------------

    def apply(self, operator: str, *args: Element) -> Element:
        """Return an operation on elements, simplified where one of them is known."""
        contents = [arg.content for arg in args]
        if any(isinstance(c, Term) and c.sort is Sort.PROPOSITION for c in contents):
            raise UnsupportedError(f"{operator} of a truth value")
        if all(arg.known for arg in args):
            return Element(self, self._computed(operator, contents))
        if operator in _TWO and any(arg.known for arg in args):
            simplified = self._simplified(operator, *args)
            if simplified is not None:
                return simplified
        terms = [arg.term for arg in args]
        match operator, terms:
            case "relu", (x,):
                return Element(self, relu(x))
            case "abs", (x,):
                return Element(self, abs(x))
            case "neg", (x,):
                return Element(self, x.args[0] if x.operator == "neg" else -x)
        return Element(self, Term(operator, tuple(terms), Sort.NUMBER))

    def _computed(self, operator: str, contents: list[Any]) -> Any:
        if self.exact and any(isinstance(c, float) for c in contents):
            return _extended(operator, contents)
        return self.system.apply(operator, contents)

    def _simplified(self, operator: str, x: Element, y: Element) -> Element | None:
        """Return what an operation with one known argument amounts to, ``None`` if nothing."""
        if x.known and operator == "sub":
            return -y if x.content == 0 else self._with_known("add", -y, x)
        if x.known:
            x, y = y, x
        elif operator == "sub":
            return self._with_known("add", x, -y)
        return self._with_known(operator, x, y)

    def _with_known(self, operator: str, x: Element, known: Element) -> Element | None:
        number = known.content
        if number != number:
            return known
        infinite = isinstance(number, float) and math.isinf(number)
        match operator:
            case "add" if number == 0:
                return x
            case "add" if self.exact and infinite:
                return known
            case "mul" if number == 1:
                return x
            case "mul" if number == -1:
                return -x
            case "mul" if number == 0 and not self.rounds:
                return known
            case "mul" if self.exact and infinite:
                raise UnsupportedError(f"{number} times an element whose sign is open")
            case "maximum" | "minimum" if infinite:
                if (number < 0) == (operator == "maximum"):
                    return x
                return known if self.exact else None
        return None

    def divide(self, x: Element, divisor: Element | int) -> Element:
        """Return a quotient by a known number.

        Raises ``UnsupportedError`` where the number system does not define it: integers do not
        divide, and floats round the quotient once, which a product does only for powers of two.
        """
        by = divisor if isinstance(divisor, Element) else self.constant(divisor)
        if not by.known:
            raise UnsupportedError("division by an element that depends on the input")
        number = by.content
        if self.exact and number != 0:
            inverse = 1 / number if isinstance(number, Fraction) else 1.0 / number
            return x * self.constant(inverse)
        if number == 1:
            return x
        if self.rounds and math.isfinite(number) and math.frexp(number)[0] == 0.5:
            return x * self.constant(1 / number)
        raise UnsupportedError(f"division by {self.system.show(number)} in {self.system.name}")

    def compare(self, operator: str, x: Element, y: Element) -> Element | bool:
        """Return ``eq``, ``ne``, ``lt`` or ``le`` as a truth value or as a proposition."""
        if x.known and y.known:
            p, q = x.content, y.content
            return bool({"eq": p == q, "ne": p != q, "lt": p < q, "le": p <= q}[operator])
        if self.exact:
            for infinite, other_is_left in ((x, False), (y, True)):
                if infinite.known and isinstance(infinite.content, float):
                    above = (infinite.content > 0) == other_is_left
                    return operator == "ne" or (operator in ("lt", "le") and above)
        left, right = x.term, y.term
        if operator in ("eq", "ne") and self.rounds:
            # Of two NaNs the statements of this project say that they are equal, torch does not.
            same = (left <= right) & (right <= left)
            return Element(self, same if operator == "eq" else ~same)
        return Element(self, Term(operator, (left, right), Sort.PROPOSITION))

    def choose(self, condition: Element | bool, then: Element, otherwise: Element) -> Element:
        """Return ``then`` where ``condition`` holds, else ``otherwise``."""
        if isinstance(condition, bool):
            return then if condition else otherwise
        proposition = condition.content
        if not (isinstance(proposition, Term) and proposition.sort is Sort.PROPOSITION):
            raise UnsupportedError("a choice by a number")
        extreme = None if self.rounds else _as_extreme(proposition, then, otherwise)
        if extreme is not None:
            return self.apply(extreme, then, otherwise)
        return Element(self, select(proposition, then.term, otherwise.term))

    # -- sums ----------------------------------------------------------------------------------

    def combination(
        self, weighted: Iterable[tuple[Element, Element]], bias: Element | None = None
    ) -> Element:
        """Return the sum of known weights times elements, as a convolution computes it.

        Raises ``UnsupportedError`` for floats if the result depends on the order of the sum or
        on whether products are rounded before they are added.
        """
        pairs = list(weighted)
        if self.rounds:
            return self._rounded_combination(pairs, bias)
        total = self.constant(0) if bias is None else bias
        for weight, element in pairs:
            total = total + weight * element
        return total

    def _rounded_combination(
        self, pairs: list[tuple[Element, Element]], bias: Element | None
    ) -> Element:
        kept: list[Element] = []
        spoiling: list[Term] = []  # 0 · x is NaN where x is not finite
        rounded = False
        for weight, element in pairs:
            product = weight * element
            if weight.content == 0 and not element.known:
                spoiling.append(finite(element.term))
            elif not (product.known and product.content == 0):
                kept.append(product)
                rounded = rounded or abs(weight.content) != 1
        if bias is not None and bias.content != 0:
            kept.append(bias)
        if len(kept) > 2:
            raise UnsupportedError(
                f"a sum of {len(kept)} products, whose value in {self.system.name} depends on the "
                "order of the additions"
            )
        if len(kept) == 2 and rounded:
            raise UnsupportedError(
                f"a sum of two products, whose value in {self.system.name} depends on whether "
                "the products are rounded before they are added"
            )
        total = self.constant(0)
        for element in kept:
            total = total + element
        if not spoiling:
            return total
        conditions = conjunction(tuple(dict.fromkeys(spoiling)))
        return Element(self, select(conditions, total.term, self._special(math.nan)))

    def total(self, elements: Iterable[Element]) -> Element:
        """Return the sum of elements."""
        one = self.constant(1)
        return self.combination((one, element) for element in elements)


def _as_extreme(proposition: Term, then: Element, otherwise: Element) -> str | None:
    """Return which extreme "``then`` if it is the larger" is, ``None`` if it is none.

    >>> from proofs.systems import SYSTEMS
    >>> real = Arithmetic(SYSTEMS["real"])
    >>> a, b = real.variable("a"), real.variable("b")
    >>> real.choose(real.compare("lt", a, b), b, a)
    max(b, a)
    """
    if proposition.operator not in ("lt", "le"):
        return None
    low, high = proposition.args
    if _same(high, then) and _same(low, otherwise):
        return "maximum"
    if _same(low, then) and _same(high, otherwise):
        return "minimum"
    return None


def _same(term: Term, element: Element) -> bool:
    if element.known:
        return term.operator == "constant" and term.leaf == element.content
    return term is element.content


def _extended(operator: str, x: list[Any]) -> Any:
    """Compute with infinities; what is finite in the end is one of the arguments, or 0."""
    nan = any(p != p for p in x)
    match operator, x:
        case _ if nan:
            return math.nan
        case "add", (p, q):
            return p + q
        case "sub", (p, q):
            return p - q
        case "mul", (p, q):
            return p * q
        case "neg", (p,):
            return -p
        case "abs", (p,):
            return abs(p)
        case "relu", (p,):
            return max(p, Fraction(0))
        case "maximum", (p, q):
            return max(p, q)
        case "minimum", (p, q):
            return min(p, q)
    raise UnsupportedError(operator)
