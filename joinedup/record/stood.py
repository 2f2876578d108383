"""How the record stood at a moment: each resource in the last version that had come by then.

For what is counted of the past, such as a return built again (DI-08). Sight is that of today: what
is hidden now is hidden of any day.
"""

from datetime import UTC, datetime

from joinedup.access.permit import Permit
from joinedup.fhir.issue import Invalid, TooMuch
from joinedup.fhir.search.clause import Query
from joinedup.fhir.types import type_number
from joinedup.record.change import Stored
from joinedup.record.conditions import conditions
from joinedup.record.database import connection, entered
from joinedup.record.rows import PAST_COLUMNS, stored_from_row
from joinedup.record.trace import trace

__all__ = ["MOST_STOOD", "latest", "stood"]

MOST_STOOD = 50_000
"""Resources counted at once: a large hospital's stays of two months."""


def latest() -> datetime:
    """Return the record's own time: whatever has come until now is in it.

    It is the real time, also in an invented place where pages stand still at one hour.
    """
    return datetime.now(UTC)


def stood(permit: Permit, query: Query, at: datetime, *, detail: str) -> tuple[Stored, ...]:
    """Return what fits the query now, each as the record had it at a moment, by key.

    What had not come by then, or was deleted then, is left out. It is for counting: the audit
    keeps who counted what (`detail`), and names nobody, so a caller shows nobody. Raises Invalid
    for a query of no type, TooMuch above `MOST_STOOD`.
    """
    if not query.type:
        raise Invalid("Say which type of resource to count.")
    where, values = conditions(query.type, query.clauses, "h")
    text = (
        "select "
        + PAST_COLUMNS.decode()
        + " from record.head h cross join lateral (select w.* from record.version w"
        " where w.key = h.key and w.received <= %s order by w.version desc limit 1) v"
        " where h.type = %s and " + where + " and not v.deleted order by h.key limit %s"
    )
    with connection() as lent, lent.transaction():
        entered(lent, permit, generic=False)
        arguments = (at, type_number(query.type), *values, MOST_STOOD + 1)
        rows = lent.execute(text.encode(), arguments, binary=True).fetchall()
        trace(lent, permit, "search", people=(), detail=detail)
    if len(rows) > MOST_STOOD:
        raise TooMuch(f"More than {MOST_STOOD:,} would be counted. Ask for a shorter time.")
    return tuple(stored_from_row(row) for row in rows)
