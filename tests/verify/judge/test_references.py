"""Poolings by name: what is read, what is refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy
import pytest
import torch

import pooling
from pooling.kind import kinds
from proofs.systems import SYSTEMS
from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.references import _gathered, _Symbol, is_call, named_pooling
from verify.judge.symbols.algebra import Algebra
from verify.judge.symbols.terms import Terms


def test_arguments_by_place_and_by_name() -> None:
    """Torch's order and torch's names."""
    pooling = named_pooling("max_pool2d(3, 2, padding=1)")
    assert pooling.arguments == {"kernel_size": 3, "stride": 2, "padding": 1}
    assert named_pooling("avg_pool1d((4,), count_include_pad=False)").kind.family == "avg_pool"
    assert named_pooling("MaxPool2d(3, 2)").arguments == {"kernel_size": 3, "stride": 2}
    assert named_pooling("GlobalAvgPool2d()").arguments == {"output_size": 1}
    assert named_pooling("adaptive_avg_pool2d((1, None))").arguments == {"output_size": (1, None)}


def test_a_mean_is_no_integer() -> None:
    """It is refused for that, and floats for the order of their sum."""
    mean = named_pooling("avg_pool2d(2)")
    for system, reason in (("int8", "no integer"), ("float32", "depends on the order")):
        with pytest.raises(ValueError, match=f"no one value in {system}: .*{reason}"):
            mean.check((1, 1, 4, 4), system)


def test_windows_without_taps_are_infinite() -> None:
    """The definition's −inf becomes an element, where dilation steps over the whole input."""
    real = Algebra(Terms(1), SYSTEMS["real"])
    x = real.terms.variables.reshape(1, 1)
    (pooled,) = named_pooling("max_pool1d(2, 1, 1, dilation=2)").execute(x, real).flat
    assert real.value(int(pooled)) == -numpy.inf


def test_every_plane_of_the_leading_axes_is_pooled_alike() -> None:
    """The definition runs once; each plane has its own elements, in torch's order."""
    algebra = Algebra(Terms(2 * 3 * 4), SYSTEMS["real"])
    x = algebra.terms.variables.reshape(2, 3, 4)
    made = named_pooling("max_pool1d(2)").execute(x, algebra)
    assert made.shape == (2, 3, 2)
    block = algebra.terms.block_of(int(made[1, 2, 1]))
    assert block.operator == "max"
    row = block.args[made[1, 2, 1] - block.start]
    assert sorted(row.tolist()) == sorted(x[1, 2, 2:4].tolist())


def test_what_is_added_twice_counts_twice() -> None:
    """Of two equal taps one is the maximum, however often it is met; a sum has both."""
    a, b = (_Symbol("variable", (), number) for number in range(2))
    for operator, count in (("add", 4), ("maximum", 2), ("minimum", 2)):
        pair = _Symbol(operator, (a, b))
        assert len(_gathered(_Symbol(operator, (pair, pair)))) == count


def windows(x: torch.Tensor) -> torch.Tensor:
    """Return the four taps of every 2 × 2 window along the last axis."""
    return x.unfold(-2, 2, 2).unfold(-2, 2, 2).flatten(-2)


def scaled(x: torch.Tensor) -> torch.Tensor:
    """GeM with the largest tap divided out, as stable layers do."""
    taps = windows(x).clamp(min=1e-6)
    largest = taps.amax(-1, keepdim=True)
    return largest[..., 0] * (taps / largest).pow(3).mean(-1).pow(1 / 3)


def stable(x: torch.Tensor) -> torch.Tensor:
    """Log-sum-exp with the largest tap taken off first."""
    largest = windows(x).amax(-1, keepdim=True)
    return largest[..., 0] + (windows(x) - largest).exp().mean(-1).log()


