"""Elements at places: of extremes, of what is computed of these, and where masks hold."""

from __future__ import annotations

from collections.abc import Callable

import numpy
import pytest
import torch
import torch.nn.functional as F

from proofs.systems import SYSTEMS
from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.operators.places import chosen, handed_out
from verify.judge.symbols.algebra import Algebra, NoTermError
from verify.judge.symbols.evaluation import real_values
from verify.judge.symbols.terms import Terms, possible
from verify.judge.watching.reader import Reader

Network = Callable[[torch.Tensor], torch.Tensor]


def windows(x: torch.Tensor) -> torch.Tensor:
    """Return the four taps of every 2 × 2 window along the last axis."""
    return x.unfold(-2, 2, 2).unfold(-2, 2, 2).flatten(-2)


def by_row_and_column(x: torch.Tensor) -> torch.Tensor:
    """Take the largest tap by its row and column in the plane."""
    place = windows(x).argmax(-1)
    rows = 2 * torch.arange(2)[:, None] + place // 2
    columns = 2 * torch.arange(2) + place % 2
    planes = torch.arange(x.shape[0])[:, None, None]
    return x[planes, rows, columns]


def by_place(x: torch.Tensor) -> torch.Tensor:
    """Take the largest tap by its place in the flat plane."""
    _, places = F.max_pool2d(x, 2, return_indices=True)
    return x.flatten(1).gather(1, places.flatten(1)).reshape(places.shape)


def one_hot(x: torch.Tensor) -> torch.Tensor:
    """Multiply taps by a 1 where the largest is."""
    taps = windows(x)
    return (taps * F.one_hot(taps.argmax(-1), 4)).sum(-1)


def in_python(x: torch.Tensor) -> torch.Tensor:
    """Read every place and index by it."""
    taps = windows(x)[0].reshape(-1, 4)
    return torch.stack([row[int(row.argmax())] for row in taps]).reshape(1, 2, 2)


def masked(x: torch.Tensor) -> torch.Tensor:
    """Write larger taps over smaller ones."""
    best = windows(x)[0, 0, :1, 0].clone()
    for tap in windows(x)[0, 0, :1, 1:].unbind(-1):
        larger = tap > best
        best[larger] = tap[larger]
    return best


def pooled(x: torch.Tensor) -> torch.Tensor:
    """Max-pool 2."""
    return F.max_pool2d(x, 2)


SPELLED: list[tuple[Network, Network]] = [
    (by_row_and_column, pooled),
    (by_place, pooled),
    (one_hot, pooled),
    (in_python, pooled),
    (masked, lambda x: pooled(x)[0, 0, :1]),
    (lambda x: x.flatten().take(x.argmax()), lambda x: x.max()),
    (lambda x: x.flatten().index_select(0, x.argmax()[None])[0], lambda x: x.max()),
    (lambda x: x[0, 0, :1].masked_scatter(x[0, 0, :1] < x[0, 1, :1], x[0, 1, :1]),
     lambda x: torch.maximum(x[0, 0, :1], x[0, 1, :1])),
    (lambda x: x[0, 0, (x[0, 0] > 0).nonzero()[:, 0]].sum(), lambda x: x[0, 0].relu().sum()),
    (lambda x: x[0, 0].masked_select(x[0, 0] > 0).sum(), lambda x: x[0, 0].relu().sum()),
    (lambda x: x[0, 0][x[0, 0] > 0].sum(), lambda x: x[0, 0].relu().sum()),
]  # fmt: skip


@pytest.mark.parametrize(("network", "spelled"), SPELLED)
def test_elements_are_where_the_extremes_are(network: Network, spelled: Network) -> None:
    """And another element is not mistaken for them."""
    found = equivalent(network, spelled, (1, 4, 4))
    assert found.verdict is Verdict.PROVED_BOUNDED, found.reason
    wrong = equivalent(lambda x: network(-x), spelled, (1, 4, 4))
    assert wrong.verdict is Verdict.REFUTED


