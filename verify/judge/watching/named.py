"""What a module's code names that its input, its weights and constants do not determine.

Who looks at ``sys.modules``, at a tensor's history or at the order of a set of strings computes
something that may be another thing in the next process. A profiler does not see that: attributes
are read without a call. So the compiled code is read, of all functions that a run could come by,
on ways not gone as well. A name counts as what it stands for: ``f`` of ``from time import time as
f`` is the clock. What is raised is left out. It is no sandbox: who makes up a name while it runs
can hide it here.
"""

from __future__ import annotations

import builtins
import dis
import gc
import os
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

import torch

#: Modules of the standard library that answer from their arguments alone, as far as they do here,
#: or keep what :mod:`verify.judge.watching.memory` sees.
_PURE = frozenset((
    "__future__", "_bisect", "_collections", "_collections_abc", "_functools", "_heapq",
    "_operator", "_random", "_struct", "_thread", "abc", "array", "bisect", "cmath",
    "collections", "concurrent", "contextlib", "copy", "copyreg", "dataclasses", "enum",
    "fractions", "functools", "heapq", "itertools", "json", "math", "numbers", "operator",
    "pickle", "posixpath", "queue", "random", "re", "statistics", "string", "struct",
    "textwrap", "types", "typing", "weakref",
))  # fmt: skip
#: What is such in others, and of a module here what is not.
_PURE_OF = {
    "builtins": None,
    "gc": {"collect"},
    "inspect": {"Parameter", "isclass", "isfunction", "ismethod", "signature"},
    "io": {"BytesIO", "StringIO"},
    "logging": {"Logger", "critical", "debug", "error", "getLogger", "info", "warning"},
    "os": {"PathLike", "fspath", "path", "sep"},
    "sys": {"byteorder", "float_info", "hexversion", "implementation", "int_info", "maxsize",
            "maxunicode", "platform", "version", "version_info"},
    "threading": {"Condition", "Event", "Lock", "RLock", "Semaphore", "Thread", "local"},
    "time": {"sleep"},
    "warnings": {"catch_warnings", "filterwarnings", "simplefilter", "warn"},
}  # fmt: skip
_IMPURE_OF = {
    "_thread": {"_count", "get_ident", "get_native_id", "start_new_thread"},
    "builtins": {"__import__", "ascii", "breakpoint", "globals", "hash", "id", "input", "open",
                 "repr"},
    "operator": {"attrgetter", "methodcaller"},
    "random": {"SystemRandom", "getstate"},
}  # fmt: skip
#: Other names of the same modules.
_ALSO = {"_io": "io", "_operator": "operator", "_warnings": "warnings", "nt": "os", "posix": "os"}
#: Of torch and NumPy what tells or sets how they work, in words of their names.
_SETTING = ("set_", "use_deterministic")
_TELLING = (
    "get_autocast", "get_default", "get_deterministic", "get_float32_matmul", "get_num_", "get_rng",
    "get_printoptions", "get_state", "geterr", "getbufsize", "initial_seed", "is_anomaly",
    "is_autocast", "is_available", "is_deterministic", "are_deterministic", "is_grad_enabled",
    "is_inference_mode_enabled", "is_warn_always",
)  # fmt: skip
_CONTEXTS = {"set_grad_enabled", "set_multithreading_enabled"}
#: Modules of torch that are about the machine, or about who watches.
_MACHINERY = (
    "torch.__config__", "torch.accelerator", "torch.backends", "torch.cpu", "torch.cuda",
    "torch.distributed",
    "torch.library", "torch.mps", "torch.mtia", "torch.multiprocessing", "torch.overrides",
    "torch.profiler", "torch.xpu", "torch.utils.data", "torch.autograd.profiler",
)  # fmt: skip
_OPERATORS = ("torch._VF", "torch._C._nn", "torch._C._VariableFunctions", "torch._C._linalg",
              "torch._C._special", "torch._C._fft", "torch._C._TensorBase")  # fmt: skip
