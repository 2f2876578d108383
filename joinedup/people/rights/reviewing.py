"""The privacy officer's part: the requests of the place, what would be in a copy, and the answer.

The officer sees the whole record of somebody who asked, while the request waits, and of nobody
else (`access.rights.releasing`); every look is in the person's own log.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from msgspec import Struct

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.policy import labels_marked, labels_seen
from joinedup.access.rights import as_copied, refuse_own_request, releasing
from joinedup.access.words import DataClass, Power, Role
from joinedup.fhir.classes import TASK_KIND, class_of, label_of, task_kind
from joinedup.fhir.issue import Invalid, NotFound, NotPermitted, Problem, Stale
from joinedup.fhir.search.clause import Ids, Query
from joinedup.fhir.search.query import parse_query
from joinedup.fhir.withholding import with_label, withheld_for, without_label
from joinedup.people.alerts.workers import refuse_kin
from joinedup.people.presenters.life import name_of_resource
from joinedup.people.queries import life_of
from joinedup.people.rights.content import Copy, copy_of
from joinedup.people.rights.copying import Copied, copied
from joinedup.people.rights.requests import (
    REFUSALS,
    RecordRequest,
    approved,
    extended,
    reason_problems,
    refused,
    request_of,
)
from joinedup.people.rights.withholdings import (
    Withholding,
    lifted,
    withholding_id,
    withholding_of,
    withholding_problems,
    withholding_task,
)
from joinedup.record import Change, Create, Stored, Update
from joinedup.record.prepare import source_of
from joinedup.record.taken import leave_taken

__all__ = [
    "Review",
    "Waiting",
    "approve",
    "extend",
    "paper_copy",
    "refuse",
    "review",
    "show_again",
    "waiting_requests",
    "withhold",
    "withholdings",
]

_MOST = 500
_STALE = "Somebody answered this request while you were reading. Look at what stands now."


class Waiting(Struct, frozen=True):
    """A line of the officer's list: the request, whose it is, and who wrote it down.

    `is_own`: the officer herself did, so somebody else must answer it.
    """

    request: RecordRequest
    name: str
    is_own: bool


class Review(Struct, frozen=True, kw_only=True):
    """What the officer looks at: everything, and what becomes of each entry.

    `fates` says of an entry that it stays out ("silent", "told"), or why it is withheld; an entry
    that is not there is in the copy. `fixed` are those that nobody keeps from her: her details,
    and what she asked for and decided herself.
    """

    request: RecordRequest
    version: int
    name: str
    copy: Copy
    fates: Mapping[str, str]
    fixed: frozenset[str]
    withheld: Mapping[str, Withholding]


def waiting_requests(permit: Permit) -> tuple[Waiting, ...]:
    """Return every request of the place, the most urgent first; NotPermitted without the power."""
    _refuse_others(permit)
    asked = parse_query("Task", [("code", f"{TASK_KIND}|record-request")], default_count=_MOST)
    page = record.search(permit, asked, detail="requests for a copy")
    found = [r for s in page.entries if (r := request_of(s.resource)) is not None]
    names = _names(permit, tuple(dict.fromkeys(r.person for r in found)))
    ordered = sorted(found, key=lambda r: (not r.is_open, r.due, r.id))
    return tuple(
        Waiting(r, names.get(r.person, "Name not known"), r.asked_by == permit.worker)
        for r in ordered
    )


def _names(permit: Permit, people: tuple[str, ...]) -> dict[str, str]:
    if not people:
        return {}
    query = Query(type="Patient", clauses=(Ids(people),), count=len(people))
    page = record.search(permit, query, detail="requests for a copy")
    return {s.id: name_of_resource(s.resource) for s in page.entries}


def _refuse_others(permit: Permit) -> None:
    if not permit.may(Power.RELEASE_RECORD):
        raise NotPermitted("Your role does not answer requests for a whole record.")


def _open(permit: Permit, request_id: str) -> tuple[RecordRequest, Stored]:
    """Return a request that waits, for somebody else than its writer and the person's own family.

    Raises NotFound for what is none, Stale for one that was answered, NotPermitted with the reason.
    """
    _refuse_others(permit)
    stored = record.read(permit, "Task", request_id)
    found = request_of(stored.resource)
    if found is None:
        raise NotFound(f"There is no Task/{request_id} that you can see.")
    if not found.is_open:
        raise Stale(_STALE)
    refuse_own_request(permit, found.asked_by)
    refuse_kin(permit, [found.person], "read and answer this request")
    return found, stored


def review(permit: Permit, request_id: str, *, now: datetime) -> Review:
    """Return everything that is held of who asked, with what becomes of each entry.

    Raises Stale once the request was answered: there is then no reason to look.
    """
    found, stored = _open(permit, request_id)
    sees = releasing(permit)
    page = record.everything(sees, found.person, detail=f"review {request_id}")
    decisions = [w for s in page.entries if (w := withholding_of(s.resource)) is not None]
    kept = tuple(s for s in page.entries if task_kind(s.resource) != "withholding")
    life = life_of(sees, found.person, kept)
    return Review(
        request=found,
        version=stored.version,
        name=name_of_resource(life.person.resource),
        copy=copy_of(life, (), now),
        fates={s.reference: fate for s in kept if (fate := _fate(s))},
        fixed=frozenset(s.reference for s in kept if _is_fixed(s.resource)),
        withheld={w.entry: w for w in decisions if w.is_standing},
    )


def _is_fixed(resource: Mapping[str, Any]) -> bool:
    data_class = class_of(resource, names_somebody=True)
    return resource["resourceType"] == "Patient" or data_class is DataClass.ACCESS


def _fate(stored: Stored) -> str:
    """Return what becomes of an entry by its labels, "" where it is in the copy."""
    resource = stored.resource
    if code := withheld_for(resource):
        return code
    hidden = label_of(resource) & ~labels_seen(Role.PERSON)
    if not hidden:
        return ""
    return "silent" if hidden & ~labels_marked(Role.PERSON) else "told"


def approve(permit: Permit, request_id: str, version: int, *, at: datetime) -> Stored:
    """Approve the copy as it stands now. Raises Stale where somebody was first."""
    _, stored = _open(permit, request_id)
    change = Update(approved(stored.resource, at=at), version)
    return record.commit(permit, [change], action="record-request-approved").stored[0]


def extend(permit: Permit, request_id: str, version: int, reason: str, *, at: datetime) -> Stored:
    """Take two more months, once, and tell the person why. Raises Invalid without a reason.

    Only within the first month (UK GDPR 12(3)): Invalid after it.
    """
    found, stored = _open(permit, request_id)
    if problems := reason_problems(reason, "more-time"):
        raise Invalid(*problems)
    if found.was_extended or at.date() > found.due:
        words = "More time can be taken once, and within the first month."
        raise Invalid(Problem("business-rule", words, "more-time"))
    change = Update(extended(stored.resource, reason, at=at), version)
    return record.commit(permit, [change], action="record-request-extended").stored[0]


def refuse(
    permit: Permit, request_id: str, version: int, code: str, reason: str, *, at: datetime
) -> Stored:
    """Refuse the whole request, for a coded reason and in words the person reads."""
    _, stored = _open(permit, request_id)
    problems = list(reason_problems(reason, "refusal"))
    if code not in REFUSALS:
        problems.insert(0, Problem("required", "Choose why it is refused.", "refusal-code"))
    if problems:
        raise Invalid(*problems)
    change = Update(refused(stored.resource, code, reason, at=at), version)
    return record.commit(permit, [change], action="record-request-refused").stored[0]


def withhold(
    permit: Permit,
    request_id: str,
    entry: str,
    *,
    code: str,
    reviewer: str,
    review_on: str,
    at: datetime,
) -> Stored:
    """Keep an entry from the person, everywhere she looks, until somebody shows it again.

    The entry keeps its words, its source and its author; workers see it as before. Raises Invalid
    for what is missing, NotFound for an entry that is not this person's.
    """
    found, _ = _open(permit, request_id)
    if problems := withholding_problems(code, reviewer, review_on, today=_day(at)):
        raise Invalid(*problems)
    sees = releasing(permit)
    stored = _entry(sees, found.person, entry)
    task = withholding_task(
        found.person,
        entry,
        code,
        reviewer=reviewer,
        review_on=review_on,
        worker=permit.worker,
        at=at,
    )
    changes = [
        _relabelled(stored, with_label(stored.resource, code)),
        _decision(sees, found.person, task),
    ]
    return record.commit(sees, changes, action="withheld", detail=code).stored[0]


def show_again(permit: Permit, request_id: str, entry: str) -> Stored:
    """Show an entry again that was kept from the person. NotFound for one that is not kept."""
    found, _ = _open(permit, request_id)
    sees = releasing(permit)
    stored = _entry(sees, found.person, entry)
    if not withheld_for(stored.resource):
        raise NotFound("This entry is not withheld from the person.")
    changes: list[Change] = [_relabelled(stored, without_label(stored.resource))]
    changes += [
        Update(lifted(s.resource), s.version)
        for s in _decisions(sees, found.person)
        if s.id == withholding_id(entry)
    ]
    return record.commit(sees, changes, action="shown-again").stored[0]


def _day(at: datetime) -> date:
    return at.date()


def _entry(sees: Permit, person_id: str, entry: str) -> Stored:
    kind, _, name = entry.partition("/")
    if not name:
        raise NotFound("There is no such entry in this record.")
    stored = record.read(sees, kind, name)
    if _is_fixed(stored.resource):
        raise NotFound("Nobody keeps this from the person.")
    page = record.everything(sees, person_id, types=(kind,), detail="review of one entry")
    if all(s.reference != stored.reference for s in page.entries):
        raise NotFound("There is no such entry in this record.")
    return stored


def _relabelled(stored: Stored, resource: dict[str, object]) -> Update:
    """Another label on the same statement: who said it, and when, stay as they were."""
    return Update(resource, stored.version, source=source_of(stored))


def _decision(sees: Permit, person_id: str, task: dict[str, object]) -> Change:
    decisions = _decisions(sees, person_id)
    stands = next((s for s in decisions if s.id == task["id"]), None)
    return Update(task, stands.version) if stands else Create(task, str(task["id"]))


def _decisions(sees: Permit, person_id: str) -> tuple[Stored, ...]:
    asked = [("patient", person_id), ("code", f"{TASK_KIND}|withholding")]
    return record.search(sees, parse_query("Task", asked, default_count=_MOST)).entries


def withholdings(permit: Permit, *, due_by: date | None = None) -> tuple[Withholding, ...]:
    """Return what is kept from people in this place, the next to be reviewed first."""
    _refuse_others(permit)
    asked = parse_query("Task", [("code", f"{TASK_KIND}|withholding")], default_count=_MOST)
    page = record.search(permit, asked, detail="withheld entries")
    found = [w for s in page.entries if (w := withholding_of(s.resource)) is not None]
    standing = [w for w in found if w.is_standing]
    if due_by is not None:
        standing = [w for w in standing if w.review_on <= due_by.isoformat()]
    return tuple(sorted(standing, key=lambda w: w.review_on))


def paper_copy(
    permit: Permit, request_id: str, *, at: datetime
) -> tuple[RecordRequest, Stored, Copied]:
    """Return an approved copy as it is posted to somebody who has no sign-in (ON-08).

    It holds what the person's own would, without the list of who looked. Raises NotFound for a
    request that is not approved, Stale when its days are over. Audited as an export and a print.
    """
    _refuse_others(permit)
    stored = record.read(permit, "Task", request_id)
    found = request_of(stored.resource)
    if found is None or found.status != "completed":
        raise NotFound(f"There is no Task/{request_id} that you can see.")
    if not found.may_be_taken(at):
        raise Stale("The days in which this copy could be sent are over. It is asked for again.")
    sees = as_copied(permit, found.person)
    leave_taken(sees, "export", found.person, request_id)
    leave_taken(sees, "print", found.person, request_id)
    read = copied(sees, found.person, approved=stored.updated, now=at, detail=request_id)
    return found, stored, Copied(read.entries, read.copy, (), read.money)
