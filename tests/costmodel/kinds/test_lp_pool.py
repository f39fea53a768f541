from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import sympy
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils._python_dispatch import TorchDispatchMode

import costmodel
from verify.strategies import windows

KINDS = ("comparisons", "additions", "multiplications", "divisions", "powers")


def test_known_cost() -> None:
    """A power per element and a root per output around the average pooling."""
    cost = costmodel.cost("lp_pool2d", (1, 64, 112, 112), norm_type=2, kernel_size=2)
    outputs = 64 * 56 * 56
    windows = costmodel.Windows(outputs, 4 * outputs, (1, 64, 56, 56), touched=4 * outputs)
    expected = costmodel.Cost(
        windows,
        additions=3 * outputs,
        multiplications=outputs,
        divisions=outputs,
        powers=5 * outputs,
    )
    assert cost.to_dict() == expected.to_dict()
    assert cost.flops == 10 * outputs


@given(st.integers(1, 3), st.sampled_from([1, 2, 3.5, -1, float("inf"), float("-inf")]), st.data())
def test_equals_the_counted_operations(
    count_operations: Callable[..., Counter[str]],
    dimensions: int,
    norm_type: float,
    data: st.DataObject,
) -> None:
    """Every kind of operation is counted as often as the definition performs it."""
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3))
    size = tuple(map(max, arguments.pop("size"), arguments["kernel_size"]))
    del arguments["padding"]
    counted = count_operations("lp_pool", (2, *size), norm_type=norm_type, **arguments)
    if dimensions == 1:
        arguments["kernel_size"] = arguments["kernel_size"][0]
    cost = costmodel.cost(f"lp_pool{dimensions}d", (2, *size), norm_type, **arguments)
    assert counted == +Counter({kind: getattr(cost, kind) for kind in KINDS})


def test_arrays_and_symbols() -> None:
    """The same formula takes a batch of sizes, or a symbol for the size."""
    sizes = numpy.arange(5, 20, dtype=numpy.int8)
    n = sympy.Symbol("n", integer=True, positive=True)
    ints = [costmodel.flops("lp_pool2d", (3, int(size), 80), 2, 3, 2) for size in sizes]
    assert costmodel.flops("lp_pool2d", (3, sizes, 80), 2, 3, 2).tolist() == ints
    formula = costmodel.flops("lp_pool2d", (3, n, 80), 2, 3, 2)
    assert [formula.subs(n, int(size)) for size in sizes] == ints


@pytest.mark.parametrize(
    ("operator", "norm_type", "kernel_size", "error", "message"),
    [
        ("lp_pool2d", 0, 2, ValueError, "norm_type must not be 0, got 0"),
        ("lp_pool2d", "2", 2, TypeError, "norm_type must be a number, got '2' of type str"),
        ("lp_pool2d", True, 2, TypeError, "norm_type must be a number, got True of type bool"),
        ("lp_pool2d", 2, (2,), ValueError, "kernel_size must have 2 entries, got 1: (2,)"),
        ("lp_pool1d", 2, (2,), TypeError, "kernel_size must be an integer for one axis, got (2,)"),
    ],
)
def test_refusals_of_its_own(
    operator: str, norm_type: Any, kernel_size: Any, error: type[Exception], message: str
) -> None:
    """What only LP pooling refuses."""
    shape = (1, *[4] * int(operator[-2]))
    with pytest.raises(error) as caught:
        costmodel.flops(operator, shape, norm_type, kernel_size)
    assert str(caught.value) == message


def lp_gradient(
    x: Any, sums: Any, gradient: Any, start: Any, norm_type: float, arguments: dict[str, Any]
) -> Any:
    """Return the gradient of the input by the chain rule: root, product, mean, power.

    ``sums`` are those of the forward pass, whose roots are its output, and ``start`` is zero for
    every element of the input. The first axis is not pooled.
    """
    kernel_size, stride = arguments["kernel_size"], arguments["stride"]
    of_root = gradient * (sums ** (1 / norm_type - 1) * (1 / norm_type))
    of_mean = of_root * math.prod(kernel_size)
    added = start.copy()
    for output in numpy.ndindex(gradient.shape):
        channel, *window = output
        taps = (
            channel,
            *[slice(i * s, i * s + k) for i, s, k in zip(window, stride, kernel_size, strict=True)],
        )
        added[taps] = added[taps] + of_mean[output] / x[taps].size
    return added * (x ** (norm_type - 1) * norm_type)


