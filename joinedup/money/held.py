"""Payments that wait and that no officer sees any more, since what they pay for came under a label.

Nobody in finance could approve them, and whoever prepared them saw them vanish. The place's own
job looks; told is that one waits, since when and by whom prepared, and not what it is for.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec import Struct

from joinedup.access.permit import Permit, system_permit
from joinedup.access.policy import labels_seen
from joinedup.access.words import Power, Role
from joinedup.fhir.classes import TASK_KIND, label_of
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.profiles import payment as profile
from joinedup.money.approval import every_task, first_of
from joinedup.record import Stored

__all__ = ["HeldBack", "held_back"]

_JOB = system_permit("held-payments")


class HeldBack(Struct, frozen=True, kw_only=True):
    """A payment that waits under a label: no words, no sum, nobody's name but the preparer's."""

    id: str
    prepared_by: str
    prepared_at: datetime


def held_back(permit: Permit) -> tuple[HeldBack, ...]:
    """Return what is held back, the oldest first: an officer's own, of a privacy officer all.

    Raises NotPermitted for other roles.
    """
    if not (permit.may(Power.KEEP_BOOKS) or permit.may(Power.REVIEW_ACCESS)):
        raise NotPermitted("Payments held back are told to who prepared them and to who reviews.")
    found = sorted(_unseen(), key=lambda one: (one.prepared_at, one.id))
    every = permit.may(Power.REVIEW_ACCESS)
    return tuple(one for one in found if every or one.prepared_by == permit.worker)


def _unseen() -> Iterator[HeldBack]:
    seen = labels_seen(Role.FINANCE_OFFICER)
    asked = [("code", f"{TASK_KIND}|{profile.PAYMENT}"), ("status", "requested")]
    for stored in every_task(_JOB, asked, detail="payments held back"):
        if label_of(stored.resource) & ~seen:
            yield _told(stored)


def _told(stored: Stored) -> HeldBack:
    first = first_of(_JOB, stored)
    written = datetime.fromisoformat(str(first.resource["authoredOn"]))
    return HeldBack(id=stored.id, prepared_by=first.author, prepared_at=written)
