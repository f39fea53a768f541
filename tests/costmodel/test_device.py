from __future__ import annotations

from dataclasses import replace
from math import inf, isnan
from typing import Any

import numpy
import pytest
import sympy
import torch
from torch import nn

import costmodel
from costmodel import Device, device

STEM: tuple[Any, ...] = ("max_pool2d", (1, 64, 112, 112), 3, 2, 1)


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> Device:
    """Register a device of round figures, for one test alone: 10 operations/s, 4 bytes/s."""
    known = dict(device._devices())
    monkeypatch.setattr(device, "_devices", lambda: known)
    made = Device("toy", {"float32": 20.0, "float16": 40.0}, bandwidth=4.0, source="made up")
    costmodel.register_device(made)
    return made


def test_by_hand(toy: Device) -> None:
    """Every figure of a layer that the memory holds back."""
    best = costmodel.roofline("toy", "max_pool2d", (1, 4, 4), kernel_size=2)
    # 4 windows of 4 taps: 12 comparisons; 16 elements in, 4 out, 4 bytes each.
    assert best == costmodel.Roofline(
        device="toy",
        dtype="float32",
        flops=12,
        bytes_moved=80,
        intensity=0.15,
        ridge=2.5,
        attainable_flops=4 * 0.15,
        bound="memory",
        seconds=20.0,
    )


def test_by_hand_where_arithmetic_sets_the_pace(toy: Device) -> None:
    """A window large enough for the ridge."""
    # One window of 64 taps: 63 comparisons, 65 elements.
    best = costmodel.roofline(replace(toy, bandwidth=400.0), "max_pool2d", (1, 8, 8), 8)
    assert (best.flops, best.bytes_moved, best.ridge) == (63, 260, 0.025)
    assert (best.bound, best.attainable_flops, best.seconds) == ("compute", 10.0, 6.3)


def test_at_the_ridge(toy: Device) -> None:
    """Both take equally long, and no roof is lower than the other."""
    even = replace(toy, bandwidth=80 / 1.2)
    best = costmodel.roofline(even, "max_pool2d", (1, 4, 4), 2)
    assert best.seconds == pytest.approx(1.2)
    assert best.attainable_flops == pytest.approx(10)
    assert best.intensity == pytest.approx(best.ridge)


@pytest.mark.parametrize("known", costmodel.devices(), ids=lambda known: known.name)
def test_the_table(known: Device) -> None:
    """Plausible figures with a source: to pool as in the stem of ResNet, memory sets the pace."""
    assert known.source
    assert 5e10 < known.bandwidth < 1e13
    assert "float32" in known.peak_flops
    for dtype, peak in known.peak_flops.items():
        assert 5e11 < peak < 2e14
        best = costmodel.roofline(known.name, *STEM, dtype=dtype)
        assert best.bound == "memory"
        assert best.ridge == peak / 2 / known.bandwidth == known.ridge(dtype)
        assert best.seconds == best.bytes_moved / known.bandwidth
        assert best.attainable_flops == pytest.approx(best.flops / best.seconds)
        assert best.attainable_flops < peak / 2


def test_half_of_the_peak_is_one_operation_for_each_lane_and_cycle() -> None:
    """The vendor's figure is two for each: lanes and clock rates lead to it again."""
    lanes_and_clocks = {
        "V100 SXM2": (80 * 64, 1.53e9),
        "A100 SXM 80GB": (108 * 64, 1.41e9),
        "H100 SXM": (132 * 128, 1.98e9),
        "H200 SXM": (132 * 128, 1.98e9),
        "RTX 4090": (128 * 128, 2.52e9),
        "Jetson AGX Orin 64GB": (16 * 128, 1.3e9),
        "MI300X": (304 * 128, 2.1e9),
        "A64FX": (48 * 2 * 16, 1.8e9),
    }
    assert list(lanes_and_clocks) == [known.name for known in costmodel.devices()]
    for known in costmodel.devices():
        lanes, clock = lanes_and_clocks[known.name]
        assert known.operations_per_second() == pytest.approx(lanes * clock, rel=0.025)


