"""What is installed here, in which version, and on which devices."""

from __future__ import annotations

import os
import platform

from verify.engines import ENGINES
from verify.names import NAME, version


def findings() -> dict[str, tuple[str, str]]:
    """Return name → (state, what it is for); a state that begins with "missing" is a fault."""
    rows = {NAME: (version(), "this program")}
    rows["python"] = (platform.python_version(), platform.machine())
    for engine in ENGINES.values():
        missing = engine.missing()
        state = engine.version() if missing is None else f"missing: {missing}"
        if missing is None and (absent := engine.recorded()) is not None:
            state = f"recorded {state}; {absent}"
        rows[engine.name] = (state, engine.method)
    cores = os.cpu_count() or 1
    rows["cores"] = (str(cores), "worker processes of `all`")
    rows["cuda"] = (_cuda(), "a GPU is optional")
    return rows


def _cuda() -> str:
    if ENGINES["torch"].missing() is not None:
        return "unknown: torch is not installed"
    import torch

    if not torch.cuda.is_available():
        return "none found"
    names = [torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count())]
    return ", ".join(names)
