"""The sign-in tables as Django sees them; `record/sql/migrations/0030_pre_sign_in.sql` makes them.

Nothing here is about care: who somebody is and what they may do is in the record.
"""

import uuid
from datetime import datetime
from typing import ClassVar, TypeAlias

from django.db import models

__all__ = [
    "AccountRow",
    "AttemptRow",
    "EventRow",
    "FactorRow",
    "IdentityRow",
    "KeptRow",
    "OnceRow",
    "SessionRow",
]

Text: TypeAlias = "models.TextField[str, str]"
Moment: TypeAlias = "models.DateTimeField[datetime, datetime]"
Maybe: TypeAlias = "models.DateTimeField[datetime | None, datetime | None]"
Bytes: TypeAlias = "models.BinaryField[bytes, bytes]"
Id: TypeAlias = "models.UUIDField[uuid.UUID, uuid.UUID]"
Whole: TypeAlias = "models.IntegerField[int, int]"


class AccountRow(models.Model):
    """Somebody who can sign in; `holder` is their Practitioner or Patient in the record."""

    objects: ClassVar["models.Manager[AccountRow]"] = models.Manager()
    id: "Id" = models.UUIDField(primary_key=True, default=uuid.uuid4)
    name: "Text" = models.TextField(unique=True)
    kind: "Text" = models.TextField()
    holder: "Text" = models.TextField()
    full_name: "Text" = models.TextField()
    password: "Text" = models.TextField(default="")
    made_at: "Moment" = models.DateTimeField()
    closed_at: "Maybe" = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "account"


class FactorRow(models.Model):
    """What proves an account: an authenticator app, a passkey, a recovery code, an invitation."""

    objects: ClassVar["models.Manager[FactorRow]"] = models.Manager()
    id: "Id" = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account: "Id" = models.UUIDField()
    kind: "Text" = models.TextField()
    name: "Text" = models.TextField(default="")
    credential: "models.TextField[str | None, str | None]" = models.TextField(null=True)
    secret: "Bytes" = models.BinaryField()
    counter: "models.BigIntegerField[int, int]" = models.BigIntegerField(default=0)
    until: "Maybe" = models.DateTimeField(null=True)
    made_at: "Moment" = models.DateTimeField()
    used_at: "Maybe" = models.DateTimeField(null=True)

    class Meta:
        managed = False
        db_table = "factor"


class IdentityRow(models.Model):
    """Who an identity provider says an account is."""

    objects: ClassVar["models.Manager[IdentityRow]"] = models.Manager()
    pk = models.CompositePrimaryKey("issuer", "subject")
    issuer: "Text" = models.TextField()
    subject: "Text" = models.TextField()
    account: "Id" = models.UUIDField()
    made_at: "Moment" = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "identity"


class SessionRow(models.Model):
    """One sign-in on one device; its key is known to the browser alone."""

    objects: ClassVar["models.Manager[SessionRow]"] = models.Manager()
    key_hash: "Bytes" = models.BinaryField(primary_key=True)
    id: "Id" = models.UUIDField(unique=True, default=uuid.uuid4)
    account: "Text" = models.TextField()
    post: "Text" = models.TextField(default="")
    method: "Text" = models.TextField()
    device: "Text" = models.TextField(default="")
    issuer: "Text" = models.TextField(default="")
    subject: "Text" = models.TextField(default="")
    provider_sid: "Text" = models.TextField(default="")
    idle_seconds: "Whole" = models.IntegerField()
    hard_seconds: "Whole" = models.IntegerField()
    began_at: "Moment" = models.DateTimeField()
    proved_at: "Moment" = models.DateTimeField()
    seen_at: "Moment" = models.DateTimeField()
    ended_at: "Maybe" = models.DateTimeField(null=True)
    data: "Bytes" = models.BinaryField(default=b"")

    class Meta:
        managed = False
        db_table = "session"


class KeptRow(models.Model):
    """A form that was sent after the sign-in had ended, sealed."""

    objects: ClassVar["models.Manager[KeptRow]"] = models.Manager()
    id: "Id" = models.UUIDField(primary_key=True, default=uuid.uuid4)
    account: "Text" = models.TextField()
    sealed: "Bytes" = models.BinaryField()
    until: "Moment" = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "kept_form"


class AttemptRow(models.Model):
    """One failed try, counted by a hash of the name or of the address it came from."""

    objects: ClassVar["models.Manager[AttemptRow]"] = models.Manager()
    pk = models.CompositePrimaryKey("subject", "at")
    subject: "Bytes" = models.BinaryField()
    at: "Moment" = models.DateTimeField()
    weight: "models.SmallIntegerField[int, int]" = models.SmallIntegerField(default=1)

    class Meta:
        managed = False
        db_table = "attempt"


class OnceRow(models.Model):
    """What has been used and may not be used again until its own time is over."""

    objects: ClassVar["models.Manager[OnceRow]"] = models.Manager()
    token: "Bytes" = models.BinaryField(primary_key=True)
    until: "Moment" = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "once"


class EventRow(models.Model):
    """What happened at the door: signed in, refused, signed out; rows are only ever added."""

    objects: ClassVar["models.Manager[EventRow]"] = models.Manager()
    seq: "models.BigAutoField[int, int]" = models.BigAutoField(primary_key=True)
    at: "Moment" = models.DateTimeField()
    what: "Text" = models.TextField()
    why: "Text" = models.TextField(default="")
    method: "Text" = models.TextField(default="")
    account: "Text" = models.TextField(default="")
    session: "models.UUIDField[uuid.UUID | None, uuid.UUID | None]" = models.UUIDField(null=True)

    class Meta:
        managed = False
        db_table = "event"
