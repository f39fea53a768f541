"""The normal form against the values of the terms it is a form of."""

from __future__ import annotations

import itertools
import math
import random
from fractions import Fraction
from typing import Any

import pytest

from verify.judge.symbols.classes import Vertex
from verify.judge.symbols.normal_form import NormalForms

POINTS = [tuple(map(Fraction, p)) for p in itertools.product((-2, -1, 0, 1, 3), repeat=3)]


def value(nodes: list[Vertex], point: tuple[Fraction, ...]) -> list[Any]:
    """Return the values of all nodes at a point, ``None`` where one is not defined."""
    found: list[Any] = []
    variables = iter(point)
    for node in nodes:
        args = [found[a] for a in node.args]
        if node.operator == "variable":
            found.append(next(variables))
        elif node.operator == "constant":
            found.append(node.value)
        elif any(arg is None for arg in args):
            found.append(None)
        else:
            found.append(_computed(node, args))
    return found


def _computed(node: Vertex, args: list[Any]) -> Any:
    match node.operator:
        case "linear":
            return sum((w * a for w, a in zip(node.weights, args, strict=True)), Fraction(0))
        case "mul":
            return args[0] * args[1]
        case "div":
            return None if args[1] == 0 else args[0] / args[1]
        case "max":
            return max(args)
        case "min":
            return min(args)
        case "lt":
            return args[0] < args[1]
        case "le":
            return args[0] <= args[1]
        case "eq":
            return args[0] == args[1]
        case "not":
            return not args[0]
        case "and":
            return all(args)
        case "or":
            return any(args)
        case "select":
            return args[1] if args[0] else args[2]
        case "pick":
            half = len(args) // 2
            keys = args[half:]
            return args[keys.index(max(keys))]
    raise AssertionError(node.operator)


def drawn(seed: int) -> list[Vertex]:
    """Return a random graph over three variables."""
    draw = random.Random(seed)
    nodes = [Vertex("variable")] * 3 + [Vertex("constant", value=v) for v in (0, 1, -2)]
    truth: list[int] = []
    numbers = list(range(len(nodes)))
    weights = [Fraction(1), Fraction(-1), Fraction(2), Fraction(1, 3), Fraction(-3, 2)]
    for _ in range(14):
        operator = draw.choice(
            ["linear", "linear", "max", "max", "min", "mul", "div", "lt", "le", "eq", "not", "and",
             "or", "select", "select", "pick"]
        )  # fmt: skip
        if operator in ("not", "and", "or", "select") and not truth:
            operator = "lt"
        here = len(nodes)
        pick = [draw.choice(numbers) for _ in range(4)]
        if operator == "linear":
            nodes.append(Vertex("linear", tuple(pick[:2]), tuple(draw.choices(weights, k=2))))
        elif operator in ("max", "min"):
            nodes.append(Vertex(operator, tuple(pick[: draw.randint(2, 3)])))
        elif operator in ("mul", "div") or operator in ("lt", "le", "eq"):
            nodes.append(Vertex(operator, tuple(pick[:2])))
        elif operator == "not":
            nodes.append(Vertex(operator, (draw.choice(truth),)))
        elif operator in ("and", "or"):
            nodes.append(Vertex(operator, (draw.choice(truth), draw.choice(truth))))
        elif operator == "select":
            nodes.append(Vertex(operator, (draw.choice(truth), *pick[:2])))
        else:
            nodes.append(Vertex("pick", tuple(pick)))
        (truth if operator in ("lt", "le", "eq", "not", "and", "or") else numbers).append(here)
    return nodes


@pytest.mark.parametrize("seed", range(400))
def test_equal_forms_mean_equal_values(seed: int) -> None:
    """Nodes of random graphs with one form agree at every point where both are defined."""
    nodes = drawn(seed)
    forms = NormalForms().of(nodes)
    alike: dict[Any, list[int]] = {}
    for number, form in enumerate(forms):
        if form is not None:
            kind = len(form) == 2 and isinstance(form[0], bool)
            alike.setdefault((kind, form), []).append(number)
    groups = [numbers for numbers in alike.values() if len(numbers) > 1]
    for point in POINTS:
        values = value(nodes, point)
        for group in groups:
            known = {values[n] for n in group if values[n] is not None}
            assert len(known) <= 1, (point, [nodes[n] for n in group])


def graph(*rows: tuple[Any, ...]) -> list[Vertex]:
    """Return three variables, a, b and c, the constant 0, and rows of an operator and arguments."""
    start = [Vertex("variable")] * 3 + [Vertex("constant", value=0)]
    return start + [Vertex(row[0], row[1], *row[2:]) for row in rows]


