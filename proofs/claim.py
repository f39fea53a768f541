"""What a claim is: its theorems, where each holds, and the false neighbours it must tell apart.

A claim's file states it once, over terms, and declares the verdict it expects in every number
system. Engines in ``verify`` read these objects; nothing here proves anything.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatch
from functools import cached_property
from inspect import getdoc
from itertools import count as numbers

from proofs.evaluate import can_be_said
from proofs.systems import SYSTEMS
from proofs.terms import (
    Sort,
    Term,
    conjunction,
    constant,
    expanded,
    free_variables,
    implies,
    rewrite,
    substitute,
    subterms,
    variable,
)
from proofs.verdict import Verdict

#: The verdicts as claims write them.
EXHAUSTED, MEASURED, PROVED = Verdict.EXHAUSTED, Verdict.MEASURED, Verdict.PROVED
PROVED_BOUNDED, REFUTED, TESTED = Verdict.PROVED_BOUNDED, Verdict.REFUTED, Verdict.TESTED


class CheckFailedError(Exception):
    """A check found that what it checks is not so; the message says where."""


@dataclass(frozen=True)
class Obligation:
    """One thing a prover must show: ``goal`` wherever all ``premises`` hold."""

    label: str
    premises: tuple[Term, ...]
    goal: Term


@dataclass(frozen=True, eq=False)  # theorems are told apart by identity, as terms are
class Theorem:
    """A statement: ``conclusion`` holds for all variables that meet ``where`` and ``given``.

    ``where`` is what makes the statement meaningful (a stride is at least 1). ``given`` are its
    preconditions: dropping any one of them must make it false, which the checker tries.

    What speaks of sums is stated for counts of at least 0 and proved by induction. A conclusion
    of the form ``summation(i, m, g) == f`` is so on m, term by term where g and f are sums of the
    same shape. Anything else names its variable in ``by_induction_on``: an inequality, several
    sums, premises that speak of the count. What speaks of folds is proved by induction over the
    sequence they go over: for no element at all, and for one more at the end.
    """

    conclusion: Term
    given: tuple[Term, ...] = ()
    where: tuple[Term, ...] = ()
    name: str = ""
    #: Number systems it is stated in; empty means all in which the claim expects something.
    systems: tuple[str, ...] = ()
    #: The number system of its variables where they are no elements of a tensor, whatever the cell:
    #: ``integer`` for sizes, ``real`` for exact values.
    judged_in: str = ""
    #: The bound on shapes, in words; makes a proof ``PROVED_BOUNDED``.
    bound: str = ""
    #: A second route to what the claim's other parts prove; must hold, adds no strength.
    cross_check: bool = False
    #: The variable of an induction that starts at 0, where the conclusion does not tell.
    by_induction_on: Term | None = None
    #: Theorems of a proof kernel that say all of it in the systems that they name.
    by: tuple[Check, ...] = ()
    #: Formats of 16 bits of which a sweep of all pairs is on record, for it takes seconds.
    swept: tuple[str, ...] = ()
    #: Engines for which it is out of reach, as ``engine`` or ``engine/system`` patterns, and why.
    beyond: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def premises(self) -> tuple[Term, ...]:
        """Where and given together, and that what is counted up from 0 is at least 0."""
        count = self._count
        counted = () if count is None or count.sort is Sort.SEQUENCE else (count >= 0,)
        return (*self.where, *self.given, *counted)

    @cached_property
    def variables(self) -> tuple[str, ...]:
        """The names of the free variables."""
        return free_variables(conjunction((*self.premises, self.conclusion)))

    @cached_property
    def sequences(self) -> tuple[str, ...]:
        """The names of those variables whose values are tuples of elements."""
        found = (str(x.leaf) for x in subterms(_everything(self)) if x.sort is Sort.SEQUENCE)
        return tuple(dict.fromkeys(found))

    @property
    def statement(self) -> Term:
        """The preconditions and the conclusion as one proposition, for people to read."""
        if not self.given:
            return self.conclusion
        return Term("implies", (conjunction(self.given), self.conclusion), self.conclusion.sort)

    @property
    def inductive(self) -> bool:
        """Whether it is proved by induction."""
        return self._count is not None

    @cached_property
    def _count(self) -> Term | None:
        if self.by_induction_on is not None:
            return self.by_induction_on
        nodes = (node for node in subterms(self.conclusion) if node.operator in ("sum", "fold"))
        return next((node.args[1] for node in nodes), None)

    def obligations(self) -> tuple[Obligation, ...]:
        """Return what a prover must show for this theorem to hold.

        Raises ``TypeError`` where induction is called for and the statement has no shape for it.
        """
        count = self._count
        if count is None:
            return (Obligation("", self.premises, self.conclusion),)
        if count.operator != "variable":
            raise TypeError(f"induction needs a variable count, not {count}")
        for total in _totals_over(self, name := str(count.leaf)):
            start_and_step = (total.args[0], total.args[-1])
            if any(name in free_variables(part) for part in start_and_step):
                raise TypeError(
                    f"induction needs terms that do not change with {name}, not {total}"
                )
        if self.by_induction_on is not None or count.sort is Sort.SEQUENCE:
            return tuple(_base_and_step(self, count))
        if self.conclusion.operator != "eq" or self.conclusion.args[0].operator != "sum":
            raise TypeError(
                f"by_induction_on must name a variable: {self.conclusion} is no sum = closed form"
            )
        return tuple(_sum_is_closed_form(self, count))

    def out_of_reach(self, engine: str, system: str) -> bool:
        """Say whether ``engine`` is declared unable to settle this in ``system``."""
        return any(fnmatch(engine, p) or fnmatch(f"{engine}/{system}", p) for p in self.beyond)


def _sum_is_closed_form(theorem: Theorem, count: Term) -> Iterator[Obligation]:
    """Yield base and step of Σg = f on the closed form alone: the hypothesis says what Σ is."""
    name = str(count.leaf)
    total, closed_form = theorem.conclusion.args
    index, _, body = total.args
    # The premises must not speak of the count, or the induction hypothesis would be weaker.
    premises = tuple(p for p in theorem.premises if name not in free_variables(p))
    pairs = tuple(_by_linearity(body, closed_form))
    for number, (summand, closed) in enumerate(pairs, start=1):
        which = f"term {number} of {len(pairs)}, " if len(pairs) > 1 else ""
        base = substitute(closed, {name: constant(0)}) == constant(0)
        following = substitute(closed, {name: count + 1})
        step = following == closed + substitute(summand, {str(index.leaf): count})
        yield Obligation(f"{which}base {name} = 0", premises, base)
        yield Obligation(f"{which}step {name} → {name} + 1", (*premises, count >= 0), step)


def _by_linearity(summand: Term, closed_form: Term) -> Iterator[tuple[Term, Term]]:
    """Split Σ(f ± g) = F ± G into Σf = F and Σg = G, as far as both sides have that shape."""
    closed_form = expanded(closed_form)
    summand = expanded(summand)
    operator = summand.operator
    if operator == closed_form.operator and operator in ("add", "sub"):
        for pair in zip(summand.args, closed_form.args, strict=True):
            yield from _by_linearity(*pair)
    else:
        yield summand, closed_form


def _base_and_step(theorem: Theorem, count: Term) -> Iterator[Obligation]:
    """Yield P(0) and P(m) ⇒ P(m + 1); a sum up to m is some number there, then one term more.

    A sequence has no elements and then one more, and what its folds come to is some number too.

    The hypothesis is the whole of P(m), premises that speak of m included: where these do not hold
    it says nothing, and the step has to do without.
    """
    name = str(count.leaf)
    of_taps = count.sort is Sort.SEQUENCE
    so_far = _so_far(theorem, name)
    one = variable(next(_unused("tap", theorem))) if of_taps else count
    start = {total: total.args[0] if total.operator == "fold" else constant(0) for total in so_far}
    with_next = {total: _one_more(total, number, one) for total, number in so_far.items()}

    def at(place: Term, sums: Mapping[Term, Term]) -> Callable[[Term], Term]:
        def replacement(node: Term) -> Term | None:
            is_count = node.operator == "variable" and node.leaf == name
            return place if is_count else sums.get(node)

        return lambda term: rewrite(term, replacement)

    # No sequence is left where its folds are gone, so there is none to put in its place.
    first = at(count if of_taps else constant(0), start)
    here, following = at(count, so_far), at(count if of_taps else count + 1, with_next)
    # That the count is at least 0 is what induction is about.
    premises = (*theorem.where, *theorem.given)
    fixed = tuple(p for p in premises if name not in free_variables(p))
    moving = tuple(p for p in premises if name in free_variables(p))
    hypothesis = here(theorem.conclusion)
    if moving:
        hypothesis = implies(conjunction(tuple(map(here, moving))), hypothesis)
    counted = () if of_taps else (count >= 0,)
    none, more = ("= ()", f"({name}, {one})") if of_taps else ("= 0", f"{name} + 1")
    yield Obligation(
        f"base {name} {none}", (*fixed, *map(first, moving)), first(theorem.conclusion)
    )
    yield Obligation(
        f"step {name} → {more}",
        (*fixed, *counted, hypothesis, *map(following, moving)),
        following(theorem.conclusion),
    )


def _one_more(total: Term, so_far: Term, one: Term) -> Term:
    """Return what a sum or a fold comes to when ``one`` is its turn after ``so_far``."""
    if total.operator == "sum":
        index, _, body = total.args
        return so_far + substitute(body, {str(index.leaf): one})
    _, _, state, tap, step = total.args
    return substitute(step, {str(state.leaf): so_far, str(tap.leaf): one})


def _so_far(theorem: Theorem, name: str) -> dict[Term, Term]:
    """Return every sum or fold over ``name`` with a new variable for its value."""
    sums, folds = _unused("sum", theorem), _unused("fold", theorem)
    return {
        total: variable(next(sums if total.operator == "sum" else folds))
        for total in _totals_over(theorem, name)
    }


def _unused(word: str, theorem: Theorem) -> Iterator[str]:
    taken = {node.leaf for node in subterms(_everything(theorem))}
    return (new for new in (f"{word}_{number}" for number in numbers(1)) if new not in taken)


def _totals_over(theorem: Theorem, name: str) -> list[Term]:
    return [
        node
        for node in subterms(_everything(theorem))
        if node.operator in ("sum", "fold") and node.args[1].leaf == name
    ]


def _everything(theorem: Theorem) -> Term:
    return conjunction((*theorem.where, *theorem.given, theorem.conclusion))


@dataclass(frozen=True)
class Check:
    """An argument that is no formula over one number system: a certificate, a comparison.

    ``run`` returns a line that says what was found and raises :class:`CheckFailedError` if the
    claim does not hold. ``grants`` is the verdict that a run without an error amounts to.
    """

    name: str
    engine: str
    run: Callable[[], str]
    grants: Verdict
    #: Number systems it speaks of; empty means all, as a theorem about any of them does.
    systems: tuple[str, ...]
    bound: str = ""
    cross_check: bool = False


@dataclass(frozen=True)
class Mutant:
    """A false neighbour of a claim, which the checker must refute."""

    name: str
    false: Theorem | Check

    def __post_init__(self) -> None:
        # Records are of what holds: a sweep of this ends where it fails.
        if isinstance(self.false, Theorem) and self.false.swept:
            object.__setattr__(self, "false", replace(self.false, swept=()))


#: What a mark may say: that a step stands in words alone, or on somebody else's theorem.
MARKS = ("argued", "cited")


@dataclass(frozen=True)
class Mark:
    """What stands beside a verdict: a step of the claim that no engine has checked.

    Raises ``ValueError`` if ``word`` is not one of :data:`MARKS`.
    """

    word: str
    #: The step, or the theorem and who proved it, in words.
    what: str
    #: Number systems whose cells rest on it; empty means all in which the claim is affirmed.
    systems: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.word not in MARKS:
            raise ValueError(f"a mark is one of {', '.join(MARKS)}, not {self.word}")


def id_of(module: str) -> str:
    """Return the id of the claim that ``module`` holds: the name of its file, with dashes.

    >>> id_of("proofs.max_by_relu.max_is_relu")
    'max-is-relu'
    """
    return module.rpartition(".")[2].replace("_", "-")


@dataclass(frozen=True)
class Claim:
    """One entry of the collection: its place, its statement, its verdict in every system."""

    #: The ``__name__`` of the module that holds it.
    module: str
    #: The statement in words, one sentence of at most 25 words.
    title: str
    #: Where it holds, where it fails, and why.
    why: str
    #: Paper, exercise or framework rule it comes from.
    source: str
    parts: tuple[Theorem | Check, ...]
    expected: Mapping[str, Verdict]
    #: False neighbours, by the name of what is wrong with them: the checker must refute each.
    mutants: Mapping[str, Theorem | Check]
    #: For which values and shapes, in words.
    generality: str
    #: What the title has no room for: its conditions and letters, and what is stated where.
    holds: str = ""
    #: Steps that no engine has checked.
    marks: tuple[Mark, ...] = ()
    #: By number system, what the claim says there and no part states: such a cell is ``PARTIAL``.
    unstated: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        unknown = set(self.expected) - set(SYSTEMS)
        if unknown:
            raise ValueError(f"{self.id}: no number system is called {', '.join(sorted(unknown))}")
        if len(self.mutants) < 2:
            raise ValueError(f"{self.id}: a claim needs two mutants, it has {len(self.mutants)}")

    @cached_property
    def id(self) -> str:
        """The permanent name of the claim, which is that of its file."""
        return id_of(self.module)

    @property
    def page(self) -> str:
        """What the file of the claim says at its beginning."""
        return getdoc(sys.modules[self.module]) or ""

    def expects(self, system: str) -> Verdict | None:
        """Return the verdict expected in ``system``, ``None`` if the claim is not stated there.

        Where it does not name a system, it speaks for it if it names the one that it is *like*, and
        says nothing of it but formulas: a check is of the systems that it names, and no others,
        unless it names none. A system that stands for many cannot be exhausted, and need not have
        every constant and operator.
        """
        if system in self.expected:
            return self.expected[system]
        one, parts = SYSTEMS[system], self.parts_in(system)
        found = self.expected.get(one.like)
        formulas = [part for part in parts if isinstance(part, Theorem)]
        if found is None or any(part.systems for part in parts if isinstance(part, Check)):
            return None
        if len(one.instances()) > 1 and (
            found not in (Verdict.PROVED, Verdict.REFUTED)
            or not all(can_be_said(x.statement, one) for x in formulas if not x.judged_in)
        ):
            return None
        return found

    def parts_in(self, system: str) -> tuple[Theorem | Check, ...]:
        """Return the parts that are stated in ``system``."""
        name = self._spoken_for(system)
        return tuple(part for part in self.parts if not part.systems or name in part.systems)

    def left_out(self, system: str) -> tuple[Theorem | Check, ...]:
        """Return the parts that are stated elsewhere, and in ``system`` under no other form.

        Parts of one name are one statement, each in the form that its number systems have. What is
        only checked for a second time elsewhere is left out nowhere.
        """
        here = self.parts_in(system)
        names = {part.name for part in here}
        return tuple(
            part
            for part in self.parts
            if part not in here and part.name not in names and not part.cross_check
        )

    def marks_in(self, system: str) -> tuple[Mark, ...]:
        """Return the marks that stand beside an affirmation in ``system``."""
        name = self._spoken_for(system)
        return tuple(mark for mark in self.marks if not mark.systems or name in mark.systems)

    def unstated_in(self, system: str) -> str:
        """Return what the claim says in ``system`` and no part states, empty if all is stated."""
        return self.unstated.get(self._spoken_for(system), "")

    def _spoken_for(self, system: str) -> str:
        return system if system in self.expected else SYSTEMS[system].like or system

    @property
    def theorems(self) -> tuple[Theorem, ...]:
        """The parts that are formulas."""
        return tuple(part for part in self.parts if isinstance(part, Theorem))


def expect(verdict: Verdict, *systems: str | tuple[str, ...]) -> dict[str, Verdict]:
    """Expect ``verdict`` in each of ``systems``: groups, or names with spaces in between.

    >>> from proofs.systems import EXACT
    >>> list(expect(Verdict.PROVED, EXACT, "int8 uint8"))
    ['real', 'integer', 'int8', 'uint8']
    """
    groups = (group.split() if isinstance(group, str) else group for group in systems)
    return {name: verdict for group in groups for name in group}
