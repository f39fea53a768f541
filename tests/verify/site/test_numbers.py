"""What the pages on numbers are given."""

from __future__ import annotations

from base64 import b64decode
from itertools import product

import numpy
import pytest

from proofs.systems import SYSTEMS
from proofs.systems.floats import FloatFormat
from verify.site.numbers import CELLS, SWEPT, formats, planes, presets, rewrites, wrong_shares


def test_formats_are_those_that_a_tensor_holds() -> None:
    """Every dtype of the matrix is there, and the small integers besides."""
    names = {data["name"] for data in formats()}
    assert {name for name, system in SYSTEMS.items() if system.dtype} <= names
    assert [data["name"] for data in formats() if data["saturates"]] == [
        "saturating_int8",
        "float8_e4m3fn",
    ]


def test_presets_say_what_they_should_equal() -> None:
    """Each is a rewrite and a target."""
    assert all(len(text.split(" = ")) == 2 for _, text in presets())


@pytest.mark.slow
def test_swept_shares_are_those_of_single_pairs() -> None:
    """In some cells every pair is computed exactly, and as many fail."""
    form = rewrites()["difference"]
    shares = wrong_shares(form, "float16")
    system = SYSTEMS["float16"]
    assert isinstance(system, FloatFormat)
    values = sorted(
        {v for v in map(system.from_bits, range(1 << 16)) if v == v and abs(v) != float("inf")}
    )
    edges = [cell * len(values) // CELLS for cell in range(CELLS + 1)]
    for i, j in ((130, 120), (200, 60), (250, 5)):
        xs, ys = values[edges[i] : edges[i] + 40], values[edges[j] : edges[j + 1]]
        assert len(xs) == 40
        wrong = 0
        for a, b in product(values[edges[i] : edges[i + 1]], ys):
            difference = system.apply("sub", [a, b])
            result = system.apply("add", [system.apply("relu", [difference]), b])
            wrong += result != max(a, b)
        assert shares[i, j] == wrong / ((edges[i + 1] - edges[i]) * (edges[j + 1] - edges[j]))


@pytest.mark.slow
def test_a_plane_is_packed_with_a_to_the_right() -> None:
    """Bytes are the shares, b by b; one wrong pair is enough for 1."""
    plane = next(planes())
    assert (plane["format"], plane["form"]) == (SWEPT[0], "difference")
    packed = numpy.frombuffer(b64decode(plane["counts"]), dtype=numpy.uint8).reshape(CELLS, CELLS)
    shares = wrong_shares(rewrites()["difference"], SWEPT[0])
    assert ((packed.T > 0) == (shares > 0)).all()
    assert abs(packed.T / 255 - shares).max() <= 0.5 / 255 + 1 / 255