SUM, DIFFERENCE = (Fraction(1), Fraction(1)), (Fraction(1), Fraction(-1))
A, B, C, ZERO = range(4)

SAME: dict[str, list[Vertex]] = {
    "relu(a − b) + b = max": graph(
        ("linear", (A, B), DIFFERENCE), ("max", (4, ZERO)), ("linear", (5, B), SUM),
        ("max", (B, A))),
    "a fold of three": graph(
        ("max", (A, B)), ("linear", (C, 4), DIFFERENCE), ("max", (5, ZERO)),
        ("linear", (6, 4), SUM), ("max", (C, B, A))),
    "max + min": graph(
        ("max", (A, B)), ("min", (A, B)), ("linear", (4, 5), SUM), ("linear", (B, A), SUM)),
    "a choice": graph(("lt", (A, B)), ("select", (4, B, A)), ("max", (A, B))),
    "a choice turned": graph(
        ("le", (A, B)), ("not", (4,)), ("select", (5, A, B)), ("max", (A, B))),
    "a place": graph(("pick", (A, B, A, B)), ("max", (A, B))),
    "a shifted place": graph(
        ("linear", (A, C), SUM), ("linear", (B, C), SUM), ("max", (A, B)),
        ("linear", (6, C), SUM), ("pick", (4, 5, A, B))),
    "log-sum-exp": graph(
        ("exp", (A,)), ("exp", (B,)), ("linear", (4, 5), SUM), ("log", (6,)),
        ("linear", (A, C), DIFFERENCE), ("linear", (B, C), DIFFERENCE), ("exp", (8,)),
        ("exp", (9,)), ("linear", (10, 11), SUM), ("log", (12,)), ("linear", (13, C), SUM),
        ("max", (7,)), ("max", (14,))),
    "softmax, shifted": graph(
        ("exp", (A,)), ("exp", (B,)), ("linear", (4, 5), SUM), ("div", (4, 6)),
        ("linear", (A, C), DIFFERENCE), ("linear", (B, C), DIFFERENCE), ("exp", (8,)),
        ("exp", (9,)), ("linear", (10, 11), SUM), ("div", (10, 12)), ("max", (7,)), ("max", (13,))),
}  # fmt: skip


@pytest.mark.parametrize("what", SAME)
def test_rebuilds_have_the_form_of_what_they_rebuild(what: str) -> None:
    """The identities that folds, trees, choices and soft poolings rest on."""
    forms = NormalForms().of(SAME[what])
    assert forms[-1] is not None
    assert forms[-1] == forms[-2]


def test_different_functions_have_different_forms() -> None:
    """No form is shared by functions that differ."""
    forms = NormalForms().of(
        graph(("max", (A, B)), ("max", (A, ZERO)), ("max", (A, C)), ("min", (A, B)),
              ("mul", (A, B)), ("mul", (A, A)))
    )  # fmt: skip
    assert None not in forms
    assert len(set(map(str, forms))) == len(forms)


def rising_graph(seed: int) -> list[Vertex]:
    """Return a random graph of rising functions, extremes and squares over three variables."""
    draw = random.Random(seed)
    nodes = [Vertex("variable"), Vertex("variable"), Vertex("variable")]
    for _ in range(14):
        operator = draw.choice(["exp", "sigmoid", "tanh", "softer", "size", "max", "min", "linear"])
        some = [draw.randrange(len(nodes)) for _ in range(draw.choice([2, 2, 3]))]
        here = len(nodes)
        if operator == "softer":  # log(1 + exp(a))
            one = Vertex("constant", value=1)
            nodes += [
                one, Vertex("exp", (some[0],)),
                Vertex("linear", (here, here + 1), (Fraction(1), Fraction(1))),
                Vertex("log", (here + 2,)),
            ]  # fmt: skip
        elif operator == "size":  # √(a − b)²
            nodes += [
                Vertex("linear", (some[0], some[1]), (Fraction(2), Fraction(-1))),
                Vertex("mul", (here, here)),
                Vertex("sqrt", (here + 1,)),
            ]
        elif operator == "linear":
            weights = tuple(Fraction(draw.choice([-1, 1, 2])) for _ in some)
            nodes.append(Vertex("linear", tuple(some), weights))
        else:
            several = operator in ("max", "min")
            nodes.append(Vertex(operator, tuple(some) if several else (some[0],)))
    return nodes


