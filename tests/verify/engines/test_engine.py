from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pkgutil import iter_modules

import pytest

from proofs.claim import Check, CheckFailedError, Theorem
from proofs.systems import SYSTEMS, NumberSystem
from proofs.terms import relu, variables
from proofs.verdict import Verdict
from verify import engines
from verify.engines import ENGINES, Engine
from verify.engines.engine import Evidence, Settings

a, b = variables("a b")
TRUE = Theorem(a.maximum(b) == relu(a - b) + b, name="a part")
REAL = SYSTEMS["real"]


class Fixed(Engine):
    """An engine that answers what it is told, or breaks."""

    distribution = "python"
    module = "fractions"
    method = "told"

    def __init__(self, answer: Evidence | Exception) -> None:
        self.name = "fixed"
        self.answer = answer

    def takes(self, theorem: Theorem, system: NumberSystem) -> bool:
        """Take everything."""
        return True

    def kinds(self, part: Theorem | Check, system: NumberSystem) -> Iterable[str]:
        """Ask for no canary: what it says is known to be made up."""
        return ()

    def settle(self, theorem: Theorem, system: NumberSystem, settings: Settings) -> Evidence:
        """Give the answer, or break."""
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def _check(run: object = None, grants: Verdict = Verdict.TESTED) -> Check:
    assert callable(run)
    return Check("looked", "fixed", run, grants, ("real",))


def test_every_engine_is_found() -> None:
    """Each engine is there by being there, under the name of its file."""
    shared = {"bounded", "canaries", "counterexample", "engine", "points", "smt"}
    assert set(ENGINES) == {file.name for file in iter_modules(engines.__path__)} - shared
    assert {"bitwuzla", "cvc5", "exhaustive", "hypothesis", "sympy", "z3"} < set(ENGINES)
    assert all(engine.name == name and engine.method for name, engine in ENGINES.items())


