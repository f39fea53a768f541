from __future__ import annotations

from typing import Any

import pytest

import costmodel
from costmodel import Cost, Windows
from pooling.kind import kinds

FORWARD = [
    *[f"adaptive_avg_pool{d}d" for d in (1, 2, 3)],
    *[f"adaptive_max_pool{d}d" for d in (1, 2, 3)],
    *[f"avg_pool{d}d" for d in (1, 2, 3)],
    *[f"fractional_max_pool{d}d" for d in (2, 3)],
    *[f"lp_pool{d}d" for d in (1, 2, 3)],
    *[f"max_pool{d}d" for d in (1, 2, 3)],
    *[f"min_pool{d}d" for d in (1, 2, 3)],
]
BACKWARD = [f"{operator}_backward" for operator in FORWARD]
GENERALIZED = [
    f"{name}_pool{d}d"
    for name in ("softmax", "logsumexp", "stochastic", "mixed")
    for d in (1, 2, 3)
]
OPERATORS = ", ".join(costmodel.operators())
KEYWORDS = "padding_convention, counting, algorithm"
MAX_ARGUMENTS = f"kernel_size, stride, padding, dilation, ceil_mode, return_indices, {KEYWORDS}"
REFUSED: list[tuple[tuple[Any, ...], dict[str, Any], type[Exception], str]] = [
    (
        ("max_pol2d", (1, 4, 4), 2),
        {},
        ValueError,
        f"unknown operator 'max_pol2d'; did you mean 'max_pool2d'? Operators: {OPERATORS}",
    ),
    (("xyz", (1, 4, 4), 2), {}, ValueError, f"unknown operator 'xyz'; Operators: {OPERATORS}"),
    (
        (7, (1, 4, 4), 2),
        {},
        TypeError,
        "operator must be a name such as 'max_pool2d' or a pooling layer, got 7 of type int",
    ),
    (
        ([], (1, 4, 4), 2),
        {},
        TypeError,
        "operator must be a name such as 'max_pool2d' or a pooling layer, got [] of type list",
    ),
    (
        ("max_pool2d", (1, 4, 4)),
        {"kernelsize": 2},
        TypeError,
        "max_pool2d has no argument 'kernelsize'; did you mean 'kernel_size'? "
        f"Arguments: {MAX_ARGUMENTS}",
    ),
    (
        ("avg_pool1d", (1, 4), 2),
        {"divisor_override": 3},
        TypeError,
        "avg_pool1d has no argument 'divisor_override'; "
        f"Arguments: kernel_size, stride, padding, ceil_mode, count_include_pad, "
        f"dilation, {KEYWORDS}",
    ),
    (
        ("max_pool2d", (1, 4, 4)),
        {},
        TypeError,
        f"max_pool2d needs its argument 'kernel_size'; Arguments: {MAX_ARGUMENTS}",
    ),
    (
        ("max_pool2d", (1, 4, 4), 2),
        {"kernel_size": 2},
        TypeError,
        "max_pool2d got its argument 'kernel_size' twice",
    ),
    (
        ("max_pool2d", (1, 4, 4), 2, 2, 0, 1, False, False, 9),
        {},
        TypeError,
        "max_pool2d takes at most 6 arguments by position after the shape, got 7; "
        f"Arguments: {MAX_ARGUMENTS}",
    ),
    (
        ("max_pool2d", (1, 4, 4), 2.0),
        {},
        TypeError,
        "kernel_size must be an integer, got 2.0 of type float",
    ),
    (
        ("max_pool2d", (1, 4, 4), 3),
        {"padding": 2},
        ValueError,
        "padding must be at most 1, half of kernel_size 3, got 2"
        " (padding_convention='onnx' allows more)",
    ),
]


@pytest.mark.parametrize(("args", "kwargs", "error", "message"), REFUSED)
@pytest.mark.parametrize("ask", [costmodel.cost, costmodel.flops])
def test_refusals(
    ask: Any, args: tuple[Any, ...], kwargs: dict[str, Any], error: type[Exception], message: str
) -> None:
    """A call that cannot be answered says what is wrong and what there is."""
    with pytest.raises(error) as caught:
        ask(*args, **kwargs)
    assert str(caught.value) == message


def test_a_second_registration_is_refused() -> None:
    """An operator has one formula; a new one cannot take its place unnoticed."""

    def another(dimensions: int, shape: tuple[int, ...]) -> Cost:
        return Cost(Windows(outputs=0, taps=0, output_shape=shape))

    with pytest.raises(ValueError) as caught:
        costmodel.register({"min_pool3d": 3})(another)
    assert str(caught.value) == "min_pool3d has a formula already: costmodel.kinds.max_pool.forward"


def test_operators_are_listed() -> None:
    """Everything that has a cost, by torch's functional names, and the backward passes."""
    listed = costmodel.operators()
    assert list(listed) == sorted(set(listed))
    assert {*FORWARD, *BACKWARD, *GENERALIZED} <= {*listed}
    forward = {operator for kind in kinds() for operator in kind.operators}
    assert {operator.removesuffix("_backward") for operator in listed} == forward


def test_the_name_of_a_layer_stands_for_its_operator() -> None:
    """Torch's layers and this project's; what a layer fixes is fixed."""
    shape = (1, 2, 6, 6)
    by_function = costmodel.flops("max_pool2d", shape, 2, padding=1)
    assert costmodel.flops("MaxPool2d", shape, 2, padding=1) == by_function
    assert costmodel.flops("PowerAveragePool2d", shape, 2, 2) == costmodel.flops(
        "lp_pool2d", shape, 2, 2
    )
    assert costmodel.flops("GlobalAvgPool2d", shape) == 2 * 36
    with pytest.raises(TypeError, match="takes no further arguments"):
        costmodel.flops("GlobalAvgPool2d", shape, 3)
    with pytest.raises(ValueError, match="unknown operator 'FractionalMaxPool1d'"):
        costmodel.flops("FractionalMaxPool1d", (1, 9), 2)


@pytest.mark.parametrize("relative", ["sum_pool2d", "mode_pool2d", "softmin_pool2d", "SumPool2d"])
def test_a_relative_is_no_hint(relative: str) -> None:
    """What is no misspelling of a known name is answered by the list, not by another pooling."""
    with pytest.raises(ValueError) as caught:
        costmodel.flops(relative, (1, 8, 8), 2)
    assert str(caught.value) == f"unknown operator {relative!r}; Operators: {OPERATORS}"


def test_positional_arguments_come_in_torchs_order() -> None:
    """Arguments may be written as a call of torch's function is."""
    by_name = costmodel.cost(
        "avg_pool2d", (1, 2, 9, 9), kernel_size=3, stride=2, padding=1, ceil_mode=True
    )
    assert costmodel.cost("avg_pool2d", (1, 2, 9, 9), 3, 2, 1, True, False, 5) == by_name
