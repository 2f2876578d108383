"""Who was found, ready for the page: reasons, a careful date of birth, and never too much.

A restricted person comes with a name, a birth date and a number only.
"""

from datetime import datetime

from msgspec import Struct

from joinedup.people.find import FindResult
from joinedup.people.find import Found as Candidate
from joinedup.people.find_rules import REPLACED
from joinedup.people.presenters.words import nhs_number_words
from joinedup.web.dates import When, read_moment, when, years_between

__all__ = ["Found", "FoundPerson", "present_found"]

_EXACT = 1.0
_CLOSE = 0.9


class FoundPerson(Struct, frozen=True, kw_only=True):
    """One candidate; `match` is exact, close or possible, never a bare figure."""

    id: str
    name: str
    match: str
    tone: str
    born: When | None
    age: str
    nhs_number: str
    postcode: str
    telephone: str
    restricted: bool
    placeholder: bool
    died: bool
    town: str
    reached: bool
    replaced: bool
    reasons: tuple[str, ...]


class Found(Struct, frozen=True, kw_only=True):
    """The answer to a search: people best first, and how they were looked for."""

    people: tuple[FoundPerson, ...]
    fuzzy: bool
    truncated: bool


def present_found(result: FindResult, now: datetime) -> Found:
    """Return the candidates as the page shows them, in the order they came."""
    return Found(
        people=tuple(_person(candidate, now) for candidate in result.people),
        fuzzy=result.how == "fuzzy",
        truncated=result.truncated,
    )


def _person(candidate: Candidate, now: datetime) -> FoundPerson:
    born = read_moment(candidate.birth_date)
    exact, close = candidate.score >= _EXACT, candidate.score >= _CLOSE
    is_dated = born is not None and born.precision == "day"
    return FoundPerson(
        id=candidate.person_id,
        name=candidate.name,
        match="Exact match" if exact else "Close match" if close else "Possible match",
        tone="now" if exact else "soon" if close else "pause",
        born=when(born, now),
        age=f"{years_between(born.day, now.date())} years" if born and is_dated else "",
        nhs_number=nhs_number_words(candidate.nhs_number),
        postcode=candidate.postcode or "",
        telephone=candidate.phone or "",
        restricted=candidate.restricted,
        placeholder=candidate.placeholder_birth_date,
        died=candidate.deceased,
        town=candidate.town,
        reached=candidate.reached,
        replaced=any(r.startswith(REPLACED) for r in candidate.reasons),
        reasons=candidate.reasons,
    )
