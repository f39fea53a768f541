"""Which laws of max and min hold with NaN and with two zeros: one line per definition.

Of numbers every definition satisfies every law, if zeros of both signs count as equal. Trouble has
three names, and each line says of each law which of them break it:

NaN: equal results with numbers, different ones as soon as a quiet NaN is among the inputs.

sNaN: the same for a signalling NaN, where a standard says what that does.

±0: the results are equal numbers, and zeros of different sign. It shows bit for bit, in 1/x, and
nowhere else.

Where a standard leaves open which zero comes out, a law holds only if it does for every function
the standard allows. Laws are tried for max and for min: the distributive law is min(a, max(b, c)) =
max(min(a, b), min(a, c)) and its dual, negation is min(a, b) = −max(−a, −b).

Nine values stand for all floats, −∞, −2, −1, −0, +0, 1, 2, ∞ and NaN, with sNaN for a tenth: a
definition knows of its inputs how they compare, whether they are NaN, and their signs. Three
numbers below and above zero are enough for three inputs to be ordered in every way.

So max-pooling may take its window in any order, grouping and split under the first definition, to
the last bit. Under those that pass over NaN it may not be swapped with min-pooling; under a plain
comparison a NaN makes the result depend on the order of the taps.
"""

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from proofs.claim import PROVED, Check, CheckFailedError, Claim, expect
from proofs.max_and_min._extrema import DEFINITIONS, SIGNALLING, Definition, Operation
from proofs.systems import IEEE

#: Numbers in every order and of either sign, then NaN.
QUIET = (-math.inf, -2.0, -1.0, -0.0, 0.0, 1.0, 2.0, math.inf, math.nan)

#: Where the two zeros are among them.
ZEROS = (3, 4)
#: Results as indices into the values: ``table[i][j]`` is what the i-th and the j-th give.
Table = Sequence[Sequence[int]]
#: Both sides of a law for three values, given max, min and negation.
Law = Callable[[Table, Table, Sequence[int], int, int, int], tuple[int, int]]

LAWS: dict[str, Law] = {
    "commutative": lambda top, low, neg, a, b, c: (top[a][b], top[b][a]),
    "associative": lambda top, low, neg, a, b, c: (top[top[a][b]][c], top[a][top[b][c]]),
    "idempotent": lambda top, low, neg, a, b, c: (top[a][a], a),
    "negation": lambda top, low, neg, a, b, c: (low[a][b], neg[top[neg[a]][neg[b]]]),
    "distributive": lambda top, low, neg, a, b, c: (low[a][top[b][c]], top[low[a][b]][low[a][c]]),
}
#: How many values each speaks of.
VARIABLES = {
    "commutative": 2, "associative": 3, "idempotent": 1, "negation": 2, "distributive": 3
}  # fmt: skip
#: What may break a law, in the order in which it is written.
OBSTACLES = ("numbers", "NaN", "sNaN", "±0")


@dataclass(frozen=True)
class Row:
    """What was found of one definition."""

    #: Law → what breaks it, nothing if it always holds.
    broken: dict[str, tuple[str, ...]]
    nan: str
    zeros: str

    def __str__(self) -> str:
        laws = (f"{law} {cell(obstacles)}" for law, obstacles in self.broken.items())
        return f"{', '.join(laws)}; NaN {self.nan}; zeros {self.zeros}"


def cell(obstacles: tuple[str, ...]) -> str:
    """Return what stands in the matrix for a law that ``obstacles`` break.

    >>> cell(()), cell(("NaN", "±0"))
    ('✓', 'but NaN, ±0')
    """
    return f"but {', '.join(obstacles)}" if obstacles else "✓"


def same(x: float, y: float) -> bool:
    """Say whether two floats are the same bit for bit, one quiet NaN being like another."""
    if math.isnan(x) or math.isnan(y):
        return math.isnan(x) and math.isnan(y) and (x is SIGNALLING) == (y is SIGNALLING)
    return x == y and math.copysign(1.0, x) == math.copysign(1.0, y)


def table(operation: Operation, values: Sequence[float]) -> Table:
    """Return the results of ``operation`` on every pair of ``values`` as indices into them.

    Raises ``CheckFailedError`` if a result is none of them.
    """

    def place(x: float, y: float) -> int:
        result = operation(x, y)
        for index, value in enumerate(values):
            if same(result, value):
                return index
        raise CheckFailedError(f"the result of {x} and {y} is neither of them: {result}")

    return [[place(x, y) for y in values] for x in values]


@cache
def row(definition: Definition) -> Row:
    """Try every law on every triple, for every function the definition allows."""
    values = (*QUIET, SIGNALLING) if definition.signalling else QUIET
    maxima = [table(operation, values) for operation in definition.maxima]
    minima = [table(operation, values) for operation in definition.minima]
    negated = [_negated(x, values) for x in values]
    broken = {}
    for law, sides in LAWS.items():
        triples = _triples(range(len(values)), variables=VARIABLES[law])
        found: set[tuple[str, bool]] = set()
        for pair in itertools.product(maxima, minima):
            for larger, smaller in (pair, pair[::-1]):
                for triple in triples:
                    left, right = sides(larger, smaller, negated, *triple)
                    if left != right:
                        inputs = [values[index] for index in triple]
                        found |= _differing(values[left], values[right], inputs)
        broken[law] = _obstacles(found)
    tables = (*maxima, *minima)
    return Row(broken, _nan(tables, values), _zeros(maxima, minima))


