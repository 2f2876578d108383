"""What may be asked for a proxy, by whom, for whom and until when. Pure.

Sources: domain.md 5.1 (proxy), 5.3 (bad input), 5.4 (example 4); ON-01. What somebody is told never
says more of a record than they see: about a stranger's record nothing is said at all.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from msgspec import Struct

from joinedup.access.restrictions import is_restricted
from joinedup.fhir.issue import Problem
from joinedup.fhir.key import hash64
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.fhir.relationships import FUNCTIONS
from joinedup.fhir.search.period import LONDON

__all__ = [
    "DEFAULT_MONTHS",
    "MOST_MONTHS",
    "OLD_ENOUGH",
    "PAUSES_AT",
    "RELATIONSHIPS",
    "Known",
    "Wish",
    "after_months",
    "age_on",
    "birthday",
    "contact_problems",
    "end_of_day",
    "known",
    "latest_end",
    "pair_id",
    "person_problems",
    "proxy_problems",
    "wish_problems",
]

Resource = Mapping[str, Any]
DEFAULT_MONTHS, MOST_MONTHS = 12, 24
OLD_ENOUGH = 16
"""From this age somebody decides for themselves, and may act for another (domain.md 5.1, 5.4)."""
PAUSES_AT = (11, 16)
"""The birthdays at which what a parent sees is looked at again (domain.md 5.1)."""
RELATIONSHIPS: Mapping[str, str] = {
    "daughter": "daughter",
    "son": "son",
    "wife": "wife",
    "husband": "husband",
    "partner": "partner",
    "mother": "mother",
    "father": "father",
    "sister": "sister",
    "brother": "brother",
    "friend": "friend",
    "neighbour": "neighbour",
    "attorney": "attorney",
    "other": "somebody else they trust",
}
_LONGEST = 100
_WORK_ENDINGS = ("nhs.uk", "nhs.net", "gov.uk", "police.uk", "ac.uk")
_AT_WORK = (
    "This is an address at work. Give one that is yours alone, and stays yours when you change "
    "jobs."
)
_SHARED = (
    "This address is in the record of the other person too. Each of you needs an address of "
    "your own, so that what is meant for one is not read by the other."
)


class Known(Struct, frozen=True, kw_only=True):
    """What the rules need to know of a person in the record."""

    id: str
    given: str
    family: str
    number: str
    born: date | None
    has_died: bool
    restricted: bool
    emails: tuple[str, ...]
    practices: tuple[str, ...]

    @property
    def name(self) -> str:
        """How they are called."""
        return f"{self.given} {self.family}".strip()


class Wish(Struct, frozen=True, kw_only=True):
    """What somebody asks for: who is to see what, until when."""

    given: str
    family: str
    born: date | None
    relationship: str
    functions: tuple[str, ...]
    until: date | None
    contact: str = ""


def known(patient: Resource) -> Known:
    """Return a Patient as the rules know it; what is not recorded stays empty."""
    names = (n for n in patient.get("name", ()) if n.get("use") != "old")
    name: Resource = next(names, {})
    identifiers = patient.get("identifier", ())
    numbers = (i.get("value") for i in identifiers if i.get("system") == NHS_NUMBER_SYSTEM)
    telecom = patient.get("telecom", ())
    practices = (p.get("reference", "") for p in patient.get("generalPractitioner", ()))
    return Known(
        id=str(patient["id"]),
        given=str(next(iter(name.get("given", ())), "")),
        family=str(name.get("family", "")),
        number=str(next(iter(numbers), "")),
        born=_day(str(patient.get("birthDate", ""))),
        has_died=bool(patient.get("deceasedBoolean") or patient.get("deceasedDateTime")),
        restricted=is_restricted(patient),
        emails=tuple(_email(str(t["value"])) for t in telecom if t.get("system") == "email"),
        practices=tuple(p.removeprefix("Organization/") for p in practices),
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:  # a year or a month alone
        return None


def _email(text: str) -> str:
    return text.strip().casefold()


def pair_id(person_id: str, proxy_id: str) -> str:
    """Return the one RelatedPerson id under which somebody is a proxy of a person.

    Made of both, so nothing that is written in the proxy's own record or typed into an address
    gives them another's: whose proxy they are is said by an approved Consent that names this id.
    """
    return f"proxy-{hash64(f'proxy/{person_id}/{proxy_id}') & (2**64 - 1):016x}"


def age_on(born: date, day: date) -> int:
    """Return how old somebody is on a day; who was born on 29 February is older on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def birthday(born: date, years: int) -> date:
    """Return the day somebody becomes that old."""
    try:
        return born.replace(year=born.year + years)
    except ValueError:
        return date(born.year + years, 3, 1)


