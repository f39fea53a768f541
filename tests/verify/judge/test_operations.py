"""Every operation on symbols against torch's own on numbers: the same values, exactly."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from proofs.evaluate import evaluate
from proofs.systems import SYSTEMS
from proofs.systems.number_system import UnsupportedError
from verify.judge.elements import Arithmetic, Element
from verify.judge.operations import _MOVING, OPERATIONS, Call, Unknown

REAL = Arithmetic(SYSTEMS["real"])
aten = torch.ops.aten


def whole(*shape: int, seed: int = 0) -> torch.Tensor:
    """Return small whole numbers in float64, in which all of torch's results here are exact."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(-5, 6, shape, generator=generator).double()


def symbols(x: torch.Tensor, prefix: str = "x") -> Any:
    """Return one variable per element of ``x``."""
    result = numpy.empty(tuple(x.shape), dtype=object)
    for index in numpy.ndindex(result.shape):
        result[index] = REAL.variable("_".join((prefix, *map(str, index))))
    return result


def agree(operation: Any, *args: Any, **kwargs: Any) -> None:
    """Run an operation on symbols and on numbers; the first tensor, or list of them, is the input.

    Constants stay tensors on both sides.
    """
    first, *others = args
    inputs = first if isinstance(first, list) else [first]
    lifted = [symbols(x, f"x{i}") for i, x in enumerate(inputs)]
    call = Call(REAL, math.inf, operation)
    given_symbols = lifted if isinstance(first, list) else lifted[0]
    found = OPERATIONS[call.name](call, given_symbols, *others, **kwargs)
    expected = operation(first, *others, **kwargs)
    values = {
        f"x{i}_" + "_".join(map(str, index)) if index else f"x{i}": Fraction(x[index].item())
        for i, x in enumerate(inputs)
        for index in numpy.ndindex(tuple(x.shape))
    }
    if isinstance(found, numpy.ndarray):
        found, expected = [found], [expected]
    for mine, theirs in zip(found, expected, strict=True):
        if isinstance(mine, Unknown):
            continue
        assert mine.shape == tuple(theirs.shape)
        for index in numpy.ndindex(mine.shape):
            element = mine[index]
            number = element
            if isinstance(element, Element):
                content = element.content
                number = content if element.known else evaluate(content, values, REAL.system)
            if isinstance(number, Fraction) and number.denominator & (number.denominator - 1):
                assert float(number) == pytest.approx(theirs[index].item(), rel=1e-12)
            else:
                assert number == theirs[index].item(), (call.name, index)


X = whole(2, 4, 6, 5)
INDEX = torch.tensor([2, 0, 0])
MASK = whole(6, 5, seed=3) > 0

