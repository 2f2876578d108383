"""The second line of an item: what a reader needs beyond its title, one small function a type."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from joinedup.fhir.profiles.event import stated_columns
from joinedup.people.presenters.kinds import title_of
from joinedup.people.presenters.life import Life, Resource, Statement
from joinedup.people.presenters.words import amount, concept, status_words
from joinedup.web.dates import read_moment, say

__all__ = ["details_of"]


def details_of(life: Life, statement: Statement, now: datetime) -> tuple[str, ...]:
    """Return the details of a statement, each a short phrase; none for types that need none."""
    found = _DETAILS.get(statement.type, _nothing)(life, statement.resource)
    title = title_of(life, statement).casefold()
    return tuple(dict.fromkeys(d for d in found if d and d.casefold() != title))


def _nothing(life: Life, resource: Resource) -> Iterable[str]:
    return ()


def _first(value: Any) -> Any:
    return next(iter(value or ()), None)


def _date(text: object) -> str:
    moment = read_moment(text) if isinstance(text, str) else None
    return say(moment, short=True) if moment else ""


def _period(period: Resource | None) -> str:
    start, end = _date((period or {}).get("start")), _date((period or {}).get("end"))
    if start and end:
        return start if start == end else f"{start} to {end}"
    return f"since {start}" if start else f"until {end}" if end else ""


def _notes(resource: Resource) -> list[str]:
    return [n.get("text", "") for n in resource.get("note") or ()]


def _condition(life: Life, resource: Resource) -> Iterable[str]:
    yield concept(resource.get("severity"))
    ended = _date(resource.get("abatementDateTime"))
    yield f"ended {ended}" if ended else ""
    yield from _notes(resource)


def _medicine(life: Life, resource: Resource) -> Iterable[str]:
    doses = resource.get("dosageInstruction") or resource.get("dosage") or ()
    for dose in doses:
        yield dose.get("text") or _dose(dose)
    reason = concept(_first(resource.get("reasonCode")))
    yield f"for {reason}" if reason else ""
    yield from _notes(resource)


def _dose(dose: Resource) -> str:
    rate = _first(dose.get("doseAndRate")) or {}
    repeat = (dose.get("timing") or {}).get("repeat") or {}
    words = amount(rate.get("doseQuantity"))
    times = (
        f"{repeat['frequency']} times a day"
        if repeat.get("frequency") and repeat.get("periodUnit") == "d"
        else ""
    )
    needed = "when needed" if dose.get("asNeededBoolean") else ""
    return ", ".join(filter(None, (words, times, needed)))


def _encounter(life: Life, resource: Resource) -> Iterable[str]:
    reason = concept(_first(resource.get("reasonCode")))
    yield f"for {reason}" if reason else ""
    yield _period(resource.get("period"))
    places = [life.name_of(p.get("location")) for p in resource.get("location") or ()]
    yield ", ".join(dict.fromkeys(filter(None, places)))
    out = concept((resource.get("hospitalization") or {}).get("dischargeDisposition"))
    yield f"left for: {out}" if out else ""


def _appointment(life: Life, resource: Resource) -> Iterable[str]:
    reason = concept(_first(resource.get("reasonCode")))
    yield f"for {reason}" if reason else ""
    yield resource.get("description", "")
    yield resource.get("patientInstruction", "")


def _service(life: Life, resource: Resource) -> Iterable[str]:
    yield concept(_first(resource.get("category")))
    yield concept(resource.get("performerType"))
    yield ", ".join(filter(None, (life.name_of(p) for p in resource.get("performer") or ())))
    yield _period(resource.get("occurrencePeriod"))
    yield amount(resource.get("quantityQuantity"))
    reason = concept(_first(resource.get("reasonCode")))
    yield f"for {reason}" if reason else ""
    yield from _notes(resource)


def _task(life: Life, resource: Resource) -> Iterable[str]:
    yield resource.get("description", "")
    owner = life.name_of(resource.get("owner"))
    yield f"with {owner}" if owner else ""
    yield concept(resource.get("businessStatus"))
    reason = concept(resource.get("statusReason"))
    yield f"because {reason}" if reason else ""
    yield _period(resource.get("executionPeriod"))
    eligible = stated_columns(resource).get("Eligible Needs Identified", "")
    yield f"eligible needs: {eligible.lower()}" if eligible else ""


def _episode(life: Life, resource: Resource) -> Iterable[str]:
    yield from (w for t in resource.get("type") or () if (w := concept(t)) != "Service")
    stated = stated_columns(resource)
    yield stated.get("Provider CQC Location Name", "")
    units, each = (
        stated.get("Planned units per week", ""),
        stated.get("Cost Frequency (Unit Type)", ""),
    )
    yield f"{units} a week ({each.lower()})" if units and each else ""
    yield _period(resource.get("period"))
    outcome = stated.get("Event Outcome", "")
    yield f"outcome: {outcome}" if outcome else ""


def _plan(life: Life, resource: Resource) -> Iterable[str]:
    yield resource.get("description", "")
    yield _period(resource.get("period"))
    for activity in resource.get("activity") or ():
        detail = activity.get("detail") or {}
        words = concept(detail.get("code")) or detail.get("description", "")
        status = status_words(detail.get("status", ""))
        yield f"{words} ({status})" if words and status not in ("", "in progress") else words


def _goal(life: Life, resource: Resource) -> Iterable[str]:
    yield status_words(resource.get("lifecycleStatus", ""))
    yield concept(resource.get("achievementStatus"))


def _document(life: Life, resource: Resource) -> Iterable[str]:
    yield concept(resource.get("type"))
    yield resource.get("description", "")


def _procedure(life: Life, resource: Resource) -> Iterable[str]:
    yield concept(_first(resource.get("bodySite")))
    yield concept(resource.get("outcome"))
    yield from _notes(resource)


def _answers(life: Life, resource: Resource) -> Iterable[str]:
    for item in resource.get("item") or ():
        words = answer_words(item)
        if words:
            yield f"{item.get('text', '')}: {words}".lstrip(": ")


def answer_words(item: Resource) -> str:
    """Return the first answer of a questionnaire item in words, or ""."""
    answer = _first(item.get("answer")) or {}
    value = next((v for k, v in answer.items() if k.startswith("value")), "")
    if isinstance(value, dict):
        return concept(value) or value.get("display", "") or amount(value)
    return (
        {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    )


_DETAILS: Mapping[str, Callable[[Life, Resource], Iterable[str]]] = {
    "Condition": _condition,
    "MedicationRequest": _medicine,
    "MedicationStatement": _medicine,
    "Encounter": _encounter,
    "Appointment": _appointment,
    "ServiceRequest": _service,
    "Task": _task,
    "EpisodeOfCare": _episode,
    "CarePlan": _plan,
    "Goal": _goal,
    "DocumentReference": _document,
    "Composition": _document,
    "Procedure": _procedure,
    "Immunization": _procedure,
    "QuestionnaireResponse": _answers,
}
