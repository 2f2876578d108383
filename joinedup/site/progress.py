"""A progress bar for long commands, drawn on the terminal's error stream; silent elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

__all__ = ["Report", "shown_progress"]

Report = Callable[[str, int, int], None]
"""What long functions call: what is being done, how much is done, of how much (0: not known)."""


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
