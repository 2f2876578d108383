"""Apps that are known here: registered by whoever runs the place, by command, and by nobody else.

A public app proves itself by PKCE alone, another by a secret that is kept as a hash, or by a key of
its own. A backend service works for an organisation, in one role: never as the system.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct

from joinedup.access.scopes import Scope, read_scopes, special_of, written
from joinedup.access.words import Role
from joinedup.fhir.issue import Conflict, Invalid, NotFound
from joinedup.signin import clock
from joinedup.smart.keys import read_keys
from joinedup.smart.rules import hash_of, is_client_id, is_redirect
from joinedup.smart.tables import ask, change, one

__all__ = ["Client", "add_client", "all_clients", "client_of", "remove_client"]

NOT_FOR_APPS = (Role.PERSON, Role.PROXY, Role.SYSTEM)
_MOST_REDIRECTS = 10
_COLUMNS = (
    "id, name, made_by, kind, redirects, launch, scopes, secret, keys, role, organisation, "
    "looks_into, made_at"
)


class Client(Struct, frozen=True, kw_only=True):
    """One app: `kind` is public, secret or key; `role` is "" but for a backend service."""

    id: str
    name: str
    made_by: str
    kind: str
    redirects: tuple[str, ...] = ()
    launch: str = ""
    scopes: str = ""
    secret: bytes | None = None
    keys: str = ""
    role: str = ""
    organisation: str = ""
    looks_into: bool = False
    made_at: datetime | None = None

    @property
    def most(self) -> tuple[Scope, ...]:
        """The most it may be granted."""
        return read_scopes(self.scopes)

    @property
    def is_service(self) -> bool:
        """Whether it works by itself, without anybody at a screen."""
        return bool(self.role)


def client_of(client_id: str) -> Client | None:
    """Return a client that is known now; None for any other name."""
    if not is_client_id(client_id):
        return None
    row = one(f"select {_COLUMNS} from smart.client where id = %s and ended_at is null", client_id)  # noqa: S608  # our own columns
    return _client(row) if row else None


def all_clients() -> tuple[Client, ...]:
    """Return every client that is known now, by name."""
    rows = ask(f"select {_COLUMNS} from smart.client where ended_at is null order by id")  # noqa: S608  # our own columns
    return tuple(_client(row) for row in rows)


def _client(row: tuple[object, ...]) -> Client:
    told = dict(zip(Client.__struct_fields__, row, strict=True))
    told["redirects"] = tuple(told["redirects"])  # type: ignore[arg-type]  # text[]
    told["secret"] = bytes(told["secret"]) if told["secret"] is not None else None  # type: ignore[call-overload]  # bytea
    return Client(**told)  # type: ignore[arg-type]  # of the table's columns


def add_client(wanted: Client, *, with_secret: bool = False) -> str:
    """Register an app and return its secret, "" where it has none; Invalid says what is wrong.

    Raises Conflict where the name is taken: one that was removed is not used again.
    """
    problems = list(_problems(wanted, with_secret))
    if problems:
        raise Invalid(*problems)
    secret = secrets.token_urlsafe(32) if with_secret else ""
    kind = "secret" if secret else "key" if wanted.keys else "public"
    done = change(
        f"insert into smart.client ({_COLUMNS}) values ({', '.join(['%s'] * 13)})"  # noqa: S608  # our own columns
        " on conflict do nothing",
        wanted.id,
        wanted.name,
        wanted.made_by,
        kind,
        list(wanted.redirects),
        wanted.launch,
        written(wanted.most, special_of(wanted.scopes)),
        hash_of(secret) if secret else None,
        wanted.keys,
        wanted.role,
        wanted.organisation,
        wanted.looks_into,
        clock.now(),
    )
    if not done:
        raise Conflict(f"There is, or was, an app called {wanted.id}. Choose another name.")
    return secret


def remove_client(client_id: str) -> None:
    """Let an app in no longer: every token of it ends at the next request. NotFound for none."""
    done = change(
        "update smart.client set ended_at = %s where id = %s and ended_at is null",
        clock.now(),
        client_id,
    )
    if not done:
        raise NotFound(f"There is no app called {client_id}.")


def _problems(wanted: Client, with_secret: bool) -> Iterable[str]:
    if not is_client_id(wanted.id):
        yield "An app's id is 3 to 63 of a-z, 0-9, - and ., such as blood-pressure-diary."
    if not (0 < len(wanted.name.strip()) <= 80 and 0 < len(wanted.made_by.strip()) <= 120):
        yield "Say what the app is called (80 letters) and who made it (120): people are told both."
    if not _names_each(wanted.scopes):
        yield "Name the scopes it may be granted at most, such as launch/patient patient/*.rs."
    if wanted.keys and with_secret:
        yield "An app proves itself by a key or by a secret, not by both."
    if wanted.keys and not read_keys(wanted.keys):
        yield "Its keys are a JWK set of public keys with a kid each: RSA of 2048 bits, or P-384."
    bad = [u for u in (*wanted.redirects, *filter(None, [wanted.launch])) if not is_redirect(u)]
    if bad:
        yield f"{bad[0][:200]} is no address to send people to: https, or http on this machine."
    yield from _service_problems(wanted) if wanted.is_service else _screen_problems(wanted)


def _names_each(scopes: str) -> bool:
    """Whether every scope is one of ours, so that a slip of the pen is noticed when it is made."""
    words = scopes.split()
    return bool(words) and len(read_scopes(" ".join(words))) + len(special_of(scopes)) == len(
        set(words)
    )


def _screen_problems(wanted: Client) -> Iterable[str]:
    if not 0 < len(wanted.redirects) <= _MOST_REDIRECTS:
        yield "Name the addresses it may send people back to, ten at most."
    if wanted.launch and "launch" not in special_of(wanted.scopes):
        yield "An app that opens from a person's page asks for the scope launch: add it."
    if any(s.level == "system" for s in wanted.most):
        yield "system/ scopes are for backend services: give --role and --organisation."


def _service_problems(wanted: Client) -> Iterable[str]:
    roles = [r.value for r in Role if r not in NOT_FOR_APPS]
    if wanted.role not in roles or not wanted.organisation:
        yield f"A backend service works for an organisation (ODS code), as: {', '.join(roles)}."
    if not wanted.keys:
        yield "A backend service proves itself by a key: give --keys."
    if wanted.redirects or wanted.launch:
        yield "A backend service has no screen, and so no address to come back to."
    if any(s.level != "system" for s in wanted.most):
        yield "A backend service has system/ scopes alone."