def test_dtypes(toy: Device) -> None:
    """Half the bytes: twice the intensity, and half the time where memory sets the pace."""
    single = costmodel.roofline("toy", *STEM)
    for dtype in ("float16", torch.float16, numpy.dtype("float16"), numpy.float16):
        half = costmodel.roofline("toy", *STEM, dtype=dtype)
        assert half.dtype == "float16"
        assert half.flops == single.flops
        assert half.intensity == 2 * single.intensity
        assert half.intensity == costmodel.intensity(*STEM, dtype=dtype)
        assert half.ridge == 2 * single.ridge
        assert half.seconds == single.seconds / 2


def test_intensity_is_operations_for_each_byte() -> None:
    """For layers too."""
    assert costmodel.intensity(*STEM) == 1584192 / 4014080
    assert costmodel.intensity(nn.MaxPool2d(3, 2, 1), (1, 64, 112, 112)) == 1584192 / 4014080
    assert costmodel.intensity("avg_pool1d", (1, 8), 2, dtype="float64") == 8 / (12 * 8)


@pytest.mark.parametrize("kernel_size", [2, 3, 5, 9])
def test_intensity_of_large_images(kernel_size: int) -> None:
    """With stride 1 it tends to (k² − 1)/2 for each element, read once and written once."""
    limit = (kernel_size**2 - 1) / 2
    sizes = [10**2, 10**4, 10**8]
    ratios = [
        costmodel.intensity("max_pool2d", (1, size, size), kernel_size, 1) * 4 for size in sizes
    ]
    assert ratios == sorted(ratios)
    assert ratios[-1] < limit
    assert ratios[-1] == pytest.approx(limit, rel=1e-6)


def test_batch_and_channels_do_not_change_it() -> None:
    """Operations and bytes grow alike."""
    one = costmodel.intensity("avg_pool2d", (1, 1, 17, 17), 3, 2, 1)
    assert costmodel.intensity("avg_pool2d", (32, 64, 17, 17), 3, 2, 1) == one


def test_arrays(toy: Device) -> None:
    """Every field has an entry for each configuration, and it is that of the configuration."""
    sizes = numpy.array([1, 2, 8, 16])
    wide = replace(toy, bandwidth=50.0)
    many = costmodel.roofline(wide, "max_pool2d", (1, 16, 16), sizes)
    assert many.bound.tolist() == ["memory", "memory", "compute", "compute"]
    for index, size in enumerate(sizes.tolist()):
        one = costmodel.roofline(wide, "max_pool2d", (1, 16, 16), size)
        assert many.intensity[index] == one.intensity
        assert many.attainable_flops[index] == one.attainable_flops
        assert many.bound[index] == one.bound
        assert many.seconds[index] == one.seconds
        assert many.flops[index] == one.flops
    assert many.ridge == 0.2


def test_symbols() -> None:
    """Intensity is an expression; which roof is lower is a matter of numbers."""
    channels = sympy.Symbol("C", integer=True, positive=True)
    height = sympy.Symbol("H", integer=True, positive=True)
    assert costmodel.intensity("max_pool2d", (channels, 8, 8), 2) == sympy.Rational(48, 80 * 4)
    of_height = costmodel.intensity("avg_pool1d", (1, height), 1)
    assert of_height.subs(height, 5) == sympy.Rational(1, 8)
    with pytest.raises(TypeError) as caught:
        costmodel.roofline("H100 SXM", "max_pool2d", (channels, 8, 8), 2)
    assert str(caught.value) == "roofline needs numbers, got symbols; intensity takes them"


def test_an_empty_batch(toy: Device) -> None:
    """Nothing to do takes no time, at no intensity; the bound is given as memory."""
    best = costmodel.roofline("toy", "max_pool2d", (0, 1, 4, 4), 2)
    assert (best.flops, best.bytes_moved, best.seconds, best.bound) == (0, 0, 0, "memory")
    assert isnan(best.intensity) and isnan(best.attainable_flops)


