from __future__ import annotations

import math
import random
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest

from proofs import claims
from proofs.claim import Obligation
from proofs.evaluate import evaluate
from proofs.systems import SYSTEMS, NumberSystem
from proofs.systems.exact import numeral
from proofs.systems.floats import AnyFormat, FloatFormat
from proofs.systems.integers import AnyWidth, WrapAround
from proofs.systems.number_system import UnsupportedError
from proofs.terms import (
    Term,
    conjunction,
    constant,
    exact,
    finite,
    for_all,
    half,
    in_range,
    indicator,
    largest,
    relu,
    select,
    smallest,
    substitute,
    unit_roundoff,
    value,
    variable,
    variables,
    widened,
)
from verify.encodings.smtlib import script
from verify.engines import ENGINES
from verify.engines.engine import Settings
from verify.engines.smt import SmtEngine

a, b = variables("a b")
SETTINGS = Settings(timeout=60.0)
SOLVERS = {name: engine for name, engine in ENGINES.items() if isinstance(engine, SmtEngine)}
#: Pairs per system and operator; each is one conjunct of one question.
SAMPLES = 40

OPERATORS: dict[str, Callable[[Term, Term], Term]] = {
    "add": lambda x, y: x + y,
    "sub": lambda x, y: x - y,
    "mul": lambda x, y: x * y,
    "floordiv": lambda x, y: x // y,
    "div": lambda x, y: x / y,
    "neg": lambda x, y: -x,
    "abs": lambda x, y: abs(x),
    "maximum": lambda x, y: x.maximum(y),
    "minimum": lambda x, y: x.minimum(y),
    "relu": lambda x, y: relu(x),
    "half": lambda x, y: half(x),
    "select": lambda x, y: select(x < y, y, x),
    "widened": lambda x, y: widened(relu(x - y) + y),
}
OF_EVERY_WIDTH = ("wraparound", "unsigned_wraparound")
#: Systems that have tests of their own: there an element is a number and a flag.
FLAGGED = {"binary", "saturating_binary"}
ROUNDED = {("rounding", name) for name in ("add", "sub")}
COVERED: set[tuple[str, str]] = (
    {(name, o) for name in {*SYSTEMS} - FLAGGED - {"float8_e4m3fn"} for o in OPERATORS}
    - {(name, "floordiv") for name in SYSTEMS if name != "integer"}
    - {(name, "div") for name in SYSTEMS if name != "real"}
    - {(name, "mul") for name in (*OF_EVERY_WIDTH, "rounding")}
    - {("rounding", "half")}
    - {(name, "widened") for name in (*OF_EVERY_WIDTH, "int64", "rounding", "float64")}
)

PREDICATES: dict[str, Term] = {
    "a < b": a < b,
    "a ≤ b": a <= b,
    "a = b": a == b,
    "a ≠ b": a != b,
    "finite": finite(a),
    "exact sum": exact(a + b),
    "exact difference": exact(a - b),
    "sum in range": in_range(a + b),
    "difference in range": in_range(a - b),
    "a ≤ 2b exactly": value(a) <= 2 * value(b),
    "a/2 < b exactly": Fraction(1, 2) * value(a) < value(b),
    "4a = b exactly": value(a) * 2 * 2 == value(b),
    "a = b exactly": value(a) == value(b),
    "a ≠ b exactly": value(a) != value(b),
    "exact sum at most largest": value(a) + value(b) <= largest(),
    "exact difference at least smallest": smallest() <= value(a) - value(b),
    "exact distance": abs(value(a) - value(b)) < value(a).maximum(value(b)) + 1,
    "exact minimum": value(a).minimum(value(b)) == value(a.minimum(b)),
    "exact of computed": value(a - b) == value(a) - value(b),
    "constant": a <= constant(0),
    "indicator": indicator(a < b) == indicator(a <= b),
}  # fmt: skip


