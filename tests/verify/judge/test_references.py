"""Poolings by name: what is read, what is refused."""

from __future__ import annotations

import numpy
import pytest

from proofs.systems import SYSTEMS
from verify.judge.references import is_call, named_pooling
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
