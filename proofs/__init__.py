"""What is true of pooling: claims, one file each, and the number systems they are judged in.

>>> from proofs import claims
>>> claims()["max-is-relu"].title
'The maximum of two numbers is one ReLU of their difference plus the second.'
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from proofs.claim import Claim


@cache
def claims() -> dict[str, Claim]:
    """Return every claim by id: whatever module in a subfolder has a ``claim``, in folder order.

    Raises ``ValueError`` if two files claim under one id.
    """
    found: dict[str, Claim] = {}
    for folder in pkgutil.iter_modules(__path__, f"{__name__}."):
        if not folder.ispkg:
            continue
        package = importlib.import_module(folder.name)
        for module in pkgutil.iter_modules(package.__path__, f"{folder.name}."):
            claim = getattr(importlib.import_module(module.name), "claim", None)
            if not isinstance(claim, Claim):
                continue
            if claim.id in found:
                raise ValueError(f"two claims are called {claim.id}; the second in {module.name}")
            found[claim.id] = claim
    return found


__all__ = ["claims"]
