"""The figures behind the page and the pictures: each equals what the cost model says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import costmodel
from costmodel.registry import parameters
from verify.display.cost.layer import LayerCost

STEM = LayerCost("max_pool2d", (1, 64, 112, 112), {"kernel_size": 3, "stride": 2, "padding": 1})


def test_signature_is_what_cost_takes(subtests: pytest.Subtests) -> None:
    """An argument more is refused, and the refusal lists exactly these."""
    for operator in costmodel.operators():
        with subtests.test(operator), pytest.raises(TypeError) as refusal:
            costmodel.cost(operator, (1, 9), no_such_argument=1)
        assert str(refusal.value).endswith(f"Arguments: {', '.join(parameters(operator))}")


LAYERS: list[tuple[str, tuple[int, ...], dict[str, Any]]] = [
    ("max_pool1d", (5, 30), {"kernel_size": 3, "stride": 2, "padding": 1}),
    ("max_pool2d", (1, 3, 20, 37), {"kernel_size": (3, 2), "padding": ((1, 0), (0, 1))}),
    ("max_pool2d", (8, 8, 20, 37), {"kernel_size": 3, "stride": 2, "algorithm": "separable"}),
    ("max_pool2d", (8, 8, 20, 37), {"kernel_size": 3, "stride": 2, "counting": "popular_real"}),
    ("max_pool2d", (8, 8, 20, 37), {"kernel_size": 2, "padding_convention": "same"}),
    ("avg_pool2d", (8, 8, 20, 37), {"kernel_size": 3, "stride": 2, "algorithm": "summed_area"}),
    ("avg_pool3d", (8, 8, 20, 37, 9), {"kernel_size": 3, "stride": 2, "padding": 1}),
    ("lp_pool2d", (8, 8, 20, 37), {"kernel_size": 3, "norm_type": 2}),
    ("adaptive_avg_pool2d", (8, 8, 20, 37), {"output_size": (8, None)}),
    ("fractional_max_pool2d", (8, 8, 20, 37), {"kernel_size": 2, "output_ratio": (0.5, 0.7)}),
    ("avg_pool2d_backward", (8, 8, 20, 37), {"kernel_size": 3, "stride": 2, "padding": 1}),
]


@pytest.mark.parametrize(("operator", "shape", "arguments"), LAYERS)
def test_the_formula_is_the_count(
    operator: str, shape: tuple[int, ...], arguments: dict[str, Any]
) -> None:
    """At the sizes of the layer its value is the count; at others it is theirs."""
    formula = LayerCost(operator, shape, arguments).formula()
    assert formula.spatial
    names = ("N", "C", *{1: "L", 2: "HW", 3: "DHW"}[int(operator.split("pool")[1][0])])
    names = names[-len(shape) :]
    assert list(formula.sizes) == [n for n, size in zip(names, shape, strict=True) if size > 3]
    for larger in (0, 1, 2, 3):
        other = tuple(size + larger if size > 3 else size for size in shape)
        symbols = {s: formula.sizes[s.name] + larger for s in formula.expression.free_symbols}
        value = formula.expression.subs(symbols)
        assert value == costmodel.flops(operator, other, **arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        {"ceil_mode": True},
        {"dilation": 2},
        {"dilation": (1, 2)},
        {"algorithm": "van_herk"},
        {"padding_convention": "full"},
    ],
)
def test_long_formulas_keep_the_spatial_sizes(arguments: dict[str, Any]) -> None:
    """Then batch and channels alone are symbols, and the formula is short and still right."""
    layer = LayerCost("max_pool2d", (8, 64, 20, 37), {"kernel_size": 5, "stride": 3, **arguments})
    formula = layer.formula()
    assert not formula.spatial
    assert formula.text == f"{layer.cost.flops // (8 * 64)}·C·N"


def test_countings_and_algorithms() -> None:
    """By every convention and every algorithm that the operator has, and no other."""
    named = ("exact", "window", "mac", "popular_floor", "popular_real")
    assert STEM.countings() == {
        name: costmodel.flops(STEM.operator, STEM.shape, **STEM.arguments, counting=name)
        for name in named
    }
    assert list(STEM.algorithms()) == ["direct", "separable", "van_herk", "relu_fold", "relu_tree"]
    mean = LayerCost("avg_pool2d", STEM.shape, {"kernel_size": 3, "counting": "window"})
    assert list(mean.algorithms()) == ["direct", "separable", "summed_area", "convolution"]
    assert mean.algorithms()["separable"] == costmodel.flops(
        "avg_pool2d", STEM.shape, 3, algorithm="separable"
    )
    adaptive = LayerCost("adaptive_avg_pool1d", (1, 9), {"output_size": 2})
    assert adaptive.countings() == adaptive.algorithms() == {}


@settings(max_examples=30, deadline=None)
@given(
    size=st.integers(4, 30),
    kernel_size=st.integers(1, 6),
    stride=st.none() | st.integers(1, 7),
    padding=st.integers(0, 3),
)
def test_a_sweep_is_one_call_for_each_value(
    size: int, kernel_size: int, stride: int | None, padding: int
) -> None:
    """Every value that torch takes is there with its count, and no other."""
    assume(padding <= kernel_size // 2 and kernel_size <= size)
    arguments = {"kernel_size": kernel_size, "stride": stride, "padding": padding}
    layer = LayerCost("max_pool1d", (2, size), arguments)
    fixed = {**arguments, "stride": stride or kernel_size}
    for sweep in layer.sweeps():
        assert sweep.here == fixed[sweep.argument]
        found = dict(zip(sweep.values, sweep.counts["exact"], strict=True))
        expected = {}
        for value in range(sweep.values[-1] + 2):
            try:
                expected[value] = costmodel.flops(
                    "max_pool1d", (2, size), **{**fixed, sweep.argument: value}
                )
            except ValueError:
                continue
        expected = {value: count for value, count in expected.items() if value in found} | {
            value: count for value, count in expected.items() if value < sweep.values[-1]
        }
        assert found == expected


def test_a_large_argument_is_tried_at_some_values() -> None:
    """A global window of 1000 elements: a hundred values or so, this one among them."""
    layer = LayerCost("avg_pool1d", (1, 5000), {"kernel_size": 1001, "stride": 1})
    for sweep in layer.sweeps():
        assert len(sweep.values) <= 101
        assert sweep.here in sweep.values


def test_windows_drawn_at_random_have_no_traffic() -> None:
    """Then bytes, intensity and rooflines are missing, and asking for a device is refused."""
    layer = LayerCost("fractional_max_pool2d", (1, 9, 9), {"kernel_size": 2, "output_size": 3})
    assert layer.bytes_moved is layer.intensity is None
    assert layer.rooflines() == []
    with pytest.raises(ValueError, match="drawn at random"):
        layer.rooflines(["H100 SXM"])


def test_devices_without_a_peak_for_the_dtype_are_left_out() -> None:
    """Unless they are asked for."""
    layer = LayerCost("max_pool1d", (1, 9), {"kernel_size": 3}, dtype="bfloat16")
    names = [row.device for row in layer.rooflines()]
    assert names == [d.name for d in costmodel.devices() if "bfloat16" in d.peak_flops]
    with pytest.raises(ValueError, match="no peak for dtype 'bfloat16'"):
        layer.rooflines(["V100 SXM2"])


def test_the_data_is_complete() -> None:
    """Everything that the page shows, as JSON can write it."""
    data = STEM.to_dict(["H100 SXM"])
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["flops"] == data["countings"]["exact"] == data["algorithms"]["direct"] == 1584192
    assert data["operations"]["comparisons"] == 1584192
    assert (data["taps"], data["outputs"]) == (1784896, 200704)
    assert (data["bytes_moved"], data["inputs_read"], data["indices"]) == (4014080, 802816, 0)
    assert data["intensity"] == pytest.approx(1584192 / 4014080)
    assert data["formula"]["sizes"] == {"C": 64, "H": 112, "W": 112}
    assert [row["device"] for row in data["rooflines"]] == ["H100 SXM"]
    halves = LayerCost("max_pool1d", (1, 6), {"kernel_size": 3, "stride": 2}).to_dict()
    assert halves["countings"]["popular_real"] == 7.5
