"""A whole model with its pooling layers rebuilt, and what became of each of them.

Apart from the modules because it is the one place that looks at other people's layers.
"""

import inspect
from collections.abc import Callable, Iterator
from copy import deepcopy
from functools import cache
from math import inf
from types import CodeType
from typing import Any, NamedTuple

import torch
from torch import nn

from pooling.kind import Kind, kinds
from pooling.rebuilt.max_pool import with_skips
from pooling.rebuilt.ranges import Range, ranges
from pooling.rebuilt.tolerance import LayerTolerance, tolerance_of

#: Why a pooling is left that is no layer.
_CALLED = "it is called as a function, and only layers are replaced"

_HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks")


class Need(NamedTuple):
    """What a rebuilt layer needs of its input to be right.

    Attributes:
        what: The condition, in words.
        guaranteed_by: The layer in front of it, or the function, that sees to it; empty if it is
            for the user to see to.
    """

    what: str
    guaranteed_by: str = ""


class Change(NamedTuple):
    """What became of one pooling layer."""

    #: Where the layer stands in the model; empty for the model itself.
    path: str
    #: The layer that was there.
    before: str
    #: The module that is there now; ``None`` if the layer was left as it was.
    after: str | None
    #: Why it was left; empty if it was not.
    reason: str
    #: How far it may be from the exact value of torch's; ``None`` if it was left.
    tolerance: LayerTolerance | None = None

    def __str__(self) -> str:
        """Say it in a line."""
        what = f"{self.path or 'the model itself'}: {self.before.partition('(')[0]}"
        if self.reason:
            return f"{what} is left: {self.reason}"
        return f"{what} is rebuilt, within {self.tolerance}"


class Rebuilt(NamedTuple):
    """A rebuilt model, and one :class:`Change` per place of a pooling layer, in its order."""

    model: nn.Module
    changes: list[Change]

    def __str__(self) -> str:
        """Say in a line for each place what became of it, and within which tolerance.

        >>> model = nn.Sequential(nn.ReLU6(), nn.MaxPool2d(2), nn.AvgPool2d(2))
        >>> print(rebuild(model))
        1: MaxPool2d is rebuilt, within 0.00585938 in float16 (1.5 u·8) for [0, 6] of 0 (ReLU6)
        2: AvgPool2d is rebuilt, within 0.0195315 in float16 (5 u·8) for [0, 6] of 0 (ReLU6)
        """
        return "\n".join(map(str, self.changes))

    @property
    def needs(self) -> dict[str, tuple[Need, ...]]:
        """What each new layer needs of its input to be right, beyond what torch's layer does.

        By the path of the layer. With each need stands what guarantees it, as far as the model in
        front of the layer does: a ReLU, a clamp, a sigmoid.

        >>> model = nn.Sequential(nn.Hardtanh(-2.0, 2.0), nn.MaxPool2d(2))
        >>> for need in rebuild(model).needs["1"]:
        ...     print(need.what, "|", need.guaranteed_by)
        no tap is infinite | 0 (Hardtanh)
        no difference of two taps overflows | 0 (Hardtanh): at most 4
        """
        arriving = ranges(self.model)
        layers = dict(self.model.named_modules(remove_duplicate=False))
        return {
            change.path: tuple(_needs(layers[change.path], arriving.get(change.path, Range())))
            for change in self.changes
            if not change.reason
        }

    @property
    def tolerances(self) -> dict[str, float | None]:
        """How far each new layer may be from the exact value of torch's, by the path of the layer.

        In units of u·R for inputs of at most R in magnitude, R a power of two and no subnormal
        number, u half the distance from 1 to the next number; nothing may overflow. A merge of
        max-pooling costs 1.5, and a fold as much as one; an average of k elements at most k + 1; a
        layer of a network without skips 10, or more where errors are no longer small, as in
        bfloat16. ``None`` where it depends on the size of the input, as of adaptive averages:
        :attr:`Change.tolerance` says how, and has the range and the bound in each dtype as well.

        >>> model = nn.Sequential(nn.MaxPool2d(3), nn.AvgPool2d(2))
        >>> rebuild(model).tolerances, rebuild(model, scheme="tree").tolerances["0"]
        ({'0': 1.5, '1': 5.0}, 6.0)
        """
        return {
            change.path: None if change.tolerance.times else change.tolerance.units
            for change in self.changes
            if change.tolerance is not None
        }


