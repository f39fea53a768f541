"""Poolings rebuilt from convolution and ReLU, as modules that stand in for torch's.

>>> import torch
>>> from pooling.rebuilt import AvgPool2d, MaxPool2d
>>> x = torch.arange(9.0).reshape(1, 3, 3)
>>> MaxPool2d(2, stride=1, scheme="tree", skips=False)(x).tolist()
[[[4.0, 5.0], [7.0, 8.0]]]
>>> AvgPool2d(2, stride=1)(x).tolist()
[[[2.0, 3.0], [5.0, 6.0]]]
"""

from pooling.rebuilt.adaptive import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool3d,
    AdaptiveMaxPool1d,
    AdaptiveMaxPool2d,
    AdaptiveMaxPool3d,
)
from pooling.rebuilt.avg_pool import AvgPool1d, AvgPool2d, AvgPool3d
from pooling.rebuilt.max_pool import (
    MaxPool1d,
    MaxPool2d,
    MaxPool3d,
    MinPool1d,
    MinPool2d,
    MinPool3d,
)
from pooling.rebuilt.model import Change, Rebuilt, rebuild

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
    "Change",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MinPool1d",
    "MinPool2d",
    "MinPool3d",
    "Rebuilt",
    "rebuild",
]
