"""What somebody is trusted with now, as reach says it; and what labels a person's record carries.

Asked without looking at anything of theirs, so it is no look: pages for a proxy ask it at each
request, and what was ended, ran out or was objected to is over at once.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import cast

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.fhir.key import resource_key
from joinedup.record.database import connection, entered
from joinedup.record.sight import Withheld

__all__ = ["Trusted", "labelled", "objected", "trusted"]


class Trusted(Struct, frozen=True):
    """Sight that a person granted: the classes it never shows, and when it ends (None: never)."""

    withheld: int
    ends: datetime | None


# Ground 13 is a proxy. A restricted person has none online, whatever was agreed before.
_TRUSTED = b"""
select bit_and(r.withheld | coalesce((
           select bit_or(o.classes) from record.objection o
           where o.person = r.person and o.against = 13 and o.party in (0, r.party)
             and o.starts <= record.moment() and o.ends > record.moment()), 0)),
       max(case when isfinite(r.ends) then r.ends end)
from record.reach r
where r.person = %s and r.ground = 13 and r.party = any (%s::bigint[])
  and r.starts <= record.moment() and r.ends > record.moment()
  and not record.is_restricted(r.person)
having count(*) > 0
"""


def trusted(permit: Permit, person_id: str) -> Trusted | None:
    """Return what a proxy's permit is trusted with in this record now; None for nothing."""
    asked = (resource_key("Patient", person_id), list(permit.parties))
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        row = lent.execute(_TRUSTED, asked).fetchone()
    return Trusted(cast("int", row[0]), cast("datetime | None", row[1])) if row else None


# Against care, and now; broken glass (10) and a yes given after that (11) go before it.
_OBJECTED = b"""
select exists (
    select from record.objection o
    where o.person = %s and (o.classes & %s) <> 0 and o.against = 0
      and o.starts <= record.moment() and o.ends > record.moment()
      and (o.party <> 0
           or not exists (select from record.reach r
                          where r.person = o.person and r.ground = 2
                            and r.starts <= record.moment() and r.ends > record.moment()))
      and not exists (select from record.reach r
                      where r.person = o.person
                        and (r.ground = 10 or (r.ground = 11 and o.said <= r.starts))
                        and r.starts <= record.moment() and r.ends > record.moment()))
"""


def objected(permit: Permit, person_id: str) -> bool:
    """Whether the person's wishes hide from this permit anything its role would see otherwise.

    For roles that see no choices about sharing: their page says that something is hidden, and
    neither what was said nor to whom.
    """
    person = resource_key("Patient", person_id)
    classes = 0
    for mask in permit.sees:
        classes |= mask
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        row = lent.execute(_OBJECTED, (person, classes)).fetchone()
    return bool(row and row[0])


def labelled(permit: Permit, person_id: str) -> Sequence[Withheld]:
    """Return the labels on a person's record that this permit sees or is told of, never how many.

    For whoever judges a proxy: a proxy sees nothing that carries any label.
    """
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        rows = lent.execute(
            "select distinct label, class from record.mark where person = (select record.kept(%s))",
            (resource_key("Patient", person_id),),
        ).fetchall()
    return tuple(sorted(Withheld(cast("int", r[0]), cast("int", r[1])) for r in rows))
