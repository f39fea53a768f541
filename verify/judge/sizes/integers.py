"""Python's view of an open size: numbers that torch and the user's code compute with.

torch lets whole numbers be symbols, :class:`torch.SymInt`, and asks a *node* for all that is done
with them. Here nodes are lengths. A comparison is a decision, and noted; a size that is made a
plain number is one too, so that nothing that becomes of a size is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from fractions import Fraction
from typing import Any

import torch

from verify.judge.sizes.lengths import Length, Sizes, UnreadableError, length
from verify.judge.sizes.scales import Scale
from verify.judge.sizes.steps import user_line


class Precision(IntEnum):
    """What Python's float is to the exact number that stands for it."""

    LOOSE = 0
    #: Of the same sign, and as large but for a few roundings.
    RELATIVE = 1
    #: Equal if that is whole; else as far from whole numbers as makes no difference.
    WHOLE = 2
    #: The nearest there is.
    NEAREST = 3


#: Numbers by which sizes are divided, of which any two quotients that differ are different floats.
MOST_DIVIDED = 1 << 13
#: Larger than what any quotient of products of sizes comes to.
FARTHEST = 1 << 100
#: Floats stand for fractions with such numbers below, if they are the nearest to one.
SIMPLE = 10**6


class SizeNode:
    """A whole number, a fraction of one, or a truth value, that depends on sizes."""

    def __init__(self, sizes: Sizes, value: Any, precision: Precision = Precision.NEAREST) -> None:
        self.sizes = sizes
        #: A length; a pair of a length and a number that divides it; or a relation to 0.
        self.value = value
        #: Of a fraction: what is computed here is exact, Python rounds.
        self.precision = precision
        self.constant = None

    # -- what it is ------------------------------------------------------------------------------

    def is_int(self) -> bool:
        """Say whether it is a whole number."""
        return isinstance(self.value, Length)

    def is_float(self) -> bool:
        """Say whether it is a fraction."""
        return isinstance(self.value, Quotient | Scale)

    def is_bool(self) -> bool:
        """Say whether it is a truth value."""
        return isinstance(self.value, Relation)

    def is_nested_int(self) -> bool:
        """Say that it is no ragged size."""
        return False

    def nested_int(self) -> None:
        """Return no ragged size."""

    def is_symbolic(self) -> bool:
        """Say whether it depends on sizes."""
        return not self.is_constant()

    def is_constant(self) -> bool:
        """Say whether it is a number that is known."""
        value = self.value
        return isinstance(value, Length) and value.known is not None

    def has_hint(self) -> bool:
        """Say that there are numbers at hand."""
        return True

    def maybe_as_int(self) -> int | None:
        """Return the number if it is known whatever the sizes."""
        return self.value.known if isinstance(self.value, Length) else None

    def maybe_as_float(self) -> float | None:
        """Return no number."""
        return None

    def maybe_as_bool(self) -> bool | None:
        """Return no truth value."""
        return None

    @property
    def hint(self) -> Any:
        """The number at hand."""
        if isinstance(self.value, Length):
            return self.sizes.number(self.value)
        if isinstance(self.value, Quotient):
            return self.sizes.number(self.value.dividend) / self.value.divisor
        if isinstance(self.value, Scale):
            return self.sizes.number(self.value.above) / self.sizes.number(self.value.below)
        return self._answer()

    def __str__(self) -> str:
        return f"{self.value}"

    def __getattr__(self, name: str) -> Any:
        # torch asks for its text by names that mean something else in a class's body. Whoever
        # writes a size down may decide by what stands there: it becomes a plain number.
        if name in ("str", "_graph_repr"):
            return lambda: f"{self._plain()}"
        raise AttributeError(name)

    def _plain(self) -> Any:
        if self.is_bool():
            return self._answer()
        return self.guard_float() if self.is_float() else self.guard_int()

    def clone(self) -> SizeNode:
        """Return itself: it does not change."""
        return self

    def wrap_int(self, number: int) -> SizeNode:
        """Return a known number."""
        return SizeNode(self.sizes, Length.number(number))

    def wrap_float(self, number: float) -> SizeNode:
        """Return a known fraction."""
        exact = Fraction(number)
        return SizeNode(self.sizes, Quotient(Length.number(exact.numerator), exact.denominator))

    def wrap_bool(self, truth: bool) -> SizeNode:
        """Return a known truth value."""
        return SizeNode(self.sizes, Relation(">=", Length.number(0 if truth else -1)))

    # -- decisions -------------------------------------------------------------------------------

    def _answer(self) -> bool:
        assert isinstance(self.value, Relation)
        return self.sizes.decide(self.value.relation, self.value.length, user_line())

    def guard_bool(self, file: Any = "", line: Any = 0) -> bool:
        """Decide."""
        return self._answer()

    def bool_(self) -> bool:
        """Decide."""
        return self._answer()

    def guard_size_oblivious(self, file: Any = "", line: Any = 0) -> bool:
        """Decide."""
        return self._answer()

    def guard_or_false(self, file: Any = "", line: Any = 0) -> bool:
        """Decide."""
        return self._answer()

    def guard_or_true(self, file: Any = "", line: Any = 0) -> bool:
        """Decide."""
        return self._answer()

    def expect_true(self, file: Any = "", line: Any = 0) -> bool:
        """Decide."""
        return self._answer()

    def statically_known_true(self, file: Any = "", line: Any = 0) -> bool:
        """Say whether it holds whatever the sizes."""
        return self.sizes._known(self.value.relation, self.value.length) is True

    def guard_int(self, file: Any = "", line: Any = 0) -> int:
        """Return a plain number: from here on nothing is known of other sizes."""
        if isinstance(self.value, Quotient):
            raise UnreadableError(f"a quotient of sizes becomes a plain number{user_line()}")
        known = self.value.known
        if known is None:
            self.sizes.plain.append(user_line())
        return self.sizes.pinned(self.value, user_line())

    def int_(self) -> int:
        """Return a plain number."""
        return self.guard_int()

    def guard_float(self, file: Any = "", line: Any = 0) -> float:
        """Return a plain number."""
        value = self.value
        if isinstance(value, Scale):
            self.sizes.plain.append(user_line())
            above, below = (self.sizes.pinned(n, user_line()) for n in (value.above, value.below))
            return above / below
        exact = value if isinstance(value, Quotient) else Quotient(value, 1)
        if exact.dividend.known is None:
            self.sizes.plain.append(user_line())
        return self.sizes.pinned(exact.dividend, user_line()) / exact.divisor

    # -- arithmetic ------------------------------------------------------------------------------

    def _made(self, value: Any, precision: Precision = Precision.NEAREST) -> SizeNode:
        return SizeNode(self.sizes, value, precision)

    @property
    def _held(self) -> bool:
        """Whether a float holds it exactly."""
        if isinstance(self.value, Scale) or self.precision < Precision.NEAREST:
            return False
        if isinstance(self.value, Length):
            return True
        known, divisor = self.value.dividend.known, self.value.divisor
        if known is not None:
            divisor = Fraction(known, divisor).denominator
        return divisor & (divisor - 1) == 0 and (known is not None or divisor <= MOST_DIVIDED)

    @property
    def _is_whole(self) -> bool:
        """Whether it is a whole number at every size."""
        if isinstance(self.value, Quotient):
            return self.value.divisor == 1
        return isinstance(self.value, Length)

    @property
    def _asks(self) -> Precision:
        """What another must be to be compared with it."""
        if isinstance(self.value, Quotient) and self.value.dividend.known is not None:
            magnitude = abs(Fraction(self.value.dividend.known, self.value.divisor))
            if not 1 < magnitude * FARTHEST < FARTHEST**2:
                return Precision.RELATIVE  # 0, or beyond what sizes come to
        return Precision.WHOLE if self._is_whole else Precision.NEAREST

    def _summed(self, other: SizeNode) -> Precision:
        """Return what a float is to the sum of two, or to their difference."""
        if self._held and other._held:
            return Precision.NEAREST
        if (self._is_whole and self._held) or (other._is_whole and other._held):
            least = min(self.precision, other.precision, Precision.WHOLE)
            return least if least is Precision.WHOLE else Precision.LOOSE
        return Precision.LOOSE

    def _multiplied(self, other: SizeNode) -> Precision:
        """Return what a float is to the product of two, or to their quotient."""
        if self._held and other._held:
            return Precision.NEAREST
        halved = other.value.dividend.known if isinstance(other.value, Quotient) else None
        exact = bool(halved and halved & (halved - 1) == 0) and other._held
        if exact and self.precision is Precision.NEAREST:
            return self.precision
        kept = (Precision.RELATIVE, Precision.NEAREST)
        both = self.precision in kept and other.precision in kept
        return Precision.RELATIVE if both else Precision.LOOSE

    def _near(self, least: Precision) -> None:
        """Refuse to decide by a fraction of which floats may say something else."""
        divided = (
            least > Precision.RELATIVE
            and isinstance(self.value, Quotient) and self.value.dividend.known is None
        )  # fmt: skip
        if self.precision < least or (divided and self.value.divisor > MOST_DIVIDED):
            raise UnreadableError(f"a fraction of a size, rounded, decides{user_line()}")

    def _nearest(self) -> SizeNode:
        """Return it as the simplest fraction that rounds to it, if it is a known one."""
        if not isinstance(self.value, Quotient) or self.value.dividend.known is None:
            return self
        exact = Fraction(self.value.dividend.known, self.value.divisor)
        simple = exact.limit_denominator(SIMPLE)
        if float(simple) != float(exact):
            return self
        return self._made(Quotient(Length.number(simple.numerator), simple.denominator))

    def _alike(self, other: SizeNode) -> tuple[Any, Any]:
        """Return both values as fractions of sizes if one is."""
        if isinstance(self.value, Scale) or isinstance(other.value, Scale):
            return self.scale, other.scale
        return self.value, other.value

    @property
    def scale(self) -> Scale:
        """The number as a quotient of sizes."""
        if isinstance(self.value, Quotient):
            return Scale(self.value.dividend, Length.number(self.value.divisor))
        return self.value if isinstance(self.value, Scale) else Scale(self.value)

    def add(self, other: SizeNode) -> SizeNode:
        """Return the sum."""
        mine, theirs = self._alike(other)
        return self._made(mine + theirs, self._summed(other))

    def sub(self, other: SizeNode) -> SizeNode:
        """Return the difference."""
        mine, theirs = self._alike(other)
        return self._made(mine - theirs, self._summed(other))

    def mul(self, other: SizeNode) -> SizeNode:
        """Return the product."""
        mine, theirs = self._alike(other)
        precision = max(self._multiplied(other), other._multiplied(self))
        return self._made(mine * theirs, precision)

    def neg(self) -> SizeNode:
        """Return the opposite."""
        return self._made(-self.value, self.precision)

    def pos(self) -> SizeNode:
        """Return itself."""
        return self

    def abs(self) -> SizeNode:
        """Return the magnitude."""
        if isinstance(self.value, Scale):
            value = self._positive()
            above = self.sizes.decide(">=", value.above, user_line())
            return self if above else self.neg()
        positive = self.sizes.decide(">=", self._whole().value, user_line())
        return self if positive else self.neg()

    def pow(self, other: SizeNode) -> SizeNode:
        """Return a power with a known exponent."""
        exponent = other._divisor("a power")
        result = Length.number(1)
        for _ in range(exponent):
            result = result * self._whole().value
        return self._made(result)

    pow_by_natural = pow

    def sym_sum(self, others: list[Any]) -> SizeNode:
        """Return the sum of several."""
        total = Length.number(0)
        for other in others:
            total = total + (other.value if isinstance(other, SizeNode) else int(other))
        return self._made(total)

    def _positive(self) -> Scale:
        """Return it as a quotient of sizes by what is positive."""
        value = self.scale
        if not self.sizes.at_least(value.below, 1, user_line()):
            raise UnreadableError(f"a division by a negative size{user_line()}")
        return value

    def _whole(self) -> SizeNode:
        self._simple()
        if isinstance(self.value, Quotient):
            if self.value.divisor == 1:
                return self._made(self.value.dividend)
            raise UnreadableError(f"a quotient of sizes{user_line()}")
        return self

    def _divisor(self, what: str) -> int:
        value = self._whole().value
        if value.known is None:
            raise UnreadableError(f"{what} by a size{user_line()}")
        if value.known == 0:
            raise ZeroDivisionError("integer division or modulo by zero")
        return int(value.known)

    def floordiv(self, other: SizeNode) -> SizeNode:
        """Return the quotient rounded down."""
        mine, theirs = self._whole().value, other._whole().value
        if theirs.known is None:
            return self._made(quotient(mine, theirs, self.sizes))
        return self._made(mine // other._divisor("a division"))

    int_floordiv = floordiv

    def mod(self, other: SizeNode) -> SizeNode:
        """Return the remainder."""
        mine, theirs = self._whole().value, other._whole().value
        if theirs.known is None:
            return self._made(mine - quotient(mine, theirs, self.sizes) * theirs)
        return self._made(mine % other._divisor("a remainder"))

    def lshift(self, other: SizeNode) -> SizeNode:
        """Return it times a power of two."""
        return self.mul(self._power_of_two(other))

    def rshift(self, other: SizeNode) -> SizeNode:
        """Return it divided by a power of two, rounded down."""
        return self.floordiv(self._power_of_two(other))

    def _power_of_two(self, other: SizeNode) -> SizeNode:
        places = other._whole().value.known
        if places is None:
            raise UnreadableError(f"a shift by a size{user_line()}")
        if places < 0:
            raise ValueError("negative shift count")
        return self.wrap_int(2**places)

    def truediv(self, other: SizeNode) -> SizeNode:
        """Return the quotient."""
        if isinstance(self.value, Scale) or isinstance(other.value, Scale):
            return self._divided(other)
        mine = self.value if isinstance(self.value, Quotient) else Quotient(self.value, 1)
        theirs = other.value if isinstance(other.value, Quotient) else Quotient(other.value, 1)
        number = theirs.dividend.known
        precision = self._multiplied(other)
        if number is None:
            try:
                exact = quotient(mine.dividend * theirs.divisor, theirs.dividend, self.sizes, True)
            except UnreadableError:
                return self._divided(other)
            return self._made(Quotient(exact, mine.divisor), precision)
        if number == 0:
            raise ZeroDivisionError("division by zero")
        made = Quotient(mine.dividend * theirs.divisor, mine.divisor * number).plain
        return self._made(made, precision)

    int_truediv = float_truediv = truediv

    def _divided(self, other: SizeNode) -> SizeNode:
        """Return the quotient as one of sizes."""
        by = other.scale
        if self.sizes.equal(by.above, 0, user_line()):
            raise ZeroDivisionError("division by zero")
        return self._made(self.scale * by.inverse, self._multiplied(other))

    def _simple(self) -> Any:
        """Return its value, which must not be divided by a size."""
        if isinstance(self.value, Scale):
            raise UnreadableError(f"a division of a size by a size{user_line()}")
        return self.value

    def floor(self) -> SizeNode:
        """Return it rounded down."""
        value = self._simple()
        self._near(Precision.WHOLE)
        return self._made(value.dividend // value.divisor) if self.is_float() else self

    def ceil(self) -> SizeNode:
        """Return it rounded up."""
        value = self._simple()
        self._near(Precision.WHOLE)
        return self._made(-(-value.dividend // value.divisor)) if self.is_float() else self

    def trunc(self) -> SizeNode:
        """Return it rounded towards 0."""
        if not self.is_float():
            return self
        positive = self.sizes.decide(">=", self._simple().dividend, user_line())
        return self.floor() if positive else self.ceil()

    def round(self, digits: Any = None) -> SizeNode:
        """Refuse rounding to the nearest, which is to the even one of two."""
        if not self.is_float():
            return self
        raise UnreadableError(f"a quotient of sizes is rounded{user_line()}")

    def sym_int(self) -> SizeNode:
        """Return it rounded towards 0."""
        return self.trunc()

    def sym_float(self) -> SizeNode:
        """Return it as a fraction."""
        return self if self.is_float() else self._made(Quotient(self.value, 1))

    def is_integer(self) -> SizeNode:
        """Say whether it is whole."""
        value = self.sym_float()._simple()
        self._near(Precision.WHOLE)
        return self._made(Relation("==", value.dividend % value.divisor))

    # -- comparisons -----------------------------------------------------------------------------

    def _difference(self, other: SizeNode) -> Length:
        one, two = self, other
        if self.is_float() or other.is_float():
            one, two = self._nearest(), other._nearest()
            one._near(two._asks)
            two._near(one._asks)
        if isinstance(one.value, Scale) or isinstance(two.value, Scale):
            mine, theirs = one._positive(), two._positive()
            return mine.above * theirs.below - theirs.above * mine.below
        mine, theirs = one.sym_float().value, two.sym_float().value
        return length(mine.dividend * theirs.divisor - theirs.dividend * mine.divisor)

    def ge(self, other: SizeNode) -> SizeNode:
        """Say whether it is at least another."""
        return self._made(Relation(">=", self._difference(other)))

    def gt(self, other: SizeNode) -> SizeNode:
        """Say whether it is larger."""
        return self._made(Relation(">=", self._difference(other) - 1))

    def le(self, other: SizeNode) -> SizeNode:
        """Say whether it is at most another."""
        return self._made(Relation(">=", -self._difference(other)))

    def lt(self, other: SizeNode) -> SizeNode:
        """Say whether it is smaller."""
        return self._made(Relation(">=", -self._difference(other) - 1))

    def eq(self, other: SizeNode) -> SizeNode:
        """Say whether they are equal."""
        if self.is_bool() or other.is_bool():
            return self.wrap_bool(self._answer() == other._answer())
        return self._made(Relation("==", self._difference(other)))

    def ne(self, other: SizeNode) -> SizeNode:
        """Say whether they differ."""
        if self.is_bool() or other.is_bool():
            return self.wrap_bool(self._answer() != other._answer())
        return self._made(Relation("!=", self._difference(other)))

    def sym_min(self, other: SizeNode) -> SizeNode:
        """Return the smaller."""
        return self if self.le(other)._answer() else other

    def sym_max(self, other: SizeNode) -> SizeNode:
        """Return the larger."""
        return self if self.ge(other)._answer() else other

    def sym_and(self, other: SizeNode) -> SizeNode:
        """Say whether both hold."""
        return self.wrap_bool(self._answer() and other._answer())

    def sym_or(self, other: SizeNode) -> SizeNode:
        """Say whether one holds."""
        return self.wrap_bool(self._answer() or other._answer())

    and_ = bitwise_and = sym_and
    or_ = bitwise_or = sym_or

    def sym_not(self) -> SizeNode:
        """Say whether it does not hold."""
        return self.wrap_bool(not self._answer())

    def sym_ite(self, then: SizeNode, otherwise: SizeNode) -> SizeNode:
        """Return one of two."""
        return then if self._answer() else otherwise


class Quotient:
    """A length divided by a positive number."""

    def __init__(self, dividend: Length, divisor: int) -> None:
        sign = 1 if divisor > 0 else -1
        self.dividend = dividend * sign
        self.divisor = divisor * sign

    @property
    def plain(self) -> Quotient:
        """The same, shortened where all is divisible."""
        if all(c % self.divisor == 0 for _, c in self.dividend.terms):
            return Quotient(self.dividend // self.divisor, 1)
        return self

    def _with(self, other: Quotient, change: Callable[[Length, Length], Length]) -> Quotient:
        made = change(self.dividend * other.divisor, other.dividend * self.divisor)
        return Quotient(made, self.divisor * other.divisor).plain

    def __add__(self, other: Quotient) -> Quotient:
        return self._with(other, lambda x, y: x + y)

    def __sub__(self, other: Quotient) -> Quotient:
        return self._with(other, lambda x, y: x - y)

    def __mul__(self, other: Quotient) -> Quotient:
        return Quotient(self.dividend * other.dividend, self.divisor * other.divisor).plain

    def __neg__(self) -> Quotient:
        return Quotient(-self.dividend, self.divisor)

    def __str__(self) -> str:
        return f"({self.dividend}) / {self.divisor}"


class Relation:
    """What a truth value says: that a length is ≥, = or ≠ 0."""

    def __init__(self, relation: str, value: Length) -> None:
        self.relation = relation
        self.length = value

    def __str__(self) -> str:
        return f"{self.length} {self.relation} 0"


def quotient(dividend: Length, divisor: Length, sizes: Sizes, exact: bool = False) -> Length:
    """Return the quotient of two lengths where it is a polynomial.

    >>> from verify.judge.sizes.lengths import Sizes
    >>> h = Length.of({("H",): 2, (): 1})
    >>> str(quotient(h * h + h, h, Sizes({}, {})))
    '2·H + 2'
    """
    if divisor.known and all(c % divisor.known == 0 for _, c in dividend.terms):
        return dividend // divisor.known
    rest, found = dividend, Length.number(0)
    lead, factor = max(divisor.terms, key=lambda t: (len(t[0]), t[0]))
    while rest.terms and rest.known is None:
        top, coefficient = max(rest.terms, key=lambda t: (len(t[0]), t[0]))
        left = list(top)
        for letter in lead:
            if letter not in left:
                break
            left.remove(letter)
        else:
            if coefficient % factor == 0:
                part = Length.of({tuple(left): coefficient // factor})
                found, rest = found + part, rest - part * divisor
                continue
        raise UnreadableError(f"a division of a size by a size{user_line()}")
    whole = rest.known == 0 or (
        not exact
        and sizes.at_least(rest, 0, user_line())
        and sizes.at_least(divisor, rest + 1, user_line())
    )
    if not whole:
        raise UnreadableError(f"a division of a size by a size{user_line()}")
    return found


def integer(sizes: Sizes, value: Length | int) -> Any:
    """Return a length as a number of Python or torch."""
    known = length(value).known
    return known if known is not None else torch.SymInt(SizeNode(sizes, length(value)))  # type: ignore[no-untyped-call]


@contextmanager
def divided_with_remainder() -> Iterator[None]:
    """Let ``divmod`` take symbols, which torch does not say how to."""

    def both(one: Any, other: Any) -> Any:
        return one // other, one % other

    kind: Any = torch.SymInt
    kind.__divmod__ = both
    try:
        yield
    finally:
        del kind.__divmod__


def as_length(value: Any) -> Length:
    """Return a number as a length."""
    if isinstance(value, torch.SymInt):
        node: Any = value.node
        if isinstance(node, SizeNode):
            return length(node.value)
    if type(value) is int:
        return Length.number(value)
    raise UnreadableError(f"a {type(value).__name__} for a size{user_line()}")


def as_scale(value: Any) -> Scale | float:
    """Return a fraction as a quotient of sizes, or as the number that it is."""
    node: Any = value.node
    if not isinstance(node, SizeNode):
        raise UnreadableError(f"a {type(value).__name__} for a size{user_line()}")
    known = node.scale.known
    return node.scale if known is None else known
