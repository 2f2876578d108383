"""Bed-days that money freed: estimated with an interval, or said that they cannot be. Pure.

Call `estimate_freed(Question(...), days_back=days_back_in_hospital(...))`: an Estimate or a
CannotBeSaid, and where it is the latter no number of your own. Give every day there is, four weeks
before the window and two earlier years at least; a day nobody counted is None. Beside it, never
added: `credit_of`, `hours_released`, `freed_by_part`. It takes seconds: call it in a job.
docs/freed.md shows a whole call; docs/decisions/0021-freed-bed-days.md says why.
"""

from joinedup.measures.freed.credit import Credit, Start, Waited, credit_of
from joinedup.measures.freed.estimate import estimate_freed, freed_by_part
from joinedup.measures.freed.readmissions import CameBack, days_back_in_hospital
from joinedup.measures.freed.staff_hours import StaffHours, hours_released
from joinedup.measures.freed.values import (
    CannotBeSaid,
    Estimate,
    Question,
    Series,
    WinterSize,
)

__all__ = [
    "CameBack",
    "CannotBeSaid",
    "Credit",
    "Estimate",
    "Question",
    "Series",
    "StaffHours",
    "Start",
    "Waited",
    "WinterSize",
    "credit_of",
    "days_back_in_hospital",
    "estimate_freed",
    "freed_by_part",
    "hours_released",
]
