"""Which operators have a cost, and how to ask for it.

A formula is one pure function of shapes and arguments, no tensors. It is registered under the
functional names that torch gives the operators it covers, and finding it, calling it and saying
what is wrong with a call is all this module does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from costmodel.counts import Cost
from costmodel.layers import layer_call
from pooling.arithmetic import Number

if TYPE_CHECKING:
    from torch.nn import Module

Formula = Callable[..., Cost]

#: Operator name → its formula and its number of spatial axes.
_formulas: dict[str, tuple[Formula, int]] = {}


def register(dimensions: Mapping[str, int]) -> Callable[[Formula], Formula]:
    """Register the decorated formula under each name, with its number of spatial axes.

    The formula is called as ``formula(dimensions, shape, *arguments)``; the names and defaults of
    its arguments are those of the operator.

    Raises:
        ValueError: A name that has a formula already.

    >>> @register({"max_pool2d": 2})
    ... def twice(dimensions, shape): ...
    Traceback (most recent call last):
    ...
    ValueError: max_pool2d has a formula already: costmodel.max_pool.max_pool
    """

    def decorate(formula: Formula) -> Formula:
        for name, count in dimensions.items():
            if name in _formulas:
                taken = _formulas[name][0]
                raise ValueError(
                    f"{name} has a formula already: {taken.__module__}.{taken.__qualname__}"
                )
            _formulas[name] = formula, count
        return formula

    return decorate


def operators() -> tuple[str, ...]:
    """Return the names of all operators that have a cost, sorted.

    >>> "max_pool2d" in operators()
    True
    """
    return tuple(sorted(_formulas))


def formula_of(operator: str) -> tuple[Formula, int]:
    """Return the formula of an operator and its number of spatial axes.

    Raises:
        ValueError: An unknown operator.

    >>> formula_of("max_pool2d")[0].__name__, formula_of("max_pool2d")[1]
    ('max_pool', 2)
    """
    if operator not in _formulas:
        _refuse_operator(operator)
    return _formulas[operator]


def cost(operator: str | Module, shape: Sequence[Number], *args: Any, **kwargs: Any) -> Cost:
    """Return what ``operator`` costs on an input of ``shape``, by kind of operation.

    Args:
        operator: A functional name of torch, such as ``"max_pool2d"``; :func:`operators` lists
            them. Or a pooling layer of ``torch.nn`` or of :mod:`pooling`, or another module with
            a method ``as_operator``, which brings its own arguments. A layer rebuilt from
            convolution and ReLU, such as ``pooling.MaxPool2d``, costs what the pooling does that
            it equals: :func:`costmodel.of_model` counts the network that it runs, and
            ``algorithm`` names networks in closed form.
        shape: The input shape, batched ``(N, C, *spatial)`` or unbatched ``(C, *spatial)``.
        args: The operator's arguments in torch's order, …
        kwargs: … or by torch's names, with torch's defaults. Max-, min- and average pooling over
            windows also take ``padding_convention`` (:mod:`pooling.conventions`), ``counting``
            (:mod:`costmodel.counting`) and ``algorithm`` (:mod:`costmodel.algorithms`).

    Any entry of the shape and any size among the arguments may be an int of any size, an integer
    NumPy array (a batch of configurations: the entries broadcast) or a SymPy symbol. Arrays are
    computed in 64 bits, and refused if a count may not fit.

    Returns:
        A :class:`~costmodel.counts.Cost`. Only taps inside the input count: padding is free,
        unless ``counting`` asks otherwise.

    Raises:
        ValueError: An unknown operator, or arguments that torch refuses; the message names the
            argument, the value and the limit. Arrays that do not broadcast.
        OverflowError: Arrays so large that a count may exceed 2⁶³ − 1; ints have no limit.
        TypeError: An unknown or missing argument, or one of the wrong type; a layer that neither
            is a pooling layer nor says that it is one.

    >>> cost("avg_pool2d", (1, 64, 112, 112), kernel_size=2).additions
    602112
    >>> cost("max_pool2d", (3, 32, 32), 5, padding=3)
    Traceback (most recent call last):
    ...
    ValueError: padding must be at most 2, half of kernel_size 5, got 3
    >>> cost("max_pol2d", (3, 32, 32), 5)
    Traceback (most recent call last):
    ...
    ValueError: unknown operator 'max_pol2d'; did you mean 'max_pool2d'? Operators: adaptive_avg_...
    """
    return _answer(operator, shape, args, kwargs)


def flops(operator: str | Module, shape: Sequence[Number], *args: Any, **kwargs: Any) -> Number:
    """Return how many operations ``operator`` performs on an input of ``shape``.

    The sum of the comparisons, additions, multiplications, divisions, powers and exponentials of
    :func:`cost`, which takes the same arguments and raises the same errors.

    >>> flops("max_pool2d", (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
    1584192
    >>> from torch import nn
    >>> flops(nn.MaxPool2d(3, stride=2, padding=1), (1, 64, 112, 112))
    1584192
    >>> import pooling
    >>> flops(pooling.MaxPool2d(3, stride=2, padding=1), (1, 64, 112, 112))  # what it equals
    1584192
    >>> import numpy
    >>> flops("max_pool2d", (1, 64, 112, 112), kernel_size=numpy.array([2, 3, 5]), stride=2)
    array([ 602112, 1548800, 4478976])
    >>> import sympy
    >>> C = sympy.Symbol("C", integer=True, positive=True)
    >>> flops("max_pool2d", (C, 8, 8), kernel_size=2)
    48*C
    """
    return _answer(operator, shape, args, kwargs).flops


def bytes_moved(
    operator: str | Module,
    shape: Sequence[Number],
    *args: Any,
    dtype: Any = "float32",
    **kwargs: Any,
) -> Number:
    """Return the bytes that ``operator`` has to move, whatever the implementation.

    Each element of the input that some window reads once, each element of the output once, and
    each index, if they are returned, once. Arguments and errors are those of :func:`cost` and of
    :meth:`costmodel.counts.Cost.bytes_moved`, which also says what ``dtype`` may be.

    >>> bytes_moved("max_pool2d", (1, 64, 112, 112), kernel_size=3, stride=2, padding=1)
    4014080
    >>> bytes_moved("avg_pool1d", (1, 10), kernel_size=1, stride=3, dtype="float16")  # 0, 3, 6, 9
    16
    """
    return _answer(operator, shape, args, kwargs).bytes_moved(dtype)


def _answer(
    operator: str | Module, shape: Sequence[Number], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Cost:
    """Return the cost of an operator, or of a layer, on an input of ``shape``."""
    entry = _formulas.get(operator) if isinstance(operator, str) else None
    if entry is None:
        call = layer_call(operator)
        if call is None:
            _refuse_operator(operator)
        if args or kwargs:
            raise TypeError(f"{operator!r} brings its own arguments: give the shape alone")
        operator, args, kwargs = call
        entry = _formulas[operator]
    formula, dimensions = entry
    try:
        # Arrays, and the lists that may hold them, are what has no hash.
        hash((shape, args, *kwargs.values()))
    except TypeError:
        from costmodel.arrays import check_arrays

        positional = formula.__code__.co_varnames[2 : formula.__code__.co_argcount]
        named = {**dict(zip(positional, args, strict=False)), **kwargs}
        check_arrays(str(operator), dimensions, shape, named)
    try:
        return formula(dimensions, shape, *args, **kwargs)
    except TypeError:
        # Asking only now what was wrong with the call keeps the calls that are right fast.
        _refuse_call(str(operator), formula, args, kwargs)
        raise


def _refuse_operator(operator: object) -> NoReturn:
    if not isinstance(operator, str):
        raise TypeError(
            f"operator must be a name such as 'max_pool2d' or a pooling layer, got {operator!r} "
            f"of type {type(operator).__name__}"
        )
    raise ValueError(
        f"unknown operator {operator!r};{_suggestion(operator, _formulas)} "
        f"Operators: {', '.join(operators())}"
    )


def _refuse_call(
    operator: str, formula: Formula, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Raise a TypeError if the arguments do not fit the formula's; else return."""
    code = formula.__code__
    defaults = formula.__defaults__ or ()
    positional = code.co_varnames[2 : code.co_argcount]  # after dimensions and shape
    names = code.co_varnames[2 : code.co_argcount + code.co_kwonlyargcount]
    for name in kwargs:
        if name not in names:
            raise TypeError(
                f"{operator} has no argument {name!r};{_suggestion(name, names)} "
                f"Arguments: {', '.join(names)}"
            ) from None
    if len(args) > len(positional):
        raise TypeError(
            f"{operator} takes at most {len(positional)} arguments by position after the shape, "
            f"got {len(args)}; "
            f"Arguments: {', '.join(names)}"
        ) from None
    for name in positional[: len(args)]:
        if name in kwargs:
            raise TypeError(f"{operator} got its argument {name!r} twice") from None
    for name in positional[len(args) : len(positional) - len(defaults)]:
        if name not in kwargs:
            raise TypeError(
                f"{operator} needs its argument {name!r}; Arguments: {', '.join(names)}"
            ) from None


def _suggestion(word: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, known, n=1)
    return f" did you mean {close[0]!r}?" if close else ""
