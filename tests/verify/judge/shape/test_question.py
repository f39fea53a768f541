"""What is asked at one shape: which inputs are meant, and how they are made."""

from __future__ import annotations

import torch

from proofs.systems import SYSTEMS
from proofs.verdict import Verdict
from verify.judge.conditions.given import parsed
from verify.judge.shape.question import Question
from verify.judge.side import Side


def question(system: str, shape: tuple[int, ...] = (3,), given: str = "") -> Question:
    """Return the question whether a function is itself."""
    mine, theirs = (Side(lambda x: x, SYSTEMS[system], (shape,)) for _ in range(2))
    meets = parsed(given).within(SYSTEMS[system], mine.dtype) if given else None
    return Question(mine, theirs, SYSTEMS[system], (shape,), float("inf"), given=meets)


def test_the_plainest_input_is_one_that_is_meant() -> None:
    """Zeros, unless they are left out."""
    assert question("real").plainest().tolist() == [0, 0, 0]
    above = question("real", given="x >= 2")
    assert above.plainest().tolist() == [2, 2, 2]
    assert above.admits(above.plainest()) and not above.admits(torch.zeros(3))


def test_telling_inputs_are_moved_to_where_they_are_meant() -> None:
    """Those that are not meant are never run."""
    above = question("real", given="x >= 2")
    moved = list(above.meant(above.telling()))
    assert len(moved) > 20
    assert all(map(above.admits, moved))


def test_beside_a_number_are_its_neighbours() -> None:
    """A solver's fraction may lie between two floats; in integers there is nothing between."""
    asked = question("real")
    near = [float(x[1]) for x in asked.near({1: 1}, asked.plainest())]
    assert near[0] == 1
    assert {1 + 2.0**-23, 1 - 2.0**-24} <= set(near)
    whole = question("int8")
    assert [x.tolist() for x in whole.near({1: 1}, whole.plainest())] == [[0, 1, 0]]
    assert list(whole.near({1: 300}, whole.plainest())) == []


def test_numbers_beyond_the_dtype() -> None:
    """Over the reals they are inputs that no run shows, unless they are not meant."""
    assert question("real").beyond([1, 2**128]) == "float32"
    assert question("real").beyond([1, -(2**127)]) == ""
    assert question("real", given="x in [0, 1]").beyond([2**128]) == ""
    assert question("float16").beyond([2**128]) == ""


def test_findings_are_of_what_is_asked() -> None:
    """They have its shape and its system, and no names yet."""
    found = question("int8", (2, 3)).found(Verdict.UNKNOWN, "why")
    assert (found.input_shape, found.system, found.reason) == ((2, 3), "int8", "why")
    assert question("int8", (2, 3)).count == 6
