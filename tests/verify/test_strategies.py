from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import find, given, settings
from hypothesis import strategies as st

from proofs.systems import SYSTEMS, NumberSystem
from proofs.systems.floats import AnyFormat
from proofs.systems.integers import AnyWidth
from verify.strategies import elements, rows, tensors, windows

FLOATS = ["float8_e5m2", "float16", "bfloat16", "float32", "float64"]
DTYPES = ["int8", "int16", "int32", "int64", "uint8", "float8_e4m3fn", *FLOATS]
SEARCH = settings(max_examples=3000, database=None, derandomize=True)


@pytest.mark.parametrize("system", SYSTEMS.values(), ids=lambda s: s.name)
@given(data=st.data())
def test_elements_belong_to_their_system(system: NumberSystem, data: st.DataObject) -> None:
    """What is drawn is an element: the dtype holds it, the range has it."""
    x = data.draw(elements(system))
    assert type(x) is type(system.constant(0))
    if system.dtype is not None:
        (back,) = system.elements(system.tensor([x]))
        assert system.equal(back, x)
    if isinstance(system, AnyWidth):
        assert system.low <= x <= system.high
    if isinstance(system, AnyFormat):
        assert x == 0 or system.rounded(system.exact_value(x) or 0) == x  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["int8", "float16", "real"])
def test_a_system_by_name(name: str) -> None:
    """A name draws what the system draws."""
    by_name = elements(name)
    assert repr(by_name) == repr(elements(SYSTEMS[name]))


@pytest.mark.parametrize("name", FLOATS)
@pytest.mark.parametrize(
    "kind",
    [
        math.isnan,
        lambda x: x == math.inf,
        lambda x: x == -math.inf,
        lambda x: x == 0 and math.copysign(1, x) < 0,
        lambda x: 0 < abs(x) < 1e-4,
    ],
    ids=["nan", "inf", "-inf", "-0", "tiny"],
)
def test_what_breaks_things_is_drawn(name: str, kind: Any) -> None:
    """NaN, infinities, negative zero and tiny numbers are found at once."""
    assert kind(find(elements(name), kind, settings=SEARCH))


@pytest.mark.parametrize("name", DTYPES)
def test_both_ends_and_the_middle_are_drawn(name: str) -> None:
    """The extremes are drawn, and elements that no table of telling values holds."""
    system = SYSTEMS[name]
    for which in ("largest", "smallest"):
        end = system.exact_constant(which)
        find(elements(name), lambda x, end=end: x == end, settings=SEARCH)  # type: ignore[misc]
    telling = {repr(x) for x in system.simple_values()}
    find(elements(name), lambda x: repr(x) not in telling, settings=SEARCH)


def test_sizes() -> None:
    """Sizes are small, and a few are none."""
    sizes = SYSTEMS["integer"].drawn(sizes=True)
    for wanted in (-2, 0, 1, 12, 20):
        assert find(sizes, lambda n, wanted=wanted: n == wanted, settings=SEARCH) == wanted  # type: ignore[misc]


@given(st.integers(1, 3), st.data())
def test_rows(columns: int, data: st.DataObject) -> None:
    """Rows have the columns asked for, and as many rows as asked for."""
    drawn = data.draw(rows(st.integers(), columns, min_size=2, max_size=5))
    assert 2 <= len(drawn) <= 5
    assert all(len(row) == columns for row in drawn)


@given(st.data())
def test_columns_of_sequences(data: st.DataObject) -> None:
    """The columns named hold tuples of up to three, the others what is drawn."""
    for number, taps in data.draw(rows(st.integers(), 2, sequences=[1])):
        assert isinstance(number, int)
        assert isinstance(taps, tuple) and len(taps) <= 3


def test_sequences_of_equal_entries_are_drawn() -> None:
    """A tap that equals the element beside it comes up although no value is drawn twice."""
    drawn = find(
        rows(st.builds(object), 2, sequences=[1]),
        lambda drawn: any(taps == (number,) for number, taps in drawn),
        settings=SEARCH,
    )
    assert drawn


