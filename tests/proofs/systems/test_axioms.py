from __future__ import annotations

import re
from dataclasses import replace

import pytest

from proofs import claims
from proofs.claim import Theorem
from proofs.formats.what_rounding_obeys import ABOUT, FALSE, stated, tried
from proofs.kernel import CoqFile, kernel_theorems
from proofs.max_by_relu.folds.large_negative_padding import swallowed
from proofs.systems import SYSTEMS, axioms
from proofs.systems.axioms import AXIOMS, Axiom
from verify.encodings.smtlib import script
from verify.engines import ENGINES
from verify.engines.engine import Settings
from verify.engines.smt import SmtEngine

SETTINGS = Settings(timeout=60.0)
BINARY = SYSTEMS["binary"]


def _theorems(*named: str) -> list[Theorem]:
    """Return the theorems of claims that are stated of every binary format."""
    parts = [part for name in named for part in claims()[name].parts_in("binary")]
    return [part for part in parts if isinstance(part, Theorem)]


def _proved(theorem: Theorem) -> bool:
    z3 = ENGINES["z3"]
    assert isinstance(z3, SmtEngine)
    texts = [script(obligation, BINARY) for obligation in theorem.obligations()]
    return all(z3.solve(text, SETTINGS).word == "unsat" for text in texts)


def test_every_axiom_is_a_theorem_of_coq_and_has_a_false_neighbour() -> None:
    """The record knows each by its name, the claim names it, and each has a mutant."""
    file = CoqFile("systems/binary_axioms.v")
    named = {theorem.name for theorem in kernel_theorems(claims()["what-rounding-obeys"])}
    assert named == {axiom.name for axiom in AXIOMS} <= set(file.theorems)
    assert {axiom for axiom, _ in FALSE.values()} == set(AXIOMS) == set(ABOUT)


#: What is proved no longer when solvers are not told an axiom.
NEEDED = {
    axioms.CLOSEST: "max-is-relu-when-ordered",
    axioms.HALVES: "right-iff-difference-exact",
    axioms.RELATIVE: "max-is-relu-error-bound",
    axioms.CANCELLING: "sterbenz",
    axioms.ORDERED: "three-relus-are-the-difference-form",
    axioms.DOUBLED: "halves-never-overflow-inside",
    axioms.APART: "large-negative-padding",
    axioms.ULPS: "relative-error-if-not-negative",
}


@pytest.mark.parametrize("axiom", AXIOMS, ids=lambda axiom: axiom.name)
def test_every_axiom_is_needed(axiom: Axiom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it some theorem of a claim is not proved."""
    nothing = replace(axiom, states=lambda *args: args[0] == args[0])
    monkeypatch.setattr(axioms, _constant(axiom), nothing)
    assert not all(map(_proved, _theorems(NEEDED[axiom])[:2]))


def _constant(axiom: Axiom) -> str:
    return next(name for name, one in vars(axioms).items() if one is axiom)


@pytest.mark.parametrize("name", FALSE)
def test_a_false_axiom_proves_what_is_false(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What solvers are told decides: a false neighbour, told, proves itself, and not else."""
    axiom, states = FALSE[name]
    told = replace(axiom, states=states)
    said = swallowed(2) if axiom is axioms.APART else stated(told, ABOUT[axiom])
    assert not _proved(said)
    monkeypatch.setattr(axioms, _constant(axiom), told)
    assert _proved(said)


@pytest.mark.parametrize("name", FALSE)
def test_false_neighbours_are_refuted_by_trial(name: str) -> None:
    """Trying sums of small formats finds each of them."""
    with pytest.raises(Exception, match=r"^not of .* bits$"):
        tried(*FALSE[name])


@pytest.mark.slow
@pytest.mark.parametrize("axiom", AXIOMS, ids=lambda axiom: axiom.name)
def test_all_sums_of_larger_formats(axiom: Axiom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Formats of five and six bits too."""
    import proofs.formats.what_rounding_obeys as module

    monkeypatch.setattr(module, "SMALL", ((2, 4), (3, 3), (4, 2)))
    assert re.fullmatch(r"[\d,]+ instances in 3 formats", tried(axiom, axiom.states))