SPELLED: list[tuple[str, Callable[[torch.Tensor], torch.Tensor]]] = [
    ("gem_pool2d(2)", lambda x: windows(x.clamp(min=1e-6)).pow(3).mean(-1).pow(1 / 3)),
    ("gem_pool2d(2)", scaled),
    ("gem_pool2d(2, p=2)", lambda x: windows(x.clamp(min=1e-6)).square().mean(-1).sqrt()),
    ("gem_pool2d(2, p=2.5, eps=0.1)",
     lambda x: (windows(x.clamp(min=0.1)).log() * 2.5).exp().mean(-1).pow(0.4)),
    ("lp_pool2d(2, 2)", lambda x: windows(x).square().sum(-1).sqrt()),
    ("lp_pool2d(2, 2)", lambda x: 2 * windows(x).square().mean(-1).sqrt()),
    ("lp_pool2d(3, 2)", lambda x: windows(x).pow(3).sum(-1).pow(1 / 3)),
    ("lp_pool2d(float('inf'), 2)", lambda x: windows(x).abs().amax(-1)),
    ("logsumexp_pool2d(2)", lambda x: windows(x).exp().mean(-1).log()),
    ("logsumexp_pool2d(2)", lambda x: windows(x).logsumexp(-1) - math.log(4)),
    ("logsumexp_pool2d(2)", stable),
    ("logsumexp_pool2d(2, temperature=0.5)",
     lambda x: 0.5 * (windows(x) * 2).exp().mean(-1).log()),
    ("softmax_pool2d(2)", lambda x: (windows(x) * windows(x).softmax(-1)).sum(-1)),
    ("softmax_pool2d(2)", lambda x: (windows(x) * windows(x).exp()).sum(-1)
     / windows(x).exp().sum(-1)),
    ("softmax_pool2d(2, temperature=0.5)",
     lambda x: (windows(x) * (windows(x) * 2).softmax(-1)).sum(-1)),
    ("mixed_pool2d(2, proportion=0.3)",
     lambda x: 0.3 * windows(x).amax(-1) + 0.7 * windows(x).mean(-1)),
    ("min_pool2d(2)", lambda x: -windows(-x).amax(-1)),
]  # fmt: skip


@pytest.mark.parametrize("shape", [(4, 4), (1, 4, 4), (1, 2, 4, 4)])
@pytest.mark.parametrize(("reference", "network"), SPELLED)
def test_every_definition_is_a_reference(
    reference: str, network: Callable[[torch.Tensor], torch.Tensor], shape: tuple[int, ...]
) -> None:
    """With batch and channel axes and without; a change of one part in a hundred is refuted."""
    if "inf" in reference:
        reference = "lp_pool2d(1e999, 2)"  # a literal
    found = equivalent(network, reference, shape)
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    wrong = equivalent(lambda x: network(x) * 1.01, reference, shape)
    assert wrong.verdict is Verdict.REFUTED, wrong.reason


def test_all_poolings_that_a_name_can_say_are_read() -> None:
    """With channels and without; what they need besides is said, where it is no second input."""
    said = set()
    for of in kinds():
        given = {of.sizes: 2, **of.example}
        words = ", ".join(f"{name}={value!r}" for name, value in given.items())
        for operator in of.operators:
            written = f"{operator}({words})"
            if of.needs:
                if of.needs[0] in ("scores", "weights"):
                    assert named_pooling(written).inputs == ("the input", *of.needs)
                    continue
                with pytest.raises(
                    ValueError, match=r"needs .* besides its input.*write them down"
                ):
                    named_pooling(written)
                continue
            axes = (4,) * int(operator[-2])
            for shape in ((1, 2, *axes), axes):
                algebra = Algebra(Terms(math.prod(shape)), SYSTEMS["real"])
                ids = algebra.terms.variables.reshape(shape)
                made = named_pooling(written).execute(ids, algebra)
                leading = shape[: len(shape) - len(axes)]
                if of.stacks:  # several channels for each
                    leading = leading or (1,)
                    times, rest = divmod(made.shape[len(leading) - 1], leading[-1])
                    assert times > 1 and rest == 0
                    leading = (*leading[:-1], times * leading[-1])
                assert made.shape[: len(leading)] == leading
            said.add(of.family)
    assert len(said) >= 15


BOXES = [[0, 0, 0, 3, 3], [0, 1, 1, 3, 2]]
INDICES = torch.tensor([[[[0, 3], [8, 15]], [[1, 2], [9, 10]]]])
SAMPLES = [[[0.3, 0.6], [0.1, 0.9]]]
WEIGHTS = [[0.1, 0.2], [0.3, -0.4]]


def unpooled(x: torch.Tensor) -> torch.Tensor:
    """Add every maximum to zeros where it came from."""
    flat = x.new_zeros(1, 2, 16).scatter_add(2, INDICES.flatten(2), x.flatten(2))
    return flat.reshape(1, 2, 4, 4)


