"""Formulas in plain text and LaTeX: what is written has the value of what was meant."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Max, Min, Mod, ceiling, floor

from verify.display.cost.notation import latex, text

H, W = (sympy.Symbol(name, integer=True, positive=True) for name in "HW")


def value(written: str, **sizes: int) -> float:
    """Evaluate plain text by Python's own rules of precedence."""
    code = written.replace("·", "*").replace("−", "-").replace("^", "**").replace(" mod ", " % ")
    code = re.sub("⌊", "math.floor(", code).replace("⌋", ")")
    code = re.sub("⌈", "math.ceil(", code).replace("⌉", ")")
    result: float = eval(code, {"math": math, "max": max, "min": min, "gcd": math.gcd, **sizes})
    return result


def plain_of(written: str) -> str:
    """Return LaTeX as plain text: fractions, brackets and products that have no sign."""
    for mark, plain in {
        r"\left\lfloor": "⌊",
        r"\right\rfloor": "⌋",
        r"\left\lceil": "⌈",
        r"\right\rceil": "⌉",
        r"\left(": "(",
        r"\right)": ")",
        r"\bmod": "mod",
        r"\max": "max",
        r"\min": "min",
        "^": "**",
    }.items():
        written = written.replace(mark, plain)
    inner = r"\{([^{}]*)\}"
    while "{" in written:
        written = re.sub(rf"\\frac{inner}{inner}", r"((\1)/(\2))", written)
        written = re.sub(rf"(?<!frac)(?<!}}){inner}(?!{{)", r"(\1)", written)
    side_by_side = r"(?<=[\w)⌋⌉]) +(?=[\w(⌊⌈])(?!mod)(?<!mod )"
    return re.sub(side_by_side, "*", written)


small = st.integers(-5, 5)
expressions: st.SearchStrategy[Any] = st.recursive(
    st.sampled_from([H, W]) | small.map(sympy.Integer),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: pair[0] + pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] - pair[1]),
        st.tuples(inner, inner).map(lambda pair: pair[0] * pair[1]),
        st.tuples(inner, inner).map(lambda pair: Max(*pair)),
        st.tuples(inner, inner).map(lambda pair: Min(*pair)),
        st.tuples(inner, st.integers(1, 4)).map(lambda pair: floor(pair[0] / pair[1])),
        st.tuples(inner, st.integers(1, 4)).map(lambda pair: ceiling(pair[0] / pair[1])),
        st.tuples(inner, st.integers(1, 4)).map(lambda pair: Mod(*pair)),
        inner.map(sympy.factor_terms),
    ),
    max_leaves=6,
)


@given(expressions, st.integers(1, 30), st.integers(1, 30))
def test_text_means_what_it_says(expression: Any, h: int, w: int) -> None:
    """Read back as arithmetic, the text has the value of the expression."""
    expected = expression.subs({H: h, W: w})
    assert value(text(expression), H=h, W=w) == pytest.approx(float(expected))


@given(expressions, st.integers(1, 30), st.integers(1, 30))
def test_latex_means_what_it_says(expression: Any, h: int, w: int) -> None:
    """So has the LaTeX."""
    expected = expression.subs({H: h, W: w})
    assert value(plain_of(latex(expression)), H=h, W=w) == pytest.approx(float(expected))


@pytest.mark.parametrize(
    ("expression", "plain", "marked_up"),
    [
        (3 * floor(H / 2) * W, "3·W·⌊H/2⌋", r"3 W \left\lfloor{\frac{H}{2}}\right\rfloor"),
        (
            (Mod(H + 1, 2) + 3 * H - 2) * W,
            "W·(3·H + ((H + 1) mod 2) − 2)",
            r"W \left(3 H + \left(\left(H + 1\right) \bmod 2\right) - 2\right)",
        ),
        (5 - H, "5 − H", "5 - H"),
        (H**2, "H^2", "H^{2}"),
        (-Max(H, 2), "−max(2, H)", r"- \max\left(2, H\right)"),
    ],
)
def test_the_words(expression: Any, plain: str, marked_up: str) -> None:
    """As people write it: · for products, a true minus sign, brackets for floors."""
    assert text(expression) == plain
    assert latex(expression) == marked_up
