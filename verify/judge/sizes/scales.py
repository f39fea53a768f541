"""Factors that depend on sizes, such as the 1/(H·W) of a mean: quotients of two lengths."""

from __future__ import annotations

from dataclasses import dataclass

from verify.judge.sizes.lengths import Length

_ONE = Length.number(1)


@dataclass(frozen=True)
class Scale:
    """A quotient of two lengths.

    >>> height = Length.of({("H",): 1, (): 1})
    >>> mean = Scale(Length.number(1), height)
    >>> (mean * Scale(height * 2)).same(ONE), mean.same(ONE)
    (True, False)
    """

    above: Length
    below: Length = _ONE

    def __mul__(self, other: Scale) -> Scale:
        return Scale(self.above * other.above, self.below * other.below).short

    def __add__(self, other: Scale) -> Scale:
        both = self.below * other.below
        return Scale(self.above * other.below + other.above * self.below, both).short

    def __neg__(self) -> Scale:
        return Scale(-self.above, self.below)

    def __sub__(self, other: Scale) -> Scale:
        return self + -other

    @property
    def inverse(self) -> Scale:
        """One divided by it."""
        return Scale(self.below, self.above)

    @property
    def short(self) -> Scale:
        """The same, without what stands above and below alike."""
        if self.above == self.below:
            return ONE
        return self

    @property
    def known(self) -> float | None:
        """The number that it is whatever the sizes, ``None`` if it depends on them."""
        above, below = self.above.known, self.below.known
        return None if above is None or not below else above / below

    def same(self, other: Scale) -> bool:
        """Say whether it is another, but for a number that depends on no size.

        >>> one, two = Scale(Length.number(1)), Scale(Length.number(2))
        >>> one.same(two)
        True
        """
        mine, theirs = dict((self.above * other.below).terms), dict(
            (other.above * self.below).terms
        )  # fmt: skip
        if mine.keys() != theirs.keys():
            return False
        first = next(iter(mine))
        return all(mine[m] * theirs[first] == theirs[m] * mine[first] for m in mine)

    def degree(self, letter: str) -> int:
        """Return in which power a size stands below, if nothing stands above."""
        return max((m.count(letter) for m, _ in self.below.terms), default=0)

    def __str__(self) -> str:
        return f"({self.above}) / ({self.below})"


ONE = Scale(_ONE)
