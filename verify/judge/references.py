"""Poolings by name: ``"max_pool2d(kernel_size=3, stride=2, padding=1)"``, executed by definition.

What a module is compared with is never torch's own pooling but the definition in its entry,
:mod:`pooling.kinds`, run on symbols: once for one place of the leading axes, which the
definitions leave alone, and then repeated for each. That all of it is what the definition computes
is checked by running it on numbers, as every other side is.
"""

from __future__ import annotations

import ast
import math
import operator
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import count
from typing import TYPE_CHECKING, Any

import numpy

from costmodel.registry import suggestion
from pooling.kind import Kind, kind, kinds, operator_named, split_operator
from verify.judge.symbols.algebra import NoTermError
from verify.judge.symbols.weights import simplest_fraction

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from verify.judge.symbols.algebra import Algebra
    from verify.judge.symbols.terms import Ids


class _Symbol:
    """A number, or a truth value, of a definition: what was done to which symbols."""

    __slots__ = ("args", "leaf", "operator")

    def __init__(self, operator: str, args: tuple[_Symbol, ...] = (), leaf: Any = None) -> None:
        self.operator = operator
        self.args = args
        self.leaf = leaf

    def _with(self, operator: str, other: Any, *, turned: bool = False) -> _Symbol:
        right = other if isinstance(other, _Symbol) else _Symbol("constant", (), other)
        return _Symbol(operator, (right, self) if turned else (self, right))

    def __add__(self, other: Any) -> _Symbol:
        return self._with("add", other)

    def __radd__(self, other: Any) -> _Symbol:
        return self if isinstance(other, int) and other == 0 else self._with("add", other)

    def __sub__(self, other: Any) -> _Symbol:
        return self._with("sub", other)

    def __rsub__(self, other: Any) -> _Symbol:
        return self._with("sub", other, turned=True)

    def __mul__(self, other: Any) -> _Symbol:
        return self._with("mul", other)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> _Symbol:
        return self._with("div", other)

    def __pow__(self, exponent: Any) -> _Symbol:
        return _Symbol("power", (self,), exponent)

    def __neg__(self) -> _Symbol:
        return _Symbol("neg", (self,))

    def __abs__(self) -> _Symbol:
        return _Symbol("abs", (self,))

    def exp(self) -> _Symbol:
        """Return the exponential: numbers that have one are asked for it by definitions."""
        return _Symbol("exp", (self,))

    def log(self) -> _Symbol:
        """Return the natural logarithm."""
        return _Symbol("log", (self,))

    def maximum(self, other: Any) -> _Symbol:
        """Return the larger: the protocol that ``pooling.arithmetic.maximum`` looks for."""
        return self._with("maximum", other)

    def minimum(self, other: Any) -> _Symbol:
        """Return the smaller."""
        return self._with("minimum", other)

    __hash__ = object.__hash__

    def __eq__(self, other: Any) -> Any:
        # A definition asks whether a number is NaN by comparing it with itself.
        if self is other or isinstance(other, bool):
            return self is other
        return self._with("eq", other)

    def __ne__(self, other: Any) -> Any:
        same = self == other
        return _Symbol("not", (same,)) if isinstance(same, _Symbol) else not same

    def __lt__(self, other: Any) -> _Symbol:
        return self._with("lt", other)

    def __or__(self, other: Any) -> _Symbol:
        return self._with("or", other)

    def __bool__(self) -> bool:
        raise TypeError("it decides by its input")


class _Plane(numpy.ndarray[Any, Any]):
    """An array of symbols, of which comparisons are symbols and choices are as well."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **named: Any) -> Any:
        plain = [_bare(x) for x in inputs]
        if ufunc in _COMPARING:
            ufunc = _COMPARING[ufunc]
        return _plane(getattr(ufunc, method)(*plain, **named))

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        plain = [_bare(x) for x in args]
        if function is numpy.where and len(args) == 3:
            return _plane(_CHOOSING(*plain))
        return _plane(function(*plain, **kwargs))


def _bare(value: Any) -> Any:
    """Return an array, or several, as NumPy's own."""
    if isinstance(value, list | tuple):
        return type(value)(map(_bare, value))
    return value.view(numpy.ndarray) if isinstance(value, _Plane) else value