@pytest.mark.parametrize("engine", ENGINES.values(), ids=lambda engine: engine.name)
def test_version_and_package(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed engine has a version; without its package it says which is missing."""
    assert engine.missing() is None
    assert re.match(r"\d+\.\d+", engine.version())
    monkeypatch.setattr(engine, "module", "no_such_module")
    # Coq is no package of Python's, and its record stands in for it.
    without = None if engine.name == "coq" else f"package {engine.distribution} is not installed"
    assert engine.missing() == without


@pytest.mark.parametrize("engine", ENGINES.values(), ids=lambda engine: engine.name)
def test_declines_what_is_declared_out_of_reach(engine: Engine) -> None:
    """A theorem's author can keep an engine away, everywhere or in one system."""
    assert not engine.supports(replace(TRUE, beyond={engine.name: "slow"}), REAL)
    here = replace(TRUE, beyond={f"{engine.name}/real": "slow"})
    assert not engine.supports(here, REAL)
    assert engine.supports(here, SYSTEMS["int8"]) == engine.supports(TRUE, SYSTEMS["int8"])


@pytest.mark.parametrize("engine", ENGINES.values(), ids=lambda engine: engine.name)
def test_a_check_goes_to_its_engine_alone(engine: Engine) -> None:
    """A check names the one engine that runs it."""
    for name in ENGINES:
        check = Check("", name, lambda: "fine", Verdict.TESTED, ("real",))
        assert engine.supports(check, REAL) is (name == engine.name)


@pytest.mark.parametrize("engine", ENGINES.values(), ids=lambda engine: engine.name)
def test_an_exception_inside_is_an_error(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever breaks becomes an ERROR with the exception's own words, never a pass."""

    def broken(*args: object) -> Evidence:
        raise RuntimeError("out of order")

    monkeypatch.setattr(type(engine), "settle", broken)
    monkeypatch.setattr(type(engine), "kinds", lambda *asked: ())  # no canary would survive this
    evidence = engine.examine(TRUE, REAL, Settings())
    assert evidence.verdict is Verdict.ERROR
    assert evidence.detail == "RuntimeError: out of order"
    assert (evidence.engine, evidence.part) == (engine.name, "a part")


def test_evidence_carries_part_and_time() -> None:
    """What settles a theorem is labelled with it."""
    told = Evidence("fixed", Verdict.PROVED, "for sure")
    evidence = Fixed(told).examine(TRUE, REAL, Settings())
    assert evidence == replace(told, part="a part", seconds=evidence.seconds)
    assert evidence.seconds > 0


def test_a_check_grants_its_verdict() -> None:
    """A run without an error amounts to the word the check declares, with what it found."""
    for word in (Verdict.TESTED, Verdict.PROVED_BOUNDED):
        evidence = Fixed(RuntimeError()).examine(_check(lambda: "12 rows", word), REAL, Settings())
        assert (evidence.verdict, evidence.detail, evidence.part) == (word, "12 rows", "looked")


def test_a_check_that_fails_refutes() -> None:
    """CheckFailedError is a finding; any other exception is a defect."""

    def failing() -> str:
        raise CheckFailedError("row 7 differs")

    def broken() -> str:
        raise ZeroDivisionError("division by zero")

    refuted = Fixed(RuntimeError()).examine(_check(failing), REAL, Settings())
    assert (refuted.verdict, refuted.detail) == (Verdict.REFUTED, "row 7 differs")
    error = Fixed(RuntimeError()).examine(_check(broken), REAL, Settings())
    assert (error.verdict, error.detail) == (
        Verdict.ERROR,
        "ZeroDivisionError: division by zero",
    )


def test_a_proof_is_as_general_as_the_theorem() -> None:
    """A bound on shapes makes a proof a bounded one and is told."""
    engine = ENGINES["z3"]
    assert engine.proof(TRUE, "unsat").verdict is Verdict.PROVED
    bounded = engine.proof(replace(TRUE, bound="n = 2"), "unsat")
    assert (bounded.verdict, bounded.detail) == (Verdict.PROVED_BOUNDED, "unsat, n = 2")


QUOTIENT = Theorem((a // b) * b <= a, where=(b >= 0,))


@pytest.mark.parametrize("engine", ENGINES.values(), ids=lambda engine: engine.name)
def test_a_divisor_that_may_be_0_is_an_error_of_every_engine(engine: Engine) -> None:
    """Solvers prove this: to them a quotient by 0 is some number."""
    asked = [
        (theorem, SYSTEMS[name])
        for theorem, name in ((QUOTIENT, "integer"), (Theorem(a / b == a / b), "real"))
        if engine.takes(theorem, SYSTEMS[name])
    ]
    for theorem, system in asked:
        # A divisor of 0 comes to light before anybody is asked to prove something.
        found = engine.examine(theorem, system, Settings())
        assert found.verdict is Verdict.ERROR
        assert re.fullmatch("it divides by 0 at (a = 0, b = 0|b = 0, a = 0)", found.detail)
    assert bool(asked) is (engine.name in {"cvc5", "hypothesis", "sympy", "yices", "z3"})


def test_an_engine_that_cannot_tell_a_divisor_from_0_leaves_it_open() -> None:
    """Unless it computes: then it comes to know. One that is 0 at telling values is an error."""
    engine = Fixed(Evidence("fixed", Verdict.PROVED, "as told"))
    far = Theorem(a // (b - 98765) <= a, where=(b > 98765, a >= 0))
    found = engine.examine(far, SYSTEMS["integer"], Settings())
    assert (found.verdict, found.detail) == (
        Verdict.UNKNOWN,
        "nobody has seen that b − 98765 ≠ 0, by which it divides",
    )
    assert engine.examine(QUOTIENT, SYSTEMS["integer"], Settings()).verdict is Verdict.ERROR
    positive = replace(QUOTIENT, where=(b >= 1,))
    assert engine.examine(positive, SYSTEMS["integer"], Settings()).detail == "as told"
    engine.decides = False
    assert engine.examine(far, SYSTEMS["integer"], Settings()).detail == "as told"