def gated(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Blend maximum and mean by the share that a mask gives to the maximum."""
    share = torch.sigmoid((windows(x) * mask.flatten()).sum(-1))
    return share * windows(x).amax(-1) + (1 - share) * windows(x).mean(-1)


def attended(x: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
    """Weight the taps of every window by the softmax of their scores."""
    return (windows(x) * windows(scores).softmax(-1)).sum(-1)


def regions(layer: Any) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return what a layer makes of the boxes."""
    return lambda x: layer(x, torch.tensor(BOXES).to(x))


BESIDE: list[tuple[str, Callable[..., torch.Tensor], list[tuple[int, ...]]]] = [
    (f"max_unpool2d(2, indices={INDICES.tolist()})", unpooled, [(1, 2, 2, 2)]),
    (f"max_unpool2d(2, indices={INDICES.tolist()})",
     lambda x: torch.nn.functional.max_unpool2d(x, INDICES, [2, 2]), [(1, 2, 2, 2)]),
    (f"fractional_max_pool2d(2, 3, random_samples={SAMPLES})",
     lambda x: torch.nn.functional.fractional_max_pool2d(
         x, 2, 3, _random_samples=torch.tensor(SAMPLES).to(x)), [(1, 2, 5, 6)]),
    (f"fractional_max_pool3d(2, 2, random_samples={[[[*u, 0.4] for u in SAMPLES[0]]]})",
     lambda x: torch.nn.functional.fractional_max_pool3d(
         x, 2, 2, _random_samples=torch.tensor([[[*u, 0.4] for u in SAMPLES[0]]]).to(x)),
     [(1, 2, 4, 5, 4)]),
    (f"roi_max_pool2d(2, boxes={BOXES})", regions(pooling.RoIMaxPool2d(2)), [(1, 2, 4, 4)]),
    (f"roi_align2d(2, boxes={BOXES})", regions(pooling.RoIAlign2d(2)), [(1, 2, 4, 4)]),
    (f"gated_pool2d(2, weights={WEIGHTS})", lambda x: gated(x, torch.tensor(WEIGHTS)),
     [(1, 2, 4, 4)]),
    ("gated_pool2d(2)", gated, [(1, 1, 2, 4), (2, 2)]),
    ("attention_pool2d(2)", attended, [(1, 2, 4, 4), (4, 4)]),
    ("attention_pool2d(2)", attended, [(1, 2, 2, 4), (1, 2, 2, 4)]),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("reference", "network", "shapes"), BESIDE)
def test_what_is_needed_besides_is_written_down_or_a_second_input(
    reference: str, network: Callable[..., torch.Tensor], shapes: list[tuple[int, ...]]
) -> None:
    """Proved with it, with gradients where there is a layer; of twice the input it is refuted."""
    backward = "attention" not in reference
    found = equivalent(network, reference, shapes, backward=backward)
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    wrong = equivalent(lambda x, *further: network(2 * x, *further), reference, shapes, why=False)
    assert wrong.verdict is Verdict.REFUTED, wrong.reason


def test_a_mask_of_a_window_is_of_every_size() -> None:
    """Other things that are written down are of one size, and refused where sizes are open."""
    found = equivalent(
        lambda x: gated(x, torch.tensor(WEIGHTS)), f"gated_pool2d(2, weights={WEIGHTS})",
        ("N", "C", "H", "W"),
    )  # fmt: skip
    assert found.verdict is Verdict.PROVED, found.reason
    for reference, network, _ in BESIDE[:2]:
        with pytest.raises(ValueError, match="the indices of max_unpool2d are of one size"):
            equivalent(network, reference, ("N", "C", "H", "W"))


@pytest.mark.parametrize(
    ("written", "shapes", "message"),
    [
        ("roi_align2d(2)", [(1, 2, 4, 4)], r"roi_align2d needs boxes .* write them down, boxes=\["),
        ("fractional_max_pool2d(2, 2)", [(1, 2, 4, 4)], "windows are drawn at random: write"),
        ("gated_pool2d(2)", [(1, 2, 4, 4)], "the input and weights: it takes 2 inputs, got 1"),
        ("max_pool2d(2)", [(1, 2, 4, 4)] * 2, "of the input: it takes 1 input, got 2"),
        ("gated_pool2d(2)", [(1, 2, 4, 4), (3, 2)], r"weights must have the shape \(2, 2\)"),
        ("gated_pool2d(2, weights=[[1, 2], [3]])", [(1, 2, 4, 4)], "weights must be numbers, or"),
        ("gated_pool2d(2, weights='a')", [(1, 2, 4, 4)], "weights must be numbers, or nested"),
        ("max_unpool2d(2, indices=[0])", [(1, 2, 2, 2)], "indices must have the shape"),
        ("max_pool2d(2, boxes=[])", [(1, 2, 4, 4)], "takes no argument 'boxes'"),
    ],
)
def test_what_is_needed_besides_is_looked_at(
    written: str, shapes: list[tuple[int, ...]], message: str
) -> None:
    """Before anything runs."""
    with pytest.raises(ValueError, match=message):
        equivalent(lambda x, *_: x, written, shapes)


def test_a_second_input_whose_gradient_nobody_has() -> None:
    """The layer of attention has scores of its own."""
    with pytest.raises(ValueError, match=r"attention_pool2d\(2\) has no layer"):
        equivalent(attended, "attention_pool2d(2)", [(1, 1, 2, 2), (2, 2)], backward=True)


def expected(x: torch.Tensor) -> torch.Tensor:
    """The expectation of stochastic pooling, 0 for a window of zeros."""
    total = windows(x).sum(-1)
    share = windows(x).square().sum(-1) / total
    return torch.where(total == 0, torch.zeros_like(total), share)


def test_stochastic_pooling_is_its_expectation() -> None:
    """For inputs that are not negative, which have to be asked for; NaN for zeros is refuted."""
    reference = "stochastic_pool2d(2)"
    refused = equivalent(expected, reference, (4, 4))
    assert refused.verdict is Verdict.NOT_JUDGED
    assert "x must not be negative in a stochastic pooling" in refused.reason
    assert "--given 'x >= 0'" in refused.reason
    found = equivalent(expected, reference, (4, 4), given="x >= 0")
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason

    def undefined(x: torch.Tensor) -> torch.Tensor:
        return windows(x).square().sum(-1) / windows(x).sum(-1)

    wrong = equivalent(undefined, reference, (4, 4), given="x >= 0")
    assert wrong.verdict is Verdict.REFUTED
    assert wrong.reason.startswith("nan instead of 0")


def test_how_numbers_were_read_is_said() -> None:
    """A float that is the logarithm of a whole number stands for it."""
    found = equivalent(
        lambda x: windows(x).logsumexp(-1) - math.log(4), "logsumexp_pool2d(2)", (4, 4)
    )
    assert "weights: 1.38629436 as log 4" in found.footprint


def test_calls_are_told_from_places() -> None:
    """A place may have arguments too."""
    assert is_call("max_pool1d(2)")
    assert not is_call("file.py:Pool(2)")
    assert not is_call("module:Pool")


def test_means_are_compared_over_the_reals_only() -> None:
    """Their rounding has no one value; a maximum does not round."""
    shape = (1, 1, 4)
    named_pooling("avg_pool1d(2)").check(shape)
    named_pooling("max_pool1d(2)").check(shape, "float16")
    with pytest.raises(ValueError, match=r"avg_pool1d\(2\) has no one value in float16"):
        named_pooling("avg_pool1d(2)").check(shape, "float16")
    with pytest.raises(ValueError, match="in int8: what it computes is no integer, and backends"):
        named_pooling("avg_pool1d(2)").check(shape, "int8")


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("max_pol2d(3)", "unknown pooling 'max_pol2d'; did you mean 'max_pool2d'?"),
        ("conv(3)", "unknown pooling 'conv'; one of adaptive_avg_pool1d, adaptive_avg_pool2d"),
        ("max_pool2d(3, strid=2)", "takes no argument 'strid'; did you mean 'stride'?"),
        ("max_pool2d()", "missing a required argument: 'kernel_size'"),
        ("max_pool2d((3, 3, 3))", "kernel_size must have 2 entries"),
        ("max_pool2d(k)", "cannot read 'max_pool2d(k)' as a pooling"),
        ("max_pool2d(3", "cannot read 'max_pool2d(3' as a pooling"),
        ("__import__('os').system('x')", "cannot read"),
    ],
)
def test_what_cannot_be_read_is_named(written: str, message: str) -> None:
    """Only literal arguments of known poolings; nothing is ever evaluated."""
    with pytest.raises(ValueError) as refused:
        named_pooling(written)
    assert message in str(refused.value)


