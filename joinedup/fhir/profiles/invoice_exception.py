"""A bill that does not match what was agreed and done, as a Task that asks a person to decide."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from joinedup.fhir.classes import INVOICE_EXCEPTION, TASK_KIND, task_kind
from joinedup.fhir.profiles.event import PLACE

__all__ = ["DECISIONS", "InvoiceException", "build", "decided", "exception_id", "read"]

Resource = dict[str, Any]
REASON_CODES = f"{PLACE}/CodeSystem/invoice-exception"
DECISION_CODES = f"{PLACE}/CodeSystem/invoice-decision"
DECISIONS: Mapping[str, str] = {
    "accepted": "Accepted: it matches after all",
    "additional": "Accepted as an additional charge",
    "refused": "Refused: sent back to the provider",
}


class InvoiceException(Struct, frozen=True, kw_only=True):
    """One bill that waits: `reasons` are codes, each with a sentence; `invoice` is its id.

    `decision` is one of `DECISIONS`, or "" while it waits; `decided_by` a reference.
    """

    invoice: str
    person: str
    reasons: tuple[tuple[str, str], ...]
    asked_at: datetime
    decision: str = ""
    decided_by: str = ""
    decided_at: datetime | None = None
    words: str = ""

    @property
    def id(self) -> str:
        """Its id in the record."""
        return exception_id(self.invoice)


def exception_id(invoice: str) -> str:
    """Return the id of the exception about a bill, so that it is asked about once."""
    return f"exception-{invoice}"


def build(waiting: InvoiceException, *, security: Sequence[Mapping[str, Any]] = ()) -> Resource:
    """Return the Task: nobody is its owner, so it gives no organisation sight of the person.

    `security` are the labels of the package, and of any stay that a reason tells of.
    """
    meta = {"meta": {"security": [dict(label) for label in security]}} if security else {}
    resource: Resource = {
        "resourceType": "Task",
        "id": waiting.id,
        **meta,
        "status": "completed" if waiting.decision else "requested",
        "intent": "order",
        "code": {"coding": [{"system": TASK_KIND, "code": INVOICE_EXCEPTION}]},
        "focus": {"reference": f"Invoice/{waiting.invoice}"},
        "for": {"reference": waiting.person},
        "authoredOn": waiting.asked_at.isoformat(),
        "reasonCode": {"coding": [_coding(code) for code in _codes(waiting)]},
        "input": [
            {"type": {"coding": [_coding(code)]}, "valueString": sentence}
            for code, sentence in waiting.reasons
        ],
    }
    if waiting.decision and waiting.decided_at:
        said = DECISIONS[waiting.decision]
        coding = {"system": DECISION_CODES, "code": waiting.decision}
        by = {"authorReference": {"reference": waiting.decided_by}}
        resource |= {
            "lastModified": waiting.decided_at.isoformat(),
            "businessStatus": {"coding": [coding], "text": said},
            "note": [by | {"text": waiting.words or said}],
        }
    return resource


def _codes(waiting: InvoiceException) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for code, _ in waiting.reasons))


def _coding(code: str) -> Resource:
    return {"system": REASON_CODES, "code": code}


def read(task: Mapping[str, Any]) -> InvoiceException:
    """Return the exception a Task is; KeyError if it is another thing."""
    if task_kind(task) != INVOICE_EXCEPTION:
        raise KeyError("this Task is no exception of an invoice")
    decision: Mapping[str, Any] = next(iter(task.get("businessStatus", {}).get("coding", ())), {})
    note: Mapping[str, Any] = next(iter(task.get("note", ())), {})
    decided = task.get("lastModified")
    return InvoiceException(
        invoice=task["focus"]["reference"].removeprefix("Invoice/"),
        person=task["for"]["reference"],
        reasons=tuple((_code(said), said["valueString"]) for said in task["input"]),
        asked_at=datetime.fromisoformat(task["authoredOn"]),
        decision=decision.get("code", ""),
        decided_by=note.get("authorReference", {}).get("reference", ""),
        decided_at=datetime.fromisoformat(decided) if decided else None,
        words=note.get("text", ""),
    )


def _code(said: Mapping[str, Any]) -> str:
    return str(said["type"]["coding"][0]["code"])


def decided(
    waiting: InvoiceException, decision: str, *, by: str, at: datetime, words: str
) -> InvoiceException:
    """Return the exception with what somebody decided and why; KeyError for no such decision."""
    if decision not in DECISIONS:
        raise KeyError(decision)
    return replace(waiting, decision=decision, decided_by=by, decided_at=at, words=words)