def test_sizes_beyond_floats_of_integers() -> None:
    """Ints of any size."""
    size = 10**200
    assert costmodel.intensity("max_pool2d", (1, size, size), 2) == 3 / 20


@pytest.mark.parametrize("known", costmodel.devices(), ids=lambda known: known.name)
def test_matrix_cores(known: Device) -> None:
    """They are no slower than vector arithmetic, and products go by the faster of both."""
    for dtype, peak in known.peak_flops.items():
        fastest = max(peak, known.matrix_flops.get(dtype, 0))
        assert known.products_per_second(dtype) == fastest
        assert known.matrix_flops.get(dtype, inf) >= peak


@pytest.mark.parametrize(
    ("torch_name", "name"),
    [
        ("NVIDIA H200", "H200 SXM"),
        ("NVIDIA H100 80GB HBM3", "H100 SXM"),
        ("NVIDIA A100-SXM4-80GB", "A100 SXM 80GB"),
        ("Tesla V100-SXM2-16GB", "V100 SXM2"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
    ],
)
def test_the_names_that_torch_gives(torch_name: str, name: str) -> None:
    """A device is known by what ``torch.cuda.get_device_name()`` calls it."""
    assert costmodel.roofline(torch_name, *STEM).device == name
    with pytest.raises(ValueError, match="is known already"):
        costmodel.register_device(Device(torch_name, {"float32": 1.0}, 1.0, "made up"))


def test_sixteen_bits() -> None:
    """Where the vendor gives a peak of vector arithmetic there is one, at least that of float32."""
    for known in costmodel.devices():
        given = known.peak_flops.keys() & {"float16", "bfloat16"}
        if known.name in ("A100 SXM 80GB", "H100 SXM", "H200 SXM", "RTX 4090"):
            assert given == {"float16", "bfloat16"}
        else:
            assert given == (set() if known.name == "MI300X" else {"float16"})
        assert given <= known.matrix_flops.keys() or known.name == "A64FX"
        for dtype in given:
            assert known.ridge(dtype) >= known.ridge("float32")
            assert known.products_per_second(dtype) >= 2 * known.operations_per_second(dtype)


def test_a_whole_model(toy: Device) -> None:
    """By hand: products at the matrix peak, what has no count by its bytes."""
    net = nn.Sequential(nn.Linear(4, 2, bias=False), nn.ReLU(), nn.MaxPool1d(2))
    fast = replace(toy, matrix_flops={"float32": 80.0}, bandwidth=16.0)
    best = costmodel.of_model(net, (1, 4)).roofline(fast)
    # 16 operations at 80 a second, 56 bytes at 16 a second; 1 comparison at 10, 12 bytes; 16 bytes.
    assert [(row.operator, row.flops, row.bytes_moved, row.bound) for row in best.rows] == [
        ("mm", 16, 4 * (4 + 8 + 2), "memory"),
        ("max_pool1d", 1, 4 * (2 + 1), "memory"),
        ("relu", 0, 16, "memory"),
    ]
    assert [row.seconds for row in best.rows] == [3.5, 0.75, 1.0]
    assert (best.seconds, best.bound, best.memory_share) == (5.25, "memory", 1.0)
    slow = replace(toy, bandwidth=1e9)
    bound = costmodel.of_model(net, (1, 4)).roofline(slow)
    assert (bound.bound, bound.rows[0].seconds) == ("compute", 16 / 20)
    assert str(best).splitlines()[-1] == (
        "Sequential on toy in float32: at least 5,250,000 µs, 100% of it bound by memory"
    )
    assert best.to_dict()["rows"][0]["module"] == "0"
    assert best.to_markdown().startswith("| module | operator |")
    assert "<td>max_pool1d</td>" in best._repr_html_()


def test_devices_of_a_user(toy: Device) -> None:
    """Known by name once registered, and usable without."""
    assert costmodel.devices()[-1] == toy
    assert costmodel.roofline(toy, *STEM) == costmodel.roofline("toy", *STEM)
    unregistered = replace(toy, name="other")
    assert costmodel.roofline(unregistered, *STEM).device == "other"
    with pytest.raises(ValueError) as caught:
        costmodel.register_device(toy)
    assert str(caught.value) == "device 'toy' is known already"


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"name": 3}, TypeError, "name of a device must be a string, got 3"),
        ({"name": ""}, ValueError, "name of a device must not be empty"),
        ({"source": None}, TypeError, "source of a device must be a string, got None"),
        ({"source": ""}, ValueError, "source of a device must not be empty"),
        ({"peak_flops": 1e9}, TypeError, "peak_flops must map dtypes to figures, got 1000000000.0"),
        (
            {"peak_flops": {}},
            ValueError,
            "device 'toy' has no peak_flops: at least one dtype is needed",
        ),
        *[
            (
                {"peak_flops": {"float16": 1.0, "float32": figure}},
                ValueError,
                f"peak_flops of 'float32' must be above 0 and finite, got {figure}",
            )
            for figure in (0, -1, float("nan"), inf)
        ],
        (
            {"peak_flops": {"float32": "1e9"}},
            TypeError,
            "peak_flops of 'float32' must be a number, got '1e9' of type str",
        ),
        *[
            ({"bandwidth": figure}, ValueError, f"bandwidth must be above 0 and finite, got {text}")
            for figure, text in ((0, "0"), (-1.0, "-1.0"), (float("nan"), "nan"), (inf, "inf"))
        ],
        (
            {"bandwidth": None},
            TypeError,
            "bandwidth must be a number, got None of type NoneType",
        ),
    ],
)
def test_devices_that_are_refused(
    toy: Device, changes: dict[str, Any], error: type[Exception], message: str
) -> None:
    """A device is refused where it is made, registered or not."""
    with pytest.raises(error) as caught:
        replace(toy, **changes)
    assert str(caught.value) == message


