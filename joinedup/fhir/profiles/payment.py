"""Money that waits for a second person, as a Task that carries what is to be posted.

Whoever prepares writes the first version; what is posted is what that version says, whatever later
versions say (BU-05). Decided, it stays as the paper of its posting.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec import Struct

from joinedup.fhir.classes import TASK_KIND, task_kind
from joinedup.fhir.key import hash64
from joinedup.fhir.profiles import answer

__all__ = ["PAYMENT", "Payment", "answered", "build", "is_payment", "payment_id", "read"]

Resource = dict[str, Any]
PAYMENT = "payment"
_STATUS, _ANSWERS = answer.statuses("approved"), answer.answers_of("approved")


class Payment(Struct, frozen=True, kw_only=True):
    """What waits: `books` is its text as the ledger's, `posting` its id there, `words` for people.

    `people` are references to whose money it is; `answer` is "" while it waits, then `approved`,
    `refused` or `withdrawn`, by `answered_by` for the reason `why`.
    """

    posting: str
    words: str
    books: str
    people: tuple[str, ...]
    prepared_by: str
    prepared_at: datetime
    answer: str = ""
    answered_by: str = ""
    why: str = ""

    @property
    def id(self) -> str:
        """Its id in the record: one for a posting, so that it is prepared once."""
        return payment_id(self.posting)


def payment_id(posting: str) -> str:
    """Return the id of the Task of a posting; any words may be in a posting's own id."""
    return f"payment-{hash64(posting) & (2**64 - 1):016x}"


def is_payment(resource: Mapping[str, Any]) -> bool:
    """Return whether a resource is money that waits, or waited, for a second person."""
    return task_kind(resource) == PAYMENT


def build(payment: Payment) -> Resource:
    """Return the Task; the first of the people is whom it is for, nobody is its owner."""
    resource: Resource = {
        "resourceType": "Task",
        "id": payment.id,
        "status": _STATUS[payment.answer],
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": PAYMENT}]},
        "description": payment.words,
        "authoredOn": payment.prepared_at.isoformat(timespec="seconds"),
        "requester": {"reference": payment.prepared_by},
        "input": [
            _part("posting", payment.posting),
            _part("books", payment.books),
            *(
                {"type": _type("person"), "valueReference": {"reference": person}}
                for person in payment.people[1:]
            ),
        ],
    }
    if payment.people:
        resource["for"] = {"reference": payment.people[0]}
    return resource


def answered(
    task: Mapping[str, Any], said: str, *, by: str, at: datetime, why: str = ""
) -> Resource:
    """Return the Task with its answer; everything else of it stays."""
    return answer.answered(task, PAYMENT, _STATUS[said], by=by, at=at, why=why)


def read(task: Mapping[str, Any]) -> Payment:
    """Return what a Task of this kind says; KeyError or ValueError for one that says it wrongly."""
    if not is_payment(task):
        raise ValueError("this Task is no payment")
    said = {_code(part): part for part in reversed(task["input"])}
    people = [task["for"]["reference"]] if "for" in task else []
    people += [
        part["valueReference"]["reference"] for part in task["input"] if _code(part) == "person"
    ]
    return Payment(
        posting=str(said["posting"]["valueString"]),
        words=str(task["description"]),
        books=str(said["books"]["valueString"]),
        people=tuple(people),
        prepared_by=str(task["requester"]["reference"]),
        prepared_at=datetime.fromisoformat(str(task["authoredOn"])),
        answer=_ANSWERS[str(task["status"])],
        answered_by=answer.answered_by(task),
        why=str(task.get("statusReason", {}).get("text", "")),
    )


def _part(code: str, text: str) -> Resource:
    return {"type": _type(code), "valueString": text}


def _type(code: str) -> Resource:
    return answer.part_type(PAYMENT, code)


def _code(part: Mapping[str, Any]) -> str:
    return str(part["type"]["coding"][0]["code"])
