"""Who may write the few resources that give somebody sight of a person, or take it away.

Pure: `record.commit` asks `refuse_unguarded` of every change, whichever door it came through.
Broken glass, a proxy's trust and a permission to view are written in pages by those named here,
never through a token and never by a job: a file that is imported opens no record. What somebody
objected to is made less by themselves, or by who answers for it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from joinedup.access.beds import refuse_beds
from joinedup.access.capacity import refuse_capacity
from joinedup.access.deferrals import refuse_deferrals
from joinedup.access.homeward import refuse_retyping
from joinedup.access.identity import refuse_identity
from joinedup.access.money import refuse_money
from joinedup.access.permit import Permit
from joinedup.access.proxies import ends_proxy, refuse_papers
from joinedup.access.returns import refuse_returns
from joinedup.access.rights import refuse_rights
from joinedup.access.staff import refuse_staff_link, refuse_staff_number
from joinedup.access.words import ROLE_SYSTEM, Power, Role
from joinedup.fhir.classes import AGREEMENT_KIND, TASK_KIND, task_kind
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.key import resource_key
from joinedup.fhir.nhs_number import NHS_NUMBER_SYSTEM
from joinedup.fhir.profiles.carer_answer import ASKED
from joinedup.fhir.profiles.criteria import REVIEW
from joinedup.fhir.profiles.elective import WAITING_LIST
from joinedup.fhir.profiles.invoice import PROFILE as INVOICE
from joinedup.fhir.profiles.referral import PURPOSES as REFERRAL_PURPOSES
from joinedup.fhir.relationships import (
    CONSENT_KIND,
    Ground,
    Objection,
    consent_kind,
    objections,
    reach,
)

__all__ = [
    "BREAK_GLASS_HOURS",
    "OTHER_REASON",
    "PERMISSION_HOURS",
    "REASON_CODES",
    "REASONS",
    "may_be_guarded",
    "names_proxy",
    "refuse_unguarded",
]

Resource = Mapping[str, Any]

BREAK_GLASS_HOURS = 4
PERMISSION_HOURS = 24
REASON_CODES = "https://joinedup.example/CodeSystem/access-reason"
OTHER_REASON = "6"
REASONS: Mapping[str, str] = {
    "1": "Access made in the public interest",
    "2": "Access required by statute",
    "3": "Access required by a court order",
    "4": "Emergency access that I claim for myself",
    "5": "Access made in an emergency",
    OTHER_REASON: "Another reason",
}
"""Why a record is opened without a relationship (domain.md 1.2, SCR alert reasons)."""

_KEPT_OF_GLASS = ("code", "for", "requester", "reasonCode", "intent", "authoredOn")
_REVIEWED_OF_GLASS = ("status", "businessStatus", "note", "owner")


_NAMED = ("Person", "MeasureReport", "Location", "Slot", "HealthcareService")
_GUARDED_TYPES = tuple(f'{{"resourceType":"{name}"' for name in _NAMED)


def may_be_guarded(body: str) -> bool:
    """Whether a stored text could be one of these, before it is read: most are not."""
    return (
        TASK_KIND in body
        or CONSENT_KIND in body
        or ROLE_SYSTEM in body
        or NHS_NUMBER_SYSTEM in body
        or AGREEMENT_KIND in body
        or INVOICE in body
        or WAITING_LIST in body
        or REVIEW in body
        or ASKED in body
        or REFERRAL_PURPOSES in body
        or body.startswith(_GUARDED_TYPES)
    )


def names_proxy(resource: Resource) -> bool:
    """Whether a resource trusts a proxy with somebody's record now."""
    return _kind(resource) == "proxy" and resource.get("status") == "active"


