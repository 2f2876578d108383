"""Who is one person with whom: asking it, and keeping what was joined as it is.

Joining and parting are `merge`'s. A Patient that was joined to another says so in its text and is
changed by nothing else; what is written about either is placed by `record.write` itself.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.classes import Label, labels_on
from joinedup.fhir.issue import Conflict, Unprocessable
from joinedup.fhir.key import resource_key
from joinedup.record.arrays import numbers
from joinedup.record.database import Connection, connection, entered
from joinedup.record.prepare import Prepared
from joinedup.record.rows import CURRENT, stored_from_row

__all__ = ["Joined", "joined_now", "refuse_joined"]

# A stored text begins with its type and id.
_JOINED = """
select j.person, split_part(left(p.body, 200), '"', 8),
       split_part(left(k.body, 200), '"', 8), j.since
from record.joined j
join record.head ph on ph.key = j.person
join record.version p on p.key = ph.key and p.version = ph.version
join record.head kh on kh.key = j.kept
join record.version k on k.key = kh.key and k.version = kh.version
where j.until is null and """
_OTHERS = _JOINED + "j.person = any (%s::bigint[]) order by j.since, j.person"
_KEPT = _JOINED + "j.kept = any (%s::bigint[]) order by j.since, j.person"


class Joined(Struct, frozen=True):
    """That one record is seen under another, and since when."""

    person_id: str
    kept_id: str
    since: datetime


def joined_now(permit: Permit, person_ids: Sequence[str]) -> tuple[Joined, ...]:
    """Return of these records those that were joined to another, as far as the permit sees both.

    No look: nothing of theirs is shown but under which id they are kept.
    """
    keys = [resource_key("Patient", name) for name in person_ids]
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        return tuple(_joined(lent, _OTHERS, keys).values())


def _joined(lent: Connection, statement: str, keys: Sequence[int]) -> dict[int, Joined]:
    rows = lent.execute(statement.encode(), (numbers(keys),)).fetchall()
    return {
        cast(int, person): Joined(str(name), str(kept), cast(datetime, since))
        for person, name, kept, since in rows
    }


def refuse_joined(lent: Connection, written: Sequence[Prepared]) -> None:
    """Refuse to change a Patient that was joined to another, or to make one kept a statement.

    Raises Conflict, naming who is kept, and Unprocessable.
    """
    patients = [p for p in written if p.stored.type == "Patient" and p.stored.version > 1]
    if not patients:
        return
    keys = [p.derived.key for p in patients]
    for key, joined in _joined(lent, _OTHERS, keys).items():
        raise Conflict(
            f"Patient/{joined.person_id} was joined to Patient/{joined.kept_id} on "
            f"{joined.since:%-d %B %Y} and is not changed. Change Patient/{joined.kept_id}, or "
            "have the two parted first." + _not_labelled(lent, key, joined, patients)
        )
    moved = [p.derived.key for p in patients if p.derived.person != p.derived.key]
    if moved and _joined(lent, _KEPT, moved):
        raise Unprocessable(
            "Another record was joined to this one, so it cannot become a statement about somebody "
            "else. Have the two parted first."
        )


def _not_labelled(lent: Connection, key: int, joined: Joined, written: Sequence[Prepared]) -> str:
    """Say that a label came which is not kept with the rest: it must not be missed as routine."""
    rows = lent.execute(CURRENT + b"h.key = %s", (key,)).fetchall()
    stands = next((labels_on(stored_from_row(row).resource) for row in rows), Label.NONE)
    said = (labels_on(p.stored.resource) for p in written if p.derived.key == key)
    if not any(labels & ~stands for labels in said):
        return ""
    return (
        " It says a label that is not kept: whoever it protects is not protected yet. Put the "
        f"label on Patient/{joined.kept_id}; every record joined to it gets it."
    )