def rebuild(
    model: nn.Module,
    scheme: str = "fold",
    skips: bool | None = None,
    between: tuple[float, float] | None = None,
) -> Rebuilt:
    """Return a copy of ``model`` in which every pooling layer of torch is rebuilt.

    Outputs are equal within the bounds of :mod:`pooling.rebuilt.max_pool` per layer, where what the
    layer :attr:`~Rebuilt.needs` holds. Where nothing below 0 can arrive, as behind a ReLU, a plain
    network is the narrower one for such inputs. A layer that two parents share stays shared and is
    listed at both places.

    Args:
        model: Any module, which stays as it is; a pooling layer itself too. Poolings that its
            modules call as functions are no layers: they stay, and are listed as left.
        scheme: How a window is merged, as in :class:`pooling.rebuilt.max_pool.MaxPool`.
        skips: Whether max-pooling may use skip connections; if left out, as the scheme has them.
            Adaptive max-pooling must, so without skips it is left.
        between: The range of the inputs of every pooling layer, for their tolerances; where a layer
            in front guarantees one, what both have in common.

    Returns:
        The copy, and what became of each pooling layer. What cannot be rebuilt is left and listed
        with the reason: functions, ``LPPool``, ``FractionalMaxPool``, ``MaxUnpool``, layers that
        return indices, have hooks, or are of a subclass with a forward of its own.

    Raises:
        TypeError: A model that is no module.
        ValueError: An unknown scheme, ``"shallow"`` with skips, or a range that is none.

    >>> model = nn.Sequential(nn.MaxPool2d(2), nn.LPPool2d(2, kernel_size=2))
    >>> copy, changes = rebuild(model)
    >>> type(copy[0])
    <class 'pooling.MaxPool2d'>
    >>> [(change.path, change.reason) for change in changes]
    [('0', ''), ('1', 'a power and a root are no convolution and no ReLU')]
    """
    if not isinstance(model, nn.Module):
        raise TypeError(f"model must be a torch.nn.Module, got {model!r}")
    skips = with_skips(scheme, skips)
    if between is not None and not -inf < between[0] <= between[1] < inf:
        raise ValueError(f"between must be a lower and an upper end, got {between!r}")
    root = nn.ModuleDict({"model": deepcopy(model)})
    arriving = ranges(model)
    changes: list[Change] = []
    rebuilt: dict[nn.Module, tuple[nn.Module, str]] = {}
    for path, parent in list(root.named_modules()):
        for name, layer in list(parent._modules.items()):
            base = None if layer is None else _pooling_layer(layer)
            if layer is None or base is None:
                continue
            place = f"{path}.{name}".removeprefix(".").partition(".")[2]
            arrives = arriving.get(place, Range())
            if layer not in rebuilt:
                # torch.fx knows a layer that two parents share by one of its places.
                shared = sum(other is layer for one in root.modules() for other in one.children())
                narrow = arrives.low >= 0 and shared == 1
                rebuilt[layer] = _rebuild(layer, base, scheme, skips, narrow)
            module, reason = rebuilt[layer]
            parent._modules[name] = module
            after = None if reason else repr(module)
            tolerance = None if reason else _tolerance(module, arrives, between)
            changes.append(Change(place, repr(layer), after, reason, tolerance))
        place = path.partition(".")[2]
        if _pooling_layer(parent) is not None:
            continue
        changes += [Change(place, name, None, _CALLED) for name in _called(type(parent))]
    return Rebuilt(root["model"], changes)


