"""Who is in a legitimate relationship with a person, as the person's resources say it.

One table from type to relationship (domain.md 1.2): registered practice, open encounter, referral,
request, service, care team, duty area, the person, those they trust. Each ends when the resource
says it ends, after a dated grace. What a relationship shows is for `access.policy`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from msgspec import Struct

from joinedup.fhir.classes import ACCESS_TASKS, MONEY_TASKS, DataClass, task_kind
from joinedup.fhir.involve import master_of
from joinedup.fhir.key import hash64, resource_key
from joinedup.fhir.search.extract import is_restricted
from joinedup.fhir.search.period import bounds

__all__ = [
    "CONSENT_KIND",
    "FUNCTIONS",
    "FUNCTION_CODES",
    "Ground",
    "Objection",
    "Reach",
    "area_key",
    "consent_kind",
    "mask_of",
    "objections",
    "reach",
]

Resource = Mapping[str, Any]


class Ground(IntEnum):
    """Why somebody may see a person. Stored in every row of reach; a number is never reused."""

    NONE = 0
    """Nobody's information: it is shared."""
    PLACE = 1
    """No relationship, but an office that answers for the whole place."""
    REGISTERED = 2
    ENCOUNTER = 3
    REFERRAL = 4
    REQUEST = 5
    SERVICE = 6
    CARE_TEAM = 7
    DUTY_AREA = 8
    NEW_PERSON = 9
    BREAK_GLASS = 10
    PERMISSION = 11
    SELF = 12
    PROXY = 13


class Reach(Struct, frozen=True):
    """A party that has a person in its care, in [starts, ends) as index times.

    `withheld` is the sum of `1 << DataClass` that this relationship never shows.
    """

    person: int
    party: int
    ground: int
    starts: str
    ends: str
    withheld: int = 0


class Objection(Struct, frozen=True):
    """Classes that are not to be shown to a party, in [starts, ends) as index times.

    `against` is Ground.PROXY where it stands against those a person trusts (party 0: all of them),
    else Ground.NONE, against care (party 0: everybody but their practice). `said` is when: a
    permission given after that goes before it.
    """

    person: int
    party: int
    classes: int
    against: int = Ground.NONE
    said: str = "-infinity"
    starts: str = "-infinity"
    ends: str = "infinity"


GRACE = timedelta(days=28)
"""How long a relationship of care still shows after it ended, for letters and loose ends."""

CONSENT_KIND = "https://joinedup.example/CodeSystem/consent"
"""Our kinds of Consent: `proxy`, `objection`, `permission-to-view`, `permission-given`."""

FUNCTION_CODES = "https://joinedup.example/CodeSystem/function"
"""What a proxy can be trusted with, and an objection can be about, one by one."""


def mask_of(*classes: DataClass) -> int:
    """Return the classes as one number, bit by bit."""
    return sum(1 << c for c in set(classes))


FUNCTIONS: Mapping[str, int] = {
    "contacts": mask_of(DataClass.DEMOGRAPHIC),
    "summary": mask_of(DataClass.CLINICAL, DataClass.ALERTS),
    "medicines": mask_of(DataClass.MEDICINES),
    "visits": mask_of(DataClass.VISITS),
    "letters": mask_of(DataClass.NOTES),
    "plan": mask_of(DataClass.PLAN, DataClass.SOCIAL_CARE, DataClass.WORK),
    "money": mask_of(DataClass.FINANCIAL),
    "who-looked": mask_of(DataClass.ACCESS),
}
_EVERY = mask_of(*DataClass)
_NEVER_OBJECTED = mask_of(DataClass.DEMOGRAPHIC, DataClass.ACCESS, DataClass.SHARED)

_VOID = ("entered-in-error", "cancelled", "revoked", "rejected", "failed", "proposed", "draft")
_OVER = ("finished", "completed", "inactive", "discharged")


def reach(resource: Resource, person: int) -> Iterator[Reach]:
    """Yield the parties this resource gives sight of `person`, each on its ground and for its time.

    What was cancelled or entered in error gives nobody anything.
    """
    rule = _RULES.get(resource["resourceType"])
    if rule is not None and resource.get("status") not in _VOID:
        yield from rule(resource, person)


