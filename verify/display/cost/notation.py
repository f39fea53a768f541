"""SymPy expressions in one line of plain text, and in LaTeX, as people write formulas on paper.

Apart from :mod:`proofs.notation`, which writes the terms that are proved: a cost in symbols is an
expression of SymPy, which also knows how to order and to parenthesise its parts.
"""

from typing import Any

from sympy import Expr, Mod, Symbol, factor_terms
from sympy.printing.latex import LatexPrinter
from sympy.printing.precedence import PRECEDENCE
from sympy.printing.str import StrPrinter

# SymPy finds what prints a class by its name, so these methods are spelled as the class is.


class _TextPrinter(StrPrinter):  # type: ignore[misc]
    """Writes ⌊a/b⌋, a mod b, max(a, b), · and a true minus sign."""

    def _print_Add(self, expression: Any, order: Any = None) -> str:  # noqa: N802
        terms = [self._print(term) for term in expression.as_ordered_terms()]
        # What is added comes first, then the remainders, which are small, then what is taken off.
        terms.sort(key=lambda term: (term.startswith("-"), term.startswith("(") and "mod" in term))
        return " + ".join(terms).replace("+ -", "- ")

    def _print_floor(self, expression: Any) -> str:
        return f"⌊{self._print(factor_terms(expression.args[0]))}⌋"

    def _print_ceiling(self, expression: Any) -> str:
        return f"⌈{self._print(factor_terms(expression.args[0]))}⌉"

    def _print_Max(self, expression: Any) -> str:  # noqa: N802
        return f"max({self.stringify(expression.args, ', ')})"

    def _print_Min(self, expression: Any) -> str:  # noqa: N802
        return f"min({self.stringify(expression.args, ', ')})"

    def _print_Mod(self, expression: Any) -> str:  # noqa: N802
        a, b = (self.parenthesize(arg, PRECEDENCE["Mul"], strict=False) for arg in expression.args)
        return f"({a} mod {b})"


class _LatexPrinter(LatexPrinter):  # type: ignore[misc]
    """Puts a remainder into one pair of parentheses, not what contains it into further ones."""

    def _print_Mod(self, expression: Any, exp: Any = None) -> str:  # noqa: N802
        a, b = (self.parenthesize(arg, PRECEDENCE["Mul"], strict=True) for arg in expression.args)
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\left({a} \bmod {b}\right){power}"

    def _needs_add_brackets(self, expr: Any) -> bool:
        return bool(super()._needs_add_brackets(_without_remainders(expr)))

    def _needs_mul_brackets(self, expr: Any, first: bool = False, last: bool = False) -> bool:
        return bool(super()._needs_mul_brackets(_without_remainders(expr), first, last))


def _without_remainders(expression: Expr) -> Expr:
    return expression.replace(Mod, lambda a, b: Symbol("r"))


def text(expression: Expr) -> str:
    """Write ``expression`` in one line.

    >>> from sympy import Max, Mod, Symbol, floor
    >>> H = Symbol("H", integer=True, positive=True)
    >>> text(3 * floor((H - 1) / 2) * Max(H, 2) - Mod(H + 1, 2))
    '3·⌊(H − 1)/2⌋·max(2, H) − ((H + 1) mod 2)'
    """
    written = str(_TextPrinter().doprint(expression))
    return written.replace("**", "^").replace("*", "·").replace("-", "−")


def latex(expression: Expr) -> str:
    r"""Write ``expression`` in LaTeX.

    >>> from sympy import Mod, Symbol, floor
    >>> H = Symbol("H", integer=True, positive=True)
    >>> print(latex(3 * H * (H + 4 * Mod(H + 1, 2))))
    3 H \left(H + 4 \left(\left(H + 1\right) \bmod 2\right)\right)
    """
    return str(_LatexPrinter().doprint(expression))
