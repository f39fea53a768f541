"""What pooling costs: exact counts of operations, in closed form.

Formulas take ints of any size, NumPy arrays or SymPy symbols, take constant time in the size of
the image, and count only taps inside the input. Loading this package loads none of the three.

>>> import costmodel
>>> costmodel.flops("max_pool2d", (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
1584192
>>> costmodel.bytes_moved("max_pool2d", (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
4014080
>>> costmodel.cost("avg_pool1d", (16, 100), kernel_size=4)._asdict()
... # doctest: +NORMALIZE_WHITESPACE
{'outputs': 400, 'taps': 1600, 'output_shape': (16, 25),
 'comparisons': 0, 'additions': 1200, 'multiplications': 0, 'divisions': 400, 'powers': 0,
 'inputs_read': 1600, 'indices': 0, 'exponentials': 0}
"""

from costmodel import avg_pool, backward, lp_pool, max_pool  # noqa: F401 - which registers them
from costmodel.counts import Cost
from costmodel.flop_counter import torch_formulas
from costmodel.registry import bytes_moved, cost, flops, operators, register

__all__ = ["Cost", "bytes_moved", "cost", "flops", "operators", "register", "torch_formulas"]