def after_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last of that month where there is none."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def latest_end(born: date, today: date) -> date:
    """Return the last day of sight that may be given today.

    Never beyond two years, nor beyond the day before a child's 11th or 16th birthday: there it is
    looked at again (domain.md 5.4, example 4). The database itself ends it then.
    """
    ends = after_months(today, MOST_MONTHS)
    turns = (birthday(born, years) for years in PAUSES_AT)
    return min([ends, *(day - timedelta(days=1) for day in turns if day > today)])


def end_of_day(day: date) -> datetime:
    """Return the moment a day is over in England."""
    return datetime.combine(day + timedelta(days=1), time(0), LONDON)


def wish_problems(wish: Wish, today: date, latest: date) -> tuple[Problem, ...]:
    """Return what is wrong with a wish as it was typed, a problem for each field."""
    found = []
    for field, words in (("given", "first name"), ("family", "last name")):
        text = getattr(wish, field).strip()
        if not text or len(text) > _LONGEST:
            found.append(Problem("required", f"Enter their {words}.", field))
    if wish.born is None or not date(1900, 1, 1) <= wish.born <= today:
        found.append(Problem("required", "Enter their date of birth, like 2 9 1959.", "born"))
    elif age_on(wish.born, today) < OLD_ENOUGH:
        found.append(Problem("business-rule", _TOO_YOUNG, "born"))
    if wish.relationship not in RELATIONSHIPS:
        found.append(Problem("required", "Choose who they are to you.", "relationship"))
    if not wish.functions or not set(wish.functions) <= set(FUNCTIONS):
        found.append(Problem("required", "Choose at least one thing they may see.", "functions"))
    if wish.until is None or not today <= wish.until <= latest:
        words = f"Enter a day from today to {latest.day} {latest:%B} {latest.year}."
        found.append(Problem("value", words, "until"))
    return tuple(found)


_TOO_YOUNG = (
    "They are under 16, and cannot do this for somebody else online. Choose an adult, or talk "
    "to your GP practice."
)


def person_problems(person: Known, today: date, *, online: bool) -> tuple[str, ...]:
    """Return why nobody can be given sight of this record, in words that say what to do.

    `online` is the person deciding here themselves; a practice may still decide for a child.
    """
    if person.has_died:
        return (
            "This person has died, so nobody can be added now. For the record of somebody who "
            "has died, ask their GP practice for access to health records after a death.",
        )
    if person.restricted:
        return (
            "This record is specially protected, to keep the person safe. So nobody can be given "
            "sight of it online. The GP practice can talk about what else would help.",
        )
    if person.born is None:
        return ("The date of birth is not recorded in full. The GP practice can put that right.",)
    if online and age_on(person.born, today) < OLD_ENOUGH:
        return (
            "You are under 16. Your GP practice can set this up together with you. Ring them or "
            "ask when you next go: what you say counts.",
        )
    return ()


def proxy_problems(person: Known, proxy: Known, contact: str, today: date) -> tuple[Problem, ...]:
    """Return why this person cannot be the proxy of that one (domain.md 5.3, bad input)."""
    is_same = proxy.id == person.id or (proxy.number and proxy.number == person.number)
    if is_same:
        words = "This is the same person. Nobody needs permission to see their own record."
        return (Problem("business-rule", words),)
    if proxy.has_died or not proxy.number or proxy.born is None:
        words = "We could not confirm who you are from your record. Ask your GP practice."
        return (Problem("business-rule", words),)
    if age_on(proxy.born, today) < OLD_ENOUGH:
        words = "You must be 16 or older to see somebody else's record online."
        return (Problem("business-rule", words),)
    return contact_problems(contact, person.emails)


def contact_problems(contact: str, others: Iterable[str]) -> tuple[Problem, ...]:
    """Return what is wrong with an e-mail address for messages; none given is no problem."""
    text = _email(contact)
    if not text:
        return ()
    name, at, host = text.partition("@")
    if not (name and at and "." in host) or " " in text or len(text) > _LONGEST:
        words = "Enter an e-mail address like name@example.org, or leave it empty."
        return (Problem("value", words, "contact"),)
    if any(host == end or host.endswith(f".{end}") for end in _WORK_ENDINGS):
        return (Problem("business-rule", _AT_WORK, "contact"),)
    if text in set(others):
        return (Problem("business-rule", _SHARED, "contact"),)
    return ()
