"""Who may write the papers of proxies and of alerts: requests, reasons, notes, and what was found.

They give no sight by themselves; what does is `guard`'s. But whoever approves a proxy believes
what a request says, and whoever answers for access believes an alert, so nobody else writes them.
Pure: `guard` asks `refuse_papers` of every change.
"""

from collections.abc import Mapping
from typing import Any

from joinedup.access.permit import Permit
from joinedup.access.words import Power, Role
from joinedup.fhir.classes import task_kind
from joinedup.fhir.issue import NotPermitted

__all__ = ["ALERT_JOB", "PROXY_JOB", "ends_proxy", "refuse_papers"]

Resource = Mapping[str, Any]
PROXY_JOB, ALERT_JOB = "system/proxies", "system/alerts"
"""The two jobs of the place's own that write such papers; an import never does."""
_PAPERS = ("proxy-request", "proxy-reason", "proxy-for", "access-alert")
_SETTLED_OF_ALERT = ("status", "businessStatus", "note", "owner", "lastModified", "meta", "id")


def refuse_papers(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """Refuse a change to a request, a reason, a note or an alert by somebody who may not make it.

    Raises NotPermitted; what is none of these passes (domain.md 1.4, AC-03; 5.1).
    """
    kinds = {task_kind(r) for r in (before, after) if r is not None}
    if not kinds & {*_PAPERS}:
        return
    if len(kinds) > 1 or (before and after and before.get("for") != after.get("for")):
        raise NotPermitted("A request or an alert cannot be made into something else.")
    if permit.by_program:
        raise NotPermitted("Proxies and alerts are written in pages, and by no program.")
    if "access-alert" in kinds:
        _guard_alert(permit, before, after)
    else:
        _guard_request(permit, kinds.pop(), (before, after))


def _guard_alert(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    if permit.worker == ALERT_JOB and after is not None and before is None:
        return
    if not permit.may(Power.REVIEW_ACCESS) or before is None:
        raise NotPermitted("Alerts are written by joinedup itself, and settled by who reviews.")
    if after is None:
        raise NotPermitted("An alert is never deleted. Settle it.")
    if before.get("requester", {}).get("reference") == permit.worker:
        raise NotPermitted("Nobody settles an alert about themselves. Ask another privacy officer.")
    elements = ({*before} | {*after}) - {*_SETTLED_OF_ALERT}
    if any(before.get(element) != after.get(element) for element in elements):
        raise NotPermitted("Who opened whose record, when and why stays as it was written.")


def _guard_request(
    permit: Permit, kind: str, said: tuple[Resource | None, Resource | None]
) -> None:
    if permit.worker == PROXY_JOB or (kind != "proxy-for" and permit.may(Power.APPROVE_PROXY)):
        return
    people = {str(r.get("for", {}).get("reference")) for r in said if r is not None}
    if permit.role is Role.PERSON and kind != "proxy-reason" and people == {permit.worker}:
        return
    raise NotPermitted("Only the person, and who approves proxies, may write this.")


def ends_proxy(permit: Permit, before: Resource | None, after: Resource | None) -> bool:
    """Whether this is the place's own job taking sight away: who died or is restricted has none."""
    stands = before is not None and before.get("status") == "active"
    return bool(
        permit.worker == PROXY_JOB
        and stands
        and after is not None
        and after.get("status") == "inactive"
    )
