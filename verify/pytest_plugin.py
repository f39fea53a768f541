"""Claims as test items: ``pytest --claims [EXPR]`` in any project that has this one installed.

Every cell (a claim in one number system) and every mutant becomes an item, beside whatever tests
the project has. The plugin imports nothing until it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from proofs.claim import Claim


class NotAsDeclaredError(Exception):
    """A verdict is not the expected one."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--claims``."""
    group = parser.getgroup("poolproof", "claims about pooling")
    group.addoption(
        "--claims",
        nargs="?",
        const="",
        default=None,
        metavar="EXPR",
        help="also check the claims that EXPR selects, as `python -m verify all -k EXPR` does",
    )


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add one item per cell and per mutant if asked to."""
    expression = config.getoption("--claims")
    if expression is None:
        return
    from proofs import claims
    from verify.run.selection import selector

    known = claims()
    try:
        chosen = selector(expression, known) if expression else lambda name: True
    except ValueError as mistake:
        raise pytest.UsageError(f"--claims: {mistake}") from None
    for name, claim in known.items():
        if chosen(name):
            nodeid = f"claims::{name}"
            added = ClaimCollector.from_parent(session, name=name, nodeid=nodeid, claim=claim)
            items.extend(added.collect())


class ClaimCollector(pytest.Collector):
    """One claim."""

    def __init__(self, *, claim: Claim, **more: Any) -> None:
        super().__init__(**more)
        self.claim = claim

    def collect(self) -> Iterator[pytest.Item]:
        """Yield its cells and its mutants."""
        from verify.run.runner import Task, all_mutants

        for system in self.claim.expected:
            yield ClaimItem.from_parent(self, name=system, task=Task(self.claim.id, system))
        for number, mutant in enumerate(all_mutants(self.claim)):
            task = Task(self.claim.id, mutant=number)
            yield ClaimItem.from_parent(self, name=f"mutant: {mutant.name}", task=task)


class ClaimItem(pytest.Item):
    """One cell or one mutant."""

    def __init__(self, *, task: Any, **more: Any) -> None:
        super().__init__(**more)
        self.task = task

    def runtest(self) -> None:
        """Check it; fail unless it is as expected."""
        from proofs import claims
        from verify.engines import ENGINES
        from verify.engines.engine import Settings
        from verify.run.runner import perform

        found = perform(self.task, Settings(), claims(), ENGINES)
        if not found.ok:
            raise NotAsDeclaredError(found)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show what `python -m verify` would."""
        if not isinstance(excinfo.value, NotAsDeclaredError):
            return super().repr_failure(excinfo, style)
        import io

        from rich.console import Console

        from verify.display.claims import print_failure, print_survivor
        from verify.run.report import CellReport

        page = io.StringIO()
        console = Console(file=page, width=100)
        found = excinfo.value.args[0]
        if isinstance(found, CellReport):
            print_failure(console, found, seed=0)
        else:
            print_survivor(console, found, seed=0)
        return page.getvalue()

    def reportinfo(self) -> tuple[str, None, str]:
        """Name the item as the matrix does."""
        return "claims", None, f"{self.task.claim}: {self.name}"
