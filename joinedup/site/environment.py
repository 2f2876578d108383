"""The JOINEDUP_* variables: every setting a place can make, as one typed table.

`read_environment` turns the variables into a value, refusing unknown names and unreadable
values; `docs/settings.md` is printed from the table: `python -m joinedup.site.environment`.
"""

import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.record.seal_heads import HEADS_FILE
from joinedup.site.setting_values import (
    as_algorithm,
    as_database,
    as_email,
    as_host_name,
    as_issuer,
    as_path,
    as_path_or_none,
    as_port,
    as_security,
    as_web_address,
    as_words,
    as_workers,
    as_yes_or_no,
)

__all__ = ["SETTINGS", "Environment", "Setting", "read_environment", "settings_page"]

PREFIX = "JOINEDUP_"
_OWN_MACHINE = ("", "localhost", "127.0.0.1", "::1")


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
    public_url: str
    notices: Path | None
    notices_from: str
    notices_film: str
    smtp_host: str
    smtp_port: int
    smtp_security: str
    smtp_name: str
    smtp_secret: Path | None
    texts_gateway: str

    @property
    def is_embedded(self) -> bool:
        """Whether joinedup runs its own PostgreSQL, in `home`."""
        return not self.database_url

    @property
    def heads_file(self) -> Path:
        """The file of the seal's heads."""
        return self.seal_heads or self.home / HEADS_FILE

    @property
    def notices_folder(self) -> Path:
        """The folder of messages that no mail server takes, and of the place's own words."""
        return self.notices or self.home / "messages"

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


def _provider(name: str, words: str, algorithm: str) -> tuple[Setting, ...]:
    """Return the settings of one identity provider; without an issuer it is not offered."""
    return (
        Setting(
            f"{name}_issuer",
            f"The issuer of {words}, exactly as it calls itself. Register "
            f"`/sign-in/with/{name.replace('_', '-')}/back` there to come back to, and "
            f"`/sign-in/with/{name.replace('_', '-')}/logged-out` for back-channel logout.",
            as_issuer,
            "",
            "none: not offered",
        ),
        Setting(f"{name}_client", "The name joinedup is registered under there.", str, "", "none"),
        Setting(
            f"{name}_key",
            "The file with the private key (PEM) joinedup proves itself with there, or with the "
            "secret it was given.",
            as_path_or_none,
            "",
            "none",
        ),
        Setting(
            f"{name}_algorithm",
            "The one algorithm its tokens are signed with; any other is refused.",
            as_algorithm,
            algorithm,
        ),
    )


SETTINGS: tuple[Setting, ...] = (
    Setting(
        "home",
        "The folder of everything joinedup keeps on this machine: the embedded database, the "
        "secret key, logs. Made with mode 0700.",
        as_path,
        "",
        "`$XDG_DATA_HOME/joinedup`, else `~/.local/share/joinedup`",
    ),
    Setting(
        "database_url",
        "The record in a PostgreSQL (15 or newer) that the place runs itself, as the application "
        "role, which must own nothing and not bypass row security. Without it joinedup runs an "
        "embedded PostgreSQL in its home.",
        as_database,
        "",
        "none: embedded",
    ),
    Setting(
        "owner_url",
        "The same database as the role that owns it. Read by `joinedup migrate` only; do not set "
        "it where joinedup serves.",
        as_database,
        "",
        "none",
    ),
    Setting("address", "The address joinedup listens on.", str, "127.0.0.1"),
    Setting("port", "The port joinedup listens on; `--port` wins.", as_port, "8000"),
    Setting("workers", "Worker processes; 0 means one for each core.", as_workers, "0"),
    Setting(
        "hosts",
        "The host names joinedup answers to, separated by commas. A request for any other is "
        "refused.",
        as_words,
        "localhost,127.0.0.1,[::1]",
    ),
    Setting(
        "https",
        "`yes` where people reach joinedup over HTTPS: cookies are then sent over HTTPS only, "
        "and browsers are told to stay there.",
        as_yes_or_no,
        "no",
    ),
    Setting(
        "postgresql",
        "The folder holding the programs `postgres` and `initdb` of the embedded database.",
        as_path_or_none,
        "",
        "the Python package's, else Debian's newest",
    ),
    Setting(
        "backups",
        "The folder of backups of the embedded database, best on another disk. With it set, "
        "every change is copied there as it is made, and `joinedup backup` puts whole copies "
        "beside (backup.md).",
        as_path_or_none,
        "",
        "none: nothing is copied",
    ),
    Setting(
        "signin_url",
        "The same PostgreSQL as the role `joinedup_signin`, which sees sessions and credentials "
        "and nothing of the record. Needed where JOINEDUP_DATABASE_URL is set.",
        as_database,
        "",
        "the embedded database",
    ),
    Setting(
        "seal_heads",
        "The file to which the heads of the audit's seal are added, best on another disk, or one "
        "that only takes additions (0010-seal.md). Mode 0600.",
        as_path_or_none,
        "",
        "`seal/heads.ndjson` in the home",
    ),
    Setting(
        "public_url",
        "Where people reach joinedup, as messages name it, such as `https://record.place.example`.",
        as_web_address,
        "",
        "the address and port it listens on",
    ),
    Setting(
        "notices",
        "The folder of messages that no mail server takes (notices.md). Mode 0700.",
        as_path_or_none,
        "",
        "`messages` in the home",
    ),
    Setting(
        "notices_from",
        "Who messages are from, as an e-mail address.",
        as_email,
        "joinedup@localhost",
    ),
    Setting(
        "notices_film",
        "The address of a film in British Sign Language that says what a message says.",
        as_web_address,
        "",
        "none: who signs is told by people",
    ),
    Setting(
        "smtp_host",
        "The mail server that sends messages. Without it they are files.",
        str,
        "",
        "none: files in JOINEDUP_NOTICES",
    ),
    Setting("smtp_port", "The port of the mail server.", as_port, "587"),
    Setting(
        "smtp_security",
        "`starttls`, `tls`, or `none` for a mail server on this machine. Its certificate is "
        "checked.",
        as_security,
        "starttls",
    ),
    Setting("smtp_name", "The name joinedup signs in to it with.", str, "", "none"),
    Setting("smtp_secret", "The file with the password for it.", as_path_or_none, "", "none"),
    Setting(
        "texts_gateway",
        "The domain of a gateway that makes text messages of what is mailed to NUMBER@DOMAIN.",
        as_host_name,
        "",
        "none: files in JOINEDUP_NOTICES",
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
    """An identity provider is set up whole or not at all; what is sent elsewhere is sealed."""
    away = read["smtp_security"] == "none" and read["smtp_host"] not in _OWN_MACHINE
    words = f"{PREFIX}SMTP_SECURITY is none, and {PREFIX}SMTP_HOST is not this machine."
    return [Problem("value", words)] * away + [
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
