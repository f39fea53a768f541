from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import costmodel
import pooling
import pooling.rebuilt

MODULES: dict[str, nn.Module] = {
    "fold": pooling.MaxPool2d(3, 2, 1),
    "tree": pooling.MaxPool2d(3, 2, 1, scheme="tree"),
    "separable": pooling.MaxPool2d(3, 2, 1, scheme="separable"),
    "plain": pooling.MaxPool2d(3, 2, 1, scheme="tree", skips=False),
    "shallow": pooling.MaxPool2d(3, 2, 1, scheme="shallow"),
    "without taps": pooling.MinPool2d(2, 1, 1, dilation=9, ceil_mode=True),
    "average": pooling.AvgPool2d(3, 2, 1),
    "scaled": pooling.AvgPool2d(3, 2, 1, ceil_mode=True, count_include_pad=False),
    "adaptive average": pooling.AdaptiveAvgPool2d((4, 3)),
    "adaptive maximum": pooling.AdaptiveMaxPool2d((4, 3)),
}


def images(batch: int, width: int = 8) -> Tensor:
    """Return a batch of images."""
    return torch.randn(batch, 3, 8, width, generator=torch.Generator().manual_seed(batch))


def test_torch_loads_when_asked_for() -> None:
    """Importing the package loads neither torch nor NumPy; the first module does."""
    code = (
        "import sys, pooling\n"
        "assert not {'torch', 'numpy'} & set(sys.modules)\n"
        "pooling.MaxPool2d\n"
        "assert 'torch' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_every_module_is_reached_from_the_package() -> None:
    """All modules, and rebuild, are names of the package; the two tuples of results are not."""
    public = set(pooling.rebuilt.__all__) - {"Change", "Rebuilt"}
    assert public <= set(pooling.__all__)
    assert all(getattr(pooling, name) is getattr(pooling.rebuilt, name) for name in public)


#: The name of a module, its arguments, and the size of an input.
CONFIGURATIONS: list[tuple[str, dict[str, Any], tuple[int, ...]]] = [
    ("MaxPool1d", dict(kernel_size=3, stride=2, padding=1), (17,)),
    ("MaxPool2d", dict(kernel_size=3, stride=2, padding=1), (112, 112)),
    ("MaxPool2d", dict(kernel_size=(3, 2), dilation=(2, 1), padding=(1, 0)), (9, 8)),
    ("MaxPool2d", dict(kernel_size=3, stride=2, ceil_mode=True), (8, 8)),
    ("MaxPool3d", dict(kernel_size=2, stride=1), (5, 4, 3)),
    ("AvgPool1d", dict(kernel_size=3, padding=1, count_include_pad=False), (17,)),
    ("AvgPool2d", dict(kernel_size=2), (9, 8)),
    ("AvgPool2d", dict(kernel_size=3, stride=2, padding=1, divisor_override=5), (8, 8)),
    ("AvgPool3d", dict(kernel_size=2, stride=1, ceil_mode=True), (5, 4, 3)),
    ("AdaptiveAvgPool1d", dict(output_size=3), (8,)),
    ("AdaptiveAvgPool2d", dict(output_size=(3, None)), (8, 7)),
    ("AdaptiveAvgPool3d", dict(output_size=2), (5, 4, 3)),
    ("AdaptiveMaxPool1d", dict(output_size=3), (8,)),
    ("AdaptiveMaxPool2d", dict(output_size=(None, 2)), (8, 7)),
    ("AdaptiveMaxPool3d", dict(output_size=2), (5, 4, 3)),
]


@pytest.mark.parametrize(("name", "arguments", "size"), CONFIGURATIONS)
def test_costs_what_torchs_layer_costs(
    name: str, arguments: dict[str, Any], size: tuple[int, ...]
) -> None:
    """As the operator that it says it equals, by kind of operation; a minimum as a maximum."""
    ours, theirs = getattr(pooling, name)(**arguments), getattr(nn, name)(**arguments)
    shape = (2, 3, *size)
    assert costmodel.cost(ours, shape) == costmodel.cost(theirs, shape)
    operator, named = ours.as_operator()
    assert costmodel.flops(operator, shape, **named) == costmodel.flops(ours, shape) > 0
    native = getattr(torch.nn.functional, operator)
    x = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    assert torch.allclose(ours(x), native(x, **named), atol=1e-6)
    if name.startswith("MaxPool"):
        least = getattr(pooling, name.replace("Max", "Min"))(**arguments, scheme="tree")
        assert least.as_operator() == (operator.replace("max", "min"), named)
        assert costmodel.flops(least, shape) == costmodel.flops(ours, shape)


def test_costs_with_each_edge_padded_by_itself() -> None:
    """Which no layer of torch does."""
    padding = ((1, 0), (0, 1))
    for name, operator in (("MaxPool2d", "max_pool2d"), ("AvgPool2d", "avg_pool2d")):
        module = getattr(pooling, name)(3, 2, padding)
        wanted = costmodel.cost(operator, (3, 8, 8), 3, 2, padding)
        assert costmodel.cost(module, (3, 8, 8)) == wanted


def test_no_operator_of_torch_is_named_for_what_it_lacks() -> None:
    """Over one axis torch has no ``divisor_override``; a subclass may do anything."""
    assert pooling.AvgPool1d(2, divisor_override=3).as_operator() is None

    class Doubled(pooling.AvgPool2d):
        def forward(self, x: Tensor) -> Tensor:
            """Return twice the mean."""
            return 2 * super().forward(x)

    with pytest.raises(TypeError, match="layer of type Doubled has a forward of its own"):
        costmodel.flops(Doubled(2), (1, 4, 4))


@pytest.mark.parametrize("name", MODULES)
def test_autocast_changes_nothing(name: str) -> None:
    """Neither values nor dtypes, as with torch's layers; the model around it may go on."""
    x = images(2)
    for dtype in (torch.float32, torch.float64, torch.bfloat16):
        expected = MODULES[name](x.to(dtype))
        with torch.autocast("cpu"):
            pooled = MODULES[name](x.to(dtype))
            assert (x @ x.mT).dtype == torch.bfloat16
        assert pooled.dtype == expected.dtype == dtype
        assert torch.equal(pooled, expected)


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.slow
def test_export_under_autocast(name: str) -> None:
    """The exported program keeps the dtype too."""
    with torch.autocast("cpu"):
        program = torch.export.export(MODULES[name], (images(2),))
        pooled = program.module()(images(2))
    assert torch.equal(pooled, MODULES[name](images(2)))


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.slow
def test_export(name: str) -> None:
    """The exported program gives the same outputs, for any batch."""
    module = MODULES[name]
    shapes = ({0: torch.export.Dim("batch", min=1)},)
    program = torch.export.export(module, (images(2),), dynamic_shapes=shapes)
    x = images(5)
    assert torch.equal(program.module()(x), module(x))


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.slow
def test_export_for_other_sizes_is_refused(name: str) -> None:
    """As documented: the exporter says that height and width are fixed, and exports nothing."""
    shapes = ({2: torch.export.Dim("height", min=4), 3: torch.export.Dim("width", min=4)},)
    with pytest.raises(
        torch._dynamo.exc.UserError, match=r"Constraints violated \(height, width\)"
    ):
        torch.export.export(MODULES[name], (images(2),), dynamic_shapes=shapes)


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.slow
def test_trace_without_breaks(name: str) -> None:
    """The compiler's front end takes each module in one piece, and again for another size."""
    module = MODULES[name]
    torch.compiler.reset()
    compiled = torch.compile(module, fullgraph=True, backend="eager")
    for x in (images(2), images(5), images(2, 9)):
        assert torch.equal(compiled(x), module(x))


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of the compiler itself
def test_compile(name: str) -> None:
    """Compiled modules give the same outputs but for rounding."""
    module = MODULES[name]
    from torch._inductor import cpp_builder
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        cpp_builder.get_cpp_compiler()
    except InvalidCxxCompiler as error:
        pytest.skip(f"no C++ compiler: {error}")
    torch.compiler.reset()
    compiled = torch.compile(module, fullgraph=True)
    x = images(2)
    assert torch.allclose(compiled(x), module(x), atol=1e-6)


@pytest.mark.parametrize("name", MODULES)
@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # of the exporter itself
def test_onnx(name: str) -> None:
    """ONNX's own reference evaluation gives the same outputs, without any pooling operator."""
    module = MODULES[name]
    pytest.importorskip("onnx")
    pytest.importorskip("onnxscript")
    from onnx.reference import ReferenceEvaluator

    x = images(2)
    program = torch.onnx.export(module.eval(), (x,), dynamo=True, verbose=False)
    assert program is not None
    proto = program.model_proto
    assert not [node.op_type for node in proto.graph.node if "Pool" in node.op_type]
    evaluator = ReferenceEvaluator(proto)
    (y,) = evaluator.run(None, {evaluator.input_names[0]: x.numpy()})
    assert torch.allclose(torch.from_numpy(y), module(x), atol=1e-5)
