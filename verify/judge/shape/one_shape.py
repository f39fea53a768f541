"""Judging at one shape: the same as the reference for every input of it, or an input that tells.

Both sides are read as terms and attacked by inputs, first by those that tell most and then by those
that their own decisions suggest. Only then is there a proof, one for each kind of window.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import numpy
import torch

from proofs.verdict import Verdict
from verify.judge.attack import LARGE
from verify.judge.branches import WayPair, decisions_of, pairs, wide
from verify.judge.equivalence import Equivalence
from verify.judge.proving import Settled
from verify.judge.shape.agreement import Agreement
from verify.judge.shape.asking_on import AskingOn
from verify.judge.shape.attacks import Attacks
from verify.judge.shape.footprint import footprint
from verify.judge.shape.proof import Proof
from verify.judge.shape.question import Progress, Question
from verify.judge.shape.reading import Reading
from verify.judge.side import kind
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.classes import Pattern
from verify.judge.symbols.maxima import same_maxima
from verify.judge.symbols.terms import ZERO, Terms
from verify.judge.tolerance.algebra import RoundedReals
from verify.judge.tolerance.within import SEARCHING
from verify.judge.watching.running import NotJudgedError

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Elements of the inputs that are judged, at most: several hundred bytes are needed for each.
MOST_ELEMENTS = 1 << 26
#: Seconds for asking solvers about what the normal forms have proved already.
CHECKING = 1.0


@dataclass
class OneShape:
    """Two sides at one shape, as far as they have been judged."""

    question: Question
    #: The solvers to ask, and no normal forms besides; if none is named, all of them and these.
    engines: Sequence[str]
    progress: Progress
    #: How many telling inputs are tried; all without it.
    most: int | None = None
    #: Processor seconds in which a worst input is searched for.
    searching: float = SEARCHING
    #: Statements that were settled, at this shape or at another one.
    settled: dict[Any, Settled] = field(default_factory=dict)
    #: When solvers are no longer asked about what is proved without them; else it is as long as
    #: one shape is worth.
    checked_until: float | None = None
    #: The outputs that are known to be equal from elsewhere: where it is true.
    known: NDArray[numpy.bool_] | None = None
    #: What was run, once both sides are read.
    attacks: Attacks | None = field(default=None, init=False)

    @property
    def agreed(self) -> int:
        """On how many inputs both were run and agreed."""
        return 0 if self.attacks is None else self.attacks.agreed

    def judged(self) -> Equivalence:
        """Return the finding.

        Raises:
            NotJudgedError: A side cannot be run as asked, is no function of its input, or is not
                what its terms say.
            WatchedTooLongError: Time was up.
        """
        question = self.question
        self._check_runs()
        unlike = self._outwardly_different()
        if unlike is not None:
            return question.found(Verdict.REFUTED, unlike)
        read = self._reading()
        self.progress("both were run and read as terms")
        attacks = self.attacks = Attacks(
            question, Agreement(question, read), self.progress, self.most
        )
        refuted = attacks.telling() or attacks.all_ways()
        if refuted is not None:
            return refuted
        every_pair = self._pairs(read)
        found = self._by_ways(attacks, every_pair) if every_pair else None
        if found is not None:
            return found
        kinds = cache(partial(self._kinds, read))
        refuted = attacks.at_ties(kinds) or attacks.standing_out(kinds)
        if refuted is not None:
            return refuted
        self.progress(f"{self.agreed} inputs agree")
        if read.left.astray:
            astray = attacks.astray()
            if astray is not None:
                return astray
        unseen = [*read.left.unseen, *(f"the reference: {why}" for why in read.right.unseen)]
        if unseen and question.about is not None:
            return question.found(Verdict.UNKNOWN, f"no bound is known: {unseen[0]}")
        if unseen:
            return replace(
                question.found(
                    Verdict.TESTED, f"{self.agreed} inputs agree; not read: {unseen[0]}"
                ),
                footprint=footprint(attacks),
            )
        if question.late:
            return question.found(Verdict.UNKNOWN, f"out of time after {self.agreed} inputs agreed")
        return self._proved(attacks, kinds)

    def asked_on(self, refuted: Equivalence) -> Equivalence:
        """Return a refutation with the weakest condition found under which the module is right."""
        assert self.attacks is not None
        return AskingOn(self.question, self.attacks.agreement).with_condition(refuted)

    # -- what can be seen without terms ----------------------------------------------------------

    def _check_runs(self) -> None:
        """Raise ``NotJudgedError`` unless both run, and are functions of their input."""
        question = self.question
        dtype = question.dtype
        if question.count > MOST_ELEMENTS:
            raise NotJudgedError(
                f"an input of {question.count:,} elements is larger than the {MOST_ELEMENTS:,} "
                "that are judged: ask for a smaller one, or for every size, by letters"
            )
        for side, whose in ((question.module, ""), (question.reference, "the reference: ")):
            try:
                why = side.unsteady(dtype)
            except NotJudgedError as error:
                raise NotJudgedError(f"{whose}{error}") from error
            if why is not None and not why.startswith("it draws random numbers from torch"):
                raise NotJudgedError(f"{whose}{why}")

    def _outwardly_different(self) -> str | None:
        question = self.question
        mine, other = (side.plain(question.dtype) for side in (question.module, question.reference))
        if not isinstance(other, torch.Tensor):
            raise NotJudgedError(f"the reference returns {kind(other)}, not a tensor")
        if not isinstance(mine, torch.Tensor):
            return f"it returns {kind(mine)}, not a tensor"
        if mine.shape != other.shape:
            return f"its output has shape {tuple(mine.shape)}, not {tuple(other.shape)}"
        if mine.dtype != other.dtype:
            return f"its output is {kind(mine.dtype)}, not {kind(other.dtype)}"
        return None

    # -- what is read ----------------------------------------------------------------------------

    def _reading(self) -> Reading:
        """Return both sides as terms.

        Raises:
            NotJudgedError: One of them draws random numbers.
        """
        question, terms = self.question, Terms(self.question.count)
        algebra = (
            Algebra(terms, question.system) if question.about is None
            else RoundedReals(terms, question.about.system)
        )  # fmt: skip
        given = question.given if question.back is None else None
        if given is not None:
            algebra.least, algebra.most = given.given.low, given.given.high
        read = Reading.of(question, algebra)
        for side, whose in zip(read.sides, ("", "the reference: "), strict=True):
            if side.drawn:
                hint = " (in training mode: call .eval() first)" if any(
                    s.trains for s in (question.module, question.reference)) else ""  # fmt: skip
                raise NotJudgedError(f"{whose}{side.drawn[0]}{hint}")
        return read

    def _kinds(self, read: Reading) -> list[Pattern]:
        """Return the kinds of output, but for those that are known to be equal from elsewhere."""
        left, right = read.ids
        if self.known is not None:
            left, right = (numpy.where(self.known, ZERO, ids) for ids in (left, right))
        return read.kinds(left, right, lambda: self.question.late)

    def _pairs(self, read: Reading) -> list[WayPair]:
        """Return the ways through both sides, where one decides by its input as a whole."""
        question = self.question
        if (
            not read.complete
            or question.about is not None
            or question.back is not None
            or self.known is not None
            or not wide(read.terms, decisions_of(*read.sides))
        ):
            return []
        return pairs(read.terms, *read.sides, real=question.real)

    # -- proofs ----------------------------------------------------------------------------------

    def _proof(self, attacks: Attacks) -> Proof:
        checked_until = self.checked_until or time.perf_counter() + CHECKING
        return Proof(
            attacks, self.engines, self.progress, self.settled, checked_until, self.searching
        )

    def _by_ways(self, attacks: Attacks, every_pair: Sequence[WayPair]) -> Equivalence | None:
        """Judge every pair of ways by itself; ``None`` if one of them is not the same everywhere.

        Then it matters which way is gone, and of a large input nobody can say more.
        """
        question, read = self.question, attacks.read
        every = [
            (one, pair)
            for pair in every_pair
            for one in read.kinds(pair.left, pair.right, lambda: question.late)
        ]
        kinds = [one for one, _ in every]
        refuted = attacks.at_ties(lambda: kinds) or attacks.standing_out(lambda: kinds)
        if refuted is not None:
            return refuted
        found = self._proof(attacks).of(kinds, [pair for _, pair in every])
        if found.verdict.settles or found.verdict is Verdict.NOT_JUDGED or question.count > LARGE:
            return found
        return None

    def _proved(self, attacks: Attacks, kinds: Callable[[], list[Pattern]]) -> Equivalence:
        """Prove every kind of window, but for the outputs that are known to be equal."""
        proof, read, about = self._proof(attacks), attacks.read, self.question.about
        if self.known is None and about is None:
            return proof.of(kinds())
        left, right = read.ids
        if self.known is not None:
            known = self.known
            if not self.engines and time.perf_counter() > proof.checked_until:
                known = known | same_maxima(read.terms, left, right)
            left, right = (numpy.where(known, ZERO, ids) for ids in (left, right))
        labels = None if about is None else about.input_of
        return proof.of(read.kinds(left, right, lambda: self.question.late, labels))
