"""Claims as test items: ``pytest --claims [EXPR]`` in any project that has this one installed.

Every cell (a claim in one number system) and every mutant becomes an item, beside whatever tests
the project has; ``--claims-system NAME`` leaves the cells of that system alone. The plugin imports
nothing until it is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from proofs.claim import Claim


class NotAsExpectedError(Exception):
    """A verdict is not the expected one."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--claims`` and ``--claims-system``."""
    group = parser.getgroup("poolproof", "claims about pooling")
    group.addoption(
        "--claims",
        nargs="?",
        const="",
        default=None,
        metavar="EXPR",
        help="also check the claims that EXPR selects, as `python -m verify all -k EXPR` does",
    )
    group.addoption(
        "--claims-system",
        action="append",
        metavar="NAME",
        help="of the claims check only the cells of this number system, such as float32; "
        "may be repeated",
    )


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """Add one item per cell and per mutant if asked to; refuse what selects nothing."""
    expression, systems = config.getoption("--claims"), config.getoption("--claims-system")
    if expression is None and systems is None:
        return
    from proofs import claims
    from proofs.systems import SYSTEMS
    from verify.commands.options import UsageError, one_of, suggestion
    from verify.run.selection import selector

    known = claims()
    try:
        one_of("--claims-system", systems, SYSTEMS)
        chosen = selector(expression, known) if expression else lambda name: True
    except UsageError as mistake:
        raise pytest.UsageError(str(mistake)) from None
    except ValueError as mistake:
        raise pytest.UsageError(f"--claims: {mistake}") from None
    added: list[pytest.Item] = []
    # Looked up one by one: what is not chosen is not imported.
    for name in filter(chosen, known):
        collector = ClaimCollector.from_parent(
            session, name=name, nodeid=f"claims::{name}", claim=known[name], systems=systems
        )
        added.extend(collector.collect())
    if not added:
        asked = f"--claims {expression!r}" if expression else "--claims"
        where = f" in {', '.join(systems)}" if systems else ""
        near = "" if any(map(chosen, known)) else suggestion(expression or "", known)
        raise pytest.UsageError(f"{asked} selects nothing{where}{near}")
    items.extend(added)


class ClaimCollector(pytest.Collector):
    """One claim."""

    def __init__(self, *, claim: Claim, systems: Sequence[str] | None, **more: Any) -> None:
        super().__init__(**more)
        self.claim = claim
        self.systems = systems

    def collect(self) -> Iterator[pytest.Item]:
        """Yield its cells and its mutants, or its cells in the systems that were asked for."""
        from verify.run.runner import Task, all_mutants

        for system in self.claim.expected:
            if self.systems is None or system in self.systems:
                yield ClaimItem.from_parent(self, name=system, task=Task(self.claim.id, system))
        if self.systems is not None:
            return
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
        assert found is not None  # a mutant that is looked at wherever it is false
        if not found.ok:
            raise NotAsExpectedError(found)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Show what `python -m verify` would."""
        if not isinstance(excinfo.value, NotAsExpectedError):
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
