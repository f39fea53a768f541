"""Guarded memory: whoever touches it is counted and let through."""

from __future__ import annotations

import ctypes
import faulthandler
import threading
from collections.abc import Callable

import pytest
import torch

from verify.judge.watching.guarded import GuardedMemory, available

pytestmark = pytest.mark.skipif(not available(), reason="only on Linux of 64 bits")


def guarded() -> tuple[GuardedMemory, torch.Tensor, ctypes.Array[ctypes.c_byte]]:
    """Return closed memory with a tensor of four threes in it."""
    memory = GuardedMemory()
    address = memory.taken(16, opened=False)
    held = (ctypes.c_byte * 16).from_address(address)
    tensor = torch.frombuffer(held, dtype=torch.float32)
    tensor.fill_(3)
    memory.close(address, 16)
    return memory, tensor, held


def in_a_thread(x: torch.Tensor) -> None:
    """Read in another thread."""
    thread = threading.Thread(target=x.tolist)
    thread.start()
    thread.join()


@pytest.mark.parametrize(
    ("touch", "faults"),
    [
        (lambda x: x.shape, 0),
        (lambda x: x.view(2, 2).T.stride(), 0),
        (lambda x: x.tolist(), 1),
        (lambda x: x.numpy().sum(), 1),
        (lambda x: x.numpy().fill(1), 1),
        (lambda x: ctypes.string_at(x.data_ptr(), 4), 1),
        (in_a_thread, 1),
    ],
)
def test_touches_are_counted(touch: Callable[[torch.Tensor], object], faults: int) -> None:
    """Reads and writes, in any thread; what only looks at shapes is none."""
    memory, tensor, _ = guarded()
    with memory.watched():
        touch(tensor)
        assert memory.faults == faults


def test_pages_are_opened_and_closed() -> None:
    """While they are open nothing is counted; upper pages are open from the start."""
    memory, tensor, held = guarded()
    address = ctypes.addressof(held)
    with memory.watched():
        memory.open(address, 16)
        assert tensor.tolist() == [3, 3, 3, 3]
        memory.close(address, 16)
        assert memory.faults == 0
        upper = memory.taken(16, opened=True)
        assert ctypes.string_at(upper, 2) == b"\0\0"
        assert memory.faults == 0
        memory.forget(address, 16)
        memory.open(address, 16)
        assert tensor.tolist() == [0, 0, 0, 0]


def test_the_handler_before_is_there_again() -> None:
    """Whoever handled faults handles them afterwards."""
    memory, tensor, held = guarded()
    enabled = faulthandler.is_enabled()
    with memory.watched():
        pass
    assert faulthandler.is_enabled() is enabled
    memory.open(ctypes.addressof(held), 16)
    assert tensor.tolist() == [3, 3, 3, 3]
