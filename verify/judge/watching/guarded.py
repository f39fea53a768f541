"""Memory that only torch's operators may touch while a module is watched.

Whatever depends on the input lies in pages without any permission, which are opened for the time
of one operator. A read by any other way (NumPy, ``tolist``, DLPack, ctypes, ``pickle``, a thread)
faults there; the fault is counted, the pages are opened, and the module goes on as if nothing had
been. So no such read escapes, and none is noticed by who makes it. The handler of faults is a few
instructions compiled by LLVM, for a fault may come at a moment when no Python can run.
"""

from __future__ import annotations

import ctypes
import mmap
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple

#: Address space set aside for one watched run; what is not used costs nothing.
RESERVED = 1 << 36
_NOTHING, _READ_WRITE = 0, 3
_PRIVATE_ANONYMOUS_NORESERVE = 0x02 | 0x20 | 0x4000
_DONTNEED = 4
_SIGSEGV, _SIGINFO = 11, 4

#: Where the handler keeps its numbers: bounds of the guarded memory and how often it was read.
_LOW, _HIGH, _FAULTS = range(3)

_HANDLER = """
define void @handler(i32 %signal, ptr %info, ptr %context) {{
entry:
  %state = inttoptr i64 {state} to ptr
  %at = getelementptr i8, ptr %info, i64 16
  %address = load i64, ptr %at
  %low = load i64, ptr %state
  %high_at = getelementptr i64, ptr %state, i64 1
  %high = load i64, ptr %high_at
  %above = icmp uge i64 %address, %low
  %below = icmp ult i64 %address, %high
  %ours = and i1 %above, %below
  br i1 %ours, label %guarded, label %foreign
guarded:
  %faults_at = getelementptr i64, ptr %state, i64 2
  %old = atomicrmw add ptr %faults_at, i64 1 seq_cst
  %start = inttoptr i64 %low to ptr
  %size = sub i64 %high, %low
  %open = inttoptr i64 {mprotect} to ptr
  %failed = call i32 %open(ptr %start, i64 %size, i32 3)
  %opened = icmp eq i32 %failed, 0
  br i1 %opened, label %back, label %foreign
back:
  ret void
foreign:
  ; whoever handled faults before handles this one, which comes again at once
  %previous = inttoptr i64 {previous} to ptr
  %restore = inttoptr i64 {sigaction} to ptr
  %restored = call i32 %restore(i32 %signal, ptr %previous, ptr null)
  ret void
}}
"""


class _Sigaction(ctypes.Structure):
    """The C library's ``struct sigaction``, on Linux of 64 bits."""

    _fields_ = (
        ("handler", ctypes.c_void_p),
        ("mask", ctypes.c_ubyte * 128),
        ("flags", ctypes.c_int),
        ("restorer", ctypes.c_void_p),
    )


def available() -> bool:
    """Say whether reads can be noticed here: on Linux of 64 bits."""
    return sys.platform == "linux" and ctypes.sizeof(ctypes.c_void_p) == 8


class _Native(NamedTuple):
    libc: Any
    state: Any
    action: _Sigaction
    previous: _Sigaction
    engine: Any


@lru_cache(maxsize=1)
def _native() -> _Native:
    """Return the C library and the handler, compiled once in a process."""
    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mprotect.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    libc.munmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int,
                          ctypes.c_int, ctypes.c_long)  # fmt: skip
    state = (ctypes.c_int64 * 3)()
    previous = _Sigaction()
    address = {
        name: ctypes.cast(getattr(libc, name), ctypes.c_void_p).value
        for name in ("mprotect", "sigaction")
    }
    source = _HANDLER.format(
        state=ctypes.addressof(state), previous=ctypes.addressof(previous), **address
    )
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(source), machine)
    engine.finalize_object()
    action = _Sigaction(handler=engine.get_function_address("handler"), flags=_SIGINFO)
    return _Native(libc, state, action, previous, engine)


class GuardedMemory:
    """Pages given out in order, from first to last, and closed but while they are opened."""

    def __init__(self) -> None:
        self._libc = _native().libc
        start = self._libc.mmap(None, RESERVED, _NOTHING, _PRIVATE_ANONYMOUS_NORESERVE, -1, 0)
        if start in (None, ctypes.c_void_p(-1).value):
            raise MemoryError("no address space for guarded memory")
        self.start = int(start)
        #: Where the next closed piece begins, and the next open one, in the upper half.
        self._next = [self.start, self.start + RESERVED // 2]

    @property
    def faults(self) -> int:
        """How often it was touched while it was closed."""
        return int(_native().state[_FAULTS])

    def taken(self, size: int, *, opened: bool) -> int:
        """Return the address of ``size`` new bytes: open ones lie apart, so that pages join."""
        address = self._next[opened]
        self._next[opened] += -(-max(size, 1) // mmap.PAGESIZE) * mmap.PAGESIZE
        if self._next[opened] > self.start + RESERVED // (1 if opened else 2):
            raise MemoryError("the guarded memory is used up")
        self.open(address, size)
        return address

    def open(self, address: int, size: int) -> None:
        """Let everybody read and write."""
        self._protect(address, size, _READ_WRITE)

    def close(self, address: int, size: int) -> None:
        """Let nobody."""
        self._protect(address, size, _NOTHING)

    def _protect(self, address: int, size: int, permission: int) -> None:
        if self._libc.mprotect(address, max(size, 1), permission):
            raise OSError(ctypes.get_errno(), "mprotect failed")

    def forget(self, address: int, size: int) -> None:
        """Give the pages back to the system; what they held is lost."""
        self._libc.madvise(address, max(size, 1), _DONTNEED)
        self.close(address, size)

    def release(self) -> None:
        """Give everything back; no tensor may live in it any more."""
        self._libc.munmap(self.start, RESERVED)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count what touches closed pages in here, and let it through."""
        native = _native()
        native.state[_LOW], native.state[_HIGH] = self.start, self.start + RESERVED
        native.state[_FAULTS] = 0
        self._libc.sigaction(_SIGSEGV, ctypes.byref(native.action), ctypes.byref(native.previous))
        try:
            yield
        finally:
            self._libc.sigaction(_SIGSEGV, ctypes.byref(native.previous), None)
            native.state[_LOW] = native.state[_HIGH] = 0
