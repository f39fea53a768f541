"""Between which numbers terms lie, and what wraps that goes beyond its dtype."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy
import pytest
import torch

from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.symbols.spans import Spans
from verify.judge.symbols.terms import Terms

Network = Callable[[torch.Tensor], torch.Tensor]


def pool(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 2, right."""
    return torch.maximum(x[..., ::2], x[..., 1::2])


def rare(x: torch.Tensor, place: int = 0) -> torch.Tensor:
    """Say whether an element is in a narrow interval."""
    return (x[0, 0, place] > 0.70001) & (x[0, 0, place] < 0.70002)


def a_sum(x: torch.Tensor) -> torch.Tensor:
    """100 + 100 is −56."""
    hundreds = [rare(x, place).to(torch.int8) * 100 for place in (0, 1)]
    return pool(x) + (hundreds[0] + hundreds[1] < 0)


def an_opposite(x: torch.Tensor) -> torch.Tensor:
    """−1 is 255."""
    return pool(x) + (-rare(x).to(torch.uint8) > 0)


def a_count(x: torch.Tensor) -> torch.Tensor:
    """200 is −56."""
    return pool(x) + (torch.stack([rare(x)] * 200).sum(dtype=torch.int8) < 0)


def a_product(x: torch.Tensor) -> torch.Tensor:
    """3 · 2⁶² is −2⁶²."""
    return pool(x) + (rare(x).to(torch.int64) * 2**62 * 3 < 0)


@pytest.mark.parametrize("network", [a_sum, an_opposite, a_count, a_product])
def test_what_wraps_is_not_proved(network: Network) -> None:
    """On an input that nobody tries the whole numbers of a module wrap."""
    x = torch.full((1, 1, 4), 0.700015)
    assert not network(x).equal(pool(x))
    assert equivalent(network, "max_pool1d(2)", (1, 1, 4), why=False).verdict is Verdict.TESTED


def test_what_does_not_wrap_is_proved() -> None:
    """Two masks are at most 2."""

    def counted(x: torch.Tensor) -> torch.Tensor:
        return pool(x) + (rare(x, 0).to(torch.int8) + rare(x, 1).to(torch.int8) > 2)

    found = equivalent(counted, "max_pool1d(2)", (1, 1, 4))
    assert found.verdict is Verdict.PROVED_BOUNDED


def test_spans_are_those_of_the_operators() -> None:
    """Of x in [−3, 2] and an unknown; what is asked about later is there as well."""
    terms = Terms(1)
    free = int(terms.variables[0])
    spans = Spans(terms)
    assert spans.of(terms.variables) == (-numpy.inf, numpy.inf)
    ends = [terms.constant(-3), terms.constant(2)]
    mask = int(terms.add("lt", numpy.array([[free, 0]]))[0])
    x = int(terms.add("select", numpy.array([[mask, *ends]]))[0])
    weight = terms.weight(Fraction(-2))
    made = {
        "linear": terms.add("linear", numpy.array([[x]]), numpy.array([[weight]])),
        "mul": terms.add("mul", numpy.array([[x, x]])),
        "power": terms.add("power", numpy.array([[x]]), data=Fraction(2)),
        "max": terms.add("max", numpy.array([[x, free]])),
        "min": terms.add("min", numpy.array([[x, 0]])),
        "pick": terms.add("pick", numpy.array([[x, ends[0], free, 0]])),
        "lt": numpy.array([mask]),
        "exp": terms.add("exp", numpy.array([[x]])),
    }
    assert {name: spans.of(ids) for name, ids in made.items()} == {
        "linear": (-4, 6), "mul": (-6, 9), "power": (0, 9), "max": (-3, numpy.inf),
        "min": (-3, 0), "pick": (-3, 2), "lt": (0, 1), "exp": (-numpy.inf, numpy.inf),
    }  # fmt: skip
