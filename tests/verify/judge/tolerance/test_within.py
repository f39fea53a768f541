"""Modules within a proved tolerance, as users judge them."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from fractions import Fraction

import pytest
import torch
import torch.nn.functional as F

import pooling
from proofs.verdict import Verdict
from verify.judge import Equivalence, equivalent
from verify.judge.tolerance import within
from verify.judge.tolerance.bounds import Bound

Network = Callable[..., torch.Tensor]


def pair(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Return the larger of two by one ReLU."""
    return F.relu(b - a) + a


def taps(x: torch.Tensor) -> list[torch.Tensor]:
    """Return the nine taps of every window of one row."""
    return [x[..., i::9] for i in range(9)]


def in_order(x: torch.Tensor) -> torch.Tensor:
    """Return means, tap after tap."""
    total = taps(x)[0]
    for tap in taps(x)[1:]:
        total = total + tap
    return total / 9


def four(x: torch.Tensor) -> torch.Tensor:
    """Return means of four."""
    a, b, c, d = (x[..., i::4] for i in range(4))
    return (a + b + c + d) * 0.25


def judged(module: Network, reference: str, size: int, system: str, **named: object) -> Equivalence:
    """Judge a module for inputs between −1 and 1, or another range."""
    between = named.pop("between", (-1, 1))
    return equivalent(module, reference, (1, 1, size), system, between=between, **named)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.parametrize("system", ["float16", "bfloat16", "float32", "float64"])
def test_a_pair(system: str) -> None:
    """The bound, what was found, and what to write in a test."""
    unit = float(torch.finfo(getattr(torch, system)).eps) / 2
    found = equivalent(pair, torch.maximum, ((3,), (3,)), system, between=(-1, 1))
    assert found.verdict is Verdict.WITHIN
    # Of bfloat16 the smallest normal number is charged besides.
    assert found.within == pytest.approx(1.5 * unit, rel=1e-15)
    assert found.tolerance is not None
    assert found.tolerance.ulps == pytest.approx(0.75, rel=1e-15)
    assert found.tolerance.relative is None
    assert found.worst is not None
    assert found.worst.error == unit
    assert found.tolerance.ratio == pytest.approx(1.5, rel=1e-15)
    assert (found.tolerance.atol, found.tolerance.rtol) == (found.within, 0)
    a, b = found.worst.input, *found.worst.others
    off = abs(Fraction(float(pair(a, b)[found.worst.index])) - Fraction(float(max(a[0], b[0]))))
    assert off == Fraction(found.worst.error)
    assert found.to_dict()["tolerance"]["within"] == found.within
    assert pickle.loads(pickle.dumps(found)).within == found.within


@pytest.mark.parametrize(
    ("module", "reference", "size", "ratio"),
    [(four, "avg_pool1d(4)", 4, 1.3), (in_order, "avg_pool1d(9)", 9, 1.5)],
)
@pytest.mark.parametrize("system", ["float16", "float32"])
def test_averages_are_near_what_is_found(
    module: Network, reference: str, size: int, ratio: float, system: str
) -> None:
    """In a fixed order the bound is no more than so many times the worst found."""
    found = judged(module, reference, size, system)
    assert found.verdict is Verdict.WITHIN
    assert found.tolerance is not None
    assert found.tolerance.ratio is not None
    assert 1 <= found.tolerance.ratio <= ratio


@pytest.mark.slow
@pytest.mark.parametrize(
    "make", [lambda: pooling.AvgPool2d(2), lambda: pooling.MaxPool2d(3, scheme="tree", skips=False)]
)
def test_flushed_subnormals_are_no_difference(make: Callable[[], torch.nn.Module]) -> None:
    """Convolutions of bfloat16 give 0 for its subnormal numbers, on some machines."""
    name = "avg_pool2d(2)" if isinstance(make(), pooling.AvgPool2d) else "max_pool2d(3)"
    size = int(name[-2])
    found = equivalent(make(), name, (1, 1, size, size), "bfloat16", between=(-1, 1))
    assert found.verdict is Verdict.WITHIN


def test_relative_where_it_is_finite() -> None:
    """Away from 0 there is a relative bound too."""
    found = judged(four, "avg_pool1d(4)", 4, "float32", between=(2, 4))
    assert found.tolerance is not None
    assert found.tolerance.relative == found.tolerance.absolute / 2
    assert "between [2, 4]" in "\n".join(found.footprint)


def test_what_never_rounds_is_equal() -> None:
    """Torch's own maxima choose, and nothing is within anything."""
    found = judged(torch.nn.MaxPool1d(3), "max_pool1d(3)", 6, "float16")
    assert (found.verdict, found.within) == (Verdict.PROVED_BOUNDED, 0)


