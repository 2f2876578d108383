"""One stay in the words of its page: what stands, since when, whose it is, and what to do next.

It words what rules decided; nothing about care is decided here.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.discharge.act_fields import BY_HAND
from joinedup.discharge.queries import Carer
from joinedup.discharge.referring import PURPOSES
from joinedup.discharge.rules.board import STATE_WORDS
from joinedup.discharge.rules.carers import standing_of as carer_standing
from joinedup.discharge.rules.delays import days_by_reason
from joinedup.discharge.rules.endings import came_back_within
from joinedup.discharge.rules.leaving import CHECKS, waiting_checks
from joinedup.discharge.rules.ready_date import ready_date, waited
from joinedup.discharge.rules.states import LEFT
from joinedup.discharge.standing import Standing
from joinedup.discharge.stay_facts import StayFacts
from joinedup.fhir.london import day_of
from joinedup.fhir.profiles.readiness import Readiness
from joinedup.fhir.search.period import LONDON
from joinedup.people.nhs_number import SYSTEM, show
from joinedup.people.presenters.life import name_of_resource
from joinedup.reference.codes.discharge import criteria, destinations, methods, need_areas, pathways

__all__ = ["REFERRAL_WORDS", "Row", "at_words", "day_words", "place_words", "present_stay"]

REFERRAL_WORDS: Mapping[str, str] = {
    "draft": "A draft: not sent",
    "sent": "Sent, not answered",
    "received": "The hub has it",
    "accepted": "Accepted by the hub",
    "rejected": "Sent back by the hub",
    "info-requested": "The hub asks for more",
    "assessing": "A trusted assessor sees them",
    "package-sought": "Help is being looked for",
    "offers": "Help has been offered",
    "accepted-offer": "An offer is taken",
    "start-confirmed": "The start is confirmed",
    "started": "Help has started",
    "cancelled": "Withdrawn",
}
_ENDED_BY: Mapping[str, str] = {
    "meets-again": "needed the bed again",
    "discharged": "went home",
    "self-discharged": "left of their own accord",
    "died": "died",
    "transferred": "went to another hospital",
}
_PACKAGE_TONE = {"onhold": "pause", "active": "soon"}
_STATES = {"done": "Arranged", "not-needed": "Not needed", "waiting": "Still waiting"}


class Row(Struct, frozen=True):
    """A line of a table or list: `tone` is that of its tag, `more` what is said beside it."""

    name: str
    words: str
    more: str = ""
    tone: str = ""


def day_words(at: datetime) -> str:
    """Return the day of a moment, `16 January 2018`."""
    day = day_of(at)
    return f"{day.day} {day:%B %Y}"


def at_words(at: datetime) -> str:
    """Return a moment by clocks in England, `16 January 2018, 14:30`."""
    return f"{day_words(at)}, {at.astimezone(LONDON):%H:%M}"


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number} days"


def present_stay(facts: StayFacts, now: datetime) -> dict[str, object]:
    """Return everything the page shows, in words."""
    readiness = facts.standing.readiness
    return {
        "name": name_of_resource(facts.patient) if facts.patient else "Name not shown to you",
        "number": _number(facts.patient),
        "person_id": readiness.person.removeprefix("Patient/"),
        "state": STATE_WORDS[readiness.state],
        "has_left": readiness.state in LEFT,
        "place": place_words(facts.standing, facts.names),
        "admitted": at_words(readiness.admitted),
        "review": _review(facts),
        "spans": _spans(readiness, now),
        "wait": _wait(readiness, now),
        "pathway": _pathway(facts),
        "delay": _delay(facts, now),
        "history": _history(facts, now),
        "checks": _checks(facts),
        "start": _start(facts),
        "risk": _risk(facts),
        "carers": _carers(facts, now),
        "others": _others(facts),
        "packages": [
            Row(name, "On hold" if state == "onhold" else "Goes on", "", _PACKAGE_TONE[state])
            for name, state in facts.packages
        ],
        "may_hold": any(state == "active" for _, state in facts.packages),
        "told": [
            Row("The person" if t.who == "person" else "Their carer", t.way, _by(facts, t.by, t.at))
            for t in readiness.told
        ],
        "consents": [t.consent for t in readiness.told if t.consent],
        "referrals": [_referral(facts, n, now) for n in range(len(facts.referrals))],
        "ended": _ended(readiness),
        "teams": [
            Row(facts.organisation(t.team), t.words, f"by {at_words(t.due)}", _task_tone(t.state))
            for t in facts.told
        ],
        "next": list(_next(facts, now)),
        "may_come_back": came_back_within(readiness, now) == "failed",
    }


def _number(patient: Mapping[str, Any]) -> str:
    found = (i.get("value", "") for i in patient.get("identifier", ()) if i.get("system") == SYSTEM)
    return show(str(next(found, "")))


def place_words(standing: Standing, names: Mapping[str, str]) -> str:
    """Return where somebody lies now, as the stay says it or by the bed's own name."""
    bed = standing.spell.bed
    if bed is None:
        return ""
    for place in standing.encounter.get("location", ()):
        shown = place.get("location", {})
        if shown.get("reference") == f"Location/{bed.bed}" and shown.get("display"):
            return str(shown["display"])
    return names.get(f"Location/{bed.bed}", "")


