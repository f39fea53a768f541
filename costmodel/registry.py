"""Which operators have a cost, and how to ask for it.

The cost of a kind of pooling is one file of :mod:`costmodel.kinds`, which is loaded when one of its
operators is first asked for; its arguments are read as the kind's entry in :mod:`pooling.kinds`
says. Further formulas are registered by hand. Finding a formula, calling it and saying what is
wrong with a call is all this module does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

from costmodel.counts import Cost
from costmodel.layers import layer_call
from pooling.arithmetic import Number
from pooling.kind import Kind, families, kind, operator_named, split_operator

if TYPE_CHECKING:
    from inspect import Parameter

    from torch.nn import Module

Formula = Callable[..., Cost]


class Entry(NamedTuple):
    """An operator that has a cost."""

    #: Called as ``formula(dimensions, shape, *arguments)``.
    formula: Formula
    #: The number of spatial axes.
    dimensions: int
    #: What counts the operations; the formula itself, if nothing reads the arguments for it.
    counter: Callable[..., Cost]
    #: The kind of pooling that it is, or is the backward pass of; ``None`` of what else there is.
    kind: Kind[Any] | None = None
    #: What reads the arguments for the counter; ``None`` if that is the formula's own affair.
    read: Callable[..., Any] | None = None


#: Operator → its entry, as far as anybody has asked for it.
_entries: dict[str, Entry] = {}


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
    ValueError: max_pool2d has a formula already: costmodel.kinds.max_pool.forward
    """

    def decorate(formula: Formula) -> Formula:
        for name, count in dimensions.items():
            taken = _found(name)
            if taken is not None:
                where = f"{taken.counter.__module__}.{taken.counter.__qualname__}"
                raise ValueError(f"{name} has a formula already: {where}")
            _entries[name] = Entry(formula, count, formula)
        return formula

    return decorate


def operators() -> tuple[str, ...]:
    """Return the names of all operators that have a cost, sorted.

    >>> "max_pool2d" in operators()
    True
    """
    for family in families():
        _load(family)
    return tuple(sorted(_entries))


def entry_of(operator: str) -> Entry:
    """Return what is known of an operator.

    Raises:
        ValueError: An unknown operator.

    >>> entry_of("max_pool2d").counter.__module__, entry_of("max_pool2d").dimensions
    ('costmodel.kinds.max_pool', 2)
    """
    entry = _found(operator)
    if entry is None:
        _refuse_operator(operator)
    return entry


def parameters(operator: str) -> Mapping[str, Parameter]:
    """Return the arguments that the cost of ``operator`` takes after the shape, in their order.

    Raises:
        ValueError: An unknown operator.

    >>> list(parameters("adaptive_max_pool2d"))
    ['output_size', 'return_indices']
    """
    return _parameters(entry_of(operator))


def _parameters(entry: Entry) -> Mapping[str, Parameter]:
    from inspect import Parameter, signature

    taken = signature(entry.formula).parameters
    if entry.kind is None:
        return dict(list(taken.items())[2:])  # dimensions and shape
    ways = {name: p for name, p in taken.items() if p.kind is Parameter.KEYWORD_ONLY}
    return {**entry.kind.parameters(entry.dimensions), **ways}


def _found(operator: str) -> Entry | None:
    entry = _entries.get(operator)
    if entry is None and (known := split_operator(operator.removesuffix("_backward"))):
        _load(known[0])
        entry = _entries.get(operator)
    return entry


def _load(family: str) -> None:
    """Make the entries of a kind's operators, forward and backward."""
    of = kind(family)
    if of.operators[0] in _entries:
        return
    costs = import_module(f"costmodel.kinds.{family}")
    for operator, dimensions in zip(of.operators, of.dimensions, strict=True):
        read = None if dimensions in of.absent else of.read
        forward = _formula(of, dimensions, costs.forward, getattr(costs, "ALGORITHMS", ""))
        _entries[operator] = Entry(forward, dimensions, costs.forward, of, read)
        if hasattr(costs, "backward"):
            backward = _formula(of, dimensions, costs.backward)
            _entries[f"{operator}_backward"] = Entry(backward, dimensions, costs.backward, of, read)


def _formula(
    of: Kind[Any], dimensions: int, count: Callable[..., Cost], algorithms: str = ""
) -> Formula:
    """Return the formula that reads the arguments of a kind and counts what they come to."""
    read = of.read
    lacking = of.absent.get(dimensions, ())

    def directly(dimensions: int, shape: Sequence[Number], *args: Any, **kwargs: Any) -> Cost:
        return count(read(dimensions, shape, *args, **kwargs))

    def in_some_way(
        dimensions: int,
        shape: Sequence[Number],
        *args: Any,
        counting: str = "exact",
        algorithm: str = "direct",
        **kwargs: Any,
    ) -> Cost:
        pooling = read(dimensions, shape, *args, **kwargs)
        direct = count(pooling, counting)
        if algorithm == "direct":
            return direct
        from costmodel.counting import by_algorithm

        table = getattr(import_module("costmodel.algorithms"), algorithms)
        return by_algorithm(direct, table, algorithm, pooling, counting)

    formula: Formula = in_some_way if algorithms else directly
    if not lacking:
        return formula
    most = len(of.positional(dimensions))

    def without(dimensions: int, shape: Sequence[Number], *args: Any, **kwargs: Any) -> Cost:
        if len(args) > most or any(name in kwargs for name in lacking):
            raise TypeError(f"no such argument over {dimensions} axes: {', '.join(lacking)}")
        return formula(dimensions, shape, *args, **kwargs)

    vars(without)["__wrapped__"] = formula
    return without


