"""Poolings rebuilt from convolution and ReLU, as modules that stand in for torch's.

A class here is a layer of any dimensions; ``pooling.MaxPool1d`` to ``3d`` are made of it.

>>> import pooling, torch
>>> x = torch.arange(9.0).reshape(1, 3, 3)
>>> pooling.MaxPool2d(2, stride=1, scheme="tree", skips=False)(x).tolist()
[[[4.0, 5.0], [7.0, 8.0]]]
>>> pooling.AvgPool2d(2, stride=1)(x).tolist()
[[[2.0, 3.0], [5.0, 6.0]]]
"""

from pooling.rebuilt.model import Change, Need, Rebuilt, rebuild

__all__ = ["Change", "Need", "Rebuilt", "rebuild"]