#: What a tensor is besides its numbers, and what objects of Python's tell of a run: by the name of
#: the attribute, whatever it is asked of.
_HISTORY = frozenset((
    "_backward_hooks", "_base", "_cdata", "_is_view", "_version", "data_ptr", "grad", "grad_fn",
    "is_inference", "is_leaf", "is_pinned", "is_shared", "needs_input_grad", "output_nr",
    "requires_grad", "retains_grad", "storage", "storage_offset", "untyped_storage",
))  # fmt: skip
_REFLECTION = frozenset((
    "__builtins__", "__globals__", "__hash__", "__import__", "__loader__", "__module__",
    "__repr__", "__sizeof__", "__spec__", "__subclasses__", "__traceback__", "ag_frame",
    "cr_frame", "f_back",
    "f_builtins", "f_globals", "f_lineno", "f_locals", "getEffectiveLevel", "gi_frame",
    "isEnabledFor", "tb_frame",
))  # fmt: skip
#: Globals that say how a file was loaded.
_LOADED = frozenset(("__builtins__", "__file__", "__loader__", "__name__", "__package__",
                     "__spec__"))  # fmt: skip
#: Methods that Python calls by itself, and those among them that no run does unless it is seen.
_UNCALLED = {"__init__", "__init_subclass__", "__repr__", "__set_name__", "__str__"}
#: Where a hash may be asked for: whoever sees it asks again, or sees the order of a set.
HASHING = "__hash__"
#: What may be asked of a set whatever its order is.
_ORDERLESS = {"all", "any", "isinstance", "len", "max", "min", "sorted"}
_LISTS: dict[str, Any] = {
    "filters of warnings": vars(warnings)["filters"], "callbacks of gc": gc.callbacks,
}  # fmt: skip
_UNKNOWN = object()
#: This project's own code: what it names is settled by its tests, wherever it stands.
_OURS = tuple(
    f"{Path(__file__).parents[3] / package}{os.sep}"
    for package in ("costmodel", "pooling", "proofs", "verify")
)
_SKIPPED = {"CACHE", "COPY_FREE_VARS", "EXTENDED_ARG", "NOP", "PRECALL", "PUSH_NULL", "RESUME"}


@dataclass(frozen=True)
class Code:
    """Compiled code, and what the names in it stand for."""

    code: CodeType
    names: Mapping[str, Any]
    free: Mapping[str, Any]

    @classmethod
    def of(cls, function: FunctionType) -> Code:
        """Return that of a function."""
        free = {}
        for name, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            try:
                free[name] = cell.cell_contents
            except ValueError:  # an empty cell
                continue
        return cls(function.__code__, function.__globals__, free)


def asked_by(held: Iterable[FunctionType], methods: Iterable[FunctionType],
             ran: Iterable[Code]) -> list[str]:  # fmt: skip
    """Return what code asks that its input does not determine, each with its line.

    Args:
        held: Functions that are held somewhere, and may be called under any name.
        methods: Those that are called by their names.
        ran: Code that was seen to run.

    >>> def pool(x):
    ...     return x if "tracer" in vars(sys)["modules"] else 2 * x
    >>> asked_by([pool], [], [])[0].split(", line")[0]
    'it asks for the module sys, which its input does not determine'
    """
    waiting = [*ran, *map(Code.of, held)]
    others: dict[str, list[Code]] = {}
    for function in methods:
        others.setdefault(function.__name__, []).append(Code.of(function))
    for name in [n for n in others if n[:2] == "__" == n[-2:] and n not in _UNCALLED]:
        waiting += others.pop(name)
    found: dict[str, None] = {}
    seen: set[CodeType] = set()
    while waiting:
        here = waiting.pop()
        if here.code in seen or here.code.co_name == HASHING:
            continue
        if here.code.co_filename.startswith(_OURS):  # as what is installed
            continue
        seen.add(here.code)
        file = Path(here.code.co_filename).name
        for what, line in _Reading(here).found():
            found[f"it asks {what}, which its input does not determine, line {line} of {file}"] = (
                None
            )
        for inner in here.code.co_consts:
            if isinstance(inner, CodeType):
                waiting.append(Code(inner, here.names, here.free))
        words = {one for one in here.code.co_consts if isinstance(one, str)}
        for name in words.union(here.code.co_names) & others.keys():
            waiting += others.pop(name)
    return list(found)


