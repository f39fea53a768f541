"""What a module remembers: every place where a run can leave something is noticed."""

from __future__ import annotations

import abc
import collections
import contextvars
import copy
import ctypes
import functools
import importlib
import io
import itertools
import logging
import math
import os
import queue
import random
import sys
import threading
import types
import warnings
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from torch.utils.checkpoint import checkpoint

from verify.judge.watching.memory import Memory, random_states

calls = 0
local = threading.local()
of_context: contextvars.ContextVar[int] = contextvars.ContextVar("of_context", default=0)
dice = numpy.random.default_rng(0)


class Kind(type):
    """A class of classes."""

    entry = 0


class Holder(torch.nn.Module, metaclass=Kind):
    """A module with one attribute, which ``touch`` changes."""

    shared = 0

    def __init__(self, touch: Callable[[Any], object], held: Any = None) -> None:
        super().__init__()
        self.held = held
        self.touch = touch

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Touch what is held."""
        self.touch(self)
        return x


class Box:
    """An object with an attribute."""

    def __init__(self) -> None:
        self.entry = 0


boxed = Box()
noted = torch.zeros(1)
noted.entry = 0  # type: ignore[attr-defined]
shown: dict[str, int] = {}


class Slotted:
    """An object with a slot."""

    __slots__ = ("entry",)

    def __init__(self) -> None:
        self.entry = 0


def add_one(thing: Any, name: str = "entry") -> None:
    """Add one to an attribute."""
    setattr(thing, name, getattr(thing, name) + 1)


def count_globally(_: Any) -> None:
    """Count in a global variable."""
    global calls
    calls += 1


def count_in_a_default(_: Any, seen: list[int] = []) -> None:  # noqa: B006
    """Count in a default."""
    seen.append(1)


def count_in_an_attribute(_: Any) -> None:
    """Count in an attribute of the function."""
    add_one(count_in_an_attribute, "count")


count_in_an_attribute.count = 0  # type: ignore[attr-defined]


def count_in_a_library(_: Any) -> None:
    """Count in an attribute of a library's module, set by its name."""
    setattr(math, "counted", getattr(math, "counted", 0) + 1)  # noqa: B010


def count_in_a_librarys_class(_: Any) -> None:
    """Count in an attribute of a library's class."""
    setattr(torch.nn.Module, "counted", getattr(torch.nn.Module, "counted", 0) + 1)  # noqa: B010


def count_in_the_environment(_: Any) -> None:
    """Count in a variable of the environment."""
    os.environ["COUNTED_BY_A_TEST"] = str(int(os.environ.get("COUNTED_BY_A_TEST", "0")) + 1)


@functools.cache
def kept(number: int) -> list[int]:
    """Return a list that is kept."""
    return [number]


@functools.lru_cache(maxsize=4)
def few_kept(number: int, *, more: int = 0) -> list[int]:
    """Return a list that is kept among a few."""
    return [number, more]


@functools.lru_cache(maxsize=4, typed=True)
def few_typed(number: int, *, more: int = 0) -> list[int]:
    """Return the same for each type of number."""
    return [number, more]


@pytest.fixture(autouse=True)
def nothing_is_left() -> Iterator[None]:
    """Take away what was counted where others see it."""
    yield
    kept.cache_clear()
    os.environ.pop("COUNTED_BY_A_TEST", None)
    torch.set_default_dtype(torch.float32)
    for whose in (math, torch.nn.Module):
        if hasattr(whose, "counted"):
            delattr(whose, "counted")


def counter() -> Callable[[Any], None]:
    """Return a function that counts in a variable that it closes over."""
    count = 0

    def touch(_: Any) -> None:
        nonlocal count
        count += 1

    return touch


def replace(module: Any) -> None:
    """Put an equal tensor in the place of the one that is held."""
    module.held = module.held.clone()


class Tally:
    """An object with a method that counts, and with counters in other kinds of methods."""

    apart = staticmethod(counter())
    of_class = classmethod(counter())
    read = property(counter())

    def __init__(self) -> None:
        self.count = 0

    def touch(self, _: Any) -> None:
        """Count the call."""
        self.count += 1


