"""Fail if a dependency of any extra is absent: its tests would be skipped, which is no pass."""

from __future__ import annotations

import sys
import tomllib
from importlib.metadata import distributions
from pathlib import Path

from packaging.requirements import Requirement

#: Where packages lie that must not stand beside the others.
ZOO = Path(sys.prefix) / "zoo"


def found(name: str) -> str:
    """Return the installed version of a distribution, or ``absent``."""
    installed = distributions(name=name, path=[*sys.path, str(ZOO)])
    return next((distribution.version for distribution in installed), "absent")


def main() -> str | None:
    """Return a line per requirement that is not met, ``None`` if there is none."""
    with open("pyproject.toml", "rb") as file:
        project = tomllib.load(file)["project"]
    unmet = [
        f"extra {extra} needs {requirement}; found: {found(requirement.name)}"
        for extra, wanted in project["optional-dependencies"].items()
        for requirement in map(Requirement, wanted)
        # The extra that names others names this project itself.
        if requirement.name != project["name"]
        and (
            found(requirement.name) == "absent"
            or found(requirement.name) not in requirement.specifier
        )
    ]
    return "\n".join(unmet) or None


if __name__ == "__main__":
    sys.exit(main())
