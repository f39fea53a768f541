"""The poolings that torch lacks, or computes less safely, as modules spelled like torch's.

Each is the operator that its ``as_operator`` names, and so are its values and its cost. Inputs are
floating point, batched or not; outputs have their dtype and device. The half-precision formats are
computed in float32 and rounded once, as torch's own poolings do; so are the 8-bit formats. Programs
that ``torch.export`` makes of them take any batch, but only images of the size that was shown.

A class here is a layer of any dimensions; ``pooling.SoftmaxPool1d`` to ``3d`` are made of it.

>>> import pooling, torch
>>> x = torch.tensor([[1000.0, 0.0, 3.0, 3.0]])
>>> lse = pooling.LogSumExpPool1d(2, temperature=1000.0)
>>> pooling.SoftmaxPool1d(2)(x).tolist(), lse(x).tolist()
([[1000.0, 3.0]], [[620.114501953125, 3.0]])
"""
