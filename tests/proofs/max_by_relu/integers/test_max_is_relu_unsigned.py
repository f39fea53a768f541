from __future__ import annotations

import itertools

import numpy
import pytest

from proofs.evaluate import evaluate
from proofs.max_by_relu.integers.max_is_relu_unsigned import of_any_width, wrapped
from proofs.systems import SYSTEMS
from proofs.terms import variables

INTEGER = SYSTEMS["integer"]
x, M = variables("x M")


@pytest.mark.parametrize("modulus", [1, 2, 3, 8])
def test_wrapped_is_modulo(modulus: int) -> None:
    """Sums and differences of two elements are brought back as Python's % brings them."""
    for left, right in itertools.product(range(modulus), repeat=2):
        for result in (left + right, left - right):
            found = evaluate(wrapped(x, M), {"x": result, "M": modulus}, INTEGER)
            assert found == result % modulus


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "uint32", "uint64"])
def test_numpy_gives_the_first(dtype: str) -> None:
    """ReLU(a − b) + b is a in NumPy's unsigned integers, and what the formula gives."""
    top = int(numpy.iinfo(dtype).max)
    near = [0, 1, 2, top // 2, top // 2 + 1, top - 1, top]
    pairs = list(itertools.product(near, repeat=2))
    first, second = (numpy.array(column, dtype) for column in zip(*pairs, strict=True))
    rebuilt = numpy.maximum(first - second, 0) + second
    assert rebuilt.dtype == dtype and (rebuilt == first).all()
    for a, b in pairs:
        assert evaluate(of_any_width, {"a": a, "b": b, "M": top + 1}, INTEGER) == a
