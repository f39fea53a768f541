"""The answers to the chapter's exercises: complete, resting on claims, and made to run."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import costmodel
import pooling
import proofs.folklore
from pooling.networks import shallow, tree
from proofs import claims
from proofs.answers import EXERCISES, SAYINGS, SHAPE, Exercise, WrongAnswer
from proofs.folklore import AS_SAID
from proofs.verdict import Verdict
from verify.run.answers import systems_of

CLAIMS = claims()
WRONG = [wrong for exercise in EXERCISES for wrong in exercise.wrong]


def of_sayings() -> Iterator[str]:
    """Yield the ids of the claims that settle sayings."""
    for module in pkgutil.iter_modules(proofs.folklore.__path__):
        yield module.name.replace("_", "-")


def test_every_exercise_of_the_chapter_is_answered() -> None:
    """There are seven, in order, each with a question, an answer, and wrong answers beside it."""
    assert [exercise.number for exercise in EXERCISES] == [1, 2, 3, 4, 5, 6, 7]
    for exercise in EXERCISES:
        assert exercise.question[-1] in ".?" and exercise.answer.endswith(".")
        assert exercise.claims and exercise.wrong


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: str(exercise.number))
def test_an_answer_rests_on_claims_that_hold(exercise: Exercise) -> None:
    """Every claim is there, and is affirmed where the answer is meant."""
    for name in exercise.claims:
        for system in systems_of(CLAIMS[name]):
            assert CLAIMS[name].expected[system].affirms, name


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.says)
def test_a_wrong_answer_is_refuted_by_its_claim(wrong: WrongAnswer) -> None:
    """Either the claim fails in that number system, or it has a false neighbour of that name."""
    claim = CLAIMS[wrong.claim]
    assert bool(wrong.system) is not bool(wrong.mutant)
    if wrong.system:
        assert claim.expected[wrong.system] is Verdict.REFUTED
    else:
        assert wrong.mutant in claim.mutants


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: str(exercise.number))
def test_the_module_runs_and_has_the_cost_of_its_operator(exercise: Exercise) -> None:
    """It makes of the input what the operator writes, and the operator has a formula."""
    module = eval(exercise.module, {"torch": torch, "pooling": pooling})
    made = module(torch.zeros(SHAPE))
    cost = costmodel.cost(exercise.operator, SHAPE, **exercise.arguments)
    assert tuple(made.shape) == cost.output_shape
    assert cost.flops > 0


def test_sayings_are_settled_somewhere() -> None:
    """Every claim about a saying is named in an answer or among the sayings."""
    named = {name for exercise in EXERCISES for name in exercise.claims} | {*SAYINGS.values()}
    assert set(of_sayings()) <= named <= set(CLAIMS)


def test_false_sayings_stand_among_false_neighbours() -> None:
    """Noise, outliers, invariance, losses, a quarter and gradients: each as it is said."""
    said = {name for name, claim in CLAIMS.items() if any(
        name.startswith(AS_SAID) for name in claim.mutants)}  # fmt: skip
    assert said == {
        "average-removes-most-noise",
        "every-pooling-loses-taps",
        "lipschitz-constants",
        "one-element-shift",
        "outliers-move-the-maximum",
        "quarter-iff-even",
        "softmax-gradients",
    }


def test_widths_in_the_answer_are_those_of_the_networks() -> None:
    """The third answer says how deep and wide the networks of this package are."""
    answer = EXERCISES[2].answer
    for network in (tree(4), shallow(9)):
        *others, last = network.widths
        assert (
            f"{network.depth} hidden layers of {', '.join(map(str, others))} and {last}" in answer
        )


def test_constants_in_the_answers_are_those_of_the_claims() -> None:
    """What the last answer says of noise is what the claim says."""
    assert "by 1.1997 for two taps" in EXERCISES[6].answer
    assert "by 1.1997 for two taps" in CLAIMS["lipschitz-constants"].holds


def test_the_file_holds_no_verdict() -> None:
    """Verdicts come from the claims; none is typed beside an answer."""
    path = Path(proofs.__path__[0]) / "answers.py"
    text = path.read_text(encoding="utf-8")
    assert not [str(verdict) for verdict in Verdict if str(verdict) in text]
