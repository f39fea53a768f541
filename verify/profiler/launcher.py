"""Runs each layer once on the GPU, so that Nsight Compute can count what its kernel executes.

``python -m verify.profiler.launcher layers.json`` is what ``ncu`` is given to run. A kernel that
only waits is launched before each layer and after the last one: it shows in the report where a
layer begins, whatever kernels torch launches. Nothing is profiled before the first of them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from verify.profiler.layers import Layer


def launch(layers: Sequence[Layer]) -> None:
    """Run the native pooling of each layer once between two waits."""
    import torch

    inputs = [layer.input("cuda") for layer in layers]
    for layer, x in zip(layers, inputs, strict=True):
        layer.native(x)  # what a first call sets up is not to be counted
    torch.cuda.synchronize()
    profiler: Any = torch.cuda.profiler
    wait: Callable[[int], None] = torch.cuda._sleep
    profiler.start()
    wait(1)
    for layer, x in zip(layers, inputs, strict=True):
        layer.native(x)
        wait(1)
    torch.cuda.synchronize()
    profiler.stop()


if __name__ == "__main__":
    listed = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    launch([Layer.from_dict(entries) for entries in listed])