def _plane(found: Any) -> Any:
    return found.view(_Plane) if isinstance(found, numpy.ndarray) else found


def _chosen(condition: Any, then: Any, otherwise: Any) -> Any:
    if not isinstance(condition, _Symbol):
        return then if condition else otherwise
    parts = (condition, then, otherwise)
    return _Symbol(
        "select", tuple(p if isinstance(p, _Symbol) else _Symbol("constant", (), p) for p in parts)
    )


#: Comparisons whose results NumPy would make truth values of.
_COMPARING = {
    numpy.equal: numpy.frompyfunc(operator.eq, 2, 1),
    numpy.not_equal: numpy.frompyfunc(operator.ne, 2, 1),
    numpy.less: numpy.frompyfunc(operator.lt, 2, 1),
}
_CHOOSING = numpy.frompyfunc(_chosen, 3, 1)


@dataclass(frozen=True)
class NamedPooling:
    """A pooling with its arguments, and with what its definition needs besides the input."""

    written: str
    kind: Kind[Any]
    dimensions: int
    arguments: dict[str, Any]
    beside: dict[str, NDArray[Any]] = field(default_factory=dict)

    @property
    def inputs(self) -> tuple[str, ...]:
        """What it is a function of: its input, and what it needs that is not written down."""
        return ("the input", *[name for name in self.kind.needs if name not in self.beside])

    @property
    def open_shape(self) -> tuple[str, ...]:
        """The shape of an input with batch and channels, by letters: ``("N", "C", "H", "W")``."""
        return ("N", "C", *"DHW"[-self.dimensions :])

    def check(
        self,
        input_shape: tuple[int, ...],
        system: str = "real",
        *further: tuple[int, ...],
        sized: bool = True,
    ) -> None:
        """Refuse shapes of inputs that the pooling does not take, or a number system it is not in.

        Unless ``sized``, of the shape only the number of axes is looked at.

        Raises:
            ValueError: A number of axes or a size that torch refuses, a pooling that rounds, or
                indices and the like at open sizes.
            TypeError: A value of the wrong type.
        """
        if len(further) + 1 != len(self.inputs):
            wanted = " and ".join(self.inputs)
            raise ValueError(
                f"{self.written} is a function of {wanted}: it takes {len(self.inputs)} "
                f"input{'s' if len(self.inputs) > 1 else ''}, got {len(further) + 1}"
            )
        if not self.dimensions <= len(input_shape) <= self.dimensions + 2:
            raise ValueError(
                f"the input of {self.written} must have {self.dimensions} to "
                f"{self.dimensions + 2} axes, got {len(input_shape)}: {input_shape}"
            )
        if not self.kind.chooses and system != "real":
            raise ValueError(
                f"{self.written} has no one value in {system}: {_why_not(system)}; judge it over "
                "the reals"
            )
        whole = (1, *input_shape) if len(input_shape) == self.dimensions else input_shape
        if not sized:
            for name in self.beside.keys() - _OF_WINDOWS:
                raise ValueError(
                    f"the {name} of {self.kind.family}{self.dimensions}d are of one size: give an "
                    "input of numbers, not letters"
                )
            self.kind.check(self.arguments)
            return
        read = self.kind.read(self.dimensions, whole, **self.arguments)
        if self.kind.needs:
            zeros = dict(zip(self.inputs[1:], map(numpy.zeros, further), strict=True))
            self.kind.define(numpy.zeros(whole), read, **self.beside, **zeros)

    def values(self, x: NDArray[Any], *further: NDArray[Any]) -> NDArray[Any]:
        """Return what the definition makes of arrays of numbers, with leading axes or none."""
        bare = x.ndim == self.dimensions
        whole = x[None] if bare else x
        read = self.kind.read(self.dimensions, whole.shape, **self.arguments)
        beside = {**self.beside, **dict(zip(self.inputs[1:], further, strict=True))}
        made = self.kind.define(whole, read, **beside)
        return made[0] if bare and not self.kind.stacks else made

    def execute(self, x: Ids, algebra: Algebra, *further: Ids) -> Ids:
        """Return the terms that the definition makes of arrays of terms.

        Raises:
            NoTermError: The number system lacks an operation, such as the division of a mean.
        """
        # What is given besides may be another one for every place of the leading axes.
        alike = 0 if self.kind.needs else x.ndim - self.dimensions
        shapes = [x.shape[alike:], *[other.shape for other in further]]
        number = count()
        planes = []
        for shape in shapes:
            symbols = [_Symbol("variable", (), next(number)) for _ in range(math.prod(shape))]
            plane = numpy.empty(len(symbols), dtype=object)
            plane[:] = symbols
            planes.append(plane.reshape(shape).view(_Plane))
        try:
            pooled = self.values(*planes)
        except TypeError as error:
            raise NoTermError(f"its definition computes what has no terms ({error})") from error
        leading = x.shape[:alike]
        rows = x.reshape(-1, planes[0].size)
        if further:
            rows = numpy.concatenate([rows, *[other.reshape(1, -1) for other in further]], axis=1)
        made = _repeated(list(pooled.flat), rows, algebra)
        if not self.kind.stacks:
            return made.reshape(*leading, *pooled.shape)
        # Of every part all channels, where each channel has all of its parts here.
        *batch, channels = leading or (1,)
        parts, *outputs = pooled.shape
        stacked = made.reshape(-1, channels, parts, *outputs).swapaxes(1, 2)
        return stacked.reshape(*batch, parts * channels, *outputs)