def draw_lp(dimensions: int, data: st.DataObject) -> tuple[tuple[int, ...], dict[str, Any]]:
    """Return the shape of two channels, and arguments that fit it."""
    arguments = data.draw(windows(dimensions, max_size=6, max_kernel_size=3))
    size = tuple(map(max, arguments.pop("size"), arguments["kernel_size"]))
    del arguments["padding"]
    return (2, *size), arguments


def in_torch(dimensions: int, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the arguments as torch takes them: a kernel_size without a tuple for one axis."""
    kernel_size = arguments["kernel_size"]
    return arguments | {"kernel_size": kernel_size[0] if dimensions == 1 else kernel_size}


@settings(max_examples=40)
@given(st.integers(1, 3), st.sampled_from([1, 2, 3.5, -1]), st.data())
def test_backward_is_the_chain_rule(
    count_operations: Callable[..., Counter[str]],
    dimensions: int,
    norm_type: float,
    data: st.DataObject,
) -> None:
    """The literal gradient is torch's, and what it does is what is counted."""
    shape, arguments = draw_lp(dimensions, data)
    generator = numpy.random.default_rng(data.draw(st.integers(0, 99)))
    x = torch.tensor(generator.uniform(0.5, 2, shape), requires_grad=True)
    pool = getattr(torch.nn.functional, f"lp_pool{dimensions}d")
    y = pool(x, norm_type, **in_torch(dimensions, arguments))
    gradient = generator.standard_normal(y.shape)
    y.backward(torch.from_numpy(gradient))
    sums = (y**norm_type).detach().numpy()
    values = x.detach().numpy()
    ours = lp_gradient(values, sums, gradient, numpy.zeros(shape), norm_type, arguments)
    assert x.grad is not None
    numpy.testing.assert_allclose(ours, x.grad.numpy(), rtol=1e-10, atol=1e-12)

    def from_one_row(numbers: Any) -> None:
        n, m = values.size, gradient.size
        x, start, sums, gradients = numpy.split(numbers, [n, 2 * n, 2 * n + m])
        lp_gradient(
            x.reshape(shape),
            sums.reshape(y.shape),
            gradients.reshape(y.shape),
            start.reshape(shape),
            norm_type,
            arguments,
        )

    counted = count_operations(from_one_row, (2 * values.size + 2 * gradient.size,))
    operator = f"lp_pool{dimensions}d_backward"
    cost = costmodel.cost(operator, shape, norm_type, **in_torch(dimensions, arguments))
    assert counted == +Counter({kind: getattr(cost, kind) for kind in KINDS})
    assert (cost.outputs, cost.output_shape) == (values.size, shape)
    assert cost.bytes_moved("float64") == 8 * (2 * values.size + 2 * gradient.size)


class Elements(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Notes how many numbers come out of each operator that torch runs."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.counted: Counter[str] = Counter()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.counted[func.overloadpacket.__name__] += result.numel()
        return result


@pytest.mark.parametrize("norm_type", [1.0, 2.0, 3.5])
@pytest.mark.parametrize("kernel_size", [1, 2, 3])
def test_torch_runs_the_counted_backward(norm_type: float, kernel_size: int) -> None:
    """Autograd of power, mean, product and root runs as many powers and multiplications."""
    x = torch.rand(1, 3, 9, 9, requires_grad=True)
    mean = torch.nn.functional.avg_pool2d(x.pow(norm_type), kernel_size, 2)
    y = mean.mul(kernel_size**2).pow(1 / norm_type)
    gradient = torch.rand_like(y)
    with Elements() as elements:
        torch.autograd.grad(y, x, gradient)
    cost = costmodel.cost("lp_pool2d_backward", (1, 3, 9, 9), norm_type, kernel_size, 2)
    assert elements.counted["avg_pool2d_backward"] == cost.outputs
    assert elements.counted["mul"] == cost.multiplications
    assert elements.counted["pow"] == cost.powers


@pytest.mark.parametrize("norm_type", [float("inf"), float("-inf")])
def test_backward_of_an_infinite_norm(norm_type: float) -> None:
    """The gradient of every output is added to its choice, with a sign, which is free."""
    cost = costmodel.cost("lp_pool2d_backward", (1, 3, 9, 9), norm_type, 3, 2)
    choice = costmodel.cost("max_pool2d_backward", (1, 3, 9, 9), 3, 2)
    assert cost.to_dict() == choice.to_dict() | {"inputs_read": 3 * (16 + 81)}
    assert cost.flops == 3 * 16
