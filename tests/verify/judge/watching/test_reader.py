"""Terms beside numbers: memory, and what the handlers of operators ask."""

from __future__ import annotations

import numpy
import pytest
import torch

from proofs.systems import SYSTEMS
from verify.judge.symbols.algebra import Algebra, NoTermError
from verify.judge.symbols.terms import OPAQUE, Terms
from verify.judge.watching.reader import Instead, Reader


def reader(*forced: bool, count: int = 6) -> tuple[Reader, torch.Tensor]:
    """Return a reader, and a placed 2 × 3 tensor of variables."""
    made = Reader(Algebra(Terms(count), SYSTEMS["real"]), forced)
    x = torch.arange(float(count)).reshape(2, -1)
    return made, made.shadows.place(x, made.terms.variables.reshape(tuple(x.shape)))


def test_views_see_the_terms_of_what_they_are_views_of() -> None:
    """By their own size, stride and offset, and so do writes through them."""
    read, x = reader()
    ids = read.ids(x)
    assert (read.ids(x.T[1:]) == ids.T[1:]).all()
    assert (read.ids(x.flatten()[::2]) == ids.reshape(-1)[::2]).all()
    read.shadows.write(x[0, 1:], read.ids(x[1, :2]))
    assert (read.ids(x)[0] == [ids[0, 0], ids[1, 0], ids[1, 1]]).all()
    read.shadows.release()


def test_what_is_known_and_what_depends() -> None:
    """Constants become terms when they are asked for, also beside what depends on the input."""
    read, x = reader()
    known = read.shadows.place(torch.tensor([1.5, 2.0]), None)
    assert read.depends(x)
    assert not read.depends(known)
    assert not read.depends(x[:0])
    read.shadows.write(known[:1], read.ids(x[0, :1]))
    assert read.depends(known)
    assert [read.algebra.value(int(t)) for t in read.ids(known)] == [None, 2]
    read.shadows.release()


def test_bits_read_otherwise_have_no_terms() -> None:
    """A view in another dtype is refused, and so is memory that is not the judge's."""
    read, x = reader()
    with pytest.raises(NoTermError, match="the bits of float32 read as int32"):
        read.ids(x.view(torch.int32))
    with pytest.raises(NoTermError, match="memory made elsewhere"):
        read.shadows.write(torch.zeros(3), read.ids(x[0]))
    read.shadows.release()


def test_truth_values_and_numbers_of_each_other() -> None:
    """A truth value counts as 1 or 0; a number is true unless it is 0."""
    read, x = reader()
    positive = read.algebra.compare("gt", read.ids(x), 0)
    mask = read.shadows.place(torch.ones(2, 3, dtype=torch.bool), positive)
    assert read.terms.block_of(int(read.numeric(mask)[0, 0])).operator == "select"
    assert (read.truth(mask) == positive).all()
    assert read.terms.block_of(int(read.truth(x)[0, 0])).operator == "not"
    assert read.number(True) == read.algebra.constant(True)
    with pytest.raises(NoTermError, match="a str"):
        read.number("1")
    read.shadows.release()


def test_decisions() -> None:
    """As forced, then as they are; the same question once; a negation is the same question."""
    read, x = reader(False)
    a, b = (int(t) for t in read.algebra.compare("lt", read.ids(x[0, :2]), read.ids(x[1, :2])))
    assert not read.decide(a, True)
    assert read.decide(b, True)
    assert not read.decide(a, True)
    assert read.decide(int(read.algebra.negation(a)), False)
    assert [(d.term, d.answer) for d in read.decisions] == [(a, False), (b, True)]
    for term, words in ((OPAQUE, "not known"), (int(read.ids(x)[0, 0]), "a decision on a number")):
        with pytest.raises(NoTermError, match=words):
            read.decide(term, True)
    read.shadows.release()


def test_masks_and_places_are_decided_one_by_one() -> None:
    """A mask of few elements, a place that is one of few numbers; no others."""
    read, x = reader(True, False, False)
    positive = read.algebra.compare("gt", read.ids(x[0]), 0)
    mask = read.shadows.place(torch.ones(3, dtype=torch.bool), positive)
    assert read.settled(mask).tolist() == [True, False, False]
    numbers = numpy.array([[read.algebra.constant(k) for k in range(3)]], numpy.int32)
    place = int(read.algebra.pick(numbers, read.ids(x)[1:])[0])
    assert read.read(place, 1) == 1
    assert [d.answer for d in read.decisions[3:]] == [False, True]
    with pytest.raises(NoTermError, match="a number is read out of the input"):
        read.read(int(read.ids(x)[0, 0]), 3)
    assert read.instead(x, mask) == Instead((x, mask))
    read.shadows.release()
    read, x = reader(count=14)
    positive = read.algebra.compare("gt", read.ids(x[0]), 0)
    wide = read.shadows.place(torch.ones(7, dtype=torch.bool), positive)
    with pytest.raises(NoTermError, match="more than 6 of them"):
        read.settled(wide)
    read.shadows.release()