def _windows(x: torch.Tensor) -> torch.Tensor:
    """Return the taps of all windows of 2 × 2, along the first axis."""
    return torch.stack([x[..., i::2, j::2] for i in (0, 1) for j in (0, 1)])


def _softmax(x: torch.Tensor, power: float = 1, again: int = 1) -> torch.Tensor:
    taps = _windows(x)
    largest = taps.amax(0)
    return again * largest + (torch.softmax(power * taps, 0) * (taps - largest)).sum(0)


def _norm(x: torch.Tensor, power: float = 3, root: float = 3) -> torch.Tensor:
    taps = _windows(x).abs()
    largest = taps.amax(0)
    scale = torch.where(largest == 0, 1, largest)
    return scale * (taps / scale).pow(power).sum(0).pow(1 / root)


def _mean_power(x: torch.Tensor, power: float = 3, least: float = 1e-6) -> torch.Tensor:
    taps = _windows(x).clamp(min=least)
    return taps.amax(0) * (taps / taps.amax(0)).pow(power).mean(0).pow(1 / power)


def _expected(x: torch.Tensor, power: int = 2, nothing: int = 0) -> torch.Tensor:
    taps = _windows(x)
    total = taps.sum(0)
    return torch.where(
        total == 0, nothing, (taps**power).sum(0) / torch.where(total == 0, 1, total)
    )


