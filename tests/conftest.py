"""The Hypothesis profiles: ``ci`` draws the same examples every time, ``dev`` new ones."""

from __future__ import annotations

import os

from hypothesis import settings

# No test finds what another has kept; those that are about the store name one.
os.environ["POOLPROOF_CACHE"] = ""

settings.register_profile("ci", derandomize=True, deadline=None, database=None)
settings.register_profile("dev", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "dev")
