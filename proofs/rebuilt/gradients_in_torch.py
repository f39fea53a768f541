"""What autograd gives to the taps of a window of two, by the form that max-pooling is written in.

Where taps tie, ``max_pool1d`` gives all of the gradient to the first, ``amax`` and ``maximum``
halve it, a fold by ReLU(b − a) + a gives it to the first and its turned form to the second. Three
ReLUs lose what they carry at 0. The formulas are those of ``gradients-of-two-taps``; the rebuilt
layers of this project are run beside the forms. Zeros of both signs tie.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any

from proofs.claim import MEASURED, Check, CheckFailedError, Claim, expect

if TYPE_CHECKING:
    import torch

#: The largest of the integers that are tried.
MOST = 3

Pair = tuple[Fraction, Fraction]
ONE, NONE, HALF = Fraction(1), Fraction(0), Fraction(1, 2)


def _larger(x: int, y: int, tie: Pair) -> Pair:
    return tie if x == y else ((ONE, NONE) if x > y else (NONE, ONE))


def _three(x: int, y: int) -> Pair:
    above = Fraction(x > y)
    return above, Fraction(y != 0) - above


def _pooled(x: torch.Tensor) -> torch.Tensor:
    import torch

    return torch.nn.functional.max_pool1d(x[None], 2)[0, 0]


#: Form → what torch computes of a pair, and the gradients that are said of it.
FORMS: dict[
    str, tuple[Callable[[torch.Tensor], torch.Tensor], Callable[[int, int], tuple[Fraction, ...]]]
] = {
    "max_pool1d": (_pooled, lambda x, y: _larger(x, y, (ONE, NONE))),
    "amax": (lambda x: x.amax(0), lambda x, y: _larger(x, y, (HALF, HALF))),
    "maximum": (lambda x: x[0].maximum(x[1]), lambda x, y: _larger(x, y, (HALF, HALF))),
    "ReLU(a − b) + b": (
        lambda x: (x[0] - x[1]).relu() + x[1],
        lambda x, y: _larger(x, y, (NONE, ONE)),
    ),
    "ReLU(b − a) + a": (
        lambda x: (x[1] - x[0]).relu() + x[0],
        lambda x, y: _larger(x, y, (ONE, NONE)),
    ),
    "three ReLUs": (lambda x: (x[0] - x[1]).relu() + x[1].relu() - (-x[1]).relu(), _three),
    "three ReLUs, turned": (
        lambda x: (x[1] - x[0]).relu() + x[0].relu() - (-x[0]).relu(),
        lambda x, y: _three(y, x)[::-1],
    ),
}


def _of_layer(layer: Any, x: torch.Tensor) -> torch.Tensor:
    pooled: torch.Tensor = layer(x[None])[0, 0]
    return pooled


def judged(said: dict[str, Callable[[int, int], tuple[Fraction, ...]]]) -> str:
    """Take the gradients of all forms at all pairs of small integers, and of ours, rebuilt.

    Raises ``CheckFailedError`` where autograd says otherwise than ``said``.
    """
    import torch

    import pooling

    layers = {
        "rebuilt, fold": ("ReLU(b − a) + a", pooling.MaxPool1d(2)),
        "rebuilt, plain tree": (
            "three ReLUs, turned",
            pooling.MaxPool1d(2, scheme="tree", skips=False),
        ),
    }
    forms = {name: (name, form) for name, (form, _) in FORMS.items()}
    forms |= {name: (like, partial(_of_layer, layer)) for name, (like, layer) in layers.items()}
    pairs = [*product(range(-MOST, MOST + 1), repeat=2)]
    for name, (like, form) in forms.items():
        for pair in pairs:
            x = torch.tensor(pair, dtype=torch.float32, requires_grad=True)
            value = form(x)
            if value.item() != max(pair):
                raise CheckFailedError(f"{name} of {pair} is {value.item()}")
            (gradient,) = torch.autograd.grad(value, x)
            wanted = said[like](*pair)
            if tuple(gradient.tolist()) != tuple(map(float, wanted)):
                raise CheckFailedError(f"{name} at {pair}: {gradient.tolist()}, said {wanted}")
    return f"{len(forms)} forms at {len(pairs)} pairs"


def checked(**other: str) -> Check:
    """Return the comparison with autograd, some forms being said to be like others."""
    said = {name: gradients for name, (_, gradients) in FORMS.items()}
    for name, like in other.items():
        said[name.replace("_", " ")] = said[like]
    return Check(
        "autograd at all pairs of small integers",
        "torch",
        lambda: judged(said),
        MEASURED,
        ("float32",),
    )


claim = Claim(
    __name__,
    title="At a tie torch's max_pool1d gives its gradient to the first tap, amax halves it, "
    "ReLU(a − b) + b gives it to the second.",
    holds="rebuilt layers: a fold is trained as max-pooling is, a plain tree loses gradients at 0",
    why="Each form has its own derivative where max has none.",
    source="torch.autograd of this version of torch, found by running it",
    generality="nine forms at all pairs of integers up to 3 in size, float32",
    parts=(checked(),),
    expected=expect(MEASURED, "float32"),
    mutants={
        "amax gives ties to the first": checked(amax="max_pool1d"),
        "three ReLUs are trained as a fold": checked(three_ReLUs="ReLU(a − b) + b"),
    },
)
