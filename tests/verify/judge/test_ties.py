"""Inputs on which decisions by computed values are close."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy
import torch

from proofs.systems import SYSTEMS
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.classes import kinds
from verify.judge.symbols.terms import Ids, Terms
from verify.judge.ties import Ties, decides

Made = Callable[[Algebra, Ids], Ids]


def ties(count: int, made: Made) -> Ties:
    """Return the only kind of what is made of the elements of an input, beside the first one."""
    terms = Terms(count)
    algebra = Algebra(terms, SYSTEMS["real"])
    ids = made(algebra, terms.variables)
    (kind,) = kinds(terms, ids, terms.variables[: len(ids)])
    return Ties(kind, torch.float32, lambda: False)


def third_or_more(algebra: Algebra, x: Ids) -> Ids:
    """Return x, or −x where x / 3 reaches 1 / 5."""
    third = algebra.linear(x[:, None], [Fraction(1, 3)])
    return algebra.select(
        algebra.compare("le", numpy.full_like(x, algebra.constant(Fraction(1, 5))), third),
        algebra.negative(x), x,
    )  # fmt: skip


def test_where_a_comparison_turns() -> None:
    """The element is moved to where both sides are equal, and to the numbers beside."""
    found = [float(column[0]) for column in ties(1, third_or_more).inputs()]
    assert found
    assert all(abs(x - 0.6) < 1e-6 for x in found)
    assert len(set(found)) == len(found)


def test_two_comparisons_at_once() -> None:
    """From where one is undecided it goes on to where the other is too."""

    def both(algebra: Algebra, x: Ids) -> Ids:
        three = algebra.linear(x[:, None], [Fraction(3)])
        held = [
            algebra.compare("eq", three[i : i + 1], numpy.array([algebra.constant(number)]))
            for i, number in enumerate((15, 33))
        ]
        condition = algebra.connected("and", numpy.column_stack(held))
        return algebra.select(condition, algebra.constant(0), x[:1])

    found = {tuple(column.tolist()) for column in ties(2, both).inputs()}
    assert any(abs(a - 5) < 1e-5 and abs(b - 11) < 1e-5 for a, b in found)


def test_elements_as_they_are_make_no_doubt() -> None:
    """A comparison of elements rounds nothing; without any comparison there is nothing to do."""
    choice = ties(2, lambda algebra, x: algebra.select(
        algebra.compare("lt", x[:1], x[1:]), algebra.negative(x[1:]), x[:1]
    ))  # fmt: skip
    assert not choice.computed
    assert ties(1, third_or_more).computed
    assert decides(choice.terms)
    assert not decides(Terms(2))


def test_time_is_up() -> None:
    """Nothing more is looked for."""
    late = ties(1, third_or_more)
    late.late = lambda: True
    assert not list(late.inputs())
