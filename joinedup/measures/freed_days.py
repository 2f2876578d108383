"""The bed-days that winter money freed, asked of the returned days: estimated, or why not.

The method is `measures.freed`; here its question is put together from returns and the books. A day
that was not returned is missing. Packages are never counted as beds.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from msgspec import Struct

from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.discharge.rules.sitrep import KIND
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.agreement import GRANT
from joinedup.fhir.profiles.returned import Return
from joinedup.measures.sent import sent_between
from joinedup.money.pot_rules import first_and_last
from joinedup.money.queries import agreements, moved_under_each
from joinedup.reference.codes.discharge import delay_reasons

__all__ = ["FreedDays", "freed_days"]

_YEARS_BACK = 3
_BEFORE = timedelta(days=70)
_AT_HOME = "p1-"
"""Reasons that care at home answers: what winter money for councils was for (domain.md 9.5)."""


class FreedDays(Struct, frozen=True, kw_only=True):
    """What the page says of one grant: the estimate in words, or why it cannot be said."""

    grant: str
    said: bool
    days: str = ""
    hours: str = ""
    hours_note: str = ""
    denominator: str = ""
    method: str = ""
    why: str = ""


def freed_days(permit: Permit, hospital: str, *, now: datetime) -> tuple[FreedDays, ...]:
    """Return, for each grant that something was bought with, the bed-days freed or why not said.

    Nothing for a reader of no books, or where nothing was bought yet.
    """
    if not permit.may(Power.READ_BOOKS):
        return ()
    kept = [one for one in agreements(permit) if one.agreement.kind == GRANT]
    moved = moved_under_each(permit, kept)
    yesterday = day_of(now) - timedelta(days=1)
    found = []
    for one in kept:
        months = [m.month for m in moved[one.id] if m.care]
        if not months:
            continue
        begins = date(min(months).year, min(months).month, 1)
        ends = min(yesterday, first_and_last(one.agreement.year)[1])
        asked = {"begins": begins, "ends": max(begins, ends)}
        found.append(_asked(permit, hospital, grant=one.agreement.name, now=now, **asked))
    return tuple(found)


def _asked(
    permit: Permit, hospital: str, *, grant: str, begins: date, ends: date, now: datetime
) -> FreedDays:
    # Imported when first asked for: a server whose place buys nothing loads no statistics.
    from joinedup.measures.freed.estimate import estimate_freed
    from joinedup.measures.freed.staff_hours import hours_released
    from joinedup.measures.freed.values import CannotBeSaid, Question, Series

    earliest = date(begins.year - _YEARS_BACK, begins.month, 1) - _BEFORE
    sent = sent_between(permit, KIND, hospital, earliest, ends)
    last = {day: versions[-1] for day, versions in sent.items()}
    reasons = delay_reasons(on=begins)
    touched = [c for c in reasons if c.startswith(_AT_HOME)]
    others = [c for c, reason in reasons.items() if reason.owner == "hospital"]
    found = estimate_freed(
        Question(
            touched=tuple(Series(hospital, c, _days(last, c)) for c in touched),
            untouched=tuple(Series(hospital, c, _days(last, c)) for c in others),
            first=begins,
            last=ends,
            as_of=day_of(now),
        )
    )
    if isinstance(found, CannotBeSaid):
        return FreedDays(grant=grant, said=False, why=found.why)
    hours = hours_released(found)
    between = f"nine in ten between {found.low:,.0f} and {found.high:,.0f}"
    assumed = ", assumed" if hours.assumed else ""
    return FreedDays(
        grant=grant,
        said=True,
        days=f"{found.bed_days:,.0f} bed-days ({between})",
        hours=f"{hours.hours:,.0f} staff hours (between {hours.low:,.0f} and {hours.high:,.0f})",
        hours_note=f"{hours.hours_a_day:g} nursing hours a bed-day{assumed}",
        denominator=found.denominator,
        method=found.method,
    )


def _days(last: Mapping[date, Return], reason: str) -> dict[date, int | None]:
    """Return a reason's count on each day that was returned; a reason nobody had that day is 0."""
    return {day: sent.counts.get(f"reason/{reason}", 0) for day, sent in last.items()}
