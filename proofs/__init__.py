"""What is true of pooling: claims, one file each, and the number systems they are judged in.

>>> from proofs import claims
>>> claims()["max-is-relu"].title
'The maximum of two numbers is one ReLU of their difference plus the second.'
"""

import importlib
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path

from proofs.claim import Claim, id_of

#: The folders that hold claims, in the order of a reader.
CHAPTERS = (
    "max_by_relu",
    "max_and_min",
    "linear_kernels",
    "windows",
    "costs",
    "averages",
    "means",
    "poolings",
    "rebuilt",
    "tolerance",
    "networks",
    "quantised",
    "folklore",
    "formats",
)


class Claims(Mapping[str, Claim]):
    """Claims by id, each of which is imported when it is first asked for."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self._modules = modules
        self._loaded: dict[str, Claim] = {}

    def __getitem__(self, name: str) -> Claim:
        if name not in self._loaded:
            self._loaded[name] = importlib.import_module(self._modules[name]).claim
        return self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._modules)

    def __len__(self) -> int:
        return len(self._modules)


@cache
def claims() -> Claims:
    """Return every claim by id, in the order of :data:`CHAPTERS`.

    A file of a chapter is a claim, and its name is the claim's id; files whose names begin with an
    underscore hold what several claims share.

    Raises ``ValueError`` if two files have one name.
    """
    found: dict[str, str] = {}
    for chapter, place in product(CHAPTERS, map(Path, __path__)):
        for file in sorted(
            (place / chapter).rglob("[!_]*.py"), key=lambda file: (file.parent, file.name)
        ):
            module = ".".join((__name__, *file.relative_to(place).with_suffix("").parts))
            name = id_of(module)
            if name in found:
                raise ValueError(f"two claims are called {name}: {found[name]} and {module}")
            found[name] = module
    return Claims(found)


__all__ = ["CHAPTERS", "Claims", "claims"]
