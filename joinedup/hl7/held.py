"""What is kept of each message, and the line of the work list of one that waits: Tasks. Pure.

The journal, `adt`, is kept of every message and shows to jobs of the place alone: its number, a
digest of its content, how it was answered, and while it waits the message itself, word for word.
The line, `adt-held`, says what is the matter and names nobody: ward, bed, visit, never content.
Who answers whose record something is sees the lines (`access.policy`, SETTLE_IDENTITY).
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from joinedup.fhir.classes import TASK_KIND
from joinedup.hl7.event import Header
from joinedup.hl7.stay import REASONS

__all__ = [
    "ADT",
    "DONE",
    "HELD",
    "SET_ASIDE",
    "WAITING",
    "WAITS_FOR",
    "Journal",
    "Line",
    "digest_of",
    "journal_id",
    "journal_of",
    "journal_task",
    "line_of",
    "line_task",
]

Resource = Mapping[str, Any]

ADT, HELD = "adt", "adt-held"
WAITS_FOR = "https://joinedup.example/Id/adt-waits-for"
REASON_CODES = "https://joinedup.example/CodeSystem/adt-reason"
_TEXT = "x-application/hl7-v2+er7"
WAITING, DONE, SET_ASIDE = "requested", "completed", "cancelled"


class Journal(Struct, frozen=True, kw_only=True):
    """What is kept of one message: `data` only while it waits; `answer` AA or AE, with words."""

    id: str
    organisation: str
    digest: str
    answer: str
    words: str = ""
    data: bytes = b""


class Line(Struct, frozen=True, kw_only=True):
    """One line of the work list: why a message waits, and for what (`keys`).

    `start` is when the place began that a bed is missing from.
    """

    journal: str
    organisation: str
    reason: str
    sentence: str
    said: str
    trigger: str
    control: str
    visit: str = ""
    ward: str = ""
    bed: str = ""
    start: str = ""
    keys: tuple[str, ...] = ()
    state: str = WAITING
    version: int = 0
    set_aside: str = ""

    @property
    def id(self) -> str:
        """The id of its Task."""
        return f"adt-held-{self.journal}"

    @property
    def waits(self) -> bool:
        """Whether it is still open."""
        return self.state == WAITING


def digest_of(data: bytes) -> str:
    """Return what tells two contents apart; the end of the last segment does not."""
    return blake2b(data.rstrip(b"\r\n"), digest_size=16).hexdigest()


def journal_id(organisation: str, header: Header, digest: str = "") -> str:
    """Return the id of what is kept of a message; with a digest, of a twin of it."""
    name = f"joinedup:adt|{organisation}|{header.facility}|{header.control}|{digest}"
    return str(uuid5(NAMESPACE_URL, name))


def journal_task(journal: Journal) -> dict[str, Any]:
    """Return the Task that keeps a message; nobody is named in it."""
    said = [_input("digest", journal.digest), _input("answer", journal.answer)]
    said += [_input("words", journal.words)] if journal.words else []
    if journal.data:
        kept = {"contentType": _TEXT, "data": b64encode(journal.data).decode()}
        said.append({"type": {"text": "message"}, "valueAttachment": kept})
    return {
        "resourceType": "Task",
        "id": journal.id,
        "status": WAITING if journal.data else DONE,
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": ADT}]},
        "requester": {"reference": f"Organization/{journal.organisation}"},
        "input": said,
    }


def journal_of(task: Resource) -> Journal:
    """Return what a Task keeps."""
    said = _inputs(task)
    return Journal(
        id=str(task["id"]),
        organisation=str(task["requester"]["reference"]).removeprefix("Organization/"),
        digest=said["digest"],
        answer=said["answer"],
        words=said.get("words", ""),
        data=b64decode(said.get("message", "")),
    )


def line_task(line: Line) -> dict[str, Any]:
    """Return the Task of a line; it names nobody, so no relationship leads to it."""
    told = {
        "sentence": line.sentence,
        "trigger": line.trigger,
        "message": line.control,
        "visit": line.visit,
        "ward": line.ward,
        "bed": line.bed,
        "start": line.start,
        "set aside": line.set_aside,
    }
    coding = {"system": REASON_CODES, "code": line.reason, "display": REASONS[line.reason]}
    return {
        "resourceType": "Task",
        "id": line.id,
        **({"identifier": _keys(line.keys)} if line.keys and line.waits else {}),
        "partOf": [{"reference": f"Task/{line.journal}"}],
        "status": line.state,
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": HELD}]},
        "authoredOn": line.said,
        "requester": {"reference": f"Organization/{line.organisation}"},
        "reasonCode": {"coding": [coding]},
        "input": [_input(name, text) for name, text in told.items() if text],
    }


def line_of(task: Resource) -> Line:
    """Return the line that a Task is."""
    said = _inputs(task)
    return Line(
        journal=str(task["partOf"][0]["reference"]).removeprefix("Task/"),
        organisation=str(task["requester"]["reference"]).removeprefix("Organization/"),
        reason=str(task["reasonCode"]["coding"][0]["code"]),
        sentence=said.get("sentence", ""),
        said=str(task["authoredOn"]),
        trigger=said.get("trigger", ""),
        control=said.get("message", ""),
        visit=said.get("visit", ""),
        ward=said.get("ward", ""),
        bed=said.get("bed", ""),
        start=said.get("start", ""),
        keys=tuple(str(i["value"]) for i in task.get("identifier", ())),
        state=str(task["status"]),
        version=int(task.get("meta", {}).get("versionId", 0)),
        set_aside=said.get("set aside", ""),
    )


def _keys(keys: Sequence[str]) -> list[dict[str, str]]:
    return [{"system": WAITS_FOR, "value": key} for key in keys]


def _input(name: str, text: str) -> dict[str, Any]:
    return {"type": {"text": name}, "valueString": text}


def _inputs(task: Resource) -> dict[str, str]:
    return {
        one["type"]["text"]: one.get("valueString")
        or one.get("valueAttachment", {}).get("data", "")
        for one in task.get("input", ())
    }
