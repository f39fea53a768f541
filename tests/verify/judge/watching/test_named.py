"""What code names that its input does not determine is read off it; what it may name is not."""

from __future__ import annotations

import builtins
import collections
import dataclasses
import decimal
import functools
import gc
import importlib
import inspect
import io
import itertools
import logging
import math
import operator
import os
import platform
import random
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from sys import modules as loaded
from typing import Any

import numpy
import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.modules.utils import _pair

from proofs.verdict import Verdict
from verify.judge import equivalent
from verify.judge.watching.named import asked_by, asking

logger = logging.getLogger(__name__)


def import_and_ask(_: Any) -> Any:
    """Ask by a name that is given here."""
    import sys as system

    another = system
    return another.modules


def execute(_: Any) -> Any:
    """Run what is written."""
    return eval("sys.argv")


ASKING: list[tuple[Callable[[Any], Any], str]] = [
    (lambda x: sys.modules, "modules of sys"),
    (lambda x: loaded, "modules of sys"),
    (lambda x: getattr(sys, "mod" + "ules"), "for the module sys"),
    (lambda x: vars(sys), "for the module sys"),
    (lambda x: sys.__dict__, "__dict__ of sys"),
    (lambda x: torch.sys.modules, "modules of sys"),  # type: ignore[attr-defined]
    (lambda x: [sys][0].argv, "for the module sys"),
    (import_and_ask, "for the module sys"),
    (lambda x: importlib.import_module("sys"), "import_module of importlib"),
    (lambda x: __import__("sys"), "__import__"),
    (lambda x: operator.attrgetter("modules")(sys), "attrgetter of operator"),
    (lambda x: globals(), "globals"),
    (lambda x: __name__, "__name__"),
    (lambda x: F.relu.__module__, "__module__"),
    (lambda x: F.relu.__dict__, "__dict__"),
    (lambda x: import_and_ask.__globals__, "__globals__"),
    (lambda x: nn.Module.__subclasses__(), "__subclasses__"),
    (lambda x: sys.flags.optimize, "flags of sys"),
    (lambda x: sys.stdout.isatty(), "stdout of sys"),
    (lambda x: sys.getsizeof(x), "getsizeof of sys"),
    (lambda x: os.environ["HOME"], "environ of os"),
    (lambda x: platform.node(), "node of platform"),
    (lambda x: inspect.stack(), "stack of inspect"),
    (lambda x: traceback.format_stack(), "format_stack of traceback"),
    (lambda x: gc.get_objects(), "get_objects of gc"),
    (lambda x: threading.enumerate(), "enumerate of threading"),
    (lambda x: warnings.filters, "filters of warnings"),
    (lambda x: decimal.getcontext(), "getcontext of decimal"),
    (lambda x: random.getstate(), "getstate of random"),
    (lambda x: numpy.random.get_state(), "get_state of numpy.random"),
    (lambda x: logger.isEnabledFor(10), "isEnabledFor"),
    (lambda x: builtins.hash("a"), "hash"),
    (lambda x: list(map(id, [x])), "id"),
    (lambda x: functools.partial(time.time)(), "time of time"),
    (lambda x: "a".__hash__(), "__hash__"),
    (lambda x: repr(x), "repr"),
    (lambda x: f"{object()}", "for a new object"),
    (lambda x: list({"a", "b"}), "for the order of a set"),
    (lambda x: [y for y in {"a", "b"}], "for the order of a set"),
    (lambda x: "".join({y for y in "ab"}), "for the order of a set"),
    (lambda x: "".join(set("ab")), "for the order of a set"),
    (lambda x: "".join({"a": 1}.keys() | {"b": 2}.keys()), "for the order of a set"),
    (lambda x: torch.is_grad_enabled(), "is_grad_enabled of torch"),
    (lambda x: torch.get_num_threads(), "get_num_threads of torch"),
    (lambda x: torch.set_default_dtype(torch.half), "set_default_dtype of torch"),
    (lambda x: torch.get_default_dtype(), "get_default_dtype of torch"),
    (lambda x: torch.are_deterministic_algorithms_enabled(), "are_deterministic_algorithms_enable"),
    (lambda x: torch.is_autocast_enabled("cpu"), "is_autocast_enabled of torch"),
    (lambda x: torch.backends.mkldnn.enabled, "enabled of torch.backends.mkldnn"),
    (lambda x: torch.cuda.is_available(), "is_available of torch.cuda"),
    (lambda x: torch.initial_seed(), "initial_seed of torch"),
    (lambda x: torch._C._len_torch_dispatch_stack(), "_len_torch_dispatch_stack of torch._C"),
    (lambda x: torch._C._functorch.peek_interpreter_stack(), "peek_interpreter_stack of torch._C"),
    (lambda x: torch._tensor_str.PRINT_OPTS, "PRINT_OPTS of torch._tensor_str"),
    (lambda x: torch.overrides.has_torch_function((x,)), "has_torch_function of torch.overrides"),
    (lambda x: x.requires_grad, "requires_grad"),
    (lambda x: getattr(x, "requires_grad"), "requires_grad"),  # noqa: B009
    (lambda x: x._version, "_version"),
    (lambda x: x.is_leaf, "is_leaf"),
    (lambda x: x.grad_fn, "grad_fn"),
    (lambda x: x._base, "_base"),
    (lambda x: x.storage_offset(), "storage_offset"),
    (lambda x: x.untyped_storage(), "untyped_storage"),
    (lambda x: x.data_ptr(), "data_ptr"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "what"), ASKING)
