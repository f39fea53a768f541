"""Proving every kind of window, and running what a solver finds instead."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import chain
from typing import Any

import torch

from proofs.terms import Term
from proofs.verdict import Verdict
from verify.engines import ENGINES
from verify.engines.smt import SmtEngine
from verify.judge.branches import WayPair, decisions_of, steering, thresholds
from verify.judge.conditions.given import Admitted
from verify.judge.conditions.whole import of_whole_inputs
from verify.judge.equivalence import Equivalence
from verify.judge.proving import Settled, settle
from verify.judge.shape.agreement import Difference
from verify.judge.shape.attacks import Attacks
from verify.judge.shape.footprint import footprint
from verify.judge.shape.question import Progress, with_elements
from verify.judge.shape.reading import LARGEST_EXACT
from verify.judge.symbols.classes import Pattern
from verify.judge.symbols.exactly import exact_values
from verify.judge.symbols.terms import fewer
from verify.judge.tolerance.bounds import UnknownRoundingError
from verify.judge.tolerance.narrowing import narrowed
from verify.judge.tolerance.within import BoundExceededError, Runs, bounded, tolerance
from verify.judge.watching.running import RaisedError

#: The engines that can be asked: those that take a statement in many variables.
SOLVERS = tuple(name for name, engine in ENGINES.items() if isinstance(engine, SmtEngine))

#: A run is as a solver says if it is so many times closer to that than both sides are apart.
_CLOSE = 1024


class Proof:
    """The proof that both sides are the same, where no input has told them apart."""

    def __init__(
        self, attacks: Attacks, engines: Sequence[str], progress: Progress,
        settled: dict[Any, Settled], checked_until: float, searching: float,
    ) -> None:  # fmt: skip
        self.attacks, self.refutations = attacks, attacks.refutations
        self.question, self.read, self.agreement = attacks.question, attacks.read, attacks.agreement
        self.system, self.dtype = attacks.question.system, attacks.question.dtype
        self.about, self.given = attacks.question.about, attacks.question.given
        self.engines, self.progress = engines, progress
        #: Statements that were settled, at this shape or at another one.
        self.settled = settled
        #: When solvers are no longer asked about what is proved without them.
        self.checked_until = checked_until
        #: Processor seconds in which a worst input is searched for.
        self.searching = searching

    def of(self, every: Sequence[Pattern], pairs: Sequence[WayPair] = ()) -> Equivalence:
        """Prove every kind of window, and return the finding.

        Args:
            every: The kinds.
            pairs: Of each of them the ways by which both sides go there, if that is asked.
        """
        asked = {name: ENGINES[name] for name in self.engines or SOLVERS}
        proved: Counter[str] = Counter()
        whole = self._whole_inputs
        for number, one in enumerate(map(of_whole_inputs, every) if whole else every):
            if self.question.late:
                return self.question.found(
                    Verdict.UNKNOWN,
                    f"out of time: {number} of {len(every)} kinds of window proved, "
                    f"{self.attacks.agreed} inputs agree",
                )
            pair = pairs[number] if pairs else None
            if self.about is not None:
                one = narrowed(one, self.about.of_nodes(one.variables))
            statement = one.nodes, one.left, one.right, None if pair is None else pair.given
            settled = self.settled.get(statement) or settle(
                one, self.system, asked, self.question.deadline,
                f"input shape {self.question.shapes[0]}",
                forms=not self.engines, checked_until=self.checked_until,
                given=self._premises_of(one, pair), never_negative=self._never_negative(one, pair),
            )  # fmt: skip
            if settled.verdict.settles and settled.verdict is not Verdict.REFUTED:
                self.settled[statement] = settled
            if settled.verdict is Verdict.REFUTED:
                assert settled.model is not None
                if pair is not None:
                    return self._led_there(one, settled.model, pair)
                return self._replayed(one, settled.model, settled.evidence[-1].engine)
            if not settled.verdict.settles:
                said = "; ".join(f"{e.engine} {e.verdict}: {e.detail}" for e in settled.evidence)
                index = self.read.index(int(one.places[0]))
                found = self.question.found(
                    settled.verdict,
                    f"undecided at output {list(index)}: {said or 'out of time'}; "
                    f"{self.attacks.agreed} inputs agree",
                )
                numbers = self.read.terms.values.values()
                ends = [n for n in numbers if not isinstance(n, bool) and math.isfinite(n)]
                return replace(found, beyond=self.question.beyond(ends))
            proved.update(e.engine for e in settled.evidence if e.verdict.settles)
            self.progress(f"{number + 1} of {len(every)} kinds of window proved")
        if self.agreement.turned:
            return self.question.found(Verdict.NOT_JUDGED, self.agreement.turned)
        count = len(every)
        if self.about is not None:
            return self._bounded(every, dict(proved))
        by = ", ".join(
            name if number == count else f"{name} ({number} of {count})"
            for name, number in proved.items()
        )
        return replace(
            self.question.found(Verdict.PROVED_BOUNDED, f"{self._counted(every)}; proved by {by}"),
            proved_by=dict(proved),
            footprint=footprint(self.attacks),
        )

    def _counted(self, every: Sequence[Pattern]) -> str:
        """Return in words of how many outputs the finding is."""
        outputs, kinds = self.read.ids[0].size, len(every)
        return f"{outputs} output{'s' * (outputs > 1)}, {kinds} kind{'s' * (kinds > 1)} of window"

    def _bounded(self, every: Sequence[Pattern], proved: dict[str, int]) -> Equivalence:
        """Return within which tolerance what is equal over the reals is computed."""
        about, question = self.about, self.question
        assert about is not None
        try:
            bounds = bounded(every, about, self.read.algebra.readings)
        except UnknownRoundingError as error:
            return self.question.found(Verdict.UNKNOWN, f"no bound is known: {error}")
        runs = Runs(
            about, question.module.run, question.reference.run, question.module.parts,
            question.deadline, self.searching,
        )  # fmt: skip
        if any(one.overflows for one in bounds):
            return self.question.found(
                Verdict.UNKNOWN,
                f"it may overflow in {about.written()}, in some order of its sums at least; "
                f"{self.attacks.agreed} inputs agree",
            )
        try:
            worst = runs.worst(every, bounds, self.read.ids[0].shape)
        except BoundExceededError as error:
            return self.question.found(Verdict.ERROR, str(error))
        found = tolerance(bounds, about, worst)
        verdict = Verdict.WITHIN if found.absolute else Verdict.PROVED_BOUNDED
        words = found.in_words() if found.absolute else "nothing rounds"
        return replace(
            question.found(verdict, f"{words}; {self._counted(every)}"),
            tolerance=found,
            proved_by=proved,
            footprint=footprint(self.attacks),
        )

    def _led_there(self, one: Pattern, model: Mapping[int, Any], pair: WayPair) -> Equivalence:
        """Run a difference between two ways on inputs that may go both of them."""
        numbers = thresholds(self.read.terms, decisions_of(*self.read.sides))

        def led() -> Iterator[torch.Tensor]:
            for place in dict.fromkeys((0, len(one.places) // 2, len(one.places) - 1)):
                elements = {int(every[place]): model[node]
                            for node, every in one.elements.items() if node in model}  # fmt: skip
                for x in steering(self.question.count, self.dtype, numbers):
                    there = with_elements(elements, x)
                    if there is not None:
                        yield there

        refuted = self.attacks.plainly(led())
        if refuted is not None:
            return refuted
        return self.question.found(
            Verdict.UNKNOWN,
            f"it decides by its input as a whole{pair.where}, and no input was found that goes "
            f"where its output would be another one; {self.attacks.agreed} inputs agree",
        )

    def _replayed(self, one: Pattern, model: Mapping[int, Any], by: str) -> Equivalence:
        """Run a solver's counterexample on the real module; without that it is no refutation."""
        elements = {e: model[node] for node, e in one.variables.items() if node in model}
        index = self.read.index(int(one.places[0]))
        tried = False
        for x in self.question.near(elements, self.question.plainest()):
            if not self.question.admits(x):
                continue
            tried = True
            try:
                left, right = self.question.run(x)
            except RaisedError:
                raising = self.refutations.raising(x)
                if raising is not None:
                    return raising
                return self.question.found(
                    Verdict.UNKNOWN, f"{by} finds an input that both sides refuse"
                )
            where = self.agreement.where(x, left, right, index, self.read.local(index))
            ends = {math.isfinite(float(side[index])) for side in (left, right)}
            if where is None and len(ends) > 1:
                where = index  # a difference was found there, and one side has no number
            if where is not None:
                return self.refutations.differing(
                    Difference(x, left, right, where), f"found by {by}"
                )
        exactly = self._as_exactly(elements, index)
        if exactly is not None:
            return self.refutations.differing(exactly, f"found by {by}")
        if not tried and self.given is not None:
            return self.question.found(Verdict.UNKNOWN, f"{by} finds no difference in range")
        beyond = self.question.beyond(elements.values())
        if beyond:
            why = f"{by} finds a difference beyond the largest number of {beyond} alone"
            return replace(self.question.found(Verdict.UNKNOWN, why), beyond=beyond)
        doubled = self.refutations.in_double(elements, index)
        if doubled is not None:
            return self.refutations.differing(doubled, f"found by {by}, run in float64")
        return self.question.found(
            Verdict.UNKNOWN,
            f"{by} finds a difference at output {list(index)}, which running the module does not "
            "confirm",
        )

    def _as_exactly(self, elements: Mapping[int, Any], index: tuple[int, ...]) -> Difference | None:
        """Run both where a solver says, and return what differs as much as exact values do there.

        A decision by a number that is no float, such as y == 0.1, is taken by the float nearest to
        it. So no float is both an input on which it is taken and one at which the terms say so:
        these are asked at the solver's own numbers, and the run at the floats nearest to them.
        """
        question, local = self.question, self.read.local(index)
        x = with_elements(elements, question.plainest())
        if not question.real or self.about is not None or local is None or x is None:
            return None
        terms, ends, places = local
        if not question.admits(x) or not fewer(terms, ends.tolist(), LARGEST_EXACT):
            return None
        numbers = [Fraction(elements.get(place, float(x[place]))) for place in places]
        exact = exact_values(terms, numbers, ends.tolist())
        if not all(isinstance(value, Fraction) for value in exact):
            return None
        try:
            sides = question.run(x)
        except RaisedError:
            return None
        apart = abs(exact[0] - exact[1])
        values = [float(side[index]) for side in sides]
        alike = all(
            math.isfinite(value) and abs(Fraction(value) - meant) * _CLOSE < apart
            for value, meant in zip(values, exact, strict=True)
        )
        return Difference(x, *sides, index) if alike else None

    def _premises_of(
        self, one: Pattern, pair: WayPair | None = None
    ) -> Callable[[Term], Iterable[Term]] | None:
        """What holds of each variable of a kind that is an element of the input, for solvers."""
        if self.question.back is not None:
            return self.question.back.premises(one, self.given)
        if pair is None or pair.given is None:
            return self._premises
        there, always = Admitted(pair.given, self.system, self.dtype).premises, self._premises
        return lambda x: chain(there(x), always(x) if always is not None else ())

    @property
    def _premises(self) -> Callable[[Term], Iterable[Term]] | None:
        """What holds of every element of the input, for solvers."""
        if self.about is not None:
            return self.about.premises
        return None if self.given is None else self.given.premises

    def _never_negative(self, one: Pattern, pair: WayPair | None = None) -> frozenset[int]:
        """Return the nodes of a kind that are elements of the input and at least 0."""
        if self.question.back is not None or self._whole_inputs:
            return frozenset()
        known = (None if self.given is None else self.given.given,
                 None if pair is None else pair.given)  # fmt: skip
        plain = any(g is not None and g.low is not None and g.low >= 0 for g in known)
        return frozenset(one.elements if plain else ())

    @property
    def _whole_inputs(self) -> bool:
        """Whether all that the terms speak of are whole numbers."""
        whole = self.given is not None and self.given.given.whole and self.question.real
        return whole and self.question.back is None
