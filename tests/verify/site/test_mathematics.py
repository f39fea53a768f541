"""Formulas as MathML."""

from __future__ import annotations

from proofs import claims
from proofs.terms import conjunction, variables
from verify.site.mathematics import mathml


def test_every_statement_can_be_set() -> None:
    """No command of LaTeX is left over in any statement of any claim."""
    for claim in claims().values():
        for theorem in claim.theorems:
            made = mathml(theorem.statement)
            assert made.startswith(("<math", "<p")), claim.id
            assert "\\" not in made, claim.id


def test_what_is_too_long_for_a_line_is_text_that_wraps() -> None:
    """A page of conjunctions is no formula to look at."""
    a, b = variables("a b")
    assert mathml(a < b).startswith("<math")
    made = mathml(conjunction((a < b,) * 100))
    assert made.startswith('<p class="formula-text">a &lt; b and')