def asking(value: Any) -> str | None:
    """Say what somebody asks who has this value in hand, ``None`` if it is nothing.

    >>> asking(sys.modules), asking(id), asking(len), asking(torch.relu)
    ('modules of sys', 'id', None, None)
    """
    state = _state(value)
    if state is not None:
        return state
    if isinstance(value, torch.jit.ScriptModule | torch.jit.ScriptFunction):
        return _in_script(value)
    if isinstance(value, ModuleType):
        return None if _plain(value) else f"for the module {value.__name__}"
    compiler = _compiler(value)
    if compiler is not None:
        return f"{compiler} to compile it"
    if isinstance(value, FunctionType | BuiltinFunctionType | type):
        whose = getattr(value, "__self__", None)
        if whose is not None and not isinstance(whose, ModuleType | type):
            return None  # a method of an object, which is looked at by itself
        module = str(value.__module__ or "")
        return _of_module(module, value.__name__, value)
    return None


def _in_script(script: Any) -> str | None:
    """Say what a script asks, which runs no code of Python's."""
    try:
        graph = str(script.inlined_graph)
    except Exception:  # it has no forward
        return None
    for name in re.findall(r"\b(?:aten|prim)::(\w+)\(", graph):
        if name in _HISTORY | {"hash", "id", "seed"} or name.startswith((*_SETTING, *_TELLING)):
            return f"{name} in a script"
    return None


def _compiler(compiled: Any) -> str | None:
    """Return who compiles what ``torch.compile`` has made, unless torch does."""
    found = None
    if type(compiled).__module__.startswith("torch._dynamo"):  # else somebody's code would hear it
        found = getattr(getattr(compiled, "dynamo_ctx", None), "callback", None)
    if isinstance(compiled, FunctionType) and "_torchdynamo_orig_callable" in vars(compiled):
        cells = zip(compiled.__code__.co_freevars, compiled.__closure__ or (), strict=True)
        found = dict(cells).get("callback")
        found = None if found is None else found.cell_contents
    if found is None:
        return None
    while (within := getattr(found, "_torchdynamo_orig_backend", None)) is not None:
        found = within
    found = getattr(found, "compiler_fn", found)
    module = getattr(found, "__module__", None) or type(found).__module__
    if module.partition(".")[0] == "torch":
        return None
    return str(getattr(found, "__name__", type(found).__name__))


def _state(value: Any) -> str | None:
    """Say what is held instead of asked for, by identity."""
    if isinstance(value, dict | list):
        for name, held in vars(sys).items():
            if held is value:
                return f"{name} of sys"
        return next((words for words, held in _LISTS.items() if held is value), None)
    if value is sys.flags:
        return "flags of sys"
    return "for the environment" if value is os.environ else None


def _plain(module: ModuleType) -> bool:
    """Say whether a module may be handed on: nothing in it is another thing in another process."""
    name = module.__name__
    top = name.partition(".")[0]
    if top in sys.stdlib_module_names:
        return (top in _PURE and top not in _IMPURE_OF) or name in ("random", "operator")
    return not name.startswith(_MACHINERY) and name != "torch._C"


def _of_module(module: str, name: str, value: Any) -> str | None:
    """Say what it is to ask for a name in a module, ``None`` if that is nothing."""
    top = module.partition(".")[0]
    module, top = _ALSO.get(module, module), _ALSO.get(top, top)
    if top in sys.stdlib_module_names:
        of = "" if top == "builtins" else f" of {module}"
        if name in _IMPURE_OF.get(top, ()):
            return f"{name}{of}"
        if top in _PURE or top == "builtins" or (top == "os" and module != "os"):
            return None
        pure = _PURE_OF.get(top)
        known = pure is not None and name in pure
        return None if known else f"{name}{of}"
    if top not in ("torch", "numpy"):
        return None
    if name not in _CONTEXTS and name.startswith((*_SETTING, *_TELLING)):
        if value is _UNKNOWN or (callable(value) and not isinstance(value, type)):
            return f"{name} of {module}"
        return None
    if top == "numpy":
        return None
    if module.startswith(_MACHINERY):
        return f"{name} of {module}"
    hidden = name.startswith("_") and not name.endswith("__")
    within = module.startswith(("torch.nn", "torch.functional", *_OPERATORS))
    function = isinstance(value, FunctionType | BuiltinFunctionType | type)
    inside = f".{module}".find("._") >= 0 and not module.startswith(_OPERATORS)
    if inside and not isinstance(value, FunctionType | type):
        return f"{name} of {module}"
    if hidden and not (within and function) and not isinstance(value, type | ModuleType):
        operator = hasattr(torch._C._VariableFunctions, name) or name.startswith("_check")
        return None if operator or name == "_assert" else f"{name} of {module}"
    return None


