"""What pooling is: window arithmetic, checked arguments and exact reference definitions.

Names are resolved when first asked for, so that importing this package, as the cost model does on
its way to milliseconds, loads neither NumPy nor SymPy nor torch.

>>> import pooling
>>> pooling.max_pool([[0, 1, 2], [3, 4, 5], [6, 7, 8]], kernel_size=(2, 2), stride=1).tolist()
[[4, 5], [7, 8]]
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pooling.arguments import (
        Axis,
        PoolingArguments,
        adaptive_arguments,
        average_arguments,
        fractional_arguments,
        norm_arguments,
        pooling_arguments,
    )
    from pooling.reference import (
        adaptive_avg_pool,
        adaptive_max_pool,
        avg_pool,
        fractional_max_pool,
        lp_pool,
        max_pool,
        min_pool,
    )
    from pooling.windows import occupied, output_size, taps

__all__ = [
    "Axis",
    "PoolingArguments",
    "adaptive_arguments",
    "adaptive_avg_pool",
    "adaptive_max_pool",
    "average_arguments",
    "avg_pool",
    "fractional_arguments",
    "fractional_max_pool",
    "lp_pool",
    "max_pool",
    "min_pool",
    "norm_arguments",
    "occupied",
    "output_size",
    "pooling_arguments",
    "taps",
]

_MODULES = {
    "Axis": "pooling.arguments",
    "PoolingArguments": "pooling.arguments",
    "adaptive_arguments": "pooling.arguments",
    "adaptive_avg_pool": "pooling.reference",
    "adaptive_max_pool": "pooling.reference",
    "average_arguments": "pooling.arguments",
    "avg_pool": "pooling.reference",
    "fractional_arguments": "pooling.arguments",
    "fractional_max_pool": "pooling.reference",
    "lp_pool": "pooling.reference",
    "max_pool": "pooling.reference",
    "min_pool": "pooling.reference",
    "norm_arguments": "pooling.arguments",
    "occupied": "pooling.windows",
    "output_size": "pooling.windows",
    "pooling_arguments": "pooling.arguments",
    "taps": "pooling.windows",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'pooling' has no attribute {name!r}")
    value = getattr(import_module(_MODULES[name]), name)
    globals()[name] = value  # so that the next look-up is an ordinary one
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