def test_equal_entries_are_drawn() -> None:
    """Whole rows of one value come up although no value is ever drawn twice."""
    drawn = find(
        rows(st.builds(object), 3),
        lambda drawn: any(len(set(row)) == 1 for row in drawn),
        settings=SEARCH,
    )
    assert drawn


@pytest.mark.parametrize("dtype", DTYPES)
@given(data=st.data())
def test_tensors_have_dtype_and_shape(dtype: str, data: st.DataObject) -> None:
    """A fixed shape, a drawn shape, an empty tensor and a scalar."""
    shapes: Any = data.draw(st.sampled_from([(2, 3), (), (0,), st.sampled_from([(1,), (2, 1, 2)])]))
    drawn = data.draw(tensors(dtype, shapes))
    assert drawn.dtype is getattr(torch, dtype)
    allowed = [(1,), (2, 1, 2)] if isinstance(shapes, st.SearchStrategy) else [shapes]
    assert tuple(drawn.shape) in allowed


def test_tensors_by_default() -> None:
    """Four entries of float32, unless said otherwise."""
    drawn = find(tensors(), lambda x: True)
    assert drawn.dtype is torch.float32 and tuple(drawn.shape) == (4,)


@pytest.mark.parametrize(
    "name", ["real", "integer", "wraparound", "unsigned_wraparound", "rounding"]
)
def test_no_tensor_holds_it(name: str) -> None:
    """A system without a dtype is refused, an unknown one too."""
    with pytest.raises(ValueError) as caught:
        tensors(name)
    assert str(caught.value) == f"dtype {name!r} is no torch dtype; use float32, int8, …"
    with pytest.raises(KeyError):
        tensors("float17")


@pytest.mark.parametrize(
    ("family", "dimensions"),
    # avg_pool3d alone wants no window larger than the unpadded input.
    [("max", 1), ("max", 2), ("max", 3), ("avg", 1), ("avg", 2)],
)
@settings(max_examples=60)
@given(data=st.data())
def test_windows_are_accepted_by_torch(family: str, dimensions: int, data: st.DataObject) -> None:
    """Torch takes every size, window, padding and ceil_mode that is drawn."""
    drawn = data.draw(windows(dimensions, dilations=family == "max"))
    size = drawn.pop("size")
    assert all(len(drawn[key]) == dimensions for key in drawn if key != "ceil_mode")
    assert ("dilation" in drawn) == (family == "max")
    pool = getattr(torch.nn.functional, f"{family}_pool{dimensions}d")
    output = pool(torch.zeros(1, 1, *size), **drawn)
    assert all(n >= 1 for n in output.shape)


@given(windows(1, max_size=7, max_kernel_size=3))
def test_windows_stay_within_bounds(drawn: dict[str, Any]) -> None:
    """No size, window or stride is larger than asked for."""
    assert drawn["size"][0] <= 7 and drawn["kernel_size"][0] <= 3 and drawn["stride"][0] <= 4


@pytest.mark.parametrize(
    "wanted",
    [
        lambda d: d["ceil_mode"],
        lambda d: d["padding"][0] > 0,
        lambda d: d["stride"][0] > d["kernel_size"][0],
        lambda d: d["stride"][0] < d["kernel_size"][0],
        lambda d: d["dilation"][0] > 1 and d["kernel_size"][0] > 1,
        lambda d: d["size"][0] < d["kernel_size"][0],
    ],
    ids=["ceil_mode", "padding", "gaps", "overlap", "dilation", "window past the input"],
)
def test_windows_of_every_kind_are_drawn(wanted: Any) -> None:
    """Each condition in which formulas differ is met."""
    assert wanted(find(windows(1, dilations=True), wanted, settings=SEARCH))
