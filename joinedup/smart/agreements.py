"""What was agreed with an app, and the codes and tokens that hang on it.

Codes and tokens are known by hash alone. A code and a refresh token serve once: whoever brings one
a second time ends the agreement and all that hangs on it (RFC 6749 4.1.2, RFC 9700 4.14).
"""

import secrets
import uuid
from datetime import datetime, timedelta

from msgspec import Struct

from joinedup.fhir.key import resource_key
from joinedup.signin import clock
from joinedup.smart.holder import Holder, PostSeen
from joinedup.smart.rules import (
    ACCESS_SECONDS,
    CODE_SECONDS,
    REFRESH_LASTS,
    Fault,
    Refused,
    hash_of,
)
from joinedup.smart.tables import Row, ask, change, forget_before, one

__all__ = [
    "Agreement",
    "Held",
    "agreed",
    "agreements_of",
    "brought",
    "end_agreement",
    "end_token",
    "forget_over",
    "held_token",
    "new_code",
    "new_tokens",
    "replayed",
    "spend",
    "stands_locked",
]

_COLUMNS = (
    "g.id, g.client, g.account, g.post, g.session, g.scopes, g.person, g.encounter, g.nonce, "
    "g.made_at, g.used_at, g.until"
)

# The app's own row is shared until this is kept: one removed meanwhile waits, and then takes this
# with it; one removed before is agreed to by nobody.
_AGREE = (
    "with app as (select id from smart.client where id = %s and ended_at is null for share) "
    "insert into smart.agreement (client, id, account, post, session, scopes, person, encounter, "
    "nonce, made_at, used_at, until) "
    "select app.id, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s from app"
)
_HELD = f"""
select t.kind, t.scopes, t.redirect, t.challenge, t.made_at, t.until, t.used_at is not null,
       t.ended_at is not null, {_COLUMNS}
from smart.token t join smart.agreement g on g.id = t.agreement where t.hash = %s
"""  # noqa: S608  # our own columns


class Agreement(Struct, frozen=True, kw_only=True):
    """One letting in of an app; `session` None for what goes on after the sign-in has ended."""

    id: uuid.UUID
    client: str
    account: str = ""
    post: str = ""
    session: uuid.UUID | None = None
    scopes: str
    person: str = ""
    encounter: str = ""
    nonce: str = ""
    made_at: datetime
    used_at: datetime
    until: datetime


class Held(Struct, frozen=True, kw_only=True):
    """A code or token that somebody brought, as it was found, and the agreement it hangs on."""

    kind: str
    scopes: str
    redirect: str
    challenge: str
    made_at: datetime
    until: datetime
    used: bool
    ended: bool
    agreement: Agreement


def agreed(wanted: Agreement) -> bool:
    """Keep an agreement, for as long as nobody ends it; False where the app was removed."""
    names = ["client", *(n for n in Agreement.__struct_fields__ if n != "client")]
    return change(_AGREE, *(getattr(wanted, name) for name in names)) == 1


def forget_over() -> None:
    """Forget what is long over; outside of the transaction that keeps something."""
    forget_before(clock.now())


def stands_locked(agreement_id: uuid.UUID) -> bool:
    """Whether an agreement stands, and hold it so until the transaction is over.

    Whoever changes an agreement and its tokens takes the agreement first, as its end does: so none
    waits for the other in a ring, and no token is made under one that has ended.
    """
    row = one("select ended_at is null from smart.agreement where id = %s for update", agreement_id)
    return row is not None and bool(row[0])


def _keep(agreement: Agreement, kind: str, until: datetime, scopes: str, **more: object) -> str:
    secret = secrets.token_urlsafe(32)
    columns = ["hash", "agreement", "kind", "scopes", "made_at", "until", *more]
    values = (hash_of(secret), agreement.id, kind, scopes, clock.now(), until, *more.values())
    change(
        f"insert into smart.token ({', '.join(columns)})"  # noqa: S608  # our own columns
        f" values ({', '.join(['%s'] * len(columns))})",
        *values,
    )
    return secret


def new_code(agreement: Agreement, *, redirect: str, challenge: str) -> str:
    """Return a code for one minute and one use, bound to where it is sent and to its verifier."""
    until = clock.now() + timedelta(seconds=CODE_SECONDS)
    return _keep(agreement, "code", until, agreement.scopes, redirect=redirect, challenge=challenge)


