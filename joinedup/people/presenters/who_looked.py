"""The log of looks in plain words: who, for which organisation, what they did, and why.

Every ground has its words in one table, and so has every action; nothing here decides what may be
shown (row security does). Workers are told by role and organisation, not by name
(docs/decisions/0011).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from joinedup.access.words import Ground, Role
from joinedup.record.looked import Sitting
from joinedup.web.dates import Moment, moment_of, say
from joinedup.web.roles import role_words

__all__ = ["BROKEN_GLASS", "GROUND_WORDS", "Glass", "Line", "present_log"]

GROUND_WORDS: Mapping[Ground, str] = {
    Ground.NONE: "",
    Ground.PLACE: "because their office answers for the whole place",
    Ground.REGISTERED: "because they are your GP practice",
    Ground.ENCOUNTER: "because you were seen there",
    Ground.REFERRAL: "because somebody asked them to help you",
    Ground.REQUEST: "because they were asked to do something for you",
    Ground.SERVICE: "because they give or arrange care for you",
    Ground.CARE_TEAM: "because they are in the team that cares for you",
    Ground.DUTY_AREA: "because they are on duty for where you live",
    Ground.NEW_PERSON: "because they had just entered you here",
    Ground.BREAK_GLASS: "without being part of your care",
    Ground.PERMISSION: "because you said yes",
    Ground.SELF: "because it is your record",
    Ground.PROXY: "because you trust them with it",
}
"""Why somebody could look, for every ground there is (domain.md 5.2, ON-02)."""

_ON_WARDS = {
    r.value
    for r in (Role.WARD_NURSE, Role.WARD_MANAGER, Role.CONSULTANT, Role.DISCHARGE_COORDINATOR)
}
_IN_HOSPITAL = "because you were in hospital"

BROKEN_GLASS: Mapping[str, str] = {
    "1": "it was in the public interest",
    "2": "the law required it",
    "3": "a court ordered it",
    "4": "it was an emergency, as they said themselves",
    "5": "it was an emergency",
    "6": "another reason",
}
"""The coded reasons of breaking the glass (domain.md 1.2: SCR-AlertReason 1 to 6)."""

_DID: Mapping[str, str] = {
    "search": "found you in a search",
    "everything": "looked at your record",
    "read": "looked at your record",
    "history": "looked at your record",
    "who-looked": "looked at who looked",
    "export": "took a copy of your record",
    "print": "printed from your record",
    "import": "brought in what an organisation holds about you",
    "batch": "added to your record, or changed what was in it",
    "change-contact": "changed how to reach you",
    "merged": "joined two records that are both yours",
    "parted": "parted two records that had been joined",
    "moved": "moved an entry that was filed to the wrong person",
    "break-glass": "said why they needed to look",
    "objected": "asked that an organisation does not see your record",
    "objection-ended": "let an organisation see your record again",
    "review-glass": "checked why your record was opened",
    "permission": "wrote down what you said when they asked to look",
    "permission-to-view": "said who may open your record",
    "record-request": "asked for a copy of your record",
    "record-request-ended": "took the request for a copy back",
    "record-request-approved": "approved your copy",
    "record-request-extended": "took more time for your copy",
    "record-request-refused": "refused your request for a copy",
    "legal-hold": "noted that your record must be kept",
    "legal-hold-ended": "noted that your record need not be kept any longer",
    "disagreed": "wrote down that an entry is wrong",
    "disagreement-ended": "took back that an entry is wrong",
    "disagreement-answered": "answered what you said is wrong",
    "trust-ended": "ended what somebody was trusted with",
    "proxy-invited": "let somebody ask to see your record",
    "proxy-taken-up": "wrote down that somebody took up your code",
    "proxy-asked": "wrote down that somebody asks to see your record",
    "proxy-noted": "noted whose record may be opened",
    "proxy-agreed": "agreed that somebody may see your record",
    "proxy-declined": "said that somebody may not see your record",
    "proxy-allowed": "allowed what you trust somebody with",
    "proxy-denied": "did not allow what somebody asked for",
    "proxy-ended": "ended what somebody was trusted with",
    "proxy-again": "asked your practice to look again at who sees your record",
    "no-relationship": "asked for your record",
}
_WROTE: Mapping[str, str] = {"created": "added", "updated": "changed", "deleted": "took out"}
_THINGS: Mapping[str, str] = {
    "AllergyIntolerance": "an allergy",
    "Appointment": "an appointment",
    "CarePlan": "a plan",
    "CareTeam": "a care team",
    "Condition": "a problem",
    "Consent": "a choice about sharing",
    "DocumentReference": "a document",
    "Encounter": "a stay or visit",
    "EpisodeOfCare": "a service",
    "Flag": "an alert or need",
    "Immunization": "a vaccination",
    "MedicationRequest": "a medicine",
    "MedicationStatement": "a medicine",
    "Observation": "a measurement or result",
    "Patient": "your details",
    "Procedure": "a procedure",
    "QuestionnaireResponse": "answers to questions",
    "RelatedPerson": "somebody close to you",
    "ServiceRequest": "a request",
    "Task": "a request",
}
_SYSTEM_WORDS = "joinedup itself"
_A_CARER = "somebody you trust"


class Glass(Struct, frozen=True):
    """That a worker broke the glass: the coded reason, their words, and when we were told."""

    worker: str
    code: str
    words: str
    received: datetime


class Line(Struct, frozen=True, kw_only=True):
    """One line of the log, ready for a page; `times` is "10:04" or "10:04 to 10:31"."""

    day: str
    times: str
    iso: str
    who: str
    did: str
    why: str
    is_you: bool = False
    is_glass: bool = False
    is_refused: bool = False


def present_log(
    sittings: Iterable[Sitting],
    organisations: Mapping[str, str],
    glass: Iterable[Glass],
    reader: str,
) -> tuple[Line, ...]:
    """Return a line for each sitting, in the order given; `reader` is whose eyes these are."""
    broken = tuple(glass)
    return tuple(_line(s, organisations, broken, reader) for s in sittings)


def _line(
    sitting: Sitting, organisations: Mapping[str, str], glass: tuple[Glass, ...], reader: str
) -> Line:
    began, ended = moment_of(sitting.began), moment_of(sitting.ended)
    assert began is not None and ended is not None
    is_glass = sitting.ground == Ground.BREAK_GLASS
    return Line(
        day=say(Moment(began.at, "day")),
        times=_times(began, ended),
        iso=began.at.isoformat(timespec="minutes"),
        who="You" if sitting.worker == reader else _who(sitting, organisations),
        did=_did(sitting),
        why=_glass_words(sitting, glass) if is_glass else _why(sitting, reader),
        is_you=sitting.worker == reader,
        is_glass=is_glass,
        is_refused=sitting.refused,
    )


def _times(began: Moment, ended: Moment) -> str:
    first, last = f"{began.at:%H:%M}", f"{ended.at:%H:%M}"
    return first if first == last else f"{first} to {last}"


def _who(sitting: Sitting, organisations: Mapping[str, str]) -> str:
    if sitting.role == Role.SYSTEM.value:
        return _SYSTEM_WORDS
    if sitting.role == Role.PERSON.value:
        return "The person whose record it is"
    if sitting.role == Role.PROXY.value:  # somebody the person named themselves
        return f"{sitting.name} ({_A_CARER})"
    code = sitting.organisation
    place = organisations.get(code, code) or "An organisation not named"
    return f"{place} ({role_words(sitting.role)})"


def _did(sitting: Sitting) -> str:
    if sitting.refused:
        return "tried to open your record and was refused"
    said = [_action(_seen_as(sitting, action), kind) for action, kind in sitting.wrote]
    order = {words: place for place, words in enumerate(_DID.values())}
    did = _and(sorted(dict.fromkeys(said), key=lambda w: order.get(w, len(order))))
    return f"{did}, through an app ({sitting.client})" if sitting.client else did


def _seen_as(sitting: Sitting, action: str) -> str:
    """Whoever is trusted with a record opens parts of it: that is a look, and no finding."""
    return "read" if sitting.role == Role.PROXY.value and action == "search" else action


def _action(action: str, kind: str) -> str:
    if action in _WROTE:
        return f"{_WROTE[action]} {_THINGS.get(kind, 'an entry')}"
    return _DID.get(action) or f"did this: {action.replace('-', ' ')}"


def _and(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _why(sitting: Sitting, reader: str) -> str:
    if sitting.role == Role.SYSTEM.value:
        return "so that what is held about you is in one place"
    if sitting.worker == reader or sitting.refused:
        return ""
    if sitting.ground == Ground.ENCOUNTER and sitting.role in _ON_WARDS:
        return _IN_HOSPITAL
    return GROUND_WORDS[Ground(sitting.ground)]


def _glass_words(sitting: Sitting, glass: tuple[Glass, ...]) -> str:
    """Say the reason last given by this worker before they looked."""
    said = [g for g in glass if g.worker == sitting.worker and g.received <= sitting.ended]
    why = GROUND_WORDS[Ground.BREAK_GLASS]
    if not said:
        return f"{why}; the reason they gave is not in what you may see"
    last = max(said, key=lambda g: g.received)
    reason = BROKEN_GLASS.get(last.code, "")
    words = f" (“{last.words}”)" if last.words and last.words.casefold() != reason else ""
    return f"{why}; the reason they gave: {reason or 'not coded'}{words}"
