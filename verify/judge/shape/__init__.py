"""A module at one shape: both sides are read as terms, run on telling inputs, and proved the same.

What is asked is a ``Question``, and what was read of both sides a ``Reading``. ``Agreement`` holds
runs against these terms; ``Attacks`` choose inputs, and ``Refutations`` make counterexamples of
those that tell. A ``Proof`` takes what is left. ``OneShape`` has all of it done in this order.
"""

from __future__ import annotations