def refuse_unguarded(
    permit: Permit,
    before: Resource | None,
    after: Resource | None,
    *,
    now: datetime,
    restricted: bool = False,
) -> None:
    """Refuse a change to sight itself by somebody who may not make it.

    `before` and `after` are the resource as it stood and as it would stand, None where there is
    none; `restricted` says that the person's record is. Raises NotPermitted; what is not guarded
    passes (domain.md 1.2, 5.2; issue 2).
    """
    _guard_post(permit, before, after)
    refuse_rights(permit, before, after)
    refuse_identity(permit, before, after)
    refuse_money(permit, before, after)
    refuse_beds(permit, before, after)
    refuse_capacity(permit, before, after)
    refuse_returns(permit, before, after)
    refuse_deferrals(permit, before, after)
    refuse_retyping(permit, before, after)
    refuse_papers(permit, before, after)
    refuse_staff_link(permit, before, after)
    refuse_staff_number(after)
    _guard_wish(permit, before, after)
    kinds = {_kind(r) for r in (before, after) if r is not None} - {""}
    if not kinds:
        return
    if ends_proxy(permit, before, after):
        return
    if permit.role is Role.SYSTEM or permit.by_program:
        raise NotPermitted(
            "Broken glass, proxies and permissions to view are written by people in their own "
            "pages. A job, an import or a program cannot write them."
        )
    if len(kinds) > 1 or (before is not None and after is not None and not _same(before, after)):
        raise NotPermitted("What gives sight of a person cannot be made into something else.")
    kind = kinds.pop()
    if kind == "break-glass":
        _guard_glass(permit, before, after, now)
    elif kind == "proxy":
        _guard_proxy(permit, before, after, restricted=restricted)
    else:
        _guard_permission(permit, before, after, now)


def _kind(resource: Resource) -> str:
    kind = task_kind(resource)
    if kind == "break-glass":
        return kind
    if resource["resourceType"] == "Consent":
        kind = consent_kind(resource)
        return kind if kind in ("proxy", "permission-given") else ""
    return ""


def _person(resource: Resource) -> Any:
    named = resource.get("for") or resource.get("patient") or {}
    return named.get("reference")


def _same(before: Resource, after: Resource) -> bool:
    return _kind(before) == _kind(after) and _person(before) == _person(after)


