"""How terms are written for people: plain text for a terminal, LaTeX for a page.

Operators are written as their rows say, with parentheses where an argument binds looser than its
place; what has no template there is written here. Both notations are made from the very tree that
is proved, so what is shown cannot drift from what was checked.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cache, lru_cache
from string import Formatter
from typing import Any, Protocol

from proofs.operators import OPERATORS, Operator, operator


class Node(Protocol):
    """What is written: a term, of which nothing else matters here."""

    @property
    def operator(self) -> str:
        """The name of the operator."""

    @property
    def args(self) -> Sequence[Any]:
        """The arguments, nodes as well."""

    @property
    def leaf(self) -> object:
        """The name or the constant at a leaf."""

    def __hash__(self) -> int:
        """What is written is kept by it."""


def scalar(value: object) -> str:
    """Write a number as people do: ``1/2`` for a fraction, ``−3`` with a true minus sign."""
    if isinstance(value, Fraction) and value.denominator != 1:
        return f"{value.numerator}/{value.denominator}".replace("-", "−")
    return str(value).replace("-", "−")


@lru_cache(maxsize=1 << 14)
def text(term: Node) -> str:
    """Write ``term`` in plain text.

    >>> from proofs.terms import relu, variables
    >>> a, b = variables("a b")
    >>> print(text(a.maximum(b) == relu(a - b) + b))
    max(a, b) = ReLU(a − b) + b
    """
    special = _TEXT.get(term.operator)
    if special is not None:
        return special(term, *term.args)
    row = operator(term.operator)
    return _filled(row, row.text, term, _text_inside)


def latex(term: Node) -> str:
    r"""Write ``term`` in LaTeX.

    >>> from proofs.terms import relu, variables
    >>> a, b = variables("a b")
    >>> print(latex(a.maximum(b) == relu(a - b) + b))
    \max(a, b) = \operatorname{ReLU}(a - b) + b
    """
    special = _LATEX.get(term.operator)
    if special is not None:
        return special(term, *term.args)
    row = operator(term.operator)
    return _filled(row, row.latex, term, _latex_inside)


def _filled(
    row: Operator, template: str | None, term: Node, inside: Callable[[Node, int], str]
) -> str:
    if template is None:
        raise row.lacks("notation")
    pieces = []
    for words, place, level in _pieces(template):
        pieces.append(words)
        if place is not None:
            pieces.append(inside(term.args[place], level))
    return "".join(pieces)


@cache
def _pieces(template: str) -> list[tuple[str, int | None, int]]:
    """Return words, the argument behind them if there is one, and how strongly it has to bind.

    >>> _pieces("{0:7} + {1:8}")
    [('', 0, 7), (' + ', 1, 8)]
    """
    return [
        (words, None if place is None else int(place), int(level or 0))
        for words, place, level, _ in Formatter().parse(template)
    ]


def _text_inside(term: Node, level: int) -> str:
    """Write an argument, in parentheses if it binds looser than its place."""
    written = text(term)
    is_fraction = term.operator == "constant" and "/" in written
    binds = OPERATORS["div" if is_fraction else term.operator].level
    return f"({written})" if binds < level else written


def _latex_inside(term: Node, level: int) -> str:
    """The same in LaTeX, where fractions need no parentheses."""
    written, row = latex(term), OPERATORS[term.operator]
    binds = row.level if row.latex_level is None else row.latex_level
    return f"({written})" if binds < level else written


def _is_indicator(then: Node, otherwise: Node) -> bool:
    return then.leaf == 1 and otherwise.leaf == 0


def _choice(term: Node, condition: Node, then: Node, otherwise: Node) -> str:
    if _is_indicator(then, otherwise):
        return f"[{text(condition)}]"
    return f"({text(then)} if {text(condition)} else {text(otherwise)})"


def _fold(term: Node, start: Node, over: Node, state: Node, tap: Node, step: Node) -> str:
    name = _applied_to(operator(step.operator).text, step, state, tap)
    if name:
        return f"{name}({text(start)}, {text(over)}…)"
    return f"fold({text(start)}, {text(over)}; {state.leaf}, {tap.leaf} ↦ {text(step)})"


def _applied_to(template: str | None, step: Node, state: Node, tap: Node) -> str:
    """Return the name of the function that a step applies to what it binds, "" if it does more."""
    name, call, _ = (template or "").partition("({0}, {1})")
    return name if call and [arg.leaf for arg in step.args] == [state.leaf, tap.leaf] else ""


def _latex_variable(term: Node) -> str:
    name = str(term.leaf)
    return name if len(name) == 1 else rf"\mathit{{{name}}}".replace("_", r"\_")


def _latex_constant(term: Node) -> str:
    if isinstance(term.leaf, Fraction) and term.leaf.denominator != 1:
        return rf"\tfrac{{{term.leaf.numerator}}}{{{term.leaf.denominator}}}"
    return str(term.leaf)


def _latex_choice(term: Node, condition: Node, then: Node, otherwise: Node) -> str:
    if _is_indicator(then, otherwise):
        return f"[{latex(condition)}]"
    return (
        rf"\begin{{cases}} {latex(then)} & {latex(condition)} \\ "
        rf"{latex(otherwise)} & \text{{else}} \end{{cases}}"
    )


def _latex_fold(term: Node, start: Node, over: Node, state: Node, tap: Node, step: Node) -> str:
    name, each = _applied_to(operator(step.operator).latex, step, state, tap), latex(over)
    if name:
        return rf"{name}({latex(start)}, {each}_1, {each}_2, \dots)"
    stepped = rf"({latex(state)}, {latex(tap)}) \mapsto {latex(step)}"
    return rf"\operatorname{{fold}}({latex(start)}, {each}; {stepped})"


#: What is written from a leaf, or from variables that a node binds.
_TEXT: dict[str, Callable[..., str]] = {
    "variable": lambda term: str(term.leaf),
    "applied": lambda term, _: str(term.leaf),
    "constant": lambda term: scalar(term.leaf),
    "select": _choice,
    "sum": lambda term, index, count, body: (
        f"Σ({index.leaf} < {text(count)}) {_text_inside(body, 8)}"
    ),
    "fold": _fold,
    "forall": lambda term, *args: (
        f"∀ {', '.join(str(x.leaf) for x in args[:-1])}: {text(args[-1])}"
    ),
}  # fmt: skip
_LATEX: dict[str, Callable[..., str]] = {
    "variable": _latex_variable,
    "applied": lambda term, _: rf"\mathtt{{{term.leaf}}}".replace("_", r"\_"),
    "constant": _latex_constant,
    "select": _latex_choice,
    "sum": lambda term, index, count, body: (
        rf"\sum_{{{index.leaf}=0}}^{{{latex(count)}-1}} {_latex_inside(body, 8)}"
    ),
    "fold": _latex_fold,
    "forall": lambda term, *args: (
        rf"\forall {', '.join(map(latex, args[:-1]))}\colon {latex(args[-1])}"
    ),
}  # fmt: skip