def test_a_place_too_many() -> None:
    """The smallest taken for the largest, a column for a row."""
    for network in (
        lambda x: x.flatten(1).gather(1, x.flatten(1).argmin(1, keepdim=True)),
        lambda x: x[:, x.flatten(1).argmax() % 4, x.flatten(1).argmax() // 4][:, None],
    ):
        found = equivalent(network, lambda x: x.flatten(1).amax(1, keepdim=True), (1, 4, 4))
        assert found.verdict is Verdict.REFUTED


def test_numbers_that_a_place_can_be() -> None:
    """Of a place, of what is computed of it, and of nothing else."""
    algebra = Algebra(Terms(3), SYSTEMS["real"])
    reader = Reader(algebra, ())
    keys = algebra.terms.variables.reshape(1, 3)
    numbers = numpy.array([[algebra.constant(k) for k in range(3)]], numpy.int32)
    place = algebra.pick(numbers, keys)
    half = algebra.function("floor", algebra.divide(place, algebra.constant(2)))
    assert possible(algebra.terms, int(place[0])) == frozenset({0, 1, 2})
    assert possible(algebra.terms, int(half[0])) == frozenset({0, 1})
    assert possible(algebra.terms, int(keys[0, 0])) is None
    turned = [int(numbers[0, 2]), int(numbers[0, 0])]
    same = chosen(reader, [int(half[0])], lambda known: turned[known[0]])
    assert possible(algebra.terms, same) == frozenset({0, 2})
    with pytest.raises(NoTermError, match="computed from the input"):
        chosen(reader, [int(keys[0, 0])], lambda known: 0)


def out_of_bounds(x: torch.Tensor, use: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    """Max-pool 2, and something at a place that is −1 on few inputs."""
    peak = 1 - (x[0, 0, 0] - 0.700015).abs() * 1e6
    place = -torch.stack([torch.zeros_like(peak), peak]).argmax()
    return F.max_pool1d(x, 2) + use(place.reshape(1))


@pytest.mark.parametrize(
    "use",
    [
        lambda place: torch.zeros(2).gather(0, place),
        lambda place: torch.zeros(2).index_select(0, place),
        lambda place: torch.zeros(2).scatter(0, place, 0.0)[0],
        lambda place: torch.zeros(2).scatter_add(0, place, torch.zeros(1))[0],
    ],
)
def test_a_place_out_of_bounds_is_not_proved(use: Callable[[torch.Tensor], torch.Tensor]) -> None:
    """NumPy counts −1 from the end; torch raises there."""

    def network(x: torch.Tensor) -> torch.Tensor:
        return out_of_bounds(x, use)

    with pytest.raises((RuntimeError, IndexError)):
        network(torch.full((1, 1, 4), 0.700015))
    assert equivalent(network, "max_pool1d(2)", (1, 1, 4), why=False).verdict is Verdict.TESTED


def test_what_is_handed_out_arrives_in_one_place_or_another() -> None:
    """Of a largest element's place every possible one gets the term or 0; of a known place one."""
    terms = Terms(3)
    reader = Reader(Algebra(terms, SYSTEMS["real"]), ())
    a, b, c = terms.variables.tolist()
    numbers = [reader.algebra.constant(n) for n in (4, 7)]
    row = numpy.array([numbers], numpy.int32)
    open_ = int(reader.algebra.pick(row, numpy.array([[a, b]], numpy.int32))[0])
    places = numpy.array([open_, numbers[0]], numpy.int32)
    whose, targets, sources = handed_out(reader, places, numpy.array([c, a], numpy.int32))
    arrived = dict(zip(zip(whose.tolist(), targets.tolist(), strict=True), sources.tolist(),
                       strict=True))  # fmt: skip
    assert set(arrived) == {(0, 4), (0, 7), (1, 4)}
    assert arrived[1, 4] == a
    for x, wanted in (((1.0, 1.0, 5.0), (5, 0)), ((1.0, 2.0, 5.0), (0, 5))):
        found = real_values(terms, numpy.array([x]).T, torch.float32,
                            numpy.array([arrived[0, 4], arrived[0, 7]]))  # fmt: skip
        assert tuple(found.values[:, 0]) == wanted


def test_a_place_that_can_be_anything_is_refused() -> None:
    """An element of the input is no place."""
    terms = Terms(2)
    reader = Reader(Algebra(terms, SYSTEMS["real"]), ())
    with pytest.raises(NoTermError, match="places that are not known"):
        handed_out(reader, terms.variables[:1], terms.variables[1:])
