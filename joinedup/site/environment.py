"""The JOINEDUP_* variables: every setting a place can make, as one typed table.

`read_environment` turns the variables into a value, refusing unknown names and unreadable
values; `docs/settings.md` is printed from the table: `python -m joinedup.site.environment`.
"""

import os
import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.record.seal_heads import HEADS_FILE

__all__ = ["SETTINGS", "Environment", "Setting", "read_environment", "settings_page"]

PREFIX = "JOINEDUP_"
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384")


class Environment(Struct, frozen=True, kw_only=True):
    """How this joinedup is set up; one field for each line of `SETTINGS`."""

    home: Path
    database_url: str
    owner_url: str
    address: str
    port: int
    workers: int
    hosts: tuple[str, ...]
    https: bool
    postgresql: Path | None
    signin_url: str
    cis2_issuer: str
    cis2_client: str
    cis2_key: Path | None
    cis2_algorithm: str
    nhs_login_issuer: str
    nhs_login_client: str
    nhs_login_key: Path | None
    nhs_login_algorithm: str
    backups: Path | None
    seal_heads: Path | None

    @property
    def is_embedded(self) -> bool:
        """Whether joinedup runs its own PostgreSQL, in `home`."""
        return not self.database_url

    @property
    def heads_file(self) -> Path:
        """The file of the seal's heads."""
        return self.seal_heads or self.home / HEADS_FILE

    @property
    def is_invented(self) -> bool:
        """Whether the people in this place are invented: `joinedup demo` built it."""
        return self.invented_mark.exists()

    @property
    def invented_mark(self) -> Path:
        """The file that says the people are invented; it holds how many there are."""
        return self.home / "invented-people"


class Setting(Struct, frozen=True):
    """One variable: its name without the prefix, what it means, how it is read, and its default."""

    name: str
    meaning: str
    read: Callable[[str], Any]
    default: str
    default_in_words: str = ""

    @property
    def variable(self) -> str:
        """The name in the environment."""
        return f"{PREFIX}{self.name.upper()}"


def _path(text: str) -> Path:
    path = Path(text).expanduser()
    if not path.is_absolute():
        raise ValueError("must be a whole path, starting at /")
    return path


def _path_or_none(text: str) -> Path | None:
    return _path(text) if text else None


def _database(text: str) -> str:
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("must start with postgresql://")
    return text


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 65_535:
        raise ValueError("must be a whole number from 1 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 64:
        raise ValueError("must be a whole number from 0 to 64")
    return int(text) or len(os.sched_getaffinity(0))


def _issuer(text: str) -> str:
    if text and not text.startswith(("https://", "http://localhost:", "http://127.0.0.1:")):
        raise ValueError("must start with https://")
    return text


def _algorithm(text: str) -> str:
    if text not in _ALGORITHMS:
        raise ValueError(f"must be one of {', '.join(_ALGORITHMS)}")
    return text


def _yes_or_no(text: str) -> bool:
    if text not in ("yes", "no"):
        raise ValueError("must be yes or no")
    return text == "yes"


def _words(text: str) -> tuple[str, ...]:
    words = tuple(word.strip() for word in text.split(",") if word.strip())
    if not words:
        raise ValueError("must name at least one host")
    return words


def _provider(name: str, words: str, algorithm: str) -> tuple[Setting, ...]:
    """Return the settings of one identity provider; without an issuer it is not offered."""
    return (
        Setting(
            f"{name}_issuer",
            f"The issuer of {words}, exactly as it calls itself. Register "
            f"`/sign-in/with/{name.replace('_', '-')}/back` there to come back to, and "
            f"`/sign-in/with/{name.replace('_', '-')}/logged-out` for back-channel logout.",
            _issuer,
            "",
            "none: not offered",
        ),
        Setting(f"{name}_client", "The name joinedup is registered under there.", str, "", "none"),
        Setting(
            f"{name}_key",
            "The file with the private key (PEM) joinedup proves itself with there, or with the "
            "secret it was given.",
            _path_or_none,
            "",
            "none",
        ),
        Setting(
            f"{name}_algorithm",
            "The one algorithm its tokens are signed with; any other is refused.",
            _algorithm,
            algorithm,
        ),
    )


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "home",
        "The folder of everything joinedup keeps on this machine: the embedded database, the "
        "secret key, logs. Made with mode 0700.",
        _path,
        "",
        "`$XDG_DATA_HOME/joinedup`, else `~/.local/share/joinedup`",
    ),
    Setting(
        "database_url",
        "The record in a PostgreSQL (15 or newer) that the place runs itself, as the application "
        "role, which must own nothing and not bypass row security. Without it joinedup runs an "
        "embedded PostgreSQL in its home.",
        _database,
        "",
        "none: embedded",
    ),
    Setting(
        "owner_url",
        "The same database as the role that owns it. Read by `joinedup migrate` only; do not set "
        "it where joinedup serves.",
        _database,
        "",
        "none",
    ),
    Setting("address", "The address joinedup listens on.", str, "127.0.0.1"),
    Setting("port", "The port joinedup listens on; `--port` wins.", _port, "8000"),
    Setting("workers", "Worker processes; 0 means one for each core.", _workers, "0"),
    Setting(
        "hosts",
        "The host names joinedup answers to, separated by commas. A request for any other is "
        "refused.",
        _words,
        "localhost,127.0.0.1,[::1]",
    ),
    Setting(
        "https",
        "`yes` where people reach joinedup over HTTPS: cookies are then sent over HTTPS only, "
        "and browsers are told to stay there.",
        _yes_or_no,
        "no",
    ),
    Setting(
        "postgresql",
        "The folder holding the programs `postgres` and `initdb` of the embedded database.",
        _path_or_none,
        "",
        "the Python package's, else Debian's newest",
    ),
    Setting(
        "backups",
        "The folder of backups of the embedded database, best on another disk. With it set, "
        "every change is copied there as it is made, and `joinedup backup` puts whole copies "
        "beside (backup.md).",
        _path_or_none,
        "",
        "none: nothing is copied",
    ),
    Setting(
        "signin_url",
        "The same PostgreSQL as the role `joinedup_signin`, which sees sessions and credentials "
        "and nothing of the record. Needed where JOINEDUP_DATABASE_URL is set.",
        _database,
        "",
        "the embedded database",
    ),
    Setting(
        "seal_heads",
        "The file to which the heads of the audit's seal are added, best on another disk, or one "
        "that only takes additions (0010-seal.md). Mode 0600.",
        _path_or_none,
        "",
        "`seal/heads.ndjson` in the home",
    ),
    *_provider("cis2", "NHS CIS2, with which staff can sign in", "RS256"),
    *_provider("nhs_login", "NHS login, with which people can sign in", "RS512"),
)
_BY_VARIABLE = {setting.variable: setting for setting in SETTINGS}