def new_tokens(holder: Holder, scopes: str, *, refreshed: bool) -> tuple[str, str]:
    """Return an access token and, if asked, a refresh token ("" if not).

    The access token is made under the post as the record has it now, and ends when that changes.
    """
    at, agreement = clock.now(), holder.agreement
    seen = holder.post or PostSeen("", 0, None)
    access = _keep(
        agreement,
        "access",
        min(at + timedelta(seconds=ACCESS_SECONDS), agreement.until),
        scopes,
        post=resource_key("PractitionerRole", seen.id) if seen.id else 0,
        post_version=seen.version,
        post_until=seen.until or "infinity",
    )
    change("update smart.agreement set used_at = %s where id = %s", at, agreement.id)
    if not refreshed:
        return access, ""
    until = min(at + REFRESH_LASTS, agreement.until)
    return access, _keep(agreement, "refresh", until, scopes)


def held_token(secret: str) -> Held | None:
    """Return what a secret stands for, over or not; None for what was never given out."""
    row = one(
        _HELD,
        hash_of(secret),
    )
    if row is None:
        return None
    names = [n for n in Held.__struct_fields__ if n != "agreement"]
    told = dict(zip(names, row[: len(names)], strict=True))
    return Held(**told, agreement=_agreement(row[len(names) :]))


def _agreement(row: Row) -> Agreement:
    return Agreement(**dict(zip(Agreement.__struct_fields__, row, strict=True)))


def brought(secret: str, client_id: str, kind: str) -> Held:
    """Return what a code or refresh token stands for, when it may still serve.

    Raises Refused for one that is unknown, another client's or over; and for one that has served
    already, and then all that hangs on the agreement ends.
    """
    held = held_token(secret)
    if held is None or held.kind != kind:
        raise Refused(Fault.INVALID_GRANT, f"{kind}-unknown")
    if held.agreement.client != client_id:
        raise Refused(Fault.INVALID_GRANT, f"{kind}-others")
    if held.used:
        raise replayed(held)
    if held.ended or held.until <= clock.now():
        raise Refused(Fault.INVALID_GRANT, f"{kind}-ended")
    return held


def spend(secret: str) -> bool:
    """Let a code or refresh token serve, and never again; of two at once, one is told no."""
    spent = change(
        "update smart.token set used_at = %s where hash = %s and used_at is null"
        " and ended_at is null",
        clock.now(),
        hash_of(secret),
    )
    return spent == 1


def replayed(held: Held) -> Refused:
    """End the agreement of what was brought a second time, and return the refusal."""
    end_agreement(held.agreement.id, why=f"{held.kind}-replayed")
    return Refused(Fault.INVALID_GRANT, f"{held.kind}-replayed")


def end_agreement(agreement_id: uuid.UUID, *, why: str, account: str | None = None) -> bool:
    """End an agreement and every token of it; tell whether there was one (of that account)."""
    done = change(
        "update smart.agreement set ended_at = %s, why = %s"
        " where id = %s and ended_at is null and (%s::text is null or account = %s)",
        clock.now(),
        why,
        agreement_id,
        account,
        account,
    )
    return bool(done)


def end_token(secret: str) -> None:
    """End one token, and nothing else."""
    change(
        "update smart.token set ended_at = %s where hash = %s and ended_at is null",
        clock.now(),
        hash_of(secret),
    )


def agreements_of(account: str) -> tuple[tuple[Agreement, str, str], ...]:
    """Return what an account has agreed to that still stands, newest first.

    Each with the name of the app and who made it. One whose code was never fetched is left out.
    """
    rows = ask(
        f"select c.name, c.made_by, {_COLUMNS} from smart.agreement g"  # noqa: S608  # our own columns
        " join smart.client c on c.id = g.client"
        " where g.account = %s and g.ended_at is null and g.until > %s and exists (select from"
        " smart.token t where t.agreement = g.id and t.kind <> 'code' and t.ended_at is null"
        " and t.used_at is null and t.until > %s) order by g.made_at desc limit 200",
        account,
        clock.now(),
        clock.now(),
    )
    return tuple((_agreement(row[2:]), str(row[0]), str(row[1])) for row in rows)
