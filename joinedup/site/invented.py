"""The invented place of `joinedup demo`: built once in a home, and brought back to its beginning.

A home is marked when its people are invented. A home that holds anything else is never built
into, and one whose building was cut short is emptied and built again.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from joinedup.fhir.issue import Unavailable
from joinedup.record import database
from joinedup.record.cluster import Cluster, Urls
from joinedup.record.cluster_copy import bring_back, empty, holds_anything, keep
from joinedup.site.environment import Environment
from joinedup.site.log_lines import LogLine, log
from joinedup.site.place import run_migrations

__all__ = ["ask_reset", "build_invented_place", "reset_if_asked"]

Build = Callable[[int], None]

_LOWEST_FREE_BYTES = 2_000_000_000


def build_invented_place(
    environment: Environment, cluster: Cluster, urls: Urls, *, people: int, build: Build
) -> None:
    """Build the place with `build(people)` unless it is there; refuses a home of real people."""
    half_made = environment.home / "invented-people-in-the-making"
    if environment.is_invented and environment.invented_mark.read_text() == str(people):
        return
    if environment.is_invented or half_made.exists():
        environment.invented_mark.unlink(missing_ok=True)
        empty(cluster)
        run_migrations(urls.owner)
    elif holds_anything(cluster):
        raise Unavailable(
            f"The record in {environment.home} was not made by `joinedup demo`, so invented "
            "people are not put into it. Choose another JOINEDUP_HOME."
        )
    _refuse_full_disk(environment.home)
    half_made.touch()
    environment.heads_file.unlink(missing_ok=True)
    database.configure(urls.application)
    try:
        build(people)
    finally:
        database.close()
    keep(cluster)
    environment.invented_mark.write_text(str(people))
    half_made.unlink()
    log(LogLine.DEMO_BUILT, people=people)


def ask_reset(home: Path) -> None:
    """Ask the process that runs the demonstration to bring it back to its beginning, soon."""
    _reset_wish(home).touch()


def reset_if_asked(home: Path, cluster: Cluster) -> bool:
    """Bring the place back if somebody asked, and tell whether it was."""
    wish = _reset_wish(home)
    if not wish.exists():
        return False
    bring_back(cluster)
    wish.unlink(missing_ok=True)
    log(LogLine.DEMO_RESET)
    return True


def _reset_wish(home: Path) -> Path:
    return home / "reset-asked"


def _refuse_full_disk(home: Path) -> None:
    free = shutil.disk_usage(home).free
    if free < _LOWEST_FREE_BYTES:
        raise Unavailable(
            f"Only {free // 1_000_000} MB are free in {home}; the invented place needs about "
            f"{_LOWEST_FREE_BYTES // 1_000_000}. Free some, or choose another JOINEDUP_HOME."
        )