def test_overflow_in_range_refutes() -> None:
    """An input that overflows is found before anything else."""
    found = equivalent(pair, torch.maximum, ((1,), (1,)), "float16", between=(-65504, 65504))
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert found.counterexample.module_value == float("inf")
    assert all(abs(x).max() <= 65504 for x in found.counterexample.inputs)


@pytest.mark.parametrize("reference", ["max_pool1d(2)", "avg_pool1d(2)"])
def test_overflow_of_the_widest_format_refutes(reference: str) -> None:
    """In float64 as well, where the exact value is none of float64 until it is halved."""

    def half_of_sum(x: torch.Tensor) -> torch.Tensor:
        a, b = x[..., ::2], x[..., 1::2]
        return (a + b + (a - b).abs()) / 2 if reference.startswith("max") else (a + b) / 2

    found = equivalent(half_of_sum, reference, (1, 1, 2), "float64", between=(0, 1.7e308))
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert not half_of_sum(found.counterexample.input).isfinite().all()
    # Of a mean the reference overflows there too: what is meant is the exact value.
    assert re.match(r"inf instead of \d\S*e\+30[78]\W", found.reason), found.reason
    assert ("as is the reference in float64" in found.reason) is reference.startswith("avg")


def test_what_may_overflow_in_some_order_is_not_bounded() -> None:
    """The module may add in a wider format; nobody promises it."""
    found = judged(torch.nn.AvgPool1d(4), "avg_pool1d(4)", 4, "float16", between=(0, 60000))
    assert found.verdict in (Verdict.UNKNOWN, Verdict.REFUTED)
    assert "may overflow" in found.reason or "inf" in found.reason


def test_a_difference_of_functions_refutes() -> None:
    """What differs by more than rounding is no matter of tolerance; the input is in range."""
    found = judged(lambda x: x[..., ::2], "max_pool1d(2)", 4, "float32", between=(3, 5))
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert bool(((found.counterexample.input >= 3) & (found.counterexample.input <= 5)).all())


@pytest.mark.parametrize(
    ("module", "why"),
    [
        (lambda x: torch.log(torch.exp(x)), "exp: its rounding in float16 is not known"),
        (lambda x: (x**5 - x**5) + x, "pow: the rounding of a power 5 is not known"),
        (lambda x: (x.float() + 1 - 1).half(), "its result is float32, not float16"),
    ],
)
def test_unknown_rounding_is_unknown(module: Network, why: str) -> None:
    """Never smaller than it may be: then nothing is said."""
    found = judged(module, "max_pool1d(1)", 3, "float16")
    assert (found.verdict, found.within) == (Verdict.UNKNOWN, None)
    assert why in found.reason


@pytest.mark.slow
def test_against_what_the_reference_computes() -> None:
    """Both round: the bounds add up, and equal choices are equal."""
    exact = judged(in_order, "avg_pool1d(9)", 9, "float32")
    both = judged(in_order, "avg_pool1d(9)", 9, "float32", executed=True)
    assert exact.within is not None
    assert both.within is not None
    assert exact.within < both.within <= 2.5 * exact.within
    fold = pooling.MaxPool1d(2)
    assert equivalent(fold, fold, (1, 1, 2), "float32", between=(-1, 1), executed=True).within == 0


def test_rounded_weights_are_counted() -> None:
    """A third in float16 is off by more than the products round."""

    def weighted(x: torch.Tensor) -> torch.Tensor:
        return F.conv1d(x, torch.full((1, 1, 3), 1 / 3, dtype=x.dtype), stride=3)

    found = judged(weighted, "avg_pool1d(3)", 3, "float16")
    off = abs(float(torch.tensor(1 / 3, dtype=torch.float16)) - 1 / 3)
    assert found.within is not None
    assert found.within >= 3 * off


