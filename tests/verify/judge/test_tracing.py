"""Graphs of modules: in-place writes, nested graphs, weights, and the lines they come from."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from verify.judge.memory import Memory
from verify.judge.tracing import (
    Function,
    NotJudgedError,
    first_line,
    line_of,
    name_of,
    traced,
)

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


class Counts(torch.nn.Module):
    """A module that remembers how often it was called, and with what."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.last: torch.Tensor | None = None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Remember."""
        self.calls += 1
        self.last = x
        return x


@pytest.mark.parametrize("layer", [torch.nn.BatchNorm2d(2), Counts()])
def test_a_module_is_left_as_it_was(layer: torch.nn.Module) -> None:
    """Tracing and trying a module changes nothing of it, even if it is refused."""
    before = Memory(layer)
    with pytest.raises(NotJudgedError, match="while it ran"):
        traced(layer, EXAMPLE)
    assert before.change(Memory(layer)) is None


def test_runs_that_undo_one_another_are_two() -> None:
    """What one run changes and the next one changes back is still a change."""

    class Toggles(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            self.train(not self.training)
            return x

    with pytest.raises(NotJudgedError, match="'training' of the module changed from True to False"):
        traced(Toggles(), EXAMPLE)


def test_modules_that_cannot_be_copied_are_refused() -> None:
    """An open generator has no copy."""
    layer = torch.nn.ReLU()
    layer.source = (i for i in range(3))  # type: ignore[assignment]
    with pytest.raises(NotJudgedError, match="it cannot be copied: TypeError: cannot pickle"):
        traced(layer, EXAMPLE)


def test_a_module_that_ends_the_program_does_not() -> None:
    """An exit inside a module is a failure of this module."""

    def leaves(x: torch.Tensor) -> torch.Tensor:
        raise SystemExit(7)

    with pytest.raises(NotJudgedError, match=r"it fails on a float32 tensor .*: SystemExit: 7, li"):
        traced(Function(leaves), EXAMPLE)


def test_scripts_are_refused_for_what_they_are() -> None:
    """No script is exported, whatever it remembers."""
    with pytest.warns(DeprecationWarning, match="script"):
        script = torch.jit.script(torch.nn.ReLU())
    with pytest.raises(NotJudgedError, match=r"it cannot be traced: .*ScriptModule"):
        traced(script, EXAMPLE)


def test_messages_have_nothing_that_a_terminal_obeys() -> None:
    """The first line of an error's message, without its control characters."""
    assert first_line(ValueError("a \x1b[31mred\x00 word\nand more")) == "a [31mred word"
    assert first_line(ValueError()) == "no message"


@pytest.mark.parametrize("dtype", [torch.float16, torch.int8])
def test_the_dtype_of_the_input_is_known(dtype: torch.dtype) -> None:
    """It is that of the example."""
    graph = traced(Function(lambda x: x + 1), EXAMPLE.to(dtype))
    assert graph.input_dtype is dtype


def test_dropout_in_evaluation_is_let_through() -> None:
    """What draws nothing is not refused."""
    assert names(torch.nn.Dropout().eval()) == ["dropout"]
