"""Which providers may be offered to a broker at all (MS-01), and what a broker is warned of.

Unregistered, suspended, full, closed to new people or uninsured: never. Rated inadequate: only
with a named override that says why and when it is looked at again.
"""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from joinedup.fhir.issue import Problem
from joinedup.reference.calendars import amount, length

__all__ = [
    "RATINGS",
    "SERVICES",
    "Override",
    "ProviderFacts",
    "Wanted",
    "offer_problems",
    "offer_warnings",
]

RATINGS = ("outstanding", "good", "requires-improvement", "inadequate", "not-inspected")
SERVICES = {
    "home-care": "personal-care",
    "reablement": "personal-care",
    "live-in": "personal-care",
    "residential-home": "accommodation",
    "nursing-home": "nursing-accommodation",
}
"""What is asked for, and the regulated activity that a provider is registered for."""
_LEAST_WHY = 10


class ProviderFacts(Struct, frozen=True, kw_only=True):
    """What is known of one location on a day. `rating` is of this legal entity, or not-inspected.

    `capacity` is what is free of the service asked for; `embargo` says why nobody new may go there.
    Days are the last on which insurance and the data security toolkit hold; None is not shown.
    """

    location: str
    provider: str
    name: str
    registration: str
    rating: str
    activities: frozenset[str]
    capacity: int
    nursing: bool = False
    embargo: str = ""
    insured_until: date | None = None
    data_security_until: date | None = None


class Override(Struct, frozen=True, kw_only=True):
    """Who allows an inadequate home, by name and post, why, and when it is looked at again."""

    by: str
    post: str
    why: str
    review_on: date


class Wanted(Struct, frozen=True, kw_only=True):
    """What is asked for: `minutes` of a visit at home, `short_reason` where it is a short one."""

    service: str
    nursing: bool = False
    personal_care: bool = False
    minutes: int = 0
    short_reason: str = ""


def offer_problems(
    provider: ProviderFacts, wanted: Wanted, *, on: date, override: Override | None = None
) -> tuple[Problem, ...]:
    """Return why a provider may not be offered this (MS-01); empty where it may."""
    found = [
        *_registration(provider),
        *_service(provider, wanted),
        *_rating(provider, override, on),
        *_papers(provider, on),
        *_visit(wanted, on),
    ]
    if provider.embargo:
        found.append(_problem(f"Nobody new goes there: {provider.embargo}"))
    if provider.capacity <= 0:
        found.append(_problem("Nothing is free there."))
    return tuple(found)


def _problem(words: str) -> Problem:
    return Problem("business-rule", words, "Organization")


def _registration(provider: ProviderFacts) -> Iterator[Problem]:
    if provider.registration != "active":
        said = provider.registration or "none"
        yield _problem(f"{provider.name} has no active registration: {said}.")
    if not provider.location or provider.location == provider.provider:
        yield _problem("Name the location, not the provider that owns it.")


def _service(provider: ProviderFacts, wanted: Wanted) -> Iterator[Problem]:
    activity = SERVICES.get(wanted.service)
    if activity is None:
        yield _problem(f"“{wanted.service}” is no service: {', '.join(SERVICES)}.")
        return
    if activity not in provider.activities:
        words = wanted.service.replace("-", " ")
        yield _problem(f"{provider.name} is not registered for that: {words}.")
    if wanted.nursing and not provider.nursing:
        yield _problem(f"{provider.name} has no nurses, and nursing is needed.")


def _rating(provider: ProviderFacts, override: Override | None, on: date) -> Iterator[Problem]:
    if provider.rating not in RATINGS:
        yield _problem(f"“{provider.rating}” is no rating.")
    if provider.rating != "inadequate":
        return
    if override is None:
        yield _problem("Rated inadequate: an assistant director must allow it by name.")
    elif not (override.by and override.post and len(override.why.strip()) >= _LEAST_WHY):
        yield _problem("Say who allows an inadequate home, in which post, and why.")
    elif override.review_on <= on:
        yield _problem("Say when it is looked at again: a day still to come.")


def _papers(provider: ProviderFacts, on: date) -> Iterator[Problem]:
    papers = {
        "insurance": provider.insured_until,
        "data security toolkit": provider.data_security_until,
    }
    for name, until in papers.items():
        if until is None:
            yield _problem(f"No {name} has been shown.")
        elif until < on:
            yield _problem(f"Its {name} ran out on {until:%-d %B %Y}.")


def _visit(wanted: Wanted, on: date) -> Iterator[Problem]:
    shortest = amount("shortest-personal-care", on=on)
    short = wanted.personal_care and 0 < wanted.minutes < shortest
    if short and len(wanted.short_reason.strip()) < _LEAST_WHY:
        words = f"Personal care in less than {shortest} minutes needs a reason (NICE NG21)."
        yield Problem("required", words, "ServiceRequest")


def offer_warnings(provider: ProviderFacts, *, on: date) -> tuple[str, ...]:
    """Return what a broker reads beside a provider that may be offered."""
    found = []
    if provider.rating == "not-inspected":
        found.append("Not yet inspected: that is not the same as good.")
    if provider.rating == "requires-improvement":
        found.append("Rated requires improvement.")
    soon = on + length("insurance-warning-before", on=on)
    for name, until in (
        ("insurance", provider.insured_until),
        ("data security toolkit", provider.data_security_until),
    ):
        if until is not None and on <= until <= soon:
            found.append(f"Its {name} runs out on {until:%-d %B %Y}.")
    return tuple(found)
