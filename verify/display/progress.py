"""A bar on standard error while something takes long; nothing in a pipe."""

import contextlib
import sys
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def progress(total: int, *, counted: bool = False) -> Iterator[Callable[[str, int], None]]:
    """Yield what is to be told what is being worked on, and how much more of it is done.

    The bar shows a share of ``total`` or, if ``counted``, how many of it are done and for how long.
    """
    if not sys.stderr.isatty() or total < 2:
        yield lambda words, done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn() if counted else TextColumn("{task.percentage:3.0f} %"),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("starting", total=total)
        yield lambda words, done: bar.update(task, advance=done, description=words)