def read_environment(variables: Mapping[str, str]) -> Environment:
    """Return the environment; refuses unknown names and unreadable values, all at once."""
    problems = [
        _unknown(name)
        for name in sorted(variables)
        if name.startswith(PREFIX) and name not in _BY_VARIABLE
    ]
    read: dict[str, Any] = {}
    defaults = {"home": str(_default_home(variables))}
    for setting in SETTINGS:
        text = variables.get(setting.variable) or defaults.get(setting.name, setting.default)
        try:
            read[setting.name] = setting.read(text)
        except ValueError as error:
            problems.append(Problem("value", f"{setting.variable} {error}; it is {text!r}."))
    problems += [] if problems else _unfinished(read)
    if problems:
        raise Invalid(*problems)
    return Environment(**read)


def _unfinished(read: Mapping[str, Any]) -> list[Problem]:
    """An identity provider is set up whole or not at all."""
    return [
        Problem(
            "required",
            f"{PREFIX}{name.upper()}_ISSUER is set, so set {PREFIX}{name.upper()}_{part.upper()}.",
        )
        for name in ("cis2", "nhs_login")
        for part in ("client", "key")
        if read[f"{name}_issuer"] and not read[f"{name}_{part}"]
    ]


def settings_page() -> str:
    """Return `docs/settings.md`, the manual's page of settings."""
    lines = ["# Settings", "", "Every variable joinedup reads. A JOINEDUP_ name that is not here"]
    lines += [
        "stops it at the start. This page is printed from `joinedup/site/environment.py`.",
        "",
    ]
    for setting in SETTINGS:
        default = setting.default_in_words or f"`{setting.default}`"
        lines += [f"## {setting.variable}", "", setting.meaning, "", f"Default: {default}.", ""]
    return "\n".join(lines)


def _unknown(name: str) -> Problem:
    near = get_close_matches(name, _BY_VARIABLE, n=1, cutoff=0.5)
    hint = f" Did you mean {near[0]}?" if near else ""
    return Problem("not-supported", f"{name} is not a setting of joinedup.{hint}")


def _default_home(variables: Mapping[str, str]) -> Path:
    data = variables.get("XDG_DATA_HOME", "")
    base = Path(data) if data.startswith("/") else Path("~/.local/share").expanduser()
    return base / "joinedup"


if __name__ == "__main__":
    sys.stdout.write(settings_page())