def test_what_is_no_device_does_not_become_known() -> None:
    """A name alone says nothing."""
    known = costmodel.devices()
    with pytest.raises(TypeError) as caught:
        costmodel.register_device("A100")  # type: ignore[arg-type]
    assert str(caught.value) == "device must be a costmodel.Device, got 'A100'"
    assert costmodel.devices() == known


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("h100", " did you mean 'H100 SXM'?"),
        ("RTX 4080", " did you mean 'RTX 4090'?"),
        ("a64fx", " did you mean 'A64FX'?"),
        ("abacus", ""),
        ("", ""),
    ],
)
def test_unknown_devices(name: str, suggestion: str) -> None:
    """With what there is, and the one that was probably meant."""
    with pytest.raises(ValueError) as caught:
        costmodel.roofline(name, *STEM)
    assert str(caught.value) == (
        f"unknown device {name!r};{suggestion} Devices: V100 SXM2, A100 SXM 80GB, H100 SXM, "
        "H200 SXM, RTX 4090, Jetson AGX Orin 64GB, MI300X, A64FX"
    )


def test_other_errors() -> None:
    """No figure for a dtype, no device at all, windows drawn at random, a wrong argument."""
    with pytest.raises(ValueError) as caught:
        costmodel.roofline("MI300X", *STEM, dtype=torch.int8)
    assert str(caught.value) == (
        "device 'MI300X' has no peak for dtype 'int8'; dtypes: float64, float32"
    )
    with pytest.raises(TypeError) as refused:
        costmodel.roofline(3, *STEM)  # type: ignore[arg-type]
    assert str(refused.value) == "device must be a name or a costmodel.Device, got 3"
    with pytest.raises(ValueError, match="drawn at random"):
        costmodel.intensity("fractional_max_pool2d", (1, 8, 8), 2, 3)
    with pytest.raises(ValueError, match="padding must be at most 1"):
        costmodel.roofline("MI300X", "max_pool2d", (1, 8, 8), 2, padding=2)
