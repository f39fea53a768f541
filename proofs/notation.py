"""How terms are written for people: plain text for a terminal, LaTeX for a page.

Apart from :mod:`proofs.terms` because the provers never need it. Both notations are made from
the very tree that is proved, so what is shown cannot drift from what was checked.
"""

from __future__ import annotations

from fractions import Fraction

from proofs.terms import Term

# Binding strength, loosest first; an argument that binds looser than its place gets parentheses.
_LEVEL = {"forall": 0, "iff": 1, "implies": 2, "or": 3, "and": 4, "not": 5}
_LEVEL |= dict.fromkeys(("eq", "ne", "lt", "le", "odd_multiple"), 6)
_LEVEL |= {"sum": 7, "add": 7, "sub": 7, "neg": 7, "mul": 8, "floordiv": 8, "div": 8}
_ATOM = 10

_TEXT_INFIX = {
    "iff": " ⇔ ", "implies": " ⇒ ", "or": " or ", "and": " and ",
    "eq": " = ", "ne": " ≠ ", "lt": " < ", "le": " ≤ ",
    "odd_multiple": " is an odd multiple of ",
    "add": " + ", "sub": " − ", "mul": "·", "floordiv": " // ", "div": "/",
}  # fmt: skip
_LATEX_INFIX = {
    "iff": r" \iff ", "implies": r" \implies ", "or": r" \lor ", "and": r" \land ",
    "eq": " = ", "ne": r" \neq ", "lt": " < ", "le": r" \le ",
    "odd_multiple": r" \text{ is an odd multiple of } ",
    "add": " + ", "sub": " - ", "mul": r" \cdot ", "div": " / ",
}  # fmt: skip
_TEXT_FUNCTION = {
    "maximum": "max", "minimum": "min", "relu": "ReLU", "widened": "wide", "in_range": "in range",
}  # fmt: skip
_LATEX_FUNCTION = {
    "maximum": r"\max", "minimum": r"\min", "relu": r"\operatorname{ReLU}",
    "finite": r"\operatorname{finite}", "exact": r"\operatorname{exact}",
    "in_range": r"\operatorname{in\,range}", "widened": r"\operatorname{wide}",
    "ulp": r"\operatorname{ulp}",
}  # fmt: skip


def scalar(value: object) -> str:
    """Write a number as people do: ``1/2`` for a fraction, ``−3`` with a true minus sign."""
    if isinstance(value, Fraction) and value.denominator != 1:
        return f"{value.numerator}/{value.denominator}".replace("-", "−")
    return str(value).replace("-", "−")


def text(term: Term) -> str:
    """Write ``term`` in plain text.

    >>> from proofs.terms import relu, variables
    >>> a, b = variables("a b")
    >>> print(text(a.maximum(b) == relu(a - b) + b))
    max(a, b) = ReLU(a − b) + b
    """
    match term.operator, term.args:
        case (("variable" | "applied"), _):
            return str(term.leaf)
        case "constant", _:
            return scalar(term.leaf)
        case "unit_roundoff", _:
            return "u"
        case (("largest" | "smallest"), _):
            return term.operator
        case "true", _:
            return "true"
        case "value", (x,):
            return f"⟦{text(x)}⟧"
        case "abs", (x,):
            return f"|{text(x)}|"
        case "half", (x,):
            return f"{_text_inside(x, _LEVEL['div'] + 1)}/2"
        case "neg", (x,):
            return f"−{_text_inside(x, _ATOM)}"
        case "not", (x,):
            return f"not {_text_inside(x, _ATOM)}"
        case "select", (condition, then, otherwise):
            if then.leaf == 1 and otherwise.leaf == 0:
                return f"[{text(condition)}]"
            return f"({text(then)} if {text(condition)} else {text(otherwise)})"
        case "forall", (*bound, body):
            return f"∀ {', '.join(str(x.leaf) for x in bound)}: {text(body)}"
        case "sum", (index, count, body):
            return f"Σ({index.leaf} < {text(count)}) {_text_inside(body, _LEVEL['mul'])}"
        case "fold", (start, over, state, tap, step):
            if step.operator in _TEXT_FUNCTION and _is_of(step, state, tap):
                return f"{_TEXT_FUNCTION[step.operator]}({text(start)}, {text(over)}…)"
            return f"fold({text(start)}, {text(over)}; {state.leaf}, {tap.leaf} ↦ {text(step)})"
        case operator, (left, right) if operator in _TEXT_INFIX:
            level = _LEVEL[operator]
            # Only "and" and "or" may be regrouped: rounded sums and products depend on the order.
            tighter = level + (operator not in ("and", "or"))
            return (
                _text_inside(left, level + (operator in ("implies", "iff")))
                + _TEXT_INFIX[operator]
                + _text_inside(right, tighter)
            )
        case operator, args:
            name = _TEXT_FUNCTION.get(operator, operator)
            return f"{name}({', '.join(text(arg) for arg in args)})"
    raise AssertionError(term.operator)