def objections(resource: Resource, person: int) -> Iterator[Objection]:
    """Yield what a Consent asks not to be shown, while it is active (domain.md 1.2, 5.2).

    "No" and "Ask" of permission to view both stand against everybody until somebody asked and
    wrote down a yes; an objection names organisations or people, or stands against all but the
    practice. A restricted person has no proxy online, whoever was trusted before (domain.md 1.2).
    """
    if resource["resourceType"] == "Patient" and is_restricted(resource):
        if master_of(resource) == resource.get("id"):
            yield Objection(person, 0, _EVERY, Ground.PROXY)
        return
    if resource["resourceType"] != "Consent" or resource.get("status") != "active":
        return
    provision = resource.get("provision", {})
    kind = consent_kind(resource)
    if kind not in ("objection", "permission-to-view") or provision.get("type") != "deny":
        return
    classes = (_functions(provision) or _EVERY) & ~_NEVER_OBJECTED
    period = provision.get("period", {})
    times = (_said(resource, kind), _start(period), _end(period, timedelta(0)))
    named = [(_party(a), _is_trusted(a)) for a in _actors(provision)]
    for party, trusted in [n for n in named if n[0]] or [(0, False)]:
        against = Ground.PROXY if trusted else Ground.NONE
        yield Objection(person, party, classes, against, *times)


def _said(consent: Resource, kind: str) -> str:
    """Return when a wish was said; an objection without a date is later than any permission."""
    if not consent.get("dateTime"):
        return "infinity" if kind == "objection" else "-infinity"
    return bounds(consent["dateTime"])[0]


def consent_kind(consent: Resource) -> str:
    """Return which of our kinds of Consent a resource is; "" for none."""
    codings = (c for concept in consent.get("category", ()) for c in concept.get("coding", ()))
    return next((str(c.get("code", "")) for c in codings if c.get("system") == CONSENT_KIND), "")


def area_key(outward: str) -> int:
    """Return the party of whoever is on duty for the homes of an outward postcode (`GL50`)."""
    return hash64(f"area/{outward}")


def _of_patient(patient: Resource, person: int) -> Iterator[Reach]:
    is_master = patient.get("id") is not None and master_of(patient) == patient["id"]
    own = _party(patient.get("managingOrganization"))
    for practice in patient.get("generalPractitioner", ()):
        # What another organisation believes of where she is registered gives nobody sight.
        if is_master or _party(practice) == own:
            yield from _open(practice, person, Ground.REGISTERED)
    if not is_master:
        return  # another organisation's statement does not know whether she is restricted
    yield Reach(person, person, Ground.SELF, "-infinity", "infinity")
    for outward in () if is_restricted(patient) else _areas(patient):
        yield Reach(person, area_key(outward), Ground.DUTY_AREA, "-infinity", "infinity")


_OUTWARD = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?) ?[0-9][A-Z]{2}")
_NO_FIXED_ABODE = "ZZ99"


def _areas(patient: Resource) -> tuple[str, ...]:
    """Return the outward postcodes of where somebody lives now."""
    found = (
        _OUTWARD.fullmatch(str(address.get("postalCode", "")).upper().strip())
        for address in patient.get("address", ())
        if address.get("use") not in ("old", "billing")
    )
    return tuple(dict.fromkeys(m[1] for m in found if m and m[1] != _NO_FIXED_ABODE))


def _of_encounter(encounter: Resource, person: int) -> Iterator[Reach]:
    if encounter.get("status") == "planned" and not encounter.get("period", {}).get("start"):
        return  # planned for nobody knows when: the referral shows who may prepare for it
    yield from _during(encounter, encounter.get("serviceProvider"), person, Ground.ENCOUNTER)


def _of_episode(episode: Resource, person: int) -> Iterator[Reach]:
    yield from _during(episode, episode.get("managingOrganization"), person, Ground.SERVICE)


def _of_team(team: Resource, person: int) -> Iterator[Reach]:
    for organisation in team.get("managingOrganization", ()):
        yield from _during(team, organisation, person, Ground.CARE_TEAM)
    for participant in team.get("participant", ()):
        own = {**team, "period": _within(participant.get("period"), team.get("period", {}))}
        yield from _during(own, participant.get("member"), person, Ground.CARE_TEAM)


def _within(period: Resource | None, whole: Resource) -> Resource:
    """Return a member's time in a team: none of it is left when the team's own is over."""
    ends = [p["end"] for p in (period or {}, whole) if p.get("end")]
    kept = {**(period or whole)}
    return {**kept, "end": min(ends, key=lambda e: _end({"end": e}, GRACE))} if ends else kept


def _of_request(request: Resource, person: int) -> Iterator[Reach]:
    period = request.get("occurrencePeriod", {})
    if request.get("status") in _OVER:
        period = {"end": request.get("authoredOn") or _LONG_AGO, **period}
    for performer in request.get("performer", ()):
        yield from _during({"period": period}, performer, person, Ground.REFERRAL)


