"""A question about identity, and what is held until it is answered: values and their Tasks. Pure.

What came is kept word for word as an attachment: it names nobody, is found by nothing and filed
nowhere until a person says whose it is (docs/decisions/0014-identity.md).
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from msgspec import Struct

from joinedup.fhir.classes import TASK_KIND, task_kind
from joinedup.fhir.wire import read_resource, write_resource
from joinedup.people.identity.protection import PROTECTED_CODING, is_protected

__all__ = [
    "REASONS",
    "Answer",
    "Held",
    "Question",
    "answered",
    "held_of",
    "held_task",
    "pair_id",
    "question_id",
    "question_of",
    "question_task",
    "with_state",
]

Resource = Mapping[str, Any]

REASON_CODES = "https://joinedup.example/CodeSystem/identity-reason"
REASONS: Mapping[str, str] = {
    "several": "Several people fit",
    "unsure": "One person fits, and nothing proves it",
    "conflict": "The NHS number and the details disagree",
    "unverified": "The NHS number is not verified",
    "nobody": "It names nobody that is known",
    "pair": "Two records look like one person",
}
"""Why people must decide; the code is kept, the words are shown."""

FHIR_JSON = "application/fhir+json"
WAITING, WITH_OFFICER, TO_CARRY_OUT, DONE = "requested", "on-hold", "accepted", "completed"


class Answer(Struct, frozen=True, kw_only=True):
    """One thing somebody said to a question: `same`, `different`, `pass`, `open` or `done`.

    `person` is the id of who it is, for `same`; `words` what was typed.
    """

    said: str
    by: str
    at: datetime
    person: str = ""
    words: str = ""


class Question(Struct, frozen=True, kw_only=True):
    """What waits for people: whose is `incoming`, of these people? Or: are these two one person?

    `own` is the id the incoming person would have as somebody new; `organisation` sent it, and
    `what` is its type. Of a pair `incoming` is empty and `people` are the two.
    """

    id: str
    reason: str
    sentences: tuple[str, ...]
    organisation: str
    asked_at: datetime
    own: str
    incoming: dict[str, Any]
    people: tuple[str, ...]
    verification: str = ""
    protected: bool = False
    what: str = "Patient"
    state: str = WAITING
    answers: tuple[Answer, ...] = ()
    version: int = 0

    @property
    def is_pair(self) -> bool:
        """Whether both are in the record already."""
        return self.reason == "pair"

    @property
    def answer(self) -> Answer | None:
        """What stands: the last that said whose it is."""
        said = [a for a in self.answers if a.said in ("same", "different", "open")]
        return said[-1] if said and said[-1].said != "open" else None


class Held(Struct, frozen=True, kw_only=True):
    """One resource that waits with a question, ready to be stored but for whose it is."""

    question: str
    resource: dict[str, Any]
    organisation: str
    author: str = ""
    recorded: str = ""


def question_id(name: str) -> str:
    """Return the id of the question about what has this name; the same every time."""
    return f"identity-{uuid5(NAMESPACE_URL, f'joinedup:identity|{name}')}"


def pair_id(one: str, other: str) -> str:
    """Return the id of the question whether two people are one, in whatever order."""
    return question_id("pair|" + "|".join(sorted((one, other))))


def question_task(question: Question) -> dict[str, Any]:
    """Return the Task that asks; nobody is named in it, so no relationship leads to it."""
    meta = {"meta": {"security": [dict(PROTECTED_CODING)]}} if question.protected else {}
    said = [_input("reason", sentence) for sentence in question.sentences]
    if question.own:
        said.append(_input("own", question.own))
    if question.verification:
        said.append(_input("verification", question.verification))
    said += [_input("what", question.what)] if question.what != "Patient" else []
    said += [_input("candidate", person) for person in question.people]
    if question.incoming:
        said.append(_attached("incoming", question.incoming))
    return {
        "resourceType": "Task",
        "id": question.id,
        **meta,
        "status": question.state,
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "identity"}]},
        "authoredOn": _said(question.asked_at),
        **({"requester": _organisation(question.organisation)} if question.organisation else {}),
        "reasonCode": {"coding": [{"system": REASON_CODES, "code": question.reason}]},
        "input": said,
        **({"output": [_output(a) for a in question.answers]} if question.answers else {}),
    }


def question_of(task: Resource, version: int = 0) -> Question | None:
    """Return the question a Task asks; None for any other Task."""
    if task_kind(task) != "identity":
        return None
    said = _inputs(task)
    incoming: dict[str, Any] = next(iter(said.get("incoming", ())), {})
    codes = task.get("reasonCode", {}).get("coding", ())
    sent_by = str(task.get("requester", {}).get("reference", ""))
    return Question(
        id=str(task["id"]),
        reason=next((c["code"] for c in codes if c.get("system") == REASON_CODES), ""),
        sentences=tuple(said.get("reason", ())),
        organisation=sent_by.removeprefix("Organization/"),
        asked_at=datetime.fromisoformat(str(task["authoredOn"])),
        own=next(iter(said.get("own", ())), ""),
        incoming=incoming,
        people=tuple(said.get("candidate", ())),
        verification=next(iter(said.get("verification", ())), ""),
        protected=is_protected(task),
        what=next(iter(said.get("what", ())), "Patient"),
        state=str(task["status"]),
        answers=tuple(_answer(one) for one in task.get("output", ())),
        version=version,
    )


def answered(task: Resource, answer: Answer, state: str) -> dict[str, Any]:
    """Return the Task with one more answer; what was asked and said before stays."""
    output = [*task.get("output", ()), _output(answer)]
    return {**task, "status": state, "output": output, "lastModified": _said(answer.at)}


def with_state(task: Resource, state: str) -> dict[str, Any]:
    """Return the Task in another state."""
    return {**task, "status": state}


def held_task(held: Held) -> dict[str, Any]:
    """Return the Task that keeps a resource until its question is answered."""
    resource = held.resource
    name = f"{held.organisation}|{resource['resourceType']}/{resource['id']}"
    said = [_attached("held", resource)]
    said += [_input("author", held.author)] if held.author else []
    said += [_input("recorded", held.recorded)] if held.recorded else []
    return {
        "resourceType": "Task",
        "id": f"held-{uuid5(NAMESPACE_URL, f'joinedup:held|{name}')}",
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": "held"}]},
        "partOf": [{"reference": f"Task/{held.question}"}],
        "requester": _organisation(held.organisation),
        "input": said,
    }


def held_of(task: Resource) -> Held:
    """Return what a Task keeps."""
    said = _inputs(task)
    return Held(
        question=str(task["partOf"][0]["reference"]).removeprefix("Task/"),
        resource=said["held"][0],
        organisation=str(task["requester"]["reference"]).removeprefix("Organization/"),
        author=next(iter(said.get("author", ())), ""),
        recorded=next(iter(said.get("recorded", ())), ""),
    )


def _organisation(code: str) -> dict[str, str]:
    return {"reference": f"Organization/{code}"}


def _input(name: str, text: str) -> dict[str, Any]:
    return {"type": {"text": name}, "valueString": text}


def _attached(name: str, resource: Resource) -> dict[str, Any]:
    data = b64encode(write_resource(dict(resource)).encode()).decode()
    return {
        "type": {"text": name},
        "valueAttachment": {"contentType": FHIR_JSON, "data": data},
    }


def _inputs(task: Resource) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in task.get("input", ()):
        value: Any = one.get("valueString")
        if value is None:
            value = read_resource(b64decode(one["valueAttachment"]["data"]))
        found.setdefault(one["type"]["text"], []).append(value)
    return found


def _output(answer: Answer) -> dict[str, Any]:
    text = " ".join(filter(None, (answer.person, answer.words))) or answer.said
    note: dict[str, Any] = {"time": _said(answer.at), "text": text}
    if "/" in answer.by:
        note["authorReference"] = {"reference": answer.by}
    about = f"{answer.said} person" if answer.person else answer.said
    return {"type": {"text": about}, "valueAnnotation": note}


def _answer(output: Resource) -> Answer:
    said, _, about = str(output["type"]["text"]).partition(" ")
    note = output["valueAnnotation"]
    text = str(note["text"])
    person, words = ("", "" if text == said else text)
    if about:
        person, _, words = text.partition(" ")
    return Answer(
        said=said,
        by=str(note.get("authorReference", {}).get("reference", "")),
        at=datetime.fromisoformat(str(note["time"])),
        person=person,
        words=words,
    )


def _said(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
