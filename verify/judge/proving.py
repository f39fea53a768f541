"""Proving that two nodes of a graph are equal: by normal forms, and by solvers.

Over the reals the normal form settles most; a solver is asked as well where there are few
variables, so that two ways agree. In every system nested maxima are sets. What is left is written
as a theorem over the project's terms, for the solvers.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import count
from typing import Any

from proofs.claim import Theorem
from proofs.systems import NumberSystem
from proofs.systems.floats import FloatFormat
from proofs.systems.number_system import UnsupportedError
from proofs.terms import (
    Sort,
    Term,
    conjunction,
    constant,
    finite,
    relu,
    select,
    subterms,
    variable,
)
from proofs.verdict import Verdict
from verify.encodings.smtlib import script
from verify.engines.bounded import solved_apart
from verify.engines.engine import Engine, Evidence, Settings
from verify.engines.smt import SmtEngine
from verify.judge.symbols.algebra import FUNCTIONS, Rank
from verify.judge.symbols.cases import same_by_cases
from verify.judge.symbols.classes import Pattern, Vertex
from verify.judge.symbols.definedness import Requirements
from verify.judge.symbols.folds import same_extremes
from verify.judge.symbols.normal_form import NormalForms

#: Up to this many variables a solver checks what the normal form has settled …
MOST_CHECKED = 9
#: … and for this many seconds at a time: the check of a proof that stands is worth no more.
CHECK_SECONDS = 1.0
#: Graphs deeper than this are not written down for solvers, who recurse.
DEEPEST = 200
#: Nor are orders of more elements.
MOST_ORDERED = 6
#: Nor are graphs of more nodes.
LARGEST = 3000


@dataclass(frozen=True)
class Settled:
    """What became of a statement: a verdict, what each engine said, values that refute it."""

    verdict: Verdict
    evidence: tuple[Evidence, ...]
    #: The value of every variable's node.
    model: Mapping[int, Any] | None = None


def settle(
    kind: Pattern,
    system: NumberSystem,
    engines: Mapping[str, Engine],
    deadline: float,
    bound: str,
    *,
    forms: bool = True,
    checked_until: float = math.inf,
    given: Callable[[Term], Iterable[Term]] | None = None,
    never_negative: frozenset[int] = frozenset(),
) -> Settled:
    """Prove that both nodes of a kind are equal or find values that refute it, before ``deadline``.

    Args:
        kind: What is to be shown.
        system: The number system.
        engines: The solvers to ask, by name.
        deadline: On the clock of :func:`time.perf_counter`.
        bound: For which shape it is stated, in words.
        forms: Whether equal normal forms count as a proof.
        checked_until: When to stop asking solvers about what the normal forms have proved, on
            the same clock.
        given: What holds of a variable that is an element of the input.
        never_negative: Nodes that are elements of the input and known to be at least 0.
    """
    evidence: list[Evidence] = []
    if forms and time.perf_counter() > checked_until and _same_lattice_form(kind):
        # Nobody will be asked besides, and this is found soonest.
        return Settled(
            Verdict.PROVED_BOUNDED, (_said("lattice form", "both are extremes of the same"),)
        )
    if forms and system.name == "real" and len(kind.nodes) > LARGEST and same_extremes(kind):
        # No solver could be asked besides, and the normal form would take too long.
        return Settled(
            Verdict.PROVED_BOUNDED, (_said("lattice form", "both are extremes of the same"),)
        )
    found: list[Any] = [None] * len(kind.nodes)
    alike, requirements, normal = True, None, None
    if system.name == "real":
        normal = NormalForms()
        found = normal.of(kind.nodes, until=deadline)
        requirements = Requirements(kind.nodes, found, normal)
        ours, theirs = requirements.of(kind.left, kind.right)
        alike = ours is not None and ours == theirs
    if forms and kind.left == kind.right:
        evidence.append(_said("syntax", "one and the same expression"))
    elif forms and found[kind.left] is not None and found[kind.left] == found[kind.right]:
        evidence.append(_said("normal form", "both are the same sum of maxima"))
    elif forms and normal is not None and normal.same_numbers(found[kind.left], found[kind.right]):
        evidence.append(_said("normal form", "both are the same over a common denominator"))
    elif forms and normal is not None and (never_negative or _compares(kind)):
        cases = same_by_cases(kind.nodes, kind.left, kind.right, never_negative=never_negative)
        if cases is not None:
            evidence.append(_said("normal form", f"equal and defined alike in {cases} cases"))
            alike = True
    elif forms and system.name != "real" and _same_lattice_form(kind):
        evidence.append(_said("lattice form", "both are extremes of the same elements"))
    if forms and normal is not None and not evidence and _same_by_further_laws(kind, deadline):
        evidence.append(_said("normal form", "both are the same, by further laws"))
        alike = True
    try:
        written = stated(kind, system, found, requirements)
    except UnsupportedError as error:
        if alike and any(e.verdict.settles for e in evidence):
            return Settled(Verdict.PROVED_BOUNDED, tuple(evidence))
        why = str(error) if alike else f"one side may be undefined elsewhere ({error})"
        return Settled(Verdict.UNKNOWN, (Evidence("solvers", Verdict.UNKNOWN, why),))
    conclusion = _conclusion(written, alike, proved=bool(evidence))
    equal, evidence = ([], evidence) if alike else (evidence, [])
    known = () if given is None else tuple(
        premise for name in written.names for premise in given(variable(name))
    )  # fmt: skip
    theorem = Theorem(labelled(conclusion), where=written.where, given=known, bound=bound)
    solvers = [engine for engine in engines.values() if isinstance(engine, SmtEngine)]
    for number, engine in enumerate(solvers):
        proved = any(e.verdict.settles for e in evidence)
        if proved and len(theorem.variables) > MOST_CHECKED:
            break
        left_over = (min(deadline, checked_until) if proved else deadline) - time.perf_counter()
        # Whoever comes later gets a share, or the first solver could use up all the time.
        seconds = min(CHECK_SECONDS, left_over) if proved else left_over / (len(solvers) - number)
        if seconds <= 0:
            break
        if engine.missing() is not None or not engine.supports(theorem, system):
            continue
        said, model = asked(engine, theorem, system, seconds)
        if said.verdict is Verdict.REFUTED and written.abstract:
            # The solver chose values of functions that they may never have.
            if not proved:
                evidence.append(
                    replace(said, verdict=Verdict.UNKNOWN, detail="functions left open")
                )
            continue
        if said.verdict is Verdict.REFUTED:
            assert model is not None
            verdict = Verdict.ERROR if proved else Verdict.REFUTED
            at = {node: model[name] for name, node in written.names.items() if name in model}
            return Settled(verdict, (*evidence, said), at)
        evidence.append(said)
    if any(e.verdict.settles for e in evidence):
        return Settled(Verdict.PROVED_BOUNDED, (*equal, *evidence))
    if not alike:
        why = "one side may be undefined where the other is not"
        evidence.append(Evidence("solvers", Verdict.UNKNOWN, why))
    return Settled(Verdict.UNKNOWN, tuple(evidence))


def _conclusion(written: Statement, alike: bool, *, proved: bool) -> Term:
    """Return what is to be shown: both sides equal where they are defined, and both defined there.

    Args:
        written: Both sides, and where they are not defined.
        alike: Whether they are defined in the same places, as is known already.
        proved: Whether they are equal where they are defined.
    """
    equal = written.left == written.right
    never = ~conjunction(())
    ours, theirs = (never if place is None else place for place in written.undefined)
    if all(place is None for place in written.undefined):
        return equal
    if alike:
        return ~(~ours & ~equal)
    same = ~(ours & ~theirs) & ~(theirs & ~ours)
    return same if proved else same & ~(~ours & ~equal)


def _said(engine: str, detail: str) -> Evidence:
    return Evidence(engine, Verdict.PROVED_BOUNDED, detail)


def _same_by_further_laws(kind: Pattern, deadline: float) -> bool:
    """Say whether both nodes are the same with maxima inside of functions and |k| · |k| as k²."""
    if not any(node.operator in {*FUNCTIONS, "mul"} for node in kind.nodes):
        return False
    normal = NormalForms(further=True)
    found = normal.of(kind.nodes, until=deadline)
    ours, theirs = Requirements(kind.nodes, found, normal).of(kind.left, kind.right)
    same = normal.same_numbers(found[kind.left], found[kind.right])
    return same and ours is not None and ours == theirs


def _compares(kind: Pattern) -> bool:
    """Say whether a node is compared with another one for equality."""
    return any(node.operator == "eq" for node in kind.nodes)


def _same_lattice_form(kind: Pattern) -> bool:
    """Say whether both nodes are the same with nested maxima and minima as sets.

    That max and min are associative, commutative and idempotent is all that is used, and they are
    so in every number system here, rounded, wrapped or with NaN.
    """
    numbers: dict[Hashable, int] = {}
    members: dict[int, tuple[str, frozenset[int]]] = {}
    found: list[int] = []
    for place, node in enumerate(kind.nodes):
        key: Hashable
        if node.operator in ("max", "min"):
            joined: set[int] = set()
            for arg in (found[a] for a in node.args):
                inner = members.get(arg)
                joined |= inner[1] if inner and inner[0] == node.operator else {arg}
            if len(joined) == 1:
                found.append(joined.pop())
                continue
            key = (node.operator, frozenset(joined))
            number = numbers.setdefault(key, len(numbers))
            members[number] = (node.operator, frozenset(joined))
            found.append(number)
            continue
        args = tuple(found[a] for a in node.args)
        if node.operator in ("add", "mul", "eq"):
            args = tuple(sorted(args))
        name: Hashable = place if node.operator == "variable" else str(node.value)
        key = (node.operator, args, node.weights, node.data, name)
        found.append(numbers.setdefault(key, len(numbers)))
    return found[kind.left] == found[kind.right]


# -- terms for solvers ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Statement:
    """A kind of window as terms of the project."""

    left: Term
    right: Term
    #: Names of variables that are elements of the input, and their nodes.
    names: dict[str, int]
    #: Whether a function of the reals was left open.
    abstract: bool
    #: Where each side is not defined; ``None`` if it is everywhere.
    undefined: tuple[Term | None, Term | None]
    #: What is known of places in an order.
    where: tuple[Term, ...]


def stated(
    kind: Pattern, system: NumberSystem, forms: Sequence[Any], requirements: Requirements | None
) -> Statement:
    """Return both nodes as terms.

    Raises ``UnsupportedError`` for what the project's terms do not have.
    """
    if len(kind.nodes) > LARGEST or _depth(kind.nodes) > DEEPEST:
        raise UnsupportedError("the statement is too deep to be written down for a solver")
    writer = _Writer(system, forms)
    done: list[Any] = []
    undefined: list[Term | None] = []
    for number, node in enumerate(kind.nodes):
        args = [done[a] for a in node.args]
        done.append(writer.write(number, node, args))
        required = None if requirements is None else requirements.open(node)
        inner = [undefined[a] for a in node.args]
        undefined.append(writer.undefined(node, args, inner, required))
    left, right = done[kind.left], done[kind.right]
    left, right = writer.finite(left), writer.finite(right)
    if left.sort is Sort.PROPOSITION:
        left, right = select(left, 1, 0), select(right, 1, 0)
    places = undefined[kind.left], undefined[kind.right]
    abstract = bool(writer.opened) or writer.unsettled
    return Statement(left, right, writer.names, abstract, places, tuple(writer.known))


def _depth(nodes: Sequence[Vertex]) -> int:
    depth: list[int] = []
    for node in nodes:
        extra = max(1, math.ceil(math.log2(max(len(node.args), 1) + 1)))
        depth.append(extra + max((depth[a] for a in node.args), default=0))
    return max(depth)


class _Writer:
    def __init__(self, system: NumberSystem, forms: Sequence[Any]) -> None:
        self.system = system
        self.forms = forms
        self.names: dict[str, int] = {}
        self.opened: dict[Hashable, Term] = {}
        #: The places of elements in an order, by the order and the keys.
        self.places: dict[tuple[Rank, tuple[int, ...]], Term] = {}
        #: What is known of them.
        self.known: list[Term] = []
        #: Whether some stand among equal elements in an order that is not known.
        self.unsettled = False
        self.floats = isinstance(system, FloatFormat)

    def write(self, number: int, node: Vertex, args: list[Any]) -> Any:
        """Return the term of a node, or the infinity that it is."""
        if node.operator == "variable":
            name = f"x{number}"
            self.names[name] = number
            return variable(name)
        if node.operator == "constant":
            return self._constant(node.value)
        if node.operator in ("max", "min"):
            endless = -math.inf if node.operator == "max" else math.inf
            kept = [a for a in args if isinstance(a, Term) or a != endless]
            return self._all([self.finite(a) for a in kept or args[:1]], node.operator)
        args = [self.finite(a) for a in args]
        if node.operator in FUNCTIONS:
            return self._function(number, node)
        match node.operator, args:
            case "linear", _:
                return self._sum(args, node.weights)
            case ("add" | "sub" | "mul" | "div") as operator, (x, y):
                return Term(operator, (x, y), Sort.NUMBER)
            case "neg", (x,):
                return -x
            case "abs", (x,):
                return abs(x)
            case "lt", (x, y):
                return x < y
            case "le", (x, y):
                return x <= y
            case "eq", (x, y):
                # Of two NaNs the statements of this project say that they are equal, torch not.
                return (x <= y) & (y <= x) if self.floats else x == y
            case "not", (x,):
                return ~x
            case "and", _:
                return conjunction(tuple(args))
            case "or", _:
                return ~conjunction(tuple(~a for a in args))
            case "select", (c, x, y):
                return select(c, x, y)
            case "spoiled", (x, *others):
                return select(
                    conjunction(tuple(finite(o) for o in others)), x, self.finite(math.nan)
                )
            case "pick", _:
                half = len(args) // 2
                best, chosen = args[half], args[0]
                for key, value in zip(args[half + 1 :], args[1:half], strict=True):
                    chosen = select(best < key, value, chosen)
                    best = best.maximum(key)
                return chosen
            case "rank", _:
                half = len(args) // 2
                place = self._place(node, args[half:])
                chosen = args[half - 1]
                for number in reversed(range(half - 1)):
                    chosen = select(place == number, args[number], chosen)
                return chosen
        raise UnsupportedError(node.operator)

    def _place(self, node: Vertex, keys: list[Any]) -> Term:
        """Return the place of a rank as a variable, of which is known what the keys say."""
        order = node.data
        assert isinstance(order, Rank)
        if len(keys) > MOST_ORDERED:
            raise UnsupportedError(f"the order of {len(keys)} elements")
        written = (order, node.args[len(keys) :])
        if written in self.places:
            return self.places[written]
        place = variable(f"p{len(self.places)}")
        ways = []
        for i, key in enumerate(keys):
            others = [(j, other) for j, other in enumerate(keys) if j != i]
            before = [(j, key < o if order.descending else o < key) for j, o in others]
            equal = {j: key == other for j, other in others}
            if order.ties is None:
                first = [b | equal[j] if j < i else b for j, b in before]
                here = self._count(first) == order.rank
            else:
                surely = self._count([b for _, b in before]) <= order.rank
                here = surely & (order.rank <= self._count([b | equal[j] for j, b in before]))
                self.unsettled = True
            ways.append(~((place == i) & here))
        self.known.append(~conjunction(tuple(ways)))
        for (its, of), other in self.places.items():
            if of == written[1] and its[1:] == order[1:]:
                self.known.append(~(place == other))
        self.places[written] = place
        return place

    @staticmethod
    def _count(conditions: list[Term]) -> Term:
        return sum((select(c, 1, 0) for c in conditions[1:]), start=select(conditions[0], 1, 0))

    def undefined(
        self,
        node: Vertex,
        args: list[Any],
        inner: Sequence[Term | None],
        required: tuple[str, int] | None,
    ) -> Term | None:
        """Return where a node is not defined; ``None`` if it is everywhere."""
        places: list[Term] = []
        for place, where in enumerate(inner):
            if where is not None and node.operator == "select" and place > 0:
                places.append(where & (args[0] if place == 1 else ~args[0]))
            elif where is not None:
                places.append(where)
        if required is not None:
            what, at = required
            arg = self.finite(args[at])
            places.append(
                arg == 0 if what == "other than 0" else arg <= 0 if what == "positive" else arg < 0
            )
        return ~conjunction(tuple(~p for p in places)) if places else None

    def _constant(self, value: Any) -> Any:
        if isinstance(value, bool):
            true = conjunction(())
            return true if value else ~true
        if isinstance(value, float):
            return value
        return constant(value)

    def finite(self, value: Any) -> Term:
        """Return a term; an infinity as the overflow, NaN as the difference, that it comes from."""
        if isinstance(value, Term):
            return value
        if not isinstance(self.system, FloatFormat) or not self.system.infinities:
            raise UnsupportedError(f"{self.system.name} has no {value}")
        if value != value:
            infinity = self.finite(math.inf)
            return infinity - infinity
        end = constant(self.system.greatest if value > 0 else -self.system.greatest)
        return end + end

    def _all(self, args: list[Term], operator: str) -> Term:
        zero = [a for a in args if a.operator == "constant" and a.leaf == 0]
        if len(args) == 2 and operator == "max" and len(zero) == 1:
            return relu(next(a for a in args if a is not zero[0]))
        while len(args) > 1:
            pairs = [args[i : i + 2] for i in range(0, len(args), 2)]
            args = [
                p[0] if len(p) == 1
                else p[0].maximum(p[1]) if operator == "max" else p[0].minimum(p[1])
                for p in pairs
            ]  # fmt: skip
        return args[0]

    def _sum(self, args: list[Term], weights: Sequence[Fraction]) -> Term:
        parts = [
            a if w == 1 else constant(_plain(w)) * a for a, w in zip(args, weights, strict=True)
        ]
        while len(parts) > 1:
            pairs = [parts[i : i + 2] for i in range(0, len(parts), 2)]
            parts = [p[0] if len(p) == 1 else p[0] + p[1] for p in pairs]
        return parts[0]

    def _function(self, number: int, node: Vertex) -> Term:
        """Return a variable for the value of a function, the same for the same argument."""
        form = self.forms[number]
        key: Hashable = (node.operator, node.args, node.data) if form is None else form
        if key not in self.opened:
            self.opened[key] = variable(f"f{len(self.opened)}")
        return self.opened[key]


def _plain(weight: Fraction) -> int | Fraction:
    return weight.numerator if weight.denominator == 1 else weight


def labelled(proposition: Term) -> Term:
    """Return a proposition in which every expression that occurs more than once has a name.

    Whoever writes it down then writes each of them once: a fold over n taps, in which every
    maximum so far occurs twice, is n lines and not 2ⁿ.
    """
    uses: dict[Term, int] = {}
    for node in subterms(proposition):
        for arg in node.args:
            uses[arg] = uses.get(arg, 0) + 1
    names = (f"s{i}" for i in count(1))
    done: dict[Term, Term] = {}
    for node in subterms(proposition):
        args = tuple(done[arg] for arg in node.args)
        anew = Term(node.operator, args, node.sort, node.leaf) if args else node
        if args and uses.get(node, 0) > 1:
            anew = Term("applied", (anew,), node.sort, next(names))
        done[node] = anew
    return done[proposition]


def asked(
    engine: SmtEngine, theorem: Theorem, system: NumberSystem, seconds: float
) -> tuple[Evidence, Mapping[str, Any] | None]:
    """Ask one solver; return what it said, and the model if it refutes."""
    started = time.perf_counter()
    model: dict[str, Any] | None = None
    (obligation,) = theorem.obligations()
    text, settings = script(obligation, system), Settings(timeout=seconds)
    apart = engine.overruns and text.startswith(("(set-logic QF_N", "(set-logic QF_UFN"))
    answer = solved_apart(engine, text, settings) if apart else engine.solve(text, settings)
    if answer.word == "unsat":
        evidence = engine.proof(theorem, "unsat")
    elif answer.word == "unknown":
        evidence = engine.evidence(Verdict.UNKNOWN, f"gave up: {answer.reason}")
    else:
        try:
            model = {name: system.decode(answer.model[name]) for name in theorem.variables}
            evidence = engine.evidence(Verdict.REFUTED, "sat")
        except UnsupportedError as irrational:
            evidence = engine.evidence(Verdict.UNKNOWN, f"cannot be replayed: {irrational}")
    return replace(evidence, seconds=time.perf_counter() - started), model
