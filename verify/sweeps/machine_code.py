"""Programs of LLVM compiled for this machine, and run.

LLVM turns the inner loop into vector instructions, and leaves out what it sees to be needless: of
a statement whose two sides are computed alike, like max(a, b) = max(b, a), little remains to be
tried. It keeps to IEEE 754 in this: none of the options that would loosen it are set.
"""

from __future__ import annotations

import ctypes
import threading
from functools import lru_cache
from typing import Any

import numpy

from verify.sweeps.program import Program

_compiling = threading.Lock()


class CompiledProgram:
    """A compiled program. It may run in several threads at a time, and does not hold the GIL."""

    def __init__(self, program: Program) -> None:
        import llvmlite.binding as llvm

        llvm.initialize_native_target()
        llvm.initialize_native_asmprinter()
        machine = llvm.Target.from_default_triple().create_target_machine(
            cpu=llvm.get_host_cpu_name(), features=llvm.get_host_cpu_features().flatten(), opt=3
        )
        module = llvm.parse_assembly(program.source)
        module.verify()
        tuning = llvm.create_pipeline_tuning_options(speed_level=3)
        tuning.loop_vectorization = True
        builder = llvm.create_pass_builder(machine, tuning)
        builder.getModulePassManager().run(module, builder)
        # The engine owns the code and must live as long as the function does.
        self._engine = llvm.create_mcjit_compiler(module, machine)
        self._engine.finalize_object()
        pointer, count = ctypes.c_void_p, ctypes.c_int64
        function = ctypes.CFUNCTYPE(None, pointer, count, pointer, count, pointer)
        self._sweep = function(self._engine.get_function_address("sweep"))
        self._width = len(program.results)

    def __call__(self, rows: Any, columns: Any) -> Any:
        """Return the program's results, a line of ``int64`` for each row.

        ``rows`` and ``columns`` are contiguous arrays of elements, of the program's type, and not
        empty.
        """
        results = numpy.empty((len(rows), self._width), dtype=numpy.int64)
        self._sweep(
            rows.ctypes.data, len(rows), columns.ctypes.data, len(columns), results.ctypes.data
        )
        return results


@lru_cache(maxsize=64)
def _compiled(program: Program) -> CompiledProgram:
    return CompiledProgram(program)


def compiled(program: Program) -> CompiledProgram:
    """Return the kernel of a program, compiled once in each process."""
    # LLVM's context is one for the process, and two threads may ask at the same moment.
    with _compiling:
        return _compiled(program)