def _triples(indices: range, variables: int) -> list[tuple[int, int, int]]:
    """Return every choice for the variables a law has; the others are what the first is."""
    chosen = itertools.product(indices, repeat=variables)
    return [(*some, *some[:1] * (3 - variables)) for some in chosen]  # type: ignore[misc]


def _negated(x: float, values: Sequence[float]) -> int:
    # A NaN stays what it is: its sign means nothing.
    return next(i for i, v in enumerate(values) if same(v, x if math.isnan(x) else -x))


def _differing(left: float, right: float, inputs: list[float]) -> set[tuple[str, bool]]:
    """Return what is special about the inputs, and whether the results are equal numbers."""
    if math.isnan(left) and math.isnan(right):
        return set()
    if any(x is SIGNALLING for x in inputs):
        return {("sNaN", left == right)}
    return {("NaN" if any(map(math.isnan, inputs)) else "numbers", left == right)}


def _obstacles(found: set[tuple[str, bool]]) -> tuple[str, ...]:
    """Return what breaks a law; zeros with a NaN beside them count where zeros alone do not."""
    zeros = ("numbers", True) in found
    named = {"±0"} if zeros else set()
    named |= {name for name, equal in found if not (equal and (zeros or name == "numbers"))}
    return tuple(obstacle for obstacle in OBSTACLES if obstacle in named)


def _nan(tables: Sequence[Table], values: Sequence[float]) -> str:
    quiet = len(QUIET) - 1
    numbers = range(quiet)
    results = {
        "NaN" if math.isnan(values[index]) else "number"
        for results in tables
        for number in numbers
        for index in (results[quiet][number], results[number][quiet])
    }
    return {"NaN": "propagates", "number": "is passed over"}.get(
        results.pop() if len(results) == 1 else "", "depends on the order"
    )


def _zeros(maxima: Sequence[Table], minima: Sequence[Table]) -> str:
    minus, plus = ZEROS
    right = [m[minus][plus] == m[plus][minus] == plus for m in maxima]
    right += [m[minus][plus] == m[plus][minus] == minus for m in minima]
    if all(right):
        return "told apart"
    tables = (*maxima, *minima)
    for name, wanted in (("the first", (minus, plus)), ("the second", (plus, minus))):
        if all((m[minus][plus], m[plus][minus]) == wanted for m in tables):
            return name
    return "either"


def found(definition: Definition, declared: str) -> str:
    """Compare what is found of ``definition`` with what is declared of it.

    Raises ``CheckFailedError`` if they differ.
    """
    computed = str(row(definition))
    if computed != declared:
        raise CheckFailedError(f"{computed}, not {declared}")
    return computed


DECLARED = {
    "IEEE 754-2019 maximum": "commutative ✓, associative ✓, idempotent ✓, negation ✓, "
    "distributive ✓; NaN propagates; zeros told apart",
    "IEEE 754-2019 maximumNumber": "commutative ✓, associative ✓, idempotent ✓, negation ✓, "
    "distributive but NaN, sNaN; NaN is passed over; zeros told apart",
    "IEEE 754-2008 maxNum": "commutative but ±0, associative but sNaN, idempotent ✓, "
    "negation but ±0, distributive but NaN, sNaN, ±0; NaN is passed over; zeros either",
    "C fmax": "commutative but ±0, associative ✓, idempotent ✓, negation but ±0, "
    "distributive but NaN, ±0; NaN is passed over; zeros either",
    "SMT-LIB fp.max": "commutative but ±0, associative ✓, idempotent ✓, negation but ±0, "
    "distributive but NaN, ±0; NaN is passed over; zeros either",
    "a > b ? a : b": "commutative but NaN, ±0, associative but NaN, idempotent ✓, negation ✓, "
    "distributive but ±0; NaN depends on the order; zeros the second",
    "Python max": "commutative but NaN, ±0, associative but NaN, idempotent ✓, negation ✓, "
    "distributive but NaN; NaN depends on the order; zeros the first",
}


def checked(name: str, declared: str) -> Check:
    """Return the check of one line of the matrix."""
    definition = next(one for one in DEFINITIONS if one.name == name)
    return Check(name, "certificate", lambda: found(definition, declared), PROVED, IEEE)


#: The definition, what is declared of it, and what is not so.
FALSE = (
    ("IEEE 754-2019 maximumNumber", "distributive but NaN, sNaN", "distributive ✓"),
    ("IEEE 754-2008 maxNum", "associative but sNaN", "associative ✓"),
    ("C fmax", "commutative but ±0", "commutative ✓"),
    ("SMT-LIB fp.max", "zeros either", "zeros told apart"),
    ("a > b ? a : b", "associative but NaN", "associative ✓"),
    ("Python max", "NaN depends on the order", "NaN propagates"),
)


claim = Claim(
    __name__,
    title="With NaN and signed zeros, of seven definitions only IEEE 754-2019's maximum is "
    "commutative, associative, idempotent, distributive, and dual to its minimum.",
    holds="bit for bit, one NaN being like another",
    why="A NaN that is passed over is lost to what comes later; a comparison with NaN is false "
    "whichever way it is asked; and zeros of both signs are equal.",
    source="the clauses that docs/max_and_min.md names; Chen 2017, The Removal/Demotion of MinNum "
    "and MaxNum Operations from IEEE 754-2018",
    generality="all triples of floats of any format, by nine or ten that stand for them",
    parts=tuple(checked(name, declared) for name, declared in DECLARED.items()),
    expected=expect(PROVED, IEEE),
    mutants={
        f"{name}: {other}": checked(name, DECLARED[name].replace(was, other))
        for name, was, other in FALSE
    },
)