def test_what_is_named_is_told_with_its_line(ask: Any, what: str) -> None:
    """Attributes, functions handed on and modules count, in whichever way they are come by."""
    said = asked_by([ask], [], [])
    assert any(one.startswith(f"it asks {what}") for one in said), said
    assert all(", which its input does not determine, line " in one for one in said)
    assert all(one.endswith("of test_named.py") for one in said)


def test_what_is_asserted_is_asked(tmp_path: Path) -> None:
    """Whether an assertion raises is a result; pytest would write another one in its place here."""
    names: dict[str, Any] = {"sys": sys}
    source = 'def check(x):\n    assert sys.argv, f"none of {x!r}"\n    return x\n'
    exec(compile(source, str(tmp_path / "check.py"), "exec"), names)
    assert asked_by([names["check"]], [], []) == [
        "it asks argv of sys, which its input does not determine, line 2 of check.py"
    ]


@dataclasses.dataclass(frozen=True)
class Size:
    """A hashed object."""

    rows: int = 2


hashed: Any = Size.__hash__


def raised(x: Any) -> None:
    """Say what is wrong, in words that are no result."""
    if x.ndim != 3:
        raise ValueError(f"{x!r} in {__name__}: {x!r}, {set('ab')}, {id(x)}")


def logged(x: Any) -> None:
    """Print and log."""
    print(x.shape, file=sys.stderr)
    sys.stdout.write("x")
    logger.debug("shape %s", x.shape)
    warnings.warn("old", stacklevel=2)


SILENT: list[Callable[[Any], Any]] = [
    lambda x: getattr(F, f"max_pool{x.ndim - 1}d")(x, _pair(2)),
    lambda x: x.dim() in {2, 3} and "max" in {"max", "avg"},
    lambda x: [*sorted(set(x.shape)), len(set(x.shape)), *(set(range(3)) - {0, 1})],
    lambda x: isinstance(x, (set, frozenset, object)),
    lambda x: x.is_contiguous() and x.stride() and x.dtype and x.device and x.is_cuda,
    lambda x: sys.maxsize > 2 and sys.float_info.max and sys.version_info >= (3, 8),
    lambda x: math.inf * numpy.pi + itertools.count().__next__(),
    lambda x: collections.deque(functools.reduce(operator.add, [1, 2]) for _ in range(2)),
    lambda x: torch.compiler.is_compiling(),
    lambda x: torch._softmax(x, 0, False) + torch.addmm(x, x, x),
    lambda x: torch.is_tensor(x) and torch.is_floating_point(x) and torch.finfo(x.dtype).max,
    lambda x: torch.ops.aten.relu(x),
    lambda x: random.Random(3).random() + io.StringIO().write("x"),
    lambda x: type(x).__name__ + str(x.ndim) + f"{Size()}",
    lambda x: {Size(): 1}[Size()],
    lambda x: torch.set_grad_enabled(False),
    raised, logged,
]  # fmt: skip


