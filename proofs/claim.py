"""What a claim is: its theorems, where each holds, and the false neighbours it must tell apart.

A claim's file states it once, over terms, and declares the verdict it expects in every number
system. Engines in ``verify`` read these objects; nothing here proves anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatch

from proofs.systems import SYSTEMS
from proofs.terms import (
    Term,
    conjunction,
    constant,
    expanded,
    free_variables,
    substitute,
    subterms,
)
from proofs.verdict import Verdict


class CheckFailedError(Exception):
    """A check found that what it checks is not so; the message says where."""


@dataclass(frozen=True)
class Obligation:
    """One thing a prover must show: ``goal`` wherever all ``premises`` hold."""

    label: str
    premises: tuple[Term, ...]
    goal: Term


@dataclass(frozen=True)
class Theorem:
    """A statement: ``conclusion`` holds for all variables that meet ``domain`` and ``assumptions``.

    ``domain`` is what makes the statement meaningful (a stride is at least 1). ``assumptions`` are
    what it needs: dropping any one of them must make it false, which the checker tries. A
    conclusion of the form ``summation(i, m, g) == f`` is proved by induction on m, term by term
    where g and f are sums of the same shape.
    """

    conclusion: Term
    assumptions: tuple[Term, ...] = ()
    domain: tuple[Term, ...] = ()
    name: str = ""
    #: Number systems it is stated in; empty means all in which the claim expects something.
    systems: tuple[str, ...] = ()
    #: The bound on shapes, in words; makes a proof ``PROVED_BOUNDED``.
    bound: str = ""
    #: A second route to what the claim's other parts prove; must hold, adds no strength.
    cross_check: bool = False
    #: Engines for which it is out of reach, as ``engine`` or ``engine/system`` patterns, and why.
    beyond: Mapping[str, str] = field(default_factory=dict)

    @property
    def premises(self) -> tuple[Term, ...]:
        """Domain and assumptions together."""
        return self.domain + self.assumptions

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the free variables."""
        return free_variables(conjunction((*self.premises, self.conclusion)))

    @property
    def statement(self) -> Term:
        """The assumptions and the conclusion as one proposition, for people to read."""
        if not self.assumptions:
            return self.conclusion
        return Term(
            "implies", (conjunction(self.assumptions), self.conclusion), self.conclusion.sort
        )

    @property
    def inductive(self) -> bool:
        """Whether it is proved by induction."""
        return any(node.operator == "sum" for node in subterms(self.conclusion))

    def obligations(self) -> tuple[Obligation, ...]:
        """Return what a prover must show for this theorem to hold."""
        if not self.inductive:
            return (Obligation("", self.premises, self.conclusion),)
        total, closed_form = self.conclusion.args
        index, count, body = total.args
        if count.operator != "variable":
            raise TypeError(f"induction needs a variable count, not {count}")
        name = str(count.leaf)
        # The premises must not speak of the count, or the induction hypothesis would be weaker.
        premises = tuple(p for p in self.premises if name not in free_variables(p))
        pairs = tuple(_by_linearity(body, closed_form))
        obligations = []
        for number, (summand, closed) in enumerate(pairs, start=1):
            which = f"term {number} of {len(pairs)}, " if len(pairs) > 1 else ""
            base = substitute(closed, {name: constant(0)}) == constant(0)
            following = substitute(closed, {name: count + 1})
            step = following == closed + substitute(summand, {str(index.leaf): count})
            obligations += [
                Obligation(f"{which}base {name} = 0", premises, base),
                Obligation(f"{which}step {name} → {name} + 1", (*premises, count >= 0), step),
            ]
        return tuple(obligations)

    def out_of_reach(self, engine: str, system: str) -> bool:
        """Say whether ``engine`` is declared unable to settle this in ``system``."""
        return any(fnmatch(engine, p) or fnmatch(f"{engine}/{system}", p) for p in self.beyond)


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
    systems: tuple[str, ...]
    bound: str = ""
    cross_check: bool = False


@dataclass(frozen=True)
class Mutant:
    """A false neighbour of a claim, which the checker must refute."""

    name: str
    false: Theorem | Check


@dataclass(frozen=True)
class Claim:
    """One entry of the collection: a permanent id, its statement, its place in every system."""

    id: str
    #: The statement in words, one sentence.
    title: str
    #: Where it holds, where it fails, and why.
    why: str
    #: Paper, exercise or framework rule it comes from.
    source: str
    parts: tuple[Theorem | Check, ...]
    expected: Mapping[str, Verdict]
    mutants: tuple[Mutant, ...]
    #: For which values and shapes, in words.
    generality: str

    def __post_init__(self) -> None:
        unknown = set(self.expected) - set(SYSTEMS)
        if unknown:
            raise ValueError(f"{self.id}: no number system is called {', '.join(sorted(unknown))}")
        if len(self.mutants) < 2:
            raise ValueError(f"{self.id}: a claim needs two mutants, it has {len(self.mutants)}")

    def parts_in(self, system: str) -> tuple[Theorem | Check, ...]:
        """Return the parts that are stated in ``system``."""
        return tuple(part for part in self.parts if not part.systems or system in part.systems)

    @property
    def theorems(self) -> tuple[Theorem, ...]:
        """The parts that are formulas."""
        return tuple(part for part in self.parts if isinstance(part, Theorem))


def expect(verdict: Verdict, systems: str) -> dict[str, Verdict]:
    """Expect ``verdict`` in each of the space-separated ``systems``.

    >>> expect(Verdict.PROVED, "real integer")["integer"].name
    'PROVED'
    """
    return dict.fromkeys(systems.split(), verdict)
