"""What a module could remember from one run to the next, and whether a run has changed it.

A proof is about a function of the input. A module that counts its calls, keeps what it has seen or
draws random numbers is none, however alike its first runs are. So all that Python can reach from a
module is noted before a run and once more after it: parameters, buffers, attributes, submodules,
the user's classes and functions, and from there closures, defaults and the globals that they name,
in modules of libraries as well, and the environment. What a module asks of the clock, of files or
of the system leaves no trace here: :mod:`verify.judge.watching.outside` hears of it.
"""

from __future__ import annotations

import contextvars
import functools
import gc
import io
import logging
import os
import pickle
import random
import reprlib
import sys
import sysconfig
import threading
import weakref
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import (
    BuiltinFunctionType,
    BuiltinMethodType,
    CodeType,
    FunctionType,
    GeneratorType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy
import torch
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

#: Classes and functions of these, and of all that is installed, are taken to remember nothing
#: besides what their objects hold.
_LIBRARIES = {*sys.stdlib_module_names, "numpy", "torch"}
_INSTALLED = tuple(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
_PLAIN = (bool, bytes, complex, float, int, str, type(None), torch.device, torch.dtype)
#: Kinds of objects that cannot be pickled and hold nothing that a result could depend on.
_HARMLESS = (
    BuiltinFunctionType, CodeType, ModuleType, io.IOBase, logging.Logger, type, weakref.ref,
    type(threading.Lock()), type(threading.RLock()), type(int.__add__), type(str.join),
)  # fmt: skip
#: What torch and the libraries that it calls put into the environment themselves.
_TORCHS_OWN = ("CUDA", "KMP_", "MKL", "OMP", "TORCH", "TRITON")
#: What changes in ``sys`` whatever a module does.
_CHANGING = frozenset({"modules", "path_importer_cache"})
#: What stands in the place of what a cached function has kept.
_CACHED = "what is cached by"
#: Where a module of torch keeps its parts, and what they are called.
_PARTS = {"_parameters": "parameter", "_buffers": "buffer", "_modules": "submodule"}

#: Values within a value, with the words for their places.
_Held = Iterable[tuple[str, Any]]


@dataclass(frozen=True)
class _Numbers:
    """A tensor or an array: which one it is, how often it was written to, and what it holds."""

    identity: int
    version: int
    content: bytes

    def __repr__(self) -> str:
        return "a tensor"


@dataclass(frozen=True)
class _Kind:
    """A value that consists of others, which are noted apart."""

    name: str

    def __repr__(self) -> str:
        return f"a {self.name}"


@dataclass(frozen=True)
class _Opaque:
    """A value that shows no parts: its state as it would be pickled, or else which one it is."""

    state: bytes | int

    def __repr__(self) -> str:
        return "an object"


class Memory:
    """Everything that a module could remember, as it stands now."""

    def __init__(self, module: torch.nn.Module) -> None:
        #: What was found at a place; the number tells places that are called alike.
        self._noted: dict[tuple[str, int], Any] = {}
        #: Where something was found whose state cannot be seen.
        self.unreadable: list[str] = []
        # Values are kept, so that no other one is given the identity of one that has gone.
        self._kept: dict[int, Any] = {}
        alike: Counter[str] = Counter()
        environment = {k: v for k, v in os.environ.items() if not k.startswith(_TORCHS_OWN)}
        waiting: deque[tuple[str, Any]] = deque(
            [("the module", module), ("the environment", environment)]
        )
        while waiting:
            place, value = waiting.popleft()
            note, held = _seen(place, value)
            if isinstance(note, _Opaque) and isinstance(note.state, int) and _secretive(value):
                self.unreadable.append(f"{place} is a {type(value).__name__}")
            self._noted[place, alike[place]] = note
            alike[place] += 1
            if id(value) not in self._kept:
                self._kept[id(value)] = value
                waiting.extend(held)

    def change(self, later: Memory, *, cached: bool = False) -> str | None:
        """Say in a sentence what is not as it was, ``None`` if all of it is.

        Args:
            later: What is there later.
            cached: Whether functions that are cached may have kept something new.
        """
        for key in dict.fromkeys((*self._noted, *later._noted)):
            if cached and _CACHED in key[0]:
                continue
            if key not in self._noted:
                return f"{key[0]} appeared while it ran"
            if key not in later._noted:
                return f"{key[0]} vanished while it ran"
            what = _change(self._noted[key], later._noted[key])
            if what:
                return f"{key[0]} {what} while it ran"
        return None


def random_states() -> dict[str, bytes]:
    """Return the states of the random generators that all code shares, by whose they are."""
    return {
        "Python's random": pickle.dumps(random.getstate()),
        "numpy.random": pickle.dumps(numpy.random.get_state()),
        "torch's generator": torch.get_rng_state().numpy().tobytes(),
    }


def _change(old: Any, new: Any) -> str:
    if type(old) is type(new) and (old == new or (old != old and new != new)):
        return ""
    if isinstance(old, _Numbers) and isinstance(new, _Numbers):
        return "was written to" if old.identity == new.identity else "was replaced"
    if isinstance(old, _Opaque) and isinstance(new, _Opaque):
        return "changed"
    return f"changed from {reprlib.repr(old)} to {reprlib.repr(new)}"


def _seen(place: str, value: Any) -> tuple[Any, _Held]:
    """Return what is noted of a value, and the values within it that are noted apart."""
    kind = _Kind(type(value).__name__)
    match value:
        case UninitializedParameter() | UninitializedBuffer() | torch.jit.ScriptModule():
            return kind, ()  # cannot be looked into, nor traced
        case torch.Tensor():
            version = 0 if value.is_inference() else value._version
            return _Numbers(id(value), version, _content(value)), ()
        case numpy.ndarray():
            return _Numbers(id(value), 0, value.tobytes()), ()
        case set() | frozenset():
            return frozenset(value), ()
        case dict():
            return kind, (
                (f"entry {reprlib.repr(key)} of {place}", held) for key, held in value.items()
            )
        case list() | tuple() | deque():
            return kind, ((f"entry {i} of {place}", held) for i, held in enumerate(value))
        case torch.nn.Module():
            return kind, _of_module(place, value)
        case FunctionType():
            return kind, _of_function(value)
        case type() if _is_users(value.__module__):
            return kind, _of_class(value)
        case functools.partial():
            return kind, [(place, part) for part in (value.func, value.args, value.keywords)]
        case MethodType() | BuiltinMethodType():
            return kind, [(place, value.__self__), (place, getattr(value, "__func__", None))]
        case functools._lru_cache_wrapper():
            name, wrapped = value.__name__, value.__wrapped__
            kept = [one for one in gc.get_referents(value) if one is not wrapped]
            return kind, [(place, wrapped), *((f"{_CACHED} {name}", one) for one in kept)]
        case staticmethod() | classmethod():
            return kind, [(place, value.__wrapped__)]
        case contextvars.ContextVar():
            return kind, [(f"the value of {place}", value.get(None))]
        case threading.local():
            return kind, _of_object(place, value)
        case property():
            return kind, [(place, value.fget)]
        case GeneratorType():
            frame = value.gi_frame
            if frame is None:
                return _Opaque(b"exhausted"), ()
            return _Opaque(str(frame.f_lasti).encode()), [
                (f"variable {name!r} of a generator in {place}", held)
                for name, held in frame.f_locals.items()
            ]
        case torch.Generator():
            return _Opaque(value.get_state().numpy().tobytes()), ()
    if isinstance(value, _PLAIN):
        return value, ()
    if _is_users(type(value).__module__) and not isinstance(value, type | ModuleType):
        return kind, _of_object(place, value)
    return _Opaque(_pickled(value)), ()


def _content(tensor: torch.Tensor) -> bytes:
    if tensor.layout is not torch.strided or tensor.is_meta:
        return b""  # it is told by its identity and its version alone
    flat = tensor.detach().cpu().contiguous().flatten()
    return flat.view(torch.uint8).numpy().tobytes()


def _pickled(value: Any) -> bytes | int:
    if type(value).__module__.partition(".")[0] == "torch":
        return id(value)  # torch's own objects hold caches
    try:
        return pickle.dumps(value)
    except Exception:  # whatever an object raises that is not to be pickled
        return id(value)


def _secretive(value: Any) -> bool:
    """Say whether an object that cannot be pickled may hold what a result depends on."""
    known = type(value).__module__.partition(".")[0] in _LIBRARIES
    return not isinstance(value, _HARMLESS) and (not known or hasattr(value, "__next__"))


def _is_torchs(value: Any) -> bool:
    """Say whether a value is a function of torch's own."""
    module = str(getattr(value, "__module__", ""))
    return isinstance(value, FunctionType) and module.partition(".")[0] == "torch"


def _is_users(module: Any) -> bool:
    file = getattr(sys.modules.get(str(module)), "__file__", None) or ""
    return str(module).partition(".")[0] not in _LIBRARIES and not file.startswith(_INSTALLED)


def _of_module(place: str, module: torch.nn.Module) -> Iterator[tuple[str, Any]]:
    for name, held in vars(module).items():
        if name in _PARTS:
            for part, value in held.items():
                yield f"{_PARTS[name]} {part!r} of {place}", value
        else:
            yield f"attribute {name!r} of {place}", held
    yield f"class {type(module).__name__}", type(module)


def _of_object(place: str, value: Any) -> Iterator[tuple[str, Any]]:
    cls = type(value)
    slots = [name for base in cls.__mro__ for name in getattr(base, "__slots__", ())]
    names = dict.fromkeys((*getattr(value, "__dict__", ()), *slots))
    for name in names:
        if name not in ("__dict__", "__weakref__") and hasattr(value, name):
            yield f"attribute {name!r} of {place}", getattr(value, name)
    yield f"class {cls.__name__}", cls


def _of_class(cls: type) -> Iterator[tuple[str, Any]]:
    for name, held in list(vars(cls).items()):
        if name != "__slotnames__":  # Python puts it there when an object is first copied
            yield f"attribute {name!r} of class {cls.__name__}", held
    for base in cls.__bases__:
        yield f"class {base.__name__}", base


def _of_function(function: FunctionType) -> Iterator[tuple[str, Any]]:
    what = f"function {function.__name__}"
    for name, held in vars(function).items():
        if name == "__dynamo_disable" and _is_torchs(function) and _is_torchs(held):
            continue  # torch writes down at the first call how it is called uncompiled
        # Where decorators keep what they decorate, too.
        yield f"attribute {name!r} of {what}", held
    code = function.__code__
    defaults = function.__defaults__ or ()
    positional = code.co_varnames[: code.co_argcount][code.co_argcount - len(defaults) :]
    named = dict(zip(positional, defaults, strict=True)) | (function.__kwdefaults__ or {})
    for name, held in named.items():
        yield f"default of {name!r} of {what}", held
    for name, cell in zip(code.co_freevars, function.__closure__ or (), strict=True):
        try:
            yield f"variable {name!r} of {what}", cell.cell_contents
        except ValueError:  # an empty cell
            continue
    if not _is_users(function.__globals__.get("__name__")):
        return
    names, words = _names(code)
    source = Path(code.co_filename).name
    seen: set[int] = set()
    for name in sorted(names):
        if name not in function.__globals__:
            continue
        held = function.__globals__[name]
        yield f"global {name!r} of {source}", held
        if isinstance(held, ModuleType):
            yield from _within(held, sorted(names | words), seen)
    for word in sorted(words & sys.modules.keys()):
        yield from _within(sys.modules[word], sorted(names | words), seen)


def _within(held: Any, names: list[str], seen: set[int]) -> Iterator[tuple[str, Any]]:
    """Yield what has one of some names in a module, and in modules and classes inside it.

    Of a library's only what somebody may have put there.
    """
    if id(held) in seen:
        return
    seen.add(id(held))
    own = _is_users(held.__name__ if isinstance(held, ModuleType) else held.__module__)
    for name in names:
        if name not in vars(held) or (held is sys and name in _CHANGING):
            continue
        value = vars(held)[name]
        if own or not (callable(value) or isinstance(value, ModuleType)):
            yield f"global {name!r} of {held.__name__}", value
        elif isinstance(value, ModuleType | type):
            yield from _within(value, names, seen)


def _names(code: CodeType) -> tuple[set[str], set[str]]:
    """Return the names of globals and attributes in a function, and words that may be such.

    Those of functions that are written inside it are among them.
    """
    names = set(code.co_names)
    words = {held for held in code.co_consts if isinstance(held, str) and held.isidentifier()}
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            for found, more in zip((names, words), _names(inner), strict=True):
                found |= more
    return names, words
