"""A private copy of a model, so that counting touches nothing that another thread can see.

Apart from the counting because it knows how modules keep their parts. Modules and the containers
that hold them are copied; parameters and buffers are what the caller makes of them; everything else
is shared. Nothing is hooked or patched but the copy.
"""

import copy
from collections import OrderedDict, defaultdict, deque
from collections.abc import Callable
from functools import partial
from types import MethodType
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parallel import DataParallel, DistributedDataParallel

#: Makes a tensor of the copy from one of the model; the flag says whether it is a parameter.
Remake = Callable[[Tensor, bool], Tensor]

_CONTAINERS = (list, dict, OrderedDict, defaultdict, set, deque)


def unwrapped(model: nn.Module) -> nn.Module:
    """Return what a wrapper runs: of ``DataParallel`` and of ``torch.compile`` the module within.

    >>> unwrapped(nn.DataParallel(nn.ReLU()))
    ReLU()
    """
    while True:
        if isinstance(model, DataParallel | DistributedDataParallel):
            model = model.module
        elif "_orig_mod" in model._modules:
            model = model._modules["_orig_mod"]  # type: ignore[assignment]
        else:
            return model


def private_copy(model: nn.Module, remake: Remake) -> tuple[nn.Module, list[nn.Module]]:
    """Return a copy of ``model`` and all modules of it, unregistered ones included.

    Wrappers are gone from the copy. What is shared within the model, as tied weights are, is
    shared within the copy. A scripted module cannot be taken apart, so its weights are copied
    before ``remake`` sees them.
    """
    copier = _Copier(remake)
    copied = copier.module(model)
    return copied, copier.made


class _Copier:
    """What has been copied already, by the identity of the original."""

    def __init__(self, remake: Remake) -> None:
        self.remake = remake
        self.memo: dict[int, Any] = {}
        self.made: list[nn.Module] = []
        #: Keeps the originals, so that no identity is used twice.
        self.originals: list[Any] = []

    def keep(self, original: Any, made: Any) -> Any:
        self.memo[id(original)] = made
        self.originals.append(original)
        return made

    def tensor(self, tensor: Tensor | None, is_parameter: bool) -> Tensor | None:
        if tensor is None:
            return None
        if id(tensor) not in self.memo:
            self.keep(tensor, self.remake(tensor, is_parameter))
        found: Tensor = self.memo[id(tensor)]
        return found

    def module(self, module: nn.Module) -> nn.Module:
        found: nn.Module
        if id(module) in self.memo:
            found = self.memo[id(module)]
            return found
        inner = unwrapped(module)
        if inner is not module:
            found = self.keep(module, self.module(inner))
            return found
        if isinstance(module, torch.jit.ScriptModule):
            found = self.keep(module, self.scripted(module))
            return found
        found = self.keep(module, object.__new__(type(module)))
        self.made.append(found)
        state = vars(module)
        kept = vars(found)
        # Tensors first: plain lists, as those of recurrent layers, hold the same ones again.
        for name, is_parameter in (("_parameters", True), ("_buffers", False)):
            kept[name] = {
                key: self.tensor(value, is_parameter) for key, value in state[name].items()
            }
        kept["_modules"] = {
            key: None if child is None else self.module(child)
            for key, child in state["_modules"].items()
        }
        for name, value in state.items():
            if name not in kept:
                kept[name] = self.value(value)
        return found

    def scripted(self, module: torch.jit.ScriptModule) -> nn.Module:
        twin: nn.Module = copy.deepcopy(module)
        for part in twin.modules():
            tensors: list[tuple[str, Tensor, bool]] = [
                *((name, value, True) for name, value in part.named_parameters(recurse=False)),
                *((name, value, False) for name, value in part.named_buffers(recurse=False)),
            ]
            for name, tensor, is_parameter in tensors:
                part._c.setattr(name, self.remake(tensor, is_parameter))  # type: ignore[operator,union-attr]
        return twin

    def value(self, value: Any) -> Any:
        """Return a value as the copy has it: what holds no module is shared."""
        if id(value) in self.memo:
            return self.memo[id(value)]
        if isinstance(value, nn.Module):
            return self.module(value)
        if type(value) is tuple:
            return tuple(self.value(entry) for entry in value)
        if type(value) in _CONTAINERS:
            return self.container(value)
        if isinstance(value, MethodType) and isinstance(value.__self__, nn.Module):
            return MethodType(value.__func__, self.value(value.__self__))
        if type(value) is partial:
            words = {name: self.value(entry) for name, entry in value.keywords.items()}
            return partial(self.value(value.func), *map(self.value, value.args), **words)
        # A compiled function remembers the one that it was made of.
        plain = getattr(value, "_torchdynamo_orig_callable", None)
        return value if plain is None else self.value(plain)

    def container(self, value: Any) -> Any:
        made = self.keep(value, copy.copy(value))
        if isinstance(value, dict):
            for key, entry in value.items():
                made[key] = self.value(entry)
        elif isinstance(value, set):
            made.clear()
            made.update(map(self.value, value))
        else:
            for place, entry in enumerate(value):
                made[place] = self.value(entry)
        return made
