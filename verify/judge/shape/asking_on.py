"""Asking on about a module that is refuted: the weakest condition found under which it is right.

Solvers say which conditions may be meant; runs confirm one, or there is none.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

import numpy
import torch

from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import UnsupportedError
from verify.judge.attack import inputs
from verify.judge.conditions.formulas import Formulas
from verify.judge.conditions.weakest import (
    Asking,
    Condition,
    TimeIsUpError,
    WeakestCondition,
    candidates,
    holds,
    outside,
    windows_in_words,
)
from verify.judge.equivalence import Equivalence
from verify.judge.shape.agreement import Agreement
from verify.judge.shape.question import Question, with_elements
from verify.judge.shape.reading import Reading
from verify.judge.symbols.classes import Pattern
from verify.judge.symbols.terms import Terms
from verify.judge.tolerance.algebra import RoundedReals


class AskingOn:
    """The search for the weakest condition, of a module that is refuted."""

    def __init__(self, question: Question, agreement: Agreement) -> None:
        self.question, self.agreement, self.read = question, agreement, agreement.read
        self.system, self.dtype, self.given = question.system, question.dtype, question.given

    def with_condition(self, refuted: Equivalence) -> Equivalence:
        """Return a refutation with the weakest condition found under which the module is right."""
        every, summed = self._kinds(self.read), None
        if every is None and isinstance(self.system, FloatFormat):
            algebra = RoundedReals(Terms(self.question.count), self.system)
            every = self._kinds(Reading.of(self.question, algebra))
            summed = set(algebra.readings.values())
        if every is None:
            return replace(refuted, no_condition="it is not read as terms")
        # Nobody is to wait so long for a condition that the refutation comes too late.
        asking = Asking(self.system, self.question.deadline - 1, self.given)
        assert refuted.counterexample is not None
        known = torch.cat([x.reshape(-1) for x in refuted.counterexample.inputs]).to(self.dtype)
        try:
            found, wrong = candidates(every, asking, self.given, summed)
            asking.patience += 1
            for template, exact in found:
                condition = self._confirmed(
                    template, exact, wrong, every, asking, known.to(self.dtype)
                )
                if condition is not None:
                    return replace(refuted, condition=condition)
        except UnsupportedError as error:
            return replace(refuted, no_condition=f"nothing is known of {error}")
        except TimeIsUpError:
            return replace(refuted, no_condition="none was found before time was up")
        return replace(refuted, no_condition="none of those that were tried makes it right")

    def _kinds(self, read: Reading) -> list[Pattern] | None:
        """Return the kinds of window, ``None`` if they are not known."""
        if not read.complete or any(side.drawn for side in read.sides):
            return None
        return read.kinds(*read.ids, late=lambda: self.question.late)

    def _confirmed(
        self, template: Condition, exact: bool, wrong: Sequence[Formulas],
        every: Sequence[Pattern], asking: Asking, known: torch.Tensor,
    ) -> WeakestCondition | None:  # fmt: skip
        """Return a condition that runs confirm: right where it holds, and wrong somewhere else.

        On the input ``known`` it is wrong.
        """
        without = self._wrong_without(template, wrong, asking, known)
        if without is None:
            return None
        runs = 0
        for x in self.question.meant(inputs(self.system, self.question.count, self.dtype)):
            if asking.late:
                break
            left, right = self.question.run(x)
            flat = x.double().numpy()
            if not numpy.isfinite(flat).all():
                continue
            if not holds(template, wrong, flat, right.double().numpy().reshape(-1)):
                continue
            if self.agreement.where(x, left, right, (), None) is not None:
                return None
            runs += 1
        if not runs:
            return None
        words = template.words(windows_in_words([about.kind for about in wrong], every))
        nan_is_meant = self.given is None or self.given.admits(torch.full((1,), torch.nan))
        if nan_is_meant and asking.right_at_nan(wrong):
            words += ", or NaN"
        first, *others = self.question.module.parts(without)
        return WeakestCondition(words, exact, first, runs, asking.cut, tuple(others))

    def _wrong_without(
        self, template: Condition, wrong: Sequence[Formulas], asking: Asking, known: torch.Tensor
    ) -> torch.Tensor | None:
        """Return an input that does not meet a condition, on which the module, run, is wrong.

        One of infinities only if there is no other.
        """
        endless = None
        for x in chain(self._perhaps_without(template, wrong, asking), [known], inputs(
            self.system, self.question.count, self.dtype
        )):  # fmt: skip
            if not self.question.admits(x):
                continue
            left, right = self.question.run(x)
            flat, output = x.double().numpy(), right.double().numpy().reshape(-1)
            if holds(template, wrong, flat, output):
                continue
            if self.agreement.where(x, left, right, (), None) is not None:
                if bool(x.isfinite().all()):
                    return x
                endless = x
        return endless

    def _perhaps_without(
        self, template: Condition, wrong: Sequence[Formulas], asking: Asking
    ) -> Iterator[torch.Tensor]:
        """Yield what solvers find."""
        with contextlib.suppress(TimeIsUpError):
            for about in wrong:
                for values in outside(template, about, asking):
                    elements = {about.kind.variables[node]: v for node, v in values.items()}
                    x = with_elements(elements, self.question.plainest())
                    if x is not None:
                        yield x
