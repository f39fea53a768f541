"""The engines, each one class in one module of this folder, found by being there.

:mod:`~verify.engines.engine` says what an engine and its evidence are, :mod:`~verify.engines.smt`
what solvers share; no refutation counts that :mod:`~verify.engines.counterexample` cannot replay.
"""

from __future__ import annotations

import importlib
import pkgutil

from verify.engines.engine import Engine


def _found() -> dict[str, Engine]:
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    classes = list(Engine.__subclasses__())
    for base in classes:
        classes += base.__subclasses__()
    engines = [cls() for cls in classes if hasattr(cls, "name")]
    return {engine.name: engine for engine in sorted(engines, key=lambda engine: engine.name)}


#: Every engine by name.
ENGINES: dict[str, Engine] = _found()

__all__ = ["ENGINES", "Engine"]
