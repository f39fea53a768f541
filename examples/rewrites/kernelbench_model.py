"""A problem as KernelBench states it: a model, its inputs, and what it is made with."""

import torch
from torch import nn


class Model(nn.Module):
    """Max-pooling over two axes."""

    def __init__(self, kernel_size: int, stride: int, padding: int) -> None:
        super().__init__()
        self.maxpool = nn.MaxPool2d(kernel_size, stride, padding)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        pooled: torch.Tensor = self.maxpool(x)
        return pooled


def get_inputs() -> list[torch.Tensor]:
    return [torch.rand(2, 3, 8, 8)]


def get_init_inputs() -> list[int]:
    return [3, 2, 1]
