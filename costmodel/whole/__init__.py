"""What :func:`costmodel.of_model` is made of: a private copy, its inputs, and the notes of a pass.

Apart from the operators' formulas because a model is not one operator; all but
:mod:`~costmodel.whole.elementwise` need torch.
"""
