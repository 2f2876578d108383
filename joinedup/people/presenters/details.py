"""The second line of an item: what a reader needs beyond its title, one small function a type."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from joinedup.fhir.profiles.event import event_type_of, stated_columns
from joinedup.people.presenters.council_words import council_words
from joinedup.people.presenters.kinds import title_of
from joinedup.people.presenters.life import Life, Resource, Statement
from joinedup.people.presenters.words import amount, concept, status_words
from joinedup.web.dates import read_moment, say

__all__ = ["details_of"]


def details_of(life: Life, statement: Statement, now: datetime) -> tuple[str, ...]:
    """Return the details of a statement, each a short phrase; none for types that need none."""
    found = _DETAILS.get(statement.type, _nothing)(life, statement.resource)
    title = title_of(life, statement).casefold()
    said = (_sentence(d) for d in found if d and d.casefold() != title)
    return tuple(dict.fromkeys(said))


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


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
        # A single day is the true date, which the source line says already.
        return "" if start == end else f"{start} to {end}"
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


_TIMES = {1: "once", 2: "twice"}


def _dose(dose: Resource) -> str:
    rate = _first(dose.get("doseAndRate")) or {}
    repeat = (dose.get("timing") or {}).get("repeat") or {}
    words = amount(rate.get("doseQuantity"))
    often = repeat.get("frequency") if repeat.get("periodUnit") == "d" else None
    times = f"{_TIMES.get(often, f'{often} times')} a day" if often else ""
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
    if not event_type_of(resource):
        yield concept(_first(resource.get("category")))
    yield concept(resource.get("performerType"))
    to = ", ".join(filter(None, (life.name_of(p) for p in resource.get("performer") or ())))
    yield f"to {to}" if to else ""
    yield council_words(concept(_first(resource.get("orderDetail"))))
    yield _period(resource.get("occurrencePeriod"))
    yield amount(resource.get("quantityQuantity"))
    reason = concept(_first(resource.get("reasonCode")))
    yield f"for {reason}" if reason else ""
    yield from _notes(resource)
    yield council_words(stated_columns(resource).get("Event Outcome", ""))


def _task(life: Life, resource: Resource) -> Iterable[str]:
    yield resource.get("description", "")
    owner = "" if event_type_of(resource) else life.name_of(resource.get("owner"))
    yield f"with {owner}" if owner else ""
    yield council_words(stated_columns(resource).get("Eligible Needs Identified", ""))
    yield council_words(concept(resource.get("businessStatus")))
    reason = concept(resource.get("statusReason"))
    yield f"because {reason}" if reason else ""
    yield _period(resource.get("executionPeriod"))


def _episode(life: Life, resource: Resource) -> Iterable[str]:
    words = [w for t in resource.get("type") or () if (w := concept(t)) != "Service"]
    yield from (council_words(w) for w in words)
    stated = stated_columns(resource)
    provider = stated.get("Provider CQC Location Name", "")
    yield f"from {provider}" if provider else ""
    units = stated.get("Planned units per week", "")
    each = council_words(stated.get("Cost Frequency (Unit Type)", ""))
    yield f"{units.removesuffix('.00')} {each} a week" if units and each else ""
    yield _period(resource.get("period"))
    yield council_words(stated.get("Event Outcome", ""))


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
