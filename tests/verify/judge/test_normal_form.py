"""The normal forms against the terms they are forms of."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs.evaluate import evaluate
from proofs.systems import SYSTEMS
from proofs.terms import Term, constant, half, relu, variables
from verify.judge.normal_form import (
    NoNormalFormError,
    NormalForm,
    lattice_form,
    normal_form,
)

REAL = SYSTEMS["real"]
A, B, C = variables("a b c")


def extend(inner: st.SearchStrategy[Term]) -> st.SearchStrategy[Term]:
    """Return terms one operation deeper."""
    pairs = st.tuples(inner, inner)
    return st.one_of(
        pairs.map(lambda p: p[0] + p[1]),
        pairs.map(lambda p: p[0] - p[1]),
        pairs.map(lambda p: p[0].maximum(p[1])),
        pairs.map(lambda p: p[0].minimum(p[1])),
        inner.map(relu),
        inner.map(abs),
        inner.map(half),
        inner.map(lambda t: t * Fraction(-3, 2)),
    )


TERMS = st.recursive(st.sampled_from([A, B, C, constant(1)]), extend, max_leaves=6)
POINTS = st.fixed_dictionaries(dict.fromkeys("abc", st.fractions(-4, 4, max_denominator=4)))


def value(form: NormalForm, point: dict[str, Fraction]) -> Fraction:
    """Return the value of a normal form by its definition."""

    def affine(function: Any) -> Fraction:
        return sum((c * point.get(name, Fraction(1)) for name, c in function), Fraction(0))

    total = affine(form.affine)
    for members, factor in form.maxima.items():
        total += factor * max(affine(member) for member in members)
    return total


@given(TERMS, POINTS)
@settings(max_examples=150)
def test_a_form_has_the_values_of_its_term(term: Term, point: dict[str, Fraction]) -> None:
    """Everywhere, over random terms and points."""
    assert value(normal_form(term), point) == evaluate(term, point, REAL)


@given(TERMS, TERMS, POINTS)
@settings(max_examples=100)
def test_equal_forms_mean_equal_values(left: Term, right: Term, point: dict[str, Fraction]) -> None:
    """Terms with one form, of either kind, agree wherever they are tried."""
    for form in (normal_form, lattice_form):
        if form(left) == form(right):
            assert evaluate(left, point, REAL) == evaluate(right, point, REAL)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (relu(A - B) + B, A.maximum(B)),
        (relu(A) - relu(-A), A),
        (half(A + B + abs(A - B)), B.maximum(A)),
        (-((-A).maximum(-B)), A.minimum(B)),
        (relu(C - (relu(A - B) + B)) + relu(A - B) + B, A.maximum(B.maximum(C))),
        (A.maximum(B) + A.minimum(B), A + B),
        ((A * 2).maximum(B * 2), A.maximum(B) * 2),
    ],
)
def test_rebuilds_have_the_form_of_what_they_rebuild(left: Term, right: Term) -> None:
    """The identities that folds and trees rest on."""
    assert normal_form(left) == normal_form(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [(A.maximum(B), A), (relu(A), A), (A.maximum(B), A.maximum(C)), (A + 1, A), (abs(A), relu(A))],
)
def test_different_functions_have_different_forms(left: Term, right: Term) -> None:
    """No form is shared by functions that differ."""
    assert normal_form(left) != normal_form(right)
    assert lattice_form(left) != lattice_form(right)


def test_extremes_of_the_same_elements() -> None:
    """Nested maxima are one set; a maximum and a minimum are not."""
    assert lattice_form(A.maximum(B).maximum(A)) == lattice_form(B.maximum(A))
    assert lattice_form(A.maximum(A)) == lattice_form(A)
    assert lattice_form(A.maximum(B)) != lattice_form(A.minimum(B))
    assert lattice_form(A.maximum(B.minimum(C))) != lattice_form(A.maximum(B).minimum(C))
    assert lattice_form(A.maximum(B.minimum(C))) != lattice_form(A.maximum(B).maximum(C))


def test_what_has_no_form() -> None:
    """Products of unknowns, and sums of maxima that grow too large."""
    with pytest.raises(NoNormalFormError, match="product"):
        normal_form(A * B)
    names = variables(" ".join(f"x{i}" for i in range(24)))
    grown = relu(names[0])
    for x in names[1:]:
        grown = grown + relu(x)
    with pytest.raises(NoNormalFormError, match="affine functions"):
        normal_form(relu(grown))
