"""Count models of ``timm`` on meta tensors, in a process of its own.

``python -m tests.costmodel.whole.timm_models NAME ...`` prints a line of JSON for each, without
names for one model of each of the library's files. A process of its own, because timm needs
torchvision: see the ``zoo`` extra in ``pyproject.toml``.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import torch
from torch import nn

import costmodel
from tests.costmodel.whole.second_counts import counted_by_torch, said_by_torch, tap_by_tap

#: The compiled operators that ``import torchvision`` speaks of at once.
_OPERATORS = ("nms", "qnms")


def timm() -> Any:
    """Return the library, with torchvision as far as it is written in Python.

    The wheel in the package index has operators for the torch with CUDA only. Where they cannot be
    loaded, `import torchvision` fails for want of their signatures, and no more.
    """
    try:
        import torchvision  # type: ignore[import-not-found, unused-ignore] # noqa: F401
    except RuntimeError:
        for name in _OPERATORS:
            signature = "(Tensor boxes, Tensor scores, float threshold) -> Tensor"
            torch.library.define(f"torchvision::{name}", signature)
    import timm as found  # type: ignore[import-not-found, unused-ignore]

    return found


def counted(model: nn.Module, shape: tuple[int, ...]) -> dict[str, Any]:
    """Return our counts of a model and the second ones, for a batch of one and of two."""
    cost, two = (costmodel.of_model(model, (batch, *shape)) for batch in (1, 2))
    pooled = [row for row in cost.rows if row.pooling]
    return {
        "on": cost.on,
        "products": counted_by_torch(cost),
        "torch": said_by_torch(model, {"x": (1, *shape)}, "meta"),
        "pooled": [row.flops for row in pooled],
        "taps": [tap_by_tap(row) for row in pooled],
        "pooled_twice": [row.flops for row in two.rows if row.pooling],
        "parameters": cost.parameters,
    }


def main(names: list[str]) -> None:
    """Print what is counted of each model."""
    warnings.simplefilter("ignore")
    library = timm()
    if not names:
        found = (library.list_models(module=module) for module in library.list_modules())
        names = [models[0] for models in found if models]
    for name in names:
        with torch.device("meta"):
            model = library.create_model(name).eval().requires_grad_(False)
        said = counted(model, model.default_cfg["input_size"])
        print(json.dumps({"name": name} | said), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
