from __future__ import annotations

from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from costmodel.whole.inputs import arguments, has_shapes, is_shape, made, tensors_in


@dataclass
class Output:
    """What a model may return, and another may take."""

    state: Any
    name: str = "x"


Pair = namedtuple("Pair", "a b")


def size(entry: Tensor | tuple[int, ...]) -> Any:
    """Return the shape as a list, to be told from a shape."""
    return list(entry.shape if isinstance(entry, Tensor) else entry)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (torch.zeros(2), [2]),
        ((2, 3), [2, 3]),
        (torch.Size((2, 3)), [2, 3]),
        ([2, 3], [2, 3]),
        (((2, 3), 1), ([2, 3], 1)),
        ([(2, 3), torch.zeros(4)], [(2, 3), [4]]),
        ({"a": (2,), "b": [None]}, {"a": [2], "b": [None]}),
        (OrderedDict(a=(2,)), OrderedDict(a=[2])),
        (Output(torch.zeros(2)), Output([2])),
        (Pair((2,), 1.5), Pair([2], 1.5)),
        (True, True),
        ("x", "x"),
    ],
)
def test_what_is_made(value: Any, expected: Any) -> None:
    """Tensors and shapes, wherever they stand; in a list numbers are themselves."""
    found = made(value, size)
    assert found == expected and type(found) is type(expected)


def test_a_dataclass_that_is_made_leaves_the_one_given() -> None:
    """It is a copy."""
    given = Output(torch.zeros(2))
    assert made(given, size) is not given and isinstance(given.state, Tensor)


def test_arguments() -> None:
    """One tuple is all inputs, one mapping of names is arguments by name."""
    relu = nn.ReLU()
    assert arguments(relu, ((1, 2),), {}) == (((1, 2),), {})
    assert arguments(relu, (((1, 2), 3),), {}) == (((1, 2), 3), {})
    assert arguments(relu, ([1],), {"y": 2}) == (([1],), {"y": 2})
    assert arguments(relu, ({"input": 1},), {"y": 2}) == ((), {"input": 1, "y": 2})
    assert arguments(relu, ({"other": 1},), {}) == (({"other": 1},), {})
    with pytest.raises(TypeError) as caught:
        arguments(relu, ({"input": 1},), {"input": 2})
    assert str(caught.value) == "'input' is given twice: in the mapping and by its name"


def test_shapes() -> None:
    """Whole numbers alone, and none of them negative."""
    given = [(1, 2), (), (1, True), (1.0,), [1], 3]
    assert [is_shape(value) for value in given] == [True, False, False, False, False, False]
    with pytest.raises(ValueError, match=r"must be at least 0, got \(1, -1\)"):
        is_shape((1, -1))


def test_what_has_no_values() -> None:
    """Shapes and meta tensors, however deep."""
    assert has_shapes([torch.zeros(1, device="meta")])
    assert has_shapes({"a": (1, 2)}) and not has_shapes({"a": [(1, 2)], "b": torch.zeros(1)})


def test_tensors_of_an_output() -> None:
    """In dataclasses, mappings and sequences, in order."""
    first, second, third = torch.zeros(1), torch.zeros(2), torch.zeros(3)
    found = tensors_in({"a": Output([first, "x"]), "b": (second, {"c": third})})
    assert [tensor.numel() for tensor in found] == [1, 2, 3]
