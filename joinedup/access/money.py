"""Who may write the papers of money: what waits for a second officer, bills, pools and grants.

Pure. `access.guard` asks `refuse_money` of every commit, whichever door it came through: two
officers are worth nothing where a program can revive what one of them took back (BU-05).
"""

from collections.abc import Mapping
from typing import Any

from joinedup.access.permit import Permit
from joinedup.access.words import Role
from joinedup.fhir.classes import MONEY_TASKS, is_of_the_place, task_kind
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.profiles.agreement import AGREED, POOL, PREPARED, kind_of, prepared_by
from joinedup.fhir.profiles.invoice import ACCEPTED, ADDITIONAL, is_invoice, state_said
from joinedup.fhir.profiles.pay_run import PAY_RUN
from joinedup.fhir.profiles.payment import PAYMENT

__all__ = ["refuse_money"]

Resource = Mapping[str, Any]
_ANSWERED = ("completed", "rejected", "cancelled")
_MAY_CHANGE = ("meta", "for", "subject", "text")
"""Whose it is may be put right where it was filed to the wrong person; labels follow."""


def refuse_money(permit: Permit, before: Resource | None, after: Resource | None) -> None:
    """Refuse a program that writes a paper of money, and whoever changes an answer or deletes one.

    Raises NotPermitted; anything that is no paper of money passes (BU-01, BU-05, domain.md 4.3).
    """
    papers = [r for r in (before, after) if r is not None and _is_paper(r)]
    if not papers:
        return
    if permit.by_program:
        raise NotPermitted(
            "Money is prepared, approved and billed by people in their own pages. A program reads "
            "it, and writes none of it."
        )
    if permit.role is Role.SYSTEM:
        return
    if after is not None and kind_of(after) == POOL:
        _refuse_pool(permit, before, after)
    if before is None or not _is_paper(before):
        return
    if after is None:
        raise NotPermitted(
            "A paper of money is never deleted. What was wrong is answered, or kept."
        )
    if _is_final(before) and _said(before) != _said(after):
        raise NotPermitted(
            "What was answered about money stays as it was answered. Prepare it anew."
        )


def _refuse_pool(permit: Permit, before: Resource | None, after: Resource) -> None:
    """One officer writes a pool's agreement down, another agrees; then it stays (BU-05, BU-09)."""
    stood = before.get("status") if before is not None else ""
    if stood == AGREED:
        if _terms(before) != _terms(after):
            raise NotPermitted("What was agreed stays. Write another agreement down for its year.")
        return
    if after.get("status") == AGREED:
        if before is None or stood != PREPARED or _terms(before) != _terms(after):
            raise NotPermitted("A pool is written down by one officer, and agreed by another.")
        if prepared_by(before) == permit.worker:
            raise NotPermitted("Who wrote an agreement down does not agree to it. Ask another.")
    elif after.get("status") == PREPARED and prepared_by(after) != permit.worker:
        raise NotPermitted("An agreement is written down in the name of whoever is signed in.")


def _terms(resource: Resource | None) -> dict[str, Any]:
    return {k: v for k, v in _said(resource or {}).items() if k != "status"}


def _is_paper(resource: Resource) -> bool:
    is_task = task_kind(resource) in MONEY_TASKS
    return is_task or is_invoice(resource) or is_of_the_place(resource)


def _is_final(resource: Resource) -> bool:
    """Whether it was answered for good; a question about a bill may be asked again."""
    if is_invoice(resource):
        return state_said(resource) in (ACCEPTED, ADDITIONAL)
    return task_kind(resource) in (PAYMENT, PAY_RUN) and resource.get("status") in _ANSWERED


def _said(resource: Resource) -> dict[str, Any]:
    return {name: value for name, value in resource.items() if name not in _MAY_CHANGE}
