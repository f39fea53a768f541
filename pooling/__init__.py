"""What pooling is: window arithmetic, checked arguments, exact reference definitions, and modules.

Functions such as ``max_pool`` are definitions; modules such as ``MaxPool2d`` are the same poolings
rebuilt from convolution and ReLU, and modules such as ``SoftmaxPool2d`` are poolings that torch
lacks. Both follow from the entries in :mod:`pooling.kinds`. Names are resolved when first asked
for, so that importing this package, as the cost model does on its way to milliseconds, loads
neither NumPy nor SymPy nor torch.

>>> import pooling
>>> pooling.max_pool([[0, 1, 2], [3, 4, 5], [6, 7, 8]], kernel_size=(2, 2), stride=1).tolist()
[[4, 5], [7, 8]]
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pooling.arguments import Axis as Axis
    from pooling.arguments import PoolingArguments as PoolingArguments
    from pooling.arguments import Window as Window
    from pooling.kind import Kind as Kind
    from pooling.kinds.adaptive_avg_pool import (
        adaptive_average_arguments as adaptive_average_arguments,
    )
    from pooling.kinds.adaptive_avg_pool import adaptive_avg_pool as adaptive_avg_pool
    from pooling.kinds.adaptive_max_pool import adaptive_arguments as adaptive_arguments
    from pooling.kinds.adaptive_max_pool import adaptive_max_pool as adaptive_max_pool
    from pooling.kinds.avg_pool import average_arguments as average_arguments
    from pooling.kinds.avg_pool import avg_pool as avg_pool
    from pooling.kinds.fractional_max_pool import fractional_arguments as fractional_arguments
    from pooling.kinds.fractional_max_pool import fractional_max_pool as fractional_max_pool
    from pooling.kinds.logsumexp_pool import logsumexp_pool as logsumexp_pool
    from pooling.kinds.lp_pool import lp_pool as lp_pool
    from pooling.kinds.lp_pool import norm_arguments as norm_arguments
    from pooling.kinds.max_pool import max_pool as max_pool
    from pooling.kinds.max_pool import pooling_arguments as pooling_arguments
    from pooling.kinds.min_pool import min_pool as min_pool
    from pooling.kinds.mixed_pool import mixed_pool as mixed_pool
    from pooling.kinds.softmax_pool import softmax_pool as softmax_pool
    from pooling.kinds.stochastic_pool import stochastic_pool as stochastic_pool
    from pooling.modules.global_pool import GlobalAvgPool, GlobalMaxPool
    from pooling.modules.mixed import MixedPool
    from pooling.modules.power_average import PowerAveragePool
    from pooling.modules.softmax import LogSumExpPool, SoftmaxPool
    from pooling.modules.stochastic import StochasticPool
    from pooling.rebuilt import Need as Need
    from pooling.rebuilt import rebuild as rebuild
    from pooling.rebuilt.adaptive import AdaptiveAvgPool, AdaptiveMaxPool
    from pooling.rebuilt.avg_pool import AvgPool
    from pooling.rebuilt.max_pool import MaxPool, MinPool
    from pooling.windows import occupied as occupied
    from pooling.windows import output_size as output_size
    from pooling.windows import taps as taps

    GlobalAvgPool1d = GlobalAvgPool
    GlobalAvgPool2d = GlobalAvgPool
    GlobalAvgPool3d = GlobalAvgPool
    GlobalMaxPool1d = GlobalMaxPool
    GlobalMaxPool2d = GlobalMaxPool
    GlobalMaxPool3d = GlobalMaxPool
    MixedPool1d = MixedPool
    MixedPool2d = MixedPool
    MixedPool3d = MixedPool
    PowerAveragePool1d = PowerAveragePool
    PowerAveragePool2d = PowerAveragePool
    PowerAveragePool3d = PowerAveragePool
    LogSumExpPool1d = LogSumExpPool
    LogSumExpPool2d = LogSumExpPool
    LogSumExpPool3d = LogSumExpPool
    SoftmaxPool1d = SoftmaxPool
    SoftmaxPool2d = SoftmaxPool
    SoftmaxPool3d = SoftmaxPool
    StochasticPool1d = StochasticPool
    StochasticPool2d = StochasticPool
    StochasticPool3d = StochasticPool
    AdaptiveAvgPool1d = AdaptiveAvgPool
    AdaptiveAvgPool2d = AdaptiveAvgPool
    AdaptiveAvgPool3d = AdaptiveAvgPool
    AdaptiveMaxPool1d = AdaptiveMaxPool
    AdaptiveMaxPool2d = AdaptiveMaxPool
    AdaptiveMaxPool3d = AdaptiveMaxPool
    AvgPool1d = AvgPool
    AvgPool2d = AvgPool
    AvgPool3d = AvgPool
    MaxPool1d = MaxPool
    MaxPool2d = MaxPool
    MaxPool3d = MaxPool
    MinPool1d = MinPool
    MinPool2d = MinPool
    MinPool3d = MinPool

#: What is no kind of pooling: name → the module that has it.
_OTHERS = {
    "Axis": "pooling.arguments",
    "Kind": "pooling.kind",
    "Need": "pooling.rebuilt",
    "PoolingArguments": "pooling.arguments",
    "Window": "pooling.arguments",
    "adaptive_arguments": "pooling.kinds.adaptive_max_pool",
    "adaptive_average_arguments": "pooling.kinds.adaptive_avg_pool",
    "average_arguments": "pooling.kinds.avg_pool",
    "fractional_arguments": "pooling.kinds.fractional_max_pool",
    "norm_arguments": "pooling.kinds.lp_pool",
    "occupied": "pooling.windows",
    "output_size": "pooling.windows",
    "pooling_arguments": "pooling.kinds.max_pool",
    "rebuild": "pooling.rebuilt",
    "taps": "pooling.windows",
}


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return sorted({*_OTHERS, *_definitions(), *_layers()})
    return _resolved(name)


# Kept apart from the globals: what changes those while a module runs looks like a memory of it.
@cache
def _resolved(name: str) -> Any:
    if name in _OTHERS:
        value = getattr(import_module(_OTHERS[name]), name)
    elif name in _definitions():
        value = getattr(import_module(f"pooling.kinds.{name}"), name)
        value.__signature__ = import_module("pooling.kind").kind(name).signature()
    elif name[-2:] in ("1d", "2d", "3d") and name in _layers():
        value = _layers()[name].layer_class(name)
    else:
        raise AttributeError(f"module 'pooling' has no attribute {name!r}")
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_OTHERS, *_definitions(), *_layers()})


def _definitions() -> tuple[str, ...]:
    from pooling.kind import families

    return families()


def _layers() -> dict[str, Kind[Any]]:
    """Return the kind of every layer, by the layer's name."""
    from pooling.kind import kinds

    return {name: kind for kind in kinds() for name in kind.layer_names()}