class _Reading:
    """One reading of compiled code, from its first instruction to its last."""

    def __init__(self, here: Code) -> None:
        self.here = here
        every = [i for i in dis.get_instructions(here.code) if i.opname not in _SKIPPED]
        self.every = [i for i in every if not _within(i, _raised(every))]
        #: What local names were given by imports.
        self.imported: dict[str, Any] = {}

    def found(self) -> Iterator[tuple[str, int]]:
        """Yield what is asked, and at which line."""
        line = self.here.code.co_firstlineno
        at = 0
        while at < len(self.every):
            one = self.every[at]
            if one.positions is not None and one.positions.lineno is not None:
                line = one.positions.lineno
            name = one.opname
            if name.startswith(("LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR")):
                if one.argval in _HISTORY | _REFLECTION:
                    yield one.argval, line
                elif one.argval in ("keys", "items") and self._joined(at):
                    yield "for the order of a set", line
            elif name == "LOAD_CONST":
                if isinstance(one.argval, str) and one.argval in _HISTORY | _REFLECTION:
                    yield one.argval, line
                elif isinstance(one.argval, frozenset) and self._ordered(at, one.argval):
                    yield "for the order of a set", line
            elif name in ("BUILD_SET", "SET_ADD"):
                if self._ordered(at, self._entries(at)):
                    yield "for the order of a set", line
            elif name == "IMPORT_NAME":
                at = self._import(at)
                continue
            elif name.startswith("LOAD_"):
                value = self._root(one)
                if value is not _UNKNOWN:
                    what, at = self._chain(at, value)
                    if what is not None:
                        yield what, line
                    continue
            at += 1

    def _root(self, one: dis.Instruction) -> Any:
        """Return what a name stands for, if that is known."""
        name = one.argval
        if not isinstance(name, str):
            return _UNKNOWN
        if one.opname.startswith(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT")):
            if name in self.imported:
                return self.imported[name]
            return self.here.names.get(name, vars(builtins).get(name, _UNKNOWN))
        if one.opname.startswith(("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF")):
            return self.here.free.get(name, self.imported.get(name, _UNKNOWN))
        if one.opname.startswith("LOAD_FAST"):
            return self.imported.get(name, _UNKNOWN)
        return _UNKNOWN

    def _chain(self, at: int, value: Any) -> tuple[str | None, int]:
        """Follow attributes of what is known; return what that asks, and where it ends."""
        one = self.every[at]
        if one.opname.startswith(("LOAD_GLOBAL", "LOAD_NAME")) and one.argval in _LOADED:
            return one.argval, at + 1
        if value in (set, frozenset) if isinstance(value, type) else False:
            return ("for the order of a set" if self._shows_order(at) else None), at + 1
        if value is object and _called(self.every, at):
            return "for a new object, which is told by its address alone", at + 1
        if not isinstance(value, ModuleType):
            what = asking(value)
            if what is not None:
                return what, at + 1
        while at + 1 < len(self.every):
            following = self.every[at + 1]
            if not following.opname.startswith(("LOAD_ATTR", "LOAD_METHOD")):
                break
            name = following.argval
            if isinstance(value, ModuleType):
                holder = value
                value = vars(holder).get(name, _UNKNOWN)
                if value is _UNKNOWN:
                    value = vars(sys.modules.get(f"{holder.__name__}.{name}", holder)).get(
                        "__none__", sys.modules.get(f"{holder.__name__}.{name}", _UNKNOWN)
                    )
                what = None if isinstance(value, ModuleType) else (
                    _of_module(holder.__name__, name, value) or asking(value)
                )  # fmt: skip
                if name in _LOADED | {"__dict__"}:
                    what = f"{name} of {holder.__name__}"
                at += 1
                if what is not None:
                    written = name in ("stdout", "stderr") and self._written(at)
                    return (None if written else what), at + 1
                continue
            foreign = isinstance(value, FunctionType | BuiltinFunctionType | type) and (
                str(value.__module__).partition(".")[0] in {"torch", *sys.stdlib_module_names}
            )
            if name in _REFLECTION or (name == "__dict__" and foreign):
                return name, at + 2
            return None, at + 1
        if isinstance(value, ModuleType):
            return asking(value), at + 1
        return None, at + 1

    def _written(self, at: int) -> bool:
        """Say whether a stream is only written to: by its methods, or by ``print``."""
        following = self.every[at + 1] if at + 1 < len(self.every) else None
        if following is None:
            return False
        names = following.argval
        if following.opname == "KW_NAMES":
            names = self.here.code.co_consts[following.arg or 0]
        return names in ("write", "flush") or (isinstance(names, tuple) and "file" in names)

    def _import(self, at: int) -> int:
        """Note which names stand for what is imported; return where that ends."""
        module: Any = sys.modules.get(self.every[at].argval, _UNKNOWN)
        top = sys.modules.get(str(self.every[at].argval).partition(".")[0], _UNKNOWN)
        at += 1
        first = True
        while at < len(self.every):
            one = self.every[at]
            if one.opname == "IMPORT_FROM":
                value = getattr(module, one.argval, _UNKNOWN)
                first = False
            elif one.opname.startswith("STORE_"):
                if isinstance(one.argval, str):
                    self.imported[one.argval] = top if first else value
                if first:
                    return at + 1
            elif one.opname == "POP_TOP":
                return at + 1
            elif one.opname not in ("SWAP",):
                return at
            at += 1
        return at

    def _entries(self, at: int) -> Iterable[Any]:
        """Return the constants of which a set is made, or something that is none."""
        one = self.every[at]
        if one.opname == "BUILD_SET":
            count = int(one.arg or 0)
            before = self.every[max(0, at - count) : at]
            if count == 0 or (len(before) == count and all(
                i.opname == "LOAD_CONST" for i in before
            )):  # fmt: skip
                return [i.argval for i in before]
        return [""]

    def _ordered(self, at: int, entries: Iterable[Any]) -> bool:
        """Say whether a set's order may be seen, and is another one in another process."""
        if all(isinstance(entry, int | float | type(None)) for entry in entries):
            return False
        following = self.every[at + 1].opname if at + 1 < len(self.every) else ""
        if following == "SET_UPDATE":
            following = self.every[at + 2].opname if at + 2 < len(self.every) else ""
        return following not in ("CONTAINS_OP", "COMPARE_OP")

    def _joined(self, at: int) -> bool:
        """Say whether the keys of a dictionary are made a set by an operator."""
        following = self.every[at + 2 : at + 3]
        return (
            bool(following)
            and following[0].opname == "BINARY_OP"
            and (following[0].argrepr in ("&", "|", "-", "^"))
        )

    def _shows_order(self, at: int) -> bool:
        """Say whether ``set(…)`` may show an order that is another one in another process."""
        if not _called(self.every, at):
            return False  # it is named and not called
        before = self.every[at - 1] if at else None
        if before is not None and before.argval in _ORDERLESS:
            return False
        following = self.every[at + 1] if at + 1 < len(self.every) else None
        return following is None or following.argval != "range"


def _called(every: list[dis.Instruction], at: int) -> bool:
    """Say whether what is loaded here is called: Python marks that where it loads a global."""
    return every[at].opname != "LOAD_GLOBAL" or "NULL" in every[at].argrepr


def _raised(every: list[dis.Instruction]) -> list[tuple[Any, Any]]:
    """Return where exceptions are raised, but by ``assert``: their words are no result."""
    found = []
    for one in every:
        if one.opname == "RAISE_VARARGS" and one.positions is not None:
            place = _place(one)
            if place and not any(
                i.opname == "LOAD_ASSERTION_ERROR" and _within(i, [place]) for i in every
            ):
                found.append(place)
    return found


def _place(one: dis.Instruction) -> Any:
    p = one.positions
    if p is None or None in (p.lineno, p.end_lineno, p.col_offset, p.end_col_offset):
        return ()
    return (p.lineno, p.col_offset), (p.end_lineno, p.end_col_offset)


def _within(one: dis.Instruction, places: list[tuple[Any, Any]]) -> bool:
    place = _place(one)
    return (
        bool(place)
        and one.opname != "RAISE_VARARGS"
        and any(start <= place[0] and place[1] <= end for start, end in places)
    )
