"""Unless told otherwise, torch's windows lie side by side, and each element is read once.

Window i of k elements covers i·k ≤ e < (i + 1)·k, which is so for one i only, ⌊e/k⌋. So with the
stride that is the window's size no element is under two windows, and only what is left over at the
end is under none.

It is said that frameworks choose this stride by default. torch does, in its modules and functions.
Not all do: Flax's ``max_pool`` and ``avg_pool`` move by 1 unless told otherwise (its documentation
of ``strides``), and JAX's ``reduce_window`` has to be told.
"""

from proofs.claim import MEASURED, Check, CheckFailedError, Claim, Theorem, expect
from proofs.terms import iff, variables

i, k, e = variables("i k e")

one_window = Theorem(
    iff((i * k <= e) & (e < (i + 1) * k), i == e // k),
    where=(k >= 1,),
    name="an element is in the window ⌊e/k⌋ and in no other",
    beyond={"cvc5": "a quotient of two unknowns: seconds where Z3 takes a moment"},
)


def defaults(factor: int = 1) -> str:
    """Run torch's poolings without a stride and with ``factor`` times the window's size.

    Raises ``CheckFailedError`` if one of them does something else.
    """
    import torch
    from torch import nn

    modules = [
        (f"{kind}Pool{dimensions}d", dimensions, arguments)
        for kind, arguments in (("Max", ()), ("Avg", ()), ("LP", (2.0,)))
        for dimensions in (1, 2, 3)
    ]
    for name, dimensions, arguments in modules:
        x = torch.arange(1.0, 9.0**dimensions + 1).reshape(1, 1, *[9] * dimensions)
        module = getattr(nn, name)
        function = getattr(nn.functional, name.replace("Pool", "_pool").lower())
        for size in (2, 3):
            told = module(*arguments, size, stride=factor * size)(x)
            for untold in (module(*arguments, size)(x), function(x, *arguments, size)):
                if told.shape != untold.shape or not torch.equal(told, untold):
                    raise CheckFailedError(f"{name}({size}) has not the stride {factor * size}")
    return f"{len(modules)} modules and as many functions of torch"


claim = Claim(
    __name__,
    title="By default torch's windows do not overlap: the stride is the window's size, so an "
    "element is in at most one window.",
    holds="max-, average and LP pooling",
    why="Every multiple of k begins a window.",
    source="Dive into Deep Learning, pooling chapter: frameworks default to matching window sizes "
    "and stride",
    generality="all window sizes and elements, axis by axis; torch's modules and functions on "
    "windows of 2 and 3",
    parts=(one_window, Check("torch", "torch", defaults, MEASURED, ("integer",))),
    expected=expect(MEASURED, "integer"),
    mutants={
        "twice the window": Check("", "torch", lambda: defaults(2), MEASURED, ("integer",)),
        "the windows share their ends": Theorem(
            iff((i * k <= e) & (e <= (i + 1) * k), i == e // k), where=(k >= 1,)
        ),
        "with stride 1 too": Theorem(iff((i <= e) & (e < i + k), i == e // k), where=(k >= 1,)),
    },
)
