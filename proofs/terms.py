"""The language in which claims are stated: terms over a number system that is not yet chosen.

A claim is written once, as a Python expression over the variables and functions of this module,
and becomes a tree of :class:`Term` nodes. SMT solvers, SymPy, exact Python numbers and torch are
interpreters of that tree, so no engine ever sees a statement of its own.

Terms come in four sorts. A *number* is an element of the number system: its ``+`` wraps, rounds
or saturates as the system does. An *exact* term is a real number that talks *about* elements
(``value(a) - value(b)`` is the true difference, ``a - b`` the one the system computes). A
*proposition* is true or false. A *sequence* is any number of elements; the only thing to do with
one is to :func:`fold` it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import NoReturn

from proofs.notation import text
from proofs.operators import OPERATORS
from proofs.operators import Sort as Sort
from proofs.operators import operator as row_of

Scalar = int | Fraction


class Term:
    """One node: an operator, its arguments, and a name or a constant at a leaf.

    ``==`` and the order build propositions, as in SymPy's relations and Z3's expressions, so
    nodes are hashed and compared by identity where Python itself needs that.
    """

    __slots__ = ("args", "leaf", "operator", "sort")

    def __init__(
        self, operator: str, args: tuple[Term, ...], sort: Sort, leaf: str | Scalar | None = None
    ) -> None:
        self.operator = operator
        self.args = args
        self.sort = sort
        self.leaf = leaf
        for arg in args:
            if arg.sort is Sort.SEQUENCE and operator != "fold":
                raise TypeError(f"{operator} takes elements, not a sequence of them: fold it first")

    __hash__ = object.__hash__

    def __bool__(self) -> NoReturn:
        raise TypeError(f"the truth of {self} is for a prover to find, not for Python")

    def __repr__(self) -> str:
        return text(self)

    def __add__(self, other: Term | Scalar) -> Term:
        return _of_two("add", self, other)

    def __radd__(self, other: Scalar) -> Term:
        return _of_two("add", other, self)

    def __sub__(self, other: Term | Scalar) -> Term:
        return _of_two("sub", self, other)

    def __rsub__(self, other: Scalar) -> Term:
        return _of_two("sub", other, self)

    def __mul__(self, other: Term | Scalar) -> Term:
        return _of_two("mul", self, other)

    def __rmul__(self, other: Scalar) -> Term:
        return _of_two("mul", other, self)

    def __floordiv__(self, other: Term | Scalar) -> Term:
        return _of_two("floordiv", self, other)

    def __rfloordiv__(self, other: Scalar) -> Term:
        return _of_two("floordiv", other, self)

    def __truediv__(self, other: Term | Scalar) -> Term:
        return _of_two("div", self, other)

    def __rtruediv__(self, other: Scalar) -> Term:
        return _of_two("div", other, self)

    def __neg__(self) -> Term:
        return operation("neg", self)

    def __abs__(self) -> Term:
        return operation("abs", self)

    def maximum(self, other: Term | Scalar) -> Term:
        """Return max(self, other): the protocol ``pooling.arithmetic.maximum`` looks for."""
        return _of_two("maximum", self, other)

    def minimum(self, other: Term | Scalar) -> Term:
        """Return min(self, other): the protocol ``pooling.arithmetic.minimum`` looks for."""
        return _of_two("minimum", self, other)

    def __eq__(self, other: object) -> Term:  # type: ignore[override]
        return _of_two("eq", self, other)

    def __ne__(self, other: object) -> Term:  # type: ignore[override]
        return _of_two("ne", self, other)

    def __le__(self, other: Term | Scalar) -> Term:
        return _of_two("le", self, other)

    def __lt__(self, other: Term | Scalar) -> Term:
        return _of_two("lt", self, other)

    def __ge__(self, other: Term | Scalar) -> Term:
        return _of_two("le", other, self)

    def __gt__(self, other: Term | Scalar) -> Term:
        return _of_two("lt", other, self)

    def __and__(self, other: Term) -> Term:
        return operation("and", self, other)

    def __or__(self, other: Term) -> Term:
        return operation("or", self, other)

    def __invert__(self) -> Term:
        return operation("not", self)


def _lift(value: object, sort: Sort) -> Term:
    if isinstance(value, Term):
        if value.sort is not sort:
            raise TypeError(
                f"{value} is of sort {value.sort.value} where sort {sort.value} is needed; "
                "value(x) takes an element of the number system to its exact value"
            )
        return value
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return Term("constant", (), sort, value)
    raise TypeError(f"{value!r} cannot stand in a term: use int, Fraction or Term")


def operation(name: str, *args: object) -> Term:
    """Return an operator applied to ``args``, as its row has it; what is no term is a constant.

    Raises ``TypeError`` for arguments of another number or sort, and ``UnsupportedError`` if there
    is no such operator.

    >>> a, b = variables("a b")
    >>> operation("maximum", a, b)
    max(a, b)
    """
    row = OPERATORS.get(name) or row_of(name)
    takes = row.takes
    if takes is None or len(args) != len(takes):
        said = "not called like this" if takes is None else f"of {len(takes)} arguments"
        raise TypeError(f"{name} is {said}, got {len(args)}")
    alike = Sort.NUMBER
    for arg in args:
        if isinstance(arg, Term):
            alike = arg.sort
            break
    lifted = [_lift(arg, sort or alike) for arg, sort in zip(args, takes, strict=True)]
    return Term(name, tuple(lifted), row.gives or alike)


def _of_two(name: str, left: object, right: object) -> Term:
    """Return the same for two arguments alike, as nearly all terms are built."""
    sort = left.sort if isinstance(left, Term) else right.sort  # type: ignore[attr-defined]
    return Term(name, (_lift(left, sort), _lift(right, sort)), OPERATORS[name].gives or sort)


def variable(name: str) -> Term:
    """Return a variable that ranges over the number system."""
    return Term("variable", (), Sort.NUMBER, name)


def variables(names: str) -> tuple[Term, ...]:
    """Return one variable per word of ``names``.

    >>> variables("a b")
    (a, b)
    """
    return tuple(variable(name) for name in names.split())


def sequence(name: str) -> Term:
    """Return a variable whose value is a tuple of any number of elements."""
    return Term("variable", (), Sort.SEQUENCE, name)


def constant(value: Scalar) -> Term:
    """Return the element of the number system that ``value`` names."""
    return _lift(value, Sort.NUMBER)


def relu(x: Term) -> Term:
    """Return ReLU(x) = max(x, 0), as ``torch.relu`` computes it."""
    return operation("relu", x)


def sign(x: Term) -> Term:
    """Return 1, 0 or −1 by the sign of x, 0 for NaN, as ``torch.sign`` computes it."""
    return operation("sign", x)


def half(x: Term) -> Term:
    """Return x / 2: exact or rounded for reals and floats, rounded down for integers."""
    return operation("half", x)


def widened(x: Term) -> Term:
    """Return ``x`` computed in a wider number system, and fitted into this one once, at the end.

    Floats of up to 16 bits are computed in float32 and float32 in float64, integers in twice their
    width; real numbers are as wide as can be. This is what a kernel with a wide accumulator does.

    >>> a, b = variables("a b")
    >>> widened(relu(a - b) + b)
    wide(ReLU(a − b) + b)
    """
    return operation("widened", x)


def select(condition: Term, then: Term | Scalar, otherwise: Term | Scalar) -> Term:
    """Return ``then`` where ``condition`` holds, else ``otherwise``."""
    sort = next((t.sort for t in (then, otherwise) if isinstance(t, Term)), Sort.NUMBER)
    args = (_lift(condition, Sort.PROPOSITION), _lift(then, sort), _lift(otherwise, sort))
    return Term("select", args, sort)


def indicator(condition: Term) -> Term:
    """Return 1 where ``condition`` holds, else 0."""
    return select(condition, 1, 0)


def value(x: Term) -> Term:
    """Return the exact real number that the element ``x`` stands for."""
    return operation("value", x)


def unit_roundoff() -> Term:
    """Return u = 2^−p, half the gap between 1 and the next number of a float format."""
    return operation("unit_roundoff")


def largest() -> Term:
    """Return the largest finite number of the number system."""
    return operation("largest")


def smallest() -> Term:
    """Return the smallest number of a number system that has one."""
    return operation("smallest")


def ulp(x: Term) -> Term:
    """Return the unit in the last place of ``x``: the gap between floats in its binade."""
    return operation("ulp", x)


def odd_multiple(x: Term, unit: Term) -> Term:
    """Say that the exact value ``x`` is an odd multiple of the exact value ``unit``.

    >>> a = variable("a")
    >>> odd_multiple(value(a), ulp(a))
    ⟦a⟧ is an odd multiple of ulp(a)
    """
    return operation("odd_multiple", x, unit)


def finite(x: Term) -> Term:
    """Say that ``x`` is neither NaN nor infinite; always true outside floats."""
    return operation("finite", x)


def exact(operation: Term) -> Term:
    """Say that the system computes ``operation`` (a sum or difference) without any error."""
    return _about_operation("exact", operation)


def in_range(operation: Term) -> Term:
    """Say that ``operation`` (a sum or difference) neither wraps, saturates nor overflows."""
    return _about_operation("in_range", operation)


def _about_operation(operator: str, operation: Term) -> Term:
    if operation.operator not in ("add", "sub"):
        raise TypeError(f"{operator}() speaks of a sum or a difference, not of {operation}")
    return Term(operator, (operation,), Sort.PROPOSITION)


def implies(condition: Term, conclusion: Term) -> Term:
    """Say that ``conclusion`` holds wherever ``condition`` does."""
    return operation("implies", condition, conclusion)


def iff(left: Term, right: Term) -> Term:
    """Say that ``left`` holds exactly where ``right`` does."""
    return operation("iff", left, right)


def conjunction(parts: tuple[Term, ...]) -> Term:
    """Return the conjunction of ``parts``; of none, the proposition that is always true."""
    if not parts:
        return operation("true")
    result = parts[0]
    for part in parts[1:]:
        result = result & part
    return result


def summation(index: Term, count: Term | Scalar, body: Term) -> Term:
    """Return the sum of ``body`` for ``index`` = 0 … ``count`` − 1.

    A sum is *evaluated* term by term, which makes it the brute count that a closed form has to
    match. Provers never see it: they see the base and the step of the induction that a
    :class:`~proofs.claim.Theorem` over it calls for.
    """
    return Term("sum", (index, _lift(count, Sort.NUMBER), _lift(body, Sort.NUMBER)), Sort.NUMBER)


def fold(start: Term | Scalar, over: Term, state: Term, tap: Term, step: Term) -> Term:
    """Return what is left of ``start`` after ``step`` for every element of ``over``, in order.

    In ``step``, the bound variables ``state`` and ``tap`` are the result so far and the element
    whose turn it is. As with :func:`summation`, provers see the induction and not the fold.

    Raises ``TypeError`` if ``over`` is not a variable that stands for a sequence.

    >>> first, m, t = variables("first m t")
    >>> fold(first, sequence("x"), m, t, relu(t - m) + m)
    fold(first, x; m, t ↦ ReLU(t − m) + m)
    """
    if over.operator != "variable":
        raise TypeError(f"fold() goes over a sequence, not over {over}")
    args = (_lift(start, Sort.NUMBER), _lift(over, Sort.SEQUENCE))
    return Term("fold", (*args, state, tap, _lift(step, Sort.NUMBER)), Sort.NUMBER)


def greatest(first: Term | Scalar, others: Term) -> Term:
    """Return the maximum of ``first`` and all elements of the sequence ``others``.

    >>> greatest(variable("first"), sequence("x"))
    max(first, x…)
    """
    so_far, tap = variables("so_far tap")
    return fold(first, others, so_far, tap, so_far.maximum(tap))


def least(first: Term | Scalar, others: Term) -> Term:
    """Return the minimum of ``first`` and all elements of the sequence ``others``.

    >>> least(variable("first"), sequence("x"))
    min(first, x…)
    """
    so_far, tap = variables("so_far tap")
    return fold(first, others, so_far, tap, so_far.minimum(tap))


def for_all(bound: tuple[Term, ...], body: Term) -> Term:
    """Say that ``body`` holds for every value of the ``bound`` variables.

    Free variables of a theorem are universal already; this is for the quantifier *inside*, as in
    "no kernel equals the maximum on every input". Only SMT solvers interpret it.
    """
    return Term("forall", (*bound, _lift(body, Sort.PROPOSITION)), Sort.PROPOSITION)


def applied(function: Callable[..., Term], *args: object, **options: object) -> Term:
    """Return ``function(*args, **options)``, written as that call instead of its expansion.

    The node means what the function returned: interpreters see through it, people read the name.

    >>> from pooling.windows import window_taps
    >>> applied(window_taps, *variables("n k x"))
    window_taps(n, k, x)
    """
    written = [_written(arg) for arg in args]
    written += [f"{name}={_written(option)}" for name, option in options.items()]
    inner = function(*args, **options)
    return Term("applied", (inner,), inner.sort, f"{function.__name__}({', '.join(written)})")


def _written(arg: object) -> str:
    if isinstance(arg, tuple):
        return f"({', '.join(map(_written, arg))})"
    return str(arg)


def expanded(term: Term) -> Term:
    """Return ``term`` itself, or what stands behind the name if it is :func:`applied`."""
    return expanded(term.args[0]) if term.operator == "applied" else term


def rewrite(term: Term, replacement: Callable[[Term], Term | None]) -> Term:
    """Return ``term`` with every node for which ``replacement`` gives another put in its place."""
    done: dict[int, Term] = {}

    def visit(node: Term) -> Term:
        if id(node) not in done:
            other = replacement(node)
            if other is not None or not node.args:
                done[id(node)] = node if other is None else other
            else:
                args = tuple(visit(arg) for arg in node.args)
                same = all(new is old for new, old in zip(args, node.args, strict=True))
                new = Term(node.operator, args, node.sort, node.leaf)
                # The name of an applied function tells of arguments that are no longer there.
                done[id(node)] = node if same else expanded(new)
        return done[id(node)]

    return visit(term)


def substitute(term: Term, replacements: Mapping[str, Term]) -> Term:
    """Return ``term`` with every variable named in ``replacements`` replaced."""
    return rewrite(
        term, lambda node: replacements.get(str(node.leaf)) if node.operator == "variable" else None
    )


def subterms(term: Term) -> Iterator[Term]:
    """Yield every node of ``term`` once, arguments before what is built from them."""
    seen, left = {id(term)}, [(term, iter(term.args))]
    while left:
        node, args = left[-1]
        for arg in args:
            if id(arg) not in seen:
                seen.add(id(arg))
                left.append((arg, iter(arg.args)))
                break
        else:
            left.pop()
            yield node


def bound_variables(node: Term) -> tuple[Term, ...]:
    """Return the variables that ``node`` itself binds."""
    binds = OPERATORS[node.operator].binds
    return () if binds is None else node.args[binds]


def free_variables(term: Term) -> tuple[str, ...]:
    """Return the names of the variables of ``term``, in order of appearance, bound ones left out.

    >>> a, b = variables("a b")
    >>> free_variables(relu(b - a) + a)
    ('b', 'a')
    """
    nodes = list(subterms(term))
    bound = {arg.leaf for node in nodes for arg in bound_variables(node)}
    names = (node.leaf for node in nodes if node.operator == "variable")
    return tuple(str(name) for name in dict.fromkeys(names) if name not in bound)
