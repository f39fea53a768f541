from __future__ import annotations

import numpy
import pytest
import torch

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from verify.sweeps.elements import elements

SMALL = ["float8_e4m3fn", "float8_e5m2", "float16", "bfloat16"]


def format_of(name: str) -> FloatFormat:
    """Return the format."""
    found = SYSTEMS[name]
    assert isinstance(found, FloatFormat)
    return found


@pytest.mark.parametrize("system", SMALL)
def test_every_element_is_there_once(system: str) -> None:
    """The bit patterns of torch's tensors and ours, decoded, are the same numbers."""
    bits = format_of(system).bits
    patterns = torch.arange(1 << bits).to(torch.uint8 if bits == 8 else torch.uint16)
    theirs = patterns.view(getattr(torch, system)).to(torch.float32).numpy()
    known = elements(system)
    assert known.complete and len(known) == 1 << bits
    assert numpy.array_equal(numpy.sort(theirs), numpy.sort(known.values), equal_nan=True)
    ours = numpy.array([format_of(system).from_bits(n) for n in range(0, 1 << bits, 37)])
    assert numpy.isin(ours[~numpy.isnan(ours)], known.values).all()


@pytest.mark.parametrize("system", [*SMALL, "float32", "float64"])
def test_parts(system: str) -> None:
    """Numbers without a sign, then negative ones, infinities, NaNs."""
    known = elements(system)
    positive, finite = known.values[: known.non_negative], known.values[: known.finite]
    assert numpy.isfinite(finite).all() and not numpy.signbit(positive).any()
    assert numpy.signbit(finite[known.non_negative :]).all()
    assert not numpy.isfinite(known.values[known.finite :]).any()
    assert float(finite.max()) == float(format_of(system).greatest)
    assert not known.values.flags.writeable


def test_simplest_first() -> None:
    """Powers of two near 1, then what has two significant bits, and so on."""
    known = elements("float16")
    shown = [0.0, 1.0, 2.0, 0.5, 4.0, 0.25]
    assert known.values[:6].tolist() == shown
    # 40 powers of two from 2^-24 on, and 0; then 1.5 and 3.
    assert known.values[41:44].tolist() == [1.5, 3.0, 0.75]
    negative = known.values[known.non_negative :][:3].tolist()
    assert negative == [-0.0, -1.0, -2.0]


@pytest.mark.parametrize("system", ["float32", "float64"])
def test_a_sample_has_every_exponent_and_sign_equally_often(system: str) -> None:
    """Subnormal numbers included; special values come on top."""
    known, special = elements(system), list(format_of(system).simple_values())
    finite = known.values[: known.finite].astype(numpy.float64)
    least = float(format_of(system).least_exponent)
    exponents = numpy.maximum(numpy.frexp(finite)[1] - 1, least)
    exponents[finite == 0] = least
    for sign in (False, True):
        _, counts = numpy.unique(exponents[numpy.signbit(finite) == sign], return_counts=True)
        # The lowest exponent has the subnormal numbers besides its own.
        assert counts[1:].min() >= counts.min() > 0
        assert numpy.median(counts[1:]) == counts[1:].min()
        assert len(counts) == (254 if system == "float32" else 2046)
    assert numpy.isin([x for x in special if x == x], known.values).all()
    assert not known.complete and 2**14 < len(known) < 2**16


def test_a_sample_is_drawn_with_its_seed() -> None:
    """The same seed gives the same sample, another one another."""
    first = elements("float32", 1).values
    elements.cache_clear()
    assert numpy.array_equal(first, elements("float32", 1).values, equal_nan=True)
    assert not numpy.array_equal(first, elements("float32", 2).values, equal_nan=True)


@pytest.mark.parametrize("name", ["int8", "real", "rounding", "decimal"])
def test_other_systems_are_refused(name: str) -> None:
    """What is no float format has no elements here."""
    with pytest.raises(KeyError, match=name):
        elements(name)
