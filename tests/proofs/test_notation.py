from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.notation import latex, scalar, text
from proofs.terms import (
    Term,
    conjunction,
    constant,
    exact,
    finite,
    fold,
    for_all,
    greatest,
    half,
    iff,
    implies,
    in_range,
    indicator,
    largest,
    least,
    odd_multiple,
    relu,
    select,
    sequence,
    smallest,
    summation,
    ulp,
    unit_roundoff,
    value,
    variable,
    variables,
    widened,
)

a, b, c = variables("a b c")
i, m = variables("i m")
p, q, r = a < b, b < c, a < c
negative = -a

WRITTEN: list[tuple[Term, str, str]] = [
    (a, "a", "a"),
    (variable("before"), "before", r"\mathit{before}"),
    (variable("x_1"), "x_1", r"\mathit{x\_1}"),
    (constant(-3), "−3", "-3"),
    (constant(Fraction(1, 2)), "1/2", r"\tfrac{1}{2}"),
    (constant(Fraction(4, 2)), "2", "2"),
    (a + b, "a + b", "a + b"),
    (a + b + c, "a + b + c", "a + b + c"),
    (a + (b + c), "a + (b + c)", "a + (b + c)"),
    (a - b - c, "a − b − c", "a - b - c"),
    (a - (b - c), "a − (b − c)", "a - (b - c)"),
    (a + (b - c), "a + (b − c)", "a + (b - c)"),
    (a * b * c, "a·b·c", r"a \cdot b \cdot c"),
    (a * (b * c), "a·(b·c)", r"a \cdot (b \cdot c)"),
    (a * (b + c), "a·(b + c)", r"a \cdot (b + c)"),
    (a + b * c, "a + b·c", r"a + b \cdot c"),
    (a / b / c, "a/b/c", "a / b / c"),
    (a / (b / c), "a/(b/c)", "a / (b / c)"),
    (a * (b / c), "a·(b/c)", r"a \cdot (b / c)"),
    (a / Fraction(1, 2), "a/(1/2)", r"a / \tfrac{1}{2}"),
    (a // b, "a // b", r"\left\lfloor \frac{a}{b} \right\rfloor"),
    (
        a // (b // c),
        "a // (b // c)",
        r"\left\lfloor \frac{a}{\left\lfloor \frac{b}{c} \right\rfloor} \right\rfloor",
    ),
    (-a, "−a", "-a"),
    (-negative, "−(−a)", "-(-a)"),
    (-(a + b), "−(a + b)", "-(a + b)"),
    (a - (-b), "a − (−b)", "a - (-b)"),
    (abs(a - b), "|a − b|", r"\lvert a - b \rvert"),
    (half(a), "a/2", r"\tfrac{a}{2}"),
    (half(a + b), "(a + b)/2", r"\tfrac{a + b}{2}"),
    (a / half(b), "a/(b/2)", r"a / \tfrac{b}{2}"),
    (a * half(b), "a·(b/2)", r"a \cdot \tfrac{b}{2}"),
    (half(-a), "(−a)/2", r"\tfrac{-a}{2}"),
    (a.maximum(b), "max(a, b)", r"\max(a, b)"),
    (a.minimum(b - c), "min(a, b − c)", r"\min(a, b - c)"),
    (relu(a), "ReLU(a)", r"\operatorname{ReLU}(a)"),
    (widened(a - b) + c, "wide(a − b) + c", r"\operatorname{wide}(a - b) + c"),
    (ulp(a) * 2, "ulp(a)·2", r"\operatorname{ulp}(a) \cdot 2"),
    (odd_multiple(value(a) + 1, ulp(b)), "⟦a⟧ + 1 is an odd multiple of ulp(b)",
     r"[\![a]\!] + 1 \text{ is an odd multiple of } \operatorname{ulp}(b)"),
    (~odd_multiple(value(a), ulp(a)) & p, "not (⟦a⟧ is an odd multiple of ulp(a)) and a < b",
     r"\lnot ([\![a]\!] \text{ is an odd multiple of } \operatorname{ulp}(a)) \land a < b"),
    (value(a) - value(b), "⟦a⟧ − ⟦b⟧", r"[\![a]\!] - [\![b]\!]"),
    (unit_roundoff(), "u", "u"),
    (largest(), "largest", r"\mathit{largest}"),
    (smallest(), "smallest", r"\mathit{smallest}"),
    (a == b, "a = b", "a = b"),
    (a != b, "a ≠ b", r"a \neq b"),
    (a > b, "b < a", "b < a"),
    (a >= b, "b ≤ a", r"b \le a"),
    (finite(a), "finite(a)", r"\operatorname{finite}(a)"),
    (exact(a - b), "exact(a − b)", r"\operatorname{exact}(a - b)"),
    (in_range(a + b), "in range(a + b)", r"\operatorname{in\,range}(a + b)"),
    (conjunction(()), "true", r"\top"),
    (p & q & r, "a < b and b < c and a < c", r"a < b \land b < c \land a < c"),
    (p & (q & r), "a < b and b < c and a < c", r"a < b \land b < c \land a < c"),
    ((p | q) & r, "(a < b or b < c) and a < c", r"(a < b \lor b < c) \land a < c"),
    (p | (q & r), "a < b or b < c and a < c", r"a < b \lor b < c \land a < c"),
    (~p, "not (a < b)", r"\lnot (a < b)"),
    (~(p & q), "not (a < b and b < c)", r"\lnot (a < b \land b < c)"),
    (implies(p, q), "a < b ⇒ b < c", r"a < b \implies b < c"),
    (
        implies(implies(p, q), r),
        "(a < b ⇒ b < c) ⇒ a < c",
        r"(a < b \implies b < c) \implies a < c",
    ),
    (
        implies(p, implies(q, r)),
        "a < b ⇒ (b < c ⇒ a < c)",
        r"a < b \implies (b < c \implies a < c)",
    ),
    (iff(p & q, r), "a < b and b < c ⇔ a < c", r"a < b \land b < c \iff a < c"),
    (iff(p, implies(q, r)), "a < b ⇔ b < c ⇒ a < c", r"a < b \iff b < c \implies a < c"),
    (iff(iff(p, q), r), "(a < b ⇔ b < c) ⇔ a < c", r"(a < b \iff b < c) \iff a < c"),
    (indicator(p), "[a < b]", "[a < b]"),
    (
        select(p, a, b),
        "(a if a < b else b)",
        r"\begin{cases} a & a < b \\ b & \text{else} \end{cases}",
    ),
    (for_all((a, b), p), "∀ a, b: a < b", r"\forall a, b\colon a < b"),
    (~for_all((a,), p), "not (∀ a: a < b)", r"\lnot (\forall a\colon a < b)"),
    (summation(i, m, i * a), "Σ(i < m) i·a", r"\sum_{i=0}^{m-1} i \cdot a"),
    (summation(i, m, i + a), "Σ(i < m) (i + a)", r"\sum_{i=0}^{m-1} (i + a)"),
    (summation(i, m, i) + a, "Σ(i < m) i + a", r"\sum_{i=0}^{m-1} i + a"),
    (fold(a, sequence("x"), m, b, m - b), "fold(a, x; m, b ↦ m − b)",
     r"\operatorname{fold}(a, x; (m, b) \mapsto m - b)"),
    (fold(a, sequence("x"), m, b, b.maximum(m)), "fold(a, x; m, b ↦ max(b, m))",
     r"\operatorname{fold}(a, x; (m, b) \mapsto \max(b, m))"),
    (fold(a, sequence("x"), m, b, relu(b)), "fold(a, x; m, b ↦ ReLU(b))",
     r"\operatorname{fold}(a, x; (m, b) \mapsto \operatorname{ReLU}(b))"),
    (greatest(a, sequence("x")) + b, "max(a, x…) + b", r"\max(a, x_1, x_2, \dots) + b"),
    (least(a - b, sequence("taps")), "min(a − b, taps…)",
     r"\min(a - b, \mathit{taps}_1, \mathit{taps}_2, \dots)"),
    (summation(i, m, i) * a, "(Σ(i < m) i)·a", r"(\sum_{i=0}^{m-1} i) \cdot a"),
]  # fmt: skip


@pytest.mark.parametrize(("term", "plain", "page"), WRITTEN, ids=lambda x: str(x))
def test_written(term: Term, plain: str, page: str) -> None:
    """Every kind of term, in plain text and in LaTeX."""
    assert text(term) == plain == repr(term)
    assert latex(term) == page


@pytest.mark.parametrize(
    ("number", "written"),
    [(0, "0"), (-3, "−3"), (Fraction(1, 2), "1/2"), (Fraction(-1, 2), "−1/2"), (Fraction(6, 3), "2")],  # noqa: E501
)  # fmt: skip
def test_scalar(number: object, written: str) -> None:
    """Numbers have a true minus sign and fractions a stroke."""
    assert scalar(number) == written


# -- what is written reads in one way only ------------------------------------------------------

INFIX = {
    "iff": ("⇔",), "implies": ("⇒",), "or": ("or",), "and": ("and",),
    "relation": ("=", "≠", "<", "≤"), "sum": ("+", "−"), "product": ("·", "/", "//"),
}  # fmt: skip
LADDER = list(INFIX)
NAMED = {
    "add": "+", "sub": "−", "mul": "·", "div": "/", "floordiv": "//", "eq": "=", "ne": "≠",
    "lt": "<", "le": "≤", "iff": "⇔", "implies": "⇒", "neg": "neg",
    "maximum": "max", "minimum": "min", "relu": "ReLU", "not": "not", "and": "and", "or": "or",
}  # fmt: skip


class Reader:
    """Reads plain text back by the usual precedence, without knowing how it was written."""

    def __init__(self, written: str) -> None:
        self.tokens = re.findall(r"//|[A-Za-z]+|\d+|[^\sA-Za-z\d]", written)

    def read(self) -> Any:
        """Read all of it."""
        tree = self.level(0)
        assert not self.tokens
        return tree

    def next_is(self, *tokens: str) -> bool:
        """Say whether one of ``tokens`` comes next."""
        return bool(self.tokens) and self.tokens[0] in tokens

    def level(self, rung: int) -> Any:
        """Read what binds at least as tightly as the operators of ``rung``."""
        if rung == len(LADDER):
            return self.atom()
        if LADDER[rung] == "relation" and self.next_is("not"):
            self.tokens.pop(0)
            return ("not", self.level(rung))
        if LADDER[rung] == "sum" and self.next_is("−"):
            self.tokens.pop(0)
            tree: Any = ("neg", self.level(rung + 1))
        else:
            tree = self.level(rung + 1)
        while self.next_is(*INFIX[LADDER[rung]]):
            tree = (self.tokens.pop(0), tree, self.level(rung + 1))
        return tree

    def atom(self) -> Any:
        """Read a name, a number, a call or what stands in brackets."""
        token = self.tokens.pop(0)
        if token == "(":
            tree = self.level(0)
            assert self.tokens.pop(0) == ")"
        elif token == "|":
            tree = ("abs", self.level(LADDER.index("sum")))
            assert self.tokens.pop(0) == "|"
        elif self.next_is("("):
            self.tokens.pop(0)
            args = [self.level(0)]
            while self.tokens.pop(0) == ",":
                args.append(self.level(0))
            tree = (token, *args)
        else:
            tree = token
        return tree


def _tree(term: Term) -> Any:
    if term.operator == "constant" and isinstance(term.leaf, Fraction):
        return ("/", str(term.leaf.numerator), str(term.leaf.denominator))
    if not term.args:
        return str(term.leaf)
    args = [_tree(arg) for arg in term.args]
    if term.operator == "half":
        return ("/", args[0], "2")
    if term.operator in ("and", "or"):  # may be regrouped
        return (term.operator, *_flattened(term.operator, args))
    return (NAMED.get(term.operator, term.operator), *args)


def _flattened(operator: str, args: list[Any]) -> list[Any]:
    parts: list[Any] = []
    for arg in args:
        parts += arg[1:] if isinstance(arg, tuple) and arg[0] == operator else [arg]
    return parts


def _regrouped(tree: Any) -> Any:
    if not isinstance(tree, tuple):
        return tree
    operator, args = tree[0], [_regrouped(arg) for arg in tree[1:]]
    return (operator, *(_flattened(operator, args) if operator in ("and", "or") else args))


leaves = st.sampled_from([a, b, c]) | st.sampled_from(
    [constant(0), constant(2), constant(Fraction(1, 3))]
)
numbers = st.recursive(
    leaves,
    lambda part: st.one_of(
        st.builds(lambda x, y: x + y, part, part),
        st.builds(lambda x, y: x - y, part, part),
        st.builds(lambda x, y: x * y, part, part),
        st.builds(lambda x, y: x / y, part, part),
        st.builds(lambda x, y: x // y, part, part),
        st.builds(lambda x, y: x.maximum(y), part, part),
        st.builds(lambda x: -x, part),
        st.builds(abs, leaves | part.filter(lambda t: "|" not in text(t))),
        st.builds(half, part),
        st.builds(relu, part),
    ),
    max_leaves=8,
)  # fmt: skip
propositions = st.recursive(
    st.one_of(
        st.builds(lambda x, y: x == y, numbers, numbers),
        st.builds(lambda x, y: x != y, numbers, numbers),
        st.builds(lambda x, y: x < y, leaves, leaves),
        st.builds(lambda x, y: x <= y, leaves, leaves),
    ),
    lambda part: st.one_of(
        st.builds(lambda x, y: x & y, part, part),
        st.builds(lambda x, y: x | y, part, part),
        st.builds(lambda x: ~x, part),
        st.builds(implies, part, part),
        st.builds(iff, part, part),
    ),
    max_leaves=4,
)  # fmt: skip


@given(numbers | propositions)
def test_text_reads_back_as_the_term_it_was(term: Term) -> None:
    """No parenthesis that matters is left out: two different terms never look the same."""
    assert _regrouped(Reader(text(term)).read()) == _tree(term)
