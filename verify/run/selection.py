"""What ``-k EXPR`` selects: claims by words, joined with ``and``, ``or``, ``not`` and parentheses.

A word selects every claim whose id contains it. A word that is the whole id of a claim selects
that claim alone, so that the command printed under a failure reruns exactly it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

Selector = Callable[[str], bool]


def selector(expression: str, ids: Iterable[str]) -> Selector:
    """Return the predicate on claim ids that ``expression`` stands for.

    Raises ``ValueError`` that says what is wrong with the expression.

    >>> chosen = selector("relu and not (min or three)", ["max-is-relu", "three-relu-max"])
    >>> chosen("max-is-relu"), chosen("three-relu-max")
    (True, False)
    """
    known = set(ids)
    tokens = re.findall(r"[()]|[^\s()]+", expression)
    position = 0

    def peek() -> str:
        return tokens[position] if position < len(tokens) else "the end"

    def take() -> str:
        nonlocal position
        token = peek()
        position += 1
        return token

    def any_of() -> Selector:
        choices = [all_of()]
        while peek() == "or":
            take()
            choices.append(all_of())
        return lambda name: any(choice(name) for choice in choices)

    def all_of() -> Selector:
        factors = [factor()]
        while peek() == "and":
            take()
            factors.append(factor())
        return lambda name: all(chosen(name) for chosen in factors)

    def factor() -> Selector:
        token = take()
        if token == "not":
            inner = factor()
            return lambda name: not inner(name)
        if token == "(":
            inner = any_of()
            if take() != ")":
                raise ValueError(f"-k {expression!r}: a parenthesis is not closed")
            return inner
        if token in (")", "and", "or", "the end"):
            raise ValueError(f"-k {expression!r}: a word is missing before {token}")
        if token in known:
            return lambda name: name == token
        return lambda name: token in name

    chosen = any_of()
    if position < len(tokens):
        raise ValueError(f"-k {expression!r}: 'and' or 'or' is missing before {peek()}")
    return chosen
