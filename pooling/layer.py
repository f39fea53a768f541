"""What every pooling module of this package has: it looks at its input, and says what it is.

Apart from the modules because those in :mod:`pooling.rebuilt` and in :mod:`pooling.modules` share
it. It loads torch, so nothing else imports it.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar

import torch
from torch import Tensor, nn

from pooling.kind import kind

_SIGNED = (torch.int8, torch.int16, torch.int32, torch.int64)


def check_input(x: Tensor, integers: bool = False, narrow: bool = False) -> None:
    """Refuse what is no tensor, and a dtype that cannot be pooled.

    Args:
        x: What a module was called with.
        integers: Whether signed integers will do as well. Unsigned ones never do: a difference of
            two cannot be negative.
        narrow: Whether floats of 8 bits will do, for which torch has no arithmetic.

    Raises:
        TypeError: Anything else.

    >>> check_input(torch.zeros(1, dtype=torch.uint8), integers=True)
    Traceback (most recent call last):
    ...
    TypeError: input must be floating point or signed integers, got torch.uint8
    """
    if not isinstance(x, Tensor):
        raise TypeError(f"input must be a tensor, got {x!r} of type {type(x).__name__}")
    if x.is_floating_point():
        if narrow or x.dtype.itemsize > 1:
            return
        raise TypeError(f"input must be floating point of at least 16 bits, got {x.dtype}")
    if not integers or x.dtype not in _SIGNED:
        wanted = "floating point or signed integers" if integers else "floating point"
        raise TypeError(f"input must be {wanted}, got {x.dtype}")


def without_autocast(x: Tensor) -> AbstractContextManager[Any]:
    """Return a context in which operators on ``x`` keep its dtype, as torch's poolings do.

    Autocast would compute convolutions and products in half precision.

    >>> with torch.autocast("cpu"), without_autocast(x := torch.ones(1, 1)):
    ...     print((x @ x).dtype)
    torch.float32
    """
    device = x.device.type
    if torch.amp.is_autocast_available(device) and torch.is_autocast_enabled(device):
        return torch.autocast(device, enabled=False)
    return nullcontext()


class Pooling(nn.Module):
    """A module that is an operator with arguments, and says which.

    It is made with the operator's own arguments, by place or by name, which become its attributes.
    A class may take further ones, by name.

    Args:
        args: Those of the operator, in its order or in that of :attr:`takes`.
        kwargs: The same by name.

    Raises:
        TypeError: Arguments that are not taken, or missing.
        ValueError: A temperature, a proportion or the like that the operator refuses; windows are
            looked at when the module meets an input.

    >>> import pooling
    >>> pooling.SoftmaxPool2d(3, temperature=0.5)
    SoftmaxPool2d(kernel_size=3, stride=3, padding=0, dilation=1, ceil_mode=False, temperature=0.5)
    >>> pooling.SoftmaxPool2d(3, temprature=0.5)
    Traceback (most recent call last):
    ...
    TypeError: SoftmaxPool2d got an unexpected keyword argument 'temprature'
    """

    dimensions: ClassVar[int]
    #: The name of the operator, without its dimensions.
    operator: ClassVar[str]
    #: What it is made with, where that is not :attr:`arguments`.
    takes: ClassVar[tuple[str, ...]] = ()
    #: What of the operator's arguments is always the same.
    fixes: ClassVar[tuple[str, ...]] = ()
    #: What of the operator's arguments it takes by name alone.
    by_name: ClassVar[tuple[str, ...]] = ()
    #: Where its defaults are not the operator's.
    defaults: ClassVar[Mapping[str, Any]] = {}
    #: Whether the module computes the operator from convolutions and ReLUs instead.
    rebuilt: ClassVar[bool] = False

    kernel_size: Any
    stride: Any
    padding: Any
    dilation: Any
    ceil_mode: bool

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        try:
            bound = kind(self.operator).layer_signature(type(self)).bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__} {error}") from None
        bound.apply_defaults()
        given = bound.arguments
        if "stride" in given and given["stride"] is None:
            given["stride"] = given["kernel_size"]
        kind(self.operator).check(given)
        for name, value in given.items():
            setattr(self, name, value)

    @property
    def arguments(self) -> tuple[str, ...]:
        """The names of those arguments of the operator that are attributes of the module."""
        return kind(self.operator).layer_arguments(type(self))

    def as_operator(self) -> tuple[str, dict[str, Any]] | None:
        """Return the operator that the module equals, and its arguments.

        Those that torch's operator lacks are left out where they say nothing. ``None`` if the
        module, in the mode it is in, is none of the operators there are.

        >>> from pooling import MaxPool1d
        >>> MaxPool1d(3, padding=1).as_operator()[0]
        'max_pool1d'
        """
        taken, named = kind(self.operator).parameters(), self._named_arguments()
        usual = [name for name in self.by_name if named[name] == taken[name].default]
        return f"{self.operator}{self.dimensions}d", {n: named[n] for n in named if n not in usual}

    def _named_arguments(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.arguments}

    def extra_repr(self) -> str:
        """Return the arguments for ``repr``, as torch's layers print theirs.

        Those that torch's layers lack are left out where they are what is taken without them.
        """
        usual = kind(self.operator).layer_signature(type(self)).parameters
        return ", ".join(
            f"{name}={value}"
            for name, value in self._named_arguments().items()
            if name not in self.by_name or value != usual[name].default
        )
