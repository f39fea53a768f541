"""When this process began to load the checker; apart because it is read before all else is."""

from __future__ import annotations

import time

#: In nanoseconds, as files tell when they were changed.
BEGUN = time.time_ns()