#: What may be given besides the input and speaks of a window, whatever the size.
_OF_WINDOWS = {"weights"}
#: What may be a second input: numbers that are computed with, and decide nothing.
_NUMBERS = ("scores", "weights")


def _why_not(system: str) -> str:
    """Return why a pooling that rounds is not one thing in a number system."""
    if "int" in system:
        return (
            "what it computes is no integer, and backends differ in how they make one of it "
            "(torch has no such kernel but for int64, which drops the fraction)"
        )
    return "the rounding of a mean depends on the order of its sum"


def _repeated(outputs: list[Any], elements: Ids, algebra: Algebra) -> Ids:
    """Return symbolic outputs over one plane as terms over each row of ``elements``."""
    symbols = [out for out in outputs if isinstance(out, _Symbol)]
    folded: dict[int, list[_Symbol]] = {}
    depth: dict[int, int] = {}
    levels: dict[tuple[Any, ...], list[_Symbol]] = {}
    for node in _in_order(symbols, folded):
        args = folded[id(node)]
        depth[id(node)] = 1 + max((depth[id(a)] for a in args), default=0)
        levels.setdefault((depth[id(node)], node.operator, len(args)), []).append(node)
    columns: dict[int, int] = {}
    made = [numpy.empty((len(elements), 0), numpy.int32)]
    for key in sorted(levels, key=lambda k: k[0]):
        nodes = levels[key]
        table = numpy.concatenate(made, axis=1)
        made = [table, _level(nodes, folded, columns, table, elements, algebra)]
        for node in nodes:
            columns[id(node)] = len(columns)
    table = numpy.concatenate(made, axis=1)
    result = [
        table[:, columns[id(out)]] if isinstance(out, _Symbol)
        # A window without taps is an infinity, which the definition writes as a float.
        else numpy.full(len(elements), algebra.constant(_number(out, algebra)), numpy.int32)
        for out in outputs
    ]  # fmt: skip
    return numpy.stack(result, axis=1)


