"""The poolings that torch lacks, or computes less safely, as modules spelled like torch's.

Each is the operator that its ``as_operator`` names, and so are its values and its cost. Inputs are
floating point, batched or not; outputs have their dtype and device. The half-precision formats are
computed in float32 and rounded once, as torch's own poolings do; so are the 8-bit formats. Programs
that ``torch.export`` makes of them take any batch, but only images of the size that was shown.

>>> import torch
>>> from pooling.modules import LogSumExpPool1d, SoftmaxPool1d
>>> x = torch.tensor([[1000.0, 0.0, 3.0, 3.0]])
>>> SoftmaxPool1d(2)(x).tolist(), LogSumExpPool1d(2, temperature=1000.0)(x).tolist()
([[1000.0, 3.0]], [[620.114501953125, 3.0]])
"""

from pooling.modules.global_pool import (
    GlobalAvgPool1d,
    GlobalAvgPool2d,
    GlobalAvgPool3d,
    GlobalMaxPool1d,
    GlobalMaxPool2d,
    GlobalMaxPool3d,
)
from pooling.modules.mixed import MixedPool1d, MixedPool2d, MixedPool3d
from pooling.modules.power_average import (
    PowerAveragePool1d,
    PowerAveragePool2d,
    PowerAveragePool3d,
)
from pooling.modules.softmax import (
    LogSumExpPool1d,
    LogSumExpPool2d,
    LogSumExpPool3d,
    SoftmaxPool1d,
    SoftmaxPool2d,
    SoftmaxPool3d,
)
from pooling.modules.stochastic import StochasticPool1d, StochasticPool2d, StochasticPool3d

__all__ = [
    "GlobalAvgPool1d",
    "GlobalAvgPool2d",
    "GlobalAvgPool3d",
    "GlobalMaxPool1d",
    "GlobalMaxPool2d",
    "GlobalMaxPool3d",
    "LogSumExpPool1d",
    "LogSumExpPool2d",
    "LogSumExpPool3d",
    "MixedPool1d",
    "MixedPool2d",
    "MixedPool3d",
    "PowerAveragePool1d",
    "PowerAveragePool2d",
    "PowerAveragePool3d",
    "SoftmaxPool1d",
    "SoftmaxPool2d",
    "SoftmaxPool3d",
    "StochasticPool1d",
    "StochasticPool2d",
    "StochasticPool3d",
]
