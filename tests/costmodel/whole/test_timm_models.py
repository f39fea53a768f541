"""Twenty architectures of ``timm`` at their own size; in full runs one of each of its files too."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
#: Where `make install` puts what must not stand beside the other packages.
ZOO = Path(sys.prefix) / "zoo"

#: A model → how many poolings it has.
ARCHITECTURES = {
    "resnet50": 2,
    "densenet121": 5,
    "inception_v3": 14,
    "efficientnet_b0": 17,
    "ghostnet_050": 8,
    "ecaresnet26t": 13,
    "skresnet18": 26,
    "resnest14d": 20,
    "dm_nfnet_f0": 16,
    "hrnet_w18": 1,
    "convnext_atto": 1,
    "poolformer_s12": 13,
    "vit_base_patch16_224": 0,
    "swin_tiny_patch4_window7_224": 1,
    "levit_128": 1,
    "crossvit_9_240": 0,
    "mvitv2_tiny": 4,
    "focalnet_tiny_lrf": 13,
    "coatnet_0_224": 12,
    "csatv2": 43,
}


def counted(*names: str) -> dict[str, dict[str, Any]]:
    """Return what a process of its own counts of some models, or of one of each file."""
    path = os.pathsep.join([str(ROOT), str(ZOO)])
    lines = subprocess.run(
        [sys.executable, "-m", "tests.costmodel.whole.timm_models", *names],
        env={**os.environ, "PYTHONPATH": path},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.splitlines()
    found = map(json.loads, lines)
    return {entry["name"]: entry for entry in found}


def test_architectures(subtests: pytest.Subtests) -> None:
    """Equal to torch where torch counts, to the taps in poolings, and linear in the batch."""
    if not [*distributions(name="timm", path=[*sys.path, str(ZOO)])]:
        pytest.skip("needs timm: make install")
    found = counted(*ARCHITECTURES)
    if os.environ.get("POOLPROOF_OUTSIDE") == "all":
        found = counted() | found
    assert found.keys() >= ARCHITECTURES.keys()
    for name, entry in found.items():
        with subtests.test(name):
            assert entry["on"] == "meta"
            assert entry["products"] == entry["torch"] > 0
            assert entry["pooled"] == entry["taps"]
            assert entry["pooled_twice"] == [2 * flops for flops in entry["pooled"]]
            assert entry["parameters"] > 0
            assert len(entry["pooled"]) == ARCHITECTURES.get(name, len(entry["pooled"]))