@pytest.mark.parametrize("code", SILENT)
def test_what_depends_on_nobody_else_is_silent(code: Any) -> None:
    """Functions of arguments, constants of the installation, sizes, and words of exceptions."""
    assert asked_by([code], [hashed], []) == []


def rare(_: torch.Tensor) -> bool:
    """Ask, where hardly anybody comes."""
    return len(sys.argv) > 99


class Rarely(nn.Module):
    """Asks on a way that ordinary inputs do not go."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pool, or else ask."""
        if bool(x[0, 0, 0] > 12345) and self.asks(x):
            return F.avg_pool1d(x, 2)
        return torch.maximum(x[..., ::2], x[..., 1::2])

    def asks(self, x: torch.Tensor) -> bool:
        """Ask by another function."""
        return rare(x)


class Never(nn.Module):
    """Nothing is asked; ``__init__`` and a method that nobody names do."""

    def __init__(self) -> None:
        super().__init__()
        self.seed = hash("never asked again")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Pool."""
        return torch.maximum(x[..., ::2], x[..., 1::2])

    def train_all(self) -> None:
        """Look at the clock."""
        print(time.time(), torch.is_grad_enabled())


@pytest.mark.parametrize("shape", [(1, 1, 4), (1, 1, "W")])
def test_ways_not_gone_count_and_methods_not_called_do_not(shape: Any) -> None:
    """TESTED with the reason, at one size and at open ones; what is right is proved."""
    whole = "max_pool1d(2)"
    found = equivalent(Rarely(), whole, (1, 1, 4))
    assert found.verdict is Verdict.TESTED
    assert "it asks argv of sys, which its input does not determine, line " in found.reason
    assert equivalent(Never(), whole, (1, 1, 4)).verdict.settles
    open_ = equivalent(Rarely(), whole, (1, 1, "W"))
    assert not open_.verdict.settles, open_.reason


HELD: list[tuple[Any, str]] = [
    (sys, "it asks for the module sys"),
    ([sys], "it asks for the module sys"),
    (sys.path, "it asks path of sys"),
    (os.environ, "it asks for the environment"),
    (functools.partial(time.time), "it asks time of time"),
    (id, "it asks id"),
]


@pytest.mark.parametrize(("held", "what"), HELD)
def test_what_a_module_holds_counts(held: Any, what: str) -> None:
    """Somebody who holds the clock asks it under any name."""

    class Holding(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.held = held

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.maximum(x[..., ::2], x[..., 1::2])

    found = equivalent(Holding(), "max_pool1d(2)", (1, 1, 4))
    assert found.verdict is Verdict.TESTED
    assert what in found.reason


def in_a_script(x: torch.Tensor) -> torch.Tensor:
    """Ask for what autograd notes."""
    return -x if x.requires_grad else x


def plainly_in_a_script(x: torch.Tensor) -> torch.Tensor:
    """Ask nothing."""
    return -x if x.dim() == 3 else x


def test_what_scripts_ask_and_who_compiles() -> None:
    """No code of Python's runs in a script; who compiles may make anything of code."""
    with warnings.catch_warnings():  # torch says that scripts are no longer the way
        warnings.simplefilter("ignore")
        scripts = [torch.jit.script(f) for f in (in_a_script, plainly_in_a_script)]
    assert asking(scripts[0]) == "requires_grad in a script"
    assert asking(scripts[1]) is None

    def compiler(graph: Any, _: Any) -> Any:
        return graph.forward

    for made in (plainly_in_a_script, nn.Identity()):
        assert asking(torch.compile(made, backend=compiler)) == "compiler to compile it"
        assert asking(torch.compile(made, backend="eager")) is None


class Deaf:
    """An object that raises whatever it is asked for."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def test_objects_are_asked_nothing() -> None:
    """What somebody's object does when it is looked at is not the judge's to bring about."""
    assert asking(Deaf()) is None


def test_values_that_ask_and_that_do_not() -> None:
    """By identity, wherever they are."""
    assert asking(sys.argv) == "argv of sys"
    assert asking(torch.backends) == "for the module torch.backends"
    harmless: Any
    for harmless in (math, F, torch, numpy, random, len, torch.relu, threading.Lock, [], "x"):
        assert asking(harmless) is None
