"""The kinds of pooling, one file each, found by being there.

A file holds one :class:`pooling.kind.Kind`, which is called as the file is, and the public function
of the same name: the reader of its arguments, and its definition, exact and literal. Everything
else in the project is compared with the definitions, so they are written to be read. They work on
any NumPy dtype and, through object arrays, on exact fractions, symbols or any number that knows
``+`` and an order.
"""
