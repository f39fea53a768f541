"""torch.maximum and numpy.maximum obey every law with NaN; fmax, which passes over it, does not.

The functions are run on every pair of the values that ``min-and-max-laws`` uses, in every dtype and
in two ways: a single pair, and a vector long enough for the processor's vector instructions. The
tables are then searched for the same laws. torch.maximum and numpy.maximum come out as IEEE
754-2019's maximum, torch.fmax and numpy.fmax as C's fmax, if equal numbers are taken for equal.

Bit for bit they promise nothing. Which of −0 and +0 comes out depends on the processor, on how long
the tensor is, on its strides, and within one tensor on the place: whatever is left over behind the
last full vector is computed by other instructions. So zeros are not part of what is claimed, and
each line adds what this machine does. Two tensors whose maxima are to be compared are compared by
==, never bit for bit.
"""

import math
from collections.abc import Iterator
from itertools import product
from typing import Any

from proofs.claim import MEASURED, Check, CheckFailedError, Claim, expect
from proofs.max_and_min._extrema import DEFINITIONS, Definition, Operation
from proofs.max_and_min.min_and_max_laws import LAWS, QUIET, Row, cell, row
from proofs.systems import NATIVE_FLOATS

#: Longer than any vector register, so that the first element is computed in one.
LONG = 64
#: Of each function, the other of its pair, and the dtypes it is run in.
RUN = {
    "torch.maximum": ("torch.minimum", "float16 bfloat16 float32 float64"),
    "torch.fmax": ("torch.fmin", "float16 bfloat16 float32 float64"),
    "numpy.maximum": ("numpy.minimum", "float16 float32 float64"),
    "numpy.fmax": ("numpy.fmin", "float16 float32 float64"),
}
#: What NumPy cannot hold, so that there is nothing to run.
ABSENT = "bfloat16"


def operations(name: str, dtype: str) -> tuple[Operation, ...]:
    """Return a function of torch or NumPy on a single pair, and on the first of many.

    >>> [operation(1.0, float("nan")) for operation in operations("torch.fmax", "float16")]
    [1.0, 1.0]
    """
    library, function = name.split(".")

    def of_length(length: int) -> Operation:
        def operation(x: float, y: float) -> float:
            return float(_filled(library, function, dtype, length, x, y)[0])

        return operation

    return of_length(1), of_length(LONG)


def _filled(library: str, function: str, dtype: str, length: int, x: float, y: float) -> Any:
    if library == "torch":
        import torch

        left, right = (torch.full((length,), v, dtype=getattr(torch, dtype)) for v in (x, y))
        return getattr(torch, function)(left, right)
    import numpy

    return getattr(numpy, function)(*(numpy.full(length, v, dtype) for v in (x, y)))


def definition(name: str, dtype: str) -> Definition:
    """Return what a function does in ``dtype`` as a definition of a maximum."""
    other, _ = RUN[name]
    return Definition(name, "run", operations(name, dtype), operations(other, dtype))


def promised(found: Row) -> str:
    """Return what a line says of laws and NaN, leaving out zeros of different sign."""
    laws = (f"{law} {cell(_without_zeros(broken))}" for law, broken in found.broken.items())
    return f"{', '.join(laws)}; NaN {found.nan}"


