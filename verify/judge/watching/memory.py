"""What a module could remember from one run to the next, and whether a run has changed it.

A proof is about a function of the input. A module that counts its calls, keeps what it has seen or
draws random numbers is none, however alike its first runs are. So all that Python can reach from a
module is noted before a run and once more after it: parameters, buffers, attributes, submodules,
the user's classes and functions, and from there closures, defaults and the globals that they name,
in modules of libraries as well, and the environment. What a module asks of the clock, of files or
of the system leaves no trace here: :mod:`verify.judge.watching.outside` hears of it.
"""

from __future__ import annotations

import contextlib
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
from abc import ABC
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import (
    BuiltinFunctionType,
    BuiltinMethodType,
    ClassMethodDescriptorType,
    CodeType,
    FunctionType,
    GeneratorType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

import numpy
import torch
from torch.nn.parameter import UninitializedBuffer, UninitializedParameter

from verify.judge.watching.named import asking
from verify.judge.watching.outside import is_own

#: Classes and functions of these, and of all that is installed, are taken to remember nothing
#: besides what their objects hold.
_LIBRARIES = {*sys.stdlib_module_names, "numpy", "torch"}
_INSTALLED = tuple(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
_PLAIN = (bool, bytes, complex, float, int, str, type(None), torch.device, torch.dtype)
#: Kinds of objects that cannot be pickled and hold nothing that a result could depend on.
_HARMLESS = (
    BuiltinFunctionType, ClassMethodDescriptorType, CodeType, GetSetDescriptorType,
    MemberDescriptorType, MethodDescriptorType, MethodWrapperType, ModuleType,
    WrapperDescriptorType, type, type(threading.RLock()), type(vars(ABC)["_abc_impl"]),
)  # fmt: skip
#: What torch and the libraries that it calls put into the environment themselves.
_TORCHS_OWN = ("CUDA", "KMP_", "MKL", "OMP", "TORCH", "TRITON")
#: What changes in ``sys`` whatever a module does.
_CHANGING = frozenset({"modules", "path_importer_cache"})
#: What stands in the place of what a cached function has kept.
_CACHED = "what is cached by"
#: What is said of the parts of a library's own objects.
_INSIDE = "the inside of"
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
        #: What was found that asks others than the input, with the place where it is.
        self.asking: list[str] = []
        #: The user's functions: held somewhere, to be called under any name, and in classes or
        #: files, under their own.
        self.held: list[FunctionType] = []
        self.methods: list[FunctionType] = []
        # Values are kept, so that no other one is given the identity of one that has gone.
        self._kept: dict[int, Any] = {}
        alike: Counter[str] = Counter()
        environment = {k: v for k, v in os.environ.items() if not k.startswith(_TORCHS_OWN)}
        waiting: deque[tuple[str, Any]] = deque([
            ("the module", module), ("the environment", environment),
            ("torch's settings", _settings()),
        ])  # fmt: skip
        while waiting:
            place, value = waiting.popleft()
            note, held = _seen(place, value)
            if isinstance(note, _Opaque) and isinstance(note.state, int) and _secretive(value):
                self.unreadable.append(f"{place} is a {type(value).__name__}")
            self._noted[place, alike[place]] = note
            alike[place] += 1
            if id(value) not in self._kept:
                self._kept[id(value)] = value
                self._note_asking(place, value)
                waiting.extend(held)

    def _note_asking(self, place: str, value: Any) -> None:
        named = place.startswith("global") or (place.startswith("attr") and " of class " in place)
        if isinstance(value, FunctionType) and is_own(value.__code__):
            unnamed = not named or not value.__name__.isidentifier()
            (self.held if unnamed else self.methods).append(value)
        others = named or _INSIDE in place or place.startswith("class ")
        what = None if others or place == "the environment" else asking(value)
        if what is not None:
            self.asking.append(f"it asks {what}, which its input does not determine: {place}")

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

    def alike(self, copy: Memory) -> bool:
        """Say whether a copy holds the same, wherever it can be looked into."""
        if self._noted.keys() != copy._noted.keys():
            return False
        for key, old in self._noted.items():
            new = copy._noted[key]
            if isinstance(old, _Numbers) and isinstance(new, _Numbers):
                old, new = old.content, new.content
            opaque = isinstance(old, _Opaque) and isinstance(new, _Opaque)
            if not opaque and _change(old, new):
                return False
        return True


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
        case UninitializedParameter() | UninitializedBuffer():
            return kind, ()  # there is nothing in it yet
        case torch.jit.ScriptModule():
            return _Opaque(_scripted(value)), ()
        case torch.Tensor():
            version = 0 if value.is_inference() else value._version
            return _Numbers(id(value), version, _content(value)), _of_tensor(place, value)
        case torch.UntypedStorage():
            return _Opaque(bytes(value)), ()
        case numpy.ndarray():
            laid = f"{value.shape} {value.strides} {value.flags}".encode()
            return _Numbers(id(value), 0, laid + value.tobytes()), ()
        case weakref.ref():
            return kind, [(place, value())]
        case io.StringIO() | io.BytesIO() if not value.closed:
            return _Opaque(repr((value.getvalue(), value.tell())).encode()), ()
        case logging.Logger():
            return _Opaque(repr((value.level, value.disabled, value.propagate)).encode()), ()
        case MappingProxyType():
            return kind, [(place, dict(value))]
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
            whose = value.__self__
            if isinstance(whose, ModuleType):
                return kind, ()
            return kind, [(place, whose), (place, getattr(value, "__func__", None))]
        case functools._lru_cache_wrapper():
            of = f"{_CACHED} {value.__name__}"
            return kind, [(place, value.__wrapped__), *((of, one) for one in _kept(value))]
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
    with contextlib.suppress(TypeError, ValueError, BufferError):  # most are no buffers
        buffer: Any = value
        return _Opaque(memoryview(buffer).tobytes()), ()
    if isinstance(value, type(threading.Lock())):
        return _Opaque(str(value.locked()).encode()), ()
    if _is_users(type(value).__module__) and not isinstance(value, type | ModuleType):
        return kind, _of_object(place, value)
    state = _pickled(value)
    shows = hasattr(value, "__dict__") or hasattr(type(value), "__slots__")
    if isinstance(state, int) and shows and _secretive(value):
        return kind, _of_object(f"{_INSIDE} {place}", value)
    return _Opaque(state), ()


def _scripted(module: Any) -> bytes | int:
    """Return a script with all that its attributes hold, as it would be saved."""
    try:
        return bytes(module.save_to_buffer())
    except Exception:  # it holds what cannot be saved
        return id(module)


def _kept(cached: Any) -> Iterator[Any]:
    """Yield what a cached function holds besides what it calls.

    Where its size is limited the results are in a list in order of use, which a call changes that
    finds one: nothing but a call by its key shows a result whatever the order.
    """
    limited = cached.cache_parameters()["maxsize"] is not None
    for held in gc.get_referents(cached):
        if not limited or held is vars(cached):
            if held is not cached.__wrapped__:
                yield held
        elif isinstance(held, dict) and "_lru_list_elem" in {
            type(value).__name__ for value in held.values()
        }:
            yield {key: _result(cached, key) for key in [*held]}


def _result(cached: Any, key: Any) -> Any:
    """Return what a cached function keeps for a key: arguments, a mark, then names and values.

    Source: ``lru_cache_make_key`` in CPython's ``_functoolsmodule.c``.
    """
    parts = key if isinstance(key, tuple) else (key,)
    mark = next((i for i, part in enumerate(parts) if type(part) is object), len(parts))
    args, named = parts[:mark], parts[mark + 1 :]
    if cached.cache_parameters()["typed"]:
        count = len(args) if not named else (len(named) - len(args)) // 3 * 2
        args, named = (args[: len(args) // 2], ()) if not named else (args, named[:count])
    try:
        return cached(*args, **dict(zip(named[::2], named[1::2], strict=True)))
    except Exception:  # an argument was taken for the mark
        return None


def _content(tensor: torch.Tensor) -> bytes:
    if tensor.layout is not torch.strided or tensor.is_meta:
        return b""  # it is told by its identity and its version alone
    laid = f"{tensor.shape} {tensor.stride()} {tensor.requires_grad}".encode()
    flat = tensor.detach().cpu().contiguous().flatten()
    return laid + flat.view(torch.uint8).numpy().tobytes()


def _of_tensor(place: str, tensor: torch.Tensor) -> Iterator[tuple[str, Any]]:
    for name, held in vars(tensor).items():
        yield f"attribute {name!r} of {place}", held
    if tensor.is_leaf and tensor.grad is not None:
        yield f"the gradient of {place}", tensor.grad


def _settings() -> dict[str, Any]:
    """Return how torch works here, as far as a module may change it."""
    return {
        "default dtype": torch.get_default_dtype(),
        "default device": torch.get_default_device(),
        "deterministic algorithms": torch.are_deterministic_algorithms_enabled(),
        "precision of products": torch.get_float32_matmul_precision(),
        "gradients": torch.is_grad_enabled(),
        "threads": torch.get_num_threads(),
    }


def _pickled(value: Any) -> bytes | int:
    if type(value).__module__.partition(".")[0] == "torch":
        return id(value)  # torch's own objects hold caches
    try:
        return pickle.dumps(value)
    except Exception:  # whatever an object raises that is not to be pickled
        return id(value)


def _secretive(value: Any) -> bool:
    """Say whether an object that cannot be pickled may hold what a result depends on."""
    known = type(value).__module__.partition(".")[0] in ("numpy", "torch")
    written = value is sys.stdout or value is sys.stderr
    return (
        not isinstance(value, _HARMLESS)
        and not written
        and (not known or hasattr(value, "__next__"))
    )


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
        if name not in (
            "__dict__",
            "__slotnames__",
            "__weakref__",
        ):  # Python puts it there when an object is first copied
            yield f"attribute {name!r} of class {cls.__name__}", held
    for base in (*cls.__bases__, type(cls)):
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
