"""How errors pass through a maximum, a product, a known factor and a choice.

A maximum follows one of its arguments, so it is off by the larger error of them: of two, and so of
any number. A product is off by each error times the other factor, and the product of both. A known
factor that is rounded adds its own error times what is computed. A choice whose condition may turn
out otherwise is off by the distance of what it chooses from, and the error of the one it takes.
"""

from dataclasses import replace

from proofs.claim import PROVED, Claim, Theorem, expect
from proofs.terms import Term, variables

v, w, p, q, E, F, W = variables("v w p q E F W")
ERRORS = (abs(p - v) <= E, abs(q - w) <= F)


def rule(name: str, conclusion: Term, given: tuple[Term, ...] = ERRORS, **more: object) -> Theorem:
    """State what becomes of the errors E of v and F of w, which are computed as p and q."""
    beyond = {"cvc5": "products of unknowns: minutes, Z3 takes a fraction of a second"}
    return Theorem(
        conclusion, given=given, where=(E >= 0, F >= 0), name=name, systems=("real",),
        beyond=beyond if more.get("hard") else {},
    )  # fmt: skip


maximum = rule("a maximum", abs(p.maximum(q) - v.maximum(w)) <= E.maximum(F))
product = rule("a product", abs(p * q - v * w) <= abs(v) * F + abs(w) * E + E * F, hard=True)
factor = rule(
    "a factor w that is read as W", abs(W * p - w * v) <= abs(w) * E + F * abs(p),
    given=(abs(p - v) <= E, abs(W - w) <= F), hard=True,
)  # fmt: skip
choice = rule("a choice that turns out otherwise", abs(p - w) <= E + abs(v - w), (ERRORS[0],))

claim = Claim(
    __name__,
    title="Maxima pass on the larger error of their arguments, products each error times the "
    "other factor.",
    holds="and the product of both errors; before a product or a sum is rounded",
    why="The maximum follows one of its arguments; the rest is the triangle inequality.",
    source="Higham, Accuracy and Stability of Numerical Algorithms, section 3.1",
    generality="all values and errors; of more than two arguments one after the other",
    parts=(maximum, product, factor, choice),
    expected=expect(PROVED, "real"),
    mutants={
        "a maximum passes on the smaller error": replace(
            maximum, conclusion=abs(p.maximum(q) - v.maximum(w)) <= E.minimum(F)
        ),
        "products to first order only": replace(
            product, conclusion=abs(p * q - v * w) <= abs(v) * F + abs(w) * E
        ),
        "rounded factors cost nothing": replace(
            factor, conclusion=abs(W * p - w * v) <= abs(w) * E
        ),
        "a choice costs the error of what it takes": replace(choice, conclusion=abs(p - w) <= E),
    },
)
