"""How long a record is kept, and what is past its time: dated periods, and no deleting. Pure.

Periods are minima (`reference/retention`, the NHS Records Management Code of Practice): when one is
over people review the record and decide; the Code forbids doing it automatically. What is in use is
never past its time, and a legal hold stops everything.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct

from joinedup.reference.tables import Row, rows

__all__ = [
    "KINDS",
    "Facts",
    "Holding",
    "Past",
    "kind_of_holding",
    "past_their_time",
    "retained_until",
]

TABLE = "retention/periods"
KINDS = (
    "adult-health",
    "child-health",
    "mental-health",
    "maternity",
    "gp",
    "adult-social-care",
    "record-request",
)
ADULT_YEARS = 18


class Facts(Struct, frozen=True, kw_only=True):
    """What a period is counted from; None where it is not known or has not happened."""

    born: date | None = None
    died: date | None = None
    last_seen: date | None = None
    left_practice: date | None = None
    closed: date | None = None


class Holding(Struct, frozen=True, kw_only=True):
    """What one organisation has here about one person: `person` is `Patient/...`.

    `is_used`: a relationship or a period is open, so no time runs; `is_held`: a legal hold stands.
    """

    person: str
    organisation: str
    is_practice: bool
    is_social_care: bool
    is_used: bool
    is_held: bool
    facts: Facts


class Past(Struct, frozen=True, order=True):
    """What is past its time: since when, whose, and by which row of the table."""

    until: date
    person: str
    organisation: str
    kind: str
    source: str


def retained_until(kind: str, facts: Facts, *, on: date) -> date | None:
    """Return the first day on which such a record may be reviewed; None while nothing is counted.

    `on` chooses the rows of the table that hold. KeyError for a kind that is not in it.
    """
    found = [row for row in rows(TABLE, on=on) if row["kind"] == kind]
    if not found:
        raise KeyError(f"{TABLE} has no {kind!r} on {on.isoformat()}")
    for row in found:
        if event := _events(facts)[row["event"]]:
            return _after(row, event, facts)
    return None


def _events(facts: Facts) -> dict[str, date | None]:
    return {
        "last-seen": facts.last_seen,
        "died": facts.died,
        "left-practice": facts.left_practice,
        "closed": facts.closed,
    }


def _after(row: Row, event: date, facts: Facts) -> date | None:
    if not row["birthday"]:
        return _years_after(event, int(row["years"]))
    if facts.born is None:
        return None  # whose age is not known is kept
    was_17 = _years_after(facts.born, 17) <= event < _years_after(facts.born, ADULT_YEARS)
    return _years_after(facts.born, int(row["birthday_if_17" if was_17 else "birthday"]))


def _years_after(day: date, years: int) -> date:
    """29 February becomes 1 March: never a day too early."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def kind_of_holding(holding: Holding) -> str:
    """Return which kind of record an organisation has: by who it is and how old the person was."""
    if holding.is_practice:
        return "gp"
    if holding.is_social_care:
        return "adult-social-care"
    born, seen = holding.facts.born, holding.facts.last_seen
    is_child = born is not None and seen is not None and seen < _years_after(born, ADULT_YEARS)
    return "child-health" if is_child else "adult-health"


def past_their_time(holdings: Iterable[Holding], *, on: date) -> Iterator[Past]:
    """Yield what may be reviewed on a day; what is in use or under a legal hold never is."""
    sources = {(row["kind"], row["source"]) for row in rows(TABLE, on=on)}
    for holding in holdings:
        if holding.is_used or holding.is_held:
            continue
        kind = kind_of_holding(holding)
        until = retained_until(kind, holding.facts, on=on)
        if until is not None and until <= on:
            source = next(s for k, s in sorted(sources) if k == kind)
            yield Past(until, holding.person, holding.organisation, kind, source)
