"""A proxy as the record holds it: the request (Task), the trust (Consent), who it is. Pure.

The request is about the person whose record it is; of whoever asks it holds an id of ours and a
name, never a reference: a resource that names two people would need reach to both.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from msgspec import Struct

from joinedup.fhir.classes import LABEL_CODES, TASK_KIND, task_kind
from joinedup.fhir.relationships import CONSENT_KIND, FUNCTION_CODES
from joinedup.people.proxies.rules import Known, Wish, end_of_day, pair_id
from joinedup.people.proxies.states import TASK_STATUS, moved

__all__ = [
    "PROXY_PERSON",
    "Asked",
    "For",
    "answered",
    "asked_of",
    "code_token",
    "held",
    "note",
    "note_of",
    "noted",
    "own_note",
    "related",
    "request",
    "step",
    "trust",
    "trust_ended",
]

Resource = Mapping[str, Any]
_STATE = "https://joinedup.example/CodeSystem/proxy-state"
_FACT = "https://joinedup.example/CodeSystem/proxy-fact"
_CODE = "https://joinedup.example/Id/proxy-code"
PROXY_PERSON = "https://joinedup.example/Id/proxy-person"
_REASON = "https://joinedup.example/CodeSystem/proxy-reason"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"


class Asked(Struct, frozen=True, kw_only=True):
    """A request as pages and actions read it; `proxy` is "" until they proved who they are."""

    id: str
    version: int
    resource: dict[str, Any]
    person: str
    state: str
    wish: Wish
    proxy: str
    basis: str
    written: str
    """When it was made, as it was written down."""
    is_again: bool
    """Whether it looks again at what a parent sees, because the child had a birthday."""


def code_token(code: str) -> str:
    """Return how a code is looked for; the code itself is kept nowhere."""
    typed = "".join(c for c in code.upper() if c.isalnum())
    return f"{_CODE}|{_hash(typed)}"


def _hash(text: str) -> str:
    return sha256(f"proxy-code/{text}".encode()).hexdigest()


def request(
    person_id: str, wish: Wish, *, state: str, at: datetime, code: str = "", basis: str = ""
) -> dict[str, Any]:
    """Return a new request about a person's record."""
    made: dict[str, Any] = {
        "resourceType": "Task",
        "status": TASK_STATUS[state],
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "proxy-request"}]},
        "businessStatus": {"coding": [{"system": _STATE, "code": state}]},
        "for": {"reference": f"Patient/{person_id}"},
        "authoredOn": _said(at),
        "input": [*_facts(wish), *_fact("basis", basis)],
    }
    if code:
        made["identifier"] = [{"system": _CODE, "value": code_token(code).partition("|")[2]}]
    return made


def _facts(wish: Wish) -> Iterable[dict[str, Any]]:
    yield from _fact("given", wish.given.strip())
    yield from _fact("family", wish.family.strip())
    yield from _fact("born", wish.born.isoformat() if wish.born else "")
    yield from _fact("relationship", wish.relationship)
    for function in wish.functions:
        yield from _fact("function", function)
    yield from _fact("until", wish.until.isoformat() if wish.until else "")


def _fact(name: str, value: str) -> Iterable[dict[str, Any]]:
    if value:
        yield {"type": {"coding": [{"system": _FACT, "code": name}]}, "valueString": value}


