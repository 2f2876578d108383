"""What each organisation has here about each person, and since when: for retention alone.

Read as a job of the place, without a word of content. What a period means is `people.rights`.
"""

from datetime import UTC, date, datetime, time
from typing import cast

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.types import type_number
from joinedup.record.change import body_id
from joinedup.record.database import connection, entered
from joinedup.record.trace import trace

__all__ = ["Held", "held_about_people"]

# Class 4 is social care, 6 who may see; grounds 2 to 7 are relationships of care, whoever has them:
# the record of somebody who is cared for is in use. An entry is of the day it was true or written
# down or over, whichever is latest.
_HELD = b"""
select p.body, v.source, bool_or(h.class = 4),
       max(greatest(v.happened, v.recorded,
                    case when h.when_high <= %(at)s then h.when_high end)),
       bool_or(h.when_high > %(at)s),
       exists (select from record.reach r
               where r.person = h.person and r.ground between 3 and 7 and r.ends > %(at)s),
       h.person
from record.head h
join record.version v on v.key = h.key and v.version = h.version
join record.head m on m.key = h.person and m.type = %(patient)s
join record.version p on p.key = m.key and p.version = m.version
where v.source <> '' and h.class <> 6
group by h.person, p.body, v.source
order by h.person, v.source
"""


class Held(Struct, frozen=True, kw_only=True):
    """What one organisation has about one person: the Patient's text, and when it last grew.

    `has_social_care` that it arranged social care; `is_open` that something of it has not ended.
    """

    person_id: str
    patient: str
    organisation: str
    has_social_care: bool
    last: datetime
    is_open: bool


def held_about_people(permit: Permit, *, on: date) -> tuple[Held, ...]:
    """Return what every organisation has about every person; NotPermitted for who is no job.

    A day of the place: what ends on it is over on the next.
    """
    if not permit.sees_place:
        raise NotPermitted("How long records are kept is listed by the place's own jobs.")
    at = datetime.combine(on, time(), UTC)
    with connection() as lent, lent.transaction():
        entered(lent, permit, generic=False)
        lent.execute("set local statement_timeout = 0")
        rows = lent.execute(_HELD, {"at": at, "patient": type_number("Patient")}).fetchall()
        trace(lent, permit, "retention", people=[cast("int", row[6]) for row in rows])
    return tuple(
        Held(
            person_id=body_id(cast("str", row[0])),
            patient=cast("str", row[0]),
            organisation=cast("str", row[1]),
            has_social_care=cast("bool", row[2]),
            last=cast("datetime", row[3]),
            is_open=cast("bool", row[4]) or cast("bool", row[5]),
        )
        for row in rows
    )