def _elements(system: NumberSystem, source: random.Random) -> Iterator[Any]:
    telling = list(system.simple_values())
    while True:
        if source.random() < 0.4:
            yield source.choice(telling)
        elif isinstance(system, FloatFormat):
            yield system.from_bits(source.getrandbits(system.bits))
        elif isinstance(system, AnyFormat):
            least = 1 << (system.precision - 1)
            yield math.ldexp(source.choice([-1, 1]) * source.randrange(least, 2 * least), -3)
        elif isinstance(system, AnyWidth):
            yield source.randrange(system.low, system.high + 1)
        elif system.name == "integer":
            yield source.randrange(-40, 40)
        elif system.name == "real":
            yield Fraction(source.randrange(-40, 40), source.randrange(1, 9))
        else:
            assert isinstance(system, WrapAround) or system.name == "saturating_int8"
            yield source.randrange(system.low, system.high + 1)  # type: ignore[attr-defined]


def _spelled(system: NumberSystem, x: Any) -> str:
    """Write an element in SMT-LIB by hand, special floats included."""
    if isinstance(system, FloatFormat):
        e, p = system.exponent_bits, system.precision
        if not math.isfinite(x):
            kind = "NaN" if math.isnan(x) else ("+oo" if x > 0 else "-oo")
            return f"(_ {kind} {e} {p})"
        bits = re.sub(r"[^01]", "", _bits(system, x))
        return f"(fp #b{bits[0]} #b{bits[1 : e + 1]} #b{bits[e + 1 :]})"
    if system.name in ("real", "rounding"):
        return numeral(Fraction(x), real=True)
    if system.name in ("integer", *OF_EVERY_WIDTH):
        return numeral(x, real=False)
    bits_of = system.bits
    assert bits_of is not None
    return f"(_ bv{x % (1 << bits_of)} {bits_of})"


def _bits(system: FloatFormat, x: float) -> str:
    import torch

    words = {8: torch.uint8, 16: torch.int16, 32: torch.int32, 64: torch.int64}
    pattern = int(system.tensor([x]).view(words[system.bits])[0]) % (1 << system.bits)
    return f"{pattern:0{system.bits}b}"


def _samples(system: NumberSystem, seed: str, count: int = SAMPLES) -> list[tuple[Any, Any]]:
    source = _elements(system, random.Random(seed))
    pairs = [(next(source), next(source)) for _ in range(count)]
    if isinstance(system, FloatFormat):
        special = [math.nan, math.inf, -math.inf, 0.0, -0.0, float(system.greatest)]
        pairs += [(x, y) for x in special for y in special]
    return [(x, x) if number % 8 == 0 else (x, y) for number, (x, y) in enumerate(pairs)]


def _question(
    system: NumberSystem, goals: list[Term], pinned: dict[str, Any], extra: str = ""
) -> str:
    """Return a script that is unsatisfiable exactly if all goals hold at the pinned values."""
    text = script(Obligation("", (), conjunction(tuple(goals))), system)
    pins = "".join(
        f"(assert (= {name} {_spelled(system, x)}))\n"
        for name, x in pinned.items()
        if f"(declare-const {name} " in text
    )
    return text.replace("(check-sat)\n", f"{pins}{extra}(check-sat)\n")


def _named(term: Term, number: int) -> Term:
    return substitute(term, {"a": variable(f"a{number}"), "b": variable(f"b{number}")})


def _answers(text: str) -> dict[str, str]:
    return {
        name: solver.solve(text, SETTINGS).word
        for name, solver in SOLVERS.items()
        if solver.reads(text)
    }


def _extra(system: NumberSystem) -> str:
    if isinstance(system, AnyWidth):
        return f"(assert (= H {system.bound}))\n"
    return ""


def _agree(text: str, word: str) -> set[str]:
    """See that all solvers that read ``text`` answer ``word``; return their names."""
    answers = _answers(text)
    assert answers and set(answers.values()) == {word}, (answers, text)
    return set(answers)


