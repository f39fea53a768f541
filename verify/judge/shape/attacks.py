"""Attacks: which inputs both sides are run on, and what comes of that."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

import torch

from verify.judge.attack import LARGE
from verify.judge.branches import decisions_of, steering, thresholds, wide
from verify.judge.equivalence import Equivalence, shown
from verify.judge.shape.agreement import Agreement, Difference, Own
from verify.judge.shape.question import Progress, Question, with_elements
from verify.judge.shape.refutations import Refutations
from verify.judge.symbols.classes import Pattern
from verify.judge.ties import Ties, decides
from verify.judge.watching.running import NotJudgedError, RaisedError, same
from verify.judge.ways import ImpossibleError, input_for

#: Processor seconds for finding inputs where decisions are close, and how many are tried.
AT_TIES = 3.0
_TIES, _FEW_TIES = 64, 4
#: Kinds of window of which single elements are made to stand out.
_STANDING_OUT = 8
#: Tells the kinds of window apart, which may take long.
Kinds = Callable[[], Sequence[Pattern]]


class Attacks:
    """Runs of both sides on inputs that may tell them apart."""

    def __init__(
        self, question: Question, agreement: Agreement, progress: Progress, most: int | None
    ) -> None:
        self.question, self.agreement, self.progress = question, agreement, progress
        self.read = agreement.read
        self.refutations = Refutations(question, agreement)
        #: How many telling inputs are tried; all without it.
        self.most = most
        #: Inputs on which both were run and agreed.
        self.agreed = 0
        #: How many of them are close to where a decision by computed values turns; ``None`` if
        #: none is.
        self.close: int | None = None

    def telling(self) -> Equivalence | None:
        """Run both on the telling inputs."""
        return self.on(self.question.meant(islice(self.question.telling(), self.most)))

    def on(self, every: Iterator[torch.Tensor]) -> Equivalence | None:
        """Run both on inputs; return what they refute, and hold them against their terms.

        Raises:
            NotJudgedError: A run is not what its terms say, or not what another run is.
        """
        for number, (x, own) in enumerate(self.agreement.valued(every)):
            if self.question.late:
                break
            try:
                outputs = self.question.run(x)
            except RaisedError:
                raising = self.refutations.raising(x)
                if raising is not None:
                    return raising
                continue  # both refuse it
            apart = self._apart(x, *outputs, own)
            if apart is not None:
                again = self.question.run(x)
                if not all(same(a, b) for a, b in zip(outputs, again, strict=True)):
                    raise NotJudgedError("two runs on the same input differ")
                return apart
            if self.agreed < (3 if len(x) <= LARGE else 1):
                self._other_modes(x, outputs[0])
            self.agreed += 1
            if number == 2:
                self.progress("the first inputs agree")
        return None

    def plainly(self, every: Iterable[torch.Tensor]) -> Equivalence | None:
        """Run both on inputs, and hold them against their terms where they differ."""
        for x in every:
            if self.question.late:
                break
            if not self.question.admits(x):
                continue
            try:
                left, right = self.question.run(x)
                alike = left.shape == right.shape and same(left, right)
            except RaisedError:
                alike = False
            refuted = None if alike else self.on(iter([x]))
            if refuted is not None:
                return refuted
        return None

    def all_ways(self) -> Equivalence | None:
        """Run both where decisions by the whole input go one way, and the other.

        Their terms are asked only where the two runs differ.
        """
        question, read = self.question, self.read
        decisions = decisions_of(*read.sides)
        if question.about is not None or question.back is not None or self.most is not None:
            return None
        large = not read.complete and question.count > LARGE
        if not large and not wide(read.terms, decisions):
            return None
        every = steering(question.count, question.dtype, thresholds(read.terms, decisions))
        return self.plainly(question.meant(every))

    def at_ties(self, kinds: Kinds) -> Equivalence | None:
        """Run both where a decision by computed values is close to turning."""
        question, read = self.question, self.read
        if (
            not question.real
            or question.about is not None
            or not decides(read.terms)
            or not read.complete
        ):
            return None
        now, worked = time.perf_counter(), time.process_time()
        until = now + (question.deadline - now) / 2

        def late() -> bool:
            return time.process_time() - worked > AT_TIES or time.perf_counter() > until

        every = (Ties(kind, question.dtype, late) for kind in kinds())
        chosen = [ties for ties in every if ties.computed]
        if not chosen:
            return None
        before, self.close = self.agreed, 0
        each = max(1, (_FEW_TIES if question.count > LARGE else _TIES) // len(chosen))

        def close() -> Iterator[torch.Tensor]:
            for ties in chosen:
                for elements in islice(ties.inputs(), each):
                    x = question.plainest()
                    x[ties.elements] = torch.from_numpy(elements).to(x.dtype)
                    if question.admits(x):
                        yield x
                if late():
                    return

        refuted = self.on(close())
        self.close = self.agreed - before
        return refuted

    def standing_out(self, kinds: Kinds) -> Equivalence | None:
        """Run both where an element stands out that one side alone depends on."""
        return self.on(self._standing_out(kinds))

    def _standing_out(self, kinds: Kinds) -> Iterator[torch.Tensor]:
        """Yield inputs in which such an element stands out.

        A fold of thousands of taps that leaves one out differs where that tap is the largest, and
        nowhere that inputs drawn at random are likely to be.
        """
        question = self.question
        if question.about is not None or not self.read.complete:
            return
        for one in kinds()[:_STANDING_OUT]:
            alone = sorted(one.depends_on(one.left) ^ one.depends_on(one.right))
            for node in dict.fromkeys((*alone[:2], *alone[-2:])):
                for number in (1, -1):
                    x = question.plainest()
                    x[one.variables[node]] = number
                    if (number > 0 or question.dtype.is_signed) and question.admits(x):
                        yield x

    def astray(self) -> Equivalence | None:
        """Return that the module raises, or has another shape, on an input that goes that way."""
        try:
            elements = input_for(self.read.left.astray, self.read.algebra, self.question.deadline)
        except ImpossibleError:
            return None
        if elements is None:
            return None
        x = with_elements(elements, torch.zeros(self.question.count, dtype=self.question.dtype))
        if x is None or not self.question.admits(x):
            return None
        try:
            left, right = self.question.run(x)
        except RaisedError:
            return self.refutations.raising(x)
        return None if left.shape == right.shape else self.refutations.unlike(x, left, right)

    def _apart(
        self, x: torch.Tensor, left: torch.Tensor, right: torch.Tensor, own: Own
    ) -> Equivalence | None:
        """Return the refutation that two outputs are, after holding each against its terms."""
        if left.shape != right.shape:
            return self.refutations.unlike(x, left, right)
        index = self.agreement.difference(x, left, right, own)
        if index is None:
            return None
        unseen = self.read.unseen if self.question.real else ()
        remark = f"seen by running it ({unseen[0]})" if unseen else ""
        return self.refutations.differing(Difference(x, left, right, index), remark)

    def _other_modes(self, x: torch.Tensor, output: torch.Tensor) -> None:
        unit = torch.finfo(output.dtype).eps if output.is_floating_point() else 0.0
        for how, result in self.question.module.otherwise(x):
            if result.shape != output.shape or not torch.allclose(
                result.double(),
                output.double(),
                rtol=max(1e-5, 4 * unit),
                atol=max(1e-6, 4 * unit),
                equal_nan=True,
            ):
                raise NotJudgedError(f"{how} it computes something else at input {shown(x)}")
