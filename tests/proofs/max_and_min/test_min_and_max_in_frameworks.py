from __future__ import annotations

import platform
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
import torch

from proofs.claim import CheckFailedError
from proofs.max_and_min.min_and_max_in_frameworks import (
    ABSENT,
    RUN,
    absent,
    by_dtype,
    definition,
    like,
    page,
)
from proofs.max_and_min.min_and_max_laws import row

DOCUMENT = Path(__file__).parents[3] / "docs" / "max_and_min.md"


def test_the_document_is_current() -> None:
    """docs/max_and_min.md is what the command it shows prints."""
    assert DOCUMENT.read_text("utf-8") == page()


@pytest.mark.parametrize("lent", [False, True])
def test_what_another_package_lends_is_not_of_numpy(
    monkeypatch: pytest.MonkeyPatch, lent: bool
) -> None:
    """Whether bfloat16 was registered in this process, or not, the same is said of it."""
    numpy_dtype = numpy.dtype

    def dtype(name: str) -> SimpleNamespace | numpy.dtype[Any]:
        if name != "bfloat16":
            return numpy_dtype(name)
        if not lent:
            raise TypeError("data type 'bfloat16' not understood")
        return SimpleNamespace(isbuiltin=2)

    monkeypatch.setattr(numpy, "dtype", dtype)
    assert absent("bfloat16") == "NumPy has no bfloat16 of its own"
    with pytest.raises(CheckFailedError, match="NumPy has float16, and nothing was run in it"):
        absent("float16")


def test_every_function_is_checked_in_every_dtype() -> None:
    """One check per function and dtype, each of which passes; NumPy has no bfloat16."""
    checks = list(by_dtype())
    assert len(checks) == 16
    absent = [check for check in checks if "numpy" in check.name and check.systems == (ABSENT,)]
    assert [check.name for check in absent] == ["numpy.maximum", "numpy.fmax"]
    for check in checks:
        assert ("bfloat16" if check in absent else "on this machine zeros") in check.run()


@pytest.mark.parametrize("name", RUN)
def test_one_is_not_the_other(name: str) -> None:
    """What lets NaN through is not what passes over it."""
    other = "IEEE 754-2019 maximum" if name.endswith("fmax") else "C fmax"
    with pytest.raises(CheckFailedError, match="and nan give"):
        like(name, RUN[name][1].split()[0], other)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_a_zero_comes_out_of_two_zeros(dtype: torch.dtype) -> None:
    """Whichever it is: compared by ==, lengths and strides make no difference."""
    for length in (1, 7, 17, 64, 100):
        minus, plus = torch.full((length,), -0.0, dtype=dtype), torch.zeros(length, dtype=dtype)
        assert torch.equal(torch.maximum(minus, plus), plus)
        assert torch.equal(torch.maximum(plus, minus)[::2], minus[::2])


@pytest.mark.skipif(
    platform.machine() != "x86_64" or torch.backends.cpu.get_cpu_capability() == "DEFAULT",
    reason="speaks of the vector instructions of x86",
)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_the_sign_of_zero_depends_on_the_place(dtype: torch.dtype) -> None:
    """torch.maximum of −0 and +0: within one tensor both zeros come out, and strides change it."""
    minus, plus = torch.full((65,), -0.0, dtype=dtype), torch.zeros(65, dtype=dtype)
    signs = torch.maximum(minus, plus).signbit().tolist()
    assert signs[0] is False and signs[-1] is True
    strided = torch.maximum(minus.repeat_interleave(2)[::2], plus.repeat_interleave(2)[::2])
    assert strided.signbit().all()
    assert row(definition("torch.maximum", str(dtype).split(".")[1])).zeros == "either"


def test_a_maximum_is_no_minimum(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both obey the same laws, so values are compared too."""
    _, dtypes = RUN["torch.maximum"]
    monkeypatch.setitem(RUN, "torch.maximum", ("torch.maximum", dtypes))
    with pytest.raises(CheckFailedError, match="give"):
        like("torch.maximum", "float32", "IEEE 754-2019 maximum")