def _said(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def asked_of(task: dict[str, Any], version: int) -> Asked | None:
    """Return a Task as a request; None for any other."""
    if task_kind(task) != "proxy-request":
        return None
    facts: dict[str, list[str]] = {}
    for each in task.get("input", ()):
        name = _coded(each.get("type", {}), _FACT)
        facts.setdefault(name, []).append(str(each.get("valueString", "")))

    def one(name: str) -> str:
        return next(iter(facts.get(name, ())), "")

    wish = Wish(
        given=one("given"),
        family=one("family"),
        born=_day(one("born")),
        relationship=one("relationship"),
        functions=tuple(facts.get("function", ())),
        until=_day(one("until")),
    )
    return Asked(
        id=str(task.get("id", "")),
        version=version,
        resource=task,
        person=str(task.get("for", {}).get("reference", "")).removeprefix("Patient/"),
        state=_coded(task.get("businessStatus", {}), _STATE),
        wish=wish,
        proxy=str(task.get("requester", {}).get("identifier", {}).get("value", "")),
        basis=one("basis"),
        written=str(task.get("authoredOn", "")),
        is_again=bool(one("again")),
    )


def _coded(concept: Resource, system: str) -> str:
    codings = concept.get("coding", ())
    return next((str(c.get("code", "")) for c in codings if c.get("system") == system), "")


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def step(asked: Asked, state: str, at: datetime) -> dict[str, Any]:
    """Return the request one step on; refuses with Stale a step that does not follow."""
    moved(asked.state, state)
    kept = {k: v for k, v in asked.resource.items() if k != "identifier"}
    return {
        **kept,
        "status": TASK_STATUS[state],
        "businessStatus": {"coding": [{"system": _STATE, "code": state}]},
        "lastModified": _said(at),
    }


def held(task: dict[str, Any], proxy: Known) -> dict[str, Any]:
    """Return a request with who asks, now that they have proved who they are."""
    identifier = {"system": PROXY_PERSON, "value": proxy.id}
    return {**task, "requester": {"identifier": identifier, "display": proxy.name}}


def answered(
    task: dict[str, Any], wish: Wish, *, basis: str, again: bool = False
) -> dict[str, Any]:
    """Return a request with what is agreed to, and how that is known."""
    facts = [*_facts(wish), *_fact("basis", basis), *_fact("again", "yes" if again else "")]
    return {**task, "input": facts}


def related(person_id: str, proxy: Known, wish: Wish) -> dict[str, Any]:
    """Return who the proxy is, in the record of the person."""
    return {
        "resourceType": "RelatedPerson",
        "id": pair_id(person_id, proxy.id),
        "active": True,
        "patient": {"reference": f"Patient/{person_id}"},
        "relationship": [{"text": wish.relationship.capitalize()}],
        "name": [{"family": proxy.family, "given": [proxy.given]}],
    }


def trust(person_id: str, proxy_id: str, wish: Wish, *, basis: str, at: datetime) -> dict[str, Any]:
    """Return the Consent that gives sight: of what was agreed, from now to the end of a day."""
    assert wish.until is not None
    who = {"reference": f"RelatedPerson/{pair_id(person_id, proxy_id)}"}
    role = {"coding": [{"system": _PARTICIPATION, "code": "IRCP"}]}
    end = end_of_day(wish.until)
    return {
        "resourceType": "Consent",
        "id": pair_id(person_id, proxy_id),
        "status": "active",
        "scope": {"coding": [{"system": _SCOPE, "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": CONSENT_KIND, "code": "proxy"}]}],
        "patient": {"reference": f"Patient/{person_id}"},
        "dateTime": _said(at),
        "policyRule": {"text": basis},
        "provision": {
            "type": "permit",
            "period": {"start": _said(at), "end": _said(end)},
            "actor": [{"role": role, "reference": who}],
            "class": [{"system": FUNCTION_CODES, "code": name} for name in wish.functions],
        },
    }


def trust_ended(consent: Resource, at: datetime) -> dict[str, Any]:
    """Return the Consent as it no longer stands; it does not say why."""
    return {**consent, "status": "inactive", "dateTime": _said(at)}


def own_note(
    proxy_id: str, note_id: str, name: str, relationship: str, *, contact: str, at: datetime
) -> dict[str, Any]:
    """Return what stands in the proxy's own record: that they asked for somebody's, by name.

    It gives nothing. Whose it is is written by `noted` once it was approved.
    """
    facts = [*_fact("relationship", relationship), *_fact("contact", contact.strip())]
    return {
        "resourceType": "Task",
        "id": note_id,
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "proxy-for"}]},
        "for": {"reference": f"Patient/{proxy_id}"},
        "description": name,
        "authoredOn": _said(at),
        **({"input": facts} if facts else {}),
    }


def noted(task: Resource, person_id: str, at: datetime) -> dict[str, Any]:
    """Return the proxy's own note with whose record they may open: an address, no reference."""
    identifier = [{"system": PROXY_PERSON, "value": person_id}]
    said = {"status": "in-progress", "lastModified": _said(at)}
    return {**task, "identifier": identifier, **said}


class For(Struct, frozen=True, kw_only=True):
    """A proxy's own note, as their pages read it; `person` is "" until it was approved."""

    id: str
    version: int
    resource: dict[str, Any]
    person: str
    name: str
    relationship: str
    written: str


def note_of(task: dict[str, Any], version: int) -> For | None:
    """Return a Task as a proxy's own note; None for any other."""
    if task_kind(task) != "proxy-for":
        return None
    facts = {_coded(i.get("type", {}), _FACT): i.get("valueString") for i in task.get("input", ())}
    named = (i for i in task.get("identifier", ()) if i.get("system") == PROXY_PERSON)
    return For(
        id=str(task.get("id", "")),
        version=version,
        resource=task,
        person=next((str(i.get("value", "")) for i in named), ""),
        name=str(task.get("description", "")),
        relationship=str(facts.get("relationship") or ""),
        written=str(task.get("authoredOn", "")),
    )


def note(person_id: str, worker: str, *, reason: str, words: str, at: datetime) -> dict[str, Any]:
    """Return why a professional said no or ended it, for professionals alone.

    Labelled as third-party information: a person's own pages, and every proxy's, show no trace of
    it, so that whoever stands behind the person does not read it either (ON-05; domain.md 5.4, 9).
    """
    why: dict[str, Any] = {"coding": [{"system": _REASON, "code": reason}]}
    if words.strip():
        why["text"] = words.strip()
    return {
        "resourceType": "Task",
        "meta": {"security": [{"system": LABEL_CODES, "code": "third-party"}]},
        "status": "completed",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "proxy-reason"}]},
        "for": {"reference": f"Patient/{person_id}"},
        "authoredOn": _said(at),
        "requester": {"reference": worker},
        "reasonCode": why,
    }