def _tolerance(
    module: nn.Module, arrives: Range, between: tuple[float, float] | None
) -> LayerTolerance:
    """Return the tolerance of a rebuilt layer, over the range of its input."""
    known = tolerance_of(module)
    if between is not None:
        low, high = max(arrives.low, between[0]), min(arrives.high, between[1])
        by = arrives.by if (low, high) == (arrives.low, arrives.high) else ""
        # What a layer guarantees is never outside what the user says; then the user is wrong.
        if low <= high:
            return known._replace(low=low, high=high, by=by)
    return known._replace(low=arrives.low, high=arrives.high, by=arrives.by)


def _needs(module: nn.Module, arrives: Range) -> Iterator[Need]:
    """Yield what a rebuilt layer needs of its input; averages by convolution need nothing."""
    if not hasattr(module, "scheme"):
        return
    finite = -inf < arrives.low and arrives.high < inf
    yield Need("no tap is infinite", arrives.by if finite else "")
    apart = arrives.high - arrives.low
    spread = f"{arrives.by}: at most {apart:g}"
    # In float16 as well, whose largest number is the smallest of any format's that models use.
    fits = finite and apart <= torch.finfo(torch.float16).max
    yield Need("no difference of two taps overflows", spread if fits else "")
    if getattr(module, "non_negative", False):
        yield Need("no tap is below 0", arrives.by)


def _called(kind: type[nn.Module]) -> list[str]:
    """Return the poolings that the methods of a class name as functions, each once per method.

    Those of torch's own modules and of this package are how their layers work.
    """
    found = []
    for base in kind.__mro__[::-1]:
        if base.__module__.partition(".")[0] in ("torch", "pooling", "builtins"):
            continue
        methods: list[Any] = [*vars(base).values()]
        for method in methods:
            if inspect.isfunction(method) and vars(kind).get(method.__name__, method) == method:
                code: Any = inspect.unwrap(method).__code__
                found += [f"{name} in {method.__qualname__}" for name in _pooling_names(code)]
    return found


def _pooling_names(code: CodeType) -> list[str]:
    """Return the names of poolings that code uses, that of functions inside it included."""
    functions = {operator for entry in _kinds().values() for operator in entry.operators}
    inner = [one for one in code.co_consts if isinstance(one, CodeType)]
    own = [name for name in code.co_names if name in functions]
    return [*own, *(name for one in inner for name in _pooling_names(one))]


def _pooling_layer(layer: nn.Module) -> type[nn.Module] | None:
    """Return the pooling layer of torch that ``layer`` is, or is a subclass of."""
    for base in type(layer).__mro__:
        name = base.__name__[:-2]
        if name in _kinds() and base.__module__ == nn.MaxPool2d.__module__:
            return base
    return None


def _rebuild(
    layer: nn.Module, base: type[nn.Module], scheme: str, skips: bool, non_negative: bool
) -> tuple[nn.Module, str]:
    """Return the module that takes the place of ``layer``, and why it is ``layer`` itself."""
    name = base.__name__[:-2]
    if type(layer).forward is not base.forward:
        return layer, f"{type(layer).__name__} has a forward of its own"
    reason = _kinds()[name].left
    if reason:
        return layer, reason
    if getattr(layer, "return_indices", False):
        return layer, "it returns indices, and a ReLU does not know positions"
    if any(getattr(layer, hooks) for hooks in _HOOKS):
        return layer, "it has hooks, which would be lost"
    if name == "AdaptiveMaxPool" and not skips:
        return layer, "its windows depend on the size of the input, so no one network computes them"
    entry = _kinds()[name]
    make: Callable[..., nn.Module] = entry.layer_class(base.__name__)
    taken = inspect.signature(make).parameters
    arguments = {name: getattr(layer, name) for name in entry.positional() if hasattr(layer, name)}
    ways = {"scheme": scheme, "skips": skips, "non_negative": non_negative and not skips}
    return make(**arguments, **{n: ways[n] for n in ways if n in taken}).train(layer.training), ""


@cache
def _kinds() -> dict[str, Kind[Any]]:
    """Return the kinds of pooling that torch has layers of, by the layer's name."""
    return {entry.torch_layer: entry for entry in kinds() if entry.torch_layer}