def test_a_bound_that_is_exceeded_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was proved, a run that is further away ends it."""
    given = within.bounded

    def halved(*args: object) -> list[object]:
        found = given(*args)  # type: ignore[arg-type]
        return [Bound(b.error / 2, b.exact, b.overflows) for b in found]

    monkeypatch.setattr("verify.judge.shape.proof.bounded", halved)
    found = equivalent(pair, torch.maximum, ((3,), (3,)), "float16", between=(-1, 1))
    assert found.verdict is Verdict.ERROR
    assert "was proved" in found.reason


def test_executed_needs_a_range() -> None:
    """Without one the ordinary judge compares what is computed."""
    with pytest.raises(ValueError, match="executed needs between"):
        equivalent(pair, torch.maximum, ((3,), (3,)), "float16", executed=True)


@pytest.mark.slow
def test_no_pair_of_float16_is_beyond() -> None:
    """All 944 million pairs between −1 and 1; the search has found the worst of them."""
    bits = torch.arange(0x3C01, dtype=torch.int32).to(torch.int16)
    positive = bits.view(torch.float16)
    every = torch.cat([positive, -positive[1:]])
    unit = 2.0**-11
    worst = 0.0
    for start in range(0, len(every), 256):
        a, b = every[start : start + 256, None].float(), every[None].float()
        # float32 has more than twice the digits: rounding twice is rounding once.
        merged = ((b - a).half().float().clamp(min=0) + a).half().float()
        worst = max(worst, float((merged - torch.maximum(a, b)).abs().max()))
    found = equivalent(pair, torch.maximum, ((1,), (1,)), "float16", between=(-1, 1))
    assert found.within is not None
    assert worst == unit
    assert worst <= found.within == 1.5 * unit


KERNEL = torch.tensor([[[1 / 7, 3 / 7, -2 / 7]]])
BIAS = torch.tensor([0.17])
TENTH = torch.tensor([0.1])
UNIT = 2.0**-11


def by_tenth(x: torch.Tensor) -> torch.Tensor:
    """Divide by a number that float16 holds as another one."""
    return x / TENTH.to(x.dtype)


def only_bias(x: torch.Tensor) -> torch.Tensor:
    """Return a bias, of two convolutions that are rounded apart."""
    kernel, bias = KERNEL.to(x.dtype), BIAS.to(x.dtype)
    return F.conv1d(x, kernel, bias) - F.conv1d(x, kernel)


def last(*inputs: torch.Tensor) -> torch.Tensor:
    """Return the last of four, in a way in which a rounding to 1 makes up for those before it."""
    a, b, c, d = inputs
    total = (a + b) + c
    return (total + d) - total


def test_a_divisor_that_is_rounded() -> None:
    """What 0.1 is held as counts, although terms have a product with 10."""
    found = equivalent(by_tenth, lambda x: x * 10, (3,), "float16", between=(-1, 1))
    x = torch.linspace(-1, 1, 4001).half()
    assert found.within is not None
    assert float((by_tenth(x).double() - x.double() * 10).abs().max()) <= found.within


def test_a_bias_is_added_before_or_after() -> None:
    """A convolution with a bias is not the one without it, and then its bias."""
    size = (1, 1, 5)
    found = equivalent(
        only_bias, lambda x: BIAS.to(x.dtype) + 0 * x[..., 2:], size, "float16", between=(-1, 1)
    )
    x = torch.rand(100_000, 1, 5, generator=torch.Generator().manual_seed(0)) * 2 - 1
    x = (x.sign() * x.abs() ** 0.2).half()
    assert found.within is not None
    off = (only_bias(x).double() - BIAS.half().double()).abs().max()
    assert float(off) <= found.within


def test_a_rounding_that_makes_up_for_others() -> None:
    """It costs a sum nothing, but what subtracts the others finds all of it."""
    ends = (1 - 3 * UNIT, UNIT / 2, 1.75 * UNIT, 0.75 * UNIT)
    found = equivalent(
        last, lambda *x: x[-1], [(2,)] * 4, "float16", between=[(0, end) for end in ends]
    )
    made = last(*(torch.full((2,), end, dtype=torch.float16) for end in ends))
    assert found.within is not None
    assert float((made.double() - ends[-1]).abs().max()) == 0.75 * UNIT <= found.within


def ones(x: torch.Tensor, value: float = 1.0) -> torch.Tensor:
    """Return a sum of nine by a convolution."""
    return F.conv1d(x, torch.full((1, 1, 9), value, dtype=x.dtype))[..., 0]


def by_matrix(x: torch.Tensor) -> torch.Tensor:
    """Return a sum of nine by a matrix product."""
    return torch.matmul(x, x.new_ones(9))


def mean(x: torch.Tensor) -> torch.Tensor:
    """Return a mean of nine by a pooling."""
    return F.avg_pool1d(x, 9)[..., 0]


def first(x: torch.Tensor) -> torch.Tensor:
    """Return the first of nine."""
    return x[..., 0]


#: One function of nine by two operators, and what is left of it.
TWICE: list[tuple[Network, Network]] = [
    (lambda x: (x.sum(-1) + x[..., 0]) - ones(x), first),
    (lambda x: (x[..., 0] - x.sum(-1)) + by_matrix(x), first),
    (lambda x: (x.sum(-1) + x[..., 0]) - by_matrix(x), first),
    (lambda x: (x.mean(-1) + x[..., 0]) - ones(x, 1 / 9), first),
    (lambda x: (x.mean(-1) + x[..., 0]) - mean(x), first),
    (lambda x: (x.sum(-1) / 9 + x[..., 0]) - x.mean(-1), first),
    (lambda x: (x.sum(-1) * (1 / 9) + x[..., 0]) - mean(x), first),
    (lambda x: x.mean(-1) - ones(x, 1 / 9), lambda x: x[..., 0] * 0),
    (lambda x: F.relu(x[..., 0] - x.sum(-1)) + ones(x), lambda x: torch.maximum(first(x), ones(x))),
    (
        lambda x: (x[..., 0] * x[..., 1]) * x[..., 2] - x[..., 0] * (x[..., 1] * x[..., 2]),
        lambda x: x[..., 0] * 0,
    ),
]


@pytest.mark.parametrize(("module", "reference"), TWICE)
def test_two_kernels_make_two_numbers(
    module: Network, reference: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is one number over the reals is rounded twice, in two ways."""
    monkeypatch.setattr(within, "SEARCHING", 0.0)
    found = equivalent(module, reference, (1, 1, 9), "float32", between=(-1, 1))
    assert found.verdict is Verdict.WITHIN
    x = torch.rand(20_000, 1, 9, generator=torch.Generator().manual_seed(0)) * 2 - 1
    off = module(x).double() - reference(x.double())
    assert found.within is not None
    assert 0 < float(off.abs().max()) <= found.within


