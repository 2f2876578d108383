"""What each count of a return is called: plainly, and as the national return has it. Pure."""

from collections.abc import Mapping
from datetime import date, datetime

from joinedup.fhir.search.period import LONDON
from joinedup.reference.codes.discharge import delay_reasons

__all__ = [
    "PLACES",
    "RETURN_WORDS",
    "clock_words",
    "count_words",
    "day_words",
    "national_words",
    "title_words",
]

PLACES: Mapping[str, tuple[str, str]] = {
    "not-meeting-criteria": (
        "Ready to go home at some time of the day",
        "Patients who do not meet the criteria to reside",
    ),
    "discharged": ("Went home or on", "Discharged"),
    "discharged-by-1700": ("by 17:00", "Discharged by 17:00"),
    "discharged-after-1700": ("from 17:01 to midnight", "Discharged 17:01 to 23:59"),
    "discharged-p0": ("home with no new help", "Discharged on pathway 0"),
    "discharged-p1": ("home with new or more help", "Discharged on pathway 1"),
    "discharged-p2": ("to a bed to recover in", "Discharged on pathway 2"),
    "discharged-p3": ("to a new long-term bed", "Discharged on pathway 3"),
    "no-pathway": ("with no pathway: to be put right", ""),
    "returning-residents": ("of these, back to the care home they live in", ""),
    "remaining": ("Still waiting at midnight", "Remaining in hospital"),
    "died": ("Died", ""),
    "transferred": ("Went to another hospital", ""),
    "meets-again": ("Needed the hospital bed again", "Meets the criteria again"),
    "remaining-7-days": ("in hospital 7 nights or more", "Remaining, length of stay 7 or more"),
    "remaining-14-days": ("in hospital 14 nights or more", "Remaining, length of stay 14 or more"),
    "remaining-21-days": ("in hospital 21 nights or more", "Remaining, length of stay 21 or more"),
}
"""Count to what a person reads and what the national return calls it ("": it has no such line)."""

INNER = frozenset(name for name in PLACES if name.startswith(("discharged-", "remaining-"))) | {
    "no-pathway",
    "returning-residents",
}
"""Counts that are parts of the one above them."""

RETURN_WORDS: Mapping[str, str] = {
    "discharge-sitrep": "Going home: the day’s return",
    "bed-sitrep": "Beds at 08:00",
    "opel": "Level of pressure",
}


def count_words(name: str, *, on: date) -> str:
    """Return what a count is, in plain words; of a reason for waiting, the reason."""
    if name.startswith("reason/"):
        return delay_reasons(on=on)[name.removeprefix("reason/")].words
    return PLACES.get(name, (name, ""))[0]


def title_words(name: str, *, on: date) -> str:
    """Return what a count is where it stands alone, with the one that it is part of."""
    words = count_words(name, on=on)
    if name.startswith("reason/"):
        return f"{words}, in hospital 7 nights or more"
    if name not in INNER:
        return words
    whole = PLACES["remaining" if name.startswith("remaining-") else "discharged"][0]
    return f"{whole}, {words.removeprefix('of these, ')}"


def national_words(name: str, *, on: date) -> str:
    """Return what the national return calls a count; "" where it has no such line."""
    if name.startswith("reason/"):
        return delay_reasons(on=on)[name.removeprefix("reason/")].national
    return PLACES.get(name, ("", ""))[1]


def day_words(day: date) -> str:
    """Return a day in words, `Monday 15 January 2018`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def clock_words(moment: datetime) -> str:
    """Return a moment as clocks in England showed it, `10:42 on 16 January 2018`."""
    at = moment.astimezone(LONDON)
    return f"{at:%H:%M} on {at.day} {at:%B %Y}"
