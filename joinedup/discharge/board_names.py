"""What organisations are called on a board, looked up for those that are on it."""

from collections.abc import Collection

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.fhir.search.clause import Ids, Query

__all__ = ["names_of"]


def names_of(permit: Permit, organisations: Collection[str]) -> dict[str, str]:
    """Return the names of organisations by id, of those that have one."""
    wanted = tuple(sorted(one for one in organisations if one))
    if not wanted:
        return {}
    query = Query(type="Organization", clauses=(Ids(wanted),), count=len(wanted))
    found = record.search(permit, query, detail="names on a board").entries
    return {s.id: str(s.resource.get("name", "")) or s.id for s in found}