def cost(operator: str | Module, shape: Sequence[Number], *args: Any, **kwargs: Any) -> Cost:
    """Return what ``operator`` costs on an input of ``shape``, by kind of operation.

    Args:
        operator: A functional name of torch, such as ``"max_pool2d"``; :func:`operators` lists
            them. The name of a layer, such as ``"MaxPool2d"``, stands for its operator. Or a
            pooling layer of ``torch.nn`` or of :mod:`pooling`, or another module with
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
    ValueError: padding must be at most 2, half of kernel_size 5, got 3 (padding_...
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
    # Taken apart at once: asking for the sum takes longer than the sum.
    _, comparisons, additions, multiplications, divisions, powers, exponentials, _ = _answer(
        operator, shape, args, kwargs
    )
    return comparisons + additions + multiplications + divisions + powers + exponentials


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
    entry = _entries.get(operator) if isinstance(operator, str) else None
    if entry is None and isinstance(operator, str):
        operator, fixed = _named(operator)
        entry = entry_of(operator)
        if fixed:
            if args or kwargs:
                raise TypeError(f"{operator} takes no further arguments: {fixed} is fixed")
            kwargs = dict(fixed)
    if entry is None:
        call = layer_call(operator)
        if call is None:
            _refuse_operator(operator)
        if args or kwargs:
            raise TypeError(f"{operator!r} brings its own arguments: give the shape alone")
        operator, args, kwargs = call
        entry = entry_of(operator)
    formula, dimensions, count, _, read = entry
    try:
        # Arrays, and the lists that may hold them, are what has no hash.
        hash((shape, args, *kwargs.values()))
    except TypeError:
        from costmodel.arrays import check_arrays

        named = {**dict(zip(_parameters(entry), args, strict=False)), **kwargs}
        check_arrays(str(operator), dimensions, shape, named)
    try:
        if read is None or "counting" in kwargs or "algorithm" in kwargs:
            return formula(dimensions, shape, *args, **kwargs)
        return count(read(dimensions, shape, *args, **kwargs))
    except TypeError:
        # Asking only now what was wrong with the call keeps the calls that are right fast.
        _refuse_call(str(operator), entry, args, kwargs)
        raise


def _named(name: str) -> tuple[str, Mapping[str, Any]]:
    """Return the operator of a name, and the arguments that the name fixes."""
    if _found(name) is not None:
        return name, {}
    backward = "_backward" if name.endswith("_backward") else ""
    operator, fixed = operator_named(name.removesuffix("_backward")) or (name, {})
    return (f"{operator}{backward}", fixed) if operator != name else (name, fixed)


def _refuse_operator(operator: object) -> NoReturn:
    if not isinstance(operator, str):
        raise TypeError(
            f"operator must be a name such as 'max_pool2d' or a pooling layer, got {operator!r} "
            f"of type {type(operator).__name__}"
        )
    known = operators()
    raise ValueError(
        f"unknown operator {operator!r};{suggestion(operator, known)} Operators: {', '.join(known)}"
    )


def _refuse_call(
    operator: str, entry: Entry, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> None:
    """Raise a TypeError if the arguments do not fit the operator's; else return."""
    taken = _parameters(entry)
    positional = [p for p in taken.values() if p.kind is not p.KEYWORD_ONLY]
    for name in kwargs:
        if name not in taken:
            raise TypeError(
                f"{operator} has no argument {name!r};{suggestion(name, taken)} "
                f"Arguments: {', '.join(taken)}"
            ) from None
    if len(args) > len(positional):
        raise TypeError(
            f"{operator} takes at most {len(positional)} arguments by position after the shape, "
            f"got {len(args)}; "
            f"Arguments: {', '.join(taken)}"
        ) from None
    for parameter in positional[: len(args)]:
        if parameter.name in kwargs:
            raise TypeError(f"{operator} got its argument {parameter.name!r} twice") from None
    for parameter in positional[len(args) :]:
        if parameter.name not in kwargs and parameter.default is parameter.empty:
            raise TypeError(
                f"{operator} needs its argument {parameter.name!r}; Arguments: {', '.join(taken)}"
            ) from None


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return a hint at the known word that ``word`` is a misspelling of; empty if it is of none.

    A word that is merely related is no hint: a sum-pooling is no misspelt min-pooling.

    >>> suggestion("max_pol2d", ["max_pool2d"]), suggestion("sum_pool2d", ["min_pool2d"])
    (" did you mean 'max_pool2d'?", '')
    """
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), n=1, cutoff=0.9)
    return f" did you mean {close[0]!r}?" if close else ""
