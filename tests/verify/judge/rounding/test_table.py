"""The record that says which kernels were tried, and the judge that asks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.rounding import table
from verify.judge.rounding.table import RECORD, established
from verify.judge.watching import observer

Network = Callable[[torch.Tensor], torch.Tensor]
SHAPE = (2, 4)


def largest(x: torch.Tensor) -> torch.Tensor:
    """Compare halves."""
    return torch.maximum(x[..., :2], x[..., 2:])


def test_an_operator_that_is_not_recorded_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its entry a maximum in float16 is tested, not proved; over the reals it is."""
    assert equivalent(largest, largest, SHAPE, "float16").verdict.settles
    kept = {k: v for k, v in established().operators.items() if k != "aten.maximum.default"}
    monkeypatch.setattr(observer, "established", lambda: replace(established(), operators=kept))
    found = equivalent(largest, largest, SHAPE, "float16")
    assert found.verdict is Verdict.TESTED
    assert "maximum: how it rounds in float16 is not established" in found.reason
    assert equivalent(largest, largest, SHAPE).verdict.settles


def test_another_torch_is_another_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was seen of one torch says nothing of the next."""
    other = replace(established(), torch="1.0.0")
    monkeypatch.setattr(observer, "established", lambda: other)
    found = equivalent(largest, largest, SHAPE, "bfloat16")
    assert found.verdict is Verdict.TESTED
    assert "is established for torch 1.0.0, not 2." in found.reason


def test_the_footprint_names_the_kernels() -> None:
    """In a float system the verdict says on which operators it rests."""
    found = equivalent(largest, largest, SHAPE, "float16")
    (line,) = [line for line in found.footprint if line.startswith("kernels:")]
    assert line.startswith("kernels: maximum.default (all pairs), each as its terms round it")
    assert not [x for x in equivalent(largest, largest, SHAPE).footprint if "kernels" in x]


def test_the_record_is_as_it_is_said_to_be() -> None:
    """It names torch, day, seed and totals, and the totals are those of its entries."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    assert set(record) == {
        "torch", "date", "processor", "seed", "totals", "operators"
    }  # fmt: skip
    for dtype, total in record["totals"].items():
        assert total == sum(counts.get(dtype, 0) for counts in record["operators"].values())
    assert table.read(record) == established()


OTHERWISE: list[tuple[str, Network]] = [
    ("float32", lambda x: torch.add(x, x.flip(0), alpha=3)),
    ("float32", lambda x: torch.addcmul(x, x, x)),
    ("float16", lambda x: torch.addmm(x, x, torch.eye(4, dtype=x.dtype))),
    ("float16", lambda x: x**3),
    ("float16", lambda x: x.mean(1)),
    ("float16", lambda x: x.sum(1)),
    ("bfloat16", lambda x: x @ torch.eye(4, dtype=x.dtype)),
    ("float32", lambda x: x.cumsum(1)),
    ("float16", lambda x: x.exp()),
    ("float32", lambda x: x.lerp(x.flip(0), 0.3)),
    ("float64", lambda x: torch.nn.functional.conv1d(
        x[:, None], torch.tensor([[[0.3, 0.6]]], dtype=x.dtype))),
]  # fmt: skip


@pytest.mark.parametrize(("dtype", "network"), OTHERWISE)
def test_what_may_round_otherwise_is_not_read(dtype: str, network: Network) -> None:
    """Scaled sums, powers, means, sums in an unknown order, products of matrices, functions."""
    found = equivalent(network, network, SHAPE, dtype)
    assert found.verdict is Verdict.TESTED, found.reason