MOVES: list[tuple[Any, tuple[Any, ...]]] = [
    (aten.alias.default, ()),
    (aten.broadcast_to.default, ([3, 2, 4, 6, 5],)),
    (aten.channel_shuffle.default, (2,)),
    (aten.chunk.default, (3, 2)),
    (aten.clone.default, ()),
    (aten.constant_pad_nd.default, ([1, 2, 0, 1], 7.0)),
    (aten.constant_pad_nd.default, ([1, -2], 0)),
    (aten.contiguous.default, ()),
    (aten.copy.default, (whole(2, 4, 6, 5, seed=1),)),
    (aten.detach.default, ()),
    (aten.diagonal.default, (0, 2, 3)),
    (aten.expand.default, ([3, 2, 4, 6, 5],)),
    (aten.expand_as.default, (whole(3, 2, 4, 6, 5),)),
    (aten.flatten.using_ints, (1, 2)),
    (aten.flip.default, ([1, 3],)),
    (aten.fliplr.default, ()),
    (aten.flipud.default, ()),
    (aten.gather.default, (2, torch.tensor([5, 0, 1]).reshape(1, 1, 3, 1).expand(2, 4, 3, 5))),
    (aten.im2col.default, ([3, 2], [1, 2], [1, 0], [2, 1])),
    (aten.index.Tensor, ([None, INDEX, None, INDEX],)),
    (aten.index.Tensor, ([None, None, MASK],)),
    (aten.index_put.default, ([None, INDEX[:2]], whole(2, 2, 6, 5, seed=2))),
    (aten.index_select.default, (3, INDEX)),
    (aten.lift_fresh_copy.default, ()),
    (aten.masked_fill.Scalar, (MASK, 3.0)),
    (aten.masked_fill.Tensor, (MASK, torch.tensor(3.0).double())),
    (aten.moveaxis.int, (1, 3)),
    (aten.movedim.int, (3, 0)),
    (aten.narrow.default, (2, 1, 4)),
    (aten.numpy_T.default, ()),
    (aten.pad.default, ([1, 1, 2, 0], "constant", -3.0)),
    (aten.pad.default, ([1, 1], "constant")),
    (aten.pad.default, ([1, 1, 2, 0], "replicate")),
    (aten.pad.default, ([1, 2, 2, 1], "reflect")),
    (aten.pad.default, ([1, 2, 2, 1], "circular")),
    (aten.permute.default, ([3, 0, 2, 1],)),
    (aten.pixel_shuffle.default, (2,)),
    (aten.ravel.default, ()),
    (aten.reflection_pad2d.default, ([1, 2, 0, 1],)),
    (aten.repeat.default, ([1, 2, 1, 2],)),
    (aten.repeat_interleave.self_int, (2, 1)),
    (aten.replication_pad2d.default, ([1, 2, 0, 1],)),
    (aten.replication_pad3d.default, ([1, 2, 0, 1, 1, 0],)),
    (aten.reshape.default, ([4, -1],)),
    (aten.roll.default, ([1, 2], [2, 3])),
    (aten.select.int, (1, -2)),
    (aten.select_scatter.default, (whole(2, 6, 5, seed=4), 1, 2)),
    (aten.slice.Tensor, (2, 1, 6, 2)),
    (aten.slice_scatter.default, (whole(2, 4, 3, 5, seed=5), 2, 0, 6, 2)),
    (aten.split.Tensor, (2, 2)),
    (aten.split_with_sizes.default, ([1, 5], 2)),
    (aten.squeeze.default, ()),
    (aten.swapaxes.default, (1, 2)),
    (aten.take_along_dim.default, (torch.tensor([[[[1, 0]]]]), 3)),
    (aten.tile.default, ([2, 1],)),
    (aten.transpose.int, (-1, -2)),
    (aten.tril.default, ()),
    (aten.triu.default, (1,)),
    (aten.unbind.int, (1,)),
    (aten.unflatten.int, (2, [2, 3])),
    (aten.unfold.default, (2, 3, 2)),
    (aten.unsqueeze.default, (2,)),
    (aten.upsample_nearest2d.default, ([12, 10],)),
    (aten.view.default, ([8, 30],)),
    (aten._unsafe_view.default, ([8, 30],)),
]  # fmt: skip

LISTS: list[tuple[Any, tuple[Any, ...]]] = [
    (aten.cat.default, (1,)),
    (aten.concat.default, (2,)),
    (aten.concatenate.default, (2,)),
    (aten.stack.default, (-1,)),
    (aten.hstack.default, ()),
    (aten.vstack.default, ()),
    (aten.dstack.default, ()),
]

ODD_SHAPES: list[tuple[Any, torch.Tensor, tuple[Any, ...]]] = [
    (aten.pixel_unshuffle.default, whole(1, 1, 4, 4), (2,)),
    (aten.reflection_pad1d.default, whole(1, 2, 5), ([2, 1],)),
    (aten.reflection_pad3d.default, whole(1, 1, 3, 3, 3), ([1, 1, 0, 1, 1, 0],)),
    (aten.replication_pad1d.default, whole(1, 2, 5), ([2, 1],)),
    (aten.t.default, whole(3, 4), ()),
    (aten.upsample_nearest1d.default, whole(1, 2, 3), ([6],)),
    (aten.upsample_nearest3d.default, whole(1, 1, 2, 2, 2), ([4, 4, 4],)),
]

