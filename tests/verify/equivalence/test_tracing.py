"""Graphs of modules: in-place writes, nested graphs, weights, and the lines they come from."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from verify.equivalence.tracing import Function, NotJudgedError, line_of, name_of, traced

EXAMPLE = torch.zeros(1, 2, 4, 4)


def names(function: object) -> list[str]:
    """Return the operations of a function's graph."""
    graph = traced(Function(function), EXAMPLE)  # type: ignore[arg-type]
    return [name_of(node.target) for node in graph.nodes if node.op == "call_function"]


def test_operations_come_with_their_line() -> None:
    """A node names the line of the function it stems from."""
    graph = traced(Function(lambda x: F.relu(x)), EXAMPLE)
    (node,) = [node for node in graph.nodes if node.op == "call_function"]
    assert line_of(node).startswith(", line ")
    assert line_of(node).endswith("of test_tracing.py")


def test_writing_in_place_becomes_a_value() -> None:
    """What is written into a result is functional afterwards; a kernel filled in stays as it is."""

    def writes(x: torch.Tensor) -> torch.Tensor:
        result = torch.zeros(1, 2, 4, 4)
        result[:, 0] = x[:, 1]
        return result

    def fills(x: torch.Tensor) -> torch.Tensor:
        kernel = torch.zeros(2, 1, 1, 1)
        kernel[0] = 1
        return F.conv2d(x, kernel, groups=2)

    assert "copy_" not in names(writes)
    assert "select_scatter" in names(writes)
    assert "fill_" in names(fills) or "copy_" in names(fills)


def test_parameters_buffers_and_constants_are_given() -> None:
    """Every tensor but the input has its value."""

    class Layer(torch.nn.Conv2d):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return super().forward(x) * torch.tensor([2.0])

    graph = traced(Layer(2, 2, 1), EXAMPLE)
    placeholders = [node for node in graph.nodes if node.op == "placeholder"]
    assert len(graph.given) == len(placeholders) - 1


def test_a_module_is_left_as_it_was() -> None:
    """Tracing and trying a module changes none of its buffers, even one that is refused."""
    layer = torch.nn.BatchNorm2d(2)
    before = {name: tensor.clone() for name, tensor in layer.state_dict().items()}
    with pytest.raises(NotJudgedError):
        traced(layer, EXAMPLE)
    assert all(torch.equal(before[name], tensor) for name, tensor in layer.state_dict().items())


def test_dropout_in_evaluation_is_let_through() -> None:
    """What draws nothing is not refused."""
    assert names(torch.nn.Dropout().eval()) == ["dropout"]
