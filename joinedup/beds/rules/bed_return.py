"""The daily return of beds: counted from the 08:00 picture, amended for 14 days, national columns.

General and acute beds and critical care apart; flu and infection closures apart, each once (WI-03).
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from io import StringIO

from joinedup.beds.rules.occupancy import return_problems
from joinedup.beds.rules.picture import Picture, counts, snapshot_at
from joinedup.fhir.issue import Unprocessable
from joinedup.fhir.london import at_clock, day_of, midnights
from joinedup.fhir.profiles.returned import Return
from joinedup.fhir.profiles.returned import amended as next_version
from joinedup.people.rights.cells import safe_cell
from joinedup.reference.calendars import amount

__all__ = ["KIND", "amended", "bed_counts", "beds_csv", "due_at", "first"]

KIND = "bed-sitrep"
LONG_STAYS_DAYS = (7, 14, 21)

_COLUMNS: Mapping[str, str] = {
    "ga_beds_open": "general/open",
    "ga_beds_occupied": "general/occupied",
    "ga_void": "general/closed-other-empty",
    "cc_adult_open": "critical/open",
    "cc_adult_occupied": "critical/occupied",
    "beds_closed_dv_norovirus": "general/closed-infection",
    "beds_closed_unoccupied_dv_norovirus": "general/closed-infection-empty",
    "flu_ga": "general/flu-confirmed",
    "flu_cc": "critical/flu-confirmed",
    "escalation_beds_open": "general/escalation-open",
    "long_stay_7d": "long-stay-7",
    "long_stay_14d": "long-stay-14",
    "long_stay_21d": "long-stay-21",
    "people_in_no_bed": "without-bed",
}
"""Column of the return to count. Void is closed for other reasons than infection, and empty."""


def bed_counts(shown: Picture, admitted: Mapping[str, datetime]) -> dict[str, int]:
    """Return every count of the return at the moment of a picture; `admitted` is by stay.

    Open beds are those not closed, and those closed for infection or around somebody: as returned
    nationally, D&V closures stay in the beds open.
    """
    found: dict[str, int] = {}
    for care in ("general", "critical"):
        counted = counts(shown, care=care)
        counted["open"] = counted["beds"] - counted["closed-other-empty"]
        found |= {f"{care}/{name}": number for name, number in counted.items()}
    found["without-bed"] = len(shown.without_bed)
    here = {spell for line in shown.lines for spell in line.spells} | set(shown.without_bed)
    nights = [midnights(admitted[s], shown.at) for s in here if s in admitted]
    for days in LONG_STAYS_DAYS:
        found[f"long-stay-{days}"] = sum(n >= days for n in nights)
    return found


def due_at(day: date) -> datetime:
    """Return when the return of a day's 08:00 is due: 11:00 on that day."""
    return at_clock(day, amount("submit-by", on=day))


def first(
    organisation: str, counted: Mapping[str, int], day: date, *, at: datetime, by: str
) -> Return:
    """Return the first version as sent; refuses, Unprocessable, numbers that cannot be true.

    A day whose snapshot is still to come cannot be returned.
    """
    if at < snapshot_at(day):
        raise Unprocessable("The snapshot of that day is still to come.")
    _refuse_untrue(counted)
    return Return(
        kind=KIND,
        organisation=organisation,
        day=day,
        version=1,
        counts=counted,
        taken_at=snapshot_at(day),
        sent_at=at,
        sent_by=by,
    )


def amended(
    before: Return, counted: Mapping[str, int], *, at: datetime, by: str, why: str
) -> Return:
    """Return the next version; refuses as `returned.amended` does, and untrue numbers."""
    if before.kind != KIND:
        raise Unprocessable("An amendment is of the same return.")
    _refuse_untrue(counted)
    until = day_of(due_at(before.day)) + timedelta(days=amount("amend-for", on=before.day))
    return next_version(before, counted, at=at, by=by, why=why, until=until)


def _refuse_untrue(counted: Mapping[str, int]) -> None:
    for care in ("general", "critical"):
        start = f"{care}/"
        part = {k.removeprefix(start): n for k, n in counted.items() if k.startswith(start)}
        if problems := return_problems(part):
            raise Unprocessable(*problems)


def beds_csv(reports: Iterable[Return]) -> str:
    """Return the daily return of beds as CSV, one row a hospital and day.

    What a return does not have stays blank: missing is not nothing.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(("org_code", "date", *_COLUMNS))
    for report in reports:
        numbers = (str(report.counts.get(name, "")) for name in _COLUMNS.values())
        writer.writerow((safe_cell(report.organisation), report.day.isoformat(), *numbers))
    return text.getvalue()