def _by(facts: StayFacts, who: object, at: datetime) -> str:
    return f"{facts.name(who)}, {at_words(at)}"


def _review(facts: StayFacts) -> dict[str, object] | None:
    if not facts.reviews:
        return None
    last = facts.reviews[0].checklist
    words = {c.code: c.words for c in criteria(on=day_of(last.at))}
    yes = [words.get(code, code) for code, says in last.answers.items() if says]
    return {
        "meets": last.meets,
        "yes": yes,
        "news2": last.news2,
        "by": _by(facts, last.answered_by, last.at),
    }


def _spans(readiness: Readiness, now: datetime) -> list[Row]:
    wait = waited(readiness, now)
    rows = []
    for span, days in zip(readiness.spans, wait.days, strict=True):
        until = at_words(span.until) if span.until else "now"
        ended = _ENDED_BY.get(span.ended_by, span.ended_by)
        rows.append(Row(at_words(span.since), f"until {until}", ended, _days(days)))
    return rows


def _wait(readiness: Readiness, now: datetime) -> str:
    since = ready_date(readiness)
    if since is None:
        return ""
    return _days(waited(readiness, now).last_days)


def _pathway(facts: StayFacts) -> dict[str, str] | None:
    way = facts.standing.readiness.pathway
    if way is None:
        return None
    day = day_of(way.decided_at)
    words = {p.code: p.words for p in pathways(on=day)}
    back = " They go back to the care home they live in." if way.returning else ""
    return {
        "title": f"Pathway {way.code}: {words.get(way.code, '')}",
        "destination": destinations(on=day).get(way.destination, way.destination),
        "back": back.strip(),
        "by": _by(facts, way.decided_by, way.decided_at),
        "why": way.why,
    }


def _delay(facts: StayFacts, now: datetime) -> dict[str, object] | None:
    delay = facts.standing.readiness.delay
    if delay is None:
        return None
    listed = days_by_reason(facts.standing.readiness, now)[-1]
    return {
        "words": listed.words,
        "owner": facts.organisation(delay.owner),
        "since": at_words(delay.since),
        "chase_by": at_words(delay.chase_by),
        "late": delay.chase_by < now,
        "days": _days(listed.days),
    }


def _history(facts: StayFacts, now: datetime) -> dict[str, object]:
    found = days_by_reason(facts.standing.readiness, now)
    rows = [
        Row(
            d.words,
            f"{d.begins:%-d %B} to {d.ends:%-d %B}" if d.ends else f"{d.begins:%-d %B} to now",
            facts.organisation(d.owner),
            _days(d.days),
        )
        for d in found
    ]
    return {"rows": rows, "total": _days(sum(d.days for d in found))}


def _checks(facts: StayFacts) -> list[Row]:
    readiness = facts.standing.readiness
    waits = waiting_checks(readiness)
    said = {check.kind: check for check in readiness.checks}
    rows = []
    for kind in BY_HAND:
        check = said.get(kind)
        if check is None:
            words, by = ("Still waiting", "") if kind in waits else ("Not needed", "On pathway 0")
        else:
            words, by = _STATES[check.state], _by(facts, check.by, check.at)
        rows.append(Row(CHECKS[kind], words, by, "soon" if words == "Still waiting" else "now"))
    return rows


def _start(facts: StayFacts) -> str:
    start = facts.standing.readiness.start
    if start is None:
        return ""
    confirmed = _by(facts, start.confirmed_by, start.confirmed_at)
    return f"{at_words(start.at)}, {facts.organisation(start.provider)} (confirmed by {confirmed})"


