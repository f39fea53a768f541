"""Where terms are defined, and what is known of their signs, against their values."""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import pytest

from verify.judge.symbols.classes import Vertex
from verify.judge.symbols.definedness import Requirements, needed
from verify.judge.symbols.normal_form import NormalForms

POINTS = [
    (a, b, c)
    for a in (-2.0, -0.5, 0.0, 0.75, 1.0, 3.0)
    for b in (-1.0, 0.0, 0.75, 2.0)
    for c in (-3.0, 0.0, 1.0)
]
FUNCTIONS = ("exp", "log", "sqrt", "power", "sigmoid", "tanh")


def computed(node: Vertex, args: list[Any]) -> Any:
    """Return the value of a node, NaN where it is not defined."""
    if node.operator == "select":
        return args[0] if args[0] != args[0] else args[1] if args[0] else args[2]
    if any(arg != arg for arg in args):
        return math.nan
    try:
        match node.operator:
            case "linear":
                return math.fsum(float(w) * a for w, a in zip(node.weights, args, strict=True))
            case "mul":
                return args[0] * args[1]
            case "div":
                return args[0] / args[1]
            case "max":
                return max(args)
            case "lt":
                return float(args[0] < args[1])
            case "power":
                exponent: Any = node.data
                whole = exponent.denominator == 1
                return math.pow(args[0], int(exponent) if whole else float(exponent))
            case "sigmoid":
                return 1 / (1 + math.exp(-args[0]))
    except (ValueError, ZeroDivisionError):
        return math.nan
    except OverflowError:
        return math.inf
    try:
        return getattr(math, node.operator)(args[0])
    except ValueError:
        return math.nan
    except OverflowError:
        return math.inf


def values(nodes: list[Vertex], point: tuple[float, ...]) -> list[float]:
    """Return the values of all nodes at a point."""
    found: list[Any] = []
    variables = iter(point)
    for node in nodes:
        if node.operator == "variable":
            found.append(next(variables))
        elif node.operator == "constant":
            assert node.value is not None
            found.append(float(node.value))
        else:
            found.append(computed(node, [found[a] for a in node.args]))
    return found


def drawn(seed: int) -> list[Vertex]:
    """Return a random graph with functions that are not defined everywhere."""
    draw = random.Random(seed)
    nodes = [Vertex("variable")] * 3
    nodes += [Vertex("constant", value=v) for v in (0, 1, -2, Fraction(1, 4))]
    numbers = list(range(len(nodes)))
    truths: list[int] = []
    for _ in range(16):
        operator = draw.choice(
            ["linear", "linear", "max", "max", "mul", "div", "lt", "select", *FUNCTIONS]
        )
        picked = [draw.choice(numbers[-6:] + numbers[:7]) for _ in range(3)]
        here = len(nodes)
        if operator == "linear":
            weights = tuple(draw.choices([Fraction(1), Fraction(-1), Fraction(1, 2)], k=2))
            nodes.append(Vertex("linear", tuple(picked[:2]), weights))
        elif operator in FUNCTIONS:
            powers = [Fraction(-3), Fraction(1, 3), Fraction(-1, 2), Fraction(9), Fraction(3, 2)]
            data = draw.choice(powers) if operator == "power" else None
            nodes.append(Vertex(operator, (picked[0],), (), data))
        elif operator == "select":
            if not truths:
                continue
            nodes.append(Vertex("select", (draw.choice(truths), *picked[:2])))
        else:
            nodes.append(Vertex(operator, tuple(picked[:2])))
        (truths if operator == "lt" else numbers).append(here)
    return nodes


@pytest.mark.parametrize("block", range(6))
def test_forms_signs_and_requirements_against_values(block: int) -> None:
    """Equal forms are equal values, signs are right, and who requires nothing is always defined."""
    said = 0
    for seed in range(block * 40, block * 40 + 40):
        nodes = drawn(seed)
        normal = NormalForms()
        forms = normal.of(nodes)
        required = Requirements(nodes, forms, normal).of(*range(len(nodes)))
        numbers = [
            n for n, form in enumerate(forms)
            if form is not None and not (len(form) == 2 and isinstance(form[0], bool))
        ]  # fmt: skip
        signs: dict[int, int | None] = {n: normal.sign(forms[n]) for n in numbers}  # type: ignore[arg-type]
        said += sum(sign is not None for sign in signs.values())
        for point in POINTS:
            at = values(nodes, point)
            if any(abs(v) > 1e9 for v in at):
                continue  # floats are no reals there
            for n in numbers:
                if at[n] == at[n] and signs[n] is not None:
                    assert at[n] >= -1e-9, (seed, point, n)
                    assert signs[n] == 0 or at[n] > 0 or abs(at[n]) < 1e-9, (seed, point, n)
            for n, what in enumerate(required):
                if what is not None and not what:
                    assert at[n] == at[n], (seed, point, n)
            for n in numbers:
                for m in numbers:
                    if m < n and forms[m] == forms[n] and at[n] == at[n] and at[m] == at[m]:
                        close = math.isclose(at[m], at[n], rel_tol=1e-6, abs_tol=1e-6)
                        assert close, (seed, point, m, n)
    assert said > 100


def requirements(*rows: tuple[Any, ...]) -> list[Any]:
    """Return what the last two rows over a, b and 1 require."""
    nodes = [Vertex("variable"), Vertex("variable"), Vertex("constant", value=1)]
    nodes += [Vertex(row[0], row[1], *row[2:]) for row in rows]
    normal = NormalForms()
    return Requirements(nodes, normal.of(nodes), normal).of(len(nodes) - 2, len(nodes) - 1)


DIFFERENCE = (Fraction(1), Fraction(-1))


def test_what_is_guarded_by_its_condition() -> None:
    """A quotient that is chosen only where its denominator is not 0 requires nothing."""
    unguarded, guarded = requirements(
        ("constant", (), (), None, 0), ("eq", (1, 3)), ("div", (0, 1)), ("select", (4, 3, 5)),
    )  # fmt: skip
    assert len(unguarded) == 1
    assert guarded == frozenset()


def test_the_same_requirement_in_two_spellings() -> None:
    """A / (a − b) and a / (2b − 2a) are defined in the same places; 1 / a is not."""
    turned = (Fraction(-2), Fraction(2))
    one, other = requirements(
        ("linear", (0, 1), DIFFERENCE), ("linear", (0, 1), turned), ("div", (0, 3)), ("div", (0, 4))
    )
    assert one == other != frozenset()
    one, other = requirements(
        ("linear", (0, 1), DIFFERENCE), ("div", (0, 3)), ("div", (2, 0))
    )  # fmt: skip
    assert one != other


def test_what_functions_need() -> None:
    """Of powers it depends on the exponent."""
    powers = [Vertex("power", (0,), (), Fraction(*e)) for e in ((9, 1), (-3, 1), (1, 3), (-1, 2))]
    assert [needed(p) for p in powers] == [None, "other than 0", "not negative", "positive"]
    assert needed(Vertex("exp", (0,))) is None
    assert needed(Vertex("log", (0,))) == "positive"
