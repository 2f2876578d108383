"""One commit of a placement: it, where the referral stands with the hub, and what goes with them.

The hub's Task moves by the one table of states (`referral_states`), in the same commit, so that
neither says what the other does not.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from joinedup import record
from joinedup.access.permit import Permit
from joinedup.access.words import Power
from joinedup.brokerage.queries import KeptPlacement, labels_of
from joinedup.brokerage.rules.placing import act_of
from joinedup.fhir.issue import NotPermitted
from joinedup.fhir.profiles import placement as placements_
from joinedup.fhir.profiles import referral as referrals
from joinedup.fhir.profiles.parts import Reference
from joinedup.fhir.profiles.placement import Placement
from joinedup.fhir.profiles.referral_states import OVER, answered, followed
from joinedup.ledger.posting import Posting
from joinedup.record import Change, Create, Stored, Update

__all__ = ["created", "finding", "labelled", "save"]


def finding(permit: Permit) -> Permit:
    """Return the permit of who looks for care for others; NotPermitted for everybody else."""
    if not permit.may(Power.FIND_CARE):
        raise NotPermitted("Care is found by discharge coordinators and brokers.")
    return permit


def save(
    permit: Permit,
    kept: KeptPlacement,
    after: Placement,
    *,
    by: Reference,
    now: datetime,
    action: str,
    more: Sequence[Change] = (),
    postings: Sequence[Posting] = (),
    is_answer: bool = False,
    moves_hub: bool = True,
) -> KeptPlacement:
    """Store a placement as it now stands, the hub's Task beside it, and all else, or nothing.

    `is_answer`: a provider's, who may not see whom and what the placement refers to already. Where
    the referral is over already the hub's Task is left as it is (`moves_hub` False).
    Raises Stale where somebody was first, Conflict where its slot is held, and what `commit` does.
    """
    changes = [
        Update(labelled(placements_.build(after), kept.labels), kept.version),
        *(_hub_changes(permit, kept.placement, after, by=by, now=now) if moves_hub else ()),
        *more,
    ]
    dangling: Literal["keep", "refuse"] = "keep" if is_answer else "refuse"
    done = record.commit(permit, changes, postings, dangling=dangling, action=action)
    return KeptPlacement(after, done.stored[0].version, kept.labels)


def created(
    permit: Permit, placement: Placement, *, by: Reference, now: datetime, action: str
) -> KeptPlacement:
    """Store a placement that begins: the hub's Task says that help is being looked for.

    It is kept under the labels of its referral: it says the same of the same person.
    """
    answer = record.read(permit, "Task", referrals.answer_id(placement.referral))
    asked = record.read(permit, "ServiceRequest", placement.referral)
    labels = labels_of(asked.resource)
    moved = answered(referrals.read_answer(answer.resource), "seek", at=now, by=by)
    changes: list[Change] = [
        Create(labelled(placements_.build(placement), labels), placement.id),
        _again(answer, referrals.build_answer(moved)),
    ]
    done = record.commit(permit, changes, action=action)
    return KeptPlacement(placement, done.stored[0].version, labels)


def labelled(resource: dict[str, Any], labels: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a resource that is built anew under labels that stand on what it is about."""
    return {**resource, "meta": {"security": list(labels)}} if labels else resource


def _again(stored: Stored, resource: dict[str, Any]) -> Update:
    """Return the change of what is built anew, under the labels it had (AC-01).

    A job and who answers an offer see past every label, and would take off those they write over.
    """
    return Update(labelled(resource, labels_of(stored.resource)), stored.version)


def _hub_changes(
    permit: Permit, before: Placement, after: Placement, *, by: Reference, now: datetime
) -> list[Change]:
    act = act_of(before, after)
    if not act:
        return []
    answer = record.read(permit, "Task", referrals.answer_id(after.referral))
    said = referrals.read_answer(answer.resource)
    moved = answered(said, act, at=now, by=by, reason=after.reason if act == "lose" else "")
    changes: list[Change] = [_again(answer, referrals.build_answer(moved))]
    if moved.state in OVER:
        asked = record.read(permit, "ServiceRequest", after.referral)
        over = followed(referrals.read(asked.resource), moved)
        changes.append(_again(asked, referrals.build(over, asked.id)))
    return changes
