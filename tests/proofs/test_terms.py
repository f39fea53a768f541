from __future__ import annotations

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

from proofs import terms
from proofs.terms import Sort, Term, variables

a, b, c = variables("a b c")
i, m = variables("i m")

BUILT: list[tuple[Callable[[], Term], str, Sort]] = [
    (lambda: a + b, "add", Sort.NUMBER),
    (lambda: 1 + b, "add", Sort.NUMBER),
    (lambda: a - b, "sub", Sort.NUMBER),
    (lambda: 1 - b, "sub", Sort.NUMBER),
    (lambda: a * b, "mul", Sort.NUMBER),
    (lambda: 2 * b, "mul", Sort.NUMBER),
    (lambda: a // b, "floordiv", Sort.NUMBER),
    (lambda: 7 // b, "floordiv", Sort.NUMBER),
    (lambda: a / b, "div", Sort.NUMBER),
    (lambda: 1 / b, "div", Sort.NUMBER),
    (lambda: -a, "neg", Sort.NUMBER),
    (lambda: abs(a), "abs", Sort.NUMBER),
    (lambda: a.maximum(0), "maximum", Sort.NUMBER),
    (lambda: a.minimum(b), "minimum", Sort.NUMBER),
    (lambda: terms.relu(a), "relu", Sort.NUMBER),
    (lambda: terms.half(a), "half", Sort.NUMBER),
    (lambda: terms.widened(a - b), "widened", Sort.NUMBER),
    (lambda: terms.constant(Fraction(1, 2)), "constant", Sort.NUMBER),
    (lambda: terms.select(a <= b, a, b), "select", Sort.NUMBER),
    (lambda: terms.select(a <= b, 0, 1), "select", Sort.NUMBER),
    (lambda: terms.select(a <= b, 0, terms.value(a)), "select", Sort.EXACT),
    (lambda: terms.indicator(a <= b), "select", Sort.NUMBER),
    (lambda: terms.summation(i, m, i), "sum", Sort.NUMBER),
    (lambda: terms.sequence("x"), "variable", Sort.SEQUENCE),
    (lambda: terms.fold(0, terms.sequence("x"), a, b, a + b), "fold", Sort.NUMBER),
    (lambda: terms.greatest(a, terms.sequence("x")), "fold", Sort.NUMBER),
    (lambda: terms.least(a, terms.sequence("x")), "fold", Sort.NUMBER),
    (lambda: terms.value(a), "value", Sort.EXACT),
    (lambda: terms.value(a) + 1, "add", Sort.EXACT),
    (lambda: -terms.value(a), "neg", Sort.EXACT),
    (lambda: terms.ulp(a), "ulp", Sort.EXACT),
    (lambda: terms.unit_roundoff(), "unit_roundoff", Sort.EXACT),
    (lambda: terms.largest(), "largest", Sort.EXACT),
    (lambda: terms.smallest(), "smallest", Sort.EXACT),
    (lambda: terms.largest() == 2, "eq", Sort.PROPOSITION),
    (lambda: a == b, "eq", Sort.PROPOSITION),
    (lambda: a != b, "ne", Sort.PROPOSITION),
    (lambda: a < b, "lt", Sort.PROPOSITION),
    (lambda: a <= b, "le", Sort.PROPOSITION),
    (lambda: terms.odd_multiple(terms.value(a), terms.ulp(b)), "odd_multiple", Sort.PROPOSITION),
    (lambda: terms.finite(a), "finite", Sort.PROPOSITION),
    (lambda: terms.exact(a + b), "exact", Sort.PROPOSITION),
    (lambda: terms.in_range(a - b), "in_range", Sort.PROPOSITION),
    (lambda: (a < b) & (b < c), "and", Sort.PROPOSITION),
    (lambda: (a < b) | (b < c), "or", Sort.PROPOSITION),
    (lambda: ~(a < b), "not", Sort.PROPOSITION),
    (lambda: terms.implies(a < b, a <= b), "implies", Sort.PROPOSITION),
    (lambda: terms.iff(a < b, b > a), "iff", Sort.PROPOSITION),
    (lambda: terms.for_all((a,), a == a), "forall", Sort.PROPOSITION),
    (lambda: terms.conjunction(()), "true", Sort.PROPOSITION),
]

REFUSED: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: a + terms.value(b),
        "⟦b⟧ is of sort exact where sort number is needed; "
        "value(x) takes an element of the number system to its exact value",
    ),
    (
        lambda: terms.relu(a < b),
        "a < b is of sort proposition where sort number is needed; "
        "value(x) takes an element of the number system to its exact value",
    ),
    (
        lambda: (a < b) & a,
        "a is of sort number where sort proposition is needed; "
        "value(x) takes an element of the number system to its exact value",
    ),
    (
        lambda: terms.select(a, a, b),
        "a is of sort number where sort proposition is needed; "
        "value(x) takes an element of the number system to its exact value",
    ),
    (lambda: a + 0.5, "0.5 cannot stand in a term: use int, Fraction or Term"),  # type: ignore[operator]
    (lambda: a == "b", "'b' cannot stand in a term: use int, Fraction or Term"),
    (lambda: a * True, "True cannot stand in a term: use int, Fraction or Term"),
    (lambda: terms.constant(0.5), "0.5 cannot stand in a term: use int, Fraction or Term"),  # type: ignore[arg-type]
    (lambda: bool(a == b), "the truth of a = b is for a prover to find, not for Python"),
    (lambda: 0 <= a < b, "the truth of 0 ≤ a is for a prover to find, not for Python"),
    (lambda: a in (b, c), "the truth of b = a is for a prover to find, not for Python"),
    (lambda: terms.exact(a * b), "exact() speaks of a sum or a difference, not of a·b"),
    (
        lambda: terms.sequence("x") + terms.sequence("y"),
        "add takes elements, not a sequence of them: fold it first",
    ),
    (
        lambda: abs(terms.sequence("x")),
        "abs takes elements, not a sequence of them: fold it first",
    ),
    (
        lambda: terms.greatest(a, b),
        "b is of sort number where sort sequence is needed; "
        "value(x) takes an element of the number system to its exact value",
    ),
    (lambda: terms.greatest(a, b + c), "fold() goes over a sequence, not over b + c"),
    (lambda: terms.in_range(a), "in_range() speaks of a sum or a difference, not of a"),
]


