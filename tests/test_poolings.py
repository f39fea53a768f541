"""Every pooling there is, its layers, and what anybody may ask of any of them.

Nothing here names a pooling that needs no more than its input: one that is added is asked as well.
"""

from __future__ import annotations

import inspect
import os
import random
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import numpy
import onnx
import pytest
import torch
from onnx.reference import ReferenceEvaluator
from torch import Tensor, nn

import costmodel
import pooling
from pooling.kind import Kind, kind, kinds
from proofs.verdict import Verdict
from tests.costmodel.counted_numbers import counted
from verify import cli
from verify.judge import equivalent

#: What an operator or a layer is given where it has no default, nor its entry an example.
GIVEN = {"kernel_size": 2, "output_size": 2, "norm_type": 2, "channels": 2}

#: What fits an input of four elements where the example is for larger ones; the evaluator of ONNX
#: refuses windows that are larger than the input, padded as they may be.
SMALLER = {"fractional_max_pool": {"output_size": 2}, "sppf_pool": {"kernel_size": 3}}

#: Two regions, each the number of an image and two corners.
BOXES: Tensor = torch.tensor([[0.0, 0, 0, 3, 3], [0, 1, 1, 3, 2]], dtype=torch.float64)

#: What definitions need besides an input of four elements along each of so many axes.
BESIDE: dict[str, Callable[[int], Any]] = {
    "scores": lambda dimensions: numpy.arange(4.0**dimensions).reshape((4,) * dimensions) / 8,
    "weights": lambda dimensions: numpy.arange(2.0**dimensions).reshape((2,) * dimensions) / 8,
    "indices": lambda dimensions: _pooled(dimensions)[1].numpy(),
    "boxes": lambda _: BOXES.numpy(),
    "random_samples": lambda dimensions: numpy.full((1, 2, dimensions), 0.3),
}

#: Layers of which the judge does not know enough, and what it says instead of a proof.
OPEN = {
    "PowerAveragePool": Verdict.UNKNOWN,  # that what a root is taken of is not negative
    "SoftPool": Verdict.UNKNOWN,  # exponentials of a difference from the largest
    "SoftmaxPool": Verdict.UNKNOWN,
    "StochasticPool": Verdict.TESTED,  # that no element is refused as negative
}

PROVED = (Verdict.PROVED, Verdict.PROVED_BOUNDED)


def every(of: Callable[[Kind[Any]], Any]) -> Iterator[Any]:
    """Yield the operators, or the layers, of every kind with their dimensions, as parameters."""
    for entry in kinds():
        for name in of(entry):
            for dimensions in entry.dimensions:
                yield pytest.param(entry, name, dimensions, id=f"{name}{dimensions}d")


OPERATORS = [*every(lambda entry: [entry.family])]
LAYERS = [*every(lambda entry: entry.layers)]
EACH = [pytest.param(of, name, id=name) for of in kinds() for name in of.layers]
#: Those that are called with more than an input.
BESIDE_AN_INPUT = [
    pytest.param(of, name, id=name)
    for of in kinds()
    for name in of.layers
    if {*of.needs} - {"scores", "weights"}
]


def arguments_of(entry: Kind[Any], taken: Any, fixed: Any = None) -> dict[str, Any]:
    """Return arguments for what takes such: those of the example, and those without a default."""
    given = {**GIVEN, **entry.example, **SMALLER.get(entry.family, {}), **(fixed or {})}
    return {
        name: given[name]
        for name, parameter in taken.items()
        if name in entry.example or name in (fixed or {}) or parameter.default is parameter.empty
    }


def _pooled(dimensions: int) -> tuple[Tensor, Tensor]:
    """Return maxima of an input that is twice as long, and where they come from."""
    x = torch.rand(1, 2, *[8] * dimensions, generator=torch.Generator().manual_seed(1))
    pool: Any = getattr(nn, f"MaxPool{dimensions}d")(2, return_indices=True)
    maxima, indices = pool(x.double())
    return maxima, indices


