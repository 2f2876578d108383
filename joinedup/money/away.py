"""What of a person's record bears on a bill and nothing more: days in hospital, and death. Pure."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.profiles.days import read_day
from joinedup.fhir.search.period import LONDON

__all__ = ["NO_DAY", "Stay", "died_on", "stay_of"]

NO_DAY = date.min
"""Died, and nobody says when."""

_IN_BED = ("IMP", "ACUTE", "NONAC")
_TOOK_PLACE = ("in-progress", "onleave", "finished")


class Stay(Struct, frozen=True):
    """Days in hospital, from the day of arriving to the day of leaving (None: still there)."""

    begins: date
    ends: date | None

    def keeps(self, day: date) -> bool:
        """Whether a day was spent there from midnight to midnight."""
        return self.begins < day and (self.ends is None or day < self.ends)


def stay_of(encounter: Mapping[str, Any]) -> Stay | None:
    """Return the stay that an Encounter is; None for a visit, a clinic, or one that was not.

    Days are those of England. A stay without a first day keeps nobody from home.
    """
    period = encounter.get("period", {})
    begins, ends = _day(period.get("start")), _day(period.get("end"))
    if (
        encounter.get("resourceType") != "Encounter"
        or encounter.get("class", {}).get("code") not in _IN_BED
        or encounter.get("status") not in _TOOK_PLACE
        or begins is None
    ):
        return None
    if ends is None and encounter["status"] == "finished":
        ends = begins
    return Stay(begins, ends)


def died_on(patient: Mapping[str, Any]) -> date | None:
    """Return the day somebody died; NO_DAY where only that they died is known, None for neither.

    A year or a month alone is no day.
    """
    if "deceasedDateTime" in patient:
        return _day(patient["deceasedDateTime"]) or NO_DAY
    return NO_DAY if patient.get("deceasedBoolean") is True else None


def _day(text: object) -> date | None:
    said = str(text or "")
    if "T" in said:
        return datetime.fromisoformat(said).astimezone(LONDON).date()
    return read_day(said)
