from __future__ import annotations

import subprocess
import sys

import pytest
import torch
from torch import Tensor, nn

import pooling
import pooling.rebuilt

MODULES: dict[str, nn.Module] = {
    "fold": pooling.MaxPool2d(3, 2, 1),
    "tree": pooling.MaxPool2d(3, 2, 1, scheme="tree"),
    "separable": pooling.MaxPool2d(3, 2, 1, scheme="separable"),
    "plain": pooling.MaxPool2d(3, 2, 1, scheme="tree", skips=False),
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
