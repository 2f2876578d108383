"""AuditEvent made from a row of the audit, in the shape of IHE's Basic Audit Log Patterns.

Not stored twice: it is put together when asked for. Agents are who acted and this server; the
client's own machine is not kept, so no event claims BALP's profiles by name.
"""

import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

__all__ = ["ACTIONS", "Looked", "audit_event_of", "event_named"]

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_OURS = "https://joinedup.example"
KEYS = f"{_OURS}/record-key"
"""The record's own number of something whose name the reader may not see."""

APPS = f"{_OURS}/app"
"""The ids of apps that are known to this place."""

_NAME = re.compile(r"a-([1-9][0-9]{0,17})")
_REST = (f"{_TERMINOLOGY}/audit-event-type", "rest", "RESTful Operation")
_EXPORT = (_DICOM, "110106", "Export")
_IMPORT = (_DICOM, "110107", "Import")
_ACTIVITY = (_DICOM, "110100", "Application Activity")

_KINDS: Mapping[str, tuple[str, tuple[str, str, str], str]] = {
    "read": ("R", _REST, "read"),
    "history": ("R", _REST, "history-instance"),
    "search": ("E", _REST, "search"),
    "everything": ("E", _REST, "operation"),
    "who-looked": ("E", _REST, "search"),
    "created": ("C", _REST, "create"),
    "updated": ("U", _REST, "update"),
    "deleted": ("D", _REST, "delete"),
    "batch": ("E", _REST, "transaction"),
    "import": ("C", _IMPORT, ""),
    "export": ("R", _EXPORT, ""),
    "print": ("R", _EXPORT, ""),
    "backup": ("E", _ACTIVITY, ""),
    "restore": ("E", _ACTIVITY, ""),
    "verify": ("E", _ACTIVITY, ""),
}
"""Our actions: AuditEvent.action, type, and FHIR's name of the interaction ("": none)."""

ACTIONS: Mapping[str, tuple[str, ...]] = {
    letter: tuple(name for name, (told, _, _) in _KINDS.items() if told == letter)
    for letter in "CRUDE"
}
"""Which of our actions each letter of AuditEvent.action stands for, where the action alone says."""

_PURPOSES: Mapping[str, str] = {
    "direct-care": "TREAT",
    "own-care": "PATRQT",
    "administration": "HOPERAT",
    "analysis": "HQUALIMP",
    "system": "HSYSADMIN",
}
_BREAK_GLASS = 10  # Ground.BREAK_GLASS


class Looked(Struct, frozen=True, kw_only=True):
    """One row of the audit, with the names of what it is about that its reader may see.

    `people` and `what` are references, or "" and the record's number where the name is not seen.
    `query` is what was asked, "" for nothing or where the reader may not know. `client` is the app
    it was done through, "" for none.
    """

    seq: int
    at: datetime
    action: str
    outcome: int
    ground: int
    worker: str
    name: str
    role: str
    organisation: str
    purpose: str
    people: tuple[tuple[str, int], ...] = ()
    what: str = ""
    version: int = 0
    query: str = ""
    client: str = ""

    @property
    def id(self) -> str:
        """The id of the AuditEvent."""
        return f"a-{self.seq}"


def event_named(resource_id: str) -> int | None:
    """Return the number of the event an id names; None for an id of none."""
    found = _NAME.fullmatch(resource_id)
    return int(found[1]) if found else None


def audit_event_of(looked: Looked) -> dict[str, Any]:
    """Return the AuditEvent of a row (FHIR R4 6.4; IHE ITI BALP)."""
    letter, kind, interaction = _kind(looked)
    subtype = [_coding(f"{_OURS}/CodeSystem/audit-action", looked.action)]
    if interaction:
        subtype.insert(0, _coding(_INTERACTION, interaction))
    whole: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": looked.id,
        "type": _coding(*kind),
        "subtype": subtype,
        "action": letter,
        "recorded": looked.at.isoformat(),
        "outcome": str(looked.outcome),
        "agent": [_who(looked, letter), *_app(looked), _server(letter)],
        "source": {
            "site": "joinedup",
            "observer": {"display": "joinedup"},
            "type": [_coding(f"{_TERMINOLOGY}/security-source-type", "4", "Application Server")],
        },
    }
    if entities := _entities(looked):
        whole["entity"] = entities
    return whole