def floats(nodes: list[Vertex], point: tuple[float, ...]) -> list[float]:
    """Return the values of all nodes at a point, NaN where a float has none."""
    functions: dict[str, Any] = {
        "exp": math.exp, "log": math.log, "sqrt": math.sqrt, "tanh": math.tanh,
        "sigmoid": lambda a: 1 / (1 + math.exp(-a)), "mul": lambda a, b: a * b,
        "max": max, "min": min,
    }  # fmt: skip
    found: list[float] = []
    variables = iter(point)
    for node in nodes:
        args = [found[a] for a in node.args]
        if node.operator == "variable":
            found.append(next(variables))
        elif node.operator == "constant":
            found.append(float(node.value))  # type: ignore[arg-type]
        elif node.operator == "linear":
            found.append(sum(float(w) * a for w, a in zip(node.weights, args, strict=True)))
        else:
            try:
                found.append(functions[node.operator](*args))
            except (OverflowError, ValueError):
                found.append(math.nan)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_equal_forms_with_maxima_inside_mean_equal_values(seed: int) -> None:
    """Whatever has one form has one value at every point, as far as floats tell."""
    nodes = rising_graph(seed)
    forms = NormalForms(further=True).of(nodes)
    points = [(0.3, -0.7, 1.1), (-1.3, 0.2, 0.25), (0.9, 0.8, -0.4), (-0.1, -0.2, -0.3)]
    at = [floats(nodes, point) for point in points]
    for (i, one), (j, other) in itertools.combinations(enumerate(forms), 2):
        if one is None or one != other:
            continue
        for values in at:
            if max(abs(values[i]), abs(values[j])) < 1e6:
                assert math.isclose(values[i], values[j], rel_tol=1e-6, abs_tol=1e-6), (i, j)


def test_a_maximum_of_a_rising_function_is_its_value_of_one() -> None:
    """Either way round; a falling one, or a square, is not."""
    a, b = Vertex("variable"), Vertex("variable")
    for function in ("exp", "sigmoid", "tanh", "softer", "negative"):
        nodes = [a, b, Vertex("max", (0, 1)), Vertex("constant", value=1)]

        def applied(node: int, nodes: list[Vertex] = nodes, function: str = function) -> int:
            if function in ("softer", "negative"):
                if function == "negative":
                    nodes.append(Vertex("linear", (node,), (Fraction(-1),)))
                    node = len(nodes) - 1
                nodes.append(Vertex("exp", (node,)))
                nodes.append(Vertex("linear", (3, len(nodes) - 1), (Fraction(1), Fraction(1))))
                nodes.append(Vertex("log", (len(nodes) - 1,)))
            else:
                nodes.append(Vertex(function, (node,)))
            return len(nodes) - 1

        ends = applied(0), applied(1)
        nodes.append(Vertex("max", ends))
        first, second = len(nodes) - 1, applied(2)
        forms = NormalForms(further=True).of(nodes)
        assert (forms[first] == forms[second]) is (function != "negative"), function
        assert forms[first] is not None


def test_powers_of_a_magnitude() -> None:
    """|k| · |k| is k² by the further laws alone."""
    minus = (Fraction(-1),)
    nodes = [
        Vertex("variable"),
        Vertex("linear", (0,), minus),
        Vertex("max", (0, 1)),
        Vertex("mul", (2, 2)),
        Vertex("mul", (0, 0)),
    ]
    plain, further = NormalForms().of(nodes), NormalForms(further=True).of(nodes)
    assert further[3] == further[4] != plain[3]


def test_a_fold_of_thousands_needs_no_recursion() -> None:
    """Two thousand taps, one after the other, come to one maximum."""
    count = 2000
    nodes = [Vertex("variable")] * count + [Vertex("constant", value=0)]
    largest = 0
    for tap in range(1, count):
        here = len(nodes)
        nodes.append(Vertex("linear", (tap, largest), DIFFERENCE))
        nodes.append(Vertex("max", (here, count)))
        nodes.append(Vertex("linear", (here + 1, largest), SUM))
        largest = here + 2
    nodes.append(Vertex("max", tuple(range(count))))
    forms = NormalForms().of(nodes)
    assert forms[largest] == forms[-1]


def test_what_has_no_form() -> None:
    """Infinities where they are no neutral element, NaN, and sums that grow too large."""
    nodes = [
        Vertex("variable"),
        Vertex("constant", value=-math.inf),
        Vertex("constant", value=math.nan),
    ]
    nodes += [Vertex("max", (0, 1)), Vertex("linear", (0, 1), SUM), Vertex("max", (0, 2))]
    forms = NormalForms().of(nodes)
    assert forms[3] == forms[0]
    assert forms[4] is None
    assert forms[5] is None