INTEGERS = [name for name, system in SYSTEMS.items() if system.logic == "QF_BV"]
FLOATS = ["float8_e5m2", "float16", "bfloat16", "float32", "float64"]
#: What a system's encoding declines, with its words.
UNENCODED: dict[tuple[str, str], str] = {
    **{
        (name, predicate): f"{end} has no entry for SMT-LIB's {name}"
        for name in ("real", "integer")
        for predicate, end in (
            ("exact sum at most largest", "largest"),
            ("exact difference at least smallest", "smallest"),
        )
    },
    ("rounding", "exact sum at most largest"): "no format has a largest number here",
    ("rounding", "exact difference at least smallest"): "no format has a smallest number here",
    ("rounding", "indicator"): "1 is not a float of every format",
    ("wraparound", "indicator"): "1 is not a value of every width",
    **{
        (name, "a/2 < b exactly"): "1/2 is not an integer"
        for name in ("integer", *OF_EVERY_WIDTH, *INTEGERS)
    },
    **{(name, "a ≤ 2b exactly"): "mul has no entry for SMT-LIB's wide bits" for name in INTEGERS},
    **{(name, "4a = b exactly"): "mul has no entry for SMT-LIB's wide bits" for name in INTEGERS},
    **{(name, "exact sum at most largest"): "exact add" for name in FLOATS},
    **{(name, "exact difference at least smallest"): "exact smallest" for name in FLOATS},
    **{(name, "exact distance"): "exact sub" for name in FLOATS},
    **{(name, "exact minimum"): "exact minimum" for name in FLOATS},
    **{(name, "exact of computed"): "exact sub" for name in FLOATS},
}


@pytest.mark.parametrize(
    ("name", "operator"),
    [(name, o) for name in SYSTEMS for o in OPERATORS if (name, o) in COVERED - ROUNDED],
)
def test_operators_as_computed_exactly(name: str, operator: str) -> None:
    """No solver finds a pair whose result differs from the exact face's, and each finds a lie."""
    system = SYSTEMS[name]
    goals: list[Term] = []
    pinned: dict[str, Any] = {}
    for number, (x, y) in enumerate(_samples(system, operator)):
        if operator in ("floordiv", "div") and y == 0:
            continue
        result = evaluate(OPERATORS[operator](a, b), {"a": x, "b": y}, system)
        pinned |= {f"a{number}": x, f"b{number}": y, f"c{number}": result}
        term = _named(OPERATORS[operator](a, b), number)
        goals.append(term == variable(f"c{number}"))
    _agree(_question(system, goals, pinned, _extra(system)), "unsat")
    lie = next(x for x in system.simple_values() if not system.equal(x, result))
    changed = {**pinned, f"c{number}": lie}
    _agree(_question(system, goals, changed, _extra(system)), "sat")


#: Of a rounded result the axiom says where it may lie, not which of two numbers it is.
UNDETERMINED = {
    ("rounding", predicate) for predicate in ("exact sum", "exact difference", "exact of computed")
}


@pytest.mark.parametrize(
    ("name", "predicate"),
    [
        (name, predicate)
        for name in SYSTEMS
        for predicate in PREDICATES
        if name not in {"float8_e4m3fn", *FLAGGED} and (name, predicate) not in UNDETERMINED
    ],
)
def test_predicates_as_computed_exactly(name: str, predicate: str) -> None:
    """What is said about elements is true in the solver exactly where the exact face says so."""
    system = SYSTEMS[name]
    term = PREDICATES[predicate]
    if (name, predicate) in UNENCODED:
        with pytest.raises(UnsupportedError) as caught:
            script(Obligation("", (), term), system)
        assert str(caught.value) == UNENCODED[name, predicate]
        return
    goals: list[Term] = []
    pinned: dict[str, Any] = {}
    for number, (x, y) in enumerate(_samples(system, predicate, 16)):
        truth = evaluate(term, {"a": x, "b": y}, system)
        pinned |= {f"a{number}": x, f"b{number}": y}
        here = _named(term, number)
        goals.append(here if truth else ~here)
    extra = _extra(system)
    _agree(_question(system, goals, pinned, extra), "unsat")
    flipped = [*goals[:-1], ~goals[-1]]
    _agree(_question(system, flipped, pinned, extra), "sat")


# -- the rounding axiom ------------------------------------------------------------------------


@pytest.mark.parametrize("precision", [1, 2, 3, 5])
@pytest.mark.parametrize("ties_away", [False, True])
@pytest.mark.parametrize("operator", ["add", "sub"])
def test_every_format_meets_the_axiom(operator: str, precision: int, ties_away: bool) -> None:
    """What a format rounds to is allowed by the axiom, with its own unit roundoff."""
    system = AnyFormat(precision, ties_away=ties_away)
    u = f"(assert (= u {numeral(system.exact_constant('unit_roundoff'), real=True)}))\n"
    for number, (x, y) in enumerate(_samples(system, f"{operator}{precision}", 12)):
        result = system.apply(operator, (x, y))
        term = OPERATORS[operator](a, b)
        allowed = _question(system, [term != variable("c")], {"a": x, "b": y, "c": result}, u)
        assert SOLVERS["z3"].solve(allowed, SETTINGS).word == "sat", (number, x, y)


