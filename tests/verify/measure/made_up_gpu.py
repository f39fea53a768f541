"""Runs ``python -m verify`` with torch on the CPU dressed as a CUDA device. Nothing is measured.

    python made_up_gpu.py profiler --device cuda --record gpu.json

All packages but torch, NumPy and what these two need are blocked, as on a machine that has nothing
else. Kernels are those that are predicted. ``MADE_UP`` may say, in words, what is to go wrong:
``unknown kernel`` gives one layer a kernel of another name, ``few layers`` leaves most layers out.
"""

from __future__ import annotations

import importlib.abc
import os
import re
import sys
from collections.abc import Sequence
from importlib import metadata
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

ROOT = Path(__file__).parents[3]
WRONG = os.environ.get("MADE_UP", "")
#: A maximum, an average and an adaptive pooling stand for the table.
FEW = ("ResNet stem", "mean with overhang", "ragged maximum", "maximum along one axis")


class Allowed(importlib.abc.MetaPathFinder):
    """Finds what Python finds, but for the packages that are not allowed: they are not there."""

    def __init__(self) -> None:
        needed = {"setuptools"}
        waiting = ["torch", "numpy"]
        while waiting:
            name = re.sub("[-_.]+", "-", waiting.pop()).lower()
            if name in needed:
                continue
            needed.add(name)
            try:
                required = metadata.requires(name) or []
            except metadata.PackageNotFoundError:
                continue
            plain = [line for line in required if "extra ==" not in line]
            waiting += [re.split(r"[ ;<>=!~\[(]", line)[0] for line in plain]
        self.blocked = {
            module
            for module, owners in metadata.packages_distributions().items()
            if not any(re.sub("[-_.]+", "-", owner).lower() in needed for owner in owners)
        } - {"pooling", "costmodel", "proofs", "verify", "tests", "benchmarks"}

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find a module, unless it is of a package that is not allowed."""
        if name.partition(".")[0] in self.blocked:
            return None
        return PathFinder.find_spec(name, path, target)


def dress() -> None:
    """Make torch say that there is a GPU, and let everything for it run on the CPU."""
    import torch

    from verify.measure import layers

    if "few layers" in WRONG:
        layers.LAYERS = tuple(layer for layer in layers.LAYERS if layer.name in FEW)

    from verify.measure import checks, measuring
    from verify.measure.reading import Kernel, counted

    def anything(name: str, value: Any, owner: Any = torch.cuda) -> None:
        setattr(owner, name, value)

    properties = SimpleNamespace(name="Made-up GPU", major=9, minor=0, multi_processor_count=1)
    anything("is_available", lambda: True)
    anything("get_device_properties", lambda number: properties)
    anything("synchronize", lambda: None)
    given, moved = layers.Layer.input, torch.nn.Module.to
    anything("input", lambda layer, device: given(layer, "cpu"), layers.Layer)
    anything("to", lambda module, *to: module if to == ("cuda",) else moved(module, *to),
             torch.nn.Module)  # fmt: skip
    anything("counted", lambda work, device, *formulas: counted(work, "cpu", *formulas), measuring)

    def kernels(layer: layers.Layer, x: Any) -> tuple[Kernel, ...]:
        name = checks.kernel_name(layer)
        if name is None:
            return (Kernel("a_mean", (1, 1, 1), (32, 1, 1)),)
        expected = checks.launch(layer)
        blocks = expected.get("planes") or -(-expected.get("outputs", 0) // 256)
        if layer.name == FEW[0] and "unknown kernel" in WRONG:
            name = "brand_new_pool"
        return (
            Kernel(
                f"void {name}<float>(int)",
                tuple(expected.get("grid", (blocks, 1, 1))),
                tuple(expected.get("block", (256, 1, 1))),
            ),
        )

    anything("_kernels", kernels, measuring)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.meta_path[sys.meta_path.index(PathFinder)] = Allowed()
    dress()
    from verify import cli

    sys.exit(cli.main(sys.argv[1:]))