def _risk(facts: StayFacts) -> Row | None:
    owner = facts.standing.readiness.risk_owner
    return Row(facts.name(owner.worker), owner.why, at_words(owner.at)) if owner else None


_SHORT: Mapping[str, str] = {
    "not-asked": "Not asked",
    "not-alone": "Not asked alone",
    "out-of-date": "Ask again",
    "cannot": "Cannot continue",
    "in-part": "In part",
    "declined": "No answer",
    "ends": "Until a day only",
    "willing": "Willing and able",
}


def _carers(facts: StayFacts, now: datetime) -> list[Row]:
    """Return those who care for the person, or were asked; others they know are `_others`."""
    rows = []
    for carer in facts.carers:
        if not _cares(facts, carer):
            continue
        stands = carer_standing(carer.reference, facts.answers, on=day_of(now))
        own = [a for a in facts.answers if a.carer == carer.reference]
        said = f"{stands.words} “{own[0].words}”" if own and own[0].words else stands.words
        who = ", ".join(part for part in (carer.name, carer.relation, carer.telephone) if part)
        tone = "now" if stands.willing else "high"
        rows.append(Row(who, _SHORT[stands.state], said, tone))
    return rows


def _cares(facts: StayFacts, carer: Carer) -> bool:
    """Whether somebody looks after the person, by what is written down, or was asked."""
    return "carer" in carer.relation.lower() or any(
        a.carer == carer.reference for a in facts.answers
    )


def _others(facts: StayFacts) -> str:
    cares = {carer.name for carer in facts.carers if _cares(facts, carer)}
    return "; ".join(
        dict.fromkeys(
            ", ".join(part for part in (c.name, c.relation) if part)
            for c in facts.carers
            if not _cares(facts, c) and c.name not in cares
        )
    )


def _referral(facts: StayFacts, number: int, now: datetime) -> dict[str, object]:
    asked = facts.referrals[number]
    day = day_of(asked.referral.asked_at)
    areas, answer = need_areas(on=day), asked.answer
    state = asked.referral.state if answer is None else answer.state
    return {
        "id": asked.id,
        "purpose": PURPOSES.get(asked.referral.purpose, asked.referral.purpose),
        "state": REFERRAL_WORDS[state],
        "code": state,
        "is_open": asked.is_open,
        "hub": facts.organisation(asked.referral.hub),
        "asked": _by(facts, asked.referral.asked_by, asked.referral.asked_at),
        "answered": _by(facts, answer.by, answer.at)
        if answer and answer.by and state != "sent"
        else "",
        "reason": answer.reason if answer else "",
        "needs": [Row(areas.get(n.area, n.area), n.words) for n in asked.referral.needs],
    }


def _ended(readiness: Readiness) -> str:
    if readiness.left is None:
        return ""
    day = day_of(readiness.left)
    how = methods(on=day).get(readiness.method, "")
    where = destinations(on=day).get(readiness.destination, "")
    said = "; ".join(part for part in (how, where) if part)
    return f"{at_words(readiness.left)}. {said}".strip()


def _task_tone(state: str) -> str:
    return "Done" if state == "completed" else "Still to do"


def _next(facts: StayFacts, now: datetime) -> Iterator[tuple[str, str]]:
    """Yield what to do next, with the act that does it; the first is the first to do."""
    readiness = facts.standing.readiness
    states = {a.answer.state if a.answer else "draft" for a in facts.referrals if a.is_open}
    if readiness.state in LEFT:
        return
    if readiness.ready is None:
        yield "Review the criteria to reside", "review"
        return
    if readiness.delay and readiness.delay.chase_by < now:
        yield "Chase what they wait for, and say when it is chased next", "chase"
    if "info-requested" in states:
        yield "Answer what the hub asks", "answer"
    if readiness.pathway is None:
        yield "Decide how they go home", "pathway"
    elif readiness.state == "pathway-decided" and readiness.pathway.code != "0":
        yield "Describe what they need, and send it to the hub", "refer"
    if any(row.tone == "high" for row in _carers(facts, now)):
        yield "Ask the carer, alone, whether they can go on", "carer"
    waits = [kind for kind in waiting_checks(readiness) if kind in BY_HAND]
    if waits and readiness.pathway is not None:
        named = ", ".join(CHECKS[kind].lower() for kind in waits)
        yield f"Arrange what is left: {named}", "arranged"
    if not any(t.who == "person" for t in readiness.told):
        yield "Tell them the plan, in their own format", "told"
    if readiness.state == "plan-ready":
        yield "Everything is arranged: say when they have left", "leave"