CHANGES: list[tuple[Callable[[Any], object], Any, str]] = [
    (lambda m: add_one(m, "held"), 0, "attribute 'held' of the module changed from 0 to 1"),
    (lambda m: setattr(m, "new", 1), None, "attribute 'new' of the module appeared"),
    (lambda m: delattr(m, "held"), 0, "attribute 'held' of the module vanished"),
    (lambda m: m.train(not m.training), None, "attribute 'training' of the module changed from"),
    (replace, torch.zeros(2), "attribute 'held' of the module was replaced"),
    (lambda m: m.held.zero_(), torch.zeros(2), "attribute 'held' of the module was written to"),
    (lambda m: m.held.data.add_(1), torch.zeros(2), "attribute 'held' of the module was written"),
    (lambda m: m.held.numpy().fill(1), torch.zeros(2), "attribute 'held' of the module was writ"),
    (lambda m: m.held.fill(1), numpy.zeros(2), "attribute 'held' of the module was written to"),
    (lambda m: m.held.append(1), [], "entry 0 of attribute 'held' of the module appeared"),
    (lambda m: m.held.update(k=1), {}, "entry 'k' of attribute 'held' of the module appeared"),
    (lambda m: m.held.add(1), set(), "attribute 'held' of the module changed from frozenset()"),
    (lambda m: m.held.popleft(), collections.deque([1]), "entry 0 of attribute 'held' of the mod"),
    (lambda m: add_one(m.held), Box(), "attribute 'entry' of attribute 'held' of the module chan"),
    (lambda m: add_one(m.held), Slotted(), "attribute 'entry' of attribute 'held' of the module"),
    (lambda m: next(m.held), itertools.count(), "attribute 'held' of the module changed"),
    (lambda m: m.held.random(), random.Random(0), "attribute 'held' of the module changed"),
    (lambda m: torch.rand(1, generator=m.held), torch.Generator(), "attribute 'held' of the modu"),
    (lambda m: m.held(), functools.partial(add_one, Box()), "attribute 'entry' of entry 0 of att"),
    (lambda m: m.held(1), [].append, "entry 0 of attribute 'held' of the module appeared"),
    (lambda m: add_one(type(m), "shared"), None, "attribute 'shared' of class Holder changed"),
    (count_globally, None, "global 'calls' of test_memory.py changed from"),
    (lambda m: dice.random(), None, "global 'dice' of test_memory.py changed"),
    (count_in_a_default, None, "of default of 'seen' of function count_in_a_default appeared"),
    (count_in_an_attribute, None, "attribute 'count' of function count_in_an_attribute changed"),
    (counter(), None, "variable 'count' of function touch changed from 0 to 1"),
    (functools.cache(counter()), None, "variable 'count' of function touch changed from 0 to 1"),
    (Tally().touch, None, "attribute 'count' of attribute 'touch' of the module changed from 0"),
    (lambda m: m.held.apart(m), Tally(), "variable 'count' of function touch changed from 0 to 1"),
    (lambda m: m.held.of_class(), Tally(), "variable 'count' of function touch changed from 0 to"),
    (lambda m: m.held.read, Tally(), "variable 'count' of function touch changed from 0 to 1"),
    (torch.no_grad()(counter()), None, "variable 'count' of function touch changed from 0 to 1"),
    (lambda m: setattr(local, "n", 1), None, "attribute 'n' of global 'local' of test_memory.py"),
    (lambda m: of_context.set(1), None, "the value of global 'of_context' of test_memory.py chan"),
    (count_in_a_library, None, "global 'counted' of math appeared"),
    (count_in_a_librarys_class, None, "global 'counted' of Module appeared"),
    (count_in_the_environment, None, "entry 'COUNTED_BY_A_TEST' of the environment appeared"),
    (lambda m: kept(7), None, "what is cached by kept appeared"),
    (lambda m: m.held.put(1), queue.Queue(), "attribute 'unfinished_tasks' of the inside of at"),
    (lambda m: m.held.set(), threading.Event(), "attribute '_flag' of the inside of attribute 'h"),
    (lambda m: m.held.release(), threading.Semaphore(), "attribute '_value' of the inside of attr"),
    (lambda m: m.held.acquire(), threading.Lock(), "attribute 'held' of the module changed"),
    (lambda m: m.held.write("a"), io.StringIO(), "attribute 'held' of the module changed"),
    (lambda m: m.held.__setitem__(0, 1), memoryview(bytearray(2)), "attribute 'held' of the modu"),
    (lambda m: m.held.__setitem__(0, 1), (ctypes.c_int * 1)(), "attribute 'held' of the module"),
    (lambda m: m.held.setLevel(7), logging.Logger("x"), "attribute 'held' of the module changed"),
    (lambda m: add_one(m.held()), weakref.ref(boxed), "attribute 'entry' of attribute 'held' of"),
    (lambda m: shown.update(k=1), types.MappingProxyType(shown), "entry 'k' of attribute 'held'"),
    (lambda m: add_one(type(type(m))), None, "attribute 'entry' of class Kind changed from 0"),
    (lambda m: add_one(m.held), noted, "attribute 'entry' of attribute 'held' of the module"),
    (lambda m: setattr(m.held, "grad", torch.ones(1)), torch.zeros(1), "the gradient of attribut"),
    (lambda m: m.held.requires_grad_(), torch.zeros(1), "attribute 'held' of the module was writ"),
    (lambda m: m.held.t_(), torch.zeros(2, 2), "attribute 'held' of the module was written to"),
    (lambda m: m.held.setflags(write=False), numpy.zeros(1), "attribute 'held' of the module was"),
    (lambda m: m.held.fill_(1), torch.zeros(1).untyped_storage(), "attribute 'held' of the modul"),
    (lambda m: torch.set_default_dtype(torch.half), None, "entry 'default dtype' of torch's sett"),
]


