"""What people type into the forms of beds: kept as typed, a moment read with its fault."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem
from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles.days import read_day

__all__ = ["LONGEST", "Typed", "symptom_at", "typed_of"]

LONGEST = 500
_TIME = re.compile(r"([01]?[0-9]|2[0-3])[:.]?([0-5][0-9])")


class Typed(Struct, frozen=True):
    """Every field as it was typed."""

    values: Mapping[str, str]

    def of(self, name: str) -> str:
        """Return what was typed into a field, without blanks around it."""
        return self.values.get(name, "").strip()


def typed_of(form: Mapping[str, str], names: Iterable[str]) -> Typed:
    """Return what was typed into these fields, cut where no field is so long."""
    return Typed({name: form.get(name, "")[:LONGEST] for name in names})


def symptom_at(typed: Typed, at: datetime) -> datetime:
    """Return when the last symptom was seen; refuses, Invalid, no day, no time, one to come."""
    day, time = read_day(typed.of("day")), _TIME.fullmatch(typed.of("time"))
    problems = []
    if day is None:
        problems.append(
            Problem("value", "When was the last symptom? Write a day, like 16/1/2018.", "day")
        )
    if time is None:
        words = "When was the last symptom? Write a time, like 07:30."
        problems.append(Problem("value", words, "time"))
    if day is None or time is None:
        raise Invalid(*problems)
    found = at_clock(day, int(time[1]), int(time[2]))
    if found > at:
        raise Invalid(Problem("value", "The last symptom cannot be still to come.", "time"))
    return found
