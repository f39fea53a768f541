"""Runs each layer once on the GPU, so that Nsight Compute can count what its kernel executes.

``python -m verify.measure.launcher layers.json`` is what ``ncu`` is given to run. A kernel that
only waits is launched before each layer and after the last one: it shows in the report where a
layer begins, whatever kernels torch launches. Nothing is profiled before the first of them.
"""

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from verify.measure.layers import Layer


def launch(layers: Sequence[Layer]) -> None:
    """Run the native pooling of each layer once between two waits.

    A layer that cannot be run here is named on standard error and leaves nothing between them.
    """
    import torch

    works = [_prepared(layer) for layer in layers]
    torch.cuda.synchronize()
    profiler: Any = torch.cuda.profiler
    wait: Callable[[int], None] = torch.cuda._sleep
    profiler.start()
    wait(1)
    for work in works:
        work()
        wait(1)
    torch.cuda.synchronize()
    profiler.stop()


def _prepared(layer: Layer) -> Callable[[], Any]:
    """Return the work of a layer, which was done once: what a first call sets up is not counted."""
    try:
        x = layer.input("cuda")
        layer.native(x)
    except Exception as accident:
        # One layer that torch cannot run here must not hide what is counted of the others.
        print(f"{layer.name}: {type(accident).__name__}: {accident}", file=sys.stderr)
        return lambda: None
    return lambda: layer.native(x)


if __name__ == "__main__":
    listed = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    launch([Layer.from_dict(entries) for entries in listed])