def _guard_post(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """A post that somebody may sign in to is given, changed and ended by who admits staff."""
    posts = [r for r in (before, after) if r is not None and _is_post(r)]
    if not posts or permit.role is Role.SYSTEM:
        return
    if permit.by_program or not permit.may(Power.ADMIT_STAFF):
        raise NotPermitted(
            "What somebody works as is written by who admits staff, in their own pages."
        )
    if any(r.get("practitioner", {}).get("reference") == permit.worker for r in posts):
        raise NotPermitted("Nobody gives themselves a post, or changes their own.")


def _is_post(resource: Resource) -> bool:
    codings = (c for concept in resource.get("code", ()) for c in _codings(concept))
    return resource["resourceType"] == "PractitionerRole" and any(
        c.get("system") == ROLE_SYSTEM for c in codings
    )


def _codings(concept: Resource) -> Any:
    return concept.get("coding", ())


def _guard_wish(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """Anybody whose role writes Consents may write down an objection; few may take it back."""
    if before is None or before["resourceType"] != "Consent":
        return
    stood = tuple(objections(before, 0))
    stands = () if after is None else tuple(objections(after, 0))
    if all(any(_covers(later, earlier) for later in stands) for earlier in stood):
        return
    job = permit.role is Role.SYSTEM  # a file changes only what its own organisation said
    own = _person(before) == permit.worker
    answers = permit.may(Power.REVIEW_ACCESS) or permit.may(Power.APPROVE_PROXY)
    if permit.by_program or not (own or job or answers):
        raise NotPermitted(
            "What a person does not want shown is taken back by the person, or for them by the "
            "practice or the privacy officer."
        )


def _covers(later: Objection, earlier: Objection) -> bool:
    """Whether an objection still hides all that an earlier one did, and as long."""
    return (
        (later.party, later.against) == (earlier.party, earlier.against)
        and later.classes & earlier.classes == earlier.classes
        and _moment_of(later.starts) <= _moment_of(earlier.starts)
        and _moment_of(later.ends) >= _moment_of(earlier.ends)
        and _moment_of(later.said) >= _moment_of(earlier.said)
    )


_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def _moment_of(text: str) -> datetime:
    ends = {"-infinity": _FIRST, "infinity": _LAST}
    return ends.get(text) or datetime.fromisoformat(text)


def _guard_glass(
    permit: Permit, before: Resource | None, after: Resource | None, now: datetime
) -> None:
    if after is None:
        raise NotPermitted("That a record was opened without a relationship is never deleted.")
    if before is not None:
        _guard_later_glass(permit, before, after)
        return
    if not permit.may(Power.BREAK_GLASS):
        raise NotPermitted("Your role does not open records without a relationship.")
    if after.get("requester", {}).get("reference") != permit.worker:
        raise NotPermitted("You break glass in your own name, and in nobody else's.")
    if after.get("status") != "in-progress":
        raise NotPermitted("Broken glass begins in progress; the privacy officer closes it.")
    if any(element in after for element in ("businessStatus", "note", "owner")):
        raise NotPermitted("Only the privacy officer writes what was found of broken glass.")
    _refuse_reason(after)
    _refuse_sight(permit, after, now, hours=BREAK_GLASS_HOURS)


def _refuse_reason(task: Resource) -> None:
    reason = task.get("reasonCode", {})
    codes = [c.get("code") for c in reason.get("coding", ()) if c.get("system") == REASON_CODES]
    if len(codes) != 1 or codes[0] not in REASONS:
        raise NotPermitted("Say why you need this record: one of the six reasons.")
    if codes[0] == OTHER_REASON and not str(reason.get("text", "")).strip():
        raise NotPermitted("Write what the other reason is.")


def _guard_later_glass(permit: Permit, before: Resource, after: Resource) -> None:
    """The worker may end it sooner; who reviews access may say what was found, and end it too."""
    own = before.get("requester", {}).get("reference") == permit.worker
    reviews = permit.may(Power.REVIEW_ACCESS)
    if not (own or reviews):
        raise NotPermitted("Only the worker and the privacy officer may change this.")
    kept = _KEPT_OF_GLASS if reviews and not own else (*_KEPT_OF_GLASS, *_REVIEWED_OF_GLASS)
    if any(before.get(element) != after.get(element) for element in kept):
        raise NotPermitted("Who opened whose record, when and why stays as it was written.")
    if _longest(after, Ground.BREAK_GLASS) > _longest(before, Ground.BREAK_GLASS):
        raise NotPermitted("It cannot be made longer. Give your reason again.")
    if _starts(after) != _starts(before):
        raise NotPermitted("When a record was opened stays as it was written.")


def _starts(task: Resource) -> Any:
    return task.get("executionPeriod", {}).get("start")


def _longest(resource: Resource, ground: Ground) -> str:
    """Return the latest end of the sight it gives; "infinity" is later than any time as text."""
    return max((r.ends for r in reach(resource, 0) if r.ground == ground), default="")


def _guard_proxy(
    permit: Permit, before: Resource | None, after: Resource | None, *, restricted: bool
) -> None:
    approves = permit.may(Power.APPROVE_PROXY)
    if after is None or after.get("status") != "active":
        own = before is not None and _person(before) == permit.worker
        if before is not None and before.get("status") == "active" and not (approves or own):
            raise NotPermitted("A proxy is ended by the person, or by who approves proxies.")
        return
    if not approves:
        raise NotPermitted("Your role does not approve proxies.")
    if restricted:
        raise NotPermitted("A restricted record has no proxy online. Ask your privacy officer.")
    actors = _actors(after)
    if not actors or any(not actor.startswith("RelatedPerson/") for actor in actors):
        raise NotPermitted("A proxy is somebody related to the person, named in their record.")
    if any(given.party in permit.parties for given in reach(after, 0)):
        raise NotPermitted("You cannot approve yourself as a proxy.")


def _actors(consent: Resource) -> list[str]:
    actors = consent.get("provision", {}).get("actor", ())
    return [str(a.get("reference", {}).get("reference", "")) for a in actors]


def _guard_permission(
    permit: Permit, before: Resource | None, after: Resource | None, now: datetime
) -> None:
    earlier = [before] if before is not None else []
    if any(actor != permit.worker for given in earlier for actor in _actors(given)):
        if after is not None and after.get("status") == "active":
            raise NotPermitted("A permission to view is written by the worker who asked.")
        if not (permit.may(Power.REVIEW_ACCESS) or _person(earlier[0]) == permit.worker):
            raise NotPermitted("It is ended by the person, the worker or the privacy officer.")
    if after is None or after.get("status") != "active":
        return
    if permit.role in (Role.PERSON, Role.PROXY) or _actors(after) != [permit.worker]:
        raise NotPermitted("A permission to view is for the worker who asked, and no one else.")
    _refuse_sight(permit, after, now, hours=PERMISSION_HOURS)


def _refuse_sight(permit: Permit, after: Resource, now: datetime, *, hours: int) -> None:
    """Refuse sight for another party than the writer, and sight beyond some hours from now."""
    kind, _, name = permit.worker.partition("/")
    own = resource_key(kind, name)
    given = tuple(reach(after, 0))
    if not given or any(row.party != own for row in given):
        raise NotPermitted("It opens the record to the worker who asks, from a time to a time.")
    latest = now + timedelta(hours=hours)
    if any(r.ends == "infinity" or datetime.fromisoformat(r.ends) > latest for r in given):
        raise NotPermitted(f"It ends within {hours} hours from now.")