@pytest.mark.parametrize(
    ("module", "reference"),
    [
        (lambda x: x.sum(-1), ones), (by_matrix, lambda x: x.sum(-1)),
        (lambda x: x.mean(-1), mean), (lambda x: x.sum(-1) / 9, lambda x: ones(x, 1 / 9)),
        (lambda x: F.relu(x.sum(-1)), lambda x: F.relu(by_matrix(x))),
    ],
)  # fmt: skip
def test_what_is_executed_by_two_kernels(
    module: Network, reference: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reference is computed too, and both are rounded, although they are one expression."""
    monkeypatch.setattr(within, "SEARCHING", 0.0)
    found = equivalent(module, reference, (1, 1, 9), "float32", between=(-1, 1), executed=True)
    assert found.verdict is Verdict.WITHIN
    x = torch.rand(20_000, 1, 9, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert found.within is not None
    assert 0 < float((module(x) - reference(x)).abs().max()) <= found.within


@pytest.mark.parametrize("system", ["float16", "bfloat16"])
def test_a_number_is_rounded_where_it_is_used(system: str) -> None:
    """A tenth in the module's dtype is none in the wider one in which a kernel adds."""

    def twice(x: torch.Tensor) -> torch.Tensor:
        return (x + torch.full_like(x, 0.1)) - (x + 0.1)

    found = equivalent(twice, lambda x: 0 * x, (3,), system, between=(-1, 1))
    assert found.verdict is Verdict.WITHIN

    def merge(x: torch.Tensor) -> torch.Tensor:
        return F.relu(x - torch.full_like(x, 0.1)) + 0.1

    found = equivalent(merge, lambda x: x.clamp(min=0.1), (3,), system, between=(-1, 1))
    off = abs(float(torch.tensor(0.1, dtype=getattr(torch, system))) - 0.1)
    assert found.within is not None
    assert found.within >= 2 * off


def test_a_convolution_may_flush_what_it_copies() -> None:
    """One tap of weight 1 gives 0 for a subnormal number of bfloat16, on some machines."""
    found = equivalent(
        lambda x: F.conv1d(x, x.new_ones(1, 1, 1)), lambda x: x, (1, 1, 5), "bfloat16",
        between=(-1, 1),
    )  # fmt: skip
    assert found.within is not None
    assert 2.0**-126 <= found.within < 2.0**-120


def test_a_bias_out_of_the_input_has_no_bound() -> None:
    """A convolution may add it first, and is not the one without it and then the bias."""
    found = equivalent(
        lambda x: F.conv1d(x, x.new_ones(1, 1, 3), x[0, 0, :1]),
        lambda x: x[..., :3] + x[..., 1:4] + x[..., 2:] + x[..., :1],
        (1, 1, 5), "float32", between=(-1, 1),
    )  # fmt: skip
    assert found.verdict is Verdict.UNKNOWN
    assert "a bias that depends on the input" in found.reason


def test_all_kinds_of_window_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those with smaller bounds are not searched, and are held against them all the same."""
    given = within.bounded

    def last_smaller(*args: object) -> list[object]:
        found = given(*args)  # type: ignore[arg-type]
        return [*found[:-1], Bound(found[-1].error / 8, found[-1].exact, found[-1].overflows)]

    def rows(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([in_order(x[..., 9 * k :])[..., 0] * k for k in (8, 7, 6, 5, 1)])

    def means(x: torch.Tensor) -> torch.Tensor:
        return torch.stack([x[..., 9 * k : 9 * k + 9].mean(-1) * k for k in (8, 7, 6, 5, 1)])

    monkeypatch.setattr("verify.judge.shape.proof.bounded", last_smaller)
    monkeypatch.setattr(within, "SEARCHING", 0.0)
    found = equivalent(rows, means, (1, 81), "float16", between=(-1, 1))
    assert found.verdict is Verdict.ERROR
    assert "output [4, 0]" in found.reason
