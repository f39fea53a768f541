"""Makes ``python -m verify`` the command line."""

from __future__ import annotations

from verify.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
