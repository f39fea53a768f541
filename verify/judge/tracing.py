"""From a module to a flat graph of tensor operations, or a word on why it has none.

``torch.export`` records what the module does with an input of one shape and dtype. A module that
changes its input or what it remembers, draws random numbers, or decides by the values of the input
has no graph that says all it does, and is refused by name and by line.
"""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import operator
import traceback
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

import torch
from torch.export import ExportedProgram
from torch.export.graph_signature import OutputKind

from verify.judge.memory import Memory, random_states

_TORCH = str(Path(torch.__file__).parent)
_HERE = str(Path(__file__).parent)


class NotJudgedError(Exception):
    """A module cannot be judged; the message is one line that says what stands in the way."""


@dataclass(frozen=True)
class Traced:
    """A module as a graph: its operations, and the tensors they take besides the input."""

    program: ExportedProgram

    @property
    def nodes(self) -> list[torch.fx.Node]:
        """The nodes in the order in which they run."""
        return list(self.program.graph.nodes)

    @property
    def given(self) -> dict[str, torch.Tensor]:
        """The parameters, buffers and constants by the name of their placeholder."""
        signature = self.program.graph_signature
        named = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
        held = {**self.program.state_dict, **self.program.constants}
        given = {node: held[name] for node, name in named.items()}
        constants = signature.inputs_to_lifted_tensor_constants
        return given | {node: self.program.constants[name] for node, name in constants.items()}

    @property
    def input_dtype(self) -> torch.dtype:
        """The dtype of the input."""
        (name,) = self.program.graph_signature.user_inputs
        (node,) = (node for node in self.nodes if node.name == name)
        dtype = node.meta["val"].dtype
        assert isinstance(dtype, torch.dtype)
        return dtype

    def decomposed(self) -> Traced:
        """Return the same computation in fewer kinds of operations, torch's core ones."""
        with quiet():
            return Traced(self.program.run_decompositions())


