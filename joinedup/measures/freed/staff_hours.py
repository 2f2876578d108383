"""Staff hours of the beds that were freed: the same days times a dated row, no more."""

from datetime import date
from typing import Literal

from msgspec import Struct

from joinedup.measures.freed.values import Estimate
from joinedup.reference.tables import value

__all__ = ["StaffHours", "hours_released"]

TABLE, ROW = "places/staff_hours", "nursing_hours_a_bed_day"


class StaffHours(Struct, frozen=True):
    """Hours with the interval of the bed-days; `assumed` says that no source gives the row."""

    hours: float
    low: float
    high: float
    hours_a_day: float
    source: str
    since: date
    assumed: bool
    word: Literal["estimated"] = "estimated"


def hours_released(estimate: Estimate) -> StaffHours:
    """Return nursing hours of the bed-days freed, by the row that holds on the period's last day.

    Nobody has those hours free unless a bed was shut: they are spent on whoever lies there next.
    KeyError where no row holds on that day.
    """
    row = value(TABLE, ROW, on=estimate.last)
    a_day = float(row["value"])
    return StaffHours(
        hours=estimate.bed_days * a_day,
        low=estimate.low * a_day,
        high=estimate.high * a_day,
        hours_a_day=a_day,
        source=row["source"],
        since=date.fromisoformat(row["from"]),
        assumed=row["assumed"] == "yes",
    )