COMPUTED: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] = [
    (aten.relu.default, (), {}),
    (aten.abs.default, (), {}),
    (aten.neg.default, (), {}),
    (aten.maximum.default, (whole(6, 5, seed=1),), {}),
    (aten.minimum.default, (whole(4, 1, 1, seed=1),), {}),
    (aten.add.Tensor, (whole(6, 5, seed=1),), {"alpha": 2}),
    (aten.add.Tensor, (3.0,), {}),
    (aten.sub.Tensor, (whole(6, 5, seed=1),), {"alpha": 2}),
    (aten.rsub.Scalar, (3.0, 2), {}),
    (aten.mul.Tensor, (whole(6, 5, seed=1),), {}),
    (aten.mul.Tensor, (MASK,), {}),
    (aten.div.Tensor, (whole(6, 5, seed=1).abs() + 1,), {}),
    (aten.div.Tensor, (-4.0,), {}),
    (aten.square.default, (), {}),
    (aten.pow.Tensor_Scalar, (3,), {}),
    (aten.clamp.default, (-1, 2), {}),
    (aten.clamp.default, (None, 2), {}),
    (aten.clamp.Tensor, (whole(6, 5, seed=1), None), {}),
    (aten.clamp_min.default, (-1,), {}),
    (aten.clamp_max.default, (1,), {}),
    (aten.hardtanh.default, (), {}),
    (aten.hardtanh.default, (-2, 3), {}),
    (aten.relu6.default, (), {}),
    (aten.leaky_relu.default, (0.25,), {}),
    (aten.prelu.default, (torch.tensor([0.5, 2.0, 0.0, 1.0]).double(),), {}),
    (aten.gt.Scalar, (0,), {}),
    (aten.ge.Tensor, (whole(6, 5, seed=1),), {}),
    (aten.lt.Scalar, (1,), {}),
    (aten.le.Scalar, (1,), {}),
    (aten.eq.Scalar, (0,), {}),
    (aten.ne.Scalar, (0,), {}),
    (aten.amax.default, ([2, 3], True), {}),
    (aten.amin.default, ([-1],), {}),
    (aten.max.default, (), {}),
    (aten.max.dim, (2,), {}),
    (aten.max.dim, (-1, True), {}),
    (aten.min.dim, (1,), {}),
    (aten.max.other, (whole(6, 5, seed=1),), {}),
    (aten.sum.default, (), {}),
    (aten.sum.dim_IntList, ([1, -1], True), {}),
    (aten.mean.default, (), {}),
    (aten.mean.dim, ([2, 3],), {}),
    (aten.linear.default, (whole(3, 5, seed=1), whole(3, seed=2)), {}),
    (aten.matmul.default, (whole(5, 3, seed=1),), {}),
    (aten.matmul.default, (whole(5, seed=1),), {}),
    (aten.matmul.default, (whole(2, 4, 5, 2, seed=1),), {}),
    (aten.full_like.default, (2.5,), {}),
    (aten.zeros_like.default, (), {}),
    (aten.ones_like.default, (), {}),
    (aten.new_full.default, ([2, 3], 4.0), {}),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "args"), MOVES)
def test_moves(operation: Any, args: tuple[Any, ...]) -> None:
    """Views, slices, padding and index arithmetic put every element where torch puts it."""
    agree(operation, X, *args)


@pytest.mark.parametrize(("operation", "args"), LISTS)
def test_joins(operation: Any, args: tuple[Any, ...]) -> None:
    """Joined tensors keep the order of their elements."""
    agree(operation, [whole(2, 3, 4), whole(2, 3, 4, seed=1)], *args)


@pytest.mark.parametrize(("operation", "x", "args"), ODD_SHAPES)
def test_moves_of_other_shapes(operation: Any, x: torch.Tensor, args: tuple[Any, ...]) -> None:
    """The moves that need a shape of their own."""
    agree(operation, x, *args)