class Function(torch.nn.Module):
    """A function on a tensor, as a module."""

    def __init__(self, function: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        if isinstance(function, FunctionType):
            # Of the lines that a node comes from, torch keeps those in functions of this name.
            code = function.__code__.replace(co_name="forward")
            anew = FunctionType(code, function.__globals__, function.__name__,
                                function.__defaults__, function.__closure__)  # fmt: skip
            anew.__kwdefaults__ = function.__kwdefaults__
            function = anew
        self.function = function

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Call the function."""
        return self.function(x)


def traced(module: torch.nn.Module, example: torch.Tensor) -> Traced:
    """Return the graph of ``module`` on inputs like ``example``.

    Raises:
        NotJudgedError: The module fails on such an input, changes anything that outlasts the run,
            draws random numbers, or does what depends on the values of the input.
    """
    changing = _changing(copied(module), example)
    try:
        with quiet():
            program = torch.export.export(module, (example.clone(),))
            _refuse_randomness(program)
            if _mutates(program):
                program = program.run_decompositions({})
    except NotJudgedError:
        raise
    except Exception as error:
        raise NotJudgedError(f"{_why_untraced(error)}{line_of_error(error)}") from error
    _refuse_mutation(program)
    # Last, because of an operation that draws random numbers the graph knows the line.
    if changing:
        raise NotJudgedError(changing)
    return Traced(program)


def copied(module: torch.nn.Module) -> torch.nn.Module:
    """Return a copy of a module, to be run or changed without harm.

    Raises:
        NotJudgedError: It holds what cannot be copied.
    """
    try:
        return copy.deepcopy(module)
    except Exception as error:
        raise NotJudgedError(
            f"it cannot be copied: {type(error).__name__}: {first_line(error)}"
        ) from error


def _changing(module: torch.nn.Module, example: torch.Tensor) -> str | None:
    """Run a module twice; return how its runs differ, ``None`` if they do not.

    Raises:
        NotJudgedError: It does not run at all, or a run changes what it remembers.
    """
    ramp = torch.arange(example.numel()).reshape(example.shape).to(example.dtype)
    before, states = Memory(module), random_states()
    first = _run(module, ramp)
    drawn = [whose for whose, state in random_states().items() if state != states[whose]]
    change = before.change(Memory(module))
    if change is not None:
        raise NotJudgedError(
            f"{change} (in training mode? call .eval() first)"
            if change.startswith("buffer")
            else f"{change}; what keeps anything from one run to the next, even a cache, "
            "cannot be judged"
        )
    if drawn:
        return f"it draws random numbers from {', '.join(drawn)}"
    second = _run(module, ramp)
    same = not isinstance(first, torch.Tensor) or torch.equal(
        first.double().nan_to_num(), second.double().nan_to_num()
    )
    return None if same else "two runs on the same input differ"


def _run(module: torch.nn.Module, x: torch.Tensor) -> Any:
    try:
        with torch.no_grad(), quiet():
            return module(x.clone())
    except (Exception, SystemExit) as error:
        kind = str(x.dtype).removeprefix("torch.")
        raise NotJudgedError(
            f"it fails on a {kind} tensor of shape {tuple(x.shape)}: "
            f"{type(error).__name__}: {first_line(error)}{line_of_error(error)}"
        ) from error


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep what a module prints, and torch's own remarks on it, off the user's terminal."""
    disabled = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with (
            warnings.catch_warnings(),
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


def _operations(program: ExportedProgram) -> Iterator[tuple[torch.fx.Node, Any]]:
    """Yield every call of an operation, those in nested graphs included."""
    for module in program.graph_module.modules():
        if isinstance(module, torch.fx.GraphModule):
            for node in module.graph.nodes:
                if node.op == "call_function":
                    yield node, node.target


def _refuse_randomness(program: ExportedProgram) -> None:
    for node, target in _operations(program):
        if not isinstance(target, torch._ops.OpOverload):
            continue
        drawn: bool = torch.Tag.nondeterministic_seeded in target.tags
        # Dropout is tagged so even where it does nothing; its last argument says whether it does.
        if drawn and "dropout" in name_of(target):
            drawn = bool(node.args[2]) and bool(node.args[1])
        if drawn:
            hint = " (in training mode: call .eval() first)" if "dropout" in str(target) else ""
            raise NotJudgedError(f"{name_of(target)} draws random numbers{hint}{line_of(node)}")


def _mutates(program: ExportedProgram) -> bool:
    """Say whether an operation writes in place to what was given or what depends on the input.

    What the module makes anew, such as a kernel that it fills in, is computed as it stands. A
    nested graph may hide such an operation.
    """
    inputs = program.graph_signature.user_inputs
    dependent: set[torch.fx.Node] = set()
    given: set[torch.fx.Node] = set()  # shares its memory with something that was given
    for node in program.graph.nodes:
        if node.op == "placeholder":
            given.add(node)
        if node.name in inputs or dependent & set(node.all_input_nodes):
            dependent.add(node)
        if node.op != "call_function" or node.target is operator.getitem:
            continue
        if not isinstance(node.target, torch._ops.OpOverload):
            return True
        schema = node.target._schema
        if given & set(node.all_input_nodes) and any(r.alias_info for r in schema.returns):
            given.add(node)
        if schema.is_mutable and (node in dependent or node in given):
            return True
    return False


def _refuse_mutation(program: ExportedProgram) -> None:
    for output in program.graph_signature.output_specs:
        if output.kind is OutputKind.USER_INPUT_MUTATION:
            raise NotJudgedError("it changes its input in place")


def name_of(target: Any) -> str:
    """Return the plain name of an operation: ``relu`` of ``aten.relu.default``."""
    return str(getattr(target, "__name__", target)).split(".")[0]


def line_of(node: torch.fx.Node) -> str:
    """Return the line of the module that a node comes from, as the end of a sentence."""
    trace = str(node.meta.get("stack_trace", ""))
    frames = [line.strip() for line in trace.splitlines() if line.strip().startswith('File "')]
    for frame in reversed(frames):
        _, path, rest = frame.split('"', 2)
        if not path.startswith((_TORCH, _HERE)):
            number = rest.split("line ", 1)[1].split(",")[0]
            return f", line {number} of {Path(path).name}"
    return ""


def line_of_error(error: BaseException) -> str:
    """Return the line of the user's code at which an error arose, as the end of a sentence."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if not frame.filename.startswith((_TORCH, _HERE, "<")) and Path(frame.filename).exists():
            return f", line {frame.lineno} of {Path(frame.filename).name}"
    return ""


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, without what a terminal would obey."""
    line = (str(error).strip() or "no message").splitlines()[0]
    return "".join(character for character in line if character.isprintable())


def _why_untraced(error: Exception) -> str:
    if "DataDependent" in type(error).__name__ or "data-dependent" in str(error):
        return "what it does depends on the values of the input"
    return f"it cannot be traced: {first_line(error)}"