def _text_inside(term: Term, level: int) -> str:
    written = text(term)
    binds = _LEVEL.get(term.operator, _ATOM)
    if term.operator == "half" or (term.operator == "constant" and "/" in written):
        binds = _LEVEL["div"]
    return f"({written})" if binds < level else written


def _is_of(step: Term, state: Term, tap: Term) -> bool:
    return [arg.leaf for arg in step.args] == [state.leaf, tap.leaf]


def latex(term: Term) -> str:
    r"""Write ``term`` in LaTeX.

    >>> from proofs.terms import relu, variables
    >>> a, b = variables("a b")
    >>> print(latex(a.maximum(b) == relu(a - b) + b))
    \max(a, b) = \operatorname{ReLU}(a - b) + b
    """
    match term.operator, term.args:
        case "applied", _:
            return rf"\mathtt{{{term.leaf}}}".replace("_", r"\_")
        case "variable", _:
            name = str(term.leaf)
            return name if len(name) == 1 else rf"\mathit{{{name}}}".replace("_", r"\_")
        case "constant", _:
            if isinstance(term.leaf, Fraction) and term.leaf.denominator != 1:
                return rf"\tfrac{{{term.leaf.numerator}}}{{{term.leaf.denominator}}}"
            return str(term.leaf)
        case "unit_roundoff", _:
            return "u"
        case (("largest" | "smallest"), _):
            return rf"\mathit{{{term.operator}}}"
        case "true", _:
            return r"\top"
        case "value", (x,):
            return rf"[\![{latex(x)}]\!]"
        case "abs", (x,):
            return rf"\lvert {latex(x)} \rvert"
        case "half", (x,):
            return rf"\tfrac{{{latex(x)}}}{{2}}"
        case "neg", (x,):
            return f"-{_latex_inside(x, _ATOM)}"
        case "not", (x,):
            return rf"\lnot {_latex_inside(x, _ATOM)}"
        case "floordiv", (left, right):
            return rf"\left\lfloor \frac{{{latex(left)}}}{{{latex(right)}}} \right\rfloor"
        case "select", (condition, then, otherwise):
            if then.leaf == 1 and otherwise.leaf == 0:
                return f"[{latex(condition)}]"
            return (
                rf"\begin{{cases}} {latex(then)} & {latex(condition)} \\ "
                rf"{latex(otherwise)} & \text{{else}} \end{{cases}}"
            )
        case "forall", (*bound, body):
            return rf"\forall {', '.join(latex(x) for x in bound)}\colon {latex(body)}"
        case "sum", (index, count, body):
            limits = rf"_{{{index.leaf}=0}}^{{{latex(count)}-1}}"
            return rf"\sum{limits} {_latex_inside(body, _LEVEL['mul'])}"
        case "fold", (start, over, state, tap, step):
            if step.operator in _LATEX_FUNCTION and _is_of(step, state, tap):
                name, each = _LATEX_FUNCTION[step.operator], latex(over)
                return rf"{name}({latex(start)}, {each}_1, {each}_2, \dots)"
            stepped = rf"({latex(state)}, {latex(tap)}) \mapsto {latex(step)}"
            return rf"\operatorname{{fold}}({latex(start)}, {latex(over)}; {stepped})"
        case operator, (left, right) if operator in _LATEX_INFIX:
            level = _LEVEL[operator]
            tighter = level + (operator not in ("and", "or"))
            return (
                _latex_inside(left, level + (operator in ("implies", "iff")))
                + _LATEX_INFIX[operator]
                + _latex_inside(right, tighter)
            )
        case operator, args:
            name = _LATEX_FUNCTION[operator]
            return f"{name}({', '.join(latex(arg) for arg in args)})"
    raise AssertionError(term.operator)


def _latex_inside(term: Term, level: int) -> str:
    written = latex(term)
    return f"({written})" if _LEVEL.get(term.operator, _ATOM) < level else written
