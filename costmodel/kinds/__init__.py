"""What each kind of pooling costs, one file each, called as the kind in :mod:`pooling.kinds`.

A file holds ``forward`` and, if torch has it or training needs it, ``backward``: each a pure
function of the arguments as the kind read them, ints in and ints out, no tensors. A window of t
taps and other words mean what they do in :mod:`costmodel.counts`. ``forward`` may take a second
argument, ``counting``, one of the conventions in :mod:`costmodel.counting`, and then a file may
name in ``ALGORITHMS`` the table of :mod:`costmodel.algorithms` that holds other ways to compute it.
"""