def _gathered(node: _Symbol) -> list[_Symbol]:
    """Return the arguments of a node, those of maxima in maxima and of sums in sums as one row.

    Maxima of maxima over windows that overlap meet the same ones again and again: once is enough.
    """
    operator = node.operator
    if operator not in ("maximum", "minimum", "add"):
        return list(node.args)
    args: list[_Symbol] = []
    waiting = list(reversed(node.args))
    met: set[int] = set()
    while waiting:
        arg = waiting.pop()
        if operator != "add" and id(arg) in met:
            continue
        met.add(id(arg))
        if arg.operator == operator:
            waiting += reversed(arg.args)
        else:
            args.append(arg)
    return args


def _in_order(outputs: list[_Symbol], folded: dict[int, list[_Symbol]]) -> list[_Symbol]:
    """Return all symbols that outputs are made of, arguments first, and note what those are."""
    order: dict[int, _Symbol] = {}
    waiting = [(out, False) for out in outputs]
    while waiting:
        node, done = waiting.pop()
        if done:
            order.setdefault(id(node), node)
        elif id(node) not in folded:
            args = folded[id(node)] = _gathered(node)
            waiting.append((node, True))
            waiting += [(arg, False) for arg in args if id(arg) not in folded]
    return list(order.values())


def _level(
    nodes: list[_Symbol], folded: dict[int, list[_Symbol]], columns: dict[int, int], table: Ids,
    elements: Ids, algebra: Algebra,
) -> Ids:  # fmt: skip
    """Return nodes of one operator as terms, for every row of elements."""
    name = nodes[0].operator
    if name == "variable":
        return elements[:, [node.leaf for node in nodes]]
    if name == "constant":
        row = [algebra.constant(_number(node.leaf, algebra)) for node in nodes]
        return numpy.tile(numpy.array(row, numpy.int32), (len(elements), 1))
    places = numpy.array([[columns[id(a)] for a in folded[id(node)]] for node in nodes])
    args = table[:, places]  # planes, nodes, arguments
    rows = args.reshape(-1, args.shape[-1])
    match name:
        case "maximum" | "minimum":
            made = algebra.extreme(rows, largest=name == "maximum")
        case "add":
            made = algebra.total(rows)
        case "sub":
            made = algebra.add(rows[:, 0], rows[:, 1], Fraction(-1))
        case "mul":
            made = algebra.multiply(rows[:, 0], rows[:, 1])
        case "div":
            made = algebra.divide(rows[:, 0], rows[:, 1])
        case "neg":
            made = algebra.negative(rows[:, 0])
        case "abs":
            made = algebra.absolute(rows[:, 0])
        case "exp" | "log":
            made = algebra.function(name, rows[:, 0])
        case "power":
            powers = [Fraction(_number(node.leaf, algebra)) for node in nodes]
            each = [algebra.power(args[:, i, 0], power) for i, power in enumerate(powers)]
            made = numpy.stack(each, axis=1)
        case "eq" | "lt":
            made = algebra.compare(name, rows[:, 0], rows[:, 1])
        case "not":
            made = algebra.negation(rows[:, 0])
        case "or":
            made = algebra.connected("or", rows)
        case "select":
            made = algebra.select(rows[:, 0], rows[:, 1], rows[:, 2])
        case _:
            raise NoTermError(f"{name} in a definition")
    return made.reshape(len(elements), len(nodes))


def _number(value: Any, algebra: Algebra) -> Any:
    """Return a number of a definition: what an argument such as 0.3 or 1e-6 means."""
    number = value if isinstance(value, bool | int | float | Fraction) else float(value)
    finite = isinstance(number, float) and math.isfinite(number)
    return simplest_fraction(float(number)) if finite and algebra.real else number


