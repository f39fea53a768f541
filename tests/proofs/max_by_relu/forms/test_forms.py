from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proofs.evaluate import evaluate
from proofs.max_by_relu.forms._forms import FORMS
from proofs.systems import SYSTEMS
from verify.strategies import elements

Half = numpy.float16


def _relu(x: Any) -> Any:
    return x if x > 0 or numpy.isnan(x) else type(x)(0)


def _wide(a: Any, b: Any) -> Any:
    x, y = numpy.float32(a), numpy.float32(b)
    return Half(_relu(x - y) + y)


def _halves(a: Any, b: Any) -> Any:
    x, y = a / Half(2), b / Half(2)
    return Half(2) * (_relu(x - y) + y)


#: Every form once more, in NumPy's own arithmetic.
IN_NUMPY: dict[str, Callable[[Any, Any], Any]] = {
    "difference": lambda a, b: _relu(a - b) + b,
    "mirror": lambda a, b: a + _relu(b - a),
    "three-relus": lambda a, b: _relu(a - b) + _relu(b) - _relu(-b),
    "distance": lambda a, b: (a + b + abs(a - b)) * Half(0.5),
    "halves": _halves,
    "wide": _wide,
}


def test_names() -> None:
    """Six forms, by short names that can stand on a command line."""
    assert list(FORMS) == list(IN_NUMPY)
    assert all(name.replace("-", "").isalpha() for name in FORMS)


@pytest.mark.parametrize("name", FORMS)
@given(st.fractions(), st.fractions())
def test_all_are_the_maximum(name: str, a: Fraction, b: Fraction) -> None:
    """In exact arithmetic every form is the maximum."""
    assert evaluate(FORMS[name], {"a": a, "b": b}, SYSTEMS["real"]) == max(a, b)


@pytest.mark.parametrize("name", FORMS)
@given(elements("float16"), elements("float16"))
def test_as_numpy_computes_them(name: str, a: float, b: float) -> None:
    """In float16 every form is what NumPy makes of it, operation by operation."""
    with numpy.errstate(all="ignore"):
        expected = float(IN_NUMPY[name](Half(a), Half(b)))
    system = SYSTEMS["float16"]
    assert system.equal(evaluate(FORMS[name], {"a": a, "b": b}, system), expected)


def test_no_two_are_the_same_in_floats() -> None:
    """Each pair of forms differs somewhere in float16, but for two that are the same."""
    system = SYSTEMS["float16"]
    pairs = [(a, b) for a in system.simple_values() for b in system.simple_values()]
    results = {
        name: [evaluate(form, {"a": a, "b": b}, system) for a, b in pairs]
        for name, form in FORMS.items()
    }
    same = {
        (one, other)
        for one, left in results.items()
        for other, right in results.items()
        if one < other and all(map(system.equal, left, right))
    }
    assert same == {("difference", "three-relus")}