@pytest.mark.parametrize(("build", "name", "sort"), BUILT)
def test_expressions_build_nodes(build: Callable[[], Term], name: str, sort: Sort) -> None:
    """Python's operators and the functions of the module build nodes of one operator and sort."""
    term = build()
    assert (term.operator, term.sort) == (name, sort)


@pytest.mark.parametrize(("build", "message"), REFUSED)
def test_refuses(build: Callable[[], Any], message: str) -> None:
    """Sorts do not mix, floats and bools are no constants, and a term has no truth."""
    with pytest.raises(TypeError) as caught:
        build()
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("compare", "name", "swapped"),
    [
        (operator.lt, "lt", False),
        (operator.le, "le", False),
        (operator.gt, "lt", True),
        (operator.ge, "le", True),
    ],
)
def test_greater_is_less_turned_round(
    compare: Callable[[Any, Any], Term], name: str, swapped: bool
) -> None:
    """There are two orders, < and ≤, and the other two are these with the sides swapped."""
    relation = compare(a, b)
    assert relation.operator == name
    assert [str(arg.leaf) for arg in relation.args] == (["b", "a"] if swapped else ["a", "b"])


def test_reflected_operators_keep_the_order() -> None:
    """1 − a is not a − 1."""
    assert repr(1 - a) == "1 − a"
    assert repr(1 / a) == "1/a"
    assert repr(7 // a) == "7 // a"


def test_nodes_are_told_apart_by_identity() -> None:
    """Two equal terms are two keys, and one term is one."""
    assert len({a + b: 1, a + b: 2}) == 2
    once = a + b
    assert {once: 1}[once] == 1


def test_conjunction_keeps_the_order() -> None:
    """Parts are joined from the left; one part is itself."""
    assert repr(terms.conjunction((a < b, b < c, a < c))) == "a < b and b < c and a < c"
    only = a < b
    assert terms.conjunction((only,)) is only


def test_substitute() -> None:
    """Every occurrence is replaced, at once, and what does not change is shared."""
    untouched = terms.relu(c)
    result = terms.substitute(a + b * a + untouched, {"a": b, "b": a})
    assert repr(result) == "b + a·b + ReLU(c)"
    assert next(node for node in terms.subterms(result) if node.operator == "relu") is untouched
    assert terms.substitute(untouched, {"a": b}) is untouched


def test_rewrite() -> None:
    """Nodes are replaced from the outside in, and what is put in their place is left alone."""
    total = terms.summation(i, m, a)
    names = {total: b + a, a: c}
    assert repr(terms.rewrite(total + terms.relu(a) * b, names.get)) == "b + a + ReLU(c)·b"
    assert terms.rewrite(total, lambda node: None) is total


def test_rewriting_inside_a_named_function_shows_what_stands_behind_the_name() -> None:
    """The name would tell of arguments that are no longer there."""
    named = terms.applied(lambda x: terms.relu(x), a)
    assert repr(terms.rewrite(named, {a: b}.get)) == "ReLU(b)"
    assert terms.rewrite(named, {b: a}.get) is named


def test_subterms_come_once_and_inner_first() -> None:
    """A shared node is visited once, after its arguments."""
    shared = a - b
    nodes = list(terms.subterms(terms.relu(shared) + shared))
    assert [repr(node) for node in nodes] == [
        "a",
        "b",
        "a − b",
        "ReLU(a − b)",
        "ReLU(a − b) + (a − b)",
    ]


def test_free_variables_leave_bound_ones_out() -> None:
    """The index of a sum and what a quantifier binds are not free."""
    total = terms.summation(i, m, i * a)
    assert terms.free_variables(total) == ("m", "a")
    assert terms.free_variables(terms.for_all((a, b), a + b == c)) == ("c",)
    assert [repr(x) for x in terms.bound_variables(total)] == ["i"]
    assert [repr(x) for x in terms.bound_variables(terms.for_all((a, b), a == b))] == ["a", "b"]
    assert terms.bound_variables(a + b) == ()


def test_state_and_tap_of_a_fold_are_bound() -> None:
    """Only the start, the sequence and what else the step speaks of are free."""
    folded = terms.fold(c, terms.sequence("x"), a, b, a + b * m)
    assert terms.free_variables(folded) == ("c", "x", "m")
    assert terms.bound_variables(folded) == (a, b)
