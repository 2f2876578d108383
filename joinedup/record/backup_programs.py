"""Running PostgreSQL's programs for backups: one at a time, in plain English, in UTC.

What they say on failure is quoted by the refusal; they name files and numbers, never what a
record holds.
"""

import os
import subprocess
from pathlib import Path

from joinedup.fhir.issue import StorageFull, Unavailable

__all__ = ["FULL_DISK", "last_words", "plain_environment", "run_program"]

FULL_DISK = "No space left on device"


def run_program(command: list[str], what: str, *, where: Path, may_fail: bool = False) -> str:
    """Run a program and return what it printed; refuses with `what` and its last words.

    Raises StorageFull naming `where` on a full disk. With `may_fail` a failure is no refusal.
    """
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
        cwd="/",
        env=plain_environment(),
        stdin=subprocess.DEVNULL,
    )
    if done.returncode == 0 or may_fail:
        return done.stdout
    if FULL_DISK in done.stderr:
        raise StorageFull(f"{what}: there is no room left in {where}. Free some and repeat.")
    raise Unavailable(f"{what}: {last_words(done.stderr + done.stdout)}")


def last_words(said: str) -> str:
    """Return the end of what a program said, on one line."""
    return " | ".join(said.strip().splitlines()[-3:]) or "it said nothing"


def plain_environment() -> dict[str, str]:
    """Return an environment in which programs speak English and UTC, and guess no connection."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PG", "LC_"))}
    return kept | {"LC_ALL": "C", "TZ": "UTC"}
