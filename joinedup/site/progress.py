"""A progress bar for long commands, drawn on the terminal's error stream; silent elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

__all__ = ["ReadReport", "Report", "shown_progress", "shown_reading"]

Report = Callable[[str, int, int], None]
"""What long functions call: what is being done, how much is done, of how much (0: not known)."""

ReadReport = Callable[[int, int, str], None]
"""What an import calls: bytes read, bytes in all, and what is being read."""


@contextmanager
def shown_progress() -> Iterator[Report]:
    """Lend a function that draws the bar of each thing being done."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks: dict[str, int] = {}

        def report(what: str, done: int, whole: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=whole or None)
            bars.update(bars.task_ids[tasks[what]], completed=done, total=whole or None)

        yield report


@contextmanager
def shown_reading() -> Iterator[ReadReport]:
    """Lend a function that draws how much of some files is read."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        task = bars.add_task("Reading", total=None)

        def report(done_bytes: int, whole_bytes: int, what: str) -> None:
            bars.update(task, completed=done_bytes, total=whole_bytes, description=what)

        yield report