def _without_zeros(broken: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(obstacle for obstacle in broken if obstacle != "±0")


def like(name: str, dtype: str, standard: str) -> str:
    """Compare a function of torch or NumPy with the definition called ``standard``.

    Raises ``CheckFailedError`` if they differ in more than zeros.
    """
    stated = next(one for one in DEFINITIONS if one.name == standard)
    run = definition(name, dtype)
    for allowed, ours in ((stated.maxima, run.maxima), (stated.minima, run.minima)):
        for operation, x, y in product(ours, QUIET, QUIET):
            result, right = operation(x, y), [one(x, y) for one in allowed]
            if not any(result == r or (math.isnan(result) and math.isnan(r)) for r in right):
                raise CheckFailedError(f"{x} and {y} give {result}, {standard} has {right[0]}")
    wanted, seen = promised(row(stated)), row(run)
    if promised(seen) != wanted:
        raise CheckFailedError(f"{promised(seen)}, where {standard} has {wanted}")
    broken = [law for law, obstacles in seen.broken.items() if "±0" in obstacles]
    return f"{promised(seen)}; on this machine zeros {seen.zeros}, which breaks {_listed(broken)}"


def _listed(laws: list[str]) -> str:
    return ", ".join(laws) or "nothing"


def checked(name: str, dtype: str, standard: str) -> Check:
    """Return the check of one function in one dtype."""
    return Check(name, "torch", lambda: like(name, dtype, standard), MEASURED, (dtype,))


def absent(dtype: str) -> str:
    """Show that NumPy has no ``dtype`` of its own; raise ``CheckFailedError`` if it has.

    Another package, such as ml_dtypes, may have lent it one in this process.
    """
    import numpy

    try:
        own = numpy.dtype(dtype).isbuiltin == 1
    except TypeError:
        own = False
    if own:
        raise CheckFailedError(f"NumPy has {dtype}, and nothing was run in it")
    return f"NumPy has no {dtype} of its own"


def by_dtype() -> Iterator[Check]:
    """Yield one check per function and dtype."""
    for name, (_, dtypes) in RUN.items():
        if ABSENT not in dtypes:
            yield Check(name, "torch", lambda: absent(ABSENT), MEASURED, (ABSENT,))
        standard = "C fmax" if name.endswith("fmax") else "IEEE 754-2019 maximum"
        for dtype in dtypes.split():
            yield checked(name, dtype, standard)


def page() -> str:
    """Return ``docs/max_and_min.md``: the matrix of definitions and laws, for people."""
    ran = [(name, row(definition(name, dtypes.split()[-1]))) for name, (_, dtypes) in RUN.items()]
    return PAGE.format(
        standards=_table([(one.name, row(one)) for one in DEFINITIONS], zeros=True),
        ran=_table(ran, zeros=False),
        clauses="\n".join(f"- {one.name}: {one.clause}" for one in DEFINITIONS),
    )


def _table(rows: list[tuple[str, Row]], zeros: bool) -> str:
    heads = ["definition", *LAWS, "NaN", *(["zeros"] if zeros else [])]
    lines = [heads, ["---"] * len(heads)]
    for name, found in rows:
        broken = (o if zeros else _without_zeros(o) for o in found.broken.values())
        lines.append([f"`{name}`", *map(cell, broken), found.nan, *([found.zeros] * zeros)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


PAGE = """# Which maximum?

Between two different numbers there is only one. With NaN, and with zeros of different sign, there
are many, and they obey different laws. One command makes this page:

```console
python -m proofs.max_and_min.min_and_max_in_frameworks > docs/max_and_min.md
```

The claims `min-and-max-laws` and `min-and-max-in-frameworks` check every line of it.

## By definition

{standards}

- **✓** the law holds for all floats, bit for bit, one NaN being like another.
- **but NaN** it holds for numbers and fails as soon as a quiet NaN is among the inputs.
- **but sNaN** the same for a signalling NaN, where the standard says what that does.
- **but ±0** both sides are equal numbers, and zeros of different sign.

Laws are tried for max and min: *negation* is min(a, b) = −max(−a, −b), *distributive* is
min(a, max(b, c)) = max(min(a, b), min(a, c)), both with their duals. Where a standard leaves open
which zero comes out, a law must hold for every function that the standard allows. Nine values, −∞,
−2, −1, −0, +0, 1, 2, ∞ and NaN, and sNaN for a tenth, stand for all: a definition knows of its
inputs how they compare, whether they are NaN, and their signs.

## As run

Equal numbers are taken for equal here. Of zeros of different sign, which one comes out depends on
the processor, on the length and strides of the tensor, and on the place within it.

{ran}

## What it means for pooling

- A window may be taken in any order and grouping, by rows and columns or as a tree, where max is
  commutative and associative: with `torch.maximum` always, if results are compared by ==.
- `a > b ? a : b`, the loop that many kernels are written with, is neither once a NaN is about: its
  result depends on where in the window the NaN is.
- Min-pooling is max-pooling of the negated input, negated, wherever negation has a ✓.
- A maximum that passes over NaN is not distributive: swapping a max-pool and a min-pool, as
  morphological rewrites do, changes results.

## Where it is written

{clauses}
"""

claim = Claim(
    __name__,
    title="Compared by ==, torch.maximum and numpy.maximum are IEEE 754-2019's maximum, torch.fmax "
    "and numpy.fmax C's fmax.",
    holds="as run here, on nine values that stand for all; NumPy has no bfloat16",
    why="The first two let NaN through from either side, the others pass over it. None of them "
    "promises which of two zeros comes out.",
    source="the documentation of torch and NumPy; min-and-max-laws",
    generality="all triples of nine values that stand for all, one by one and in vectors",
    parts=tuple(by_dtype()),
    expected=expect(MEASURED, NATIVE_FLOATS),
    mutants={
        "torch.fmax lets NaN through": checked("torch.fmax", "float32", "IEEE 754-2019 maximum"),
        "numpy.maximum passes over NaN": checked("numpy.maximum", "float64", "C fmax"),
        "NumPy has no float16": Check(
            "", "torch", lambda: absent("float16"), MEASURED, ("float16",)
        ),
        "torch.maximum is a comparison": checked("torch.maximum", "float16", "a > b ? a : b"),
    },
)

if __name__ == "__main__":
    print(page(), end="")
