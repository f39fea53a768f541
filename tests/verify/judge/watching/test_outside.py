"""What a module asks of the clock, the system and the like is heard."""

from __future__ import annotations

import copy
import cProfile
import datetime
import gc
import os
import random
import resource
import sys
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import numpy
import pytest
import torch
import torch.nn.functional as F

from verify.judge.watching.outside import followed

ASKING: list[tuple[Callable[[], object], str]] = [
    (time.time_ns, "time_ns of time"),
    (lambda: time.perf_counter(), "perf_counter of time"),
    (lambda: datetime.datetime.now(tz=datetime.UTC), "now of datetime"),
    (lambda: os.urandom(1), "urandom of posix"),
    (lambda: os.getpid(), "getpid of posix"),
    (lambda: uuid.uuid4(), "urandom of posix"),
    (lambda: numpy.random.default_rng(), "urandom of posix"),
    (lambda: open(os.devnull).close(), "open of io"),
    (lambda: id(object()), "id"),
    (lambda: hash(object()), "hash"),
    (lambda: random.Random(), "for a seed"),
    (lambda: resource.getrusage(resource.RUSAGE_SELF), "getrusage of resource"),
    (lambda: torch.zeros(1).data_ptr(), "data_ptr"),
    (lambda: torch.zeros(1).untyped_storage().data_ptr(), "data_ptr"),
    (lambda: threading.current_thread(), "get_ident of _thread"),
    (lambda: sys._getframe(), "_getframe of sys"),
    (lambda: gc.get_count(), "get_count of gc"),
]


@pytest.mark.skipif(os.name != "posix", reason="its functions are in another module elsewhere")
@pytest.mark.parametrize(("ask", "what"), ASKING)
def test_what_is_asked_is_named_with_its_line(ask: Callable[[], object], what: str) -> None:
    """The function and the user's own line, however deep in the standard library it is."""
    heard: list[str] = []
    followed(lambda: ask(), heard)
    assert any(said.startswith(f"it asks {what}, which its input does not") for said in heard)
    assert all(said.endswith("of test_outside.py") or " in " in said for said in heard)


SILENT: list[Callable[[], Any]] = [
    lambda: F.max_pool2d(torch.zeros(1, 1, 4, 4), 2),
    lambda: torch.nn.Sequential(torch.nn.Conv1d(1, 1, 2), torch.nn.ReLU())(torch.zeros(1, 1, 4)),
    lambda: copy.deepcopy(torch.nn.Linear(2, 2)),
    lambda: time.sleep(0),
    lambda: gc.collect(),
    lambda: random.Random(7).random(),
    lambda: {torch.Size([1]): 2, "x": 3},
    lambda: [len("x"), sorted([2, 1]), os.fspath("a"), "a".join(["b"])],
]


@pytest.mark.parametrize("run", SILENT)
def test_what_torch_and_the_library_do_for_themselves_is_none(run: Callable[[], Any]) -> None:
    """Only what somebody's own code asks, or has asked for it, is heard."""
    heard: list[str] = []
    followed(run, heard)
    assert heard == []


def test_who_waits_for_garbage_is_not_the_module() -> None:
    """Whoever is called when garbage is collected asks for itself; none is collected meanwhile."""

    def waiting(phase: str, info: dict[str, int]) -> None:
        time.perf_counter()

    class Leaving:
        def __del__(self) -> None:
            time.perf_counter()

    def run() -> bool:
        rings: list[Any] = [[Leaving()] for _ in range(2000)]
        for ring in rings:
            ring.append(ring)
        return gc.isenabled()

    heard: list[str] = []
    gc.callbacks.append(waiting)
    try:
        assert not followed(run, heard)
        followed(gc.collect, [])
        followed(lambda: gc.collect(), heard)
    finally:
        gc.callbacks.remove(waiting)
    assert heard == []
    assert gc.isenabled()


def test_a_result_is_returned_and_a_profiler_set_again() -> None:
    """Also where what runs raises."""

    def other(*_: Any) -> None:
        pass

    before = sys.getprofile()
    sys.setprofile(other)
    try:
        assert followed(lambda: 7, []) == 7
        with pytest.raises(ZeroDivisionError):
            followed(lambda: 1 // 0, [])
        assert sys.getprofile() is other
        with cProfile.Profile() as profile:
            assert followed(lambda: 7, []) == 7
            now: Any = sys.getprofile()
            assert now is profile
    finally:
        sys.setprofile(before)