def _mean(x: torch.Tensor) -> torch.Tensor:
    return _windows(x).mean(0)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "reference", "verdict"),
    [
        (pooling.SoftmaxPool2d(2), "softmax_pool2d(2)", "PROVED_BOUNDED"),
        (pooling.SoftPool2d(2), "soft_pool2d(2)", "PROVED_BOUNDED"),
        (pooling.SoftmaxPool2d(3, 2, 1), "softmax_pool2d(3, 2, 1)", "PROVED_BOUNDED"),
        (_softmax, "softmax_pool2d(2)", "PROVED_BOUNDED"),
        (partial(_softmax, power=2), "softmax_pool2d(2)", "REFUTED"),
        (partial(_softmax, again=0), "softmax_pool2d(2)", "REFUTED"),
        (_mean, "softmax_pool2d(2)", "REFUTED"),
        (pooling.PowerAveragePool2d(2, 2), "lp_pool2d(2, 2, absolute=True)", "PROVED_BOUNDED"),
        (pooling.PowerAveragePool2d(2.5, 2), "lp_pool2d(2.5, 2, absolute=True)", "PROVED_BOUNDED"),
        (_norm, "lp_pool2d(3, 2, absolute=True)", "PROVED_BOUNDED"),
        (partial(_norm, power=2), "lp_pool2d(3, 2, absolute=True)", "REFUTED"),
        (partial(_norm, root=2), "lp_pool2d(3, 2, absolute=True)", "REFUTED"),
        (pooling.GeMPool2d(2), "gem_pool2d(2)", "PROVED_BOUNDED"),
        (_mean_power, "gem_pool2d(2)", "PROVED_BOUNDED"),
        (partial(_mean_power, power=2), "gem_pool2d(2)", "REFUTED"),
        (partial(_mean_power, least=1e-3), "gem_pool2d(2)", "REFUTED"),
        (pooling.StochasticPool2d(2).eval(), "stochastic_pool2d(2)", "PROVED_BOUNDED"),
        (_expected, "stochastic_pool2d(2)", "PROVED_BOUNDED"),
        (partial(_expected, power=3), "stochastic_pool2d(2)", "REFUTED"),
        (partial(_expected, nothing=1), "stochastic_pool2d(2)", "REFUTED"),
        (_mean, "stochastic_pool2d(2)", "REFUTED"),
    ],
)
def test_weighted_means_and_norms(module: Any, reference: str, verdict: str) -> None:
    """Layers that scale, shift and weigh are their definitions, and wrong twins are not."""
    given = "x >= 0" if reference.startswith("stochastic") else None
    found = equivalent(module, reference, (1, 1, 4, 4), given=given, why=False)
    assert str(found.verdict) == verdict, found.reason


def test_a_layer_that_draws_is_no_function() -> None:
    """In training mode stochastic pooling is not judged, and the message says what to do."""
    layer = pooling.StochasticPool2d(2)
    found = equivalent(layer, "stochastic_pool2d(2)", (1, 1, 4, 4), given="x >= 0")
    assert found.verdict is Verdict.NOT_JUDGED
    assert "call .eval() first" in found.reason