def named_pooling(written: str) -> NamedPooling:
    """Return the pooling that a call such as ``"max_pool2d(3, stride=2)"`` describes.

    Args:
        written: An operator that this project defines, by its functional name or by that of its
            layer, with literal arguments, by place or by name, in torch's order. What it needs
            besides its input is given by name, as numbers or nested lists of them: the boxes of
            regions, the indices of maxima, the random numbers that place windows. Scores and
            weights, if they are left out, are a second input.

    Raises:
        ValueError: Not of this form, an unknown operator, unknown or missing arguments.

    >>> named_pooling("max_pool2d(3, stride=2)").arguments
    {'kernel_size': 3, 'stride': 2}
    >>> named_pooling("max_pol2d(3)")
    Traceback (most recent call last):
    ...
    ValueError: unknown pooling 'max_pol2d'; did you mean 'max_pool2d'?
    """
    from inspect import Signature

    name, args, kwargs = parsed(written)
    found = operator_named(name)
    if found is None:
        known = [operator for of in kinds() for operator in of.operators]
        hint = suggestion(name, known) or f" one of {', '.join(known)}"
        raise ValueError(f"unknown pooling {name!r};{hint}")
    operator, fixed = found
    split = split_operator(operator)
    assert split is not None
    of, dimensions = kind(split[0]), split[1]
    beside = {
        needed: _literal(needed, kwargs.pop(needed)) for needed in of.needs if needed in kwargs
    }
    for needed in of.needs:
        if needed not in beside and needed not in _NUMBERS:
            why = ", since its windows are drawn at random" if needed == "random_samples" else ""
            raise ValueError(
                f"{name} needs {needed} besides its input{why}: write them down, {needed}=[…], or "
                "compare with a module"
            )
    parameters = of.parameters(dimensions)
    for given in kwargs:
        if given not in parameters:
            hint = suggestion(given, parameters) or f" it takes {', '.join(parameters)}"
            raise ValueError(f"{name} takes no argument {given!r};{hint}")
    try:
        bound = Signature(list(parameters.values())).bind(*args, **{**fixed, **kwargs})
    except TypeError as error:
        raise ValueError(f"{written}: {error}") from None
    arguments = dict(bound.arguments)
    entries = arguments.get(of.sizes)
    levels = isinstance(of.example.get(of.sizes), tuple)  # a pyramid has one entry for each
    if isinstance(entries, tuple | list) and not levels and len(entries) not in (1, dimensions):
        raise ValueError(f"{written}: {of.sizes} must have {dimensions} entries")
    return NamedPooling(written, of, dimensions, arguments, beside)


def _literal(name: str, value: Any) -> NDArray[Any]:
    """Return numbers that were written down as an array."""
    try:
        array = numpy.array(value)
    except ValueError:  # rows of unequal lengths
        array = numpy.array(None)
    if array.dtype.kind not in "iuf":
        raise ValueError(f"{name} must be numbers, or nested lists of them, got {value!r}")
    return array


def is_call(written: str) -> bool:
    """Say whether a reference is written as a call, and not as the place of a module."""
    return "(" in written and ":" not in written.partition("(")[0]


def parsed(written: str) -> tuple[str, list[Any], dict[str, Any]]:
    """Return the name and the literal arguments of a call.

    Raises:
        ValueError: It is no call, or an argument is no literal.
    """
    try:
        call = ast.parse(written.strip(), mode="eval").body
        assert isinstance(call, ast.Call)
        assert isinstance(call.func, ast.Name)
        args = [ast.literal_eval(arg) for arg in call.args]
        kwargs = {str(k.arg): ast.literal_eval(k.value) for k in call.keywords}
    except (AssertionError, SyntaxError, ValueError):
        raise ValueError(
            f"cannot read {written!r} as a pooling: write it as "
            '"max_pool2d(kernel_size=3, stride=2, padding=1)", with literal arguments'
        ) from None
    return call.func.id, args, kwargs
