"""What pages about finding care say: needs, times, offers and starts, in plain words.

Pure but for the names of people, which are looked up under a permit: a provider's page never asks.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from joinedup import record
from joinedup.access import restrictions
from joinedup.access.permit import Permit
from joinedup.brokerage.rules.figures import ToOffer
from joinedup.brokerage.rules.matching import Match
from joinedup.brokerage.rules.placing import REASONS
from joinedup.brokerage.rules.pricing import CARE_WORDS
from joinedup.fhir.issue import Refusal
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.placement import Offer, Placement, Wanted
from joinedup.fhir.profiles.provider import CareProvider
from joinedup.fhir.profiles.slot import BANDS, HOMES
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.period import LONDON
from joinedup.people.presenters.life import name_of_resource

__all__ = [
    "OFFER_WORDS",
    "RATING_WORDS",
    "STATE_WORDS",
    "MatchShown",
    "OfferShown",
    "area_of",
    "band_words",
    "clock_words",
    "length_words",
    "match_shown",
    "names_of",
    "needs_of",
    "offer_shown",
    "to_offer_words",
    "when_words",
]

STATE_WORDS = {
    "package-sought": ("Looking for care", "high"),
    "offers": ("Offered, no answer yet", "pause"),
    "accepted-offer": ("A provider said yes", "soon"),
    "start-confirmed": ("Start confirmed", "soon"),
    "started": ("Started: somebody came", "now"),
    "cancelled": ("No longer needed", "differ"),
}
OFFER_WORDS = {
    "open": ("Waiting for an answer", "pause"),
    "accepted": ("Said yes", "now"),
    "declined": ("Said no", "differ"),
    "lapsed": ("No answer in time", "differ"),
    "withdrawn": ("Taken back", ""),
    "lost": ("Fell through", "differ"),
}
RATING_WORDS = {
    "outstanding": "Outstanding",
    "good": "Good",
    "requires-improvement": "Requires improvement",
    "inadequate": "Inadequate",
    "not-inspected": "Not yet inspected",
}
_NUMBERS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight")


def when_words(at: datetime, now: datetime) -> str:
    """Return a moment as people say it: `today at 18:00`, `Wednesday 17 January at 18:00`."""
    day, local = day_of(at), at.astimezone(LONDON)
    near = {day_of(now): "today", day_of(now) + timedelta(days=1): "tomorrow"}
    return f"{near.get(day) or f'{day:%A} {day.day} {day:%B}'} at {local:%H:%M}"


def clock_words(at: datetime) -> str:
    """Return the time a clock in England shows, `18:00`."""
    return f"{at.astimezone(LONDON):%H:%M}"


def length_words(length: timedelta) -> str:
    """Return a length of time: `14 minutes`, `3 hours 5 minutes`, `2 days`."""
    minutes = round(length.total_seconds() / 60)
    if minutes >= 48 * 60:
        return f"{minutes // (24 * 60)} days"
    hours, rest = divmod(minutes, 60)
    said = [_counted(hours, "hour")] if hours else []
    return " ".join([*said, *([_counted(rest, "minute")] if rest or not hours else [])])


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def band_words(band: str) -> str:
    """Return a time of day: `evening`."""
    return BANDS[band].partition(",")[0].lower() if band in BANDS else band


def needs_of(wanted: Wanted) -> tuple[tuple[str, str], ...]:
    """Return what is wanted, line by line; nothing in it names anybody."""
    lines = [("Care", CARE_WORDS[wanted.service]), ("Area", wanted.area)]
    if wanted.service not in HOMES:
        bands = ", ".join(band_words(b) for b in wanted.bands)
        visits = f"{_NUMBERS[wanted.visits]} visit{'' if wanted.visits == 1 else 's'} a day"
        lines.append(("Visits", f"{visits.capitalize()} of {wanted.minutes} minutes: {bands}"))
        lines.append(("Carers at once", _NUMBERS[wanted.carers].capitalize()))
    if wanted.skills:
        lines.append(("Trained for", ", ".join(s.replace("-", " ") for s in wanted.skills)))
    if wanted.nursing:
        lines.append(("Nursing", "needed"))
    begins = wanted.begins
    lines.append(("From", f"{begins:%A} {begins.day} {begins:%B %Y}"))
    if wanted.short_reason:
        lines.append(("Why so short", wanted.short_reason))
    if wanted.words:
        lines.append(("Good to know", wanted.words))
    return tuple(lines)


class MatchShown(Struct, frozen=True, kw_only=True):
    """A start that can be offered now."""

    slot: str
    name: str
    rating: str
    starts: str
    week: str
    carers: str
    told: str
    warnings: tuple[str, ...]
    needs_override: bool


def match_shown(match: Match, now: datetime) -> MatchShown:
    """Return one match as a page lists it."""
    start, rating = match.start, match.provider.rating
    hours = f"{start.week_minutes / 60:g} hours a week" if start.week_minutes else ""
    return MatchShown(
        slot=start.id,
        name=match.provider.name,
        rating=RATING_WORDS[rating],
        starts=when_words(match.at, now),
        week=hours,
        carers=_counted(start.carers, "carer") + " at once",
        told=length_words(now - start.told_at),
        warnings=tuple(w for w in match.warnings if w != f"{RATING_WORDS[rating]}."),
        needs_override=match.needs_override,
    )


class OfferShown(Struct, frozen=True, kw_only=True):
    """An offer that was made, and what came of it."""

    id: str
    name: str
    telephone: str
    words: str
    tone: str
    at: str
    until: str
    said: str
    held: bool
    override: str


def offer_shown(
    offer: Offer, placement: Placement, provider: CareProvider | None, now: datetime
) -> OfferShown:
    """Return one offer as a page lists it; a provider that is not there any more has no name."""
    words, tone = OFFER_WORDS[offer.state]
    said = REASONS.get(offer.reason, "")
    said += f" “{offer.words}”" if offer.words else ""
    if offer.starts and offer.state in ("accepted", "lost"):
        said = f"Can start {when_words(offer.starts, now)}"
    allowed = offer.allowed_by and f"Allowed by {offer.allowed_by}, {offer.allowed_post}"
    return OfferShown(
        id=offer.id,
        name=provider.name if provider else offer.location,
        telephone=provider.telephone if provider else "",
        words=words,
        tone=tone,
        at=when_words(offer.at, now),
        until=clock_words(offer.until),
        said=said,
        held=placement.slot == offer.slot and offer.state in ("open", "accepted"),
        override=f"{allowed}: {offer.allowed_why}" if allowed else "",
    )


def to_offer_words(figure: ToOffer) -> str:
    """Return the median time to a first offer with of how many it is, or that there is none."""
    waits = f" {_counted(figure.waiting, 'person')} still without one." if figure.waiting else ""
    waits = waits.replace("persons", "people")
    if figure.median is None:
        return f"Nobody has been made an offer yet.{waits}"
    return (
        f"Median time from looking to a first offer: {length_words(figure.median)},"
        f" of {_counted(figure.of, 'person').replace('persons', 'people')} listed here.{waits}"
    )


def area_of(permit: Permit, person: str) -> str:
    """Return the outward postcode of where somebody lives, `MQ1`; "" where it is not told.

    Of a restricted person it is not: who finds care for them asks whoever may say.
    """
    try:
        stored = record.read(permit, "Patient", person.removeprefix("Patient/"))
    except Refusal:
        return ""
    patient = restrictions.shown(permit, stored).resource
    codes = [str(a.get("postalCode", "")) for a in patient.get("address", ())]
    return next((code.partition(" ")[0].upper() for code in codes if " " in code), "")


def names_of(permit: Permit, references: Iterable[str]) -> dict[str, str]:
    """Return the names behind `Patient/...`, of those that the permit sees."""
    ids = tuple(dict.fromkeys(r.removeprefix("Patient/") for r in references))
    if not ids:
        return {}
    query = Query(type="Patient", clauses=(Ids(ids),), count=len(ids))
    try:
        found = record.search(permit, query, detail="placements").entries
    except Refusal:
        return {}
    return {s.reference: name_of_resource(s.resource) for s in found}