def _of_task(task: Resource, person: int) -> Iterator[Reach]:
    period = task.get("executionPeriod", {})
    if task_kind(task) in (*ACCESS_TASKS, *MONEY_TASKS):  # about access or money, not about care
        timed = period.get("start") and period.get("end")
        if task_kind(task) == "break-glass" and timed:
            yield from _timed(task.get("requester"), person, Ground.BREAK_GLASS, period)
        return
    if task.get("status") in _OVER:
        ended = task.get("lastModified") or task.get("authoredOn") or _LONG_AGO
        period = {"end": ended, **period}
    yield from _during({"period": period}, task.get("owner"), person, Ground.REQUEST)


_TRUSTED = {"proxy": Ground.PROXY, "permission-given": Ground.PERMISSION}


def _of_consent(consent: Resource, person: int) -> Iterator[Reach]:
    ground = _TRUSTED.get(consent_kind(consent))
    provision = consent.get("provision", {})
    if ground is None or consent.get("status") != "active" or provision.get("type") != "permit":
        return
    granted = _functions(provision)
    if ground is Ground.PERMISSION and not _names_functions(provision):
        granted = _EVERY
    for actor in _actors(provision):
        yield from _timed(
            actor, person, ground, provision.get("period", {}), withheld=_EVERY & ~granted
        )


_RULES: Mapping[str, Callable[[Resource, int], Iterator[Reach]]] = {
    "Patient": _of_patient,
    "Encounter": _of_encounter,
    "EpisodeOfCare": _of_episode,
    "CareTeam": _of_team,
    "ServiceRequest": _of_request,
    "Task": _of_task,
    "Consent": _of_consent,
}


def _functions(provision: Resource) -> int:
    codes = (c.get("code") for c in provision.get("class", ()) if c.get("system") == FUNCTION_CODES)
    classes = 0
    for code in codes:
        classes |= FUNCTIONS.get(code, 0)
    return classes


def _names_functions(provision: Resource) -> bool:
    return any(c.get("system") == FUNCTION_CODES for c in provision.get("class", ()))


def _actors(provision: Resource) -> list[Any]:
    return [actor.get("reference") for actor in provision.get("actor", ())]


_PARTIES = ("Organization/", "Practitioner/", "PractitionerRole/", "RelatedPerson/", "Patient/")
_OF_CARE = _PARTIES[:3]
_TRUSTED_PARTIES = _PARTIES[3:]


def _is_trusted(reference: Any) -> bool:
    """Whether a reference names somebody of the person's own rather than who cares for them."""
    return bool(_party(reference, _TRUSTED_PARTIES))


def _party(reference: Any, kinds: tuple[str, ...] = _PARTIES) -> int:
    """Return the party a reference names; 0 when it names none."""
    target = reference.get("reference", "") if isinstance(reference, dict) else ""
    if not isinstance(target, str) or not target.startswith(kinds):
        return 0
    kind, name = target.split("/")[:2]
    return resource_key(kind, name)


def _open(reference: Any, person: int, ground: Ground) -> Iterator[Reach]:
    if party := _party(reference, _OF_CARE):
        yield Reach(person, party, ground, "-infinity", "infinity")


def _during(resource: Resource, reference: Any, person: int, ground: Ground) -> Iterator[Reach]:
    """Yield a relationship of care as long as the period says, and its grace."""
    party = _party(reference, _OF_CARE)
    if not party:
        return
    period = resource.get("period", {})
    if not period.get("end") and resource.get("status") in _OVER:
        period = {**period, "end": period.get("start") or _LONG_AGO}
    yield Reach(person, party, ground, _start(period), _end(period, GRACE))


def _timed(
    reference: Any, person: int, ground: Ground, period: Resource, *, withheld: int = 0
) -> Iterator[Reach]:
    """Yield a relationship that somebody granted: to the second, without grace."""
    if party := _party(reference):
        yield Reach(person, party, ground, _start(period), _end(period, timedelta(0)), withheld)


_LONG_AGO = "1900-01-01"
"""When what is over without a date ended: before everything."""


def _start(period: Resource) -> str:
    return bounds(period["start"])[0] if period.get("start") else "-infinity"


def _end(period: Resource, grace: timedelta) -> str:
    """Return when a period is over; a day lasts to its end, a moment ends it at once."""
    if not period.get("end"):
        return "infinity"
    low, high = bounds(period["end"])
    try:
        return (
            datetime.fromisoformat(high if "T" not in period["end"] else low) + grace
        ).isoformat(" ")
    except (ValueError, OverflowError):  # the end of 9999, as some systems write "no end"
        return "infinity"