@pytest.mark.parametrize(("touch", "held", "message"), CHANGES)
def test_changes_are_named(touch: Callable[[Any], object], held: Any, message: str) -> None:
    """Whatever a run leaves behind, and wherever, is found and said."""
    module = Holder(touch, held)
    before = Memory(module)
    assert before.change(Memory(module)) is None
    module(torch.zeros(1))
    change = before.change(Memory(module))
    assert change is not None
    assert message in change
    assert change.endswith(" while it ran")


def test_what_is_cached_may_appear_and_may_not_change() -> None:
    """A first call with new arguments keeps its result; what is written into that is memory."""
    module = Holder(lambda m: kept(8))
    before = Memory(module)
    module(torch.zeros(1))
    assert before.change(Memory(module), cached=True) is None
    between = Memory(module)
    module(torch.zeros(1))
    assert between.change(Memory(module)) is None
    kept(8).append(1)
    assert "what is cached by kept appeared" in str(between.change(Memory(module)))


@pytest.mark.parametrize("function", [few_kept, few_typed])
@pytest.mark.parametrize("named", [{}, {"more": 3}])
def test_what_a_limited_cache_keeps_is_seen(function: Any, named: dict[str, int]) -> None:
    """What is written into a result is memory; looking at it calls nothing anew."""
    module = Holder(lambda m: function(8, **named).append(1))
    function(8, **named)
    before, misses = Memory(module), function.cache_info().misses
    module(torch.zeros(1))
    change = before.change(Memory(module), cached=False)
    assert "of what is cached by few_" in str(change)
    assert function.cache_info().misses == misses
    function.cache_clear()


class Scripted(torch.nn.Module):
    """Counts in a buffer and in an attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))
        self.more = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Count the call."""
        if bool(x[0] > 0):
            self.calls.add_(1)  # type: ignore[operator]
        else:
            self.more += 1
        return x


@pytest.mark.parametrize("way", [1.0, -1.0])
def test_what_a_script_keeps_is_seen(way: float) -> None:
    """Buffers and attributes, which Python does not hold."""
    with warnings.catch_warnings():  # torch says that scripts are no longer the way
        warnings.simplefilter("ignore")
        module: Any = torch.jit.script(Scripted())
    before = Memory(module)
    assert before.change(Memory(module)) is None
    module(torch.tensor([way]))
    assert before.change(Memory(module)) == "the module changed while it ran"


def test_submodules_count() -> None:
    """A change in a module within modules is named by its path."""
    module = torch.nn.Sequential(torch.nn.Sequential(Holder(lambda m: add_one(m, "held"), 0)))
    before = Memory(module)
    module(torch.zeros(1))
    assert before.change(Memory(module)) == (
        "attribute 'held' of submodule '0' of submodule '0' of the module changed from 0 to 1 "
        "while it ran"
    )


@pytest.mark.parametrize("place", [0, 1])
def test_two_places_of_one_name_are_two(place: int) -> None:
    """A change behind either of two functions that are called alike is not lost."""
    module = torch.nn.Sequential(Holder(counter()), Holder(counter()))
    before = Memory(module)
    module[place](torch.zeros(1))
    assert before.change(Memory(module)) is not None