@pytest.mark.parametrize(
    ("x", "y", "result", "unit", "word"),
    [
        (4.0, 1.0, 5.0, "0.125", "sat"),
        (4.0, 1.0, 5.5, "0.125", "sat"),
        (4.0, 1.0, 6.0, "0.125", "unsat"),  # further than u/(1+u) · 5
        (4.0, 0.25, 4.625, "0.125", "unsat"),  # 4 itself is a float, and nearer
        (4.0, 0.25, 4.0, "0.125", "sat"),
        (4.0, -4.0, 0.5, "0.125", "unsat"),  # an exact zero stays zero
        (4.0, 1.0, 5.0, "0.0", "unsat"),
        (4.0, 1.0, 5.0, "0.75", "unsat"),
    ],
)
def test_the_axiom_excludes(x: float, y: float, result: float, unit: str, word: str) -> None:
    """A result that is not nearest, or errs by too much, is no rounding; nor is u free."""
    pinned = {"a": x, "b": y, "c": result}
    question = _question(
        SYSTEMS["rounding"], [a + b != variable("c")], pinned, f"(assert (= u {unit}))\n"
    )
    _agree(question, word)


# -- the text itself ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "goal", "logic"),
    [
        ("real", a + b == b + a, "QF_NRA"),
        ("real", a * b == b * a, "QF_NRA"),
        ("integer", a + b == b + a, "QF_LIA"),
        ("integer", 2 * a == a * 2, "QF_LIA"),
        ("integer", a // 2 <= a, "QF_LIA"),
        ("integer", a * b == b * a, "QF_NIA"),
        ("integer", a // b == a, "QF_NIA"),
        ("integer", 2 // b == b, "QF_NIA"),
        ("wraparound", a + b == b + a, "QF_LIA"),
        ("rounding", a + b == b + a, "QF_NRA"),
        ("int8", a * b == b * a, "QF_BV"),
        ("saturating_int8", a + b == b + a, "QF_BV"),
        ("float16", a + b == b + a, "QF_FP"),
        ("real", for_all((a,), a <= b), "ALL"),
        ("int8", ~for_all((a,), a <= b), "ALL"),
    ],
    ids=str,
)  # fmt: skip
def test_logic(name: str, goal: Term, logic: str) -> None:
    """The first line names the plainest logic that has the obligation."""
    text = script(Obligation("", (), goal), SYSTEMS[name])
    assert text.splitlines()[0] == f"(set-logic {logic})"
    assert _answers(text)


@pytest.mark.parametrize(
    ("name", "goal", "message"),
    [
        ("float8_e4m3fn", a == b, "float8_e4m3fn has no SMT-LIB encoding"),
        ("int8", a // b == a, "floordiv has no entry for SMT-LIB's bits"),
        ("int8", a == constant(300), "300 is not a value of int8"),
        ("float16", a // b == a, "floordiv has no entry for SMT-LIB's floats"),
        ("float16", a == constant(Fraction(1, 3)), "1/3 is not a value of float16"),
        ("float16", value(a) < 3, "exact constant"),
        ("wraparound", a * b == a, "mul has no entry for integers of every width"),
        ("rounding", a * b == a, "rounded mul"),
        ("rounding", half(a) == a, "rounded half"),
        ("rounding", widened(a) == a, "no encoding of a wider number system"),
        ("float64", widened(a) == a, "float64 has no wider number system"),
        ("real", unit_roundoff() == 0, "unit_roundoff has no entry for SMT-LIB's real"),
        ("integer", a < constant(Fraction(1, 2)), "1/2 is not an integer"),
        ("int8", value(a) * value(b) == 0, "mul has no entry for SMT-LIB's wide bits"),
        (
            "int8",
            select(a < b, value(a), value(b)) + 1 == value(a),
            "exact add of a term whose range is unknown",
        ),
    ],
    ids=str,
)
def test_refuses(name: str, goal: Term, message: str) -> None:
    """What cannot be encoded without loss is refused by name."""
    with pytest.raises(UnsupportedError) as caught:
        script(Obligation("", (), goal), SYSTEMS[name])
    assert str(caught.value) == message


def test_the_whole_text() -> None:
    """A script says what is given, what is to be refuted and what every part stands for."""
    obligation = Obligation("", (a <= b,), a.maximum(b) == relu(a - b) + b)
    assert script(obligation, SYSTEMS["integer"]) == (
        "(set-logic QF_LIA)\n"
        "(declare-const a Int)\n"
        "(declare-const b Int)\n"
        "(assert (<= a b)) ; given: a ≤ b\n"
        "(define-fun t1 () Int (ite (>= a b) a b)) ; max(a, b)\n"
        "(define-fun t2 () Int (- a b)) ; a − b\n"
        "(define-fun t3 () Int (ite (> t2 0) t2 0)) ; ReLU(a − b)\n"
        "(define-fun t4 () Int (+ t3 b)) ; ReLU(a − b) + b\n"
        "(assert (not (= t1 t4))) ; to be refuted: max(a, b) = ReLU(a − b) + b\n"
        "(check-sat)\n"
    )


def test_premises_alone() -> None:
    """Without the goal a script asks whether anything meets the premises."""
    possible = Obligation("", (a <= b, b <= a), a == b)
    impossible = Obligation("", (a < b, b < a), a == b)
    for name in ("integer", "int8", "float16", "rounding"):
        assert "to be refuted" not in script(possible, SYSTEMS[name], goal=False)
        _agree(script(possible, SYSTEMS[name], goal=False), "sat")
        _agree(script(impossible, SYSTEMS[name], goal=False), "unsat")


@pytest.mark.parametrize("divisor", [-3, -1, 1, 2])
def test_floor_division_rounds_down_for_every_divisor(divisor: int) -> None:
    """SMT-LIB's div rounds another way for negative divisors; the statement's // does not."""
    system = SYSTEMS["integer"]
    for dividend in (-7, -6, 0, 5, 7):
        c = variable("c")
        pinned = {"a": dividend, "b": divisor, "c": dividend // divisor}
        _agree(_question(system, [a // b == c], pinned), "unsat")
        _agree(_question(system, [a // divisor == c], pinned), "unsat")


def _theorems() -> Iterator[tuple[str, Obligation, str]]:
    for claim in claims().values():
        for name in claim.expected:
            for part in claim.parts_in(name):
                for obligation in getattr(part, "obligations", tuple)():
                    yield f"{claim.id} {name} {part.name} {obligation.label}", obligation, name


#: Why something may have no script where numbers are no floats of one format.
BEYOND = (
    r"^\w+ has no entry for |^\d+ is not a (float of every format|value of every width)$"
    r"|^rounded mul$"
)


def test_every_obligation_is_one_self_contained_text() -> None:
    """Names are declared once and before use, and the same text comes out every time."""
    written = 0
    for label, obligation, name in _theorems():
        try:
            text = script(obligation, SYSTEMS[name])
        except UnsupportedError as refusal:
            assert "float" in name or re.search(BEYOND, str(refusal)), (label, str(refusal))
            continue
        written += 1
        assert script(obligation, SYSTEMS[name]) == text, label
        assert text.startswith("(set-logic ") and text.endswith("\n(check-sat)\n"), label
        assert text.count("(check-sat)") == text.count("to be refuted") == 1, label
        assert text.isascii() or " ; " in text
        known: set[str] = set()
        for line in text.splitlines()[1:-1]:
            code = line.split(" ; ")[0]
            assert code.count("(") == code.count(")") and code.isascii(), label
            defined = re.match(r"\((declare-const|define-fun) (\S+) ", code)
            used = set(re.findall(r"(?<=[ (])(?:t|fl)\d+(?=[ )])", code))
            if defined:
                assert defined[2] not in known, label
                used.discard(defined[2])
            assert used <= known, (label, used - known)
            known |= {defined[2]} if defined else set()
    assert written > 1000


@pytest.mark.parametrize(("system", "name"), [("wraparound", "H"), ("real", "t1")])
def test_names_that_scripts_use_are_refused(system: str, name: str) -> None:
    """A variable that would be taken for something else is refused, not renamed."""
    x = variables(name)[0]
    obligation = Obligation("", (), relu(x) == x)
    with pytest.raises(ValueError) as refusal:
        script(obligation, SYSTEMS[system])
    assert str(refusal.value) == f"the name {name} is taken: scripts use it; rename the variable"
