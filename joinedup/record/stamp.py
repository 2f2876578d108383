"""One short text that changes when any of some resources does: for a page that asks for itself.

A poll that finds nothing new is no look at anybody, so it leaves no trace; whoever is shown
something is shown it by a read or a search, which does.
"""

from collections.abc import Sequence
from typing import cast

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.key import resource_key
from joinedup.fhir.search.slots import slot
from joinedup.record.arrays import numbers
from joinedup.record.database import connection, entered

__all__ = ["stamp"]

_STAMP = b"""
select md5(coalesce(string_agg(h.key || '.' || h.version, ',' order by h.key), ''))
from record.head h
where h.key = any (%s::bigint[])
   or h.key in (select c.key from record.claim c where c.name = any (%s::text[]))
   or h.key in (select r.key from record.reference r where r.target = %s and r.slot = %s)"""


def stamp(
    permit: Permit,
    references: Sequence[str],
    *,
    claims: Sequence[str] = (),
    flags_of: str = "",
) -> str:
    """Return a digest of the versions of `references`, and of whatever holds one of `claims`.

    `flags_of` (an organisation's id) counts the Flags that it wrote, too. It tells that something
    changed and nothing else, so only a job of the system asks; NotPermitted for anybody else.
    """
    if permit.role is not Role.SYSTEM:
        raise NotPermitted("Whether anything changed is asked by the system.")
    keys = (resource_key(*reference.split("/", 1)) for reference in references)
    author = resource_key("Organization", flags_of) if flags_of else 0
    with connection() as lent, lent.transaction():
        entered(lent, permit)
        row = lent.execute(
            _STAMP, (numbers(keys), list(claims), author, slot("Flag", "author", "reference"))
        ).fetchone()
    return cast("str", row[0]) if row else ""
