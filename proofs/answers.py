"""The seven exercises of the pooling chapter, answered; each answer rests on claims.

The questions are those of Dive into Deep Learning, "Pooling", in our words. An answer states
nothing that one of its claims does not settle, and each wrong answer named beside it is one that a
claim refutes: in a number system, or as a false neighbour. They stand in ``answers.toml``. Apart
from the claims because an answer takes several of them, and gives no proof of its own.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pooling.networks import Network, shallow, tree

#: The input that costs are given for: one image of 64 channels, as behind the stem of a ResNet.
SHAPE = (1, 64, 112, 112)


@dataclass(frozen=True)
class WrongAnswer:
    """An answer that is often given, and where it is refuted."""

    says: str
    claim: str
    #: The number system in which the claim fails; empty if it is a false neighbour of the claim.
    system: str = ""
    #: The name of that false neighbour.
    mutant: str = ""


@dataclass(frozen=True)
class Exercise:
    """A question, its answer, what the answer rests on, what runs it and what that costs."""

    number: int
    question: str
    answer: str
    #: Ids of the claims that the answer rests on, the main one first.
    claims: tuple[str, ...]
    wrong: tuple[WrongAnswer, ...]
    #: A module of torch or of this project, as an expression.
    module: str
    #: The operator of the cost model, and its arguments.
    operator: str
    arguments: Mapping[str, object] = field(default_factory=dict)
    #: The parts that the chapter divides it into, all answered here; 0 if it has none.
    parts: int = 0


def _layers(network: Network) -> str:
    *others, last = map(str, network.widths)
    return f"{network.depth} hidden layers of {', '.join(others)} and {last}"


def _exercise(
    number: int, answer: str, claims: list[str], wrong: list[dict[str, str]], **entries: Any
) -> Exercise:
    """Return an entry of the file; what an answer says of networks is read off these."""
    networks = {"tree_of_4": _layers(tree(4)), "shallow_of_9": _layers(shallow(9))}
    said = answer.format(**networks)
    answers = tuple(WrongAnswer(**one) for one in wrong)
    return Exercise(number=number, answer=said, claims=tuple(claims), wrong=answers, **entries)


_DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

EXERCISES = tuple(_exercise(number, **one) for number, one in enumerate(_DATA["exercise"], start=1))

#: What the chapter says besides, and the claim that settles it.
SAYINGS: Mapping[str, str] = _DATA["sayings"]