@pytest.mark.parametrize(("operation", "args", "kwargs"), COMPUTED)
def test_computes(operation: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Elementwise operations, reductions and products have torch's values."""
    agree(operation, X, *args, **kwargs)


def test_every_move_is_compared_with_torch() -> None:
    """No operation is in the table of moves without a row above."""
    rows = [row[0] for row in (*MOVES, *LISTS, *ODD_SHAPES)]
    assert {Call(REAL, 0, operation).name for operation in rows} == set(_MOVING)


@given(st.data())
@settings(max_examples=25)
def test_convolutions(data: st.DataObject) -> None:
    """Kernel, stride, padding by number and by word, dilation, groups, bias; one to three axes."""
    count = data.draw(st.integers(1, 3))
    numbers = st.lists(st.integers(1, 2), min_size=count, max_size=count)
    kernel, stride, dilation = (data.draw(numbers) for _ in range(3))
    padding: Any = data.draw(
        st.lists(st.integers(0, 2), min_size=count, max_size=count)
        | st.sampled_from(["same", "valid"])
    )
    if padding == "same":
        stride = [1] * count
    groups, width, outputs = (data.draw(st.integers(1, 2)) for _ in range(3))
    size = [data.draw(st.integers(3, 4)) for _ in range(count)]
    x = whole(1, groups * width, *size, seed=data.draw(st.integers(0, 9)))
    weight = whole(groups * outputs, width, *kernel, seed=1)
    bias = data.draw(st.sampled_from([None, whole(groups * outputs, seed=2)]))
    name = f"conv{count}d"
    overload = "padding" if isinstance(padding, str) else "default"
    operation = getattr(getattr(aten, name), overload)
    agree(operation, x, weight, bias, stride, padding, dilation, groups)
    if not isinstance(padding, str):
        agree(aten.convolution.default, x, weight, bias, stride, padding, dilation, False,
              [0] * count, groups)  # fmt: skip


@given(st.data())
@settings(max_examples=25)
def test_poolings(data: st.DataObject) -> None:
    """Max, average and adaptive poolings with the arguments as graphs carry them."""
    count = data.draw(st.integers(1, 3))
    size = [data.draw(st.integers(3, 5)) for _ in range(count)]
    x = whole(1, 2, *size, seed=data.draw(st.integers(0, 9)))
    kernel = [data.draw(st.integers(1, 3)) for _ in range(count)]
    stride = data.draw(st.just([]) | st.just([2] * count) | st.just([1] * count))
    padding = [data.draw(st.integers(0, k // 2)) for k in kernel]
    ceil_mode = data.draw(st.booleans())
    largest = getattr(aten, f"max_pool{count}d").default
    agree(largest, x, kernel, stride, padding, [1] * count, ceil_mode)
    mean = getattr(aten, f"avg_pool{count}d").default
    agree(mean, x, kernel, stride, padding, ceil_mode, data.draw(st.booleans()))
    outputs = [data.draw(st.integers(1, 3)) for _ in range(count)]
    agree(getattr(aten, f"adaptive_avg_pool{count}d").default, x, outputs)
    agree(getattr(aten, f"adaptive_max_pool{count}d").default, x, outputs)


def test_choices_by_the_input() -> None:
    """``where`` with a condition on the input, alone and with truth values joined."""
    x = symbols(X)
    call = Call(REAL, math.inf, aten.gt.Scalar)
    positive = OPERATIONS["gt"](call, x, 0)
    small = OPERATIONS["lt"](Call(REAL, math.inf, aten.lt.Scalar), x, 3)
    both = OPERATIONS["logical_and"](
        Call(REAL, math.inf, aten.logical_and.default), positive, small
    )
    chosen = OPERATIONS["where"](Call(REAL, math.inf, aten.where.self), both, x, 9.0)
    expected = torch.where((X > 0) & (X < 3), X, torch.tensor(9.0).double())
    for index in numpy.ndindex(chosen.shape):
        values = {"_".join(("x", *map(str, index))): Fraction(X[index].item())}
        assert evaluate(chosen[index].content, values, REAL.system) == expected[index].item()


def test_a_known_condition_moves_and_infinity_goes_with_it() -> None:
    """``where`` with a mask and −inf keeps the elements and puts −inf elsewhere."""
    x = symbols(whole(6, 5))
    call = Call(REAL, math.inf, aten.where.ScalarOther)
    chosen = OPERATIONS["where"](call, MASK, x, -math.inf)
    for index in numpy.ndindex(6, 5):
        kept = chosen[index] is x[index]
        assert kept == bool(MASK[index])
        assert kept or chosen[index].content == -math.inf


@pytest.mark.parametrize(
    ("operation", "args", "message"),
    [
        (aten.div.Tensor_mode, (2.0,), "rounding_mode 'floor'"),
        (aten.pow.Tensor_Scalar, (0.5,), "the power 0.5"),
    ],
)
def test_refusals(operation: Any, args: tuple[Any, ...], message: str) -> None:
    """What has no exact meaning is refused, not guessed."""
    call = Call(REAL, math.inf, operation)
    kwargs = {"rounding_mode": "floor"} if "mode" in message else {}
    with pytest.raises(UnsupportedError, match=message):
        OPERATIONS[call.name](call, symbols(X), *args, **kwargs)


@pytest.mark.parametrize(
    ("weight", "refused"),
    [([1.0, 0.0, 0.0], False), ([1.0, 0.0, -1.0], False), ([1.0, 1.0, 1.0], True),
     ([0.1, 0.0, 0.0], False), ([0.1, 0.0, 1.0], True)],
)  # fmt: skip
def test_sums_without_an_order_are_refused_in_floats(weight: list[float], refused: bool) -> None:
    """One product, or a sum or difference of two elements, has one value; more has several."""
    half = Arithmetic(SYSTEMS["float16"])
    call = Call(half, math.inf, aten.conv1d.default)
    x = numpy.array([[half.variable(f"x{i}") for i in range(3)]], dtype=object)
    kernel = torch.tensor([[weight]], dtype=torch.float16)
    if refused:
        with pytest.raises(UnsupportedError, match="depends on"):
            OPERATIONS["conv1d"](call, x, kernel)
    else:
        (found,) = OPERATIONS["conv1d"](call, x, kernel).flat
        numbers = torch.tensor([[3.0, math.inf, 0.5]], dtype=torch.float16)
        values = {f"x{i}": float(numbers[0, i]) for i in range(3)}
        expected = torch.conv1d(numbers, kernel).item()
        assert half.system.equal(evaluate(found.content, values, half.system), expected)
