"""National columns of going home: the daily sitrep, reasons by month, waits after the ready date.

Text of CSV files from values, and the older count of beds lost to delay (domain.md 9.3, 9.4).
"""

import csv
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from io import StringIO

from msgspec import Struct

from joinedup.discharge.rules.ready_date import waited
from joinedup.discharge.rules.sitrep import Sitrep
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.profiles.returned import Return
from joinedup.people.rights.cells import safe_cell
from joinedup.reference.codes.discharge import delay_reasons

__all__ = [
    "WAIT_BANDS",
    "MonthOfWaits",
    "daily_csv",
    "delayed_beds",
    "month_of_waits",
    "reasons_csv",
    "waits_csv",
]

_DAILY: Mapping[str, str] = {
    "do_not_meet_criteria_to_reside": "not-meeting-criteria",
    "discharged_by_1700": "discharged-by-1700",
    "discharged_between_1701_2359": "discharged-after-1700",
    "discharged_total": "discharged",
    "remaining_in_hospital": "remaining",
    **{f"discharged_pathway_{p}": f"discharged-p{p}" for p in "0123"},
    **{f"remaining_{n}_days_or_more": f"remaining-{n}-days" for n in (7, 14, 21)},
}
"""Column to count. The first five are those that NHS England publishes by day."""

WAIT_BANDS: tuple[tuple[str, int, int | None], ...] = (
    ("no_delay_volume", 0, 0),
    ("1_day_delay_volume", 1, 1),
    ("2_3_day_delay_volume", 2, 3),
    ("4_6_day_delay_volume", 4, 6),
    ("7_13_day_delay_volume", 7, 13),
    ("14_20_day_delay_volume", 14, 20),
    ("21plus_day_delay_volume", 21, None),
)
"""Bands of days between the ready date and leaving, as published."""


class MonthOfWaits(Struct, frozen=True):
    """Discharges of a month by days waited since the last ready date; the dead are not counted."""

    organisation: str
    first_day: date
    days: tuple[int, ...]

    @property
    def discharged(self) -> int:
        """How many left: the denominator."""
        return len(self.days)

    @property
    def bed_days(self) -> int:
        """Days waited by all of them."""
        return sum(self.days)

    @property
    def late_share(self) -> Fraction | None:
        """The share that left after their ready date; None of nobody."""
        late = sum(1 for d in self.days if d)
        return Fraction(late, len(self.days)) if self.days else None

    @property
    def mean_late_days(self) -> Fraction | None:
        """Mean days of those who left late; None where nobody did."""
        late = [d for d in self.days if d]
        return Fraction(sum(late), len(late)) if late else None

    def band(self, low: int, high: int | None) -> int:
        """Return how many waited so many days."""
        return sum(1 for d in self.days if low <= d and (high is None or d <= high))


def month_of_waits(
    everybody: Iterable[Readiness], organisation: str, first_day: date, *, now: datetime
) -> MonthOfWaits:
    """Return the waits of everybody who left in a month, by the date that stood when they left."""
    days = [
        waited(stay, now).last_days
        for stay in everybody
        if stay.hospital == organisation and _counts(stay, first_day)
    ]
    return MonthOfWaits(organisation, first_day, tuple(sorted(days)))


def _counts(stay: Readiness, first_day: date) -> bool:
    """Whether somebody left in that month, alive, for no other hospital, after being ready."""
    if stay.left is None or stay.state in ("died", "transferred") or not stay.spans:
        return False
    left = day_of(stay.left)
    return (left.year, left.month) == (first_day.year, first_day.month) and (
        stay.spans[-1].ended_by != "meets-again"
    )


def delayed_beds(delayed_days: int, month: date) -> Fraction:
    """Return beds lost to delay: delayed days divided by the days of the month (domain.md 9.3)."""
    return Fraction(delayed_days, monthrange(month.year, month.month)[1])


def daily_csv(reports: Iterable[Sitrep | Return]) -> str:
    """Return the daily return as CSV, one row a hospital and day.

    A day that was not returned has no row, and what a return does not have stays blank: missing is
    not nothing.
    """
    columns = ("org_code", "date", *_DAILY)
    rows = (
        [r.organisation, r.day.isoformat(), *(str(r.counts.get(n, "")) for n in _DAILY.values())]
        for r in reports
    )
    return _written(columns, rows)


def reasons_csv(reports: Iterable[Sitrep | Return]) -> str:
    """Return delays of stays of 7 days and more by national reason and month, as published.

    A count is of people on days: somebody who waits ten days is in it ten times.
    """
    found: Counter[tuple[str, str, str]] = Counter()
    for report in reports:
        reasons = delay_reasons(on=report.day)
        month = f"{report.day:%Y-%m}-01"
        for name, number in report.counts.items():
            if name.startswith("reason/"):
                national = reasons[name.removeprefix("reason/")].national
                found[report.organisation, month, national] += number
    columns = ("org_code", "date", "delay_reason", "delay_count")
    return _written(columns, ([*key, str(count)] for key, count in sorted(found.items())))


def waits_csv(months: Iterable[MonthOfWaits]) -> str:
    """Return the discharge-ready-date return as CSV, in the published columns."""
    bands = tuple(name for name, _, _ in WAIT_BANDS)
    columns = (
        "month",
        "org_code",
        "patients_discharged_volume",
        "dd_bed_days",
        "delay_perc",
        "average_delay_los_minus_0_day_delay",
        *bands,
    )
    return _written(columns, (_waits_row(month) for month in months))


def _waits_row(month: MonthOfWaits) -> list[str]:
    return [
        month.first_day.isoformat(),
        month.organisation,
        str(month.discharged),
        str(month.bed_days),
        _four(month.late_share),
        _four(month.mean_late_days),
        *(str(month.band(low, high)) for _, low, high in WAIT_BANDS),
    ]


def _four(value: Fraction | None) -> str:
    """Return a share or mean to four decimals; empty, never 0, where there is none."""
    if value is None:
        return ""
    return str((Decimal(value.numerator) / value.denominator).quantize(Decimal("0.0001")))


def _written(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue()