def _kind(looked: Looked) -> tuple[str, tuple[str, str, str], str]:
    """A commit with a name of its own is a create or an update by the version it left."""
    if known := _KINDS.get(looked.action):
        return known
    if looked.version == 1:
        return "C", _REST, "create"
    return ("U", _REST, "update") if looked.version else ("E", _REST, "operation")


def _coding(system: str, code: str, display: str = "") -> dict[str, str]:
    told = {"system": system, "code": code}
    return told | {"display": display} if display else told


def _who(looked: Looked, letter: str) -> dict[str, Any]:
    """Who acted: author of what they wrote, recipient of what they saw."""
    wrote = letter in "CUD"
    code, display = ("AUT", "author") if wrote else ("IRCP", "information recipient")
    agent: dict[str, Any] = {
        "type": {"coding": [_coding(f"{_TERMINOLOGY}/v3-ParticipationType", code, display)]},
        "requestor": True,
    }
    if looked.organisation:
        belongs = {"reference": f"Organization/{looked.organisation}"}
        agent["extension"] = [
            {"url": f"{_OURS}/StructureDefinition/organisation", "valueReference": belongs}
        ]
    if looked.role:
        agent["role"] = [{"coding": [_coding(f"{_OURS}/CodeSystem/role", looked.role)]}]
    if looked.worker.startswith("system/"):
        agent["who"] = {"display": looked.worker}
    elif looked.worker:
        agent["who"] = {"reference": looked.worker}
    if looked.name:
        agent["name"] = looked.name
    if purposes := _purposes(looked):
        agent["purposeOfUse"] = [
            {"coding": [_coding(f"{_TERMINOLOGY}/v3-ActReason", code)]} for code in purposes
        ]
    return agent


def _purposes(looked: Looked) -> list[str]:
    told = [_PURPOSES[looked.purpose]] if looked.purpose in _PURPOSES else []
    return [*told, "BTG"] if looked.ground == _BREAK_GLASS else told


def _app(looked: Looked) -> list[dict[str, Any]]:
    """The app it was done through, by its id here (BALP, OAuth client)."""
    if not looked.client:
        return []
    kind = _coding(_DICOM, "110150", "Application")
    who = {"identifier": {"system": APPS, "value": looked.client}}
    return [{"type": {"coding": [kind]}, "who": who, "requestor": False}]


def _server(letter: str) -> dict[str, Any]:
    """This server: source of what is read, destination of what is asked or written (BALP)."""
    gives = letter == "R"
    code, display = ("110153", "Source Role ID") if gives else ("110152", "Destination Role ID")
    return {
        "type": {"coding": [_coding(_DICOM, code, display)]},
        "who": {"display": "joinedup"},
        "requestor": False,
    }


def _entities(looked: Looked) -> list[dict[str, Any]]:
    told = [_entity("1", "Person", "1", "Patient") | {"what": _what(p)} for p in looked.people]
    if looked.what:
        version = f"/_history/{looked.version}" if looked.version else ""
        resource = _entity("2", "System Object", "4", "Domain Resource")
        told.append(resource | {"what": {"reference": looked.what + version}})
    if looked.query:
        asked = b64encode(looked.query.encode()).decode()
        told.append(_entity("2", "System Object", "24", "Query") | {"query": asked})
    return told


def _entity(kind: str, kind_words: str, role: str, role_words: str) -> dict[str, Any]:
    return {
        "type": _coding(f"{_TERMINOLOGY}/audit-entity-type", kind, kind_words),
        "role": _coding(f"{_TERMINOLOGY}/object-role", role, role_words),
    }


def _what(person: tuple[str, int]) -> dict[str, Any]:
    reference, key = person
    if reference:
        return {"reference": reference}
    return {"type": "Patient", "identifier": {"system": KEYS, "value": str(key)}}
