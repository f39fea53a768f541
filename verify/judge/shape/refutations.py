"""Refutations: inputs on which the module is wrong, made small, and told.

Every input is run, so that the outputs of a counterexample are those of the module itself.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy
import torch

from proofs.verdict import Verdict
from verify.judge.attack import shrunk
from verify.judge.equivalence import Equivalence, TensorCounterexample, digits_apart, shown
from verify.judge.shape.agreement import Agreement, Difference
from verify.judge.shape.question import Question
from verify.judge.side import kind
from verify.judge.symbols.evaluation import real_values
from verify.judge.watching.running import NotJudgedError, RaisedError


class Refutations:
    """What is said of inputs on which both sides differ."""

    def __init__(self, question: Question, agreement: Agreement) -> None:
        self.question, self.agreement = question, agreement
        self.read = agreement.read

    def differing(self, found: Difference, remark: str) -> Equivalence:
        """Return that both outputs differ there, on a smaller input if one is found."""
        small = self._smaller(found)
        values = [float(side[small.index]) for side in (small.left, small.right)]
        digits = digits_apart(*values, least=9)
        replay = f"run in {kind(small.left.dtype)}"
        index = small.index
        reason = f"{values[0]:.{digits}g} instead of {values[1]:.{digits}g} at output {list(index)}"
        about = self.question.about
        if about is not None and not any(map(math.isfinite, values)):
            exact = self.agreement.exact(small.x, index, self.read.right)
            if isinstance(exact, Fraction):  # the reference overflows as well
                meant = f"{float(exact):.9g}, as is the reference in {about.system.name},"
                reason = f"{values[0]:g} instead of {meant} at output {list(index)}"
        parts = self.question.module.parts(small.x)
        return replace(
            self.question.found(Verdict.REFUTED, f"{reason}, {remark}" if remark else reason),
            counterexample=TensorCounterexample(
                parts[0], small.left, small.right, index, replay, tuple(parts[1:]),
                named=self.question.titles,
            ),
        )  # fmt: skip

    def _smaller(self, found: Difference) -> Difference:
        """Return a difference on a smaller input."""
        latest = found
        local = self.read.local(found.index)

        def fails(x: torch.Tensor) -> bool:
            nonlocal latest
            if not self.question.admits(x):
                return False
            try:
                left, right = self.question.run(x)
                where = self.agreement.where(x, left, right, found.index, local)
            except NotJudgedError:
                return False
            if where is None:
                return False
            latest = Difference(x, left, right, where)
            return True

        shrunk(found.x, fails, None if local is None else local[2])
        return latest

    def raising(self, x: torch.Tensor) -> Equivalence | None:
        """Return that the module raises where the reference does not, ``None`` if both do."""
        module, reference = self.question.module, self.question.reference
        try:
            module.run(x)
        except RaisedError as error:
            why = str(error)
        else:
            reference.run(x)  # which says what is wrong with it
            return None
        try:
            output = reference.run(x)
        except RaisedError:
            return None
        latest = x, why, output

        def fails(smaller: torch.Tensor) -> bool:
            nonlocal latest
            if not self.question.admits(smaller):
                return False
            try:
                expected = reference.run(smaller)
                module.run(smaller)
            except RaisedError as error:
                latest = smaller, str(error), expected
                return True
            except NotJudgedError:
                pass
            return False

        shrunk(x, fails)
        x, why, output = latest
        parts = module.parts(x)
        nothing = torch.full_like(output, math.nan) if output.is_floating_point() else output * 0
        return replace(
            self.question.found(Verdict.REFUTED, f"{why}, and the reference does not"),
            counterexample=TensorCounterexample(
                parts[0], nothing, output, (0,) * output.ndim, f"run in {kind(x.dtype)}",
                tuple(parts[1:]), raised=why, named=self.question.titles,
            ),
        )  # fmt: skip

    def unlike(self, x: torch.Tensor, left: torch.Tensor, right: torch.Tensor) -> Equivalence:
        """Return that the output has another shape than the reference's on some input."""
        return self.question.found(
            Verdict.REFUTED,
            f"its output has shape {tuple(left.shape)}, not {tuple(right.shape)} at input "
            f"{shown(x)}",
        )

    def in_double(self, elements: Mapping[int, Any], index: tuple[int, ...]) -> Difference | None:
        """Run both sides in float64 on a counterexample that their own dtype cannot show."""
        question, algebra = self.question, self.read.algebra
        local = self.read.local(index)
        off = torch.finfo(torch.float64).eps
        read = algebra.logarithms or any(  # of weights that float64 does not have
            abs(meant - Fraction(number)) > abs(meant) * Fraction(off)
            for number, meant in algebra.readings.items()
        )
        if not question.real or question.dtype is torch.float64 or local is None or read:
            return None
        sides = question.module.doubled(), question.reference.doubled()
        terms, ends, places = local
        for x in question.near(elements, question.plainest().double()):
            if not question.admits(x):
                continue
            try:
                left, right = (side.run(x) for side in sides)
            except (NotJudgedError, RuntimeError, TypeError):
                return None
            if left.dtype is not torch.float64 or left.shape != right.shape:
                return None
            own = real_values(terms, x[places].numpy().reshape(-1, 1), torch.float64, ends)
            here = [numpy.asarray(side.numpy()[index]).reshape(1) for side in (left, right)]
            differs = self.agreement.differs(x, here, [own.at(([i], 0)) for i in (0, 1)])
            if differs.any():
                return Difference(x, left, right, index)
        return None
