"""What was read of both sides: the terms of their outputs, and the kinds of window among these."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

from verify.judge.shape.question import Question
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.classes import Pattern, TooManyKindsError, kinds, made_of, restricted
from verify.judge.symbols.terms import Ids, Terms, fewer
from verify.judge.watching.observer import WatchedTooLongError
from verify.judge.watching.paths import Explored

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: The largest terms of one output that are told apart from all others and computed exactly.
LARGEST_EXACT = 2000


@dataclass(frozen=True)
class Reading:
    """Both sides as terms over one input."""

    algebra: Algebra
    left: Explored
    right: Explored

    @classmethod
    def of(cls, question: Question, algebra: Algebra) -> Reading:
        """Watch both sides, and return what was read."""
        given = question.given if question.back is None else None
        left, right = (
            side.terms(algebra, question.dtype, question.deadline, given)
            for side in (question.module, question.reference)
        )
        return cls(algebra, left, right)

    @property
    def terms(self) -> Terms:
        """Where the terms of both are."""
        return self.algebra.terms

    @property
    def sides(self) -> tuple[Explored, Explored]:
        """The module and the reference."""
        return self.left, self.right

    @property
    def unseen(self) -> list[str]:
        """Why terms are not known, or do not say all, of either side."""
        return [*self.left.unseen, *self.right.unseen]

    @property
    def complete(self) -> bool:
        """Whether the terms of both are known, and say all."""
        return all(side.ids is not None and not side.unseen for side in self.sides)

    @property
    def ids(self) -> tuple[Ids, Ids]:
        """The terms of both outputs, which must be known."""
        left, right = self.left.ids, self.right.ids
        assert left is not None and right is not None
        return left, right

    def index(self, place: int) -> tuple[int, ...]:
        """Return where a flat place of the outputs is."""
        return tuple(int(i) for i in numpy.unravel_index(place, self.ids[0].shape))

    def whose(self, side: Explored) -> str:
        """Return what a side is called."""
        return "the module" if side is self.left else "the reference"

    def kinds(
        self, left: Ids, right: Ids, late: Callable[[], bool], labels: NDArray[Any] | None = None
    ) -> list[Pattern]:
        """Return the kinds of some outputs; where each is one of its own, that takes long.

        Raises:
            WatchedTooLongError: Time was up.
        """
        try:
            return kinds(self.terms, left, right, labels, late=late)
        except TooManyKindsError as error:
            raise WatchedTooLongError(f"out of time: {error}") from error

    def local(self, index: tuple[int, ...]) -> tuple[Terms, Any, list[int]] | None:
        """Return the terms at one place of both outputs alone, if they are known."""
        if not self.complete:
            return None
        left, right = (numpy.asarray(ids[index]).reshape(1) for ids in self.ids)
        if not fewer(self.terms, [int(left[0]), int(right[0])], LARGEST_EXACT):
            return made_of(self.terms, numpy.concatenate([left, right]))
        (only,) = kinds(self.terms, left, right)
        return restricted(only)
