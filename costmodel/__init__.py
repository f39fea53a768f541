"""What pooling costs: exact counts of operations, in closed form.

Formulas take ints of any size, NumPy arrays or SymPy symbols, take constant time in the size of
the image, and count only taps inside the input. Loading this package loads neither
NumPy, SymPy nor torch.

>>> import costmodel
>>> costmodel.flops("max_pool2d", (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
1584192
>>> costmodel.bytes_moved("max_pool2d", (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
4014080
>>> costmodel.cost("avg_pool1d", (16, 100), kernel_size=4).to_dict()
... # doctest: +NORMALIZE_WHITESPACE
{'outputs': 400, 'taps': 1600, 'output_shape': (16, 25),
 'comparisons': 0, 'additions': 1200, 'multiplications': 0, 'divisions': 400, 'powers': 0,
 'exponentials': 0, 'inputs_read': 1600, 'indices': 0}
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from costmodel.counts import Cost, Windows
from costmodel.flop_counter import torch_formulas
from costmodel.registry import bytes_moved, cost, flops, operators, register

if TYPE_CHECKING:
    from costmodel.cuda_kernels import instructions
    from costmodel.device import Device, Roofline, devices, intensity, register_device, roofline
    from costmodel.model import of_model
    from costmodel.model_cost import ModelCost
    from costmodel.whole.rows import OperatorCost

__all__ = [
    "Cost",
    "Device",
    "ModelCost",
    "OperatorCost",
    "Roofline",
    "Windows",
    "bytes_moved",
    "cost",
    "devices",
    "flops",
    "instructions",
    "intensity",
    "of_model",
    "operators",
    "register",
    "register_device",
    "roofline",
    "torch_formulas",
]

#: Names that are loaded when first asked for: one of the modules loads torch.
_MODULES = {
    "Device": "costmodel.device",
    "ModelCost": "costmodel.model_cost",
    "OperatorCost": "costmodel.whole.rows",
    "Roofline": "costmodel.device",
    "devices": "costmodel.device",
    "instructions": "costmodel.cuda_kernels",
    "intensity": "costmodel.device",
    "of_model": "costmodel.model",
    "register_device": "costmodel.device",
    "roofline": "costmodel.device",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'costmodel' has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value  # so that the next look-up is an ordinary one
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
