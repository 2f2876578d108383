"""What came in by a form of going home: kept as typed, read with every fault beside its field."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime

from msgspec import Struct

from joinedup.fhir.issue import Invalid, Problem, Refusal
from joinedup.fhir.london import at_clock
from joinedup.fhir.profiles.days import read_day
from joinedup.fhir.search.period import LONDON

__all__ = ["WHOLE", "Typed", "day_typed", "errors_of", "read_typed", "when_typed", "written_when"]

WHOLE = "form"
"""Where a fault stands that is of no field alone."""
_LONGEST = 2_000
_MOST_FIELDS = 100
_WHEN = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::\d\d)?", re.ASCII)


class Typed(Struct, frozen=True):
    """Every field as it was typed."""

    values: Mapping[str, str]

    def of(self, name: str) -> str:
        """Return what was typed into a field, without blanks around it."""
        return self.values.get(name, "").strip()


def read_typed(form: Mapping[str, str], names: Iterable[str]) -> Typed:
    """Return what was typed into these fields, cut where nobody types that much."""
    return Typed({name: form.get(name, "")[:_LONGEST] for name in list(names)[:_MOST_FIELDS]})


def when_typed(typed: Typed, field: str, message: str) -> datetime:
    """Return the moment of a field, by clocks in England; refuses, Invalid, what is none."""
    found = _WHEN.fullmatch(typed.of(field))
    try:
        if found:
            year, month, day, hour, minute = map(int, found.groups())
            return at_clock(date(year, month, day), hour, minute)
    except ValueError:
        pass
    raise Invalid(Problem("value", message, field))


def day_typed(typed: Typed, field: str, message: str) -> date | None:
    """Return the day of a field, None where it is empty; refuses, Invalid, what is no day."""
    if not typed.of(field):
        return None
    found = read_day(typed.of(field))
    if found is None:
        raise Invalid(Problem("value", message, field))
    return found


def written_when(at: datetime) -> str:
    """Return a moment as a field of a page holds it, by clocks in England."""
    return at.astimezone(LONDON).strftime("%Y-%m-%dT%H:%M")


def errors_of(refusal: Refusal, fields: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return what is wrong by field, in the order it was found; of no known field, by `WHOLE`."""
    known = set(fields)
    found: dict[str, list[str]] = {}
    for problem in refusal.problems:
        place = problem.path if problem.path in known else WHOLE
        found.setdefault(place, []).append(problem.message)
    return {place: tuple(dict.fromkeys(messages)) for place, messages in found.items()}