def test_globals_of_the_users_other_files_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A global of a module that the code names is watched as its own are."""
    code = "import elsewhere_of_memory\ndef touch(_): elsewhere_of_memory.calls += 1\n"
    (tmp_path / "elsewhere_of_memory.py").write_text("calls = 0\n", encoding="utf-8")
    (tmp_path / "counts_in_memory.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    module = Holder(importlib.import_module("counts_in_memory").touch)
    before = Memory(module)
    module(torch.zeros(1))
    assert before.change(Memory(module)) == (
        "global 'calls' of elsewhere_of_memory changed from 0 to 1 while it ran"
    )


def test_what_python_notes_in_a_class_is_no_change() -> None:
    """The first copy of an object leaves a note in its class."""
    fresh = type("Fresh", (Box,), {})
    module = Holder(lambda m: copy.copy(m.held), fresh())
    before = Memory(module)
    module(torch.zeros(1))
    assert "__slotnames__" in vars(fresh)
    assert before.change(Memory(module)) is None


HARMLESS: list[Any] = [
    torch.nn.MaxPool2d(2),
    torch.nn.BatchNorm2d(1).eval(),
    torch.nn.Dropout().eval(),
    torch.nn.Sequential(torch.nn.Conv2d(1, 1, 1), torch.nn.ReLU()),
    torch.compile(torch.nn.MaxPool2d(2), backend="eager"),
    Holder(lambda m: [m.held + 1, len("x"), list(range(3))], torch.full((2,), float("nan"))),
    Holder(lambda m: m.held.append, [float("nan"), {"key": (1, None)}]),
    Holder(lambda m: random.Random(0).random()),
    Holder(lambda m: None, torch.zeros(2, device="meta")),
    Holder(lambda m: None, torch.zeros(2, 2).to_sparse()),
    Holder(lambda m: None, torch.inference_mode()(torch.zeros)(2)),
]


@pytest.mark.parametrize("module", HARMLESS, ids=lambda module: type(module).__name__)
def test_what_changes_nothing_passes(module: torch.nn.Module) -> None:
    """Modules that keep nothing are as they were after a run; NaN is NaN."""
    before = Memory(module)
    states = random_states()
    module(torch.ones(1, 1, 2, 2))
    assert before.change(Memory(module)) is None
    assert random_states() == states


@pytest.mark.parametrize("held", [queue.SimpleQueue(), contextvars.copy_context()])
def test_what_cannot_be_looked_into_is_told(held: Any) -> None:
    """Nobody sees what it remembers."""
    (said,) = Memory(Holder(lambda m: None, held)).unreadable
    assert said == f"attribute 'held' of the module is a {type(held).__name__}"


@pytest.mark.parametrize(
    "held", [threading.RLock(), sys.stdout, logging.getLogger(__name__), abc.ABC]
)
def test_what_is_held_often_may_be(held: Any) -> None:
    """Locks, streams and loggers, which many a module has."""
    assert Memory(Holder(lambda m: None, held)).unreadable == []


def test_the_rebuilds_of_this_project_keep_nothing() -> None:
    """A rebuilt module, and a model with rebuilt modules in it."""
    import pooling

    for module in (pooling.MaxPool2d(3, 2, 1), pooling.AvgPool2d(2), pooling.AdaptiveMaxPool2d(2)):
        before = Memory(module)
        module(torch.ones(1, 1, 6, 6))
        assert before.change(Memory(module)) is None


def test_in_which_order_a_cache_was_used_is_no_memory() -> None:
    """A cache of limited size moves what is found to its end; a result is what counts."""

    @functools.lru_cache(maxsize=4)
    def of(number: int) -> list[int]:
        return [number]

    class Using(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x + of(1)[0]

    module = Using()
    for number in (1, 2, 3, 1):
        of(number)
    before = Memory(module)
    module(torch.ones(1))
    of(2)
    assert before.change(Memory(module)) is None
    of(3).append(7)
    assert before.change(Memory(module)) is not None


@pytest.mark.parametrize(
    ("draw", "whose"),
    [
        (lambda: random.random(), "Python's random"),
        (lambda: numpy.random.rand(), "numpy.random"),
        (lambda: torch.rand(1), "torch's generator"),
    ],
)
def test_every_shared_generator_is_watched(draw: Callable[[], object], whose: str) -> None:
    """A number drawn from one of the three changes its state, and no other."""
    before = random_states()
    draw()
    after = random_states()
    assert [name for name in before if before[name] != after[name]] == [whose]


def test_what_torch_notes_at_its_own_functions_is_no_change() -> None:
    """The first call of a checkpoint that is a global leaves a function at it; numbers count."""

    class Checkpointed(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> Any:
            return checkpoint(torch.relu, x, use_reentrant=False)

    module = Checkpointed()
    vars(checkpoint).pop("__dynamo_disable", None)
    before = Memory(module)
    module(torch.ones(2))
    assert before.change(Memory(module)) is None
    kept = vars(checkpoint).get("__dynamo_disable")
    vars(checkpoint)["__dynamo_disable"] = 3
    try:
        assert before.change(Memory(module)) is not None
    finally:
        vars(checkpoint)["__dynamo_disable"] = kept
