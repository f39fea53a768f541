"""What solvers are told of ulps and rounding holds in small formats, and proves nothing false."""

from __future__ import annotations

import math
from fractions import Fraction
from itertools import product

import pytest

from proofs.claim import Obligation, Theorem
from proofs.formats.what_rounding_obeys import ABOUT, FALSE, stated
from proofs.systems import SYSTEMS
from proofs.systems.axioms import CANCELLING, CLOSEST
from proofs.systems.exact import numeral
from proofs.systems.floats import FloatFormat
from proofs.systems.grids import GRIDS, SATURATING_GRIDS
from proofs.terms import Term, exact, ulp, unit_roundoff, value, variables
from proofs.verdict import Verdict
from verify.encodings.smtlib import script
from verify.engines import ENGINES
from verify.engines.engine import Settings
from verify.engines.smt import SmtEngine

a, b = variables("a b")
#: Two bits and three; sums that are exact, that are ties, and those in between.
SMALL = (FloatFormat("small", 3, 2), FloatFormat("small", 3, 3))
#: Beside a sum, what else is told something of.
BESIDE: dict[str, Term] = {
    "nothing": exact(a + b),
    "a difference": exact(a - b),
    "u": unit_roundoff() * value(a + b) < value(b),
    "an ulp": value(a + b) < value(b) + ulp(a),
}


def solved(text: str, engine: str = "yices") -> str:
    """Return what a solver says of a script."""
    solver = ENGINES[engine]
    assert isinstance(solver, SmtEngine)
    return solver.solve(text, Settings(timeout=20)).word


def pinned(one: FloatFormat, goal: Term, x: float, y: float) -> str:
    """Return a script that holds wherever it can be met, at two floats and what becomes of them."""
    text = script(Obligation("", (), goal & ~goal), GRIDS)
    total = (
        Fraction(x) - Fraction(y) if goal is BESIDE["a difference"] else Fraction(x) + Fraction(y)
    )
    known = {
        "a": Fraction(x), "b": Fraction(y), "fl1": one.unbounded(total), "MAX": one.greatest,
        "u": one.exact_constant("unit_roundoff"), "ulp1": one.ulp(x) or Fraction(0),
        "ulp_least": one.tiniest,
    }  # fmt: skip
    pins = [
        f"(assert (= {name} {numeral(number, real=True)}))\n"
        for name, number in known.items()
        if f"const {name} " in text
    ]
    return text.replace("(check-sat)\n", f"{''.join(pins)}(check-sat)\n")


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("one", SMALL, ids=lambda one: f"{one.precision} bits")
def test_what_is_told_is_so(one: FloatFormat, beside: str) -> None:
    """Every sum of a format has ulps that meet all of it."""
    floats = sorted({v for v in map(one.from_bits, range(1 << one.bits)) if math.isfinite(v)})
    pairs = [*product(floats, repeat=2)]
    for x, y in pairs[:: 1 + len(pairs) // 50]:
        assert solved(pinned(one, BESIDE[beside], x, y)) == "sat", (x, y)


@pytest.mark.parametrize("one", SMALL, ids=lambda one: f"{one.precision} bits")
def test_rounding_otherwise_is_not_so(one: FloatFormat) -> None:
    """A tie that goes to the odd neighbour, and a sum that is rounded to the next float but one."""
    for x in (one.exact_constant("unit_roundoff"), 3 * one.exact_constant("unit_roundoff")):
        text = pinned(one, BESIDE["u"], 1.0, float(x))
        right = one.unbounded(1 + x)
        assert solved(text) == "sat"
        for wrong in (2 * (1 + x) - right, right + 4 * x):
            lie = text.replace(
                f"(= fl1 {numeral(right, real=True)})", f"(= fl1 {numeral(wrong, real=True)})"
            )
            assert lie != text
            assert solved(lie) == "unsat"


@pytest.mark.parametrize("name", FALSE)
def test_false_neighbours_of_axioms_are_not_proved(name: str) -> None:
    """None of them follows."""
    axiom, states = FALSE[name]
    (obligation,) = Theorem(
        states(*ABOUT[axiom]), where=stated(axiom, ABOUT[axiom]).where
    ).obligations()
    assert solved(script(obligation, GRIDS)) != "unsat"


@pytest.mark.parametrize("system", ["binary", "float16", "float8_e4m3fn"])
def test_axioms_are_theorems(system: str) -> None:
    """Where the axioms themselves are out of reach; and only there."""
    engine = ENGINES["yices"]
    for axiom in (CLOSEST, CANCELLING):
        evidence = engine.examine(stated(axiom, ABOUT[axiom]), SYSTEMS[system], Settings())
        assert evidence.verdict is Verdict.PROVED
        assert "unsat in grids of " in evidence.detail
    plain = engine.examine(Theorem(a + b == b + a), SYSTEMS[system], Settings())
    assert plain.verdict is Verdict.PROVED
    assert "grids" not in plain.detail


def test_they_stand_beside_the_systems_of_axioms() -> None:
    """One with infinities, one with saturation, neither a column of the matrix."""
    assert SYSTEMS["binary"].by_definition is GRIDS
    assert SYSTEMS["saturating_binary"].by_definition is SATURATING_GRIDS
    assert SYSTEMS["real"].by_definition is None
    assert not {GRIDS.name, SATURATING_GRIDS.name} & {*SYSTEMS}
