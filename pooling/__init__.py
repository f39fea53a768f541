"""What pooling is: window arithmetic, checked arguments, exact reference definitions, and modules.

Functions such as ``max_pool`` are definitions; modules such as ``MaxPool2d`` are the same poolings
rebuilt from convolution and ReLU, and modules such as ``SoftmaxPool2d`` are poolings that torch
lacks. Names are resolved when first asked for, so that importing this package, as the cost model
does on its way to milliseconds, loads neither NumPy nor SymPy nor torch.

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
    from pooling.generalized import logsumexp_pool, mixed_pool, softmax_pool, stochastic_pool
    from pooling.modules import (
        GlobalAvgPool1d,
        GlobalAvgPool2d,
        GlobalAvgPool3d,
        GlobalMaxPool1d,
        GlobalMaxPool2d,
        GlobalMaxPool3d,
        LogSumExpPool1d,
        LogSumExpPool2d,
        LogSumExpPool3d,
        MixedPool1d,
        MixedPool2d,
        MixedPool3d,
        PowerAveragePool1d,
        PowerAveragePool2d,
        PowerAveragePool3d,
        SoftmaxPool1d,
        SoftmaxPool2d,
        SoftmaxPool3d,
        StochasticPool1d,
        StochasticPool2d,
        StochasticPool3d,
    )
    from pooling.rebuilt import (
        AdaptiveAvgPool1d,
        AdaptiveAvgPool2d,
        AdaptiveAvgPool3d,
        AdaptiveMaxPool1d,
        AdaptiveMaxPool2d,
        AdaptiveMaxPool3d,
        AvgPool1d,
        AvgPool2d,
        AvgPool3d,
        MaxPool1d,
        MaxPool2d,
        MaxPool3d,
        MinPool1d,
        MinPool2d,
        MinPool3d,
        rebuild,
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
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "Axis",
    "GlobalAvgPool1d",
    "GlobalAvgPool2d",
    "GlobalAvgPool3d",
    "GlobalMaxPool1d",
    "GlobalMaxPool2d",
    "GlobalMaxPool3d",
    "LogSumExpPool1d",
    "LogSumExpPool2d",
    "LogSumExpPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MinPool1d",
    "MinPool2d",
    "MinPool3d",
    "MixedPool1d",
    "MixedPool2d",
    "MixedPool3d",
    "PoolingArguments",
    "PowerAveragePool1d",
    "PowerAveragePool2d",
    "PowerAveragePool3d",
    "SoftmaxPool1d",
    "SoftmaxPool2d",
    "SoftmaxPool3d",
    "StochasticPool1d",
    "StochasticPool2d",
    "StochasticPool3d",
    "adaptive_arguments",
    "adaptive_avg_pool",
    "adaptive_max_pool",
    "average_arguments",
    "avg_pool",
    "fractional_arguments",
    "fractional_max_pool",
    "logsumexp_pool",
    "lp_pool",
    "max_pool",
    "min_pool",
    "mixed_pool",
    "norm_arguments",
    "occupied",
    "output_size",
    "pooling_arguments",
    "rebuild",
    "softmax_pool",
    "stochastic_pool",
    "taps",
]

_MODULES = {
    "AdaptiveAvgPool1d": "pooling.rebuilt",
    "AdaptiveAvgPool2d": "pooling.rebuilt",
    "AdaptiveAvgPool3d": "pooling.rebuilt",
    "AdaptiveMaxPool1d": "pooling.rebuilt",
    "AdaptiveMaxPool2d": "pooling.rebuilt",
    "AdaptiveMaxPool3d": "pooling.rebuilt",
    "AvgPool1d": "pooling.rebuilt",
    "AvgPool2d": "pooling.rebuilt",
    "AvgPool3d": "pooling.rebuilt",
    "Axis": "pooling.arguments",
    "GlobalAvgPool1d": "pooling.modules",
    "GlobalAvgPool2d": "pooling.modules",
    "GlobalAvgPool3d": "pooling.modules",
    "GlobalMaxPool1d": "pooling.modules",
    "GlobalMaxPool2d": "pooling.modules",
    "GlobalMaxPool3d": "pooling.modules",
    "LogSumExpPool1d": "pooling.modules",
    "LogSumExpPool2d": "pooling.modules",
    "LogSumExpPool3d": "pooling.modules",
    "MaxPool1d": "pooling.rebuilt",
    "MaxPool2d": "pooling.rebuilt",
    "MaxPool3d": "pooling.rebuilt",
    "MinPool1d": "pooling.rebuilt",
    "MinPool2d": "pooling.rebuilt",
    "MinPool3d": "pooling.rebuilt",
    "MixedPool1d": "pooling.modules",
    "MixedPool2d": "pooling.modules",
    "MixedPool3d": "pooling.modules",
    "PoolingArguments": "pooling.arguments",
    "PowerAveragePool1d": "pooling.modules",
    "PowerAveragePool2d": "pooling.modules",
    "PowerAveragePool3d": "pooling.modules",
    "SoftmaxPool1d": "pooling.modules",
    "SoftmaxPool2d": "pooling.modules",
    "SoftmaxPool3d": "pooling.modules",
    "StochasticPool1d": "pooling.modules",
    "StochasticPool2d": "pooling.modules",
    "StochasticPool3d": "pooling.modules",
    "adaptive_arguments": "pooling.arguments",
    "adaptive_avg_pool": "pooling.reference",
    "adaptive_max_pool": "pooling.reference",
    "average_arguments": "pooling.arguments",
    "avg_pool": "pooling.reference",
    "fractional_arguments": "pooling.arguments",
    "fractional_max_pool": "pooling.reference",
    "logsumexp_pool": "pooling.generalized",
    "lp_pool": "pooling.reference",
    "max_pool": "pooling.reference",
    "min_pool": "pooling.reference",
    "mixed_pool": "pooling.generalized",
    "norm_arguments": "pooling.arguments",
    "occupied": "pooling.windows",
    "output_size": "pooling.windows",
    "pooling_arguments": "pooling.arguments",
    "rebuild": "pooling.rebuilt",
    "softmax_pool": "pooling.generalized",
    "stochastic_pool": "pooling.generalized",
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