def inputs(entry: Kind[Any], dimensions: int, dtype: torch.dtype = torch.float64) -> list[Tensor]:
    """Return what a layer is called with: distinct positive numbers, and what else it needs."""
    x = torch.rand(1, 2, *[4] * dimensions, generator=torch.Generator().manual_seed(0)).double()
    x = (x + 0.1).to(dtype)
    if "boxes" in entry.beside:
        return [x, BOXES.to(dtype)]
    if "random_samples" in entry.needs:
        return [x, torch.full((1, 2, dimensions), 0.3, dtype=dtype)]
    return [x, _pooled(dimensions)[1]] if "indices" in entry.beside else [x]


def layer_of(entry: Kind[Any], name: str, dimensions: int, *, learnt: bool = True) -> Any:
    """Return a layer in evaluation mode; what it has ``learnt`` is not what it starts with."""
    made = getattr(pooling, f"{name}{dimensions}d")
    layer = made(**arguments_of(entry, inspect.signature(made).parameters)).eval()
    for parameter in layer.parameters() if learnt else ():
        parameter.data = parameter.data + torch.linspace(0.1, 0.2, parameter.numel()).reshape(
            parameter.shape
        )
    return layer


@pytest.mark.parametrize(("entry", "family", "dimensions"), OPERATORS)
def test_it_has_a_page_and_a_cost(
    entry: Kind[Any], family: str, dimensions: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the command line, which names what it computes, a claim at least, and its operations."""
    operator = f"{family}{dimensions}d"
    assert operator in costmodel.operators()
    assert cli.main(["show", operator]) == 0
    page = capsys.readouterr().out
    assert page.startswith(f"{entry.title}: {operator}\n")
    assert re.search(r"^[a-z0-9-]+: (PROVED|REFUTED|MEASURED|EXHAUSTED)", page, re.MULTILINE)
    (line,) = [line.split()[3:] for line in page.splitlines() if f" cost {operator}" in line]
    assert cli.main(line) == 0
    assert "operations" in capsys.readouterr().out


@pytest.mark.parametrize(("entry", "family", "dimensions"), OPERATORS)
def test_its_cost_is_what_its_definition_does(
    entry: Kind[Any], family: str, dimensions: int
) -> None:
    """Counted by numbers that note what is done to them, by kind of operation."""
    arguments = arguments_of(entry, entry.parameters(dimensions))
    shape = (1, 2, *[4] * dimensions)
    if "regions" in entry.parameters(dimensions):
        arguments["regions"] = [tuple(box[1:]) for box in BOXES.tolist()]
    cost = costmodel.cost(f"{family}{dimensions}d", shape, **arguments)
    beside = {name: BESIDE[name](dimensions) for name in entry.needs}

    def define(x: Any) -> Any:
        if "scores" in beside:  # numbers that are counted as well
            beside["scores"] = x
        if "weights" in beside:
            beside["weights"] = beside["weights"].astype(object)
        return entry.define(abs(x), entry.read(dimensions, shape, **arguments), **beside)

    noted = counted(define, shape)
    assert noted == +Counter({name: getattr(cost, name) for name in noted})
    assert cost.flops == sum(noted.values())
    assert cost.outputs == numpy.prod(cost.output_shape)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entry", "name", "dimensions"),
    [layer for layer in LAYERS if layer.values[2] == min(layer.values[0].dimensions)],
)
def test_a_layer_is_judged(entry: Kind[Any], name: str, dimensions: int) -> None:
    """Proved to be its definition, given what that needs besides the input; twice it is not."""
    layer = layer_of(entry, name, dimensions, learnt=False)
    _, *beside = inputs(entry, dimensions, torch.float32)
    fixed = entry.fixed.get(name)
    taken = arguments_of(entry, entry.parameters(dimensions), fixed)
    if "query" in entry.parameters(dimensions):  # of the whole image
        taken["kernel_size"] = None
    if entry.needs:
        learnt = numpy.zeros((2 if "weights" in entry.needs else 4,) * dimensions)
        taken[entry.needs[0]] = beside[0].tolist() if beside else learnt.tolist()
    words = ", ".join(f"{argument}={value!r}" for argument, value in taken.items())
    reference = f"{entry.family}{dimensions}d({words})"

    def judged(module: Any, given: str | None = None) -> Any:
        shape = (1, 2, *[4] * dimensions)
        found = equivalent(module, reference, shape, given=given, why=False, timeout=10)
        if given is None and "must not be negative" in found.reason:
            return judged(module, "x >= 0")
        return found

    found = judged(lambda x: layer(x, *beside))
    if name in OPEN and found.verdict not in PROVED:
        assert found.verdict is OPEN[name], found.reason
        assert "inputs agree" in found.reason
    else:
        assert found.verdict in PROVED, found.reason
    assert judged(lambda x: 2 * layer(x, *beside)).verdict is Verdict.REFUTED


@pytest.mark.parametrize(("entry", "name", "dimensions"), LAYERS)
def test_a_layer_is_trained(entry: Kind[Any], name: str, dimensions: int) -> None:
    """Autograd agrees with differences, in the input and in what is learnt."""
    layer = layer_of(entry, name, dimensions).double()
    x, *beside = inputs(entry, dimensions)
    learnt = dict(layer.named_parameters())

    def pool(x: Tensor, *values: Tensor) -> Any:
        named = dict(zip(learnt, values, strict=True))
        return torch.func.functional_call(layer, named, (x, *beside))

    leaves = [value.detach().clone().requires_grad_() for value in (x, *learnt.values())]
    assert torch.autograd.gradcheck(pool, leaves, fast_mode=True)


def today(entry: Kind[Any]) -> tuple[int, ...]:
    """Return one of a kind's dimensions, another every day; all with ``POOLPROOF_OUTSIDE=all``."""
    if os.environ.get("POOLPROOF_OUTSIDE") == "all":
        return (*entry.dimensions,)
    return (random.Random(f"{date.today()} {entry.family}").choice([*entry.dimensions]),)


def trained(layer: Any, x: Tensor, *beside: Tensor) -> tuple[Tensor, Tensor]:
    """Return what a layer makes of an input, and the gradient of it."""
    x = x.clone().requires_grad_()
    made = layer(x, *beside)
    (gradient,) = torch.autograd.grad(made.square().sum(), x)
    return made.detach(), gradient


@pytest.mark.slow
@pytest.mark.parametrize(("entry", "name"), EACH)
def test_a_layer_is_compiled(entry: Kind[Any], name: str) -> None:
    """In one piece, by the front end of the compiler, with its way back."""
    for dimensions in today(entry):
        layer = layer_of(entry, name, dimensions)
        given = inputs(entry, dimensions, torch.float32)
        torch.compiler.reset()
        compiled: Any = torch.compile(layer, fullgraph=True, backend="aot_eager")
        torch.testing.assert_close(trained(compiled, *given), trained(layer, *given))


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of the compiler itself
def test_layers_are_compiled_to_machine_code() -> None:
    """Some, others every day, with their way back; all with ``POOLPROOF_OUTSIDE=all``."""
    from torch._inductor import cpp_builder
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        cpp_builder.get_cpp_compiler()
    except InvalidCxxCompiler as error:
        pytest.skip(f"no C++ compiler: {error}")
    layers = [(entry, name) for entry in kinds() for name in entry.layers]
    if os.environ.get("POOLPROOF_OUTSIDE") != "all":
        layers = random.Random(f"{date.today()} compiled").sample(layers, 3)
        # A level of it has a single bin, of which torch's compiler cannot stretch the gradient.
        layers.append((kind("psp_pool"), "PSPPool"))
    for entry, name in layers:
        layer = layer_of(entry, name, min(entry.dimensions))
        given = inputs(entry, min(entry.dimensions), torch.float32)
        torch.compiler.reset()
        compiled: Any = torch.compile(layer, fullgraph=True)
        torch.testing.assert_close(trained(compiled, *given), trained(layer, *given))


def padded_apart(model: Any) -> Any:
    """Return a program whose max-poolings are padded by −inf in front of them.

    The evaluator of onnx 1.23 fails where they pad by themselves over one axis, or over three.
    """
    nodes = list(model.graph.node)
    del model.graph.node[:]
    for node in nodes:
        pads = [a for a in node.attribute if a.name == "pads" and node.op_type == "MaxPool"]
        if pads and any(pads[0].ints):
            edges, half = list(pads[0].ints), len(pads[0].ints) // 2
            name = f"{node.output[0]}_padded"
            sides = numpy.array([0, 0, *edges[:half], 0, 0, *edges[half:]])
            for of, value in ("sides", sides), ("value", numpy.float32(-numpy.inf)):
                made = onnx.numpy_helper.from_array(numpy.asarray(value), f"{name}_{of}")
                model.graph.initializer.append(made)
            given = [node.input[0], f"{name}_sides", f"{name}_value"]
            model.graph.node.append(onnx.helper.make_node("Pad", given, [name]))
            node.input[0] = name
            pads[0].ints[:] = [0] * len(edges)
        model.graph.node.append(node)
    onnx.checker.check_model(model)
    return model


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize(("entry", "name"), EACH)
def test_a_layer_is_exported(entry: Kind[Any], name: str) -> None:
    """As a program of ONNX, which its evaluator and onnxruntime compute as the layer does."""
    for dimensions in today(entry):
        exported(entry, name, dimensions)


def exported(entry: Kind[Any], name: str, dimensions: int) -> None:
    """Hold what the evaluator computes against the layer, at an input and at another one."""
    layer = layer_of(entry, name, dimensions)
    given = inputs(entry, dimensions, torch.float32)
    with torch.no_grad():
        wanted = layer(*given).numpy()
        program: Any = torch.onnx.export(layer, tuple(given), dynamo=True, verbose=False)
    model = program.model_proto
    onnx.checker.check_model(model)
    model = padded_apart(model)
    fed: Any = {of.name: x.numpy() for of, x in zip(model.graph.input, given, strict=True)}
    computed: Any
    (computed,) = ReferenceEvaluator(model).run(None, fed)
    assert computed.shape == wanted.shape
    numpy.testing.assert_allclose(computed, wanted, rtol=1e-5, atol=1e-6)
    fed[model.graph.input[0].name] = given[0].numpy() + 0.25
    moved: Any
    (moved,) = ReferenceEvaluator(model).run(None, fed)
    assert not numpy.allclose(moved, wanted, atol=1e-3)
    runtime = pytest.importorskip("onnxruntime")
    session = runtime.InferenceSession(
        program.model_proto.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    (run,) = session.run(None, fed)
    numpy.testing.assert_allclose(run, moved, rtol=1e-5, atol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(("entry", "name"), BESIDE_AN_INPUT)
def test_a_program_takes_any_batch(entry: Kind[Any], name: str) -> None:
    """And any number of regions, of indices and of random numbers beside it."""
    for dimensions in today(entry):
        layer = layer_of(entry, name, dimensions)
        x, beside = inputs(entry, dimensions, torch.float32)
        batch, others = torch.export.Dim("batch", min=1), torch.export.Dim("others", min=1)
        alike = "boxes" not in entry.needs
        given = [torch.cat([x, x]), torch.cat([beside, beside])]
        given = given if alike else [torch.cat([x] * 3), given[1]]
        program = torch.export.export(
            layer, tuple(given), dynamic_shapes=({0: batch}, {0: batch if alike else others})
        )
        more = [torch.cat([one, one + 0.25] if one is given[0] else [one, one]) for one in given]
        torch.testing.assert_close(program.module()(*more), layer(*more))


def test_what_is_open_to_the_judge_is_there() -> None:
    """No layer is excused that is none, and all that a definition may need is known here."""
    assert {*OPEN} <= {name for entry in kinds() for name in entry.layers}
    assert {*BESIDE} == {name for entry in kinds() for name in entry.needs}
